#include "files/formats/TensorFile.h"

#include "documents/DocumentBuilder.h"
#include "foundation/AtomicFile.h"
#include "foundation/FreeMemory.h"
#include "foundation/Sha256.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

// The layout is that of safetensors (https://github.com/huggingface/safetensors#format): the header's length in 8 bytes,
// the header as JSON, the arrays without gaps.

namespace reticle {

namespace {

constexpr std::string_view beginning = R"({"__metadata__":{"sha256":")";
constexpr std::size_t sizeDigits = 64;
constexpr std::size_t lengthBytes = 8;
constexpr const char *format = "reticle 1";

/// Numbers that both arrays and LibTorch have.
constexpr std::array<std::pair<DType, std::string_view>, 7> types{{{DType::Float32, "F32"},
                                                                   {DType::Float64, "F64"},
                                                                   {DType::Int64, "I64"},
                                                                   {DType::UInt8, "U8"},
                                                                   {DType::Int8, "I8"},
                                                                   {DType::Int16, "I16"},
                                                                   {DType::Int32, "I32"}}};

std::string_view typeName(DType dtype)
{
    for (const auto &[type, name] : types)
        if (type == dtype)
            return name;
    return {};
}

std::optional<DType> typeOf(const std::string &name)
{
    for (const auto &[type, word] : types)
        if (word == name)
            return type;
    return std::nullopt;
}

struct Entry
{
    std::string name;
    DType dtype = DType::Float32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;
};

struct TensorHeader
{
    std::string text;           ///< the file's bytes before the arrays
    std::vector<Entry> entries; ///< in the order of the file
    Json info;
    std::string sha256;
    std::uint64_t dataBytes = 0;
};

/// Of a field that holds whole numbers of at least 0.
std::vector<std::uint64_t> wholeNumbers(const Json &list, const ByteSource &bytes)
{
    std::vector<std::uint64_t> numbers;
    if (!list.is_array())
        bytes.damaged("its header is unreadable");
    for (const auto &n : list) {
        if (!n.is_number_unsigned() || n.get<std::uint64_t>() > std::uint64_t(INT64_MAX))
            bytes.damaged("its header is unreadable");
        numbers.push_back(n.get<std::uint64_t>());
    }
    return numbers;
}

Entry entryOf(const std::string &name, const Json &json, const ByteSource &bytes)
{
    if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
        !json.contains("data_offsets") || !json["dtype"].is_string())
        bytes.damaged("its header is unreadable");
    const auto type = typeOf(json["dtype"].get<std::string>());
    if (!type)
        throw Error(Error::Kind::Input, bytes.name(),
                    "This file holds numbers of a type that Reticle does not read. Open it with the version of Reticle "
                    "that wrote it.");
    Entry entry{name, *type, {}, 0, 0};
    std::uint64_t size = byteSize(*type);
    bool fits = true, empty = false;
    for (const auto n : wholeNumbers(json["shape"], bytes)) {
        entry.shape.push_back(static_cast<std::int64_t>(n));
        empty = empty || n == 0;
        fits = fits && (n == 0 || !__builtin_mul_overflow(size, n, &size));
    }
    const auto offsets = wholeNumbers(json["data_offsets"], bytes);
    if (offsets.size() != 2 || offsets[0] > offsets[1] || !fits || entry.shape.size() > 16)
        bytes.damaged("sizes in its header contradict each other");
    entry.begin = offsets[0];
    entry.end = offsets[1];
    if (entry.end - entry.begin != (empty ? 0 : size))
        bytes.damaged("sizes in its header contradict each other");
    return entry;
}

TensorHeader headerOf(const ByteSource &bytes)
{
    std::uint64_t length = 0;
    if (bytes.size() < lengthBytes + beginning.size() + sizeDigits)
        bytes.damaged(bytes.size() == 0 ? "it is empty" : "it is cut short");
    if (!beginsAsTensorFile(bytes)) {
        std::array<char, 2> first{};
        bytes.read(0, std::as_writable_bytes(std::span(first)));
        if (first[0] == 'P' && first[1] == 'K')
            bytes.foreign("a packed archive");
        bytes.damaged("it does not begin as a model file or checkpoint of Reticle does");
    }
    bytes.read(0, std::as_writable_bytes(std::span(&length, 1)));
    if (length > bytes.size() - lengthBytes || length > longestTensorHeader)
        bytes.damaged("its header is longer than it may be");

    TensorHeader header;
    header.text.resize(static_cast<std::size_t>(lengthBytes + length));
    bytes.read(0, std::as_writable_bytes(std::span(header.text)));
    header.dataBytes = bytes.size() - header.text.size();
    const Json json = parseLimited(std::string_view(header.text).substr(lengthBytes), bytes.name());
    std::uint64_t end = 0;
    for (const auto &item : json.items()) {
        const std::string &name = item.key();
        const Json &value = item.value();
        if (name != "__metadata__") {
            header.entries.push_back(entryOf(name, value, bytes));
            continue;
        }
        const auto text = [&](const char *key) {
            if (!value.is_object() || !value.contains(key) || !value[key].is_string())
                bytes.damaged("its header is unreadable");
            return value[key].get<std::string>();
        };
        header.sha256 = text("sha256");
        if (text("format") != format)
            throw Error(Error::Kind::Input, bytes.name(),
                        "This file is of another version of Reticle. Open it with a newer Reticle.");
        header.info = parseLimited(text("info"), bytes.name());
    }
    std::sort(header.entries.begin(), header.entries.end(),
              [](const Entry &a, const Entry &b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });
    for (const auto &entry : header.entries) {
        if (entry.begin != end)
            bytes.damaged("arrays overlap or leave gaps");
        end = entry.end;
    }
    if (end != header.dataBytes)
        bytes.damaged(end > header.dataBytes ? "it is cut short" : "it is longer than its header says");
    return header;
}

/// The header as it goes into the checksum: with zeros in the checksum's own place.
std::string withoutDigest(std::string header)
{
    std::fill_n(header.begin() + static_cast<std::ptrdiff_t>(lengthBytes + beginning.size()), sizeDigits, '0');
    return header;
}

} // namespace

void requireMemoryFor(const ByteSource &bytes, std::uint64_t count)
{
    if (count > static_cast<std::uint64_t>(std::max<std::int64_t>(0, freeMemory())))
        throw Error(Error::Kind::Failed, bytes.name(),
                    fmt::format("There is not enough memory to read this file ({} MiB). Close other programs and try again.",
                                count >> 20));
}

Json parseLimited(std::string_view text, const std::string &where, int deepest)
{
    Json json;
    DocumentBuilder builder(json, static_cast<std::size_t>(deepest));
    if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
        const std::string &found = builder.refusal();
        if (builder.errorByte() > 0)
            throw Error(Error::Kind::Input, where,
                        "This file is damaged (its description is not valid JSON). Restore it from a copy, or train the run "
                        "again.");
        const bool deep = found.ends_with("levels of nesting"), twice = found.ends_with("twice in one object");
        throw Error(Error::Kind::Input, where,
                    fmt::format("This file is damaged or was changed ({}). Restore it from a copy.",
                                deep    ? "its description is nested too deeply"
                                : twice ? "a name occurs twice"
                                        : "its description holds " + found));
    }
    if (!json.is_object())
        throw Error(Error::Kind::Input, where,
                    "This file is damaged (its description is not an object). Restore it from a copy, or train the run "
                    "again.");
    return json;
}

std::string tensorFilePieces(std::vector<TensorView> &tensors, const Json &info, std::string &header,
                             std::vector<std::string_view> &pieces)
{
    // Wide types first, so that each array begins at a multiple of its type's size.
    std::sort(tensors.begin(), tensors.end(), [](const TensorView &a, const TensorView &b) {
        const auto wideA = byteSize(a.dtype), wideB = byteSize(b.dtype);
        return std::tie(wideB, a.name) < std::tie(wideA, b.name);
    });
    Json json;
    json["__metadata__"] = {{"sha256", std::string(sizeDigits, '0')},
                            {"format", format},
                            {"info", info.dump(-1, ' ', false, Json::error_handler_t::replace)}};
    std::uint64_t offset = 0;
    for (const auto &t : tensors) {
        assert(t.name != "__metadata__" && !json.contains(t.name));
        json[t.name] = {{"dtype", typeName(t.dtype)}, {"shape", t.shape}, {"data_offsets", {offset, offset + t.bytes.size()}}};
        offset += t.bytes.size();
    }
    header = std::string(lengthBytes, '\0') + json.dump();
    header.resize((header.size() + 7) / 8 * 8, ' ');
    const std::uint64_t length = header.size() - lengthBytes;
    if (length > longestTensorHeader)
        throw Error(Error::Kind::Failed, "model file",
                    "The description of this run is too long to be saved with its weights. "
                    "Use fewer images or shorter lists of slices.");
    std::memcpy(header.data(), &length, lengthBytes);
    Sha256 hash;
    hash.add(std::string_view(header));
    for (const auto &t : tensors)
        hash.add(std::string_view(reinterpret_cast<const char *>(t.bytes.data()), t.bytes.size()));
    const auto sha256 = hash.finish();
    header.replace(lengthBytes + beginning.size(), sizeDigits, sha256);
    pieces = {header};
    for (const auto &t : tensors)
        pieces.emplace_back(reinterpret_cast<const char *>(t.bytes.data()), t.bytes.size());
    return sha256;
}

std::string writeTensorFile(const std::filesystem::path &path, std::vector<TensorView> tensors, const Json &info)
{
    std::string header;
    std::vector<std::string_view> pieces;
    const auto sha256 = tensorFilePieces(tensors, info, header, pieces);
    writePiecesAtomically(path, pieces);
    return sha256;
}

bool beginsAsTensorFile(const ByteSource &bytes)
{
    std::array<char, beginning.size()> first{};
    if (bytes.size() < lengthBytes + first.size())
        return false;
    bytes.read(lengthBytes, std::as_writable_bytes(std::span(first)));
    return std::string_view(first.data(), first.size()) == beginning;
}

TensorFile readTensorFile(const ByteSource &bytes)
{
    const TensorHeader header = headerOf(bytes);
    requireMemoryFor(bytes, header.dataBytes);
    TensorFile file;
    Sha256 hash;
    hash.add(std::string_view(withoutDigest(header.text)));
    for (const auto &entry : header.entries) {
        Array array(entry.dtype, entry.shape);
        const std::span data(array.raw(), static_cast<std::size_t>(entry.end - entry.begin));
        bytes.read(header.text.size() + entry.begin, data);
        hash.add(std::string_view(reinterpret_cast<const char *>(data.data()), data.size()));
        file.tensors.emplace(entry.name, std::move(array));
    }
    file.sha256 = hash.finish();
    if (file.sha256 != header.sha256)
        bytes.damaged("its checksum does not match");
    file.info = header.info;
    return file;
}

Json readTensorFileInfo(const ByteSource &bytes)
{
    const TensorHeader header = headerOf(bytes);
    requireMemoryFor(bytes, header.dataBytes); // else reading it through may take hours: nearly all may be a hole
    Sha256 hash;
    hash.add(std::string_view(withoutDigest(header.text)));
    std::string piece;
    for (std::uint64_t at = header.text.size(); at < bytes.size(); at += piece.size()) {
        piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size() - at, 1 << 20)));
        bytes.read(at, std::as_writable_bytes(std::span(piece)));
        hash.add(std::string_view(piece));
    }
    if (hash.finish() != header.sha256)
        bytes.damaged("its checksum does not match");
    return header.info;
}

} // namespace reticle
