#include "learn/Scoring.h"

#include "data/SegmentationData.h"
#include "learn/Checkpoint_p.h"
#include "learn/Ensemble_p.h"
#include "learn/Inference.h"
#include "learn/Machine_p.h"
#include "learn/Trainer_p.h"

#include <cmath>

namespace reticle {

namespace {

Json scoresOf(const Project &project, const RunInfo &run, const std::string &part, const std::string &device,
              const std::function<bool()> &goOn, const std::string &where)
{
    const Recipe recipe(run.recipe);
    const Json description = modelDescription(project.runFolder(run.id));
    std::vector<std::string> notes; // of labels that were changed since the training; others have none
    const auto data = imagesOf(openDataset(recipe, {description, where}, notes));
    auto source = CropSource::validation(data);
    if (part == "test")
        source.slices = data->split().test;
    if (source.slices.empty())
        throw Error({where, part + " slices", "none", "give data." + part + "-fraction"});
    const auto train = TrainOptions::schema().read(recipe.section("train"), "train");
    prepareThread(train.threads);
    const auto objective = makeMapObjective(recipe.section("objective"), data->classCounts());
    const bool images = objective->reconstructs();
    const auto range = images ? data->valueRange() : 1;
    objective->setRange(range);
    const auto outputs = outputsFor(*objective, data->channels(), data->planes(), data->classes());
    source.classes = classesTold(*objective, outputs);
    const auto model = readModel(project.runFolder(run.id));
    const auto module = moduleOf(model.file.info, {data->channels(), outputs});
    loadModel(*module, model);
    const auto place = chooseDevice(device);
    module->to(place);
    bool whole = true;
    const auto v = validate(*module, {*objective, source, data->classes(), range, preferBfloat16(train.precision, place), place},
                            [&] { return whole = goOn(); });
    if (!whole)
        throw Error(Error::Kind::Cancelled, where, "cancelled");
    Json scores{{"loss", v.loss}};
    for (const auto &[name, value] : v.scores)
        scores[name] = value;
    for (auto &[name, value] : scores.items())
        if (!std::isfinite(value.get<double>()))
            value = nullptr;
    return scores;
}

} // namespace

Json scoreModel(const Project &project, const RunInfo &run, const std::string &part, const std::string &device,
                const std::function<bool()> &goOn)
{
    const auto where = "run " + std::to_string(run.id);
    try {
        return scoresOf(project, run, part, device, goOn, where);
    } catch (const Error &) {
        throw;
    } catch (const std::exception &e) {
        throw Error(Error::Kind::Failed, where,
                    isOutOfMemory(e) ? "out of memory: close what else takes memory, or choose another device" : e.what());
    }
}

} // namespace reticle
