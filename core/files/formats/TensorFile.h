#pragma once

#include "files/ByteSource.h"
#include "foundation/Array.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace reticle {

/// Named arrays and a JSON document: all that a model file or a checkpoint holds. Laid out as safetensors, with a SHA-256
/// over the whole file; docs/model-files.md describes it. Nothing in such a file can run.
struct TensorFile
{
    std::map<std::string, Array> tensors;
    Json info = Json::object();
    std::string sha256; ///< of the file, 64 hexadecimal digits
};

/// An array that stays where it is while it is written: C order, little endian.
struct TensorView
{
    std::string name; ///< not "__metadata__"
    DType dtype = DType::Float32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
};

/// Longest header that is read, in bytes: names, shapes and the JSON document.
constexpr std::uint64_t longestTensorHeader = std::uint64_t(32) << 20;
/// Deepest nesting of the JSON document.
constexpr int deepestTensorInfo = 64;

/// The pieces of such a file one after another: the header, and the arrays in their order in the file. They point into
/// `header` and `tensors`, which are sorted. Returns the file's SHA-256.
std::string tensorFilePieces(std::vector<TensorView> &tensors, const Json &info, std::string &header,
                             std::vector<std::string_view> &pieces);

/// Written next to `path`, flushed to disk and renamed. Returns its SHA-256. Throws Error (Kind::Failed).
std::string writeTensorFile(const std::filesystem::path &path, std::vector<TensorView> tensors, const Json &info);

/// Whether the bytes begin as such a file does.
bool beginsAsTensorFile(const ByteSource &bytes);

/// Sizes are checked against the file and the free memory before memory is taken; the checksum is checked before
/// anything is returned. Throws Error naming the source, and ForeignFile for an archive.
TensorFile readTensorFile(const ByteSource &bytes);
/// The same checks, of every byte too, but only the document is returned.
Json readTensorFileInfo(const ByteSource &bytes);

/// Throws Error (Kind::Failed) where the machine has less free memory than this file wants, such as one that is mostly a hole.
void requireMemoryFor(const ByteSource &bytes, std::uint64_t count);

/// JSON text within DocumentLimits and this depth, without repeated names. Throws Error naming `where`.
Json parseLimited(std::string_view text, const std::string &where, int deepest = deepestTensorInfo);

} // namespace reticle
