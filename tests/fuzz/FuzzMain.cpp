#include "support/Mutate.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

/// What the program can make itself; files of the command line are added.
std::vector<std::string> builtInSeeds();

namespace {

std::string contents(const char *path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

/// ITERATIONS SEED FILES...: each file as it is, then that many damaged ones; iteration k of a seed is always the same.
/// The input under way is kept in fuzz-input.bin, to be given again as a file of its own.
int main(int argc, char **argv)
{
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s ITERATIONS SEED FILES...\n", argv[0]);
        return 2;
    }
    const long iterations = std::atol(argv[1]);
    const auto seed = static_cast<std::uint64_t>(std::atoll(argv[2]));
    std::vector<std::string> seeds = builtInSeeds();
    for (int i = 3; i < argc; ++i)
        seeds.push_back(contents(argv[i]));
    if (seeds.empty()) {
        std::fprintf(stderr, "no input to damage: name some files\n");
        return 2;
    }
    const auto run = [](const std::string &input) {
        std::ofstream("fuzz-input.bin", std::ios::binary) << input;
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(input.data()), input.size());
    };
    for (const auto &s : seeds)
        run(s);
    double slowest = 0;
    for (long k = 0; k < iterations; ++k) {
        auto random = reticle::Random::of(seed, static_cast<std::uint64_t>(k));
        const auto n = static_cast<std::int64_t>(seeds.size());
        const auto &one = seeds[static_cast<std::size_t>(random.below(n))];
        const auto &other = seeds[static_cast<std::size_t>(random.below(n))];
        const auto begin = std::chrono::steady_clock::now();
        run(reticle::test::mutated(one, other, random.next()));
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (seconds > 0.5 && seconds > slowest) {
            slowest = seconds;
            std::printf("iteration %ld took %.1f s\n", k, seconds);
            std::fflush(stdout);
            std::ofstream("fuzz-slow.bin", std::ios::binary) << contents("fuzz-input.bin");
        }
    }
    std::printf("%ld damaged inputs of %zu files\n", iterations, seeds.size());
    return 0;
}
