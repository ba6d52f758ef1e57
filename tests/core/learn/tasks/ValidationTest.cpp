#include "learn/Tensors_p.h"
#include "learn/tasks/Validation_p.h"
#include "support/Blobs.h"
#include "support/Test.h"

using namespace reticle;
using test::blobPicture;
using test::blobs;

namespace {

/// Says "class 1" above a gray value of 0.5, with a certainty that is given.
struct Threshold : ImageModule
{
    explicit Threshold(double gain) : m_gain(gain) {}
    std::int64_t multiple() const override { return 1; }
    torch::Tensor logits(const torch::Tensor &x) override { return m_gain * (x - 0.5); }
    double m_gain;
};

CropSource blobSource(std::vector<std::int64_t> slices, std::int64_t side = 64)
{
    return {std::move(slices),
            [side](std::int64_t s) { return blobPicture(s, side); },
            [side](std::int64_t s) { return blobs(s, side); },
            {1, 1}};
}

Validation validated(ImageModule &module, const CropSource &from, const Json &objective = {{"name", "bce"}}, int slices = 99)
{
    const auto o = makeMapObjective(objective, {1, 1});
    return validate(module, {.objective = *o, .source = from}, [&slices] { return slices-- > 0; });
}

} // namespace

class ValidationTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void countsEverySlice()
    {
        Threshold module(1000);
        const auto v = validated(module, blobSource({1, 2, 5}));
        std::int64_t both = 0, either = 0, wrong = 0;
        for (const int slice : {1, 2, 5}) {
            const auto x = blobPicture(slice), y = blobs(slice);
            for (std::int64_t i = 0; i < y.size(); ++i) {
                const bool said = x.data<float>()[i] > 0.5f, is = y.data<std::uint8_t>()[i];
                both += said && is;
                either += said + is;
                wrong += said != is;
            }
        }
        QCOMPARE(v.confusion.pixels(), std::int64_t(3 * 64 * 64));
        QVERIFY(std::abs(v.confusion.dice() - 2.0 * static_cast<double>(both) / static_cast<double>(either)) < 1e-12);
        QVERIFY(std::abs(v.confusion.pixelError() - static_cast<double>(wrong) / (3 * 64 * 64)) < 1e-12);
        QVERIFY(!v.constant);
        QVERIFY(module.is_training());
    }

    void leavesOutIgnoredPixels()
    {
        auto from = blobSource({1, 2});
        from.target = [](std::int64_t s) {
            auto y = blobs(s);
            for (std::int64_t i = 0; i < (s == 1 ? y.size() : 64); ++i)
                y.data<std::uint8_t>()[i] = 255;
            return y;
        };
        Threshold module(3);
        const auto v = validated(module, from);
        QCOMPARE(v.confusion.pixels(), std::int64_t(63 * 64));
        const auto objective = makeMapObjective(Json{{"name", "bce"}}, {1, 1});
        torch::NoGradGuard guard;
        const auto z = module.forward(tensorOf(blobPicture(2)).unsqueeze(0));
        const auto loss = objective->loss(z, tensorOf(from.target(2)).to(torch::kLong).unsqueeze(0), {}).item<double>();
        QVERIFY(std::abs(v.loss - loss) < 1e-6);
    }

    void weighsBorders()
    {
        auto from = blobSource({1});
        from.target = [](std::int64_t) { // two cells, three pixels apart
            Array y(DType::UInt8, {64, 64});
            for (std::int64_t i = 0; i < y.size(); ++i)
                y.data<std::uint8_t>()[i] = i % 64 < 30 || i % 64 > 32;
            return y;
        };
        Threshold module(3);
        const Json section{{"name", "bce"}, {"border-map", true}};
        const auto v = validated(module, from, section);
        const auto objective = makeMapObjective(section, {1, 1});
        torch::NoGradGuard guard;
        const auto z = module.forward(tensorOf(blobPicture(1)).unsqueeze(0));
        const auto y = from.target(1);
        const auto map =
            tensorOf(borderWeights(y.data<std::uint8_t>(), 64, 64, objective->borderWeight(), objective->borderSigma()));
        const auto loss = [&](const torch::Tensor &m) {
            return objective->loss(z, tensorOf(y).to(torch::kLong).unsqueeze(0), m).item<double>();
        };
        QVERIFY(std::abs(v.loss - loss(map.unsqueeze(0))) < 1e-6);
        QVERIFY(std::abs(v.loss - loss({})) > 1e-3);
    }

    void endsWhenToldTo()
    {
        Threshold module(3);
        QCOMPARE(validated(module, blobSource({1, 2, 3}), {{"name", "bce"}}, 2).confusion.pixels(), std::int64_t(2 * 64 * 64));
        QVERIFY(std::isnan(validated(module, blobSource({1, 2, 3}), {{"name", "bce"}}, 0).loss));
    }

    void recognizesADeadNetwork()
    {
        Threshold dead(0);
        QVERIFY(validated(dead, blobSource({1})).constant);
        torch::manual_seed(1);
        auto alive = makeModule({{"name", "unet"}, {"weights", 4000}}, {1, 1});
        QVERIFY(!validated(*alive, blobSource({1})).constant);
    }

    void takesLargeSlicesInTiles()
    {
        torch::manual_seed(1);
        auto module = makeModule({{"name", "unet"}, {"weights", 500}}, {1, 1});
        const auto v = validated(*module, blobSource({1}, 1300));
        QCOMPARE(v.confusion.pixels(), std::int64_t(1300 * 1300));
        module->eval();
        torch::NoGradGuard guard;
        const auto z = module->forward(tensorOf(blobPicture(1, 1300)).unsqueeze(0));
        const auto objective = makeMapObjective(Json{{"name", "bce"}}, {1, 1});
        const auto loss = objective->loss(z, tensorOf(blobs(1, 1300)).to(torch::kLong).unsqueeze(0), {});
        QVERIFY(std::abs(loss.item<double>() - v.loss) < 1e-3);
    }
};

RETICLE_TEST(ValidationTest)
#include "ValidationTest.moc"
