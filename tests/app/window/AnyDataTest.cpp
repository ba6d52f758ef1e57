#include "data/Dataset.h"
#include "foundation/Error.h"
#include "support/Measurements.h"
#include "support/TemporaryFolder.h"
#include "support/WindowSandbox.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/image/ExampleStrip.h"
#include "widgets/views/image/ImageView.h"
#include "window/actions/Command.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"
#include "window/pages/Pages.h"
#include "window/pages/TrainingPage.h"
#include "window/parts/DataCard.h"
#include "window/session/ImageData.h"
#include "window/shell/MainWindow.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QLabel>
#include <QPushButton>

#include <memory>

using namespace reticle;
using test::dropOn;
using test::shown;
using Kind = ItemKey::Kind;

namespace {

/// What files of this test's kind are.
Detection detect(const std::vector<std::string> &paths)
{
    Detection d;
    if (paths.size() != 1 || !paths.front().ends_with(".measured"))
        return d;
    d.data = {{"name", "measurements"}, {"file", paths.front()}};
    d.confidence = 1;
    d.path = paths.front();
    d.sentence = "Measurements of 3 plants.";
    d.notes = {"One row was left out."};
    d.details = {{"plants", 3}, {"columns", {"height", "width"}}};
    d.recipe = {{"train", {{"batch", 2}}}};
    return d;
}

const Registration<DataKind>
    measurements(test::measurementsSchema(),
                 {.open = [](const Json &, std::uint64_t) -> std::shared_ptr<Dataset> {
                      throw Error({"data", "a training", "none", "the worker of this test trains nothing"});
                  },
                  .detect = detect,
                  .suggestRecipe =
                      [](const Json &section) {
                          Json data = section;
                          if (!data.contains("rows"))
                              data["rows"] = 100;
                          return Json{{"data", std::move(data)}, {"train", {{"steps", 30}, {"batch", 8}}}};
                      },
                  .probe = [](const Json &) -> std::vector<ArraySpec> {
                      return {{"features", DType::Float32, {5}, {}, {}}};
                  },
                  .tasks = {"regression"},
                  .arrays = {"features"}});

/// Other tests of this program see the page below only while this one asks for it.
bool hasOwnPage = false;

const PageRegistration own({
    .name = "test-measurements",
    .title = "Plants",
    .icon = "table",
    .of = Kind::Data,
    .rank = 10,
    .fits =
        [](const OpenProject &project, const ItemKey &key) {
            const auto *data = project.dataSet(key.id);
            return hasOwnPage && data && data->kind() == QStringLiteral("measurements");
        },
    .make = [](const PageContext &, const ItemKey &) -> QWidget * {
        auto *page = new QLabel(QStringLiteral("plants"));
        page->setWindowTitle(page->text());
        return page;
    },
});

} // namespace

/// Data of a kind that the window does not know by name, from a drop to its training and back after a restart.
class AnyDataTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_box = std::make_unique<test::WindowSandbox>();
        m_file = m_box->path("plants.measured");
        test::writeAll(m_file.toStdString(), "height,width\n1,2\n");
        open();
    }
    void cleanup()
    {
        hasOwnPage = false;
        m_window.reset();
        m_box.reset();
    }
    void aDropIsShownWithItsSettings()
    {
        auto *card = drop();
        QCOMPARE(card->findChild<QLabel *>("sentence")->text(), QString("Measurements of 3 plants."));
        QVERIFY(card->canTrain());
        QCOMPARE(shown<QPushButton>(m_window.get(), "trainSegmentation")->text(), QString("Train on these data"));
        QVERIFY(!card->findChild<ImageView *>()->isVisible());
        QVERIFY(!shown<QPushButton>(m_window.get(), "chooseLabels"));
        QVERIFY(card->form()->isVisible());
        QVERIFY(card->form()->schema().toJson() == test::measurementsSchema().toJson());
        QVERIFY(card->form()->values().at("rows") == 100); // as the kind suggests
        QVERIFY(!card->choice().section.contains("rows")); // and is left to it
        card->form()->setValues({{"target", "width"}, {"rows", 5}});
        QVERIFY((card->choice().section ==
                 Json{{"name", "measurements"}, {"file", m_file.toStdString()}, {"target", "width"}, {"rows", 5}}));
        card->form()->setValues({{"rows", 100}});
        QVERIFY(!card->choice().section.contains("rows"));
    }
    void theProjectKeepsTheSection()
    {
        addToProject();
        const DataSet data = project()->dataSets().at(0);
        QCOMPARE(project()->dataSets().size(), std::size_t(1));
        QCOMPARE(data.kind(), QString("measurements"));
        QCOMPARE(data.title, QString("plants"));
        QCOMPARE(data.text("target"), QString("width"));
        QCOMPARE(data.path(), QFileInfo(m_file).canonicalFilePath());
        QVERIFY(data.notes.at("plants") == 3 && !data.notes.contains("columns"));
        QVERIFY(qobject_cast<DataCard *>(m_window->tabs()->currentPage())); // it has no page of its own

        // After a restart it is as it was, its tab too.
        const QString folder = project()->folder();
        m_window.reset();
        open();
        QVERIFY(m_window->openProject(folder));
        QVERIFY(project()->dataSets().at(0).section == data.section);
        auto *card = qobject_cast<DataCard *>(m_window->tabs()->currentPage());
        QVERIFY(card);
        QCOMPARE(card->findChild<QLabel *>("sentence")->text(), QString("Measurements of 3 plants."));
        QVERIFY(card->form()->values().at("target") == "width");

        // What is set there is kept, and taken back too.
        card->form()->setValues({{"rows", 7}});
        QTRY_VERIFY(project()->dataSets().at(0).section.value("rows", 0) == 7);
        card->form()->setValues({{"rows", 100}});
        QTRY_VERIFY(!project()->dataSets().at(0).section.contains("rows"));
        QCOMPARE(project()->dataSets().at(0).text("target"), QString("width"));

        // Removed, it comes back whole.
        Q_EMIT m_window->tree()->removeRequested({{Kind::Data, 1}});
        QVERIFY(project()->dataSets().empty());
        m_window->commands()->trigger("undo");
        QVERIFY(project()->dataSets().at(0).section == data.section);
        QVERIFY(project()->dataSets().at(0).notes.at("recipe") == data.notes.at("recipe"));
    }
    void theFormBeginsWithWhatTheKindSuggests()
    {
        addToProject();
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));
        auto *form = m_window->side()->trainForm()->form();
        const Json recipe = form->recipe();
        QVERIFY((recipe.at("data") == Json{{"name", "measurements"},
                                           {"file", project()->dataSets().at(0).path().toStdString()},
                                           {"target", "width"},
                                           {"rows", 100}}));
        QVERIFY(recipe.at("model") == Json({{"name", "perceptron"}}));
        QVERIFY(recipe.at("objective") == Json({{"name", "squared-error"}}));
        QVERIFY(recipe.at("train").at("steps") == 30);
        QVERIFY(recipe.at("train").at("batch") == 2); // these very files ask for it
        QVERIFY(!recipe.contains("augment") && !recipe.at("train").contains("crop"));
        QVERIFY(!shown<QPushButton>(m_window.get(), "augmentPreview"));
        QVERIFY(!form->section("train")->editor("crop"));
        // Images beside it are trained as ever.
        const auto images = project()->addData(imageSection(m_box->makeStack("cells")[0], m_box->makeStack("cells")[1]), {});
        m_window->pages()->trainOn(images);
        QVERIFY(form->recipe().at("model").at("name") == "unet" && form->recipe().at("objective").at("name") == "bce");
        QVERIFY(form->recipe().contains("augment") && form->recipe().at("train").at("crop") == 256);
        QVERIFY(shown<QPushButton>(m_window.get(), "augmentPreview"));
    }
    void aTrainingShowsItsOwnScoresAndFigure()
    {
        addToProject();
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "train"), Qt::LeftButton);
        QTRY_VERIFY(page<TrainingPage>());
        auto *training = page<TrainingPage>();
        QTRY_COMPARE(m_window->session()->jobs()->all().front()->state(), Job::State::Done);
        QTRY_VERIFY(training->exampleFigure()->isVisible());
        QCOMPARE(training->exampleFigure()->figure().name, std::string("threshold-curve"));
        QVERIFY(!training->examples()->isVisible());
        QTRY_VERIFY2(training->keyNumber("best").startsWith("Explained variance"), qPrintable(training->keyNumber("best")));
        QVERIFY(!training->findChild<QPushButton *>("evaluateRun")->isEnabled()); // there are no classes
        QCOMPARE(project()->dataSetOf(project()->run(1)->recipe), &project()->dataSets().front());
        QCOMPARE(project()->dataSets().size(), std::size_t(1)); // the run brought none of its own
    }
    /// A page that is opened while the run goes on has not heard how it began.
    void aPageOpenedInMidTrainingKnowsItsScores()
    {
        addToProject();
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));
        auto *form = m_window->side()->trainForm()->form();
        Json recipe = form->recipe();
        recipe["title"] = "endless";
        form->setRecipe(recipe);
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "train"), Qt::LeftButton);
        QTRY_VERIFY(page<TrainingPage>());
        auto *job = m_window->session()->jobs()->all().front();
        QTRY_VERIFY(job->lastExample().has_value());
        const ItemKey run{Kind::Run, 1};
        m_window->tabs()->close(run);
        QVERIFY(m_window->pages()->open(run));
        auto *training = page<TrainingPage>();
        QVERIFY2(training->keyNumber("best").startsWith("Explained variance"), qPrintable(training->keyNumber("best")));
        QVERIFY(training->exampleFigure()->isVisible());
        job->cancel();
        QTRY_VERIFY(!job->isActive());
    }
    void thePageOfTheHighestRankOpens()
    {
        addToProject();
        const auto &pages = Pages::instance();
        const ItemKey data{Kind::Data, 1};
        QCOMPARE(pages.main(*project(), data)->name, "data");
        for (const auto *offered : pages.offered(*project(), data))
            QVERIFY2(std::string(offered->name) != "images" && std::string(offered->name) != "wavelets", offered->name);
        hasOwnPage = true;
        QCOMPARE(pages.main(*project(), data)->name, "test-measurements");
        m_window->tabs()->close(data);
        QVERIFY(m_window->pages()->open(data));
        QCOMPARE(qobject_cast<QLabel *>(m_window->tabs()->currentPage())->text(), QString("plants"));
        // The settings are still within reach.
        QVERIFY(m_window->pages()->open(ItemKey::page("data", data)));
        QVERIFY(qobject_cast<DataCard *>(m_window->tabs()->currentPage()));
        const auto images = project()->addData(imageSection(m_box->makeStack("cells").first(), {}), {});
        QCOMPARE(pages.main(*project(), {Kind::Data, images})->name, "images");
    }

private:
    void open()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_window->session()->catalog().has_value());
    }
    DataCard *drop()
    {
        dropOn(m_window.get(), {m_file});
        auto *card = m_window->startPage()->card();
        [&] { QTRY_VERIFY(!card->isLooking()); }();
        return card;
    }
    void addToProject()
    {
        auto *card = drop();
        card->form()->setValues({{"target", "width"}});
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "trainSegmentation"), Qt::LeftButton);
        QVERIFY(project() && !project()->dataSets().empty());
    }
    OpenProject *project() { return m_window->session()->project(); }
    template <class T> T *page() { return qobject_cast<T *>(m_window->tabs()->currentPage()); }

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;
    QString m_file;
};

RETICLE_TEST(AnyDataTest)
#include "AnyDataTest.moc"
