#include "window/parts/VolumePane.h"

#include "files/ImageWriter.h"
#include "support/FakeImages.h"
#include "support/Test.h"
#include "support/Volumes.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/StackViewer.h"
#include "window/shell/MessageBar.h"

#include <QApplication>
#include <QFileInfo>
#include <QImage>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QToolButton>

#include <cmath>
#include <limits>

using namespace reticle;
using reticle::test::ball;
using reticle::test::FakeImages;

namespace {

constexpr int patience = 60000;

struct Pane
{
    MessageBar message;
    StackViewer *stack = new StackViewer;
    VolumePane pane{stack, &message};

    explicit Pane(std::shared_ptr<ImageSource> source = imageFromArray(ball<std::uint8_t>(20, 40, 40, 20, 20, 10, 8, 200, 20)),
                  QSize size = {1200, 600})
    {
        pane.resize(size);
        pane.show();
        stack->setSource(source);
        pane.setSource(source);
    }
    void open()
    {
        QTest::mouseClick(stack->findChild<QToolButton *>(QStringLiteral("volume")), Qt::LeftButton);
        settle();
    }
    void settle()
    {
        if (!QTest::qWaitFor(
                [this] {
                    return pane.viewer() && pane.viewer()->isIdle() &&
                           (pane.viewer()->view()->isReady() || !pane.viewer()->view()->errorText().isEmpty());
                },
                patience))
            QFAIL("the 3-D view did not come to rest");
    }
    VolumeView *view() const { return pane.viewer()->view(); }
};

} // namespace

class VolumePaneTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void theButtonShowsAndHides()
    {
        Pane p;
        QVERIFY(!p.pane.isShown());
        QVERIFY(!p.pane.viewer()); // nothing is read before it is wanted
        p.open();
        QVERIFY(p.pane.isShown());
        QCOMPARE(p.view()->image()->source, (std::array<std::int64_t, 3>{40, 40, 20}));
        QTest::mouseClick(p.stack->findChild<QToolButton *>(QStringLiteral("volume")), Qt::LeftButton);
        QVERIFY(!p.pane.isShown());
    }
    void slicesGoBothWays()
    {
        Pane p;
        p.stack->setPage(7);
        p.open();
        QCOMPARE(p.view()->slice(), std::int64_t(7));
        auto *slider = p.stack->findChild<QSlider *>(QStringLiteral("slice"));
        QTest::keyClick(slider, Qt::Key_Right);
        QCOMPARE(p.view()->slice(), std::int64_t(8));
        QTest::keyClick(p.view(), Qt::Key_PageDown);
        QCOMPARE(p.stack->page(), std::int64_t(9));
        // A click on the ball from the front: the slice viewer goes to the slice that was hit and shows where.
        QTest::keyClick(p.view(), Qt::Key_Home);
        QTest::keyClick(p.view(), Qt::Key_2);
        QTest::mouseClick(p.view(), Qt::LeftButton, {}, p.view()->camera().toView({20.5, 20, 12.5}, p.view()->size()).toPoint());
        QVERIFY2(std::abs(p.stack->page() - 12) <= 1, qPrintable(QString::number(p.stack->page())));
        QVERIFY(p.stack->view()->mark());
        QVERIFY(std::abs(p.stack->view()->mark()->x() - 20) <= 1);
        // And the reverse: a click in the slice moves the crosshair in space.
        const QPointF at = p.stack->view()->fromImage({5.5, 6.5});
        QTest::mouseClick(p.stack->view(), Qt::LeftButton, {}, at.toPoint());
        QCOMPARE(p.view()->crosshair()[0], std::int64_t(5));
        QCOMPARE(p.view()->crosshair()[1], std::int64_t(6));
        QCOMPARE(p.view()->crosshair()[2], p.stack->page());
    }
    void slidersAndFormSayTheSame()
    {
        Pane p;
        p.open();
        auto *threshold = p.pane.findChild<QSlider *>(QStringLiteral("threshold3d"));
        auto *opacity = p.pane.findChild<QSlider *>(QStringLiteral("opacity3d"));
        const QImage before = p.view()->shown();
        threshold->setValue(threshold->maximum());
        QCOMPARE(p.pane.viewer()->form()->values().at("threshold").get<double>(), 200.0);
        opacity->setValue(0);
        QCOMPARE(p.view()->options().opacity, 0.0);
        p.settle();
        QVERIFY(p.view()->shown() != before);
        p.pane.viewer()->form()->setValues({{"opacity", 0.5}});
        QCOMPARE(opacity->value(), opacity->maximum() / 2);
        p.pane.viewer()->form()->setValues({{"solid", "dark"}});
        QVERIFY(p.view()->options().full < p.view()->options().threshold);
    }
    void surfacesAreFoundAndWritten()
    {
        Pane p;
        const auto labels = imageFromArray(ball<std::uint8_t>(20, 40, 40, 20, 20, 10, 8, 3, 0));
        p.pane.setSurfaces(
            {{QStringLiteral("labels"), [labels] { return labels; }}, {QStringLiteral("elsewhere"), [] {
                                                                           return imageFromArray(Array(DType::UInt8, {3, 4, 5}));
                                                                       }}});
        p.open();
        auto *button = p.pane.findChild<QToolButton *>(QStringLiteral("exportSurface"));
        QVERIFY(!button->isEnabled());
        p.pane.viewer()->showSurfacesOf(QStringLiteral("labels"));
        p.settle();
        QVERIFY(button->isEnabled());
        QCOMPARE(p.view()->surface()->pieces.size(), std::size_t(1));
        QVERIFY(p.pane.findChild<QLabel *>(QStringLiteral("status3d"))->text().contains("triangles"));
        QTemporaryDir folder;
        const QString path = folder.filePath("ball.stl");
        p.pane.viewer()->exportSurface(path);
        QVERIFY(!button->isEnabled()); // until it is written
        QVERIFY(QTest::qWaitFor([&] { return p.message.text().contains(path); }, patience));
        QVERIFY(QFileInfo(path).size() > 1000);
        QVERIFY(button->isEnabled());
        const QString nowhere = folder.filePath("no/where.stl");
        p.pane.viewer()->exportSurface(nowhere);
        QVERIFY(QTest::qWaitFor([&] { return p.message.text().contains(nowhere); }, patience));
        p.pane.viewer()->showSurfacesOf(QStringLiteral("elsewhere"));
        p.settle();
        QVERIFY2(p.message.text().contains(QString::fromUtf8("5 × 4 × 3")), qPrintable(p.message.text()));
        QVERIFY(!button->isEnabled());
        QVERIFY(!p.pane.findChild<QLabel *>(QStringLiteral("status3d"))->text().contains("triangles"));
        p.pane.viewer()->showSurfacesOf(QStringLiteral("image"));
        p.settle();
        QVERIFY(p.view()->surface()->triangleCount() > 100);
    }
    void surfacesThatAreGoneAreNotChosenAnyMore()
    {
        Pane p;
        const auto labels = imageFromArray(ball<std::uint8_t>(20, 40, 40, 20, 20, 10, 8, 3, 0));
        const SurfaceSource one{QStringLiteral("one"), [labels] { return labels; }},
            two{QStringLiteral("two"), [labels] { return labels; }};
        p.pane.setSurfaces({one, two});
        p.open();
        auto *form = p.pane.viewer()->form();
        p.pane.viewer()->showSurfacesOf(QStringLiteral("two"));
        p.settle();
        QVERIFY(p.view()->surface());
        p.pane.setSurfaces({two});
        QCOMPARE(form->values().at("surfaces").get<std::string>(), std::string("two"));
        p.pane.setSurfaces({one});
        QVERIFY2(form->isValid(), qPrintable(form->problems().join(' ')));
        QCOMPARE(form->values().at("surfaces").get<std::string>(), std::string("none"));
        p.settle();
        QVERIFY(!p.view()->surface());
    }
    void theFormStaysWhileOneTypesInIt()
    {
        Pane p(std::make_shared<FakeImages>(16, 100, 100));
        p.open();
        QVERIFY(QTest::qWaitForWindowActive(&p.pane));
        auto *form = p.pane.viewer()->form();
        const QPointer<QWidget> mostVoxels = form->editor("most-voxels");
        mostVoxels->setFocus();
        auto *line = mostVoxels->findChild<QLineEdit *>();
        line->selectAll();
        QTest::keyClicks(line, "0.02");
        p.settle(); // read anew
        QVERIFY(p.view()->image()->isReduced());
        QCOMPARE(form->editor("most-voxels"), mostVoxels.data());
        QVERIFY(mostVoxels->hasFocus());
        QCOMPARE(line->text(), QStringLiteral("0.02"));
        // Half of a number, while the list of surfaces changes.
        line->selectAll();
        QTest::keyClicks(line, "0.");
        QTest::keyClick(line, Qt::Key_Backspace);
        QTest::keyClick(line, Qt::Key_Backspace);
        const auto labels = imageFromArray(ball<std::uint8_t>(16, 100, 100, 50, 50, 8, 6, 3, 0));
        p.pane.setSurfaces({{QStringLiteral("labels"), [labels] { return labels; }}});
        QCOMPARE(form->editor("most-voxels"), mostVoxels.data());
        QVERIFY(mostVoxels->hasFocus());
        QCOMPARE(line->text(), QString());
        p.pane.viewer()->showSurfacesOf(QStringLiteral("labels"));
        QCOMPARE(form->values().at("surfaces").get<std::string>(), std::string("labels"));
        QCOMPARE(form->values().at("most-voxels").get<double>(), 0.02);
    }
    void numbersOnTheWayAreNotRead()
    {
        auto source = std::make_shared<FakeImages>(16, 100, 100);
        VolumeViewer viewer;
        viewer.resize(600, 500);
        viewer.show();
        viewer.setSource(source);
        QTRY_VERIFY_WITH_TIMEOUT(viewer.isIdle() && viewer.view()->image(), patience);
        const auto readsOf = [&](std::initializer_list<double> typed) {
            const int before = source->reads;
            for (const double mostVoxels : typed)
                viewer.form()->setValues({{"most-voxels", mostVoxels}});
            return QTest::qWaitFor([&] { return viewer.isIdle(); }, patience) ? source->reads - before : -1;
        };
        const int once = readsOf({0.02});
        QVERIFY(once > 0);
        QVERIFY(readsOf({0.1}) > 0);
        QCOMPARE(readsOf({0.01, 0.05, 0.02}), once);
    }
    void aFileThatWasWrittenAnewHasNewSurfaces()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath("p.tif");
        const auto write = [&](double r) {
            TiffWriter w(path.toStdString(), 0);
            const Array a = ball<float>(20, 40, 40, 20, 20, 10, r, 0.9F, 0.1F);
            for (int z = 0; z < 20; ++z)
                w.writePage(a.at(z));
            w.close();
        };
        write(8);
        const std::vector<SurfaceSource> sources{
            {QStringLiteral("prediction"), [path] { return openImage(path.toStdString()); }, path}};
        Pane p;
        p.pane.setSurfaces(sources);
        p.open();
        p.pane.viewer()->showSurfacesOf(QStringLiteral("prediction"));
        p.settle();
        const auto large = p.view()->surface()->triangleCount();
        p.pane.setSurfaces(sources);
        QVERIFY(p.pane.viewer()->isIdle()); // the same file: nothing is read
        write(4);
        p.pane.setSurfaces(sources);
        p.settle();
        QVERIFY(p.view()->surface()->triangleCount() * 2 < large);
    }
    void probabilitiesInEightBitsHaveALevel()
    {
        // Falls off from the middle, from 255 to 0; where it is one half is 10 voxels out.
        Array a(DType::UInt8, {20, 40, 40});
        auto *out = a.data<std::uint8_t>();
        for (int z = 0; z < 20; ++z)
            for (int y = 0; y < 40; ++y)
                for (int x = 0; x < 40; ++x)
                    *out++ = static_cast<std::uint8_t>(std::clamp(255 - std::hypot(x - 19.5, y - 19.5) * 12.75, 0.0, 255.0));
        const auto source = imageFromArray(a);
        Pane p;
        p.pane.setSurfaces({{QStringLiteral("prediction"), [source] { return source; }, {}}});
        p.open();
        p.pane.viewer()->showSurfacesOf(QStringLiteral("prediction"));
        p.settle();
        QCOMPARE(p.view()->surface()->pieces.size(), std::size_t(1));
        float low = 1e9F, high = -1e9F;
        for (std::size_t i = 0; i < p.view()->surface()->pointCount(); ++i) {
            low = std::min(low, p.view()->surface()->points[3 * i]);
            high = std::max(high, p.view()->surface()->points[3 * i]);
        }
        QVERIFY2(std::abs(low - 10) < 1 && std::abs(high - 30) < 1, qPrintable(QStringLiteral("%1 %2").arg(low).arg(high)));
        p.pane.viewer()->form()->setValues({{"kind", "labels"}});
        p.settle();
        QVERIFY(p.view()->surface()->pieces.size() > 10);
    }
    void theChannelIsFollowed()
    {
        auto source = std::make_shared<FakeImages>(6, 24, 24, DType::UInt16, 2);
        source->value = [](auto z, auto y, auto x, auto c) { return static_cast<double>((c == 0 ? 100 : 5000) + z + y + x); };
        Pane p(source);
        p.open();
        QCOMPARE(p.view()->image()->minimum, 100.0);
        p.stack->view()->setChannel(1);
        p.settle();
        QCOMPARE(p.view()->image()->minimum, 5000.0);
        QVERIFY(p.view()->options().threshold >= 5000);
    }
    void timePointsAreVolumesOfTheirOwn()
    {
        auto source = std::make_shared<FakeImages>(15, 16, 16);
        source->info().times = 3;
        source->value = [](auto page, auto y, auto x, auto) { return static_cast<double>(page / 5 * 50 + (x + y) % 20); };
        Pane p(source);
        p.open();
        auto *status = p.pane.findChild<QLabel *>(QStringLiteral("status3d"));
        QCOMPARE(p.view()->image()->source[2], std::int64_t(5));
        QCOMPARE(p.view()->image()->minimum, 0.0);
        QVERIFY2(status->text().contains("time point 0 / 2"), qPrintable(status->text()));
        p.stack->setPage(12); // time 2, slice 2
        p.settle();
        QCOMPARE(p.view()->image()->minimum, 100.0);
        QCOMPARE(p.view()->slice(), std::int64_t(2));
        QTest::keyClick(p.view(), Qt::Key_PageDown);
        QCOMPARE(p.stack->page(), std::int64_t(13));
        QTest::keyClick(p.view(), Qt::Key_End);
        QCOMPARE(p.stack->page(), std::int64_t(14));
        // The labels of all times are read of the same one.
        p.pane.setSurfaces({{QStringLiteral("labels"), [source] { return source; }, {}, true}});
        p.pane.viewer()->showSurfacesOf(QStringLiteral("labels"));
        p.settle();
        QCOMPARE(p.view()->surface()->pieces.front().label, std::int64_t(100));
        p.pane.viewer()->showSurfacesOf(QStringLiteral("none"));
        p.pane.viewer()->form()->setValues({{"depth", "pages"}});
        p.settle();
        QCOMPARE(p.view()->image()->source[2], std::int64_t(15));
        QCOMPARE(p.view()->slice(), std::int64_t(14));
        QCOMPARE(p.pane.viewer()->form()->values().at("depth").get<std::string>(), std::string("pages"));
    }
    void crosshairsAreInAllViews()
    {
        Pane p;
        p.open();
        p.stack->setViews(4);
        const QPointF at = p.stack->viewAt(3)->fromImage({5.5, 6.5});
        QTest::mouseClick(p.stack->viewAt(3), Qt::LeftButton, {}, at.toPoint());
        for (int i = 0; i < 4; ++i)
            QCOMPARE(p.stack->viewAt(i)->mark(), std::optional(QPoint(5, 6)));
        QCOMPARE(p.view()->crosshair()[0], std::int64_t(5));
        p.stack->setViews(1);
        p.stack->setViews(2);
        QCOMPARE(p.stack->viewAt(1)->mark(), std::optional(QPoint(5, 6)));
        p.pane.setShown(false);
        for (int i = 0; i < 2; ++i)
            QVERIFY(!p.stack->viewAt(i)->mark());
    }
    /// Whatever a file says of its voxels, there is a view; exceptions of what is done with it end in a sentence.
    void oddSizesOfVoxels()
    {
        for (const double z : {-50.0, 1e30, std::numeric_limits<double>::quiet_NaN(), 1e-30}) {
            auto source = std::make_shared<FakeImages>(4, 16, 16);
            source->info().pixelSizeX = 4;
            source->info().pixelSizeZ = z;
            Pane p(source);
            p.open();
            QVERIFY(p.view()->errorText().isEmpty());
            QVERIFY(p.view()->image());
        }
        auto source = std::make_shared<FakeImages>(4, 16, 16);
        source->info().pixelSizeZ = 50;
        Pane p(source);
        p.open();
        QVERIFY(p.pane.findChild<QLabel *>(QStringLiteral("status3d"))->text().contains("pixel size unknown"));
    }
    /// A reader that hangs: the tab goes all the same.
    void closingDoesNotWaitForTheReader()
    {
        auto source = std::make_shared<FakeImages>(4, 16, 16);
        auto pane = std::make_unique<VolumeViewer>();
        source->gate.lock();
        pane->setSource(source);
        pane.reset();
        source->gate.unlock();
    }
    void howMuchIsReadCanBeChangedAtAnyTime()
    {
        auto source = std::make_shared<FakeImages>(16, 100, 100);
        VolumeViewer viewer;
        viewer.resize(600, 500);
        viewer.show();
        source->gate.lock();
        viewer.setSource(source);
        viewer.form()->setValues({{"most-voxels", 0.02}}); // while it is being read
        source->gate.unlock();
        QTRY_VERIFY_WITH_TIMEOUT(viewer.isIdle(), patience);
        QVERIFY(viewer.view()->image()->isReduced());
        QCOMPARE(viewer.form()->values().at("most-voxels").get<double>(), 0.02);
        auto broken = std::make_shared<FakeImages>(16, 100, 100);
        broken->brokenPage = 2;
        viewer.setSource(broken);
        QTRY_VERIFY_WITH_TIMEOUT(viewer.isIdle() && !viewer.view()->errorText().isEmpty(), patience);
        broken->brokenPage = -1;
        viewer.form()->setValues({{"most-voxels", 0.5}}); // after it has failed
        QTRY_VERIFY_WITH_TIMEOUT(viewer.isIdle() && viewer.view()->errorText().isEmpty(), patience);
        QVERIFY(!viewer.view()->image()->isReduced());
    }
    void picturesAreWritten()
    {
        Pane p;
        p.open();
        QTemporaryDir folder;
        const QString path = folder.filePath("ball.png");
        p.pane.viewer()->exportPicture(path, {320, 200});
        QVERIFY(QTest::qWaitFor([&] { return !p.message.text().isEmpty(); }, patience));
        QVERIFY(p.message.text().contains(path));
        QCOMPARE(QImage(path).size(), QSize(320, 200));
        // Two at once, each with its own name and resolution.
        p.message.clear();
        const QString one = folder.filePath("one.png"), two = folder.filePath("two.png");
        p.pane.viewer()->exportPicture(one, {64, 48}, 300);
        p.pane.viewer()->exportPicture(two, {32, 24}, 600);
        QVERIFY(QTest::qWaitFor([&] { return QFileInfo::exists(one) && QFileInfo::exists(two); }, patience));
        QCOMPARE(QImage(one).size(), QSize(64, 48));
        QCOMPARE(QImage(two).size(), QSize(32, 24));
        QCOMPARE(QImage(one).dotsPerMeterX(), 11811); // 300 / 0.0254
        QCOMPARE(QImage(two).dotsPerMeterY(), 23622);
        p.pane.viewer()->exportPicture(folder.filePath("not/there.png"), {32, 20});
        QVERIFY(QTest::qWaitFor([&] { return p.message.level() == MessageBar::Level::Error; }, patience));
        QVERIFY(p.message.text().contains("there.png"));
    }
    void picturesCanBeGivenUp()
    {
        Pane p;
        p.open();
        QTemporaryDir folder;
        auto *button = p.pane.findChild<QToolButton *>(QStringLiteral("exportPicture"));
        QSignalSpy parts(p.view(), &VolumeView::pictureProgressed), givenUp(p.view(), &VolumeView::pictureGivenUp);
        const auto begin = [&](const QString &path) {
            parts.clear();
            givenUp.clear();
            p.pane.viewer()->exportPicture(path, {6000, 6000});
            QVERIFY(button->isEnabled());
            QVERIFY2(button->toolTip().startsWith("Give up"), qPrintable(button->toolTip()));
            QVERIFY(parts.wait(patience));
        };
        const QString one = folder.filePath("one.png"), two = folder.filePath("two.png");
        begin(one);
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(givenUp.size(), 1, patience);
        QVERIFY(button->isEnabled() && button->toolTip().startsWith("Save"));
        begin(two);
        QTest::keyClick(p.view(), Qt::Key_Escape);
        QTRY_COMPARE_WITH_TIMEOUT(givenUp.size(), 1, patience);
        QVERIFY(!QFileInfo::exists(one) && !QFileInfo::exists(two));
        // And the next one comes.
        p.pane.viewer()->exportPicture(two, {64, 48});
        QTRY_VERIFY_WITH_TIMEOUT(p.message.text().contains(two), patience);
        QVERIFY(button->toolTip().startsWith("Save"));
    }
    void largeStacksAreReducedAndSaySo()
    {
        Pane p(std::make_shared<FakeImages>(16, 200, 200));
        p.open();
        auto *status = p.pane.findChild<QLabel *>(QStringLiteral("status3d"));
        QVERIFY(!status->text().contains("reduced"));
        p.pane.viewer()->form()->setValues({{"most-voxels", 0.1}});
        p.settle();
        QVERIFY(p.view()->image()->isReduced());
        QVERIFY2(status->text().contains("reduced"), qPrintable(status->text()));
        QCOMPARE(p.view()->image()->source[0], std::int64_t(200));
    }
    void brokenStacksSaySo()
    {
        auto source = std::make_shared<FakeImages>(4, 32, 32);
        source->brokenPage = 2;
        Pane p(source);
        p.open();
        QVERIFY(p.view()->errorText().contains("page 3"));
        QVERIFY(p.message.text().contains("page 3"));
    }
    void realSlicesOfTheBrain()
    {
        const auto path = reticle::test::sharedData("isbi2012/train-volume.tif");
        if (path.empty())
            QSKIP("shared/data is not here");
        const auto source = openImage(path);
        Pane p(source);
        p.open();
        QCOMPARE(p.view()->image()->source, (std::array<std::int64_t, 3>{512, 512, source->info().pages}));
        p.pane.viewer()->form()->setValues({{"pixel-size", 4.0}, {"slice-distance", 50.0}});
        p.settle();
        QVERIFY(
            p.pane.findChild<QLabel *>(QStringLiteral("status3d"))
                ->text()
                .startsWith(
                    QString::fromUtf8("2.05 × 2.05 × %1 µm").arg(static_cast<double>(source->info().pages) * 0.05, 0, 'g', 3)));
    }
};

RETICLE_TEST(VolumePaneTest)
#include "VolumePaneTest.moc"
