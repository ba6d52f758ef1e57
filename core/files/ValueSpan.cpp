#include "files/ValueSpan.h"

#include "files/ImageSource.h"
#include "files/Pictures.h"
#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace reticle {

namespace {

constexpr std::int64_t mostPixelsRead = std::int64_t(512) << 20; // of a stack that are read
constexpr std::int64_t partPixels = std::int64_t(16) << 20;      // at a time

/// Saturated camera images of 10, 12 and 14 bits.
bool isFullOfBits(double v)
{
    return v == 1023 || v == 4095 || v == 16383;
}

} // namespace

void ValueSpan::add(const Array &page, bool alpha)
{
    const std::int64_t channels = page.rank() > 2 ? page.dim(2) : 1, used = channels - (alpha ? 1 : 0);
    bool first = !known;
    Array::visit(page.dtype(), [&](auto t) {
        using T = decltype(t);
        const auto *p = page.data<T>();
        const std::int64_t n = page.size() / channels;
        T minimum{}, maximum{}, last{};
        bool any = false;
        for (std::int64_t i = 0; i < n; ++i, p += channels)
            for (std::int64_t c = 0; c < used; ++c) {
                const T v = p[c];
                if constexpr (std::is_floating_point_v<T>)
                    if (!std::isfinite(v))
                        continue;
                if (any && v == last) // neighbors are often equal
                    continue;
                last = v;
                if (!any || v < minimum)
                    minimum = v;
                if (!any || v > maximum)
                    maximum = v;
                any = true;
                if constexpr (std::is_floating_point_v<T>)
                    whole = whole && v == std::floor(v) && std::abs(v) < T(1e15);
                if (whole && step != 1) {
                    const auto w = static_cast<std::int64_t>(v);
                    step = w == std::numeric_limits<std::int64_t>::min() ? 1 : std::gcd(step, w);
                }
            }
        if (!any)
            return;
        low = first ? static_cast<double>(minimum) : std::min(low, static_cast<double>(minimum));
        high = first ? static_cast<double>(maximum) : std::max(high, static_cast<double>(maximum));
        known = true;
    });
    if (!whole)
        step = 0;
}

double ValueSpan::white() const
{
    if (bits > 0 && bits < 32 && !real())
        return std::ldexp(1.0, bits) - 1;
    if (dtype == DType::UInt8)
        return 255;
    if (real() && !known) // of an older model, which took nothing else as it is
        return 1;
    if (!known || low < 0)
        return 0;
    if (dtype == DType::Int8)
        return 127;
    if (real() && high <= 1)
        return 1;
    if (!whole)
        return high >= 128 && high <= 255 ? 255 : high >= 32768 && high <= 65535 ? 65535 : 0;
    // Images of 8 bit whose numbers were multiplied, so that they fill 16 bit.
    for (const std::int64_t times : {257, 256})
        if (step > 0 && step % times == 0 && high <= 255.0 * static_cast<double>(times))
            return 255.0 * static_cast<double>(times);
    if (high <= 255)
        return 255;
    if (high >= 32768 && high <= 65535)
        return 65535;
    for (const std::int64_t times : {16, 64, 4}) // or 12, 14 and 10 bit
        if (step > 0 && step % times == 0 && high <= 255.0 * static_cast<double>(times))
            return 255.0 * static_cast<double>(times);
    if (isFullOfBits(high) || (dtype == DType::Int16 && high == 32767))
        return high;
    return 0;
}

std::string ValueSpan::text(bool values) const
{
    std::string s;
    if (real()) {
        s = known ? fmt::format("floating point from {:.6g} to {:.6g}", low, high) : "floating point";
        return s;
    }
    const bool sign = dtype == DType::Int8 || dtype == DType::Int16 || dtype == DType::Int32 || dtype == DType::Int64;
    s = fmt::format("{}{} bit", sign ? "signed " : "", bits > 0 ? bits : static_cast<int>(8 * byteSize(dtype)));
    if (values && known)
        s += fmt::format(" with values from {:.6g} to {:.6g}", low, high);
    return s;
}

Json ValueSpan::toJson() const
{
    if (!typed)
        return Json::object();
    Json json{{"type", nameOf(dtype)}};
    if (bits > 0)
        json["bits"] = bits;
    if (known) {
        json["low"] = low;
        json["high"] = high;
        json["whole"] = whole;
        json["step"] = step;
    }
    return json;
}

ValueSpan ValueSpan::fromJson(const Json &json)
{
    ValueSpan s;
    if (!json.contains("type"))
        return s;
    s.dtype = dtypeFromName(json.at("type").get<std::string>());
    s.typed = true;
    s.bits = json.value("bits", 0);
    if (json.contains("low")) {
        s.low = json.at("low").get<double>();
        s.high = json.at("high").get<double>();
        s.whole = json.value("whole", false);
        s.step = json.value("step", std::int64_t(0));
        s.known = true;
    }
    return s;
}

ValueSpan typeOf(const ImageSource &source)
{
    ValueSpan s;
    s.dtype = source.info().dtype;
    s.bits = source.info().bits;
    s.typed = true;
    return s;
}

ValueSpan spanOf(const ImageSource &source)
{
    ValueSpan span = typeOf(source);
    const auto pages = source.info().pages;
    const auto pixels = std::max<std::int64_t>(1, source.info().height * source.info().width * source.info().channels);
    const auto count = std::clamp<std::int64_t>(mostPixelsRead / pixels, 2, std::max<std::int64_t>(2, pages));
    std::int64_t before = -1;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto page = i * (pages - 1) / (count - 1);
        if (page == before)
            continue;
        before = page;
        const auto &info = pageInfo(source, page);
        const auto rows =
            std::clamp<std::int64_t>(partPixels / std::max<std::int64_t>(1, info.width * info.channels), 1, info.height);
        if (rows == info.height)
            span.add(source.readPage(page), info.alpha);
        else
            for (std::int64_t y = 0; y < info.height; y += rows)
                span.add(source.readRegion(page, y, 0, std::min(rows, info.height - y), info.width), info.alpha);
    }
    return span;
}

} // namespace reticle
