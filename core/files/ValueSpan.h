#pragma once

#include "foundation/Array.h"

#include <string>

namespace reticle {

class ImageSource;

/// What numbers images hold: their type and the span of their pixels, from which the value that means white follows.
struct ValueSpan
{
    DType dtype = DType::UInt8;
    int bits = 0;       ///< as ImageInfo::bits: 12 = 0 to 4095; 0 = all of the type
    bool typed = false; ///< `dtype` is known
    bool known = false; ///< what follows is known
    double low = 0, high = 0;
    bool whole = true;     ///< no pixel has a fraction
    std::int64_t step = 0; ///< greatest common divisor of whole numbers; 0 where all are 0 or some have a fraction

    /// Takes in a page (H, W) or (H, W, C); `alpha`: its last channel is opacity, which does not count. NaN and infinite
    /// values are passed over.
    void add(const Array &page, bool alpha = false);
    bool real() const { return dtype == DType::Float32 || dtype == DType::Float64; }
    /// The value that means white, where 0 means black: 255, 65535, 4095, 1, ... 0 where that cannot be told.
    double white() const;
    /// "8 bit", "12 bit", "signed 16 bit", "floating point", with `values` "16 bit with values from 90 to 3021".
    std::string text(bool values = false) const;

    Json toJson() const;
    /// Throws Json::exception or Error for anything else.
    static ValueSpan fromJson(const Json &json);
};

/// Of all pages, read part by part. Of a stack of over half a billion pixels only pages spread evenly over it are read,
/// the first and the last among them.
ValueSpan spanOf(const ImageSource &source);
/// The type alone, without reading pixels.
ValueSpan typeOf(const ImageSource &source);

} // namespace reticle
