#include "files/ImageSource.h"

#include "files/Reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reticle {

namespace fs = std::filesystem;
using namespace files;

Json ImageInfo::toJson() const
{
    Json json{{"path", path},   {"format", format},
              {"pages", pages}, {"height", height},
              {"width", width}, {"channels", channels},
              {"alpha", alpha}, {"dtype", nameOf(dtype)},
              {"axes", axes},   {"pixel-size-nm", Json::array({pixelSizeX, pixelSizeY, pixelSizeZ})}};
    if (bits > 0)
        json["bits"] = bits;
    if (!notes.empty())
        json["notes"] = notes;
    return json;
}

Array ImageSource::readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const
{
    checkRegion(info(), page, y, x, height, width);
    const Array whole = readPage(page);
    const std::int64_t channels = whole.rank() > 2 ? whole.dim(2) : 1;
    const std::size_t pixel = byteSize(whole.dtype()) * static_cast<std::size_t>(channels);
    Array part(whole.dtype(), pageShape(info(), height, width));
    for (std::int64_t row = 0; row < height; ++row)
        std::memcpy(part.raw() + row * width * pixel, whole.raw() + ((y + row) * whole.dim(1) + x) * pixel, width * pixel);
    return part;
}

namespace {

std::shared_ptr<ImageSource> openFolderPart(const fs::path &path, FolderPart part)
{
    std::error_code ec;
    const auto status = fs::status(path, ec);
    if (path.empty() || !fs::exists(status))
        throw Error({path.string(), "an image, a stack or a folder of slices", "no such file", {}});
    if (fs::is_directory(status))
        return openFolder(path, false, part);
    if (!fs::is_regular_file(status))
        throw Error({path.string(), "an image, a stack or a folder of slices", "neither a file nor a folder", {}});
    return openFile(path, true, part == FolderPart::Labels ? Purpose::Labels : Purpose::Image);
}

} // namespace

std::shared_ptr<ImageSource> openImage(const fs::path &path)
{
    return openFolderPart(path, FolderPart::Images);
}

std::shared_ptr<ImageSource> openLabels(const fs::path &path)
{
    return openFolderPart(path, FolderPart::Labels);
}

namespace {

class MemorySource : public ImageSource
{
public:
    MemorySource(Array stack, std::string name) : m_stack(std::move(stack))
    {
        assert(m_stack.rank() >= 2 && m_stack.rank() <= 4);
        if (m_stack.rank() == 2)
            m_stack = m_stack.reshaped({1, m_stack.dim(0), m_stack.dim(1)});
        m_info.path = std::move(name);
        m_info.format = "memory";
        m_info.pages = m_stack.dim(0);
        m_info.height = m_stack.dim(1);
        m_info.width = m_stack.dim(2);
        m_info.dtype = m_stack.dtype();
        m_info.axes = m_info.pages > 1 ? "ZYX" : "YX";
        if (m_stack.rank() == 4) {
            m_info.channels = m_stack.dim(3);
            m_info.axes += "C";
        }
    }
    const ImageInfo &info() const override { return m_info; }
    Array readPage(std::int64_t page) const override
    {
        checkRegion(m_info, page, 0, 0, m_info.height, m_info.width);
        return m_stack.at(page);
    }

private:
    Array m_stack;
    ImageInfo m_info;
};

} // namespace

std::shared_ptr<ImageSource> imageFromArray(Array stack, std::string name)
{
    return std::make_shared<MemorySource>(std::move(stack), std::move(name));
}

namespace files {

RandomFile::RandomFile(const fs::path &path) : m_name(path.string())
{
    m_fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not keep us waiting
    if (m_fd < 0)
        throw Error({m_name, "a readable file", std::strerror(errno), {}});
    struct stat s = {};
    if (::fstat(m_fd, &s) != 0 || !S_ISREG(s.st_mode) || s.st_size == 0) {
        const bool regular = S_ISREG(s.st_mode);
        ::close(m_fd);
        throw Error({m_name, "an image or a stack", regular ? "an empty file" : "something that is not a file",
                     regular ? "check that the copy was complete" : ""});
    }
    m_size = static_cast<std::uint64_t>(s.st_size);
}

RandomFile::~RandomFile()
{
    ::close(m_fd);
}

std::size_t RandomFile::readSome(std::uint64_t offset, void *to, std::size_t bytes) const
{
    std::size_t done = 0;
    while (done < bytes && offset + done < m_size) {
        const auto n = ::pread(m_fd, static_cast<char *>(to) + done, bytes - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            throw Error(Error::Kind::Failed, m_name, std::string("reading failed: ") + std::strerror(errno));
        if (n == 0)
            break;
        done += static_cast<std::size_t>(n);
    }
    return done;
}

void RandomFile::read(std::uint64_t offset, void *to, std::size_t bytes, const std::string &what) const
{
    if (offset > m_size || bytes > m_size - offset || readSome(offset, to, bytes) != bytes)
        throw Error({m_name, what + " at byte " + std::to_string(offset), "a file that ends at byte " + std::to_string(m_size),
                     "it is truncated or damaged, check that the copy was complete"});
}

namespace {

/// What a file is that no reader takes, and what to do about it.
std::pair<std::string, std::string> kindOfUnread(const fs::path &path)
{
    char bytes[512] = {};
    const RandomFile file(path);
    const std::string start(bytes, file.readSome(0, bytes, sizeof bytes));
    const auto begins = [&](std::string_view with, std::size_t at = 0) {
        return start.size() >= at + with.size() && start.compare(at, with.size(), with) == 0;
    };
    const std::string toTiff = "export it as TIFF or OME-TIFF with the program that made it";
    if (begins("PK\x03\x04"))
        return {"a zip archive or NumPy .npz", "unpack it, or save its array with numpy.save"};
    if (begins("\x80\x02") || begins("\x80\x03") || begins("\x80\x04") || begins("\x80\x05"))
        return {"a Python pickle, which may hold a program and is never opened", "save the array with numpy.save"};
    if (begins("\x89HDF\r\n\x1a\n"))
        return {"an HDF5 file", toTiff};
    if (begins("ZISRAWFILE"))
        return {"a Zeiss CZI file", toTiff};
    if (begins("\xda\xce\xbe\x0a") || begins("\x6a\x50\x20\x20"))
        return {"a Nikon ND2 file", toTiff};
    if (begins(std::string_view("\x70\x00\x00\x00", 4)))
        return {"a Leica LIF file", toTiff};
    if (begins("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
        return {"an Olympus OIB, Zeiss ZVI or Office file", toTiff};
    if (begins("DICM", 128))
        return {"a DICOM file", "convert it to TIFF or PNG"};
    if (begins("NRRD"))
        return {"an NRRD file", "convert it to TIFF or NumPy .npy"};
    if (start.find("<OME") != std::string::npos)
        return {"OME metadata without pixels", "open one of the .ome.tif files that it describes"};
    if (begins("%PDF") || start.find("<svg") != std::string::npos)
        return {"a drawing (PDF or SVG)", "export it as PNG or TIFF"};
    return {"a file of unknown kind", "convert it to TIFF or PNG"};
}

} // namespace

std::shared_ptr<ImageSource> openFile(const fs::path &path, bool check, Purpose purpose, bool alone)
{
    char bytes[64] = {};
    const auto count = RandomFile(path).readSome(0, bytes, sizeof bytes); // says "empty" or "not readable"
    for (const auto &format : formats())
        if (format.beginsLike({bytes, count}))
            if (auto source = format.open(path, {check, purpose, alone}))
                return source;
    const auto [found, wayOut] = kindOfUnread(path);
#ifdef RETICLE_VIPS
    throw Error({path.string(), fmt::format("an image or stack ({})", fmt::join(formatTitles(), ", ")), found, wayOut});
#else
    throw Error({path.string(), fmt::format("{}, all that a build without libvips reads", fmt::join(formatTitles(), " or ")),
                 found, found == "a file of unknown kind" ? "convert it, or use a build with libvips" : wayOut});
#endif
}

std::int64_t probabilityClassOf(const std::string &text)
{
    constexpr std::int64_t maximum = 254; // label values are bytes, of which 255 marks no class
    std::int64_t k = -1;
    const auto *end = text.data() + text.size();
    const auto [p, ec] = std::from_chars(text.data(), end, k);
    return ec == std::errc() && p == end && k >= 0 && k <= maximum ? k : -1;
}

void swapBytes(void *values, std::size_t count, std::size_t size)
{
    const auto swap = [&](auto zero) {
        using T = decltype(zero);
        auto *p = static_cast<std::byte *>(values);
        for (std::size_t i = 0; i < count; ++i, p += sizeof(T)) {
            T v;
            std::memcpy(&v, p, sizeof v);
            if constexpr (sizeof(T) == 2)
                v = __builtin_bswap16(v);
            else if constexpr (sizeof(T) == 4)
                v = __builtin_bswap32(v);
            else
                v = __builtin_bswap64(v);
            std::memcpy(p, &v, sizeof v);
        }
    };
    if (size == 2)
        swap(std::uint16_t{});
    else if (size == 4)
        swap(std::uint32_t{});
    else if (size == 8)
        swap(std::uint64_t{});
}

std::string sizeText(const ImageInfo &info)
{
    return std::to_string(info.width) + " x " + std::to_string(info.height);
}

std::string pageName(const std::string &file, std::int64_t page)
{
    return file + ": page " + std::to_string(page);
}

std::vector<std::int64_t> pageShape(const ImageInfo &info, std::int64_t height, std::int64_t width)
{
    if (info.channels == 1)
        return {height, width};
    return {height, width, info.channels};
}

void checkRegion(const ImageInfo &info, std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height,
                 std::int64_t width)
{
    if (page < 0 || page >= info.pages)
        throw Error({info.path, "a page from 0 to " + std::to_string(info.pages - 1), std::to_string(page), {}});
    if (y < 0 || x < 0 || height < 1 || width < 1 || y > info.height - height || x > info.width - width)
        throw Error({pageName(info.path, page),
                     "a region inside " + sizeText(info),
                     std::to_string(width) + " x " + std::to_string(height) + " at column " + std::to_string(x) + ", row " +
                         std::to_string(y),
                     {}});
}

namespace {

constexpr double smallPage = 64.0 * 1024 * 1024;

double decodedBytes(const ImageInfo &info, std::int64_t height, std::int64_t width)
{
    return static_cast<double>(width) * static_cast<double>(height) * static_cast<double>(info.channels) *
           static_cast<double>(byteSize(info.dtype));
}

} // namespace

void checkClaim(const ImageInfo &info, std::uint64_t stored, double ratio)
{
    const double bytes = decodedBytes(info, info.height, info.width);
    if (ratio > 0 && bytes > ratio * static_cast<double>(stored) + smallPage)
        throw Error({info.path, "an image whose size fits its file",
                     sizeText(info) + " pixels claimed by a file of " + std::to_string(stored) + " bytes",
                     "it is truncated or damaged"});
}

void checkMemory(const ImageInfo &info, std::int64_t page, std::int64_t height, std::int64_t width)
{
    const double bytes = decodedBytes(info, height, width);
    if (bytes < smallPage)
        return;
    static const double memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE));
    if (bytes > memory / 2)
        throw Error(Error::Kind::Failed, pageName(info.path, page),
                    std::to_string(width) + " x " + std::to_string(height) + " pixels need " +
                        std::to_string(static_cast<std::int64_t>(bytes / 1e9)) +
                        " GB, more than half of this machine's memory; cut the page into smaller images");
}

} // namespace files
} // namespace reticle
