#include "learn/tasks/AugmentPreview.h"
#include "data/CropBatches.h"
#include "data/SegmentationData.h"
#include "learn/Objective_p.h"
#include "learn/TrainOptions.h"
#include "protocol/Frame.h"

namespace reticle {

namespace {

/// Of a network's input (C, H, W) what a person looks at: the slice itself, which stands in the middle of its
/// neighbors, as (1, H, W), or (H, W, 3) of one in colors.
Array shownInput(const Array &input, std::int64_t context)
{
    const std::int64_t inPage = input.dim(0) / (2 * context + 1), pixels = input.dim(1) * input.dim(2);
    const float *page = input.data<float>() + context * inPage * pixels;
    const std::int64_t shown = inPage == 3 ? 3 : 1;
    Array out(DType::Float32, {input.dim(1), input.dim(2), shown});
    for (std::int64_t i = 0; i < pixels; ++i)
        for (std::int64_t c = 0; c < shown; ++c)
            out.data<float>()[i * shown + c] = page[c * pixels + i];
    return shown == 3 ? out : out.reshaped({1, input.dim(1), input.dim(2)});
}

} // namespace

Json augmentPreview(const Recipe &recipe, int count)
{
    const auto data = imagesOf(openDataset(recipe));
    const auto options = TrainOptions::schema().read(recipe.section("train"), "train");
    CropOptions crops{.batch = 1,
                      .crop = options.crop,
                      .foregroundOversampling = options.foregroundOversampling,
                      .augment = AugmentOptions::schema().read(recipe.section("augment"), "augment"),
                      .seed = recipe.seed()};
    const auto source = CropSource::training(data);
    const auto context = recipe.section("data").value("context", std::int64_t(0));
    const bool labels = !makeMapObjective(recipe.section("objective"), data->classCounts())->reconstructs();
    // A pixel is shown in one float or three, with its label: this is what the answer holds.
    const auto planes = 2 * context + 1;
    const double bytes =
        static_cast<double>(count) * static_cast<double>(options.crop * options.crop) * (data->channels() / planes == 3 ? 13 : 5);
    if (bytes > 0.9 * maxFrameBytes)
        throw Error(Error::Kind::Input, "train.crop",
                    "A preview of " + std::to_string(count) + " crops of " + std::to_string(options.crop) +
                        " px is too large to be sent. Choose a smaller crop or fewer examples.");
    Json images = Json::array(), targets = Json::array();
    const CropBatches batches(source, crops);
    for (int i = 0; i < count; ++i) {
        const auto batch = batches.batch(i);
        images.push_back(shownInput(batch.at("image").at(0), context).toJson());
        if (labels)
            targets.push_back(batch.at("labels").at(0).toJson());
    }
    return {{"images", images}, {"targets", targets}};
}

} // namespace reticle
