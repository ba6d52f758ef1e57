#include "EstimateTraining.h"

#include "Catalog.h"
#include "WorkerTasks.h"
#include "foundation/Params.h"
#include "learn/training/TrainingRecord.h"

#include <fmt/format.h>

#include <limits>

namespace reticle {

Json trainingEstimateAnswer(const Json &params)
{
    const Params in(params, "training-estimate");
    constexpr auto maximum = std::numeric_limits<std::int64_t>::max();
    const auto channels = in.within("channels", 0, maximum, 0), classes = in.within("classes", 0, maximum, 0);
    const auto recipe = Recipe(in.object("recipe")).withAbsolutePaths(catalog(), workingFolder()).validated(catalog());
    if (!recipe.compares())
        return trainingEstimate(recipe, channels, classes);
    const auto planned = recipe.compared();
    Json answer = trainingEstimate(planned.front(), channels, classes);
    if (planned.size() > 1)
        answer["text"] = fmt::format("First of {} runs: {}", planned.size(), answer["text"].get<std::string>());
    return answer;
}

Json trainingEstimate(const Recipe &recipe, std::int64_t channels, std::int64_t classes)
{
    return estimateTraining(TrainingHistory().read(), trainingQuestion(recipe, channels, classes)).toJson();
}

} // namespace reticle
