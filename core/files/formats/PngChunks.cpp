#include "files/formats/PngChunks.h"

#include "files/formats/Orientation.h"

#include <zlib.h>

namespace reticle::files {

namespace {

constexpr char signature[] = "\x89PNG\r\n\x1a\n";
constexpr std::size_t signatureBytes = 8, headerBytes = 13;
constexpr std::uint64_t largestExif = 1 << 20;
constexpr std::uint64_t longestClass = 64; ///< bytes of a text that names a class

std::uint32_t bigEndian(const unsigned char *p)
{
    return static_cast<std::uint32_t>(p[0]) << 24 | static_cast<std::uint32_t>(p[1]) << 16 |
           static_cast<std::uint32_t>(p[2]) << 8 | p[3];
}

/// One chunk after the other.
struct Walk
{
    explicit Walk(const RandomFile &f) : file(f) {}

    bool next()
    {
        unsigned char head[8];
        begin = end;
        if (file.readSome(begin, head, 8) != 8)
            return false;
        length = bigEndian(head);
        name.assign(reinterpret_cast<const char *>(head + 4), 4);
        end = begin + 12 + length;
        return end <= file.size();
    }
    std::vector<unsigned char> data() const
    {
        std::vector<unsigned char> bytes(length);
        bytes.resize(file.readSome(begin + 8, bytes.data(), bytes.size()));
        return bytes;
    }

    const RandomFile &file;
    std::uint64_t begin = 0, end = signatureBytes, length = 0;
    std::string name;
};

bool isPng(const RandomFile &file)
{
    char bytes[signatureBytes];
    return file.readSome(0, bytes, signatureBytes) == signatureBytes && std::memcmp(bytes, signature, signatureBytes) == 0;
}

} // namespace

std::optional<PngChunks> readPngChunks(const RandomFile &file)
{
    if (!isPng(file))
        return {};
    PngChunks chunks;
    for (Walk walk(file); walk.next() && walk.name != "IEND";) {
        if (walk.name == "IHDR" && walk.length == headerBytes) {
            const auto h = walk.data();
            chunks.bits = h[8];
            chunks.color = h[9];
        } else if (walk.name == "PLTE" && walk.length <= 3 * 256) {
            const auto c = walk.data();
            for (std::size_t i = 0; i + 3 <= c.size(); i += 3)
                chunks.palette.push_back({c[i], c[i + 1], c[i + 2]});
        } else if (walk.name == "tRNS" && walk.length <= 256) {
            for (const auto opacity : walk.data())
                chunks.transparent = chunks.transparent || opacity < 255;
        } else if (walk.name == "eXIf" && walk.length <= largestExif) {
            chunks.orientation = orientationOfExif(walk.data());
        } else if (walk.name == "tEXt" && walk.length <= longestClass) {
            const auto bytes = walk.data();
            const std::string text(bytes.begin(), bytes.end()), key = std::string(probabilityClassKey) + '\0';
            if (text.starts_with(key))
                chunks.probabilityClass = probabilityClassOf(text.substr(key.size()));
        }
    }
    return chunks;
}

std::string asGrayPng(const RandomFile &file)
{
    std::string png(signature, signatureBytes);
    for (Walk walk(file); walk.next();) {
        if (walk.name != "IHDR" && walk.name != "IDAT" && walk.name != "IEND")
            continue;
        const std::size_t at = png.size();
        png.resize(at + 12 + walk.length);
        file.read(walk.begin, png.data() + at, 12 + walk.length, "a chunk");
        auto *bytes = reinterpret_cast<unsigned char *>(png.data() + at);
        const auto checkSum = [&] { return static_cast<std::uint32_t>(crc32(0, bytes + 4, 4 + headerBytes)); };
        // A check sum that was wrong before stays wrong.
        if (walk.name == "IHDR" && walk.length == headerBytes && checkSum() == bigEndian(bytes + 8 + headerBytes)) {
            bytes[8 + 9] = 0;
            const auto sum = checkSum();
            for (int i = 0; i < 4; ++i)
                bytes[8 + headerBytes + static_cast<std::size_t>(i)] = static_cast<unsigned char>(sum >> (24 - 8 * i));
        }
        if (walk.name == "IEND")
            break;
    }
    return png;
}

std::string withPngText(std::string png, const std::string &key, const std::string &text)
{
    const auto number = [](std::size_t value) {
        std::string bytes;
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes += static_cast<char>(value >> shift & 255);
        return bytes;
    };
    const std::string data = key + '\0' + text, named = "tEXt" + data;
    const auto sum = crc32(0, reinterpret_cast<const unsigned char *>(named.data()), static_cast<uInt>(named.size()));
    return png.insert(signatureBytes + 12 + headerBytes, number(data.size()) + named + number(sum));
}

} // namespace reticle::files
