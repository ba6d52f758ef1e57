#include "imaging/Imaging.h"

#include "foundation/Error.h"
#include "imaging/Mask_p.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace reticle {

namespace imaging {

void requirePlane(const Array &a, const char *what)
{
    if (a.rank() == 2)
        return;
    std::string shape;
    for (const auto n : a.shape())
        shape += (shape.empty() ? "" : " x ") + std::to_string(n);
    throw Error({what, "an array of height x width", shape.empty() ? "an empty array" : shape, {}});
}

Array binary(const Array &mask)
{
    Array out(DType::UInt8, mask.shape());
    Array::visit(mask.dtype(), [&](auto t) {
        using T = decltype(t);
        const T *in = mask.data<T>();
        auto *o = out.data<std::uint8_t>();
        for (std::int64_t i = 0, n = mask.size(); i < n; ++i)
            o[i] = in[i] != T{};
    });
    return out;
}

} // namespace imaging

using imaging::binary;
using imaging::requirePlane;

namespace {

using Byte = std::uint8_t;

/// Union-find over provisional labels; the smaller label is always the root, which keeps raster order.
class Unions
{
public:
    std::int32_t fresh()
    {
        m_parent.push_back(static_cast<std::int32_t>(m_parent.size()));
        return m_parent.back();
    }
    std::int32_t root(std::int32_t a)
    {
        while (m_parent[a] != a)
            a = m_parent[a] = m_parent[m_parent[a]];
        return a;
    }
    std::int32_t join(std::int32_t a, std::int32_t b)
    {
        a = root(a);
        b = root(b);
        if (a < b)
            return m_parent[b] = a;
        return m_parent[a] = b;
    }
    std::size_t size() const { return m_parent.size(); }

private:
    std::vector<std::int32_t> m_parent{0};
};

/// Pixels of each label 0..count.
std::vector<std::int64_t> areas(const Array &labels, std::int32_t count)
{
    std::vector<std::int64_t> area(count + 1);
    for (const auto l : labels.span<std::int32_t>())
        ++area[l];
    return area;
}

/// 1 where the label is one of those to keep.
Array pick(const Array &labels, const std::vector<Byte> &keep)
{
    Array out(DType::UInt8, labels.shape());
    const auto in = labels.span<std::int32_t>();
    auto *o = out.data<Byte>();
    for (std::size_t i = 0; i < in.size(); ++i)
        o[i] = keep[in[i]];
    return out;
}

Array inverted(Array mask)
{
    for (auto &v : mask.span<Byte>())
        v ^= 1;
    return mask;
}

/// Dilation by a disk: a pixel is set when in some row y + dy the nearest set pixel is within sqrt(r^2 - dy^2) columns.
Array dilated(const Array &mask, int radius)
{
    const std::int64_t h = mask.dim(0), w = mask.dim(1);
    const int r = static_cast<int>(std::min<std::int64_t>(radius, h + w));
    constexpr int far = std::numeric_limits<std::uint16_t>::max();
    // Distance along the row to the nearest set pixel.
    std::vector<std::uint16_t> along(h * w);
    const auto *in = mask.data<Byte>();
    for (std::int64_t y = 0; y < h; ++y) {
        auto *a = along.data() + y * w;
        int d = far;
        for (std::int64_t x = 0; x < w; ++x) {
            d = in[y * w + x] ? 0 : std::min(d + 1, far);
            a[x] = static_cast<std::uint16_t>(d);
        }
        d = far;
        for (std::int64_t x = w; x-- > 0;) {
            d = in[y * w + x] ? 0 : std::min(d + 1, far);
            a[x] = static_cast<std::uint16_t>(std::min<int>(a[x], d));
        }
    }
    Array out(DType::UInt8, mask.shape());
    for (int dy = -r; dy <= r; ++dy) {
        auto reach = static_cast<std::int64_t>(std::sqrt(double(r) * r - double(dy) * dy));
        while ((reach + 1) * (reach + 1) + std::int64_t(dy) * dy <= std::int64_t(r) * r)
            ++reach;
        const auto within = static_cast<std::uint16_t>(std::min<std::int64_t>(reach, far - 1));
        for (std::int64_t y = std::max<std::int64_t>(0, -dy), e = std::min<std::int64_t>(h, h - dy); y < e; ++y) {
            const auto *a = along.data() + (y + dy) * w;
            auto *o = out.data<Byte>() + y * w;
            for (std::int64_t x = 0; x < w; ++x)
                o[x] |= a[x] <= within;
        }
    }
    return out;
}

} // namespace

Array labelComponents(const Array &mask, Connectivity connectivity, std::int32_t *count)
{
    requirePlane(mask, "connected components");
    const Array m = binary(mask);
    const std::int64_t h = m.dim(0), w = m.dim(1);
    Array labels(DType::Int32, {h, w});
    const auto *in = m.data<Byte>();
    auto *l = labels.data<std::int32_t>();
    const bool eight = connectivity == Connectivity::Eight;
    Unions unions;
    for (std::int64_t y = 0; y < h; ++y) {
        for (std::int64_t x = 0; x < w; ++x) {
            const std::int64_t i = y * w + x;
            if (!in[i])
                continue;
            std::int32_t label = 0;
            const auto touch = [&](std::int64_t j) {
                if (l[j])
                    label = !label || label == l[j] ? l[j] : unions.join(label, l[j]);
            };
            if (x > 0)
                touch(i - 1);
            if (y > 0) {
                touch(i - w);
                if (eight && x > 0)
                    touch(i - w - 1);
                if (eight && x + 1 < w)
                    touch(i - w + 1);
            }
            l[i] = label ? label : unions.fresh();
        }
    }
    std::vector<std::int32_t> number(unions.size());
    std::int32_t n = 0;
    for (std::size_t i = 1; i < number.size(); ++i) {
        const auto r = unions.root(static_cast<std::int32_t>(i));
        number[i] = r == static_cast<std::int32_t>(i) ? ++n : number[r];
    }
    for (auto &v : labels.span<std::int32_t>())
        v = number[v];
    if (count)
        *count = n;
    return labels;
}

Array dilate(const Array &mask, int radius)
{
    requirePlane(mask, "dilation");
    return radius > 0 ? dilated(binary(mask), radius) : binary(mask);
}

Array erode(const Array &mask, int radius)
{
    requirePlane(mask, "erosion");
    return radius > 0 ? inverted(dilated(inverted(binary(mask)), radius)) : binary(mask);
}

Array opening(const Array &mask, int radius)
{
    return dilate(erode(mask, radius), radius);
}

Array closing(const Array &mask, int radius)
{
    return erode(dilate(mask, radius), radius);
}

Array removeSmallObjects(const Array &mask, std::int64_t minimumArea, Connectivity connectivity)
{
    std::int32_t count = 0;
    const Array labels = labelComponents(mask, connectivity, &count);
    const auto area = areas(labels, count);
    std::vector<Byte> keep(area.size());
    for (std::size_t i = 1; i < area.size(); ++i)
        keep[i] = area[i] >= minimumArea;
    return pick(labels, keep);
}

Array fillHoles(const Array &mask, std::int64_t maximumArea, Connectivity connectivity)
{
    requirePlane(mask, "filling holes");
    std::int32_t count = 0;
    const Array labels = labelComponents(inverted(binary(mask)), connectivity, &count);
    const auto area = areas(labels, count);
    std::vector<Byte> fill(area.size());
    for (std::size_t i = 1; i < area.size(); ++i)
        fill[i] = area[i] <= maximumArea;
    const std::int64_t h = labels.dim(0), w = labels.dim(1);
    const auto *l = labels.data<std::int32_t>();
    for (std::int64_t x = 0; x < w; ++x)
        fill[l[x]] = fill[l[(h - 1) * w + x]] = 0;
    for (std::int64_t y = 0; y < h; ++y)
        fill[l[y * w]] = fill[l[y * w + w - 1]] = 0;
    fill[0] = 1; // what was foreground already
    return pick(labels, fill);
}

Array keepLargest(const Array &mask, int count, Connectivity connectivity)
{
    std::int32_t n = 0;
    const Array labels = labelComponents(mask, connectivity, &n);
    const auto area = areas(labels, n);
    std::vector<std::int32_t> order(n);
    std::iota(order.begin(), order.end(), 1);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return area[a] > area[b]; });
    std::vector<Byte> keep(n + 1);
    for (int i = 0; i < std::min<int>(count, n); ++i)
        keep[order[i]] = 1;
    return pick(labels, keep);
}

Array medianOverZ(const Array &masks, int size)
{
    if (masks.rank() != 3)
        throw Error(
            {"median over z", "a stack of slices x height x width", "an array of " + std::to_string(masks.rank()) + " axes", {}});
    if (size < 1 || size % 2 == 0)
        throw Error({"median over z", "an odd number of slices", std::to_string(size), {}});
    const Array m = binary(masks);
    const std::int64_t z = m.dim(0), plane = m.dim(1) * m.dim(2);
    Array out(DType::UInt8, m.shape());
    // A running count: one slice comes in, one leaves.
    std::vector<std::int32_t> sum(plane);
    const auto slice = [&](std::int64_t k) { return m.data<Byte>() + std::clamp<std::int64_t>(k, 0, z - 1) * plane; };
    const std::int64_t half = size / 2;
    for (std::int64_t k = -half; k <= half; ++k)
        for (std::int64_t i = 0; i < plane; ++i)
            sum[i] += slice(k)[i];
    for (std::int64_t k = 0; k < z; ++k) {
        auto *o = out.data<Byte>() + k * plane;
        const auto *leaves = slice(k - half), *comes = slice(k + half + 1);
        for (std::int64_t i = 0; i < plane; ++i) {
            o[i] = sum[i] > half;
            sum[i] += comes[i] - leaves[i];
        }
    }
    return out;
}

} // namespace reticle
