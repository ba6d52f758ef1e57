#pragma once

#include "files/ImageSource.h"

#include <cmath>

namespace reticle::test {

/// A stack with a bright ball of radius `r` about the middle of the voxels (cx, cy, cz): `inside` within, `outside` around.
template <class T>
Array ball(std::int64_t nz, std::int64_t ny, std::int64_t nx, double cx, double cy, double cz, double r, T inside, T outside)
{
    Array a(dtypeOf<T>(), {nz, ny, nx});
    T *out = a.data<T>();
    for (std::int64_t z = 0; z < nz; ++z)
        for (std::int64_t y = 0; y < ny; ++y)
            for (std::int64_t x = 0; x < nx; ++x)
                *out++ = std::hypot(static_cast<double>(x) + 0.5 - cx, static_cast<double>(y) + 0.5 - cy,
                                    static_cast<double>(z) + 0.5 - cz) <= r
                             ? inside
                             : outside;
    return a;
}

} // namespace reticle::test
