#include "foundation/Error.h"
#include "imaging/Imaging.h"
#include "imaging/Mask_p.h"

#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

std::int64_t floorDiv(std::int64_t a, std::int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/// The two nearest objects within one column: distance and label, label 0 = none.
struct Two
{
    std::int32_t d1 = 0, l1 = 0, d2 = 0, l2 = 0;
};

/// Puts (distance, label) into `t`, one entry a label: when the second comes nearer than the first they change places.
inline void put(Two &t, std::int32_t d, std::int32_t label)
{
    if (!t.l1 || d < t.d1) {
        if (t.l1 && t.l1 != label) {
            t.d2 = t.d1;
            t.l2 = t.l1;
        }
        t.d1 = d;
        t.l1 = label;
    } else if (label != t.l1 && (!t.l2 || d < t.d2)) {
        t.d2 = d;
        t.l2 = label;
    }
}

/// Vertical distances, not squared.
std::vector<Two> nearestInColumns(const std::int32_t *l, std::int64_t h, std::int64_t w)
{
    std::vector<Two> two(h * w);
    const auto pass = [&](std::int64_t y, std::int64_t before) {
        for (std::int64_t x = 0; x < w; ++x) {
            Two &t = two[y * w + x];
            if (before >= 0 && before < h) {
                const Two &b = two[before * w + x];
                if (b.l1)
                    put(t, b.d1 + 1, b.l1);
                if (b.l2)
                    put(t, b.d2 + 1, b.l2);
            }
            if (const auto label = l[y * w + x])
                put(t, 0, label);
        }
    };
    for (std::int64_t y = 0; y < h; ++y)
        pass(y, y - 1);
    for (std::int64_t y = h; y-- > 0;)
        pass(y, y + 1);
    return two;
}

/// Calls f(index, d1, d2), squared distances (-1 = none), for each pixel that `wanted` says, looking for objects no
/// further than `limit` px.
template <class Wanted, class F> void forTwoNearest(const Array &labels, double limit, Wanted &&wanted, F &&f)
{
    const std::int64_t h = labels.dim(0), w = labels.dim(1);
    const auto *l = labels.data<std::int32_t>();
    const auto two = nearestInColumns(l, h, w);
    const auto reach = static_cast<std::int64_t>(std::min<double>(std::ceil(limit), double(w)));
    for (std::int64_t y = 0; y < h; ++y) {
        for (std::int64_t x = 0; x < w; ++x) {
            if (!wanted(y * w + x))
                continue;
            // The object that is second nearest is among the two nearest of the column its nearest pixel is in: two
            // others that are nearer in that column would be nearer altogether.
            std::int64_t d1 = -1, d2 = -1;
            std::int32_t l1 = 0;
            const auto take = [&](std::int64_t d, std::int32_t label) {
                if (d1 < 0 || d < d1) {
                    if (d1 >= 0 && l1 != label)
                        d2 = d1;
                    d1 = d;
                    l1 = label;
                } else if (label != l1 && (d2 < 0 || d < d2)) {
                    d2 = d;
                }
            };
            for (std::int64_t k = 0; k <= reach && (d2 < 0 || k * k < d2); ++k) {
                for (const std::int64_t c : {x - k, x + k}) {
                    if (c < 0 || c >= w)
                        continue;
                    const Two &t = two[y * w + c];
                    if (t.l1)
                        take(k * k + std::int64_t(t.d1) * t.d1, t.l1);
                    if (t.l2)
                        take(k * k + std::int64_t(t.d2) * t.d2, t.l2);
                    if (k == 0)
                        break;
                }
            }
            f(y * w + x, d1, d2);
        }
    }
}

} // namespace

Array distanceTransform(const Array &mask)
{
    imaging::requirePlane(mask, "distance transform");
    const Array m = imaging::binary(mask);
    const std::int64_t h = m.dim(0), w = m.dim(1);
    const auto *in = m.data<std::uint8_t>();
    // Distance along the column; `far` stands for "no background in this column" and is beyond any real distance.
    const std::int32_t far = static_cast<std::int32_t>(h + w);
    std::vector<std::int32_t> g(h * w);
    for (std::int64_t y = 0; y < h; ++y)
        for (std::int64_t x = 0; x < w; ++x)
            g[y * w + x] = !in[y * w + x] ? 0 : y ? std::min(g[(y - 1) * w + x] + 1, far) : far;
    for (std::int64_t y = h - 1; y-- > 0;)
        for (std::int64_t x = 0; x < w; ++x)
            g[y * w + x] = std::min(g[y * w + x], g[(y + 1) * w + x] + 1);

    Array out(DType::Float32, {h, w});
    std::vector<std::int32_t> s(w), t(w); // parabolas of the lower envelope, and where each begins
    for (std::int64_t y = 0; y < h; ++y) {
        const auto *row = g.data() + y * w;
        auto *o = out.data<float>() + y * w;
        const auto at = [&](std::int64_t x, std::int64_t i) { return (x - i) * (x - i) + std::int64_t(row[i]) * row[i]; };
        std::int64_t q = -1;
        for (std::int64_t u = 0; u < w; ++u) {
            if (row[u] >= far)
                continue;
            while (q >= 0 && at(t[q], s[q]) > at(t[q], u))
                --q;
            if (q < 0) {
                q = 0;
                s[0] = static_cast<std::int32_t>(u);
                t[0] = 0;
                continue;
            }
            const std::int64_t i = s[q];
            const std::int64_t begin =
                1 + floorDiv(u * u - i * i + std::int64_t(row[u]) * row[u] - std::int64_t(row[i]) * row[i], 2 * (u - i));
            if (begin < w) {
                ++q;
                s[q] = static_cast<std::int32_t>(u);
                t[q] = static_cast<std::int32_t>(begin);
            }
        }
        if (q < 0) { // no background pixel in any column
            std::fill(o, o + w, infinite);
            continue;
        }
        for (std::int64_t x = w; x-- > 0;) {
            o[x] = static_cast<float>(std::sqrt(static_cast<double>(at(x, s[q]))));
            if (x == t[q])
                --q;
        }
    }
    return out;
}

std::pair<Array, Array> twoNearestObjects(const Array &labels)
{
    imaging::requirePlane(labels, "nearest objects");
    const Array l = labels.dtype() == DType::Int32 ? labels : labels.as(DType::Int32);
    Array first(DType::Float32, l.shape()), second(DType::Float32, l.shape());
    auto *a = first.data<float>(), *b = second.data<float>();
    forTwoNearest(
        l, double(l.dim(1)), [](std::int64_t) { return true; },
        [&](std::int64_t i, std::int64_t d1, std::int64_t d2) {
            a[i] = d1 < 0 ? infinite : static_cast<float>(std::sqrt(double(d1)));
            b[i] = d2 < 0 ? infinite : static_cast<float>(std::sqrt(double(d2)));
        });
    return {first, second};
}

Array borderMap(const Array &labels, double w0, double sigma)
{
    imaging::requirePlane(labels, "border map");
    const Array l = labels.dtype() == DType::Int32 ? labels : labels.as(DType::Int32);
    Array out(DType::Float32, l.shape());
    auto *o = out.data<float>();
    const auto *in = l.data<std::int32_t>();
    if (!(sigma > 0) || w0 == 0)
        return out;
    // Beyond this distance the term is less than the smallest float32.
    const double limit = sigma * std::sqrt(2 * (std::log(std::abs(w0)) + 104));
    forTwoNearest(
        l, limit, [&](std::int64_t i) { return in[i] == 0; },
        [&](std::int64_t i, std::int64_t d1, std::int64_t d2) {
            if (d2 < 0)
                return;
            const double d = std::sqrt(double(d1)) + std::sqrt(double(d2));
            o[i] = static_cast<float>(w0 * std::exp(-d * d / (2 * sigma * sigma)));
        });
    return out;
}

} // namespace reticle
