#include "base/files/TiffIndex.h"

#include <algorithm>
#include <charconv>
#include <cmath>

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
        if (size == 0 || size > offsetBytes || count == 0)
            continue;
        const bool inside = count * size <= static_cast<std::uint64_t>(offsetBytes);
        const auto value = static_cast<std::int64_t>(number(v, size));
        switch (tag) {
        case 254: d.reduced = (value & 5) != 0; break;
        case 256: d.width = value; break;
        case 257: d.height = value; break;
        case 258: d.bits = inside ? static_cast<int>(value) : 0; break;
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
            break;
        }
        if (m_directories >= maxDirectories)
            throw Error({m_file.name(), "a TIFF of fewer than " + std::to_string(maxDirectories) + " pages",
                         "a chain of pages without end", "the file is damaged"});
        const TiffDirectory d = readDirectory(m_next, m_directories++);
        // A chain that leads back to where it has been has no end. Brent 1980: compare with a mark that is moved up at
        // powers of two.
        if ((m_directories & (m_directories - 1)) == 0)
            m_mark = d.offset;
        m_next = d.next;
        if (m_next != 0 && m_next == m_mark)
            throw Error({m_file.name(), "a chain of pages that ends", "page " + std::to_string(m_directories - 1) +
                         " followed by one already read", "the file is damaged"});
        if (d.reduced && !m_pages.empty())
            continue;
        if (!m_pages.empty()) {
            const auto &first = m_pages.front();
            if (d.width != first.width || d.height != first.height)
                throw Error({m_file.name(), "pages of one size",
                             "page 0 of " + std::to_string(first.width) + " x " + std::to_string(first.height) +
                                 " and page " + std::to_string(m_pages.size()) + " of " + std::to_string(d.width) +
                                 " x " + std::to_string(d.height),
                             "save them as single pictures"});
            if (d.samples != first.samples || d.bits != first.bits || d.format != first.format)
                throw Error({m_file.name(), "pages of one kind",
                             "page " + std::to_string(m_pages.size()) +
                                 " with another number type or other channels than page 0",
                             "save them as single pictures"});
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

double plausibleSize(double nm)
{
    constexpr double least = 1e-6, most = 1e9;
    const double size = std::abs(nm);
    return size >= least && size <= most ? size : 0;
}

double nanometres(const std::string &unit)
{
    static const std::map<std::string, double> known = {
        {"nm", 1},          {"nanometer", 1},   {"nanometre", 1},  {"\xc3\x85", 0.1},  {"angstrom", 0.1},
        {"\xc2\xb5m", 1e3}, {"\xce\xbcm", 1e3}, {"\\u00B5m", 1e3}, {"\xb5m", 1e3},     {"um", 1e3},
        {"micron", 1e3},    {"microns", 1e3},   {"micrometer", 1e3}, {"micrometre", 1e3}, {"mm", 1e6},
        {"millimeter", 1e6}, {"cm", 1e7},       {"centimeter", 1e7}, {"m", 1e9},         {"inch", 2.54e7},
        {"in", 2.54e7},     {"pm", 1e-3}};
    const auto it = known.find(unit);
    return it == known.end() ? 0 : it->second;
}

namespace {

double realOf(const std::string &text)
{
    double v = 0;
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string::npos)
        return 0;
    std::from_chars(text.data() + begin, text.data() + text.size(), v);
    return std::isfinite(v) ? v : 0;
}

std::int64_t wholeOf(const std::string &text, std::int64_t otherwise)
{
    std::int64_t v = otherwise;
    const auto [p, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
    return ec == std::errc() && v >= 0 && v < (std::int64_t{1} << 31) ? v : otherwise;
}

std::string unescaped(std::string s)
{
    static const std::pair<const char *, const char *> entities[] = {
        {"&#181;", "\xc2\xb5"}, {"&#xB5;", "\xc2\xb5"}, {"&#xb5;", "\xc2\xb5"}, {"&#956;", "\xce\xbc"},
        {"&quot;", "\""},       {"&lt;", "<"},          {"&gt;", ">"},          {"&amp;", "&"}};
    for (const auto &[from, to] : entities)
        for (auto at = s.find(from); at != std::string::npos; at = s.find(from, at + 1))
            s.replace(at, std::strlen(from), to);
    return s;
}

/// Attributes of the first element `name` (with or without a namespace prefix) at or after `at`, which is moved behind
/// its tag. OME-XML is written by programs; elements and attributes are all that is needed of it.
std::optional<std::map<std::string, std::string>> element(const std::string &xml, const std::string &name, std::size_t &at)
{
    while ((at = xml.find('<', at)) != std::string::npos) {
        const auto end = xml.find_first_of(" \t\r\n/>", at + 1);
        if (end == std::string::npos)
            return {};
        std::string tag = xml.substr(at + 1, end - at - 1);
        if (const auto colon = tag.find(':'); colon != std::string::npos)
            tag.erase(0, colon + 1);
        const auto close = xml.find('>', at);
        at = end;
        if (tag != name)
            continue;
        std::map<std::string, std::string> attributes;
        std::size_t p = end;
        while (p < xml.size() && p < close) {
            p = xml.find_first_not_of(" \t\r\n/", p);
            const auto equals = xml.find('=', p);
            if (p >= close || equals == std::string::npos || equals > close)
                break;
            const auto quote = xml.find_first_of("\"'", equals);
            if (quote == std::string::npos)
                break;
            const auto finish = xml.find(xml[quote], quote + 1);
            if (finish == std::string::npos)
                break;
            attributes[xml.substr(p, equals - p)] = unescaped(xml.substr(quote + 1, finish - quote - 1));
            p = finish + 1;
        }
        at = std::max(p, end);
        return attributes;
    }
    return {};
}

void readOme(const std::string &xml, std::int64_t samples, TiffDescription &d)
{
    std::size_t at = 0;
    auto pixels = element(xml, "Pixels", at);
    if (!pixels)
        return;
    d.kind = TiffDescription::Kind::Ome;
    auto &p = *pixels;
    d.sizeZ = std::max<std::int64_t>(1, wholeOf(p["SizeZ"], 1));
    d.sizeC = std::max<std::int64_t>(1, wholeOf(p["SizeC"], 1));
    d.sizeT = std::max<std::int64_t>(1, wholeOf(p["SizeT"], 1));
    if (samples > 1 && d.sizeC % samples == 0)
        d.sizeC /= samples;
    if (const std::string order = p["DimensionOrder"];
        order.size() == 5 && std::is_permutation(order.begin() + 2, order.end(), d.order.begin(), d.order.end()))
        d.order = order.substr(2);
    const auto size = [&](const char *axis) {
        const std::string unit = p[std::string("PhysicalSize") + axis + "Unit"];
        return plausibleSize(realOf(p[std::string("PhysicalSize") + axis]) * nanometres(unit.empty() ? "um" : unit));
    };
    d.pixelX = size("X");
    d.pixelY = size("Y");
    d.pixelZ = size("Z");
    // One side alone means square pixels.
    if (d.pixelX == 0 || d.pixelY == 0)
        d.pixelX = d.pixelY = std::max(d.pixelX, d.pixelY);
    if (d.sizeZ > 1 << 24 || d.sizeC > 1 << 16 || d.sizeT > 1 << 24 || d.sizeZ * d.sizeC > 1 << 24 ||
        d.sizeZ * d.sizeC * d.sizeT > 1 << 24) {
        d.sizeZ = d.sizeC = d.sizeT = 1;
        return;
    }
    d.images = d.sizeZ * d.sizeC * d.sizeT;

    // TiffData: from plane (FirstZ, FirstC, FirstT) on, PlaneCount planes in DimensionOrder lie in directories IFD, IFD
    // + 1, ...; without PlaneCount one where IFD is given, else all.
    const std::size_t stop = std::min(xml.find("</Pixels", at), xml.find(":Pixels>", at));
    std::vector<std::int64_t> map(static_cast<std::size_t>(d.images), -1);
    const auto extent = [&](char axis) { return axis == 'Z' ? d.sizeZ : axis == 'C' ? d.sizeC : d.sizeT; };
    bool any = false;
    while (auto data = element(xml, "TiffData", at)) {
        if (at > stop)
            break;
        auto &a = *data;
        any = true;
        std::map<char, std::int64_t> plane{{'Z', wholeOf(a["FirstZ"], 0)}, {'C', wholeOf(a["FirstC"], 0)},
                                           {'T', wholeOf(a["FirstT"], 0)}};
        if (samples > 1)
            plane['C'] /= samples;
        const bool told = a.count("IFD") != 0;
        const std::int64_t ifd = wholeOf(a["IFD"], 0);
        const std::int64_t count = wholeOf(a["PlaneCount"], told ? 1 : d.images);
        for (std::int64_t k = 0; k < std::min(count, d.images); ++k) {
            if (plane['Z'] >= d.sizeZ || plane['C'] >= d.sizeC || plane['T'] >= d.sizeT)
                break;
            map[static_cast<std::size_t>((plane['T'] * d.sizeZ + plane['Z']) * d.sizeC + plane['C'])] = ifd + k;
            for (const char axis : d.order) {
                if (++plane[axis] < extent(axis))
                    break;
                if (axis != d.order.back())
                    plane[axis] = 0;
            }
        }
    }
    if (any && std::find(map.begin(), map.end(), -1) == map.end())
        d.directory = std::move(map);
}

void readImageJ(const std::string &text, TiffDescription &d)
{
    d.kind = TiffDescription::Kind::ImageJ;
    std::map<std::string, std::string> values;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto equals = text.find('=', at);
        if (equals < end)
            values[text.substr(at, equals - at)] = text.substr(equals + 1, end - equals - 1);
        at = end + 1;
    }
    d.images = wholeOf(values["images"], 0);
    d.sizeC = std::max<std::int64_t>(1, wholeOf(values["channels"], 1));
    d.sizeZ = std::max<std::int64_t>(1, wholeOf(values["slices"], 1));
    d.sizeT = std::max<std::int64_t>(1, wholeOf(values["frames"], 1));
    if (d.images == 0 || d.sizeC > d.images || d.sizeZ > d.images / d.sizeC || d.sizeC * d.sizeZ * d.sizeT != d.images) {
        d.sizeC = d.sizeT = 1;
        d.sizeZ = std::max<std::int64_t>(1, d.images);
    }
    d.unit = nanometres(values["unit"]);
    // Told only where they differ from `unit`.
    const auto unitOf = [&](const char *axis) { return values.count(axis) ? nanometres(values[axis]) : d.unit; };
    d.unitY = unitOf("yunit");
    d.pixelZ = plausibleSize(realOf(values["spacing"]) * unitOf("zunit"));
}

} // namespace

TiffDescription readDescription(const std::string &text, std::int64_t samples)
{
    TiffDescription d;
    if (text.rfind("ImageJ=", 0) == 0)
        readImageJ(text, d);
    else if (text.find("<OME") != std::string::npos || text.find("<ome:OME") != std::string::npos ||
             text.find("<OME:OME") != std::string::npos)
        readOme(text, samples, d);
    else if (text.rfind("{\"shape\": [", 0) == 0) {
        // tifffile's description: the shape of all pages together.
        const auto json = Json::parse(text, nullptr, false);
        if (json.is_object() && json.contains("shape") && json["shape"].is_array()) {
            d.kind = TiffDescription::Kind::Shaped;
            if (json["shape"].size() == 3 && json["shape"][0].is_number_unsigned())
                d.images = json["shape"][0].get<std::int64_t>();
        }
    }
    return d;
}

} // namespace reticle::files
