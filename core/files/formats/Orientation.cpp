#include "files/formats/Orientation.h"

#include <cstring>

namespace reticle::files {

namespace {

/// Stored rows run against the upright axis that they lie along; likewise columns.
bool rowsReversed(int o)
{
    return o == 3 || o == 4 || o == 6 || o == 7;
}
bool columnsReversed(int o)
{
    return o == 2 || o == 3 || o == 7 || o == 8;
}

} // namespace

int plainOrientation(std::int64_t orientation)
{
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
}

Box storedBox(const Box &upright, int orientation, std::int64_t height, std::int64_t width)
{
    Box b = upright;
    if (exchangesSides(orientation))
        b = {upright.x, upright.y, upright.width, upright.height};
    if (rowsReversed(orientation))
        b.y = height - b.y - b.height;
    if (columnsReversed(orientation))
        b.x = width - b.x - b.width;
    return b;
}

Array turnedUpright(const Array &stored, int orientation)
{
    if (orientation == 1)
        return stored;
    const std::int64_t rows = stored.dim(0), columns = stored.dim(1);
    const bool exchanged = exchangesSides(orientation);
    auto shape = stored.shape();
    if (exchanged)
        std::swap(shape[0], shape[1]);
    Array out(stored.dtype(), shape);
    const std::size_t pixel = byteSize(stored.dtype()) * static_cast<std::size_t>(stored.rank() > 2 ? stored.dim(2) : 1);
    // Where the pixel of the upright corner is stored, and the steps from there along the upright axes.
    const auto step = static_cast<std::ptrdiff_t>(pixel);
    const std::ptrdiff_t byRow = (rowsReversed(orientation) ? -1 : 1) * static_cast<std::ptrdiff_t>(columns) * step;
    const std::ptrdiff_t byColumn = (columnsReversed(orientation) ? -1 : 1) * step;
    const std::byte *corner =
        stored.raw() +
        ((rowsReversed(orientation) ? rows - 1 : 0) * columns + (columnsReversed(orientation) ? columns - 1 : 0)) * step;
    const std::ptrdiff_t down = exchanged ? byColumn : byRow, right = exchanged ? byRow : byColumn;
    std::byte *to = out.raw();
    for (std::int64_t y = 0; y < shape[0]; ++y)
        for (std::int64_t x = 0; x < shape[1]; ++x, to += pixel)
            std::memcpy(to, corner + y * down + x * right, pixel);
    return out;
}

int orientationOfExif(std::span<const unsigned char> exif)
{
    if (exif.size() >= 6 && std::memcmp(exif.data(), "Exif\0\0", 6) == 0)
        exif = exif.subspan(6);
    if (exif.size() < 8)
        return 1;
    const bool big = exif[0] == 'M' && exif[1] == 'M';
    if (!big && !(exif[0] == 'I' && exif[1] == 'I'))
        return 1;
    const auto number = [&](std::size_t at, std::size_t bytes) {
        std::uint64_t v = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            v = v << 8 | exif[at + (big ? i : bytes - 1 - i)];
        return v;
    };
    const std::uint64_t directory = number(4, 4);
    if (number(2, 2) != 42 || directory + 2 > exif.size())
        return 1;
    const std::uint64_t entries = number(directory, 2);
    for (std::uint64_t i = 0; i < entries && directory + 2 + 12 * (i + 1) <= exif.size(); ++i) {
        const std::size_t at = directory + 2 + 12 * i;
        if (number(at, 2) == 0x0112 && number(at + 2, 2) == 3 && number(at + 4, 4) == 1)
            return plainOrientation(static_cast<std::int64_t>(number(at + 8, 2)));
    }
    return 1;
}

} // namespace reticle::files
