// SegmentationData as a Dataset.

#include "data/SegmentationData.h"

#include "foundation/Error.h"

#include <algorithm>

namespace reticle {

const std::string &SegmentationData::kind() const
{
    static const std::string labeled = "segmentation", alone = "images";
    return hasLabels() ? labeled : alone;
}

std::vector<ArraySpec> SegmentationData::findSpecs() const
{
    std::int64_t high = height(0), wide = width(0);
    for (std::int64_t s = 1; s < slices(); ++s) {
        high = height(s) == high ? high : -1;
        wide = width(s) == wide ? wide : -1;
    }
    std::vector<ArraySpec> specs{{"image", DType::Float32, {channels(), high, wide}, {}, {}}};
    if (hasLabels())
        specs.push_back({"labels", DType::UInt8, {high, wide}, classNames(), {}});
    return specs;
}

NamedArrays SegmentationData::example(std::int64_t slice) const
{
    NamedArrays arrays{{"image", image(slice)}};
    if (hasLabels())
        arrays["labels"] = target(slice);
    return arrays;
}

Json SegmentationData::preparation() const
{
    Json json{{"scaling", scalingWithSpan().toJson()}, {"classNames", classNames()}};
    if (hasLabels())
        json["labels"] = labelClasses().toJson();
    return json;
}

Json SegmentationData::keptWithModel() const
{
    Json json{{"scaling", scalingWithSpan().toJson()}, {"classNames", classNames()}, {"split", split().toJson()}};
    if (hasLabels())
        json["labels"] = labelClasses().toJson();
    if (!groups().of.empty())
        json["groups"] = groupsOfParts();
    return json;
}

/// Of a training by groups: which of them are the test. Of very many the first.
Json SegmentationData::summary() const
{
    if (groups().of.empty())
        return Json::object();
    constexpr std::size_t mostKept = 50;
    const auto all = groups().among(split().test);
    const std::vector<std::string> first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(mostKept, all.size())));
    return {{"groups", {{"column", groups().column}, {"test", first}, {"test-count", all.size()}}}};
}

std::shared_ptr<SegmentationData> imagesOf(std::shared_ptr<Dataset> data)
{
    if (auto images = std::dynamic_pointer_cast<SegmentationData>(data))
        return images;
    throw Error(
        {"data.name", "images, with labels or alone", "\"" + data->kind() + "\"", "choose the data set segmentation or images"});
}

} // namespace reticle
