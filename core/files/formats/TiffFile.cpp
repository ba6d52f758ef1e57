#include "files/formats/TiffFile.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <tiffio.h>
#include <zlib.h>

namespace reticle::files {

namespace {

#if defined(TIFFLIB_VERSION) && TIFFLIB_VERSION >= 20221213
#define RETICLE_TIFF_OPTIONS
#endif

/// The largest single block that a decoder may ask for: a tile or a compressed strip.
constexpr std::int64_t maxBlock = std::int64_t{1} << 30;
/// A block that is larger than this must be one that its file can hold.
constexpr std::int64_t smallBlock = std::int64_t{64} << 20;
/// libtiff's last message, per thread: what it says while one call of ours runs.
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
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions *)> options(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), onError, nullptr);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), onWarning, nullptr);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), maxBlock);
    TIFF *t = TIFFClientOpenExt(name, mode, &stream, Stream::read, Stream::write, Stream::seek, Stream::close, Stream::size,
                                nullptr, nullptr, options.get());
#else
    TIFFSetErrorHandler(onError);
    TIFFSetWarningHandler(nullptr);
    TIFF *t = TIFFClientOpen(name, mode, &stream, Stream::read, Stream::write, Stream::seek, Stream::close, Stream::size, nullptr,
                             nullptr);
#endif
    if (!t)
        throw Error({stream.file->name(),
                     "a TIFF that can be read",
                     lastMessage().empty() ? "a damaged one" : "\"" + lastMessage() + "\"",
                     {}});
    return std::unique_ptr<TIFF, Close>(t);
}

TiffLayout layoutOf(TIFF *t)
{
    TiffLayout l;
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

bool isJpeg(const TiffLayout &l)
{
    return l.compression == COMPRESSION_JPEG;
}

/// Luma and chroma that libtiff turns into red, green and blue of a whole page only: all but JPEG, which it converts itself.
bool isLuma(const TiffLayout &l)
{
    return l.photometric == PHOTOMETRIC_YCBCR && l.samples == 3 && l.bits == 8 && TIFFIsCODECConfigured(l.compression) &&
           !(isJpeg(l) && l.planar == PLANARCONFIG_CONTIG);
}

/// Why libtiff alone does not give the pixels of a TIFF; empty where it does.
std::string notForUs(const TiffLayout &l)
{
    if (isLuma(l))
        return {};
    if (l.photometric == PHOTOMETRIC_YCBCR && !(isJpeg(l) && l.bits == 8))
        return "a TIFF with luma and chroma of " + std::to_string(l.bits) + " bits";
    if (l.compression == COMPRESSION_OJPEG)
        return "a TIFF with old-style JPEG compression";
    if (!TIFFIsCODECConfigured(l.compression))
        return "a TIFF with compression " + std::to_string(l.compression);
    // libtiff turns the luma and chroma of JPEG into red, green and blue.
    const bool converted = isJpeg(l) && l.photometric == PHOTOMETRIC_YCBCR && l.samples == 3 && l.planar == PLANARCONFIG_CONTIG;
    if (isJpeg(l) && l.bits != 8)
        return "a TIFF with JPEG compression of " + std::to_string(l.bits) + " bits a sample";
    if (l.photometric != PHOTOMETRIC_MINISBLACK && l.photometric != PHOTOMETRIC_MINISWHITE && l.photometric != PHOTOMETRIC_RGB &&
        !l.hasPalette() && !converted)
        return "a TIFF with color model " + std::to_string(l.photometric);
    if (l.format == SAMPLEFORMAT_COMPLEXINT || l.format == SAMPLEFORMAT_COMPLEXIEEEFP)
        return "a TIFF of complex numbers";
    if ((l.format != SAMPLEFORMAT_UINT && l.format != SAMPLEFORMAT_INT && l.format != SAMPLEFORMAT_IEEEFP) ||
        !dtypeFor(l.number()))
        return "a TIFF with " + std::to_string(l.bits) +
               (l.format == SAMPLEFORMAT_IEEEFP ? "-bit floating point numbers" : " bits a sample");
    return {};
}

/// The largest ratio of decoded to stored bytes: deflate 1032, PackBits 64, LZW 3000 or so, JPEG some 200; 0 = not known.
double ratioOf(const TiffLayout &l)
{
    const double spread = 8.0 * static_cast<double>(l.sampleBytes()) / std::max<int>(1, l.bits);
    switch (l.compression) {
    case COMPRESSION_NONE: return spread;
    case COMPRESSION_PACKBITS: return 70 * spread;
    case COMPRESSION_LZW: return 4096 * spread;
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE: return 1100 * spread;
    case COMPRESSION_JPEG: return 1000;
    default: return 0;
    }
}

bool plausibleBlock(std::int64_t bytes, const TiffLayout &l, const RandomFile &file)
{
    return bytes > 0 && bytes <= maxBlock &&
           (bytes <= smallBlock || ratioOf(l) == 0 ||
            static_cast<double>(bytes) <= ratioOf(l) * static_cast<double>(file.size()) + smallBlock);
}

/// Bytes of `samples` numbers of a row.
std::int64_t packedBytes(std::int64_t samples, int bits)
{
    return (samples * bits + 7) / 8;
}

/// Numbers of one sample to their places among those of all.
void putSample(const Array &part, std::int64_t sample, Array &all)
{
    const std::size_t bytes = byteSize(part.dtype());
    const std::int64_t samples = all.dim(2);
    for (std::int64_t i = 0; i < part.size(); ++i)
        std::memcpy(all.raw() + static_cast<std::size_t>(i * samples + sample) * bytes,
                    part.raw() + static_cast<std::size_t>(i) * bytes, bytes);
}

/// Stored numbers brought into the machine's byte order, those of 24 bits too.
void swapStored(std::byte *values, std::size_t bytes, int bits)
{
    if (bits == 24)
        for (std::size_t i = 0; i + 3 <= bytes; i += 3)
            std::swap(values[i], values[i + 2]);
    else if (bits % 16 == 0)
        swapBytes(values, bytes / static_cast<std::size_t>(bits / 8), static_cast<std::size_t>(bits / 8));
}

[[noreturn]] void fail(const std::string &where, const std::string &expected)
{
    throw Error({where, expected, lastMessage().empty() ? "data that cannot be decoded" : "\"" + lastMessage() + "\"",
                 "the file is truncated or damaged"});
}

} // namespace

StoredNumber TiffLayout::number() const
{
    return {format == SAMPLEFORMAT_IEEEFP ? StoredNumber::Kind::Real
            : format == SAMPLEFORMAT_INT  ? StoredNumber::Kind::Signed
                                          : StoredNumber::Kind::Unsigned,
            bits};
}

std::size_t TiffLayout::sampleBytes() const
{
    const auto dtype = dtypeFor(number());
    return dtype ? byteSize(*dtype) : 1;
}

bool TiffLayout::hasPalette() const
{
    return photometric == PHOTOMETRIC_PALETTE && samples == 1 && format == SAMPLEFORMAT_UINT && bits <= 16;
}

struct TiffFile::Handle
{
    explicit Handle(const RandomFile &file) : stream{&file}, tiff(openHandle(stream)) {}

    Stream stream;
    std::unique_ptr<TIFF, Close> tiff;
};

TiffFile::TiffFile(const std::filesystem::path &path) : m_file(path), m_index(m_file), m_handle(std::make_unique<Handle>(m_file))
{
    TIFF *t = m_handle->tiff.get();
    select(0, m_file.name());
    m_first = m_layout;
    m_swap = m_index.bigEndian() == (std::endian::native == std::endian::little);
    if (m_first.width == 0 || m_first.height == 0 || m_first.samples == 0)
        throw Error({m_file.name(), "an image with pixels",
                     std::to_string(m_first.width) + " x " + std::to_string(m_first.height), "the file is damaged"});
    const char *text = nullptr;
    if (TIFFGetField(t, TIFFTAG_IMAGEDESCRIPTION, &text) && text)
        m_description = text;
    m_ours = TIFFGetField(t, TIFFTAG_SOFTWARE, &text) && text && std::string_view(text) == "Reticle";
    float x = 0, y = 0;
    std::uint16_t unit = RESUNIT_INCH;
    TIFFGetFieldDefaulted(t, TIFFTAG_RESOLUTIONUNIT, &unit);
    if (TIFFGetField(t, TIFFTAG_XRESOLUTION, &x) && TIFFGetField(t, TIFFTAG_YRESOLUTION, &y) && x > 0 && y > 0 &&
        std::isfinite(x) && std::isfinite(y))
        m_resolution = {x, y, unit};

    if (const auto reason = notForUs(m_first); !reason.empty()) {
        try {
            m_other = openVipsTiff(path);
            // What cannot be decoded is said at once where it takes little time.
            if (m_other && m_other->info().width * m_other->info().height * m_other->info().channels <= 16 << 20)
                m_other->readPage(m_index.page(0)->ordinal);
        } catch (const Error &e) {
            throw Error({m_file.name(), "a TIFF that can be decoded", reason + " (" + e.parts().found + ")",
                         "save it as TIFF without compression or with LZW"});
        }
        if (!m_other)
            throw Error({m_file.name(), "TIFF (gray, RGB, 1 to 64 bit) or NumPy .npy, all that a build without libvips reads",
                         reason, "convert it, or use a build with libvips"});
        m_dtype = m_other->info().dtype;
        m_samples = m_other->info().channels;
        m_alpha = m_other->info().alpha;
        return;
    }
    m_dtype = *dtypeFor(m_first.number());
    m_samples = m_first.samples;
    m_alpha = m_first.alpha;
    if (m_first.hasPalette())
        m_palette = paletteOfSelected();
}

TiffFile::~TiffFile() = default;

std::string TiffFile::lastDescription() const
{
    const std::lock_guard lock(m_mutex);
    const TiffDirectory &d = *m_index.page(0);
    constexpr std::uint64_t longest = 1 << 20;
    if (d.descriptions < 2 || d.lastDescriptionBytes > longest)
        return {};
    std::string text(d.lastDescriptionBytes, '\0');
    text.resize(m_file.readSome(d.lastDescription, text.data(), text.size()));
    text.resize(std::min(text.find('\0'), text.size()));
    return text;
}

std::uint64_t TiffFile::firstStrip() const
{
    return m_first.tiled || m_other ? 0 : TIFFGetStrileOffset(m_handle->tiff.get(), 0);
}

double TiffFile::ratio() const
{
    // Chroma may be stored once for every four pixels and more.
    return m_other ? 0 : ratioOf(m_first) * (isLuma(m_first) ? 4 : 1);
}

Palette TiffFile::paletteOfSelected() const
{
    std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
    if (!TIFFGetField(m_handle->tiff.get(), TIFFTAG_COLORMAP, &red, &green, &blue) || !red || !green || !blue)
        return {};
    const std::size_t entries = std::size_t{1} << m_layout.bits;
    // Some programs write 8 bits into the 16 of an entry.
    const auto large = [&](const std::uint16_t *c) { return std::any_of(c, c + entries, [](auto v) { return v > 255; }); };
    const int shift = large(red) || large(green) || large(blue) ? 8 : 0;
    Palette palette(entries);
    for (std::size_t i = 0; i < entries; ++i)
        palette[i] = {static_cast<std::uint8_t>(red[i] >> shift), static_cast<std::uint8_t>(green[i] >> shift),
                      static_cast<std::uint8_t>(blue[i] >> shift)};
    return palette;
}

const TiffDirectory &TiffFile::select(std::int64_t index, const std::string &where) const
{
    const TiffDirectory *d = m_index.page(index);
    if (!d)
        throw Error({where, "directory " + std::to_string(index) + " of the file", "the end of its chain of directories",
                     "the file is truncated or damaged"});
    if (index == m_selected || m_other)
        return *d;
    lastMessage().clear();
    m_selected = -1;
    TIFF *t = m_handle->tiff.get();
    if (!TIFFSetSubDirectory(t, d->offset))
        fail(where, "a directory that can be read");
    m_layout = layoutOf(t);
    if (isJpeg(m_layout) && m_layout.photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(t, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    // Compression and strips may differ from page to page, numbers may not. (The index has compared upright sizes.)
    const auto gray = [](const TiffLayout &l) {
        return l.photometric == PHOTOMETRIC_MINISBLACK || l.photometric == PHOTOMETRIC_MINISWHITE;
    };
    // A damaged directory may say its size twice, and libtiff takes another one than the index.
    if (m_layout.width != d->width || m_layout.height != d->height)
        throw Error({where, "one size",
                     std::to_string(m_layout.width) + " x " + std::to_string(m_layout.height) + " and " +
                         std::to_string(d->width) + " x " + std::to_string(d->height),
                     "the file is damaged"});
    if (index > 0 &&
        (m_layout.bits != m_first.bits || m_layout.samples != m_first.samples || m_layout.format != m_first.format ||
         m_layout.hasPalette() != m_first.hasPalette() || gray(m_layout) != gray(m_first) || !notForUs(m_layout).empty()))
        throw Error(
            {where, "the same size and number type as page 0", "another kind of image", "save the pages as single images"});
    m_selected = index;
    return *d;
}

TiffFile::Page TiffFile::read(std::int64_t index, const Box &box, const std::string &where) const
{
    const std::lock_guard lock(m_mutex);
    const TiffDirectory d = select(index, where);
    const Box stored = storedBox(box, d.orientation, d.height, d.width);
    Page page;
    if (m_other) {
        page.numbers =
            turnedUpright(m_other->readRegion(d.ordinal, stored.y, stored.x, stored.height, stored.width), d.orientation);
        return page;
    }
    page.photometric = m_layout.photometric;
    if (m_layout.hasPalette())
        page.palette = paletteOfSelected();
    page.numbers = turnedUpright(readStored(stored, where), d.orientation);
    return page;
}

TiffFile::Page TiffFile::readBehind(std::uint64_t offset, const Box &box, const std::string &where) const
{
    const std::lock_guard lock(m_mutex);
    const TiffDirectory d = select(0, where);
    const Box stored = storedBox(box, d.orientation, d.height, d.width);
    Page page;
    page.photometric = m_layout.photometric;
    page.palette = m_palette;
    Array numbers(m_dtype,
                  m_samples > 1 ? std::vector{stored.height, stored.width, m_samples} : std::vector{stored.height, stored.width});
    lastMessage().clear();
    const bool separate = m_layout.planar == PLANARCONFIG_SEPARATE && m_samples > 1;
    const auto sampleBytes = static_cast<std::uint64_t>(packedBytes(m_layout.width, m_layout.number().bits)) * m_layout.height;
    for (std::int64_t s = 0; s < (separate ? m_samples : 1); ++s) {
        Array part = separate ? Array(m_dtype, {stored.height, stored.width}) : numbers;
        readRaw(offset + static_cast<std::uint64_t>(s) * sampleBytes, false, 0, stored, where, part.raw());
        if (separate)
            putSample(part, s, numbers);
    }
    page.numbers = turnedUpright(numbers, d.orientation);
    return page;
}

Array TiffFile::readStored(const Box &box, const std::string &where) const
{
    lastMessage().clear();
    if (isLuma(m_layout))
        return readLuma(box, where);
    const auto samples = static_cast<std::int64_t>(m_layout.samples);
    const bool separate = m_layout.planar == PLANARCONFIG_SEPARATE && samples > 1;
    const auto shape = [&](std::int64_t n) {
        return n > 1 ? std::vector{box.height, box.width, n} : std::vector{box.height, box.width};
    };
    Array out(m_dtype, shape(samples));
    for (std::int64_t s = 0; s < (separate ? samples : 1); ++s) {
        // Samples that are stored apart are spread out from a buffer.
        Array part = separate ? Array(m_dtype, shape(1)) : out;
        const auto sample = static_cast<std::uint16_t>(s);
        if (m_layout.tiled)
            readTiles(sample, box, where, part.raw());
        else if (m_layout.compression == COMPRESSION_NONE && m_layout.fillOrder == FILLORDER_MSB2LSB)
            readRaw(0, true, sample, box, where, part.raw());
        else
            readStrips(sample, box, where, part.raw());
        if (separate)
            putSample(part, s, out);
    }
    return out;
}

Array TiffFile::readLuma(const Box &box, const std::string &where) const
{
    TIFF *t = m_handle->tiff.get();
    const std::int64_t width = m_layout.width, height = m_layout.height;
    const std::int64_t bytes = 4 * width * height;
    if (bytes > maxBlock ||
        (bytes > smallBlock && ratio() > 0 && static_cast<double>(bytes) > 2 * ratio() * static_cast<double>(m_file.size())))
        fail(where, "a page of luma and chroma that fits its file, of at most 1 GiB");
    std::uint16_t orientation = ORIENTATION_TOPLEFT;
    TIFFGetFieldDefaulted(t, TIFFTAG_ORIENTATION, &orientation);
    std::vector<std::uint32_t> raster(static_cast<std::size_t>(width * height));
    // Asked for as it is stored, so that nothing is turned here.
    if (!TIFFReadRGBAImageOriented(t, m_layout.width, m_layout.height, raster.data(), orientation, 1))
        fail(where, "pixels of luma and chroma");
    Array out(DType::UInt8, {box.height, box.width, 3});
    auto *to = out.data<std::uint8_t>();
    for (std::int64_t y = box.y; y < box.y + box.height; ++y)
        for (std::int64_t x = box.x; x < box.x + box.width; ++x) {
            const std::uint32_t pixel = raster[static_cast<std::size_t>(y * width + x)];
            *to++ = TIFFGetR(pixel);
            *to++ = TIFFGetG(pixel);
            *to++ = TIFFGetB(pixel);
        }
    return out;
}

void TiffFile::readRaw(std::uint64_t base, bool table, std::uint16_t sample, const Box &r, const std::string &where,
                       std::byte *to) const
{
    const auto number = m_layout.number();
    const std::int64_t interleaved = m_layout.planar == PLANARCONFIG_SEPARATE ? 1 : m_layout.samples;
    const std::int64_t width = m_layout.width, rowBytes = packedBytes(width * interleaved, number.bits);
    const std::int64_t perStrip = table ? m_layout.rowsPerStrip : m_layout.height;
    const bool plain = isPlain(number), whole = plain && r.width == width;
    // Eight numbers of any size fill whole bytes: from such a place on, a row is read.
    const std::int64_t first = r.x * interleaved, begin = plain ? first : first / 8 * 8;
    const std::int64_t from = begin * number.bits / 8, count = r.width * interleaved;
    const auto stored = static_cast<std::size_t>(packedBytes(first + count, number.bits) - from);
    const auto wanted = static_cast<std::size_t>(count) * byteSize(m_dtype);
    std::vector<std::byte> buffer(plain ? 0 : stored);
    for (std::int64_t row = 0; row < r.height;) {
        const std::int64_t y = r.y + row, inStrip = y % perStrip;
        std::uint64_t offset = base;
        if (table) {
            TIFF *t = m_handle->tiff.get();
            const auto strip = TIFFComputeStrip(t, static_cast<std::uint32_t>(y), sample);
            int bad = 0;
            offset = TIFFGetStrileOffsetWithErr(t, strip, &bad);
            if (bad || offset == 0)
                fail(where, "the place of its rows");
        }
        offset += static_cast<std::uint64_t>(inStrip * rowBytes + from);
        const std::int64_t rows = whole ? std::min(perStrip - inStrip, r.height - row) : 1;
        const auto bytes = static_cast<std::size_t>(rows) * stored;
        std::byte *at = to + static_cast<std::size_t>(row) * wanted;
        if (m_file.readSome(offset, plain ? at : buffer.data(), bytes) != bytes)
            throw Error({where, "pixels up to byte " + std::to_string(offset + bytes),
                         "a file that ends at byte " + std::to_string(m_file.size()),
                         "it is truncated, check that the copy was complete"});
        if (m_swap)
            swapStored(plain ? at : buffer.data(), bytes, number.bits);
        if (!plain)
            unpack(buffer.data(), first - begin, count, number, at);
        row += rows;
    }
}

void TiffFile::readStrips(std::uint16_t sample, const Box &r, const std::string &where, std::byte *to) const
{
    TIFF *t = m_handle->tiff.get();
    const auto number = m_layout.number();
    const std::int64_t interleaved = m_layout.planar == PLANARCONFIG_SEPARATE ? 1 : m_layout.samples;
    const tmsize_t size = TIFFScanlineSize(t);
    if (!plausibleBlock(size, m_layout, m_file) || size < packedBytes(m_layout.width * interleaved, number.bits))
        fail(where, "rows whose size fits the file");
    const std::int64_t perStrip = m_layout.rowsPerStrip;
    const bool whole = size * perStrip <= smallBlock;
    std::vector<std::byte> buffer(static_cast<std::size_t>(whole ? size * perStrip : size));
    const auto copy = [&](const std::byte *line, std::int64_t y) {
        unpack(line, r.x * interleaved, r.width * interleaved, number,
               to + static_cast<std::size_t>((y - r.y) * r.width * interleaved) * byteSize(m_dtype));
    };
    for (std::int64_t first = r.y / perStrip * perStrip; first < r.y + r.height; first += perStrip) {
        const std::int64_t rows = std::min<std::int64_t>(perStrip, m_layout.height - first);
        const std::int64_t y0 = std::max(first, r.y), y1 = std::min(first + rows, r.y + r.height);
        const auto rowText = [](std::int64_t y) { return "pixels in row " + std::to_string(y); };
        if (whole) {
            const auto strip = TIFFComputeStrip(t, static_cast<std::uint32_t>(first), sample);
            if (TIFFReadEncodedStrip(t, strip, buffer.data(), size * rows) < size * rows)
                fail(where, rowText(first));
            if (m_ours && m_layout.compression == COMPRESSION_ADOBE_DEFLATE)
                verifyStrip(strip, static_cast<std::size_t>(size * rows), where);
            for (std::int64_t y = y0; y < y1; ++y)
                copy(buffer.data() + (y - first) * size, y);
            continue;
        }
        // Row by row from the first of the strip on: most codecs cannot skip any.
        for (std::int64_t y = first; y < y1; ++y) {
            if (TIFFReadScanline(t, buffer.data(), static_cast<std::uint32_t>(y), sample) != 1)
                fail(where, rowText(y));
            if (y >= y0)
                copy(buffer.data(), y);
        }
    }
}

/// libtiff stops at the last pixel and does not look at the checksum behind it (RFC 1950), so that a changed bit would be
/// another number. Results that Reticle wrote are worth a second look.
void TiffFile::verifyStrip(std::uint32_t strip, std::size_t bytes, const std::string &where) const
{
    TIFF *t = m_handle->tiff.get();
    const auto stored = static_cast<std::size_t>(TIFFRawStripSize(t, strip));
    std::vector<Bytef> raw(std::min<std::size_t>(stored, m_file.size())), pixels(bytes + 1);
    auto length = static_cast<uLongf>(pixels.size());
    const auto got = TIFFReadRawStrip(t, strip, raw.data(), static_cast<tmsize_t>(raw.size()));
    if (got <= 0 || uncompress(pixels.data(), &length, raw.data(), static_cast<uLong>(got)) != Z_OK || length != bytes)
        throw Error({where, "pixels as they were written", "others (their checksum does not match)",
                     "this file is damaged: make it again, or restore it from a copy"});
}

void TiffFile::readTiles(std::uint16_t sample, const Box &r, const std::string &where, std::byte *to) const
{
    TIFF *t = m_handle->tiff.get();
    const auto number = m_layout.number();
    const std::int64_t interleaved = m_layout.planar == PLANARCONFIG_SEPARATE ? 1 : m_layout.samples;
    const std::int64_t tw = m_layout.tileWidth, th = m_layout.tileHeight, rowBytes = packedBytes(tw * interleaved, number.bits);
    const tmsize_t size = TIFFTileSize(t);
    if (tw == 0 || th == 0 || !plausibleBlock(size, m_layout, m_file) ||
        static_cast<double>(size) < static_cast<double>(rowBytes) * static_cast<double>(th))
        fail(where, "tiles whose size fits the file");
    const auto pixel = static_cast<std::int64_t>(byteSize(m_dtype)) * interleaved;
    std::vector<std::byte> tile(static_cast<std::size_t>(size));
    for (std::int64_t ty = r.y / th * th; ty < r.y + r.height; ty += th)
        for (std::int64_t tx = r.x / tw * tw; tx < r.x + r.width; tx += tw) {
            const auto at = TIFFComputeTile(t, static_cast<std::uint32_t>(tx), static_cast<std::uint32_t>(ty), 0, sample);
            if (TIFFReadEncodedTile(t, at, tile.data(), size) < 0)
                fail(where, "the tile at column " + std::to_string(tx) + ", row " + std::to_string(ty));
            const std::int64_t y0 = std::max(ty, r.y), y1 = std::min(ty + th, r.y + r.height);
            const std::int64_t x0 = std::max(tx, r.x), x1 = std::min(tx + tw, r.x + r.width);
            for (std::int64_t y = y0; y < y1; ++y)
                unpack(tile.data() + (y - ty) * rowBytes, (x0 - tx) * interleaved, (x1 - x0) * interleaved, number,
                       to + ((y - r.y) * r.width + x0 - r.x) * pixel);
        }
}

} // namespace reticle::files
