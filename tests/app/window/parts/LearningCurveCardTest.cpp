#include "window/parts/LearningCurveCard.h"

#include "support/BudgetedRuns.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "widgets/views/FigureView.h"
#include "window/session/OpenProject.h"

#include <QLabel>

using namespace reticle;
using test::budgeted;

namespace {

std::unique_ptr<OpenProject> opened(const std::filesystem::path &folder)
{
    return OpenProject::open(QString::fromStdString(folder.string()));
}

} // namespace

class LearningCurveCardTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void saysWhetherMoreMinutesWouldHelp()
    {
        const test::TemporaryFolder folder;
        test::projectOf(folder / "P.reticle", test::fiveBudgeted());
        const auto project = opened(folder / "P.reticle");
        LearningCurveCard card;
        card.resize(700, 400);
        QVERIFY(card.isHidden());
        card.setRun(*project, 3);
        QVERIFY(!card.isHidden() && !card.figure()->isHidden());
        const auto runs = budgetRuns(project->store(), 3);
        QCOMPARE(card.text(), QString::fromStdString(budgetText(runs, runs.curve())));
        QVERIFY2(card.text().startsWith("60 minutes instead of 30") || card.text().startsWith("More minutes would hardly help"),
                 qPrintable(card.text()));
        QVERIFY(card.figure()->figure().toJson() == budgetFigure(runs, runs.curve()).toJson());
        const auto pixels = card.grab().toImage();
        QVERIFY(!pixels.isNull());
    }
    void saysWhatIsMissing()
    {
        const test::TemporaryFolder folder;
        test::projectOf(folder / "P.reticle", {budgeted(1, 15, 1, 0.93)});
        const auto project = opened(folder / "P.reticle");
        LearningCurveCard card;
        card.setRun(*project, 1);
        QVERIFY(!card.isHidden() && card.figure()->isHidden()); // one time is no curve
        QVERIFY2(card.text().contains("cannot be told yet") && card.text().contains("15 minutes") &&
                     card.text().contains("train.minutes"),
                 qPrintable(card.text()));
        // With a second time there is something to see, with a third something to say.
        for (const auto &[minutes, budgets] : {std::pair{5, 2}, {30, 3}}) {
            test::projectOf(folder / "P.reticle", {budgeted(0, minutes, 1, 0.9 + 0.001 * minutes)});
            project->refresh();
            card.setRun(*project, 1);
            QVERIFY(!card.figure()->isHidden());
            QCOMPARE(card.text().contains("cannot be told yet"), budgets < 3);
        }
    }
    void isHiddenWhereNothingHasFinished()
    {
        const test::TemporaryFolder folder;
        auto running = budgeted(1, 15, 1, 0.93);
        running.status = RunStatus::Stopped;
        test::projectOf(folder / "P.reticle", {running});
        const auto project = opened(folder / "P.reticle");
        LearningCurveCard card;
        card.setRun(*project, 1);
        QVERIFY(card.isHidden());
        card.setRun(*project, 7); // not there any more
        QVERIFY(card.isHidden());
    }
};

RETICLE_TEST(LearningCurveCardTest)
#include "LearningCurveCardTest.moc"
