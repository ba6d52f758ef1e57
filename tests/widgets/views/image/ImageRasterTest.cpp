#include "widgets/views/image/ImageRaster.h"

#include "figure/ColorMap.h"
#include "support/Test.h"

#include <cmath>
#include <limits>
#include <numeric>

using namespace reticle;

namespace {

Array ramp(std::int64_t h, std::int64_t w)
{
    Array a(DType::UInt8, {h, w});
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 251);
    return a;
}

QImage draw(const Array &a, QSize size, Mapping mapping, double black = 0, double white = 255, double scale = 1)
{
    QImage picture(size, QImage::Format_RGB32);
    picture.fill(Qt::red);
    ContrastTable table;
    table.update(a.dtype(), black, white, 1, "gray");
    drawPlane(picture, mapping, {a, 0, 0, scale}, 0, table, qRgb(168, 168, 168));
    return picture;
}

} // namespace

class ImageRasterTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void onePixelIsOneValue()
    {
        const Array a = ramp(9, 11);
        const QImage p = draw(a, {11, 9}, {{0, 0}, 1});
        for (int y = 0; y < 9; ++y)
            for (int x = 0; x < 11; ++x)
                QCOMPARE(qGray(p.pixel(x, y)), static_cast<int>(a.value(y * 11 + x)));
    }
    void enlargesByTheNearestValue()
    {
        const Array a = ramp(3, 4);
        const QImage p = draw(a, {40, 30}, {{0, 0}, 0.1});
        for (int y = 0; y < 30; ++y)
            for (int x = 0; x < 40; ++x)
                QCOMPARE(qGray(p.pixel(x, y)), static_cast<int>(a.value((y / 10) * 4 + x / 10)));
    }
    void halfSizeIsTheMeanOfFour()
    {
        const Array a = ramp(6, 8);
        const QImage p = draw(a, {4, 3}, {{0, 0}, 2});
        const Array h = halved(a);
        for (int y = 0; y < 3; ++y)
            for (int x = 0; x < 4; ++x) {
                const auto at = [&](int j, int i) { return a.value((2 * y + j) * 8 + 2 * x + i); };
                const int mean = static_cast<int>((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1) + 2) / 4);
                QCOMPARE(qGray(p.pixel(x, y)), mean);
                QCOMPARE(static_cast<int>(h.value(y * 4 + x)), mean);
            }
    }
    void halvesOddSizes()
    {
        const Array a = ramp(3, 5), h = halved(a);
        QCOMPARE(h.shape(), (std::vector<std::int64_t>{2, 3}));
        QCOMPARE(h.value(2), std::floor((a.value(4) + a.value(9)) / 2 + 0.5)); // right edge: two values
        QCOMPARE(h.value(5), a.value(14));                                     // corner: one
        QCOMPARE(halved(ramp(1, 1)).shape(), (std::vector<std::int64_t>{1, 1}));
    }
    void leavesWhatIsOutsideAlone()
    {
        const QImage p = draw(ramp(2, 2), {6, 6}, {{-2, -2}, 1});
        QCOMPARE(p.pixel(0, 0), qRgb(255, 0, 0));
        QCOMPARE(p.pixel(4, 4), qRgb(255, 0, 0));
        QCOMPARE(qGray(p.pixel(2, 2)), 0);
        QCOMPARE(qGray(p.pixel(3, 3)), 3);
    }
    void neighboringTilesShareNoPixelAndLeaveNone()
    {
        const Array a = ramp(4, 4);
        for (const double step : {0.13, 0.5, 0.77, 1.0, 1.3, 2.9}) {
            QImage p(40, 4, QImage::Format_RGB32);
            p.fill(Qt::red);
            ContrastTable table;
            table.update(DType::UInt8, 0, 255, 1, "gray");
            for (int t = 0; t < 40; ++t)
                drawPlane(p, {{0, 0}, step}, {a, 4.0 * t, 0, 1}, 0, table, 0);
            for (int x = 0; x < 40; ++x)
                QVERIFY(p.pixel(x, 0) != qRgb(255, 0, 0));
        }
    }
    void contrastOfEveryType_data()
    {
        QTest::addColumn<int>("dtype");
        for (const auto t : {DType::UInt8, DType::Int8, DType::UInt16, DType::Int16, DType::UInt32, DType::Int32, DType::Int64,
                             DType::Float32, DType::Float64})
            QTest::newRow(std::string(nameOf(t)).c_str()) << static_cast<int>(t);
    }
    void contrastOfEveryType()
    {
        QFETCH(int, dtype);
        const std::vector<double> values{0, 10, 60, 110, 120};
        const Array a = Array::of<double>({1, 5}, values).as(static_cast<DType>(dtype));
        const QImage p = draw(a, {5, 1}, {{0, 0}, 1}, 10, 110);
        const int expected[] = {0, 0, 128, 255, 255};
        for (int x = 0; x < 5; ++x)
            QVERIFY2(std::abs(qGray(p.pixel(x, 0)) - expected[x]) <= 1, qPrintable(QString::number(qGray(p.pixel(x, 0)))));
    }
    void negativeValuesOfSignedTypes()
    {
        const std::vector<double> values{-100, -50, 0};
        const Array a = Array::of<double>({1, 3}, values).as(DType::Int16);
        const QImage p = draw(a, {3, 1}, {{0, 0}, 1}, -100, 0);
        QCOMPARE(qGray(p.pixel(0, 0)), 0);
        QVERIFY(std::abs(qGray(p.pixel(1, 0)) - 128) <= 1);
        QCOMPARE(qGray(p.pixel(2, 0)), 255);
    }
    void notANumberIsHatched()
    {
        const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
        const std::vector<double> values{nan, inf, -inf, 0.5};
        const QImage p = draw(Array::of<double>({1, 4}, values), {4, 1}, {{0, 0}, 1}, 0, 1);
        QVERIFY(p.pixel(0, 0) == qRgb(168, 168, 168) || p.pixel(0, 0) == qRgb(126, 126, 126));
        QCOMPARE(qGray(p.pixel(1, 0)), 255);
        QCOMPARE(qGray(p.pixel(2, 0)), 0);
        QVERIFY(std::abs(qGray(p.pixel(3, 0)) - 128) <= 1);
    }
    void colorChannelsAreKeptApart()
    {
        const std::vector<std::uint8_t> values{10, 20, 30, 40, 50, 60};
        const Array a = Array::of<std::uint8_t>({1, 2, 3}, values);
        std::array<ContrastTable, 3> tables;
        for (auto &t : tables)
            t.update(DType::UInt8, 0, 255, 1, "gray");
        QImage p(2, 1, QImage::Format_RGB32);
        drawColorPlane(p, {{0, 0}, 1}, {a, 0, 0, 1}, tables, 0);
        QCOMPARE(p.pixel(0, 0), qRgb(10, 20, 30));
        QCOMPARE(p.pixel(1, 0), qRgb(40, 50, 60));
    }
    void labelsBlendAndLeaveTheBackground()
    {
        QImage p(3, 1, QImage::Format_RGB32);
        p.fill(Qt::black);
        const std::vector<std::int32_t> values{0, 1, 300000};
        drawLabels(p, {{0, 0}, 1}, {Array::of<std::int32_t>({1, 3}, values), 0, 0, 1}, 0, 1, false, 1);
        QCOMPARE(p.pixel(0, 0), qRgb(0, 0, 0));
        QCOMPARE(p.pixel(1, 0), QRgb(labelColor(1)));
        QCOMPARE(p.pixel(2, 0), QRgb(labelColor(300000)));
        p.fill(Qt::black);
        drawLabels(p, {{0, 0}, 1}, {Array::of<std::int32_t>({1, 3}, values), 0, 0, 1}, qRgb(200, 100, 0), 0.5, false, 1);
        QCOMPARE(p.pixel(1, 0), qRgb(100, 50, 0));
    }
    void outlinesStayOnePixelAtAnyZoom()
    {
        Array a(DType::UInt8, {4, 4});
        for (int y = 0; y < 4; ++y)
            for (int x = 2; x < 4; ++x)
                a.data<std::uint8_t>()[y * 4 + x] = 1;
        for (const int zoom : {1, 10}) {
            QImage p(4 * zoom, 4 * zoom, QImage::Format_RGB32);
            p.fill(Qt::black);
            drawLabels(p, {{0, 0}, 1.0 / zoom}, {a, 0, 0, 1}, qRgb(255, 255, 255), 1, true, 1);
            for (int x = 0; x < p.width(); ++x)
                QCOMPARE(qGray(p.pixel(x, 1)), x == 2 * zoom ? 255 : 0);
        }
    }
    void probabilityThroughTheMap()
    {
        QImage p(4, 1, QImage::Format_RGB32);
        p.fill(Qt::black);
        const std::vector<float> values{0, 1, 0.2f, std::numeric_limits<float>::quiet_NaN()};
        drawProbability(p, {{0, 0}, 1}, {Array::of<float>({1, 4}, values), 0, 0, 1}, "viridis", 1, 0, 1);
        QCOMPARE(p.pixel(0, 0), qRgb(68, 1, 84));
        QCOMPARE(p.pixel(1, 0), qRgb(253, 231, 37));
        QCOMPARE(p.pixel(3, 0), qRgb(0, 0, 0));
        p.fill(Qt::black);
        drawProbability(p, {{0, 0}, 1}, {Array::of<float>({1, 4}, values), 0, 0, 1}, "viridis", 1, 0.5, 1);
        QCOMPARE(p.pixel(2, 0), qRgb(0, 0, 0));
        QCOMPARE(p.pixel(1, 0), qRgb(253, 231, 37));
    }
    void histogramFindsThePercentiles()
    {
        Array a(DType::UInt16, {100, 100});
        for (int i = 0; i < 10000; ++i)
            a.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(i);
        const auto h = histogramOf({a});
        QCOMPARE(h.low, 0.0);
        QCOMPARE(h.high, 9999.0);
        QCOMPARE(h.all.black, 35.0);
        QCOMPARE(h.all.white, 9964.0);
        QCOMPARE(std::accumulate(h.counts[0].begin(), h.counts[0].end(), std::int64_t(0)), std::int64_t(10000));
    }
    void histogramOfOddPages()
    {
        Array constant(DType::Float32, {5, 5});
        auto h = histogramOf({constant});
        QVERIFY(h.all.white > h.all.black);
        std::fill_n(constant.data<float>(), 25, std::numeric_limits<float>::quiet_NaN());
        h = histogramOf({constant});
        QCOMPARE(h.finite, std::int64_t(0));
        QCOMPARE(h.total, std::int64_t(25));
        QVERIFY(h.all.white > h.all.black);
        // Sparse bright spots: the percentiles meet, the whole range is shown.
        Array sparse(DType::UInt8, {100, 100});
        sparse.data<std::uint8_t>()[77] = 200;
        h = histogramOf({sparse});
        QCOMPARE(h.all.black, 0.0);
        QCOMPARE(h.all.white, 200.0);
    }
    void thumbnailsOfAnyShape()
    {
        for (const auto &[h, w] : {std::pair{1, 1}, {1, 700}, {700, 1}, {513, 511}}) {
            const QImage t = thumbnail(ramp(h, w), {64, 64});
            QCOMPARE(t.size(), QSize(64, 64));
        }
    }
};

RETICLE_TEST(ImageRasterTest)
#include "ImageRasterTest.moc"
