#include "base/files/LabelValues.h"

#include "base/Error.h"
#include "base/SegmentationData.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

namespace reticle::files {

namespace {

constexpr std::size_t mostValues = 4096;

[[noreturn]] void tooMany(const std::string &where, const std::string &found)
{
    throw Error({where, "labels of at most 255 classes", found,
                 "these look like instance labels, one number per object: give class labels (such as 0 = background, "
                 "1 = object), or set a threshold to get two classes"});
}

std::string position(std::int64_t flat, std::int64_t width)
{
    return "row " + std::to_string(flat / width) + ", column " + std::to_string(flat % width);
}

template <class T> void countWhole(const Array &labels, const std::string &where, std::map<std::int64_t, std::int64_t> &counts)
{
    if constexpr (sizeof(T) <= 2) {
        std::vector<std::int64_t> histogram(std::size_t{1} << (8 * sizeof(T)), 0);
        for (const T v : labels.span<T>())
            ++histogram[static_cast<std::make_unsigned_t<T>>(v)];
        for (std::size_t i = 0; i < histogram.size(); ++i)
            if (histogram[i])
                counts[static_cast<T>(i)] += histogram[i];
    } else {
        // Neighbours are mostly equal: count runs.
        const auto values = labels.span<T>();
        for (std::size_t i = 0; i < values.size();) {
            std::size_t j = i + 1;
            while (j < values.size() && values[j] == values[i])
                ++j;
            if constexpr (std::is_floating_point_v<T>)
                if (!(std::abs(values[i]) < 1e15) || values[i] != std::floor(values[i]))
                    throw Error({where, "labels that are whole numbers (classes 0, 1, 2, ... or a mask of 0 and 255)",
                                 fmt::format("{} at ", values[i]) + position(static_cast<std::int64_t>(i), labels.dim(1)),
                                 std::isnan(values[i]) ? "" : "set a threshold to turn a map into two classes"});
            counts[static_cast<std::int64_t>(values[i])] += static_cast<std::int64_t>(j - i);
            if (counts.size() > mostValues)
                break;
            i = j;
        }
    }
    if (counts.size() > mostValues)
        tooMany(where, "more than " + std::to_string(mostValues) + " different values");
}

} // namespace

std::map<std::int64_t, std::int64_t> countLabels(const Array &labels, const std::string &where)
{
    std::map<std::int64_t, std::int64_t> counts;
    Array::visit(labels.dtype(), [&](auto t) { countWhole<decltype(t)>(labels, where, counts); });
    return counts;
}

std::string valuesText(const std::map<std::int64_t, std::int64_t> &counts)
{
    std::vector<std::string> all;
    for (const auto &[value, n] : counts)
        all.push_back(std::to_string(value));
    if (all.size() > 8) {
        const std::string last = all.back();
        all.resize(6);
        all.push_back("...");
        all.push_back(last);
    }
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i)
        text += (i == 0 ? "" : i + 1 == all.size() ? " and " : ", ") + all[i];
    return text;
}

LabelClasses classesOf(const std::map<std::int64_t, std::int64_t> &counts, bool brightForeground, const std::string &where)
{
    LabelClasses c;
    auto values = counts;
    if (values.size() > 2 && values.erase(255))
        c.ignoring = true;
    std::int64_t pixels = 0, extremes = 0;
    for (const auto &[value, n] : counts) {
        pixels += n;
        extremes += value == 0 || value == counts.rbegin()->first ? n : 0;
    }
    if (values.size() < 2)
        throw Error({where, "labels of at least two values", "only " + valuesText(counts),
                     "these labels mark nothing that could be learned"});
    if (values.begin()->first < 0)
        throw Error({where, "labels of 0 or more", std::to_string(values.begin()->first), {}});
    // A mask that was blurred, scaled or saved as JPEG: nearly all pixels at both ends and a little of everything between.
    // Classes 0, 1, ..., 20 with 255 to be ignored have nothing in the upper half.
    if (counts.size() > 16 && counts.begin()->first == 0 && counts.rbegin()->first <= 255 &&
        counts.rbegin()->first >= 128 && std::next(counts.rbegin())->first > counts.rbegin()->first / 2 &&
        static_cast<double>(extremes) > 0.5 * static_cast<double>(pixels))
        throw Error({where, "classes 0, 1, 2, ... or a mask of two values",
                     "the values " + valuesText(counts) + ", like a mask with soft edges",
                     "set a threshold (such as 128), or save the mask without smoothing or JPEG compression"});
    if (values.size() > 255)
        tooMany(where, std::to_string(values.size()) + " different values");
    c.two = values.size() == 2;
    std::uint8_t next = 0;
    for (const auto &[value, n] : values) {
        c.index[value] = c.two ? static_cast<std::uint8_t>((next == 1) == brightForeground) : next;
        c.names.push_back(std::to_string(value));
        ++next;
    }
    if (c.two)
        c.names = {"background", "foreground"};
    if (c.ignoring)
        c.index[255] = SegmentationData::ignore;
    const auto front = values.begin()->first, back = values.rbegin()->first;
    c.text = "labels " + valuesText(values) + ": " +
             (c.two ? "two classes (" + std::to_string(brightForeground ? back : front) + " is the foreground)"
                    : std::to_string(values.size()) + " classes") +
             (c.ignoring ? ", 255 is ignored" : "");
    return c;
}

Array plainLabels(Array page, bool alpha, double threshold, const std::string &where)
{
    if (page.rank() == 3) {
        const std::int64_t channels = page.dim(2), used = alpha ? channels - 1 : channels, n = page.dim(0) * page.dim(1);
        Array grey(page.dtype(), {page.dim(0), page.dim(1)});
        Array::visit(page.dtype(), [&](auto t) {
            using T = decltype(t);
            const T *p = page.data<T>();
            T *q = grey.data<T>();
            for (std::int64_t i = 0; i < n; ++i, p += channels) {
                for (std::int64_t k = 1; k < used; ++k)
                    if (p[k] != p[0])
                        throw Error({where, "labels of one channel (a number per pixel)",
                                     "colours at " + position(i, page.dim(1)),
                                     "save each class as a number: 0, 1, 2, ..."});
                q[i] = p[0];
            }
        });
        page = grey;
    }
    if (threshold > 0) {
        Array mask(DType::UInt8, page.shape());
        auto *out = mask.data<std::uint8_t>();
        Array::visit(page.dtype(), [&](auto t) {
            for (const auto v : page.span<decltype(t)>()) {
                if (v != v)
                    throw Error({where, "labels without NaN", "NaN", {}});
                *out++ = static_cast<double>(v) >= threshold ? 255 : 0;
            }
        });
        return mask;
    }
    return page;
}

} // namespace reticle::files
