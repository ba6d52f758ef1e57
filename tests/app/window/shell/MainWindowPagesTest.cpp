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
#include "window/shell/MainWindow.h"
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

class MainWindowPagesTest : public test::MainWindowFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init() { makeBox(); }
    void cleanup() { removeBox(); }
    void previewsAugmentationAndLayers();
    void aRunShowsItsLayers();
    void onlyTheLastLayerTableIsShown();
    void labelsHaveSurfaces();
    void cleansUpWithALivePreview();
    void cleaningUpScoresTheForegroundOfTheRun();
};

void MainWindowPagesTest::previewsAugmentationAndLayers()
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
    // The network of the recipe: with one neighbor on either side it has three channels, with two five.
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

void MainWindowPagesTest::aRunShowsItsLayers()
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

void MainWindowPagesTest::onlyTheLastLayerTableIsShown()
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

/// Labels are read after the images; the 3-D view offers them all the same.
void MainWindowPagesTest::labelsHaveSurfaces()
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

void MainWindowPagesTest::cleansUpWithALivePreview()
{
    open();
    dropAndTrain();
    setRecipe("short");
    clickTrain();
    QTRY_VERIFY(!m_window->session()->jobs()->all().empty() && newestJob()->state() == Job::State::Done);
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
    QVERIFY(test::openOffered(m_window.get()));
    QVERIFY(page<ResultPage>());
    // The lent form went back with its page.
    m_window->tabs()->closeAll();
    QVERIFY(!shown<QPushButton>(m_window.get(), "applyPostprocess"));
}

void MainWindowPagesTest::cleaningUpScoresTheForegroundOfTheRun()
{
    open();
    dropAndTrain();
    Json recipe = m_window->side()->trainForm()->recipe();
    recipe["title"] = "short";
    recipe["data"]["foreground"] = "dark";
    m_window->side()->trainForm()->form()->setRecipe(recipe);
    clickTrain();
    QTRY_VERIFY(!m_window->session()->jobs()->all().empty() && newestJob()->state() == Job::State::Done);
    m_window->pages()->open(ItemKey::page("postprocess", {ItemKey::Kind::Run, 1}));
    auto *cleaning = page<PostprocessPage>();
    QTRY_COMPARE(cleaning->scores()->table().rows(), std::size_t(1));
    QCOMPARE(std::get<std::vector<double>>(cleaning->scores()->table().find("before")->values).at(0), 0.5);
}

RETICLE_TEST(MainWindowPagesTest)
#include "MainWindowPagesTest.moc"
