#include "files/formats/GrayRamp.h"
#include "files/formats/Orientation.h"
#include "files/formats/PngChunks.h"
#include "files/formats/TiffDescription.h"
#include "support/ImageSeeds.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace reticle;

namespace {

/// A file in memory under a name, written over by each input.
class MemoryFile
{
public:
    MemoryFile() : m_fd(::memfd_create("fuzz", MFD_CLOEXEC)), m_path("/proc/self/fd/" + std::to_string(m_fd)) {}
    ~MemoryFile() { ::close(m_fd); }
    MemoryFile(const MemoryFile &) = delete;
    MemoryFile &operator=(const MemoryFile &) = delete;

    void write(const std::string &bytes) const
    {
        if (::ftruncate(m_fd, 0) != 0 || ::pwrite(m_fd, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
            std::abort();
    }
    const std::filesystem::path &path() const { return m_path; }

private:
    int m_fd;
    std::filesystem::path m_path;
};

template <class F> void tried(F f)
{
    try {
        f();
    } catch (const Error &) {
    }
}

/// A few pages and regions, which must have the size that the source says.
void read(const ImageSource &source)
{
    const ImageInfo &i = source.info();
    i.toJson();
    const double decoded = static_cast<double>(i.width) * static_cast<double>(i.height) * static_cast<double>(i.channels) *
                           static_cast<double>(byteSize(i.dtype));
    const std::int64_t height = std::min<std::int64_t>(7, i.height - i.height / 2),
                       width = std::min<std::int64_t>(5, i.width - i.width / 3);
    for (const std::int64_t page : {std::int64_t{0}, std::int64_t{1}, i.pages - 1}) {
        tried([&] {
            if (decoded < 1e6 && source.readPage(page).shape() != files::pageShape(i, i.height, i.width))
                std::abort();
        });
        tried([&] {
            const Array part = source.readRegion(page, i.height / 2, i.width / 3, height, width);
            if (part.shape() != files::pageShape(i, height, width) || part.dtype() != i.dtype)
                std::abort();
        });
    }
}

} // namespace

std::vector<std::string> builtInSeeds();
std::vector<std::string> builtInSeeds()
{
    // Each PNG once among many others: libvips takes a hundred times as long as the readers of ours.
    auto seeds = test::imageSeeds();
    const auto few = seeds;
    for (int k = 0; k < 3; ++k)
        seeds.insert(seeds.end(), few.begin(), few.end());
    for (auto &png : test::pngSeeds())
        seeds.push_back(std::move(png));
    // Tables of colors of a GIF (of all and of its own) and of a BMP; the loaders behind them are not ours.
    seeds.push_back(std::string("GIF89a\6\0\4\0\x81\0\0abcdefghijkl\x21\xf9\4\1\0\0\2\0,\0\0\0\0\6\0\4\0\x80"
                                "mnopqr\2\3abc\0;",
                                56));
    std::string bmp(120, '\0');
    bmp[0] = 'B', bmp[1] = 'M', bmp[10] = 118, bmp[14] = 40, bmp[28] = 4;
    seeds.push_back(bmp);
    return seeds;
}

/// TIFF, NumPy, PNG and JPEG as images and as labels: opened, described, and a few pages and regions read. Anything but an
/// Error, or pages of another size than was said, is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const MemoryFile file;
    const std::string given(reinterpret_cast<const char *>(data), size);
    const bool png = given.compare(0, 4, "\x89PNG") == 0, jpeg = given.compare(0, 3, "\xff\xd8\xff") == 0;
    // Every other PNG with check sums that fit: else hardly any of it would be looked at.
    file.write(png && size % 2 ? test::withCheckSums(given) : given);
    const auto description = files::readDescription(given.substr(0, 4096), 1, "a.ome.tif", "urn:uuid:1");
    description.ofThisFileAlone();
    files::orientationOfExif({data, size});
    files::holdsNoNumbers(file.path());
    for (const auto purpose : {files::Purpose::Image, files::Purpose::Labels}) {
        tried([&] {
            if (const auto source = files::openTiff(file.path(), purpose))
                read(*source);
        });
        // Of what libvips reads these two: its other loaders are not ours to test.
        if (png || jpeg)
            tried([&] {
                if (const auto source = files::openVips(file.path(), true, purpose))
                    read(*source);
            });
    }
    tried([&] { files::withGrayRamp(files::RandomFile(file.path())); });
    tried([&] {
        if (const auto source = files::openNpy(file.path()))
            read(*source);
    });
    if (png)
        tried([&] {
            const files::RandomFile raw(file.path());
            files::readPngChunks(raw);
            files::asGrayPng(raw);
        });
    return 0;
}
