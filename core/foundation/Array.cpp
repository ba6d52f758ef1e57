#include "foundation/Array.h"

#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"
#include "foundation/Packing.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <numeric>
#include <utility>

namespace reticle {

namespace {

struct TypeNames
{
    DType dtype;
    std::string_view name;
    std::size_t bytes;
};

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie in memory");

constexpr std::int64_t mostAsList = 256; ///< longer ones are packed in files

constexpr TypeNames dtypes[] = {
    {DType::UInt8, "uint8", 1}, {DType::Int8, "int8", 1},       {DType::UInt16, "uint16", 2},
    {DType::Int16, "int16", 2}, {DType::UInt32, "uint32", 4},   {DType::Int32, "int32", 4},
    {DType::Int64, "int64", 8}, {DType::Float32, "float32", 4}, {DType::Float64, "float64", 8},
};

std::int64_t product(const std::vector<std::int64_t> &shape)
{
    std::int64_t n = 1;
    for (const auto d : shape) {
        if (d < 0 || (d > 0 && n > std::numeric_limits<std::int64_t>::max() / 16 / d))
            throw Error({"array", "a shape that fits in memory", "dimension " + std::to_string(d), {}});
        n *= d;
    }
    return n;
}

std::string shapeText(const std::vector<std::int64_t> &shape)
{
    std::string s;
    for (const auto d : shape)
        s += (s.empty() ? "" : " x ") + std::to_string(d);
    return s;
}

template <class To, class From> To converted(From v)
{
    if constexpr (std::is_floating_point_v<To>) {
        return static_cast<To>(v);
    } else {
        if constexpr (std::is_floating_point_v<From>) {
            if (std::isnan(v))
                return 0;
            const double r = std::nearbyint(static_cast<double>(v));
            if (r <= static_cast<double>(std::numeric_limits<To>::min()))
                return std::numeric_limits<To>::min();
            if (r >= static_cast<double>(std::numeric_limits<To>::max()))
                return std::numeric_limits<To>::max();
            return static_cast<To>(r);
        } else {
            const auto wide = static_cast<std::int64_t>(v);
            return static_cast<To>(
                std::clamp<std::int64_t>(wide, std::numeric_limits<To>::min(), std::numeric_limits<To>::max()));
        }
    }
}

} // namespace

std::size_t byteSize(DType dtype)
{
    for (const auto &d : dtypes)
        if (d.dtype == dtype)
            return d.bytes;
    return 0;
}

std::string_view nameOf(DType dtype)
{
    for (const auto &d : dtypes)
        if (d.dtype == dtype)
            return d.name;
    return {};
}

DType dtypeFromName(std::string_view name)
{
    for (const auto &d : dtypes)
        if (d.name == name)
            return d.dtype;
    throw Error({"array", "a number type such as uint8 or float32", "\"" + std::string(name) + "\"", {}});
}

Array::Array(DType dtype, std::vector<std::int64_t> shape) : m_dtype(dtype), m_shape(std::move(shape))
{
    const auto n = static_cast<std::size_t>(product(m_shape)) * byteSize(dtype);
    try {
        m_buffer = std::shared_ptr<std::byte[]>(new std::byte[n]());
    } catch (const std::bad_alloc &) {
        throw Error(Error::Kind::Failed, "memory",
                    "no room for an array of " + shapeText(m_shape) + " " + std::string(nameOf(dtype)) + " (" +
                        std::to_string(n >> 20) + " MiB); close other programs or work on a smaller region");
    }
}

std::int64_t Array::size() const
{
    if (!m_buffer)
        return 0;
    return std::accumulate(m_shape.begin(), m_shape.end(), std::int64_t{1}, std::multiplies<>());
}

Array Array::clone() const
{
    if (!m_buffer)
        return {};
    Array a(m_dtype, m_shape);
    std::memcpy(a.raw(), raw(), bytes());
    return a;
}

Array Array::reshaped(std::vector<std::int64_t> shape) const
{
    assert(product(shape) == size());
    Array a = *this;
    a.m_shape = std::move(shape);
    return a;
}

Array Array::at(std::int64_t index) const
{
    assert(rank() > 0 && index >= 0 && index < m_shape[0]);
    Array a = *this;
    a.m_shape.erase(a.m_shape.begin());
    a.m_offset += static_cast<std::size_t>(index) * a.bytes();
    return a;
}

Array Array::as(DType dtype) const
{
    if (dtype == m_dtype)
        return clone();
    if (!m_buffer)
        return {};
    Array out(dtype, m_shape);
    visit(m_dtype, [&](auto from) {
        using From = decltype(from);
        visit(dtype, [&](auto to) {
            using To = decltype(to);
            std::transform(data<From>(), data<From>() + size(), out.data<To>(), [](From v) { return converted<To>(v); });
        });
    });
    return out;
}

double Array::value(std::int64_t flat) const
{
    return visit(m_dtype, [&](auto t) { return static_cast<double>(data<decltype(t)>()[flat]); });
}

Json Array::toJson(bool text) const
{
    Json j;
    j["dtype"] = nameOf(m_dtype);
    j["shape"] = m_shape;
    if (!text) {
        const auto *p = reinterpret_cast<const std::uint8_t *>(raw());
        j["data"] = Json::binary(std::vector<std::uint8_t>(p, p + bytes()));
        return j;
    }
    if (size() > mostAsList) {
        j["packed"] = packedText({raw(), bytes()});
        return j;
    }
    auto values = Json::array();
    visit(m_dtype, [&](auto t) {
        using T = decltype(t);
        for (const T v : span<T>()) {
            if constexpr (std::is_floating_point_v<T>) {
                if (!std::isfinite(v)) {
                    values.push_back(std::isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
                    continue;
                }
            }
            values.push_back(v);
        }
    });
    j["values"] = std::move(values);
    return j;
}

Array Array::fromJson(const Json &json)
{
    try {
        const auto dtype = dtypeFromName(json.at("dtype").get<std::string>());
        const auto shape = json.at("shape").get<std::vector<std::int64_t>>();
        const auto count = product(shape);
        if (json.contains("packed")) {
            const auto &text = json.at("packed").get_ref<const std::string &>();
            if (!mayHold(text, static_cast<std::size_t>(count) * byteSize(dtype)))
                throw Error({"array",
                             std::to_string(count) + " packed values for shape " + shapeText(shape),
                             "text of " + std::to_string(text.size()) + " letters, which cannot hold them",
                             {}});
            Array a(dtype, shape);
            unpackText(text, {a.raw(), a.bytes()});
            return a;
        }
        const bool binary = json.contains("data");
        const std::size_t given = binary ? json.at("data").get_binary().size() / byteSize(dtype) : json.at("values").size();
        if (given != static_cast<std::size_t>(count) || (binary && json.at("data").get_binary().size() % byteSize(dtype) != 0))
            throw Error({"array", std::to_string(count) + " values for shape " + shapeText(shape), std::to_string(given), {}});
        Array a(dtype, shape);
        if (binary) {
            if (count > 0)
                std::memcpy(a.raw(), json.at("data").get_binary().data(), a.bytes());
            return a;
        }
        const auto &values = json.at("values");
        visit(dtype, [&](auto t) {
            using T = decltype(t);
            T *out = a.data<T>();
            for (const auto &v : values) {
                if constexpr (std::is_floating_point_v<T>) {
                    const auto number = numberFromJson(v);
                    if (!number)
                        throw Error({"array", "a number in values", foundText(v), {}});
                    *out++ = static_cast<T>(*number);
                } else {
                    const auto number = wholeNumber(v);
                    // The largest unsigned numbers have no place in 64 bits with a sign.
                    const bool large = std::is_same_v<T, std::uint64_t> && v.is_number_unsigned();
                    if (!large && (!number || !std::in_range<T>(*number)))
                        throw Error(
                            {"array", "a whole number of type " + std::string(nameOf(dtype)) + " in values", foundText(v), {}});
                    *out++ = large ? static_cast<T>(v.template get<std::uint64_t>()) : static_cast<T>(*number);
                }
            }
        });
        return a;
    } catch (const Json::exception &) {
        throw Error({"array", "an object with dtype, shape and values, packed or data", foundText(json), {}});
    }
}

bool Array::operator==(const Array &other) const
{
    return m_dtype == other.m_dtype && m_shape == other.m_shape && size() == other.size() &&
           (size() == 0 || std::memcmp(raw(), other.raw(), bytes()) == 0);
}

} // namespace reticle
