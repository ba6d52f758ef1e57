#include "learn/CropLoader.h"

#include "base/Error.h"
#include "base/Imaging.h"

#include <algorithm>
#include <numeric>

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

/// The centre of a crop of `side` near `centre` that stays inside `n` where it fits.
std::int64_t inside(std::int64_t centre, std::int64_t side, std::int64_t n)
{
    return side >= n ? n / 2 : std::clamp(centre, side / 2, n - side + side / 2);
}

/// All classes but the most frequent one.
std::vector<std::uint8_t> rarerClasses(const std::vector<std::int64_t> &counts)
{
    std::vector<std::uint8_t> rare;
    const auto most = std::max_element(counts.begin(), counts.end()) - counts.begin();
    for (std::size_t c = 0; c < counts.size(); ++c)
        if (static_cast<std::ptrdiff_t>(c) != most && counts[c] > 0)
            rare.push_back(static_cast<std::uint8_t>(c));
    return rare;
}

} // namespace

CropSource CropSource::training(const std::shared_ptr<SegmentationData> &data)
{
    CropSource source{data->split().training, [data](std::int64_t s) { return data->image(s); },
                      [data](std::int64_t s) { return data->target(s); }, data->classCounts(),
                      [data](std::int64_t s) { return data->labelsName(s); }, data->classNames(), data->planes()};
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
        throw Error({name ? name(slice) : "slice " + std::to_string(slice),
                     "class indices from 0 to " + std::to_string(classes - 1) + ", which the objective tells apart",
                     "class " + std::to_string(highest) +
                         (highest < classNames.size() ? " (label " + classNames[highest] + ")" : ""),
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

CropBatch makeBatch(const CropSource &source, const CropOptions &o, std::int64_t step)
{
    const auto slices = static_cast<std::int64_t>(source.slices.size());
    assert(slices > 0);
    const auto rare = rarerClasses(source.classCounts);
    CropBatch batch;
    batch.step = step;
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
        const auto slice = order[sample % slices];
        auto random = Random::of(o.seed, static_cast<std::uint64_t>(sample));
        const auto image = source.image(slice), target = source.target(slice);
        const auto height = target.dim(0), width = target.dim(1);
        const bool centred = random.chance(o.foregroundOversampling) && !rare.empty();
        // Corners uniform over all positions that fit, then turned into a centre.
        std::int64_t y = random.below(std::max<std::int64_t>(1, height - o.crop + 1)) + o.crop / 2;
        std::int64_t x = random.below(std::max<std::int64_t>(1, width - o.crop + 1)) + o.crop / 2;
        if (centred)
            findPixel(target, rare[random.below(static_cast<std::int64_t>(rare.size()))], random, y, x);
        auto crop = augmentedCrop(image, target, inside(y, o.crop, height), inside(x, o.crop, width), o.crop,
                                  o.augment, random.next());
        // The third axis of a stack: what lay above lies below.
        if (source.planes > 1 && o.augment.enabled && random.chance(o.augment.flip)) {
            const auto plane = crop.image.size() / source.planes;
            auto *pixels = crop.image.data<float>();
            for (std::int64_t a = 0, b = source.planes - 1; a < b; ++a, --b)
                std::swap_ranges(pixels + a * plane, pixels + (a + 1) * plane, pixels + b * plane);
        }
        source.checkLabels(crop.target, slice);
        if (n == 0) {
            batch.images = Array(DType::Float32, {o.batch, image.dim(0), o.crop, o.crop});
            batch.targets = Array(DType::UInt8, {o.batch, o.crop, o.crop});
            if (o.border)
                batch.weights = Array(DType::Float32, {o.batch, o.crop, o.crop});
        }
        std::copy_n(crop.image.data<float>(), crop.image.size(), batch.images.data<float>() + n * crop.image.size());
        std::copy_n(crop.target.data<std::uint8_t>(), crop.target.size(),
                    batch.targets.data<std::uint8_t>() + n * crop.target.size());
        if (o.border) {
            const auto map =
                borderWeights(crop.target.data<std::uint8_t>(), o.crop, o.crop, o.borderWeight, o.borderSigma);
            std::copy_n(map.data<float>(), map.size(), batch.weights.data<float>() + n * map.size());
        }
    }
    return batch;
}

CropLoader::CropLoader(CropSource source, CropOptions options, std::int64_t first, std::size_t ahead)
    : m_source(std::move(source)), m_options(std::move(options)), m_ahead(ahead), m_thread([this, first] { work(first); })
{
}

CropLoader::~CropLoader()
{
    {
        std::lock_guard lock(m_mutex);
        m_end = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

void CropLoader::work(std::int64_t step)
{
    try {
        for (;; ++step) {
            {
                std::unique_lock lock(m_mutex);
                m_changed.wait(lock, [this] { return m_end || m_queue.size() < m_ahead; });
                if (m_end)
                    return;
            }
            auto batch = makeBatch(m_source, m_options, step);
            {
                std::lock_guard lock(m_mutex);
                m_queue.push_back(std::move(batch));
            }
            m_changed.notify_all();
        }
    } catch (...) {
        {
            std::lock_guard lock(m_mutex);
            m_error = std::current_exception();
        }
        m_changed.notify_all();
    }
}

CropBatch CropLoader::next()
{
    CropBatch batch;
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return !m_queue.empty() || m_error; });
        if (m_queue.empty())
            std::rethrow_exception(m_error);
        batch = std::move(m_queue.front());
        m_queue.pop_front();
    }
    m_changed.notify_all();
    return batch;
}

} // namespace reticle
