#include "analysis/SkipStudy.h"

#include "analysis/WaveletSpectrum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::string wayTitle(SkipWay way)
{
    return way == SkipWay::Silenced ? "Silenced" : way == SkipWay::Shuffled ? "From another slice" : "Replaced by mean";
}

const char *colourOf(SkipWay way)
{
    return way == SkipWay::Silenced ? "#D55E00" : way == SkipWay::Shuffled ? "#0072B2" : "#009E73";
}

/// Skips from the outermost on; all together are black.
std::string colourOf(const SkipMeasurement &m, const SkipChange &change)
{
    static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};
    if (change.skips.size() == m.names.size() && m.names.size() > 1)
        return "#000000";
    return colours[static_cast<std::size_t>(change.skips.front()) % std::size(colours)];
}

std::string channelText(const SkipMeasurement &m)
{
    return m.channels > 1 ? ", the mean of its channels" : "";
}

std::string slicesText(const SkipMeasurement &m)
{
    return fmt::format("{} ({} slice{})", m.what, m.slices.size(), m.slices.size() == 1 ? "" : "s");
}

// ---- tables
// ---------------------------------------------------------------------------------------------------------

Table costTable(const SkipMeasurement &m)
{
    Table t;
    t.title = "Costs of changed skips";
    std::vector<std::string> skip{"none"}, way{"as it is"};
    for (std::size_t i = 1; i < m.changes.size(); ++i) {
        skip.push_back(m.changes[i].skip);
        way.push_back(nameOf(m.changes[i].change.way));
    }
    t.columns = {{"skip", "", skip}, {"way", "", way}};
    for (const auto &s : m.scores()) {
        std::vector<double> value, drop, own;
        for (std::size_t i = 0; i < m.changes.size(); ++i) {
            const auto c = m.cost(i, s);
            value.push_back(c.value);
            drop.push_back(c.drop);
            own.push_back(c.ownBest);
        }
        t.columns.push_back({s.label, "", value, 4});
        t.columns.push_back({(s.smallest ? "rise of " : "drop of ") + s.label, "", drop, 4});
        if (s.region)
            t.columns.push_back({s.label + " at its own best", "", own, 4});
    }
    return t;
}

Table scoreTable(const SkipMeasurement &m)
{
    Table t;
    t.title = "Every score: means over slices";
    std::vector<std::string> skip, way, score;
    std::vector<double> threshold, value, drop, sd, ownThreshold, own, ownDrop, ownSd, reliance;
    for (std::size_t i = 1; i < m.changes.size(); ++i)
        for (const auto &s : m.scores()) {
            const auto c = m.cost(i, s);
            skip.push_back(m.changes[i].skip);
            way.push_back(nameOf(m.changes[i].change.way));
            score.push_back(s.label);
            threshold.push_back(c.threshold);
            value.push_back(c.value);
            drop.push_back(c.drop);
            sd.push_back(c.dropSd);
            ownThreshold.push_back(c.ownThreshold);
            own.push_back(c.ownBest);
            ownDrop.push_back(c.ownDrop);
            ownSd.push_back(c.ownDropSd);
            reliance.push_back(c.reliance);
        }
    if (m.images) { // no thresholds
        t.columns = {{"skip", "", skip},           {"way", "", way},          {"score", "", score},
                     {"value", "", value, 4},      {"worse by", "", drop, 4}, {"sd over slices", "", sd, 4},
                     {"reliance", "", reliance, 3}};
        return t;
    }
    t.columns = {{"skip", "", skip},
                 {"way", "", way},
                 {"score", "", score},
                 {"best threshold as it is", "", threshold, 1},
                 {"there", "", value, 4},
                 {"worse by", "", drop, 4},
                 {"sd over slices", "", sd, 4},
                 {"own best threshold", "", ownThreshold, 1},
                 {"at its own best", "", own, 4},
                 {"worse by, own best", "", ownDrop, 4},
                 {"sd over slices, own best", "", ownSd, 4},
                 {"reliance", "", reliance, 3}};
    return t;
}

Table powerTable(const SkipMeasurement &m)
{
    Table t;
    t.title = "Wavelet power of the output over that of the network as it is";
    std::vector<std::string> skip, way;
    std::vector<std::vector<double>> levels(m.layout.levels.size());
    for (std::size_t i = 1; i < m.changes.size(); ++i) {
        skip.push_back(m.changes[i].skip);
        way.push_back(nameOf(m.changes[i].change.way));
        const auto ratio = m.powerRatio(i);
        for (std::size_t l = 0; l < ratio.size(); ++l)
            levels[l].push_back(ratio[l]);
    }
    t.columns = {{"skip", "", skip}, {"way", "", way}};
    for (std::size_t l = levels.size(); l-- > 0;)
        t.columns.push_back({fmt::format("level {}", l + 1), "", levels[l], 4});
    return t;
}

Table sliceTable(const SkipMeasurement &m)
{
    Table t;
    t.title = m.images ? "Each slice" : "Each slice, at the thresholds that are best as it is";
    std::vector<std::int64_t> slice, donor;
    std::vector<std::string> skip, way;
    const auto scores = m.scores();
    std::vector<std::vector<double>> values(scores.size());
    for (std::size_t z = 0; z < m.slices.size(); ++z)
        for (std::size_t i = 0; i < m.changes.size(); ++i) {
            const auto &c = m.changes[i];
            slice.push_back(m.slices[z]);
            skip.push_back(i == 0 ? "none" : c.skip);
            way.push_back(i == 0 ? "as it is" : nameOf(c.change.way));
            // The slice that the skips are from: its own but for those that are shuffled.
            donor.push_back(i > 0 && c.change.way == SkipWay::Shuffled ? m.donors[z] : m.slices[z]);
            for (std::size_t k = 0; k < scores.size(); ++k) {
                const int best = bestThreshold(m.changes[0].curves, scores[k].of, scores[k].smallest);
                values[k].push_back(best < 0 ? nan : scores[k].of(c.curves[z][static_cast<std::size_t>(best)]));
            }
        }
    t.columns = {{"slice", "", slice}, {"skip", "", skip}, {"way", "", way}, {"skips from slice", "", donor}};
    for (std::size_t k = 0; k < scores.size(); ++k)
        t.columns.push_back({scores[k].label, "", values[k], 4});
    return t;
}

// ---- figures
// --------------------------------------------------------------------------------------------------------

XYPanel costPanel(const SkipMeasurement &m, const StudyScore &score, bool own)
{
    XYPanel p;
    p.x.label = "skip connection changed";
    p.x.categories = m.names;
    if (m.names.size() > 1)
        p.x.categories.push_back("all");
    p.y.label = (score.smallest ? "rise of " : "drop of ") + score.label;
    p.references.push_back({'y', 0, ""});
    for (const auto way : m.ways()) {
        Series bar, spread;
        bar.name = wayTitle(way);
        bar.kind = SeriesKind::Bar;
        bar.colour = spread.colour = colourOf(way);
        spread.kind = SeriesKind::ErrorBar;
        spread.colour = "#000000";
        bool known = false;
        for (const auto i : m.of(way)) {
            const auto c = m.cost(i, score);
            const double drop = own ? c.ownDrop : c.drop, sd = own ? c.ownDropSd : c.dropSd;
            bar.x.push_back(static_cast<double>(bar.x.size()));
            bar.y.push_back(drop);
            spread.lower.push_back(drop - sd);
            spread.upper.push_back(drop + sd);
            known = known || std::isfinite(sd);
        }
        spread.x = bar.x;
        p.series.push_back(bar);
        if (known)
            p.series.push_back(spread);
    }
    return p;
}

Figure costFigure(const SkipMeasurement &m)
{
    Figure f;
    f.name = "skip-costs";
    f.title = "What the skip connections give, " + m.what;
    struct Wanted
    {
        const char *key;
        bool own;
        std::string title, caption;
    };
    std::vector<Wanted> wanted;
    const auto threshold = [&](const char *key) { return m.cost(0, m.score(key)).threshold; };
    if (m.images) {
        wanted = {{"rmse", false, "RMSE", "Rise of the root mean squared error, in values scaled as in training"},
                  {"ssim", false, "SSIM", "Drop of structural similarity"}};
    } else if (m.options.regions) {
        wanted.push_back({"dice", false, "Dice", fmt::format("Drop of Dice at threshold {:.1f}", threshold("dice"))});
        wanted.push_back(
            {"v-rand", false, "V_Rand", fmt::format("Drop of V_Rand at threshold {:.1f}", threshold("v-rand"))});
        wanted.push_back({"v-rand", true, "V_Rand, threshold chosen anew",
                          "Drop of V_Rand when each change gets the threshold that is best for it"});
    } else {
        wanted.push_back({"dice", false, "Dice", fmt::format("Drop of Dice at threshold {:.1f}", threshold("dice"))});
        wanted.push_back({"dice", true, "Dice, threshold chosen anew",
                          "Drop of Dice when each change gets the threshold that is best for it"});
    }
    if (!m.images)
        wanted.push_back(
            {"pixel-error", false, "Pixel error",
             fmt::format("Rise of the share of wrong pixels at threshold {:.1f}", threshold("pixel-error"))});
    f.caption = fmt::format("What changing skip connections costs: {}{}. ", slicesText(m),
                            m.images ? "" : ", class " + m.className);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto p = costPanel(m, m.score(wanted[i].key), wanted[i].own);
        if (i > 0)
            p.legend = LegendPlace::None;
        const std::string letter(1, static_cast<char>('a' + i));
        f.panels.push_back(panel(static_cast<int>(i / 2), static_cast<int>(i % 2), letter, wanted[i].title, p));
        f.caption += fmt::format("({}) {}. ", letter, wanted[i].caption);
    }
    f.caption += "Above 0 is worse than the network as it is";
    f.caption += m.images ? "." : "; thresholds are those that are best for it unless chosen anew.";
    if (m.slices.size() > 1)
        f.caption += " Bars: mean over slices; whiskers: sd over slices of the difference.";
    return f;
}

Axis levelAxis(const SkipMeasurement &m)
{
    WaveletMeasurement w;
    w.layout = m.layout;
    w.pixelSize = m.pixelSize;
    return levelAxis(w);
}

/// `values` from fine to coarse, drawn from coarse to fine; what is not above 0 has no place on a
/// log axis.
void addCurve(XYPanel &p, const std::vector<double> &values, const std::string &name, const std::string &colour,
              Dash dash, const std::vector<double> &logSd = {})
{
    Series line, band;
    band.kind = SeriesKind::Band;
    band.colour = line.colour = colour;
    line.name = name;
    line.dash = dash;
    line.width = 1;
    bool known = false;
    for (std::size_t i = values.size(); i-- > 0;) {
        const double v = values[i] > 0 ? values[i] : nan, sd = logSd.empty() ? nan : logSd[i];
        line.x.push_back(static_cast<double>(line.x.size()));
        line.y.push_back(v);
        band.lower.push_back(v * std::exp(-sd));
        band.upper.push_back(v * std::exp(sd));
        known = known || (std::isfinite(v) && std::isfinite(sd) && sd > 0);
    }
    band.x = line.x;
    if (known)
        p.series.push_back(band);
    Series points = line;
    points.name.clear();
    points.kind = SeriesKind::Scatter;
    p.series.push_back(line);
    p.series.push_back(points);
}

Figure powerFigure(const SkipMeasurement &m)
{
    Figure f;
    f.name = "skip-power";
    f.title = "Detail of the output without skip connections, " + m.what;
    XYPanel whole;
    whole.x = levelAxis(m);
    whole.y.label = "energy per coefficient";
    whole.y.scale = Axis::Scale::Log;
    addCurve(whole, powerOfSet(m.changes[0].power, m.layout, PowerMeasure::Energy, PowerBands::All, false, true).value,
             m.images ? "as it is" : "", "#000000", Dash::Solid);
    if (m.images)
        addCurve(whole, powerOfSet(m.originals, m.layout, PowerMeasure::Energy, PowerBands::All, false, true).value,
                 "original", "#7f7f7f", Dash::Dashed);
    f.panels.push_back(panel(0, 0, "a", "As it is", whole));
    f.caption =
        fmt::format("Wavelet power ({}) of the {}, {}; level l holds detail with periods "
                    "of 2^l to 2^(l+1) px. (a) Energy per "
                    "coefficient of the network as it is{}. ",
                    m.options.wavelet, m.images ? "output" + channelText(m) : "predicted probability of " + m.className,
                    slicesText(m), m.images ? ", and of the originals" : "");
    double least = 1, most = 1;
    std::vector<XYPanel> panels;
    bool band = false;
    for (const auto way : m.ways()) {
        XYPanel p;
        p.x = levelAxis(m);
        p.y.label = "energy / as it is";
        p.y.scale = Axis::Scale::Log;
        p.references.push_back({'y', 1, ""});
        for (const auto i : m.of(way)) {
            const auto &c = m.changes[i];
            const auto ratio = m.powerRatio(i);
            const auto sd =
                logRatioSd(c.power, m.changes[0].power, m.layout, PowerMeasure::Energy, PowerBands::All, false);
            const auto before = p.series.size();
            addCurve(p, ratio, c.skip, colourOf(m, c.change), c.change.skips.size() > 1 ? Dash::Dashed : Dash::Solid,
                     sd);
            for (auto k = before; k < p.series.size(); ++k)
                for (const auto *v : {&p.series[k].y, &p.series[k].lower, &p.series[k].upper})
                    for (const double x : *v)
                        if (std::isfinite(x) && x > 0) {
                            least = std::min(least, x);
                            most = std::max(most, x);
                        }
            band = band || p.series[before].kind == SeriesKind::Band;
        }
        panels.push_back(std::move(p));
    }
    for (std::size_t i = 0; i < panels.size(); ++i) {
        auto &p = panels[i];
        p.y.min = std::max(least / 1.3, 1e-6); // one scale, so that the ways can be compared
        p.y.max = most * 1.3;
        if (i > 0)
            p.legend = LegendPlace::None;
        const auto place = static_cast<int>(i) + 1;
        const std::string letter(1, static_cast<char>('a' + place));
        const auto way = m.ways()[i];
        f.panels.push_back(panel(place / 2, place % 2, letter, wayTitle(way), p));
        f.caption +=
            fmt::format("({}) {}: energy over that of (a), below 1 where detail is lost. ", letter, wayTitle(way));
    }
    if (band)
        f.caption += "Band: times and over the exponential of the sd over slices of the log ratio. ";
    f.caption += "Where nothing is left a point is missing.";
    return f;
}

/// A probability in colours, or an image on the original's grey scale.
ImagePanel outputPanel(const SkipMeasurement &m, const Array &output)
{
    ImagePanel panel;
    panel.image = output;
    panel.black = 0;
    panel.white = 1;
    if (m.images) {
        const auto values = m.original.span<float>();
        const auto [low, high] = std::ranges::minmax(values);
        panel.black = low;
        panel.white = high > low ? high : low + 1;
    } else {
        panel.colourMap = "viridis";
    }
    return panel;
}

Figure exampleFigure(const SkipMeasurement &m)
{
    Figure f;
    f.name = "skip-example";
    const auto slice = m.slices[static_cast<std::size_t>(m.example)];
    f.title = fmt::format("Slice {} without skip connections, {}", slice, m.what);
    ImageGridPanel grid;
    grid.gap = 4;
    for (const auto way : m.ways()) {
        const auto entries = m.of(way);
        grid.columns = static_cast<int>(entries.size());
        grid.columnTitles.clear();
        for (const auto i : entries) {
            grid.cells.push_back(outputPanel(m, m.changes[i].example));
            grid.columnTitles.push_back(m.changes[i].skip);
        }
        grid.rowTitles.push_back(nameOf(way));
    }
    const Array &size = m.changes[0].example;
    if (m.images) {
        auto original = outputPanel(m, m.original);
        original.pixelSize = m.pixelSize;
        f.panels = {panel(0, 0, "a", "Original", original),
                    panel(0, 1, "b", "As it is", outputPanel(m, m.changes[0].example))};
        auto changed = panel(1, 0, "c", "", grid);
        changed.columnSpan = 2;
        f.panels.push_back(changed);
        f.caption = fmt::format("Slice {} of {}, {} x {} px in its middle{}, all on the original's grey scale. (a) "
                                "Original. (b) What the network as it is makes of it. (c) The same with a skip "
                                "connection, or all, changed.",
                                slice, m.what, size.dim(1), size.dim(0), channelText(m));
        return f;
    }
    auto shown = m.shown;
    shown.prediction = m.changes[0].example;
    ImagePanel image = imagePanel(shown, m.options.classIndex, m.pixelSize), truth = image;
    truth.overlays.push_back(
        {Overlay::Kind::Labels, classLabels(shown.truth, m.options.classIndex), {"", m.className}, "viridis", 0.4});
    ImagePanel whole = outputPanel(m, m.changes[0].example);
    whole.colourBar = true;
    whole.colourLabel = "probability";
    f.panels = {panel(0, 0, "a", "Image", image), panel(0, 1, "b", "Truth", truth),
                panel(0, 2, "c", "As it is", whole)};
    auto changed = panel(1, 0, "d", "", grid);
    changed.columnSpan = 3;
    f.panels.push_back(changed);
    f.caption = fmt::format("Slice {} of {}, {} x {} px in its middle. (a) Image. (b) True {}. (c) "
                            "Probability that the network "
                            "as it is gives. (d) The same with a skip connection, or all, changed.",
                            slice, m.what, size.dim(1), size.dim(0), m.className);
    return f;
}

} // namespace

std::vector<Table> skipTables(const SkipMeasurement &m)
{
    return {costTable(m), scoreTable(m), powerTable(m), sliceTable(m)};
}

std::vector<Figure> skipFigures(const SkipMeasurement &m)
{
    return {costFigure(m), powerFigure(m), exampleFigure(m)};
}

} // namespace reticle
