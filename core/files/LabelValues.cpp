#include "files/LabelValues.h"

#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace reticle::files {

namespace {

constexpr std::size_t mostValues = 4096;

[[noreturn]] void tooMany(const std::string &where, const std::string &found, LabelUse use)
{
    throw Error({where, "labels of at most 255 classes", found,
                 std::string("these look like instance labels, one number per object: give class labels (such as 0 = background, "
                             "1 = object), or ") +
                     (use == LabelUse::Training ? "set a threshold to get two classes"
                                                : "compare objects with the analysis instances, with truth and prediction-is "
                                                  "set to instances")});
}

std::string position(std::int64_t flat, std::int64_t width)
{
    return "row " + std::to_string(flat / width) + ", column " + std::to_string(flat % width);
}

template <class T>
void countWhole(const Array &labels, const std::string &where, LabelUse use, std::map<std::int64_t, std::int64_t> &counts)
{
    if constexpr (sizeof(T) <= 2) {
        std::vector<std::int64_t> histogram(std::size_t{1} << (8 * sizeof(T)), 0);
        for (const T v : labels.span<T>())
            ++histogram[static_cast<std::make_unsigned_t<T>>(v)];
        for (std::size_t i = 0; i < histogram.size(); ++i)
            if (histogram[i])
                counts[static_cast<T>(i)] += histogram[i];
    } else {
        // Neighbors are mostly equal: count runs.
        const auto values = labels.span<T>();
        for (std::size_t i = 0; i < values.size();) {
            std::size_t j = i + 1;
            while (j < values.size() && values[j] == values[i])
                ++j;
            if constexpr (std::is_floating_point_v<T>)
                if (!(std::abs(values[i]) < 1e15) || values[i] != std::floor(values[i]))
                    throw Error({where, "labels that are whole numbers (classes 0, 1, 2, ... or a mask of 0 and 255)",
                                 fmt::format("{} at ", values[i]) + position(static_cast<std::int64_t>(i), labels.dim(1)),
                                 std::isnan(values[i])       ? ""
                                 : use == LabelUse::Training ? "set a threshold to turn a map into two classes"
                                                             : "save the labels as whole numbers"});
            counts[static_cast<std::int64_t>(values[i])] += static_cast<std::int64_t>(j - i);
            if (counts.size() > mostValues)
                break;
            i = j;
        }
    }
    if (counts.size() > mostValues)
        tooMany(where, "more than " + std::to_string(mostValues) + " different values", use);
}

} // namespace

std::map<std::int64_t, std::int64_t> countLabels(const Array &labels, const std::string &where, LabelUse use)
{
    std::map<std::int64_t, std::int64_t> counts;
    Array::visit(labels.dtype(), [&](auto t) { countWhole<decltype(t)>(labels, where, use, counts); });
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

bool hasSoftEdges(const std::map<std::int64_t, std::int64_t> &counts)
{
    // Classes 0, 1, ..., 20 with 255 to be ignored have nothing in the upper half.
    return counts.size() > 16 && counts.begin()->first == 0 && counts.rbegin()->first <= 255 && counts.rbegin()->first >= 128 &&
           std::next(counts.rbegin())->first > counts.rbegin()->first / 2;
}

void requireSharp(const std::map<std::int64_t, std::int64_t> &counts, const std::string &where, LabelUse use)
{
    std::int64_t pixels = 0, extremes = 0;
    for (const auto &[value, n] : counts) {
        pixels += n;
        extremes += value == 0 || value == counts.rbegin()->first ? n : 0;
    }
    // A mask that was blurred, scaled or saved as JPEG: nearly all pixels at both ends and a little of everything between.
    if (hasSoftEdges(counts) && static_cast<double>(extremes) > 0.5 * static_cast<double>(pixels))
        throw Error({where, "classes 0, 1, 2, ... or a mask of two values",
                     "the values " + valuesText(counts) + ", like a mask with soft edges",
                     std::string(use == LabelUse::Training ? "set a threshold (such as 128), or " : "") +
                         "save the mask without smoothing or JPEG compression"});
}

LabelClasses classesOf(const std::map<std::int64_t, std::int64_t> &counts, bool brightForeground, const std::string &where)
{
    auto values = counts;
    if (values.size() > 2)
        values.erase(ignoredClass);
    if (values.size() < 2)
        throw Error({where, "labels of at least two values", "only " + valuesText(counts),
                     "these labels mark nothing that could be learned"});
    if (values.begin()->first < 0)
        throw Error({where, "labels of 0 or more", std::to_string(values.begin()->first), {}});
    requireSharp(counts, where, LabelUse::Training);
    if (values.size() > 255)
        tooMany(where, std::to_string(values.size()) + " different values", LabelUse::Training);
    return comparedClasses(counts, brightForeground, where);
}

LabelClasses comparedClasses(const std::map<std::int64_t, std::int64_t> &counts, bool brightForeground, const std::string &where)
{
    auto values = counts;
    const bool ignored = values.size() > 2 && values.erase(ignoredClass);
    return comparedClasses(values, brightForeground, where, ignored);
}

LabelClasses comparedClasses(const std::map<std::int64_t, std::int64_t> &values, bool brightForeground, const std::string &where,
                             bool ignored)
{
    LabelClasses c;
    c.ignoring = ignored;
    if (values.size() > 255)
        tooMany(where, std::to_string(values.size()) + " different values", LabelUse::Comparing);
    c.two = values.size() <= 2;
    if (c.two) {
        const bool single = values.size() < 2, empty = values.empty() || (single && values.begin()->first == 0);
        // The value that one alone does not show: nothing is read as it, and it is written for the other class.
        const std::int64_t low = empty    ? 0
                                 : single ? std::min<std::int64_t>(0, values.begin()->first - 1)
                                          : values.begin()->first;
        const std::int64_t high = empty ? 255 : values.rbegin()->first;
        c.values = brightForeground ? std::vector{low, high} : std::vector{high, low};
        c.names = {"background", "foreground"};
        c.text = single
                     ? "labels " + std::to_string(empty ? 0 : high) + ": all " +
                           (empty == brightForeground ? "background" : "foreground")
                     : "labels " + valuesText(values) + ": two classes (" + std::to_string(c.values[1]) + " is the foreground)";
    } else {
        for (const auto &[value, n] : values) {
            c.values.push_back(value);
            c.names.push_back(std::to_string(value));
        }
        c.text = "labels " + valuesText(values) + ": " + std::to_string(values.size()) + " classes";
    }
    for (std::size_t k = 0; k < c.values.size(); ++k)
        c.index[c.values[k]] = static_cast<std::uint8_t>(k);
    if (c.ignoring) {
        c.index[ignoredClass] = ignoredClass;
        c.text += ", 255 is ignored";
    }
    return c;
}

Json LabelClasses::toJson() const
{
    Json list = Json::array();
    for (std::size_t k = 0; k < names.size(); ++k) {
        std::vector<std::int64_t> all;
        for (const auto &[value, c] : index)
            if (c == k)
                all.push_back(value);
        list.push_back({{"name", names[k]}, {"values", all}});
    }
    std::vector<std::int64_t> ignored;
    for (const auto &[value, c] : index)
        if (c == ignoredClass)
            ignored.push_back(value);
    return {{"classes", list}, {"ignored", ignored}, {"threshold", threshold}};
}

LabelClasses LabelClasses::fromJson(const Json &json)
{
    try {
        LabelClasses c;
        const auto &list = json.at("classes");
        if (!list.is_array() || list.empty() || list.size() > 255)
            throw Error({"labels", "1 to 255 classes", json.dump().substr(0, 60), {}});
        for (const auto &one : list) {
            const auto all = one.at("values").get<std::vector<std::int64_t>>();
            if (all.empty())
                throw Error({"labels", "a value for each class", json.dump().substr(0, 60), {}});
            for (const auto v : all)
                c.index[v] = static_cast<std::uint8_t>(c.names.size());
            c.values.push_back(all.front());
            c.names.push_back(one.at("name").get<std::string>());
        }
        for (const auto v : json.at("ignored").get<std::vector<std::int64_t>>())
            c.index[v] = ignoredClass;
        c.two = c.names.size() == 2;
        c.ignoring = c.index.count(255) && c.index.at(255) == ignoredClass;
        c.threshold = json.value("threshold", 0.0);
        c.text = "labels " + c.classText() + (c.ignoring ? ", 255 is ignored" : "");
        return c;
    } catch (const Json::exception &) {
        throw Error({"labels", "the classes of a model and their values", json.dump().substr(0, 60), {}});
    }
}

LabelClasses classesOfModel(const Json &description)
{
    if (description.contains("labels"))
        return LabelClasses::fromJson(description.at("labels"));
    std::map<std::int64_t, std::int64_t> values;
    if (const auto names = description.find("classNames"); names != description.end() && names->is_array() && names->size() > 2)
        for (const auto &name : *names) {
            const auto text = name.is_string() ? name.get<std::string>() : std::string();
            if (text.empty() || text.size() > 10 || text.find_first_not_of("0123456789") != std::string::npos)
                return {};
            values[std::stoll(text)] = 1;
        }
    return values.empty() ? LabelClasses() : comparedClasses(values, true, "labels", false);
}

std::string LabelClasses::classText() const
{
    std::map<std::int64_t, std::int64_t> all;
    for (const auto v : values)
        all[v] = 1;
    return two ? fmt::format("{} (background) and {} (foreground)", values[0], values[1]) : files::valuesText(all);
}

LabelClasses LabelClasses::fitting(const std::map<std::int64_t, std::int64_t> &counts, std::string &note) const
{
    LabelClasses c = *this;
    std::int64_t others = 0;
    for (const auto &[value, n] : counts)
        others += value != ignoredClass;
    if (counts.count(255) && !c.index.count(255) && others >= (two ? 2 : 1)) {
        c.index[ignoredClass] = ignoredClass;
        c.ignoring = true;
        if (others == 1) // it may be the foreground of a mask, which these classes have no place for
            note = fmt::format("255 is no class of {} ({}). These pixels are not compared.",
                               owner.empty() ? "these labels" : owner, classText());
    }
    if (!two || counts.empty() || std::min(values[0], values[1]) != 0)
        return c;
    const auto foreground = counts.rbegin()->first, own = std::max(values[0], values[1]);
    const bool mask = (foreground == 1 || foreground == 255) && counts.size() == (counts.count(0) ? 2 : 1);
    if (mask && !c.index.count(foreground)) {
        c.index[foreground] = c.index.at(own);
        note = fmt::format("The file has the values 0 and {}, and {} 0 and {}. Reticle treats {} as {}.", foreground,
                           owner.empty() ? "the classes have" : owner + " has", own, foreground, own);
    }
    return c;
}

Array LabelClasses::classesOf(const Array &labels, const std::string &where) const
{
    Array out(DType::UInt8, labels.shape());
    Array::visit(labels.dtype(), [&](auto t) {
        using T = decltype(t);
        auto *to = out.data<std::uint8_t>();
        const auto all = labels.span<T>();
        T last{};
        bool known = false;
        std::uint8_t one = 0;
        for (std::size_t i = 0; i < all.size(); ++i) { // neighbors are mostly equal
            if (!known || all[i] != last) {
                bool whole = true;
                if constexpr (std::is_floating_point_v<T>)
                    whole = std::abs(all[i]) < T(1e15) && all[i] == std::floor(all[i]);
                const auto it = whole ? index.find(static_cast<std::int64_t>(all[i])) : index.end();
                if (it == index.end()) {
                    const auto value = whole ? std::to_string(static_cast<std::int64_t>(all[i])) : fmt::format("{}", all[i]);
                    throw Error(Error::Kind::Input, where,
                                fmt::format("The value {} at {} belongs to no class of {}: {}. Use labels with these "
                                            "values, or set pixels to ignore to 255.",
                                            value, position(static_cast<std::int64_t>(i), labels.dim(1)),
                                            owner.empty() ? "these labels" : owner, classText()));
                }
                one = it->second;
                last = all[i];
                known = true;
            }
            to[i] = one;
        }
    });
    return out;
}

Array LabelClasses::valuesOf(const Array &classes) const
{
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const auto type = *low < 0 || *high > 4294967295 ? DType::Float32
                      : *high > 65535                ? DType::UInt32
                      : *high > 255                  ? DType::UInt16
                                                     : DType::UInt8;
    Array out(type, classes.shape());
    Array::visit(type, [&](auto t) {
        using T = decltype(t);
        auto *to = out.data<T>();
        for (const auto c : classes.span<std::uint8_t>())
            *to++ = static_cast<T>(c < values.size() ? values[c] : c);
    });
    return out;
}

Array plainLabels(Array page, bool alpha, double threshold, const std::string &where)
{
    if (page.rank() == 3) {
        const std::int64_t channels = page.dim(2), used = alpha ? channels - 1 : channels, n = page.dim(0) * page.dim(1);
        Array gray(page.dtype(), {page.dim(0), page.dim(1)});
        Array::visit(page.dtype(), [&](auto t) {
            using T = decltype(t);
            const T *p = page.data<T>();
            T *q = gray.data<T>();
            for (std::int64_t i = 0; i < n; ++i, p += channels) {
                for (std::int64_t k = 1; k < used; ++k)
                    if (p[k] != p[0])
                        throw Error({where, "labels of one channel (a number per pixel)", "colors at " + position(i, page.dim(1)),
                                     "save each class as a number: 0, 1, 2, ..."});
                q[i] = p[0];
            }
        });
        page = gray;
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
