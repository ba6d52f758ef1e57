#include "history/BudgetRuns.h"

#include "compare/Comparison_p.h"
#include "protocol/RunScores.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace reticle {

namespace {

constexpr double slower = 1.5; ///< runs whose steps take so many times as long are told
constexpr std::size_t mostNamed = 6;

/// What decides how long a run trains: "minutes 15", "steps 1000".
std::string budgetOf(const RunInfo &run)
{
    const Json train = run.recipe.is_object() ? run.recipe.value("train", Json::object()) : Json::object();
    for (const char *rule : {"steps", "epochs", "minutes"})
        if (const double value = numberAt(train, rule); value > 0)
            return fmt::format("{} {}", rule, value);
    return {};
}

/// A recipe by path, without what BudgetRuns pass over.
RecipeSettings settingsApartFromTime(const RunInfo &run)
{
    auto all = settingsOf(run);
    for (const char *path : {"train.minutes", "train.steps", "train.epochs"})
        all.erase(path);
    return all;
}

bool wasTrained(const RunInfo &run)
{
    return !(run.summary.is_object() && run.summary.contains("members")); // an ensemble was not
}

std::string deviceOf(const RunInfo &run)
{
    const Json device = run.summary.is_object() ? run.summary.value("device", Json()) : Json();
    return device.is_string() ? device.get<std::string>() : std::string();
}

std::string listed(const std::vector<std::int64_t> &ids)
{
    const std::vector<std::int64_t> first(ids.begin(),
                                          ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), mostNamed)));
    return fmt::format("{}{}", fmt::join(first, ", "),
                       ids.size() > mostNamed ? fmt::format(" and {} more", ids.size() - mostNamed) : "");
}

const RunInfo &chosen(const std::vector<RunInfo> &all, std::int64_t run)
{
    const RunInfo *found = nullptr;
    for (const auto &one : all)
        if (run > 0 ? one.id == run : one.status == RunStatus::Done && wasTrained(one))
            found = &one;
    if (!found)
        throw Error({"run", run > 0 ? "a run of this project" : "a project with a finished run",
                     run > 0 ? std::to_string(run) : "none", run > 0 ? "" : "train a recipe first"});
    return *found;
}

} // namespace

ScoreScale scaleOf(const std::string &score)
{
    if (score == "psnr")
        throw Error({"score", "a score with a best value, such as rmse or ssim", "psnr, which has none", {}});
    if (score == "pixel-error")
        return {0, 1, true};
    if (score == "loss" || score == "mse" || score == "rmse")
        return {0, std::numeric_limits<double>::infinity(), true};
    return {1, 0, false};
}

LearningCurve BudgetRuns::curve() const
{
    std::vector<CurvePoint> points;
    for (const auto &run : runs)
        points.push_back({run.minutes, run.score});
    return LearningCurve(std::move(points), scale);
}

std::vector<double> BudgetRuns::budgets() const
{
    std::vector<double> minutes;
    for (const auto &run : runs)
        if (minutes.empty() || run.minutes > minutes.back())
            minutes.push_back(run.minutes);
    return minutes;
}

BudgetRuns budgetRuns(const std::vector<RunInfo> &all, std::int64_t run, const std::string &score)
{
    const RunInfo &asked = chosen(all, run);
    std::vector<const RunInfo *> alike;
    std::vector<std::int64_t> unfinished, elsewhere, unscored;
    const auto model = modelOf(asked);
    const auto settings = settingsApartFromTime(asked);
    for (const auto &one : all)
        if (wasTrained(one) && modelOf(one) == model && settingsApartFromTime(one) == settings) {
            if (one.status == RunStatus::Done)
                alike.push_back(&one);
            else
                unfinished.push_back(one.id);
        }
    // Minutes of another device are other minutes.
    std::string device = asked.status == RunStatus::Done ? deviceOf(asked) : std::string();
    if (device.empty() && !alike.empty())
        device = deviceOf(*alike.back());
    std::erase_if(alike, [&](const RunInfo *one) {
        const bool other = deviceOf(*one) != device;
        if (other)
            elsewhere.push_back(one->id);
        return other;
    });

    BudgetRuns b;
    const RunInfo &sample = alike.empty() ? asked : *alike.back();
    b.score = score == "auto" ? RunScores::of(sample.summary).selection().front() : score;
    b.scale = scaleOf(b.score);
    b.scoreTitle = scoreTitle(b.score);
    struct Mean
    {
        double sum = 0;
        int count = 0;
    };
    std::map<std::string, Mean> times;
    double fastest = std::numeric_limits<double>::infinity(), slowest = 0;
    for (const auto *one : alike) {
        const double value = scoreOf(*one, b.score);
        if (!std::isfinite(value) || !(one->seconds > 0)) {
            unscored.push_back(one->id);
            continue;
        }
        b.runs.push_back({one->id, repeatOf(*one), 0, one->seconds / 60, one->step, value, {}});
        auto &mean = times[budgetOf(*one)];
        mean.sum += one->seconds / 60;
        ++mean.count;
        if (const double s = numberAt(one->summary, "step-seconds"); s > 0) {
            fastest = std::min(fastest, s);
            slowest = std::max(slowest, s);
        }
    }
    for (auto &one : b.runs) {
        const auto info = std::find_if(alike.begin(), alike.end(), [&](const RunInfo *r) { return r->id == one.id; });
        const auto budget = budgetOf(**info);
        one.minutes = budget.starts_with("minutes") ? numberAt((*info)->recipe.at("train"), "minutes")
                                                    : times[budget].sum / times[budget].count;
    }
    std::sort(b.runs.begin(), b.runs.end(),
              [](const BudgetRun &x, const BudgetRun &y) { return std::tie(x.minutes, x.id) < std::tie(y.minutes, y.id); });
    if (!unfinished.empty())
        b.warnings.push_back(fmt::format("Runs that have not finished are left out: {}.", listed(unfinished)));
    if (!unscored.empty())
        b.warnings.push_back(fmt::format("Runs without a {} are left out: {}.", b.scoreTitle, listed(unscored)));
    if (!elsewhere.empty())
        b.warnings.push_back(fmt::format("Runs that were trained on another device are left out, because a minute there is worth "
                                         "more or fewer steps: {}.",
                                         listed(elsewhere)));
    if (slowest > slower * fastest)
        b.warnings.push_back(
            fmt::format("A step took from {:.3g} to {:.3g} s in these runs. Other programs or another machine may "
                        "have slowed some of them down, so that equal minutes were not equal work.",
                        fastest, slowest));
    return b;
}

BudgetRuns budgetRuns(const Project &project, std::int64_t run, const std::string &score)
{
    BudgetRuns b = budgetRuns(project.runs(), run, score);
    addValidationCurves(b, project);
    return b;
}

void addValidationCurves(BudgetRuns &b, const Project &project)
{
    const bool root = b.score == "rmse";
    for (auto &one : b.runs)
        for (const auto &point : project.metric(one.id, "validation." + (root ? "mse" : b.score)))
            if (std::isfinite(point.value) && point.time > 0)
                one.validation.push_back({point.time / 60, root ? std::sqrt(point.value) : point.value});
}

} // namespace reticle
