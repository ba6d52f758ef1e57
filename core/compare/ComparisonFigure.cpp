#include "compare/Comparison_p.h"
#include "figure/ColorMap.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace reticle {

namespace {

constexpr double told = 0.05; // p below it tells two models apart
constexpr double chartMm = 78, testHeadMm = 14, testRowMm = 5;
constexpr std::size_t mostBrackets = 6;

/// The palette without its yellow, the fifth, which is too faint on paper for points and thin lines.
std::string colorOf(std::size_t i)
{
    i = i % 7 + (i % 7 >= 4);
    return fmt::format("#{:06x}", paletteColor(static_cast<int>(i)) & 0xffffff);
}

std::string countText(std::size_t n, const char *one, const char *many)
{
    return n == 1 ? fmt::format("one {}", one) : fmt::format("{} {}", n, many);
}

/// Above the points a bracket for each pair that the tests tell apart, the shortest lowest. False where there is none.
bool addBrackets(XYPanel &panel, const Compared &c)
{
    struct Bracket
    {
        std::size_t from, to;
    };
    std::vector<Bracket> all;
    c.eachPair([&](std::size_t i, std::size_t j, std::size_t k) {
        if (c.holm[k] < told)
            all.push_back({i, j});
    });
    if (all.empty() || all.size() > mostBrackets)
        return false;
    std::stable_sort(all.begin(), all.end(), [](const Bracket &a, const Bracket &b) { return a.to - a.from < b.to - b.from; });
    double low = INFINITY, high = -INFINITY;
    for (const auto &s : panel.series)
        for (const auto *values : {&s.y, &s.lower, &s.upper})
            for (const double v : *values)
                if (std::isfinite(v)) {
                    low = std::min(low, v);
                    high = std::max(high, v);
                }
    const double span = high > low ? high - low : std::max(1e-12, std::abs(high));
    double y = high;
    for (const auto &b : all) {
        y += 0.1 * span;
        Series line;
        line.color = "#000000";
        const double left = static_cast<double>(b.from), right = static_cast<double>(b.to), foot = y - 0.03 * span;
        line.x = {left, left, right, right};
        line.y = {foot, y, y, foot};
        panel.series.push_back(std::move(line));
    }
    return true;
}

std::string starsOf(double p)
{
    return p < 0.001 ? "***" : p < 0.01 ? "**" : p < told ? "*" : "";
}

/// Of the paired tests what a figure has room for.
Table testTable(const Compared &c)
{
    std::vector<std::string> pair, stars;
    std::vector<double> difference, low, high, p;
    c.eachPair([&](std::size_t i, std::size_t j, std::size_t k) {
        pair.push_back(fmt::format("{} \u2212 {}", c.models[i].label, c.models[j].label));
        difference.push_back(c.tests[k].difference);
        low.push_back(c.tests[k].low);
        high.push_back(c.tests[k].high);
        p.push_back(c.tests[k].p);
        stars.push_back(starsOf(c.holm[k]));
    });
    const int decimals = scoreDecimals(c) + 1;
    Table t;
    t.columns = {{"paired t test", "", pair},
                 {"difference", scoreUnit(c.score), difference, decimals},
                 {"95 % from", scoreUnit(c.score), low, decimals},
                 {"95 % to", scoreUnit(c.score), high, decimals},
                 {"p", "", p, 4},
                 {"p (Holm)", "", c.holm, 4},
                 {" ", "", stars}};
    return t;
}

/// A place for each model, with room at both ends for bars.
Axis modelAxis(const Compared &c)
{
    Axis x;
    for (const auto &m : c.models)
        x.categories.push_back(m.label);
    x.min = -0.5;
    x.max = static_cast<double>(c.models.size()) - 0.5;
    return x;
}

/// How far repeat `s` stands from the middle of a model's place: seeds and folds side by side, so that equal points are seen.
double shiftOfRepeat(const Compared &c, std::size_t s)
{
    return c.repeats.size() < 2 ? 0 : 0.24 * (static_cast<double>(s) / static_cast<double>(c.repeats.size() - 1) - 0.5);
}

/// A point for each model that has a score of repeat `s`, joined by a faint line below them.
void addRepeat(XYPanel &panel, const Compared &c, std::size_t s)
{
    Series line;
    line.kind = SeriesKind::Line;
    line.color = colorOf(s);
    line.opacity = 0.35;
    const double shift = shiftOfRepeat(c, s);
    for (std::size_t i = 0; i < c.models.size(); ++i) {
        if (std::isnan(c.models[i].scores[s]))
            continue;
        line.x.push_back(static_cast<double>(i) + shift);
        line.y.push_back(c.models[i].scores[s]);
    }
    Series points = line;
    points.kind = SeriesKind::Scatter;
    points.opacity = 1;
    points.name = labelOf(c.repeats[s], c.repeats);
    if (line.x.size() > 1)
        panel.series.push_back(line);
    if (!points.x.empty())
        panel.series.push_back(points);
}

/// Mean and sample standard deviation of each model, to the right of its points.
Series meanSeries(const Compared &c)
{
    Series mean;
    mean.kind = SeriesKind::ErrorBar;
    mean.name = "mean ± sd";
    mean.color = "#000000";
    mean.width = 1.2;
    for (std::size_t i = 0; i < c.models.size(); ++i) {
        const auto &m = c.models[i].score;
        if (m.count == 0)
            continue;
        const double sd = std::isnan(m.sd) ? 0 : m.sd;
        mean.x.push_back(static_cast<double>(i) + 0.24);
        mean.y.push_back(m.mean);
        mean.lower.push_back(m.mean - sd);
        mean.upper.push_back(m.mean + sd);
    }
    return mean;
}

/// All scores, with their means where there are several of a model.
XYPanel scorePanel(const Compared &c)
{
    XYPanel panel;
    panel.x = modelAxis(c);
    panel.y.label = c.scoreTitle;
    panel.y.unit = scoreUnit(c.score);
    for (std::size_t s = 0; s < c.repeats.size(); ++s)
        addRepeat(panel, c, s);
    if (c.repeats.size() > 1)
        panel.series.push_back(meanSeries(c));
    return panel;
}

/// A bar for each model of which the value is known; without a series where it is known of none.
XYPanel modelBars(const Compared &c, const char *label, const char *unit, double (*value)(const ComparedModel &))
{
    XYPanel panel;
    panel.x = modelAxis(c);
    panel.y.label = label;
    panel.y.unit = unit;
    panel.y.min = 0;
    panel.legend = LegendPlace::None;
    Series s;
    s.kind = SeriesKind::Bar;
    s.color = "#56b4e9";
    for (std::size_t i = 0; i < c.models.size(); ++i)
        if (const double v = value(c.models[i]); std::isfinite(v)) {
            s.x.push_back(static_cast<double>(i));
            s.y.push_back(v);
        }
    if (!s.x.empty())
        panel.series.push_back(std::move(s));
    return panel;
}

/// Time and memory, panels b and c: only those of which something is known.
void addCostPanels(Figure &f, const Compared &c)
{
    Panel time, memory;
    time.letter = "b";
    time.column = 2;
    time.content = modelBars(c, "time per step", "ms", [](const ComparedModel &m) { return 1000 * m.stepSeconds; });
    memory.letter = "c";
    memory.column = 3;
    memory.content = modelBars(c, "peak memory", "MiB", [](const ComparedModel &m) { return m.memoryMib; });
    for (auto *p : {&time, &memory})
        if (!std::get<XYPanel>(p->content).series.empty())
            f.panels.push_back(std::move(*p));
}

/// "folds 1, 2 of 5, seed 1", "seeds 1, 2, 3".
std::string repeatsText(const Compared &c)
{
    std::set<std::int64_t> seeds, folds;
    for (const auto &r : c.repeats) {
        seeds.insert(r.seed);
        if (r.fold > 0)
            folds.insert(r.fold);
    }
    const auto some = static_cast<std::int64_t>(folds.size());
    return fmt::format("{}seed{} {}",
                       c.folds == 0     ? ""
                       : some < c.folds ? fmt::format("fold{} {} of {}, ", some == 1 ? "" : "s", fmt::join(folds, ", "), c.folds)
                                        : fmt::format("{} folds, ", c.folds),
                       seeds.size() == 1 ? "" : "s", fmt::join(seeds, ", "));
}

std::string scoresCaption(const Compared &c, bool bracketed)
{
    const auto word = wordOf(c.repeats);
    return fmt::format("(a) {} on the {} slices of the weights that were kept, {}: a point for each {}, {}s joined "
                       "by lines{}{}. (b) Time of a training step and (c) the most memory that it took, counted block by block.",
                       c.scoreTitle, c.part, repeatsText(c), word, word,
                       c.repeats.size() > 1 ? ", mean and sample standard deviation in black" : "",
                       bracketed ? fmt::format("; brackets join {}s that the tests tell apart", c.noun) : "");
}

std::string testsCaption(const Compared &c)
{
    return fmt::format(
        " (d) Two-sided paired t tests of {} over {}s{}: mean difference with its 95 % confidence interval, p, and p "
        "after Holm's correction for {} test{} (* below 0.05, ** below 0.01, *** below 0.001).",
        c.scoreTitle, wordOf(c.repeats),
        c.folds > 1 ? ", with the variance of folds that share training slices (Nadeau and Bengio 2003)" : "", c.tests.size(),
        c.tests.size() == 1 ? "" : "s");
}

/// The table of tests below the charts, which makes the page higher.
void addTests(Figure &f, const Compared &c)
{
    Panel tests;
    tests.row = 1;
    tests.columnSpan = 4;
    tests.letter = "d";
    tests.content = TablePanel{testTable(c)};
    f.panels.push_back(std::move(tests));
    f.heightMm += testHeadMm + testRowMm * static_cast<double>(c.tests.size());
    f.caption += testsCaption(c);
}

} // namespace

Figure comparisonFigure(const Compared &c)
{
    Figure f;
    f.name = "comparison";
    f.title = fmt::format("Comparison of {}s", c.noun);
    f.widthMm = 174;
    f.heightMm = chartMm;

    XYPanel scores = scorePanel(c);
    const bool bracketed = addBrackets(scores, c);
    Panel first;
    first.letter = "a";
    first.columnSpan = 2;
    first.content = std::move(scores);
    f.panels.push_back(std::move(first));
    addCostPanels(f, c);
    f.caption = scoresCaption(c, bracketed);
    if (std::any_of(c.holm.begin(), c.holm.end(), [](double p) { return !std::isnan(p); }))
        addTests(f, c);
    return f;
}

std::string comparisonText(const Compared &c)
{
    const ComparedModel *best = nullptr;
    for (const auto &m : c.models)
        if (m.score.count > 0 && (!best || (c.smallest ? m.score.mean < best->score.mean : m.score.mean > best->score.mean)))
            best = &m;
    const auto word = wordOf(c.repeats);
    std::string text = fmt::format("{}, {}: ", countText(c.models.size(), c.noun.c_str(), (c.noun + "s").c_str()),
                                   countText(c.repeats.size(), word.c_str(), (word + "s").c_str()));
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    std::string each;
    const int digits = scoreDecimals(c);
    for (const auto &m : c.models)
        if (m.score.count > 0) {
            // Labels of settings hold commas.
            each += fmt::format("{}{} {:.{}f}",
                                each.empty()        ? ""
                                : c.noun == "model" ? ", "
                                                    : "; ",
                                m.label, m.score.mean, digits);
            if (!std::isnan(m.score.sd))
                each += fmt::format(" \u00b1 {:.{}f}", m.score.sd, digits);
        }
    text += fmt::format("{}{} {}; {} is best", c.scoreTitle, c.part == "test" && c.score != "loss" ? " on the test slices" : "",
                        each, best->label);
    // What the tests say of the best one against the others. Seeds that only one of two models has are in its mean but not
    // in their test, which may then say the contrary.
    std::size_t sure = 0, contrary = 0, tested = 0, others = 0;
    c.eachPair([&](std::size_t i, std::size_t j, std::size_t k) {
        if ((&c.models[i] != best && &c.models[j] != best) || c.models[i].score.count == 0 || c.models[j].score.count == 0)
            return;
        ++others;
        if (std::isnan(c.holm[k]))
            return;
        ++tested;
        const bool ofFirst = (c.tests[k].difference < 0) == c.smallest;
        if (c.holm[k] < told)
            ++(ofFirst == (&c.models[i] == best) ? sure : contrary);
    });
    if (tested > 0)
        text += (sure == others ? fmt::format(", told from all others by paired t tests over {}s (p < 0.05 after Holm)", word)
                 : sure == 0 && contrary == 0
                     ? fmt::format(", but no paired t test over {}s tells it from the others (p \u2265 0.05 after Holm)", word)
                 : sure == 0 ? ""
                             : fmt::format(", told from {} of {} others by paired t tests over {}s (p < 0.05 after Holm)", sure,
                                           others, word)) +
                (contrary > 0 ? fmt::format(", but on the {}s that both have {} of the others {} better (p < 0.05 after Holm)",
                                            word, contrary, contrary == 1 ? "is" : "are")
                              : "") +
                (tested < others ? fmt::format("; {} could not be tested for want of common {}s", others - tested, word) : "");
    return text + ".";
}

} // namespace reticle
