#pragma once

#include "foundation/Json.h"

#include <cstdint>
#include <vector>

namespace reticle {

/// Indices of a data set's examples in each part, counted from 0: whole slices of images; of a folder or stack of independent
/// pictures a slice is a picture.
struct Split
{
    std::vector<std::int64_t> training, validation, test;
    std::vector<std::int64_t> all() const; ///< of the three parts, in order
    Json toJson() const;
    /// Throws Error for anything else than three lists of whole numbers from 0.
    static Split fromJson(const Json &json);
};

} // namespace reticle
