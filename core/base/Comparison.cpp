#include "base/Comparison.h"

#include "base/ColourMap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace reticle {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct ScoreWord
{
    const char *name, *title;
    bool smallest;
};
constexpr ScoreWord words[] = {{"dice", "Dice", false},
                               {"iou", "IoU", false},
                               {"pixel-error", "pixel error", true},
                               {"v-rand", "V_Rand", false},
                               {"v-info", "V_Info", false},
                               {"loss", "validation loss", true},
                               {"mse", "mean squared error", true},
                               {"rmse", "RMSE", true},
                               {"psnr", "PSNR", false},
                               {"ssim", "SSIM", false}};

double numberAt(const Json &json, const std::string &key)
{
    return json.is_object() && json.contains(key) && json.at(key).is_number() ? json.at(key).get<double>() : nan;
}

Json bestOf(const RunInfo &run)
{
    return run.summary.is_object() ? run.summary.value("best", Json::object()) : Json::object();
}

double scoreOf(const RunInfo &run, const std::string &name)
{
    const Json best = bestOf(run);
    return name == "rmse" ? std::sqrt(numberAt(best, "mse")) : numberAt(best, name);
}

bool ended(const RunInfo &run)
{
    return run.status == RunStatus::Done || run.status == RunStatus::Stopped;
}

std::int64_t seedOf(const RunInfo &run)
{
    return run.recipe.is_object() ? run.recipe.value("seed", std::int64_t(1)) : 1;
}

Json modelOf(const RunInfo &run)
{
    return run.recipe.is_object() ? run.recipe.value("model", Json::object()) : Json::object();
}

bool reconstructs(const RunInfo &run)
{
    return bestOf(run).contains("psnr");
}

std::string colourOf(std::size_t i)
{
    return fmt::format("#{:06x}", paletteColour(static_cast<int>(i)) & 0xffffff);
}

/// Digits that tell scores apart: four that count.
int decimalsOf(const Compared &c)
{
    double largest = 0;
    for (const auto &m : c.models)
        for (const double v : m.scores)
            if (std::isfinite(v))
                largest = std::max(largest, std::abs(v));
    return largest > 0 ? std::clamp(static_cast<int>(3 - std::floor(std::log10(largest))), 2, 9) : 4;
}

std::string countText(std::size_t n, const char *one, const char *many)
{
    return n == 1 ? fmt::format("one {}", one) : fmt::format("{} {}", n, many);
}

} // namespace

const std::vector<std::string> &comparableScores()
{
    static const std::vector<std::string> all = [] {
        std::vector<std::string> v{"auto"};
        for (const auto &w : words)
            v.push_back(w.name);
        return v;
    }();
    return all;
}

std::string scoreTitle(const std::string &name)
{
    for (const auto &w : words)
        if (name == w.name)
            return w.title;
    return name;
}

Compared compareRuns(const std::vector<RunInfo> &runs, std::size_t planned, const std::string &score)
{
    Compared c;
    std::vector<RunInfo> whole;
    for (const auto &run : runs)
        if (ended(run) && bestOf(run).is_object() && !bestOf(run).empty())
            whole.push_back(run);
    const auto all = std::max(planned, runs.size());
    if (whole.empty())
        throw Error({"runs", "at least one run that ended with a validated model",
                     all == 0 ? "none" : fmt::format("none of {}", all), "wait for the first, or give runs"});
    for (const auto &run : whole)
        if (reconstructs(run) != reconstructs(whole.front()))
            throw Error({"runs", "runs that all segment, or that all reconstruct images",
                         fmt::format("run {} beside run {}", run.id, whole.front().id), "choose the runs"});
    c.score = score == "auto" ? reconstructs(whole.front()) ? "loss" : "dice" : score;
    for (const auto &w : words)
        if (c.score == w.name) {
            c.scoreTitle = w.title;
            c.smallest = w.smallest;
        }
    if (whole.size() < all)
        c.warnings.push_back(fmt::format("{} of {} runs are done; the others are left out.", whole.size(), all));

    std::set<std::int64_t> seeds;
    std::vector<Json> sections;
    for (const auto &run : whole) {
        seeds.insert(seedOf(run));
        const auto section = modelOf(run);
        auto it = std::find(sections.begin(), sections.end(), section);
        if (it == sections.end()) {
            sections.push_back(section);
            c.models.emplace_back();
            c.models.back().section = section;
            it = sections.end() - 1;
        }
        c.models[static_cast<std::size_t>(it - sections.begin())].runs.push_back(run);
    }
    c.seeds.assign(seeds.begin(), seeds.end());
    const auto labels = Recipe::modelLabels(sections);
    bool any = false;
    std::set<std::string> missing;
    for (std::size_t i = 0; i < c.models.size(); ++i) {
        auto &m = c.models[i];
        m.label = labels[i];
        std::map<std::int64_t, RunInfo> bySeed;
        for (const auto &run : m.runs)
            bySeed[seedOf(run)] = run; // by number, so that the latest stays
        if (bySeed.size() < m.runs.size())
            c.warnings.push_back(fmt::format("Of several runs of {} with one seed the latest counts.", m.label));
        m.runs.clear();
        std::vector<double> known, steps, losses;
        m.weights = nan;
        m.memoryMib = nan;
        for (const auto seed : c.seeds) {
            const auto it = bySeed.find(seed);
            const double value = it == bySeed.end() ? nan : scoreOf(it->second, c.score);
            m.scores.push_back(value);
            if (it == bySeed.end())
                continue;
            m.runs.push_back(it->second);
            const auto &summary = it->second.summary;
            if (!std::isnan(value))
                known.push_back(value);
            if (const double v = numberAt(summary, "step-seconds"); !std::isnan(v))
                steps.push_back(v);
            if (const double v = numberAt(bestOf(it->second), "loss"); !std::isnan(v))
                losses.push_back(v);
            if (const double v = numberAt(summary, "memory-mib"); !(m.memoryMib >= v))
                m.memoryMib = v;
            m.weights = numberAt(summary, "weights");
        }
        m.score = meanAndSpread(known);
        m.stepSeconds = meanAndSpread(steps).mean;
        m.loss = meanAndSpread(losses).mean;
        any = any || !known.empty();
    }
    if (!any)
        throw Error({"score", "a score that the runs have", "\"" + c.score + "\"", {}});

    std::vector<double> p;
    std::size_t untested = 0;
    for (std::size_t i = 0; i < c.models.size(); ++i)
        for (std::size_t j = i + 1; j < c.models.size(); ++j) {
            c.tests.push_back(pairedTest(c.models[i].scores, c.models[j].scores));
            p.push_back(c.tests.back().p);
            untested += c.tests.back().pairs < 2;
        }
    c.holm = holm(p);
    if (c.seeds.size() < 2)
        c.warnings.push_back("There is one seed only: no spread and no test. Give compare.seeds two or more.");
    else if (untested > 0)
        c.warnings.push_back("Models with fewer than two seeds in common are not tested against each other.");
    return c;
}

Table modelTable(const Compared &c)
{
    std::vector<std::string> label;
    std::vector<double> weights, step, memory, loss, mean, sd;
    std::vector<std::int64_t> runs;
    for (const auto &m : c.models) {
        label.push_back(m.label);
        weights.push_back(m.weights);
        step.push_back(1000 * m.stepSeconds);
        memory.push_back(m.memoryMib);
        loss.push_back(m.loss);
        mean.push_back(m.score.mean);
        sd.push_back(m.score.sd);
        runs.push_back(m.score.count);
    }
    const int decimals = decimalsOf(c);
    const std::string unit = c.score == "psnr" ? "dB" : "";
    Table t;
    t.title = "Models";
    t.columns = {{"model", "", label},
                 {c.scoreTitle, unit, mean, decimals},
                 {"spread (sd)", unit, sd, decimals + 1},
                 {"seeds", "", runs},
                 {"weights", "", weights, 0},
                 {"time per step", "ms", step, 1},
                 {"peak memory", "MiB", memory, 1}};
    if (c.score != "loss")
        t.columns.push_back({"validation loss", "", loss, 6});
    for (std::size_t s = 0; s < c.seeds.size(); ++s) {
        std::vector<double> v;
        for (const auto &m : c.models)
            v.push_back(m.scores[s]);
        t.columns.push_back({fmt::format("seed {}", c.seeds[s]), unit, v, decimals});
    }
    return t;
}

Table pairTable(const Compared &c)
{
    std::vector<std::string> first, second;
    std::vector<std::int64_t> pairs, freedom;
    std::vector<double> difference, sd, low, high, t, p;
    std::size_t k = 0;
    for (std::size_t i = 0; i < c.models.size(); ++i)
        for (std::size_t j = i + 1; j < c.models.size(); ++j, ++k) {
            const auto &test = c.tests[k];
            first.push_back(c.models[i].label);
            second.push_back(c.models[j].label);
            pairs.push_back(test.pairs);
            freedom.push_back(std::max<std::int64_t>(0, test.pairs - 1));
            difference.push_back(test.difference);
            sd.push_back(test.sd);
            low.push_back(test.low);
            high.push_back(test.high);
            t.push_back(test.t);
            p.push_back(test.p);
        }
    const int decimals = decimalsOf(c) + 1;
    Table table;
    table.title = "Paired t tests of " + c.scoreTitle + " over seeds";
    table.columns = {{"model", "", first},
                     {"less", "", second},
                     {"seeds", "", pairs},
                     {"difference", "", difference, decimals},
                     {"sd", "", sd, decimals},
                     {"95 % from", "", low, decimals},
                     {"95 % to", "", high, decimals},
                     {"t", "", t, 3},
                     {"degrees of freedom", "", freedom},
                     {"p", "", p, 4},
                     {"p (Holm)", "", c.holm, 4}};
    return table;
}

Table scoredRunTable(const Compared &c)
{
    std::vector<std::string> label;
    std::vector<std::int64_t> run, seed, steps;
    std::vector<double> seconds, weights, step, memory, best;
    std::map<std::string, std::vector<double>> scores;
    std::vector<const RunInfo *> all;
    for (const auto &m : c.models)
        for (const auto &r : m.runs) {
            all.push_back(&r);
            label.push_back(m.label);
            run.push_back(r.id);
            seed.push_back(seedOf(r));
            steps.push_back(r.step);
            seconds.push_back(r.seconds);
            weights.push_back(numberAt(r.summary, "weights"));
            step.push_back(1000 * numberAt(r.summary, "step-seconds"));
            memory.push_back(numberAt(r.summary, "memory-mib"));
            best.push_back(numberAt(bestOf(r), "step"));
        }
    Table t;
    t.title = "Runs";
    t.columns = {{"model", "", label},
                 {"seed", "", seed},
                 {"run", "", run},
                 {"weights", "", weights, 0},
                 {"steps", "", steps},
                 {"time", "s", seconds, 1},
                 {"time per step", "ms", step, 1},
                 {"peak memory", "MiB", memory, 1},
                 {"best step", "", best, 0}};
    for (const auto &w : words) {
        std::vector<double> v;
        bool any = false;
        for (const auto *r : all) {
            v.push_back(scoreOf(*r, w.name));
            any = any || !std::isnan(v.back());
        }
        if (any)
            t.columns.push_back({w.title, std::string(w.name) == "psnr" ? "dB" : "", v});
    }
    return t;
}

Figure comparisonFigure(const Compared &c)
{
    const auto n = static_cast<double>(c.models.size());
    std::vector<std::string> labels;
    for (const auto &m : c.models)
        labels.push_back(m.label);
    const auto axis = [&] {
        Axis x;
        x.categories = labels;
        x.min = -0.5;
        x.max = n - 0.5;
        return x;
    };
    Figure f;
    f.name = "comparison";
    f.title = "Comparison of models";
    f.widthMm = 174;
    f.heightMm = 78;

    XYPanel scores;
    scores.x = axis();
    scores.y.label = c.scoreTitle;
    scores.y.unit = c.score == "psnr" ? "dB" : "";
    for (std::size_t s = 0; s < c.seeds.size(); ++s) {
        Series line;
        line.kind = SeriesKind::Line;
        line.colour = colourOf(s);
        line.opacity = 0.35;
        // Seeds stand side by side, so that equal points are seen.
        const double shift =
            c.seeds.size() < 2 ? 0 : 0.24 * (static_cast<double>(s) / static_cast<double>(c.seeds.size() - 1) - 0.5);
        for (std::size_t i = 0; i < c.models.size(); ++i) {
            if (std::isnan(c.models[i].scores[s]))
                continue;
            line.x.push_back(static_cast<double>(i) + shift);
            line.y.push_back(c.models[i].scores[s]);
        }
        Series points = line;
        points.kind = SeriesKind::Scatter;
        points.opacity = 1;
        points.name = fmt::format("seed {}", c.seeds[s]);
        if (line.x.size() > 1)
            scores.series.push_back(line);
        if (!points.x.empty())
            scores.series.push_back(points);
    }
    Series mean;
    mean.kind = SeriesKind::ErrorBar;
    mean.name = "mean ± sd";
    mean.colour = "#000000";
    mean.width = 1.2;
    for (std::size_t i = 0; i < c.models.size(); ++i) {
        const auto &m = c.models[i].score;
        if (m.count == 0)
            continue;
        const double sd = std::isnan(m.sd) ? 0 : m.sd;
        mean.x.push_back(static_cast<double>(i) + (c.seeds.size() < 2 ? 0.0 : 0.24));
        mean.y.push_back(m.mean);
        mean.lower.push_back(m.mean - sd);
        mean.upper.push_back(m.mean + sd);
    }
    if (c.seeds.size() > 1)
        scores.series.push_back(std::move(mean));

    const auto bars = [&](const char *label, const char *unit, auto &&value) {
        XYPanel panel;
        panel.x = axis();
        panel.y.label = label;
        panel.y.unit = unit;
        panel.y.min = 0;
        panel.legend = LegendPlace::None;
        Series s;
        s.kind = SeriesKind::Bar;
        s.colour = "#56b4e9";
        for (std::size_t i = 0; i < c.models.size(); ++i)
            if (const double v = value(c.models[i]); std::isfinite(v)) {
                s.x.push_back(static_cast<double>(i));
                s.y.push_back(v);
            }
        if (!s.x.empty())
            panel.series.push_back(std::move(s));
        return panel;
    };
    Panel a, b, d;
    a.letter = "a";
    a.columnSpan = 2;
    a.content = std::move(scores);
    b.letter = "b";
    b.column = 2;
    b.content = bars("time per step", "ms", [](const ComparedModel &m) { return 1000 * m.stepSeconds; });
    d.letter = "c";
    d.column = 3;
    d.content = bars("peak memory", "MiB", [](const ComparedModel &m) { return m.memoryMib; });
    f.panels.push_back(std::move(a));
    for (auto *p : {&b, &d})
        if (!std::get<XYPanel>(p->content).series.empty())
            f.panels.push_back(std::move(*p));
    std::string seeds;
    for (const auto s : c.seeds)
        seeds += fmt::format("{}{}", seeds.empty() ? "" : ", ", s);
    f.caption = fmt::format(
        "(a) {} on the validation slices of the weights that were kept, seeds {}: a point a seed, seeds joined "
        "by lines{}. (b) Time of a training step and (c) the most memory that it took, counted block by block.",
        c.scoreTitle, seeds, c.seeds.size() > 1 ? ", mean and sample standard deviation in black" : "");
    return f;
}

std::string comparisonText(const Compared &c)
{
    const ComparedModel *best = nullptr;
    for (const auto &m : c.models)
        if (m.score.count > 0 &&
            (!best || (c.smallest ? m.score.mean < best->score.mean : m.score.mean > best->score.mean)))
            best = &m;
    std::string text = fmt::format("{}, {}: ", countText(c.models.size(), "model", "models"),
                                   countText(c.seeds.size(), "seed", "seeds"));
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    std::string each;
    const int digits = decimalsOf(c);
    for (const auto &m : c.models)
        if (m.score.count > 0) {
            each += fmt::format("{}{} {:.{}f}", each.empty() ? "" : ", ", m.label, m.score.mean, digits);
            if (!std::isnan(m.score.sd))
                each += fmt::format(" \u00b1 {:.{}f}", m.score.sd, digits);
        }
    text += fmt::format("{} {}; {} is best", c.scoreTitle, each, best->label);
    // What the tests say of the best one against the others.
    std::size_t k = 0, sure = 0, tested = 0;
    for (std::size_t i = 0; i < c.models.size(); ++i)
        for (std::size_t j = i + 1; j < c.models.size(); ++j, ++k) {
            if ((&c.models[i] != best && &c.models[j] != best) || std::isnan(c.holm[k]))
                continue;
            ++tested;
            sure += c.holm[k] < 0.05;
        }
    if (tested > 0)
        text += sure == tested ? ", told from all others by paired t tests over seeds (p < 0.05 after Holm)"
                : sure == 0
                    ? ", but no paired t test over seeds tells it from the others (p \u2265 0.05 after Holm)"
                    : fmt::format(", told from {} of {} others by paired t tests over seeds (p < 0.05 after Holm)",
                                  sure, tested);
    return text + ".";
}

} // namespace reticle
