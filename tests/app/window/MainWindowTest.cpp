#include "window/MainWindow.h"
#include "base/AtomicFile.h"
#include "base/files/ModelFiles.h"
#include "support/TemporaryFolder.h"
#include "support/WindowSandbox.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/ExampleStrip.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/ImageView.h"
#include "widgets/views/StackViewer.h"
#include "widgets/views/TableView.h"
#include "widgets/views/VolumeViewer.h"
#include "window/ActivityPanel.h"
#include "window/ImagePage.h"
#include "window/MessageBar.h"
#include "window/PageOpener.h"
#include "window/PostprocessPage.h"
#include "window/ProjectTree.h"
#include "window/ResultPage.h"
#include "window/Settings.h"
#include "window/Sheet.h"
#include "window/SidePanel.h"
#include "window/StartPage.h"
#include "window/TabArea.h"
#include "window/TrainingPage.h"
#include "window/VolumePane.h"
#include "window/actions/Command.h"

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

class MainWindowTest : public QObject
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
    void previewsAugmentationAndLayers();
    void aRunShowsItsLayers();
    void onlyTheLastLayerTableIsShown();
    void activityUnfoldsWhenWorkBegins();
    void foldedActivityTakesOneLine();
    void labelsHaveSurfaces();
    void cleansUpWithALivePreview();
    void cleaningUpScoresTheForegroundOfTheRun();
    void runsAreRemovedAndTakenBack();
    void remembersTabsOfAProject();
    void paletteFindsCommands();
    void themesSwitch();
    void aMissingWorkerIsSaidWithTheWayOut();

private:
    void open()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_window->session()->catalog().has_value());
    }
    /// Drops a stack with labels and asks for a training.
    void dropAndTrain(const QString &name = "cells")
    {
        dropOn(m_window.get(), {m_box->makeStack(name).first()});
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation"));
        auto *train = shown<QPushButton>(m_window.get(), "trainSegmentation");
        QTRY_VERIFY(train->isEnabled());
        QTest::mouseClick(train, Qt::LeftButton);
        QVERIFY(!m_window->showsStart());
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train")->isEnabled());
    }
    void setRecipe(const std::string &title, int steps = 20)
    {
        Json recipe = m_window->side()->trainForm()->recipe();
        recipe["title"] = title;
        recipe["train"]["steps"] = steps;
        m_window->side()->trainForm()->form()->setRecipe(recipe);
    }
    void clickTrain() { QTest::mouseClick(shown<QPushButton>(m_window.get(), "train"), Qt::LeftButton); }
    template <class T> T *page() { return qobject_cast<T *>(m_window->tabs()->currentPage()); }
    Work *newestWork() { return m_window->session()->works()->all().front(); }

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;
};

void MainWindowTest::init()
{
    m_box = std::make_unique<test::WindowSandbox>();
}

void MainWindowTest::cleanup()
{
    m_window.reset();
    m_box.reset();
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
    QCOMPARE(card->choice().foreground, QString("bright"));
    foreground->setCurrentIndex(1);
    QCOMPARE(card->choice().foreground, QString("dark"));
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
    QTRY_COMPARE(newestWork()->state(), Work::State::Done);
    auto *training = page<TrainingPage>();
    const auto &panel = std::get<XYPanel>(training->curves()->figure().panels.at(0).content);
    QTRY_COMPARE(std::get<XYPanel>(training->curves()->figure().panels.at(0).content).series.front().x.size(), std::size_t(40));
    QVERIFY(panel.series.size() >= 4);
    QCOMPARE(training->keyNumber("step"), QString("40"));
    QVERIFY2(training->keyNumber("best").contains("0.975"), qPrintable(training->keyNumber("best")));
    QCOMPARE(training->examples()->count(), 3);
    // The prediction, the same grey everywhere, is a probability as the worker says, no class of a colour.
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

    // Predict everything: a TIFF in the project, opened.
    QTest::mouseClick(shown<QPushButton>(image, "predictStack"), Qt::LeftButton);
    QTRY_VERIFY(m_window->tabs()->currentKey().kind == ItemKey::Kind::Prediction);
    QVERIFY(QFileInfo::exists(m_box->path("projects/cells.reticle/runs/1/predictions/cells-probability.tif")));

    // Evaluate, and take the figure.
    m_window->tabs()->show({ItemKey::Kind::Data, 1});
    QTest::mouseClick(shown<QPushButton>(image, "evaluate"), Qt::LeftButton);
    QTRY_VERIFY(page<ResultPage>());
    auto *result = page<ResultPage>();
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
    QTRY_COMPARE(newestWork()->state(), Work::State::Done);
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
    QTRY_VERIFY(page<ResultPage>());
    QCOMPARE(m_window->session()->project()->results().back().name, std::string("skip-study"));
    QVERIFY(m_window->session()->project()->results().back().options["silence"] == true);

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
    auto *work = newestWork();
    QTRY_COMPARE(work->step(), 10);
    ::kill(static_cast<pid_t>(work->processId()), SIGKILL);
    QTRY_COMPARE(work->state(), Work::State::Lost);
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
    QTRY_COMPARE(newestWork()->state(), Work::State::Done);
    QVERIFY(newestWork() != work);
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
    QTRY_COMPARE(newestWork()->state(), Work::State::Failed);
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
    QTRY_VERIFY(!m_window->session()->works()->all().empty() && newestWork()->step() == 10);
    QVERIFY(!m_window->close());
    auto *keep = shown<QPushButton>(m_window.get(), "keepRunning");
    QVERIFY(keep);
    QTest::mouseClick(keep, Qt::LeftButton);
    QVERIFY(newestWork()->isActive());
    QVERIFY(m_window->isVisible());
    QVERIFY(!m_window->close());
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "stopAndClose"), Qt::LeftButton);
    QTRY_VERIFY(!m_window->isVisible());
    QCOMPARE(newestWork()->state(), Work::State::Stopped);
    QCOMPARE(m_window->session()->project()->run(1)->status, RunStatus::Stopped);
}

void MainWindowTest::makesTheSample()
{
    open();
    QTest::mouseClick(shown<QAbstractButton>(m_window.get(), "sampleTissue"), Qt::LeftButton);
    QTRY_VERIFY(!m_window->showsStart());
    QTRY_VERIFY(page<ImagePage>());
    QCOMPARE(m_window->session()->project()->dataSets().size(), std::size_t(1));
    QVERIFY(!m_window->session()->project()->dataSets().front().labels.isEmpty());
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));
    // Closed and asked for again it is opened, not made anew.
    m_window->commands()->trigger("project.close");
    QVERIFY(m_window->showsStart());
    QTRY_COMPARE(m_window->findChildren<QToolButton *>("recent").size(), 1);
    QTest::mouseClick(shown<QAbstractButton>(m_window.get(), "sampleTissue"), Qt::LeftButton);
    QTRY_VERIFY(!m_window->showsStart());
    QCOMPARE(m_window->session()->project()->dataSets().size(), std::size_t(1));
}

void MainWindowTest::previewsAugmentationAndLayers()
{
    open();
    dropAndTrain();
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "augmentPreview"), Qt::LeftButton);
    QTRY_VERIFY(m_window->tabs()->currentPage()->findChild<ExampleStrip *>());
    QCOMPARE(m_window->tabs()->currentPage()->findChild<ExampleStrip *>()->rows(), 8);
    // The form that asked stays beside it.
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "layerTable"), Qt::LeftButton);
    QTRY_VERIFY(m_window->tabs()->currentPage()->findChild<TableView *>());
    const auto tables = m_window->tabs()->currentPage()->findChildren<TableView *>();
    QCOMPARE(tables.size(), 2);
    QCOMPARE(tables[0]->table().columns[0].name, std::string("name"));
    QCOMPARE(tables[1]->table().text(1, 1), std::string("3.25"));
    QVERIFY(shown<QPushButton>(m_window.get(), "train"));
    const auto says = [&](const QString &words) {
        for (auto *label : m_window->tabs()->currentPage()->findChildren<QLabel *>())
            if (label->text().contains(words))
                return true;
        return false;
    };
    // The network of the recipe: with one neighbour on either side it has three channels, with two five.
    QVERIFY(says("3 channels, 2 classes"));
    QVERIFY(says(QString::fromStdString(m_window->side()->trainForm()->recipe()["objective"]["name"].get<std::string>())));
    // Its figures and tables can be taken away.
    auto *layers = page<ResultPage>();
    QVERIFY(layers);
    QCOMPARE(layers->figures().size(), std::size_t(1));
    Q_EMIT layers->tables().front()->exportRequested();
    auto *dialog = layers->findChild<QFileDialog *>();
    QVERIFY(dialog);
    const QString path = m_box->path("layers.csv");
    Q_EMIT dialog->fileSelected(path);
    dialog->close();
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("name,weights\ne0,80\nout,9\n"));
    Json recipe = m_window->side()->trainForm()->recipe();
    recipe["data"]["context"] = 2;
    m_window->side()->trainForm()->form()->setRecipe(recipe);
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "layerTable"), Qt::LeftButton);
    QTRY_VERIFY(says("5 channels, 2 classes"));
    // A worker of before told nothing of memory: the layers are shown all the same.
    recipe["model"]["weights"] = 7000;
    recipe["data"]["context"] = 0;
    m_window->side()->trainForm()->form()->setRecipe(recipe);
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "layerTable"), Qt::LeftButton);
    QTRY_VERIFY(says("1 channels, 2 classes"));
    QCOMPARE(m_window->tabs()->currentPage()->findChildren<TableView *>().size(), 1);
}

void MainWindowTest::aRunShowsItsLayers()
{
    open();
    dropAndTrain();
    setRecipe("short");
    clickTrain();
    QTRY_VERIFY(page<TrainingPage>());
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "runLayerTable"));
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "runLayerTable")->isEnabled());
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "runLayerTable"), Qt::LeftButton);
    QTRY_VERIFY(page<ResultPage>());
    QCOMPARE(m_window->tabs()->currentKey().id, std::int64_t(1));
    QVERIFY(shown<QPushButton>(m_window.get(), "runLayerTable")); // the run's form stays beside it
    const auto says = [&](const QString &words) {
        for (auto *label : m_window->tabs()->currentPage()->findChildren<QLabel *>())
            if (label->text().contains(words))
                return true;
        return false;
    };
    QVERIFY(says("3 channels, 2 classes")); // the data's, as there is nothing else to go by
    // What was trained counts, whatever has become of the data since.
    const auto folder = m_window->session()->project()->store().runFolder(1);
    writeModel(folder, {}, {{"channels", 9}, {"classes", 4}, {"outputs", 4}});
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "runLayerTable"), Qt::LeftButton);
    QTRY_VERIFY(says("9 channels, 4 classes"));
    // Without either nothing is made up.
    QVERIFY(std::filesystem::remove(folder / modelfiles::model) && std::filesystem::remove(folder / modelfiles::description));
    QVERIFY(QFile::remove(m_box->path("cells.tif")));
    m_window->tabs()->close(m_window->tabs()->currentKey());
    m_window->message()->clear();
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "runLayerTable"));
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "runLayerTable"), Qt::LeftButton);
    QTRY_VERIFY(!m_window->message()->text().isEmpty());
    QVERIFY2(m_window->message()->text().contains("not known"), qPrintable(m_window->message()->text()));
    QVERIFY(!page<ResultPage>());
}

void MainWindowTest::onlyTheLastLayerTableIsShown()
{
    open();
    dropAndTrain();
    auto *form = m_window->side()->trainForm();
    Json recipe = form->recipe();
    const auto says = [&](const QString &words) {
        if (auto *layers = page<ResultPage>())
            for (auto *label : layers->findChildren<QLabel *>())
                if (label->text().contains(words))
                    return true;
        return false;
    };
    bool older = false;
    QObject here;
    connect(m_window->tabs(), &TabArea::currentChanged, &here, [&] { older |= says("3 channels"); });
    for (const int context : {1, 2}) {
        recipe["data"]["context"] = context;
        form->form()->setRecipe(recipe);
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "layerTable"), Qt::LeftButton);
    }
    QTRY_VERIFY(says("5 channels"));
    QVERIFY(!older);
}

void MainWindowTest::activityUnfoldsWhenWorkBegins()
{
    open();
    dropAndTrain();
    QVERIFY(m_window->activity()->isFolded());
    setRecipe("endless");
    clickTrain();
    QTRY_VERIFY(!m_window->session()->works()->all().empty() && newestWork()->step() == 10);
    QVERIFY(!m_window->activity()->isFolded());
    auto *pause = shown<QToolButton>(m_window->activity(), "pause");
    QVERIFY(pause);
    QTest::mouseClick(pause, Qt::LeftButton);
    QTRY_COMPARE(newestWork()->state(), Work::State::Paused);
    QTest::mouseClick(pause, Qt::LeftButton);
    QTRY_COMPARE(newestWork()->state(), Work::State::Running);
    QTest::mouseClick(shown<QToolButton>(m_window->activity(), "stop"), Qt::LeftButton);
    QTRY_COMPARE(newestWork()->state(), Work::State::Stopped);
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

/// Labels are read after the images; the 3-D view offers them all the same.
void MainWindowTest::labelsHaveSurfaces()
{
    open();
    dropAndTrain();
    auto *data = page<ImagePage>();
    QVERIFY(data);
    QTRY_VERIFY(data->viewer()->view()->isReady());
    QTest::mouseClick(shown<QToolButton>(m_window.get(), "volume"), Qt::LeftButton);
    auto *volume = data->volume()->viewer();
    QVERIFY(volume);
    QTRY_VERIFY(volume->view()->image());
    QTRY_VERIFY((volume->showSurfacesOf(QStringLiteral("labels")), volume->form()->isValid()));
    QTRY_VERIFY(volume->view()->surface() && volume->view()->surface()->triangleCount() > 0);
}

void MainWindowTest::cleansUpWithALivePreview()
{
    open();
    dropAndTrain();
    setRecipe("short");
    clickTrain();
    QTRY_VERIFY(!m_window->session()->works()->all().empty() && newestWork()->state() == Work::State::Done);
    m_window->pages()->open(ItemKey::page("postprocess", {ItemKey::Kind::Run, 1}));
    auto *cleaning = page<PostprocessPage>();
    QVERIFY(cleaning);
    QTRY_COMPARE(cleaning->scores()->table().rows(), std::size_t(1));
    QVERIFY(cleaning->sidePanel()->isVisible());
    QSignalSpy previewed(cleaning, &PostprocessPage::previewed);
    cleaning->form()->setValues({{"closing", true}, {"closing-radius", 3}});
    QTRY_VERIFY(!previewed.isEmpty());
    QTRY_COMPARE(std::get<std::vector<double>>(cleaning->scores()->table().find("after")->values).at(0), 0.83);
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "applyPostprocess"), Qt::LeftButton);
    QTRY_VERIFY(page<ResultPage>());
    // The lent form went back with its page.
    m_window->tabs()->closeAll();
    QVERIFY(!shown<QPushButton>(m_window.get(), "applyPostprocess"));
}

void MainWindowTest::cleaningUpScoresTheForegroundOfTheRun()
{
    open();
    dropAndTrain();
    Json recipe = m_window->side()->trainForm()->recipe();
    recipe["title"] = "short";
    recipe["data"]["foreground"] = "dark";
    m_window->side()->trainForm()->form()->setRecipe(recipe);
    clickTrain();
    QTRY_VERIFY(!m_window->session()->works()->all().empty() && newestWork()->state() == Work::State::Done);
    m_window->pages()->open(ItemKey::page("postprocess", {ItemKey::Kind::Run, 1}));
    auto *cleaning = page<PostprocessPage>();
    QTRY_COMPARE(cleaning->scores()->table().rows(), std::size_t(1));
    QCOMPARE(std::get<std::vector<double>>(cleaning->scores()->table().find("before")->values).at(0), 0.5);
}

void MainWindowTest::runsAreRemovedAndTakenBack()
{
    open();
    dropAndTrain();
    setRecipe("short");
    clickTrain();
    QTRY_VERIFY(!m_window->session()->works()->all().empty() && newestWork()->state() == Work::State::Done);
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
    QTRY_VERIFY(!m_window->session()->works()->all().empty() && newestWork()->state() == Work::State::Done);
    m_window->tabs()->moveToSide({ItemKey::Kind::Run, 1}, true);
    const QStringList state = m_window->tabs()->state();
    QCOMPARE(state, QStringList({"data:1*", "run:1*"}));
    const QString folder = m_window->session()->project()->folder();
    m_window.reset();
    open();
    QVERIFY(m_window->openProject(folder));
    QCOMPARE(m_window->tabs()->state(), state);
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
