#include "widgets/views/VolumeData.h"

#include "base/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr std::int64_t stripBytes = 16 << 20;

/// Factors along x, y, z that bring a stack below `most` voxels: the finest axis is reduced until another one is finer.
/// Rows and columns of square pixels go together, so that a picture keeps its shape.
std::array<std::int64_t, 3> factorsFor(const std::array<std::int64_t, 3> &size, std::int64_t most,
                                       const std::array<double, 3> &voxel)
{
    std::array<std::int64_t, 3> f{1, 1, 1};
    const auto count = [&] {
        double n = 1;
        for (int i = 0; i < 3; ++i)
            n *= static_cast<double>((size[i] + f[i] - 1) / f[i]);
        return n;
    };
    while (count() > static_cast<double>(most)) {
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
            return least + (most - least) * (static_cast<double>(i) + within) / static_cast<double>(histogram.size());
        }
        seen += here;
    }
    return most;
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
    return best < 0 ? least : least + (most - least) * static_cast<double>(at + 1) / static_cast<double>(histogram.size());
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

std::shared_ptr<const VolumeData> loadVolume(const ImageSource &source, VolumeData::Kind kind, int channel,
                                             std::int64_t mostVoxels, const std::array<double, 3> &voxel,
                                             const std::function<bool(double)> &goOn)
{
    const auto &info = source.info();
    auto v = std::make_shared<VolumeData>();
    v->kind = kind;
    v->source = {info.width, info.height, info.pages};
    v->nanometres = {info.pixelSizeX, info.pixelSizeY, info.pixelSizeZ};
    const std::int64_t fits = voxelsWithin(freeMemory(), kind, info.dtype);
    v->factor = factorsFor(v->source, std::clamp<std::int64_t>(mostVoxels, 1, fits), voxel);
    v->shortOfMemory = fits < mostVoxels && v->isReduced();
    const auto [fx, fy, fz] = v->factor;
    const std::int64_t nx = (info.width + fx - 1) / fx, ny = (info.height + fy - 1) / fy, nz = (info.pages + fz - 1) / fz;
    const std::int64_t plane = nx * ny, channels = std::max<std::int64_t>(1, info.channels);
    const std::int64_t rowBytes = info.width * channels * static_cast<std::int64_t>(byteSize(info.dtype));
    const std::int64_t rows =
        std::max<std::int64_t>(fy, std::max<std::int64_t>(1, stripBytes / std::max<std::int64_t>(1, rowBytes)) / fy * fy);
    std::int64_t done = 0;
    const auto strips = [&](std::int64_t page, auto &&use) {
        for (std::int64_t y = 0; y < info.height; y += rows) {
            if (goOn && !goOn(static_cast<double>(done) / static_cast<double>(info.pages * info.height)))
                throw Error(Error::Kind::Cancelled, info.path, "reading for the 3-D view was stopped.");
            const std::int64_t n = std::min(rows, info.height - y);
            use(source.readRegion(page, y, 0, n, info.width), y, n);
            done += n;
        }
    };

    if (kind == VolumeData::Kind::Labels) {
        v->values = Array(DType::Int32, {nz, ny, nx});
        auto *out = v->values.data<std::int32_t>();
        for (std::int64_t z = 0; z < nz; ++z)
            strips(std::min(info.pages - 1, z * fz + fz / 2), [&](const Array &strip, std::int64_t y0, std::int64_t n) {
                Array::visit(strip.dtype(), [&](auto t) {
                    using T = decltype(t);
                    const T *p = strip.data<T>();
                    for (std::int64_t y = y0 / fy; y < ny && y * fy < y0 + n; ++y) {
                        const std::int64_t row = std::min(y * fy + fy / 2, y0 + n - 1) - y0;
                        for (std::int64_t x = 0; x < nx; ++x) {
                            const auto at =
                                static_cast<double>(p[(row * info.width + std::min(x * fx + fx / 2, info.width - 1)) * channels]);
                            out[z * plane + y * nx + x] =
                                std::isfinite(at) ? static_cast<std::int32_t>(std::clamp(std::round(at), 0.0, 2147483647.0)) : 0;
                        }
                    }
                });
            });
        v->most = 0;
        for (const auto label : v->values.span<std::int32_t>())
            v->most = std::max(v->most, static_cast<double>(label));
        return v;
    }

    // Means are kept as floats until the range is known; 8-bit values need no such detour.
    const bool bytes = info.dtype == DType::UInt8;
    v->values = Array(bytes ? DType::UInt8 : DType::UInt16, {nz, ny, nx});
    Array means;
    if (!bytes)
        means = Array(DType::Float32, {nz, ny, nx});
    std::vector<float> sum(static_cast<std::size_t>(plane)), count(static_cast<std::size_t>(plane));
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (std::int64_t z = 0; z < nz; ++z) {
        std::fill(sum.begin(), sum.end(), 0.0F);
        std::fill(count.begin(), count.end(), 0.0F);
        for (std::int64_t page = z * fz; page < std::min(info.pages, (z + 1) * fz); ++page)
            strips(page, [&](const Array &strip, std::int64_t y0, std::int64_t n) {
                Array::visit(strip.dtype(), [&](auto t) {
                    using T = decltype(t);
                    for (std::int64_t y = 0; y < n; ++y) {
                        const auto at = static_cast<std::size_t>((y0 + y) / fy * nx);
                        addRows<T>(strip, channels, channel, fx, y, sum.data() + at, count.data() + at, info.width);
                    }
                });
            });
        for (std::int64_t i = 0; i < plane; ++i) {
            const auto k = static_cast<std::size_t>(i);
            const float mean = count[k] > 0 ? sum[k] / count[k] : std::numeric_limits<float>::quiet_NaN();
            if (count[k] > 0) {
                least = std::min(least, static_cast<double>(mean));
                most = std::max(most, static_cast<double>(mean));
            }
            if (bytes)
                v->values.data<std::uint8_t>()[z * plane + i] = static_cast<std::uint8_t>(std::lround(mean));
            else
                means.data<float>()[z * plane + i] = mean;
        }
    }
    v->anyFinite = std::isfinite(least);
    v->least = v->anyFinite ? least : 0;
    v->most = v->anyFinite ? most : 0;
    if (!bytes) {
        v->low = v->least;
        v->step = v->most > v->least ? (v->most - v->least) / 65535.0 : 1;
        auto *out = v->values.data<std::uint16_t>();
        const auto *in = means.data<float>();
        for (std::int64_t i = 0; i < plane * nz; ++i)
            out[i] = std::isfinite(in[i])
                         ? static_cast<std::uint16_t>(std::clamp(std::lround((in[i] - v->low) / v->step), 0L, 65535L))
                         : std::uint16_t(0);
    }
    constexpr std::int64_t bins = 256;
    v->histogram.assign(bins, 0);
    const double scale = v->most > v->least ? bins / (v->most - v->least) : 0;
    Array::visit(v->values.dtype(), [&](auto t) {
        for (const auto q : v->values.span<decltype(t)>())
            ++v->histogram[static_cast<std::size_t>(std::clamp<std::int64_t>(
                static_cast<std::int64_t>((v->low + v->step * static_cast<double>(q) - v->least) * scale), 0, bins - 1))];
    });
    return v;
}

} // namespace reticle
