#pragma once

#include "analysis/wavelet/Wavelet.h"
#include "analysis/wavelet/WaveletKernels_p.h"

#include <algorithm>

namespace reticle::wavelet {

/// How the samples under a filter come from a line of n samples: position j = 0 .. 2 pairs - 1 of the extended line,
/// of which coefficient k needs 2 k .. 2 k + length - 1. A run of whole pairs lies inside the line; each other position
/// is a sum of up to three samples with weights.
struct Extension
{
    struct Entry
    {
        std::int64_t position = 0;
        int terms = 0; ///< 0 = zero
        std::int64_t source[3] = {0, 0, 0};
        double weight[3] = {0, 0, 0};
        bool copy() const { return terms == 1 && weight[0] == 1; }
    };

    Extension(std::int64_t n, int length, WaveletMode mode);

    std::int64_t coefficients, pairs;
    std::int64_t first = 0, last = 0; ///< pairs [first, last) lie inside the line,
    std::int64_t base = 0;            ///< at samples 2 pair + base
    std::vector<Entry> border;        ///< all other positions
};

/// A filter in one number type. The analysis taps are turned round, so that taps and samples run alike.
template <class T> struct Taps
{
    explicit Taps(const WaveletFilter &f)
    {
        const int n = f.length();
        for (int t = 0; t < n; ++t) {
            low.push_back(static_cast<T>(f.decLow[static_cast<std::size_t>(n - 1 - t)]));
            high.push_back(static_cast<T>(f.decHigh[static_cast<std::size_t>(n - 1 - t)]));
        }
        // Of the inverse: output 2u takes taps 2j of low and high on coefficients u - j, output 2u + 1 taps 2j + 1.
        for (std::size_t j = 0; j < f.recLow.size() / 2; ++j) {
            even.push_back(static_cast<T>(f.recLow[2 * j]));
            even.push_back(static_cast<T>(f.recHigh[2 * j]));
            odd.push_back(static_cast<T>(f.recLow[2 * j + 1]));
            odd.push_back(static_cast<T>(f.recHigh[2 * j + 1]));
        }
    }
    int length() const { return static_cast<int>(low.size()); }
    std::vector<T> low, high, even, odd;
};

/// Makes a vector at least n long; its values are of no account.
template <class T> T *room(std::vector<T> &v, std::int64_t n)
{
    if (static_cast<std::int64_t>(v.size()) < n)
        v.resize(static_cast<std::size_t>(n));
    return v.data();
}

/// Scratch of the passes along a line.
template <class T> struct LineWork
{
    std::vector<T> even, odd, extended;
    std::vector<const T *> taps;
};

/// One line of n samples into its two halves.
template <class T> void splitLine(const T *x, const Extension &e, const Taps<T> &f, T *low, T *high, LineWork<T> &w)
{
    const int length = f.length();
    T *even = room(w.even, e.pairs), *odd = room(w.odd, e.pairs);
    part(x + 2 * e.first + e.base, even + e.first, odd + e.first, e.last - e.first);
    for (const auto &b : e.border) {
        T v = 0;
        for (int i = 0; i < b.terms; ++i)
            v += static_cast<T>(b.weight[i]) * x[b.source[i]];
        T *to = b.position % 2 ? odd : even;
        to[b.position / 2] = v;
    }
    const T **rows = room(w.taps, length);
    for (int t = 0; t < length; ++t)
        rows[t] = (t % 2 ? odd : even) + t / 2;
    combine(rows, f.low.data(), f.high.data(), length, low, high, e.coefficients);
}

/// m coefficients of each half back into the first n samples, n <= 2 m - length + 2 (periodization: 2 m).
template <class T> void joinLine(const T *low, const T *high, std::int64_t m, const Taps<T> &f, WaveletMode mode, T *x,
                                 std::int64_t n, LineWork<T> &w)
{
    const int length = f.length(), half = length / 2;
    const bool around = mode == WaveletMode::Periodization;
    const std::int64_t pairs = around ? m : m - half + 1, before = half - 1;
    if (around) { // the last coefficients once more in front
        T *copy = room(w.extended, 2 * (m + before));
        for (std::int64_t i = 0; i < before; ++i) {
            const std::int64_t k = ((i - before) % m + m) % m;
            copy[i] = low[k];
            copy[m + before + i] = high[k];
        }
        std::copy_n(low, m, copy + before);
        std::copy_n(high, m, copy + m + 2 * before);
        low = copy;
        high = copy + m + before;
    }
    const T **rows = room(w.taps, length);
    for (int j = 0; j < half; ++j) {
        rows[2 * j] = low + before - j;
        rows[2 * j + 1] = high + before - j;
    }
    T *even = room(w.even, pairs), *odd = room(w.odd, pairs);
    combine(rows, f.even.data(), f.odd.data(), length, even, odd, pairs);
    if (!around) {
        merge(even, odd, x, n / 2);
        if (n % 2)
            x[n - 1] = even[n / 2];
        return;
    }
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t t = i + before;
        while (t >= 2 * m)
            t -= 2 * m;
        const T *from = t % 2 ? odd : even; // in one expression GCC 12's undefined sanitizer reads astray
        x[i] = from[t / 2];
    }
}

} // namespace reticle::wavelet
