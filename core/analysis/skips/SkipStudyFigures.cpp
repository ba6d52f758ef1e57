#include "analysis/skips/SkipStudy.h"

#include "analysis/wavelet/WaveletSpectrum.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

// The figures of a skip study.

namespace reticle {

namespace {

std::string wayTitle(const SkipAct &act)
{
    switch (act.way) {
    case SkipWay::Ablated: return "Ablated";
    case SkipWay::Shuffled: return "From another slice";
    case SkipWay::Mean: return "Replaced by mean";
    case SkipWay::Scaled: break;
    }
    return fmt::format("Scaled by {:g}", act.factor);
}

const char *colorOf(const SkipAct &act)
{
    switch (act.way) {
    case SkipWay::Ablated: return "#D55E00";
    case SkipWay::Shuffled: return "#0072B2";
    case SkipWay::Mean: return "#009E73";
    case SkipWay::Scaled: break;
    }
    return "#CC79A7";
}

/// Skips from the outermost on; all together are black.
std::string colorOf(const SkipMeasurement &m, const SkipChange &change)
{
    static const char *const colors[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};
    if (change.skips.size() == m.names.size() && m.names.size() > 1)
        return "#000000";
    return colors[static_cast<std::size_t>(change.skips.front()) % std::size(colors)];
}

std::string channelText(const SkipMeasurement &m)
{
    return m.channels > 1 ? ", the mean of its channels" : "";
}

std::string slicesText(const SkipMeasurement &m)
{
    const auto n = m.networks.front().slices.size();
    return fmt::format("{} ({} slice{}{})", m.what, n, n == 1 ? "" : "s", m.several() ? " each" : "");
}

/// A point on the bar drawn last, for each of its places.
Series pointsOn(const Series &bar, std::vector<double> values)
{
    Series points;
    points.kind = SeriesKind::ErrorBar;
    points.color = "#000000";
    points.x = bar.x;
    points.lower = points.upper = values;
    points.y = std::move(values);
    return points;
}

/// What of a StudyCost is drawn.
struct Drawn
{
    double StudyCost::*value;
    double StudyCost::*sd; ///< of one network, over slices; may be null
};

/// A bar for each skip and way: of one network with whiskers, of several with a point for each.
XYPanel barPanel(const SkipMeasurement &m, const StudyScore &score, const Drawn &drawn, const std::string &label)
{
    XYPanel p;
    p.x.label = "skip connection changed";
    p.x.categories = m.names;
    if (m.names.size() > 1)
        p.x.categories.push_back("all");
    p.y.label = label;
    p.references.push_back({'y', 0, ""});
    for (const auto &act : m.ways()) {
        Series bar, spread;
        bar.name = wayTitle(act);
        bar.kind = SeriesKind::Bar;
        bar.color = colorOf(act);
        spread.kind = SeriesKind::ErrorBar;
        spread.color = "#000000";
        bool known = false;
        const auto entries = m.of(act);
        for (const auto i : entries) {
            const auto c = m.cost(i, score);
            const double value = c.*drawn.value, sd = drawn.sd ? c.*drawn.sd : nan;
            bar.x.push_back(static_cast<double>(bar.x.size()));
            bar.y.push_back(value);
            spread.lower.push_back(value - sd);
            spread.upper.push_back(value + sd);
            known = known || std::isfinite(sd);
        }
        spread.x = bar.x;
        p.series.push_back(bar);
        if (!m.several()) {
            if (known)
                p.series.push_back(spread);
            continue;
        }
        for (const auto &n : m.networks) {
            std::vector<double> values;
            for (const auto i : entries)
                values.push_back(m.cost(n, i, score).*drawn.value);
            p.series.push_back(pointsOn(bar, std::move(values)));
        }
    }
    return p;
}

/// The next panel, two in a row, the legend in the first, with its part of the caption where there is one.
void addPanel(Figure &f, const std::string &title, XYPanel p, const std::string &caption = {})
{
    const auto i = f.panels.size();
    const char letter = static_cast<char>('a' + i);
    if (i > 0)
        p.legend = LegendPlace::None;
    if (!caption.empty())
        f.caption += fmt::format("({}) {}. ", letter, caption);
    f.panels.push_back(panel(static_cast<int>(i / 2), static_cast<int>(i % 2), std::string(1, letter), title, std::move(p)));
}

std::string classText(const SkipMeasurement &m)
{
    return m.images ? "" : ", class " + m.className;
}

Figure costFigure(const SkipMeasurement &m)
{
    Figure f;
    f.name = "skip-costs";
    f.title = "What the skip connections give, " + m.what;
    f.caption = fmt::format("What changing skip connections costs: {}{}. ", slicesText(m), classText(m));
    const Drawn drop{&StudyCost::drop, &StudyCost::dropSd}, own{&StudyCost::ownDrop, &StudyCost::ownDropSd};
    const auto cost = [&](const char *key, const std::string &title, const std::string &what, const Drawn &drawn) {
        const auto s = m.score(key);
        addPanel(f, title, barPanel(m, s, drawn, (s.smallest ? "rise of " : "drop of ") + s.label), what);
    };
    const auto threshold = [&](const char *key) {
        return m.several() ? std::string("each network's best threshold")
                           : fmt::format("threshold {:.1f}", m.cost(0, m.score(key)).threshold);
    };
    const std::string anew = "when each change gets the threshold that is best for it";
    if (m.images) {
        cost("rmse", "RMSE", "Rise of the root mean squared error, in values scaled as in training", drop);
        cost("ssim", "SSIM", "Drop of structural similarity", drop);
    } else {
        cost("dice", "Dice", "Drop of Dice at " + threshold("dice"), drop);
        if (m.options.regions) {
            cost("v-rand", "V_Rand", "Drop of V_Rand at " + threshold("v-rand"), drop);
            cost("v-rand", "V_Rand, threshold chosen anew", "Drop of V_Rand " + anew, own);
        } else {
            cost("dice", "Dice, threshold chosen anew", "Drop of Dice " + anew, own);
        }
        cost("pixel-error", "Pixel error", "Rise of the share of wrong pixels at " + threshold("pixel-error"), drop);
    }
    if (m.names.size() > 1) {
        std::vector<std::string> keys{m.images ? "rmse" : "dice"};
        if (m.images || m.options.regions)
            keys.push_back(m.images ? "ssim" : "v-rand");
        for (const auto &key : keys) {
            const auto s = m.score(key);
            auto p = barPanel(m, s, {&StudyCost::reliance, nullptr}, "reliance");
            p.x.categories.pop_back(); // of all together it is 1
            for (auto &series : p.series)
                for (auto *values : {&series.x, &series.y, &series.lower, &series.upper})
                    if (!values->empty())
                        values->pop_back();
            p.references.push_back({'y', 1, "all skips"});
            addPanel(f, "Reliance by " + s.label, std::move(p),
                     "Reliance: " + std::string(s.smallest ? "rise" : "drop") + " of " + s.label +
                         " over that of all skips changed together");
        }
    }
    f.caption += fmt::format("Above 0 is worse than the network as it is{}",
                             m.images ? "." : "; thresholds are those that are best for it unless chosen anew.");
    if (m.several())
        f.caption += " Bars: mean over runs; points: each run.";
    else if (m.networks.front().slices.size() > 1)
        f.caption += " Bars: mean over slices; whiskers: sd over slices of the difference.";
    return f;
}

/// Score and finest detail against the factor that a skip is multiplied by.
Figure doseFigure(const SkipMeasurement &m)
{
    Figure f;
    f.name = "skip-scale-curve";
    f.title = "Scores by the strength of skip connections, " + m.what;
    const auto scaleCurves = m.scaleCurves();
    const auto dosePanel = [&](const std::string &label, const std::function<double(std::size_t)> &value,
                               const std::function<double(const StudiedNetwork &, std::size_t)> &each) {
        XYPanel p;
        p.x.label = "factor";
        p.x.min = -0.03; // points at the ends stand beside the axis
        p.x.max = 1.03;
        p.y.label = label;
        for (const auto &curve : scaleCurves) {
            const auto &c = m.changes()[curve.front().second];
            Series line, points;
            line.name = c.skip;
            line.width = 1;
            line.color = points.color = colorOf(m, c.change);
            line.dash = c.change.skips.size() > 1 ? Dash::Dashed : Dash::Solid;
            points.kind = SeriesKind::Scatter;
            for (const auto &[factor, i] : curve) {
                line.x.push_back(factor);
                line.y.push_back(value(i));
                if (!m.several()) {
                    points.x.push_back(factor);
                    points.y.push_back(line.y.back());
                } else
                    for (const auto &n : m.networks) {
                        points.x.push_back(factor);
                        points.y.push_back(each(n, i));
                    }
            }
            p.series.push_back(std::move(line));
            p.series.push_back(std::move(points));
        }
        return p;
    };
    f.caption = fmt::format("Skip connections multiplied by a factor: {}{}. 1 is the network as it is, 0 a skip that is "
                            "ablated. ",
                            slicesText(m), classText(m));
    std::vector<std::string> keys{"rmse", "ssim"};
    if (!m.images)
        keys = m.options.regions ? std::vector<std::string>{"dice", "v-rand", "pixel-error"}
                                 : std::vector<std::string>{"dice", "pixel-error"};
    for (const auto &key : keys) {
        const auto s = m.score(key);
        const std::string title = key == "pixel-error" ? "Pixel error" : s.label;
        addPanel(f, title,
                 dosePanel(
                     s.label, [&](std::size_t i) { return m.cost(i, s).value; },
                     [&](const StudiedNetwork &n, std::size_t i) { return m.cost(n, i, s).value; }),
                 m.images ? title : title + " at the threshold that is best for the network as it is");
    }
    addPanel(f, "Finest detail",
             dosePanel(
                 "energy at level 1 / as it is", [&](std::size_t i) { return m.powerRatio(i).front(); },
                 [&](const StudiedNetwork &n, std::size_t i) { return m.powerRatio(n, i).front(); }),
             "Wavelet power of the output at level 1 over that of the network as it is");
    if (m.several())
        f.caption += "Lines: mean over runs (of power the geometric one); points: each run.";
    return f;
}

/// As it is, knocked out, and trained without the skip.
Figure retrainedFigure(const SkipMeasurement &m)
{
    Figure f;
    f.name = "skip-retrained";
    f.title = "Networks trained without a skip connection, " + m.what;
    const auto act = m.ways().back();
    std::vector<std::string> keys{"rmse", "ssim"};
    if (!m.images)
        keys = {"dice", m.options.regions ? "v-rand" : "pixel-error"};
    for (const auto &key : keys) {
        const auto s = m.score(key);
        XYPanel p;
        p.x.label = "skip connection left out";
        p.y.label = s.label;
        const auto retrained = m.retrainedScores(s);
        for (const auto &r : retrained)
            p.x.categories.push_back(m.changes()[r.change].skip);
        const auto bars = [&](const std::string &name, const std::string &color, Mean RetrainedScores::*what,
                              const std::function<std::vector<double>(const RetrainedScores &)> &each) {
            Series bar;
            bar.kind = SeriesKind::Bar;
            bar.name = name;
            bar.color = color;
            std::vector<std::vector<double>> values;
            std::size_t maximum = 0;
            for (const auto &r : retrained) {
                bar.x.push_back(static_cast<double>(bar.x.size()));
                bar.y.push_back((r.*what).mean);
                values.push_back(each(r));
                maximum = std::max(maximum, values.back().size());
            }
            p.series.push_back(bar);
            for (std::size_t k = 0; maximum > 1 && k < maximum; ++k) {
                std::vector<double> points;
                for (const auto &v : values)
                    points.push_back(k < v.size() ? v[k] : nan);
                p.series.push_back(pointsOn(bar, std::move(points)));
            }
        };
        const auto ofNetworks = [&](std::size_t change) {
            std::vector<double> v;
            for (const auto &n : m.networks)
                v.push_back(m.cost(n, change, s).value);
            return v;
        };
        bars("as it is", "#999999", &RetrainedScores::whole, [&](const RetrainedScores &) { return ofNetworks(0); });
        bars(wayTitle(act), colorOf(act), &RetrainedScores::knocked,
             [&](const RetrainedScores &r) { return ofNetworks(r.change); });
        bars("trained without", "#E69F00", &RetrainedScores::retrained, [&](const RetrainedScores &r) {
            std::vector<double> v;
            for (const auto *n : m.retrainedWithout(r.change))
                v.push_back(m.cost(*n, 0, s).value);
            return v;
        });
        addPanel(f, key == "pixel-error" ? "Pixel error" : s.label, std::move(p));
    }
    f.caption = fmt::format("The network as it is, with a skip connection changed ({}), and networks trained without it: "
                            "{}{}. ",
                            nameOf(act), slicesText(m), classText(m));
    if (!m.images)
        f.caption += "Each trained network at the threshold that is best for it; a change does not move the threshold. ";
    f.caption += "Bars: mean over runs; points: each run, where there are several.";
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
void addCurve(XYPanel &p, const std::vector<double> &values, const std::string &name, const std::string &color, Dash dash,
              const std::vector<double> &logSd = {})
{
    Series line, band;
    band.kind = SeriesKind::Band;
    band.color = line.color = color;
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
    addCurve(whole, m.power(), m.images ? "as it is" : "", "#000000", Dash::Solid);
    if (m.images)
        addCurve(whole, m.originalPower(), "original", "#7f7f7f", Dash::Dashed);
    f.panels.push_back(panel(0, 0, "a", "As it is", whole));
    f.caption = fmt::format("Wavelet power ({}) of the {}, {}; level l holds detail with periods "
                            "of 2^l to 2^(l+1) px. (a) Energy per coefficient of the network{} as {}{}. ",
                            m.options.wavelet, m.images ? "output" + channelText(m) : "predicted probability of " + m.className,
                            slicesText(m), m.several() ? "s" : "", m.several() ? "they are" : "it is",
                            m.images ? ", and of the originals" : "");
    double minimum = 1, maximum = 1;
    std::vector<XYPanel> panels;
    bool band = false;
    for (const auto &way : m.ways()) {
        XYPanel p;
        p.x = levelAxis(m);
        p.y.label = "energy / as it is";
        p.y.scale = Axis::Scale::Log;
        p.references.push_back({'y', 1, ""});
        for (const auto i : m.of(way)) {
            const auto &c = m.changes()[i];
            const auto before = p.series.size();
            addCurve(p, m.powerRatio(i), c.skip, colorOf(m, c.change), c.change.skips.size() > 1 ? Dash::Dashed : Dash::Solid,
                     m.logPowerRatioSd(i));
            for (auto k = before; k < p.series.size(); ++k)
                for (const auto *v : {&p.series[k].y, &p.series[k].lower, &p.series[k].upper})
                    for (const double x : *v)
                        if (std::isfinite(x) && x > 0) {
                            minimum = std::min(minimum, x);
                            maximum = std::max(maximum, x);
                        }
            band = band || p.series[before].kind == SeriesKind::Band;
        }
        panels.push_back(std::move(p));
    }
    for (std::size_t i = 0; i < panels.size(); ++i) {
        auto &p = panels[i];
        p.y.min = std::max(minimum / 1.3, 1e-6); // one scale, so that the ways can be compared
        p.y.max = maximum * 1.3;
        if (i > 0)
            p.legend = LegendPlace::None;
        const auto place = static_cast<int>(i) + 1;
        const std::string letter(1, static_cast<char>('a' + place));
        const auto way = m.ways()[i];
        f.panels.push_back(panel(place / 2, place % 2, letter, wayTitle(way), p));
        f.caption += fmt::format("({}) {}: energy over that of (a), below 1 where detail is lost. ", letter, wayTitle(way));
    }
    if (band)
        f.caption += fmt::format("Band: times and over the exponential of the sd over {} of the log ratio. ",
                                 m.several() ? "runs" : "slices");
    if (m.several())
        f.caption += "Ratios: geometric means over runs. ";
    f.caption += "Where nothing is left a point is missing.";
    return f;
}

/// A probability in colors, or an image on the original's gray scale.
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
        panel.colorMap = "viridis";
    }
    return panel;
}

Figure exampleFigure(const SkipMeasurement &m)
{
    Figure f;
    f.name = "skip-example";
    const auto &network = m.networks.front();
    const auto slice = network.slices[static_cast<std::size_t>(m.example)];
    const std::string what = m.several() ? fmt::format("run {}", network.run) : m.what;
    f.title = fmt::format("Slice {} without skip connections, {}", slice, what);
    ImageGridPanel grid;
    grid.gap = 4;
    for (const auto &way : m.ways()) {
        const auto entries = m.of(way);
        grid.columns = static_cast<int>(entries.size());
        grid.columnTitles.clear();
        for (const auto i : entries) {
            grid.cells.push_back(outputPanel(m, m.changes()[i].example));
            grid.columnTitles.push_back(m.changes()[i].skip);
        }
        grid.rowTitles.push_back(nameOf(way));
    }
    const Array &size = m.changes()[0].example;
    if (m.images) {
        auto original = outputPanel(m, m.original);
        original.pixelSize = m.pixelSize;
        f.panels = {panel(0, 0, "a", "Original", original), panel(0, 1, "b", "As it is", outputPanel(m, m.changes()[0].example))};
        auto changed = panel(1, 0, "c", "", grid);
        changed.columnSpan = 2;
        f.panels.push_back(changed);
        f.caption = fmt::format("Slice {} of {}, {} x {} px in its middle{}, all on the original's gray scale. (a) "
                                "Original. (b) What the network as it is makes of it. (c) The same with a skip "
                                "connection, or all, changed.",
                                slice, what, size.dim(1), size.dim(0), channelText(m));
        return f;
    }
    auto shown = m.shown;
    shown.prediction = m.changes()[0].example;
    ImagePanel image = imagePanel(shown, m.options.classIndex, m.pixelSize), truth = image;
    truth.overlays.push_back(
        {Overlay::Kind::Labels, classLabels(shown.truth, m.options.classIndex), {"", m.className}, "viridis", 0.4});
    ImagePanel whole = outputPanel(m, m.changes()[0].example);
    whole.colorBar = true;
    whole.colorLabel = "probability";
    f.panels = {panel(0, 0, "a", "Image", image), panel(0, 1, "b", "Truth", truth), panel(0, 2, "c", "As it is", whole)};
    auto changed = panel(1, 0, "d", "", grid);
    changed.columnSpan = 3;
    f.panels.push_back(changed);
    f.caption = fmt::format("Slice {} of {}, {} x {} px in its middle. (a) Image. (b) True {}. (c) "
                            "Probability that the network as it is gives. (d) The same with a skip connection, or all, changed.",
                            slice, what, size.dim(1), size.dim(0), m.className);
    return f;
}

} // namespace

std::vector<Figure> skipFigures(const SkipMeasurement &m)
{
    std::vector<Figure> all{costFigure(m)};
    if (!m.scaleCurves().empty())
        all.push_back(doseFigure(m));
    if (!m.retrainedScores(m.mainScore()).empty())
        all.push_back(retrainedFigure(m));
    all.push_back(powerFigure(m));
    all.push_back(exampleFigure(m));
    return all;
}

} // namespace reticle
