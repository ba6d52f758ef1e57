#include "window/pages/StudyPage.h"

#include "support/WindowSandbox.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "window/pages/Pages.h"
#include "window/parts/StudyResultView.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTreeWidget>

#include <algorithm>
#include <memory>

using namespace reticle;

namespace {

/// A recipe of the fake worker's data and networks.
Json recipeOf(const char *title, int batch, int crop, int weights, int steps = 20)
{
    return {{"title", title},
            {"seed", 1},
            {"data", {{"name", "segmentation"}, {"images", "/data/cells.tif"}}},
            {"model", {{"name", "unet"}, {"weights", weights}}},
            {"objective", {{"name", "bce"}}},
            {"train", {{"steps", steps}, {"minutes", 0}, {"batch", batch}, {"crop", crop}}}};
}

void addRun(Project &project, const Json &recipe, double dice, std::int64_t comparison = 0)
{
    RunInfo run = project.createRun(Recipe(recipe), comparison);
    run.status = RunStatus::Done;
    run.step = 20;
    run.summary = {{"target", "labels"}, {"best", {{"step", 20}, {"loss", 1 - dice}, {"dice", dice}}}};
    project.updateRun(run);
}

} // namespace

class StudyPageTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<Session> m_session;

    /// A session whose project has a good and a bad run and one that is as the good one.
    void openProject()
    {
        m_box = std::make_unique<test::WindowSandbox>();
        m_session = std::make_unique<Session>();
        const auto folder = m_box->path(QStringLiteral("P.reticle"));
        {
            auto project = Project::openOrCreate(folder.toStdString());
            addRun(project, recipeOf("good", 4, 64, 4000), 0.9);
            addRun(project, recipeOf("bad", 2, 32, 4000), 0.6);
            addRun(project, recipeOf("again", 4, 64, 4000), 0.91);
        }
        m_session->connectToWorker();
        QTRY_VERIFY(m_session->catalog().has_value());
        m_session->setProject(OpenProject::open(folder));
    }

private Q_SLOTS:
    void init() { openProject(); }
    void cleanup()
    {
        m_session.reset();
        m_box.reset();
    }
    void twoRunsAreChosenAndTheirDifferencesShown()
    {
        StudyPage page(m_session.get(), 2);
        page.resize(900, 900);
        page.show();
        QCOMPARE(page.good(), std::int64_t(3)); // the newest that differs, which is the better one
        QCOMPARE(page.bad(), std::int64_t(2));
        const auto *combo = page.findChild<QComboBox *>(QStringLiteral("studyGood"));
        QVERIFY2(combo->currentText().contains("again") && combo->currentText().contains("0.91"),
                 qPrintable(combo->currentText()));
        QCOMPARE(page.axes()->topLevelItemCount(), 2);
        QCOMPARE(page.axes()->topLevelItem(0)->text(0), QString("batch"));
        QCOMPARE(page.axes()->topLevelItem(0)->text(1) + " " + page.axes()->topLevelItem(0)->text(2), QString("4 2"));
        QVERIFY2(page.plan().contains("differ in 2 settings: batch, crop") && page.plan().contains("12 runs"),
                 qPrintable(page.plan()));
        QCOMPARE(page.trainButton()->text(), QString("Train 12 runs"));
        QVERIFY(page.trainButton()->isEnabled());
        QTRY_VERIFY2(page.estimate().contains("20 steps take about 2 minutes"), qPrintable(page.estimate()));
        page.exchange();
        QCOMPARE(page.good(), std::int64_t(2));
        QCOMPARE(page.axes()->topLevelItem(0)->text(1) + " " + page.axes()->topLevelItem(0)->text(2), QString("2 4"));
        QVERIFY(!page.grab().isNull());
    }
    void whatCannotBeTrainedSaysWhy()
    {
        StudyPage page(m_session.get(), 1);
        page.choose(1, 3);
        QVERIFY2(page.plan().startsWith("The two recipes do not differ."), qPrintable(page.plan()));
        QVERIFY(!page.trainButton()->isEnabled());
        QCOMPARE(page.axes()->topLevelItemCount(), 0);
        page.choose(1, 1);
        QCOMPARE(page.plan(), QString("Choose two different runs."));
        page.choose(1, 2);
        QVERIFY(page.trainButton()->isEnabled());
        auto *seeds = page.findChild<QLineEdit *>(QStringLiteral("studySeeds"));
        seeds->setText(QStringLiteral("1, two"));
        QTRY_VERIFY2(page.plan().startsWith("Write the seeds as whole numbers"), qPrintable(page.plan()));
        QVERIFY(!page.trainButton()->isEnabled());
        seeds->setText(QStringLiteral("5, 5"));
        QTRY_VERIFY2(page.plan().contains("each seed once"), qPrintable(page.plan()));
        seeds->setText(QStringLiteral("7"));
        QTRY_COMPARE(page.trainButton()->text(), QString("Train 4 runs"));
        seeds->setText(QStringLiteral("1, 2, 3, 4"));
        page.findChild<QSpinBox *>(QStringLiteral("studyBudget"))->setValue(1);
        QTRY_VERIFY2(page.plan().contains("more than the budget of 1") || page.plan().contains("Knockouts and rescues only"),
                     qPrintable(page.plan()));
    }
    void settingsThatBelongTogetherAreJoined()
    {
        StudyPage page(m_session.get(), 1);
        page.choose(1, 2);
        auto *join = page.findChild<QPushButton *>(QStringLiteral("studyJoin"));
        auto *split = page.findChild<QPushButton *>(QStringLiteral("studySplit"));
        QVERIFY(!join->isEnabled() && !split->isEnabled());
        page.axes()->selectAll();
        QVERIFY(join->isEnabled() && !split->isEnabled());
        join->click();
        QCOMPARE(page.axes()->topLevelItemCount(), 1);
        QCOMPARE(page.axes()->topLevelItem(0)->text(0), QString("batch + crop"));
        QCOMPARE(page.axes()->topLevelItem(0)->text(1), QString("batch 4, crop 64"));
        QCOMPARE(page.trainButton()->text(), QString("Train 6 runs"));
        page.axes()->selectAll();
        QVERIFY(split->isEnabled());
        split->click();
        QCOMPARE(page.axes()->topLevelItemCount(), 2);
        QCOMPARE(page.trainButton()->text(), QString("Train 12 runs"));
    }
    void trainingStartsTheComparisonAndItsResultIsShown()
    {
        StudyPage page(m_session.get(), 1);
        page.resize(900, 1400);
        page.show();
        page.choose(1, 2);
        page.findChild<QLineEdit *>(QStringLiteral("studySeeds"))->setText(QStringLiteral("1, 2"));
        QVERIFY(!page.result());
        page.train(); // what was just typed counts
        QTRY_VERIFY(page.result());
        QTRY_VERIFY(m_session->jobs()->active().empty());
        auto *project = m_session->project();
        QCOMPARE(project->comparisons().size(), std::size_t(1));
        const auto id = project->comparisons().front().id;
        QCOMPARE(page.result()->comparison(), id);
        const Recipe recipe(project->comparisons().front().recipe);
        QVERIFY(AblationStudy::isStudy(recipe));
        QCOMPARE(recipe.compared().size(), std::size_t(8));
        QCOMPARE(recipe.compared()[2].section("train")["batch"].get<int>(), 2);
        // The fake worker trains the first of them; the others are put there. Batch does it all.
        const auto all = recipe.compared();
        for (std::size_t i = 0; i < all.size(); ++i)
            addRun(project->store(), all[i].json(),
                   all[i].section("train")["batch"] == 4 ? 0.9 + 0.001 * static_cast<double>(i) : 0.6, id);
        project->refresh();
        QVERIFY2(page.result()->state().contains("of 8 runs are done"), qPrintable(page.result()->state()));
        QVERIFY2(page.result()->verdict().contains("The gap is 0.3") && page.result()->verdict().contains("batch: "),
                 qPrintable(page.result()->verdict()));
        QVERIFY(!page.result()->effects()->isHidden());
        QCOMPARE(page.result()->effects()->figure().name, std::string("ablation-effects"));
        QCOMPARE(page.result()->table()->table().text(0, 0), std::string("batch"));
        QSignalSpy report(&page, &StudyPage::reportRequested);
        page.result()->findChild<QPushButton *>(QStringLiteral("studyReport"))->click();
        QCOMPARE(report.size(), 1);
        QCOMPARE(report[0][1].value<std::int64_t>(), id);
        QVERIFY(!page.grab().isNull());
    }
    void runsAndStudiesOfferTheirPages()
    {
        auto *project = m_session->project();
        const auto offers = [&](const ItemKey &key, const char *name) {
            const auto kinds = Pages::instance().offered(*project, key);
            return std::ranges::any_of(kinds, [&](const auto *kind) { return std::string(kind->name) == name; });
        };
        QVERIFY(offers({ItemKey::Kind::Run, 1, {}}, "study"));
        QVERIFY(!offers({ItemKey::Kind::Run, 99, {}}, "study"));
        Json other = recipeOf("grid", 4, 64, 4000);
        other["compare"] = {{"models", {"unet", "fcn"}}};
        project->store().createComparison(Recipe(other).validated(*m_session->catalog()));
        const auto study =
            AblationStudy::planned(Recipe(project->run(1)->recipe), Recipe(project->run(2)->recipe), *m_session->catalog());
        const auto id = project->store().createComparison(study.recipe()).id;
        project->refresh();
        QVERIFY(offers({ItemKey::Kind::Comparison, id, {}}, "study-result"));
        QVERIFY(!offers({ItemKey::Kind::Comparison, id - 1, {}}, "study-result"));
        const auto *kind = Pages::instance().find(QStringLiteral("study-result"));
        PageContext context;
        context.session = m_session.get();
        context.receiver = this;
        const std::unique_ptr<QWidget> made(kind->make(context, {ItemKey::Kind::Comparison, id, {}}));
        QVERIFY(made);
        const auto *view = made->findChild<StudyResultView *>();
        QVERIFY(view);
        QCOMPARE(view->state(), QString("0 of 12 runs are done."));
        QCOMPARE(view->verdict(), QString("The effects are shown when the first runs are done."));
        QVERIFY(view->effects()->isHidden());
    }
};

RETICLE_TEST(StudyPageTest)
#include "StudyPageTest.moc"
