#include "files/formats/GrayRamp.h"
#include "files/formats/Orientation.h"
#include "files/formats/PngChunks.h"

#ifdef RETICLE_VIPS
#include <fmt/format.h>
#include <mutex>
#include <vips/vips.h>
#endif

namespace reticle::files {

#ifndef RETICLE_VIPS

std::shared_ptr<ImageSource> openVips(const std::filesystem::path &, bool, Purpose)
{
    return {};
}

std::shared_ptr<ImageSource> openVipsTiff(const std::filesystem::path &)
{
    return {};
}

#else

void startVips(); // shared with ImageWriter.cpp

void startVips()
{
    static const int failed = [] {
        // Before vips_init, which may warn of a missing module. Errors reach us through vips_error_buffer.
        const auto quiet = [](const gchar *, GLogLevelFlags, const gchar *, gpointer) {};
        g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION), quiet,
                          nullptr);
        if (VIPS_INIT("reticle") != 0)
            return 1;
        vips_concurrency_set(1);
        vips_cache_set_max(0); // pages are cached by those who know which will be wanted again
        vips_cache_set_max_mem(0);
        vips_cache_set_max_files(0);
        return 0;
    }();
    if (failed)
        throw Error(Error::Kind::Failed, "libvips", "it could not be started");
}

namespace {

struct Unref
{
    void operator()(VipsImage *image) const { g_object_unref(image); }
};
using Image = std::unique_ptr<VipsImage, Unref>;

/// libvips keeps one buffer of messages for all threads; the text is for people, and a neighbor's is better than none.
std::string takeMessage()
{
    char *text = vips_error_buffer_copy();
    std::string s = text ? text : "";
    g_free(text);
    if (const auto line = s.find('\n'); line != std::string::npos)
        s.resize(line);
    return s.substr(0, 200);
}

[[noreturn]] void vipsFailed(const std::string &where, const std::string &expected)
{
    const std::string message = takeMessage();
    throw Error({where, expected, message.empty() ? "data that cannot be decoded" : "\"" + message + "\"",
                 "the file is truncated or damaged"});
}

/// With `bytes`, from there in place of the file; they must outlive the image.
Image load(const std::string &name, std::int64_t page, bool pages, const std::string &bytes = {})
{
    vips_error_clear();
#if VIPS_MAJOR_VERSION > 8 || VIPS_MINOR_VERSION >= 12
    const char *strict = "fail_on";
    const int value = VIPS_FAIL_ON_TRUNCATED;
#else
    const char *strict = "fail";
    const int value = TRUE;
#endif
    if (!bytes.empty() && pages)
        return Image(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", "access", VIPS_ACCESS_SEQUENTIAL, strict, value,
                                                "page", static_cast<int>(page), nullptr));
    if (!bytes.empty())
        return Image(
            vips_image_new_from_buffer(bytes.data(), bytes.size(), "", "access", VIPS_ACCESS_SEQUENTIAL, strict, value, nullptr));
    if (pages)
        return Image(vips_image_new_from_file(name.c_str(), "access", VIPS_ACCESS_SEQUENTIAL, strict, value, "page",
                                              static_cast<int>(page), nullptr));
    return Image(vips_image_new_from_file(name.c_str(), "access", VIPS_ACCESS_SEQUENTIAL, strict, value, nullptr));
}

std::optional<DType> dtypeOfBand(VipsBandFormat format)
{
    switch (format) {
    case VIPS_FORMAT_UCHAR: return DType::UInt8;
    case VIPS_FORMAT_CHAR: return DType::Int8;
    case VIPS_FORMAT_USHORT: return DType::UInt16;
    case VIPS_FORMAT_SHORT: return DType::Int16;
    case VIPS_FORMAT_UINT: return DType::UInt32;
    case VIPS_FORMAT_INT: return DType::Int32;
    case VIPS_FORMAT_FLOAT: return DType::Float32;
    case VIPS_FORMAT_DOUBLE: return DType::Float64;
    default: return {};
    }
}

/// Formats by the name of libvips' loader. Text and vector formats are no pictures here, and what only ImageMagick
/// reads is left out but for BMP: it tries anything.
struct Loader
{
    const char *prefix;
    const char *format;
    double ratio; ///< largest of decoded to stored bytes, 0 = not known
};

const Loader *loaderOf(const std::string &name)
{
    static const Loader known[] = {
        {"VipsForeignLoadPng", "PNG", 1100},  {"VipsForeignLoadJpeg", "JPEG", 1000},   {"VipsForeignLoadTiff", "TIFF", 0},
        {"VipsForeignLoadWebp", "WebP", 0},   {"VipsForeignLoadNsgif", "GIF", 0},      {"VipsForeignLoadGif", "GIF", 0},
        {"VipsForeignLoadHeif", "HEIF", 0},   {"VipsForeignLoadJp2k", "JPEG 2000", 0}, {"VipsForeignLoadJxl", "JPEG XL", 0},
        {"VipsForeignLoadPpm", "PNM", 1},     {"VipsForeignLoadFits", "FITS", 0},      {"VipsForeignLoadOpenexr", "OpenEXR", 0},
        {"VipsForeignLoadNifti", "NIfTI", 0}, {"VipsForeignLoadOpenslide", "slide", 0}};
    vips_error_clear();
    const char *found = vips_foreign_find_load(name.c_str());
    if (!found)
        return nullptr;
    const std::string loader = found;
    for (const auto &k : known)
        if (loader.rfind(k.prefix, 0) == 0)
            return &k;
    static const Loader bmp{"VipsForeignLoadMagick", "BMP", 0};
    char magic[2] = {};
    RandomFile(name).readSome(0, magic, 2);
    if (loader.rfind(bmp.prefix, 0) == 0 && magic[0] == 'B' && magic[1] == 'M')
        return &bmp;
    return nullptr;
}

class VipsSource : public ImageSource
{
public:
    struct Options
    {
        Purpose purpose = Purpose::Image;
        bool check = false;  ///< decode the first page where it is small
        bool upright = true; ///< turn images as they say
    };

    VipsSource(std::string name, const Loader &loader, const Options &options)
    {
        m_info.path = name;
        m_info.format = loader.format;
        const RandomFile file(name);
        if (const auto png = readPngChunks(file))
            findNumbers(*png, options.purpose);
        else if (options.purpose == Purpose::Labels)
            m_oneBand = m_ramp = !withGrayRamp(file).empty();
        const std::string bytes = stored();
        Image image = load(name, 0, false, bytes);
        if (!image)
            vipsFailed(name, std::string("a ") + loader.format + " image");
        m_info.pages = std::max(1, vips_image_get_n_pages(image.get()));
        m_paged = m_info.pages > 1;
        if (options.upright && m_orientation == 1)
            m_orientation = plainOrientation(vips_image_get_orientation(image.get()));
        if (!options.upright)
            m_orientation = 1;
        image = converted(std::move(image), name);
        m_storedHeight = vips_image_get_height(image.get());
        m_storedWidth = vips_image_get_width(image.get());
        m_bands = vips_image_get_bands(image.get());
        m_info.height = exchangesSides(m_orientation) ? m_storedWidth : m_storedHeight;
        m_info.width = exchangesSides(m_orientation) ? m_storedHeight : m_storedWidth;
        m_info.channels = m_oneBand ? 1 : m_bands;
        m_info.alpha = !m_oneBand && vips_image_hasalpha(image.get());
        const auto dtype = dtypeOfBand(vips_image_get_format(image.get()));
        if (!dtype)
            throw Error(
                {name, "real numbers of 8 to 64 bits", "complex numbers", "save their real and imaginary parts as channels"});
        m_info.dtype = *dtype;
        m_info.axes = std::string(m_info.pages > 1 ? "Z" : "") + (m_info.channels > 1 ? "YXC" : "YX");
        // What the decoder spreads, bits to bytes and numbers of a table to colors, takes no more of the file.
        const double given = 8.0 * static_cast<double>(m_info.channels) * static_cast<double>(byteSize(m_info.dtype));
        checkClaim(m_info, std::filesystem::file_size(name),
                   loader.ratio * (m_storedBits > 0 ? std::max(1.0, given / m_storedBits) : 1));
        image.reset();
        if (options.check && m_info.width * m_info.height * m_info.channels <= 64 << 20)
            readPage(0);
    }

    const ImageInfo &info() const override { return m_info; }

    /// The page read last is kept: views ask for region after region of one page.
    Array readPage(std::int64_t page) const override
    {
        checkRegion(m_info, page, 0, 0, m_info.height, m_info.width);
        {
            const std::lock_guard lock(m_mutex);
            if (m_keptPage == page)
                return m_kept.clone();
        }
        Array read = decode(page);
        if (read.bytes() > std::size_t{256} << 20)
            return read;
        const std::lock_guard lock(m_mutex);
        m_kept = read;
        m_keptPage = page;
        return read.clone();
    }

private:
    /// What becomes of the numbers of a PNG.
    void findNumbers(const PngChunks &png, Purpose purpose)
    {
        m_orientation = png.orientation;
        m_info.probabilityClass = png.probabilityClass;
        m_storedBits = png.bits * (png.color == 2 ? 3 : png.color == 4 ? 2 : png.color == 6 ? 4 : 1);
        const bool labels = purpose == Purpose::Labels;
        if (png.color == 3) {
            const auto use = labels            ? PaletteUse::Numbers
                             : png.transparent ? PaletteUse::Colors
                                               : useOf(png.palette, png.bits, false);
            m_withoutPalette = use == PaletteUse::Numbers;
            m_oneBand = use != PaletteUse::Colors;
        }
        // The decoder spreads gray of fewer bits over 0 to 255.
        if (labels && (png.color == 0 || png.color == 3) && (png.bits == 1 || png.bits == 2 || png.bits == 4)) {
            m_divisor = 255 / ((1 << png.bits) - 1);
            m_info.bits = png.bits;
        }
    }

    /// What is decoded in place of the file; empty where it is the file.
    std::string stored() const
    {
        if (m_ramp)
            return withGrayRamp(RandomFile(m_info.path));
        return m_withoutPalette ? asGrayPng(RandomFile(m_info.path)) : std::string();
    }

    /// CMYK and the like become RGB; everything else stays as it is.
    static Image converted(Image image, const std::string &where)
    {
        const auto kind = vips_image_get_interpretation(image.get());
        const bool plain = vips_image_get_coding(image.get()) == VIPS_CODING_NONE;
        if (plain && kind != VIPS_INTERPRETATION_CMYK && kind != VIPS_INTERPRETATION_LAB && kind != VIPS_INTERPRETATION_LABS &&
            kind != VIPS_INTERPRETATION_LABQ)
            return image;
        VipsImage *out = nullptr;
        if (vips_colourspace(image.get(), &out, VIPS_INTERPRETATION_sRGB, nullptr) != 0)
            vipsFailed(where, "an image that can be turned into RGB");
        return Image(out);
    }

    Array decode(std::int64_t page) const
    {
        const std::string where = m_paged ? pageName(m_info.path, page) : m_info.path;
        checkMemory(m_info, page, m_info.height, m_info.width);
        const std::string given = stored();
        Image image = load(m_info.path, page, m_paged, given);
        if (!image)
            vipsFailed(where, "a " + m_info.format + " image");
        image = converted(std::move(image), where);
        if (vips_image_get_width(image.get()) != m_storedWidth || vips_image_get_height(image.get()) != m_storedHeight ||
            vips_image_get_bands(image.get()) != m_bands || dtypeOfBand(vips_image_get_format(image.get())) != m_info.dtype)
            throw Error({where, fmt::format("a page of {} x {} like the first", m_storedWidth, m_storedHeight),
                         std::to_string(vips_image_get_width(image.get())) + " x " +
                             std::to_string(vips_image_get_height(image.get())) + " or another number type",
                         "save the pages as single images"});
        std::size_t bytes = 0;
        const std::unique_ptr<void, void (*)(void *)> pixels(vips_image_write_to_memory(image.get(), &bytes), g_free);
        const std::int64_t count = m_storedHeight * m_storedWidth;
        const std::size_t band = byteSize(m_info.dtype);
        if (!pixels || bytes != static_cast<std::size_t>(count * m_bands) * band)
            vipsFailed(where, fmt::format("a whole {} image of {} x {}", m_info.format, m_storedWidth, m_storedHeight));
        Array out(m_info.dtype, pageShape(m_info, m_storedHeight, m_storedWidth));
        const auto *from = static_cast<const std::byte *>(pixels.get());
        if (m_oneBand && m_bands > 1)
            for (std::int64_t i = 0; i < count; ++i)
                std::memcpy(out.raw() + static_cast<std::size_t>(i) * band, from + static_cast<std::size_t>(i * m_bands) * band,
                            band);
        else
            std::memcpy(out.raw(), from, bytes);
        if (m_divisor > 1)
            for (auto &v : out.span<std::uint8_t>())
                v = static_cast<std::uint8_t>(v / m_divisor);
        return turnedUpright(out, m_orientation);
    }

    ImageInfo m_info;
    bool m_paged = false;
    int m_orientation = 1;
    std::int64_t m_storedHeight = 0, m_storedWidth = 0, m_bands = 1; ///< as decoded
    bool m_withoutPalette = false;                                   ///< the numbers of a table of colors are wanted, of a PNG
    bool m_ramp = false;                                             ///< the same of BMP and GIF
    bool m_oneBand = false;                                          ///< one channel is given out, however many are decoded
    int m_storedBits = 0;                                            ///< of a pixel of a PNG
    int m_divisor = 1;                                               ///< from decoded to stored numbers
    mutable std::mutex m_mutex;
    mutable Array m_kept;
    mutable std::int64_t m_keptPage = -1;
};

} // namespace

std::shared_ptr<ImageSource> openVips(const std::filesystem::path &path, bool check, Purpose purpose)
{
    startVips();
    const std::string name = path.string();
    RandomFile probe(path); // says "empty" or "not readable" in our words
    const Loader *loader = loaderOf(name);
    if (!loader)
        return {};
    return std::make_shared<VipsSource>(name, *loader, VipsSource::Options{purpose, check, true});
}

std::shared_ptr<ImageSource> openVipsTiff(const std::filesystem::path &path)
{
    startVips();
    static const Loader tiff{"VipsForeignLoadTiff", "TIFF", 0};
    return std::make_shared<VipsSource>(path.string(), tiff, VipsSource::Options{Purpose::Image, false, false});
}

#endif

namespace {

std::shared_ptr<ImageSource> open(const std::filesystem::path &path, const ReadOptions &options)
{
    return openVips(path, options.check, options.purpose);
}

// In a build without libvips these endings are of images all the same, whose way out a message says.
#ifdef RETICLE_VIPS
constexpr const char *png = "PNG", *jpeg = "JPEG";
#else
constexpr const char *png = "", *jpeg = "";
#endif

const FormatRegistration
    ofPng({.name = "PNG", .title = png, .usual = true, .endings = {".png"}, .magic = {"\x89PNG"}, .priority = 25, .open = open});
const FormatRegistration vipsReaderOfJpeg({.name = "JPEG",
                                           .title = jpeg,
                                           .usual = true,
                                           .endings = {".jpg", ".jpeg"},
                                           .magic = {"\xff\xd8\xff"},
                                           .priority = 20,
                                           .open = open});
/// Whatever else libvips knows.
const FormatRegistration
    ofOthers({.name = "libvips",
              .endings = {".bmp", ".gif", ".webp", ".pgm", ".ppm", ".pnm", ".jp2", ".j2k", ".heic", ".avif", ".fits", ".fit"},
              .priority = -100,
              .open = open});

} // namespace

} // namespace reticle::files
