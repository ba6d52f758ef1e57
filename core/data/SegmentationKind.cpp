// Data set "segmentation": images with labels.

#include "base/Capabilities.h"
#include "data/DetectImages.h"
#include "data/ImageInputs.h"

#include <filesystem>

namespace reticle {

namespace {

std::shared_ptr<Dataset> open(const Json &options, std::uint64_t seed)
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
    return d;
}

Json suggestRecipe(const Json &section)
{
    Json data = section;
    if (std::error_code none; std::filesystem::is_directory(section.value("images", std::string()), none))
        data["context"] = 0; // pictures of a folder may be independent of each other
    return Json{{"data", std::move(data)}};
}

const Capability capability("images", "data", "needs images");
const ProvidesCapability pictures("data", "segmentation", "images");
const Registration<DataKind> segmentation(
    SegmentationDataOptions::schema().info(),
    {.open = open,
     .openForModel = openForModel,
     .detect = detect,
     .suggestRecipe = suggestRecipe,
     .probe = [](const Json &options) { return probeImages(SegmentationDataOptions::schema().read(options, "data"), true); },
     .describeInput = describeImageInput,
     .tasks = {"segmentation", "reconstruction"}});

} // namespace

} // namespace reticle
