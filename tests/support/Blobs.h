#pragma once

#include "foundation/Array.h"
#include "foundation/Random.h"

#include <cmath>

namespace reticle::test {

/// (side, side) uint8: blobs of class 1 on class 0, others for each slice.
inline Array blobs(std::int64_t slice, std::int64_t side = 64)
{
    Array a(DType::UInt8, {side, side});
    for (std::int64_t i = 0; i < side; ++i)
        for (std::int64_t j = 0; j < side; ++j)
            a.data<std::uint8_t>()[i * side + j] =
                std::sin((i + 5.0 * slice) / 5) * std::cos((j - 3.0 * slice) / 6) > -0.2 ? 1 : 0;
    return a;
}

/// (1, side, side) float32: the same in gray, with noise.
inline Array blobPicture(std::int64_t slice, std::int64_t side = 64)
{
    const auto t = blobs(slice, side);
    Array a(DType::Float32, {1, side, side});
    Random random(static_cast<std::uint64_t>(slice));
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<float>()[i] = static_cast<float>(0.3 + 0.4 * t.data<std::uint8_t>()[i] + 0.08 * random.normal());
    return a;
}

} // namespace reticle::test
