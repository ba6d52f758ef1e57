#include "learn/training/Training.h"

#include "compare/ComparisonPlan.h"
#include "data/Dataset.h"
#include "learn/Module_p.h"
#include "learn/training/Trainer_p.h"
#include "learn/training/TrainingRecord.h"
#include "project/RunJournal.h"
#include "project/RunPulse.h"

namespace reticle {

namespace {

/// For estimates of trainings to come. Nothing that fails here is a failure of the training.
void remember(const Recipe &recipe, const Json &summary, const Task &task)
{
    try {
        TrainingHistory().add(pastTraining(recipe, summary, task.shape().channels, task.classes()));
    } catch (const std::exception &) {
    }
}

} // namespace

TrainingOutcome train(Project &project, const RunInfo &run, const Catalog &catalog, EventSink &events, RunControl &control)
{
    const RunPulse pulse(project.folder(), run.id);
    RunJournal journal(project, run, events);
    const auto recipe = Recipe(run.recipe).validated(catalog);
    const auto data = openDataset(recipe);
    for (const auto &note : data->notes())
        events.emit({.kind = Event::Kind::Warning, .run = run.id, .text = note});
    TrainerInput input;
    input.task = Task::create(recipe, data);
    input.task->checkData();
    if (!data->summary().empty())
        events.emit({.kind = Event::Kind::Log, .run = run.id, .text = "Data: " + data->description() + "."});
    input.train = TrainOptions::schema().read(recipe.section("train"), "train");
    input.model = recipe.section("model");
    input.seed = recipe.seed();
    input.device = recipe.device();
    input.description = {{"recipe", recipe.json()}};
    input.folder = project.runFolder(run.id);
    input.run = run.id;
    input.dropMetrics = [&](std::int64_t step) { journal.drop(step); };
    input.keepMetrics = [&](const std::vector<Event> &metrics) { journal.keep(metrics); };
    input.keepState = [&](std::int64_t step, double seconds, const Json &summary) {
        journal.state(control.pausing() ? RunStatus::Paused : RunStatus::Running, step, seconds, summary);
    };
    const auto task = input.task;
    const auto outcome = runTraining(std::move(input), events, control);
    if (outcome.complete && journal.waiting() == 0)
        try {
            // As it had ended before, with its time and its summary. One that was killed in between is done from now on.
            if (project.giveBackRun(run.id) && project.run(run.id).status == RunStatus::Done)
                return outcome;
        } catch (const ProjectLocked &) {
            // Waited for below.
        }
    journal.end(outcome.status, outcome.summary, &control);
    if (outcome.status == RunStatus::Done && !outcome.complete)
        remember(recipe, outcome.summary, *task);
    return outcome;
}

void checkComparison(const Recipe &recipe)
{
    const ComparisonPlan plan(recipe);
    std::shared_ptr<Dataset> data;
    Json section, checked; // of the data, and the objective that these were checked for
    for (const auto &setting : plan.settings) {
        const Recipe one(setting.recipe);
        try {
            if (!data || one.section("data") != section) {
                data.reset(); // not two at once
                data = openDataset(one);
                section = one.section("data");
                checked = Json();
            }
            const auto task = Task::create(one, data);
            if (one.section("objective") != checked)
                task->checkData();
            checked = one.section("objective");
            const auto module = makeAnyModule(one.section("model"), task->shape());
            task->checkCompatible(*module);
        } catch (const Error &e) {
            if (plan.axes.empty())
                throw;
            throw e.within(setting.label);
        }
    }
}

} // namespace reticle
