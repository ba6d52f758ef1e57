#include "learn/memory/PassMemory_p.h"

#include "learn/TorchCompat_p.h"
#include "support/Test.h"

using namespace reticle;

namespace {

constexpr std::int64_t passMemoryMib = std::int64_t(1) << 20;

std::shared_ptr<ImageModule> passMemoryUnet()
{
    torch::manual_seed(1);
    auto module = makeModule({{"name", "unet"}, {"weights", 20000}, {"normalization", "batch"}}, {1, 1});
    module->eval();
    return module;
}

PassShape square(std::int64_t side)
{
    return {1, 1, side, side};
}

/// What a pass of this shape needs, as a refusal has it.
std::int64_t needOf(ImageModule &module, const PassShape &shape, const PassExtras &extras = {})
{
    return static_cast<std::int64_t>(fittingPass(module, {shape}, false, extras, 1).need);
}

} // namespace

class PassMemoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void takesWhatIsAskedForWhereThereIsMuch()
    {
        const auto module = passMemoryUnet();
        const std::vector<PassShape> choices{square(1024), square(512)};
        const auto found = fittingPass(*module, choices, false, {}, std::int64_t(1) << 50);
        QVERIFY(found.fits(choices));
        QCOMPARE(found.choice, std::size_t(0));
        QCOMPARE(found.need, 0.0); // one small pass told it
    }
    void takesTheFirstThatFits()
    {
        const auto module = passMemoryUnet();
        const std::vector<PassShape> choices{square(2048), square(1024), square(512)};
        for (std::size_t i = 0; i < choices.size(); ++i) {
            const auto found = fittingPass(*module, choices, false, {}, needOf(*module, choices[i]));
            QCOMPARE(found.choice, i);
            QVERIFY(found.fits(choices));
            QCOMPARE(static_cast<std::int64_t>(found.need), needOf(*module, choices[0]));
        }
        const auto none = fittingPass(*module, choices, false, {}, passMemoryMib);
        QVERIFY(!none.fits(choices));
        QCOMPARE(static_cast<std::int64_t>(none.need), needOf(*module, choices[0]));
    }
    void whatIsBesideThePassCounts()
    {
        const auto module = passMemoryUnet();
        const auto plain = needOf(*module, square(512));
        PassExtras arrays, pixels, passes, proof;
        arrays.arrays = 300.0 * passMemoryMib;
        QCOMPARE(needOf(*module, square(512), arrays), plain + 300 * passMemoryMib);
        pixels.perPixel = 400;
        QCOMPARE(needOf(*module, square(512), pixels), plain + 400 * 512 * 512);
        passes.passes = 3;
        QVERIFY(needOf(*module, square(512), passes) > plain + (plain - needOf(*module, square(16))));
        proof.proof = 1.5;
        QVERIFY(std::abs(static_cast<double>(needOf(*module, square(512), proof)) - 1.5 * static_cast<double>(plain)) < 2);
        // What would fit by itself does not beside them.
        const std::vector<PassShape> choices{square(512), square(256)};
        QCOMPARE(fittingPass(*module, choices, false, {}, plain).choice, std::size_t(0));
        QCOMPARE(fittingPass(*module, choices, false, passes, plain).choice, std::size_t(1));
        QVERIFY(!fittingPass(*module, choices, false, arrays, plain).fits(choices));
    }
    void leavesTheModuleAsItWas()
    {
        const auto module = passMemoryUnet();
        const auto random = generatorState();
        const auto before = module->buffers().front().clone();
        fittingPass(*module, {square(512), square(128)}, false, {}, 4 * passMemoryMib);
        QVERIFY(torch::equal(before, module->buffers().front()) && torch::equal(random, generatorState()));
        QVERIFY(!module->is_training());
    }
    void refusalsSayWhatIsNeeded()
    {
        const auto e =
            predictionRefusal("a page of 9 x 8 px", 512.0 * passMemoryMib, 100 * passMemoryMib, "Choose smaller ones.");
        QVERIFY(e.kind() == Error::Kind::Failed);
        QCOMPARE(QString(e.what()),
                 QStringLiteral(
                     "memory: Predicting a page of 9 x 8 px needs about 512 MiB, and 100 MiB are free. Choose smaller ones."));
        QVERIFY(QString(predictionRefusal("it", 0, passMemoryMib, "Choose less.").what())
                    .contains("Predicting it needs more memory, and 1 MiB are free."));
    }
};

RETICLE_TEST(PassMemoryTest)
#include "PassMemoryTest.moc"
