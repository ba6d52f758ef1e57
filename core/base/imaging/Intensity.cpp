#include "base/imaging/Intensity.h"

#include "base/imaging/Clones_p.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <vector>

namespace reticle::imaging {

namespace {

constexpr int kLanes = 16; ///< partial sums, so that additions do not wait for one another

struct Sums
{
    double sum, squares;
    float low, high;
};

RETICLE_WIDE Sums sumsOf(const float *v, std::int64_t n)
{
    double sum[kLanes] = {}, squares[kLanes] = {};
    float low[kLanes], high[kLanes];
    std::fill(low, low + kLanes, v[0]);
    std::fill(high, high + kLanes, v[0]);
    std::int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes)
        for (int k = 0; k < kLanes; ++k) {
            const float x = v[i + k];
            const double d = x;
            sum[k] += d;
            squares[k] += d * d;
            low[k] = x < low[k] ? x : low[k];
            high[k] = x > high[k] ? x : high[k];
        }
    Sums s{0, 0, v[0], v[0]};
    for (; i < n; ++i) {
        s.sum += v[i];
        s.squares += static_cast<double>(v[i]) * v[i];
        s.low = std::min(s.low, v[i]);
        s.high = std::max(s.high, v[i]);
    }
    for (int k = 0; k < kLanes; ++k) {
        s.sum += sum[k];
        s.squares += squares[k];
        s.low = std::min(s.low, low[k]);
        s.high = std::max(s.high, high[k]);
    }
    return s;
}

constexpr int kPairs = 256; ///< normal numbers made at a time, in pairs

/// Two normal numbers from each pair of whole numbers of 24 bits: cos and sin parts of Box and Muller.
/// log by the series of atanh, sine and cosine by their own about the nearest quarter turn: both to the last bits of
/// float32, and loops that the compiler can widen, which library calls are not.
RETICLE_WIDE void normalPairs(const std::int32_t *radius, const std::int32_t *angle, float deviation, float *out)
{
    for (int k = 0; k < kPairs; ++k) {
        const float u = static_cast<float>(radius[k] + 1) * 0x1p-24f; // (0, 1]
        // u = 2^e m, m from sqrt(1/2) to sqrt(2)
        const std::int32_t bits = std::bit_cast<std::int32_t>(u);
        const std::int32_t e = (bits - 0x3f3504f3) >> 23;
        const float m = std::bit_cast<float>(bits - (e << 23));
        const float s = (m - 1) / (m + 1), s2 = s * s;
        const float logM = 2 * s * (1 + s2 * (1.0f / 3 + s2 * (1.0f / 5 + s2 * (1.0f / 7 + s2 * (1.0f / 9)))));
        const float log = logM + static_cast<float>(e) * std::numbers::ln2_v<float>;
        const float r2 = -2 * log;
        const float r = deviation * __builtin_sqrtf(r2 > 0 ? r2 : 0);
        const std::int32_t quarter = (angle[k] + (1 << 21)) >> 22; // nearest, 0 .. 4
        const float x = static_cast<float>(angle[k] - (quarter << 22)) * (0x1p-24f * 2 * std::numbers::pi_v<float>);
        const float x2 = x * x;
        const float sine =
            x * (1 + x2 * (-1.0f / 6 + x2 * (1.0f / 120 + x2 * (-1.0f / 5040 + x2 * (1.0f / 362880)))));
        const float cosine =
            1 + x2 * (-0.5f + x2 * (1.0f / 24 + x2 * (-1.0f / 720 + x2 * (1.0f / 40320 - x2 * (1.0f / 3628800)))));
        const float c = quarter & 1 ? sine : cosine, d = quarter & 1 ? cosine : sine;
        out[k] = (quarter + 1) & 2 ? -(r * c) : r * c;
        out[kPairs + k] = quarter & 2 ? -(r * d) : r * d;
    }
}

RETICLE_WIDE void addTo(float *v, const float *noise, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i)
        v[i] += noise[i];
}

/// row[j] += weight * (a[j] + b[j])
RETICLE_WIDE void addPair(float *row, const float *a, const float *b, float weight, std::int64_t n)
{
    for (std::int64_t j = 0; j < n; ++j)
        row[j] += weight * (a[j] + b[j]);
}

RETICLE_WIDE void setScaled(float *row, const float *a, float weight, std::int64_t n)
{
    for (std::int64_t j = 0; j < n; ++j)
        row[j] = weight * a[j];
}

/// a + part (b - a), part of a row or one for all
RETICLE_WIDE void between(float *to, const float *a, const float *b, float part, std::int64_t n)
{
    for (std::int64_t j = 0; j < n; ++j)
        to[j] = a[j] + part * (b[j] - a[j]);
}

RETICLE_WIDE void throughTable(float *v, std::int64_t n, const float *table, float low, float factor)
{
    for (std::int64_t i = 0; i < n; ++i) {
        const float p = (v[i] - low) * factor;
        const auto k = static_cast<std::int32_t>(p);
        v[i] = table[k] + (p - static_cast<float>(k)) * (table[k + 1] - table[k]);
    }
}

RETICLE_WIDE void stretch(float *v, std::int64_t n, float mean, float factor, float to)
{
    for (std::int64_t i = 0; i < n; ++i)
        v[i] = (v[i] - mean) * factor + to;
}

} // namespace

Moments momentsOf(const float *v, std::int64_t n)
{
    const auto s = sumsOf(v, n);
    const double mean = s.sum / static_cast<double>(n);
    const double variance = s.squares / static_cast<double>(n) - mean * mean;
    return {static_cast<float>(mean), static_cast<float>(std::sqrt(std::max(0.0, variance))), s.low, s.high};
}

void addNoise(float *v, std::int64_t n, float deviation, Random &random)
{
    std::array<std::int32_t, kPairs> radius, angle;
    std::array<float, 2 * kPairs> noise;
    for (std::int64_t i = 0; i < n; i += 2 * kPairs) {
        for (int k = 0; k < kPairs; ++k) { // 2 x 24 bits of one draw are plenty for noise
            const std::uint64_t bits = random.next();
            radius[static_cast<std::size_t>(k)] = static_cast<std::int32_t>(bits >> 40);
            angle[static_cast<std::size_t>(k)] = static_cast<std::int32_t>(bits & 0xffffff);
        }
        normalPairs(radius.data(), angle.data(), deviation, noise.data());
        addTo(v + i, noise.data(), std::min<std::int64_t>(2 * kPairs, n - i));
    }
}

void blur(const float *v, std::int64_t height, std::int64_t width, double sigma, const Box &box, float *to)
{
    const auto radius = static_cast<std::int64_t>(std::ceil(3 * sigma));
    std::vector<float> kernel(static_cast<std::size_t>(radius + 1)); // from the middle outwards
    float sum = 0;
    for (std::int64_t k = 0; k <= radius; ++k) {
        const auto at = static_cast<double>(k);
        kernel[static_cast<std::size_t>(k)] = static_cast<float>(std::exp(-0.5 * at * at / (sigma * sigma)));
        sum += (k == 0 ? 1.0f : 2.0f) * kernel[static_cast<std::size_t>(k)];
    }
    for (float &k : kernel)
        k /= sum;
    const std::int64_t rows = box.bottom - box.top, columns = box.right - box.left;
    const auto across = [&](std::int64_t y, float *row, std::vector<float> &padded) {
        const float *from = v + y * width;
        for (std::int64_t j = 0; j < columns + 2 * radius; ++j) {
            const std::int64_t x = box.left + j - radius;
            padded[static_cast<std::size_t>(j)] = from[x >= 0 && x < width ? x : mirrored(x, width)];
        }
        const float *middle = padded.data() + radius;
        setScaled(row, middle, kernel[0], columns);
        for (std::int64_t k = 1; k <= radius; ++k)
            addPair(row, middle - k, middle + k, kernel[static_cast<std::size_t>(k)], columns);
    };
    // Each source row that the box needs once: mirrored rows are rows within the margin anyway, or far inside of small planes.
    std::vector<float> padded(static_cast<std::size_t>(columns + 2 * radius));
    std::vector<std::int64_t> slot(static_cast<std::size_t>(height), -1);
    std::vector<std::int64_t> wanted;
    for (std::int64_t i = box.top - radius; i < box.bottom + radius; ++i) {
        const auto y = mirrored(i, height);
        if (slot[static_cast<std::size_t>(y)] < 0) {
            slot[static_cast<std::size_t>(y)] = static_cast<std::int64_t>(wanted.size());
            wanted.push_back(y);
        }
    }
    std::vector<float> smooth(wanted.size() * static_cast<std::size_t>(columns));
    for (std::size_t k = 0; k < wanted.size(); ++k)
        across(wanted[k], smooth.data() + static_cast<std::int64_t>(k) * columns, padded);
    const auto rowOf = [&](std::int64_t y) {
        return smooth.data() + slot[static_cast<std::size_t>(mirrored(y, height))] * columns;
    };
    for (std::int64_t i = 0; i < rows; ++i) {
        float *row = to + i * columns;
        setScaled(row, rowOf(box.top + i), kernel[0], columns);
        for (std::int64_t k = 1; k <= radius; ++k)
            addPair(row, rowOf(box.top + i - k), rowOf(box.top + i + k), kernel[static_cast<std::size_t>(k)], columns);
    }
}

void lowerResolution(float *v, std::int64_t side, double zoom)
{
    const auto coarse = std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * zoom));
    const double pitch = static_cast<double>(side) / static_cast<double>(coarse);
    std::vector<std::int64_t> pick(static_cast<std::size_t>(coarse)), below(static_cast<std::size_t>(side)), above(below);
    std::vector<float> part(below.size());
    for (std::int64_t k = 0; k < coarse; ++k)
        pick[k] = std::min(side - 1, static_cast<std::int64_t>((static_cast<double>(k) + 0.5) * pitch));
    for (std::int64_t i = 0; i < side; ++i) {
        const double p = std::clamp((static_cast<double>(i) + 0.5) / pitch - 0.5, 0.0, static_cast<double>(coarse) - 1.0);
        below[i] = static_cast<std::int64_t>(p);
        above[i] = std::min(coarse - 1, below[i] + 1);
        part[i] = static_cast<float>(p - static_cast<double>(below[i]));
    }
    std::vector<float> rows(static_cast<std::size_t>(coarse * side));
    for (std::int64_t k = 0; k < coarse; ++k)
        for (std::int64_t j = 0; j < side; ++j) {
            const float *row = v + pick[k] * side;
            const float a = row[pick[below[j]]], b = row[pick[above[j]]];
            rows[k * side + j] = a + part[j] * (b - a);
        }
    for (std::int64_t i = 0; i < side; ++i)
        between(v + i * side, rows.data() + below[i] * side, rows.data() + above[i] * side, part[i], side);
}

void bendGamma(float *v, std::int64_t n, double gamma, bool inverted)
{
    const auto before = momentsOf(v, n);
    if (!(before.high > before.low))
        return;
    constexpr int steps = 1024;
    std::array<float, steps + 2> table;
    for (int k = 0; k <= steps; ++k) {
        const double p = static_cast<double>(k) / steps;
        table[static_cast<std::size_t>(k)] =
            static_cast<float>(inverted ? 1 - std::pow(1 - p, gamma) : std::pow(p, gamma));
    }
    table[steps + 1] = table[steps];
    throughTable(v, n, table.data(), before.low, steps / (before.high - before.low));
    const auto after = momentsOf(v, n);
    stretch(v, n, after.mean, before.deviation / std::max(after.deviation, 1e-8f), before.mean);
}

} // namespace reticle::imaging
