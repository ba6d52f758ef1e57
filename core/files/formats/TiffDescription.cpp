#include "files/formats/TiffDescription.h"

#include "documents/JsonText.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

namespace reticle::files {

double plausibleSize(double nm)
{
    constexpr double minimum = 1e-6, maximum = 1e9;
    const double size = std::abs(nm);
    return size >= minimum && size <= maximum ? size : 0;
}

double nanometres(const std::string &unit)
{
    static const std::map<std::string, double> known = {
        {"nm", 1},           {"nanometer", 1},    {"nanometre", 1}, {"\xc3\x85", 0.1},   {"angstrom", 0.1}, {"\xc2\xb5m", 1e3},
        {"\xce\xbcm", 1e3},  {"\\u00B5m", 1e3},   {"\xb5m", 1e3},   {"um", 1e3},         {"micron", 1e3},   {"microns", 1e3},
        {"micrometer", 1e3}, {"micrometre", 1e3}, {"mm", 1e6},      {"millimeter", 1e6}, {"cm", 1e7},       {"centimeter", 1e7},
        {"m", 1e9},          {"inch", 2.54e7},    {"in", 2.54e7},   {"pm", 1e-3}};
    const auto it = known.find(unit);
    return it == known.end() ? 0 : it->second;
}

namespace {

/// More pages than that are not believed.
constexpr std::int64_t mostPages = (std::int64_t{1} << 31) - 1;

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

using Attributes = std::map<std::string, std::string>;

/// The start tags of OME-XML, one after the other, with or without a namespace prefix. Programs write it; elements and
/// attributes are all that is needed of it.
struct Tags
{
    explicit Tags(const std::string &text) : xml(text) {}

    const std::string &xml;
    std::size_t at = 0;
    std::string name;
    bool isEnd = false; ///< "</name>"

    bool next()
    {
        while ((at = xml.find('<', at)) != std::string::npos) {
            isEnd = at + 1 < xml.size() && xml[at + 1] == '/';
            const std::size_t begin = at + 1 + (isEnd ? 1 : 0);
            const auto end = xml.find_first_of(" \t\r\n/>", begin);
            if (end == std::string::npos)
                return false;
            name = xml.substr(begin, std::min<std::size_t>(end - begin, 64));
            if (const auto colon = name.find(':'); colon != std::string::npos)
                name.erase(0, colon + 1);
            at = end;
            return true;
        }
        return false;
    }
    /// Those of the tag just found.
    Attributes attributes()
    {
        Attributes all;
        // Every search ends at this tag or a little behind it, so that metadata of many broken tags is read in one pass.
        const auto close = xml.find_first_of("<>", at);
        std::size_t p = at;
        while (close != std::string::npos && p < close) {
            p = xml.find_first_not_of(" \t\r\n/", p);
            if (p >= close)
                break;
            const auto equals = p + std::string_view(xml).substr(p, close - p).find('=');
            if (equals < p || equals >= close)
                break;
            const auto quote = xml.find_first_not_of(" \t\r\n", equals + 1);
            if (quote == std::string::npos || (xml[quote] != '"' && xml[quote] != '\''))
                break;
            const auto finish = xml.find(xml[quote], quote + 1);
            if (finish == std::string::npos)
                break;
            auto key = xml.substr(p, equals - p);
            key.erase(key.find_last_not_of(" \t\r\n") + 1);
            all[key] = unescaped(xml.substr(quote + 1, finish - quote - 1));
            p = finish + 1;
        }
        at = std::max(p, at);
        return all;
    }
    /// What stands between the tag just found and the next one.
    std::string text() const
    {
        const auto begin = xml.find_first_of("<>", at);
        if (begin == std::string::npos || xml[begin] == '<' || begin + 1 >= xml.size() || xml[begin - 1] == '/')
            return {};
        auto words = xml.substr(begin + 1, 200);
        words.erase(std::min(words.find('<'), words.size()));
        words.erase(0, words.find_first_not_of(" \t\r\n"));
        words.erase(words.find_last_not_of(" \t\r\n") + 1);
        return words;
    }
};

/// A name without its folders, whichever way they are written: metadata only ever leads to files of the same folder.
std::string withoutFolders(const std::string &path)
{
    const auto slash = path.find_last_of("/\\");
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    return name == "." || name == ".." || name.find('\0') != std::string::npos ? std::string() : name;
}

/// One TiffData element: planes from (z, c, t) on, in the order of the dimensions, lie in directories ifd, ifd + 1, ... of a
/// file.
struct TextPiece
{
    std::int64_t z = 0, c = 0, t = 0, ifd = 0;
    std::int64_t count = -1; ///< -1: as far as the file reaches
    std::string file, uuid;
    bool named = false; ///< by a UUID element
    std::int64_t start = 0;
};

struct Pixels
{
    Attributes attributes;
    std::vector<TextPiece> pieces;
};

std::vector<Pixels> readPixels(const std::string &xml, std::string &uuid, TiffDescription &d)
{
    std::vector<Pixels> all;
    Tags tags(xml);
    bool inPixels = false, namesClass = false;
    while (tags.next()) {
        if (tags.isEnd) {
            if (tags.name == "Pixels")
                inPixels = false;
            else if (tags.name == "LongAnnotation")
                namesClass = false;
            continue;
        }
        if (tags.name == "OME") {
            if (auto a = tags.attributes(); uuid.empty())
                uuid = a["UUID"];
        } else if (tags.name == "BinaryOnly") {
            d.metadataFile = withoutFolders(tags.attributes()["MetadataFile"]);
        } else if (tags.name == "Pixels") {
            all.push_back({tags.attributes(), {}});
            inPixels = true;
        } else if (tags.name == "TiffData" && inPixels) {
            auto a = tags.attributes();
            TextPiece p;
            p.z = wholeOf(a["FirstZ"], 0);
            p.c = wholeOf(a["FirstC"], 0);
            p.t = wholeOf(a["FirstT"], 0);
            const bool placed = a.count("IFD") != 0;
            p.ifd = wholeOf(a["IFD"], 0);
            const auto &count = a.count("PlaneCount") ? a["PlaneCount"] : a["NumPlanes"]; // the name of before 2007
            p.count = wholeOf(count, placed ? 1 : -1);
            all.back().pieces.push_back(std::move(p));
        } else if (tags.name == "UUID" && inPixels && !all.back().pieces.empty()) {
            auto &p = all.back().pieces.back();
            p.named = true;
            p.file = withoutFolders(tags.attributes()["FileName"]);
            p.uuid = tags.text();
        } else if (tags.name == "LongAnnotation") {
            namesClass = tags.attributes()["Namespace"] == probabilityClassNamespace;
        } else if (tags.name == "Value" && namesClass) {
            d.probabilityClass = probabilityClassOf(tags.text());
        }
    }
    return all;
}

/// Places of all planes from their pieces; empty where a plane has none or where two have the same.
void findPlaces(std::vector<TextPiece> &pieces, std::int64_t samples, const std::string &fileName, const std::string &uuid,
                TiffDescription &d)
{
    using Place = TiffDescription::Place;
    if (pieces.empty())
        return;
    std::map<char, std::int64_t> step, extent{{'Z', d.sizeZ}, {'C', d.sizeC}, {'T', d.sizeT}};
    std::int64_t size = 1;
    for (const char axis : d.order) {
        step[axis] = size;
        size *= extent[axis];
    }
    // A file that was given another name is still known by its UUID.
    const bool ownNamed =
        std::any_of(pieces.begin(), pieces.end(), [&](const TextPiece &p) { return p.named && p.file == fileName; });
    d.files = {""};
    std::map<std::string, std::int32_t> known;
    std::map<std::int64_t, std::int64_t> starts; ///< of pieces, and how many begin there
    for (auto &p : pieces) {
        if (samples > 1)
            p.c /= samples;
        p.start = p.z < d.sizeZ && p.c < d.sizeC && p.t < d.sizeT ? p.z * step['Z'] + p.c * step['C'] + p.t * step['T'] : -1;
        if (p.start >= 0)
            ++starts[p.start];
    }
    std::vector<Place> inOrder(static_cast<std::size_t>(d.images));
    std::int64_t budget = 4 * d.images; // overlapping pieces by the thousand fill nothing more
    for (const auto &p : pieces) {
        if (p.start < 0)
            continue;
        const bool own = !p.named || p.file == fileName || (p.uuid == uuid && (p.file.empty() || (!ownNamed && !uuid.empty())));
        std::int32_t file = 0;
        if (!own) {
            const auto name = p.file.empty() ? withoutFolders(p.uuid) : p.file;
            const auto [it, isNew] = known.emplace(name, static_cast<std::int32_t>(d.files.size()));
            if (isNew)
                d.files.push_back(name);
            file = it->second;
        }
        std::int64_t count = p.count;
        if (count < 0) {
            const auto next = starts.upper_bound(p.start);
            count = (next == starts.end() ? d.images : next->first) - p.start;
        }
        count = std::min(count, d.images - p.start);
        if ((budget -= count) < 0)
            return;
        for (std::int64_t k = 0; k < count; ++k)
            inOrder[static_cast<std::size_t>(p.start + k)] = {file, p.ifd + k};
    }
    std::vector<Place> places(inOrder.size());
    std::size_t at = 0;
    std::vector<std::pair<std::int32_t, std::int64_t>> all;
    for (std::int64_t t = 0; t < d.sizeT; ++t)
        for (std::int64_t z = 0; z < d.sizeZ; ++z)
            for (std::int64_t c = 0; c < d.sizeC; ++c) {
                const auto place = inOrder[static_cast<std::size_t>(z * step['Z'] + c * step['C'] + t * step['T'])];
                if (place.directory < 0)
                    return;
                places[at++] = place;
                all.emplace_back(place.file, place.directory);
            }
    std::sort(all.begin(), all.end());
    if (std::adjacent_find(all.begin(), all.end()) == all.end())
        d.places = std::move(places);
}

void readOme(const std::string &xml, std::int64_t samples, const std::string &fileName, std::string uuid, TiffDescription &d)
{
    auto all = readPixels(xml, uuid, d);
    if (all.empty()) {
        if (!d.metadataFile.empty())
            d.kind = TiffDescription::Kind::Ome;
        return;
    }
    d.kind = TiffDescription::Kind::Ome;
    d.series = static_cast<std::int64_t>(all.size());
    // Sets of several files repeat the metadata of all in each: the image meant is the one in this file.
    const auto inThisFile = [&](const Pixels &p) {
        return std::any_of(p.pieces.begin(), p.pieces.end(), [&](const TextPiece &piece) {
            return !piece.named || piece.file == fileName || (!uuid.empty() && piece.uuid == uuid);
        });
    };
    auto chosen = std::find_if(all.begin(), all.end(), inThisFile);
    if (chosen == all.end())
        chosen = all.begin();
    auto &p = chosen->attributes;
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
    d.significantBits = static_cast<int>(std::min<std::int64_t>(64, wholeOf(p["SignificantBits"], 0)));
    constexpr std::int64_t maximum = 1 << 20;
    if (d.sizeZ > maximum || d.sizeC > 1 << 16 || d.sizeT > maximum || d.sizeZ * d.sizeC > maximum ||
        d.sizeZ * d.sizeC * d.sizeT > maximum) {
        d.sizeZ = d.sizeC = d.sizeT = 1;
        return;
    }
    d.images = d.sizeZ * d.sizeC * d.sizeT;
    findPlaces(chosen->pieces, samples, fileName, uuid, d);
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
    d.probabilityClass = probabilityClassOf(values[probabilityClassKey]);
    d.unit = nanometres(values["unit"]);
    // Told only where they differ from `unit`.
    const auto unitOf = [&](const char *axis) { return values.count(axis) ? nanometres(values[axis]) : d.unit; };
    d.unitY = unitOf("yunit");
    d.pixelZ = plausibleSize(realOf(values["spacing"]) * unitOf("zunit"));
}

/// tifffile's description, JSON with the shape of all pages together: the axes of one page come last, whatever comes before
/// them counts pages. With `truncated` the file has one directory for all of them.
void readShaped(const std::string &text, std::int64_t samples, TiffDescription &d)
{
    const auto json = tryJson(text);
    if (!json.is_object() || !json.contains("shape") || !json["shape"].is_array())
        return;
    d.kind = TiffDescription::Kind::Shaped;
    std::vector<std::int64_t> shape;
    for (const auto &axis : json["shape"]) {
        if (!axis.is_number_unsigned() || axis.get<std::uint64_t>() > static_cast<std::uint64_t>(mostPages))
            return;
        shape.push_back(axis.get<std::int64_t>());
    }
    // Samples are the last axis, or the first of a page where each is stored apart; both leave the same pages. A last axis
    // of one gray value per pixel is no axis of the page.
    while (samples == 1 && shape.size() > 2 && shape.back() == 1)
        shape.pop_back();
    const std::size_t ofPage = samples == 1 ? 2 : 3;
    if (shape.size() <= ofPage || (samples > 1 && shape.back() != samples && shape[shape.size() - 3] != samples))
        return;
    std::int64_t pages = 1;
    for (std::size_t i = 0; i + ofPage < shape.size(); ++i) {
        if (shape[i] == 0 || pages > mostPages / shape[i])
            return;
        pages *= shape[i];
    }
    if (pages > 1)
        d.images = pages;
}

} // namespace

TiffDescription TiffDescription::ofThisFileAlone() const
{
    TiffDescription alone = *this;
    alone.files = {""};
    alone.places.clear();
    std::set<std::int64_t> allZ, allC, allT;
    for (std::size_t i = 0; i < places.size(); ++i)
        if (places[i].file == 0) {
            const auto plane = static_cast<std::int64_t>(i);
            alone.places.push_back(places[i]);
            allC.insert(plane % sizeC);
            allZ.insert(plane / sizeC % sizeZ);
            allT.insert(plane / sizeC / sizeZ);
        }
    alone.sizeC = static_cast<std::int64_t>(allC.size());
    alone.sizeZ = static_cast<std::int64_t>(allZ.size());
    alone.sizeT = static_cast<std::int64_t>(allT.size());
    alone.images = static_cast<std::int64_t>(alone.places.size());
    // Planes that do not fill a box of z, channels and times are one after the other.
    if (alone.sizeC * alone.sizeZ * alone.sizeT != alone.images || alone.images == 0) {
        alone.sizeC = alone.sizeT = 1;
        alone.sizeZ = std::max<std::int64_t>(1, alone.images);
    }
    return alone;
}

std::string uuidOf(const std::string &omeText)
{
    Tags tags(omeText);
    while (tags.next())
        if (!tags.isEnd && tags.name == "OME")
            return tags.attributes()["UUID"];
    return {};
}

TiffDescription readDescription(const std::string &text, std::int64_t samples, const std::string &fileName,
                                const std::string &uuid)
{
    TiffDescription d;
    if (text.rfind("ImageJ=", 0) == 0)
        readImageJ(text, d);
    else if (text.find("<OME") != std::string::npos || text.find("<ome:OME") != std::string::npos ||
             text.find("<OME:OME") != std::string::npos)
        readOme(text, samples, fileName, uuid, d);
    else if (text.rfind("Aperio", 0) == 0)
        d.kind = TiffDescription::Kind::Aperio;
    else if (text.rfind('{', 0) == 0)
        readShaped(text, samples, d);
    return d;
}

} // namespace reticle::files
