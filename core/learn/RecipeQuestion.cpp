// The network that a recipe would train, described before its data are read.

#include "learn/Models.h"
#include "learn/Task_p.h"

#include <algorithm>

namespace reticle {

namespace {

/// Images of a size that is not known, and labels.
std::vector<ArraySpec> unreadImages(std::int64_t channels)
{
    return {{"image", DType::Float32, {channels, -1, -1}, {}, {}}, {"labels", DType::UInt8, {-1, -1}, {}, {}}};
}

bool takesImages(const Json &model)
{
    const auto name = model.is_object() ? model.value("name", std::string()) : std::string();
    return Registry<ModuleFactory>::instance().get(name, "model.name").factory.takes == "image";
}

std::vector<ArraySpec> specsOf(const Recipe &recipe, const KnownEnds &known, std::int64_t planes)
{
    const auto name = recipe.section("data").value("name", std::string(Recipe::findSection("data")->defaultName));
    const auto &kind = Registry<DataKind>::instance().get(name, "data.name");
    std::vector<ArraySpec> specs;
    try {
        if (!kind.factory.probe)
            throw Error(Error::Kind::Input, "data.name",
                        "Networks for these data are described after their training only. Train the recipe first.");
        specs = kind.factory.probe(kind.schema.validate(recipe.section("data"), "data"));
    } catch (const Error &) {
        if (!takesImages(recipe.section("model")))
            throw;
        specs = unreadImages(std::max(planes, known.channels));
    }
    for (auto &spec : specs) {
        if (spec.name == "image" && known.ofModel && known.channels > 0 && !spec.shape.empty())
            spec.shape.front() = known.channels;
        // Headers do not say how many classes there are.
        if (spec.name == "labels" && known.classes > 0 && (known.ofModel || spec.categories.empty())) {
            spec.categories.clear();
            for (std::int64_t c = 0; c < known.classes; ++c)
                spec.categories.push_back(std::to_string(c));
        }
    }
    return specs;
}

} // namespace

KnownEnds endsIn(const Json &description)
{
    KnownEnds ends;
    const auto number = [&](const char *key) {
        const auto it = description.find(key);
        return it != description.end() && it->is_number_integer() ? std::clamp<std::int64_t>(it->get<std::int64_t>(), 0, 65536)
                                                                  : std::int64_t(0);
    };
    if (!description.is_object())
        return ends;
    ends.channels = number("channels");
    ends.classes = number("classes");
    ends.ofModel = true;
    return ends;
}

ModelQuestion questionOf(const Recipe &recipe, const KnownEnds &known)
{
    const auto train = TrainOptions::schema().read(recipe.section("train"), "train");
    ModelQuestion q;
    q.model = recipe.section("model");
    q.objective = recipe.section("objective");
    q.train = recipe.section("train");
    q.planes = 2 * recipe.section("data").value("context", std::int64_t(0)) + 1;
    q.task = Task::sketch(recipe, specsOf(recipe, known, q.planes));
    q.channels = q.task->shape().channels;
    q.outputs = q.task->shape().outputs;
    q.classes = std::max<std::int64_t>(1, q.task->classes());
    q.batch = q.task->batchSize();
    q.height = q.width = train.crop;
    return q;
}

} // namespace reticle
