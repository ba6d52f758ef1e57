#include "analysis/wavelet/WaveletPictures.h"

#include "analysis/DisplayRange.h"
#include "figure/ColorMap.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

class Canvas
{
public:
    Canvas(std::int64_t rows, std::int64_t columns) : m_picture(DType::UInt8, {rows, columns, 3})
    {
        std::ranges::fill(m_picture.span<std::uint8_t>(), std::uint8_t{224});
    }
    void set(std::int64_t y, std::int64_t x, std::uint32_t color)
    {
        auto *p = m_picture.data<std::uint8_t>() + (y * m_picture.dim(1) + x) * 3;
        p[0] = static_cast<std::uint8_t>(color >> 16);
        p[1] = static_cast<std::uint8_t>(color >> 8);
        p[2] = static_cast<std::uint8_t>(color);
    }
    /// A band with its top left corner at (y, x): `low` -> first color of the map, `high` -> last.
    void draw(const Array &band, std::int64_t y, std::int64_t x, const std::string &map, double low, double high)
    {
        const auto &table = colorTable(map);
        for (std::int64_t i = 0; i < band.size(); ++i) {
            const double v = high > low ? (band.value(i) - low) / (high - low) : 0.5;
            set(y + i / band.dim(1), x + i % band.dim(1), mapColor(table, v));
        }
    }
    Array picture() const { return m_picture; }

private:
    Array m_picture;
};

bool halvesEvenly(const WaveletLayout &layout)
{
    return std::ranges::all_of(layout.levels,
                               [](const auto &l) { return l.inputRows == 2 * l.rows && l.inputColumns == 2 * l.columns; });
}

} // namespace

std::vector<PyramidBand> pyramidBands(const WaveletLayout &layout)
{
    const std::int64_t gutter = halvesEvenly(layout) ? 0 : 1;
    // Size of what stands in the top left corner, from the coarsest level on.
    std::int64_t rows = layout.approximationRows, columns = layout.approximationColumns;
    std::vector<PyramidBand> bands{{0, Orientation::H, 0, 0, rows, columns}};
    for (const auto &l : layout.levels) {
        const std::int64_t y = std::max(rows, l.rows) + gutter, x = std::max(columns, l.columns) + gutter;
        bands.push_back({l.level, Orientation::H, y, 0, l.rows, l.columns});
        bands.push_back({l.level, Orientation::V, 0, x, l.rows, l.columns});
        bands.push_back({l.level, Orientation::D, y, x, l.rows, l.columns});
        rows = y + l.rows;
        columns = x + l.columns;
    }
    return bands;
}

std::pair<std::int64_t, std::int64_t> supportOf(const WaveletFilter &filter, WaveletMode mode, int level)
{
    // Of level 1: x[first] to x[first + length - 1]; see Wavelet.h's conventions.
    const std::int64_t length = filter.length();
    const std::int64_t last = mode == WaveletMode::Periodization ? length / 2 : 1, first = last - length + 1;
    std::pair<std::int64_t, std::int64_t> s{0, 0};
    for (int i = 0; i < level; ++i)
        s = {2 * s.first + first, 2 * s.second + last};
    return s;
}

double roundingOf(const WaveletPyramid &pyramid)
{
    // Some filters are given to 1e-12 only.
    double maximum = 0;
    const Array a = pyramid.approximation();
    for (std::int64_t i = 0; i < a.size(); ++i)
        maximum = std::max(maximum, std::abs(a.value(i)));
    return 1e-10 * maximum / std::exp2(static_cast<double>(pyramid.layout.levels.size()));
}

std::vector<double> detailLimits(const WaveletPyramid &pyramid, bool common)
{
    std::vector<double> limits;
    const double nothing = roundingOf(pyramid);
    for (int level = 1; level <= static_cast<int>(pyramid.layout.levels.size()); ++level) {
        std::vector<double> v;
        for (const auto o : {Orientation::H, Orientation::V, Orientation::D}) {
            const Array band = pyramid.band(level, o);
            for (std::int64_t i = 0; i < band.size(); ++i)
                v.push_back(std::abs(band.value(i)));
        }
        limits.push_back(detailLimit(std::move(v), std::ldexp(nothing, level)));
    }
    if (common)
        std::ranges::fill(limits, *std::ranges::max_element(limits));
    return limits;
}

Array pyramidPicture(const WaveletPyramid &pyramid, const PyramidColors &colors)
{
    const auto bands = pyramidBands(pyramid.layout);
    Canvas canvas(bands.back().y + bands.back().rows, bands.back().x + bands.back().columns);
    const double gain = std::exp2(static_cast<double>(pyramid.layout.levels.size()));
    canvas.draw(pyramid.approximation(), 0, 0, "gray", colors.black * gain, colors.white * gain);
    for (const auto &b : bands) {
        if (b.level == 0)
            continue;
        const auto &limits = colors.limits;
        const double limit = limits.empty() ? 1 : limits[std::min(limits.size(), static_cast<std::size_t>(b.level)) - 1];
        canvas.draw(pyramid.band(b.level, b.orientation), b.y, b.x, "blue-red", -limit, limit);
    }
    return canvas.picture();
}

Array levelAlone(const WaveletPyramid &pyramid, const WaveletFilter &filter, WaveletMode mode, int level)
{
    WaveletPyramid one = pyramid;
    one.coefficients = pyramid.coefficients.clone();
    if (level != 0)
        one.clearApproximation();
    for (const auto &l : pyramid.layout.levels)
        for (const auto o : {Orientation::H, Orientation::V, Orientation::D})
            if (l.level != level)
                one.clear(l.level, o);
    return reconstruct(one, filter, mode);
}

} // namespace reticle
