#include "support/FakeImages.h"
#include "support/Test.h"
#include "widgets/render/ImageComposite.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageView.h"

#include <QApplication>

#include <cmath>

using namespace reticle;
using reticle::test::FakeImages;

/// What a view shows can be taken away as a panel of a figure.
class ImageViewPanelTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void nothingBeforeThereIsAPicture()
    {
        ImageView v;
        v.resize(100, 100);
        QVERIFY(!v.panel());
    }
    void theValuesInSightWithContrastAndScale()
    {
        auto v = shown(std::make_shared<FakeImages>(3, 40, 60, DType::UInt16), {120, 80});
        v->setPage(2);
        QTRY_VERIFY(v->isReady());
        v->setContrast(10, 200);
        v->setColorMap("viridis");
        v->setPixelSize(4);
        v->setView({20, 15}, 6); // 20 x 13.3 pixels of it
        QTRY_VERIFY(v->isReady());
        const QRect region = v->visibleImageRect();
        QVERIFY(region.width() < 60 && region.height() < 40);
        const auto panel = v->panel();
        QVERIFY(panel);
        QCOMPARE(panel->image.dim(0), std::int64_t(region.height()));
        QCOMPARE(panel->image.dim(1), std::int64_t(region.width()));
        for (int y = 0; y < region.height(); ++y)
            for (int x = 0; x < region.width(); ++x)
                QCOMPARE(panel->image.value(y * region.width() + x), v->valueAt(region.x() + x, region.y() + y));
        QCOMPARE(*panel->black, 10.0);
        QCOMPARE(*panel->white, 200.0);
        QCOMPARE(panel->colorMap, std::string("viridis"));
        QVERIFY(panel->colorBar);
        QCOMPARE(panel->pixelSize, 4.0);
        v->setScaleBarVisible(false);
        QCOMPARE(v->panel()->pixelSize, 0.0);
    }
    void overlaysComeAlongAsTheyAreDrawn()
    {
        auto v = shown(std::make_shared<FakeImages>(1, 20, 20), {200, 200});
        ImageOverlay labels, probability, hidden;
        labels.values = Array(DType::Int32, {5, 5});
        for (auto &l : labels.values.span<std::int32_t>())
            l = 3;
        labels.offset = {4, 6};
        labels.opacity = 0.4;
        labels.classNames = {"none", "a", "b", "cell"};
        probability.kind = ImageOverlay::Kind::Probability;
        probability.values = Array(DType::UInt8, {20, 20});
        for (std::int64_t i = 0; i < 400; ++i)
            probability.values.data<std::uint8_t>()[i] = i < 200 ? 51 : 204;
        probability.scale = 255;
        probability.threshold = 100;
        hidden.values = labels.values;
        hidden.visible = false;
        v->setOverlays({labels, probability, hidden});
        QTRY_VERIFY(v->isReady());
        const auto panel = v->panel();
        QVERIFY(panel);
        QCOMPARE(panel->overlays.size(), std::size_t(2));
        const auto &first = panel->overlays[0];
        QVERIFY(first.kind == Overlay::Kind::Labels && first.opacity == 0.4 && first.classNames.size() == 4);
        QCOMPARE(first.values.value(6 * 20 + 4), 3.0);
        QCOMPARE(first.values.value(6 * 20 + 3), 0.0);
        QCOMPARE(first.values.value(10 * 20 + 8), 3.0);
        QCOMPARE(first.values.value(11 * 20 + 8), 0.0);
        const auto &second = panel->overlays[1];
        QVERIFY(std::isnan(second.values.value(0))); // below the threshold
        QCOMPARE(second.values.value(399), 0.8);
    }
    void colorsAndGammaAreTakenAsTheyAreDrawn()
    {
        auto v = shown(std::make_shared<FakeImages>(1, 30, 30, DType::UInt8, 3), {30, 30});
        v->setScaleBarVisible(false);
        v->setReadoutVisible(false);
        v->setGamma(1.7);
        v->setView({15, 15}, 1);
        QTRY_VERIFY(v->isReady());
        const auto panel = v->panel();
        QVERIFY(panel);
        QCOMPARE(panel->image.rank(), std::size_t(3));
        const QImage drawn = v->grab().toImage().convertToFormat(QImage::Format_RGB32), taken = compose(*panel).image;
        QCOMPARE(taken.size(), QSize(30, 30));
        for (int y = 1; y < 29; ++y)
            for (int x = 1; x < 29; ++x)
                QCOMPARE(taken.pixel(x, y) & 0xFFFFFF, drawn.pixel(x, y) & 0xFFFFFF);
    }
    void largeRegionsAreThinnedOut()
    {
        auto v = shown(std::make_shared<FakeImages>(1, 400, 300), {300, 400});
        v->setPixelSize(2);
        const auto panel = v->panel(10000);
        QVERIFY(panel);
        QVERIFY2(panel->image.size() <= 10000 && panel->image.size() > 2500, qPrintable(QString::number(panel->image.size())));
        // The panel covers the region all the same.
        QVERIFY(std::abs(panel->pixelSize * static_cast<double>(panel->image.dim(1)) - 600) < 20);
    }

private:
    std::unique_ptr<ImageView> shown(std::shared_ptr<FakeImages> images, QSize size)
    {
        auto v = std::make_unique<ImageView>();
        v->resize(size);
        v->show();
        v->setSource(std::move(images));
        [&] { QTRY_VERIFY(v->isReady()); }();
        return v;
    }
};

RETICLE_TEST(ImageViewPanelTest)
#include "ImageViewPanelTest.moc"
