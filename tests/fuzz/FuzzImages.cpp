#include "base/files/Reader.h"
#include "base/files/TiffIndex.h"
#include "support/Png.h"

#include <unistd.h>

using namespace reticle;

std::vector<std::string> builtInSeeds();
std::vector<std::string> builtInSeeds()
{
    return {};
}

/// TIFF, NumPy, PNG and JPEG: opened, described, and a few pages and regions read. Anything but an Error is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const std::filesystem::path file = [] {
        const auto folder = std::filesystem::exists("/dev/shm") ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
        return folder / ("reticle-fuzz-" + std::to_string(::getpid()));
    }();
    const std::string given(reinterpret_cast<const char *>(data), size);
    const bool png = given.compare(0, 4, "\x89PNG") == 0, jpeg = given.compare(0, 3, "\xff\xd8\xff") == 0;
    // Every other PNG with check sums that fit: else hardly any of it would be looked at.
    const std::string bytes = png && size % 2 ? test::withCheckSums(given) : given;
    FILE *out = std::fopen(file.c_str(), "wb");
    if (!out)
        std::abort();
    std::fwrite(bytes.data(), 1, bytes.size(), out);
    std::fclose(out);
    files::readDescription(given, 1);
    try {
        std::string reason;
        auto source = files::openTiff(file, reason);
        if (!source)
            source = files::openNpy(file);
        // Of what libvips reads these two: its other loaders are not ours to test.
        if (!source && (png || jpeg))
            source = files::openVips(file, true);
        if (source) {
            const ImageInfo &i = source->info();
            i.toJson();
            const double decoded = static_cast<double>(i.width) * static_cast<double>(i.height) * static_cast<double>(i.channels) *
                                   static_cast<double>(byteSize(i.dtype));
            for (const std::int64_t page : {std::int64_t{0}, std::int64_t{1}, i.pages - 1}) {
                try {
                    if (decoded < 16e6)
                        source->readPage(page);
                    source->readRegion(page, i.height / 2, i.width / 3, std::min<std::int64_t>(7, i.height - i.height / 2),
                                       std::min<std::int64_t>(5, i.width - i.width / 3));
                } catch (const Error &) {
                }
            }
        }
    } catch (const Error &) {
    }
    std::filesystem::remove(file);
    return 0;
}
