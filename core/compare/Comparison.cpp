#include "compare/Comparison_p.h"

#include "foundation/Nan.h"
#include "project/ModelFiles.h"
#include "protocol/RunScores.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace reticle {

namespace {

/// Widths are chosen to come within 1 % of the number asked for: two models may be twice as far apart.
constexpr double weightsApart = 0.021;
constexpr std::size_t mostTold = 6; // uncounted runs in a warning

struct ScoreWord
{
    const char *name, *title;
};
constexpr ScoreWord words[] = {{"dice", "Dice"},
                               {"iou", "IoU"},
                               {"pixel-error", "pixel error"},
                               {"v-rand", "V_Rand"},
                               {"v-info", "V_Info"},
                               {"loss", "validation loss"},
                               {"mse", "mean squared error"},
                               {"rmse", "RMSE"},
                               {"psnr", "PSNR"},
                               {"ssim", "SSIM"}};

bool counts(const RunInfo &run)
{
    return run.status == RunStatus::Done && !bestOf(run).empty();
}

/// "train.steps (100, 200)"
std::string differenceText(const std::vector<RunInfo> &runs, const std::string &path)
{
    std::vector<std::string> values;
    for (const auto &run : runs) {
        auto v = valueAt(settingsOf(run), path);
        if (v.empty())
            v = "not given";
        if (std::find(values.begin(), values.end(), v) == values.end())
            values.push_back(v);
    }
    return fmt::format("{} ({})", path, fmt::join(values, ", "));
}

/// What became of a run that does not count.
std::string stateText(const UncountedRun &u)
{
    const auto &r = u.run;
    const auto after = fmt::format(" after {} step{}", r.step, r.step == 1 ? "" : "s");
    std::string state;
    switch (r.status) {
    case RunStatus::Done: state = "has no scores"; break;
    case RunStatus::Stopped: state = "was stopped" + after; break;
    case RunStatus::Cancelled: state = "was cancelled" + after; break;
    case RunStatus::Interrupted: state = "was interrupted" + after; break;
    case RunStatus::Failed: state = "failed" + after + (r.message.empty() ? "" : " (" + r.message + ")"); break;
    default: state = "is at work"; break;
    }
    const auto repeat = repeatOf(r);
    return fmt::format("run {} ({}, seed {}{}) {}", r.id, u.label, repeat.seed,
                       repeat.fold > 0 ? fmt::format(", fold {}", repeat.fold) : "", state);
}

/// Scores of the run that mean the same under any objective; of the squared error its root, which has the unit of the images.
std::vector<std::string> scoresButTheLoss(const RunInfo &run)
{
    auto names = scoresOf({run});
    std::erase_if(names, [](const std::string &name) { return name == "loss" || name == "mse"; });
    return names;
}

/// "rmse, psnr or ssim"
std::string anyOf(const std::vector<std::string> &names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    return text;
}

/// Losses are comparable where they are the same function of output and target.
void requireOneObjective(const std::vector<RunInfo> &whole)
{
    const auto objective = [](const RunInfo &r) { return r.recipe.value("objective", Json::object()); };
    for (const auto &run : whole)
        if (objective(run) != objective(whole.front())) {
            const auto text = [&](const RunInfo &r) {
                const auto name = objective(r).value("name", std::string("none"));
                return fmt::format("{} of run {}", name, r.id);
            };
            const auto others = scoresButTheLoss(run);
            const auto listed = others.empty() ? "" : fmt::format(" ({})", anyOf(others));
            throw Error({"score", "a score that means the same for all runs" + listed,
                         fmt::format("the losses of different objectives ({}, {})", text(whole.front()), text(run)),
                         others.empty() ? "choose runs of one objective" : "take score=" + others.front()});
        }
}

/// What was planned to differ needs no warning, but for data: their scores mean something else.
void addDifferenceWarning(Compared &c, const std::vector<RunInfo> &whole, const ComparisonPlan *plan)
{
    std::vector<std::string> texts, planned;
    bool data = false;
    for (const auto &path : c.differing) {
        const bool ofData = path.rfind("data.", 0) == 0;
        if (!plan || !plan->varies(path)) {
            texts.push_back(differenceText(whole, path));
            data = data || ofData;
        } else if (ofData) {
            planned.push_back(differenceText(whole, path));
        }
    }
    if (!planned.empty())
        c.warnings.push_back(
            fmt::format("The runs differ in their data: {}. Scores on other data or other slices do not say which "
                        "setting is better.",
                        fmt::join(planned, "; ")));
    if (texts.empty())
        return;
    c.warnings.push_back(fmt::format("The runs differ in more than model and seed: {}. Models are told apart by these "
                                     "settings too{}.",
                                     fmt::join(texts, "; "),
                                     data ? "; scores on other data or other slices do not say which model is better" : ""));
}

void addUncountedWarning(Compared &c, std::size_t done, std::size_t all)
{
    if (done == all && c.uncounted.empty())
        return;
    std::vector<std::string> texts;
    for (const auto &u : c.uncounted)
        if (texts.size() < mostTold)
            texts.push_back(stateText(u));
    if (c.uncounted.size() > mostTold)
        texts.push_back(fmt::format("and {} more", c.uncounted.size() - mostTold));
    c.warnings.push_back(fmt::format("{} of {} runs are done; the others do not count{}{}.", done, all, texts.empty() ? "" : ": ",
                                     fmt::join(texts, "; ")));
}

void addWeightsWarning(Compared &c)
{
    double minimum = INFINITY, maximum = 0;
    std::vector<std::string> texts;
    bool asked = false;
    for (const auto &m : c.models) {
        if (std::isnan(m.weights))
            continue;
        minimum = std::min(minimum, m.weights);
        maximum = std::max(maximum, m.weights);
        asked = asked || !std::isnan(m.asked);
        texts.push_back(fmt::format("{} {:.0f}{}", m.label, m.weights, std::isnan(m.asked) ? " by its design" : ""));
    }
    if (asked && maximum > 0 && maximum / minimum - 1 > weightsApart)
        c.warnings.push_back(fmt::format("The models are not matched in weights: {}.", fmt::join(texts, ", ")));
}

/// Keeps one run a seed and fold, and takes together what they have.
void summarize(Compared &c, ComparedModel &m)
{
    std::map<Repeat, RunInfo> latest;
    for (const auto &run : m.runs)
        latest[repeatOf(run)] = run; // by number, so that the latest stays
    if (latest.size() < m.runs.size())
        c.warnings.push_back(fmt::format("Of several runs of {} with one {}, alike in everything, the latest counts.", m.label,
                                         wordOf(c.repeats)));
    m.runs.clear();
    std::vector<double> known, steps, losses;
    const double asked = numberAt(m.section, "weights");
    m.asked = asked > 0 ? asked : nan;
    m.weights = m.memoryMib = nan;
    for (const auto &repeat : c.repeats) {
        const auto it = latest.find(repeat);
        const double value = it == latest.end() ? nan : scoreOf(it->second, c.score);
        m.scores.push_back(value);
        if (it == latest.end())
            continue;
        m.runs.push_back(it->second);
        const auto &summary = it->second.summary;
        if (!std::isnan(value))
            known.push_back(value);
        if (const double v = numberAt(summary, "step-seconds"); !std::isnan(v))
            steps.push_back(v);
        if (const double v = scoreOf(it->second, "loss"); !std::isnan(v))
            losses.push_back(v);
        if (const double v = numberAt(summary, "memory-mib"); !std::isnan(v) && !(m.memoryMib >= v))
            m.memoryMib = v;
        m.weights = numberAt(summary, "weights");
    }
    m.score = meanAndSpread(known);
    m.stepSeconds = meanAndSpread(steps).mean;
    m.loss = meanAndSpread(losses).mean;
}

} // namespace

double numberAt(const Json &json, const std::string &key)
{
    return json.is_object() && json.contains(key) && json.at(key).is_number() ? json.at(key).get<double>() : nan;
}

Json bestOf(const RunInfo &run)
{
    const Json best = run.summary.is_object() ? run.summary.value("best", Json::object()) : Json::object();
    return best.is_object() ? best : Json::object();
}

Repeat repeatOf(const Recipe &recipe)
{
    const Json &data = recipe.section("data");
    const bool folds = data.is_object() && data.value("split", Json()) == "folds";
    return {static_cast<std::int64_t>(recipe.seed()), folds ? static_cast<std::int64_t>(numberAt(data, "fold")) : 0};
}

Repeat repeatOf(const RunInfo &run)
{
    return run.recipe.is_object() ? repeatOf(Recipe(run.recipe)) : Repeat();
}

std::vector<Repeat> repeatsOf(const Recipe &recipe)
{
    std::vector<Repeat> all;
    for (const auto &one : recipe.compared())
        if (const auto repeat = repeatOf(one); std::find(all.begin(), all.end(), repeat) == all.end())
            all.push_back(repeat);
    return all;
}

namespace {

/// Whether the seeds, and the folds, of `all` differ.
std::pair<bool, bool> differing(const std::vector<Repeat> &all)
{
    std::pair<bool, bool> found{false, false};
    for (const auto &r : all) {
        found.first = found.first || r.seed != all.front().seed;
        found.second = found.second || r.fold != all.front().fold;
    }
    return found;
}

} // namespace

std::string labelOf(const Repeat &repeat, const std::vector<Repeat> &all)
{
    if (repeat.fold == 0)
        return fmt::format("seed {}", repeat.seed);
    return differing(all).first ? fmt::format("seed {}, fold {}", repeat.seed, repeat.fold) : fmt::format("fold {}", repeat.fold);
}

std::string wordOf(const std::vector<Repeat> &all)
{
    // The first fold that is done is a fold too, though there is no other yet.
    const bool folds = std::any_of(all.begin(), all.end(), [](const Repeat &r) { return r.fold > 0; });
    return !folds ? "seed" : differing(all).first ? "run" : "fold";
}

int decimalsOf(const std::vector<double> &scores)
{
    double largest = 0;
    for (const double v : scores)
        if (std::isfinite(v))
            largest = std::max(largest, std::abs(v));
    return largest > 0 ? std::clamp(static_cast<int>(3 - std::floor(std::log10(largest))), 2, 9) : 4;
}

int scoreDecimals(const Compared &c)
{
    std::vector<double> all;
    for (const auto &m : c.models)
        all.insert(all.end(), m.scores.begin(), m.scores.end());
    return decimalsOf(all);
}

std::vector<std::string> comparisonNotes(const Recipe &recipe, const Catalog &catalog)
{
    std::vector<std::string> notes;
    const Json &compare = recipe.section("compare");
    const auto weights = compare.value("weights", std::int64_t(0));
    const auto models = compare.value("models", Json::array()).get<std::vector<Json>>(); // none of listed settings
    const auto labels = Recipe::modelLabels(models);
    for (std::size_t i = 0; weights != 0 && i < models.size(); ++i)
        if (!catalog.find("models", models[i].at("name").get<std::string>()).find("weights"))
            notes.push_back(fmt::format("compare.weights = {} is not for {}, whose design has a number of weights of its "
                                        "own: it is not matched with the others.",
                                        weights, labels[i]));
    return notes;
}

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

std::string scoreTitle(const std::string &name, const std::vector<RunInfo> &runs)
{
    if (std::ranges::find(words, name, &ScoreWord::name) == std::end(words))
        for (const auto &run : runs)
            if (const auto described = RunScores::of(run.summary); described.has(name))
                return described.info(name).title;
    return scoreTitle(name);
}

std::string scoreUnit(const std::string &name)
{
    return name == "psnr" ? "dB" : "";
}

double scoreOf(const RunInfo &run, const std::string &name)
{
    const Json best = bestOf(run);
    return name == "rmse" ? std::sqrt(numberAt(best, "mse")) : numberAt(best, name);
}

std::vector<std::string> scoresOf(const std::vector<RunInfo> &runs)
{
    std::vector<std::string> names;
    for (const auto &w : words)
        names.push_back(w.name);
    for (const auto &run : runs)
        for (const auto &score : RunScores::of(run.summary).scores())
            names.push_back(score.name);
    std::vector<std::string> all;
    for (const auto &name : names)
        if (std::find(all.begin(), all.end(), name) == all.end() &&
            std::any_of(runs.begin(), runs.end(), [&](const RunInfo &r) { return !std::isnan(scoreOf(r, name)); }))
            all.push_back(name);
    return all;
}

Compared compareRuns(const std::vector<RunInfo> &runs, std::size_t planned, const std::string &score, const std::string &part,
                     const ComparisonPlan *plan)
{
    Compared c;
    c.part = part;
    const bool axes = plan && (plan->isListed || !plan->axes.empty());
    if (axes)
        c.noun = "setting";
    if (plan)
        planned = std::max(planned, plan->runs);
    std::vector<RunInfo> whole;
    std::size_t done = 0;
    for (const auto &run : runs) {
        done += run.status == RunStatus::Done;
        if (counts(run))
            whole.push_back(run);
    }
    const auto all = std::max(planned, runs.size());
    if (whole.empty())
        throw Error({"runs", "at least one run that is done, with a validated model",
                     all == 0 ? "none" : fmt::format("none of {}", all),
                     "wait for the first, resume those that were stopped, or give runs"});
    for (const auto &run : whole)
        if (const auto task = taskOf(run.summary), first = taskOf(whole.front().summary); task != first)
            throw Error({"runs", "runs that all learned the same task",
                         fmt::format("run {} for {} and run {} for {}", run.id, task, whole.front().id, first),
                         "choose the runs"});
    // Losses of several objectives cannot be compared: where these were planned, what can be is.
    const bool losses = !axes || std::none_of(plan->axes.begin(), plan->axes.end(), [](const std::string &path) {
        return path.substr(0, path.find('.')) == "objective";
    });
    const auto described = RunScores::of(whole.front().summary);
    c.score = score != "auto" ? score : described.selection().front();
    if (const auto others = scoresButTheLoss(whole.front()); score == "auto" && c.score == "loss" && !losses && !others.empty())
        c.score = others.front();
    if (c.score == "loss")
        requireOneObjective(whole);
    c.scoreTitle = c.score == "loss" ? part + " loss" : described.info(c.score).title;
    c.smallest = described.info(c.score).lowerIsBetter;

    c.differing = differingPaths(whole);
    // What was planned has the names and the order that it has before the first run is done.
    auto groups = axes ? grouped(*plan, runs, whole) : grouped(runs, c.differing);
    const auto labels = axes ? labelsOf(groups, *plan) : labelsOf(groups, false);
    std::set<Repeat> repeats;
    for (const auto &run : whole) {
        repeats.insert(repeatOf(run));
        if (repeatOf(run).fold > 0)
            c.folds = std::max(c.folds, run.recipe.at("data").value("folds", std::int64_t(0)));
    }
    c.repeats.assign(repeats.begin(), repeats.end());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        ComparedModel m;
        for (const auto &run : groups[i].runs)
            if (run.id == 0)
                continue; // a plan
            else if (counts(run))
                m.runs.push_back(run);
            else
                c.uncounted.push_back({labels[i], run});
        if (m.runs.empty())
            continue;
        m.label = labels[i];
        m.section = groups[i].section;
        c.models.push_back(std::move(m));
    }
    std::sort(c.uncounted.begin(), c.uncounted.end(),
              [](const UncountedRun &a, const UncountedRun &b) { return a.run.id < b.run.id; });
    addUncountedWarning(c, done, all);
    addDifferenceWarning(c, whole, plan);
    bool any = false;
    for (auto &m : c.models) {
        summarize(c, m);
        any = any || m.score.count > 0;
    }
    if (!any)
        throw Error({"score", fmt::format("a score that the runs have (auto, {})", fmt::join(scoresOf(whole), ", ")),
                     "\"" + c.score + "\"", "take score=auto"});
    if (!plan || !plan->varies("model.weights"))
        addWeightsWarning(c);

    std::vector<double> p;
    std::size_t untested = 0;
    c.eachPair([&](std::size_t i, std::size_t j, std::size_t) {
        c.tests.push_back(
            pairedTest(c.models[i].scores, c.models[j].scores, c.folds > 1 ? 1 / static_cast<double>(c.folds - 1) : 0));
        p.push_back(c.tests.back().p);
        untested += c.tests.back().pairs < 2;
    });
    c.holm = holm(p);
    if (c.repeats.size() < 2)
        c.warnings.push_back(c.folds > 0 ? "Only one fold has a score so far: there is no spread and no test yet."
                                         : "There is one seed only: no spread and no test. Give compare.seeds two or more.");
    else if (untested > 0)
        c.warnings.push_back(
            fmt::format("Models with fewer than two {}s in common are not tested against each other.", wordOf(c.repeats)));
    return c;
}

std::string sharedSlicesWarning(const Compared &c)
{
    if (c.part != "validation")
        return {};
    return std::string("The validation slices that the scores are of also chose which weights of each run were kept, which "
                       "favors every model a little. ") +
           (c.folds > 0 ? "The report of the comparison has the scores of each fold on its own test slices."
                        : "Set data.test-fraction to keep slices for a test.");
}

} // namespace reticle
