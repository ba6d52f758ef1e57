#include "data/ImageInputs.h"

#include "files/Pictures.h"

namespace reticle {

std::vector<ArraySpec> probeImages(const SegmentationDataOptions &options, bool labels)
{
    const auto source = openPictures(options.images);
    const auto &first = source->info();
    std::int64_t height = first.height, width = first.width;
    for (std::int64_t p = 1; p < first.pages; ++p) {
        const auto &info = pageInfo(*source, p);
        height = info.height == height ? height : -1;
        width = info.width == width ? width : -1;
    }
    const auto channels = (first.channels - (first.alpha ? 1 : 0)) * (2 * (labels ? options.context : 0) + 1);
    std::vector<ArraySpec> specs{{"image", DType::Float32, {channels, height, width}, {}, {}}};
    if (labels)
        specs.push_back({"labels", DType::UInt8, {height, width}, {}, {}});
    return specs;
}

DescribedInput describeImageInput(const std::string &field, const std::string &path)
{
    if (field == "groups")
        return {groupTableInfo(path), {}, false};
    const auto source = openPictures(path, field == "labels" ? PictureKind::Labels : PictureKind::Images);
    return {source->info().toJson(), source->info().notes, false};
}

Json suggestedImageRecipe(const Json &section)
{
    Json data{{"scaling", "unit"}, {"split", "blocks"}, {"validation-fraction", 0.15}};
    data.update(section);
    return {
        {"data", std::move(data)},
        {"model", {{"name", "unet"}, {"weights", 488417}, {"form", "classic"}, {"convolutions", 2}, {"normalization", "batch"}}},
        {"train",
         {{"minutes", 15},
          {"batch", 4},
          {"crop", 256},
          {"optimizer", "adamw"},
          {"learning-rate", 0.002},
          {"weight-decay", 0.01},
          {"schedule", "cosine"}}}};
}

Json withKeptParts(Json section, const Json &description)
{
    if (!section.is_object() || section.value("groups", std::string()).empty() || !description.is_object() ||
        !description.contains("split"))
        return section;
    const auto split = Split::fromJson(description.at("split"));
    section["groups"] = "";
    section["split"] = "slices";
    section["only-slices"] = split.all();
    section["validation-slices"] = split.validation;
    section["test-slices"] = split.test;
    return section;
}

} // namespace reticle
