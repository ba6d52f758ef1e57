#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reticle::test {

/// A TIFF put together byte by byte: in either byte order, with offsets of 4 or 8 bytes, and with whatever no writer
/// would write.
class MadeTiff
{
public:
    enum Type { Byte = 1, Ascii = 2, Short = 3, Long = 4, Rational = 5, Long8 = 16 };
    struct Tag
    {
        Type type = Long;
        std::vector<std::uint64_t> values;
    };
    using Tags = std::map<int, Tag>;

    explicit MadeTiff(bool bigEndian = false, bool bigTiff = false) : m_bigEndian(bigEndian), m_bigTiff(bigTiff)
    {
        bytes = bigEndian ? "MM" : "II";
        put(bigTiff ? 43 : 42, 2);
        if (bigTiff) {
            put(8, 2);
            put(0, 2);
        }
        m_link = bytes.size();
        put(0, offsetSize());
    }

    /// Appends bytes and says where they begin.
    std::uint64_t add(const std::string &more)
    {
        const auto at = bytes.size();
        bytes += more;
        return at;
    }
    /// `values` as numbers of `size` bytes in the file's byte order.
    std::string numbers(const std::vector<std::uint64_t> &values, int size) const
    {
        std::string text;
        for (const auto v : values)
            for (int i = 0; i < size; ++i)
                text += static_cast<char>(v >> (8 * (m_bigEndian ? size - 1 - i : i)) & 255);
        return text;
    }
    /// One strip of gray pixels of `bits` at `offset`.
    static Tags gray(std::uint64_t width, std::uint64_t height, std::uint64_t offset, std::uint64_t length,
                     std::uint64_t bits = 8)
    {
        return {{256, {Long, {width}}}, {257, {Long, {height}}}, {258, {Short, {bits}}},  {259, {Short, {1}}},
                {262, {Short, {1}}},    {273, {Long, {offset}}}, {278, {Long, {height}}}, {279, {Long, {length}}}};
    }
    static Tag text(const std::string &words)
    {
        Tag tag{Ascii, {}};
        for (const char c : words)
            tag.values.push_back(static_cast<unsigned char>(c));
        tag.values.push_back(0);
        return tag;
    }
    /// A directory at the end of the chain; where it begins.
    std::uint64_t directory(const Tags &tags)
    {
        std::map<int, std::string> values;
        for (const auto &[tag, t] : tags) {
            std::string v = numbers(t.values, t.type == Rational ? 4 : sizeOf(t.type));
            if (v.size() > static_cast<std::size_t>(offsetSize()))
                v = numbers({add(v)}, offsetSize());
            v.resize(static_cast<std::size_t>(offsetSize()), '\0');
            values[tag] = v;
        }
        const auto at = bytes.size();
        linkTo(at);
        put(tags.size(), m_bigTiff ? 8 : 2);
        for (const auto &[tag, t] : tags) {
            put(static_cast<std::uint64_t>(tag), 2);
            put(t.type, 2);
            put(t.values.size() / (t.type == Rational ? 2 : 1), offsetSize());
            bytes += values[tag];
        }
        m_link = bytes.size();
        put(0, offsetSize());
        return at;
    }
    /// Lets the chain go on at `offset` after the last directory (or after the header).
    void linkTo(std::uint64_t offset)
    {
        bytes.replace(m_link, static_cast<std::size_t>(offsetSize()), numbers({offset}, offsetSize()));
    }

    std::string bytes;

private:
    int offsetSize() const { return m_bigTiff ? 8 : 4; }
    static int sizeOf(Type type) { return type == Byte || type == Ascii ? 1 : type == Short ? 2 : type == Long ? 4 : 8; }
    void put(std::uint64_t value, int size) { bytes += numbers({value}, size); }

    bool m_bigEndian, m_bigTiff;
    std::size_t m_link = 0;
};

} // namespace reticle::test
