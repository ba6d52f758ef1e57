#include "analysis/ImageSets.h"

#include "files/Pairs.h"
#include "foundation/Random.h"
#include "foundation/Sha256.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>

namespace reticle {

namespace {

std::vector<std::string> parted(const std::string &list)
{
    std::vector<std::string> parts;
    if (list.empty())
        return parts;
    std::size_t begin = 0;
    for (;;) {
        const auto end = list.find(';', begin);
        auto one = list.substr(begin, end == std::string::npos ? end : end - begin);
        one.erase(0, one.find_first_not_of(' '));
        one.erase(one.find_last_not_of(' ') + 1);
        parts.push_back(one);
        if (end == std::string::npos)
            return parts;
        begin = end + 1;
    }
}

std::vector<std::string> paths(const std::string &list)
{
    std::error_code code;
    if (std::filesystem::exists(list, code)) // a name may hold a ';'
        return {list};
    auto all = parted(list);
    all.erase(std::remove(all.begin(), all.end(), std::string()), all.end());
    return all;
}

std::string nameFrom(const std::string &path)
{
    const auto p = std::filesystem::path(path).lexically_normal();
    return (p.has_filename() ? p : p.parent_path()).stem().string();
}

} // namespace

struct ImageSets::Private
{
    struct Set
    {
        std::string name, path;
        std::shared_ptr<files::Slices> slices;
        std::vector<Place> places;
        std::optional<std::pair<double, double>> range; ///< once it is known
    };
    std::vector<Set> sets;
    std::mutex mutex; ///< of the ranges
    std::int64_t rows = std::numeric_limits<std::int64_t>::max(), columns = rows;
    std::vector<std::string> notes;
    std::int64_t channel = 0;

    void open(const std::string &path)
    {
        Set s;
        s.path = path;
        s.slices = std::make_shared<files::Slices>(path, false);
        s.name = nameFrom(path);
        const auto colors = s.slices->colors();
        const bool first = sets.empty();
        if (channel > colors && (first || colors > 1)) // gray images beside chosen colors are fine
            throw Error(Error::Kind::Input, "channel",
                        fmt::format("channel must be 0..{} for the {} channel{} of {}, not {}.", colors, colors,
                                    colors == 1 ? "" : "s", path, channel));
        if (channel > 0 && colors > 1)
            notes.push_back(fmt::format("{}: channel {} of {} is used.", s.name, channel, colors));
        else if (colors == 3)
            notes.push_back(fmt::format("{} has colors; their luma (Rec. 601) is used.", s.name));
        else if (colors != 1)
            throw Error({path, "gray images or RGB", fmt::format("{} channels", colors),
                         fmt::format("choose one of them: channel 1 to {}", colors)});
        for (std::int64_t i = 0; i < s.slices->pages(); ++i)
            if (s.slices->height(i) < 1 || s.slices->width(i) < 1)
                throw Error({s.slices->name(i), "an image with pixels", "none", {}});
        sets.push_back(std::move(s));
    }

    /// The middle of a place, at most `height` x `width`, and how many of its numbers are not finite.
    std::pair<Array, std::int64_t> part(const Set &s, const Place &at, std::int64_t height, std::int64_t width) const
    {
        height = std::min(height, rows);
        width = std::min(width, columns);
        const std::int64_t top = at.y + (rows - height) / 2, left = at.x + (columns - width) / 2;
        const Array page = s.slices->region(at.image, top, left, height, width);
        const std::int64_t channels = page.rank() == 3 ? page.dim(2) : 1;
        const bool colors = channel == 0 && s.slices->colors() == 3;
        const std::int64_t chosen = s.slices->colors() > 1 ? std::max<std::int64_t>(0, channel - 1) : 0;
        Array out(DType::Float64, {height, width});
        std::int64_t bad = 0;
        Array::visit(page.dtype(), [&](auto zero) {
            using T = decltype(zero);
            for (std::int64_t y = 0; y < height; ++y) {
                const T *from = page.data<T>() + y * width * channels;
                double *to = out.data<double>() + y * width;
                for (std::int64_t x = 0; x < width; ++x, from += channels) {
                    to[x] = colors ? 0.299 * static_cast<double>(from[0]) + 0.587 * static_cast<double>(from[1]) +
                                         0.114 * static_cast<double>(from[2])
                                   : static_cast<double>(from[chosen]);
                    bad += !std::isfinite(to[x]);
                }
            }
        });
        return {std::move(out), bad};
    }

    /// Image n of each set belongs to image n of the first: by name where they are folders.
    void pair()
    {
        const auto &a = *sets[0].slices;
        for (std::size_t k = 1; k < sets.size(); ++k) {
            auto &b = *sets[k].slices;
            files::orderLike(a, b, sets[k].path, "images");
            if (!b.orderNote().empty())
                notes.push_back(b.orderNote());
            bool equal = a.pages() == b.pages();
            for (std::int64_t i = 0; equal && i < a.pages(); ++i)
                equal = a.height(i) == b.height(i) && a.width(i) == b.width(i);
            if (!equal)
                throw Error({sets[k].path, fmt::format("as {} {}", sets[0].name, a.text()), b.text(),
                             "to compare sets that were not made from one another switch \"paired\" off"});
        }
    }

    /// Numbers of `count` images of `pages`, in order.
    static std::vector<std::int64_t> choose(std::int64_t pages, std::int64_t count, Random random)
    {
        std::vector<std::int64_t> all(static_cast<std::size_t>(pages));
        std::iota(all.begin(), all.end(), std::int64_t{0});
        if (count >= pages)
            return all;
        for (std::int64_t i = 0; i < count; ++i)
            std::swap(all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(i + random.below(pages - i))]);
        all.resize(static_cast<std::size_t>(count));
        std::sort(all.begin(), all.end());
        return all;
    }

    void place(const ImageSetOptions &o)
    {
        // With crops an image may give several.
        std::vector<std::vector<std::int64_t>> chosen;
        for (std::size_t k = 0; k < sets.size(); ++k) {
            const auto &s = *sets[k].slices;
            const auto seed = static_cast<std::uint64_t>(o.seed);
            auto images = choose(s.pages(), o.count, Random::of(seed, o.paired ? 0 : k));
            if (o.crop > 0)
                for (std::size_t i = 0; static_cast<std::int64_t>(images.size()) < o.count; ++i)
                    images.push_back(images[i]);
            for (const auto i : images) {
                rows = std::min(rows, s.height(i));
                columns = std::min(columns, s.width(i));
                if (o.crop > 0 && (s.height(i) < o.crop || s.width(i) < o.crop))
                    throw Error({s.name(i), fmt::format("at least {0} x {0} px to crop", o.crop),
                                 fmt::format("{} x {}", s.width(i), s.height(i)), "choose a smaller crop"});
            }
            chosen.push_back(std::move(images));
        }
        if (o.crop > 0)
            rows = columns = o.crop;
        std::int64_t cut = 0;
        for (std::size_t k = 0; k < sets.size(); ++k) {
            const auto &s = *sets[k].slices;
            Random random = Random::of(static_cast<std::uint64_t>(o.seed), 1000 + (o.paired ? 0 : k));
            for (const auto i : chosen[k]) {
                const auto spareY = s.height(i) - rows, spareX = s.width(i) - columns;
                cut += spareY > 0 || spareX > 0;
                if (o.crop > 0)
                    sets[k].places.push_back({i, random.below(spareY + 1), random.below(spareX + 1)});
                else
                    sets[k].places.push_back({i, spareY / 2, spareX / 2});
            }
        }
        if (cut > 0 && o.crop == 0)
            notes.push_back(fmt::format("Images differ in size: of {} the middle of {} x {} px is used, which all "
                                        "have.",
                                        cut == 1 ? "one" : std::to_string(cut), columns, rows));
    }
};

ImageSets::ImageSets(const ImageSetOptions &options) : d(std::make_unique<Private>())
{
    d->channel = options.channel;
    if (options.images.empty())
        throw Error({"images", "a stack or a folder of pictures", "none", "give images=FILE"});
    d->open(options.images);
    for (const auto &path : paths(options.others))
        d->open(path);
    const auto names = parted(options.names);
    if (names.size() > d->sets.size())
        throw Error({"names", fmt::format("at most {} names, one a set", d->sets.size()), std::to_string(names.size()), {}});
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!names[i].empty())
            d->sets[i].name = names[i];
    for (std::size_t i = 1; i < d->sets.size(); ++i) { // equal names could not be told apart
        const std::string bare = d->sets[i].name;
        for (int number = 2, k = 0; k < static_cast<int>(i);)
            if (d->sets[static_cast<std::size_t>(k)].name == d->sets[i].name) {
                d->sets[i].name = fmt::format("{} {}", bare, number++);
                k = 0;
            } else {
                ++k;
            }
    }
    if (options.paired)
        d->pair();
    d->place(options);
}

ImageSets::~ImageSets() = default;

std::size_t ImageSets::size() const
{
    return d->sets.size();
}

const std::string &ImageSets::name(std::size_t set) const
{
    return d->sets.at(set).name;
}

std::string ImageSets::path(std::size_t set) const
{
    return d->sets.at(set).path;
}

DType ImageSets::dtype(std::size_t set) const
{
    return d->sets.at(set).slices->dtype();
}

double ImageSets::pixelSize() const
{
    return d->sets.front().slices->info().pixelSizeX;
}

double ImageSets::pixelHeight() const
{
    return d->sets.front().slices->info().pixelSizeY;
}

const std::vector<ImageSets::Place> &ImageSets::places(std::size_t set) const
{
    return d->sets.at(set).places;
}

std::int64_t ImageSets::rows() const
{
    return d->rows;
}

std::int64_t ImageSets::columns() const
{
    return d->columns;
}

const std::vector<std::string> &ImageSets::notes() const
{
    return d->notes;
}

Array ImageSets::read(std::size_t set, std::size_t place, std::int64_t side) const
{
    const auto &s = d->sets.at(set);
    const auto [out, bad] = d->part(s, s.places.at(place), side, side);
    if (bad)
        throw Error(Error::Kind::Input, s.slices->name(s.places[place].image),
                    fmt::format("it holds {} non-finite value{}; replace them before.", bad, bad == 1 ? "" : "s"));
    return out;
}

std::pair<double, double> ImageSets::range(std::size_t set) const
{
    constexpr std::int64_t side = 512;
    auto &s = d->sets.at(set);
    const std::scoped_lock lock(d->mutex);
    if (s.range)
        return *s.range;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const auto place : std::set<std::size_t>{0, s.places.size() / 2, s.places.size() - 1}) {
        const Array part = d->part(s, s.places[place], side, side).first;
        for (const double v : part.span<double>())
            if (std::isfinite(v)) {
                low = std::min(low, v);
                high = std::max(high, v);
            }
    }
    s.range = low <= high ? std::pair{low, high} : std::pair{0.0, 0.0};
    return *s.range;
}

std::string ImageSets::hash() const
{
    Sha256 sum;
    if (d->channel > 0)
        sum.add(fmt::format("channel {}\n", d->channel));
    for (const auto &s : d->sets) {
        sum.add(std::filesystem::path(s.path).filename().string() + "\n");
        for (const auto &p : s.places)
            sum.add(fmt::format("{} {} {} {} {}\n", p.image, p.y, p.x, d->rows, d->columns));
    }
    return sum.finish();
}

} // namespace reticle
