#include "analysis/ScoreFigures.h"
#include "analysis/WaveletPictures.h"
#include "analysis/WaveletSpectrum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::string colourOf(std::size_t set)
{
    static const char *const dark[] = {"#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};
    return dark[set % std::size(dark)];
}

/// Powers by level are stored from fine to coarse; axes run from coarse to fine.
std::vector<double> coarseFirst(const std::vector<double> &v)
{
    return {v.rbegin(), v.rend()};
}

std::vector<double> positions(std::size_t n)
{
    std::vector<double> x;
    for (std::size_t i = 0; i < n; ++i)
        x.push_back(static_cast<double>(i));
    return x;
}

Axis levelAxis(const WaveletMeasurement &m)
{
    Axis x;
    const int levels = static_cast<int>(m.layout.levels.size());
    x.label = levels == 1 ? "level (periods of 2–4 px)"
                          : fmt::format("level (periods of {:.0f}–{:.0f} px at {}, 2–4 px at 1)", std::ldexp(1, levels),
                                        std::ldexp(1, levels + 1), levels);
    x.categories = m.levelNames();
    return x;
}

/// What is not above 0 has no place on a log axis.
void dropNonPositive(std::vector<double> &v)
{
    for (auto &x : v)
        if (!(x > 0))
            x = nan;
}

/// A line with its points and, where given, a band. `values`: fine to coarse.
void addCurve(XYPanel &p, const WaveletMeasurement &m, std::size_t set, const std::vector<double> &values,
              const std::vector<double> &lower = {}, const std::vector<double> &upper = {})
{
    const bool alone = m.sets.size() == 1;
    const bool log = p.y.scale == Axis::Scale::Log;
    const auto x = positions(values.size());
    if (!lower.empty()) {
        Series band;
        band.kind = SeriesKind::Band;
        band.x = x;
        band.lower = coarseFirst(lower);
        band.upper = coarseFirst(upper);
        if (log) {
            dropNonPositive(band.lower);
            dropNonPositive(band.upper);
        }
        band.colour = colourOf(set);
        p.series.push_back(band);
    }
    Series line;
    line.name = alone ? "" : m.sets[set].name;
    line.x = x;
    line.y = coarseFirst(values);
    if (log)
        dropNonPositive(line.y);
    line.colour = colourOf(set);
    line.width = 1;
    line.dash = set == 0 && !alone ? Dash::Dashed : Dash::Solid;
    Series points = line;
    points.name.clear();
    points.kind = SeriesKind::Scatter;
    p.series.push_back(line);
    p.series.push_back(points);
}

std::string measureText(PowerMeasure m)
{
    switch (m) {
    case PowerMeasure::EnergyShare: return "share of detail energy";
    case PowerMeasure::AbsoluteShare: return "share of absolute sum";
    case PowerMeasure::Energy: return "energy per coefficient";
    case PowerMeasure::Absolute: return "mean absolute value";
    }
    return {};
}

bool hasSpread(const std::vector<double> &sd)
{
    return std::ranges::any_of(sd, [](double v) { return std::isfinite(v) && v > 0; });
}

XYPanel powerPanel(const WaveletMeasurement &m, bool &band)
{
    XYPanel p;
    p.x = levelAxis(m);
    p.y.label = measureText(m.measure());
    if (m.options.includeApproximation && m.measure() == PowerMeasure::EnergyShare)
        p.y.label = "share of energy";
    if (m.options.logPower)
        p.y.scale = Axis::Scale::Log;
    else
        p.y.min = 0;
    for (std::size_t k = 0; k < m.sets.size(); ++k) {
        const auto power = m.power(k, m.measure(), m.bands());
        std::vector<double> lower, upper;
        if (hasSpread(power.sd)) {
            band = true;
            for (std::size_t i = 0; i < power.value.size(); ++i) {
                const double low = power.value[i] - power.sd[i];
                // On a log axis a band that reaches 0 ends at a tenth of the value.
                lower.push_back(std::max(low, m.options.logPower ? power.value[i] / 10 : 0));
                upper.push_back(power.value[i] + power.sd[i]);
            }
        }
        addCurve(p, m, k, power.value, lower, upper);
    }
    return p;
}

/// Ratio of shares, or with `raw` of energies, to the originals. `band` says whether one was drawn.
XYPanel ratioPanel(const WaveletMeasurement &m, bool raw, PowerBands bands, bool &band)
{
    XYPanel p;
    p.x = levelAxis(m);
    p.y.scale = Axis::Scale::Log;
    p.y.label = raw ? "energy / original" : "share / original";
    double least = 1, most = 1;
    Series none; // in the originals' place, so that each set has the marker of the power panel
    none.kind = SeriesKind::Scatter;
    none.x = {0};
    none.y = {nan};
    p.series.push_back(none);
    for (std::size_t k = 1; k < m.sets.size(); ++k) {
        const auto r = raw ? m.rawRatio(k, bands) : m.ratio(k, bands);
        std::vector<double> lower, upper;
        if (m.paired) {
            const auto sd = logRatioSd(m.sets[k].images, m.sets[0].images, m.layout,
                                       raw ? PowerMeasure::Energy : m.share(), bands, m.options.includeApproximation);
            if (hasSpread(sd)) {
                band = true;
                for (std::size_t i = 0; i < r.size(); ++i) {
                    lower.push_back(r[i] * std::exp(-sd[i]));
                    upper.push_back(r[i] * std::exp(sd[i]));
                }
            }
        }
        for (const auto &v : std::initializer_list<std::vector<double>>{r, lower, upper})
            for (const double x : v)
                if (std::isfinite(x) && x > 0) {
                    least = std::min(least, x);
                    most = std::max(most, x);
                }
        addCurve(p, m, k, r, lower, upper);
    }
    // Whole decades would leave most ratios a thin line; a tenth of a decade of room is enough.
    p.y.min = std::min(least / 1.15, 0.5);
    p.y.max = std::max(most * 1.15, 2.0);
    p.references.push_back({'y', 1, ""});
    return p;
}

XYPanel fourierPanel(const WaveletMeasurement &m)
{
    XYPanel p;
    p.x.label = "spatial frequency";
    p.x.unit = "cycles/px";
    p.x.scale = p.y.scale = Axis::Scale::Log;
    p.y.label = "Fourier power";
    for (std::size_t k = 0; k < m.sets.size(); ++k) {
        Series s;
        s.name = m.sets.size() > 1 ? m.sets[k].name : "";
        s.x = m.frequencies;
        s.y = m.sets[k].fourier;
        dropNonPositive(s.y);
        s.colour = colourOf(k);
        s.width = 1;
        s.dash = k == 0 && m.sets.size() > 1 ? Dash::Dashed : Dash::Solid;
        p.series.push_back(s);
    }
    return p;
}

std::string imagesText(const WaveletMeasurement &m)
{
    const auto n = m.sets[0].images.size();
    std::string names;
    for (std::size_t k = 1; k < m.sets.size(); ++k)
        names += (k > 1 ? ", " : "") + m.sets[k].name;
    return fmt::format("{} image{} of {} x {} px of {}{}", n, n == 1 ? "" : "s", m.layout.columns, m.layout.rows,
                       m.sets[0].name, names.empty() ? "" : ", compared with " + names);
}

std::string waveletText(const WaveletMeasurement &m)
{
    return fmt::format("{}, {} border, {} levels{}", m.options.wavelet, m.options.mode, m.layout.levels.size(),
                       m.bands() == PowerBands::All ? "" : ", orientation " + m.options.orientation);
}

void oneLegend(XYPanel &p)
{
    p.legend = LegendPlace::None;
}

Figure spectrumFigure(const WaveletMeasurement &m)
{
    const bool pooled = m.options.averaging == "pooled", compared = m.sets.size() > 1;
    Figure f;
    f.name = "wavelet-spectrum";
    f.title = "Wavelet spectrum of " + m.sets[0].name;
    bool powerBand = false, ratioBand = false;
    f.panels.push_back(panel(0, 0, "a", "Wavelet power", powerPanel(m, powerBand)));
    f.caption = fmt::format("Wavelet spectrum ({}) of {}. (a) {} by level, {}; level l holds detail with periods of 2^l "
                            "to 2^(l+1) px{}.",
                            waveletText(m), imagesText(m), measureText(m.measure()),
                            pooled ? "energies of all images added up" : "mean over images",
                            powerBand ? "; band: sd over images" : "");
    std::string next = "b";
    if (!m.frequencies.empty()) {
        XYPanel fourier = fourierPanel(m);
        oneLegend(fourier);
        f.panels.push_back(panel(0, 1, next, "Fourier power", fourier));
        f.caption += fmt::format(" ({}) Power of the Fourier transform over rings (mean of |F|^2 / pixels, Hann window, "
                                 "mean of the image taken off).",
                                 next);
        next = "c";
    }
    if (compared) {
        auto shares = ratioPanel(m, false, m.bands(), ratioBand), raw = ratioPanel(m, true, m.bands(), ratioBand);
        oneLegend(shares);
        oneLegend(raw);
        const std::string after(1, static_cast<char>(next[0] + 1));
        f.panels.push_back(panel(1, 0, next, "Ratio of shares", shares));
        f.panels.push_back(panel(1, 1, after, "Ratio of energies", raw));
        f.caption += fmt::format(" ({}) Share of each level over that of the originals: blind to a change of contrast, "
                                 "and above 1 at kept levels where others are lost. ({}) Energy of each level over that "
                                 "of the originals.{}",
                                 next, after,
                                 ratioBand ? " Band: times and over the exponential of the sd of the log ratio over "
                                             "images."
                                           : "");
    }
    return f;
}

/// `m` without the approximation, which has no orientation.
Figure orientationFigure(const WaveletMeasurement &m)
{
    const bool compared = m.sets.size() > 1;
    Figure f;
    f.name = "wavelet-orientations";
    f.title = "Wavelet spectrum of " + m.sets[0].name + " by orientation";
    const std::pair<PowerBands, const char *> each[] = {{PowerBands::H, "H: horizontal edges"},
                                                        {PowerBands::V, "V: vertical edges"},
                                                        {PowerBands::D, "D: diagonal"}};
    bool band = false;
    double low = 1, high = 1;
    for (int b = 0; b < 3; ++b) {
        XYPanel p;
        if (compared) {
            p = ratioPanel(m, false, each[b].first, band);
        } else {
            p.x = levelAxis(m);
            p.y.label = "share of detail energy";
            p.y.min = 0;
            addCurve(p, m, 0, m.power(0, m.share(), each[b].first).value);
        }
        if (b > 0 || !compared)
            oneLegend(p);
        low = std::min(low, p.y.min.value_or(1));
        high = std::max(high, p.y.max.value_or(1));
        f.panels.push_back(panel(b / 2, b % 2, std::string(1, static_cast<char>('a' + b)), each[b].second, p));
    }
    if (compared) // the three are read against one another
        for (auto &p : f.panels) {
            std::get<XYPanel>(p.content).y.min = low;
            std::get<XYPanel>(p.content).y.max = high;
        }
    XYPanel anisotropy;
    anisotropy.x = levelAxis(m);
    anisotropy.y.label = "H / (H + V)";
    anisotropy.y.min = 0;
    anisotropy.y.max = 1;
    anisotropy.references.push_back({'y', 0.5, ""});
    for (std::size_t k = 0; k < m.sets.size(); ++k) {
        const auto sum = m.sum(k);
        std::vector<double> v;
        for (const auto &l : sum.levels) {
            const double both = l.energy[0] + l.energy[1];
            v.push_back(both > 0 ? l.energy[0] / both : nan);
        }
        addCurve(anisotropy, m, k, v);
    }
    anisotropy.legend = m.sets.size() > 1 ? LegendPlace::Auto : LegendPlace::None;
    f.panels.push_back(panel(1, 1, "d", "Anisotropy", anisotropy));
    f.caption = fmt::format("{} of {} ({}), by orientation: (a) H, (b) V, (c) D, each band's shares taken for itself. "
                            "(d) Energy of H over that of H and V: above 0.5 horizontal edges prevail.",
                            compared ? "Ratio of shares to the originals" : "Shares of detail energy", imagesText(m),
                            waveletText(m));
    return f;
}

} // namespace

std::vector<Figure> spectrumFigures(const WaveletMeasurement &m)
{
    return {spectrumFigure(m), orientationFigure(m.detailsOnly())};
}

// ---- pictures -------------------------------------------------------------------------------------------------------

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
    std::string text = fmt::format("image {} of those used{}", m.options.shown, s.part);
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
        if (level <= levels)
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
