#include "base/files/TiffIndex.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <tiffio.h>

namespace reticle::files {

namespace {

#if defined(TIFFLIB_VERSION) && TIFFLIB_VERSION >= 20221213
#define RETICLE_TIFF_OPTIONS
#endif

/// Above this many announced pages the chain of directories is followed only as far as pages are asked for.
constexpr std::int64_t lazyPages = 1024;
/// The largest single block that a decoder may ask for: a tile or a compressed strip.
constexpr std::int64_t maxBlock = std::int64_t{1} << 30;

/// A block that is larger than this must be one that its file can hold.
constexpr std::int64_t smallBlock = std::int64_t{64} << 20;

/// libtiff's last words, per thread: what it says while one call of ours runs.
std::string &lastMessage()
{
    thread_local std::string message;
    return message;
}

void keepMessage(const char *format, va_list arguments)
{
    char text[300];
    std::vsnprintf(text, sizeof text, format, arguments);
    if (lastMessage().empty())
        lastMessage() = text;
}

#ifdef RETICLE_TIFF_OPTIONS
int onError(TIFF *, void *, const char *, const char *format, va_list arguments)
{
    keepMessage(format, arguments);
    return 1;
}
int onWarning(TIFF *, void *, const char *, const char *, va_list)
{
    return 1;
}
#else
void onError(const char *, const char *format, va_list arguments)
{
    keepMessage(format, arguments);
}
#endif

/// libtiff's view of a RandomFile.
struct Stream
{
    const RandomFile *file;
    std::uint64_t position = 0;

    static tmsize_t read(thandle_t handle, void *to, tmsize_t bytes)
    {
        auto *s = static_cast<Stream *>(handle);
        try {
            const auto n = s->file->readSome(s->position, to, static_cast<std::size_t>(bytes));
            s->position += n;
            return static_cast<tmsize_t>(n);
        } catch (const Error &) {
            return -1; // no exception may pass through libtiff's C frames
        }
    }
    static tmsize_t write(thandle_t, void *, tmsize_t) { return -1; }
    static toff_t seek(thandle_t handle, toff_t offset, int whence)
    {
        auto *s = static_cast<Stream *>(handle);
        s->position = whence == SEEK_SET ? offset : whence == SEEK_CUR ? s->position + offset : s->file->size() + offset;
        return s->position;
    }
    static int close(thandle_t) { return 0; }
    static toff_t size(thandle_t handle) { return static_cast<Stream *>(handle)->file->size(); }
};

struct Close
{
    void operator()(TIFF *t) const { TIFFClose(t); }
};

std::unique_ptr<TIFF, Close> openHandle(Stream &stream)
{
    lastMessage().clear();
    // m: no memory map, c: strips as they are, DO: strip tables only as far as needed.
    const char *mode = "rmcDO";
    const char *name = stream.file->name().c_str();
#ifdef RETICLE_TIFF_OPTIONS
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions *)> options(TIFFOpenOptionsAlloc(),
                                                                                TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), onError, nullptr);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), onWarning, nullptr);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), maxBlock);
    TIFF *t = TIFFClientOpenExt(name, mode, &stream, Stream::read, Stream::write, Stream::seek, Stream::close,
                                Stream::size, nullptr, nullptr, options.get());
#else
    TIFFSetErrorHandler(onError);
    TIFFSetWarningHandler(nullptr);
    TIFF *t = TIFFClientOpen(name, mode, &stream, Stream::read, Stream::write, Stream::seek, Stream::close, Stream::size,
                             nullptr, nullptr);
#endif
    if (!t)
        throw Error({stream.file->name(), "a TIFF that can be read",
                     lastMessage().empty() ? "a damaged one" : "\"" + lastMessage() + "\"", {}});
    return std::unique_ptr<TIFF, Close>(t);
}

/// How the pixels of a directory are stored.
struct Layout
{
    std::uint32_t width = 0, height = 0, tileWidth = 0, tileHeight = 0, rowsPerStrip = 0;
    std::uint16_t bits = 1, samples = 1, format = SAMPLEFORMAT_UINT, planar = PLANARCONFIG_CONTIG, photometric = 1,
                  compression = 1, fillOrder = FILLORDER_MSB2LSB;
    bool tiled = false, alpha = false;

    bool operator==(const Layout &) const = default;
};

Layout layoutOf(TIFF *t)
{
    Layout l;
    TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &l.width);
    TIFFGetField(t, TIFFTAG_IMAGELENGTH, &l.height);
    TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &l.bits);
    TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, &l.samples);
    TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLEFORMAT, &l.format);
    TIFFGetFieldDefaulted(t, TIFFTAG_PLANARCONFIG, &l.planar);
    TIFFGetFieldDefaulted(t, TIFFTAG_COMPRESSION, &l.compression);
    TIFFGetFieldDefaulted(t, TIFFTAG_FILLORDER, &l.fillOrder);
    if (!TIFFGetField(t, TIFFTAG_PHOTOMETRIC, &l.photometric))
        l.photometric = l.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
    TIFFGetFieldDefaulted(t, TIFFTAG_ROWSPERSTRIP, &l.rowsPerStrip);
    l.tiled = TIFFIsTiled(t);
    if (l.tiled) {
        TIFFGetField(t, TIFFTAG_TILEWIDTH, &l.tileWidth);
        TIFFGetField(t, TIFFTAG_TILELENGTH, &l.tileHeight);
    }
    l.rowsPerStrip = std::clamp<std::uint32_t>(l.rowsPerStrip, 1, std::max<std::uint32_t>(1, l.height));
    std::uint16_t extra = 0, *kinds = nullptr;
    TIFFGetFieldDefaulted(t, TIFFTAG_EXTRASAMPLES, &extra, &kinds);
    l.alpha = extra == 1 && kinds && kinds[0] != EXTRASAMPLE_UNSPECIFIED && (l.samples == 2 || l.samples == 4);
    if (l.format == SAMPLEFORMAT_VOID)
        l.format = SAMPLEFORMAT_UINT;
    return l;
}

std::optional<DType> dtypeOfLayout(const Layout &l)
{
    const bool real = l.format == SAMPLEFORMAT_IEEEFP, isSigned = l.format == SAMPLEFORMAT_INT;
    if (!real && !isSigned && l.format != SAMPLEFORMAT_UINT)
        return {};
    switch (l.bits) {
    case 8: return real ? std::nullopt : std::optional(isSigned ? DType::Int8 : DType::UInt8);
    case 16: return real ? std::nullopt : std::optional(isSigned ? DType::Int16 : DType::UInt16);
    case 32: return real ? DType::Float32 : isSigned ? DType::Int32 : DType::UInt32;
    case 64: return real ? DType::Float64 : DType::Int64;
    default: return {};
    }
}

/// Why this reader leaves a TIFF to libvips; empty where it does not.
std::string notForUs(const Layout &l)
{
    if (l.photometric == PHOTOMETRIC_PALETTE)
        return "a TIFF with a colour palette";
    if (l.compression == COMPRESSION_JPEG || l.compression == COMPRESSION_OJPEG)
        return "a TIFF with JPEG compression";
    if (!TIFFIsCODECConfigured(l.compression))
        return "a TIFF with compression " + std::to_string(l.compression);
    if (l.photometric != PHOTOMETRIC_MINISBLACK && l.photometric != PHOTOMETRIC_MINISWHITE &&
        l.photometric != PHOTOMETRIC_RGB)
        return "a TIFF with colour model " + std::to_string(l.photometric);
    if (l.format == SAMPLEFORMAT_COMPLEXINT || l.format == SAMPLEFORMAT_COMPLEXIEEEFP)
        return "a TIFF of complex numbers";
    if (!dtypeOfLayout(l))
        return "a TIFF with " + std::to_string(l.bits) +
               (l.format == SAMPLEFORMAT_IEEEFP ? "-bit floating point numbers" : " bits a sample");
    return {};
}

/// The largest ratio of decoded to stored bytes: deflate 1032, PackBits 64, LZW 3000 or so; 0 = not known.
double ratioOf(const Layout &l)
{
    switch (l.compression) {
    case COMPRESSION_NONE: return 1;
    case COMPRESSION_PACKBITS: return 70;
    case COMPRESSION_LZW: return 4096;
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE: return 1100;
    default: return 0;
    }
}

bool plausibleBlock(std::int64_t bytes, const Layout &l, const RandomFile &file)
{
    return bytes > 0 && bytes <= maxBlock &&
           (bytes <= smallBlock || ratioOf(l) == 0 ||
            static_cast<double>(bytes) <= ratioOf(l) * static_cast<double>(file.size()) + smallBlock);
}

class TiffSource : public ImageSource
{
public:
    TiffSource(const std::filesystem::path &path, std::string &reason)
        : m_file(path), m_index(m_file), m_stream{&m_file}, m_tiff(openHandle(m_stream))
    {
        select(0);
        reason = notForUs(m_layout);
        if (!reason.empty())
            return;
        m_first = m_layout;
        if (m_first.width == 0 || m_first.height == 0 || m_first.samples == 0)
            throw Error({m_file.name(), "a picture with pixels",
                         std::to_string(m_first.width) + " x " + std::to_string(m_first.height), "the file is damaged"});
        m_info.path = m_file.name();
        m_info.width = m_first.width;
        m_info.height = m_first.height;
        m_info.dtype = *dtypeOfLayout(m_first);
        m_info.channels = m_first.samples;
        m_info.alpha = m_first.alpha;
        m_swap = m_index.bigEndian() == (std::endian::native == std::endian::little);
        checkClaim(m_info, m_file.size(), ratioOf(m_first));

        const char *text = nullptr;
        TiffDescription d;
        if (TIFFGetField(m_tiff.get(), TIFFTAG_IMAGEDESCRIPTION, &text) && text)
            d = readDescription(text, m_first.samples);
        m_info.format = d.kind == TiffDescription::Kind::Ome ? "OME-TIFF" : "TIFF";
        arrangePages(d);
        readPixelSize(d);
    }

    const ImageInfo &info() const override { return m_info; }
    Array readPage(std::int64_t page) const override { return readRegion(page, 0, 0, m_info.height, m_info.width); }

    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height,
                     std::int64_t width) const override
    {
        checkRegion(m_info, page, y, x, height, width);
        checkMemory(m_info, page, height, width);
        Array out(m_info.dtype, pageShape(m_info, height, width));
        const std::lock_guard lock(m_mutex);
        for (std::int64_t c = 0; c < m_planes; ++c)
            readPlane(page, c, {y, x, height, width}, out);
        if (m_first.photometric == PHOTOMETRIC_MINISWHITE && m_info.dtype == DType::UInt8)
            invert<std::uint8_t>(out);
        else if (m_first.photometric == PHOTOMETRIC_MINISWHITE && m_info.dtype == DType::UInt16)
            invert<std::uint16_t>(out);
        if (m_info.dtype == DType::Int64 && m_first.format == SAMPLEFORMAT_UINT)
            for (const auto v : out.span<std::int64_t>())
                if (v < 0)
                    throw Error({pageName(m_info.path, page), "numbers below 2^63", "a larger one", {}});
        return out;
    }

private:
    struct Region
    {
        std::int64_t y, x, height, width;
    };

    /// 0 is white there; shown the other way round, as viewers do.
    template <class T> static void invert(Array &a)
    {
        for (T &v : a.span<T>())
            v = static_cast<T>(std::numeric_limits<T>::max() - v);
    }

    void arrangePages(const TiffDescription &d);
    void readPixelSize(const TiffDescription &d);
    std::int64_t planeIndex(std::int64_t page, std::int64_t c) const;
    void select(std::int64_t directory) const;
    void readPlane(std::int64_t page, std::int64_t c, const Region &r, Array &out) const;
    void readRaw(std::uint64_t base, bool table, std::uint16_t sample, const Region &r, const std::string &where,
                 std::byte *to) const;
    void readStrips(std::uint16_t sample, const Region &r, const std::string &where, std::byte *to) const;
    void readTiles(std::uint16_t sample, const Region &r, const std::string &where, std::byte *to) const;

    [[noreturn]] void fail(const std::string &where, const std::string &expected) const
    {
        throw Error({where, expected, lastMessage().empty() ? "data that cannot be decoded" : "\"" + lastMessage() + "\"",
                     "the file is truncated or damaged"});
    }

    RandomFile m_file;
    mutable TiffIndex m_index;
    mutable Stream m_stream;
    std::unique_ptr<TIFF, Close> m_tiff;
    mutable std::mutex m_mutex;
    ImageInfo m_info;
    Layout m_first;
    mutable Layout m_layout;               ///< of the selected directory
    mutable std::int64_t m_selected = -1;
    bool m_swap = false;
    std::int64_t m_planes = 1;             ///< directories that make up one page
    TiffDescription m_description;
    bool m_ordered = false;                ///< directories follow m_description
    std::uint64_t m_contiguous = 0;        ///< all planes lie behind one directory from this byte on; 0 = no
};

void TiffSource::arrangePages(const TiffDescription &d)
{
    m_description = d;
    const std::uint64_t planeBytes = static_cast<std::uint64_t>(m_info.width) * m_info.height *
                                     byteSize(m_info.dtype) * m_first.samples;
    std::int64_t count = 0;
    if (d.images > lazyPages && m_index.page(1) && d.kind != TiffDescription::Kind::Ome &&
        (m_first.compression != COMPRESSION_NONE || m_file.size() / planeBytes >= static_cast<std::uint64_t>(d.images)))
        count = d.images;
    else
        count = m_index.count();
    // ImageJ past 4 GB, and tifffile when asked to: one directory, then all planes without gaps.
    const bool chunky = m_first.planar == PLANARCONFIG_CONTIG || m_first.samples == 1;
    if (count == 1 && d.images > 1 && !m_first.tiled && m_first.compression == COMPRESSION_NONE && chunky &&
        d.kind != TiffDescription::Kind::Ome) {
        const std::uint64_t begin = TIFFGetStrileOffset(m_tiff.get(), 0);
        if (begin > 0 && begin < m_file.size() &&
            (m_file.size() - begin) / planeBytes >= static_cast<std::uint64_t>(d.images)) {
            m_contiguous = begin;
            count = d.images;
        }
    }
    constexpr std::int64_t mostChannels = 16;
    const std::int64_t planes = d.sizeZ * d.sizeC * d.sizeT;
    const std::int64_t highest = d.directory.empty() ? planes - 1 : *std::max_element(d.directory.begin(), d.directory.end());
    m_ordered = d.kind != TiffDescription::Kind::None && d.images > 0 && planes == d.images && highest < count;
    if (d.kind == TiffDescription::Kind::Ome && d.directory.empty() && planes != count)
        m_ordered = false;
    if (!m_ordered) {
        m_info.pages = count;
        m_info.axes = count > 1 ? "ZYX" : "YX";
    } else {
        m_planes = m_first.samples == 1 && d.sizeC <= mostChannels ? d.sizeC : 1;
        m_info.pages = planes / m_planes;
        m_info.channels = m_first.samples * m_planes;
        m_info.times = d.sizeT;
        m_info.planes = d.sizeC / m_planes;
        m_info.axes = std::string(d.sizeT > 1 ? "T" : "") + (d.sizeZ > 1 || (m_info.pages > 1 && d.sizeT == 1 && d.sizeC == m_planes) ? "Z" : "") +
                      (d.sizeC > m_planes ? "C" : "") + "YX";
    }
    if (m_info.channels > 1)
        m_info.axes += "C";
}

std::int64_t TiffSource::planeIndex(std::int64_t page, std::int64_t c) const
{
    if (!m_ordered)
        return page;
    const auto &d = m_description;
    // Pages run over z, then t; channels that are pages of their own run fastest.
    const std::int64_t plane = page * m_planes + c;
    if (!d.directory.empty())
        return d.directory[static_cast<std::size_t>(plane)];
    const std::int64_t channel = plane % d.sizeC, z = plane / d.sizeC % d.sizeZ, t = plane / d.sizeC / d.sizeZ;
    std::int64_t index = 0, step = 1;
    for (const char axis : d.order) {
        const auto [at, size] = axis == 'Z' ? std::pair(z, d.sizeZ) : axis == 'C' ? std::pair(channel, d.sizeC) : std::pair(t, d.sizeT);
        index += at * step;
        step *= size;
    }
    return index;
}

void TiffSource::readPixelSize(const TiffDescription &d)
{
    m_info.pixelSizeX = d.pixelX;
    m_info.pixelSizeY = d.pixelY;
    m_info.pixelSizeZ = d.pixelZ;
    if (d.pixelX > 0)
        return;
    float x = 0, y = 0;
    std::uint16_t unit = RESUNIT_INCH;
    TIFFGetFieldDefaulted(m_tiff.get(), TIFFTAG_RESOLUTIONUNIT, &unit);
    if (!TIFFGetField(m_tiff.get(), TIFFTAG_XRESOLUTION, &x) || !TIFFGetField(m_tiff.get(), TIFFTAG_YRESOLUTION, &y) ||
        !(x > 0) || !(y > 0) || !std::isfinite(x) || !std::isfinite(y))
        return;
    double nm = d.unit, nmY = d.unitY;
    if (d.kind != TiffDescription::Kind::ImageJ || nm == 0 || nmY == 0)
        nm = nmY = unit == RESUNIT_CENTIMETER ? 1e7 : unit == RESUNIT_INCH ? 2.54e7 : 0;
    // 72 to 1,200 a printed inch says how to print it, not how large the sample is.
    if (d.unit == 0 && 2.54e7 / (nm / x) <= 1201)
        return;
    m_info.pixelSizeX = plausibleSize(nm / x);
    m_info.pixelSizeY = plausibleSize(nmY / y);
    if (m_info.pixelSizeX == 0 || m_info.pixelSizeY == 0)
        m_info.pixelSizeX = m_info.pixelSizeY = 0;
}

void TiffSource::select(std::int64_t directory) const
{
    if (directory == m_selected)
        return;
    const TiffDirectory *d = m_index.page(directory);
    if (!d)
        throw Error({pageName(m_file.name(), directory), "a directory of this page", "the end of the chain",
                     "the file is truncated or damaged"});
    const std::string where = pageName(m_file.name(), directory);
    lastMessage().clear();
    m_selected = -1;
    if (!TIFFSetSubDirectory(m_tiff.get(), d->offset))
        fail(where, "a directory that can be read");
    m_layout = layoutOf(m_tiff.get());
    // Compression and strips may differ from page to page, numbers may not.
    if (directory > 0 && (m_layout.width != m_first.width || m_layout.height != m_first.height ||
                          m_layout.bits != m_first.bits || m_layout.samples != m_first.samples ||
                          m_layout.format != m_first.format || !notForUs(m_layout).empty()))
        throw Error({where, "the same size and number type as page 0", "another kind of picture",
                     "save the pages as single pictures"});
    m_selected = directory;
}

void TiffSource::readPlane(std::int64_t page, std::int64_t c, const Region &r, Array &out) const
{
    const std::int64_t index = planeIndex(page, c);
    const std::string where = pageName(m_file.name(), page);
    select(m_contiguous ? 0 : index);
    lastMessage().clear();
    const std::size_t bytes = byteSize(m_info.dtype);
    const bool apart = m_layout.planar == PLANARCONFIG_SEPARATE && m_layout.samples > 1;
    const std::int64_t together = apart ? 1 : m_layout.samples; ///< samples of one read
    for (std::int64_t s = 0; s < (apart ? m_layout.samples : 1); ++s) {
        // Straight into the result where it has just these samples, else through a buffer that is spread out.
        const bool direct = together == m_info.channels;
        Array part = direct ? out : Array(m_info.dtype, {r.height, r.width, together});
        const auto sample = static_cast<std::uint16_t>(s);
        if (m_contiguous)
            readRaw(m_contiguous + static_cast<std::uint64_t>(index) * m_info.height * m_info.width * together * bytes,
                    false, 0, r, where, part.raw());
        else if (m_layout.tiled)
            readTiles(sample, r, where, part.raw());
        else if (m_layout.compression == COMPRESSION_NONE && m_layout.fillOrder == FILLORDER_MSB2LSB)
            readRaw(0, true, sample, r, where, part.raw());
        else
            readStrips(sample, r, where, part.raw());
        if (direct)
            continue;
        const std::int64_t first = c * m_layout.samples + s;
        for (std::int64_t i = 0; i < r.height * r.width; ++i)
            std::memcpy(out.raw() + (i * m_info.channels + first) * bytes, part.raw() + i * together * bytes,
                        together * bytes);
    }
}

void TiffSource::readRaw(std::uint64_t base, bool table, std::uint16_t sample, const Region &r, const std::string &where,
                         std::byte *to) const
{
    const bool apart = m_layout.planar == PLANARCONFIG_SEPARATE;
    const std::uint64_t pixel = byteSize(m_info.dtype) * (apart ? 1 : m_layout.samples);
    const std::uint64_t rowBytes = m_layout.width * pixel;
    const std::int64_t perStrip = table ? m_layout.rowsPerStrip : m_info.height;
    const auto wanted = static_cast<std::size_t>(r.width * pixel);
    for (std::int64_t row = 0; row < r.height;) {
        const std::int64_t y = r.y + row, inStrip = y % perStrip;
        std::uint64_t offset = base;
        if (table) {
            const auto strip = TIFFComputeStrip(m_tiff.get(), static_cast<std::uint32_t>(y), sample);
            int bad = 0;
            offset = TIFFGetStrileOffsetWithErr(m_tiff.get(), strip, &bad);
            if (bad || offset == 0)
                fail(where, "the place of its rows");
        }
        offset += static_cast<std::uint64_t>(inStrip) * rowBytes + r.x * pixel;
        const bool whole = r.width == m_info.width;
        const std::int64_t rows = whole ? std::min(perStrip - inStrip, r.height - row) : 1;
        const auto bytes = static_cast<std::size_t>(rows) * wanted;
        if (m_file.readSome(offset, to + row * wanted, bytes) != bytes)
            throw Error({where, "pixels up to byte " + std::to_string(offset + bytes),
                         "a file that ends at byte " + std::to_string(m_file.size()),
                         "it is truncated, check that the copy was complete"});
        row += rows;
    }
    if (m_swap)
        swapBytes(to, static_cast<std::size_t>(r.height) * wanted / byteSize(m_info.dtype), byteSize(m_info.dtype));
}

void TiffSource::readStrips(std::uint16_t sample, const Region &r, const std::string &where, std::byte *to) const
{
    const std::size_t pixel = byteSize(m_info.dtype) * (m_layout.planar == PLANARCONFIG_SEPARATE ? 1 : m_layout.samples);
    const tmsize_t size = TIFFScanlineSize(m_tiff.get());
    if (!plausibleBlock(size, m_layout, m_file) || static_cast<std::size_t>(size) < m_layout.width * pixel)
        fail(where, "rows whose size fits the file");
    const std::int64_t perStrip = m_layout.rowsPerStrip;
    const bool whole = size * perStrip <= smallBlock;
    std::vector<std::byte> buffer(static_cast<std::size_t>(whole ? size * perStrip : size));
    const auto copy = [&](const std::byte *line, std::int64_t y) {
        std::memcpy(to + (y - r.y) * r.width * pixel, line + r.x * pixel, r.width * pixel);
    };
    for (std::int64_t first = r.y / perStrip * perStrip; first < r.y + r.height; first += perStrip) {
        const std::int64_t rows = std::min<std::int64_t>(perStrip, m_info.height - first);
        const std::int64_t y0 = std::max(first, r.y), y1 = std::min(first + rows, r.y + r.height);
        const auto rowText = [](std::int64_t y) { return "pixels in row " + std::to_string(y); };
        if (whole) {
            const auto strip = TIFFComputeStrip(m_tiff.get(), static_cast<std::uint32_t>(first), sample);
            if (TIFFReadEncodedStrip(m_tiff.get(), strip, buffer.data(), size * rows) < size * rows)
                fail(where, rowText(first));
            for (std::int64_t y = y0; y < y1; ++y)
                copy(buffer.data() + (y - first) * size, y);
            continue;
        }
        // Row by row from the first of the strip on: most codecs cannot skip any.
        for (std::int64_t y = first; y < y1; ++y) {
            if (TIFFReadScanline(m_tiff.get(), buffer.data(), static_cast<std::uint32_t>(y), sample) != 1)
                fail(where, rowText(y));
            if (y >= y0)
                copy(buffer.data(), y);
        }
    }
}

void TiffSource::readTiles(std::uint16_t sample, const Region &r, const std::string &where, std::byte *to) const
{
    const std::size_t pixel = byteSize(m_info.dtype) * (m_layout.planar == PLANARCONFIG_SEPARATE ? 1 : m_layout.samples);
    const std::int64_t tw = m_layout.tileWidth, th = m_layout.tileHeight;
    const tmsize_t size = TIFFTileSize(m_tiff.get());
    if (tw == 0 || th == 0 || !plausibleBlock(size, m_layout, m_file) ||
        static_cast<double>(size) < static_cast<double>(tw) * th * pixel)
        fail(where, "tiles whose size fits the file");
    std::vector<std::byte> tile(static_cast<std::size_t>(size));
    for (std::int64_t ty = r.y / th * th; ty < r.y + r.height; ty += th)
        for (std::int64_t tx = r.x / tw * tw; tx < r.x + r.width; tx += tw) {
            const auto number = TIFFComputeTile(m_tiff.get(), static_cast<std::uint32_t>(tx),
                                                static_cast<std::uint32_t>(ty), 0, sample);
            if (TIFFReadEncodedTile(m_tiff.get(), number, tile.data(), size) < 0)
                fail(where, "the tile at column " + std::to_string(tx) + ", row " + std::to_string(ty));
            const std::int64_t y0 = std::max(ty, r.y), y1 = std::min(ty + th, r.y + r.height);
            const std::int64_t x0 = std::max(tx, r.x), x1 = std::min(tx + tw, r.x + r.width);
            for (std::int64_t y = y0; y < y1; ++y)
                std::memcpy(to + ((y - r.y) * r.width + x0 - r.x) * pixel,
                            tile.data() + ((y - ty) * tw + x0 - tx) * pixel, (x1 - x0) * pixel);
        }
}

} // namespace

std::shared_ptr<ImageSource> openTiff(const std::filesystem::path &path, std::string &reason)
{
    if (!TiffIndex::isTiff(RandomFile(path)))
        return {};
    auto source = std::make_shared<TiffSource>(path, reason);
    if (!reason.empty())
        return {};
    return source;
}

} // namespace reticle::files
