// Data made to order: samples and simulators.

#include "window/shell/MainWindow.h"

#include "window/pages/PageOpener.h"
#include "window/pages/StartPage.h"
#include "window/parts/SimulateForm.h"
#include "window/session/Settings.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ModalOverlay.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/Text.h"

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
    auto *sheet = new ModalOverlay(this, tr("Simulate data"), tr("Data made by a simulator come with their exact labels."),
                                   {{tr("Cancel"), {}, false, QStringLiteral("cancelSimulation")}});
    auto *form = new SimulateForm(&m_session);
    sheet->addContent(form);
    sheet->addButton(form->startButton());
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
    for (const auto *job : m_session.jobs()->active())
        if (job->kind() == Job::Kind::Simulate && job->project() == folder &&
            job->asked().params.value("name", std::string()) == ss(simulation.name) &&
            job->asked().params.value("options", Json()) == simulation.options &&
            job->asked().params.value("seed", std::int64_t(0)) == simulation.seed)
            return;
    auto *job = m_session.startSimulation(simulation);
    connect(job, &Job::finished, this, [this, job, asked = m_tabs->currentKey()] {
        if (!m_session.isOpen(job->project()))
            return; // the data are in their project when it is opened again
        if (job->failure()) {
            if (job->state() != Job::State::Cancelled)
                m_message->sayFailure(*job->failure());
            return;
        }
        const auto input = m_session.simulatedData(job);
        if (!input)
            return;
        const ItemKey data{ItemKey::Kind::Data, input, {}};
        if (m_tabs->currentKey() == asked) { // nothing else was looked at meanwhile
            job->setOutcome(data);
            m_pages->trainOn(input);
            m_tree->select(data);
        } else {
            m_pages->offer(job, data, tr("%1 is ready.").arg(job->title()));
        }
    });
}

} // namespace reticle
