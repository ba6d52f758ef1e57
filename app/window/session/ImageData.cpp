#include "window/session/ImageData.h"

#include "data/Dataset.h"
#include "project/Project.h"
#include "project/Recipe.h"
#include "window/shell/Text.h"

#include <algorithm>

namespace reticle {

namespace {

constexpr const char *voxelKey = "voxel-size";

} // namespace

ImageData::ImageData(const DataSet &data) : DataSet(data), images(text("images")), labels(text("labels"))
{
    if (const QString given = text("foreground"); !given.isEmpty())
        foreground = given;
    if (!notes.is_object())
        return;
    if (notes.contains("classes") && notes.at("classes").is_number_integer())
        classes = notes.at("classes").get<int>();
    if (notes.contains(voxelKey)) {
        const Json &sides = notes.at(voxelKey);
        for (std::size_t i = 0; sides.is_array() && i < std::min(voxel.size(), sides.size()); ++i)
            if (sides[i].is_number())
                voxel[i] = sides[i].get<double>();
    }
}

Json ImageData::predictOptions() const
{
    Json options = Json::object();
    if (!inputRange.isEmpty())
        options["input-range"] = ss(inputRange);
    return options;
}

bool isOfImages(const DataSet &data)
{
    return isOfImages(data.section);
}

bool isOfImages(const Json &section)
{
    if (!section.is_object() || !section.contains("images") || !section.at("images").is_string())
        return false;
    const auto &kinds = Registry<DataKind>::instance();
    const auto kind = section.value("name", std::string(Recipe::findSection("data")->defaultName));
    if (!kinds.contains(kind) || section.at("images").get_ref<const std::string &>().empty())
        return false;
    const auto &arrays = kinds.get(kind).factory.arrays;
    return std::find(arrays.begin(), arrays.end(), "image") != arrays.end();
}

bool mayTakeImages(const RunInfo &run)
{
    const Json data = run.recipe.is_object() ? run.recipe.value("data", Json()) : Json();
    const bool named = data.is_object() && data.contains("name") && data.at("name").is_string();
    return !named || isOfImages(data) || !Registry<DataKind>::instance().contains(data.at("name").get<std::string>());
}

Json imageSection(const QString &images, const QString &labels, const QString &foreground)
{
    if (labels.isEmpty())
        return {{"name", "images"}, {"images", ss(images)}};
    return {{"name", "segmentation"}, {"images", ss(images)}, {"labels", ss(labels)}, {"foreground", ss(foreground)}};
}

Json voxelNote(const std::array<double, 3> &sides)
{
    return {{voxelKey, sides}};
}

std::optional<std::pair<Json, Json>> imagesOfBefore(const InputInfo &input)
{
    if (input.role != "images")
        return std::nullopt;
    DataSet before;
    if (input.description.is_object())
        before.section = input.description;
    const QString foreground = before.text("foreground");
    Json notes = Json::object();
    // More than two classes began with another objective.
    if (before.section.contains("classes") && before.section.at("classes").is_number_integer() &&
        before.section.at("classes").get<int>() > 2)
        notes["recipe"] = {{"objective", {{"name", "cross-entropy"}}}};
    return std::pair(
        imageSection(qs(input.path), before.text("labels"), foreground.isEmpty() ? QStringLiteral("bright") : foreground),
        std::move(notes));
}

} // namespace reticle
