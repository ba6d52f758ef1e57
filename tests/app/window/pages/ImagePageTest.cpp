#include "window/pages/ImagePage.h"

#include "support/WindowSandbox.h"
#include "widgets/export/ExportDialog.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageView.h"
#include "widgets/views/image/StackViewer.h"
#include "window/actions/Command.h"
#include "window/pages/PageOpener.h"
#include "window/parts/VolumePane.h"
#include "window/session/ImageData.h"
#include "window/session/Session.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/TabArea.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>

using namespace reticle;

namespace {

constexpr int imagePagePatience = 60000;

} // namespace

/// What a page of images gives its 3-D view.
class ImagePageTest : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;

    QString write(const QString &name, const std::vector<Array> &pages) const
    {
        const QString path = m_box->path(name);
        TiffWriter w(path.toStdString(), 0, 4, 50);
        for (const auto &p : pages)
            w.writePage(p);
        w.close();
        return path;
    }
    /// Three slices of two blocks: `a` to the left, `b` to the right, `rest` around.
    static std::vector<Array> blocks(std::uint8_t a, std::uint8_t b, std::uint8_t rest)
    {
        std::vector<Array> pages;
        for (int z = 0; z < 3; ++z) {
            Array page(DType::UInt8, {20, 40});
            for (int y = 0; y < 20; ++y)
                for (int x = 0; x < 40; ++x)
                    page.data<std::uint8_t>()[y * 40 + x] = y < 5 || y > 14    ? rest
                                                            : x > 4 && x < 15  ? a
                                                            : x > 24 && x < 35 ? b
                                                                               : rest;
            pages.push_back(page);
        }
        return pages;
    }
    ImagePage *show(const QString &labels, const QString &foreground = QStringLiteral("bright"))
    {
        auto *project = m_window->session()->project();
        // Written once: what the open project reads is not replaced from within its window.
        const QString name = "images-" + QFileInfo(labels).fileName();
        const QString images = QFileInfo::exists(m_box->path(name)) ? m_box->path(name) : write(name, blocks(200, 150, 20));
        const auto input = project->addData(imageSection(images, labels, foreground), "a stack");
        m_window->pages()->open({ItemKey::Kind::Data, input, {}});
        auto *page = qobject_cast<ImagePage *>(m_window->tabs()->currentPage());
        if (page)
            page->volume()->setShown(true);
        return page;
    }
    /// The numbers of the objects that the 3-D view draws of the labels.
    std::vector<std::int64_t> objectsOf(const QString &labels, const QString &foreground = QStringLiteral("bright"))
    {
        auto *page = show(labels, foreground);
        if (!page)
            return {};
        auto *volume = page->volume()->viewer();
        const auto found = [&] {
            volume->showSurfacesOf(QStringLiteral("labels"));
            return volume->form()->isValid() && volume->isIdle() && volume->view()->surface();
        };
        if (!QTest::qWaitFor(found, imagePagePatience))
            return {};
        std::vector<std::int64_t> all;
        for (const auto &piece : volume->view()->surface()->pieces)
            all.push_back(piece.label);
        return all;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_box = std::make_unique<test::WindowSandbox>();
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QDir().mkpath(m_box->path("projects")));
        OpenProject::open(m_box->path("projects/P.reticle")).reset();
        m_window->openProject(m_box->path("projects/P.reticle"));
        QVERIFY(m_window->session()->project());
    }
    void cleanupTestCase() { m_window.reset(); }

    void objectsHaveTheFilesNumbers()
    {
        QCOMPARE(objectsOf(write("numbers.tif", blocks(5, 9, 0))), (std::vector<std::int64_t>{5, 9}));
        // Without a 0 the first is an object like the others.
        QCOMPARE(objectsOf(write("no-zero.tif", blocks(5, 9, 3))), (std::vector<std::int64_t>{3, 5, 9}));
    }
    void ofAMaskTheForegroundIsTheObject()
    {
        QCOMPARE(objectsOf(write("mask.tif", blocks(255, 255, 0))), (std::vector<std::int64_t>{1}));
        auto *page = show(write("dark.tif", blocks(0, 0, 255)), QStringLiteral("dark"));
        QVERIFY(page);
        QCOMPARE(objectsOf(m_box->path("dark.tif"), QStringLiteral("dark")), (std::vector<std::int64_t>{1}));
        // The blocks, not what is around them: nothing of it reaches the border.
        const auto &mesh = *qobject_cast<ImagePage *>(m_window->tabs()->currentPage())->volume()->viewer()->view()->surface();
        for (std::size_t i = 0; i < mesh.pointCount(); ++i)
            QVERIFY(mesh.points[3 * i] > 3);
    }
    void typedSizesOfVoxelsAreKeptWithTheImages()
    {
        auto *page = show(write("sized.tif", blocks(5, 9, 0)));
        QVERIFY(page);
        const auto input = page->data().input;
        auto *volume = page->volume()->viewer();
        QTRY_VERIFY_WITH_TIMEOUT(volume->isIdle() && volume->view()->image(), imagePagePatience);
        QCOMPARE(volume->form()->values().at("pixel-size").get<double>(), 4.0); // of the file
        QCOMPARE(ImageData(*m_window->session()->project()->dataSet(input)).voxel[0], 0.0);
        volume->form()->setValues({{"pixel-size", 7.0}, {"slice-distance", 21.0}});
        QCOMPARE(page->viewer()->view()->pixelSize(), 7.0);
        page->viewer()->setViews(2);
        QCOMPARE(page->viewer()->viewAt(1)->pixelSize(), 7.0);
        const auto kept = std::array<double, 3>{7, 0, 21};
        QTRY_COMPARE(ImageData(*m_window->session()->project()->dataSet(input)).voxel, kept);
        m_window->session()->project()->refresh();
        QCOMPARE(ImageData(*m_window->session()->project()->dataSet(input)).voxel, kept);
        // Another tab of the same images begins with them, scale bar and all.
        ImagePage again(m_window->session(), ImageData(*m_window->session()->project()->dataSet(input)));
        again.resize(1200, 700);
        again.show();
        QTRY_VERIFY_WITH_TIMEOUT(again.viewer()->view()->isReady(), imagePagePatience);
        QCOMPARE(again.viewer()->view()->pixelSize(), 7.0);
        again.volume()->setShown(true);
        auto *other = again.volume()->viewer();
        QTRY_VERIFY_WITH_TIMEOUT(other->isIdle() && other->view()->image(), imagePagePatience);
        QCOMPARE(other->view()->options().pixelSize, 7.0);
        QCOMPARE(other->view()->options().sliceDistance, 21.0);
        QCOMPARE(ImageData(*m_window->session()->project()->dataSet(input)).voxel, kept);
        // Back to what the file says.
        other->form()->resetAll();
        QCOMPARE(again.viewer()->view()->pixelSize(), 4.0);
        QTRY_COMPARE(ImageData(*m_window->session()->project()->dataSet(input)).voxel, (std::array<double, 3>{}));
    }
    void sizesOnTheWayThereAreNotKept()
    {
        auto *page = show(write("typed.tif", blocks(5, 9, 0)));
        QVERIFY(page);
        const auto input = page->data().input;
        auto *volume = page->volume()->viewer();
        QTRY_VERIFY_WITH_TIMEOUT(volume->isIdle() && volume->view()->image(), imagePagePatience);
        const auto kept = [&] { return ImageData(*m_window->session()->project()->dataSet(input)).voxel[0]; };
        for (const double typed : {5.0, 50.0})
            volume->form()->setValues({{"pixel-size", typed}});
        QCOMPARE(kept(), 0.0);
        // The page may be closed before it is written: that is early enough.
        m_window->tabs()->close({ItemKey::Kind::Data, input, {}});
        QCOMPARE(kept(), 50.0);
        m_window->session()->project()->refresh();
        QCOMPARE(kept(), 50.0);
    }
    void sizesThatCannotBeKeptSaySo()
    {
        auto *page = show(write("gone.tif", blocks(5, 9, 0)));
        QVERIFY(page);
        auto *volume = page->volume()->viewer();
        QTRY_VERIFY_WITH_TIMEOUT(volume->isIdle() && volume->view()->image(), imagePagePatience);
        m_window->session()->project()->store().removeInput(page->data().input);
        volume->form()->setValues({{"pixel-size", 9.0}});
        QTRY_VERIFY2(page->message()->text().contains("not kept"), qPrintable(page->message()->text()));
        // Nor those of a stack that is nowhere in the project.
        ImagePage other(m_window->session(), m_box->path("gone.tif"), nullptr);
        other.resize(1200, 700);
        other.show();
        other.volume()->setShown(true);
        auto *alone = other.volume()->viewer();
        QTRY_VERIFY_WITH_TIMEOUT(alone->isIdle() && alone->view()->image(), imagePagePatience);
        alone->form()->setValues({{"pixel-size", 9.0}});
        QTRY_VERIFY2(other.message()->text().contains("not kept"), qPrintable(other.message()->text()));
    }
    /// Images whose numbers do not say what they mean to the model are predicted once the user has said it.
    void theRangeOfImagesIsAskedFor()
    {
        auto &store = m_window->session()->project()->store();
        const auto run = store.createRun(Recipe({{"recipe", 1}, {"title", "Probe"}}));
        m_window->session()->project()->refresh();
        auto *page = show(write("camera.tif", blocks(5, 9, 0)));
        QVERIFY(page);
        page->setShownRun(run.id);
        QTRY_VERIFY_WITH_TIMEOUT(page->message()->text().contains("input-range"), imagePagePatience);
        QVERIFY(!page->hasPrediction());
        for (auto *button : page->message()->findChildren<QPushButton *>())
            if (button->text() == "Set the range…")
                button->click();
        auto *range = test::shown<QLineEdit>(m_window.get(), "inputRange");
        QVERIFY(range);
        QCOMPARE(range->text(), QString("0..4095"));
        range->selectAll();
        QTest::keyClicks(range, "0..1023");
        QTest::keyClick(range, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(page->hasPrediction(), imagePagePatience);
        QCOMPARE(page->data().inputRange, QString("0..1023"));
    }
    void aRemovedRunIsNotShown()
    {
        auto *project = m_window->session()->project();
        auto run = project->store().createRun(Recipe({{"recipe", 1}, {"title", "Gone"}}));
        run.status = RunStatus::Done;
        project->store().updateRun(run);
        project->refresh();
        auto *page = show(write("shown.tif", blocks(5, 9, 0)));
        QVERIFY(page);
        page->setShownRun(run.id);
        QTRY_VERIFY_WITH_TIMEOUT(page->hasPrediction(), imagePagePatience);
        project->refresh();
        QCOMPARE(page->shownRun(), run.id);
        project->store().removeRun(run.id);
        project->refresh();
        QCOMPARE(page->shownRun(), std::int64_t(0));
        QVERIFY(!page->hasPrediction());
        for (const auto &overlay : page->viewer()->overlays())
            QVERIFY(overlay.name != QString("Prediction"));
    }
    void viewsSideBySideAreTakenAwayAsTheyAre()
    {
        auto *page = show(write("side.tif", blocks(5, 9, 0)));
        QVERIFY(page);
        page->volume()->setShown(false);
        page->viewer()->setViews(2);
        const auto ready = [&] { return page->viewer()->view()->isReady() && page->viewer()->viewAt(1)->isReady(); };
        QTRY_VERIFY(ready() && page->currentFigure() &&
                    !std::get<ImagePanel>(page->currentFigure()->panels[1].content).overlays.empty());
        const Figure figure = *page->currentFigure();
        QCOMPARE(figure.panels.size(), std::size_t(2));
        QCOMPARE(figure.panels[1].title, std::string("Labels"));
        QCOMPARE(figure.panels[1].letter, std::string("b"));
        QCOMPARE(figure.panels[1].column, 1);
        QVERIFY2(figure.caption.find("Slice 0 (of 0 to 2) of images-side") == 0, figure.caption.c_str());
        const auto &panel = std::get<ImagePanel>(figure.panels[1].content);
        QCOMPARE(panel.image.shape(), (std::vector<std::int64_t>{20, 40}));
        QVERIFY(panel.overlays.front().values.value(10 * 40 + 10) != 0);
        QCOMPARE(panel.overlays.front().values.value(0), 0.0);
        // By the keys, and by the menu of the view.
        const auto dialog = [&] { return m_window->findChild<ExportDialog *>(); };
        m_window->commands()->trigger("figure.export");
        QTRY_VERIFY(dialog());
        dialog()->close();
        QTRY_VERIFY(!dialog());
        QContextMenuEvent menu(QContextMenuEvent::Mouse, page->viewer()->view()->mapTo(page, QPoint(20, 20)),
                               page->viewer()->view()->mapToGlobal(QPoint(20, 20)));
        QApplication::sendEvent(page, &menu);
        auto *action = page->findChild<QAction *>("exportImage");
        QVERIFY(action && action->isEnabled());
        action->trigger();
        QTRY_VERIFY(dialog());
        dialog()->close();
        for (auto *open : page->findChildren<QMenu *>("imageMenu"))
            open->close();
    }
};

RETICLE_TEST(ImagePageTest)
#include "ImagePageTest.moc"
