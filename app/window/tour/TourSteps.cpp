#include "window/tour/TourSteps.h"

#include "widgets/export/ExportDialog.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/image/StackViewer.h"
#include "window/actions/Command.h"
#include "window/pages/ImagePage.h"
#include "window/pages/StartPage.h"
#include "window/pages/TrainingPage.h"
#include "window/shell/ActivityPanel.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QApplication>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QToolButton>

namespace reticle {

namespace {

QWidget *shownIn(const QWidget *root, const char *name)
{
    if (root && root->isVisible())
        for (auto *w : root->findChildren<QWidget *>(QLatin1String(name)))
            if (w->isVisible())
                return w;
    return nullptr;
}

QWidget *usableIn(const QWidget *root, const char *name)
{
    auto *w = shownIn(root, name);
    return w && w->isEnabled() ? w : nullptr;
}

/// The parts of one window that the tour speaks of.
class TourOfWindow
{
    Q_DECLARE_TR_FUNCTIONS(reticle::TourOfWindow)
public:
    explicit TourOfWindow(MainWindow &window) : m_window(&window) {}

    TourSpot images() const;
    TourSpot slices() const;
    TourSpot training() const;
    TourSpot judging() const;
    TourSpot exporting() const;
    TourSpot comparing() const;

    std::int64_t dataSets() const { return project() ? count(project()->dataSets()) : 0; }
    std::optional<std::int64_t> slice() const
    {
        if (const auto *images = shownPage<ImagePage>())
            return images->viewer()->page();
        return {};
    }
    std::int64_t runs() const { return project() ? count(project()->runs()) : 0; }
    std::int64_t results() const { return project() ? count(project()->results()) : 0; }
    static std::int64_t exportDialogs()
    {
        std::int64_t n = 0;
        for (const auto *w : QApplication::topLevelWidgets())
            n += w->isVisible() && qobject_cast<const ExportDialog *>(w);
        return n;
    }

private:
    template <class T> static std::int64_t count(const T &things) { return static_cast<std::int64_t>(things.size()); }
    OpenProject *project() const { return m_window->showsStart() ? nullptr : m_window->session()->project(); }
    template <class T> const T *shownPage() const
    {
        return project() ? qobject_cast<const T *>(m_window->tabs()->currentPage()) : nullptr;
    }
    /// Active work of this kind in the open project.
    bool runs(Job::Kind kind) const;
    /// The sample's card, which opens the sample again once it was made.
    TourSpot openSample() const
    {
        return {
            shownIn(m_window->startPage(), "sampleTissue"), {}, tr("Click Tissue to open the sample. The tour continues there.")};
    }
    TourSpot inTree(const QString &text) const { return {m_window->tree(), {}, text}; }
    /// The menu in the menu bar that has the command.
    QRect menuOf(const QString &command) const;

    MainWindow *m_window;
};

bool TourOfWindow::runs(Job::Kind kind) const
{
    for (const auto *job : m_window->session()->jobs()->active())
        if (job->kind() == kind && m_window->session()->isOpen(job->project()))
            return true;
    return false;
}

QRect TourOfWindow::menuOf(const QString &command) const
{
    auto *bar = m_window->menuBar();
    auto *action = m_window->commands()->action(command);
    for (auto *top : bar->actions())
        if (top->menu() && top->menu()->actions().contains(action))
            return bar->actionGeometry(top);
    return {};
}

TourSpot TourOfWindow::images() const
{
    const auto *start = m_window->startPage();
    const QString recognized = tr("Check what Reticle found in your files. Then press this button to choose how to train.");
    if (!project()) {
        if (auto *train = usableIn(start, "trainSegmentation"))
            return {train, {}, recognized};
        return {shownIn(start, "sampleTissue"),
                {},
                tr("Click Tissue. Reticle makes a sample stack with labels. To use your own images, drop them on this window.")};
    }
    if (m_window->tabs()->currentKey().kind == ItemKey::Kind::NewData)
        if (auto *train = usableIn(m_window->tabs()->currentPage(), "trainSegmentation"))
            return {train, {}, recognized};
    if (dataSets() > 0)
        return inTree(tr("This list shows the data, runs and results of the project. To add images, drop them on the window."));
    if (runs(Job::Kind::Simulate))
        return {m_window->activity(), {}, tr("Reticle is making the sample. The tour continues when it is ready.")};
    return inTree(tr("This project has no data yet. Drop images on the window, or choose Simulate data… in the Project menu."));
}

TourSpot TourOfWindow::slices() const
{
    if (!project())
        return openSample();
    if (const auto *page = shownPage<ImagePage>()) {
        if (auto *slider = shownIn(page, "slice"))
            return {
                slider,
                {},
                tr("Drag this slider to move through the slices. Over the image, turn the wheel instead; with Ctrl it zooms.")};
        if (auto *zoom = shownIn(page, "zoomIn"))
            return {zoom, {}, tr("Zoom with these buttons, or turn the wheel with Ctrl over the image. Then press Next.")};
    }
    return inTree(tr("Click the data in this list to see the images."));
}

TourSpot TourOfWindow::training() const
{
    if (!project())
        return openSample();
    if (auto *form = m_window->side()->trainForm(); form->isVisible())
        return {form->trainButton(),
                {},
                tr("Press Train to train a network on these images. You can stop at any time and keep the model.")};
    return inTree(tr("Click the data in this list. The form for training opens on the right."));
}

TourSpot TourOfWindow::judging() const
{
    if (!project())
        return openSample();
    const bool trains = runs(Job::Kind::Train);
    if (const auto *page = shownPage<TrainingPage>()) {
        if (auto *see = usableIn(page, "seePrediction"))
            return {see, {}, tr("The run has a model. Press this button to see its prediction over the image.")};
        if (auto *left = shownIn(page, "number-left"); left && trains)
            return {left, {}, tr("This is the time left. To finish sooner, choose Stop and keep the model in the Work menu.")};
    }
    if (const auto *page = shownPage<ImagePage>()) {
        if (page->shownRun() > 0) {
            const QString text =
                tr("The model's prediction is shown over the image. Choose Evaluate to compare it with the labels.");
            if (auto *evaluate = usableIn(page, "evaluate"))
                return {evaluate, {}, text};
            if (auto *more = usableIn(page, "more"))
                return {more, {}, text};
        } else if (auto *models = usableIn(page, "models")) {
            return {models, {}, tr("Choose the model here to see its prediction over the image.")};
        }
    }
    if (runs(Job::Kind::Analyze))
        return {m_window->activity(), {}, tr("Reticle is evaluating the model. The tour continues when the result is ready.")};
    return inTree(trains || runs() > 0 ? tr("Click the training run in this list to see how it goes.")
                                       : tr("There is no model yet. Go back one step to train one."));
}

TourSpot TourOfWindow::exporting() const
{
    if (!project())
        return openSample();
    const auto &jobs = m_window->session()->jobs()->all();
    if (auto *bar = m_window->message(); !jobs.empty() && bar->isVisible()) {
        const auto &made = jobs.front()->outcome();
        if (made.kind == ItemKey::Kind::Result && !m_window->tabs()->page(made))
            return {bar, {}, tr("The result is ready. Press Open to see its scores and figures.")};
    }
    if (const auto *page = m_window->tabs()->currentPage())
        for (auto *figure : page->findChildren<FigureView *>())
            if (figure->isVisible())
                return {m_window->menuBar(), menuOf(QStringLiteral("figure.export")),
                        tr("Choose Export figure… in this menu, or press Ctrl+E, to save the figure for a paper. A right click "
                           "on a figure offers the same."),
                        figure};
    return inTree(tr("Click a result or a training run in this list. Its figures can be exported."));
}

TourSpot TourOfWindow::comparing() const
{
    if (!project())
        return openSample();
    const auto kind = m_window->tabs()->currentKey().kind;
    if (kind == ItemKey::Kind::Compare || kind == ItemKey::Kind::Comparison)
        return {nullptr, {}, tr("This page shows the runs side by side. You have seen the whole way, from images to figures.")};
    if (auto *compare = usableIn(m_window->tabs()->currentPage(), "compareRuns"))
        return {compare, {}, tr("Press Compare runs to see the curves and settings of all runs side by side.")};
    if (auto *again = usableIn(m_window->side(), "trainAgain"))
        return {
            again, {}, tr("Press this button, change a setting and press Train. With two runs or more you can compare them.")};
    if (auto *form = m_window->side()->trainForm(); form->isVisible())
        if (auto *section = shownIn(form, "compare"))
            return {section->findChild<QToolButton *>(QString(), Qt::FindDirectChildrenOnly),
                    {},
                    tr("Open Compare models and select several. Reticle trains each of them and compares the scores.")};
    return inTree(tr("Click a training run in this list to train it again or to compare it."));
}

} // namespace

std::vector<TourStep> tourSteps(MainWindow &window)
{
    const TourOfWindow tour(window);
    return {
        {TourOfWindow::tr("Images"), [tour] { return tour.images(); }, [tour] { return std::optional(tour.dataSets()); }},
        {TourOfWindow::tr("Slices"), [tour] { return tour.slices(); }, [tour] { return tour.slice(); }, false},
        {TourOfWindow::tr("Training"), [tour] { return tour.training(); }, [tour] { return std::optional(tour.runs()); }},
        {TourOfWindow::tr("Result"), [tour] { return tour.judging(); }, [tour] { return std::optional(tour.results()); }},
        {TourOfWindow::tr("Export"), [tour] { return tour.exporting(); },
         [] { return std::optional(TourOfWindow::exportDialogs()); }},
        {TourOfWindow::tr("Comparison"), [tour] { return tour.comparing(); }, [] { return std::optional<std::int64_t>(); }},
    };
}

} // namespace reticle
