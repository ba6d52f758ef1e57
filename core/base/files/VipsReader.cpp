#include "base/files/Reader.h"

#ifdef RETICLE_VIPS
#include <mutex>
#include <vips/vips.h>
#endif

namespace reticle::files {

#ifndef RETICLE_VIPS

std::shared_ptr<ImageSource> openVips(const std::filesystem::path &, bool)
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
        g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION),
                          quiet, nullptr);
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

/// libvips keeps one buffer of messages for all threads; the text is for people, and a neighbour's is better than none.
std::string takeMessage()
{
    char *text = vips_error_buffer_copy();
    std::string s = text ? text : "";
    g_free(text);
    if (const auto line = s.find('\n'); line != std::string::npos)
        s.resize(line);
    return s.substr(0, 200);
}

[[noreturn]] void fail(const std::string &where, const std::string &expected)
{
    const std::string message = takeMessage();
    throw Error({where, expected, message.empty() ? "data that cannot be decoded" : "\"" + message + "\"",
                 "the file is truncated or damaged"});
}

Image load(const std::string &name, std::int64_t page, bool pages)
{
    vips_error_clear();
#if VIPS_MAJOR_VERSION > 8 || VIPS_MINOR_VERSION >= 12
    const char *strict = "fail_on";
    const int value = VIPS_FAIL_ON_TRUNCATED;
#else
    const char *strict = "fail";
    const int value = TRUE;
#endif
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
        {"VipsForeignLoadPng", "PNG", 1100},   {"VipsForeignLoadJpeg", "JPEG", 1000}, {"VipsForeignLoadTiff", "TIFF", 0},
        {"VipsForeignLoadWebp", "WebP", 0},    {"VipsForeignLoadNsgif", "GIF", 0},    {"VipsForeignLoadGif", "GIF", 0},
        {"VipsForeignLoadHeif", "HEIF", 0},    {"VipsForeignLoadJp2k", "JPEG 2000", 0}, {"VipsForeignLoadJxl", "JPEG XL", 0},
        {"VipsForeignLoadPpm", "PNM", 1},      {"VipsForeignLoadFits", "FITS", 0},    {"VipsForeignLoadOpenexr", "OpenEXR", 0},
        {"VipsForeignLoadNifti", "NIfTI", 0},  {"VipsForeignLoadOpenslide", "slide", 0}};
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
    VipsSource(std::string name, const Loader &loader, bool check)
    {
        Image image = load(name, 0, false);
        if (!image)
            fail(name, std::string("a ") + loader.format + " picture");
        m_info.path = name;
        m_info.format = loader.format;
        m_info.pages = std::max(1, vips_image_get_n_pages(image.get()));
        m_paged = m_info.pages > 1;
        image = converted(std::move(image), name);
        m_info.height = vips_image_get_height(image.get());
        m_info.width = vips_image_get_width(image.get());
        m_info.channels = vips_image_get_bands(image.get());
        m_info.alpha = vips_image_hasalpha(image.get());
        const auto dtype = dtypeOfBand(vips_image_get_format(image.get()));
        if (!dtype)
            throw Error({name, "real numbers of 8 to 64 bits", "complex numbers", {}});
        m_info.dtype = *dtype;
        m_info.axes = std::string(m_info.pages > 1 ? "Z" : "") + (m_info.channels > 1 ? "YXC" : "YX");
        checkClaim(m_info, std::filesystem::file_size(name), loader.ratio);
        image.reset();
        if (check && m_info.width * m_info.height * m_info.channels <= 64 << 20)
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
    /// CMYK and the like become RGB; everything else stays as it is.
    static Image converted(Image image, const std::string &where)
    {
        const auto kind = vips_image_get_interpretation(image.get());
        const bool plain = vips_image_get_coding(image.get()) == VIPS_CODING_NONE;
        if (plain && kind != VIPS_INTERPRETATION_CMYK && kind != VIPS_INTERPRETATION_LAB &&
            kind != VIPS_INTERPRETATION_LABS && kind != VIPS_INTERPRETATION_LABQ)
            return image;
        VipsImage *out = nullptr;
        if (vips_colourspace(image.get(), &out, VIPS_INTERPRETATION_sRGB, nullptr) != 0)
            fail(where, "a picture that can be turned into RGB");
        return Image(out);
    }

    Array decode(std::int64_t page) const
    {
        const std::string where = m_paged ? pageName(m_info.path, page) : m_info.path;
        checkMemory(m_info, page, m_info.height, m_info.width);
        Image image = load(m_info.path, page, m_paged);
        if (!image)
            fail(where, "a " + m_info.format + " picture");
        image = converted(std::move(image), where);
        if (vips_image_get_width(image.get()) != m_info.width || vips_image_get_height(image.get()) != m_info.height ||
            vips_image_get_bands(image.get()) != m_info.channels ||
            dtypeOfBand(vips_image_get_format(image.get())) != m_info.dtype)
            throw Error({where, "a page of " + sizeText(m_info) + " like the first",
                         std::to_string(vips_image_get_width(image.get())) + " x " +
                             std::to_string(vips_image_get_height(image.get())) + " or another number type",
                         {}});
        std::size_t bytes = 0;
        const std::unique_ptr<void, void (*)(void *)> pixels(vips_image_write_to_memory(image.get(), &bytes), g_free);
        Array out(m_info.dtype, pageShape(m_info, m_info.height, m_info.width));
        if (!pixels || bytes != out.bytes())
            fail(where, "a whole " + m_info.format + " picture of " + sizeText(m_info));
        std::memcpy(out.raw(), pixels.get(), bytes);
        return out;
    }

    ImageInfo m_info;
    bool m_paged = false;
    mutable std::mutex m_mutex;
    mutable Array m_kept;
    mutable std::int64_t m_keptPage = -1;
};

} // namespace

std::shared_ptr<ImageSource> openVips(const std::filesystem::path &path, bool check)
{
    startVips();
    const std::string name = path.string();
    RandomFile probe(path); // says "empty" or "not readable" in our words
    const Loader *loader = loaderOf(name);
    if (!loader)
        return {};
    return std::make_shared<VipsSource>(name, *loader, check);
}

#endif

} // namespace reticle::files
