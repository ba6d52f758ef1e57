#include "WorkerTasks.h"

#include "Environment.h"
#include "analysis/Analysis.h"
#include "files/OutputGuard.h"
#include "files/Pictures.h"
#include "files/StackWriter.h"
#include "learn/prediction/ImagePredictor.h"
#include "simulate/Simulator.h"

#include <fmt/format.h>

#include <chrono>
#include <set>

namespace reticle {

namespace {

void warn(EventSink &events, std::int64_t run, const std::string &sentence)
{
    events.emit({.kind = Event::Kind::Warning, .run = run, .text = sentence});
}

/// What was left out of the files that an analysis is given. Files that cannot be read are left to the analysis.
void warnOfFiles(const Json &options, std::int64_t run, EventSink &events)
{
    if (!options.is_object())
        return;
    std::set<std::string> said; // images and labels may be in one folder
    for (const auto &[name, value] : options.items()) {
        const std::filesystem::path path = value.is_string() ? value.get<std::string>() : std::string();
        std::error_code ec;
        const auto extension = path.extension().string();
        const bool tiff = (extension == ".tif" || extension == ".tiff") && std::filesystem::is_regular_file(path, ec);
        const bool folder = !name.starts_with("output") && std::filesystem::is_directory(path, ec);
        if (!tiff && !folder)
            continue;
        try {
            const auto source = openPictures(path, name == "labels" ? PictureKind::Labels : PictureKind::Images);
            for (const auto &note : source->info().notes)
                if (said.insert(note).second)
                    warn(events, run, note);
        } catch (const Error &) {
        }
    }
}

/// Whether the model in a run's folder makes images of images. What is wrong with it is said by the prediction.
bool predictsImages(const std::filesystem::path &runFolder)
{
    try {
        return pixelOutputOf(modelDescription(runFolder)) != PixelOutput::None;
    } catch (const Error &) {
        return true;
    }
}

Place predictionPlace(const std::filesystem::path &output, bool images)
{
    if (images)
        return stackPlace(output);
    std::error_code code;
    return output.extension().empty() || std::filesystem::is_directory(output, code) ? Place::Folder : Place::File;
}

} // namespace

void warnOfChangedInputs(const Project &project, const RunInfo &run, const std::string &consequence, EventSink &events)
{
    for (const auto &input : project.inputsOf(run.id)) {
        const std::string state = project.inputState(input);
        if (state == "changed")
            warn(events, run.id, fmt::format("{} has changed since run {} was started. {}", input.path, run.id, consequence));
        if (state == "rewritten")
            warn(events, run.id,
                 fmt::format("{} was written again since run {} was started. Only parts of it were compared, and "
                             "they are the same. If you changed it, start a new run.",
                             input.path, run.id));
    }
}

std::string workingFolder()
{
    std::error_code code;
    const auto folder = std::filesystem::current_path(code);
    return code ? std::string() : folder.string();
}

void requirePredictionOutput(const PredictTask &task)
{
    bool images = true;
    try {
        images = predictsImages(Project::open(task.project).runFolder(task.run));
    } catch (const Error &) { // said by the prediction, after what is wrong with the output
    }
    requireOutput(task.output, predictionPlace(task.output, images));
}

void predictToFile(const PredictTask &task, EventSink &events, RunControl &control)
{
    const PredictOptions options = PredictOptions::schema().read(task.options, "predict");
    const Project project = Project::open(task.project);
    const RunInfo run = project.run(task.run);
    // What the project knows under this name may have been moved together with it.
    std::error_code code;
    const std::string input = std::filesystem::exists(task.input, code) ? task.input : project.whereIs(task.input);
    if (input != task.input)
        warn(events, run.id,
             fmt::format("{} is no longer there. The same content was found at {} and is used.", task.input, input));
    InputsInUse inputs({input});
    protectProject(inputs, project);
    const auto folder = project.runFolder(run.id);
    const bool images = predictsImages(folder);
    requireOutput(task.output, predictionPlace(task.output, images));
    if (!images) {
        for (const auto &warning : Environment::get().warnings)
            warn(events, run.id, warning);
        Predictor::open(folder, options)->predictFile(input, task.output, events, control);
        return;
    }
    const auto source = openPictures(input);
    requireOutput(task.output, stackPlace(task.output)); // an image may be made of further files
    for (const auto &warning : Environment::get().warnings)
        warn(events, run.id, warning);
    for (const auto &note : source->info().notes)
        warn(events, run.id, note);
    ImagePredictor predictor(folder, options);
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
    // Whatever is read stays as it is, also while the tables and figures are written.
    const auto &schema = Registry<AnalysisFactory>::instance().get(task.name, "analysis").schema;
    const Json options = schema.validate(task.options, task.name);
    InputsInUse inputs = inputsOf(schema, options);
    if (project)
        protectProject(inputs, *project);
    if (!task.output.empty()) {
        requireOutput(task.output, Place::Folder);
        requireApart(schema, options, task.output);
        if (std::filesystem::exists(task.output))
            requireOutput(std::filesystem::path(task.output) / "result.json", Place::File);
    }
    if (project && task.run > 0) {
        for (const auto &sentence : project->movedInputs(task.run))
            warn(events, task.run, sentence);
        warnOfChangedInputs(*project, project->run(task.run),
                            "This result describes the file as it is now. Restore the file to evaluate the run with the data "
                            "that it was trained with.",
                            events);
    }
    const bool kept = project && project->whyReadOnly().empty();
    if (project && !kept && task.output.empty())
        warn(
            events, task.run,
            fmt::format("The result is shown but not saved: the project cannot be changed, because {}.", project->whyReadOnly()));
    warnOfFiles(task.options, task.run, events);
    const Result result = analyze(task.name, {project ? &*project : nullptr, task.run, task.options}, events, control);
    for (const auto &warning : result.warnings)
        warn(events, task.run, warning);
    // First where it is safe: a folder that fills up then costs the copy only.
    const std::int64_t number = kept ? project->addResult(task.run, result, task.options) : 0;
    if (!task.output.empty()) {
        result.save(task.output);
        if (project && !kept)
            warn(events, task.run,
                 fmt::format("The result is in {} only: the project cannot be changed, because {}.", task.output,
                             project->whyReadOnly()));
    }
    return {result, number};
}

std::vector<std::filesystem::path> simulateToFolder(const SimulateTask &task, EventSink &events, RunControl &control)
{
    const auto begin = std::chrono::steady_clock::now();
    return simulate(task.name, task.options, task.seed, task.output, [&](std::int64_t done, std::int64_t total) {
        Event e;
        e.kind = Event::Kind::Progress;
        e.time = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        e.step = done;
        e.total = total;
        e.name = "simulate";
        if (total > 0)
            e.value = static_cast<double>(done) / static_cast<double>(total);
        e.data = {{"remaining", done > 0 && total > 0 ? Json(e.time * (1 - e.value) / e.value) : Json(nullptr)}};
        events.emit(e);
        return control.goOn();
    });
}

} // namespace reticle
