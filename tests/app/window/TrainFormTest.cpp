#include "support/WindowSandbox.h"
#include "widgets/forms/RecipeForm.h"
#include "window/session/ImageData.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/SidePanel.h"

#include <QLabel>
#include <QPushButton>

using namespace reticle;

/// What the form says of a training before it starts, with a worker that answers by the number of steps.
class TrainFormTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void saysWhatToExpect()
    {
        const test::WindowSandbox box;
        const auto files = box.makeStack("cells");
        Session session;
        TrainForm form(&session);
        form.resize(360, 700);
        form.show();
        QVERIFY(form.estimate().isEmpty()); // no worker, nothing to say
        session.connectToWorker();
        QTRY_VERIFY(session.catalog().has_value());
        DataSet data;
        data.section = imageSection(files[0], files[1]);
        Json recipe = session.recipeFor(data);
        recipe["train"]["steps"] = 0;
        form.setRecipe(recipe, "Train");
        QTRY_VERIFY(form.trainButton()->isEnabled());
        QTRY_COMPARE(form.estimate(), QString("No training like this has been finished on this machine yet."));
        auto *label = form.findChild<QLabel *>("trainingEstimate");
        QVERIFY(label && label->isVisible());
        QTRY_VERIFY(label->geometry().bottom() < form.trainButton()->geometry().top()); // above the button
        const auto steps = [&](int number, const char *title = "short") {
            recipe["train"]["steps"] = number;
            recipe["title"] = title;
            form.form()->setRecipe(recipe);
        };
        steps(20);
        QTRY_COMPARE(form.estimate(), QString("20 steps take about 2 minutes on this machine."));
        // A worker of before knows nothing of it: nothing is shown, and nothing is said.
        steps(30, "older");
        QTRY_VERIFY(form.estimate().isEmpty() && label->isHidden());
        QVERIFY(form.message()->text().isEmpty());
        // Of what is typed in a row only the last counts.
        for (const int number : {40, 50, 60})
            steps(number);
        QTRY_COMPARE(form.estimate(), QString("60 steps take about 2 minutes on this machine."));
        QVERIFY(label->isVisible());
    }
};

RETICLE_TEST(TrainFormTest)
#include "TrainFormTest.moc"
