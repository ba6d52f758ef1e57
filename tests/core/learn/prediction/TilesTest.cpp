#include "learn/prediction/Tiles_p.h"

#include "foundation/Error.h"
#include "learn/Tensors_p.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;
using Starts = std::vector<std::int64_t>;

namespace {

/// (C, H, W), smooth with a few edges.
Array tilesPicture(std::int64_t channels, std::int64_t height, std::int64_t width)
{
    Array a(DType::Float32, {channels, height, width});
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t i = 0; i < height; ++i)
            for (std::int64_t j = 0; j < width; ++j)
                a.data<float>()[(c * height + i) * width + j] =
                    static_cast<float>(std::sin(i / 5.0 + c) * std::cos(j / 7.0) + ((i / 16 + j / 16) % 2) + 0.1 * c);
    return a;
}

TiledPage pageOf(const Array &image)
{
    return {image.dim(0), image.dim(1), image.dim(2),
            [image](const Region &r) { return arrayOf(tensorOf(image).narrow(1, r.y, r.height).narrow(2, r.x, r.width)); }};
}

torch::Tensor identity(const torch::Tensor &x)
{
    return x;
}

/// A net with surroundings: a fixed 5 x 5 mean, zero padded, squared.
torch::Tensor blurred(const torch::Tensor &x)
{
    const auto kernel = torch::full({1, x.size(1), 5, 5}, 1.0f / 25);
    return torch::conv2d(x, kernel, {}, 1, 2).square();
}

double worst(const Array &a, const Array &b)
{
    double d = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
        d = std::max(d, std::abs(double(a.data<float>()[i]) - b.data<float>()[i]));
    return d;
}

Array tilesWhole(const Array &image, std::int64_t outputs, const PredictOptions &o, const TiledNet &net)
{
    return tiledMean(pageOf(image), {0, 0, image.dim(1), image.dim(2)}, outputs, o, net);
}

} // namespace

class TilesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void placesTilesAsTheSpecification()
    {
        QCOMPARE(tileStarts(110, 64, .5), (Starts{0, 23, 46}));
        QCOMPARE(tileStarts(512, 256, .5), (Starts{0, 128, 256}));
        QCOMPARE(tileStarts(512, 192, .5), (Starts{0, 80, 160, 240, 320}));
        QCOMPARE(tileStarts(768, 256, .25), (Starts{0, 64, 128, 192, 256, 320, 384, 448, 512}));
        QCOMPARE(tileStarts(300, 256, .5), (Starts{0, 44}));
        QCOMPARE(tileStarts(256, 256, .5), Starts{0});
        QCOMPARE(tileStarts(100, 256, .5), Starts{0});
        // Half-way points go to the even neighbor: 0.5 -> 0, 1.5 -> 2.
        QCOMPARE(tileStarts(11, 8, .1), (Starts{0, 1, 2, 2, 3}));
    }
    void weighsTilesAsTheSpecification()
    {
        const auto w8 = tileWeights(8);
        const double row[] = {3.3546e-4, 0.011109, 0.13533528, 0.60653066, 1, 0.60653066, 0.13533528, 0.011109};
        for (int j = 0; j < 8; ++j)
            QVERIFY(std::abs(w8.data<float>()[4 * 8 + j] / row[j] - 1) < 1e-5);
        QVERIFY(std::abs(w8.data<float>()[0] / 1.12535e-7 - 1) < 1e-5);
        const auto w64 = tileWeights(64);
        const auto *w = w64.data<float>();
        QVERIFY(std::abs(w[32 * 64 + 63] / 5.4878e-4 - 1) < 1e-5);
        QVERIFY(std::abs(w[0] / 1.12535e-7 - 1) < 1e-5);
        QVERIFY(std::abs(w[64 * 64 - 1] / 3.01160e-7 - 1) < 1e-5);
        double sum = 0;
        for (std::int64_t i = 0; i < w64.size(); ++i)
            sum += w[i];
        QVERIFY(std::abs(sum - 402.07180) < 1e-3);
        const auto odd = tileWeights(33);
        for (float v : odd.span<float>())
            QVERIFY(v > 0 && v <= 1);
    }
    void returnsTheImageFromTheIdentity()
    {
        for (const auto &[height, width] : {std::pair{110, 70}, {64, 64}, {20, 90}, {1, 1}, {65, 64}})
            for (const char *flips : {"none", "4", "8"})
                for (const char *padding : {"mirror", "zero"}) {
                    PredictOptions o;
                    o.tile = 64;
                    o.flips = flips;
                    o.padding = padding;
                    const auto image = tilesPicture(2, height, width);
                    QVERIFY(worst(tilesWhole(image, 2, o, identity), image) < 1e-6);
                }
    }
    void keepsAConstantExactly()
    {
        PredictOptions o;
        o.tile = 32;
        const auto mean =
            tilesWhole(tilesPicture(1, 75, 50), 1, o, [](const torch::Tensor &x) { return torch::full_like(x, 0.25f); });
        for (float v : mean.span<float>())
            QVERIFY(std::abs(v - 0.25f) < 1e-7);
    }
    void equalsTheUntiledResultAwayFromBorders()
    {
        PredictOptions o;
        o.tile = 32;
        o.step = 1;
        const auto image = tilesPicture(1, 96, 64);
        const auto tiled = tilesWhole(image, 1, o, blurred);
        const auto plain = arrayOf(blurred(tensorOf(image).unsqueeze(0)).squeeze(0));
        for (int i = 0; i < 96; ++i)
            for (int j = 0; j < 64; ++j)
                if (i % 32 >= 2 && i % 32 < 30 && j % 32 >= 2 && j % 32 < 30)
                    QVERIFY(std::abs(tiled.data<float>()[i * 64 + j] - plain.data<float>()[i * 64 + j]) < 1e-5);
    }
    void aRegionEqualsThatPartOfTheWhole()
    {
        PredictOptions o;
        o.tile = 32;
        const auto image = tilesPicture(2, 110, 140);
        const auto all = tilesWhole(image, 1, o, blurred);
        for (const auto &r : {Region{0, 0, 110, 140}, Region{30, 45, 20, 60}, Region{109, 139, 1, 1}, Region{0, 100, 64, 40}}) {
            auto page = pageOf(image);
            std::int64_t pixels = 0;
            page.read = [&, read = page.read](const Region &part) {
                pixels += part.height * part.width;
                return read(part);
            };
            const auto part = tiledMean(page, r, 1, o, blurred);
            const auto expected = arrayOf(tensorOf(all).narrow(1, r.y, r.height).narrow(2, r.x, r.width));
            QVERIFY(worst(part, expected) < 1e-6);
            QVERIFY(pixels <= (r.height + 64) * (r.width + 64));
        }
    }
    void averagesFlipsInsideTiles()
    {
        // A net that is not symmetric: its shift by one pixel is undone by the mean over flips.
        PredictOptions o;
        o.tile = 16;
        const auto shift = [](const torch::Tensor &x) { return x.roll(1, 3); };
        const auto image = tilesPicture(1, 16, 16);
        o.flips = "4";
        const auto x = tensorOf(image);
        const auto expected = arrayOf((x.roll(1, 2) + x.roll(-1, 2)) / 2);
        QVERIFY(worst(tilesWhole(image, 1, o, shift), expected) < 1e-6);
        o.flips = "8";
        const auto eight = arrayOf((x.roll(1, 2) + x.roll(-1, 2) + x.roll(1, 1) + x.roll(-1, 1)) / 4);
        QVERIFY(worst(tilesWhole(image, 1, o, shift), eight) < 1e-6);
    }
    void averagesLogitsOrProbabilities()
    {
        PredictOptions o;
        o.tile = 32;
        const auto image = tilesPicture(1, 50, 50);
        const auto logits = classProbabilities(tilesWhole(image, 1, o, identity), false);
        o.averageProbabilities = true;
        const auto probabilities = classProbabilities(tilesWhole(image, 1, o, identity), true);
        QCOMPARE(logits.dim(0), std::int64_t(2));
        QVERIFY(worst(logits, probabilities) < 1e-6);
        for (std::int64_t i = 0; i < 2500; ++i)
            QVERIFY(std::abs(logits.data<float>()[i] + logits.data<float>()[2500 + i] - 1) < 1e-6);
    }
    void endsWhenAsked()
    {
        PredictOptions o;
        o.tile = 256;
        const auto image = tilesPicture(1, 600, 600);
        int asked = 0;
        EXPECT_ERROR(tiledMean(pageOf(image), {0, 0, 600, 600}, 1, o, identity, [&](double) { return ++asked < 2; }), "stopped");
        QCOMPARE(asked, 2);
    }
};

RETICLE_TEST(TilesTest)
#include "TilesTest.moc"
