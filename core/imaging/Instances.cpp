#include "imaging/Instances.h"

#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <type_traits>
#include <unordered_map>

namespace reticle {

namespace {

/// Length of the contour of one label inside its box: weights by the pattern of contour pixels around a contour pixel.
double perimeterOf(const std::int32_t *labels, std::int64_t stride, const InstanceProperties &p)
{
    const std::int64_t h = p.bottom - p.top + 2, w = p.right - p.left + 2; // with a frame of one pixel
    std::vector<std::uint8_t> inside(h * w), border(h * w);
    for (std::int64_t y = 1; y < h - 1; ++y)
        for (std::int64_t x = 1; x < w - 1; ++x)
            inside[y * w + x] = labels[(p.top + y - 1) * stride + p.left + x - 1] == p.id;
    for (std::int64_t y = 1; y < h - 1; ++y)
        for (std::int64_t x = 1; x < w - 1; ++x) {
            const auto *c = inside.data() + y * w + x;
            border[y * w + x] = c[0] && !(c[-1] && c[1] && c[-w] && c[w]);
        }
    double length = 0;
    for (std::int64_t y = 1; y < h - 1; ++y)
        for (std::int64_t x = 1; x < w - 1; ++x) {
            const auto *c = border.data() + y * w + x;
            if (!c[0])
                continue; // patterns around other pixels weigh nothing
            const int straight = c[-1] + c[1] + c[-w] + c[w], diagonal = c[-w - 1] + c[-w + 1] + c[w - 1] + c[w + 1];
            const int pattern = 1 + 2 * straight + 10 * diagonal;
            switch (pattern) {
            case 5:
            case 7:
            case 15:
            case 17:
            case 25:
            case 27: length += 1; break;
            case 21:
            case 33: length += std::sqrt(2.0); break;
            case 13:
            case 23: length += (1 + std::sqrt(2.0)) / 2; break;
            default: break;
            }
        }
    return length;
}

/// h-maxima of the distance as markers, numbered in raster order: one that reaches over several components is one in
/// each, and a component without any has the first of its highest pixels.
Array markersOf(const Array &distance, const Array &components, std::int32_t count, float h)
{
    const Array maxima = hMaxima(distance, h, Connectivity::Eight);
    const auto *c = components.data<std::int32_t>(), *m = maxima.data<std::int32_t>();
    const auto *d = distance.data<float>();
    const std::int64_t n = distance.size();
    std::vector<std::uint8_t> marked(static_cast<std::size_t>(count) + 1);
    std::vector<std::int64_t> highest(marked.size(), -1);
    for (std::int64_t i = 0; i < n; ++i) {
        if (!c[i])
            continue;
        marked[c[i]] |= m[i] != 0;
        if (auto &best = highest[c[i]]; best < 0 || d[i] > d[best])
            best = i;
    }
    Array markers(DType::Int32, distance.shape());
    std::map<std::pair<std::int32_t, std::int32_t>, std::int32_t> numbers;
    for (std::int64_t i = 0; i < n; ++i)
        if (c[i] && (m[i] || (!marked[c[i]] && highest[c[i]] == i)))
            markers.data<std::int32_t>()[i] =
                numbers.try_emplace({c[i], m[i]}, static_cast<std::int32_t>(numbers.size()) + 1).first->second;
    return markers;
}

__extension__ typedef __int128 Wide;

/// Whole sums over the pixels of one object, counted from its first pixel in raster order, so that figures of its shape do
/// not depend on where it is. Wide: the squares of an object of 2^31 px and more pass 63 bits.
struct Sums
{
    std::int64_t n = 0, firstY = 0, firstX = 0, y = 0, x = 0;
    Wide yy = 0, xx = 0, xy = 0;
    double intensity = 0;
    std::int64_t left = 0, bottom = 0, right = 0;

    void add(std::int64_t row, std::int64_t column)
    {
        if (n++ == 0) {
            firstY = row;
            firstX = left = right = column;
        }
        left = std::min(left, column);
        right = std::max(right, column + 1);
        bottom = row + 1;
        const std::int64_t dy = row - firstY, dx = column - firstX;
        y += dy;
        x += dx;
        yy += dy * dy;
        xx += dx * dx;
        xy += dx * dy;
    }
    /// The mean of (a - mean a) (b - mean b), from the sums of a b, a and b: exact up to the last division.
    double central(Wide product, std::int64_t a, std::int64_t b) const
    {
        const auto d = static_cast<double>(n);
        return static_cast<double>(product * n - static_cast<Wide>(a) * b) / d / d;
    }
};

} // namespace

Array findInstances(const Array &given, const InstanceSettings &s)
{
    if (given.rank() != 2)
        throw Error({"instances", "a slice of height x width", std::to_string(given.rank()) + " axes", {}});
    const Array p = given.as(DType::Float32);
    const std::int64_t n = p.size();
    Array mask(DType::UInt8, p.shape());
    for (std::int64_t i = 0; i < n; ++i)
        mask.data<std::uint8_t>()[i] = p.data<float>()[i] > static_cast<float>(s.threshold);
    if (s.method == InstanceMethod::Components)
        return withoutSmallObjects(labelComponents(mask, s.connectivity), s.minimumArea);

    Array relief(DType::Float32, p.shape()), markers;
    if (s.method == InstanceMethod::Distance) {
        std::int32_t count = 0;
        const Array components = labelComponents(mask, s.connectivity, &count);
        const Array distance = distanceTransform(mask);
        if (n > 0 && std::isinf(distance.data<float>()[0])) // no background at all: one object
            return withoutSmallObjects(components, s.minimumArea);
        markers = markersOf(distance, components, count, static_cast<float>(s.h));
        for (std::int64_t i = 0; i < n; ++i)
            relief.data<float>()[i] = -distance.data<float>()[i];
    } else {
        Array seeds(DType::UInt8, p.shape());
        for (std::int64_t i = 0; i < n; ++i) {
            seeds.data<std::uint8_t>()[i] =
                mask.data<std::uint8_t>()[i] && p.data<float>()[i] > static_cast<float>(s.seedThreshold);
            relief.data<float>()[i] = 1 - p.data<float>()[i];
        }
        markers = labelComponents(seeds, s.connectivity);
    }
    return withoutSmallObjects(watershed(relief, markers, &mask, false, s.connectivity), s.minimumArea);
}

Array numberedObjects(const Array &page, const std::string &where)
{
    if (page.rank() != 2)
        throw Error({where, "a number per pixel", std::to_string(page.rank()) + " axes", {}});
    Array out(DType::Int32, page.shape());
    Array::visit(page.dtype(), [&](auto t) {
        using T = decltype(t);
        const auto values = page.span<T>();
        std::map<T, std::int32_t> numbers;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if constexpr (std::is_floating_point_v<T>)
                if (!std::isfinite(values[i]) || values[i] != std::floor(values[i])) {
                    const auto width = static_cast<std::size_t>(page.dim(1));
                    throw Error({where, "numbers of objects, which are whole",
                                 fmt::format("{} at row {}, column {}", values[i], i / width, i % width),
                                 "save one whole number per object, and 0 for the background"});
                }
            if (values[i] != T(0) && (i == 0 || values[i] != values[i - 1]))
                numbers.try_emplace(values[i], 0);
        }
        std::int32_t n = 0;
        for (auto &[value, number] : numbers)
            number = ++n;
        T last{};
        std::int32_t number = 0;
        auto *to = out.data<std::int32_t>();
        for (const auto value : values) { // neighbors are mostly equal
            if (value != last) {
                number = value == T(0) ? 0 : numbers.at(value);
                last = value;
            }
            *to++ = number;
        }
    });
    return out;
}

Array withoutSmallObjects(const Array &objects, std::int64_t minimumArea)
{
    std::vector<std::int64_t> area;
    for (const auto l : objects.span<std::int32_t>()) {
        if (l >= static_cast<std::int64_t>(area.size()))
            area.resize(l + 1);
        ++area[l];
    }
    std::vector<std::int32_t> number(area.size());
    std::int32_t n = 0;
    for (std::size_t l = 1; l < area.size(); ++l)
        if (area[l] > 0 && area[l] >= minimumArea)
            number[l] = ++n;
    Array out(DType::Int32, objects.shape());
    for (std::int64_t i = 0; i < out.size(); ++i)
        out.data<std::int32_t>()[i] = number[objects.data<std::int32_t>()[i]];
    return out;
}

std::vector<InstanceProperties> instanceProperties(const Array &given, const Array *image)
{
    if (given.rank() != 2 || (image && image->shape() != given.shape()))
        throw Error({"instances", "labels of height x width and an image of their size", "another size", {}});
    const Array labels = given.as(DType::Int32);
    const std::int64_t h = labels.dim(0), w = labels.dim(1);
    const auto *l = labels.data<std::int32_t>();
    std::int32_t last = 0;
    for (std::int64_t i = 0; i < h * w; ++i)
        last = std::max(last, l[i]);
    std::vector<Sums> sums(last + 1);
    for (std::int64_t y = 0; y < h; ++y)
        for (std::int64_t x = 0; x < w; ++x) {
            const std::int32_t id = l[y * w + x];
            if (id <= 0)
                continue;
            sums[id].add(y, x);
            if (image)
                sums[id].intensity += image->value(y * w + x);
        }
    std::vector<InstanceProperties> out;
    for (std::int32_t id = 1; id <= last; ++id) {
        const Sums &s = sums[id];
        if (s.n == 0)
            continue;
        const auto n = static_cast<double>(s.n);
        InstanceProperties p;
        p.id = id;
        p.area = s.n;
        p.y = static_cast<double>(s.firstY) + static_cast<double>(s.y) / n;
        p.x = static_cast<double>(s.firstX) + static_cast<double>(s.x) / n;
        p.top = s.firstY;
        p.left = s.left;
        p.bottom = s.bottom;
        p.right = s.right;
        p.perimeter = perimeterOf(l, w, p);
        const double vy = s.central(s.yy, s.y, s.y), vx = s.central(s.xx, s.x, s.x), cross = s.central(s.xy, s.x, s.y);
        const double middle = (vy + vx) / 2, spread = std::hypot((vy - vx) / 2, cross);
        const double large = middle + spread, small = std::max(0.0, middle - spread);
        p.eccentricity = large > 0 ? std::sqrt(std::max(0.0, 1 - small / large)) : 0;
        p.meanIntensity = image ? s.intensity / n : std::numeric_limits<double>::quiet_NaN();
        out.push_back(p);
    }
    return out;
}

double InstanceMatches::averagePrecision() const
{
    const auto all = tp + fp + fn;
    return all > 0 ? static_cast<double>(tp) / static_cast<double>(all) : std::numeric_limits<double>::quiet_NaN();
}

std::vector<InstanceMatches> matchInstances(const Array &found, const Array &truth)
{
    if (found.shape() != truth.shape())
        throw Error({"instances", "found and true labels of one size", "two sizes", {}});
    const Array a = numberedObjects(found, "found objects"), b = numberedObjects(truth, "true objects");
    std::unordered_map<std::int32_t, std::int64_t> areaA, areaB;
    std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> common;
    for (std::int64_t i = 0; i < a.size(); ++i) {
        const auto f = a.data<std::int32_t>()[i], t = b.data<std::int32_t>()[i];
        if (f)
            ++areaA[f];
        if (t)
            ++areaB[t];
        if (f && t)
            ++common[{f, t}];
    }
    struct Pair
    {
        double iou;
        std::int32_t f, t;
    };
    std::vector<Pair> pairs;
    for (const auto &[key, n] : common)
        pairs.push_back(
            {static_cast<double>(n) / static_cast<double>(areaA[key.first] + areaB[key.second] - n), key.first, key.second});
    std::stable_sort(pairs.begin(), pairs.end(), [](const auto &x, const auto &y) { return x.iou > y.iou; });
    std::vector<InstanceMatches> out;
    for (int k = 0; k < 10; ++k) {
        InstanceMatches m;
        m.iou = (50 + 5 * k) / 100.0;
        std::unordered_map<std::int32_t, bool> usedA, usedB;
        for (const auto &p : pairs)
            if (p.iou >= m.iou && !usedA[p.f] && !usedB[p.t]) {
                usedA[p.f] = usedB[p.t] = true;
                ++m.tp;
            }
        m.fp = static_cast<std::int64_t>(areaA.size()) - m.tp;
        m.fn = static_cast<std::int64_t>(areaB.size()) - m.tp;
        out.push_back(m);
    }
    return out;
}

} // namespace reticle
