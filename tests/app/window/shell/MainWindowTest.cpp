#include "window/shell/MainWindow.h"
#include "app/window/shell/MainWindowFixture.h"
#include "foundation/AtomicFile.h"
#include "project/ModelFiles.h"
#include "support/TemporaryFolder.h"
#include "support/WindowSandbox.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "widgets/views/image/ExampleStrip.h"
#include "widgets/views/image/ImageView.h"
#include "widgets/views/image/StackViewer.h"
#include "widgets/views/volume/VolumeViewer.h"
#include "window/actions/Command.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"
#include "window/pages/PostprocessPage.h"
#include "window/pages/ResultPage.h"
#include "window/pages/StartPage.h"
#include "window/pages/TrainingPage.h"
#include "window/parts/VolumePane.h"
#include "window/session/Settings.h"
#include "window/shell/ActivityPanel.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ModalOverlay.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

#include <csignal>
#include <memory>

using namespace reticle;
using test::dropOn;
using test::shown;

class MainWindowTest : public test::MainWindowFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void startsWithADropTarget();
    void saysWhatWasDropped();
    void refusesWhatIsNothing();
    void goesFromDropToFigure();
    void offersWhatARunCanBeAsked();
    void aKilledWorkerIsShownAndResumed();
    void aRefusedRecipeIsSaidAtTheForm();
    void runningWorkIsStoppedBeforeClosing();
    void makesTheSample();
    void activityUnfoldsOnlyWhenAsked();
    void foldedActivityTakesOneLine();
    void runsAreRemovedAndTakenBack();
    void remembersTabsOfAProject();
    void aDroppedDatabaseOpensItsProject();
    void paletteFindsCommands();
    void themesSwitch();
    void aMissingWorkerIsSaidWithTheWayOut();
};

void MainWindowTest::init()
{
    makeBox();
}

void MainWindowTest::cleanup()
{
    removeBox();
}

void MainWindowTest::startsWithADropTarget()
{
    MainWindow window;
    QSignalSpy painted(&window, &MainWindow::firstPainted);
    window.show();
    QTRY_COMPARE(painted.size(), 1);
    QVERIFY(window.showsStart());
    QVERIFY(shown<QWidget>(&window, "dropTarget"));
    QVERIFY(shown<QAbstractButton>(&window, "sampleTissue"));
    QVERIFY(shown<QAbstractButton>(&window, "sampleFinetissue"));
    QVERIFY(window.findChildren<QToolButton *>("recent").isEmpty());
}

void MainWindowTest::saysWhatWasDropped()
{
    open();
    dropOn(m_window.get(), {m_box->makeStack("cells", 5).first()});
    auto *card = m_window->startPage()->card();
    QTRY_VERIFY(!card->isLooking());
    QVERIFY(card->canTrain());
    const QString sentence = card->findChild<QLabel *>("sentence")->text();
    QVERIFY2(sentence.contains("5 slices") && sentence.contains("48"), qPrintable(sentence));
    QVERIFY2(sentence.contains("two classes"), qPrintable(sentence));
    auto *foreground = shown<QComboBox>(m_window.get(), "foreground");
    QVERIFY(foreground);
    QVERIFY(card->choice().section.value("foreground", "bright") == "bright");
    foreground->setCurrentIndex(1);
    QVERIFY(card->choice().section.value("foreground", "bright") == "dark");
    QTest::keyClick(m_window->startPage(), Qt::Key_Escape);
    QTRY_VERIFY(shown<QWidget>(m_window.get(), "dropTarget"));
}

void MainWindowTest::refusesWhatIsNothing()
{
    open();
    QFile file(m_box->path("empty.tif"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    dropOn(m_window.get(), {file.fileName()});
    auto *card = m_window->startPage()->card();
    QTRY_VERIFY(!card->isLooking());
    QVERIFY(!card->canTrain());
    QVERIFY(!shown<QPushButton>(m_window.get(), "trainSegmentation")->isEnabled());
    auto *message = card->findChild<MessageBar *>();
    QVERIFY2(message->text().contains("empty.tif"), qPrintable(message->text()));
}

void MainWindowTest::goesFromDropToFigure()
{
    open();
    dropAndTrain();
    QVERIFY(OpenProject::isProject(m_box->path("projects/cells.reticle")));
    QVERIFY(m_window->tree()->contains({ItemKey::Kind::Data, 1}));
    QVERIFY(page<ImagePage>());
    setRecipe("first", 40);
    clickTrain();
    // The run's page opens by itself and fills with curves and examples.
    QTRY_VERIFY(page<TrainingPage>());
    QTRY_COMPARE(newestJob()->state(), Job::State::Done);
    auto *training = page<TrainingPage>();
    const auto &panel = std::get<XYPanel>(training->curves()->figure().panels.at(0).content);
    QTRY_COMPARE(std::get<XYPanel>(training->curves()->figure().panels.at(0).content).series.front().x.size(), std::size_t(40));
    QVERIFY(panel.series.size() >= 4);
    QCOMPARE(training->keyNumber("step"), QString("40"));
    QVERIFY2(training->keyNumber("best").contains("0.975"), qPrintable(training->keyNumber("best")));
    QCOMPARE(training->examples()->count(), 3);
    // The prediction, the same gray everywhere, is a probability as the worker says, no class of a color.
    const QImage strip = training->examples()->grab().toImage();
    const int side = std::clamp(std::min((strip.width() - 16) / 3, strip.height() - 20), 48, 220);
    const QColor undecided = strip.pixelColor(2 * (side + 8) + side / 2, 20 + side / 2);
    QVERIFY2(undecided.saturation() < 10 && std::abs(undecided.value() - 128) < 10, qPrintable(undecided.name()));
    QVERIFY(m_window->tree()->contains({ItemKey::Kind::Run, 1}));

    // See the prediction over the image.
    QTest::mouseClick(shown<QPushButton>(training, "seePrediction"), Qt::LeftButton);
    auto *image = page<ImagePage>();
    QVERIFY(image);
    QTRY_VERIFY(image->hasPrediction());
    QCOMPARE(image->viewer()->overlays().front().kind, ImageOverlay::Kind::Probability);
    const auto values = image->viewer()->overlays().front().values;
    QCOMPARE(values.dim(0), 48);
    QVERIFY(values.value(47) > 0.9 && values.value(0) < 0.1);
    image->viewer()->setPage(2);
    QTRY_VERIFY(image->viewer()->overlays().front().page == 2);
    QTest::mouseClick(shown<QToolButton>(image, "split"), Qt::LeftButton);
    QVERIFY(image->viewer()->views() > 1);
    QVERIFY(image->viewer()->viewAt(1));

    // Predict everything: a TIFF in the project, offered.
    QTest::mouseClick(shown<QPushButton>(image, "predictStack"), Qt::LeftButton);
    QVERIFY(test::openOffered(m_window.get()));
    QVERIFY(m_window->tabs()->currentKey().kind == ItemKey::Kind::Prediction);
    QVERIFY(QFileInfo::exists(m_box->path("projects/cells.reticle/runs/1/predictions/cells-probability.tif")));

    // Evaluate, and take the figure.
    m_window->tabs()->show({ItemKey::Kind::Data, 1});
    QTest::mouseClick(shown<QPushButton>(image, "evaluate"), Qt::LeftButton);
    QTRY_VERIFY(m_window->tree()->isNew({ItemKey::Kind::Result, 1}));
    QVERIFY(page<ImagePage>()); // nothing opens over it
    QVERIFY(test::openOffered(m_window.get()));
    QVERIFY(page<ResultPage>());
    auto *result = page<ResultPage>();
    QVERIFY(!m_window->tree()->isNew({ItemKey::Kind::Result, 1}));
    QCOMPARE(result->figures().size(), std::size_t(1));
    QCOMPARE(result->tables().front()->table().rows(), std::size_t(2));
    QVERIFY(m_window->tree()->contains({ItemKey::Kind::Figure, 1, "0"}));
    m_window->pages()->open({ItemKey::Kind::Figure, 1, "0"});
    QVERIFY(page<FigurePage>());
}

/// A network without skip connections is not asked about them, nor an autoencoder for classes, and the menu says why.
void MainWindowTest::offersWhatARunCanBeAsked()
{
    open();
    dropAndTrain();
    setRecipe("segmenter");
    clickTrain();
    QTRY_VERIFY(page<TrainingPage>());
    QTRY_COMPARE(newestJob()->state(), Job::State::Done);
    const auto action = [&](std::int64_t run, const QString &analysis) {
        m_window->pages()->open({ItemKey::Kind::Run, run, {}});
        auto *ask = shown<QPushButton>(m_window.get(), "askModel");
        Q_EMIT ask->menu()->aboutToShow();
        return ask->menu()->findChild<QAction *>(analysis);
    };
    QVERIFY(action(1, "evaluate")->isEnabled());
    auto *skips = action(1, "skip-study");
    QVERIFY(skips->isEnabled());
    QCOMPARE(skips->text(), QString("What the skip connections give"));
    skips->trigger();
    auto *start = shown<QPushButton>(m_window.get(), "startAnalysis");
    QVERIFY(start && start->isEnabled());
    QTest::mouseClick(start, Qt::LeftButton);
    QVERIFY(test::openOffered(m_window.get()));
    QVERIFY(page<ResultPage>());
    QCOMPARE(m_window->session()->project()->results().back().name, std::string("skip-study"));
    QVERIFY(m_window->session()->project()->results().back().options["ablate"] == true);

    // An autoencoder without skips, made beside the window.
    Json recipe = m_window->session()->project()->run(1)->recipe;
    recipe["model"] = {{"name", "fcn"}};
    recipe["objective"] = {{"name", "mse"}};
    auto &store = m_window->session()->project()->store();
    RunInfo run = store.createRun(Recipe(recipe));
    writeFileAtomically(store.runFolder(run.id) / modelfiles::model, "fake");
    run.status = RunStatus::Done;
    store.updateRun(run);
    m_window->session()->project()->refresh();
    skips = action(2, "skip-study");
    QVERIFY(!skips->isEnabled());
    QCOMPARE(skips->text(),
             QString("What the skip connections give: needs a network with skip connections (model unet), not fcn"));
    QVERIFY(!action(2, "evaluate")->isEnabled());
    QVERIFY(action(2, "evaluate")->text().contains("needs a run that segments"));
    QVERIFY(action(2, "instances")->isEnabled()); // which the worker says nothing of
}

void MainWindowTest::aKilledWorkerIsShownAndResumed()
{
    open();
    dropAndTrain();
    setRecipe("endless");
    clickTrain();
    QTRY_VERIFY(page<TrainingPage>());
    auto *job = newestJob();
    QTRY_COMPARE(job->step(), 10);
    ::kill(static_cast<pid_t>(job->processId()), SIGKILL);
    QTRY_COMPARE(job->state(), Job::State::Lost);
    auto *training = page<TrainingPage>();
    QTRY_VERIFY(!training->message()->text().isEmpty());
    QVERIFY2(training->message()->text().contains("killed"), qPrintable(training->message()->text()));
    QTRY_COMPARE(m_window->session()->project()->run(1)->status, RunStatus::Interrupted);
    QPushButton *resume = nullptr;
    const auto found = [&] {
        for (auto *b : training->message()->findChildren<QPushButton *>())
            if (b->text() == "Resume" && b->isVisible())
                resume = b;
        return resume != nullptr;
    };
    QTRY_VERIFY(found());
    QTest::mouseClick(resume, Qt::LeftButton);
    QTRY_COMPARE(newestJob()->state(), Job::State::Done);
    QVERIFY(newestJob() != job);
    QTRY_COMPARE(m_window->session()->project()->run(1)->status, RunStatus::Done);
    QTRY_COMPARE(std::get<XYPanel>(training->curves()->figure().panels.at(0).content).series.front().x.size(), std::size_t(20));
    QCOMPARE(m_window->session()->project()->runs().size(), std::size_t(1));
}

void MainWindowTest::aRefusedRecipeIsSaidAtTheForm()
{
    open();
    dropAndTrain();
    setRecipe("refuse");
    clickTrain();
    QTRY_COMPARE(newestJob()->state(), Job::State::Failed);
    auto *form = m_window->side()->trainForm();
    QTRY_VERIFY(form->form()->problems().join(' ').contains("at most 2") || form->message()->text().contains("at most 2"));
    QVERIFY(m_window->session()->project()->runs().empty());
}

void MainWindowTest::runningWorkIsStoppedBeforeClosing()
{
    open();
    dropAndTrain();
    setRecipe("endless");
    clickTrain();
    QTRY_VERIFY(!m_window->session()->jobs()->all().empty() && newestJob()->step() == 10);
    QVERIFY(!m_window->close());
    auto *keep = shown<QPushButton>(m_window.get(), "keepRunning");
    QVERIFY(keep);
    QTest::mouseClick(keep, Qt::LeftButton);
    QVERIFY(newestJob()->isActive());
    QVERIFY(m_window->isVisible());
    QVERIFY(!m_window->close());
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "stopAndClose"), Qt::LeftButton);
    QTRY_VERIFY(!m_window->isVisible());
    QCOMPARE(newestJob()->state(), Job::State::Stopped);
    QCOMPARE(m_window->session()->project()->run(1)->status, RunStatus::Stopped);
}

void MainWindowTest::makesTheSample()
{
    open();
    QTest::mouseClick(shown<QAbstractButton>(m_window.get(), "sampleTissue"), Qt::LeftButton);
    QTRY_VERIFY(!m_window->showsStart());
    QTRY_VERIFY(page<ImagePage>());
    QCOMPARE(m_window->session()->project()->dataSets().size(), std::size_t(1));
    QVERIFY(!m_window->session()->project()->dataSets().front().text("labels").isEmpty());
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));
    // Closed and asked for again it is opened, not made anew.
    m_window->commands()->trigger("project.close");
    QVERIFY(m_window->showsStart());
    QTRY_COMPARE(m_window->findChildren<QToolButton *>("recent").size(), 1);
    QTest::mouseClick(shown<QAbstractButton>(m_window.get(), "sampleTissue"), Qt::LeftButton);
    QTRY_VERIFY(!m_window->showsStart());
    QCOMPARE(m_window->session()->project()->dataSets().size(), std::size_t(1));
}

void MainWindowTest::activityUnfoldsOnlyWhenAsked()
{
    open();
    dropAndTrain();
    QVERIFY(m_window->activity()->isFolded());
    setRecipe("endless");
    clickTrain();
    QTRY_VERIFY(!m_window->session()->jobs()->all().empty() && newestJob()->step() == 10);
    QVERIFY(m_window->activity()->isFolded());
    QTest::mouseClick(shown<QToolButton>(m_window->activity(), "foldActivity"), Qt::LeftButton);
    QVERIFY(!m_window->activity()->isFolded());
    auto *pause = shown<QToolButton>(m_window->activity(), "pause");
    QVERIFY(pause);
    QTest::mouseClick(pause, Qt::LeftButton);
    QTRY_COMPARE(newestJob()->state(), Job::State::Paused);
    QTest::mouseClick(pause, Qt::LeftButton);
    QTRY_COMPARE(newestJob()->state(), Job::State::Running);
    QTest::mouseClick(shown<QToolButton>(m_window->activity(), "stop"), Qt::LeftButton);
    QTRY_COMPARE(newestJob()->state(), Job::State::Stopped);
}

void MainWindowTest::foldedActivityTakesOneLine()
{
    open();
    dropAndTrain();
    auto *activity = m_window->activity();
    auto *header = shown<QToolButton>(activity, "foldActivity");
    QVERIFY(header);
    const auto oneLine = [&] { return activity->height() == activity->foldedHeight() && activity->height() < 48; };
    const auto bottom = [&](QWidget *w) { return w->mapTo(m_window.get(), QPoint(0, w->height())).y(); };
    QTRY_VERIFY2(oneLine(), qPrintable(QString::number(activity->height())));
    QVERIFY(bottom(m_window->tabs()) + 12 > m_window->height() - activity->height());
    const int tall = m_window->tabs()->height();
    QTest::mouseClick(header, Qt::LeftButton);
    QVERIFY(!activity->isFolded());
    QTRY_VERIFY(activity->height() > 100);
    QVERIFY(m_window->tabs()->height() < tall - 60);
    QTest::mouseClick(header, Qt::LeftButton);
    QTRY_VERIFY2(oneLine(), qPrintable(QString::number(activity->height())));
    QTRY_COMPARE(m_window->tabs()->height(), tall);
    // Another size of the window, and another theme, change nothing of it.
    m_window->resize(1024, 640);
    QTRY_VERIFY(oneLine());
    m_window->commands()->trigger("theme.dark");
    QTRY_VERIFY(oneLine());
    m_window->commands()->trigger("theme.system");
    QTRY_VERIFY(oneLine());
}

void MainWindowTest::runsAreRemovedAndTakenBack()
{
    open();
    dropAndTrain();
    setRecipe("short");
    clickTrain();
    QTRY_VERIFY(!m_window->session()->jobs()->all().empty() && newestJob()->state() == Job::State::Done);
    QTRY_VERIFY(m_window->tree()->contains({ItemKey::Kind::Run, 1}));
    m_window->tree()->setFocus();
    m_window->tree()->select({ItemKey::Kind::Run, 1});
    QTest::keyClick(m_window->tree(), Qt::Key_Delete);
    QVERIFY(!m_window->tree()->contains({ItemKey::Kind::Run, 1}));
    QVERIFY2(m_window->message()->text().contains("trash"), qPrintable(m_window->message()->text()));
    m_window->commands()->trigger("undo");
    QVERIFY(m_window->tree()->contains({ItemKey::Kind::Run, 1}));
    QVERIFY(m_window->session()->project()->hasModel(1));
}

void MainWindowTest::remembersTabsOfAProject()
{
    open();
    dropAndTrain();
    setRecipe("short");
    clickTrain();
    QTRY_VERIFY(!m_window->session()->jobs()->all().empty() && newestJob()->state() == Job::State::Done);
    m_window->tabs()->moveToSide({ItemKey::Kind::Run, 1}, true);
    const QStringList state = m_window->tabs()->state();
    QCOMPARE(state, QStringList({"data:1*", "run:1*"}));
    const QString folder = m_window->session()->project()->folder();
    m_window.reset();
    open();
    QVERIFY(m_window->openProject(folder));
    QCOMPARE(m_window->tabs()->state(), state);
}

void MainWindowTest::aDroppedDatabaseOpensItsProject()
{
    const QString folder = m_box->path("P.reticle");
    OpenProject::open(folder);
    open();
    dropOn(m_window.get(), {folder + "/project.sqlite"});
    QVERIFY(m_window->session()->project());
    QCOMPARE(m_window->session()->project()->folder(), QFileInfo(folder).canonicalFilePath());
    QVERIFY(!m_window->showsStart());
}

void MainWindowTest::paletteFindsCommands()
{
    open();
    QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
    QTRY_VERIFY(shown<QLineEdit>(m_window.get(), "paletteEdit"));
    auto *edit = shown<QLineEdit>(m_window.get(), "paletteEdit");
    QTest::keyClicks(edit, "keys first");
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "closeHelp"));
    QTest::keyClick(shown<QPushButton>(m_window.get(), "closeHelp"), Qt::Key_Escape);
    QTRY_VERIFY(!shown<QPushButton>(m_window.get(), "closeHelp"));
}

void MainWindowTest::themesSwitch()
{
    open();
    m_window->commands()->trigger("theme.dark");
    QCOMPARE(Settings::theme(), QString("dark"));
    const QImage dark = m_window->grab().toImage();
    m_window->commands()->trigger("theme.light");
    const QImage light = m_window->grab().toImage();
    QVERIFY(qGray(dark.pixel(8, dark.height() - 8)) < 90);
    QVERIFY(qGray(light.pixel(8, light.height() - 8)) > 160);
}

void MainWindowTest::aMissingWorkerIsSaidWithTheWayOut()
{
    qputenv("RETICLE_WORKER", "/nowhere/reticle-worker");
    m_window = std::make_unique<MainWindow>();
    m_window->show();
    auto *message = m_window->startPage()->message();
    QTRY_VERIFY(!message->text().isEmpty());
    QVERIFY2(message->text().contains("/nowhere/reticle-worker"), qPrintable(message->text()));
    QVERIFY(message->findChildren<QPushButton *>().size() >= 2);
}

RETICLE_TEST(MainWindowTest)
#include "MainWindowTest.moc"
