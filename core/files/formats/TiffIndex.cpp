#include "files/formats/TiffIndex.h"

namespace reticle::files {

namespace {

constexpr std::int64_t maxDirectories = 1 << 22;

} // namespace

bool TiffIndex::isTiff(const RandomFile &file)
{
    unsigned char h[4] = {};
    if (file.readSome(0, h, 4) != 4)
        return false;
    const bool little = h[0] == 'I' && h[1] == 'I' && (h[2] == 42 || h[2] == 43) && h[3] == 0;
    const bool big = h[0] == 'M' && h[1] == 'M' && h[2] == 0 && (h[3] == 42 || h[3] == 43);
    return little || big;
}

TiffIndex::TiffIndex(const RandomFile &file) : m_file(file)
{
    unsigned char h[16] = {};
    file.read(0, h, 8, "a TIFF header");
    m_bigEndian = h[0] == 'M';
    m_big = number(h + 2, 2) == 43;
    if (m_big)
        file.read(0, h, 16, "a BigTIFF header");
    m_next = m_big ? number(h + 8, 8) : number(h + 4, 4);
    if (!page(0))
        throw Error({file.name(), "a TIFF with at least one page", "none", {}});
}

std::uint64_t TiffIndex::number(const unsigned char *p, int bytes) const
{
    std::uint64_t v = 0;
    for (int i = 0; i < bytes; ++i)
        v = v << 8 | p[m_bigEndian ? i : bytes - 1 - i];
    return v;
}

TiffDirectory TiffIndex::readDirectory(std::uint64_t offset, std::int64_t index) const
{
    const int countBytes = m_big ? 8 : 2, entryBytes = m_big ? 20 : 12, offsetBytes = m_big ? 8 : 4;
    const std::string what = "the directory of page " + std::to_string(index);
    // One read serves nearly every directory: 1 KiB holds some 50 entries.
    std::vector<unsigned char> bytes(1024);
    std::size_t have = m_file.readSome(offset, bytes.data(), bytes.size());
    if (have < static_cast<std::size_t>(countBytes))
        m_file.read(offset, bytes.data(), countBytes, what);
    const std::uint64_t entries = number(bytes.data(), countBytes);
    if (entries == 0 || entries > 65535)
        throw Error({m_file.name(), what, std::to_string(entries) + " entries", "the file is damaged"});
    const std::size_t needed = countBytes + entries * entryBytes + offsetBytes;
    if (have < needed) {
        bytes.resize(needed);
        m_file.read(offset, bytes.data(), needed, what);
    }
    TiffDirectory d;
    d.offset = offset;
    for (std::uint64_t i = 0; i < entries; ++i) {
        const unsigned char *e = bytes.data() + countBytes + i * entryBytes;
        const auto tag = number(e, 2), type = number(e + 2, 2), count = number(e + 4, offsetBytes);
        const int size = type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : type == 16 ? 8 : 0;
        const unsigned char *v = e + 4 + offsetBytes;
        if (tag == 270) {
            ++d.descriptions;
            d.lastDescription = number(v, offsetBytes);
            d.lastDescriptionBytes = count;
        }
        if (size == 0 || size > offsetBytes || count == 0)
            continue;
        const bool inside = count * size <= static_cast<std::uint64_t>(offsetBytes);
        const auto value = static_cast<std::int64_t>(number(v, size));
        switch (tag) {
        case 254: d.reduced = (value & 5) != 0; break;
        case 256: d.width = value; break;
        case 257: d.height = value; break;
        case 258: d.bits = inside ? static_cast<int>(value) : 0; break;
        case 274: d.orientation = plainOrientation(value); break;
        case 277: d.samples = value; break;
        case 339: d.format = inside ? static_cast<int>(value) : 0; break;
        default: break;
        }
    }
    const unsigned char *last = bytes.data() + countBytes + entries * entryBytes;
    d.next = number(last, offsetBytes);
    return d;
}

const TiffDirectory *TiffIndex::page(std::int64_t index)
{
    while (static_cast<std::int64_t>(m_pages.size()) <= index && !m_end) {
        if (m_next == 0) {
            m_end = true;
            if (m_pages.empty() && m_reduced.offset != 0)
                m_pages.push_back(m_reduced);
            break;
        }
        if (m_directories >= maxDirectories)
            throw Error({m_file.name(), "a TIFF of fewer than " + std::to_string(maxDirectories) + " pages",
                         "a chain of pages without end", "the file is damaged"});
        TiffDirectory d = readDirectory(m_next, m_directories);
        d.ordinal = m_directories++;
        // A chain that leads back to where it has been has no end. Brent 1980: compare with a mark that is moved up at
        // powers of two.
        if ((m_directories & (m_directories - 1)) == 0)
            m_mark = d.offset;
        m_next = d.next;
        if (m_next != 0 && m_next == m_mark)
            throw Error({m_file.name(), "a chain of pages that ends",
                         "page " + std::to_string(m_directories - 1) + " followed by one already read", "the file is damaged"});
        if (d.reduced) {
            if (m_reduced.offset == 0)
                m_reduced = d;
            continue;
        }
        if (!m_pages.empty()) {
            const auto &first = m_pages.front();
            if (d.uprightWidth() != first.uprightWidth() || d.uprightHeight() != first.uprightHeight())
                throw Error({m_file.name(), "pages of one size",
                             "page 0 of " + std::to_string(first.uprightWidth()) + " x " + std::to_string(first.uprightHeight()) +
                                 " and page " + std::to_string(m_pages.size()) + " of " + std::to_string(d.uprightWidth()) +
                                 " x " + std::to_string(d.uprightHeight()),
                             "save them as single images"});
            if (d.samples != first.samples || d.bits != first.bits || d.format != first.format)
                throw Error({m_file.name(), "pages of one kind",
                             "page " + std::to_string(m_pages.size()) + " with another number type or other channels than page 0",
                             "save them as single images"});
        }
        m_pages.push_back(d);
    }
    return index < static_cast<std::int64_t>(m_pages.size()) ? &m_pages[static_cast<std::size_t>(index)] : nullptr;
}

std::int64_t TiffIndex::count()
{
    page(maxDirectories);
    return static_cast<std::int64_t>(m_pages.size());
}

} // namespace reticle::files
