#include "data/Dataset.h"

#include "project/Recipe.h"

namespace reticle {

namespace {

const Registry<DataKind>::Entry &kindOf(const Recipe &recipe)
{
    const auto name = recipe.section("data").value("name", std::string(Recipe::findSection("data")->defaultName));
    return Registry<DataKind>::instance().get(name, "data.name");
}

} // namespace

Json Dataset::keptWithModel() const
{
    auto json = preparation();
    json["split"] = split().toJson();
    return json;
}

std::shared_ptr<Dataset> openDataset(const Recipe &recipe)
{
    const auto &kind = kindOf(recipe);
    return kind.factory.open(kind.schema.validate(recipe.section("data"), "data"), recipe.seed());
}

std::shared_ptr<Dataset> openDataset(const Recipe &recipe, const DataOfModel &model, std::vector<std::string> &notes)
{
    const auto &kind = kindOf(recipe);
    if (!kind.factory.openForModel)
        return openDataset(recipe);
    return kind.factory.openForModel(kind.schema.validate(recipe.section("data"), "data"), recipe.seed(), model, notes);
}

Detection detectData(const std::vector<std::string> &paths)
{
    Detection best;
    bool any = false;
    for (const auto &[name, entry] : Registry<DataKind>::instance().entries()) {
        if (!entry.factory.detect)
            continue;
        auto found = entry.factory.detect(paths);
        const bool says = best.sentence.empty() && best.problems.empty() && (!found.sentence.empty() || !found.problems.empty());
        if (!any || found.confidence > best.confidence || (best.confidence == 0 && found.confidence == 0 && says))
            best = std::move(found);
        any = true;
    }
    return best;
}

} // namespace reticle
