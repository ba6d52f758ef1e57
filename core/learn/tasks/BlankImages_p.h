#pragma once

#include "learn/memory/ImagePasses_p.h"

namespace reticle {

/// Zeros on the processor as an objective of images takes them, where no task gives a batch: "image" (N, C, H, W), "target",
/// a class index of each pixel (N, H, W) int64 or, of an objective that makes images, the part of the image that is the middle
/// of `planes` slices, and "weights" (N, H, W) where it asks for a border map.
Tensors blankImages(const Objective &objective, const PassShape &shape, std::int64_t planes = 1);

/// The loss of each pixel, of one class or several as the network has outputs: of a network without an objective.
std::shared_ptr<Objective> pixelLoss();

} // namespace reticle
