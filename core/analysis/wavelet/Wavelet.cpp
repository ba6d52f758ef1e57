#include "analysis/wavelet/Wavelet.h"

#include "analysis/wavelet/WaveletLines_p.h"
#include "foundation/Error.h"
#include "foundation/Parallel.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace reticle {

namespace wavelet {

namespace {

std::int64_t modulo(std::int64_t i, std::int64_t period)
{
    const auto r = i % period;
    return r < 0 ? r + period : r;
}

Extension::Entry termsAt(std::int64_t i, std::int64_t n, WaveletMode mode)
{
    Extension::Entry e;
    const auto add = [&e](std::int64_t source, double weight) {
        for (int k = 0; k < e.terms; ++k)
            if (e.source[k] == source) {
                e.weight[k] += weight;
                return;
            }
        e.source[e.terms] = source;
        e.weight[e.terms++] = weight;
    };
    if (mode == WaveletMode::Periodization) {
        const auto r = modulo(i, n + n % 2); // a line of odd length ends with a copy of its last sample
        add(std::min(r, n - 1), 1);
        return e;
    }
    if (i >= 0 && i < n) {
        add(i, 1);
        return e;
    }
    const bool single = n == 1;
    switch (mode) {
    case WaveletMode::Zero: break;
    case WaveletMode::Symmetric:
    case WaveletMode::Antisymmetric: {
        const auto r = modulo(i, 2 * n);
        const bool mirrored = r >= n;
        add(mirrored ? 2 * n - 1 - r : r, mirrored && mode == WaveletMode::Antisymmetric ? -1 : 1);
        break;
    }
    case WaveletMode::Reflect:
        if (single) {
            add(0, 1);
        } else {
            const auto r = modulo(i, 2 * n - 2);
            add(r < n ? r : 2 * n - 2 - r, 1);
        }
        break;
    case WaveletMode::Antireflect:
        if (single) {
            add(0, 1);
        } else {
            const auto r = modulo(i, 2 * n - 2), q = (i - r) / (2 * n - 2);
            add(n - 1, 2.0 * static_cast<double>(q) + (r < n ? 0 : 2));
            add(0, -2.0 * static_cast<double>(q));
            if (r < n)
                add(r, 1);
            else
                add(2 * n - 2 - r, -1);
        }
        break;
    case WaveletMode::Periodic: add(modulo(i, n), 1); break;
    case WaveletMode::Smooth:
        if (single) {
            add(0, 1);
        } else if (i < 0) {
            add(0, 1 + static_cast<double>(-i));
            add(1, static_cast<double>(i));
        } else {
            const auto k = static_cast<double>(i - n + 1);
            add(n - 1, 1 + k);
            add(n - 2, -k);
        }
        break;
    default: add(i < 0 ? 0 : n - 1, 1);
    }
    return e;
}

} // namespace

Extension::Extension(std::int64_t n, int length, WaveletMode mode)
{
    const bool around = mode == WaveletMode::Periodization;
    coefficients = around ? (n + 1) / 2 : (n + length - 1) / 2;
    pairs = coefficients + length / 2 - 1;
    base = 2 - length + (around ? length / 2 - 1 : 0);
    first = std::min(pairs, base < 0 ? (1 - base) / 2 : 0);
    last = std::clamp((n - base) / 2, first, pairs);
    for (std::int64_t j = 0; j < 2 * pairs; ++j) {
        if (j == 2 * first)
            j = 2 * last;
        if (j >= 2 * pairs)
            break;
        auto entry = termsAt(j + base, n, mode);
        entry.position = j;
        border.push_back(entry);
    }
}

} // namespace wavelet

namespace {

using namespace wavelet;

void requireLevels(int levels)
{
    if (levels < 1 || levels > 62)
        throw Error({"level", "a whole number from 1 to 62", std::to_string(levels), {}});
}

void requireSamples(std::int64_t n)
{
    if (n < 1)
        throw Error({"wavelet transform", "at least one sample", "none", {}});
}

} // namespace

// ---- lines ----------------------------------------------------------------------------------------------------------

template <class T>
std::pair<std::vector<T>, std::vector<T>> waveletSplit(std::span<const T> x, const WaveletFilter &f, WaveletMode mode)
{
    requireSamples(static_cast<std::int64_t>(x.size()));
    const Extension e(static_cast<std::int64_t>(x.size()), f.length(), mode);
    std::vector<T> low(static_cast<std::size_t>(e.coefficients)), high(low);
    LineWork<T> work;
    splitLine(x.data(), e, Taps<T>(f), low.data(), high.data(), work);
    return {std::move(low), std::move(high)};
}

template <class T>
std::vector<T> waveletJoin(std::span<const T> approximation, std::span<const T> detail, const WaveletFilter &f, WaveletMode mode)
{
    const auto m = static_cast<std::int64_t>(approximation.size());
    requireSamples(m);
    if (detail.size() != approximation.size())
        throw Error(
            {"wavelet transform", fmt::format("as many details as approximations, {}", m), std::to_string(detail.size()), {}});
    const bool around = mode == WaveletMode::Periodization;
    const std::int64_t n = around ? 2 * m : 2 * m - f.length() + 2;
    if (n < 1)
        throw Error(
            {"wavelet transform", fmt::format("at least {} coefficients for {}", f.length() / 2, f.name), std::to_string(m), {}});
    std::vector<T> x(static_cast<std::size_t>(n));
    LineWork<T> work;
    joinLine(approximation.data(), detail.data(), m, Taps<T>(f), mode, x.data(), n, work);
    return x;
}

template <class T>
std::vector<std::vector<T>> decomposeLine(std::span<const T> x, const WaveletFilter &f, WaveletMode mode, int levels)
{
    requireLevels(levels);
    std::vector<std::vector<T>> out;
    std::vector<T> rest(x.begin(), x.end());
    for (int level = 1; level <= levels; ++level) {
        auto [low, high] = waveletSplit<T>(rest, f, mode);
        out.push_back(std::move(high));
        rest = std::move(low);
    }
    out.push_back(std::move(rest));
    std::reverse(out.begin(), out.end());
    return out;
}

template <class T> std::vector<T> reconstructLine(const std::vector<std::vector<T>> &coefficients, const WaveletFilter &f,
                                                  WaveletMode mode, std::int64_t n)
{
    requireLevels(static_cast<int>(coefficients.size()) - 1);
    std::vector<T> x = coefficients.front();
    for (std::size_t i = 1; i < coefficients.size(); ++i) {
        const auto &detail = coefficients[i];
        if (x.size() == detail.size() + 1)
            x.pop_back(); // the level below had an odd length
        x = waveletJoin<T>(x, detail, f, mode);
    }
    if (static_cast<std::int64_t>(x.size()) < n)
        throw Error({"wavelet transform", fmt::format("coefficients of {} samples", n), std::to_string(x.size()), {}});
    x.resize(static_cast<std::size_t>(n));
    return x;
}

// ---- images ---------------------------------------------------------------------------------------------------------

namespace {

WaveletLayout layoutOf(const WaveletFilter &f, WaveletMode mode, std::int64_t rows, std::int64_t columns, int levels)
{
    requireSamples(std::min(rows, columns));
    requireLevels(levels);
    WaveletLayout l;
    l.rows = rows;
    l.columns = columns;
    for (int level = 1; level <= levels; ++level) {
        WaveletLayout::Level one;
        one.level = level;
        one.inputRows = rows;
        one.inputColumns = columns;
        rows = one.rows = waveletLength(rows, f, mode);
        columns = one.columns = waveletLength(columns, f, mode);
        l.levels.push_back(one);
    }
    std::reverse(l.levels.begin(), l.levels.end());
    l.approximationRows = rows;
    l.approximationColumns = columns;
    l.size = rows * columns;
    for (auto &one : l.levels)
        for (auto &offset : one.offset) {
            offset = l.size;
            l.size += one.rows * one.columns;
        }
    return l;
}

bool isHaar(const WaveletFilter &f)
{
    const double r = 1 / std::numbers::sqrt2;
    const auto near = [](double a, double b) { return std::abs(a - b) < 1e-15; };
    return f.length() == 2 && near(f.decLow[0], r) && near(f.decLow[1], r) && near(f.recLow[0], r) && near(f.recLow[1], r);
}

} // namespace

template <class T> struct WaveletPlan<T>::Work::Private
{
    LineWork<T> line;
    std::vector<T> low, high;  ///< one row of each half; of the inverse all rows
    std::vector<T> border;     ///< rows beyond the image that are no copies
    std::vector<T> spare;      ///< a row that is made and not wanted
    std::vector<T> ping, pong; ///< approximations on the way
    std::vector<const T *> rows, taps;
};

template <class T> WaveletPlan<T>::Work::Work() : d(std::make_unique<Private>()) {}
template <class T> WaveletPlan<T>::Work::~Work() = default;
template <class T> WaveletPlan<T>::Work::Work(Work &&) noexcept = default;

template <class T> struct WaveletPlan<T>::Private
{
    using W = typename Work::Private;

    struct Step ///< one level, finest first
    {
        Extension down, along;
        WaveletLayout::Level level;
    };

    Private(const WaveletFilter &f, WaveletMode mode, std::int64_t rows, std::int64_t columns, int levels)
        : layout(layoutOf(f, mode, rows, columns, levels)), taps(f), mode(mode), haar(isHaar(f))
    {
        for (auto it = layout.levels.rbegin(); it != layout.levels.rend(); ++it)
            steps.push_back({Extension(it->inputRows, f.length(), mode), Extension(it->inputColumns, f.length(), mode), *it});
    }

    bool inTwos(const Step &s) const { return haar && s.level.inputRows % 2 == 0 && s.level.inputColumns % 2 == 0; }

    /// Calls rows(begin, end, W) for parts of the level's rows of coefficients, in threads where there is enough to do.
    template <class F> static void overRows(const Step &s, std::span<Work> work, F &&rows)
    {
        constexpr std::int64_t pixelsAThread = 1 << 16; // what a thread costs is done with in the meantime
        const std::int64_t n = s.level.rows, pixels = s.level.inputRows * s.level.inputColumns;
        const auto parts =
            std::clamp<std::int64_t>(pixels / pixelsAThread, 1, std::min(n, static_cast<std::int64_t>(work.size())));
        inParallel(parts, static_cast<int>(parts), [&](std::int64_t i, int thread) {
            rows(n * i / parts, n * (i + 1) / parts, *work[static_cast<std::size_t>(thread)].d);
        });
    }

    void forward(const Step &s, const T *in, T *a, T *h, T *v, T *d, std::span<Work> work) const
    {
        const std::int64_t width = s.level.inputColumns, columns = s.level.columns;
        if (inTwos(s)) {
            overRows(s, work, [&](std::int64_t begin, std::int64_t end, W &) {
                for (std::int64_t k = begin; k < end; ++k) {
                    const T *top = in + 2 * k * width;
                    haarForward(top, top + width, a + k * columns, h + k * columns, v + k * columns, d + k * columns, columns);
                }
            });
            return;
        }
        // Where each row of the extended image lies.
        W &first = *work[0].d;
        const T **rows = room(first.rows, 2 * s.down.pairs);
        for (std::int64_t j = 2 * s.down.first; j < 2 * s.down.last; ++j)
            rows[j] = in + (j + s.down.base) * width;
        std::int64_t made = 0;
        for (const auto &b : s.down.border)
            made += !b.copy();
        T *border = room(first.border, made * width);
        for (const auto &b : s.down.border) {
            if (b.copy()) {
                rows[b.position] = in + b.source[0] * width;
                continue;
            }
            std::fill_n(border, width, T(0));
            for (int i = 0; i < b.terms; ++i) {
                const T weight = static_cast<T>(b.weight[i]);
                const T *from = in + b.source[i] * width;
                for (std::int64_t x = 0; x < width; ++x)
                    border[x] += weight * from[x];
            }
            rows[b.position] = border;
            border += width;
        }
        overRows(s, work, [&](std::int64_t begin, std::int64_t end, W &w) {
            T *low = room(w.low, width), *high = room(w.high, width);
            for (std::int64_t k = begin; k < end; ++k) {
                combine(rows + 2 * k, taps.low.data(), taps.high.data(), taps.length(), low, high, width);
                splitLine(low, s.along, taps, a + k * columns, v + k * columns, w.line);
                splitLine(high, s.along, taps, h + k * columns, d + k * columns, w.line);
            }
        });
    }

    void inverse(const Step &s, const T *a, const T *h, const T *v, const T *d, T *out, std::span<Work> work) const
    {
        const std::int64_t height = s.level.inputRows, width = s.level.inputColumns;
        const std::int64_t m = s.level.rows, columns = s.level.columns;
        if (inTwos(s)) {
            overRows(s, work, [&](std::int64_t begin, std::int64_t end, W &) {
                for (std::int64_t k = begin; k < end; ++k) {
                    T *top = out + 2 * k * width;
                    haarInverse(a + k * columns, h + k * columns, v + k * columns, d + k * columns, top, top + width, columns);
                }
            });
            return;
        }
        T *low = room(work[0].d->low, m * width), *high = room(work[0].d->high, m * width);
        overRows(s, work, [&](std::int64_t begin, std::int64_t end, W &w) {
            for (std::int64_t k = begin; k < end; ++k) {
                joinLine(a + k * columns, v + k * columns, columns, taps, mode, low + k * width, width, w.line);
                joinLine(h + k * columns, d + k * columns, columns, taps, mode, high + k * width, width, w.line);
            }
        });
        const int half = taps.length() / 2;
        const bool around = mode == WaveletMode::Periodization;
        const std::int64_t before = half - 1, from = around ? 0 : before;
        overRows(s, work, [&](std::int64_t begin, std::int64_t end, W &w) {
            const T **rows = room(w.taps, taps.length());
            T *spare = room(w.spare, width); // for a row beyond the image
            for (std::int64_t u = std::max(begin, from); u < end; ++u) {
                for (int j = 0; j < half; ++j) {
                    const std::int64_t k = around ? modulo(u - j, m) : u - j;
                    rows[2 * j] = low + k * width;
                    rows[2 * j + 1] = high + k * width;
                }
                T *to[2];
                for (int b = 0; b < 2; ++b) {
                    const std::int64_t y = around ? modulo(2 * u + b - before, 2 * m) : 2 * (u - from) + b;
                    to[b] = y < height ? out + y * width : spare;
                }
                combine(rows, taps.even.data(), taps.odd.data(), taps.length(), to[0], to[1], width);
            }
        });
    }

    WaveletLayout layout;
    Taps<T> taps;
    WaveletMode mode;
    bool haar;
    std::vector<Step> steps;
};

template <class T>
WaveletPlan<T>::WaveletPlan(const WaveletFilter &filter, WaveletMode mode, std::int64_t rows, std::int64_t columns, int levels)
    : d(std::make_unique<Private>(filter, mode, rows, columns, levels))
{
}
template <class T> WaveletPlan<T>::~WaveletPlan() = default;
template <class T> WaveletPlan<T>::WaveletPlan(WaveletPlan &&) noexcept = default;

template <class T> const WaveletLayout &WaveletPlan<T>::layout() const
{
    return d->layout;
}

template <class T> void WaveletPlan<T>::forward(const T *image, T *coefficients, std::span<Work> work) const
{
    auto &w = *work[0].d;
    const T *in = image;
    for (std::size_t i = 0; i < d->steps.size(); ++i) {
        const auto &s = d->steps[i];
        const bool last = i + 1 == d->steps.size();
        T *a = last ? coefficients : room(i % 2 ? w.pong : w.ping, s.level.rows * s.level.columns);
        const auto &offset = s.level.offset;
        d->forward(s, in, a, coefficients + offset[0], coefficients + offset[1], coefficients + offset[2], work);
        in = a;
    }
}

template <class T> void WaveletPlan<T>::inverse(const T *coefficients, T *image, std::span<Work> work) const
{
    auto &w = *work[0].d;
    const T *a = coefficients;
    for (std::size_t i = d->steps.size(); i-- > 0;) {
        const auto &s = d->steps[i];
        T *out = i == 0 ? image : room(i % 2 ? w.ping : w.pong, s.level.inputRows * s.level.inputColumns);
        const auto &offset = s.level.offset;
        d->inverse(s, a, coefficients + offset[0], coefficients + offset[1], coefficients + offset[2], out, work);
        a = out;
    }
}

template class WaveletPlan<float>;
template class WaveletPlan<double>;
#define RETICLE_FOR_TYPE(T)                                                                                                      \
    template std::pair<std::vector<T>, std::vector<T>> waveletSplit<T>(std::span<const T>, const WaveletFilter &, WaveletMode);  \
    template std::vector<T> waveletJoin<T>(std::span<const T>, std::span<const T>, const WaveletFilter &, WaveletMode);          \
    template std::vector<std::vector<T>> decomposeLine<T>(std::span<const T>, const WaveletFilter &, WaveletMode, int);          \
    template std::vector<T> reconstructLine<T>(const std::vector<std::vector<T>> &, const WaveletFilter &, WaveletMode,          \
                                               std::int64_t);
RETICLE_FOR_TYPE(float)
RETICLE_FOR_TYPE(double)
#undef RETICLE_FOR_TYPE

// ---- images as arrays -----------------------------------------------------------------------------------------------

namespace {

/// Calls f(T{}) with the type that the coefficients have.
template <class F> void forNumbers(DType type, F &&f)
{
    if (type == DType::Float32)
        f(float{});
    else
        f(double{});
}

Array copied(const Array &from, std::int64_t offset, std::int64_t rows, std::int64_t columns)
{
    Array a(from.dtype(), {rows, columns});
    const auto size = static_cast<std::int64_t>(byteSize(from.dtype()));
    std::copy_n(from.raw() + offset * size, rows * columns * size, a.raw());
    return a;
}

void zeroed(Array &a, std::int64_t offset, std::int64_t count)
{
    const auto size = static_cast<std::int64_t>(byteSize(a.dtype()));
    std::fill_n(a.raw() + offset * size, count * size, std::byte{0});
}

} // namespace

Array WaveletPyramid::approximation() const
{
    return copied(coefficients, 0, layout.approximationRows, layout.approximationColumns);
}

Array WaveletPyramid::band(int level, Orientation orientation) const
{
    const auto &l = layout.level(level);
    return copied(coefficients, l.offset[static_cast<int>(orientation)], l.rows, l.columns);
}

void WaveletPyramid::clear(int level, Orientation orientation)
{
    const auto &l = layout.level(level);
    zeroed(coefficients, l.offset[static_cast<int>(orientation)], l.rows * l.columns);
}

void WaveletPyramid::clearApproximation()
{
    zeroed(coefficients, 0, layout.approximationRows * layout.approximationColumns);
}

WaveletPyramid decompose(const Array &image, const WaveletFilter &filter, WaveletMode mode, int levels)
{
    if (image.rank() != 2 || image.empty())
        throw Error({"wavelet transform",
                     "an image of rows and columns",
                     image.empty() ? "an empty one" : fmt::format("{} axes", image.rank()),
                     {}});
    WaveletPyramid p;
    forNumbers(image.dtype(), [&](auto zero) {
        using T = decltype(zero);
        const WaveletPlan<T> plan(filter, mode, image.dim(0), image.dim(1), levels);
        std::vector<typename WaveletPlan<T>::Work> work(static_cast<std::size_t>(threadCount(0)));
        p.layout = plan.layout();
        p.coefficients = Array(dtypeOf<T>(), {p.layout.size});
        const Array numbers = image.dtype() == dtypeOf<T>() ? image : image.as(dtypeOf<T>());
        plan.forward(numbers.data<T>(), p.coefficients.data<T>(), std::span(work));
    });
    return p;
}

Array reconstruct(const WaveletPyramid &p, const WaveletFilter &filter, WaveletMode mode)
{
    Array image(p.coefficients.dtype(), {p.layout.rows, p.layout.columns});
    forNumbers(image.dtype(), [&](auto zero) {
        using T = decltype(zero);
        const WaveletPlan<T> plan(filter, mode, p.layout.rows, p.layout.columns, static_cast<int>(p.layout.levels.size()));
        if (plan.layout().size != p.layout.size)
            throw Error({"wavelet transform",
                         "the filter and mode that the coefficients were made with",
                         filter.name + ", " + nameOf(mode),
                         {}});
        std::vector<typename WaveletPlan<T>::Work> work(static_cast<std::size_t>(threadCount(0)));
        plan.inverse(p.coefficients.data<T>(), image.data<T>(), std::span(work));
    });
    return image;
}

} // namespace reticle
