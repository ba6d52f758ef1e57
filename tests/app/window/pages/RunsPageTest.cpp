#include "window/pages/RunsPage.h"

#include "support/WindowSandbox.h"
#include "window/actions/Command.h"
#include "window/pages/PageOpener.h"
#include "window/pages/Pages.h"
#include "window/pages/TrainingPage.h"
#include "window/parts/runs/RunTableModel.h"
#include "window/parts/runs/RunTableView.h"
#include "window/session/Session.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/TabArea.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>

#include <memory>

using namespace reticle;
using test::shown;
using Kind = ItemKey::Kind;

namespace {

/// A recipe of the fake worker's data and networks.
Json runRecipe(const std::string &title, int batch)
{
    return {{"recipe", 1},
            {"title", title},
            {"seed", 1},
            {"data", {{"name", "segmentation"}, {"images", "/data/cells.tif"}}},
            {"model", {{"name", "unet"}, {"weights", 4000}}},
            {"objective", {{"name", "bce"}}},
            {"train", {{"steps", 20}, {"minutes", 0}, {"batch", batch}}}};
}

void addEnded(Project &project, const std::string &title, int batch, double dice, RunStatus status = RunStatus::Done,
              std::int64_t comparison = 0)
{
    RunInfo run = project.createRun(Recipe(runRecipe(title, batch)), comparison);
    run.status = status;
    run.step = 1200;
    run.seconds = 90;
    if (status == RunStatus::Failed)
        run.message = "The machine is out of memory.";
    else
        run.summary = {{"task", "segmentation"},
                       {"score", "dice"},
                       {"scores", {{{"name", "dice"}, {"title", "Dice"}, {"isFraction", true}}}},
                       {"best", {{"step", 20}, {"loss", 1 - dice}, {"dice", dice}}}};
    project.updateRun(run);
}

RunRow rowOfRun(std::int64_t id, double dice)
{
    RunInfo run;
    run.id = id;
    run.title = "run " + std::to_string(id);
    run.status = RunStatus::Done;
    run.recipe = runRecipe(run.title, static_cast<int>(id % 7));
    run.summary = {{"task", "segmentation"}, {"best", {{"dice", dice}}}};
    return RunRow(run);
}

std::vector<RunRow> rowsOfRuns(std::int64_t first, std::int64_t last)
{
    std::vector<RunRow> rows;
    for (auto id = first; id <= last; ++id)
        rows.push_back(rowOfRun(id, static_cast<double>(id % 100) / 100));
    return rows;
}

} // namespace

class RunsPageTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<RunsPage> m_page;
    std::unique_ptr<MainWindow> m_window;

    QString folder() const { return m_box->path(QStringLiteral("P.reticle")); }
    /// Good, bad and failed, by number.
    void makeRuns()
    {
        auto project = Project::openOrCreate(folder().toStdString());
        addEnded(project, "good", 4, 0.9123);
        addEnded(project, "bad", 2, 0.61);
        addEnded(project, "broken", 4, 0, RunStatus::Failed);
    }
    void openPage()
    {
        m_session = std::make_unique<Session>();
        m_session->setProject(OpenProject::open(folder()));
        m_page = std::make_unique<RunsPage>(m_session.get());
        m_page->resize(1600, 500);
        m_page->show();
        m_page->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
    }
    void openWindow()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTRY_VERIFY(m_window->session()->catalog().has_value());
        QVERIFY(m_window->openProject(folder()));
    }
    RunTableView *table() const { return m_page->table(); }
    QPushButton *button(const char *name) const { return m_page->findChild<QPushButton *>(QLatin1String(name)); }
    /// Numbers of the runs as they are shown: "3 2 1".
    static QString order(const RunTableView *view)
    {
        QStringList ids;
        for (const auto *row : view->shownRows())
            ids << QString::number(row->id);
        return ids.join(' ');
    }
    static QString selected(const RunTableView *view)
    {
        QStringList ids;
        for (const auto run : view->selectedRuns())
            ids << QString::number(run);
        return ids.join(' ');
    }
    static QPoint placeOf(const RunTableView *view, std::int64_t run)
    {
        const auto rows = view->shownRows();
        for (std::size_t r = 0; r < rows.size(); ++r)
            if (rows[r]->id == run)
                return view->visualRect(view->model()->index(static_cast<int>(r), RunTableModel::Name)).center();
        return {};
    }
    static void clickRun(RunTableView *view, std::int64_t run, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QTest::mouseClick(view->viewport(), Qt::LeftButton, modifiers, placeOf(view, run));
    }
    static void doubleClickRun(RunTableView *view, std::int64_t run)
    {
        clickRun(view, run); // the first of the two
        QTest::mouseDClick(view->viewport(), Qt::LeftButton, Qt::NoModifier, placeOf(view, run));
    }
    static void clickHeading(RunTableView *view, int column)
    {
        auto *header = view->horizontalHeader();
        const QPoint at(header->sectionViewportPosition(column) + header->sectionSize(column) / 2, header->height() / 2);
        QTest::mouseClick(header->viewport(), Qt::LeftButton, Qt::NoModifier, at);
    }
    void type(const char *text)
    {
        m_page->search()->setFocus();
        m_page->search()->selectAll();
        QTest::keyClicks(m_page->search(), text);
    }
    QString cell(std::int64_t run, int column) const
    {
        return m_page->model()->index(m_page->model()->rowOf(run), column).data().toString();
    }

private Q_SLOTS:
    void init() { m_box = std::make_unique<test::WindowSandbox>(); }
    void cleanup()
    {
        m_page.reset();
        m_window.reset();
        m_session.reset();
        m_box.reset();
    }

    void runsAreRowsWithTheSettingsThatDiffer()
    {
        makeRuns();
        openPage();
        QCOMPARE(order(table()), QString("3 2 1")); // the newest first
        QCOMPARE(m_page->counts(), QString("3 runs"));
        QCOMPARE(m_page->empty(), QString());
        QCOMPARE(cell(1, RunTableModel::Name), QString("good"));
        QCOMPARE(cell(1, RunTableModel::State), QString("Done"));
        QCOMPARE(cell(1, RunTableModel::Task), QString("segmentation"));
        QCOMPARE(cell(1, RunTableModel::Network), QString("unet"));
        QCOMPARE(cell(1, RunTableModel::Data), QString("cells"));
        QCOMPARE(cell(1, RunTableModel::Steps), QString("1,200"));
        QCOMPARE(cell(1, RunTableModel::Time), QString("1 min 30 s"));
        QCOMPARE(cell(1, RunTableModel::Score), QString::fromUtf8("Dice 0.9123 ↑"));
        QCOMPARE(cell(3, RunTableModel::Score), QString::fromUtf8("–"));
        QVERIFY(m_page->model()->index(0, RunTableModel::Score).data(Qt::ToolTipRole).toString().contains("Higher is better"));
        QVERIFY(table()->isShown("train.batch"));
        QVERIFY(!table()->isShown("train.steps") && !table()->isShown("model.weights") && !table()->isShown("message"));
        const int batch = m_page->model()->columnOf("train.batch");
        QCOMPARE(m_page->model()->headerData(batch, Qt::Horizontal).toString(), QString("batch"));
        QCOMPARE(cell(2, batch), QString("2"));
        // Of what is shown, not of all runs.
        m_page->search()->setText("-bad");
        QTRY_COMPARE(order(table()), QString("3 1"));
        QVERIFY(!table()->isShown("train.batch"));
        QVERIFY(!m_page->grab().isNull());
    }
    void aProjectWithoutRunsSaysHowToGetSome()
    {
        openPage();
        QVERIFY2(m_page->empty().startsWith("This project has no runs yet. Open data"), qPrintable(m_page->empty()));
        QVERIFY(!button("clearRunSearch")->isVisible());
        QCOMPARE(m_page->counts(), QString("0 runs"));
        QVERIFY(!button("exportRuns")->isEnabled());
        QCOMPARE(button("exportRuns")->toolTip(), QString("There are no runs to export."));
    }
    void headingsSortUpDownAndBack()
    {
        makeRuns();
        openPage();
        clickHeading(table(), RunTableModel::Name);
        QCOMPARE(order(table()), QString("2 3 1")); // bad, broken, good
        clickHeading(table(), RunTableModel::Name);
        QCOMPARE(order(table()), QString("1 3 2"));
        clickHeading(table(), RunTableModel::Name);
        QCOMPARE(order(table()), QString("3 2 1"));
        clickHeading(table(), RunTableModel::Score); // the best first, what has none last
        QCOMPARE(order(table()), QString("1 2 3"));
        QVERIFY(table()->horizontalHeader()->sortIndicatorOrder() == Qt::DescendingOrder);
        clickHeading(table(), RunTableModel::Score);
        QCOMPARE(order(table()), QString("2 1 3"));
        clickHeading(table(), m_page->model()->columnOf("train.batch"));
        QVERIFY2(order(table()).startsWith("2 "), qPrintable(order(table())));
    }
    void whatIsTypedFilters()
    {
        makeRuns();
        openPage();
        clickRun(table(), 1);
        type("dice>0.9");
        QTRY_COMPARE(order(table()), QString("1"));
        QCOMPARE(selected(table()), QString("1"));
        QCOMPARE(m_page->counts(), QString("1 of 3 runs match"));
        QCOMPARE(m_page->remark(), QString());
        type("failed");
        QTRY_COMPARE(order(table()), QString("3"));
        QCOMPARE(selected(table()), QString());
        type("dice>");
        QTRY_COMPARE(m_page->remark(), QString("Write a value after \"dice>\"."));
        QCOMPARE(order(table()), QString("3 2 1"));
        type("dics>0.5");
        QTRY_COMPARE(m_page->remark(), QString("No run has anything called \"dics\". Did you mean \"dice\"?"));
        QCOMPARE(m_page->empty(), QString("No run matches this search."));
        QVERIFY(shown<QWidget>(m_page.get(), "runSearchRemark"));
        QTest::mouseClick(button("clearRunSearch"), Qt::LeftButton);
        QCOMPARE(order(table()), QString("3 2 1"));
        QCOMPARE(m_page->remark() + m_page->empty() + m_page->search()->text(), QString());
        type("bad");
        QTest::keyClick(m_page->search(), Qt::Key_Escape); // before the search has run
        QCOMPARE(m_page->search()->text(), QString());
        QCOMPARE(order(table()), QString("3 2 1"));
    }
    void keysDoAll()
    {
        makeRuns();
        openPage();
        QSignalSpy opened(m_page.get(), &RunsPage::openRequested), removed(m_page.get(), &RunsPage::removeRequested);
        table()->setFocus();
        QTest::keyClick(table(), Qt::Key_F, Qt::ControlModifier);
        QVERIFY(m_page->search()->hasFocus());
        QTest::keyClicks(m_page->search(), "good");
        QTest::keyClick(m_page->search(), Qt::Key_Return);
        QVERIFY(table()->hasFocus());
        QCOMPARE(selected(table()), QString("1"));
        QCOMPARE(opened.size(), 0);
        QTest::keyClick(table(), Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QVERIFY((opened.front().front().value<ItemKey>() == ItemKey{Kind::Run, 1}));
        QTest::keyClick(table(), Qt::Key_Delete);
        QCOMPARE(removed.size(), 1);
        QVERIFY((removed.front().front().value<std::vector<ItemKey>>() == std::vector<ItemKey>{{Kind::Run, 1}}));
        table()->clearSelection();
        QTest::keyClick(table(), Qt::Key_Delete); // of nothing
        QCOMPARE(removed.size(), 1);
    }
    void aDoubleClickOpensTheRun()
    {
        makeRuns();
        openPage();
        QSignalSpy opened(m_page.get(), &RunsPage::openRequested);
        doubleClickRun(table(), 2);
        QCOMPARE(opened.size(), 1);
        QVERIFY((opened.front().front().value<ItemKey>() == ItemKey{Kind::Run, 2}));
    }
    void buttonsSayWhyTheyCannot()
    {
        makeRuns();
        openPage();
        QSignalSpy opened(m_page.get(), &RunsPage::openRequested);
        for (const char *name : {"compareSelectedRuns", "curvesOfSelectedRuns", "deleteSelectedRuns"}) {
            QVERIFY2(!button(name)->isEnabled(), name);
            QVERIFY2(button(name)->toolTip().startsWith("Select "), qPrintable(button(name)->toolTip()));
        }
        QVERIFY(button("exportRuns")->isEnabled());
        clickRun(table(), 1);
        QCOMPARE(m_page->state(), QString("1 run is selected."));
        QVERIFY(!button("compareSelectedRuns")->isEnabled());
        QVERIFY(button("curvesOfSelectedRuns")->isEnabled() && button("deleteSelectedRuns")->isEnabled());
        QTest::mouseClick(button("curvesOfSelectedRuns"), Qt::LeftButton);
        QVERIFY((opened.takeFirst().front().value<ItemKey>() == ItemKey{Kind::Run, 1}));
        clickRun(table(), 3, Qt::ControlModifier);
        QCOMPARE(selected(table()), QString("1 3"));
        QTest::mouseClick(button("compareSelectedRuns"), Qt::LeftButton);
        QVERIFY(opened.takeFirst().front().value<ItemKey>() == ItemKey::ofRuns({1, 3}));
        QTest::mouseClick(button("curvesOfSelectedRuns"), Qt::LeftButton);
        QVERIFY(opened.takeFirst().front().value<ItemKey>() == ItemKey::ofRuns({1, 3}));
    }
    void runsOfOneComparisonOpenIt()
    {
        {
            auto project = Project::openOrCreate(folder().toStdString());
            Json recipe = runRecipe("compared", 4);
            recipe["compare"] = {{"seeds", {1, 2}}};
            const auto comparison = project.createComparison(Recipe(recipe)).id;
            addEnded(project, "compared: seed 1", 4, 0.8, RunStatus::Done, comparison);
            addEnded(project, "compared: seed 2", 4, 0.82, RunStatus::Done, comparison);
            addEnded(project, "another", 4, 0.7);
        }
        openPage();
        QSignalSpy opened(m_page.get(), &RunsPage::openRequested);
        clickRun(table(), 1);
        clickRun(table(), 2, Qt::ControlModifier);
        QTest::mouseClick(button("compareSelectedRuns"), Qt::LeftButton);
        QVERIFY((opened.takeFirst().front().value<ItemKey>() == ItemKey{Kind::Comparison, 1}));
        clickRun(table(), 3, Qt::ControlModifier);
        QTest::mouseClick(button("compareSelectedRuns"), Qt::LeftButton);
        QVERIFY(opened.takeFirst().front().value<ItemKey>() == ItemKey::ofRuns({1, 2, 3}));
    }
    void columnsAreChosenAndRemembered()
    {
        makeRuns();
        openPage();
        auto *menu = button("runColumnsButton")->menu();
        const auto choose = [&](const char *name) {
            Q_EMIT menu->aboutToShow();
            auto *action = menu->findChild<QAction *>(QLatin1String(name));
            QVERIFY2(action && action->isEnabled(), name);
            action->trigger();
        };
        choose("column.task");
        choose("column.message");
        choose("column.train.batch");
        choose("column.model.weights");
        const auto check = [this] {
            return !table()->isShown("task") && table()->isShown("message") && !table()->isShown("train.batch") &&
                   table()->isShown("model.weights") && table()->isShown("state");
        };
        QVERIFY(check());
        Q_EMIT menu->aboutToShow();
        QVERIFY(!menu->findChild<QAction *>("column.name")->isEnabled()); // a table of nothing would be left
        m_page = std::make_unique<RunsPage>(m_session.get());
        m_page->show();
        QVERIFY(check());
        menu = button("runColumnsButton")->menu();
        choose("columns.reset");
        QVERIFY(table()->isShown("task") && table()->isShown("train.batch") && !table()->isShown("model.weights"));
        choose("columns.differing");
        QVERIFY(!table()->isShown("train.batch"));
    }
    void theTableIsWrittenAsItIsShown()
    {
        makeRuns();
        openPage();
        table()->setShown("started", false);
        clickRun(table(), 2);
        clickRun(table(), 1, Qt::ControlModifier);
        QTest::mouseClick(button("exportRuns"), Qt::LeftButton);
        auto *dialog = m_page->findChild<QFileDialog *>();
        QVERIFY(dialog);
        const QString path = m_box->path("runs.csv");
        Q_EMIT dialog->fileSelected(path);
        dialog->close();
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(),
                 QByteArray("number,name,state,task,network,data,score,best score,better,steps,time [min],train.batch\n"
                            "2,bad,done,segmentation,unet,cells,Dice,0.61,higher,1200,1.5,2\n"
                            "1,good,done,segmentation,unet,cells,Dice,0.9123,higher,1200,1.5,4\n"));
        QVERIFY2(m_page->message()->text().contains(path), qPrintable(m_page->message()->text()));
        table()->clearSelection();
        QCOMPARE(table()->shownTable().rows(), std::size_t(3));
    }
    void aRunThatWorksStaysWhereItIs()
    {
        makeRuns();
        openPage();
        m_session->connectToWorker();
        QTRY_VERIFY(m_session->catalog().has_value());
        Json recipe = runRecipe("endless", 4);
        recipe["data"]["images"] = m_box->makeStack("cells").first().toStdString();
        auto *job = m_session->startTraining(recipe);
        QTRY_COMPARE(order(table()), QString("4 3 2 1"));
        clickRun(table(), 2);
        QTRY_COMPARE(cell(4, RunTableModel::State), QString("Running 50 %"));
        QTRY_COMPARE(cell(4, RunTableModel::Steps), QString("10"));
        QTRY_COMPARE(cell(4, RunTableModel::Score), QString::fromUtf8("Dice 0.9 ↑")); // measured, of no checkpoint yet
        QCOMPARE(m_page->counts(), QString::fromUtf8("4 runs · 1 running"));
        QCOMPARE(selected(table()), QString("2"));
        clickRun(table(), 4, Qt::ControlModifier);
        QVERIFY(!button("deleteSelectedRuns")->isEnabled());
        QCOMPARE(button("deleteSelectedRuns")->toolTip(), QString("Run 4 is still training. Stop it before you delete it."));
        QVERIFY2(m_page->state().contains("still training"), qPrintable(m_page->state()));
        QSignalSpy removed(m_page.get(), &RunsPage::removeRequested);
        QTest::keyClick(table(), Qt::Key_Delete);
        QCOMPARE(removed.size(), 0);
        QVERIFY2(m_page->message()->text().contains("still training"), qPrintable(m_page->message()->text()));
        job->cancel();
        QTRY_COMPARE(cell(4, RunTableModel::State), QString("Cancelled"));
        QCOMPARE(selected(table()), QString("2 4"));
        QVERIFY(button("deleteSelectedRuns")->isEnabled());
        QCOMPARE(m_page->counts(), QString("4 runs"));
    }
    void aRunThatWorksElsewhereIsFollowed()
    {
        makeRuns();
        auto elsewhere = Project::open(folder().toStdString());
        RunInfo run = elsewhere.createRun(Recipe(runRecipe("elsewhere", 4)));
        openPage();
        QCOMPARE(cell(4, RunTableModel::State), QString("Running"));
        run.step = 30;
        elsewhere.updateRun(run);
        QTRY_COMPARE(cell(4, RunTableModel::Steps), QString("30"));
        clickRun(table(), 4);
        QVERIFY(!button("deleteSelectedRuns")->isEnabled());
        run.status = RunStatus::Done;
        elsewhere.updateRun(run);
        QTRY_COMPARE(m_session->project()->run(4)->status, RunStatus::Done);
        QCOMPARE(cell(4, RunTableModel::State), QString("Done"));
        QVERIFY(button("deleteSelectedRuns")->isEnabled());
    }
    void aThousandRunsKeepTheirPlace()
    {
        RunTableModel model;
        RunTableView view(&model);
        view.resize(900, 400);
        view.show();
        view.whileChanging([&] { model.setRows(rowsOfRuns(1, 1000)); });
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QCOMPARE(view.model()->rowCount(), 1000);
        QTRY_VERIFY(view.verticalScrollBar()->maximum() > 500);
        QVERIFY(view.findChildren<QWidget *>().size() < 40); // no widget of a row's own
        view.scrollTo(view.model()->index(500, RunTableModel::Name), QAbstractItemView::PositionAtTop);
        const auto top = view.shownRows()[static_cast<std::size_t>(view.rowAt(0))]->id;
        QCOMPARE(top, std::int64_t(500));
        clickRun(&view, 495);
        const QPoint at = placeOf(&view, 495);
        // Newer runs come in above, older ones go, and one changes.
        view.whileChanging([&] {
            auto rows = rowsOfRuns(20, 1100);
            rows.erase(rows.begin() + 900, rows.begin() + 910);
            model.setRows(std::move(rows));
        });
        model.updateRow(rowOfRun(495, 0.99), 0.25);
        QCOMPARE(view.model()->rowCount(), 1071);
        QCOMPARE(placeOf(&view, 495).y(), at.y());
        QCOMPARE(selected(&view), QString("495"));
        QCOMPARE(view.currentIndex().siblingAtColumn(RunTableModel::Number).data().toString(), QString("495"));
        view.setFilter(RunFilter("batch=5 dice>0.5"));
        QCOMPARE(selected(&view), QString("495"));
        for (const auto *row : view.shownRows())
            QVERIFY(row->id % 7 == 5 && row->best > 0.5);
        view.setFilter(RunFilter());
        QCOMPARE(view.model()->rowCount(), 1071);
        QCOMPARE(selected(&view), QString("495"));
        view.whileChanging([&] { model.setRows({}); });
        QCOMPARE(view.model()->rowCount(), 0);
        QCOMPARE(selected(&view), QString());
    }
    void newSettingsAddColumnsAndKeepTheOthers()
    {
        RunTableModel model;
        RunTableView view(&model);
        view.resize(1400, 300);
        view.show();
        view.whileChanging([&] { model.setRows(rowsOfRuns(1, 3)); });
        view.setColumnWidth(model.columnOf("train.batch"), 133);
        auto rows = rowsOfRuns(1, 4);
        rows.back().settings["augment.batch"] = "1";
        rows.back().settings["objective.smooth"] = "2";
        view.whileChanging([&] { model.setRows(std::move(rows)); });
        QCOMPARE(view.columnWidth(model.columnOf("train.batch")), 133);
        QVERIFY(view.isShown("train.batch") && !view.isShown("augment.batch"));
        // A heading names one column.
        QCOMPARE(model.headerData(model.columnOf("train.batch"), Qt::Horizontal).toString(), QString("train.batch"));
        QCOMPARE(model.headerData(model.columnOf("objective.smooth"), Qt::Horizontal).toString(), QString("smooth"));
        QCOMPARE(model.index(0, model.columnOf("objective.smooth")).data().toString(), QString::fromUtf8("–"));
        QCOMPARE(model.columnOf("none"), -1);
        QCOMPARE(model.columnKey(-1) + model.columnKey(10000), QString());
    }
    void theWindowOpensThePageAndDeletesWithAWayBack()
    {
        makeRuns();
        openWindow();
        // By a click on the heading of the runs.
        auto *tree = m_window->tree();
        QModelIndex heading;
        for (int r = 0; r < tree->model()->rowCount(); ++r)
            if (tree->model()->index(r, 0).data().toString() == "RUNS")
                heading = tree->model()->index(r, 0);
        QVERIFY(heading.isValid());
        QTest::mouseClick(tree->viewport(), Qt::LeftButton, Qt::NoModifier, tree->visualRect(heading).center());
        const ItemKey key = ItemKey::page("run-table", {Kind::RunGroup});
        QVERIFY(m_window->tabs()->currentKey() == key);
        QVERIFY(ItemKey::fromText(key.text()) == key);
        auto *page = qobject_cast<RunsPage *>(m_window->tabs()->currentPage());
        QVERIFY(page);
        clickRun(page->table(), 1);
        clickRun(page->table(), 2, Qt::ControlModifier);
        QTest::mouseClick(shown<QPushButton>(page, "deleteSelectedRuns"), Qt::LeftButton);
        QCOMPARE(order(page->table()), QString("3"));
        QVERIFY2(m_window->message()->text().startsWith("2 things were removed"), qPrintable(m_window->message()->text()));
        m_window->commands()->trigger("undo");
        QCOMPARE(order(page->table()), QString("3 2 1"));
        doubleClickRun(page->table(), 2);
        QVERIFY(qobject_cast<TrainingPage *>(m_window->tabs()->currentPage()));
        QVERIFY((m_window->tabs()->currentKey() == ItemKey{Kind::Run, 2}));
        // What changed while the page was out of sight is there when it comes back.
        m_window->session()->project()->store().renameRun(3, "renamed");
        m_window->session()->project()->refresh();
        m_window->commands()->trigger("page.run-table");
        QVERIFY(m_window->tabs()->currentKey() == key);
        QCOMPARE(page->model()->row(3)->title, std::string("renamed"));
        // From the tree, too, the search is reached.
        tree->setFocus();
        QTest::keyClick(tree, Qt::Key_F, Qt::ControlModifier);
        QVERIFY(page->search()->hasFocus());
        // The menu of the heading offers it.
        m_window->tabs()->close(key);
        QContextMenuEvent menuEvent(QContextMenuEvent::Mouse, tree->visualRect(heading).center(),
                                    tree->viewport()->mapToGlobal(tree->visualRect(heading).center()));
        QApplication::sendEvent(tree->viewport(), &menuEvent);
        auto *menu = tree->findChild<QMenu *>("projectMenu");
        auto *action = menu ? menu->findChild<QAction *>("page.run-table") : nullptr;
        QVERIFY(action);
        action->trigger();
        delete menu;
        QVERIFY(m_window->tabs()->currentKey() == key);
    }
    void thePageComesBackWithTheProject()
    {
        makeRuns();
        openWindow();
        m_window->commands()->trigger("page.run-table");
        const QStringList state = m_window->tabs()->state();
        QVERIFY2(state.join(' ').contains("page:run-table/run-group*"), qPrintable(state.join(' ')));
        m_window.reset();
        openWindow();
        QCOMPARE(m_window->tabs()->state(), state);
        QVERIFY(qobject_cast<RunsPage *>(m_window->tabs()->currentPage()));
        m_window->closeProject();
        m_window->commands()->refresh();
        QVERIFY(!m_window->commands()->action("page.run-table")->isEnabled());
    }
};

RETICLE_TEST(RunsPageTest)
#include "RunsPageTest.moc"
