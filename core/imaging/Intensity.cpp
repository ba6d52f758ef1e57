#include "imaging/Intensity.h"

#include "foundation/Clones_p.h"
#include "imaging/Mirror_p.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

// The same numbers on every machine.
#define CLONED RETICLE_CLONES("avx2", "default")

namespace reticle {

namespace {

// Sums in this many parts, whatever the width of the machine's registers: the order of additions is then the same.
constexpr std::int64_t lanes = 16;
constexpr std::int64_t block = 512;

struct IntensitySums
{
    double sum = 0, squares = 0;
    float low = 0, high = 0;
};

/// Of the deviations from `about`, which lies among the values: the squares do not cancel.
CLONED IntensitySums sumsOf(const float *v, std::int64_t n, float about)
{
    double sum[lanes] = {}, squares[lanes] = {};
    float low[lanes], high[lanes];
    std::fill(low, low + lanes, v[0]);
    std::fill(high, high + lanes, v[0]);
    std::int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
        for (std::int64_t k = 0; k < lanes; ++k) {
            const float x = v[i + k];
            const double d = static_cast<double>(x - about);
            sum[k] += d;
            squares[k] += d * d;
            low[k] = x < low[k] ? x : low[k];
            high[k] = x > high[k] ? x : high[k];
        }
    for (; i < n; ++i) {
        const double d = static_cast<double>(v[i] - about);
        sum[0] += d;
        squares[0] += d * d;
        low[0] = std::min(low[0], v[i]);
        high[0] = std::max(high[0], v[i]);
    }
    IntensitySums all{0, 0, low[0], high[0]};
    for (std::int64_t k = 0; k < lanes; ++k) {
        all.sum += sum[k];
        all.squares += squares[k];
        all.low = std::min(all.low, low[k]);
        all.high = std::max(all.high, high[k]);
    }
    return all;
}

CLONED void stretchAll(float *v, std::int64_t n, float from, float factor, float to, float low, float high)
{
    for (std::int64_t i = 0; i < n; ++i) {
        const float x = (v[i] - from) * factor + to;
        const float y = x < low ? low : x;
        v[i] = y > high ? high : y;
    }
}

/// Two normal numbers of 64 random bits each, the first `pairs` and the rest of `to`: log by the series of the inverse
/// hyperbolic tangent, sine and cosine by Taylor's, on ranges where what is left out is below float32. Signs and the choice
/// between the two are made of bits, because branches would keep the loop from being done several numbers at a time.
CLONED void normal(const std::uint64_t *bits, std::int64_t pairs, float deviation, float *__restrict first,
                   float *__restrict second)
{
    for (std::int64_t i = 0; i < pairs; ++i) {
        const auto upper = static_cast<std::int32_t>(bits[i] >> 40), lower = static_cast<std::int32_t>(bits[i] & 0xffffff);
        const float u = (static_cast<float>(upper) + 1) * 0x1p-24f; // (0, 1]
        // u = m 2^e with m from sqrt(1/2) to sqrt(2)
        const std::int32_t shifted = std::bit_cast<std::int32_t>(u) - 0x3f3504f3;
        const auto e = static_cast<float>(shifted >> 23);
        const float m = std::bit_cast<float>((shifted & 0x7fffff) + 0x3f3504f3);
        const float s = (m - 1) / (m + 1), s2 = s * s;
        const float log =
            e * std::numbers::ln2_v<float> + 2 * s * (1 + s2 * (1.0f / 3 + s2 * (1.0f / 5 + s2 * (1.0f / 7 + s2 * (1.0f / 9)))));
        const float r = deviation * std::sqrt(std::abs(2 * log));
        // The turn in quarters, the rest from -1/8 to 1/8 of it.
        const std::int32_t quarter = (lower + 0x200000) >> 22;
        const float x = static_cast<float>(lower - (quarter << 22)) * (0x1p-22f * std::numbers::pi_v<float> / 2), x2 = x * x;
        const float sine = x * (1 - x2 * (1.0f / 6 - x2 * (1.0f / 120 - x2 * (1.0f / 5040 - x2 * (1.0f / 362880)))));
        const float cosine = 1 - x2 * (0.5f - x2 * (1.0f / 24 - x2 * (1.0f / 720 - x2 * (1.0f / 40320))));
        const std::int32_t odd = -(quarter & 1), a = std::bit_cast<std::int32_t>(r * cosine),
                           b = std::bit_cast<std::int32_t>(r * sine);
        first[i] = std::bit_cast<float>(((a & ~odd) | (b & odd)) ^ (((quarter + 1) & 2) << 30));
        second[i] = std::bit_cast<float>(((b & ~odd) | (a & odd)) ^ ((quarter & 2) << 30));
    }
}

CLONED void addPairs(float *v, const float *first, const float *second, std::int64_t pairs)
{
    for (std::int64_t i = 0; i < pairs; ++i) {
        v[2 * i] += first[i];
        v[2 * i + 1] += second[i];
    }
}

/// to[j] = sum of kernel[k] from[k][j]
CLONED void weigh(const float *const *from, const float *kernel, int taps, float *__restrict to, std::int64_t n)
{
    for (std::int64_t start = 0; start < n; start += block) {
        const std::int64_t length = std::min(block, n - start);
        float *__restrict o = to + start;
        const float *__restrict first = from[0] + start;
        for (std::int64_t j = 0; j < length; ++j)
            o[j] = kernel[0] * first[j];
        int k = 1;
        for (; k + 1 < taps; k += 2) {
            const float *__restrict p = from[k] + start, *__restrict q = from[k + 1] + start;
            const float a = kernel[k], b = kernel[k + 1];
            for (std::int64_t j = 0; j < length; ++j)
                o[j] += a * p[j] + b * q[j];
        }
        if (k < taps) {
            const float *__restrict p = from[k] + start;
            for (std::int64_t j = 0; j < length; ++j)
                o[j] += kernel[k] * p[j];
        }
    }
}

constexpr int gammaSteps = 1024;

CLONED void lookUp(float *v, std::int64_t n, float low, float factor, const float *table)
{
    for (std::int64_t i = 0; i < n; ++i) {
        const float p = (v[i] - low) * factor;
        const auto k = static_cast<std::int32_t>(p);
        const float a = table[k], b = table[k + 1];
        v[i] = a + (p - static_cast<float>(k)) * (b - a);
    }
}

CLONED void between(const float *a, const float *b, float part, float *to, std::int64_t n)
{
    for (std::int64_t j = 0; j < n; ++j)
        to[j] = a[j] + part * (b[j] - a[j]);
}

CLONED void betweenPicked(const float *row, const std::int32_t *a, const std::int32_t *b, const float *part, float *to,
                          std::int64_t n)
{
    for (std::int64_t j = 0; j < n; ++j) {
        const float x = row[a[j]], y = row[b[j]];
        to[j] = x + part[j] * (y - x);
    }
}

} // namespace

Moments momentsOf(const float *v, std::int64_t n)
{
    const float about = v[n / 2];
    const auto s = sumsOf(v, n, about);
    const double mean = s.sum / static_cast<double>(n);
    return {static_cast<float>(about + mean),
            static_cast<float>(std::sqrt(std::max(0.0, s.squares / static_cast<double>(n) - mean * mean))), s.low, s.high};
}

void stretch(float *v, std::int64_t n, float from, float factor, float to, float low, float high)
{
    stretchAll(v, n, from, factor, to, low, high);
}

void addNoise(float *v, std::int64_t n, float deviation, Random &random)
{
    std::array<std::uint64_t, block> bits;
    std::array<float, block> first, second;
    for (std::int64_t at = 0; at < n; at += 2 * block) {
        const std::int64_t count = std::min(2 * block, n - at), pairs = (count + 1) / 2;
        for (std::int64_t i = 0; i < pairs; ++i)
            bits[static_cast<std::size_t>(i)] = random.next();
        normal(bits.data(), pairs, deviation, first.data(), second.data());
        addPairs(v + at, first.data(), second.data(), count / 2);
        if (count % 2)
            v[at + count - 1] += first[static_cast<std::size_t>(pairs - 1)];
    }
}

void blur(float *v, std::int64_t height, std::int64_t width, double sigma)
{
    const int radius = static_cast<int>(std::ceil(3 * sigma)), taps = 2 * radius + 1;
    std::vector<float> kernel(static_cast<std::size_t>(taps));
    float sum = 0;
    for (int k = -radius; k <= radius; ++k)
        sum += kernel[static_cast<std::size_t>(k + radius)] = static_cast<float>(std::exp(-0.5 * k * k / (sigma * sigma)));
    for (float &k : kernel)
        k /= sum;
    std::vector<const float *> from(static_cast<std::size_t>(taps));
    std::vector<float> padded(static_cast<std::size_t>(width + 2 * radius));
    const auto left = mirroredRun(-radius, radius, width), right = mirroredRun(width, radius, width);
    std::vector<float> along(static_cast<std::size_t>(height * width));
    for (std::int64_t i = 0; i < height; ++i) {
        const float *row = v + i * width;
        for (int k = 0; k < radius; ++k) {
            padded[static_cast<std::size_t>(k)] = row[left[static_cast<std::size_t>(k)]];
            padded[static_cast<std::size_t>(width + radius + k)] = row[right[static_cast<std::size_t>(k)]];
        }
        std::copy_n(row, width, padded.data() + radius);
        for (int k = 0; k < taps; ++k)
            from[static_cast<std::size_t>(k)] = padded.data() + k;
        weigh(from.data(), kernel.data(), taps, along.data() + i * width, width);
    }
    const auto rows = mirroredRun(-radius, height + 2 * radius, height);
    for (std::int64_t i = 0; i < height; ++i) {
        for (int k = 0; k < taps; ++k)
            from[static_cast<std::size_t>(k)] = along.data() + rows[static_cast<std::size_t>(i + k)] * width;
        weigh(from.data(), kernel.data(), taps, v + i * width, width);
    }
}

void lowerResolution(float *v, std::int64_t side, double zoom)
{
    const auto coarse = std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * zoom));
    const double pitch = static_cast<double>(side) / static_cast<double>(coarse);
    const auto n = static_cast<std::size_t>(side);
    std::vector<std::int32_t> pick(static_cast<std::size_t>(coarse)), below(n), above(n), a(n), b(n);
    std::vector<float> part(n);
    for (std::int64_t k = 0; k < coarse; ++k)
        pick[static_cast<std::size_t>(k)] =
            static_cast<std::int32_t>(std::min(side - 1, static_cast<std::int64_t>((static_cast<double>(k) + 0.5) * pitch)));
    for (std::size_t i = 0; i < n; ++i) {
        const double p = std::clamp((static_cast<double>(i) + 0.5) / pitch - 0.5, 0.0, static_cast<double>(coarse) - 1);
        below[i] = static_cast<std::int32_t>(p);
        above[i] = std::min(static_cast<std::int32_t>(coarse - 1), below[i] + 1);
        part[i] = static_cast<float>(p - below[i]);
        a[i] = pick[static_cast<std::size_t>(below[i])];
        b[i] = pick[static_cast<std::size_t>(above[i])];
    }
    std::vector<float> rows(static_cast<std::size_t>(coarse * side));
    for (std::int64_t k = 0; k < coarse; ++k)
        betweenPicked(v + pick[static_cast<std::size_t>(k)] * side, a.data(), b.data(), part.data(), rows.data() + k * side,
                      side);
    for (std::size_t i = 0; i < n; ++i)
        between(rows.data() + below[i] * side, rows.data() + above[i] * side, part[i], v + static_cast<std::int64_t>(i) * side,
                side);
}

void bendGamma(float *v, std::int64_t n, double gamma, bool inverted)
{
    const auto before = momentsOf(v, n);
    if (!(before.high > before.low))
        return;
    std::array<float, gammaSteps + 2> table;
    for (int k = 0; k <= gammaSteps; ++k) {
        const double p = static_cast<double>(k) / gammaSteps;
        table[static_cast<std::size_t>(k)] = static_cast<float>(inverted ? 1 - std::pow(1 - p, gamma) : std::pow(p, gamma));
    }
    table[gammaSteps + 1] = table[gammaSteps];
    lookUp(v, n, before.low, gammaSteps / (before.high - before.low), table.data());
    const auto after = momentsOf(v, n);
    constexpr float all = std::numeric_limits<float>::infinity();
    stretchAll(v, n, after.mean, before.deviation / std::max(after.deviation, 1e-8f), before.mean, -all, all);
}

} // namespace reticle
