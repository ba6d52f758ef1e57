#include "learn/Training.h"

#include "base/ComparisonPlan.h"
#include "base/Dataset.h"
#include "base/Frame.h"
#include "base/project/RunJournal.h"
#include "base/project/RunPulse.h"
#include "data/SegmentationData.h"
#include "learn/Module_p.h"
#include "learn/Trainer_p.h"
#include "learn/TrainingRecord.h"

namespace reticle {

namespace {

std::shared_ptr<SegmentationData> loadData(const Recipe &recipe)
{
    return imagesOf(openDataset(recipe));
}

/// An objective for masks cannot learn several classes: said before anything is trained, with the first slice at fault.
void checkClasses(const SegmentationData &data, const Json &section)
{
    const auto objective = makeMapObjective(section, data.hasLabels() ? data.classCounts() : std::vector<std::int64_t>());
    if (objective->reconstructs())
        return;
    if (!data.hasLabels())
        throw Error({"objective.name", "mse, l1 or ssim for data of images alone",
                     "\"" + section.at("name").get<std::string>() + "\"",
                     "choose one of these, or the data set segmentation with labels"});
    const auto told = classesTold(*objective, outputsFor(*objective, data.channels(), data.planes(), data.classes()));
    if (data.classes() <= told)
        return;
    CropSource source;
    source.classes = told;
    source.classNames = data.classNames();
    source.name = [&](std::int64_t s) { return data.labelsName(s); };
    for (const auto *part : {&data.split().training, &data.split().validation})
        for (const auto slice : *part)
            source.checkLabels(data.target(slice), slice);
}

/// For estimates of trainings to come. Nothing that fails here is a failure of the training.
void remember(const Recipe &recipe, const Json &summary, const SegmentationData &data)
{
    try {
        TrainingHistory().add(pastTraining(recipe, summary, data.channels(), data.hasLabels() ? data.classes() : 0));
    } catch (const std::exception &) {
    }
}

/// Of a network's input (C, H, W) what a person looks at: the slice itself, which stands in the middle of its
/// neighbours, as (1, H, W), or (H, W, 3) of one in colours.
Array shownInput(const Array &input, std::int64_t context)
{
    const std::int64_t inPage = input.dim(0) / (2 * context + 1), pixels = input.dim(1) * input.dim(2);
    const float *page = input.data<float>() + context * inPage * pixels;
    const std::int64_t shown = inPage == 3 ? 3 : 1;
    Array out(DType::Float32, {input.dim(1), input.dim(2), shown});
    for (std::int64_t i = 0; i < pixels; ++i)
        for (std::int64_t c = 0; c < shown; ++c)
            out.data<float>()[i * shown + c] = page[c * pixels + i];
    return shown == 3 ? out : out.reshaped({1, input.dim(1), input.dim(2)});
}

/// Of a training by groups what lists and tables of runs show of it: which of them are the test. Of very many the first.
Json groupSummary(const SegmentationData &data)
{
    constexpr std::size_t mostKept = 50;
    const auto all = data.groups().among(data.split().test);
    const std::vector<std::string> first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(mostKept, all.size())));
    return {{"column", data.groups().column}, {"test", first}, {"test-count", all.size()}};
}

} // namespace

TrainingOutcome train(Project &project, const RunInfo &run, const Catalog &catalog, EventSink &events, RunControl &control)
{
    const RunPulse pulse(project.folder(), run.id);
    RunJournal journal(project, run, events);
    const auto recipe = Recipe(run.recipe).validated(catalog);
    const auto data = loadData(recipe);
    for (const auto &note : data->notes())
        events.emit({.kind = Event::Kind::Warning, .run = run.id, .text = note});
    checkClasses(*data, recipe.section("objective"));
    const bool grouped = !data->groups().of.empty();
    if (grouped)
        events.emit({.kind = Event::Kind::Log, .run = run.id, .text = "Data: " + data->description() + "."});

    TrainerInput input;
    input.train = TrainOptions::schema().read(recipe.section("train"), "train");
    input.augment = AugmentOptions::schema().read(recipe.section("augment"), "augment");
    input.model = recipe.section("model");
    input.objective = recipe.section("objective");
    input.seed = recipe.seed();
    input.device = recipe.device();
    input.training = CropSource::training(data);
    input.validation = CropSource::validation(data);
    input.dataToCome = data->bytesToCome();
    input.channels = data->channels();
    input.classes = data->classes();
    input.description = {{"recipe", recipe.json()},
                         {"scaling", data->scalingWithSpan().toJson()},
                         {"classNames", data->classNames()},
                         {"split", data->split().toJson()}};
    if (data->hasLabels())
        input.description["labels"] = data->labelClasses().toJson();
    if (grouped)
        input.description["groups"] = data->groupsOfParts();
    if (makeMapObjective(input.objective, data->classCounts())->reconstructs()) {
        input.range = data->valueRange();
        input.description["range"] = input.range;
    }
    input.folder = project.runFolder(run.id);
    input.run = run.id;
    input.dropMetrics = [&](std::int64_t step) { journal.drop(step); };
    input.keepMetrics = [&](const std::vector<Event> &metrics) { journal.keep(metrics); };
    const auto whole = [&](Json summary) {
        if (grouped)
            summary["groups"] = groupSummary(*data);
        return summary;
    };
    input.keepState = [&](std::int64_t step, double seconds, const Json &summary) {
        journal.state(control.pausing() ? RunStatus::Paused : RunStatus::Running, step, seconds, whole(summary));
    };
    auto outcome = runTraining(std::move(input), events, control);
    outcome.summary = whole(std::move(outcome.summary));
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
        remember(recipe, outcome.summary, *data);
    return outcome;
}

namespace {

/// Throws Error where the network of one of a comparison's runs cannot be trained on the data.
void checkRun(const Recipe &one, const std::shared_ptr<SegmentationData> &data)
{
    const auto objective = makeMapObjective(one.section("objective"), data->classCounts());
    const auto outputs = outputsFor(*objective, data->channels(), data->planes(), data->classes());
    const auto module = makeModule(one.section("model"), {data->channels(), outputs});
    const auto crop = TrainOptions::schema().read(one.section("train"), "train").crop;
    module->requireSize(crop, crop);
    requireSlices(*module, CropSource::validation(data));
}

} // namespace

void checkComparison(const Recipe &recipe)
{
    const ComparisonPlan plan(recipe);
    std::shared_ptr<SegmentationData> data;
    Json section, checked; // of the data, and the objective that these were checked for
    for (const auto &setting : plan.settings) {
        const Recipe one(setting.recipe);
        try {
            if (!data || one.section("data") != section) {
                data.reset(); // not two at once
                data = loadData(one);
                section = one.section("data");
                checked = Json();
            }
            if (one.section("objective") != checked)
                checkClasses(*data, one.section("objective"));
            checked = one.section("objective");
            checkRun(one, data);
        } catch (const Error &e) {
            if (plan.axes.empty())
                throw;
            throw e.within(setting.label);
        }
    }
}

Json augmentPreview(const Recipe &recipe, int count)
{
    const auto data = loadData(recipe);
    const auto options = TrainOptions::schema().read(recipe.section("train"), "train");
    CropOptions crops{.batch = 1,
                      .crop = options.crop,
                      .foregroundOversampling = options.foregroundOversampling,
                      .augment = AugmentOptions::schema().read(recipe.section("augment"), "augment"),
                      .seed = recipe.seed()};
    const auto source = CropSource::training(data);
    const auto context = recipe.section("data").value("context", std::int64_t(0));
    const bool reconstructs = makeMapObjective(recipe.section("objective"), data->classCounts())->reconstructs();
    // A pixel is shown in one float or three, with its label: this is what the answer holds.
    const auto planes = 2 * context + 1;
    const double bytes =
        static_cast<double>(count) * static_cast<double>(options.crop * options.crop) * (data->channels() / planes == 3 ? 13 : 5);
    if (bytes > 0.9 * maxFrameBytes)
        throw Error(Error::Kind::Input, "train.crop",
                    "A preview of " + std::to_string(count) + " crops of " + std::to_string(options.crop) +
                        " px is too large to be sent. Choose a smaller crop or fewer examples.");
    Json images = Json::array(), targets = Json::array();
    const CropBatches batches(source, crops);
    for (int i = 0; i < count; ++i) {
        const auto batch = batches.batch(i);
        images.push_back(shownInput(batch.at("image").at(0), context).toJson());
        if (!reconstructs)
            targets.push_back(batch.at("labels").at(0).toJson());
    }
    return {{"images", images}, {"targets", targets}};
}

} // namespace reticle
