// Data set "images": images alone. What a drop is finds "segmentation", which sees whether there are labels.

#include "data/ImageInputs.h"
#include "protocol/Capabilities.h"

namespace reticle {

namespace {

std::shared_ptr<Dataset> openImages(const Json &options, std::uint64_t seed)
{
    return SegmentationData::loadImages(SegmentationDataOptions::imagesSchema().read(options, "data"), seed);
}

/// The target is the image itself, which only flips and turns leave as it is.
Json suggestImages(const Json &section)
{
    Json augment{{"enabled", true}};
    for (const char *name :
         {"rotate", "scale", "elastic", "noise", "blur", "brightness", "contrast", "low-resolution", "defocus", "gamma"})
        augment[name] = 0;
    Json recipe = suggestedImageRecipe(section);
    recipe["objective"] = {{"name", "mse"}};
    recipe["augment"] = std::move(augment);
    return recipe;
}

const ProvidesCapability imagesKindPictures("data", "images", "images");
const Registration<DataKind> imagesKind(
    SegmentationDataOptions::imagesSchema().info(),
    {.open = openImages,
     .openForModel = [](const Json &options, std::uint64_t seed, const DataOfModel &model,
                        std::vector<std::string> &) { return openImages(withKeptParts(options, model.description), seed); },
     .suggestRecipe = suggestImages,
     .probe =
         [](const Json &options) { return probeImages(SegmentationDataOptions::imagesSchema().read(options, "data"), false); },
     .describeInput = describeImageInput,
     .tasks = {"reconstruction"},
     .arrays = {"image"}});

} // namespace

} // namespace reticle
