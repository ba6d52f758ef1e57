#include "history/BudgetRuns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr const char *pointColor = "#0072b2", *curveColor = "#d55e00", *runColor = "#7f7f7f";
constexpr int curvePoints = 60;
constexpr double ticks[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 960, 1920, 3840, 7680};

/// What finished runs of one budget gave.
struct Budget
{
    double minutes = 0;
    std::vector<double> scores;
};

std::vector<Budget> budgetsOf(const BudgetRuns &b)
{
    std::vector<Budget> all;
    for (const auto &run : b.runs) {
        if (all.empty() || run.minutes > all.back().minutes)
            all.push_back({run.minutes, {}});
        all.back().scores.push_back(run.score);
    }
    return all;
}

int digitsOf(const BudgetRuns &b)
{
    double largest = 0;
    for (const auto &run : b.runs)
        largest = std::max(largest, std::abs(run.score));
    return scoreDigits(largest) + 1;
}

/// Between two times, evenly on a log axis.
std::vector<double> timesBetween(double from, double to)
{
    std::vector<double> times;
    for (int i = 0; i < curvePoints; ++i)
        times.push_back(from * std::pow(to / from, static_cast<double>(i) / (curvePoints - 1)));
    return times;
}

void addRuns(XYPanel &panel, const BudgetRuns &b)
{
    bool named = false;
    for (const auto &run : b.runs) {
        Series line;
        line.color = runColor;
        line.opacity = 0.5;
        line.width = 0.4;
        for (const auto &p : run.validation)
            if (p.minutes >= *panel.x.min) {
                line.x.push_back(p.minutes);
                line.y.push_back(p.score);
            }
        if (line.x.size() < 2)
            continue;
        if (!named)
            line.name = "while a run trained";
        named = true;
        panel.series.push_back(std::move(line));
    }
    Series points;
    points.kind = SeriesKind::Scatter;
    points.name = "finished run";
    points.color = pointColor;
    for (const auto &run : b.runs) {
        points.x.push_back(run.minutes);
        points.y.push_back(run.score);
    }
    panel.series.push_back(std::move(points));
}

void addCurve(XYPanel &panel, const BudgetRuns &b, const LearningCurve &curve)
{
    const double first = b.runs.front().minutes, last = b.runs.back().minutes;
    Series band;
    band.kind = SeriesKind::Band;
    band.name = fmt::format("{:.0f} % of like runs", 100 * LearningCurve::level);
    band.color = curveColor;
    for (const double t : timesBetween(first, 2 * last)) {
        const auto e = curve.at(t);
        if (std::isnan(e.low))
            break;
        band.x.push_back(t);
        band.lower.push_back(e.low);
        band.upper.push_back(e.high);
    }
    if (!band.x.empty())
        panel.series.push_back(std::move(band));
    for (const bool beyond : {false, true}) {
        Series line;
        line.name = beyond ? "" : "fitted curve";
        line.color = curveColor;
        line.width = 1.2;
        line.dash = beyond ? Dash::Dashed : Dash::Solid;
        for (const double t : beyond ? timesBetween(last, 2 * last) : timesBetween(first, last)) {
            line.x.push_back(t);
            line.y.push_back(curve.at(t).score);
        }
        panel.series.push_back(std::move(line));
    }
}

} // namespace

Table budgetTable(const BudgetRuns &b, const LearningCurve &curve)
{
    std::vector<double> minutes, mean, low, high, twice, from, to;
    std::vector<std::int64_t> count;
    std::vector<std::string> text;
    for (const auto &budget : budgetsOf(b)) {
        minutes.push_back(budget.minutes);
        count.push_back(static_cast<std::int64_t>(budget.scores.size()));
        mean.push_back(meanAndSpread(budget.scores).mean);
        low.push_back(*std::min_element(budget.scores.begin(), budget.scores.end()));
        high.push_back(*std::max_element(budget.scores.begin(), budget.scores.end()));
        const auto expected = curve.at(2 * budget.minutes);
        twice.push_back(expected.score);
        from.push_back(expected.low);
        to.push_back(expected.high);
        text.push_back(moreMinutesText(curve, b.scale, b.scoreTitle, budget.minutes, 2 * budget.minutes));
    }
    const int digits = digitsOf(b);
    Table t;
    t.title = "Training time";
    t.columns = {{"training time", "min", minutes, -1},
                 {"runs", "", count},
                 {"mean " + b.scoreTitle, "", mean, digits},
                 {"lowest", "", low, digits},
                 {"highest", "", high, digits},
                 {"expected after twice the time", "", twice, digits},
                 {fmt::format("{:.0f} % from", 100 * LearningCurve::level), "", from, digits},
                 {fmt::format("{:.0f} % to", 100 * LearningCurve::level), "", to, digits},
                 {"twice the time", "", text}};
    return t;
}

Table budgetRunTable(const BudgetRuns &b)
{
    std::vector<std::int64_t> id, seed, fold, steps;
    std::vector<double> minutes, trained, score;
    bool folds = false;
    for (const auto &run : b.runs) {
        id.push_back(run.id);
        seed.push_back(run.repeat.seed);
        fold.push_back(run.repeat.fold);
        folds = folds || run.repeat.fold > 0;
        steps.push_back(run.steps);
        minutes.push_back(run.minutes);
        trained.push_back(run.trained);
        score.push_back(run.score);
    }
    Table t;
    t.title = "Runs";
    t.columns = {{"run", "", id}, {"seed", "", seed}};
    if (folds)
        t.columns.push_back({"fold", "", fold});
    t.columns.push_back({"training time", "min", minutes, -1});
    t.columns.push_back({"trained", "min", trained, 2});
    t.columns.push_back({"steps", "", steps});
    t.columns.push_back({b.scoreTitle, "", score, digitsOf(b)});
    return t;
}

Figure budgetFigure(const BudgetRuns &b, const LearningCurve &curve)
{
    Figure f;
    f.name = "learning-curve";
    f.title = "Learning curve";
    f.widthMm = 120;
    f.heightMm = 80;
    if (b.runs.empty())
        return f;
    const double first = b.runs.front().minutes, last = b.runs.back().minutes;
    XYPanel panel;
    panel.x.label = "training time";
    panel.x.unit = "min";
    panel.x.scale = Axis::Scale::Log;
    panel.x.min = 0.2 * first;
    panel.x.max = 2.2 * last;
    for (const double tick : ticks)
        if (tick >= *panel.x.min && tick <= *panel.x.max)
            panel.x.ticks.push_back(tick);
    panel.y.label = b.scoreTitle;
    addRuns(panel, b);
    double low = std::numeric_limits<double>::infinity(), high = -low;
    const auto see = [&](double v) {
        low = std::min(low, v);
        high = std::max(high, v);
    };
    for (const auto &run : b.runs)
        see(run.score);
    if (curve.isKnown()) {
        addCurve(panel, b, curve);
        see(curve.at(2 * last).score);
    }
    // The ends of the runs fill the height: the beginnings of their curves and the band may leave it.
    const double pad = high > low ? 0.6 * (high - low) : std::max(0.01, 0.1 * std::abs(high));
    panel.y.min = low - pad;
    panel.y.max = high + pad;
    f.caption = fmt::format(
        "Each point is a finished run of one recipe: {} of the weights that were kept, over the time that the run was given. "
        "Thin "
        "lines show the validation of these runs while they trained. The learning rate follows the length of its run, so a thin "
        "line at 5 minutes is not what a run of 5 minutes gives.",
        b.scoreTitle);
    if (curve.isKnown())
        f.caption +=
            fmt::format(" The curve is a + b / t^c for the distance to a {} of {:g} (a = {:.3g}, b = {:.3g}, c = {:.3g}; t in "
                        "minutes), fitted "
                        "by least squares (Hestness et al. 2017), and dashed beyond the runs.{}",
                        b.scoreTitle, b.scale.perfect, curve.a(), curve.b(), curve.c(),
                        std::isnan(curve.scatter()) ? ""
                                                    : fmt::format(" The band holds a further run with a probability of {:.0f} %.",
                                                                  100 * LearningCurve::level));
    Panel p;
    p.content = std::move(panel);
    f.panels.push_back(std::move(p));
    return f;
}

std::string budgetText(const BudgetRuns &b, const LearningCurve &curve)
{
    const double last = b.runs.empty() ? 0 : b.runs.back().minutes;
    return moreMinutesText(curve, b.scale, b.scoreTitle, last, 2 * last);
}

} // namespace reticle
