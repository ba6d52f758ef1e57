#pragma once

#include "foundation/Json.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace reticle {

enum class DType { UInt8, Int8, UInt16, Int16, UInt32, Int32, Int64, Float32, Float64 };

std::size_t byteSize(DType dtype);
/// "uint8", "float32", ...: NumPy's names.
std::string_view nameOf(DType dtype);
/// Throws Error for an unknown name.
DType dtypeFromName(std::string_view name);

template <class T> constexpr DType dtypeOf();
template <> constexpr DType dtypeOf<std::uint8_t>()
{
    return DType::UInt8;
}
template <> constexpr DType dtypeOf<std::int8_t>()
{
    return DType::Int8;
}
template <> constexpr DType dtypeOf<std::uint16_t>()
{
    return DType::UInt16;
}
template <> constexpr DType dtypeOf<std::int16_t>()
{
    return DType::Int16;
}
template <> constexpr DType dtypeOf<std::uint32_t>()
{
    return DType::UInt32;
}
template <> constexpr DType dtypeOf<std::int32_t>()
{
    return DType::Int32;
}
template <> constexpr DType dtypeOf<std::int64_t>()
{
    return DType::Int64;
}
template <> constexpr DType dtypeOf<float>()
{
    return DType::Float32;
}
template <> constexpr DType dtypeOf<double>()
{
    return DType::Float64;
}

/// n-dimensional numbers in C order (last axis fastest), always contiguous. A handle: copies share the buffer, clone()
/// makes a new one. Images are (H, W) or (H, W, C); stacks (Z, H, W[, C]); network input (N, C, H, W).
/// Threads: reading one buffer from several threads is safe; writing needs a lock of the caller's.
class Array
{
public:
    Array() = default;
    /// Zero-filled. Throws Error (Kind::Failed) when the memory is not to be had.
    Array(DType dtype, std::vector<std::int64_t> shape);

    template <class T> static Array of(std::vector<std::int64_t> shape, std::span<const T> values);

    DType dtype() const { return m_dtype; }
    const std::vector<std::int64_t> &shape() const { return m_shape; }
    std::int64_t dim(int axis) const { return m_shape.at(axis < 0 ? m_shape.size() + axis : axis); }
    int rank() const { return static_cast<int>(m_shape.size()); }
    std::int64_t size() const; ///< number of elements; 0 for an empty array
    std::size_t bytes() const { return static_cast<std::size_t>(size()) * byteSize(m_dtype); }
    bool empty() const { return size() == 0; }

    template <class T> T *data()
    {
        assert(m_dtype == dtypeOf<T>());
        return reinterpret_cast<T *>(raw());
    }
    template <class T> const T *data() const
    {
        assert(m_dtype == dtypeOf<T>());
        return reinterpret_cast<const T *>(raw());
    }
    template <class T> std::span<T> span() { return {data<T>(), static_cast<std::size_t>(size())}; }
    template <class T> std::span<const T> span() const { return {data<T>(), static_cast<std::size_t>(size())}; }
    std::byte *raw() { return m_buffer ? m_buffer.get() + m_offset : nullptr; }
    const std::byte *raw() const { return m_buffer ? m_buffer.get() + m_offset : nullptr; }

    Array clone() const;
    /// The same buffer under another shape of equal size.
    Array reshaped(std::vector<std::int64_t> shape) const;
    /// Entry `index` of the first axis; shares the buffer.
    Array at(std::int64_t index) const;
    /// A copy converted element by element: to an integer type values are rounded half to even and clamped, NaN -> 0.
    Array as(DType dtype) const;
    /// One element as a double, by flat index.
    double value(std::int64_t flat) const;

    /// Calls f(T{}) with the C++ type of `dtype`: visit(a.dtype(), [&](auto t) { using T = decltype(t); ... }).
    template <class F> static decltype(auto) visit(DType dtype, F &&f);

    /// {"dtype": "float32", "shape": [..], "data": <bytes, little endian>} for frames, or with `text` the numbers as a
    /// flat JSON list ("values"; NaN and infinities as "nan", "inf", "-inf") for files meant to be read.
    Json toJson(bool text = false) const;
    /// Reads either form. Throws Error when dtype, shape and data do not fit one another.
    static Array fromJson(const Json &json);

    /// Equal dtype, shape and bytes.
    bool operator==(const Array &other) const;

private:
    DType m_dtype = DType::Float32;
    std::vector<std::int64_t> m_shape;
    std::shared_ptr<std::byte[]> m_buffer;
    std::size_t m_offset = 0;
};

template <class F> decltype(auto) Array::visit(DType dtype, F &&f)
{
    switch (dtype) {
    case DType::UInt8: return f(std::uint8_t{});
    case DType::Int8: return f(std::int8_t{});
    case DType::UInt16: return f(std::uint16_t{});
    case DType::Int16: return f(std::int16_t{});
    case DType::UInt32: return f(std::uint32_t{});
    case DType::Int32: return f(std::int32_t{});
    case DType::Int64: return f(std::int64_t{});
    case DType::Float32: return f(float{});
    case DType::Float64: break;
    }
    return f(double{});
}

template <class T> Array Array::of(std::vector<std::int64_t> shape, std::span<const T> values)
{
    Array a(dtypeOf<T>(), std::move(shape));
    assert(a.size() == static_cast<std::int64_t>(values.size()));
    std::copy(values.begin(), values.end(), a.data<T>());
    return a;
}

} // namespace reticle
