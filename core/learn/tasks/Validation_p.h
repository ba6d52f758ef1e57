#pragma once

#include "data/CropBatches.h"
#include "learn/Confusion.h"
#include "learn/Objective_p.h"

namespace reticle {

/// Slices of up to this many pixels are validated in one piece.
constexpr std::int64_t largestWholeSlice = 3 << 19;
constexpr std::int64_t validationTile = 768; ///< side of the tiles of larger ones

struct Validation
{
    double loss = 0;
    Confusion confusion{2}; ///< empty for an objective that reconstructs
    bool constant = false;  ///< the output is the same everywhere: a dead network
    /// Of the class scores; NaN for an objective that reconstructs, where the loss alone decides.
    double score = 0;
    /// "dice", "iou", "pixel-error"; of an objective that reconstructs "mse" over all pixels, "psnr" of that in dB (of
    /// values that span `range`) and "ssim", the mean over slices. Then the parts of the loss.
    std::vector<std::pair<std::string, double>> scores;
};

struct ValidationInput
{
    const MapObjective &objective;
    const CropSource &source;
    std::int64_t classes = 2;
    double range = 1;
    bool mixedPrecision = false;
    torch::Device device{torch::kCPU};
    std::int64_t tile = 0; ///< side of tiles where whole slices are too much; 0: slices of up to 1.5 million pixels are whole
};

/// The part of (…, C, H, W) that an objective which reconstructs has for its target: the slice itself, which stands in
/// the middle of its neighbors.
torch::Tensor middleSlice(const torch::Tensor &images, std::int64_t planes);

/// Throws Error naming the slice where `module` refuses the size in which validate() hands it one. Reads slices only of a
/// module that refuses any size.
void requireSlices(const ImageModule &module, const CropSource &source);

/// Whole slices (in tiles where they are large) through `module`, whose mode is as before afterwards. `goOn` false stops
/// early with what was seen.
Validation validate(ImageModule &module, const ValidationInput &input, const std::function<bool()> &goOn);

} // namespace reticle
