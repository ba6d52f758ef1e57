#pragma once

// Private to core/learn and core/analysis: the network inside an ImagePredictor.

#include "learn/Module_p.h"
#include "learn/memory/PassMemory_p.h"
#include "learn/prediction/ImagePredictor.h"
#include "learn/prediction/Tiles_p.h"

namespace reticle {

/// Everything borrowed from the predictor, whose thread alone may use it.
struct ImagePredictor::Network
{
    ImageModule &module; ///< in eval mode
    const PredictOptions &options;
    torch::Device device;
    bool half = false;         ///< computes in bfloat16
    std::int64_t channels = 1; ///< that the network sees: those of a page, and of the pages around it
    std::int64_t outputs = 1;  ///< K of the logits
    /// A page as the network sees it: scaled, with its neighbors. `source` must outlive what comes back.
    std::function<TiledPage(const ImageSource &source, std::int64_t page)> page;
    /// (N, C, H, W) float32 -> logits (N, K, H, W) float32 on `device`, without gradients.
    std::function<torch::Tensor(const torch::Tensor &)> logits;
    /// Asked before a region of this size is predicted by tiles, with what is taken beside a plain prediction: takes smaller
    /// tiles where memory is short, which the predictor's notes() say, and throws Error where not even those fit.
    std::function<void(std::int64_t height, std::int64_t width, const PassExtras &more)> fitMemory;
};

} // namespace reticle
