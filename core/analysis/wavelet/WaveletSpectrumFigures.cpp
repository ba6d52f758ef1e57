#include "analysis/segmentation/ScoreFigures.h"
#include "analysis/wavelet/WaveletSpectrum.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

std::string colorOf(std::size_t set)
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

/// In which unit periods between 2 and `maximum` px are written.
struct PeriodUnit
{
    std::string name = "px";
    double pixels = 1; ///< unit per pixel
};

PeriodUnit periodUnit(double pixelSize, double maximum)
{
    if (!(pixelSize > 0))
        return {};
    const double middle = std::sqrt(2 * maximum) * pixelSize;
    if (middle < 1e3)
        return {"nm", pixelSize};
    return middle < 1e6 ? PeriodUnit{"µm", pixelSize / 1e3} : PeriodUnit{"mm", pixelSize / 1e6};
}

/// Three digits, never an exponent.
std::string periodText(double period)
{
    const int before = static_cast<int>(std::floor(std::log10(period))) + 1;
    std::string text = fmt::format("{:.{}f}", period, std::max(0, 3 - before));
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.')
            text.pop_back();
    }
    return text;
}

} // namespace

Axis levelAxis(const WaveletMeasurement &m)
{
    Axis x;
    const int levels = static_cast<int>(m.layout.levels.size());
    x.categories = m.levelNames();
    const auto unit = periodUnit(m.pixelSize, std::ldexp(1, levels + 1));
    // Where periods stand above in another unit, pixels are said here; each level doubles them.
    x.label = unit.name != "px" ? "level (1 = 2–4 px)"
              : levels > 1      ? fmt::format("level ({} = coarsest detail)", levels)
                                : "level";
    x.second.label = "period";
    x.second.unit = unit.name;
    const double coarsest = static_cast<double>(x.categories.size()) - levels; // after the approximation
    for (int i = 0; i <= levels; ++i) {
        x.second.positions.push_back(coarsest + i - 0.5);
        x.second.labels.push_back(periodText(std::ldexp(unit.pixels, levels + 1 - i)));
    }
    return x;
}

namespace {

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
        band.color = colorOf(set);
        p.series.push_back(band);
    }
    Series line;
    line.name = alone ? "" : m.sets[set].name;
    line.x = x;
    line.y = coarseFirst(values);
    if (log)
        dropNonPositive(line.y);
    line.color = colorOf(set);
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

/// The curve of a set's power, with its sd over images as a band; `band` says whether there is one.
void addPower(XYPanel &p, const WaveletMeasurement &m, std::size_t set, PowerMeasure measure, PowerBands bands, bool &band)
{
    const bool log = p.y.scale == Axis::Scale::Log;
    const auto power = m.power(set, measure, bands);
    std::vector<double> lower, upper;
    if (hasSpread(power.sd)) {
        band = true;
        for (std::size_t i = 0; i < power.value.size(); ++i) {
            // On a log axis a band that reaches 0 ends at a tenth of the value.
            lower.push_back(std::max(power.value[i] - power.sd[i], log ? power.value[i] / 10 : 0));
            upper.push_back(power.value[i] + power.sd[i]);
        }
    }
    addCurve(p, m, set, power.value, lower, upper);
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
    for (std::size_t k = 0; k < m.sets.size(); ++k)
        addPower(p, m, k, m.measure(), m.bands(), band);
    return p;
}

/// Ratio of shares, or with `raw` of energies, to the originals. `band` says whether one was drawn.
XYPanel ratioPanel(const WaveletMeasurement &m, bool raw, PowerBands bands, bool &band)
{
    XYPanel p;
    p.x = levelAxis(m);
    p.y.scale = Axis::Scale::Log;
    p.y.label = raw ? "energy / original" : "share / original";
    double minimum = 1, maximum = 1;
    Series none; // in the originals' place, so that each set has the marker of the power panel
    none.kind = SeriesKind::Scatter;
    none.x = {0};
    none.y = {nan};
    p.series.push_back(none);
    for (std::size_t k = 1; k < m.sets.size(); ++k) {
        const auto r = raw ? m.rawRatio(k, bands) : m.ratio(k, bands);
        std::vector<double> lower, upper;
        if (m.paired) {
            const auto sd = logRatioSd(m.sets[k].images, m.sets[0].images, m.layout, raw ? PowerMeasure::Energy : m.share(),
                                       bands, m.options.includeApproximation);
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
                    minimum = std::min(minimum, x);
                    maximum = std::max(maximum, x);
                }
        addCurve(p, m, k, r, lower, upper);
    }
    // Whole decades would leave most ratios a thin line; a tenth of a decade of room is enough.
    p.y.min = std::min(minimum / 1.15, 0.5);
    p.y.max = std::max(maximum * 1.15, 2.0);
    p.references.push_back({'y', 1, ""});
    return p;
}

/// Round periods above frequencies: powers of 2 in pixels, 1, 2, 5, 10, ... of a physical unit.
SecondScale periodScale(const WaveletMeasurement &m)
{
    const double longest = 1 / m.frequencies.front(), shortest = 1 / m.frequencies.back();
    const auto unit = periodUnit(m.pixelSize, longest);
    SecondScale s{"period", unit.name, {}, {}};
    std::vector<double> periods;
    if (unit.name == "px")
        for (double p = 2; p <= longest; p *= 2)
            periods.push_back(p);
    else
        for (int decade = -6; decade <= 9; ++decade)
            for (const int digit : {1, 2, 5})
                periods.push_back(digit * std::pow(10, decade));
    constexpr double slack = 1 + 1e-9;
    for (auto p = periods.rbegin(); p != periods.rend(); ++p) // rising frequencies
        if (*p <= longest * unit.pixels * slack && *p * slack >= shortest * unit.pixels) {
            s.positions.push_back(unit.pixels / *p);
            s.labels.push_back(periodText(*p));
        }
    return s;
}

XYPanel fourierPanel(const WaveletMeasurement &m)
{
    XYPanel p;
    p.x.label = "spatial frequency";
    p.x.unit = "cycles/px";
    p.x.scale = p.y.scale = Axis::Scale::Log;
    p.x.second = periodScale(m);
    p.y.label = "Fourier power";
    for (std::size_t k = 0; k < m.sets.size(); ++k) {
        Series s;
        s.name = m.sets.size() > 1 ? m.sets[k].name : "";
        s.x = m.frequencies;
        s.y = m.sets[k].fourier;
        dropNonPositive(s.y);
        s.color = colorOf(k);
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
    return fmt::format("{} image{} of {} x {} px of {}{}", n, n == 1 ? "" : "s", m.layout.columns, m.layout.rows, m.sets[0].name,
                       names.empty() ? "" : ", compared with " + names);
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
    f.caption =
        fmt::format("Wavelet spectrum ({}{}) of {}. (a) {} by level, {}; level l holds detail with periods of 2^l "
                    "to 2^(l+1) px{}.",
                    waveletText(m), m.bands() == PowerBands::All ? "" : ", orientation " + m.options.orientation, imagesText(m),
                    measureText(m.measure()), pooled ? "energies of all images added up" : "mean over images",
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

XYPanel anisotropyPanel(const WaveletMeasurement &m)
{
    XYPanel p;
    p.x = levelAxis(m);
    p.y.label = "H / (H + V)";
    p.y.min = 0;
    p.y.max = 1;
    p.references.push_back({'y', 0.5, ""});
    for (std::size_t k = 0; k < m.sets.size(); ++k) {
        const auto sum = m.sum(k);
        std::vector<double> v;
        for (const auto &l : sum.levels)
            v.push_back(anisotropyOf(l));
        addCurve(p, m, k, v);
    }
    p.legend = LegendPlace::None; // the first panel tells the sets
    return p;
}

/// `m` without the approximation, which has no orientation. A row of H, V and D: shares of a set alone, ratios of shares of
/// several and below them of energies; at the end the anisotropy.
Figure orientationFigure(const WaveletMeasurement &m)
{
    const bool compared = m.sets.size() > 1;
    Figure f;
    f.name = "wavelet-orientations";
    f.title = "Wavelet spectrum of " + m.sets[0].name + " by orientation";
    const std::pair<PowerBands, const char *> each[] = {
        {PowerBands::H, "H: horizontal edges"}, {PowerBands::V, "V: vertical edges"}, {PowerBands::D, "D: diagonal"}};
    bool band = false;
    char letter = 'a';
    for (const bool raw : {false, true}) {
        if (raw && !compared)
            continue;
        double low = 1, high = 1;
        const std::size_t first = f.panels.size();
        for (int b = 0; b < 3; ++b) {
            XYPanel p;
            if (compared) {
                p = ratioPanel(m, raw, each[b].first, band);
            } else {
                p.x = levelAxis(m);
                p.y.label = measureText(m.share());
                p.y.min = 0;
                addPower(p, m, 0, m.share(), each[b].first, band);
            }
            if (b > 0 || raw || !compared)
                oneLegend(p);
            else { // the line at 1, and its curve of anisotropy
                Series originals;
                originals.name = m.sets[0].name;
                originals.x = {0};
                originals.y = {nan};
                originals.color = colorOf(0);
                originals.dash = Dash::Dashed;
                p.series.insert(p.series.begin(), originals);
            }
            low = std::min(low, p.y.min.value_or(1));
            high = std::max(high, p.y.max.value_or(1));
            // Two columns where there are four panels, three where there are seven.
            const int row = compared ? raw : b / 2, column = compared ? b : b % 2;
            f.panels.push_back(panel(row, column, std::string(1, letter++), each[b].second, p));
        }
        for (std::size_t i = first; compared && i < f.panels.size(); ++i) { // the three are read against one another
            std::get<XYPanel>(f.panels[i].content).y.min = low;
            std::get<XYPanel>(f.panels[i].content).y.max = high;
        }
    }
    f.panels.push_back(panel(compared ? 2 : 1, compared ? 0 : 1, std::string(1, letter), "Anisotropy", anisotropyPanel(m)));
    const std::string bandText = !band      ? ""
                                 : compared ? " Band: times and over the exponential of the sd of the log ratio over images."
                                            : " Band: sd over images.";
    f.caption = fmt::format("{} of {} ({}), by orientation: {}.{} ({}) Energy of H over that of H and V: above 0.5 "
                            "horizontal edges prevail.",
                            compared                                 ? "Ratio to the originals"
                            : m.share() == PowerMeasure::EnergyShare ? "Shares of detail energy"
                                                                     : "Shares of absolute sums",
                            imagesText(m), waveletText(m),
                            compared ? "(a, b, c) of H's, V's and D's shares, each band's taken for itself; (d, e, f) of "
                                       "their energies"
                                     : "(a) H, (b) V, (c) D, each band's shares taken for itself",
                            bandText, letter);
    return f;
}

} // namespace

std::string waveletText(const WaveletMeasurement &m)
{
    const auto levels = m.layout.levels.size();
    return fmt::format("{}, {} border, {} level{}", m.options.wavelet, m.options.mode, levels, levels == 1 ? "" : "s");
}

std::vector<Figure> spectrumFigures(const WaveletMeasurement &m)
{
    return {spectrumFigure(m), orientationFigure(m.detailsOnly())};
}

} // namespace reticle
