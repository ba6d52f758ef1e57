#include "analysis/ScoreFigures.h"
#include "analysis/WaveletPictures.h"
#include "analysis/WaveletSpectrum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Numbers with the digits that a picture can show, which keeps files small.
Array rounded(Array a, double range)
{
    const double step = std::pow(10, std::floor(std::log10(std::max(range, 1e-300))) - 2);
    for (auto &v : a.span<double>())
        v = std::round(v / step) * step;
    // The nearest double of a decimal fraction, not of a product of two.
    const double back = std::round(1 / step);
    if (step < 1)
        for (auto &v : a.span<double>())
            v = std::round(v * back) / back;
    return a;
}

ImagePanel greyPanel(const Array &image, double black, double white, double pixelSize)
{
    ImagePanel p;
    p.image = rounded(image.clone(), white - black);
    p.black = black;
    p.white = white;
    p.pixelSize = pixelSize;
    return p;
}

ImagePanel detailPanel(Array details, double limit)
{
    ImagePanel p;
    if (!(limit > 0))
        limit = 1;
    p.image = rounded(std::move(details), limit);
    p.colourMap = "blue-red";
    p.black = -limit;
    p.white = limit;
    return p;
}

double limitOf(const Array &a)
{
    std::vector<double> v;
    for (const double x : a.span<double>())
        v.push_back(std::abs(x));
    const auto at = v.begin() + static_cast<std::ptrdiff_t>(0.995 * static_cast<double>(v.size() - 1));
    std::nth_element(v.begin(), at, v.end());
    return *at;
}

/// Side of the pictures of single levels, of which there are many.
constexpr std::int64_t cellSide = 128;

/// What pictures are made from: the middle of each set's image, decomposed.
struct Shown
{
    std::vector<Array> images;
    std::vector<WaveletPyramid> pyramids;
    double black = 0, white = 1;
    std::string part; ///< ", its middle of 256 x 256 px"
};

Shown prepare(const WaveletMeasurement &m, const std::vector<Array> &images)
{
    const auto &filter = waveletFilter(m.options.wavelet);
    const int levels = static_cast<int>(m.layout.levels.size());
    // Large enough for its levels, small enough for a file.
    const auto needed = std::ldexp(std::max(1, filter.length() - 1), levels);
    const auto side = static_cast<std::int64_t>(std::clamp(needed, 256.0, static_cast<double>(shownSide)));
    Shown s;
    for (const auto &image : images) {
        s.images.push_back(middleOf(image, side));
        s.pyramids.push_back(decompose(s.images.back(), filter, waveletMode(m.options.mode), levels));
    }
    auto v = std::vector<double>(s.images[0].span<double>().begin(), s.images[0].span<double>().end());
    std::ranges::sort(v);
    const auto last = static_cast<double>(v.size() - 1);
    s.black = v[static_cast<std::size_t>(0.0035 * last)];
    s.white = v[static_cast<std::size_t>(0.9965 * last)];
    if (!(s.white > s.black))
        s.white = s.black + 1;
    if (m.layout.rows > side || m.layout.columns > side)
        s.part = fmt::format(", its middle of {} x {} px", s.images[0].dim(1), s.images[0].dim(0));
    return s;
}

std::string shownText(const WaveletMeasurement &m, const Shown &s)
{
    std::string text = fmt::format("image {} of those used{}", m.shown(), s.part);
    if (m.sets.size() > shownSets)
        text += fmt::format(", of the first {} sets", shownSets);
    return text;
}

Figure pyramidFigure(const WaveletMeasurement &m, const Shown &s)
{
    const auto &filter = waveletFilter(m.options.wavelet);
    const auto mode = waveletMode(m.options.mode);
    const auto limits = detailLimits(s.pyramids[0], m.options.oneLimit);
    Figure f;
    f.name = "wavelet-pyramid";
    f.title = "Wavelet coefficients of " + m.sets[0].name;
    const PyramidColours colours{s.black, s.white, limits};
    char letter = 'a';
    for (std::size_t k = 0; k < s.images.size(); ++k) {
        const int row = static_cast<int>(k);
        const auto first = decompose(s.images[k], filter, mode, 1);
        ImagePanel quadrants, pyramid;
        quadrants.image = pyramidPicture(first, colours);
        pyramid.image = pyramidPicture(s.pyramids[k], colours);
        f.panels.push_back(panel(row, 0, std::string(1, letter++), m.sets[k].name,
                                 greyPanel(s.images[k], s.black, s.white, m.pixelSize)));
        f.panels.push_back(panel(row, 1, std::string(1, letter++), "First level: A, V / H, D", quadrants));
        f.panels.push_back(panel(row, 2, std::string(1, letter++),
                                 fmt::format("{} levels", s.pyramids[k].layout.levels.size()), pyramid));
    }
    f.caption = fmt::format(
        "Wavelet coefficients ({}) of {}. Left: the image. Middle: its first level, the approximation A, details of "
        "vertical edges V beside it, of horizontal edges H below, diagonal D. Right: all levels, coarser ones inside A. "
        "Approximations are divided by 2 a level; details are blue below 0 and red above, up to the 99.5th percentile "
        "of {} in {}.",
        waveletText(m), shownText(m, s), m.options.oneLimit ? "the strongest level" : "each level", m.sets[0].name);
    return f;
}

Figure levelsFigure(const WaveletMeasurement &m, const Shown &s)
{
    const auto &filter = waveletFilter(m.options.wavelet);
    const auto mode = waveletMode(m.options.mode);
    const int levels = static_cast<int>(m.layout.levels.size());
    Figure f;
    f.name = "wavelet-levels";
    f.title = "Levels of " + m.sets[0].name + " one by one";
    ImageGridPanel grid;
    grid.columns = levels + 1;
    grid.gap = 4;
    std::vector<double> limits;
    for (std::size_t k = 0; k < s.images.size(); ++k) {
        for (int column = 0; column <= levels; ++column) {
            const int level = column == 0 ? 0 : levels + 1 - column;
            const Array alone = middleOf(levelAlone(s.pyramids[k], filter, mode, level), cellSide);
            if (level == 0) {
                grid.cells.push_back(greyPanel(alone, s.black, s.white, 0));
                continue;
            }
            if (k == 0)
                limits.push_back(limitOf(alone)); // the originals', for all sets
            grid.cells.push_back(detailPanel(alone, limits[static_cast<std::size_t>(column - 1)]));
        }
        grid.rowTitles.push_back(m.sets[k].name);
    }
    grid.columnTitles.push_back("A");
    for (int level = levels; level >= 1; --level)
        grid.columnTitles.push_back(std::to_string(level));
    f.panels.push_back(panel(0, 0, "", "", grid));
    f.caption = fmt::format("What each level alone gives back ({}) of {}: the approximation A in the image's range, then "
                            "levels from coarse to fine, blue below 0 and red above, up to the 99.5th percentile of the "
                            "level in {}. All of them together are the image{}.",
                            waveletText(m), shownText(m, s), m.sets[0].name,
                            std::min(s.images[0].dim(0), s.images[0].dim(1)) > cellSide
                                ? fmt::format("; shown is the middle of {0} x {0} px", cellSide)
                                : "");
    return f;
}

Figure reconstructionFigure(const WaveletMeasurement &m, const Shown &s)
{
    const auto &o = m.options;
    const auto &filter = waveletFilter(o.wavelet);
    const int levels = static_cast<int>(m.layout.levels.size());
    Figure f;
    f.name = "wavelet-reconstruction";
    f.title = m.sets[0].name + " from some of its coefficients";
    char letter = 'a';
    std::vector<std::string> dropped;
    for (const auto level : o.dropLevels)
        dropped.push_back(level == 0 ? "the approximation" : fmt::format("level {}", level));
    if (o.dropOrientation != "none")
        dropped.push_back("orientation " + o.dropOrientation);
    if (o.threshold != "none")
        dropped.push_back(fmt::format("details below the universal threshold ({})", o.threshold));
    std::string without;
    for (const auto &d : dropped)
        without += (without.empty() ? "" : ", ") + d;
    double limit = 0;
    for (std::size_t k = 0; k < s.images.size(); ++k) {
        WaveletPyramid p = s.pyramids[k];
        p.coefficients = p.coefficients.clone();
        if (o.threshold != "none")
            shrinkDetails(p, universalThreshold(p), o.threshold == "soft");
        for (int level = 1; level <= levels; ++level)
            for (int b = 0; b < 3; ++b)
                if (std::ranges::count(o.dropLevels, level) ||
                    o.dropOrientation == std::string(1, "HVD"[b]))
                    p.clear(level, static_cast<Orientation>(b));
        const bool noMean = std::ranges::count(o.dropLevels, std::int64_t{0}) > 0;
        if (noMean)
            p.clearApproximation();
        const Array left = reconstruct(p, filter, waveletMode(o.mode));
        Array rest = s.images[k].clone();
        for (std::int64_t i = 0; i < rest.size(); ++i)
            rest.data<double>()[i] -= left.value(i);
        if (k == 0)
            limit = limitOf(noMean ? left : rest);
        const int row = static_cast<int>(k);
        f.panels.push_back(panel(row, 0, std::string(1, letter++), m.sets[k].name,
                                 greyPanel(s.images[k], s.black, s.white, m.pixelSize)));
        // Without the approximation the mean is gone: the rest lies about 0.
        f.panels.push_back(panel(row, 1, std::string(1, letter++), "Reconstruction",
                                 noMean ? detailPanel(left, limit) : greyPanel(left, s.black, s.white, 0)));
        f.panels.push_back(panel(row, 2, std::string(1, letter++), "Residual",
                                 noMean ? greyPanel(rest, s.black, s.white, 0) : detailPanel(rest, limit)));
    }
    f.caption = fmt::format("Left: {}. Middle: the same without {} ({}). Right: what was left out.", shownText(m, s),
                            without, waveletText(m));
    return f;
}

} // namespace

std::vector<Figure> pictureFigures(const WaveletMeasurement &m, const std::vector<Array> &images)
{
    const Shown s = prepare(m, images);
    std::vector<Figure> figures{pyramidFigure(m, s), levelsFigure(m, s)};
    const auto &o = m.options;
    if (!o.dropLevels.empty() || o.dropOrientation != "none" || o.threshold != "none")
        figures.push_back(reconstructionFigure(m, s));
    return figures;
}

} // namespace reticle
