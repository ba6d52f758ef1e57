#include "data/SegmentationData.h"

#include "files/LabelValues.h"
#include "files/Pairs.h"
#include "files/Pictures.h"
#include "files/Reader.h"
#include "foundation/FreeMemory.h"
#include "foundation/JsonReader_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <map>
#include <mutex>
#include <set>

namespace reticle {

using namespace files;

namespace {

using Options = SegmentationDataOptions;

void addScaling(Schema<Options> &s)
{
    s.field(&Options::scaling, {.name = "scaling",
                                .help = "How gray values become network input; constants come from the training slices",
                                .choices = {"unit", "z-score", "min-max"}});
}

void addSplit(Schema<Options> &s)
{
    using O = Options;
    s.field(&O::onlySlices, {.name = "only-slices",
                             .help = "Use these slices alone, counted from 0; empty takes all",
                             .min = 0,
                             .group = "Split",
                             .advanced = true})
        .field(&O::split, {.name = "split",
                           .help = "Whole slices in contiguous blocks placed by the seed, the first ones for training, "
                                   "by the lists below, or one of several folds for a test",
                           .choices = {"blocks", "first", "slices", "folds"},
                           .group = "Split"})
        .field(&O::validationFraction,
               {.name = "validation-fraction", .help = "Share of slices for validation", .min = 0, .max = 0.9, .group = "Split"})
        .field(&O::testFraction,
               {.name = "test-fraction", .help = "Share of slices kept for a test", .min = 0, .max = 0.9, .group = "Split"})
        .field(&O::validationSlices, {.name = "validation-slices",
                                      .help = "Slices for validation with split slices, counted from 0",
                                      .min = 0,
                                      .group = "Split"})
        .field(&O::testSlices,
               {.name = "test-slices", .help = "Slices for a test with split slices, counted from 0", .min = 0, .group = "Split"})
        .field(&O::groups,
               {.name = "groups",
                .title = "Groups",
                .help = "Table (CSV or TSV) that says which group, such as a patient or an animal, each picture or slice "
                        "belongs to; all slices of a group are in one part or fold",
                .path = true,
                .group = "Split"})
        .field(&O::groupColumn, {.name = "group-column",
                                 .help = "Column of the table that holds the groups; empty finds it by its name",
                                 .group = "Split",
                                 .advanced = true})
        .field(&O::folds, {.name = "folds",
                           .help = "Folds with split folds, each of which is the test once: runs of neighboring slices, or whole "
                                   "groups where there is a table",
                           .min = 2,
                           .max = 1000,
                           .group = "Split",
                           .advanced = true})
        .field(&O::fold, {.name = "fold",
                          .help = "Which of the folds is the test with split folds, counted from 1",
                          .min = 1,
                          .max = 1000,
                          .group = "Split",
                          .advanced = true})
        .field(&O::cacheMib, {.name = "cache-mib",
                              .title = "Memory for slices",
                              .help = "Scaled slices kept in memory",
                              .unit = "MiB",
                              .min = 16,
                              .max = 1 << 20,
                              .advanced = true});
}

/// Calls f(value, pixel) for the first `channels` numbers of each pixel: all but the opacity, which is no intensity.
template <class T, class F> void eachIntensity(const Array &page, std::int64_t channels, F f)
{
    const std::int64_t inPage = page.rank() > 2 ? page.dim(2) : 1, pixels = page.dim(0) * page.dim(1);
    const T *p = page.data<T>();
    for (std::int64_t i = 0; i < pixels; ++i, p += inPage)
        for (std::int64_t c = 0; c < channels; ++c)
            f(p[c], i);
}

} // namespace

Schema<SegmentationDataOptions> SegmentationDataOptions::schema()
{
    using O = SegmentationDataOptions;
    Schema<O> s("segmentation", "Images with labels",
                "A stack, a picture or a folder of slices, with labels of the same size: integer classes, or masks "
                "of two values. 255 beside other classes is ignored.");
    s.field(&O::images, {.name = "images", .help = "Stack, picture or folder of slices", .path = true})
        .field(&O::labels, {.name = "labels", .help = "Labels: as many pages of the same size", .path = true})
        .field(&O::foreground, {.name = "foreground",
                                .help = "Which of two label values is the foreground: bright (255) or dark (0)",
                                .choices = {"bright", "dark"}})
        .field(&O::threshold, {.name = "threshold",
                               .help = "Labels at or above it are bright, below it dark; 0 takes labels as they are",
                               .min = 0,
                               .advanced = true});
    addScaling(s);
    s.field(&O::context, {.name = "context",
                          .title = "Neighboring slices",
                          .help = "Slices above and below each slice that the network sees together with it; membranes that "
                                  "are cut obliquely are clearer there. 0 = each slice alone, as for independent images",
                          .min = 0,
                          .max = 5});
    addSplit(s);
    return s;
}

Schema<SegmentationDataOptions> SegmentationDataOptions::imagesSchema()
{
    using O = SegmentationDataOptions;
    Schema<O> s("images", "Images alone",
                "A stack, a picture or a folder of slices without labels: for the objectives whose target is the image "
                "itself (mse, l1, ssim).");
    s.field(&O::images, {.name = "images", .help = "Stack, picture or folder of slices", .path = true});
    addScaling(s);
    addSplit(s);
    return s;
}

struct SegmentationData::Private
{
    /// A scaled image or a target, whichever; counted in bytes, the one not used for longest goes first.
    struct Cache
    {
        using Key = std::pair<bool, std::int64_t>;
        std::mutex mutex;
        std::list<std::pair<Key, Array>> order;
        std::map<Key, std::list<std::pair<Key, Array>>::iterator> entries;
        std::size_t bytes = 0, limit = 0;

        Array find(const Key &key)
        {
            const std::lock_guard lock(mutex);
            const auto it = entries.find(key);
            if (it == entries.end())
                return {};
            order.splice(order.begin(), order, it->second);
            return it->second->second;
        }
        void insert(const Key &key, const Array &array)
        {
            const std::lock_guard lock(mutex);
            if (array.bytes() > limit || entries.count(key))
                return;
            order.emplace_front(key, array);
            entries[key] = order.begin();
            bytes += array.bytes();
            while (bytes > limit) {
                bytes -= order.back().second.bytes();
                entries.erase(order.back().first);
                order.pop_back();
            }
        }
    };

    static std::shared_ptr<SegmentationData> load(const SegmentationDataOptions &options, std::uint64_t seed, bool labels);
    void readLabels();
    void findScaling();
    void findRange() const;
    void findSpan() const;
    void checkNumbers(const Array &page, std::int64_t slice) const;
    std::string partsText() const;
    std::size_t bytesOfAll() const; ///< of scaled slices and targets

    SegmentationDataOptions options;
    SlicePair pair; ///< labels: null without
    mutable std::once_flag rangeKnown, spanKnown;
    mutable double range = 1;
    mutable ValueSpan span; ///< of the training slices
    std::vector<std::int64_t> used;
    std::int64_t channels = 1;
    LabelClasses classes;
    std::vector<std::int64_t> counts;
    SliceGroups groups;
    std::vector<ArraySpec> specs;
    Split split;
    Scaling scaling;
    std::string scalingText;
    mutable Cache cache;

    Array plane(std::int64_t slice) const;
};

SegmentationData::SegmentationData() : d(std::make_unique<Private>()) {}
SegmentationData::~SegmentationData() = default;

void SegmentationData::Private::readLabels()
{
    std::map<std::int64_t, std::int64_t> total, training;
    const std::set<std::int64_t> trains(split.training.begin(), split.training.end());
    for (const auto s : used) {
        const auto one = countLabels(pair.labels->labels(s, options.threshold), pair.labels->name(s),
                                     options.decide ? LabelUse::Comparing : LabelUse::Training);
        for (const auto &[value, n] : one) {
            total[value] += n;
            if (trains.count(s))
                training[value] += n;
        }
    }
    classes = options.decide ? options.decide(total) : classesOf(total, options.foreground == "bright", options.labels);
    classes.threshold = options.threshold;
    for (const auto &[value, n] : total)
        if (!classes.index.count(value))
            for (const auto s : used)
                classes.classesOf(pair.labels->labels(s, options.threshold), pair.labels->name(s)); // names its place
    counts.assign(classes.names.size(), 0);
    for (const auto &[value, n] : training)
        if (classes.index.at(value) != ignore)
            counts[classes.index.at(value)] += n;
}

void SegmentationData::Private::checkNumbers(const Array &page, std::int64_t slice) const
{
    Array::visit(page.dtype(), [&](auto t) {
        using T = decltype(t);
        if constexpr (std::is_floating_point_v<T>)
            eachIntensity<T>(page, channels, [&](T v, std::int64_t pixel) {
                if (!std::isfinite(v))
                    throw Error({pair.images->name(slice), "finite numbers",
                                 std::string(std::isnan(v) ? "NaN" : "an infinite value") + " at row " +
                                     std::to_string(pixel / page.dim(1)) + ", column " + std::to_string(pixel % page.dim(1)),
                                 "replace these pixels before training"});
            });
    });
}

void SegmentationData::Private::findScaling()
{
    const DType dtype = pair.images->dtype();
    const bool real = dtype == DType::Float32 || dtype == DType::Float64;
    const bool wide = byteSize(dtype) >= 4 && !real;
    const bool unit = options.scaling == "unit";
    scaling.how = options.scaling;
    scaling.span.dtype = span.dtype = dtype;
    scaling.span.bits = span.bits = pair.images->info().bits;
    scaling.span.typed = span.typed = true;
    if (unit && !real && !wide) {
        static const std::map<DType, double> largest = {
            {DType::UInt8, 255}, {DType::Int8, 127}, {DType::UInt16, 65535}, {DType::Int16, 32767}};
        scaling.factor = 1 / largest.at(dtype);
        scalingText = fmt::format("values / {}", largest.at(dtype));
        return;
    }
    double low = INFINITY, high = -INFINITY, mean = 0, spread = 0, n = 0;
    for (const auto s : split.training) {
        const Array page = pair.images->image(s);
        checkNumbers(page, s);
        span.add(page, pair.images->info().alpha);
        double sum = 0, squares = 0;
        const auto k = static_cast<double>(page.dim(0) * page.dim(1) * channels);
        Array::visit(page.dtype(), [&](auto t) {
            using T = decltype(t);
            eachIntensity<T>(page, channels, [&](T v, std::int64_t) {
                low = std::min(low, static_cast<double>(v));
                high = std::max(high, static_cast<double>(v));
                sum += static_cast<double>(v);
            });
            const double m = sum / k;
            eachIntensity<T>(page, channels,
                             [&](T v, std::int64_t) { squares += (static_cast<double>(v) - m) * (static_cast<double>(v) - m); });
        });
        // Chan, Golub and LeVeque 1983: two sets of numbers put together without cancellation.
        const double delta = sum / k - mean;
        spread += squares + delta * delta * n * k / (n + k);
        mean += delta * k / (n + k);
        n += k;
    }
    const double sd = std::sqrt(spread / n);
    if (options.scaling == "z-score") {
        scaling.offset = mean;
        scaling.factor = sd > 0 ? 1 / sd : 1;
        range = high > low ? (high - low) * scaling.factor : 1;
        scalingText = fmt::format("z-score of the training slices (mean {:.6g}, sd {:.6g})", mean, sd);
    } else if (unit && real && low >= 0 && high <= 1) {
        scaling.offset = 0;
        scaling.factor = 1;
        range = high > low ? high - low : 1;
        scalingText = "values as they are, within 0 to 1";
    } else {
        scaling.offset = low;
        scaling.factor = high > low ? 1 / (high - low) : 1;
        scalingText = fmt::format("{:.6g} to {:.6g} of the training slices scaled to 0 to 1", low, high);
    }
}

void SegmentationData::Private::findSpan() const
{
    if (span.known) // findScaling read all of it
        return;
    for (const auto s : split.training)
        span.add(pair.images->image(s), pair.images->info().alpha);
}

void SegmentationData::Private::findRange() const
{
    if (options.scaling != "unit" || byteSize(pair.images->dtype()) != 2)
        return; // findScaling knew
    std::call_once(spanKnown, [this] { findSpan(); });
    if (span.known && span.high > span.low)
        range = (span.high - span.low) * scaling.factor;
}

std::string SegmentationData::Private::partsText() const
{
    std::string s = std::to_string(split.training.size()) + " for training";
    if (!split.validation.empty())
        s += ", " + std::to_string(split.validation.size()) + " for validation";
    if (!split.test.empty())
        s += ", " + std::to_string(split.test.size()) + " for the test";
    if (!groups.of.empty())
        s += "; " + groups.textOf(used);
    return s;
}

std::shared_ptr<SegmentationData> SegmentationData::Private::load(const SegmentationDataOptions &options, std::uint64_t seed,
                                                                  bool labels)
{
    const auto require = [](const std::string &path, const char *field) {
        if (path.empty())
            throw Error({field, "the path of a stack, a picture or a folder", "nothing", {}});
    };
    require(options.images, "data.images");
    if (labels)
        require(options.labels, "data.labels");
    std::shared_ptr<SegmentationData> data(new SegmentationData);
    auto &d = *data->d;
    d.options = options;
    // Slices that are not kept are read again: the numbers are the same.
    const auto room = std::max<std::int64_t>(std::int64_t(16) << 20, freeMemory(true) / 4);
    d.cache.limit = static_cast<std::size_t>(std::min(options.cacheMib << 20, room));
    if (labels)
        d.pair = openPair(options.images, options.labels, options.imagesAreNumbers);
    else
        d.pair.images = std::make_shared<Slices>(options.images, false);
    d.channels = d.pair.images->colors();
    if (!options.groups.empty())
        d.groups = readSliceGroups(options.groups, options.groupColumn, SliceNames::of(*d.pair.images),
                                   usedSlices(options, d.pair.images->pages()));
    d.split = splitOf(options, d.pair.images->pages(), seed, d.groups.of);
    d.used = d.split.all();
    if (labels) {
        d.readLabels();
    } else {
        d.classes.names = {"image"};
        d.counts = {0};
        for (const auto s : d.split.training)
            d.counts[0] += data->height(s) * data->width(s);
    }
    d.specs = data->findSpecs();
    d.findScaling();
    // What fits in a quarter of the cache is read at once: a page that cannot be decoded is found before training.
    std::size_t bytes = 0;
    for (const auto s : d.used)
        bytes += static_cast<std::size_t>(data->height(s) * data->width(s) * (4 * d.channels + 1));
    if (bytes <= d.cache.limit / 4)
        for (const auto s : d.used)
            data->image(s);
    return data;
}

std::shared_ptr<SegmentationData> SegmentationData::load(const SegmentationDataOptions &options, std::uint64_t seed)
{
    return Private::load(options, seed, true);
}

std::shared_ptr<SegmentationData> SegmentationData::loadImages(const SegmentationDataOptions &options, std::uint64_t seed)
{
    auto alone = options;
    alone.labels.clear();
    alone.context = 0;
    return Private::load(alone, seed, false);
}

bool SegmentationData::hasLabels() const
{
    return d->pair.labels != nullptr;
}

std::int64_t SegmentationData::slices() const
{
    return d->pair.images->pages();
}
std::int64_t SegmentationData::planes() const
{
    return 2 * d->options.context + 1;
}
std::int64_t SegmentationData::channels() const
{
    return d->channels * planes();
}
std::int64_t SegmentationData::height(std::int64_t slice) const
{
    return d->pair.images->height(slice);
}
std::int64_t SegmentationData::width(std::int64_t slice) const
{
    return d->pair.images->width(slice);
}
std::int64_t SegmentationData::classes() const
{
    return static_cast<std::int64_t>(d->classes.names.size());
}
const std::vector<std::string> &SegmentationData::classNames() const
{
    return d->classes.names;
}
std::vector<std::string> SegmentationData::notes() const
{
    auto all = d->groups.notes;
    if (d->pair.labels && !d->pair.labels->orderNote().empty())
        all.insert(all.begin(), d->pair.labels->orderNote());
    return all;
}
const SliceGroups &SegmentationData::groups() const
{
    return d->groups;
}
Json SegmentationData::groupsOfParts() const
{
    if (d->groups.of.empty())
        return {};
    return {{"column", d->groups.column},
            {"training", d->groups.among(d->split.training)},
            {"validation", d->groups.among(d->split.validation)},
            {"test", d->groups.among(d->split.test)}};
}
const std::vector<ArraySpec> &SegmentationData::specs() const
{
    return d->specs;
}
const Split &SegmentationData::split() const
{
    return d->split;
}
const LabelClasses &SegmentationData::labelClasses() const
{
    return d->classes;
}
const Scaling &SegmentationData::scaling() const
{
    return d->scaling;
}
Scaling SegmentationData::scalingWithSpan() const
{
    if (byteSize(d->pair.images->dtype()) > 1)
        std::call_once(d->spanKnown, [this] { d->findSpan(); });
    Scaling s = d->scaling;
    s.span = d->span;
    return s;
}
double SegmentationData::valueRange() const
{
    std::call_once(d->rangeKnown, [this] { d->findRange(); });
    return d->range;
}
std::vector<std::int64_t> SegmentationData::classCounts() const
{
    return d->counts;
}

std::vector<Array> SegmentationData::pages(std::int64_t slice) const
{
    const auto context = d->options.context;
    std::vector<Array> all;
    for (std::int64_t k = -context; k <= context; ++k)
        all.push_back(d->plane(k == 0 ? slice : neighborPage(d->pair.images->info(), slice, k)));
    const Array &middle = all[static_cast<std::size_t>(context)];
    for (const auto &one : all)
        if (one.dim(1) != middle.dim(1) || one.dim(2) != middle.dim(2))
            throw Error({d->pair.images->name(slice), "the size of its neighbors for data.context above 0",
                         fmt::format("{} x {} beside {} x {}", middle.dim(2), middle.dim(1), one.dim(2), one.dim(1)),
                         "set data.context to 0 for pictures that are no stack"});
    return all;
}

Array SegmentationData::image(std::int64_t slice) const
{
    const auto all = pages(slice);
    if (all.size() == 1)
        return all.front();
    Array out(DType::Float32, {channels(), all.front().dim(1), all.front().dim(2)});
    float *to = out.data<float>();
    for (const auto &one : all)
        to = std::copy_n(one.data<float>(), one.size(), to);
    return out;
}

/// (C, H, W) of one page alone.
Array SegmentationData::Private::plane(std::int64_t slice) const
{
    if (Array kept = cache.find({false, slice}); !kept.empty())
        return kept;
    const Array page = pair.images->image(slice);
    checkNumbers(page, slice);
    const std::int64_t inPage = page.rank() > 2 ? page.dim(2) : 1, pixels = page.dim(0) * page.dim(1);
    Array out(DType::Float32, {channels, page.dim(0), page.dim(1)});
    const double offset = scaling.offset, factor = scaling.factor;
    Array::visit(page.dtype(), [&](auto t) {
        using T = decltype(t);
        float *to = out.data<float>();
        for (std::int64_t c = 0; c < channels; ++c) {
            const T *from = page.data<T>() + c;
            for (std::int64_t i = 0; i < pixels; ++i, from += inPage)
                *to++ = static_cast<float>((static_cast<double>(*from) - offset) * factor);
        }
    });
    cache.insert({false, slice}, out);
    return out;
}

Array SegmentationData::target(std::int64_t slice) const
{
    if (!hasLabels())
        return Array(DType::UInt8, {height(slice), width(slice)});
    if (Array kept = d->cache.find({true, slice}); !kept.empty())
        return kept;
    const Array page = d->pair.labels->labels(slice, d->options.threshold);
    const Array out = d->classes.classesOf(page, d->pair.labels->name(slice));
    d->cache.insert({true, slice}, out);
    return out;
}

std::size_t SegmentationData::Private::bytesOfAll() const
{
    std::size_t all = 0;
    for (const auto s : used)
        all += static_cast<std::size_t>(pair.images->height(s) * pair.images->width(s) * (4 * channels + (pair.labels ? 1 : 0)));
    return all;
}

bool SegmentationData::keepsAll() const
{
    return d->bytesOfAll() <= d->cache.limit;
}

std::int64_t SegmentationData::bytesToCome() const
{
    const auto all = d->bytesOfAll();
    const std::lock_guard lock(d->cache.mutex);
    const auto maximum = std::min(all, d->cache.limit);
    return static_cast<std::int64_t>(maximum - std::min(maximum, d->cache.bytes));
}

std::string SegmentationData::labelsName(std::int64_t slice) const
{
    return (d->pair.labels ? d->pair.labels : d->pair.images)->name(slice);
}

std::string SegmentationData::description() const
{
    return d->pair.images->text() + ", " + (hasLabels() ? d->classes.text : "no labels") + "; " + d->partsText() + "; " +
           d->scalingText;
}

} // namespace reticle
