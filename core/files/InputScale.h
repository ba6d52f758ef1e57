#pragma once

#include "files/ValueSpan.h"

#include <string>

namespace reticle {

/// How the numbers of images become numbers as those of a model's training images: value * factor + offset.
struct InputScale
{
    double factor = 1, offset = 0;
    std::string note; ///< sentence for the user, where the types differ or the user said what to do
    bool same() const { return factor == 1 && offset == 0; }
};

/// What the user says of the images: "auto", "as-is", or "LOW..HIGH", the values of black and white.
struct InputRange
{
    enum class Kind { Auto, AsIs, Values } kind = Kind::Auto;
    double low = 0, high = 0;
    /// Throws Error naming `where` for anything else.
    static InputRange parse(const std::string &text, const std::string &where);
};

/// Whether inputScale() has to know the span of the pixels, and not their type alone.
bool needsSpan(const ValueSpan &trained, DType input, const InputRange &range);

/// Images of the training images' type are left as they are; floating point ones are where both lie within 0 to 1, or
/// neither. Of another type they are converted where both have a value that means white (ValueSpan::white), and left
/// where their numbers span about the same. Throws Error naming `where` that asks for input-range where neither holds.
/// A model that did not keep its number type takes all as they are.
InputScale inputScale(const ValueSpan &trained, const ValueSpan &input, const InputRange &range, const std::string &where);

} // namespace reticle
