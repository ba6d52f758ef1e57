#include "files/formats/StoredZip.h"

#include <algorithm>
#include <array>
#include <optional>

#include <zlib.h>

namespace reticle {

namespace {

constexpr std::uint32_t localMark = 0x04034b50, directoryMark = 0x02014b50, endMark = 0x06054b50, end64Mark = 0x06064b50,
                        locatorMark = 0x07064b50;
constexpr std::size_t endBytes = 22, end64Bytes = 56, locatorBytes = 20, directoryBytes = 46, localBytes = 30;
constexpr std::uint64_t longestComment = 65535;

/// Little-endian numbers of a piece of the file.
class Piece
{
public:
    Piece(const ByteSource &bytes, std::uint64_t offset, std::size_t count) : m_text(count, '\0')
    {
        bytes.read(offset, std::as_writable_bytes(std::span(m_text)));
    }
    std::uint64_t number(std::size_t at, std::size_t width) const
    {
        std::uint64_t n = 0;
        for (std::size_t i = 0; i < width; ++i)
            n |= std::uint64_t(static_cast<unsigned char>(m_text.at(at + i))) << (8 * i);
        return n;
    }
    std::uint16_t two(std::size_t at) const { return static_cast<std::uint16_t>(number(at, 2)); }
    std::uint32_t four(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
    std::uint64_t eight(std::size_t at) const { return number(at, 8); }
    std::size_t size() const { return m_text.size(); }
    std::string text(std::size_t at, std::size_t count) const { return m_text.substr(at, count); }

private:
    std::string m_text;
};

/// Where the end record begins; nothing where there is none whose comment reaches to the end.
std::optional<std::uint64_t> endRecord(const ByteSource &bytes)
{
    if (bytes.size() < endBytes)
        return std::nullopt;
    const auto first = bytes.size() - std::min(bytes.size(), endBytes + longestComment);
    const Piece tail(bytes, first, static_cast<std::size_t>(bytes.size() - first));
    for (std::size_t at = tail.size() - endBytes + 1; at-- > 0;)
        if (tail.four(at) == endMark && at + endBytes + tail.two(at + 20) == tail.size())
            return first + at;
    return std::nullopt;
}

} // namespace

bool StoredZip::endsAsArchive(const ByteSource &bytes)
{
    return endRecord(bytes).has_value();
}

StoredZip::StoredZip(const ByteSource &bytes) : m_bytes(bytes)
{
    const auto end = endRecord(bytes);
    if (!end)
        bytes.damaged(bytes.size() == 0 ? "it is empty" : "it is cut short or is not a model file");
    const Piece record(bytes, *end, endBytes);
    std::uint64_t count = record.two(10), length = record.four(12), offset = record.four(16), limit = *end;
    if (*end >= locatorBytes) {
        const Piece locator(bytes, *end - locatorBytes, locatorBytes);
        if (locator.four(0) == locatorMark) {
            const auto at = locator.eight(8);
            if (at > *end || *end - at < end64Bytes + locatorBytes)
                bytes.damaged("its list of contents is unreadable");
            const Piece wide(bytes, at, end64Bytes);
            if (wide.four(0) != end64Mark)
                bytes.damaged("its list of contents is unreadable");
            count = wide.eight(32);
            length = wide.eight(40);
            offset = wide.eight(48);
            limit = at;
        }
    }
    if (offset > limit || length > limit - offset || count > mostEntries || length > longestDirectory)
        bytes.damaged("its list of contents is unreadable");
    const Piece directory(bytes, offset, static_cast<std::size_t>(length));
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (directory.size() - at < directoryBytes || directory.four(at) != directoryMark)
            bytes.damaged("its list of contents is unreadable");
        Entry e;
        e.flags = directory.two(at + 8);
        e.method = directory.two(at + 10);
        e.crc = directory.four(at + 16);
        e.packed = directory.four(at + 20);
        e.size = directory.four(at + 24);
        const std::size_t name = directory.two(at + 28), extra = directory.two(at + 30), comment = directory.two(at + 32);
        e.header = directory.four(at + 42);
        if (directory.size() - at - directoryBytes < name + extra + comment)
            bytes.damaged("its list of contents is unreadable");
        const std::string title = directory.text(at + directoryBytes, name);
        // Sizes beyond 32 bits stand in the extra field 1, in this order, each only where the short one is full.
        for (std::size_t x = at + directoryBytes + name, last = x + extra; last - x >= 4;) {
            const std::size_t size = directory.two(x + 2);
            if (last - x - 4 < size)
                bytes.damaged("its list of contents is unreadable");
            if (directory.two(x) == 1) {
                std::size_t field = x + 4;
                for (auto *value : {&e.size, &e.packed, &e.header})
                    if (*value == 0xffffffff && x + 4 + size - field >= 8) {
                        *value = directory.eight(field);
                        field += 8;
                    }
            }
            x += 4 + size;
        }
        if (i == 0)
            m_root = title.substr(0, title.find('/'));
        if (!m_entries.emplace(title, e).second)
            bytes.damaged("a part occurs twice");
        at += directoryBytes + name + extra + comment;
    }
}

const StoredZip::Entry &StoredZip::entry(const std::string &name) const
{
    const auto it = m_entries.find(name);
    if (it == m_entries.end())
        m_bytes.damaged("a part is missing");
    const Entry &e = it->second;
    if (e.method != 0 || (e.flags & 1) || e.packed != e.size)
        m_bytes.foreign("an archive with compressed or encrypted parts");
    if (e.size > m_bytes.size())
        m_bytes.damaged("its list of contents is unreadable");
    return e;
}

std::uint64_t StoredZip::sizeOf(const std::string &name) const
{
    return entry(name).size;
}

void StoredZip::read(const std::string &name, std::span<std::byte> to) const
{
    const Entry &e = entry(name);
    if (to.size() != e.size)
        m_bytes.damaged("a part has another size than it should");
    const Piece local(m_bytes, e.header, localBytes);
    if (local.four(0) != localMark)
        m_bytes.damaged("a part is not where the list of contents says");
    m_bytes.read(e.header + localBytes + local.two(26) + local.two(28), to);
    uLong crc = crc32(0, nullptr, 0);
    for (auto rest = to; !rest.empty();) {
        const auto n = std::min<std::size_t>(rest.size(), 1u << 30);
        crc = crc32(crc, reinterpret_cast<const Bytef *>(rest.data()), static_cast<uInt>(n));
        rest = rest.subspan(n);
    }
    if (crc != e.crc)
        m_bytes.damaged("its checksum does not match");
}

} // namespace reticle
