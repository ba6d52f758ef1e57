#include "foundation/Error.h"
#include "imaging/Imaging.h"
#include "imaging/Mask_p.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

struct Item
{
    std::uint64_t key; ///< height, then order of arrival (0 for markers)
    std::int32_t pixel, source;
    bool before(const Item &b) const { return key < b.key; }
};

/// Height and age as one number that sorts by height first.
std::uint64_t keyOf(float height, std::uint32_t age)
{
    const auto bits = std::bit_cast<std::uint32_t>(height + 0.0f); // -0 becomes 0
    const std::uint32_t ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return (static_cast<std::uint64_t>(ordered) << 32) | age;
}

/// Binary heap of items by value. std::priority_queue would do but for markers of equal height: which of them leaves
/// first is decided by the heap's swaps, and these are the plain textbook ones (down from the root by the smaller
/// child, the left one first), as in scikit-image.
class Heap
{
public:
    void reserve(std::size_t n) { m_items.reserve(n); }
    bool empty() const { return m_items.empty(); }

    void push(const Item &item)
    {
        std::size_t i = m_items.size();
        m_items.push_back(item);
        while (i > 0) {
            const std::size_t up = (i - 1) / 2;
            if (!item.before(m_items[up]))
                break;
            m_items[i] = m_items[up];
            i = up;
        }
        m_items[i] = item;
    }

    Item pop()
    {
        const Item top = m_items.front();
        const Item last = m_items.back();
        m_items.pop_back();
        const std::size_t n = m_items.size();
        if (n == 0)
            return top;
        std::size_t i = 0;
        for (;;) {
            const std::size_t left = 2 * i + 1, right = left + 1;
            std::size_t next = i;
            const Item *smallest = &last;
            if (left < n && m_items[left].before(*smallest)) {
                next = left;
                smallest = &m_items[left];
            }
            if (right < n && m_items[right].before(*smallest))
                next = right;
            if (next == i)
                break;
            m_items[i] = m_items[next];
            i = next;
        }
        m_items[i] = last;
        return top;
    }

private:
    std::vector<Item> m_items;
};

/// A copy of `a` with one pixel of `fill` around it, so that neighbors need no checks.
template <class T> std::vector<T> framed(const Array &a, T fill)
{
    const std::int64_t h = a.dim(0), w = a.dim(1);
    std::vector<T> out((h + 2) * (w + 2), fill);
    for (std::int64_t y = 0; y < h; ++y)
        std::copy_n(a.data<T>() + y * w, w, out.data() + (y + 1) * (w + 2) + 1);
    return out;
}

template <class T> Array unframed(const std::vector<T> &in, std::int64_t h, std::int64_t w)
{
    Array out(dtypeOf<T>(), {h, w});
    for (std::int64_t y = 0; y < h; ++y)
        std::copy_n(in.data() + (y + 1) * (w + 2) + 1, w, out.data<T>() + y * w);
    return out;
}

/// Neighbors' offsets in a row-major plane of `stride` columns, nearest first, in raster order.
std::vector<std::int32_t> neighbors(std::int64_t stride, Connectivity connectivity)
{
    const auto s = static_cast<std::int32_t>(stride);
    std::vector<std::int32_t> n{-s, -1, 1, s};
    if (connectivity == Connectivity::Eight)
        n.insert(n.end(), {-s - 1, -s + 1, s - 1, s + 1});
    return n;
}

Array asFloat(const Array &a)
{
    return a.dtype() == DType::Float32 ? a : a.as(DType::Float32);
}

void requireSame(const Array &a, const Array &b, const char *what)
{
    if (a.shape() != b.shape())
        throw Error({"watershed",
                     std::string(what) + " of the relief's size " + std::to_string(a.dim(0)) + " x " + std::to_string(a.dim(1)),
                     std::to_string(b.dim(0)) + " x " + std::to_string(b.dim(1)),
                     {}});
}

} // namespace

Array watershed(const Array &relief, const Array &markers, const Array *mask, bool line, Connectivity connectivity)
{
    imaging::requirePlane(relief, "watershed relief");
    imaging::requirePlane(markers, "watershed markers");
    requireSame(relief, markers, "markers");
    const std::int64_t h = relief.dim(0), w = relief.dim(1);
    const auto height = framed<float>(asFloat(relief), 0);
    std::vector<std::uint8_t> open; // may be flooded; with lines, pixels of a line are closed as they are found
    if (mask) {
        imaging::requirePlane(*mask, "watershed mask");
        requireSame(relief, *mask, "a mask");
        open = framed<std::uint8_t>(imaging::binary(*mask), 0);
    } else {
        Array all(DType::UInt8, {h, w});
        std::fill_n(all.data<std::uint8_t>(), all.size(), 1);
        open = framed<std::uint8_t>(all, 0);
    }
    auto label = framed<std::int32_t>(markers.dtype() == DType::Int32 ? markers : markers.as(DType::Int32), 0);
    const auto around = neighbors(w + 2, connectivity);

    Heap heap;
    heap.reserve(label.size() * 5 / 4);
    for (std::size_t i = 0; i < label.size(); ++i) {
        if (label[i] && !open[i])
            label[i] = 0; // markers outside the mask do not count
        if (label[i])
            heap.push({keyOf(height[i], 0), static_cast<std::int32_t>(i), static_cast<std::int32_t>(i)});
    }

    const auto meetsOther = [&](std::int32_t i) {
        std::int32_t first = 0;
        for (const auto d : around) {
            const auto j = i + d;
            if (!open[j] || !label[j])
                continue;
            if (!first)
                first = label[j];
            else if (label[j] != first)
                return true;
        }
        return false;
    };

    std::uint32_t age = 0;
    while (!heap.empty()) {
        const Item item = heap.pop();
        if (line) {
            // Labels are given when a pixel leaves the queue, since only then it is known whether basins meet in it.
            if (label[item.pixel] && item.pixel != item.source)
                continue;
            if (!open[item.pixel])
                continue;
            if (meetsOther(item.pixel)) {
                open[item.pixel] = 0;
                continue;
            }
            label[item.pixel] = label[item.source];
        }
        for (const auto d : around) {
            const auto j = item.pixel + d;
            if (!open[j] || label[j])
                continue;
            if (!line)
                label[j] = label[item.pixel];
            heap.push({keyOf(height[j], ++age), j, item.source});
        }
    }
    return unframed(label, h, w);
}

Array hMaxima(const Array &relief, float h, Connectivity connectivity)
{
    imaging::requirePlane(relief, "h-maxima");
    const std::int64_t rows = relief.dim(0), columns = relief.dim(1), stride = columns + 2;
    constexpr float lowest = -std::numeric_limits<float>::infinity();
    const auto under = framed<float>(asFloat(relief), lowest);
    auto top = under;
    for (auto &v : top)
        v -= h;
    const auto around = neighbors(stride, connectivity);

    // Reconstruction by dilation, Vincent 1993: two sweeps, then a queue for what is left.
    const auto sweep = [&](bool forward, std::vector<std::int32_t> *queue) {
        for (std::int64_t k = 0; k < rows * columns; ++k) {
            const std::int64_t n = forward ? k : rows * columns - 1 - k;
            const auto i = static_cast<std::int32_t>((n / columns + 1) * stride + n % columns + 1);
            float best = top[i];
            for (const auto d : around)
                if ((d < 0) == forward)
                    best = std::max(best, top[i + d]);
            top[i] = std::min(best, under[i]);
            if (!queue)
                continue;
            for (const auto d : around)
                if (d > 0 && top[i + d] < top[i] && top[i + d] < under[i + d]) {
                    queue->push_back(i);
                    break;
                }
        }
    };
    std::vector<std::int32_t> queue;
    sweep(true, nullptr);
    sweep(false, &queue);
    for (std::size_t k = 0; k < queue.size(); ++k) {
        const auto i = queue[k];
        for (const auto d : around) {
            const auto j = i + d;
            if (top[j] < top[i] && top[j] < under[j]) {
                top[j] = std::min(top[i], under[j]);
                queue.push_back(j);
            }
        }
    }

    // Regional maxima: plateaus with no higher neighbor. The frame is lower than everything.
    std::vector<std::uint8_t> seen(top.size()), maximum(top.size());
    std::vector<std::int32_t> plateau;
    for (std::int64_t y = 1; y <= rows; ++y) {
        for (std::int64_t x = 1; x <= columns; ++x) {
            const auto start = static_cast<std::int32_t>(y * stride + x);
            if (seen[start])
                continue;
            plateau.assign(1, start);
            seen[start] = 1;
            bool highest = true;
            for (std::size_t k = 0; k < plateau.size(); ++k) {
                for (const auto d : around) {
                    const auto j = plateau[k] + d;
                    if (top[j] > top[start])
                        highest = false;
                    else if (top[j] == top[start] && !seen[j] && top[j] != lowest) {
                        seen[j] = 1;
                        plateau.push_back(j);
                    }
                }
            }
            if (highest)
                for (const auto i : plateau)
                    maximum[i] = 1;
        }
    }
    return labelComponents(unframed(maximum, rows, columns), connectivity);
}

} // namespace reticle
