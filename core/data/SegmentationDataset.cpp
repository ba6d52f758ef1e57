// SegmentationData as a Dataset.

#include "data/SegmentationData.h"

#include "base/Error.h"

namespace reticle {

const std::string &SegmentationData::kind() const
{
    static const std::string labelled = "segmentation", alone = "images";
    return hasLabels() ? labelled : alone;
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

std::shared_ptr<SegmentationData> imagesOf(std::shared_ptr<Dataset> data)
{
    if (auto images = std::dynamic_pointer_cast<SegmentationData>(data))
        return images;
    throw Error(
        {"data.name", "images, with labels or alone", "\"" + data->kind() + "\"", "choose the data set segmentation or images"});
}

} // namespace reticle
