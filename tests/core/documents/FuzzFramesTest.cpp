// The harness of the long runs, a short while on each of its seeds.
#define LLVMFuzzerTestOneInput fuzzFrames
#define builtInSeeds frameSeeds
#include "fuzz/FuzzFrames.cpp"
#undef LLVMFuzzerTestOneInput
#undef builtInSeeds

#include "support/Mutate.h"
#include "support/Test.h"

class FuzzFramesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// The long form is tests/fuzz/FuzzFrames with sanitizers. An input that is no Error ends this program.
    void damagedFramesAreReadOrRefused()
    {
        const auto seeds = frameSeeds();
        for (std::uint64_t k = 0; k < 20000; ++k) {
            const std::string input = reticle::test::mutated(seeds[k % seeds.size()], seeds[(k + 3) % seeds.size()], k);
            fuzzFrames(reinterpret_cast<const std::uint8_t *>(input.data()), input.size());
        }
    }
};

RETICLE_TEST(FuzzFramesTest)
#include "FuzzFramesTest.moc"
