// Data made to order: samples and simulators.

#include "window/MainWindow.h"

#include "window/MessageBar.h"
#include "window/PageOpener.h"
#include "window/ProjectTree.h"
#include "window/Settings.h"
#include "window/Sheet.h"
#include "window/SimulateForm.h"
#include "window/StartPage.h"
#include "window/Text.h"

#include <QDir>

#include <algorithm>

namespace reticle {

void MainWindow::makeSample(const Sample &sample)
{
    const QString folder = QDir(Settings::projectsFolder()).filePath(fileName(sample.name) + QStringLiteral(".reticle"));
    bool empty = true;
    try {
        // An empty one is left over from a sample that could not be made.
        QDir().mkpath(Settings::projectsFolder());
        empty = OpenProject::open(folder)->dataSets().empty();
    } catch (const std::exception &e) {
        m_start->message()->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        return;
    }
    if (openProject(folder) && empty)
        simulate({sample.simulator, sample.name, sample.options, 1});
}

void MainWindow::showSimulation()
{
    auto *sheet = new Sheet(this, tr("Simulate data"), tr("Data made by a simulator come with their exact labels."),
                            {{tr("Cancel"), {}, false, QStringLiteral("cancelSimulation")}});
    auto *form = new SimulateForm(&m_session);
    sheet->addContent(form);
    connect(form, &SimulateForm::simulateRequested, this, [this, sheet](const Simulation &simulation) {
        sheet->dismiss();
        try {
            if (!m_session.project()) {
                const QString folder = OpenProject::freeFolder(Settings::projectsFolder(), simulation.title);
                QDir().mkpath(Settings::projectsFolder());
                OpenProject::open(folder);
                if (!openProject(folder))
                    return;
            }
            simulate(simulation);
        } catch (const std::exception &e) {
            auto *bar = showsStart() || !m_message ? m_start->message() : m_message;
            bar->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        }
    });
}

void MainWindow::simulate(const Simulation &simulation)
{
    const QString folder = m_session.project()->folder();
    // A sample is asked for again while it is being made.
    for (const auto *work : m_session.works()->active())
        if (work->kind() == Work::Kind::Simulate && work->project() == folder &&
            work->order().params.value("name", std::string()) == ss(simulation.name) &&
            work->order().params.value("options", Json()) == simulation.options &&
            work->order().params.value("seed", std::int64_t(0)) == simulation.seed)
            return;
    auto *work = m_session.startSimulation(simulation);
    connect(work, &Work::finished, this, [this, work] {
        if (!m_session.isOpen(work->project()))
            return; // the data are in their project when it is opened again
        if (work->failure()) {
            if (work->state() != Work::State::Cancelled)
                m_message->sayFailure(*work->failure());
            return;
        }
        if (const auto input = m_session.simulatedData(work)) {
            m_pages->trainOn(input);
            m_tree->select({ItemKey::Kind::Data, input, {}});
        }
    });
}

} // namespace reticle
