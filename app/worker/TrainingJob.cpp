#include "TrainingJob.h"

#include "Catalogue.h"
#include "Environment.h"
#include "base/ImageSource.h"
#include "learn/Training.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <new>

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
    } catch (const std::exception &e) {
        throw Error(Error::Kind::Failed, "", fmt::format("An unexpected failure: {}.", e.what()));
    }
}

namespace {

void takeInInputs(Project &project, const Recipe &recipe)
{
    const Json &data = recipe.section("data");
    if (!data.contains("name"))
        return;
    const SchemaInfo &schema = catalog().find("datasets", data.at("name").get<std::string>());
    for (const auto &field : schema.fields) {
        if (field.type != Field::Type::Path)
            continue;
        const auto path = data.value(field.name, "");
        if (!path.empty())
            project.addInput(path, field.name, openImage(path)->info().toJson());
    }
}

void warnOfChangedInputs(const Project &project, const RunInfo &run, EventSink &events)
{
    if (!run.recipe.contains("data") || !run.recipe["data"].is_object())
        return;
    // Of several contents under one path the last one taken in is the one that the run may have seen.
    std::map<std::string, InputInfo> last;
    for (const auto &input : project.inputs())
        last[input.path] = input;
    for (const auto &value : run.recipe["data"]) {
        if (!value.is_string() || !last.count(value.get<std::string>()))
            continue;
        const InputInfo &input = last[value.get<std::string>()];
        const std::string state = project.inputState(input);
        if (state == "changed")
            events.emit({.kind = Event::Kind::Warning,
                         .run = run.id,
                         .text = fmt::format("{} has changed since it was taken in: the resumed run goes on with other "
                                             "data.", input.path)});
    }
}

} // namespace

RunInfo prepareRun(Project &project, const Recipe &recipe, std::int64_t resume, EventSink &events)
{
    for (const auto &warning : Environment::get().warnings)
        events.emit({.kind = Event::Kind::Warning, .run = resume, .text = warning});
    if (resume > 0) {
        const RunInfo run = project.claimRun(resume);
        warnOfChangedInputs(project, run, events);
        return run;
    }
    takeInInputs(project, recipe);
    return project.createRun(recipe);
}

RunInfo trainRun(Project &project, const RunInfo &run, EventSink &events, RunControl &control)
{
    try {
        try {
            const TrainingOutcome outcome = train(project, run, catalog(), events, control);
            RunInfo ended = project.run(run.id);
            ended.status = outcome.status;
            if (!outcome.summary.is_null())
                ended.summary = outcome.summary;
            project.updateRun(ended);
            return ended;
        } catch (...) {
            rethrowAsError();
        }
    } catch (const Error &e) {
        const bool cancelled = e.kind() == Error::Kind::Cancelled;
        RunInfo ended = run;
        try {
            ended = project.run(run.id);
            ended.status = cancelled ? RunStatus::Cancelled : RunStatus::Failed;
            ended.message = cancelled ? "" : e.what();
            project.updateRun(ended);
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
