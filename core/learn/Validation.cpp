#include "learn/Machine_p.h"
#include "learn/Tensors_p.h"
#include "learn/Tiles_p.h"
#include "learn/Trainer_p.h"

namespace reticle {

namespace {

/// Slices of up to this many pixels go through in one piece.
constexpr std::int64_t wholeSlice = 3 << 19;

} // namespace

Validation validate(ImageModule &module, const Objective &objective, const CropSource &source, std::int64_t classes,
                    bool mixedPrecision, const torch::Device &device, const std::function<bool()> &goOn)
{
    Validation v;
    v.confusion = Confusion(classes);
    module.eval();
    c10::InferenceMode mode;
    const auto forward = [&](const torch::Tensor &x) {
        MixedPrecision precision(mixedPrecision, device);
        return module.forward(x.to(device));
    };
    double loss = 0, seen = 0, low = INFINITY, high = -INFINITY;
    for (const auto slice : source.slices) {
        if (!goOn())
            break;
        const Array image = source.image(slice), labels = source.target(slice);
        source.checkLabels(labels, slice);
        const auto channels = image.dim(0), height = image.dim(1), width = image.dim(2);
        torch::Tensor logits;
        if (height * width <= wholeSlice) {
            logits = forward(tensorOf(image).unsqueeze(0));
        } else {
            PredictOptions tiles;
            tiles.tile = 768;
            tiles.step = 0.9;
            const TiledPage page{channels, height, width, [&](const Region &r) {
                                     return arrayOf(tensorOf(image).narrow(1, r.y, r.height).narrow(2, r.x, r.width));
                                 }};
            const auto outputs = objective.outputs(classes);
            logits = tensorOf(tiledMean(page, {0, 0, height, width}, outputs, tiles, forward)).unsqueeze(0).to(device);
        }
        auto target = tensorOf(labels).to(device, torch::kLong).unsqueeze(0);
        torch::Tensor weights;
        if (objective.wantsBorderMap())
            weights = tensorOf(borderWeights(labels.data<std::uint8_t>(), height, width, objective.borderWeight(),
                                             objective.borderSigma()))
                          .unsqueeze(0)
                          .to(device);
        const auto kept = (target != SegmentationData::ignore).sum().item<double>();
        loss += objective.loss(logits, target, weights).item<double>() * kept;
        seen += kept;
        const auto predicted = logits.size(1) == 1 ? (logits.select(1, 0) > 0).to(torch::kUInt8) : logits.argmax(1).to(torch::kUInt8);
        const auto host = predicted.to(torch::kCPU).contiguous();
        v.confusion.add(host.data_ptr<std::uint8_t>(), labels.data<std::uint8_t>(), labels.size());
        low = std::min(low, logits.min().item<double>());
        high = std::max(high, logits.max().item<double>());
    }
    v.loss = seen > 0 ? loss / seen : NAN;
    v.constant = high - low < 1e-6;
    module.train();
    return v;
}

} // namespace reticle
