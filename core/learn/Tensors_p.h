#pragma once

// Private to core/learn and core/analysis: Array <-> torch::Tensor.

#include "foundation/Array.h"

#include <torch/torch.h>

#include <algorithm>

namespace reticle {

/// uint8, int8, int16, int32, int64, float32 and float64 exist on both sides; others are an assertion.
inline torch::ScalarType torchTypeOf(DType dtype)
{
    switch (dtype) {
    case DType::UInt8: return torch::kUInt8;
    case DType::Int8: return torch::kInt8;
    case DType::Int16: return torch::kInt16;
    case DType::Int32: return torch::kInt32;
    case DType::Int64: return torch::kInt64;
    case DType::Float32: return torch::kFloat32;
    case DType::Float64: return torch::kFloat64;
    default: break;
    }
    assert(false && "a number type that torch lacks");
    return torch::kFloat32;
}

/// A view: shares and keeps alive the array's buffer.
inline torch::Tensor tensorOf(const Array &array)
{
    return torch::from_blob(
        const_cast<std::byte *>(array.raw()), array.shape(), [array](void *) {},
        torch::TensorOptions().dtype(torchTypeOf(array.dtype())));
}

/// A copy in C order on the host; bfloat16 and half become float32, bool uint8.
inline Array arrayOf(const torch::Tensor &tensor)
{
    auto t = tensor.detach();
    if (t.scalar_type() == torch::kBFloat16 || t.scalar_type() == torch::kHalf)
        t = t.to(torch::kFloat32);
    if (t.scalar_type() == torch::kBool)
        t = t.to(torch::kUInt8);
    t = t.to(torch::kCPU).contiguous();
    DType dtype = DType::Float32;
    switch (t.scalar_type()) {
    case torch::kUInt8: dtype = DType::UInt8; break;
    case torch::kInt8: dtype = DType::Int8; break;
    case torch::kInt16: dtype = DType::Int16; break;
    case torch::kInt32: dtype = DType::Int32; break;
    case torch::kInt64: dtype = DType::Int64; break;
    case torch::kFloat64: dtype = DType::Float64; break;
    default: assert(t.scalar_type() == torch::kFloat32); break;
    }
    Array a(dtype, t.sizes().vec());
    const auto *from = static_cast<const std::byte *>(t.data_ptr());
    std::copy(from, from + a.bytes(), a.raw());
    return a;
}

} // namespace reticle
