#include "data/CropBatches.h"

#include "foundation/Error.h"
#include "imaging/Imaging.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>
#include <utility>

namespace reticle {

namespace {

/// A pixel of class `wanted`, or false where the slice has none: a few random looks, then a count.
bool findPixel(const Array &target, std::uint8_t wanted, Random &random, std::int64_t &y, std::int64_t &x)
{
    const auto *labels = target.data<std::uint8_t>();
    const auto n = target.size(), width = target.dim(1);
    std::int64_t found = -1;
    for (int look = 0; look < 32 && found < 0; ++look)
        if (const auto i = random.below(n); labels[i] == wanted)
            found = i;
    if (found < 0) {
        const auto count = std::count(labels, labels + n, wanted);
        if (count == 0)
            return false;
        auto rank = random.below(count);
        for (std::int64_t i = 0; found < 0; ++i)
            if (labels[i] == wanted && rank-- == 0)
                found = i;
    }
    y = found / width;
    x = found % width;
    return true;
}

/// The center of a crop of `side` near `center` that stays inside `n` where it fits.
std::int64_t inside(std::int64_t center, std::int64_t side, std::int64_t n)
{
    return side >= n ? n / 2 : std::clamp(center, side / 2, n - side + side / 2);
}

/// All classes but the most frequent one.
std::vector<std::uint8_t> rarerClasses(const std::vector<std::int64_t> &counts)
{
    std::vector<std::uint8_t> rare;
    const auto maximum = std::max_element(counts.begin(), counts.end()) - counts.begin();
    for (std::size_t c = 0; c < counts.size(); ++c)
        if (static_cast<std::ptrdiff_t>(c) != maximum && counts[c] > 0)
            rare.push_back(static_cast<std::uint8_t>(c));
    return rare;
}

class CropsInProgress : public BatchInProgress
{
public:
    CropsInProgress(const CropSource &source, const CropOptions &options, std::int64_t step)
        : m_source(source), o(options), m_rare(rarerClasses(source.classCounts))
    {
        const auto slices = static_cast<std::int64_t>(source.slices.size());
        assert(slices > 0);
        m_batch.step = step;
        std::vector<std::int64_t> order;
        std::int64_t pass = -1;
        for (std::int64_t n = 0; n < o.batch; ++n) {
            const std::int64_t sample = step * o.batch + n;
            if (sample / slices != pass) {
                pass = sample / slices;
                order = source.slices;
                auto shuffle = Random::of(o.seed ^ 0x5ee17e5ULL, static_cast<std::uint64_t>(pass));
                for (std::int64_t i = slices - 1; i > 0; --i)
                    std::swap(order[i], order[shuffle.below(i + 1)]);
            }
            m_slices.push_back(order[sample % slices]);
        }
        m_first = pagesOf(m_slices.front());
        for (const auto &page : m_first)
            m_channels += page.dim(0);
        m_images = Array(DType::Float32, {o.batch, m_channels, o.crop, o.crop});
        m_labels = Array(DType::UInt8, {o.batch, o.crop, o.crop});
        if (o.border)
            m_weights = Array(DType::Float32, {o.batch, o.crop, o.crop});
    }

    std::int64_t parts() const override { return o.batch; }

    void make(std::int64_t n) override
    {
        const auto slice = m_slices[n];
        auto random = Random::of(o.seed, static_cast<std::uint64_t>(m_batch.step * o.batch + n));
        const auto pages = n == 0 ? std::exchange(m_first, {}) : pagesOf(slice);
        const auto target = m_source.target(slice);
        CropInput in{{}, target.data<std::uint8_t>(), target.dim(0), target.dim(1)};
        for (const auto &page : pages)
            for (std::int64_t c = 0; c < page.dim(0); ++c)
                in.channels.push_back(page.data<float>() + c * in.height * in.width);
        const bool centered = random.chance(o.foregroundOversampling) && !m_rare.empty();
        // Corners uniform over all positions that fit, then turned into a center.
        std::int64_t y = random.below(std::max<std::int64_t>(1, in.height - o.crop + 1)) + o.crop / 2;
        std::int64_t x = random.below(std::max<std::int64_t>(1, in.width - o.crop + 1)) + o.crop / 2;
        if (centered)
            findPixel(target, m_rare[random.below(static_cast<std::int64_t>(m_rare.size()))], random, y, x);
        const auto seed = random.next();
        // The third axis of a stack: what lay above lies below.
        const bool turned = m_source.planes > 1 && o.augment.enabled && random.chance(o.augment.flip);
        const auto pixels = o.crop * o.crop;
        auto *image = m_images.data<float>() + n * m_channels * pixels;
        auto *labels = m_labels.data<std::uint8_t>() + n * pixels;
        augmentedCrop(in, inside(y, o.crop, in.height), inside(x, o.crop, in.width), o.crop, o.augment, seed, image, labels);
        if (turned) {
            const auto plane = m_channels / m_source.planes * pixels;
            for (std::int64_t a = 0, b = m_source.planes - 1; a < b; ++a, --b)
                std::swap_ranges(image + a * plane, image + (a + 1) * plane, image + b * plane);
        }
        m_source.checkLabels(m_labels.at(n), slice);
        if (o.border) {
            const auto map = borderWeights(labels, o.crop, o.crop, o.borderWeight, o.borderSigma);
            std::copy_n(map.data<float>(), map.size(), m_weights.data<float>() + n * map.size());
        }
    }

    Batch take() override
    {
        m_batch.examples = std::move(m_slices);
        m_batch.arrays.emplace("image", std::move(m_images));
        m_batch.arrays.emplace("labels", std::move(m_labels));
        if (o.border)
            m_batch.arrays.emplace("weights", std::move(m_weights));
        return std::move(m_batch);
    }

private:
    std::vector<Array> pagesOf(std::int64_t slice) const
    {
        return m_source.pages ? m_source.pages(slice) : std::vector<Array>{m_source.image(slice)};
    }

    const CropSource &m_source;
    const CropOptions &o;
    const std::vector<std::uint8_t> m_rare;
    std::vector<std::int64_t> m_slices;
    std::vector<Array> m_first; ///< pages of the first crop's slice, read for their channels
    std::int64_t m_channels = 0;
    Array m_images, m_labels, m_weights;
    Batch m_batch;
};

} // namespace

CropSource CropSource::training(const std::shared_ptr<SegmentationData> &data)
{
    CropSource source{data->split().training,
                      [data](std::int64_t s) { return data->image(s); },
                      [data](std::int64_t s) { return data->target(s); },
                      data->classCounts(),
                      [data](std::int64_t s) { return data->labelsName(s); },
                      data->classNames(),
                      data->planes()};
    source.pages = [data](std::int64_t s) { return data->pages(s); };
    source.inMemory = data->keepsAll();
    source.size = [data](std::int64_t s) { return std::pair(data->height(s), data->width(s)); };
    return source;
}

void CropSource::checkLabels(const Array &labels, std::int64_t slice) const
{
    if (classes == 0)
        return;
    // Branch-free, so that it costs next to nothing beside the crop.
    std::uint8_t highest = 0;
    for (const auto v : labels.span<std::uint8_t>())
        highest = std::max(highest, v == SegmentationData::ignore ? std::uint8_t{0} : v);
    if (highest >= classes)
        throw Error(
            {name ? name(slice) : "slice " + std::to_string(slice),
             "class indices from 0 to " + std::to_string(classes - 1) + ", which the objective tells apart",
             "class " + std::to_string(highest) + (highest < classNames.size() ? " (label " + classNames[highest] + ")" : ""),
             "choose the objective cross-entropy for several classes"});
}

CropSource CropSource::validation(const std::shared_ptr<SegmentationData> &data)
{
    auto source = training(data);
    source.slices = data->split().validation;
    return source;
}

Array borderWeights(const std::uint8_t *target, std::int64_t height, std::int64_t width, double w0, double sigma)
{
    Array mask(DType::UInt8, {height, width});
    auto *m = mask.data<std::uint8_t>();
    for (std::int64_t i = 0; i < height * width; ++i)
        m[i] = target[i] != 0 && target[i] != SegmentationData::ignore;
    return borderMap(labelComponents(mask, Connectivity::Four), w0, sigma);
}

CropBatches::CropBatches(CropSource source, CropOptions options) : m_source(std::move(source)), m_options(std::move(options)) {}

Batch CropBatches::batch(std::int64_t step) const
{
    CropsInProgress crops(m_source, m_options, step);
    for (std::int64_t n = 0; n < m_options.batch; ++n)
        crops.make(n);
    return crops.take();
}

std::int64_t CropBatches::stepsPerEpoch() const
{
    double pixels = 0;
    for (const auto n : m_source.classCounts)
        pixels += static_cast<double>(n);
    const double crops = std::ceil(pixels / static_cast<double>(m_options.crop * m_options.crop));
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(crops / static_cast<double>(m_options.batch))));
}

std::unique_ptr<BatchInProgress> CropBatches::begin(std::int64_t step) const
{
    return std::make_unique<CropsInProgress>(m_source, m_options, step);
}

} // namespace reticle
