#include "widgets/views/volume/VolumeData.h"

#include "foundation/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr std::int64_t stripBytes = 16 << 20;

/// Factors along x, y, z that bring a stack below `maximum` voxels: the finest axis is reduced until another one is finer.
/// Rows and columns of square pixels go together, so that a picture keeps its shape.
std::array<std::int64_t, 3> factorsFor(const std::array<std::int64_t, 3> &size, std::int64_t maximum,
                                       const std::array<double, 3> &voxel)
{
    std::array<std::int64_t, 3> f{1, 1, 1};
    const auto count = [&] {
        double n = 1;
        for (int i = 0; i < 3; ++i)
            n *= static_cast<double>((size[i] + f[i] - 1) / f[i]);
        return n;
    };
    while (count() > static_cast<double>(maximum)) {
        // What is used up counts as coarser than anything.
        std::array<double, 3> now{};
        for (std::size_t i = 0; i < 3; ++i)
            now[i] = f[i] < size[i] ? static_cast<double>(f[i]) * voxel[i] : std::numeric_limits<double>::infinity();
        const double flat = std::min(now[0], now[1]);
        if (std::isinf(flat) && std::isinf(now[2]))
            break;
        if (now[2] < flat) {
            ++f[2];
            continue;
        }
        constexpr double square = 1 + 1e-9;
        for (std::size_t i = 0; i < 2; ++i)
            f[i] += now[i] <= flat * square;
    }
    return f;
}

/// Sums of a block row: what becomes one row of ours.
template <class T> void addRows(const Array &strip, std::int64_t channels, int channel, std::int64_t fx, std::int64_t row,
                                float *sum, float *count, std::int64_t width)
{
    const T *p = strip.data<T>() + row * width * channels;
    const bool luma = channel < 0 && channels >= 3;
    const std::int64_t c = std::clamp<std::int64_t>(channel, 0, channels - 1);
    for (std::int64_t x = 0; x < width; ++x, p += channels) {
        const float v =
            luma ? 0.299F * static_cast<float>(p[0]) + 0.587F * static_cast<float>(p[1]) + 0.114F * static_cast<float>(p[2])
                 : static_cast<float>(p[c]);
        if (std::isfinite(v)) {
            sum[x / fx] += v;
            count[x / fx] += 1;
        }
    }
}

} // namespace

double VolumeData::percentile(double fraction) const
{
    std::int64_t total = 0;
    for (const auto n : histogram)
        total += n;
    double seen = 0;
    for (std::size_t i = 0; i < histogram.size(); ++i) {
        const double here = static_cast<double>(histogram[i]);
        if (here > 0 && seen + here >= fraction * static_cast<double>(total)) {
            const double within = (fraction * static_cast<double>(total) - seen) / here;
            return minimum + (maximum - minimum) * (static_cast<double>(i) + within) / static_cast<double>(histogram.size());
        }
        seen += here;
    }
    return maximum;
}

double VolumeData::otsu() const
{
    double total = 0, all = 0;
    for (std::size_t i = 0; i < histogram.size(); ++i) {
        total += static_cast<double>(histogram[i]);
        all += static_cast<double>(i) * static_cast<double>(histogram[i]);
    }
    double weight = 0, sum = 0, best = -1;
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < histogram.size(); ++i) {
        weight += static_cast<double>(histogram[i]);
        sum += static_cast<double>(i) * static_cast<double>(histogram[i]);
        if (weight == 0 || weight == total)
            continue;
        const double a = sum / weight, b = (all - sum) / (total - weight);
        const double between = weight * (total - weight) * (a - b) * (a - b);
        if (between > best) {
            best = between;
            at = i;
        }
    }
    return best < 0 ? minimum
                    : minimum + (maximum - minimum) * static_cast<double>(at + 1) / static_cast<double>(histogram.size());
}

std::int64_t voxelsWithin(std::int64_t bytes, VolumeData::Kind kind, DType dtype)
{
    constexpr std::int64_t byVtk = 3; // direction and size of the gradient
    const std::int64_t each = kind == VolumeData::Kind::Labels ? 4
                              : dtype == DType::UInt8          ? 1 + byVtk
                                                               : 2 + std::max<std::int64_t>(4, byVtk);
    return std::max<std::int64_t>(1, bytes / 2 / each);
}

VolumePages volumePagesOf(const ImageInfo &info, std::int64_t page, bool all)
{
    const std::int64_t groups = info.times * info.planes;
    if (all || groups <= 1 || info.pages % groups != 0)
        return {0, 1, info.pages};
    const std::int64_t depth = info.pages / groups, volume = depth * info.planes;
    return {page / volume * volume + page % info.planes, info.planes, depth};
}

namespace {

class SomePages : public ImageSource
{
public:
    SomePages(std::shared_ptr<ImageSource> source, const VolumePages &pages)
        : m_source(std::move(source)), m_pages(pages), m_info(m_source->info())
    {
        m_info.pages = pages.count;
        m_info.times = m_info.planes = 1;
    }
    const ImageInfo &info() const override { return m_info; }
    Array readPage(std::int64_t page) const override { return m_source->readPage(m_pages.page(page)); }
    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const override
    {
        return m_source->readRegion(m_pages.page(page), y, x, height, width);
    }

private:
    std::shared_ptr<ImageSource> m_source;
    VolumePages m_pages;
    ImageInfo m_info;
};

} // namespace

std::shared_ptr<ImageSource> sourceOf(std::shared_ptr<ImageSource> source, const VolumePages &pages)
{
    if (pages.count == source->info().pages)
        return source;
    return std::make_shared<SomePages>(std::move(source), pages);
}

bool looksLikeShades(const ImageSource &source)
{
    const auto &info = source.info();
    if (info.dtype != DType::UInt8 && info.dtype != DType::UInt16)
        return false;
    constexpr std::int64_t mostRows = 512, manyValues = 48;
    const std::int64_t rows = std::min(mostRows, info.height), channels = std::max<std::int64_t>(1, info.channels);
    const Array part = source.readRegion(info.pages / 2, (info.height - rows) / 2, 0, rows, info.width);
    std::vector<bool> seen(65536);
    std::int64_t values = 0, steps = 0, small = 0;
    const int near = info.dtype == DType::UInt8 ? 32 : 32 * 257; // an eighth of the range
    Array::visit(part.dtype(), [&](auto t) {
        const auto *p = part.data<decltype(t)>();
        for (std::int64_t y = 0; y < rows; ++y)
            for (std::int64_t x = 0; x < info.width; ++x) {
                const auto v = static_cast<int>(p[(y * info.width + x) * channels]);
                if (!seen[static_cast<std::size_t>(v)]) {
                    seen[static_cast<std::size_t>(v)] = true;
                    ++values;
                }
                if (x == 0)
                    continue;
                const auto before = static_cast<int>(p[(y * info.width + x - 1) * channels]);
                if (v != before) {
                    ++steps;
                    // From nothing to an object is a jump for labels however small their numbers are.
                    small += v != 0 && before != 0 && std::abs(v - before) < near;
                }
            }
    });
    return values >= manyValues && small * 2 > steps;
}

namespace {

/// Reads pages in strips of whole block rows, and asks before each strip whether to go on.
class StripReader
{
public:
    /// `blockRows`: rows of the file in one of ours. `source` and `goOn` are to outlive the reader.
    StripReader(const ImageSource &source, std::int64_t blockRows, const std::function<bool(double)> &goOn)
        : m_source(source), m_goOn(goOn), m_rows(rowsOfStrip(source.info(), blockRows))
    {
    }

    /// Calls use(strip, its first row, its number of rows).
    template <class Use> void read(std::int64_t page, const Use &use)
    {
        const auto &info = m_source.info();
        for (std::int64_t y = 0; y < info.height; y += m_rows) {
            if (m_goOn && !m_goOn(static_cast<double>(m_done) / static_cast<double>(info.pages * info.height)))
                throw Error(Error::Kind::Cancelled, info.path, "reading for the 3-D view was stopped.");
            const std::int64_t n = std::min(m_rows, info.height - y);
            use(m_source.readRegion(page, y, 0, n, info.width), y, n);
            m_done += n;
        }
    }
    std::int64_t channels() const { return channelsOf(m_source.info()); }

private:
    static std::int64_t channelsOf(const ImageInfo &info) { return std::max<std::int64_t>(1, info.channels); }
    static std::int64_t rowsOfStrip(const ImageInfo &info, std::int64_t blockRows)
    {
        const std::int64_t rowBytes = info.width * channelsOf(info) * static_cast<std::int64_t>(byteSize(info.dtype));
        const std::int64_t fitting = std::max<std::int64_t>(1, stripBytes / std::max<std::int64_t>(1, rowBytes));
        return std::max<std::int64_t>(blockRows, fitting / blockRows * blockRows);
    }

    const ImageSource &m_source;
    const std::function<bool(double)> &m_goOn;
    std::int64_t m_rows;
    std::int64_t m_done = 0; ///< rows, of all pages
};

/// What is known before anything is read: how large the stack is, and what it is reduced by.
std::shared_ptr<VolumeData> unreadVolume(const ImageInfo &info, VolumeData::Kind kind, std::int64_t mostVoxels,
                                         const std::array<double, 3> &voxel)
{
    auto v = std::make_shared<VolumeData>();
    v->kind = kind;
    v->source = {info.width, info.height, info.pages};
    v->nanometres = {info.pixelSizeX, info.pixelSizeY, info.pixelSizeZ};
    const std::int64_t fits = voxelsWithin(freeMemory(), kind, info.dtype);
    v->factor = factorsFor(v->source, std::clamp<std::int64_t>(mostVoxels, 1, fits), voxel);
    v->shortOfMemory = fits < mostVoxels && v->isReduced();
    return v;
}

/// (Z, Y, X) of the values; blocks at the far ends may be smaller than the others.
std::vector<std::int64_t> reducedShape(const VolumeData &v)
{
    const auto blocks = [&](std::size_t axis) { return (v.source[axis] + v.factor[axis] - 1) / v.factor[axis]; };
    return {blocks(2), blocks(1), blocks(0)};
}

std::int32_t wholeLabel(double value)
{
    return std::isfinite(value) ? static_cast<std::int32_t>(std::clamp(std::round(value), 0.0, 2147483647.0)) : 0;
}

/// The labels in the middle of the blocks of slice `z` that a strip of `n` rows from row `y0` holds.
template <class T>
void copyMiddles(const Array &strip, std::int64_t channels, std::int64_t y0, std::int64_t n, std::int64_t z, VolumeData &v)
{
    const std::int64_t fx = v.factor[0], fy = v.factor[1], width = v.source[0], nx = v.nx(), ny = v.ny();
    const T *p = strip.data<T>();
    auto *out = v.values.data<std::int32_t>() + z * ny * nx;
    for (std::int64_t y = y0 / fy; y < ny && y * fy < y0 + n; ++y) {
        const std::int64_t row = std::min(y * fy + fy / 2, y0 + n - 1) - y0;
        for (std::int64_t x = 0; x < nx; ++x)
            out[y * nx + x] = wholeLabel(static_cast<double>(p[(row * width + std::min(x * fx + fx / 2, width - 1)) * channels]));
    }
}

void readLabels(StripReader &strips, VolumeData &v)
{
    v.values = Array(DType::Int32, reducedShape(v));
    const std::int64_t fz = v.factor[2], pages = v.source[2];
    for (std::int64_t z = 0; z < v.nz(); ++z)
        strips.read(std::min(pages - 1, z * fz + fz / 2), [&](const Array &strip, std::int64_t y0, std::int64_t n) {
            Array::visit(strip.dtype(), [&](auto t) { copyMiddles<decltype(t)>(strip, strips.channels(), y0, n, z, v); });
        });
    v.maximum = 0;
    for (const auto label : v.values.span<std::int32_t>())
        v.maximum = std::max(v.maximum, static_cast<double>(label));
}

/// Of each block of one slice: the sum of its finite values, and how many these are.
struct BlockSums
{
    explicit BlockSums(std::int64_t blocks) : sum(static_cast<std::size_t>(blocks)), count(static_cast<std::size_t>(blocks)) {}
    void clear()
    {
        std::fill(sum.begin(), sum.end(), 0.0F);
        std::fill(count.begin(), count.end(), 0.0F);
    }
    /// NaN where a block has none.
    float mean(std::size_t block) const
    {
        return count[block] > 0 ? sum[block] / count[block] : std::numeric_limits<float>::quiet_NaN();
    }

    std::vector<float> sum, count;
};

/// Adds up all pages that become slice `z`.
void sumBlocks(StripReader &strips, const VolumeData &v, std::int64_t z, int channel, BlockSums &sums)
{
    const std::int64_t fx = v.factor[0], fy = v.factor[1], fz = v.factor[2], width = v.source[0], nx = v.nx();
    const std::int64_t channels = strips.channels();
    sums.clear();
    for (std::int64_t page = z * fz; page < std::min(v.source[2], (z + 1) * fz); ++page)
        strips.read(page, [&](const Array &strip, std::int64_t y0, std::int64_t n) {
            Array::visit(strip.dtype(), [&](auto t) {
                using T = decltype(t);
                for (std::int64_t y = 0; y < n; ++y) {
                    const auto at = static_cast<std::size_t>((y0 + y) / fy * nx);
                    addRows<T>(strip, channels, channel, fx, y, sums.sum.data() + at, sums.count.data() + at, width);
                }
            });
        });
}

/// Fills `means`, or the values themselves where these are bytes, and finds the range.
void readMeans(StripReader &strips, int channel, VolumeData &v, Array &means)
{
    const bool bytes = v.values.dtype() == DType::UInt8;
    const std::int64_t plane = v.ny() * v.nx();
    BlockSums sums(plane);
    double minimum = std::numeric_limits<double>::infinity(), maximum = -minimum;
    for (std::int64_t z = 0; z < v.nz(); ++z) {
        sumBlocks(strips, v, z, channel, sums);
        for (std::int64_t i = 0; i < plane; ++i) {
            const auto block = static_cast<std::size_t>(i);
            const float mean = sums.mean(block);
            if (sums.count[block] > 0) {
                minimum = std::min(minimum, static_cast<double>(mean));
                maximum = std::max(maximum, static_cast<double>(mean));
            }
            if (bytes)
                v.values.data<std::uint8_t>()[z * plane + i] = static_cast<std::uint8_t>(std::lround(mean));
            else
                means.data<float>()[z * plane + i] = mean;
        }
    }
    v.anyFinite = std::isfinite(minimum);
    v.minimum = v.anyFinite ? minimum : 0;
    v.maximum = v.anyFinite ? maximum : 0;
}

/// Spreads the range of the means over 16 bits; NaN becomes the least value.
void storeIn16Bits(const Array &means, VolumeData &v)
{
    v.low = v.minimum;
    v.step = v.maximum > v.minimum ? (v.maximum - v.minimum) / 65535.0 : 1;
    auto *out = v.values.data<std::uint16_t>();
    const auto *in = means.data<float>();
    const std::int64_t voxels = v.values.size();
    for (std::int64_t i = 0; i < voxels; ++i)
        out[i] = std::isfinite(in[i]) ? static_cast<std::uint16_t>(std::clamp(std::lround((in[i] - v.low) / v.step), 0L, 65535L))
                                      : std::uint16_t(0);
}

void countHistogram(VolumeData &v)
{
    constexpr std::int64_t bins = 256;
    v.histogram.assign(bins, 0);
    const double scale = v.maximum > v.minimum ? bins / (v.maximum - v.minimum) : 0;
    Array::visit(v.values.dtype(), [&](auto t) {
        for (const auto q : v.values.span<decltype(t)>())
            ++v.histogram[static_cast<std::size_t>(std::clamp<std::int64_t>(
                static_cast<std::int64_t>((v.low + v.step * static_cast<double>(q) - v.minimum) * scale), 0, bins - 1))];
    });
}

} // namespace

std::shared_ptr<const VolumeData> loadVolume(const ImageSource &source, VolumeData::Kind kind, int channel,
                                             std::int64_t mostVoxels, const std::array<double, 3> &voxel,
                                             const std::function<bool(double)> &goOn)
{
    const auto &info = source.info();
    auto v = unreadVolume(info, kind, mostVoxels, voxel);
    StripReader strips(source, v->factor[1], goOn);
    if (kind == VolumeData::Kind::Labels) {
        readLabels(strips, *v);
        return v;
    }
    // Means are kept as floats until the range is known; 8-bit values need no such detour.
    const bool bytes = info.dtype == DType::UInt8;
    v->values = Array(bytes ? DType::UInt8 : DType::UInt16, reducedShape(*v));
    Array means;
    if (!bytes)
        means = Array(DType::Float32, v->values.shape());
    readMeans(strips, channel, *v, means);
    if (!bytes)
        storeIn16Bits(means, *v);
    countHistogram(*v);
    return v;
}

} // namespace reticle
