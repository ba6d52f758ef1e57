#include "files/formats/GrayRamp.h"

#include <algorithm>

namespace reticle::files {

namespace {

/// Files of indexed colors that are larger are left to be read as they are.
constexpr std::uint64_t largest = std::uint64_t{1} << 30;

/// Reading and writing inside the bytes only: what is damaged ends the work.
struct Bytes
{
    std::string all;

    bool has(std::size_t at, std::size_t count) const { return at <= all.size() && count <= all.size() - at; }
    std::uint32_t number(std::size_t at, std::size_t count) const
    {
        std::uint32_t v = 0;
        for (std::size_t i = count; has(at, count) && i-- > 0;)
            v = v << 8 | static_cast<unsigned char>(all[at + i]);
        return v;
    }
    /// Entry i of a table becomes (i, i, i).
    void ramp(std::size_t at, std::size_t entries, std::size_t entrySize)
    {
        for (std::size_t i = 0; i < entries && has(at + i * entrySize, 3); ++i)
            std::fill_n(all.begin() + static_cast<std::ptrdiff_t>(at + i * entrySize), 3, static_cast<char>(i));
    }
};

bool rampBmp(Bytes &b)
{
    const std::size_t header = b.number(14, 4);
    const bool old = header == 12; // of OS/2
    const std::size_t bits = b.number(old ? 24 : 28, 2), entrySize = old ? 3 : 4, table = 14 + header, pixels = b.number(10, 4);
    if (bits == 0 || bits > 8 || table >= pixels || (header != 12 && header < 40))
        return false;
    std::size_t entries = std::size_t{1} << bits;
    if (const std::size_t used = old ? 0 : b.number(46, 4); used > 0)
        entries = std::min(entries, used);
    b.ramp(table, std::min(entries, (pixels - table) / entrySize), entrySize);
    return true;
}

/// Behind the blocks of data that begin at `at`.
std::size_t behindBlocks(const Bytes &b, std::size_t at)
{
    while (b.has(at, 1) && b.number(at, 1) != 0)
        at += 1 + b.number(at, 1);
    return at + 1;
}

void rampGif(Bytes &b)
{
    std::size_t at = 13;
    const auto table = [&](std::uint32_t flags) {
        if (!(flags & 0x80))
            return;
        const std::size_t entries = std::size_t{2} << (flags & 7);
        b.ramp(at, entries, 3);
        at += 3 * entries;
    };
    table(b.number(10, 1));
    while (b.has(at, 12)) {
        const auto kind = b.number(at, 1);
        if (kind == 0x21) {
            if (b.number(at + 1, 1) == 0xf9 && b.number(at + 2, 1) == 4) // says which number is transparent
                b.all[at + 3] = static_cast<char>(b.all[at + 3] & ~1);
            at = behindBlocks(b, at + 2);
        } else if (kind == 0x2c) {
            const auto flags = b.number(at + 9, 1);
            at += 10;
            table(flags);
            at = behindBlocks(b, at + 1);
        } else {
            return;
        }
    }
}

} // namespace

std::string withGrayRamp(const RandomFile &file)
{
    char start[6] = {};
    const std::size_t have = file.readSome(0, start, sizeof start);
    const bool bmp = have == 6 && start[0] == 'B' && start[1] == 'M';
    const bool gif = have == 6 && (std::memcmp(start, "GIF87a", 6) == 0 || std::memcmp(start, "GIF89a", 6) == 0);
    if ((!bmp && !gif) || file.size() > largest)
        return {};
    Bytes b{std::string(file.size(), '\0')};
    b.all.resize(file.readSome(0, b.all.data(), b.all.size()));
    if (gif)
        rampGif(b);
    else if (!rampBmp(b))
        return {};
    return b.all;
}

} // namespace reticle::files
