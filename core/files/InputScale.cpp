#include "files/InputScale.h"

#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace reticle {

namespace {

/// The largest number of a type.
double largest(DType dtype)
{
    switch (dtype) {
    case DType::UInt8: return 255;
    case DType::Int8: return 127;
    case DType::UInt16: return 65535;
    case DType::Int16: return 32767;
    case DType::UInt32: return 4294967295.0;
    case DType::Int32: return 2147483647.0;
    default: return INFINITY;
    }
}

bool sameType(const ValueSpan &a, const ValueSpan &b)
{
    return (a.real() && b.real()) || (a.dtype == b.dtype && (a.dtype != DType::UInt8 || a.white() == b.white()));
}

/// Whether both span about the same numbers, so that a number means the same in both.
bool sameNumbers(const ValueSpan &trained, const ValueSpan &input)
{
    if (!trained.known || !input.known || trained.dtype == DType::UInt8 || largest(input.dtype) < trained.high ||
        largest(trained.dtype) < input.high || (trained.high <= 1 && trained.real()))
        return false;
    const double a = trained.high - trained.low, b = input.high - input.low;
    const double both = std::min(trained.high, input.high) - std::max(trained.low, input.low);
    return a > 0 && b > 0 && both >= 0.5 * std::min(a, b) && std::max(a, b) <= 4 * std::min(a, b);
}

std::string number(double v)
{
    return fmt::format("{:.6g}", v);
}

std::string change(double factor)
{
    return factor == 1  ? std::string("values were taken as they are")
           : factor < 1 ? "values were divided by " + number(1 / factor)
                        : "values were multiplied by " + number(factor);
}

double parsed(std::string_view text, bool &good)
{
    double v = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), v);
    good = good && code == std::errc() && end == text.data() + text.size() && std::isfinite(v);
    return v;
}

} // namespace

InputRange InputRange::parse(const std::string &text, const std::string &where)
{
    if (text == "auto" || text.empty())
        return {};
    if (text == "as-is")
        return {Kind::AsIs};
    if (const auto dots = text.find(".."); dots != std::string::npos) {
        bool good = true;
        const double low = parsed(std::string_view(text).substr(0, dots), good);
        const double high = parsed(std::string_view(text).substr(dots + 2), good);
        if (good && low < high)
            return {Kind::Values, low, high};
    }
    throw Error(
        {where, "auto, as-is, or the values of black and white with two dots between, such as 0..4095", "\"" + text + "\"", {}});
}

bool needsSpan(const ValueSpan &trained, DType input, const InputRange &range)
{
    if (range.kind != InputRange::Kind::Auto || !trained.typed)
        return false;
    ValueSpan other;
    other.dtype = input;
    return trained.real() && other.real() ? trained.known : trained.dtype != input;
}

InputScale inputScale(const ValueSpan &trained, const ValueSpan &input, const InputRange &range, const std::string &where)
{
    const auto says = [&](const std::string &what) {
        return fmt::format("The images are {}, the model was trained on {}: {}.", input.text(),
                           trained.typed ? trained.text() : "images of a type that it does not say", what);
    };
    if (range.kind == InputRange::Kind::AsIs)
        return {1, 0, says(change(1))};
    double white = trained.typed ? trained.white() : 0;
    if (range.kind == InputRange::Kind::Values) {
        double black = 0;
        if (!(white > 0) && trained.known && trained.high > trained.low) {
            black = trained.low;
            white = trained.high;
        } else if (!(white > 0)) {
            white = trained.typed && !trained.real() ? largest(trained.dtype) : 0;
        }
        if (!(white > 0))
            throw Error(Error::Kind::Input, "input-range",
                        "The model does not say what range its training images had. Set input-range to as-is, or train the "
                        "run again.");
        const double factor = (white - black) / (range.high - range.low);
        return {
            factor, black - range.low * factor,
            says(fmt::format("{} to {} became {} to {}", number(range.low), number(range.high), number(black), number(white)))};
    }
    if (!trained.typed || (input.known && input.low == 0 && input.high == 0))
        return {};
    if (sameType(trained, input)) {
        // Floating point says nothing of the range: 0 to 1 in one and 0 to 255 in the other are told by their values.
        if (!trained.real() || !trained.known || !input.known)
            return {};
        const bool unit = trained.low >= 0 && trained.high <= 1, within = input.low >= 0 && input.high <= 1;
        if (unit ? input.high < 2 : !within || trained.high < 128 || trained.low < 0)
            return {};
    } else if (sameNumbers(trained, input)) {
        return {1, 0, says(change(1))};
    }
    const double own = input.white();
    if (white > 0 && own > 0) {
        const double factor = white / own;
        return {factor, 0, says(change(factor))};
    }
    throw Error(
        Error::Kind::Input, where,
        fmt::format("The images are {} and the model was trained on {}. Reticle cannot tell how these numbers correspond. "
                    "Set input-range to the values of black and white, such as 0..4095 for 12 bit images, or to as-is.",
                    input.text(true), trained.text(true)));
}

} // namespace reticle
