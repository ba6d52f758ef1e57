#include "TrainingJob.h"

#include "Catalog.h"
#include "Environment.h"
#include "WorkerTasks.h"
#include "analysis/Analysis.h"
#include "compare/Comparison.h"
#include "data/Dataset.h"
#include "learn/prediction/Ensemble.h"
#include "learn/training/Training.h"
#include "project/LockWait.h"
#include "protocol/SubProgress.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <new>
#include <set>

namespace reticle {

void rethrowAsError()
{
    try {
        throw;
    } catch (const Error &) {
        throw;
    } catch (const std::bad_alloc &) {
        throw Error(Error::Kind::Failed, "", "There is not enough memory; use a smaller crop, tile or batch.");
    } catch (const c10::Error &e) {
        std::string text = e.what_without_backtrace();
        if (text.find("not enough memory") != std::string::npos || text.find("out of memory") != std::string::npos)
            throw Error(Error::Kind::Failed, "", "There is not enough memory; use a smaller crop, tile or batch.");
        throw Error(Error::Kind::Failed, "LibTorch", text.substr(0, text.find('\n')));
    } catch (const std::filesystem::filesystem_error &e) {
        // A name that is too long or a folder that may not be read says so at its first use, wherever that is.
        throw Error(Error::Kind::Failed, e.path1().string(), e.code().message() + ". Choose another place.");
    } catch (const std::exception &e) {
        throw Error(Error::Kind::Failed, "", fmt::format("An unexpected failure: {}.", e.what()));
    }
}

namespace {

/// `taken`: roles and paths that have been taken in already.
void takeInInputs(Project &project, const Recipe &recipe, EventSink &events, std::set<std::pair<std::string, std::string>> &taken)
{
    const Json &data = recipe.section("data");
    if (!data.contains("name"))
        return;
    const auto &kind = Registry<DataKind>::instance().get(data.at("name").get<std::string>(), "data.name");
    for (const auto &field : kind.schema.fields) {
        if (field.type != Field::Type::Path)
            continue;
        const auto path = data.value(field.name, "");
        if (path.empty() || !taken.emplace(field.name, path).second)
            continue;
        auto input = kind.factory.describeInput ? kind.factory.describeInput(field.name, path) : DescribedInput();
        for (const auto &note : input.notes)
            events.emit({.kind = Event::Kind::Warning, .text = note});
        project.addInput(path, field.name, std::move(input.description), Project::Compared::Whole,
                         input.subfolders ? Project::Reach::Subfolders : Project::Reach::Files);
    }
}

void takeInInputs(Project &project, const Recipe &recipe, EventSink &events)
{
    std::set<std::pair<std::string, std::string>> taken;
    takeInInputs(project, recipe, events, taken);
}

/// Of a comparison those of every run: data may be what varies.
void takeInInputsOfAll(Project &project, const Recipe &recipe, EventSink &events)
{
    std::set<std::pair<std::string, std::string>> taken;
    for (const auto &setting : ComparisonPlan(recipe).settings)
        takeInInputs(project, Recipe(setting.recipe), events, taken);
}

/// Whether a training has made a step of its own: until then a run that was taken up again is as it was.
class StepWatch : public EventSink
{
public:
    explicit StepWatch(EventSink &events) : m_events(events) {}
    void emit(const Event &event) override
    {
        if (event.kind == Event::Kind::Started)
            m_start = event.step;
        else if (m_start >= 0 && event.step > m_start)
            m_stepped = true;
        m_events.emit(event);
    }
    bool stepped() const { return m_stepped; }

private:
    EventSink &m_events;
    std::atomic<std::int64_t> m_start{-1};
    std::atomic<bool> m_stepped{false};
};

/// Hours of work are not lost to another program that keeps the project locked for a while: what writes is tried again for ten
/// minutes, or until `control` is asked to end. Throws what `write` throws, and ProjectLocked at the end.
template <class Write>
auto patiently(Project &project, EventSink &events, std::int64_t run, const RunControl &control, Write &&write)
{
    constexpr int each = 2000, usual = 10000; // ms
    const struct Patience
    {
        explicit Patience(Project &p) : project(p) { project.setPatience(each); }
        ~Patience()
        {
            try {
                project.setPatience(usual);
            } catch (const Error &) {
                // The next write says what is wrong.
            }
        }
        Project &project;
    } patience(project);
    const LockWait wait(&control);
    for (bool first = true;; first = false)
        try {
            return write();
        } catch (const ProjectLocked &) {
            if (wait.isOver())
                throw;
            if (first)
                events.emit({.kind = Event::Kind::Warning,
                             .run = run,
                             .text = "Another program keeps the project locked. The work continues when the project is free "
                                     "again. Close the other program."});
        }
}

constexpr const char *resumedWithOthers =
    "The resumed run continues with the changed data. To train on the earlier data, restore "
    "the file and resume the run again.";

void warnOfMovedInputs(const Project &project, std::int64_t run, EventSink &events)
{
    for (const auto &sentence : project.movedInputs(run))
        events.emit({.kind = Event::Kind::Warning, .run = run, .text = sentence});
}

} // namespace

namespace {

void warnOfMachine(std::int64_t run, EventSink &events)
{
    for (const auto &warning : Environment::get().warnings)
        events.emit({.kind = Event::Kind::Warning, .run = run, .text = warning});
}

/// The analysis that reports a comparison: the one that its recipe names, where this program has it.
std::string reportOf(const ComparisonInfo &comparison)
{
    const Json named = Recipe(comparison.recipe).section("compare").value("_report", Json());
    if (named.is_string())
        for (const auto &schema : catalog().kinds.at("analyses"))
            if (schema.name == named.get<std::string>())
                return schema.name;
    return "compare-runs";
}

/// What the runs of a comparison gave, kept as a result: of those that are done, with what became of the others. Where
/// the comparison was ended, from what training measured alone, which takes no time.
void keepReport(Project &project, const ComparisonInfo &comparison, std::int64_t run, EventSink &events, RunControl &control)
{
    Json options{{"comparison", comparison.id}};
    RunControl free;
    const bool ended = control.ending() != RunControl::End::None;
    const auto report = reportOf(comparison);
    if (ended && report == "compare-runs") {
        options["examples"] = 0;
        options["regions"] = false;
        options["part"] = "validation";
    }
    const Result result = analyze(report, {&project, run, options}, events, ended ? free : control);
    for (const auto &warning : result.warnings)
        events.emit({.kind = Event::Kind::Warning, .run = run, .text = warning});
    patiently(project, events, run, control, [&] { return project.addResult(run, result, options); });
    events.emit({.kind = Event::Kind::Log, .run = run, .text = result.summary});
}

/// Of a report for which something else has already gone wrong: that is the one to tell.
void tryToKeepReport(Project &project, const ComparisonInfo &comparison, std::int64_t run, EventSink &events, RunControl &control)
{
    try {
        keepReport(project, comparison, run, events, control);
    } catch (const std::exception &e) {
        events.emit({.kind = Event::Kind::Warning, .run = run, .text = fmt::format("No report was made: {}", e.what())});
    }
}

/// Of each setting of a cross-validation all of its runs as one, once all are done.
void makeEnsembles(Project &project, const ComparisonInfo &comparison, EventSink &events)
{
    const Recipe recipe(comparison.recipe);
    const auto folds = recipe.section("compare").value("folds", std::int64_t(0));
    if (folds < 2)
        return;
    const ComparisonPlan plan(recipe);
    const auto runs = project.runsOf(comparison.id);
    const auto all = project.runs();
    for (const auto &setting : plan.settings) {
        std::map<Repeat, std::int64_t> members; // of several runs of a fold the latest
        for (const auto &run : runs)
            if (run.status == RunStatus::Done && plan.alike(run.recipe, setting.recipe))
                members[repeatOf(run)] = run.id;
        std::vector<std::int64_t> ids;
        for (const auto &[repeat, id] : members)
            ids.push_back(id);
        if (ids.size() < 2 ||
            std::ranges::any_of(all, [&](const RunInfo &r) { return r.status == RunStatus::Done && ensembleMembers(r) == ids; }))
            continue;
        try {
            const auto made = makeEnsemble(project, ids,
                                           fmt::format("{}{}{}, ensemble of {} {}s", recipe.title(),
                                                       recipe.title().empty() ? "" : ": ", setting.label, ids.size(),
                                                       ids.size() == static_cast<std::size_t>(folds) ? "fold" : "run"));
            events.emit({.kind = Event::Kind::Log,
                         .run = ids.back(),
                         .text = fmt::format("Run {} ({}) predicts the mean of what these runs predict.", made.id, made.title)});
        } catch (const Error &e) {
            events.emit(
                {.kind = Event::Kind::Warning, .run = ids.back(), .text = fmt::format("No ensemble was made: {}", e.what())});
        }
    }
}

RecipeOutcome runComparison(Project &project, const ComparisonInfo &comparison, EventSink &events, RunControl &control)
{
    const Recipe recipe(comparison.recipe);
    const auto planned = recipe.compared();
    const ComparisonPlan plan(recipe);
    const auto notes = comparisonNotes(recipe, catalog());
    RecipeOutcome outcome;
    outcome.comparison = comparison.id;
    std::size_t done = 0;
    bool told = false;
    std::int64_t last = 0; ///< a run that is done
    for (std::size_t i = 0; i < planned.size() && control.ending() == RunControl::End::None; ++i) {
        const auto &one = planned[i];
        std::optional<RunInfo> run;
        for (const auto &r : project.runsOf(comparison.id))
            if (plan.alike(r.recipe, one.json()) && repeatOf(r) == repeatOf(one))
                run = r;
        if (run && run->status == RunStatus::Done) {
            outcome.run = *run;
            last = run->id;
            ++done;
            continue;
        }
        const bool again = run.has_value();
        if (!again)
            run = patiently(project, events, 0, control, [&] { return project.createRun(one, comparison.id); });
        SubProgress whole(events, i, planned.size(), [&](Event &event) {
            if (event.kind == Event::Kind::Progress)
                event.data["comparison"] = {{"id", comparison.id}, {"index", i}, {"count", planned.size()}};
        });
        events.emit({.kind = Event::Kind::Log,
                     .run = run->id,
                     .text = fmt::format("Comparison {}, {} of {}: {}", comparison.id, i + 1, planned.size(), run->title)});
        for (const auto &note : notes)
            if (!told)
                events.emit({.kind = Event::Kind::Warning, .run = run->id, .text = note});
        told = true;
        try {
            outcome.run = trainRun(
                project, again ? patiently(project, events, run->id, control, [&] { return project.claimRun(run->id); }) : *run,
                whole, control);
            outcome.status = outcome.run.status;
            if (outcome.status == RunStatus::Done) {
                last = run->id;
                ++done;
            }
        } catch (const Error &e) {
            outcome.run = project.run(run->id);
            if (e.kind() != Error::Kind::Failed) { // what is wrong with data or settings is wrong for all
                if (last > 0)
                    tryToKeepReport(project, comparison, last, events, control);
                throw;
            }
            outcome.message = fmt::format("Run {} ({}) failed: {}", run->id, run->title, e.what());
            events.emit({.kind = Event::Kind::Warning, .run = run->id, .text = outcome.message});
        }
    }
    const auto ending = control.ending();
    outcome.status = ending == RunControl::End::Cancel                          ? RunStatus::Cancelled
                     : ending == RunControl::End::Stop && done < planned.size() ? RunStatus::Stopped
                     : outcome.message.empty()                                  ? RunStatus::Done
                                                                                : RunStatus::Failed;
    if (done == planned.size())
        makeEnsembles(project, comparison, events);
    if (done == planned.size())
        keepReport(project, comparison, last, events, control);
    else if (last > 0)
        tryToKeepReport(project, comparison, last, events, control);
    return outcome;
}

} // namespace

RecipeOutcome runRecipe(Project &project, const Recipe &recipe, std::int64_t resume, EventSink &events, RunControl &control)
{
    std::int64_t comparison = 0;
    if (resume > 0) {
        const RunInfo run = project.run(resume);
        comparison = run.comparison;
        if (comparison > 0) {
            warnOfMachine(resume, events);
            warnOfMovedInputs(project, resume, events);
            warnOfChangedInputs(project, run, resumedWithOthers, events);
        }
    } else if (recipe.compares()) {
        warnOfMachine(0, events);
        checkComparison(recipe);
        takeInInputsOfAll(project, recipe, events);
        comparison = project.createComparison(recipe).id;
        if (const Json &compare = recipe.section("compare"); compare.contains("axes") || listsSettings(compare))
            events.emit({.kind = Event::Kind::Log, .text = gridText(recipe.section("compare"))});
    }
    if (comparison > 0)
        return runComparison(project, project.comparison(comparison), events, control);
    const RunInfo ended = trainRun(project, prepareRun(project, recipe, resume, events, control), events, control);
    return {ended, 0, ended.status, {}};
}

RunInfo prepareRun(Project &project, const Recipe &recipe, std::int64_t resume, EventSink &events, RunControl &control)
{
    warnOfMachine(resume, events);
    if (resume > 0) {
        if (!ensembleMembers(project.run(resume)).empty())
            throw Error({"run " + std::to_string(resume), "a run that was trained", "an ensemble, which cannot be resumed",
                         "resume its members, or start a new run"});
        warnOfMovedInputs(project, resume, events);
        warnOfChangedInputs(project, project.run(resume), resumedWithOthers, events);
        return patiently(project, events, resume, control, [&] { return project.claimRun(resume); });
    }
    takeInInputs(project, recipe, events);
    return patiently(project, events, 0, control, [&] { return project.createRun(recipe); });
}

RunInfo trainRun(Project &project, const RunInfo &run, EventSink &events, RunControl &control)
{
    StepWatch watch(events);
    try {
        try {
            train(project, run, catalog(), watch, control);
            return project.run(run.id);
        } catch (...) {
            rethrowAsError();
        }
    } catch (const Error &e) {
        const bool cancelled = e.kind() == Error::Kind::Cancelled;
        RunInfo ended = run;
        try {
            ended = project.run(run.id);
            // A run that was taken up again and has made no step stays as it had ended.
            // One whose project stayed locked to the end reads as interrupted, and resuming it saves what waits.
            if (dynamic_cast<const ProjectLocked *>(&e) == nullptr && (watch.stepped() || !project.giveBackRun(run.id))) {
                ended.status = cancelled ? RunStatus::Cancelled : RunStatus::Failed;
                ended.message = cancelled ? "" : e.what();
                patiently(project, events, run.id, control, [&] { project.updateRun(ended); });
            }
        } catch (const Error &) {
            // The disk may be what failed; the run then reads as interrupted, and the first error is the one to tell.
        }
        events.emit({.kind = cancelled ? Event::Kind::Cancelled : Event::Kind::Failed,
                     .run = run.id,
                     .time = ended.seconds,
                     .step = ended.step,
                     .text = e.what()});
        throw;
    }
}

} // namespace reticle
