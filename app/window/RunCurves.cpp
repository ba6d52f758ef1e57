#include "window/RunCurves.h"

#include "base/ColourMap.h"
#include "base/FormerNames.h"
#include "window/OpenProject.h"
#include "window/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <set>

namespace reticle {

namespace {

constexpr std::size_t mostPoints = 3000;

std::string colourOf(int i)
{
    const std::uint32_t c = paletteColour(i);
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

void flatten(const Json &json, const std::string &path, std::map<std::string, std::string> &out)
{
    if (json.is_object()) {
        for (const auto &[key, value] : json.items())
            flatten(value, path.empty() ? key : path + "." + key, out);
    } else {
        char text[32];
        if (json.is_number_float())
            std::snprintf(text, sizeof text, "%.6g", json.get<double>());
        out[path] = json.is_string() ? json.get<std::string>() : json.is_number_float() ? text : json.dump();
    }
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

Figure lossFigure(const std::vector<RunMetrics> &runs, const CurveOptions &options)
{
    Figure figure;
    figure.name = "training-curves";
    figure.title = "Training curves";
    figure.widthMm = 174;
    figure.heightMm = 80;
    XYPanel panel = panelOf(options, "loss");
    panel.y.scale = options.logScale ? Axis::Scale::Log : Axis::Scale::Linear;
    const bool several = runs.size() > 1;
    int colour = 0;
    std::set<int> named;
    for (const auto &run : runs) {
        const int own = run.colour >= 0 ? run.colour : colour++;
        const bool first = run.colour < 0 || named.insert(own).second;
        const std::string prefix = several ? run.title + ": " : std::string();
        const std::string trainingColour = colourOf(own);
        const std::string validationColour = several ? trainingColour : colourOf(own + 1);
        const std::size_t before = panel.series.size();
        if (const auto it = run.metrics->find("train.loss"); it != run.metrics->end() && !it->second.empty()) {
            Series raw = seriesOf(it->second, {}, options);
            raw.colour = trainingColour;
            raw.opacity = 0.28;
            raw.width = 0.6;
            Series line = seriesOf(it->second, smoothed(it->second, options.smoothing), options);
            line.name = prefix + "training";
            line.colour = trainingColour;
            line.width = 1.4;
            if (!raw.x.empty() && options.smoothing > 0)
                panel.series.push_back(std::move(raw));
            if (!line.x.empty())
                panel.series.push_back(std::move(line));
        }
        if (const auto it = run.metrics->find("validation.loss"); it != run.metrics->end() && !it->second.empty()) {
            Series line = seriesOf(it->second, {}, options);
            line.name = prefix + "validation";
            line.colour = validationColour;
            line.width = 1.4;
            line.dash = several ? Dash::Dashed : Dash::Solid;
            Series marks = line;
            marks.kind = SeriesKind::Scatter;
            marks.name.clear();
            if (!line.x.empty()) {
                panel.series.push_back(std::move(line));
                panel.series.push_back(std::move(marks));
            }
        }
        if (panel.series.size() == before)
            named.erase(own);
        else if (!first)
            for (std::size_t i = before; i < panel.series.size(); ++i)
                panel.series[i].name.clear();
    }
    figure.caption = "Training loss of each step (faint), its exponential mean, and validation loss.";
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
    XYPanel panel = panelOf(linear, "score");
    const bool several = runs.size() > 1;
    static constexpr Dash dashes[] = {Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot};
    int next = 0;
    std::set<std::pair<int, std::string>> named;
    for (const auto &r : runs) {
        const int run = r.colour >= 0 ? r.colour : next++;
        int metric = 0;
        for (const auto &[name, points] : *r.metrics) {
            if (!startsWith(name, "validation.") || points.empty())
                continue;
            const auto score = r.scores.info(name.substr(11));
            if (!score.isFraction) // it has a scale of its own
                continue;
            Series line = seriesOf(points, {}, linear);
            if (line.x.empty())
                continue;
            const std::string &title = score.title;
            if (r.colour < 0 || named.emplace(run, name).second)
                line.name = several ? r.title + ": " + title : title;
            line.colour = colourOf(several ? run : metric);
            line.dash = several ? dashes[metric % 4] : Dash::Solid;
            line.width = 1.4;
            Series marks = line;
            marks.kind = SeriesKind::Scatter;
            marks.name.clear();
            panel.series.push_back(std::move(line));
            panel.series.push_back(std::move(marks));
            ++metric;
        }
    }
    if (!panel.series.empty()) {
        figure.caption = "Scores on the validation slices.";
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
        std::map<std::string, std::string> flat;
        flatten(FormerNames::current(run.recipe), {}, flat);
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
        table.columns.push_back({name, "", column, whole ? 0 : 4});
    }
    return table;
}

} // namespace reticle
