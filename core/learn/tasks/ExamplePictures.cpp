#include "learn/tasks/ExamplePictures_p.h"

#include "learn/Tensors_p.h"
#include "learn/tasks/Validation_p.h"

#include <algorithm>

namespace reticle {

Json examplePictures(const torch::Tensor &crop, std::int64_t planes, const torch::Tensor &output, const torch::Tensor &labels,
                     std::int64_t classes)
{
    torch::NoGradGuard guard;
    const auto bytes = [](const torch::Tensor &t) { return arrayOf(t.clamp(0, 255).round().to(torch::kUInt8)); };
    // The slice itself, stretched to 0..255: in color, or its first channel.
    const auto own = middleSlice(crop, planes);
    const auto shown = own.size(0) == 3 ? own : own.narrow(0, 0, 1);
    const double low = shown.min().item<double>(), high = shown.max().item<double>();
    const auto picture = [&](const torch::Tensor &t) {
        const auto gray = (t.narrow(0, 0, shown.size(0)) - low) * (255 / std::max(1e-12, high - low));
        return bytes(shown.size(0) == 3 ? gray.permute({1, 2, 0}) : gray.select(0, 0)).toJson();
    };
    if (!labels.defined())
        return {{"images", {picture(own), picture(own), picture(output)}},
                {"titles", {"input", "target", "output"}},
                {"kinds", {"probability", "probability", "probability"}}}; // gray on one scale
    const double perClass = 255.0 / static_cast<double>(std::max<std::int64_t>(1, classes - 1));
    const auto target = labels.to(torch::kFloat);
    const auto prediction = output.size(0) == 1   ? output.select(0, 0) * 255
                            : output.size(0) == 2 ? output.select(0, 1) * 255
                                                  : output.argmax(0).to(torch::kFloat) * perClass;
    return {{"images", {picture(own), bytes(target * perClass).toJson(), bytes(prediction).toJson()}},
            {"titles", {"input", "target", "prediction"}},
            {"kinds", {"image", "labels", output.size(0) <= 2 ? "probability" : "labels"}}};
}

} // namespace reticle
