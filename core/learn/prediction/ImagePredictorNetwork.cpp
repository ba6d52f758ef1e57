#include "learn/prediction/ImagePredictor_p.h"

#include "foundation/FreeMemory.h"
#include "learn/Machine_p.h"
#include "learn/Objective_p.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>

namespace reticle {

void ImagePredictor::Private::fitMemory(std::int64_t height, std::int64_t width, const PassExtras &more)
{
    const auto pixels = height * width;
    const bool known = pixels <= fitted && more.arrays <= fittedMore.arrays && more.perPixel <= fittedMore.perPixel &&
                       more.passes <= fittedMore.passes;
    if (!device.is_cpu() || known || module->skipHook)
        return;
    const auto free = freeMemory(true);
    const auto asked = options.tile;
    std::vector<PassShape> choices;
    for (auto tile = asked; tile >= std::min<std::int64_t>(asked, 128); tile /= 2) {
        if (tile != asked && module->strictSize && tile % module->multiple() != 0)
            break;
        const std::int64_t budget = (at::get_num_threads() > 4 ? 4 : 1) * 256 * 256;
        choices.push_back({std::clamp<std::int64_t>(budget / (tile * tile), 1, 16), channels, tile, tile});
    }
    // The region as it is read, scaled and joined with its neighbors, and the next one; mean, weights, probabilities.
    auto extras = more;
    extras.arrays +=
        static_cast<double>(pixels) * static_cast<double>(16 * channels + 4 * outputs + 12 * classes + 16) + predictionLibraries;
    extras.proof = half && !proved ? 1.5 : 1;
    const auto found = fittingPass(*module, choices, half, extras, free);
    if (!found.fits(choices))
        throw predictionRefusal(fmt::format("a page of {} x {} px", width, height), found.need, free,
                                "Cut the image into smaller parts, choose a smaller predict.tile, or raise the memory limit.");
    options.tile = choices[found.choice].height;
    // Not before it is known to fit: what is refused is refused again.
    fitted = pixels;
    fittedMore = more;
    if (options.tile != asked)
        notes.push_back(fmt::format("Memory is short ({} free): the prediction takes tiles of {} px in place of {} px. Values "
                                    "may differ slightly near the borders of tiles.",
                                    memoryText(free), options.tile, asked));
}

torch::Tensor ImagePredictor::Private::pass(const torch::Tensor &tiles, bool inHalf)
{
    c10::InferenceMode mode;
    MixedPrecision precision(inHalf, device);
    return module->forward(tiles.to(device));
}

torch::Tensor ImagePredictor::Private::logits(const torch::Tensor &tiles)
{
    if (half && !proved && !module->skipHook) // which is not to be called more often
        provePrecision(tiles.narrow(0, 0, 1));
    const auto y = pass(tiles, half);
    if (finite(y))
        return y;
    const auto exact = half ? pass(tiles, false) : y;
    if (!finite(exact))
        refuseNonFinite();
    takeFloat32("values that are not finite numbers");
    return exact;
}

void ImagePredictor::Private::refuseNonFinite()
{
    throw Error(Error::Kind::Failed, "prediction",
                "The model gives values that are not finite numbers for this image. Check the image for extreme "
                "values, or train the run again with a lower learning rate.");
}

void ImagePredictor::Private::provePrecision(const torch::Tensor &tile)
{
    proved = true;
    auto exact = pass(tile, false), rounded = pass(tile, true);
    if (!finite(exact))
        return;
    double maximum = 0.05;
    if (makesValues) {
        maximum = 0.25 * exact.std(false).item<double>() + 0.01;
    } else {
        exact = probabilities(exact);
        rounded = probabilities(rounded);
    }
    const auto difference = (rounded - exact).abs().mean().item<double>();
    if (!(difference <= maximum))
        takeFloat32("other values than float32");
}

void ImagePredictor::Private::takeFloat32(const std::string &what)
{
    if (options.precision == "bfloat16")
        throw Error(Error::Kind::Failed, "predict.precision",
                    "bfloat16 gives " + what + " on this machine. Set predict.precision to auto or float32.");
    half = false;
    notes.push_back("bfloat16 gives " + what + " on this machine. The prediction continues in float32, which takes longer.");
}

} // namespace reticle
