#pragma once

#include "files/formats/TorchArchive.h"
#include "foundation/Array.h"

#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

namespace reticle::test {

/// Little endian.
inline std::string bytesOf(std::uint64_t number, int width)
{
    std::string s;
    for (int i = 0; i < width; ++i)
        s += static_cast<char>(i < 8 ? number >> (8 * i) : 0);
    return s;
}

/// A ZIP archive as LibTorch writes it: stored, sizes and CRC-32 behind the bytes and in the directory, ZIP64 end record.
inline std::string zipOf(const std::vector<std::pair<std::string, std::string>> &files)
{
    std::string zip, directory;
    for (const auto &[name, content] : files) {
        const auto crc = crc32(0, reinterpret_cast<const Bytef *>(content.data()), static_cast<uInt>(content.size()));
        const std::string extra = "FB" + bytesOf(4, 2) + "ZZZZ";
        const auto at = zip.size();
        zip += "PK\x03\x04" + bytesOf(0, 2) + bytesOf(0x808, 2) + bytesOf(0, 2 + 4 + 4 + 4 + 4) + bytesOf(name.size(), 2) +
               bytesOf(extra.size(), 2) + name + extra + content + "PK\x07\x08" + bytesOf(crc, 4) + bytesOf(content.size(), 4) +
               bytesOf(content.size(), 4);
        directory += "PK\x01\x02" + bytesOf(0, 4) + bytesOf(0x808, 2) + bytesOf(0, 2 + 4) + bytesOf(crc, 4) +
                     bytesOf(content.size(), 4) + bytesOf(content.size(), 4) + bytesOf(name.size(), 2) +
                     bytesOf(0, 2 + 2 + 2 + 2 + 4) + bytesOf(at, 4) + name;
    }
    const auto begin = zip.size();
    zip += directory;
    const auto end64 = zip.size();
    zip += "PK\x06\x06" + bytesOf(44, 8) + bytesOf(0x31e, 2) + bytesOf(0x2d, 2) + bytesOf(0, 8) + bytesOf(files.size(), 8) +
           bytesOf(files.size(), 8) + bytesOf(directory.size(), 8) + bytesOf(begin, 8);
    zip += "PK\x06\x07" + bytesOf(0, 4) + bytesOf(end64, 8) + bytesOf(1, 4);
    zip += "PK\x05\x06" + bytesOf(0, 4) + bytesOf(files.size(), 2) + bytesOf(files.size(), 2) + bytesOf(directory.size(), 4) +
           bytesOf(begin, 4) + bytesOf(0, 2);
    return zip;
}

inline std::string pickledText(const std::string &text)
{
    return "X" + bytesOf(text.size(), 4) + text;
}

inline std::string pickledNumber(std::int64_t n)
{
    if (n >= 0 && n < 256)
        return "K" + bytesOf(static_cast<std::uint64_t>(n), 1);
    if (n >= 0 && n < 65536)
        return "M" + bytesOf(static_cast<std::uint64_t>(n), 2);
    if (n == static_cast<std::int32_t>(n))
        return "J" + bytesOf(static_cast<std::uint64_t>(n), 4);
    return "\x8a\x08" + bytesOf(static_cast<std::uint64_t>(n), 8);
}

struct ArchivedTensor
{
    std::string type = "FloatStorage", file = "0";
    std::int64_t stored = 0, offset = 0;
    std::vector<std::int64_t> shape, strides;

    std::string pickled() const
    {
        std::string sides = "(", steps = "(";
        for (const auto n : shape)
            sides += pickledNumber(n);
        for (const auto n : strides)
            steps += pickledNumber(n);
        return "ctorch._utils\n_rebuild_tensor_v2\n((" + pickledText("storage") + "ctorch\n" + type + "\n" + pickledText(file) +
               pickledText("cpu") + pickledNumber(stored) + "tQ" + pickledNumber(offset) + sides + "t" + steps +
               "t\x89"
               "ccollections\nOrderedDict\n)RtR";
    }
};

/// The pickle of an object with these attributes, each already pickled.
inline std::string pickleOf(const std::vector<std::pair<std::string, std::string>> &attributes)
{
    std::string p = "\x80\x02"
                    "c__torch__\nModule\n" +
                    std::string("q\0)\x81}(", 6);
    for (const auto &[name, value] : attributes)
        p += pickledText(name) + value;
    return p + "ub.";
}

/// What Reticle wrote before it had files of its own: arrays by name and a JSON document.
inline std::string torchArchive(const std::vector<std::pair<std::string, Array>> &arrays, const Json &info, bool sealed = false)
{
    std::vector<std::pair<std::string, std::string>> attributes, files;
    std::string names;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        const auto &[name, array] = arrays[i];
        ArchivedTensor t;
        t.type = array.dtype() == DType::UInt8 ? "ByteStorage" : array.dtype() == DType::Int64 ? "LongStorage" : "FloatStorage";
        t.file = std::to_string(i);
        t.stored = array.size();
        t.shape = array.shape();
        std::int64_t step = 1;
        for (auto side = t.shape.rbegin(); side != t.shape.rend(); ++side) {
            t.strides.insert(t.strides.begin(), step);
            step *= *side;
        }
        attributes.emplace_back("t" + std::to_string(i), t.pickled());
        files.emplace_back("archive/data/" + t.file, std::string(reinterpret_cast<const char *>(array.raw()), array.bytes()));
        names += name + "\n";
    }
    attributes.emplace_back("names", pickledText(names));
    attributes.emplace_back("info", pickledText(info.dump()));
    files.emplace_back("archive/data.pkl", pickleOf(attributes));
    files.emplace_back("archive/code/__torch__.py", "class Module(Module):\n");
    files.emplace_back("archive/constants.pkl", "\x80\x02).");
    files.emplace_back("archive/version", "3\n");
    const auto zip = zipOf(files);
    return sealed ? zip + torchArchiveSeal(zip) : zip;
}

} // namespace reticle::test
