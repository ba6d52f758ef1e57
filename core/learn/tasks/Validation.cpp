#include "learn/tasks/Validation_p.h"

#include "learn/Machine_p.h"
#include "learn/Similarity_p.h"
#include "learn/Tensors_p.h"
#include "learn/prediction/Tiles_p.h"

#include <algorithm>
#include <cmath>

namespace reticle {

torch::Tensor middleSlice(const torch::Tensor &images, std::int64_t planes)
{
    const auto own = images.size(-3) / planes;
    return planes == 1 ? images : images.narrow(-3, planes / 2 * own, own);
}

namespace {

/// Read where its source does not tell.
std::pair<std::int64_t, std::int64_t> sizeOf(const CropSource &source, std::int64_t slice)
{
    if (source.size)
        return source.size(slice);
    const Array page = source.image(slice);
    return {page.dim(1), page.dim(2)};
}

} // namespace

void requireSlices(const ImageModule &module, const CropSource &source)
{
    if (!module.strictSize)
        return;
    for (const auto slice : source.slices) {
        const auto [height, width] = sizeOf(source, slice);
        const bool whole = height * width <= largestWholeSlice;
        try {
            module.requireSize(whole ? height : validationTile, whole ? width : validationTile);
        } catch (const Error &e) {
            throw e.within("slice " + std::to_string(slice));
        }
    }
}

Validation validate(ImageModule &module, const ValidationInput &in, const std::function<bool()> &goOn)
{
    const auto &objective = in.objective;
    const bool image = objective.reconstructs();
    Validation v;
    v.confusion = Confusion(std::max<std::int64_t>(2, in.classes));
    const bool training = module.is_training();
    module.eval();
    c10::InferenceMode mode;
    const auto forward = [&](const torch::Tensor &x) {
        MixedPrecision precision(in.mixedPrecision, in.device);
        return module.forward(x.to(in.device));
    };
    std::vector<std::pair<std::string, double>> parts;
    double loss = 0, seen = 0, low = INFINITY, high = -INFINITY, squares = 0, similarity = 0, slices = 0;
    const auto measure = [&](const Tensors &output, const Tensors &batch) {
        const auto l = objective.measure(output, batch);
        loss += l.total.item<double>() * l.weight;
        seen += l.weight;
        parts.resize(std::max(parts.size(), l.parts.size()));
        for (std::size_t i = 0; i < l.parts.size(); ++i) {
            parts[i].first = l.parts[i].first;
            parts[i].second += l.parts[i].second * l.weight;
        }
    };
    for (const auto slice : in.source.slices) {
        if (!goOn())
            break;
        const Array page = in.source.image(slice);
        const auto channels = page.dim(0), height = page.dim(1), width = page.dim(2);
        const auto own = middleSlice(tensorOf(page), in.source.planes);
        torch::Tensor logits;
        if (height * width <= (in.tile > 0 ? std::min(largestWholeSlice, in.tile * in.tile) : largestWholeSlice)) {
            logits = forward(tensorOf(page).unsqueeze(0));
        } else {
            PredictOptions tiles;
            tiles.tile = in.tile > 0 ? in.tile : validationTile;
            tiles.step = 0.9;
            const TiledPage tiled{channels, height, width, [&](const Region &r) {
                                      return arrayOf(tensorOf(page).narrow(1, r.y, r.height).narrow(2, r.x, r.width));
                                  }};
            const auto outputs = outputsFor(objective, channels, in.source.planes, in.classes);
            logits = tensorOf(tiledMean(tiled, {0, 0, height, width}, outputs, tiles, forward)).unsqueeze(0).to(in.device);
        }
        low = std::min(low, logits.min().item<double>());
        high = std::max(high, logits.max().item<double>());
        if (image) {
            const auto target = own.unsqueeze(0).to(in.device);
            measure({{"output", logits}}, {{"target", target}});
            squares += (logits - target).square().sum(torch::kDouble).item<double>();
            similarity += structuralSimilarity(logits, target, in.range).item<double>();
            ++slices;
            continue;
        }
        const Array labels = in.source.target(slice);
        in.source.checkLabels(labels, slice);
        Tensors batch{{"target", tensorOf(labels).to(in.device, torch::kLong).unsqueeze(0)}};
        if (objective.wantsBorderMap())
            batch["weights"] = tensorOf(borderWeights(labels.data<std::uint8_t>(), height, width, objective.borderWeight(),
                                                      objective.borderSigma()))
                                   .unsqueeze(0)
                                   .to(in.device);
        measure({{"output", logits}}, batch);
        const auto predicted =
            logits.size(1) == 1 ? (logits.select(1, 0) > 0).to(torch::kUInt8) : logits.argmax(1).to(torch::kUInt8);
        const auto host = predicted.to(torch::kCPU).contiguous();
        v.confusion.add(host.data_ptr<std::uint8_t>(), labels.data<std::uint8_t>(), labels.size());
    }
    v.loss = seen > 0 ? loss / seen : NAN;
    v.constant = high - low < 1e-6;
    if (image) {
        const double mse = seen > 0 ? squares / seen : NAN;
        v.score = NAN;
        v.scores = {
            {"mse", mse}, {"psnr", 10 * std::log10(in.range * in.range / mse)}, {"ssim", slices > 0 ? similarity / slices : NAN}};
    } else {
        v.score = v.confusion.dice();
        v.scores = {{"dice", v.score}, {"iou", v.confusion.iou()}, {"pixel-error", v.confusion.pixelError()}};
    }
    for (const auto &[name, sum] : parts)
        v.scores.emplace_back(name, seen > 0 ? sum / seen : NAN);
    module.train(training);
    return v;
}

} // namespace reticle
