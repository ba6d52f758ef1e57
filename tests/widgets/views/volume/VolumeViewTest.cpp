#include "widgets/views/volume/VolumeView.h"

#include "ShownVolume.h"
#include "foundation/Error.h"
#include "widgets/views/Theme.h"

#include <QPainter>
#include <QProcess>
#include <QSignalSpy>

#include <atomic>
#include <limits>
#include <thread>

using namespace reticle;
using namespace reticle::test;
using Preset = VolumeCamera::Preset;

class VolumeViewTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void aBallIsSeenAndFollowsTheThreshold()
    {
        Shown s;
        QVERIFY2(s.view.errorText().isEmpty(), qPrintable(s.view.errorText()));
        const QImage solid = s.view.shown();
        QCOMPARE(solid.size(), s.view.size() * s.view.devicePixelRatioF());
        const QRgb canvas = themeColor(ColorRole::Canvas).rgb();
        QCOMPARE(solid.pixel(2, 2), canvas);
        QVERIFY(solid.pixel(150, 120) != canvas);
        auto o = ballOptions();
        o.threshold = 210;
        o.full = 220;
        s.view.setOptions(o);
        QVERIFY(isBlank(s.after()));
        o.threshold = 0;
        o.full = 10;
        s.view.setOptions(o);
        // Everything is solid now: more of the picture is covered than by the ball.
        const QImage all = s.after();
        const auto covered = [&](const QImage &p) {
            int n = 0;
            for (int y = 0; y < p.height(); ++y)
                for (int x = 0; x < p.width(); ++x)
                    n += p.pixel(x, y) != canvas;
            return n;
        };
        QVERIFY(covered(all) > covered(solid) * 3 / 2);
        o = ballOptions();
        o.opacity = 0;
        s.view.setOptions(o);
        QVERIFY(isBlank(s.after()));
    }
    void theBallIsRoundAndOfItsSize()
    {
        Shown s;
        QTest::keyClick(&s.view, Qt::Key_1);
        const QImage p = s.after();
        const QRgb canvas = themeColor(ColorRole::Canvas).rgb();
        int left = p.width(), right = 0, top = p.height(), bottom = 0;
        for (int y = 0; y < p.height(); ++y)
            for (int x = 0; x < p.width(); ++x)
                if (p.pixel(x, y) != canvas) {
                    left = std::min(left, x);
                    right = std::max(right, x);
                    top = std::min(top, y);
                    bottom = std::max(bottom, y);
                }
        const double voxel = 1 / s.view.camera().scale(s.view.size());
        QVERIFY2(std::abs((right - left) / voxel - 30) < 2.5, qPrintable(QString::number((right - left) / voxel)));
        QVERIFY2(std::abs((bottom - top) / voxel - 30) < 2.5, qPrintable(QString::number((bottom - top) / voxel)));
        QVERIFY(std::abs((left + right) / 2.0 - s.view.camera().toView({30, 25, 20}, s.view.size()).x()) < 1.5 * voxel);
    }
    void slicesLieFurtherApartWhereTheyAreTold()
    {
        Shown s;
        QTest::keyClick(&s.view, Qt::Key_2);
        auto o = ballOptions();
        o.pixelSize = 4;
        o.sliceDistance = 8;
        s.view.setOptions(o);
        s.wait();
        const auto &c = s.view.camera();
        const double z = c.toView({0, 0, 2}, s.view.size()).y() - c.toView({0, 0, 0}, s.view.size()).y();
        const double x = c.toView({2, 0, 0}, s.view.size()).x() - c.toView({0, 0, 0}, s.view.size()).x();
        QVERIFY(std::abs(z - x) < 1e-6); // one unit is a pixel of the stack in every direction
        QCOMPARE(voxelOf(o)[2], 2.0);
        QCOMPARE(voxelOf(o)[1], 1.0);
        o.pixelHeight = 6;
        QCOMPARE(voxelOf(o), (Point3{1, 1.5, 2}));
        const Point3 middle = s.view.camera().center;
        s.view.zoomIn(); // no longer fitted: the middle stays the middle
        s.view.setOptions(o);
        QVERIFY(std::abs(s.view.camera().center[1] - middle[1] * 1.5) < 1e-9);
        o.pixelHeight = 0;
        // Whatever is typed, there is something to see.
        o.sliceDistance = 1e9;
        o.pixelSize = 1e-3;
        QCOMPARE(voxelOf(o)[2], 1e4);
        o.sliceDistance = 0;
        QCOMPARE(voxelOf(o)[2], 1.0);
    }
    void mouseTurnsPansRollsAndZooms()
    {
        Shown s;
        const auto camera = s.view.camera();
        const QImage before = s.view.shown();
        QSignalSpy moved(&s.view, &VolumeView::cameraChanged);
        drag(s.view, {150, 120}, {220, 140});
        QVERIFY(s.view.camera().forward != camera.forward);
        QCOMPARE(s.view.camera().center, camera.center);
        QCOMPARE(s.view.camera().height, camera.height);
        QVERIFY(moved.count() >= 1);
        // Dragged to the right, what was in front goes to the right.
        QVERIFY(dot(s.view.camera().forward, camera.right()) > 0.3);
        const auto turned = s.view.camera();
        drag(s.view, {150, 120}, {180, 150}, Qt::LeftButton, Qt::ShiftModifier);
        QCOMPARE(s.view.camera().forward, turned.forward);
        const QPointF center = s.view.camera().toView(turned.center, s.view.size());
        QVERIFY((center - QPointF(150 + 30, 120 + 30)).manhattanLength() < 1e-6);
        drag(s.view, {150, 120}, {120, 90}, Qt::MiddleButton);
        QVERIFY((s.view.camera().toView(turned.center, s.view.size()) - QPointF(150, 120)).manhattanLength() < 1e-6);
        const auto panned = s.view.camera();
        const QPointF anchor(60, 50);
        const Point3 under = panned.fromView(anchor, s.view.size());
        turnWheel(s.view, anchor, 2);
        QVERIFY(s.view.camera().height < panned.height);
        QVERIFY((s.view.camera().toView(under, s.view.size()) - anchor).manhattanLength() < 1e-6);
        const auto up = s.view.camera().up;
        drag(s.view, {280, 120}, {150, 230}, Qt::LeftButton, Qt::ControlModifier);
        QVERIFY(dot(s.view.camera().up, up) < 0.3);
        QTest::mouseDClick(&s.view, Qt::LeftButton, {}, {10, 10});
        QCOMPARE(s.view.camera().center, camera.center);
        QVERIFY(meanDifference(s.after(), before) > 0.05);
    }
    void aDoubleClickFitsAndPicksNothing()
    {
        Shown s;
        QSignalSpy picked(&s.view, &VolumeView::picked), unpicked(&s.view, &VolumeView::unpicked);
        QTest::keyClick(&s.view, Qt::Key_1);
        const auto fitted = s.view.camera();
        s.view.zoomIn();
        const QPoint ball = s.view.camera().toView({30.5, 25.5, 0}, s.view.size()).toPoint();
        const auto click = [&] { QTest::mouseClick(&s.view, Qt::LeftButton, {}, ball); };
        const auto second = [&] {
            QMouseEvent press(QEvent::MouseButtonDblClick, QPointF(ball), s.view.mapToGlobal(QPointF(ball)), Qt::LeftButton,
                              Qt::LeftButton, {});
            QApplication::sendEvent(&s.view, &press);
            QMouseEvent release(QEvent::MouseButtonRelease, QPointF(ball), s.view.mapToGlobal(QPointF(ball)), Qt::LeftButton, {},
                                {});
            QApplication::sendEvent(&s.view, &release);
        };
        const auto before = s.view.crosshair();
        click();
        QVERIFY(s.view.slice() != before[2]);
        second();
        QCOMPARE(s.view.crosshair(), before);
        QCOMPARE(unpicked.count(), 1); // there was no crosshair
        QCOMPARE(s.view.camera(), fitted);
        s.view.setCrosshair(3, 4);
        s.view.zoomIn();
        const auto crosshair = s.view.crosshair();
        const auto count = picked.count();
        click();
        second();
        QCOMPARE(s.view.crosshair(), crosshair);
        QCOMPARE(picked.count(), count + 2); // where it was hit, and back
        QCOMPARE(picked.last()[0].toInt(), 3);
        QCOMPARE(unpicked.count(), 1);
    }
    void keysTurnPanZoomAndLook()
    {
        Shown s;
        auto &v = s.view;
        const auto isometric = v.camera();
        for (const auto key : {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down}) {
            const auto before = v.camera();
            QTest::keyClick(&v, key);
            QVERIFY(v.camera().forward != before.forward);
            QTest::keyClick(&v, key, Qt::ShiftModifier);
            QVERIFY(v.camera().center != before.center);
        }
        const double height = v.camera().height;
        QTest::keyClick(&v, Qt::Key_Plus);
        QVERIFY(v.camera().height < height);
        QTest::keyClick(&v, Qt::Key_Minus);
        QVERIFY(std::abs(v.camera().height - height) < 1e-9 * height);
        QTest::keyClick(&v, Qt::Key_1);
        QCOMPARE(v.camera().forward, (Point3{0, 0, 1}));
        QCOMPARE(v.camera().right(), (Point3{1, 0, 0})); // as the slice viewer has it
        QTest::keyClick(&v, Qt::Key_2);
        QCOMPARE(v.camera().forward, (Point3{0, -1, 0}));
        QCOMPARE(v.camera().right(), (Point3{1, 0, 0}));
        QTest::keyClick(&v, Qt::Key_3);
        QCOMPARE(v.camera().forward, (Point3{-1, 0, 0}));
        // And from the opposite sides.
        QTest::keyClick(&v, Qt::Key_5);
        QCOMPARE(v.camera().forward, (Point3{0, 0, -1}));
        QCOMPARE(v.camera().right(), (Point3{1, 0, 0}));
        QTest::keyClick(&v, Qt::Key_6);
        QCOMPARE(v.camera().forward, (Point3{0, 1, 0}));
        QCOMPARE(v.camera().right(), (Point3{-1, 0, 0}));
        QTest::keyClick(&v, Qt::Key_7);
        QCOMPARE(v.camera().forward, (Point3{1, 0, 0}));
        QTest::keyClick(&v, Qt::Key_4);
        QCOMPARE(v.camera(), isometric);
        QTest::keyClick(&v, Qt::Key_Plus);
        QTest::keyClick(&v, Qt::Key_F);
        QCOMPARE(v.camera(), isometric);
    }
    void coarseWhileMovingFineAtRest()
    {
        Shown s;
        QSignalSpy drawn(&s.view, &VolumeView::drawn);
        QTest::keyClick(&s.view, Qt::Key_Right);
        QVERIFY(!s.view.isReady());
        s.wait();
        QVERIFY(drawn.count() >= 2);
        QCOMPARE(drawn.first().first().toBool(), false);
        QCOMPARE(drawn.last().first().toBool(), true);
    }
    void slicesAndCrosshairGoBothWays()
    {
        auto o = ballOptions();
        o.slice = o.cut = true;
        Shown s(brightBall(), o);
        QSignalSpy requested(&s.view, &VolumeView::sliceRequested);
        const QImage first = s.view.shown();
        s.view.setSlice(20);
        QCOMPARE(s.view.slice(), std::int64_t(20));
        QCOMPARE(requested.count(), 0); // it was told, nobody asked
        const QImage middle = s.after();
        QVERIFY(meanDifference(first, middle) > 1);
        QTest::keyClick(&s.view, Qt::Key_PageDown);
        QCOMPARE(requested.last().first().toLongLong(), 21);
        QTest::keyClick(&s.view, Qt::Key_End);
        QCOMPARE(requested.last().first().toLongLong(), 39);
        QTest::keyClick(&s.view, Qt::Key_PageDown);
        QCOMPARE(requested.count(), 2);
        QTest::keyClick(&s.view, Qt::Key_Home);
        QCOMPARE(s.view.slice(), std::int64_t(0));
        s.view.setSlice(1000);
        QCOMPARE(s.view.slice(), std::int64_t(39));
    }
    void clicksHitWhatIsInFront()
    {
        Shown s;
        QSignalSpy picked(&s.view, &VolumeView::picked);
        QSignalSpy requested(&s.view, &VolumeView::sliceRequested);
        QTest::keyClick(&s.view, Qt::Key_1);
        const auto place = [&](const Point3 &p) { return s.view.camera().toView(p, s.view.size()).toPoint(); };
        // The middle of the ball from above: its top lies 15 voxels above its middle at 20.
        QTest::mouseClick(&s.view, Qt::LeftButton, {}, place({30.5, 25.5, 0}));
        QCOMPARE(picked.count(), 1);
        QVERIFY(std::abs(picked[0][0].toInt() - 30) <= 1 && std::abs(picked[0][1].toInt() - 25) <= 1);
        QVERIFY2(std::abs(picked[0][2].toInt() - 5) <= 1, qPrintable(picked[0][2].toString()));
        QCOMPARE(requested.last().first(), picked[0][2]);
        QCOMPARE(s.view.slice(), picked[0][2].toLongLong());
        QCOMPARE(s.view.crosshair()[0], picked[0][0].toLongLong());
        // Beside the ball nothing is hit; the slice's picture would be.
        QTest::mouseClick(&s.view, Qt::LeftButton, {}, place({3, 3, 0}));
        QCOMPARE(picked.count(), 1);
        auto o = ballOptions();
        o.slice = true;
        s.view.setOptions(o);
        QTest::mouseClick(&s.view, Qt::LeftButton, {}, place({3.5, 4.5, 0}));
        QCOMPARE(picked.count(), 2);
        QVERIFY(std::abs(picked[1][0].toInt() - 3) <= 1 && std::abs(picked[1][1].toInt() - 4) <= 1);
        // From the front row by row: the ball begins 15 rows in front of its middle row 25, seen from the last row.
        o.slice = false;
        s.view.setOptions(o);
        QTest::keyClick(&s.view, Qt::Key_2);
        QTest::mouseClick(&s.view, Qt::LeftButton, {}, place({30.5, 0, 20.5}));
        QVERIFY2(std::abs(picked.last()[1].toInt() - 39) <= 1, qPrintable(picked.last()[1].toString()));
        QVERIFY(std::abs(picked.last()[2].toInt() - 20) <= 1);
        // A drag is no click.
        const auto count = picked.count();
        drag(s.view, {150, 120}, {190, 130});
        QCOMPARE(picked.count(), count);
    }
    void surfacesAreDrawnAndPicked()
    {
        auto o = ballOptions();
        o.image = "hidden";
        Shown s(brightBall(), o);
        QVERIFY(isBlank(s.view.shown()));
        const auto labels = loadVolume(*imageFromArray(ball<std::uint8_t>(40, 50, 60, 30, 25, 20, 15, 2, 0)),
                                       VolumeData::Kind::Labels, -1, 1 << 22);
        s.view.setSurface(surfacesOf(*labels, {}));
        s.view.setSurfaceVolume(labels);
        const QImage drawn = s.after();
        const QColor c(drawn.pixel(150, 120));
        // Sky blue is label 2's color, lit.
        QVERIFY2(c.blue() > c.red() + 30 && c.blue() > c.green(), qPrintable(c.name()));
        QTest::keyClick(&s.view, Qt::Key_1);
        const auto hit = s.view.voxelAt(s.view.camera().toView({30.5, 25.5, 0}, s.view.size()));
        QVERIFY(hit && std::abs((*hit)[2] - 5) <= 1);
        s.view.setSurface(nullptr);
        QVERIFY(isBlank(s.after()));
    }
    void surfacesAloneAreDrawnWithFewerPixelsWhereThatIsSlow()
    {
        VolumeFrame f;
        f.image = brightBall();
        f.options = ballOptions();
        f.options.image = "hidden";
        f.size = {1500, 1200};
        f.camera.lookFrom(Preset::Isometric);
        f.camera.fit(extentOf(f), QSizeF(f.size));
        f.background = Qt::white;
        f.moving = true;
        const auto labels = loadVolume(*imageFromArray(ball<std::uint8_t>(40, 50, 60, 30, 25, 20, 15, 2, 0)),
                                       VolumeData::Kind::Labels, -1, 1 << 22);
        f.surface = surfacesOf(*labels, {});
        VolumeScene scene;
        const std::atomic<bool> never{false};
        for (int i = 0; i < 12; ++i) {
            const double before = scene.shrinking();
            const QImage picture = scene.render(f, never);
            QCOMPARE(picture.width(), std::max(1, static_cast<int>(1500 / before)));
            QVERIFY(!isBlank(picture));
            QVERIFY(scene.shrinking() >= 1 && scene.shrinking() <= 4);
        }
        QCOMPARE(scene.coarseness(), 3.0); // there were no rays
        f.moving = false;
        QCOMPARE(scene.render(f, never).size(), f.size);
    }
    void bothThemes()
    {
        Shown s;
        const QImage light = s.view.shown();
        applyTheme(*qApp, Theme::Dark);
        const QImage dark = s.after();
        applyTheme(*qApp, Theme::Light);
        QCOMPARE(dark.pixel(2, 2), themeColor(ColorRole::Canvas, true).rgb());
        QVERIFY(light.pixel(2, 2) != dark.pixel(2, 2));
    }
    void everyKindOfImageIsDrawn_data()
    {
        QTest::addColumn<int>("pages");
        QTest::addColumn<int>("side");
        QTest::addColumn<int>("dtype");
        QTest::addColumn<int>("channels");
        QTest::addColumn<double>("constant"); // NaN: varying; infinite: NaN everywhere
        const double varying = std::numeric_limits<double>::quiet_NaN(), nothing = std::numeric_limits<double>::infinity();
        QTest::newRow("one slice") << 1 << 32 << int(DType::UInt8) << 1 << varying;
        QTest::newRow("one pixel") << 1 << 1 << int(DType::UInt8) << 1 << varying;
        QTest::newRow("a column of pixels") << 9 << 1 << int(DType::UInt8) << 1 << varying;
        QTest::newRow("16 bits") << 6 << 32 << int(DType::UInt16) << 1 << varying;
        QTest::newRow("RGB") << 6 << 32 << int(DType::UInt8) << 3 << varying;
        QTest::newRow("real numbers with NaN") << 6 << 32 << int(DType::Float32) << 1 << varying;
        QTest::newRow("signed") << 6 << 32 << int(DType::Int16) << 1 << varying;
        QTest::newRow("constant") << 6 << 32 << int(DType::UInt8) << 1 << 7.0;
        QTest::newRow("nothing but NaN") << 6 << 32 << int(DType::Float32) << 1 << nothing;
    }
    void everyKindOfImageIsDrawn()
    {
        QFETCH(int, pages);
        QFETCH(int, side);
        QFETCH(int, dtype);
        QFETCH(int, channels);
        QFETCH(double, constant);
        FakeImages source(pages, side, side, static_cast<DType>(dtype), channels);
        const bool real = source.info().dtype == DType::Float32;
        source.value = [=](auto z, auto y, auto x, auto c) {
            if (std::isinf(constant) || (real && (x + y + z) % 17 == 0))
                return std::numeric_limits<double>::quiet_NaN();
            return std::isnan(constant) ? static_cast<double>((x * 5 + y * 3 + z * 20 + c) % 120) : constant;
        };
        const auto data = load(source);
        const auto defaults = volumeSchemaFor(data.get(), {}).defaults();
        for (const char *image : {"volume", "maximum"})
            for (const char *solid : {"bright", "dark"}) {
                auto o = volumeSchema().read(defaults);
                o.image = image;
                o.solid = solid;
                Shown s(data, o);
                QVERIFY2(s.view.errorText().isEmpty(), qPrintable(s.view.errorText()));
                QVERIFY(!isBlank(s.view.shown())); // at least the box and the slice
                QTest::keyClick(&s.view, Qt::Key_End);
                QTest::keyClick(&s.view, Qt::Key_Left);
                QTest::mouseClick(&s.view, Qt::LeftButton, {}, s.view.rect().center());
                s.wait();
                QVERIFY(s.view.errorText().isEmpty());
            }
    }
    void theGraphicsCardsWayDrawsTheSame()
    {
        // OpenGL's own ray casting, on whatever draws here.
        VolumeFrame f;
        f.image = brightBall();
        f.options = ballOptions();
        f.options.shading = false;
        f.camera.lookFrom(Preset::Isometric);
        f.camera.fit(extentOf(f), QSizeF(200, 160));
        f.background = Qt::white;
        f.black = 0;
        f.white = 255;
        const std::atomic<bool> never{false};
        VolumeScene processor(VolumeScene::Caster::Processor);
        const QImage a = processor.picture(f, {200, 160}, never);
        VolumeScene graphics(VolumeScene::Caster::Graphics);
        QVERIFY(processor.castsOnProcessor() && !graphics.castsOnProcessor());
        const QImage b = graphics.picture(f, {200, 160}, never);
        QVERIFY(!isBlank(a));
        QVERIFY2(meanDifference(a, b) < 6, qPrintable(QString::number(meanDifference(a, b))));
    }
    void whatDoesNotFitTheCardIsCastByTheProcessor()
    {
        // Longer than any card's textures.
        VolumeFrame f;
        FakeImages source(2, 2, 40000);
        f.image = load(source);
        f.options = ballOptions();
        f.options.threshold = 0;
        f.options.full = 10;
        f.camera.lookFrom(Preset::Top);
        f.camera.fit(extentOf(f), QSizeF(200, 160));
        f.camera.height = 4;
        f.background = Qt::white;
        const std::atomic<bool> never{false};
        VolumeScene scene(VolumeScene::Caster::Graphics);
        QVERIFY(!scene.castsOnProcessor());
        QVERIFY(!isBlank(scene.picture(f, {200, 160}, never)));
        QVERIFY(scene.castsOnProcessor());
    }
    void viewsComeAndGoWhileTheyDraw()
    {
        const auto data = brightBall();
        for (int i = 0; i < 12; ++i) {
            VolumeView view;
            view.resize(200, 160);
            view.show();
            view.setImage(data);
            QTest::keyClick(&view, Qt::Key_Right);
            QCoreApplication::processEvents();
        }
        Shown two(data);
        QVERIFY(two.view.errorText().isEmpty());
    }
    void missingOpenGlIsOneSentence()
    {
        const char *drivers = "__EGL_VENDOR_LIBRARY_FILENAMES";
        if (!qEnvironmentVariableIsSet(drivers)) {
            // Drivers are looked for once in a program, so this part runs in one of its own.
            QProcess other;
            auto environment = QProcessEnvironment::systemEnvironment();
            environment.insert(drivers, "/nowhere/at-all.json");
            environment.insert("QT_QPA_PLATFORM", "offscreen");
            other.setProcessEnvironment(environment);
            other.setProcessChannelMode(QProcess::MergedChannels);
            other.start(QCoreApplication::applicationFilePath(), {"VolumeViewTest", "missingOpenGlIsOneSentence"});
            QVERIFY(other.waitForFinished(patience));
            QVERIFY2(other.exitStatus() == QProcess::NormalExit && other.exitCode() == 0, other.readAll().constData());
            return;
        }
        VolumeView view;
        view.resize(300, 240);
        view.show();
        QSignalSpy failed(&view, &VolumeView::failed);
        view.setImage(brightBall());
        QVERIFY(failed.wait(patience));
        QVERIFY2(view.errorText().contains("OpenGL 3.2"), qPrintable(view.errorText()));
        QVERIFY(view.errorText().count('.') >= 1 && !view.errorText().contains('\n'));
        QVERIFY(!isBlank(view.grab().toImage())); // the sentence is to be read
        QTest::keyClick(&view, Qt::Key_Right);
        QTest::mouseClick(&view, Qt::LeftButton);
        EXPECT_ERROR((void)view.picture({64, 64}), "OpenGL");
    }
};

RETICLE_TEST(VolumeViewTest)
#include "VolumeViewTest.moc"
