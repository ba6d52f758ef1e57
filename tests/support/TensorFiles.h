#pragma once

#include "files/formats/TensorFile.h"
#include "files/formats/TorchArchive.h"
#include "foundation/Sha256.h"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

namespace reticle::test {

/// One of each type that checkpoints hold, a single number and an empty one.
inline std::vector<std::pair<std::string, Array>> sampleArrays()
{
    Array weights(DType::Float32, {2, 3, 1, 1}), random(DType::UInt8, {5}), steps(DType::Int64, {}), none(DType::Float32, {0});
    for (int i = 0; i < 6; ++i)
        weights.data<float>()[i] = static_cast<float>(i) - 2.5f;
    for (int i = 0; i < 5; ++i)
        random.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(50 * i);
    steps.data<std::int64_t>()[0] = 1234567890123;
    return {{"a.weight", weights}, {"generator", random}, {"none", none}, {"steps", steps}};
}

/// The bytes of a model file.
inline std::string tensorFile(const std::vector<std::pair<std::string, Array>> &arrays, const Json &info)
{
    std::vector<TensorView> views;
    for (const auto &[name, array] : arrays)
        views.push_back({name, array.dtype(), array.shape(), {array.raw(), array.bytes()}});
    std::string header, all;
    std::vector<std::string_view> pieces;
    tensorFilePieces(views, info, header, pieces);
    for (const auto piece : pieces)
        all += piece;
    return all;
}

/// The same bytes with the SHA-256 of a model file, the CRC-32 of each archived part and the seal behind an archive made
/// to fit, where they are found.
inline std::string withFittingChecksums(std::string bytes)
{
    constexpr std::size_t digestAt = 8 + 27;
    if (bytes.size() >= digestAt + 64 && bytes.compare(8, 16, "{\"__metadata__\":") == 0) {
        bytes.replace(digestAt, 64, 64, '0');
        Sha256 hash;
        hash.add(bytes);
        bytes.replace(digestAt, 64, hash.finish());
        return bytes;
    }
    const bool sealed = bytes.size() >= 16 && bytes.compare(bytes.size() - 16, 8, "RETICLE1") == 0;
    const auto number = [&](std::size_t at, int width) {
        std::uint64_t n = 0;
        for (int i = width; i-- > 0;)
            n = n << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
        return n;
    };
    for (std::size_t at = bytes.find("PK\x01\x02"); at != std::string::npos; at = bytes.find("PK\x01\x02", at + 4)) {
        if (bytes.size() - at < 46)
            break;
        const auto size = number(at + 24, 4), header = number(at + 42, 4);
        if (header > bytes.size() || bytes.size() - header < 30)
            continue;
        const auto content = header + 30 + number(header + 26, 2) + number(header + 28, 2);
        if (content > bytes.size() || size > bytes.size() - content)
            continue;
        const auto crc = static_cast<std::uint32_t>(
            crc32(0, reinterpret_cast<const Bytef *>(bytes.data() + content), static_cast<uInt>(size)));
        std::memcpy(bytes.data() + at + 16, &crc, 4);
    }
    if (sealed)
        bytes.replace(bytes.size() - 16, 16, torchArchiveSeal(std::string_view(bytes).substr(0, bytes.size() - 16)));
    return bytes;
}

/// Reads the bytes as each kind of model file; how often that gave something and not an Error.
inline int readAsModel(const std::string &bytes)
{
    int read = 0;
    const MemoryBytes memory(bytes, "fuzzed");
    const auto tried = [&](auto f) {
        try {
            f();
            ++read;
        } catch (const Error &) {
        }
    };
    tried([&] { readTensorFile(memory); });
    tried([&] { readTensorFileInfo(memory); });
    tried([&] { readTorchArchive(memory, false); });
    tried([&] { readTorchArchive(memory, true); });
    return read;
}

} // namespace reticle::test
