#include "learn/prediction/Predictor.h"

#include "learn/Task_p.h"
#include "project/ModelFiles.h"

namespace reticle {

namespace {

const TaskKind &kindOf(const std::string &task, const std::string &where)
{
    const auto &tasks = Registry<TaskKind>::instance();
    if (!tasks.contains(task))
        throw Error({where, "a model that learned one of the tasks " + orList(tasks.names()), "\"" + task + "\"",
                     "predict with the version of Reticle that trained it"});
    return tasks.get(task).factory;
}

} // namespace

Json modelDescription(const std::filesystem::path &runFolder)
{
    return readModelDescription(runFolder);
}

PixelOutput pixelOutputOf(const Json &described)
{
    return kindOf(taskOf(described), "task").pixels;
}

std::unique_ptr<Predictor> Predictor::open(const std::filesystem::path &runFolder, const PredictOptions &options)
{
    const auto task = taskOf(modelDescription(runFolder));
    const auto &kind = kindOf(task, (runFolder / modelfiles::description).string());
    if (!kind.predictor)
        throw Error(Error::Kind::Input, runFolder.string(),
                    "A model of the task " + task + " cannot predict files. Choose a run of another task.");
    return kind.predictor(runFolder, options);
}

Predictor::~Predictor() = default;

} // namespace reticle
