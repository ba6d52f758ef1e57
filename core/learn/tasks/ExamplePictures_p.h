#pragma once

#include "foundation/Json.h"

#include <torch/torch.h>

namespace reticle {

/// Input, target and prediction as pictures: the data of Event::Kind::Example. `crop`: (C, H, W) as the network sees it, of
/// `planes` neighboring slices, the slice itself in the middle. `output`: (K, H, W) class probabilities, or where there is
/// no target the image that was made. `target`: (H, W) class indices of `classes`; undefined where the image itself is the
/// target.
Json examplePictures(const torch::Tensor &crop, std::int64_t planes, const torch::Tensor &output, const torch::Tensor &target,
                     std::int64_t classes);

} // namespace reticle
