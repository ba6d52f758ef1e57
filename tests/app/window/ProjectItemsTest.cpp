#include "files/ImageSource.h"
#include "support/Person.h"
#include "support/TemporaryFolder.h"
#include "support/WindowSandbox.h"
#include "widgets/views/image/StackViewer.h"
#include "window/actions/Command.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"
#include "window/pages/ResultPage.h"
#include "window/pages/TrainingPage.h"
#include "window/session/ImageData.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QApplication>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>

#include <array>
#include <memory>

using namespace reticle;
using test::dropOn;
using test::shown;

/// What a project holds: taken away and back, copied, moved, looked at in several views.
class ProjectItemsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_box = std::make_unique<test::WindowSandbox>(); }
    void cleanup()
    {
        m_window.reset();
        m_box.reset();
    }
    void everythingInTheTreeIsRemovedAndTakenBack();
    void figuresChosenAmongOtherThingsAreTheOnesRemoved();
    void dataComeBackWithTheirVoxelSize();
    void undoGoesOnWhereOneThingCannotComeBack();
    void pagesThatWorkOnAThingGoWithIt();
    void projectsAreCopiedAndMoved();
    void fourViewsShowTheDifferences();
    void differencesKnowWhatLabelsMean();
    void instancesAreAskedForFromTheImage();
    void nothingIsCutInASmallWindow();

private:
    /// A project with a labeled stack (else with the one that is there), and the form to train on it.
    void openWithData(bool made = true)
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_window->session()->catalog().has_value());
        dropOn(m_window.get(), {made ? m_box->makeStack("cells").first() : m_box->path("cells.tif")});
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "trainSegmentation"), Qt::LeftButton);
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train") && shown<QPushButton>(m_window.get(), "train")->isEnabled());
    }
    /// A run, and its prediction over the image.
    void trainAndLook(bool made = true)
    {
        openWithData(made);
        const test::Person person(m_window.get());
        person.set(person.need<QWidget>("trainForm"), "title", "short");
        person.click(person.need<QPushButton>("train"));
        QTRY_VERIFY(page<TrainingPage>());
        QTRY_VERIFY(m_window->session()->jobs()->all().front()->state() == Job::State::Done);
        person.click(person.need<QPushButton>("seePrediction"));
        QTRY_VERIFY(page<ImagePage>() && page<ImagePage>()->hasPrediction());
    }
    /// A result of no run with a figure of each name; its number.
    std::int64_t addResult(const std::vector<std::string> &figures)
    {
        Result result;
        result.name = "scores";
        for (const auto &name : figures) {
            Figure figure;
            figure.name = name;
            figure.panels.push_back({.content = XYPanel()});
            result.figures.push_back(figure);
        }
        auto *project = m_window->session()->project();
        const auto id = project->store().addResult(0, result, Json::object());
        project->refresh();
        return id;
    }
    std::vector<std::string> figuresOf(std::int64_t result) const
    {
        std::vector<std::string> names;
        for (const auto &figure : m_window->session()->project()->store().result(result).figures)
            names.push_back(figure.name);
        return names;
    }
    template <class T> T *page() { return qobject_cast<T *>(m_window->tabs()->currentPage()); }

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;
};

void ProjectItemsTest::everythingInTheTreeIsRemovedAndTakenBack()
{
    trainAndLook();
    auto *image = page<ImagePage>();
    QTest::mouseClick(shown<QPushButton>(image, "predictStack"), Qt::LeftButton);
    QVERIFY(test::openOffered(m_window.get()));
    QVERIFY(m_window->tabs()->currentKey().kind == ItemKey::Kind::Prediction);
    const ItemKey prediction = m_window->tabs()->currentKey();
    m_window->tabs()->show({ItemKey::Kind::Data, 1});
    QTest::mouseClick(shown<QPushButton>(image, "evaluate"), Qt::LeftButton);
    QVERIFY(test::openOffered(m_window.get()));
    QVERIFY(page<ResultPage>());
    const ItemKey result{ItemKey::Kind::Result, 1}, figure{ItemKey::Kind::Figure, 1, "0"};
    auto *tree = m_window->tree();
    const test::Person person(m_window.get());
    const auto remove = [&](const ItemKey &key) {
        tree->select(key);
        tree->setFocus();
        QTest::keyClick(tree, Qt::Key_Delete);
    };
    const auto undo = [&] {
        for (auto *b : m_window->message()->findChildren<QPushButton *>())
            if (b->text() == "Undo" && b->isVisible())
                return person.click(b);
        QFAIL("no Undo to be seen");
    };
    const QString folder = m_box->path("projects/cells.reticle/");

    // A prediction: its file moves to the trash and back.
    const QString stack = folder + "runs/1/predictions/" + prediction.detail;
    QVERIFY(tree->contains(prediction) && QFileInfo::exists(stack));
    remove(prediction);
    QVERIFY(!tree->contains(prediction) && !QFileInfo::exists(stack));
    QVERIFY(!m_window->tabs()->page(prediction));
    QVERIFY2(m_window->message()->text().contains("trash"), qPrintable(m_window->message()->text()));
    undo();
    QVERIFY(tree->contains(prediction) && QFileInfo::exists(stack));

    // A figure alone, then its result, whose tabs go with it.
    m_window->pages()->open(figure);
    remove(figure);
    QVERIFY(!tree->contains(figure) && tree->contains(result));
    QVERIFY(!m_window->tabs()->page(figure));
    undo();
    QVERIFY(tree->contains(figure));
    QCOMPARE(m_window->session()->project()->store().result(1).figures.size(), std::size_t(1));
    m_window->pages()->open(figure);
    remove(result);
    QVERIFY(!tree->contains(result) && !m_window->tabs()->page(figure) && !m_window->tabs()->page(result));
    undo();
    QVERIFY(tree->contains(result) && tree->contains(figure));
    m_window->pages()->open(result);
    QVERIFY(page<ResultPage>());

    // Several at once, and one way back for all. The person's own files are not touched by any of it.
    tree->select({ItemKey::Kind::Data, 1});
    tree->selectionModel()->select(tree->selectionModel()->currentIndex(), QItemSelectionModel::ClearAndSelect);
    QTest::keyClick(tree, Qt::Key_Down, Qt::ShiftModifier);
    QTest::keyClick(tree, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(tree, Qt::Key_Delete);
    QVERIFY2(!tree->contains({ItemKey::Kind::Data, 1}) && !tree->contains({ItemKey::Kind::Run, 1}) && !tree->contains(result),
             qPrintable(m_window->message()->text()));
    QVERIFY(QFileInfo::exists(m_box->path("cells.tif")) && QFileInfo::exists(m_box->path("cells-labels.tif")));
    undo();
    QTRY_VERIFY(tree->contains({ItemKey::Kind::Run, 1}) && tree->contains(result) && tree->contains(prediction));
    QCOMPARE(m_window->session()->project()->dataSets().size(), std::size_t(1));
}

void ProjectItemsTest::figuresChosenAmongOtherThingsAreTheOnesRemoved()
{
    openWithData();
    const auto first = addResult({"alone"}), second = addResult({"a", "b", "c", "d"});
    auto *project = m_window->session()->project();
    const auto others = project->addData(imageSection(m_box->makeStack("others").first(), {}), {});
    using Kind = ItemKey::Kind;
    // In the order of Ctrl-clicks, with other things between the figures.
    Q_EMIT m_window->tree()->removeRequested(
        {{Kind::Result, first}, {Kind::Figure, second, "0"}, {Kind::Data, others}, {Kind::Figure, second, "3"}});
    QCOMPARE(figuresOf(second), (std::vector<std::string>{"b", "c"}));
    QVERIFY2(m_window->message()->text().startsWith("4 things"), qPrintable(m_window->message()->text()));
    QVERIFY(!project->result(first) && !project->dataSet(others));
    m_window->commands()->trigger("undo");
    QCOMPARE(figuresOf(second), (std::vector<std::string>{"a", "b", "c", "d"}));
    QVERIFY(project->result(first));
    QCOMPARE(project->dataSets().size(), std::size_t(2));
    // What is not there is said in a sentence.
    Q_EMIT m_window->tree()->removeRequested({{Kind::Figure, second, "9"}});
    QVERIFY2(m_window->message()->text().contains("figure 10"), qPrintable(m_window->message()->text()));
}

void ProjectItemsTest::dataComeBackWithTheirVoxelSize()
{
    openWithData();
    auto *project = m_window->session()->project();
    const std::array<double, 3> voxel{5, 5, 30};
    project->describeData(1, voxelNote(voxel));
    Q_EMIT m_window->tree()->removeRequested({{ItemKey::Kind::Data, 1}});
    QVERIFY(project->dataSets().empty());
    m_window->commands()->trigger("undo");
    QCOMPARE(project->dataSets().size(), std::size_t(1));
    QCOMPARE(ImageData(project->dataSets().front()).voxel, voxel);
}

void ProjectItemsTest::undoGoesOnWhereOneThingCannotComeBack()
{
    trainAndLook();
    QTest::mouseClick(shown<QPushButton>(page<ImagePage>(), "predictStack"), Qt::LeftButton);
    QVERIFY(test::openOffered(m_window.get()));
    QVERIFY(m_window->tabs()->currentKey().kind == ItemKey::Kind::Prediction);
    const ItemKey prediction = m_window->tabs()->currentKey();
    const ItemKey first{ItemKey::Kind::Result, addResult({"a"})}, second{ItemKey::Kind::Result, addResult({"b"})};
    auto *tree = m_window->tree();
    Q_EMIT tree->removeRequested({first, prediction, second});
    QVERIFY(!tree->contains(first) && !tree->contains(prediction) && !tree->contains(second));
    const QString file = m_window->session()->project()->predictionsFolder(1) + QLatin1Char('/') + prediction.detail;
    test::writeAll(file.toStdString(), "a newer one");
    m_window->commands()->trigger("undo");
    QVERIFY(tree->contains(first) && tree->contains(second));
    QVERIFY2(m_window->message()->text().contains("newer prediction"), qPrintable(m_window->message()->text()));
    // Once the place is free, the rest of it comes back too.
    QVERIFY(QFile::remove(file));
    m_window->commands()->trigger("undo");
    QVERIFY(tree->contains(prediction) && QFileInfo(file).size() > 100);
    QVERIFY(tree->contains(first) && tree->contains(second));
}

void ProjectItemsTest::pagesThatWorkOnAThingGoWithIt()
{
    trainAndLook();
    auto *pages = m_window->pages();
    auto *tabs = m_window->tabs();
    const DataSet data = m_window->session()->project()->dataSets().front();
    const ItemKey cleaning = ItemKey::page("postprocess", {ItemKey::Kind::Run, 1}),
                  detail = ItemKey::page("wavelets", {ItemKey::Kind::Data, data.input}), comparison = ItemKey::ofRuns({1});
    pages->open(cleaning);
    pages->open(detail);
    pages->compare({1});
    QVERIFY(tabs->page(cleaning) && tabs->page(detail) && tabs->page(comparison));
    Q_EMIT m_window->tree()->removeRequested({{ItemKey::Kind::Run, 1}});
    QVERIFY(!tabs->page(cleaning) && !tabs->page(comparison));
    QVERIFY(tabs->page(detail));
    Q_EMIT m_window->tree()->removeRequested({{ItemKey::Kind::Data, data.input}});
    QVERIFY(!tabs->page(detail));
}

void ProjectItemsTest::projectsAreCopiedAndMoved()
{
    openWithData();
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    const test::Person person(m_window.get());
    const auto choose = [&](const char *command, const QString &path) {
        m_window->commands()->trigger(command);
        person.waitFor("the dialog", [&] { return person.typePath(path); });
        person.waitFor("its end", [&] { return !QApplication::activeModalWidget(); });
    };
    const auto folder = [&] { return m_window->session()->project() ? m_window->session()->project()->folder() : QString(); };
    const QString first = m_box->path("projects/cells.reticle"), copy = m_box->path("copy.reticle"),
                  moved = m_box->path("moved.reticle");
    choose("project.saveAs", copy);
    QTRY_COMPARE(folder(), copy);
    QVERIFY(OpenProject::isProject(first) && m_window->tree()->contains({ItemKey::Kind::Data, 1}));
    choose("project.move", m_box->path("moved")); // the ending comes by itself
    QTRY_COMPARE(folder(), moved);
    QVERIFY(!QFileInfo::exists(copy) && OpenProject::isProject(moved));
    QVERIFY(m_window->tree()->contains({ItemKey::Kind::Data, 1}));
    QVERIFY(m_window->windowTitle().startsWith("moved"));
}

void ProjectItemsTest::fourViewsShowTheDifferences()
{
    trainAndLook();
    auto *image = page<ImagePage>();
    auto *menu = image->findChild<QMenu *>("viewsMenu");
    QVERIFY(menu);
    menu->popup(image->mapToGlobal(QPoint(50, 50)));
    QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(menu->actions().at(3)).center());
    auto *viewer = image->viewer();
    QCOMPARE(viewer->views(), 4);
    QTRY_VERIFY(viewer->viewAt(3)->overlays().size() == 1);
    // Each pixel is what prediction and label say of it.
    const Array wrong = viewer->viewAt(3)->overlays().front().values, p = viewer->overlays().front().values;
    const auto labels = openImage(m_box->path("cells-labels.tif").toStdString())->readPage(0);
    int missed = 0, extra = 0;
    for (std::int64_t i = 0; i < wrong.size(); ++i) {
        const bool is = labels.value(i) > 0, said = p.value(i) > 0.5;
        QCOMPARE(wrong.value(i), is == said ? 0.0 : is ? 1.0 : 2.0);
        missed += is && !said;
        extra += said && !is;
    }
    QVERIFY(missed > 0 && extra > 0);
    // All four look at the same place.
    viewer->setPage(2);
    QTest::keyClick(viewer->view(), Qt::Key_Plus);
    for (int i = 1; i < 4; ++i) {
        QCOMPARE(viewer->viewAt(i)->page(), std::int64_t(2));
        QCOMPARE(viewer->viewAt(i)->zoom(), viewer->view()->zoom());
    }
    QTest::mouseClick(shown<QToolButton>(image, "split"), Qt::LeftButton);
    QCOMPARE(viewer->views(), 1);
}

void ProjectItemsTest::differencesKnowWhatLabelsMean()
{
    // 10 is the background, 20 the foreground, and 255, there only in a part of the slice, is ignored.
    const auto labels = m_box->makeStack("cells", 4).last().toStdString();
    {
        TiffWriter writer(labels, 0);
        for (int z = 0; z < 4; ++z) {
            Array page(DType::UInt8, {48, 48});
            for (int i = 0; i < 48 * 48; ++i)
                page.data<std::uint8_t>()[i] = i % 48 > 40 ? 255 : (i / 48 + z) % 12 < 5 ? 10 : 20;
            writer.writePage(page);
        }
        writer.close();
    }
    trainAndLook(false);
    auto *viewer = page<ImagePage>()->viewer();
    viewer->setViews(4);
    QTRY_VERIFY(viewer->viewAt(3)->overlays().size() == 1);
    const Array wrong = viewer->viewAt(3)->overlays().front().values, p = viewer->overlays().front().values;
    const auto truth = openImage(labels)->readPage(0);
    int counts[3] = {0, 0, 0};
    for (std::int64_t i = 0; i < wrong.size(); ++i) {
        const bool is = truth.value(i) == 20, said = p.value(i) > 0.5, ignored = truth.value(i) == 255;
        QCOMPARE(wrong.value(i), ignored || is == said ? 0.0 : is ? 1.0 : 2.0);
        ++counts[static_cast<int>(wrong.value(i))];
    }
    QVERIFY(counts[0] > 0 && counts[1] > 0 && counts[2] > 0);
}

void ProjectItemsTest::instancesAreAskedForFromTheImage()
{
    trainAndLook();
    auto *image = page<ImagePage>();
    QTest::mouseClick(shown<QPushButton>(image, "instances"), Qt::LeftButton);
    QTRY_VERIFY(shown<QPushButton>(m_window->side(), "startAnalysis"));
    QTest::mouseClick(shown<QPushButton>(m_window->side(), "startAnalysis"), Qt::LeftButton);
    QVERIFY(test::openOffered(m_window.get()));
    QVERIFY(page<ResultPage>());
    QCOMPARE(m_window->session()->project()->results().back().name, std::string("instances"));
}

void ProjectItemsTest::nothingIsCutInASmallWindow()
{
    trainAndLook();
    auto *image = page<ImagePage>();
    for (const QSize size : {QSize(1440, 900), QSize(1280, 720), QSize(1024, 640), QSize(760, 520)}) {
        m_window->resize(size);
        QTRY_COMPARE(m_window->size(), size);
        QTest::qWait(0);
        for (auto *button : image->findChildren<QPushButton *>())
            if (button->isVisible())
                QVERIFY2(button->width() >= button->sizeHint().width(),
                         qPrintable(QStringLiteral("%1 at %2").arg(button->text()).arg(size.width())));
    }
    m_window->resize(1024, 640);
    QTRY_VERIFY(shown<QPushButton>(image, "more"));
    QVERIFY(!shown<QPushButton>(image, "instances"));
    auto *menu = shown<QPushButton>(image, "more")->menu();
    menu->popup(image->mapToGlobal(QPoint(20, 20)));
    QVERIFY(menu->actions().at(3)->isVisible() && menu->actions().at(3)->text().startsWith("Instances"));
    QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(menu->actions().at(3)).center());
    QTRY_VERIFY(shown<QPushButton>(m_window->side(), "startAnalysis"));
}

RETICLE_TEST(ProjectItemsTest)
#include "ProjectItemsTest.moc"
