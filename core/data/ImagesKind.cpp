// Data set "images": images alone. What a drop is finds "segmentation", which sees whether there are labels.

#include "base/Capabilities.h"
#include "data/ImageInputs.h"

namespace reticle {

namespace {

std::shared_ptr<Dataset> open(const Json &options, std::uint64_t seed)
{
    return SegmentationData::loadImages(SegmentationDataOptions::imagesSchema().read(options, "data"), seed);
}

/// The target is the image itself, which only flips and turns leave as it is.
Json suggestRecipe(const Json &section)
{
    Json augment{{"enabled", true}};
    for (const char *name :
         {"rotate", "scale", "elastic", "noise", "blur", "brightness", "contrast", "low-resolution", "defocus", "gamma"})
        augment[name] = 0;
    return Json{{"data", section}, {"objective", {{"name", "mse"}}}, {"augment", std::move(augment)}};
}

const ProvidesCapability pictures("data", "images", "images");
const Registration<DataKind> images(
    SegmentationDataOptions::imagesSchema().info(),
    {.open = open,
     .openForModel = [](const Json &options, std::uint64_t seed, const DataOfModel &model,
                        std::vector<std::string> &) { return open(withKeptParts(options, model.description), seed); },
     .suggestRecipe = suggestRecipe,
     .probe =
         [](const Json &options) { return probeImages(SegmentationDataOptions::imagesSchema().read(options, "data"), false); },
     .describeInput = describeImageInput,
     .tasks = {"reconstruction"}});

} // namespace

} // namespace reticle
