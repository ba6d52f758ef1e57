#include "base/ImageWriter.h"

#include "base/Error.h"
#include "base/files/BesideFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <tiffio.h>

#ifdef RETICLE_VIPS
#include <vips/vips.h>
#endif

namespace reticle {

namespace fs = std::filesystem;
using files::BesideFile;

struct TiffWriter::Private
{
    Private(const fs::path &path, BesideFile::Kind kind) : file(path, kind) {}

    static tmsize_t read(thandle_t handle, void *to, tmsize_t bytes)
    {
        auto *d = static_cast<Private *>(handle);
        const auto n = ::pread(d->file.descriptor(), to, static_cast<std::size_t>(bytes), static_cast<off_t>(d->position));
        d->position += n > 0 ? static_cast<std::uint64_t>(n) : 0;
        return static_cast<tmsize_t>(n);
    }
    static tmsize_t write(thandle_t handle, void *from, tmsize_t bytes)
    {
        auto *d = static_cast<Private *>(handle);
        if (!d->file.writeAt(d->position, from, static_cast<std::size_t>(bytes)))
            return -1;
        d->position += static_cast<std::uint64_t>(bytes);
        d->end = std::max(d->end, d->position);
        return bytes;
    }
    static toff_t seek(thandle_t handle, toff_t offset, int whence)
    {
        auto *d = static_cast<Private *>(handle);
        d->position = whence == SEEK_SET ? offset : whence == SEEK_CUR ? d->position + offset : d->end + offset;
        return d->position;
    }
    static int closed(thandle_t) { return 0; }
    static toff_t size(thandle_t handle) { return static_cast<Private *>(handle)->end; }

    void open(const std::string &name, bool big)
    {
        const char *mode = big ? "w8" : "w";
#if defined(TIFFLIB_VERSION) && TIFFLIB_VERSION >= 20221213
        const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions *)> options(TIFFOpenOptionsAlloc(),
                                                                                    TIFFOpenOptionsFree);
        const auto quiet = [](TIFF *, void *, const char *, const char *, va_list) { return 1; };
        TIFFOpenOptionsSetErrorHandlerExtR(options.get(), quiet, nullptr);
        TIFFOpenOptionsSetWarningHandlerExtR(options.get(), quiet, nullptr);
        tiff = TIFFClientOpenExt(name.c_str(), mode, this, read, write, seek, closed, size, nullptr, nullptr, options.get());
#else
        TIFFSetErrorHandler(nullptr);
        TIFFSetWarningHandler(nullptr);
        tiff = TIFFClientOpen(name.c_str(), mode, this, read, write, seek, closed, size, nullptr, nullptr);
#endif
        if (!tiff)
            file.fail(file.error());
    }

    void check(bool good) const
    {
        if (!good || file.error())
            file.fail(file.error());
    }

    BesideFile file;
    TIFF *tiff = nullptr;
    std::string name;
    std::uint64_t position = 0, end = 0;
    double pixelSize = 0, sliceDistance = 0, pixelHeight = 0;
    std::int64_t pages = 0;
};

TiffWriter::TiffWriter(const fs::path &path, std::int64_t expectedBytes, double pixelSize, double sliceDistance,
                       double pixelHeight, bool newOnly)
    : d(std::make_unique<Private>(path, newOnly ? BesideFile::Kind::NewResult : BesideFile::Kind::Result))
{
    d->name = path.string();
    d->pixelSize = pixelSize;
    d->sliceDistance = sliceDistance;
    d->pixelHeight = pixelHeight > 0 ? pixelHeight : pixelSize;
    // Deflate may make noise a little longer than it was, and directories need room.
    d->open(d->name, expectedBytes > std::int64_t{3900} * 1000 * 1000);
}

TiffWriter::~TiffWriter()
{
    if (d->tiff)
        TIFFCleanup(d->tiff); // without writing what is left
}

void TiffWriter::writePage(const Array &page)
{
    const auto dtype = page.dtype();
    const bool channels = page.rank() == 3 && page.dim(2) <= UINT16_MAX, colour = channels && page.dim(2) == 3;
    const std::string where = d->name + ": page " + std::to_string(d->pages);
    if ((page.rank() != 2 && !channels) || page.empty() || page.dim(0) > INT32_MAX || page.dim(1) > INT32_MAX)
        throw Error({where, "an image (H, W), or (H, W, C) of at most 65535 channels",
                     page.rank() == 3 ? std::to_string(page.dim(2)) + " channels" : std::to_string(page.rank()) + " axes",
                     {}});
    if (dtype == DType::Int64 || dtype == DType::Float64)
        throw Error({where, "uint8, uint16, uint32 or float32", std::string(nameOf(dtype)), {}});
    assert(d->tiff && "close() was called");

    TIFF *t = d->tiff;
    const auto width = static_cast<std::uint32_t>(page.dim(1)), height = static_cast<std::uint32_t>(page.dim(0));
    const int samples = channels ? static_cast<int>(page.dim(2)) : 1;
    const std::size_t rowBytes = width * byteSize(dtype) * samples;
    const auto rows = static_cast<std::uint32_t>(std::clamp<std::size_t>((256 << 10) / rowBytes, 1, height));
    const bool real = dtype == DType::Float32;
    const bool isSigned = dtype == DType::Int8 || dtype == DType::Int16 || dtype == DType::Int32;
    TIFFSetField(t, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(t, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, static_cast<int>(byteSize(dtype) * 8));
    TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, samples);
    TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, real ? SAMPLEFORMAT_IEEEFP : isSigned ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT);
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, colour ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    if (samples > 1 && !colour) { // none of them is an opacity
        const std::vector<std::uint16_t> kinds(static_cast<std::size_t>(samples - 1), EXTRASAMPLE_UNSPECIFIED);
        TIFFSetField(t, TIFFTAG_EXTRASAMPLES, samples - 1, kinds.data());
    }
    TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(t, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
    // ImageJ does not undo the floating-point predictor.
    TIFFSetField(t, TIFFTAG_PREDICTOR, real ? PREDICTOR_NONE : PREDICTOR_HORIZONTAL);
    TIFFSetField(t, TIFFTAG_ZIPQUALITY, 4);
    TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, rows);
    TIFFSetField(t, TIFFTAG_SOFTWARE, "Reticle");
    if (d->pixelSize > 0) {
        TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
        TIFFSetField(t, TIFFTAG_XRESOLUTION, 1 / d->pixelSize);
        TIFFSetField(t, TIFFTAG_YRESOLUTION, 1 / d->pixelHeight);
        if (d->pages == 0) {
            const std::string spacing = d->sliceDistance > 0 ? fmt::format("spacing={}\n", d->sliceDistance) : "";
            TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, ("ImageJ=1.53t\nunit=nm\n" + spacing).c_str());
        }
    }
    std::vector<std::byte> strip(rows * rowBytes);
    for (std::uint32_t y = 0, n = 0; y < height; y += rows, ++n) {
        const std::size_t bytes = std::min(rows, height - y) * rowBytes;
        std::memcpy(strip.data(), page.raw() + y * rowBytes, bytes); // the predictor works in place
        d->check(TIFFWriteEncodedStrip(t, n, strip.data(), static_cast<tmsize_t>(bytes)) >= 0);
    }
    d->check(TIFFWriteDirectory(t) == 1);
    ++d->pages;
}

void TiffWriter::close()
{
    if (d->pages == 0)
        throw Error(Error::Kind::Failed, d->name, "a TIFF needs at least one page");
    const bool good = TIFFFlush(d->tiff) == 1;
    TIFFCleanup(d->tiff);
    d->tiff = nullptr;
    d->check(good);
    d->file.finish();
}

void writeNpy(const fs::path &path, const Array &array)
{
    static const char *kinds[] = {"|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<i8", "<f4", "<f8"};
    static_assert(std::endian::native == std::endian::little);
    std::string shape;
    for (const auto n : array.shape())
        shape += std::to_string(n) + ", ";
    if (array.rank() > 1)
        shape.resize(shape.size() - 2);
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                     kinds[static_cast<int>(array.dtype())], shape);
    header.append(63 - (header.size() + 10) % 64, ' ');
    header += '\n';
    std::string start = "\x93NUMPY";
    start += '\x01';
    start += '\0';
    start += static_cast<char>(header.size() & 255);
    start += static_cast<char>(header.size() >> 8);
    start += header;
    BesideFile file(path);
    if (!file.writeAt(0, start.data(), start.size()) || !file.writeAt(start.size(), array.raw(), array.bytes()))
        file.fail(file.error());
    file.finish();
}

#ifdef RETICLE_VIPS

namespace files {
void startVips();
}

void writePng(const fs::path &path, const Array &image)
{
    const int bands = image.rank() == 2 ? 1 : image.rank() == 3 ? static_cast<int>(image.dim(2)) : 0;
    if (image.dtype() != DType::UInt8 || image.empty() || (bands != 1 && bands != 3 && bands != 4))
        throw Error({path.string(), "an image (H, W) or (H, W, 3 or 4) of uint8",
                     std::to_string(image.rank()) + " axes of " + std::string(nameOf(image.dtype())), {}});
    files::startVips();
    BesideFile file(path);
    VipsImage *raw = vips_image_new_from_memory(image.raw(), image.bytes(), static_cast<int>(image.dim(1)),
                                                static_cast<int>(image.dim(0)), bands, VIPS_FORMAT_UCHAR);
    VipsImage *typed = nullptr;
    void *png = nullptr;
    std::size_t bytes = 0;
    const auto kind = bands == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    bool good = raw && vips_copy(raw, &typed, "interpretation", kind, nullptr) == 0 &&
                vips_pngsave_buffer(typed, &png, &bytes, nullptr) == 0;
    const std::unique_ptr<void, void (*)(void *)> hold(png, g_free);
    if (typed)
        g_object_unref(typed);
    if (raw)
        g_object_unref(raw);
    if (!good)
        throw Error(Error::Kind::Failed, path.string(), "it cannot be written as PNG: " + std::string(vips_error_buffer()));
    if (!file.writeAt(0, png, bytes))
        file.fail(file.error());
    file.finish();
}

#else

void writePng(const fs::path &path, const Array &)
{
    throw Error(Error::Kind::Failed, path.string(), "this build has no libvips and cannot write PNG; write TIFF or .npy");
}

#endif

} // namespace reticle
