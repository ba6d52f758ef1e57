// The wavelet transform against PyWavelets: the peer of tests/bench/wavelets.py and tests/long/wavelets.py.
//   reticle_wavelet_bench time FILTER SIDE COUNT LEVELS THREADS REPEATS TYPE keep|drop|inverse
//                                                                     -> seconds of each repeat, one a line
//   reticle_wavelet_bench transform                                     -> answers requests on standard input

#include "analysis/wavelet/Wavelet.h"
#include "foundation/Parallel.h"
#include "foundation/Random.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace reticle;

namespace {

/// `keep`: the coefficients of all images are kept, in new memory for each; else those of an image are dropped before
/// the next, as an analysis does that sums them up. `inverse`: images from coefficients, each dropped before the next.
template <class T>
int timeIt(const char *filter, int side, int count, int levels, int threads, int repeats, bool keep, bool inverse)
{
    const WaveletPlan<T> plan(waveletFilter(filter), WaveletMode::Symmetric, side, side, levels);
    const std::int64_t pixels = static_cast<std::int64_t>(side) * side;
    std::vector<T> images(static_cast<std::size_t>(pixels * count));
    Random random(1);
    for (auto &v : images)
        v = static_cast<T>(random.uniform());
    const auto size = static_cast<std::size_t>(plan.layout().size);
    std::vector<T> coefficients(inverse ? size * static_cast<std::size_t>(count) : 0);
    typename WaveletPlan<T>::Work first;
    for (int i = 0; inverse && i < count; ++i)
        plan.forward(images.data() + i * pixels, coefficients.data() + static_cast<std::size_t>(i) * size, first);
    for (int r = 0; r < repeats; ++r) {
        const auto begin = std::chrono::steady_clock::now();
        std::vector<typename WaveletPlan<T>::Work> work(static_cast<std::size_t>(threads));
        std::vector<std::unique_ptr<T[]>> kept(static_cast<std::size_t>(keep ? count : threads));
        inParallel(count, threads, [&](std::int64_t i, int thread) {
            auto &c = kept[static_cast<std::size_t>(keep ? i : thread)];
            if (!c)
                c.reset(new T[std::max(size, static_cast<std::size_t>(pixels))]);
            if (inverse)
                plan.inverse(coefficients.data() + static_cast<std::size_t>(i) * size, c.get(),
                             work[static_cast<std::size_t>(thread)]);
            else
                plan.forward(images.data() + i * pixels, c.get(), work[static_cast<std::size_t>(thread)]);
        });
        const std::chrono::duration<double> s = std::chrono::steady_clock::now() - begin;
        std::printf("%.9f\n", s.count());
        std::fflush(stdout);
    }
    return 0;
}

/// Request: a line "FILTER MODE ROWS COLUMNS LEVELS float32|float64", then the pixels. Answer: the number of
/// coefficients as int64, the coefficients in the order of WaveletLayout, the image made from them again.
template <class T> bool answer(const char *filter, const char *mode, int rows, int columns, int levels)
{
    const WaveletPlan<T> plan(waveletFilter(filter), waveletMode(mode), rows, columns, levels);
    std::vector<T> image(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
    if (std::fread(image.data(), sizeof(T), image.size(), stdin) != image.size())
        return false;
    const std::int64_t size = plan.layout().size;
    std::vector<T> coefficients(static_cast<std::size_t>(size));
    typename WaveletPlan<T>::Work work;
    plan.forward(image.data(), coefficients.data(), work);
    plan.inverse(coefficients.data(), image.data(), work);
    std::fwrite(&size, sizeof size, 1, stdout);
    std::fwrite(coefficients.data(), sizeof(T), coefficients.size(), stdout);
    std::fwrite(image.data(), sizeof(T), image.size(), stdout);
    std::fflush(stdout);
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc > 9 && std::strcmp(argv[1], "time") == 0) {
        const auto number = [&](int i) { return std::atoi(argv[i]); };
        const bool wide = std::strcmp(argv[8], "float64") == 0, keep = std::strcmp(argv[9], "keep") == 0;
        const bool inverse = std::strcmp(argv[9], "inverse") == 0;
        return wide ? timeIt<double>(argv[2], number(3), number(4), number(5), number(6), number(7), keep, inverse)
                    : timeIt<float>(argv[2], number(3), number(4), number(5), number(6), number(7), keep, inverse);
    }
    char filter[32], mode[32], type[32];
    int rows, columns, levels;
    while (std::scanf("%31s %31s %d %d %d %31s", filter, mode, &rows, &columns, &levels, type) == 6) {
        std::getchar(); // the end of the line
        const bool wide = std::strcmp(type, "float64") == 0;
        if (!(wide ? answer<double>(filter, mode, rows, columns, levels) : answer<float>(filter, mode, rows, columns, levels)))
            return 1;
    }
    return 0;
}
