#include "window/parts/RunCurves.h"

#include "compare/RecipeSettings.h"
#include "figure/ColorMap.h"
#include "foundation/FormerNames.h"
#include "window/session/OpenProject.h"
#include "window/shell/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <set>

namespace reticle {

namespace {

constexpr std::size_t mostPoints = 3000;

std::string colorOf(int i)
{
    const std::uint32_t c = paletteColor(i);
    char text[8];
    std::snprintf(text, sizeof text, "#%06x", static_cast<unsigned>(c & 0xffffff));
    return text;
}

/// Keeps first, last, and of each stretch the smallest and largest value.
void thin(std::vector<double> &x, std::vector<double> &y)
{
    if (x.size() <= mostPoints)
        return;
    const std::size_t stretches = mostPoints / 2, n = x.size();
    std::vector<double> xs, ys;
    for (std::size_t s = 0; s < stretches; ++s) {
        const std::size_t begin = s * n / stretches, end = (s + 1) * n / stretches;
        std::size_t low = begin, high = begin;
        for (std::size_t i = begin; i < end; ++i) {
            if (y[i] < y[low])
                low = i;
            if (y[i] > y[high])
                high = i;
        }
        for (const std::size_t i : {std::min(low, high), std::max(low, high)})
            if (xs.empty() || xs.back() != x[i]) {
                xs.push_back(x[i]);
                ys.push_back(y[i]);
            }
    }
    x.swap(xs);
    y.swap(ys);
}

Series seriesOf(const std::vector<MetricPoint> &points, const std::vector<double> &values, const CurveOptions &options)
{
    Series series;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double v = values.empty() ? points[i].value : values[i];
        if (!std::isfinite(v) || (options.logScale && v <= 0))
            continue;
        series.x.push_back(options.byTime ? points[i].time : static_cast<double>(points[i].step));
        series.y.push_back(v);
    }
    thin(series.x, series.y);
    return series;
}

bool startsWith(const std::string &text, const std::string &start)
{
    return text.compare(0, start.size(), start) == 0;
}

XYPanel panelOf(const CurveOptions &options, const std::string &label)
{
    XYPanel panel;
    panel.x.label = options.byTime ? "time" : "step";
    panel.x.unit = options.byTime ? "s" : "";
    panel.x.min = 0;
    panel.y.label = label;
    return panel;
}

double numberAt(const Json &summary, const std::string &name)
{
    if (!summary.is_object())
        return std::numeric_limits<double>::quiet_NaN();
    if (summary.contains(name)) {
        const Json &v = summary.at(name);
        if (v.is_number())
            return v.get<double>();
        if (v.is_object() && v.contains("value") && v.at("value").is_number())
            return v.at("value").get<double>();
    }
    return std::numeric_limits<double>::quiet_NaN();
}

} // namespace

std::vector<double> smoothed(const std::vector<MetricPoint> &points, double smoothing)
{
    std::vector<double> out;
    out.reserve(points.size());
    double mean = 0, weight = 0;
    for (const auto &p : points) {
        if (std::isfinite(p.value)) {
            mean = smoothing * mean + (1 - smoothing) * p.value;
            weight = smoothing * weight + (1 - smoothing);
        }
        out.push_back(weight > 0 ? mean / weight : std::numeric_limits<double>::quiet_NaN());
    }
    return out;
}

namespace {

constexpr const char *othersColor = "#9aa0a6";

/// Of the runs of a figure: whether so many colors are among them that each has one name in the legend.
bool areMany(const std::vector<RunMetrics> &runs)
{
    std::set<int> colors;
    int next = 0;
    for (const auto &run : runs)
        colors.insert(run.color >= 0 ? run.color : next++);
    return colors.size() > static_cast<std::size_t>(fewColors);
}

std::string othersName(int settings)
{
    return settings == 1 ? "1 other" : std::to_string(settings) + " others";
}

/// The runs as they are drawn: those in the background first.
std::vector<const RunMetrics *> inDrawingOrder(const std::vector<RunMetrics> &runs)
{
    std::vector<const RunMetrics *> all;
    for (const bool behind : {true, false})
        for (const auto &run : runs)
            if ((run.others > 0) == behind)
                all.push_back(&run);
    return all;
}

/// The lines of a run in a chart of losses: raw and smoothed training, validation and its markers.
std::vector<Series> lossSeries(const RunMetrics &run, const CurveOptions &options, bool several, int color)
{
    std::vector<Series> all;
    const std::string trainingColor = run.others ? othersColor : colorOf(color);
    if (const auto it = run.metrics->find("train.loss"); it != run.metrics->end() && !it->second.empty()) {
        Series raw = seriesOf(it->second, {}, options);
        raw.color = trainingColor;
        raw.opacity = 0.28;
        raw.width = 0.6;
        Series line = seriesOf(it->second, smoothed(it->second, options.smoothing), options);
        line.name = "training";
        line.color = trainingColor;
        line.width = run.others ? 0.8 : 1.4;
        if (!raw.x.empty() && options.smoothing > 0 && !run.others)
            all.push_back(std::move(raw));
        if (!line.x.empty())
            all.push_back(std::move(line));
    }
    if (const auto it = run.metrics->find("validation.loss"); it != run.metrics->end() && !it->second.empty()) {
        Series line = seriesOf(it->second, {}, options);
        line.name = "validation";
        line.color = run.others ? othersColor : several ? trainingColor : colorOf(color + 1);
        line.width = run.others ? 0.8 : 1.4;
        line.dash = several ? Dash::Dashed : Dash::Solid;
        Series marks = line;
        marks.kind = SeriesKind::Scatter;
        marks.name.clear();
        if (!line.x.empty()) {
            all.push_back(std::move(line));
            if (!run.others)
                all.push_back(std::move(marks));
        }
    }
    return all;
}

/// The lines of a run in a chart of scores, with their markers.
std::vector<Series> scoreSeries(const RunMetrics &run, const CurveOptions &options, bool several, bool many, int color)
{
    static constexpr Dash dashes[] = {Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot};
    std::vector<Series> all;
    int metric = 0;
    for (const auto &[name, points] : *run.metrics) {
        if (!startsWith(name, "validation.") || points.empty())
            continue;
        const auto score = run.scores.info(name.substr(11));
        if (!score.isFraction) // it has a scale of its own
            continue;
        if (many && !options.score.empty() && name.substr(11) != options.score)
            continue;
        Series line = seriesOf(points, {}, options);
        if (line.x.empty())
            continue;
        line.name = score.title;
        line.color = run.others ? othersColor : colorOf(several ? color : metric);
        line.dash = several ? dashes[metric % 4] : Dash::Solid;
        line.width = run.others ? 0.8 : 1.4;
        Series marks = line;
        marks.kind = SeriesKind::Scatter;
        marks.name.clear();
        all.push_back(std::move(line));
        if (!run.others)
            all.push_back(std::move(marks));
        ++metric;
        if (many)
            break;
    }
    return all;
}

/// Series of all runs with their names: of a single run those of the lines; of several with the run's title before; of many the
/// title alone, once.
std::vector<Series> namedSeries(const std::vector<RunMetrics> &runs, bool many,
                                const std::function<std::vector<Series>(const RunMetrics &, int)> &seriesOfRun)
{
    std::vector<Series> all;
    std::set<std::string> named;
    std::map<const RunMetrics *, int> colors;
    int next = 0;
    for (const auto &run : runs)
        colors[&run] = run.color >= 0 ? run.color : next++;
    for (const auto *run : inDrawingOrder(runs)) {
        const int color = colors.at(run);
        for (auto &series : seriesOfRun(*run, color)) {
            if (!series.name.empty()) {
                if (run->others)
                    series.name = othersName(run->others);
                else if (many)
                    series.name = run->title;
                else if (runs.size() > 1)
                    series.name = run->title + ": " + series.name;
                // Runs of one color are told by one name; without a color each has its own.
                const std::string id = (run->others       ? "others"
                                        : run->color >= 0 ? std::to_string(color)
                                                          : "run " + std::to_string(color)) +
                                       (many ? std::string() : series.name);
                if (!named.insert(id).second)
                    series.name.clear();
            }
            all.push_back(std::move(series));
        }
    }
    return all;
}

} // namespace

Figure lossFigure(const std::vector<RunMetrics> &runs, const CurveOptions &options)
{
    Figure figure;
    figure.name = "training-curves";
    figure.title = "Training curves";
    figure.widthMm = 174;
    figure.heightMm = 80;
    XYPanel panel = panelOf(options, "loss");
    panel.y.scale = options.logScale ? Axis::Scale::Log : Axis::Scale::Linear;
    const bool several = runs.size() > 1, many = areMany(runs);
    panel.series =
        namedSeries(runs, many, [&](const RunMetrics &run, int color) { return lossSeries(run, options, several, color); });
    figure.caption = "Training loss of each step (faint), its exponential mean, and validation loss.";
    if (many)
        figure.caption += " Training is drawn solid, validation dashed.";
    Panel p;
    p.content = std::move(panel);
    figure.panels.push_back(std::move(p));
    return figure;
}

Figure scoreFigure(const std::vector<RunMetrics> &runs, const CurveOptions &options)
{
    Figure figure;
    figure.name = "validation-scores";
    figure.title = "Validation scores";
    figure.widthMm = 174;
    figure.heightMm = 80;
    CurveOptions linear = options;
    linear.logScale = false;
    const bool several = runs.size() > 1, many = areMany(runs);
    std::string label = "score";
    if (const auto asked = runs.empty() ? ScoreInfo() : runs.front().scores.info(options.score); many && asked.isFraction)
        label = asked.title;
    else
        linear.score.clear();
    XYPanel panel = panelOf(linear, label);
    panel.series =
        namedSeries(runs, many, [&](const RunMetrics &run, int color) { return scoreSeries(run, linear, several, many, color); });
    if (!panel.series.empty()) {
        figure.caption = "Scores on the validation part.";
        Panel p;
        p.content = std::move(panel);
        figure.panels.push_back(std::move(p));
    }
    return figure;
}

Table runTable(const std::vector<RunInfo> &runs)
{
    Table table;
    table.title = "Runs";
    std::vector<std::map<std::string, std::string>> settings;
    std::set<std::string> paths;
    for (const auto &run : runs) {
        auto flat = flatSettings(FormerNames::current(run.recipe));
        for (const auto &[path, value] : flat)
            paths.insert(path);
        settings.push_back(std::move(flat));
    }
    std::vector<std::int64_t> ids, steps;
    std::vector<std::string> titles, states;
    std::vector<double> minutes;
    for (const auto &run : runs) {
        ids.push_back(run.id);
        titles.push_back(run.title);
        states.push_back(ss(titleOf(run.status)));
        steps.push_back(run.step);
        minutes.push_back(run.seconds / 60);
    }
    table.columns.push_back({"run", "", ids, -1});
    table.columns.push_back({"title", "", titles, -1});
    table.columns.push_back({"state", "", states, -1});
    for (const auto &path : paths) {
        if (path == "title" || path == "recipe")
            continue;
        std::set<std::string> values;
        std::vector<std::string> column;
        for (const auto &flat : settings) {
            const auto it = flat.find(path);
            column.push_back(it == flat.end() ? std::string() : it->second);
            values.insert(column.back());
        }
        if (values.size() > 1)
            table.columns.push_back({path, "", column, -1});
    }
    // Scores of the best validation go by their titles.
    RunScores described;
    for (const auto &run : runs)
        if (run.summary.is_object() && run.summary.contains("scores"))
            described = RunScores::of(run.summary);
    std::set<std::string> names;
    std::function<void(const Json &, const std::string &)> collect = [&](const Json &json, const std::string &path) {
        if (!json.is_object())
            return;
        for (const auto &[key, value] : json.items()) {
            const std::string name = path.empty() ? key : path + "." + key;
            if (value.is_number())
                names.insert(name);
            else if (value.is_object() && path.empty())
                collect(value, name);
        }
    };
    for (const auto &run : runs)
        collect(run.summary, {});
    const auto valueOf = [](const Json &summary, const std::string &name) {
        const double direct = numberAt(summary, name);
        if (std::isfinite(direct))
            return direct;
        if (summary.is_object())
            for (const auto &[key, value] : summary.items())
                if (value.is_object() && startsWith(name, key + ".")) {
                    const double inner = numberAt(value, name.substr(key.size() + 1));
                    if (std::isfinite(inner))
                        return inner;
                }
        return std::numeric_limits<double>::quiet_NaN();
    };
    table.columns.push_back({"steps", "", steps, -1});
    table.columns.push_back({"time", "min", minutes, 1});
    for (const auto &name : names) {
        if (name == "seconds" || name == "steps" || name == "step")
            continue;
        std::vector<double> column;
        bool whole = true;
        for (const auto &run : runs) {
            column.push_back(valueOf(run.summary, name));
            whole = whole && (!std::isfinite(column.back()) || column.back() == std::floor(column.back()));
        }
        const std::string score = startsWith(name, "best.") ? name.substr(5) : std::string();
        if (described.has(score))
            table.columns.push_back({described.info(score).title, described.info(score).unit, column, 4});
        else
            table.columns.push_back({name, "", column, whole ? 0 : 4});
    }
    return table;
}

} // namespace reticle
