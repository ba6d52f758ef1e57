#pragma once

#include "project/Recipe.h"

namespace reticle {

/// Rows of input, target for the preview: `count` augmented crops of the recipe's training data.
/// {"images": [Array (C, H, W) float32], "targets": [Array (H, W) uint8]}; no targets of an objective whose target is the
/// image itself.
Json augmentPreview(const Recipe &recipe, int count);

} // namespace reticle
