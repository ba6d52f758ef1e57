#include "files/OutputGuard.h"
#include "files/formats/TiffDescription.h"
#include "files/formats/TiffFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <list>

namespace reticle::files {

namespace fs = std::filesystem;

namespace {

constexpr int whiteIsZero = 0, inch = 2, centimetre = 3; // as the tags count them

/// Above this many announced pages the chain of directories is followed only as far as pages are asked for.
constexpr std::int64_t lazyPages = 1024;
/// Files of one OME-TIFF that are opened at once to be compared with the first; of more, each when it is read.
constexpr std::size_t comparedFiles = 256;
/// Those that stay open.
constexpr std::size_t openFiles = 8;
/// The largest companion file of metadata.
constexpr std::uint64_t largestMetadata = std::uint64_t{64} << 20;

/// "a.tif", "b.tif" and 3 more
std::string quoted(const std::vector<std::string> &names)
{
    std::string text;
    const std::size_t shown = names.size() > 4 ? 3 : names.size();
    for (std::size_t i = 0; i < shown; ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + ("\"" + names[i] + "\"");
    if (shown < names.size())
        text += fmt::format(" and {} more", names.size() - shown);
    return text;
}

std::string counted(std::int64_t n, const char *one, const char *many)
{
    return fmt::format("{} {}", n, n == 1 ? one : many);
}

class TiffSource : public ImageSource
{
public:
    TiffSource(const fs::path &path, Purpose purpose, bool alone)
        : m_purpose(purpose), m_main(std::make_shared<TiffFile>(path)), m_names{path}
    {
        const TiffLayout &l = m_main->layout();
        const TiffDirectory &first = *m_main->index().page(0);
        m_info.path = path.string();
        m_info.width = exchangesSides(first.orientation) ? l.height : l.width;
        m_info.height = exchangesSides(first.orientation) ? l.width : l.height;
        m_samples = m_main->samples();
        m_info.dtype = m_main->dtype();
        m_info.alpha = m_main->alpha();
        describe(path, alone);
        findNumbers();
        m_info.channels = m_samples;
        checkClaim(m_info, m_main->file().size(), m_main->ratio() * (m_palette == PaletteUse::Colors ? 3 : 1));
        arrangePages();
        readPixelSize(exchangesSides(first.orientation));
    }

    const ImageInfo &info() const override { return m_info; }
    Array readPage(std::int64_t page) const override { return readRegion(page, 0, 0, m_info.height, m_info.width); }

    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const override
    {
        checkRegion(m_info, page, y, x, height, width);
        checkMemory(m_info, page, height, width);
        const Box box{y, x, height, width};
        if (m_planes == 1)
            return checked(readPlane(page, 0, box), page);
        Array out(m_info.dtype, pageShape(m_info, height, width));
        const std::size_t bytes = byteSize(m_info.dtype) * static_cast<std::size_t>(m_samples);
        for (std::int64_t c = 0; c < m_planes; ++c) {
            const Array part = readPlane(page, c, box);
            for (std::int64_t i = 0; i < height * width; ++i)
                std::memcpy(out.raw() + static_cast<std::size_t>(i * m_planes + c) * bytes,
                            part.raw() + static_cast<std::size_t>(i) * bytes, bytes);
        }
        return checked(out, page);
    }

private:
    void describe(const fs::path &path, bool alone);
    void resolveFiles(const fs::path &path, bool alone);
    void compareFiles();
    void findNumbers();
    void arrangePages();
    void readPixelSize(bool exchanged);
    TiffDescription::Place placeOf(std::int64_t page, std::int64_t c) const;
    std::shared_ptr<TiffFile> fileAt(std::int32_t file) const;
    Array readPlane(std::int64_t page, std::int64_t c, const Box &box) const;
    Array asMeant(TiffFile::Page page) const;

    /// Unsigned numbers of 64 bits have no place in the signed type that they are read into where they are too large.
    Array checked(Array out, std::int64_t page) const
    {
        const auto number = m_main->layout().number();
        if (m_info.dtype == DType::Int64 && number.kind == StoredNumber::Kind::Unsigned && number.bits == 64)
            for (const auto v : out.span<std::int64_t>())
                if (v < 0)
                    throw Error({pageName(m_info.path, page), "numbers below 2^63", "a larger one",
                                 "save the image with numbers of 32 bits"});
        return out;
    }

    Purpose m_purpose;
    std::shared_ptr<TiffFile> m_main;
    std::vector<fs::path> m_names; ///< of the files that planes come from
    InputsInUse m_inUse;           ///< those files: no result replaces one while this image is open
    ImageInfo m_info;
    std::int64_t m_samples = 1; ///< of a plane as it is given out
    std::optional<PaletteUse> m_palette;
    int m_spread = 1;          ///< factor of gray with 1, 2 or 4 bits
    bool m_invert = false;     ///< white-is-zero is turned around
    std::int64_t m_planes = 1; ///< directories that make up one page
    TiffDescription m_description;
    bool m_ordered = false;         ///< directories follow m_description
    std::uint64_t m_contiguous = 0; ///< all planes are behind one directory from this byte on; 0 = no

    mutable std::mutex m_mutex;
    mutable std::list<std::pair<std::int32_t, std::shared_ptr<TiffFile>>> m_open;
};

void TiffSource::describe(const fs::path &path, bool alone)
{
    const auto name = path.filename().string();
    auto &d = m_description = readDescription(m_main->description(), m_main->samples(), name);
    if (d.kind == TiffDescription::Kind::None)
        if (const auto last = m_main->lastDescription(); !last.empty())
            d = readDescription(last, m_main->samples(), name);
    if (d.kind == TiffDescription::Kind::Ome && !d.metadataFile.empty() && d.images == 0) {
        const fs::path companion = path.parent_path() / d.metadataFile;
        std::error_code ec;
        std::string text;
        if (d.metadataFile != name && fs::is_regular_file(companion, ec)) {
            const RandomFile file(companion);
            if (TiffIndex::isTiff(file)) {
                text = TiffFile(companion).description();
            } else if (file.size() <= largestMetadata) {
                text.resize(file.size());
                file.read(0, text.data(), text.size(), "OME metadata");
            }
        }
        if (text.empty())
            m_info.notes.push_back(
                fmt::format("The metadata of \"{}\" is in \"{}\", which is missing from the folder. The pages are "
                            "read in the order in which they are stored. Copy that file into the folder to read "
                            "channels, times and pixel sizes.",
                            name, d.metadataFile));
        else
            d = readDescription(text, m_main->samples(), name, uuidOf(m_main->description()));
        d.kind = TiffDescription::Kind::Ome;
    }
    m_info.format = d.kind == TiffDescription::Kind::Ome ? "OME-TIFF" : "TIFF";
    m_info.probabilityClass = d.probabilityClass;
    resolveFiles(path, alone);
}

void TiffSource::resolveFiles(const fs::path &path, bool alone)
{
    auto &d = m_description;
    if (d.files.size() < 2 || d.places.empty())
        return;
    const auto isOwn = [](const TiffDescription::Place &p) { return p.file == 0; };
    std::vector<std::string> missing;
    for (std::size_t f = 1; f < d.files.size(); ++f) {
        m_names.push_back(path.parent_path() / d.files[f]);
        std::error_code ec;
        if (d.files[f].empty() || !fs::is_regular_file(m_names.back(), ec))
            missing.push_back(d.files[f]);
    }
    if (missing.size() == 1 && d.files.size() == 2 && std::none_of(d.places.begin(), d.places.end(), isOwn)) {
        // A single file that was given another name.
        for (auto &p : d.places)
            p.file = 0;
        m_names.resize(1);
        return;
    }
    if (!alone && missing.empty()) {
        for (std::size_t f = 1; f < m_names.size(); ++f)
            m_inUse.add(m_names[f]);
        compareFiles();
        return;
    }
    m_names.resize(1);
    d = d.ofThisFileAlone();
    if (!missing.empty() && !alone)
        m_info.notes.push_back(
            fmt::format("\"{}\" is part of an OME-TIFF of several files. {} {} missing from its folder, so only the "
                        "pages of this file are read. Copy the missing {} into the folder to read all of them.",
                        path.filename().string(), quoted(missing), missing.size() == 1 ? "is" : "are",
                        missing.size() == 1 ? "file" : "files"));
}

/// Throws Error where the files of one OME-TIFF do not fit together.
void TiffSource::compareFiles()
{
    if (m_names.size() > comparedFiles)
        return;
    std::vector<std::int64_t> last(m_names.size(), 0);
    for (const auto &p : m_description.places)
        last[static_cast<std::size_t>(p.file)] = std::max(last[static_cast<std::size_t>(p.file)], p.directory);
    for (std::size_t f = 1; f < m_names.size(); ++f)
        if (!fileAt(static_cast<std::int32_t>(f))->index().page(last[f]))
            throw Error({m_names[f].string(), fmt::format("{} as the OME metadata says", counted(last[f] + 1, "page", "pages")),
                         counted(fileAt(static_cast<std::int32_t>(f))->index().count(), "page", "pages"),
                         "check that the copy was complete"});
}

/// What the numbers become on the way from the file.
void TiffSource::findNumbers()
{
    const TiffLayout &l = m_main->layout();
    const auto number = l.number();
    if (m_main->decodedByOthers())
        return;
    const auto kind = m_description.kind;
    if (m_purpose == Purpose::Image && l.hasPalette()) {
        m_palette = useOf(m_main->palette(), l.bits, kind == TiffDescription::Kind::ImageJ || kind == TiffDescription::Kind::Ome);
        if (*m_palette != PaletteUse::Numbers) {
            m_info.dtype = DType::UInt8;
            m_samples = *m_palette == PaletteUse::Colors ? 3 : 1;
            return;
        }
    } else if (m_purpose == Purpose::Image && number.kind == StoredNumber::Kind::Unsigned && l.bits <= 16) {
        m_invert = true;
        if (l.bits == 1 || l.bits == 2 || l.bits == 4) {
            m_spread = 255 / ((1 << l.bits) - 1);
            return;
        }
    }
    if (number.kind == StoredNumber::Kind::Real)
        return;
    const int all = static_cast<int>(8 * byteSize(m_info.dtype)), said = m_description.significantBits;
    if (l.bits < all)
        m_info.bits = l.bits;
    if (said > 0 && said < l.bits && number.kind == StoredNumber::Kind::Unsigned)
        m_info.bits = said;
}

void TiffSource::arrangePages()
{
    const auto &d = m_description;
    const TiffLayout &l = m_main->layout();
    TiffIndex &index = m_main->index();
    using Kind = TiffDescription::Kind;
    const std::uint64_t size = m_main->file().size();
    const std::uint64_t rowBytes = (static_cast<std::uint64_t>(l.width) * l.samples * l.bits + 7) / 8;
    const std::uint64_t planeBytes = std::max<std::uint64_t>(1, rowBytes * l.height);
    std::int64_t count = 0, own = -1; ///< pages; of them with a place in the metadata
    for (const auto &p : d.places)
        if (p.file == 0)
            own = std::max(own, p.directory);
    const bool placed = !d.places.empty() && (own < 0 || index.page(own));
    if (d.kind == Kind::Aperio) {
        count = 1; // the other directories are smaller copies, the label and the whole slide
    } else if (placed) {
        count = own + 1;
        bool more = false;
        if (own >= 0 && d.series > 1)
            try {
                more = index.page(count) != nullptr;
            } catch (const Error &) { // of another size, most likely
                more = true;
            }
        if (more)
            m_info.notes.push_back(
                fmt::format("\"{}\" holds more than one image. Only the first of them is read.", m_names[0].filename().string()));
    } else if (d.images > lazyPages && index.page(1) && d.kind != Kind::Ome &&
               (l.compression != 1 || size / planeBytes >= static_cast<std::uint64_t>(d.images))) {
        count = d.images;
    } else {
        count = index.count();
    }
    // ImageJ past 4 GB, and tifffile with truncate=True: one directory, then all planes without gaps.
    const bool wholeRows = l.planar == 1 || l.samples == 1 || l.bits % 8 == 0;
    if (count == 1 && d.images > 1 && !l.tiled && l.compression == 1 && wholeRows && d.kind != Kind::Ome) {
        const std::uint64_t begin = m_main->firstStrip();
        if (begin > 0 && begin < size && (size - begin) / planeBytes >= static_cast<std::uint64_t>(d.images)) {
            m_contiguous = begin;
            count = d.images;
        }
    }
    if (d.kind != Kind::Ome && count < d.images)
        m_info.notes.push_back(
            fmt::format("The description of \"{}\" announces {}, but only {} can be read. Check that the copy was "
                        "complete, or save the stack again as ordinary pages.",
                        m_names[0].filename().string(), counted(d.images, "page", "pages"), count));
    constexpr std::int64_t mostChannels = 16;
    const std::int64_t planes = d.sizeZ * d.sizeC * d.sizeT;
    m_ordered = d.images > 0 && planes == d.images &&
                (placed || (d.kind == Kind::Ome ? planes == count : d.kind != Kind::None && planes <= count));
    if (!m_ordered) {
        m_info.pages = count;
        m_info.axes = count > 1 ? "ZYX" : "YX";
        if (d.kind == Kind::Ome && d.images > 0 && m_info.notes.empty())
            m_info.notes.push_back(fmt::format(
                "The OME metadata of \"{}\" describes {} without a place for each of them, and the file "
                "has {}. The pages are read in the order in which they are stored.",
                m_names[0].filename().string(), counted(d.images, "plane", "planes"), counted(count, "page", "pages")));
    } else {
        m_planes = m_samples == 1 && d.sizeC <= mostChannels ? d.sizeC : 1;
        m_info.pages = planes / m_planes;
        m_info.channels = m_samples * m_planes;
        m_info.times = d.sizeT;
        m_info.planes = d.sizeC / m_planes;
        m_info.axes = std::string(d.sizeT > 1 ? "T" : "") +
                      (d.sizeZ > 1 || (m_info.pages > 1 && d.sizeT == 1 && d.sizeC == m_planes) ? "Z" : "") +
                      (d.sizeC > m_planes ? "C" : "") + "YX";
    }
    if (m_info.channels > 1)
        m_info.axes += "C";
}

TiffDescription::Place TiffSource::placeOf(std::int64_t page, std::int64_t c) const
{
    if (!m_ordered)
        return {0, page};
    const auto &d = m_description;
    // Pages run over z, then t; channels that are pages of their own run fastest.
    const std::int64_t plane = page * m_planes + c;
    if (!d.places.empty())
        return d.places[static_cast<std::size_t>(plane)];
    const std::int64_t channel = plane % d.sizeC, z = plane / d.sizeC % d.sizeZ, t = plane / d.sizeC / d.sizeZ;
    std::int64_t index = 0, step = 1;
    for (const char axis : d.order) {
        const auto [at, size] = axis == 'Z'   ? std::pair(z, d.sizeZ)
                                : axis == 'C' ? std::pair(channel, d.sizeC)
                                              : std::pair(t, d.sizeT);
        index += at * step;
        step *= size;
    }
    return {0, index};
}

std::shared_ptr<TiffFile> TiffSource::fileAt(std::int32_t file) const
{
    if (file == 0)
        return m_main;
    const std::lock_guard lock(m_mutex);
    for (auto it = m_open.begin(); it != m_open.end(); ++it)
        if (it->first == file) {
            m_open.splice(m_open.begin(), m_open, it);
            return m_open.front().second;
        }
    const auto opened = std::make_shared<TiffFile>(m_names[static_cast<std::size_t>(file)]);
    const TiffLayout &l = opened->layout(), &first = m_main->layout();
    const bool exchanged = exchangesSides(opened->index().page(0)->orientation);
    const std::int64_t width = exchanged ? l.height : l.width, height = exchanged ? l.width : l.height;
    if (width != m_info.width || height != m_info.height || opened->dtype() != m_main->dtype() ||
        opened->samples() != m_main->samples() || l.bits != first.bits || l.hasPalette() != first.hasPalette())
        throw Error({m_names[static_cast<std::size_t>(file)].string(),
                     "pages like those of \"" + m_names[0].filename().string() + "\", which belongs to the same OME-TIFF (" +
                         sizeText(m_info) + " " + std::string(nameOf(m_main->dtype())) + ")",
                     fmt::format("{} x {} {}", width, height, nameOf(opened->dtype())),
                     "check that both files are of one series"});
    m_open.emplace_front(file, opened);
    if (m_open.size() > openFiles)
        m_open.pop_back();
    return opened;
}

Array TiffSource::readPlane(std::int64_t page, std::int64_t c, const Box &box) const
{
    const auto place = placeOf(page, c);
    const std::string where = pageName(m_names[static_cast<std::size_t>(place.file)].string(), page);
    if (m_contiguous) {
        const TiffLayout &l = m_main->layout();
        const std::uint64_t rowBytes = (static_cast<std::uint64_t>(l.width) * l.samples * l.bits + 7) / 8;
        return asMeant(
            m_main->readBehind(m_contiguous + static_cast<std::uint64_t>(place.directory) * rowBytes * l.height, box, where));
    }
    return asMeant(fileAt(place.file)->read(place.directory, box, where));
}

Array TiffSource::asMeant(TiffFile::Page page) const
{
    if (m_palette && *m_palette != PaletteUse::Numbers)
        return looked(page.numbers, page.palette, *m_palette);
    const bool invert = m_invert && page.photometric == whiteIsZero;
    if (!invert && m_spread == 1)
        return page.numbers;
    const int maximum = (1 << m_main->layout().bits) - 1;
    const auto change = [&](auto numbers) {
        for (auto &v : numbers)
            v = static_cast<std::remove_reference_t<decltype(v)>>((invert ? maximum - v : v) * m_spread);
    };
    if (page.numbers.dtype() == DType::UInt8)
        change(page.numbers.span<std::uint8_t>());
    else
        change(page.numbers.span<std::uint16_t>());
    return page.numbers;
}

void TiffSource::readPixelSize(bool exchanged)
{
    const auto &d = m_description;
    m_info.pixelSizeZ = d.pixelZ;
    double x = d.pixelX, y = d.pixelY;
    const auto resolution = m_main->resolution();
    if (x <= 0 && resolution.x > 0 && resolution.y > 0) {
        double nm = d.unit, nmY = d.unitY;
        if (d.kind != TiffDescription::Kind::ImageJ || nm == 0 || nmY == 0)
            nm = nmY = resolution.unit == centimetre ? 1e7 : resolution.unit == inch ? 2.54e7 : 0;
        // 72 to 1,200 a printed inch says how to print it, not how large the sample is.
        if (d.unit != 0 || 2.54e7 / (nm / resolution.x) > 1201) {
            x = plausibleSize(nm / resolution.x);
            y = plausibleSize(nmY / resolution.y);
            if (x == 0 || y == 0)
                x = y = 0;
        }
    }
    m_info.pixelSizeX = exchanged ? y : x;
    m_info.pixelSizeY = exchanged ? x : y;
}

} // namespace

std::shared_ptr<ImageSource> openTiff(const fs::path &path, Purpose purpose, bool alone)
{
    if (!TiffIndex::isTiff(RandomFile(path)))
        return {};
    return std::make_shared<TiffSource>(path, purpose, alone);
}

namespace {

#ifdef RETICLE_VIPS
constexpr const char *title = "TIFF";
#else
constexpr const char *title = "TIFF (gray, RGB, 1 to 64 bit)";
#endif

const FormatRegistration tiffReaderRegistration(
    {.name = "TIFF",
     .title = title,
     .usual = true,
     .endings = {".tif", ".tiff", ".btf", ".tf8"},
     .magic = {std::string("II\x2a\0", 4), std::string("II\x2b\0", 4), std::string("MM\0\x2a", 4), std::string("MM\0\x2b", 4)},
     .priority = 30,
     .open = [](const fs::path &path, const ReadOptions &options) { return openTiff(path, options.purpose, options.alone); }});

} // namespace

} // namespace reticle::files
