#include "history/TrainingEstimate.h"

#include "compare/Comparison_p.h"
#include "foundation/FormerNames.h"
#include "foundation/Nan.h"
#include "foundation/Sha256.h"
#include "history/BudgetRuns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr double sameWeights = 0.02; ///< two networks of one kind may differ by so much of their weights
constexpr std::size_t digestLength = 16;
using Trainings = std::vector<const PastTraining *>;

std::string digestOf(const RecipeSettings &settings)
{
    Sha256 hash;
    for (const auto &[path, value] : settings)
        hash.add(path + '\0' + value + '\0');
    return hash.finish().substr(0, digestLength);
}

/// The paths of one section.
RecipeSettings below(const RecipeSettings &all, const std::string &section)
{
    RecipeSettings part;
    for (const auto &[path, value] : all)
        if (path.starts_with(section + "."))
            part[path] = value;
    return part;
}

bool sameWhereKnown(std::int64_t a, std::int64_t b)
{
    return a == 0 || b == 0 || a == b;
}

bool sameNetwork(const PastTraining &a, const PastTraining &b)
{
    if (a.network != b.network)
        return false;
    if (!a.model.empty() && a.model == b.model)
        return true;
    const auto x = static_cast<double>(a.weights), y = static_cast<double>(b.weights);
    return x > 0 && y > 0 && std::abs(x - y) <= sameWeights * std::max(x, y);
}

bool alike(const PastTraining &past, const PastTraining &wanted)
{
    return sameNetwork(past, wanted) && sameWhereKnown(past.crop, wanted.crop) && sameWhereKnown(past.batch, wanted.batch) &&
           sameWhereKnown(past.channels, wanted.channels) && sameWhereKnown(past.classes, wanted.classes) &&
           (wanted.precision.empty() || past.precision == wanted.precision) &&
           (wanted.machine.empty() || past.machine == wanted.machine);
}

/// The middle value and both ends; one value alone has no spread.
Expected middleOf(std::vector<double> values)
{
    if (values.empty())
        return {nan, nan, nan};
    std::sort(values.begin(), values.end());
    const auto n = values.size();
    const double middle = n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
    return n == 1 ? Expected{middle, nan, nan} : Expected{middle, values.front(), values.back()};
}

Trainings withData(const Trainings &all, const std::string &data)
{
    Trainings same;
    for (const auto *t : all)
        if (!data.empty() && t->data == data)
            same.push_back(t);
    return same;
}

/// Of one recipe: what else there is in it decides a score as much as the time.
Trainings withRecipe(const Trainings &all, const std::string &recipe)
{
    Trainings same;
    for (const auto *t : all)
        if (!recipe.empty() && t->recipe == recipe)
            same.push_back(t);
    return same;
}

double timeOf(const PastTraining &t)
{
    return t.budget > 0 ? t.budget : t.minutes;
}

LearningCurve curveOf(const Trainings &trainings, const ScoreScale &scale)
{
    std::vector<CurvePoint> points;
    for (const auto *t : trainings)
        points.push_back({timeOf(*t), t->value});
    return LearningCurve(std::move(points), scale);
}

/// "9 400": three digits that count, thousands apart by a thin space from 10 000 on.
std::string countText(double count)
{
    const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(std::max(1.0, count))) - 2));
    std::string text = fmt::format("{:.0f}", std::round(count / unit) * unit);
    if (text.size() > 4)
        for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
            text.insert(static_cast<std::size_t>(at), "\u2009");
    return text;
}

std::string trainingsText(std::size_t n)
{
    return n == 1 ? "1 training" : fmt::format("{} trainings", n);
}

std::string timeText(const TrainingEstimate &e, const TrainingQuestion &q)
{
    const auto as = fmt::format("as in {} like this", trainingsText(e.timed));
    if (q.minutes > 0)
        return fmt::format(
            "{} {} about {} steps on this machine ({}{}).", minutesText(q.minutes),
            minutesText(q.minutes).starts_with("1 ") ? "gives" : "give", countText(e.steps.score),
            std::isnan(e.steps.low) ? "" : fmt::format("{} to {}, ", countText(e.steps.low), countText(e.steps.high)), as);
    if (q.steps > 0)
        return fmt::format("{} steps take about {} on this machine ({}{}).", countText(static_cast<double>(q.steps)),
                           minutesText(e.minutes.score),
                           std::isnan(e.minutes.low) ? "" : minutesText(e.minutes.low, e.minutes.high) + ", ", as);
    return fmt::format("{} like this {} finished on this machine.", trainingsText(e.timed), e.timed == 1 ? "has" : "have");
}

std::string scoreText(const TrainingEstimate &e)
{
    if (e.source == TrainingEstimate::Source::Curve)
        return fmt::format(" Expected {}: {}, from {} on these data.", e.scoreTitle, expectedText(e.expected),
                           trainingsText(e.scored));
    if (e.source == TrainingEstimate::Source::None)
        return "";
    const int digits = scoreDigits(e.expected.score);
    const auto reached = std::isnan(e.expected.low)
                             ? fmt::format("{:.{}f}", e.expected.score, digits)
                             : fmt::format("{:.{}f} to {:.{}f}", e.expected.low, digits, e.expected.high, digits);
    const auto time = minutesText(e.from, e.to);
    return e.source == TrainingEstimate::Source::Range
               ? fmt::format(" On these data {} of {} reached {} {}.", trainingsText(e.scored), time, e.scoreTitle, reached)
               : fmt::format(" On other data {} of {} reached {} {}; yours may be easier or harder.", trainingsText(e.scored),
                             time, e.scoreTitle, reached);
}

void addScore(TrainingEstimate &e, const Trainings &like, const TrainingQuestion &q)
{
    using Source = TrainingEstimate::Source;
    auto used = withData(like, q.like.data);
    e.source = used.empty() ? Source::OtherData : Source::Range;
    if (used.empty())
        used = like;
    e.score = used.back()->score;
    // Losses of two recipes may be of two objectives.
    const auto ofRecipe = withRecipe(used, q.like.recipe);
    if (e.score == "loss")
        used = ofRecipe;
    std::erase_if(used, [&](const PastTraining *t) { return t->score != e.score; });
    if (used.empty() || e.score.empty() || e.score == "psnr") {
        e.source = Source::None;
        return;
    }
    e.scoreTitle = scoreTitle(e.score);
    const auto scale = scaleOf(e.score);
    if (e.source == Source::Range) {
        auto own = ofRecipe;
        std::erase_if(own, [&](const PastTraining *t) { return t->score != e.score; });
        for (const auto *some : {&own, &used}) {
            const auto curve = curveOf(*some, scale);
            if (!curve.isKnown() || !(e.minutes.score > 0))
                continue;
            e.source = Source::Curve;
            e.expected = curve.at(e.minutes.score);
            used = *some;
            break;
        }
    }
    std::vector<double> values;
    e.from = std::numeric_limits<double>::infinity();
    for (const auto *t : used) {
        values.push_back(t->value);
        e.from = std::min(e.from, timeOf(*t));
        e.to = std::max(e.to, timeOf(*t));
    }
    e.scored = used.size();
    if (e.source != Source::Curve)
        e.expected = middleOf(std::move(values));
}

Json toJsonOf(const Expected &e)
{
    Json json = Json::object();
    for (const auto &[key, value] : {std::pair{"expected", e.score}, {"low", e.low}, {"high", e.high}})
        if (std::isfinite(value))
            json[key] = value;
    return json;
}

} // namespace

TrainingQuestion questionOf(const Recipe &recipe)
{
    TrainingQuestion q;
    RunInfo run;
    run.recipe = recipe.json();
    auto all = settingsOf(run, true); // digests of before stay those of the same recipe
    q.like.data = digestOf(below(all, "data"));
    for (const char *path : {"train.minutes", "train.steps", "train.epochs"})
        all.erase(path);
    const Json model = FormerNames::former(modelOf(run));
    if (model.is_object()) {
        const Json name = model.value("name", Json());
        q.like.network = name.is_string() ? name.get<std::string>() : std::string();
        RecipeSettings section;
        for (const auto &[key, value] : model.items())
            section["model." + key] = value.dump(-1, ' ', false, Json::error_handler_t::replace);
        q.like.model = digestOf(section);
        all.merge(section);
    }
    q.like.recipe = digestOf(all);
    const Json &train = recipe.section("train");
    const auto number = [&](const char *key) {
        const double v = numberAt(train, key);
        return v > 0 && v < 1e15 ? v : 0;
    };
    q.like.crop = static_cast<std::int64_t>(number("crop"));
    q.like.batch = static_cast<std::int64_t>(number("batch"));
    q.steps = static_cast<std::int64_t>(number("steps"));
    if (q.steps == 0 && number("epochs") == 0)
        q.minutes = number("minutes");
    return q;
}

TrainingEstimate estimateTraining(const std::vector<PastTraining> &past, const TrainingQuestion &question)
{
    TrainingEstimate e;
    Trainings like;
    for (const auto &t : past)
        if (alike(t, question.like))
            like.push_back(&t);
    e.timed = like.size();
    e.steps = e.minutes = e.expected = {nan, nan, nan};
    if (like.empty()) {
        e.text = "No training like this has been finished on this machine yet.";
        return e;
    }
    std::vector<double> steps, minutes;
    for (const auto *t : like) {
        steps.push_back(60 * question.minutes / t->stepSeconds);
        minutes.push_back(static_cast<double>(question.steps) * t->stepSeconds / 60);
    }
    if (question.minutes > 0) {
        e.steps = middleOf(std::move(steps));
        e.minutes = {question.minutes, nan, nan};
    } else if (question.steps > 0) {
        e.steps = {static_cast<double>(question.steps), nan, nan};
        e.minutes = middleOf(std::move(minutes));
    }
    addScore(e, like, question);
    e.text = timeText(e, question) + scoreText(e);
    return e;
}

Json TrainingEstimate::toJson() const
{
    Json json{{"text", text}, {"trainings", timed}};
    if (timed == 0)
        return json;
    if (const Json j = toJsonOf(steps); !j.empty())
        json["steps"] = j;
    if (const Json j = toJsonOf(minutes); !j.empty())
        json["minutes"] = j;
    if (source != Source::None) {
        json["score"] = {{"name", score},
                         {"title", scoreTitle},
                         {"source", source == Source::Curve   ? "curve"
                                    : source == Source::Range ? "range"
                                                              : "other data"},
                         {"trainings", scored}};
        json["score"].update(toJsonOf(expected));
    }
    return json;
}

} // namespace reticle
