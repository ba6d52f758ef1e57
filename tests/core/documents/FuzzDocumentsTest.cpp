// The harness of the long runs, a short while on each of its seeds.
#define LLVMFuzzerTestOneInput fuzzDocuments
#define builtInSeeds documentSeeds
#include "fuzz/FuzzDocuments.cpp"
#undef LLVMFuzzerTestOneInput
#undef builtInSeeds

#include "support/Mutate.h"
#include "support/Test.h"

class FuzzDocumentsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// The long form is tests/fuzz/FuzzDocuments with sanitizers. An input that is no Error ends this program.
    void damagedDocumentsAreReadOrRefused()
    {
        const auto seeds = documentSeeds();
        for (std::uint64_t k = 0; k < 6000; ++k) {
            const std::string &seed = seeds[k % seeds.size()];
            std::string input = reticle::test::mutated(seed, seeds[(k + 3) % seeds.size()], k);
            if (!input.empty())
                input[0] = seed[0];
            fuzzDocuments(reinterpret_cast<const std::uint8_t *>(input.data()), input.size());
        }
    }
};

RETICLE_TEST(FuzzDocumentsTest)
#include "FuzzDocumentsTest.moc"
