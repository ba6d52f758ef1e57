#pragma once

#include "foundation/Array.h"

#include <cmath>
#include <vector>

namespace reticle::test {

/// T of the specification's golden example: T[i,j] = (7i + 13j + ij) mod 32, side x side.
inline Array goldenPicture(std::int64_t side = 16)
{
    Array a(DType::Float64, {side, side});
    for (std::int64_t i = 0; i < side; ++i)
        for (std::int64_t j = 0; j < side; ++j)
            a.data<double>()[i * side + j] = static_cast<double>((7 * i + 13 * j + i * j) % 32);
    return a;
}

/// Mean over each 2 x 2 block at every place, going round at the border.
inline Array boxMean(const Array &a)
{
    Array b(DType::Float64, a.shape());
    const std::int64_t rows = a.dim(0), columns = a.dim(1);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) {
            const auto at = [&](std::int64_t y, std::int64_t x) { return a.value(y % rows * columns + x % columns); };
            b.data<double>()[i * columns + j] = (at(i, j) + at(i + 1, j) + at(i, j + 1) + at(i + 1, j + 1)) / 4;
        }
    return b;
}

/// The picture of tests/reference/wavelets.py.
inline Array referencePicture(std::int64_t rows, std::int64_t columns)
{
    Array a(DType::Float64, {rows, columns});
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j)
            a.data<double>()[i * columns + j] = static_cast<double>((131 * i + 71 * j + 17 * i * j) % 257) / 257 - 0.5;
    return a;
}

/// Sum over k of c[k] sin(0.37 k + 0.11).
template <class Values> double notice(const Values &c)
{
    double s = 0;
    std::size_t k = 0;
    for (const double v : c)
        s += v * std::sin(0.37 * static_cast<double>(k++) + 0.11);
    return s;
}

} // namespace reticle::test
