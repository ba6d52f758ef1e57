#pragma once

#include "foundation/Error.h"
#include "learn/memory/ImagePasses_p.h"

#include <cstdint>
#include <string>
#include <vector>

namespace reticle {

/// Bytes that predicting takes beside the weights and one pass of the network at a time.
struct PassExtras
{
    double arrays = 0;   ///< of the whole region: what is read, summed up and handed out
    double perPixel = 0; ///< of each pixel of a batch
    double passes = 1;   ///< so many times what is alive in a pass
    double proof = 1;    ///< times the pass: it is taken in float32 too
};

/// What a process needs beside all that is told of a prediction.
inline constexpr std::int64_t predictionLibraries = std::int64_t(64) << 20;

/// The first of `choices`, which come from the one that is asked for to ever smaller ones, that `free` bytes have room for.
struct FittingPass
{
    std::size_t choice = 0; ///< as many as there are: none
    double need = 0;        ///< bytes of the one that was asked for; 0 where it fits without question, or cannot be told
    bool fits(const std::vector<PassShape> &choices) const { return choice < choices.size(); }
};

/// A forecast may be a twentieth too high, so as much more is allowed. Weights, buffers, gradients, mode and random state of
/// the module are as before afterwards.
FittingPass fittingPass(ImageModule &module, const std::vector<PassShape> &choices, bool half, const PassExtras &extras,
                        std::int64_t free);

/// The refusal where nothing fits: "Predicting `what` needs about …, and … are free. `wayOut`".
Error predictionRefusal(const std::string &what, double need, std::int64_t free, const std::string &wayOut);

} // namespace reticle
