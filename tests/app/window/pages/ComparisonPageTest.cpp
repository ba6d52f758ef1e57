#include "window/pages/ComparisonPage.h"

#include "support/WindowSandbox.h"
#include "widgets/forms/CompareForm.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "widgets/views/image/ExampleStrip.h"
#include "window/pages/PageOpener.h"
#include "window/pages/ResultPage.h"
#include "window/parts/ComparisonStrip.h"
#include "window/session/ImageData.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QCheckBox>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTimer>

using namespace reticle;
using test::shown;

/// A comparison of two autoencoders with the real worker, from the form to the report.
class ComparisonPageTest : public QObject
{
    Q_OBJECT
private:
    static constexpr int patience = 120000; // ms; a loaded machine starts LibTorch slowly

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;

    /// Opens the table's context menu, chooses "Export as CSV…" and gives the dialog a name; what was written, or nothing.
    QByteArray exported(TableView *table, const QString &file)
    {
        bool triggered = false;
        QTimer::singleShot(0, this, [&] {
            auto *menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
            if (!menu)
                return;
            for (auto *action : menu->actions())
                if (action->text().contains(QStringLiteral("CSV"))) {
                    triggered = true;
                    action->trigger();
                }
            menu->close();
        });
        QContextMenuEvent event(QContextMenuEvent::Mouse, QPoint(5, 5), table->mapToGlobal(QPoint(5, 5)));
        QApplication::sendEvent(table->viewport(), &event);
        if (!QTest::qWaitFor([&] { return triggered; }, 5000)) // the menu does not wait for an answer
            return {};
        return accepted(file);
    }
    /// What the dialog that is open writes under that name.
    QByteArray accepted(const QString &file)
    {
        auto *dialog = m_window->findChild<QFileDialog *>();
        if (!dialog)
            return {};
        dialog->selectFile(m_box->path(file));
        QMetaObject::invokeMethod(dialog, "fileSelected", Q_ARG(QString, m_box->path(file)));
        delete dialog; // at once, so that the next one is found
        QFile written(m_box->path(file));
        return written.open(QIODevice::ReadOnly) ? written.readAll() : QByteArray();
    }
    ComparisonPage *page() const { return qobject_cast<ComparisonPage *>(m_window->tabs()->currentPage()); }
    static std::size_t curvesOf(const FigureView *view)
    {
        return std::get<XYPanel>(view->figure().panels.at(0).content).series.size();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_box = std::make_unique<test::WindowSandbox>("reticle-worker");
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 1000);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session()->catalog().has_value(), patience);
        // Images alone, taken in to look at.
        const QString images = m_box->makeStack("cells", 4, 48).first();
        QVERIFY(QFile::remove(m_box->path("cells-labels.tif")));
        test::dropOn(m_window.get(), {images});
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "justLook"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "justLook")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "justLook"), Qt::LeftButton);
        QTRY_VERIFY(m_window->session()->project() && m_window->session()->project()->dataSets().size() == 1);
    }
    void cleanupTestCase() { m_window.reset(); }

    void imagesAloneAreForAnAutoencoder()
    {
        const Json recipe = m_window->session()->recipeFor(m_window->session()->project()->dataSets().front());
        QCOMPARE(recipe["data"]["name"].get<std::string>(), std::string("images"));
        QCOMPARE(recipe["objective"]["name"].get<std::string>(), std::string("mse"));
        QVERIFY(!recipe["data"].contains("labels"));
    }
    void trainsTheModelsThatAreTicked()
    {
        const auto input = m_window->session()->project()->dataSets().front().input;
        m_window->pages()->trainOn(input);
        auto *form = m_window->findChild<TrainForm *>(QStringLiteral("trainForm"));
        QVERIFY(form);
        Json recipe = form->recipe();
        QVERIFY(!recipe.contains("compare"));
        recipe["device"] = "cpu";
        recipe["model"] = {{"name", "fcn"}};
        recipe["train"]["minutes"] = 0;
        recipe["train"]["steps"] = 8;
        recipe["train"]["batch"] = 1;
        recipe["train"]["crop"] = 32;
        recipe["train"]["threads"] = 1;
        recipe["train"]["validate-steps"] = 4;
        form->setRecipe(recipe, QStringLiteral("Try"));
        auto *recipeForm = form->findChild<RecipeForm *>();
        recipeForm->setSectionExpanded(QStringLiteral("compare"), true);
        auto *compare = recipeForm->compare();
        QVERIFY(compare && compare->value().is_null());
        for (const char *name : {"compare-fcn", "compare-unet"})
            compare->findChild<QCheckBox *>(QLatin1String(name))->setChecked(true);
        QVERIFY(form->recipe()["compare"]["models"] == (Json{"fcn", "unet"}));
        Json values = compare->value();
        values["weights"] = 1000;
        values["seeds"] = {1, 2};
        compare->setValue(values);
        // The form says that its model section is passed over.
        auto *note = compare->findChild<QLabel *>(QStringLiteral("compareNote"));
        QVERIFY(note && !note->isHidden() && note->text().contains("Model is not looked at"));
        QVERIFY(!note->text().contains("fc-densenet"));
        compare->findChild<QCheckBox *>(QStringLiteral("compare-fc-densenet"))->setChecked(true);
        QVERIFY2(note->text().contains("not for fc-densenet"), qPrintable(note->text()));
        compare->findChild<QCheckBox *>(QStringLiteral("compare-fc-densenet"))->setChecked(false);
        QVERIFY2(compare->summary().contains("2 seeds") || compare->summary().contains("2 seed"), qPrintable(compare->summary()));
        QTest::mouseClick(form->findChild<QPushButton *>(QStringLiteral("train")), Qt::LeftButton);

        QTRY_VERIFY_WITH_TIMEOUT(page(), patience); // the comparison's page, not that of its first run
        // Both models have a row from the start.
        QCOMPARE(page()->models()->table().rows(), std::size_t(2));
        QCOMPARE(page()->models()->table().number(0, 5), 1000.0); // weights asked for
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session()->jobs()->active().empty(), patience);
        QCOMPARE(page()->runs().size(), std::size_t(4));
        QVERIFY2(page()->state().contains("4 of 4 runs are done"), qPrintable(page()->state()));
        QVERIFY2(page()->message()->isHidden(), qPrintable(page()->message()->text()));
        QVERIFY(page()->notes().contains("also chose which weights"));
        QCOMPARE(page()->models()->table().rows(), std::size_t(2));
        QCOMPARE(page()->tests()->table().rows(), std::size_t(1));
        QCOMPARE(page()->figure()->figure().panels.size(), std::size_t(4)); // points, time, memory, tests
        QCOMPARE(page()->examples()->count(), 3);                           // the original and two outputs
        // Four runs with a faint, a smooth and a dashed line with marks each; two names of two lines in the legend.
        QCOMPARE(curvesOf(page()->curves()), std::size_t(16));
        int names = 0;
        for (const auto &s : std::get<XYPanel>(page()->curves()->figure().panels[0].content).series)
            names += !s.name.empty();
        QCOMPARE(names, 4);
        QCOMPARE(m_window->session()->project()->results().size(), std::size_t(1));
        // The strip that was watched can be taken along: one seed, the original and two outputs.
        const Figure strip = page()->strip()->figure();
        QVERIFY(strip.problems().empty());
        QCOMPARE(std::get<ImageGridPanel>(strip.panels.at(0).content).columnTitles,
                 (std::vector<std::string>{"original", "fcn", "unet"}));
        QVERIFY(strip.caption.find("seed 2") != std::string::npos);
        auto *seeds = page()->findChild<QComboBox *>(QStringLiteral("stripRepeat"));
        QVERIFY(seeds && seeds->count() == 2 && page()->strip()->repeat() == (Repeat{2, 0}));
        seeds->setCurrentIndex(0);
        Q_EMIT seeds->activated(0);
        QVERIFY(page()->strip()->repeat() == (Repeat{1, 0}));
        QVERIFY(page()->strip()->figure().caption.find("seed 1") != std::string::npos);
        QVERIFY(page()->findChild<QPushButton *>(QStringLiteral("exportStrip"))->isEnabled());
    }
    void everyTableIsExportedByItsMenu()
    {
        const auto models = exported(page()->models(), QStringLiteral("m.csv"));
        QVERIFY2(models.startsWith("model,validation loss,"), models.constData());
        QCOMPARE(models.count('\n'), 3);
        QVERIFY(page()->message()->text().contains("m.csv"));
        QVERIFY(exported(page()->tests(), QStringLiteral("t.csv")).startsWith("model,less,"));
        TableView *runs = nullptr;
        for (auto *view : page()->findChildren<TableView *>())
            if (view != page()->models() && view != page()->tests())
                runs = view;
        QVERIFY(runs && exported(runs, QStringLiteral("r.csv")).startsWith("run,model,seed,state,"));
        QTest::mouseClick(page()->findChild<QPushButton *>(QStringLiteral("comparisonCsv")), Qt::LeftButton);
        const auto all = accepted(QStringLiteral("all.csv"));
        QVERIFY2(all.startsWith("row,model,seed,run,state,steps,weights"), all.constData());
        QVERIFY(all.contains("\npaired t test,fcn"));
    }
    void anotherScoreIsCompared()
    {
        auto *scores = page()->findChild<QComboBox *>(QStringLiteral("comparisonScore"));
        QCOMPARE(scores->count(), 4);
        QCOMPARE(page()->score(), std::string("loss"));
        scores->setCurrentIndex(scores->findData(QStringLiteral("ssim")));
        Q_EMIT scores->activated(scores->currentIndex());
        QCOMPARE(page()->models()->table().columns.at(1).name, std::string("SSIM"));
        QVERIFY(page()->figure()->figure().caption.find("paired t tests of SSIM") != std::string::npos);
    }
    void outputsStayBesideTheirOriginals()
    {
        const auto picture = [](std::uint8_t gray) {
            Array a(DType::UInt8, {4, 4});
            std::fill_n(a.data<std::uint8_t>(), 16, gray);
            return a;
        };
        const auto example = [&](std::uint8_t original, std::uint8_t output) {
            Event e{.kind = Event::Kind::Example};
            e.data = {{"images", {picture(original).toJson(), picture(original).toJson(), picture(output).toJson()}},
                      {"titles", {"input", "target", "output"}}};
            return e;
        };
        const auto cells = [](const ComparisonStrip &strip) {
            std::vector<int> grays;
            for (const auto &c : std::get<ImageGridPanel>(strip.figure().panels.at(0).content).cells)
                grays.push_back(c.image.data<std::uint8_t>()[0]);
            return grays;
        };
        ComparisonStrip strip({"fcn", "unet"}, {{1, 0}, {2, 0}});
        QVERIFY(strip.figure().panels.empty());
        strip.take({1, 0}, "fcn", example(10, 11));
        strip.take({1, 0}, "unet", example(10, 12));
        QCOMPARE(cells(strip), (std::vector<int>{10, 11, 12}));
        // Another seed has another slice: its row begins anew.
        strip.take({2, 0}, "fcn", example(20, 21));
        QCOMPARE(cells(strip), (std::vector<int>{20, 21}));
        QCOMPARE(strip.examples()->count(), 2);
        strip.take({1, 0}, "unet", example(10, 13));
        QCOMPARE(cells(strip), (std::vector<int>{10, 11, 13}));
        // The data changed under a run that goes on: what was made of the old slice goes.
        strip.take({1, 0}, "unet", example(30, 31));
        QCOMPARE(cells(strip), (std::vector<int>{30, 31}));
    }
    void theKeptStripIsAsHighAsItsWidthWants()
    {
        ImageGridPanel grid;
        for (int i = 0; i < 4; ++i) {
            ImagePanel cell;
            cell.image = Array(DType::UInt8, {4, 4});
            grid.cells.push_back(std::move(cell));
        }
        grid.columns = 4;
        Figure outputs;
        outputs.panels.emplace_back();
        outputs.panels.back().content = grid;
        // The page takes it in before it has its width.
        ComparisonStrip strip({"fcn", "unet"}, {});
        strip.setKept(&outputs);
        auto *kept = strip.findChild<FigureView *>(QStringLiteral("keptStrip"));
        strip.resize(1600, 600);
        strip.show();
        QVERIFY(kept && kept->isVisible());
        QCOMPARE(kept->minimumHeight(), 1600 / 4 + 40);
        strip.resize(1590, 600); // as for a scroll bar
        QCOMPARE(kept->minimumHeight(), 1590 / 4 + 40);
        strip.resize(1600, 600);
        QCOMPARE(kept->minimumHeight(), 1590 / 4 + 40);
        strip.resize(800, 600);
        QCOMPARE(kept->minimumHeight(), 800 / 4 + 40);
        strip.setKept(nullptr);
        QVERIFY(!kept->isVisible());
    }
    void aPageOpenedLaterShowsTheKeptStrip()
    {
        m_window->tabs()->close({ItemKey::Kind::Comparison, 1, {}});
        QVERIFY(m_window->pages()->open({ItemKey::Kind::Comparison, 1, {}}));
        QVERIFY(page());
        QCOMPARE(curvesOf(page()->curves()), std::size_t(16));
        QVERIFY(!page()->examples()->isVisibleTo(page()));
        auto *tree = m_window->findChild<ProjectTree *>();
        QVERIFY(tree->contains({ItemKey::Kind::Comparison, 1, {}}) && tree->contains({ItemKey::Kind::Run, 4, {}}));
        QCOMPARE(ItemKey::fromText(QStringLiteral("comparison:1")), (ItemKey{ItemKey::Kind::Comparison, 1, {}}));
    }
    void theReportIsAResult()
    {
        m_window->message()->clear();
        QTest::mouseClick(page()->findChild<QPushButton *>(QStringLiteral("comparisonReport")), Qt::LeftButton);
        QVERIFY(test::openOffered(m_window.get(), patience));
        QVERIFY(qobject_cast<ResultPage *>(m_window->tabs()->currentPage()));
        QCOMPARE(m_window->session()->project()->results().size(), std::size_t(2));
    }
    void theReportIsOfTheChosenScore()
    {
        QVERIFY(m_window->pages()->open({ItemKey::Kind::Comparison, 1, {}}));
        auto *scores = page()->findChild<QComboBox *>(QStringLiteral("comparisonScore"));
        scores->setCurrentIndex(scores->findData(QStringLiteral("rmse")));
        Q_EMIT scores->activated(scores->currentIndex());
        m_window->message()->clear();
        QTest::mouseClick(page()->findChild<QPushButton *>(QStringLiteral("comparisonReport")), Qt::LeftButton);
        QVERIFY(test::openOffered(m_window.get(), patience));
        QVERIFY(qobject_cast<ResultPage *>(m_window->tabs()->currentPage()));
        const auto *project = m_window->session()->project();
        QCOMPARE(project->results().size(), std::size_t(3));
        const Result last = project->store().result(project->results().back().id);
        QCOMPARE(last.values["score"].get<std::string>(), std::string("rmse"));
    }
    void segmenters()
    {
        const auto stack = m_box->makeStack(QStringLiteral("pair"), 4, 48);
        auto *project = m_window->session()->project();
        project->addData(imageSection(stack[0], stack[1]), {}, {{"classes", 2}});
        Json recipe = m_window->session()->recipeFor(project->dataSets().back());
        recipe["device"] = "cpu";
        recipe["train"] = {{"steps", 3}, {"batch", 1}, {"crop", 32}, {"threads", 1}, {"validate-steps", 3}};
        recipe["compare"] = {{"models", {"fcn", "unet"}}, {"weights", 1000}, {"seeds", {1, 2}}};
        auto *job = m_window->session()->startTraining(recipe);
        QTRY_VERIFY_WITH_TIMEOUT(page() && page()->comparison() == 2, patience);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session()->jobs()->active().empty(), patience);
        QVERIFY(!job->failure());
        QCOMPARE(page()->examples()->count(), 4); // original, labels, two predictions
        auto *scores = page()->findChild<QComboBox *>(QStringLiteral("comparisonScore"));
        QCOMPARE(page()->score(), std::string("dice"));
        // IoU of each net, and V_Rand, which the kept report knows.
        for (const char *name : {"iou", "v-rand"}) {
            scores->setCurrentIndex(scores->findData(QLatin1String(name)));
            Q_EMIT scores->activated(scores->currentIndex());
            QCOMPARE(page()->models()->table().columns.at(1).name,
                     std::string(QLatin1String(name) == QLatin1String("iou") ? "IoU" : "V_Rand"));
            QVERIFY(page()->models()->table().number(0, 1) >= 0);
            QVERIFY(page()->models()->table().number(1, 1) >= 0);
        }
    }
    void foldsSayWhichGroupsTheyTest()
    {
        auto *project = m_window->session()->project();
        Json recipe = m_window->session()->recipeFor(project->dataSets().back());
        recipe["compare"] = {{"folds", 3}};
        const Recipe full = Recipe(recipe).validated(*m_window->session()->catalog());
        const auto comparison = project->store().createComparison(full).id;
        int fold = 0;
        for (const auto &one : full.compared()) {
            if (++fold == 3)
                break; // still to come
            RunInfo run = project->store().createRun(one, comparison);
            run.status = RunStatus::Done;
            run.summary = {{"target", "labels"}, {"best", {{"step", 1}, {"dice", 0.5 + 0.1 * fold}, {"loss", 0.5}}}};
            run.summary["groups"] = {
                {"column", "animal"}, {"test", Json::array({"m" + std::to_string(fold)})}, {"test-count", 1}};
            project->store().updateRun(run);
        }
        project->refresh();
        QVERIFY(m_window->pages()->open({ItemKey::Kind::Comparison, comparison, {}}));
        QVERIFY(page() && page()->comparison() == comparison);
        QVERIFY2(page()->state().contains("2 of 3 runs are done"), qPrintable(page()->state()));
        const TableView *runs = nullptr;
        for (const auto *view : page()->findChildren<TableView *>())
            if (view->table().title == "Runs")
                runs = view;
        QVERIFY(runs && runs->table().rows() == 2);
        QVERIFY(runs->table().find("fold") && runs->table().find("test groups"));
        QCOMPARE(std::get<std::vector<std::string>>(runs->table().find("test groups")->values),
                 (std::vector<std::string>{"m1", "m2"}));
        QVERIFY(page()->models()->table().find("fold 3"));
        QVERIFY2(page()->notes().contains("each fold on its own test slices"), qPrintable(page()->notes()));
        bool heading = false;
        for (const auto *label : page()->findChildren<QLabel *>())
            heading = heading || label->text() == QStringLiteral("Paired tests over folds");
        QVERIFY(heading);
    }
};

RETICLE_TEST(ComparisonPageTest)
#include "ComparisonPageTest.moc"
