#include "widgets/views/image/ImageTiles.h"

#include "foundation/Error.h"
#include "widgets/views/HandOver.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

namespace reticle {

namespace {

/// kind, page, level, ty, tx
enum class What { Page, Tile, Histogram };
using Key = std::tuple<What, std::int64_t, int, std::int64_t, std::int64_t>;

struct Entry
{
    std::shared_ptr<const ImageTiles::Page> page;
    std::shared_ptr<const ImageTiles::Tile> tile;
    std::shared_ptr<const PageHistogram> histogram;
    std::int64_t bytes = 0;
};

std::int64_t ceilDivide(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}

/// Threads of views that are gone while a read was under way; waited for when the application ends.
class Leavers
{
public:
    static Leavers &instance()
    {
        static Leavers leavers;
        return leavers;
    }
    void add(std::thread thread, std::shared_ptr<std::atomic<bool>> ended)
    {
        std::erase_if(m_threads, [](auto &t) {
            if (!*t.second)
                return false;
            t.first.join();
            return true;
        });
        m_threads.emplace_back(std::move(thread), std::move(ended));
    }
    ~Leavers()
    {
        for (auto &t : m_threads)
            t.first.join();
    }

private:
    std::vector<std::pair<std::thread, std::shared_ptr<std::atomic<bool>>>> m_threads;
};

std::vector<Array> pyramid(Array image)
{
    std::vector<Array> levels{std::move(image)};
    while (std::max(levels.back().dim(0), levels.back().dim(1)) > 256)
        levels.push_back(halved(levels.back()));
    return levels;
}

/// Thrown where a long read gives way to something nearer to what is on show.
struct GivenWay
{
};
using GiveWay = std::function<bool()>;

/// For labels: every 2^level-th value of every 2^level-th row.
Array thinnedTile(const ImageSource &source, std::int64_t page, int level, std::int64_t x, std::int64_t y, std::int64_t w,
                  std::int64_t h, const GiveWay &giveWay)
{
    const std::int64_t step = std::int64_t(1) << level, rows = ceilDivide(h, step), columns = ceilDivide(w, step);
    Array out;
    for (std::int64_t r = 0; r < rows; ++r) {
        if (giveWay())
            throw GivenWay();
        const Array line = source.readRegion(page, std::min(y + r * step + step / 2, y + h - 1), x, 1, w);
        const std::int64_t c = line.rank() > 2 ? line.dim(2) : 1;
        const std::size_t one = byteSize(line.dtype()) * static_cast<std::size_t>(c);
        if (out.empty())
            out = Array(line.dtype(), line.rank() > 2 ? std::vector{rows, columns, c} : std::vector{rows, columns});
        for (std::int64_t i = 0; i < columns; ++i)
            std::copy_n(line.raw() + one * static_cast<std::size_t>(std::min(i * step + step / 2, w - 1)), one,
                        out.raw() + one * static_cast<std::size_t>(r * columns + i));
    }
    return out;
}

/// Tile of a coarse level without holding the full-size region: bands of rows are read and averaged one by one. Beyond
/// level 3 only eight rows of each coarse row are looked at, so that an overview of a huge page stays affordable.
Array coarseTile(const ImageSource &source, std::int64_t page, int level, std::int64_t x, std::int64_t y, std::int64_t w,
                 std::int64_t h, const GiveWay &giveWay)
{
    const std::int64_t step = std::int64_t(1) << level, rows = ceilDivide(h, step);
    Array out;
    for (std::int64_t r = 0; r < rows; ++r) {
        if (giveWay())
            throw GivenWay();
        const std::int64_t top = y + r * step;
        const std::int64_t band = std::min({step, std::int64_t(8), y + h - top});
        Array part = source.readRegion(page, top, x, band, w);
        for (int l = 0; l < level; ++l)
            part = halved(part);
        // Few rows collapse to one early; what is left of several (never more than one after 3 halvings) is the first.
        if (out.empty()) {
            auto shape = part.shape();
            shape[0] = rows;
            out = Array(part.dtype(), shape);
        }
        const std::size_t rowBytes = part.bytes() / static_cast<std::size_t>(part.dim(0));
        std::copy_n(part.raw(), rowBytes, out.raw() + static_cast<std::size_t>(r) * rowBytes);
    }
    return out;
}

std::int64_t bytesOf(const ImageInfo &info)
{
    return info.height * info.width * std::max<std::int64_t>(1, info.channels) * static_cast<std::int64_t>(byteSize(info.dtype));
}

Entry load(const ImageSource &source, bool average, const Key &key, const GiveWay &giveWay)
{
    const auto &[what, page, level, ty, tx] = key;
    const auto &info = source.info();
    Entry entry;
    if (what == What::Page) {
        auto p = std::make_shared<ImageTiles::Page>();
        Array image = source.readPage(page);
        if (image.rank() < 2 || image.empty())
            throw Error({info.path, "a picture of at least one pixel", "an empty page", {}});
        if (average) {
            p->histogram = histogramOf({image});
            p->levels = pyramid(std::move(image));
        } else {
            p->levels = {std::move(image)};
        }
        for (const auto &l : p->levels)
            entry.bytes += static_cast<std::int64_t>(l.bytes());
        entry.page = std::move(p);
    } else if (what == What::Tile) {
        auto t = std::make_shared<ImageTiles::Tile>();
        const std::int64_t side = ImageTiles::tileSide << level;
        t->level = level;
        t->x = tx * side;
        t->y = ty * side;
        const std::int64_t w = std::min(side, info.width - t->x), h = std::min(side, info.height - t->y);
        if (level == 0)
            t->data = source.readRegion(page, t->y, t->x, h, w);
        else
            t->data = (average ? coarseTile : thinnedTile)(source, page, level, t->x, t->y, w, h, giveWay);
        entry.bytes = static_cast<std::int64_t>(t->data.bytes());
        entry.tile = std::move(t);
    } else {
        std::vector<Array> parts;
        constexpr int patches = 5;
        const std::int64_t side = std::min<std::int64_t>({192, info.width, info.height});
        for (int j = 0; j < patches; ++j)
            for (int i = 0; i < patches; ++i)
                parts.push_back(source.readRegion(page, (info.height - side) * j / (patches - 1),
                                                  (info.width - side) * i / (patches - 1), side, side));
        entry.histogram = std::make_shared<PageHistogram>(histogramOf(parts));
        entry.bytes = 64 * 1024;
    }
    return entry;
}

} // namespace

/// Shared with the reading thread, which may outlive the object.
struct Reader
{
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<Key> requests; ///< the last is the newest
    std::optional<Key> idle;   ///< when nothing is wished
    std::vector<Key> underway; ///< being read, or read and not yet taken
    std::shared_ptr<ImageSource> source;
    bool average = true;
    int generation = 0; ///< of the source
    bool stop = false;
    ImageTiles *receiver = nullptr; ///< guarded by the mutex
    std::function<void(int, Key, Entry, QString)> deliver;
    std::shared_ptr<std::atomic<bool>> ended = std::make_shared<std::atomic<bool>>(false);

    /// An overview may take long: finer tiles wished meanwhile go first.
    bool outdone(int round, const Key &key)
    {
        const std::lock_guard lock(mutex);
        return stop || round != generation || std::any_of(requests.begin(), requests.end(), [&key](const Key &w) {
                   return std::get<0>(w) == What::Tile && std::get<2>(w) < std::get<2>(key);
               });
    }

    void run()
    {
        std::unique_lock lock(mutex);
        while (true) {
            wake.wait(lock, [this] { return stop || !requests.empty() || idle; });
            if (stop)
                break;
            Key key;
            if (!requests.empty()) {
                key = requests.back();
                requests.pop_back();
            } else {
                key = *idle;
                idle.reset();
            }
            underway.push_back(key);
            const auto from = source;
            const bool mean = average;
            const int round = generation;
            lock.unlock();
            Entry entry;
            QString sentence;
            bool later = false;
            try {
                if (from)
                    entry = load(*from, mean, key, [&] { return outdone(round, key); });
            } catch (const GivenWay &) {
                later = true;
            } catch (const std::bad_alloc &) {
                sentence = QStringLiteral("There is not enough memory to show this page.");
            } catch (const std::exception &e) {
                sentence = QString::fromUtf8(e.what());
            }
            lock.lock();
            if (later) {
                std::erase(underway, key);
                if (round == generation)
                    requests.insert(requests.begin(), key);
                continue;
            }
            if (!stop && receiver)
                QMetaObject::invokeMethod(
                    receiver, handOver([d = deliver, round, key, entry, sentence] { d(round, key, entry, sentence); }),
                    Qt::QueuedConnection);
        }
        lock.unlock();
        *ended = true;
    }
};

struct ImageTiles::Private
{
    std::shared_ptr<Reader> reader = std::make_shared<Reader>();
    std::thread thread;
    std::shared_ptr<ImageSource> source;
    bool average = true;
    int generation = 0;
    std::map<Key, Entry> entries;
    std::list<Key> recent; ///< the first was used last
    std::map<Key, std::list<Key>::iterator> place;
    std::map<Key, QString> failures;
    std::int64_t bytes = 0, budget = std::int64_t(384) << 20;

    const Entry *get(const Key &key)
    {
        const auto it = entries.find(key);
        if (it != entries.end()) {
            recent.splice(recent.begin(), recent, place[key]);
            return &it->second;
        }
        if (source && !failures.count(key))
            request(key);
        return nullptr;
    }

    void request(const Key &key)
    {
        {
            const std::lock_guard lock(reader->mutex);
            auto &w = reader->requests;
            if (std::find(reader->underway.begin(), reader->underway.end(), key) != reader->underway.end())
                return;
            w.erase(std::remove(w.begin(), w.end(), key), w.end());
            w.push_back(key);
        }
        reader->wake.notify_one();
    }

    void put(const Key &key, Entry entry)
    {
        if (entries.count(key))
            return;
        bytes += entry.bytes;
        entries.emplace(key, std::move(entry));
        recent.push_front(key);
        place[key] = recent.begin();
        while (bytes > budget && recent.size() > 1) {
            const Key last = recent.back();
            bytes -= entries[last].bytes;
            entries.erase(last);
            place.erase(last);
            recent.pop_back();
        }
    }

    void clear()
    {
        entries.clear();
        recent.clear();
        place.clear();
        failures.clear();
        bytes = 0;
    }
};

ImageTiles::ImageTiles(QObject *parent) : QObject(parent), d(std::make_unique<Private>())
{
    d->reader->receiver = this;
    d->reader->deliver = [this](int generation, const Key &key, const Entry &entry, const QString &sentence) {
        if (generation != d->generation)
            return;
        {
            const std::lock_guard lock(d->reader->mutex);
            std::erase(d->reader->underway, key);
        }
        const auto page = std::get<1>(key);
        if (!sentence.isEmpty()) {
            d->failures[key] = sentence;
            Q_EMIT failed(page, sentence);
            return;
        }
        d->put(key, entry);
        Q_EMIT arrived(page);
    };
}

ImageTiles::~ImageTiles()
{
    {
        const std::lock_guard lock(d->reader->mutex);
        d->reader->stop = true;
        d->reader->receiver = nullptr;
        d->reader->requests.clear();
    }
    d->reader->wake.notify_one();
    if (d->thread.joinable())
        Leavers::instance().add(std::move(d->thread), d->reader->ended);
}

void ImageTiles::setSource(std::shared_ptr<ImageSource> source, bool average)
{
    d->source = std::move(source);
    d->average = average;
    d->clear();
    ++d->generation;
    {
        const std::lock_guard lock(d->reader->mutex);
        d->reader->source = d->source;
        d->reader->average = average;
        d->reader->generation = d->generation;
        d->reader->requests.clear();
        d->reader->underway.clear();
        d->reader->idle.reset();
    }
    if (d->source && !d->thread.joinable())
        d->thread = std::thread([reader = d->reader] { reader->run(); });
}

bool ImageTiles::isTiled() const
{
    return d->source && bytesOf(d->source->info()) > wholePageBytes;
}

int ImageTiles::levels() const
{
    if (!d->source)
        return 1;
    int n = 1;
    for (auto side = std::max(d->source->info().width, d->source->info().height); side > tileSide; side = (side + 1) / 2)
        ++n;
    return n;
}

std::shared_ptr<const ImageTiles::Page> ImageTiles::page(std::int64_t page)
{
    const auto *e = d->get(Key{What::Page, page, 0, 0, 0});
    return e ? e->page : nullptr;
}

std::shared_ptr<const ImageTiles::Tile> ImageTiles::tile(std::int64_t page, int level, std::int64_t tx, std::int64_t ty)
{
    const auto *e = d->get(Key{What::Tile, page, level, ty, tx});
    return e ? e->tile : nullptr;
}

std::shared_ptr<const ImageTiles::Tile> ImageTiles::keptTile(std::int64_t page, int level, std::int64_t tx, std::int64_t ty) const
{
    const auto it = d->entries.find(Key{What::Tile, page, level, ty, tx});
    return it == d->entries.end() ? nullptr : it->second.tile;
}

std::shared_ptr<const PageHistogram> ImageTiles::histogram(std::int64_t page)
{
    const auto *e = d->get(Key{What::Histogram, page, 0, 0, 0});
    return e ? e->histogram : nullptr;
}

void ImageTiles::prefetch(std::int64_t page)
{
    const Key key{What::Page, page, 0, 0, 0};
    if (!d->source || d->entries.count(key) || d->failures.count(key))
        return;
    {
        const std::lock_guard lock(d->reader->mutex);
        d->reader->idle = key;
    }
    d->reader->wake.notify_one();
}

QString ImageTiles::failure(std::int64_t page) const
{
    for (const auto &[key, sentence] : d->failures)
        if (std::get<1>(key) == page)
            return sentence;
    return {};
}

void ImageTiles::newRound()
{
    const std::lock_guard lock(d->reader->mutex);
    d->reader->requests.clear();
    d->reader->idle.reset();
}

std::int64_t ImageTiles::bytesKept() const
{
    return d->bytes;
}

void ImageTiles::setBudget(std::int64_t bytes)
{
    d->budget = bytes;
}

Array halved(const Array &image)
{
    const std::int64_t h = image.dim(0), w = image.dim(1), c = image.rank() > 2 ? image.dim(2) : 1;
    auto shape = image.shape();
    shape[0] = (h + 1) / 2;
    shape[1] = (w + 1) / 2;
    Array out(image.dtype(), shape);
    Array::visit(image.dtype(), [&](auto t) {
        using T = decltype(t);
        using Sum = std::conditional_t<std::is_floating_point_v<T>, T, std::int64_t>;
        const T *in = image.data<T>();
        T *to = out.data<T>();
        for (std::int64_t y = 0; y < shape[0]; ++y) {
            const T *a = in + 2 * y * w * c, *b = 2 * y + 1 < h ? a + w * c : a;
            for (std::int64_t x = 0; x < shape[1]; ++x) {
                const std::int64_t left = 2 * x * c, right = 2 * x + 1 < w ? left + c : left;
                for (std::int64_t k = 0; k < c; ++k) {
                    const Sum s = Sum(a[left + k]) + Sum(a[right + k]) + Sum(b[left + k]) + Sum(b[right + k]);
                    if constexpr (std::is_floating_point_v<T>)
                        *to++ = s / 4;
                    else
                        *to++ = static_cast<T>((s + 2) >> 2);
                }
            }
        }
    });
    return out;
}

PageHistogram histogramOf(const std::vector<Array> &parts)
{
    PageHistogram result;
    if (parts.empty())
        return result;
    const std::int64_t channels = parts.front().rank() > 2 ? parts.front().dim(2) : 1;
    std::int64_t pixels = 0;
    for (const auto &p : parts)
        pixels += p.dim(0) * p.dim(1);
    // An odd step, so that even widths do not make it look at the same columns again and again.
    const std::int64_t step = std::max<std::int64_t>(1, pixels / 1000000) | 1;
    std::vector<std::vector<float>> values(static_cast<std::size_t>(channels));
    for (auto &v : values)
        v.reserve(static_cast<std::size_t>(pixels / step + 1));
    for (const auto &p : parts)
        Array::visit(p.dtype(), [&](auto t) {
            using T = decltype(t);
            const T *data = p.data<T>();
            const std::int64_t n = p.dim(0) * p.dim(1);
            for (std::int64_t i = 0; i < n; i += step)
                for (std::int64_t k = 0; k < channels; ++k) {
                    const float v = static_cast<float>(data[i * channels + k]);
                    ++result.total;
                    if (std::isfinite(v))
                        values[static_cast<std::size_t>(k)].push_back(v);
                }
        });
    float low = std::numeric_limits<float>::max(), high = std::numeric_limits<float>::lowest();
    for (const auto &v : values) {
        result.finite += static_cast<std::int64_t>(v.size());
        for (const float f : v) {
            low = std::min(low, f);
            high = std::max(high, f);
        }
    }
    if (result.finite == 0) {
        low = 0;
        high = 1;
    }
    result.low = low;
    result.high = high;
    const double width = result.high > result.low ? result.high - result.low : 1;
    // Whole numbers: as many to each bin, or the histogram looks like a comb.
    const auto dtype = parts.front().dtype();
    const bool whole = dtype != DType::Float32 && dtype != DType::Float64;
    const double each = whole ? std::max(1.0, std::ceil((width + 1) / PageHistogram::bins)) : width / PageHistogram::bins;
    const auto bins = whole ? static_cast<std::int64_t>(std::ceil((width + 1) / each)) : std::int64_t(PageHistogram::bins);
    const auto percentiles = [](std::vector<float> &v) {
        PageHistogram::Range r;
        if (v.empty())
            return r;
        const auto at = [&v](double fraction) {
            const auto i = static_cast<std::ptrdiff_t>(std::lround(fraction * static_cast<double>(v.size() - 1)));
            std::nth_element(v.begin(), v.begin() + i, v.end());
            return static_cast<double>(v[static_cast<std::size_t>(i)]);
        };
        r.black = at(0.0035);
        r.white = at(0.9965);
        if (!(r.white > r.black)) {
            // Nearly everything has one value: the whole range, or for a constant page a step around it.
            const auto [minimum, maximum] = std::minmax_element(v.begin(), v.end());
            r.black = *minimum;
            r.white = *maximum;
            if (!(r.white > r.black))
                r = {r.black - 0.5, r.black + 0.5};
        }
        return r;
    };
    std::vector<float> joined;
    for (std::size_t k = 0; k < values.size(); ++k) {
        std::vector<std::int64_t> counts(static_cast<std::size_t>(bins), 0);
        for (const float f : values[k]) {
            const auto bin = static_cast<std::int64_t>((f - result.low) / each);
            ++counts[static_cast<std::size_t>(std::clamp<std::int64_t>(bin, 0, bins - 1))];
        }
        result.counts.push_back(std::move(counts));
        if (k < 3 || channels != 4)
            joined.insert(joined.end(), values[k].begin(), values[k].end());
        result.stretch.push_back(percentiles(values[k]));
    }
    result.all = percentiles(joined);
    return result;
}

} // namespace reticle
