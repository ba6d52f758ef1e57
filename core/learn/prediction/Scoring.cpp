#include "learn/prediction/Scoring.h"

#include "data/Dataset.h"
#include "learn/Machine_p.h"
#include "learn/Task_p.h"
#include "learn/prediction/Ensemble_p.h"
#include "learn/prediction/ImagePredictor.h"
#include "learn/training/Checkpoint_p.h"

#include <cmath>

namespace reticle {

namespace {

Json scoresOf(const Project &project, const RunInfo &run, const std::string &part, const std::string &device,
              const std::function<bool()> &goOn, const std::string &where)
{
    const Recipe recipe(run.recipe);
    const Json description = modelDescription(project.runFolder(run.id));
    std::vector<std::string> notes; // of labels that were changed since the training; others have none
    const auto data = openDataset(recipe, {description, where}, notes);
    const auto task = Task::create(recipe, data);
    if (!task->has(part))
        throw Error({where, part + " " + data->exampleNoun() + "s", "none", "give data." + part + "-fraction"});
    const auto train = TrainOptions::schema().read(recipe.section("train"), "train");
    prepareThread(train.threads);
    const auto model = readModel(project.runFolder(run.id));
    const auto module = anyModuleOf(model.file.info, task->shape());
    loadModel(*module, model);
    const auto place = chooseDevice(device);
    module->to(place);
    task->objective().begin({task->examples(), task->range(), place});
    bool whole = true;
    const auto v =
        task->evaluate({*module, preferBfloat16(train.precision, place), place, 0, [&] { return whole = goOn(); }}, part);
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
