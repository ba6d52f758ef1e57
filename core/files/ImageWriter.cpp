#include "files/ImageWriter.h"

#include "files/SiblingFile.h"
#include "files/formats/PngChunks.h"
#include "foundation/Error.h"

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
using files::SiblingFile;

struct TiffWriter::Private
{
    Private(const fs::path &path, SiblingFile::Kind kind) : file(path, kind) {}

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
        const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions *)> options(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
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

    SiblingFile file;
    TIFF *tiff = nullptr;
    std::string name;
    std::uint64_t position = 0, end = 0;
    TiffStack stack;
    std::int64_t pages = 0;
};

namespace {

/// ImageJ's description: its pages run over channels fastest, then slices, then frames, as ours do.
std::string imageJText(const TiffStack &s)
{
    std::string text = "ImageJ=1.53t\n";
    if (s.times > 1 || s.planes > 1)
        text += fmt::format("images={}\nchannels={}\nslices={}\nframes={}\nhyperstack=true\n", s.pages, s.planes,
                            s.pages / (s.planes * s.times), s.times);
    if (s.pixelSize > 0)
        text += "unit=nm\n";
    if (s.pixelSize > 0 && s.sliceDistance > 0)
        text += fmt::format("spacing={}\n", s.sliceDistance);
    if (s.probabilityClass >= 0)
        text += fmt::format("{}={}\n", files::probabilityClassKey, s.probabilityClass);
    return text;
}

/// OME-XML of the version 2016-06, one image with all pages in the order XYCZT.
std::string omeText(const TiffStack &s, const Array &page)
{
    static const char *types[] = {"uint8", "int8", "uint16", "int16", "uint32", "int32", "", "float", ""};
    const std::int64_t samples = page.rank() == 3 ? page.dim(2) : 1;
    std::string sizes, channels, reference, annotations;
    if (s.pixelSize > 0)
        sizes += fmt::format(" PhysicalSizeX=\"{}\" PhysicalSizeXUnit=\"nm\" PhysicalSizeY=\"{}\" PhysicalSizeYUnit=\"nm\"",
                             s.pixelSize, s.pixelHeight);
    if (s.sliceDistance > 0)
        sizes += fmt::format(" PhysicalSizeZ=\"{}\" PhysicalSizeZUnit=\"nm\"", s.sliceDistance);
    for (std::int64_t c = 0; c < s.planes; ++c)
        channels += fmt::format("<Channel ID=\"Channel:0:{}\" SamplesPerPixel=\"{}\"/>", c, samples);
    if (s.probabilityClass >= 0) {
        reference = "<AnnotationRef ID=\"Annotation:0\"/>";
        annotations = fmt::format("<StructuredAnnotations><LongAnnotation ID=\"Annotation:0\" Namespace=\"{}\"><Value>{}</Value>"
                                  "</LongAnnotation></StructuredAnnotations>",
                                  files::probabilityClassNamespace, s.probabilityClass);
    }
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                       "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\" "
                       "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                       "xsi:schemaLocation=\"http://www.openmicroscopy.org/Schemas/OME/2016-06 "
                       "http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd\" Creator=\"Reticle\">"
                       "<Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" DimensionOrder=\"XYCZT\" Type=\"{}\" "
                       "BigEndian=\"false\" SizeX=\"{}\" SizeY=\"{}\" SizeC=\"{}\" SizeZ=\"{}\" SizeT=\"{}\"{}>{}"
                       "<TiffData IFD=\"0\" PlaneCount=\"{}\"/></Pixels>{}</Image>{}</OME>",
                       types[static_cast<int>(page.dtype())], page.dim(1), page.dim(0), s.planes * samples,
                       s.pages / (s.planes * s.times), s.times, sizes, channels, s.pages, reference, annotations);
}

} // namespace

TiffWriter::TiffWriter(const fs::path &path, std::int64_t expectedBytes, double pixelSize, double sliceDistance,
                       double pixelHeight, bool newOnly)
    : TiffWriter(path, expectedBytes, {pixelSize, sliceDistance, pixelHeight}, newOnly)
{
}

TiffWriter::TiffWriter(const fs::path &path, std::int64_t expectedBytes, const TiffStack &stack, bool newOnly)
    : d(std::make_unique<Private>(path, newOnly ? SiblingFile::Kind::NewResult : SiblingFile::Kind::Result))
{
    assert(stack.times >= 1 && stack.planes >= 1 && stack.pages % (stack.times * stack.planes) == 0);
    assert(stack.pages > 0 || (stack.times == 1 && stack.planes == 1 && !stack.ome));
    d->name = path.string();
    d->stack = stack;
    if (!(stack.pixelHeight > 0))
        d->stack.pixelHeight = stack.pixelSize;
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
    const bool channels = page.rank() == 3 && page.dim(2) <= UINT16_MAX, color = channels && page.dim(2) == 3;
    const std::string where = d->name + ": page " + std::to_string(d->pages);
    if ((page.rank() != 2 && !channels) || page.empty() || page.dim(0) > INT32_MAX || page.dim(1) > INT32_MAX)
        throw Error({where,
                     "an image (H, W), or (H, W, C) of at most 65535 channels",
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
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, color ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    if (samples > 1 && !color) { // none of them is an opacity
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
    const auto &s = d->stack;
    if (s.pixelSize > 0) {
        // Pixels per nm, which ImageJ's description says, or per cm as the standard has it.
        const double perUnit = s.ome ? 1e7 : 1;
        TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, s.ome ? RESUNIT_CENTIMETER : RESUNIT_NONE);
        TIFFSetField(t, TIFFTAG_XRESOLUTION, perUnit / s.pixelSize);
        TIFFSetField(t, TIFFTAG_YRESOLUTION, perUnit / s.pixelHeight);
    }
    if (d->pages == 0 && (s.ome || s.pixelSize > 0 || s.times > 1 || s.planes > 1 || s.probabilityClass >= 0))
        TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, (s.ome ? omeText(s, page) : imageJText(s)).c_str());
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
    if (d->stack.pages > 0 && d->pages != d->stack.pages)
        throw Error(Error::Kind::Failed, d->name, fmt::format("{} of its {} pages were written.", d->pages, d->stack.pages));
    const bool good = TIFFFlush(d->tiff) == 1;
    TIFFCleanup(d->tiff);
    d->tiff = nullptr;
    d->check(good);
    d->file.finish();
}

namespace {

/// What stands before the numbers of a .npy.
std::string npyHeader(DType dtype, const std::vector<std::int64_t> &sides)
{
    static const char *kinds[] = {"|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<i8", "<f4", "<f8"};
    static_assert(std::endian::native == std::endian::little);
    std::string shape;
    for (const auto n : sides)
        shape += std::to_string(n) + ", ";
    if (sides.size() > 1)
        shape.resize(shape.size() - 2);
    std::string header =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", kinds[static_cast<int>(dtype)], shape);
    header.append(63 - (header.size() + 10) % 64, ' ');
    header += '\n';
    std::string start = "\x93NUMPY";
    start += '\x01';
    start += '\0';
    start += static_cast<char>(header.size() & 255);
    start += static_cast<char>(header.size() >> 8);
    return start + header;
}

} // namespace

void writeNpy(const fs::path &path, const Array &array)
{
    const auto start = npyHeader(array.dtype(), array.shape());
    SiblingFile file(path);
    if (!file.writeAt(0, start.data(), start.size()) || !file.writeAt(start.size(), array.raw(), array.bytes()))
        file.fail(file.error());
    file.finish();
}

struct NpyWriter::Private
{
    Private(const fs::path &path, std::int64_t count) : file(path), name(path.string()), entries(count) {}

    std::string header(std::int64_t count) const
    {
        auto whole = shape;
        if (entries > 1)
            whole.insert(whole.begin(), count);
        return npyHeader(dtype, whole);
    }

    SiblingFile file;
    std::string name;
    std::int64_t entries, written = 0;
    std::uint64_t begin = 0, position = 0; ///< of the numbers, and of the next of them
    DType dtype = DType::UInt8;
    std::vector<std::int64_t> shape;
};

NpyWriter::NpyWriter(const fs::path &path, std::int64_t entries) : d(std::make_unique<Private>(path, entries))
{
    assert(entries > 0);
}

NpyWriter::~NpyWriter() = default;

void NpyWriter::write(const Array &entry)
{
    assert(d->written < d->entries);
    if (d->written == 0) {
        d->dtype = entry.dtype();
        d->shape = entry.shape();
        d->position = d->begin = d->header(d->entries).size(); // written by close(), when the number is known
    } else if (entry.dtype() != d->dtype || entry.shape() != d->shape) {
        throw Error({d->name, "pages of one size and number type for one array", fmt::format("page {} of another", d->written),
                     "choose a folder to write into"});
    }
    if (!d->file.writeAt(d->position, entry.raw(), entry.bytes()))
        d->file.fail(d->file.error());
    d->position += entry.bytes();
    ++d->written;
}

void NpyWriter::close(bool early)
{
    if (d->written != d->entries && !(early && d->written > 0))
        throw Error(Error::Kind::Failed, d->name, fmt::format("{} of its {} pages were written.", d->written, d->entries));
    auto start = d->header(d->written);
    if (const auto more = d->begin - start.size(); more > 0) { // fewer digits may need a block less
        const auto length = start.size() - 10 + more;
        start.insert(start.size() - 1, more, ' ');
        start[8] = static_cast<char>(length & 255);
        start[9] = static_cast<char>(length >> 8);
    }
    if (!d->file.writeAt(0, start.data(), start.size()))
        d->file.fail(d->file.error());
    d->file.finish();
}

#ifdef RETICLE_VIPS

namespace files {
void startVips();
}

void writePng(const fs::path &path, const Array &image, std::int64_t probabilityClass)
{
    const int bands = image.rank() == 2 ? 1 : image.rank() == 3 ? static_cast<int>(image.dim(2)) : 0;
    const bool deep = image.dtype() == DType::UInt16;
    if ((image.dtype() != DType::UInt8 && !(deep && bands == 1)) || image.empty() || (bands != 1 && bands != 3 && bands != 4))
        throw Error({path.string(),
                     "an image (H, W) or (H, W, 3 or 4) of uint8, or (H, W) of uint16",
                     std::to_string(image.rank()) + " axes of " + std::string(nameOf(image.dtype())),
                     {}});
    files::startVips();
    SiblingFile file(path);
    VipsImage *raw =
        vips_image_new_from_memory(image.raw(), image.bytes(), static_cast<int>(image.dim(1)), static_cast<int>(image.dim(0)),
                                   bands, deep ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR);
    VipsImage *typed = nullptr;
    void *png = nullptr;
    std::size_t bytes = 0;
    const auto kind = deep ? VIPS_INTERPRETATION_GREY16 : bands == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    bool good = raw && vips_copy(raw, &typed, "interpretation", kind, nullptr) == 0 &&
                vips_pngsave_buffer(typed, &png, &bytes, nullptr) == 0;
    const std::unique_ptr<void, void (*)(void *)> hold(png, g_free);
    if (typed)
        g_object_unref(typed);
    if (raw)
        g_object_unref(raw);
    if (!good)
        throw Error(Error::Kind::Failed, path.string(), "it cannot be written as PNG: " + std::string(vips_error_buffer()));
    std::string whole(static_cast<const char *>(png), bytes);
    if (probabilityClass >= 0)
        whole = files::withPngText(std::move(whole), files::probabilityClassKey, std::to_string(probabilityClass));
    if (!file.writeAt(0, whole.data(), whole.size()))
        file.fail(file.error());
    file.finish();
}

#else

void writePng(const fs::path &path, const Array &, std::int64_t)
{
    throw Error(Error::Kind::Failed, path.string(), "this build has no libvips and cannot write PNG; write TIFF or .npy");
}

#endif

} // namespace reticle
