#include "learn/prediction/Tiles_p.h"

#include "learn/Objective_p.h"
#include "learn/Tensors_p.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Round half to even without depending on the thread's rounding mode.
std::int64_t roundHalfEven(double v)
{
    const double low = std::floor(v), rest = v - low;
    const auto n = static_cast<std::int64_t>(low);
    return rest > 0.5 || (rest == 0.5 && n % 2 != 0) ? n + 1 : n;
}

std::int64_t mirroredIndex(std::int64_t i, std::int64_t n)
{
    if (n == 1)
        return 0;
    const std::int64_t period = 2 * (n - 1);
    i = ((i % period) + period) % period;
    return i < n ? i : period - i;
}

/// One axis: where the tiles that touch [from, from + length) start, in coordinates of the page, and what they cover.
struct TileAxis
{
    std::vector<std::int64_t> starts; ///< below 0 where the page is smaller than a tile
    std::int64_t first = 0, end = 0;  ///< part of the page that is read

    TileAxis(std::int64_t n, std::int64_t tile, double step, std::int64_t from, std::int64_t length)
    {
        const std::int64_t before = n < tile ? (tile - n) / 2 : 0;
        for (const auto s : tileStarts(n, tile, step))
            if (s - before < from + length && s - before + tile > from)
                starts.push_back(s - before);
        first = std::max<std::int64_t>(0, starts.front());
        end = std::min(n, starts.back() + tile);
    }
};

/// Index into the part that was read for each row or column of a tile; -1 = zero padding.
std::vector<std::int64_t> tileIndex(std::int64_t start, std::int64_t tile, const TileAxis &axis, std::int64_t n, bool mirror)
{
    std::vector<std::int64_t> index(static_cast<std::size_t>(tile));
    for (std::int64_t i = 0; i < tile; ++i) {
        const auto p = start + i;
        index[i] = p >= 0 && p < n ? p - axis.first : mirror ? mirroredIndex(p, n) - axis.first : -1;
    }
    return index;
}

torch::Tensor overFlips(const torch::Tensor &tiles, const TiledNet &net, int flips)
{
    if (flips <= 1)
        return net(tiles);
    torch::Tensor sum;
    for (int way = 0; way < flips; ++way) {
        std::vector<std::int64_t> axes;
        if (way & 1)
            axes.push_back(2);
        if (way & 2)
            axes.push_back(3);
        auto x = way & 4 ? tiles.transpose(2, 3) : tiles;
        x = axes.empty() ? x : x.flip(axes);
        auto y = net(x.contiguous());
        y = axes.empty() ? y : y.flip(axes);
        y = way & 4 ? y.transpose(2, 3) : y;
        sum = sum.defined() ? sum + y : y;
    }
    return sum / flips;
}

} // namespace

std::vector<std::int64_t> tileStarts(std::int64_t n, std::int64_t tile, double step)
{
    if (n <= tile)
        return {0};
    const auto k = static_cast<std::int64_t>(std::ceil(static_cast<double>(n - tile) / (static_cast<double>(tile) * step))) + 1;
    std::vector<std::int64_t> starts;
    for (std::int64_t i = 0; i < k; ++i)
        starts.push_back(roundHalfEven(static_cast<double>(i * (n - tile)) / static_cast<double>(k - 1)));
    return starts;
}

Array tileWeights(std::int64_t tile)
{
    // An impulse filtered by SciPy's gaussian_filter: the kernel is cut at int(4 sigma + 0.5) and is zero beyond.
    const double sigma = static_cast<double>(tile) / 8;
    const auto radius = static_cast<std::int64_t>(4 * sigma + 0.5);
    const auto middle = tile / 2;
    std::vector<double> line(static_cast<std::size_t>(tile));
    for (std::int64_t i = 0; i < tile; ++i) {
        const auto d = std::abs(i - middle);
        line[i] = d <= radius ? std::exp(-0.5 * static_cast<double>(d * d) / (sigma * sigma)) : 0;
    }
    Array weights(DType::Float32, {tile, tile});
    auto *w = weights.data<float>();
    float smallest = 1;
    for (std::int64_t i = 0; i < tile; ++i)
        for (std::int64_t j = 0; j < tile; ++j) {
            w[i * tile + j] = static_cast<float>(line[i] * line[j]);
            if (w[i * tile + j] > 0)
                smallest = std::min(smallest, w[i * tile + j]);
        }
    for (float &v : weights.span<float>())
        if (v == 0)
            v = smallest;
    return weights;
}

Array tiledMean(const TiledPage &page, const Region &region, std::int64_t outputs, const PredictOptions &options,
                const TiledNet &net, const std::function<bool(double)> &goOn)
{
    assert(region.y >= 0 && region.x >= 0 && region.height > 0 && region.width > 0);
    assert(region.y + region.height <= page.height && region.x + region.width <= page.width);
    const auto tile = options.tile, channels = page.channels;
    const TileAxis rows(page.height, tile, options.step, region.y, region.height);
    const TileAxis columns(page.width, tile, options.step, region.x, region.width);
    const Region covered{rows.first, columns.first, rows.end - rows.first, columns.end - columns.first};
    const Array part = page.read(covered);
    const bool mirror = options.padding == "mirror";
    const int flips = options.flips == "8" ? 8 : options.flips == "4" ? 4 : 1;

    std::vector<std::pair<std::int64_t, std::int64_t>> tiles;
    for (const auto y : rows.starts)
        for (const auto x : columns.starts)
            tiles.emplace_back(y, x);
    // Few cores work best on one tile's layers, which stay in the cache; many, and GPUs beside them, want more to share.
    const std::int64_t atOncePixels = (at::get_num_threads() > 4 ? 4 : 1) * 256 * 256;
    const auto atOnce = std::clamp<std::int64_t>(atOncePixels / (tile * tile), 1, 16);

    static thread_local std::pair<std::int64_t, Array> kept;
    if (kept.first != tile)
        kept = {tile, tileWeights(tile)};
    const float *weights = kept.second.data<float>();

    const auto height = region.height, width = region.width;
    Array mean(DType::Float32, {outputs, height, width});
    std::vector<float> total(static_cast<std::size_t>(height * width));
    auto *sum = mean.data<float>();
    for (std::size_t done = 0; done < tiles.size();) {
        if (goOn && !goOn(static_cast<double>(done) / static_cast<double>(tiles.size())))
            throw Error(Error::Kind::Cancelled, "prediction", "stopped on request");
        const auto n = std::min<std::int64_t>(atOnce, static_cast<std::int64_t>(tiles.size() - done));
        auto input = torch::empty({n, channels, tile, tile});
        auto *to = input.data_ptr<float>();
        for (std::int64_t b = 0; b < n; ++b) {
            const auto [y, x] = tiles[done + b];
            const auto r = tileIndex(y, tile, rows, page.height, mirror), c = tileIndex(x, tile, columns, page.width, mirror);
            const bool whole = x >= 0 && x + tile <= page.width;
            for (std::int64_t k = 0; k < channels; ++k)
                for (std::int64_t i = 0; i < tile; ++i, to += tile) {
                    if (r[i] < 0) {
                        std::fill(to, to + tile, 0.0f);
                        continue;
                    }
                    const float *from = part.data<float>() + (k * covered.height + r[i]) * covered.width;
                    if (whole)
                        std::copy_n(from + c[0], tile, to);
                    else
                        for (std::int64_t j = 0; j < tile; ++j)
                            to[j] = c[j] < 0 ? 0.0f : from[c[j]];
                }
        }
        auto z = overFlips(input, net, flips);
        if (options.averageProbabilities)
            z = probabilities(z);
        z = z.to(torch::kCPU, torch::kFloat).contiguous();
        assert(z.size(0) == n && z.size(1) == outputs && z.size(2) == tile && z.size(3) == tile);
        for (std::int64_t b = 0; b < n; ++b) {
            const auto [y, x] = tiles[done + b];
            const auto i0 = std::max<std::int64_t>(0, region.y - y), i1 = std::min(tile, region.y + height - y);
            const auto j0 = std::max<std::int64_t>(0, region.x - x), j1 = std::min(tile, region.x + width - x);
            for (std::int64_t k = 0; k < outputs; ++k)
                for (std::int64_t i = i0; i < i1; ++i) {
                    const float *from = z.data_ptr<float>() + ((b * outputs + k) * tile + i) * tile;
                    const float *w = weights + i * tile;
                    float *s = sum + (k * height + y + i - region.y) * width + x - region.x;
                    for (std::int64_t j = j0; j < j1; ++j)
                        s[j] += w[j] * from[j];
                }
            for (std::int64_t i = i0; i < i1; ++i) {
                float *t = total.data() + (y + i - region.y) * width + x - region.x;
                for (std::int64_t j = j0; j < j1; ++j)
                    t[j] += weights[i * tile + j];
            }
        }
        done += static_cast<std::size_t>(n);
    }
    for (std::int64_t k = 0; k < outputs; ++k)
        for (std::int64_t i = 0; i < height * width; ++i)
            sum[k * height * width + i] /= total[i];
    return mean;
}

Array classProbabilities(const Array &mean, bool alreadyProbabilities)
{
    torch::NoGradGuard guard;
    auto z = tensorOf(mean).unsqueeze(0);
    auto p = alreadyProbabilities ? z : probabilities(z);
    if (p.size(1) == 1)
        p = torch::cat({1 - p, p}, 1);
    return arrayOf(p.squeeze(0));
}

} // namespace reticle
