#include "widgets/views/image/ImageView.h"

#include "support/FakeImages.h"
#include "support/Test.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageView_p.h"

#include <QApplication>
#include <QSignalSpy>
#include <QWheelEvent>

#include <cmath>
#include <limits>

using namespace reticle;
using reticle::test::FakeImages;

namespace {

std::shared_ptr<FakeImages> fake(std::int64_t pages, std::int64_t h, std::int64_t w, DType t = DType::UInt8, std::int64_t c = 1)
{
    return std::make_shared<FakeImages>(pages, h, w, t, c);
}

void imageViewWheel(QWidget &w, QPointF at, int delta, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    QWheelEvent e(at, w.mapToGlobal(at), {}, {0, delta}, Qt::NoButton, modifiers, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&w, &e);
}

bool ready(ImageView &v)
{
    return QTest::qWaitFor([&] { return v.isReady(); }, 20000);
}

} // namespace

class ImageViewTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void showsItsEmptyStateAndItsError()
    {
        ImageView v;
        v.resize(300, 200);
        v.setEmptyText(QStringLiteral("Drop a stack here"));
        const QImage empty = v.grab().toImage();
        v.setErrorText(QStringLiteral("a.tif: expected a TIFF, found an empty file."));
        QVERIFY(v.grab().toImage() != empty);
        QCOMPARE(v.pages(), std::int64_t(0));
        QVERIFY(!v.isReady());
        QVERIFY(std::isnan(v.valueAt(0, 0)));
        // Every key and wheel on nothing is harmless.
        QTest::keyClick(&v, Qt::Key_Plus);
        QTest::keyClick(&v, Qt::Key_PageDown);
        imageViewWheel(v, {10, 10}, 120);
        QCOMPARE(v.page(), std::int64_t(0));
    }
    void fitsAndDrawsTheRightPixels()
    {
        ImageView v;
        v.resize(300, 200);
        v.show();
        v.setSource(fake(1, 100, 100));
        QVERIFY(ready(v));
        QCOMPARE(v.zoom(), 2.0);
        QCOMPARE(v.center(), QPointF(50, 50));
        QCOMPARE(v.visibleImageRect(), QRect(0, 0, 100, 100));
        v.setContrast(0, 255);
        v.setScaleBarVisible(false);
        const QImage p = v.grab().toImage();
        const double ratio = v.devicePixelRatioF();
        for (const auto &[x, y] : {std::pair{0, 0}, {7, 3}, {99, 99}}) {
            const QPointF at = v.fromImage({x + 0.5, y + 0.5}) * ratio;
            QCOMPARE(qGray(p.pixel(int(at.x()), int(at.y()))), (y * 7 + x * 3) % 256);
        }
        QCOMPARE(p.pixelColor(int(10 * ratio), int(10 * ratio)), themeColor(ColorRole::Canvas));
        v.resize(400, 400);
        QCOMPARE(v.zoom(), 4.0); // stays fitted
    }
    void zoomsAtTheCursor()
    {
        ImageView v;
        v.resize(400, 300);
        v.show();
        v.setSource(fake(1, 1000, 1000));
        QVERIFY(ready(v));
        const QPointF at(310, 70);
        const QPointF before = v.toImage(at);
        imageViewWheel(v, at, 360, Qt::ControlModifier);
        QCOMPARE(v.zoom(), 0.6);
        QVERIFY(QLineF(v.toImage(at), before).length() < 1e-9);
        QVERIFY(!v.isFitted());
        QTest::keyClick(&v, Qt::Key_F);
        QVERIFY(v.isFitted());
        QCOMPARE(v.zoom(), 0.3);
        QTest::keyClick(&v, Qt::Key_1);
        QCOMPARE(v.zoom() * v.devicePixelRatioF(), 1.0);
        const double z = v.zoom();
        QTest::keyClick(&v, Qt::Key_Plus);
        QVERIFY(v.zoom() > z);
        QTest::keyClick(&v, Qt::Key_Minus);
        QVERIFY(std::abs(v.zoom() - z) < 1e-12);
        for (int i = 0; i < 100; ++i)
            imageViewWheel(v, at, 1200, Qt::ControlModifier);
        QVERIFY(v.zoom() <= 128);
        for (int i = 0; i < 100; ++i)
            imageViewWheel(v, at, -1200, Qt::ControlModifier);
        QVERIFY(v.zoom() > 0.1);
    }
    void dragPansAndClickTellsThePixel()
    {
        ImageView v;
        v.resize(200, 200);
        v.show();
        v.setSource(fake(1, 100, 100));
        QVERIFY(ready(v));
        v.setView({50, 50}, 4);
        QSignalSpy clicks(&v, &ImageView::clicked);
        QTest::mouseClick(&v, Qt::LeftButton, {}, {100, 100});
        QCOMPARE(clicks.count(), 1);
        QCOMPARE(clicks[0][0].value<std::int64_t>(), std::int64_t(50));
        QTest::mousePress(&v, Qt::LeftButton, {}, {100, 100});
        QTest::mouseMove(&v, {120, 100});
        QTest::mouseMove(&v, {140, 80});
        QTest::mouseRelease(&v, Qt::LeftButton, {}, {140, 80});
        QCOMPARE(v.center(), QPointF(40, 55));
        QCOMPARE(clicks.count(), 1);
        // The image cannot be lost.
        v.setView({-1e9, 1e9}, 4);
        QCOMPARE(v.center(), QPointF(0, 100));
        v.setView({std::nan(""), 0}, 4);
        QCOMPARE(v.center(), QPointF(0, 100));
    }
    void wheelAndKeysTurnSlices()
    {
        ImageView v;
        v.resize(200, 200);
        v.show();
        const auto source = fake(30, 64, 64);
        v.setSource(source);
        QVERIFY(ready(v));
        QSignalSpy pages(&v, &ImageView::pageChanged);
        imageViewWheel(v, {50, 50}, -120);
        QCOMPARE(v.page(), std::int64_t(1));
        for (int i = 0; i < 4; ++i)
            imageViewWheel(v, {50, 50}, -30); // a touchpad's small steps
        QCOMPARE(v.page(), std::int64_t(2));
        QTest::keyClick(&v, Qt::Key_PageDown);
        QTest::keyClick(&v, Qt::Key_Right);
        QTest::keyClick(&v, Qt::Key_Up);
        QCOMPARE(v.page(), std::int64_t(3));
        QTest::keyClick(&v, Qt::Key_End);
        QTest::keyClick(&v, Qt::Key_PageDown);
        QCOMPARE(v.page(), std::int64_t(29));
        QTest::keyClick(&v, Qt::Key_Home);
        QCOMPARE(v.page(), std::int64_t(0));
        QCOMPARE(pages.count(), 7);
        v.setPage(17);
        QVERIFY(ready(v));
        QCOMPARE(v.valueAt(5, 6), double((17 * 31 + 6 * 7 + 5 * 3) % 256));
    }
    void readsTheNewestWishFirstAndNeverBlocks()
    {
        ImageView v;
        v.resize(200, 200);
        v.show();
        const auto source = fake(500, 64, 64);
        source->gate.lock(); // the disk does not answer
        v.setSource(source);
        for (int i = 1; i <= 300; ++i)
            v.setPage(i);
        v.grab();
        QVERIFY(!v.isReady());
        QCOMPARE(source->reads.load(), 0);
        source->gate.unlock();
        QVERIFY(ready(v));
        QCOMPARE(v.page(), std::int64_t(300));
        // The first request was under way, the last came next (and one read ahead): those between were dropped.
        QTRY_VERIFY(source->reads >= 2);
        QVERIFY2(source->reads <= 4, qPrintable(QString::number(source->reads)));
    }
    void twoHundredFlipsStayWithinTheBudget()
    {
        ImageTiles tiles;
        tiles.setBudget(std::int64_t(1) << 20);
        const auto source = fake(200, 256, 512);
        tiles.setSource(source, true);
        for (int i = 0; i < 200; ++i) {
            tiles.newRound();
            QVERIFY(QTest::qWaitFor([&] { return tiles.page(i) != nullptr; }, 20000));
            QVERIFY(tiles.bytesKept() <= (std::int64_t(1) << 20));
        }
        QCOMPARE(source->reads.load(), 200);
        QVERIFY(tiles.page(199) != nullptr); // still there
        QCOMPARE(source->reads.load(), 200);
    }
    void aBrokenPageSaysWhyAndTheOthersWork()
    {
        ImageView v;
        v.resize(400, 200);
        v.show();
        const auto source = fake(3, 64, 64);
        source->brokenPage = 1;
        v.setSource(source);
        QVERIFY(ready(v));
        QSignalSpy failed(&v, &ImageView::pageFailed);
        v.setPage(1);
        QTRY_VERIFY(!failed.isEmpty());
        QVERIFY(v.errorText().contains(QStringLiteral("fake.tif: page 2")));
        QVERIFY(!v.isReady());
        v.grab();
        v.setPage(2);
        QVERIFY(ready(v));
        QVERIFY(v.errorText().isEmpty());
    }
    void aViewMayGoWhileAReadIsUnderWay()
    {
        const auto source = fake(3, 64, 64);
        source->gate.lock();
        {
            ImageView v;
            v.resize(100, 100);
            v.setSource(source);
            v.grab();
        } // does not wait
        QCOMPARE(source->reads.load(), 0);
        source->gate.unlock();
        QTRY_COMPARE(source.use_count(), 1L); // and its thread lets go
    }
    void automaticContrastAndByHand()
    {
        ImageView v;
        v.resize(100, 100);
        v.show();
        const auto source = fake(4, 100, 100, DType::UInt16);
        source->value = [](auto page, auto y, auto x, auto) { return double(page * 10000 + y * 100 + x); };
        v.setSource(source);
        QVERIFY(ready(v));
        QVERIFY(v.isAutoContrast());
        QCOMPARE(v.contrast(), (std::pair{35.0, 9964.0}));
        v.setPage(1);
        QVERIFY(ready(v));
        QCOMPARE(v.contrast(), (std::pair{35.0, 9964.0})); // of the page first shown: slices stay comparable
        QTest::keyClick(&v, Qt::Key_A);
        QCOMPARE(v.contrast(), (std::pair{10035.0, 19964.0}));
        QSignalSpy spy(&v, &ImageView::contrastChanged);
        v.setContrast(5, 7);
        QCOMPARE(spy.count(), 1);
        QVERIFY(!v.isAutoContrast());
        v.setContrast(7, 7); // white stays above black
        QVERIFY(v.contrast().second > v.contrast().first);
        v.setContrast(std::nan(""), 3);
        QVERIFY(std::isfinite(v.contrast().first));
        v.setAutoContrast(true);
        v.setPage(3);
        QVERIFY(ready(v));
        QCOMPARE(v.contrast(), (std::pair{30035.0, 39964.0}));
    }
    void colorIsShownAsItIsAndByChannel()
    {
        ImageView v;
        v.resize(64, 64);
        v.show();
        v.setScaleBarVisible(false);
        const auto source = fake(1, 64, 64, DType::UInt8, 3);
        source->value = [](auto, auto, auto, auto c) { return double(60 + 50 * c); };
        v.setSource(source);
        QVERIFY(ready(v));
        QCOMPARE(v.grab().toImage().pixel(32, 32), qRgb(60, 110, 160));
        v.setChannel(1);
        v.setContrast(0, 255);
        QCOMPARE(v.grab().toImage().pixel(32, 32), qRgb(110, 110, 110));
        QCOMPARE(v.valueAt(3, 3, 2), 160.0);
        QVERIFY(v.readout(3, 3).contains(QStringLiteral("value 110")));
        v.setChannel(-1);
        QVERIFY(v.readout(3, 3).contains(QStringLiteral("RGB 60 110 160")));
    }
    void oddImages_data()
    {
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("width");
        QTest::addColumn<double>("value");
        const double nan = std::numeric_limits<double>::quiet_NaN();
        QTest::newRow("one pixel") << 1 << 1 << 3.0;
        QTest::newRow("row") << 1 << 5000 << 3.0;
        QTest::newRow("column") << 5000 << 1 << 3.0;
        QTest::newRow("constant") << 50 << 50 << 3.0;
        QTest::newRow("all NaN") << 50 << 50 << nan;
        QTest::newRow("infinite") << 50 << 50 << std::numeric_limits<double>::infinity();
    }
    void oddImages()
    {
        QFETCH(int, height);
        QFETCH(int, width);
        QFETCH(double, value);
        ImageView v;
        v.resize(231, 117);
        v.show();
        const auto source = fake(1, height, width, DType::Float32);
        source->value = [value](auto, auto, auto, auto) { return value; };
        source->info().pixelSizeX = 4;
        v.setSource(source);
        QVERIFY(ready(v));
        QVERIFY(!v.grab().isNull());
        const auto [black, white] = v.contrast();
        QVERIFY(white > black && std::isfinite(white - black));
        for (const double zoom : {0.01, 1.0, 77.7}) {
            v.setView({width / 2.0, height / 2.0}, zoom);
            QVERIFY(!v.grab().isNull());
        }
        const double corner = v.valueAt(width - 1, height - 1);
        QVERIFY(corner == value || (std::isnan(corner) && std::isnan(value)));
        QVERIFY(std::isnan(v.valueAt(width, 0)));
    }
    void aPage70000WideIsReadInTiles()
    {
        ImageView v;
        v.resize(400, 300);
        v.show();
        v.setScaleBarVisible(false);
        const auto source = fake(2, 60000, 70000);
        source->value = [](auto, auto y, auto x, auto) { return double((x / 1000 + y / 1000) % 2 ? 200 : 40); };
        v.setSource(source);
        v.setView({35500.5, 30500.5}, 1);
        QVERIFY(ready(v));
        QVERIFY2(source->mostPixels <= ImageTiles::tileSide * 16384 * 8, qPrintable(QString::number(source->mostPixels)));
        v.setContrast(0, 255);
        const QImage p = v.grab().toImage();
        QCOMPARE(qGray(p.pixel(p.width() / 2, p.height() / 2)), 200);
        QCOMPARE(v.valueAt(35500, 30500), 200.0);
        v.setView({36000, 30500}, 1);
        QVERIFY(ready(v));
        const QImage q = v.grab().toImage();
        QCOMPARE(qGray(q.pixel(q.width() / 2 - 2, q.height() / 2)), 200);
        QCOMPARE(qGray(q.pixel(q.width() / 2 + 2, q.height() / 2)), 40);
    }
    void anOverviewOfAHugePageIsTrue()
    {
        ImageTiles tiles;
        const auto source = fake(1, 20000, 20000);
        source->value = [](auto, auto y, auto x, auto) { return double((x < 10000 ? 0 : 100) + (y < 10000 ? 0 : 50)); };
        for (const bool average : {true, false}) {
            tiles.setSource(source, average);
            QVERIFY(tiles.isTiled());
            QCOMPARE(tiles.levels(), 7);
            std::shared_ptr<const ImageTiles::Tile> t;
            QVERIFY(QTest::qWaitFor([&] { return (t = tiles.tile(0, 6, 0, 0)) != nullptr; }, 60000));
            QCOMPARE(t->data.shape(), (std::vector<std::int64_t>{313, 313}));
            for (const auto &[y, x] : {std::pair{10, 10}, {10, 300}, {300, 10}, {300, 300}, {312, 312}})
                QCOMPARE(t->data.value(y * 313 + x), double((x < 156 ? 0 : 100) + (y < 156 ? 0 : 50)));
        }
    }
    void overlaysAreDrawnAndRead()
    {
        ImageView v;
        v.resize(100, 100);
        v.show();
        const auto image = fake(3, 100, 100);
        image->value = [](auto, auto, auto, auto) { return 0.0; };
        v.setSource(image);
        QVERIFY(ready(v));
        v.setContrast(0, 255);
        const auto labels = fake(3, 100, 100);
        labels->value = [](auto page, auto y, auto, auto) { return y < 50 ? double(page) : 0.0; };
        ImageOverlay a;
        a.name = QStringLiteral("truth");
        a.source = labels;
        a.color = Qt::red;
        a.opacity = 1;
        a.classNames = {"background", "membrane"};
        ImageOverlay b;
        b.name = QStringLiteral("probability");
        b.kind = ImageOverlay::Kind::Probability;
        b.values = Array(DType::Float32, {10, 10});
        std::fill_n(b.values.data<float>(), 100, 1.0f);
        b.offset = {80, 80};
        b.page = 1;
        b.opacity = 1;
        v.setOverlays({a, b});
        QVERIFY(ready(v));
        QCOMPARE(v.grab().toImage().pixel(10, 10), qRgb(0, 0, 0)); // label 0
        v.setPage(1);
        QVERIFY(ready(v));
        QImage p = v.grab().toImage();
        QCOMPARE(p.pixel(10, 10), qRgb(255, 0, 0));
        QCOMPARE(p.pixel(10, 60), qRgb(0, 0, 0));
        QCOMPARE(p.pixel(85, 85), qRgb(253, 231, 37));
        QCOMPARE(p.pixel(75, 75), qRgb(0, 0, 0));
        QCOMPARE(v.overlayValueAt(1, 85, 85), 1.0);
        QVERIFY(std::isnan(v.overlayValueAt(1, 5, 5)));
        QVERIFY(v.readout(10, 10).contains(QStringLiteral("membrane")));
        a.visible = false;
        v.setOverlay(0, a);
        QCOMPARE(v.grab().toImage().pixel(10, 10), qRgb(0, 0, 0));
        v.setPage(2);
        QVERIFY(ready(v));
        QCOMPARE(v.grab().toImage().pixel(85, 85), qRgb(0, 0, 0)); // the probability is of page 1
    }
    void hoverTellsPixelAndValue()
    {
        ImageView v;
        v.resize(200, 200);
        v.show();
        v.setSource(fake(1, 100, 100));
        QVERIFY(ready(v));
        QSignalSpy hovered(&v, &ImageView::hovered), ended(&v, &ImageView::hoverEnded);
        QTest::mouseMove(&v, {21, 41});
        QVERIFY(!hovered.isEmpty());
        QCOMPARE(hovered.last()[0].value<std::int64_t>(), std::int64_t(10));
        QCOMPARE(hovered.last()[1].value<std::int64_t>(), std::int64_t(20));
        QCOMPARE(hovered.last()[2].toDouble(), double((20 * 7 + 10 * 3) % 256));
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(&v, &leave);
        QCOMPARE(ended.count(), 1);
    }
    void linkedViewsFollowEachOther()
    {
        ImageView a, b;
        for (auto *v : {&a, &b}) {
            v->resize(200, 200);
            v->show();
            v->setSource(fake(5, 100, 100));
        }
        a.setPage(2);
        a.link(&b);
        QCOMPARE(b.page(), std::int64_t(2));
        QCOMPARE(b.linked(), &a);
        imageViewWheel(a, {30, 40}, 240, Qt::ControlModifier);
        QCOMPARE(b.zoom(), a.zoom());
        QCOMPARE(b.center(), a.center());
        QTest::keyClick(&b, Qt::Key_PageDown);
        QCOMPARE(a.page(), std::int64_t(3));
        b.setView({20, 30}, 7);
        QCOMPARE(a.zoom(), 7.0);
        QCOMPARE(a.center(), QPointF(20, 30));
        a.setContrast(1, 2);
        QVERIFY(b.contrast() != a.contrast());
        a.link(nullptr);
        QVERIFY(!b.linked());
        a.setPage(0);
        QCOMPARE(b.page(), std::int64_t(3));
        {
            ImageView c;
            c.link(&a);
        }
        QVERIFY(!a.linked());
    }
    void viewChangesAreAnnouncedOnceATurn()
    {
        ImageView v;
        v.resize(200, 200);
        v.show();
        v.setSource(fake(1, 400, 400));
        QVERIFY(ready(v));
        QCoreApplication::processEvents();
        QSignalSpy spy(&v, &ImageView::viewChanged);
        for (int i = 0; i < 50; ++i)
            v.setView({100.0 + i, 100}, 2);
        QCOMPARE(spy.count(), 0);
        QCoreApplication::processEvents();
        QCOMPARE(spy.count(), 1);
        QCOMPARE(spy[0][0].toRect(), v.visibleImageRect());
        QCOMPARE(v.visibleImageRect(), QRect(99, 50, 100, 100));
    }
    void niceLengths()
    {
        QCOMPARE(niceLength(4.9), 2.0);
        QCOMPARE(niceLength(5.0), 5.0);
        QCOMPARE(niceLength(0.19), 0.1);
        QCOMPARE(niceLength(123456), 100000.0);
        QCOMPARE(niceLength(0), 0.0);
        QVERIFY(lengthText(500).startsWith(QStringLiteral("500")) && lengthText(500).endsWith(QStringLiteral("nm")));
        QVERIFY(lengthText(2000).startsWith(QStringLiteral("2")) && lengthText(2000).endsWith(QStringLiteral("µm")));
        QVERIFY(lengthText(5e6).endsWith(QStringLiteral("mm")));
        QCOMPARE(valueText(-3), QStringLiteral("\u22123"));
        QCOMPARE(valueText(0.123456789), QStringLiteral("0.12346"));
    }
    void scaleBarAppearsWithAPixelSize()
    {
        ImageView v;
        v.resize(400, 300);
        v.show();
        const auto source = fake(1, 300, 400);
        source->value = [](auto, auto, auto, auto) { return 100.0; };
        v.setSource(source);
        QVERIFY(ready(v));
        const QImage without = v.grab().toImage();
        source->info().pixelSizeX = 4;
        QVERIFY(v.grab().toImage() != without);
        // 30 % of 400 px at 4 nm: 480 nm -> a bar of 200 nm, 50 image pixels.
        const QImage p = v.grab().toImage();
        int longest = 0;
        for (int y = p.height() / 2; y < p.height(); ++y) {
            int run = 0;
            for (int x = p.width() / 2; x < p.width(); ++x) {
                run = p.pixel(x, y) == qRgb(255, 255, 255) ? run + 1 : 0;
                longest = std::max(longest, run);
            }
        }
        QCOMPARE(longest, int(50 * v.devicePixelRatioF()));
    }
};

RETICLE_TEST(ImageViewTest)
#include "ImageViewTest.moc"
