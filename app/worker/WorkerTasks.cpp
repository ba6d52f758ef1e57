#include "WorkerTasks.h"

#include "Environment.h"
#include "OutputPlace.h"
#include "analysis/Analysis.h"
#include "base/ImageSource.h"
#include "learn/Inference.h"

namespace reticle {

void predictToFile(const PredictTask &task, EventSink &events, RunControl &control)
{
    const PredictOptions options = PredictOptions::schema().read(task.options, "predict");
    const Project project = Project::open(task.project);
    const RunInfo run = project.run(task.run);
    // What the model was trained on is never written over.
    requireOtherThan(task.output, task.input);
    const Json data = run.recipe.value("data", Json::object());
    for (const char *field : {"images", "labels"})
        if (const std::string used = data.value(field, ""); !used.empty())
            requireOtherThan(task.output, used);
    const auto source = openImage(task.input);
    for (const auto &warning : Environment::get().warnings)
        events.emit({.kind = Event::Kind::Warning, .run = run.id, .text = warning});
    Predictor predictor(project.runFolder(run.id), options);
    predictor.predictStack(*source, task.output, events, control);
}

std::pair<Result, std::int64_t> analyzeToFolder(const AnalyzeTask &task, EventSink &events, RunControl &control)
{
    std::optional<Project> project;
    if (!task.project.empty())
        project = Project::open(task.project);
    else if (task.run > 0)
        throw Error({"--run", "a project with it", "none", "give --project DIR"});
    if (task.run > 0)
        project->run(task.run);
    const Result result = analyze(task.name, {project ? &*project : nullptr, task.run, task.options}, events, control);
    for (const auto &warning : result.warnings)
        events.emit({.kind = Event::Kind::Warning, .run = task.run, .text = warning});
    // First where it is safe: a folder that fills up then costs the copy only.
    const std::int64_t number = project ? project->addResult(task.run, result, task.options) : 0;
    if (!task.output.empty())
        result.save(task.output);
    return {result, number};
}

} // namespace reticle
