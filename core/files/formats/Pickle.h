#pragma once

#include "files/ByteSource.h"
#include "foundation/Array.h"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reticle {

/// A tensor as a pickle describes it: a part of a storage, which is a file of the archive.
struct PickledTensor
{
    std::string storage; ///< name of the file below data/
    DType dtype = DType::Float32;
    std::int64_t stored = 0; ///< elements of the storage
    std::int64_t offset = 0;
    std::vector<std::int64_t> shape, strides; ///< in elements, at least 0
};

/// Attributes of one object: its tensors and texts by name.
using PickledAttributes = std::map<std::string, std::variant<std::string, PickledTensor>>;

/// Reads the few instructions of a pickle (protocol 2) with which LibTorch's OutputArchive writes tensors and texts, and
/// refuses every other instruction, name and type: nothing is imported, called or made but tensors, texts and numbers.
/// Size, depth and number of values are limited. Throws ForeignFile naming `file`.
PickledAttributes readPickle(std::string_view pickle, const ByteSource &file);

} // namespace reticle
