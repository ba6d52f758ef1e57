// Data set "segmentation": images with labels.

#include "data/DetectImages.h"
#include "data/ImageInputs.h"
#include "protocol/Capabilities.h"

#include <filesystem>

namespace reticle {

namespace {

std::shared_ptr<Dataset> openSegmentation(const Json &options, std::uint64_t seed)
{
    return SegmentationData::load(SegmentationDataOptions::schema().read(options, "data"), seed);
}

/// Labels are read as the classes of the model, or where it does not say which these are (an older one) as those of their
/// values, of which one is enough. Throws Error for values without a class.
std::shared_ptr<Dataset> openForModel(const Json &section, std::uint64_t seed, const DataOfModel &model,
                                      std::vector<std::string> &notes)
{
    auto known = files::classesOfModel(model.description);
    known.owner = model.owner;
    auto options = SegmentationDataOptions::schema().read(withKeptParts(section, model.description), "data");
    options.decide = [&](const auto &counts) {
        if (known.names.empty()) {
            files::requireSharp(counts, options.labels, files::LabelUse::Comparing);
            return files::comparedClasses(counts, options.foreground == "bright", options.labels);
        }
        std::string note;
        auto classes = known.fitting(counts, note);
        if (!note.empty())
            notes.push_back("Labels: " + note);
        return classes;
    };
    auto data = SegmentationData::load(options, seed);
    for (auto &note : data->notes())
        notes.push_back(std::move(note));
    return data;
}

/// Images without labels are found too, as data set "images".
Detection detect(const std::vector<std::string> &paths)
{
    auto found = detectImages(paths);
    Detection d;
    if (found.kind != ImageDetection::Kind::Unknown) {
        d.data = Json{{"name", found.labels.empty() ? "images" : "segmentation"}, {"images", found.images}};
        if (!found.labels.empty())
            d.data["labels"] = found.labels;
        d.confidence = found.labels.empty() ? 0.5 : 0.9;
        d.path = found.images;
    }
    d.sentence = std::move(found.sentence);
    d.problems = std::move(found.problems);
    d.notes = std::move(found.notes);
    d.details = std::move(found.details);
    if (d.details.is_object() && d.details.value("classes", 0) > 2)
        d.recipe = {{"objective", {{"name", "cross-entropy"}}}};
    return d;
}

Json suggestSegmentation(const Json &section)
{
    Json recipe = suggestedImageRecipe(section);
    if (!section.contains("context")) {
        std::error_code none; // pictures of a folder may be independent of each other
        recipe["data"]["context"] = std::filesystem::is_directory(section.value("images", std::string()), none) ? 0 : 1;
    }
    recipe["objective"] = {{"name", "bce"}, {"border-map", true}, {"border-weight", 3}};
    recipe["augment"] = {{"enabled", true},   {"rotate", 0.5},   {"scale", 0.4},  {"elastic", 0.5},
                         {"brightness", 0.3}, {"contrast", 0.3}, {"defocus", 0.5}};
    return recipe;
}

const Capability segmentationKindCapability("images", "data", "needs images");
const ProvidesCapability segmentationKindPictures("data", "segmentation", "images");
const Registration<DataKind> segmentationKind(
    SegmentationDataOptions::schema().info(),
    {.open = openSegmentation,
     .openForModel = openForModel,
     .detect = detect,
     .suggestRecipe = suggestSegmentation,
     .probe = [](const Json &options) { return probeImages(SegmentationDataOptions::schema().read(options, "data"), true); },
     .describeInput = describeImageInput,
     .tasks = {"segmentation", "reconstruction"},
     .arrays = {"image"}});

} // namespace

} // namespace reticle
