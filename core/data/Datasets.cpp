#include "data/Datasets.h"

namespace reticle {

const Registry<DatasetFactory> &datasets()
{
    static const bool filled = [] {
        const auto schema = SegmentationDataOptions::schema();
        Registry<DatasetFactory>::instance().add(schema.info(), [schema](const Json &options, std::uint64_t seed) {
            return SegmentationData::load(schema.read(options, "data"), seed);
        });
        const auto alone = SegmentationDataOptions::imagesSchema();
        Registry<DatasetFactory>::instance().add(alone.info(), [alone](const Json &options, std::uint64_t seed) {
            return SegmentationData::loadImages(alone.read(options, "data"), seed);
        });
        return true;
    }();
    (void)filled;
    return Registry<DatasetFactory>::instance();
}

std::shared_ptr<SegmentationData> dataOfClasses(const Json &section, std::uint64_t seed, const files::LabelClasses &known,
                                                std::vector<std::string> &notes)
{
    const auto name = section.value("name", std::string("segmentation"));
    if (name != "segmentation")
        return datasets().get(name, "data").factory(section, seed);
    auto options = SegmentationDataOptions::schema().read(section, "data");
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
