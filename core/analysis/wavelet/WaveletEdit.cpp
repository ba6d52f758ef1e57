#include "analysis/wavelet/WaveletEdit.h"

#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace reticle {

namespace {

constexpr std::string_view orientations = "HVD";

std::string all(const std::array<bool, 3> &bands)
{
    std::string names;
    for (std::size_t o = 0; o < 3; ++o)
        if (bands[o])
            names += (names.empty() ? "" : " and ") + std::string(1, orientations[o]);
    return names;
}

std::vector<std::string> itemsOf(const std::string &drop)
{
    constexpr const char *between = ";, \t\n";
    std::vector<std::string> items;
    for (std::size_t begin = drop.find_first_not_of(between); begin != std::string::npos;) {
        const auto end = drop.find_first_of(between, begin);
        items.push_back(drop.substr(begin, end == std::string::npos ? end : end - begin));
        begin = drop.find_first_not_of(between, end);
    }
    return items;
}

std::optional<int> numberOf(std::string_view text)
{
    int n = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
    return code == std::errc() && end == text.data() + text.size() ? std::optional(n) : std::nullopt;
}

} // namespace

bool WaveletEdit::anything() const
{
    return approximation || threshold != Threshold::None ||
           std::ranges::any_of(dropped, [](const auto &b) { return b[0] || b[1] || b[2]; });
}

std::string WaveletEdit::text() const
{
    std::vector<std::string> parts;
    if (approximation)
        parts.push_back("the approximation");
    // What goes at all levels is said once.
    std::array<bool, 3> everywhere{};
    for (std::size_t o = 0; o < 3; ++o)
        everywhere[o] = dropped.size() > 1 && std::ranges::all_of(dropped, [o](const auto &b) { return b[o]; });
    const bool details = everywhere[0] && everywhere[1] && everywhere[2];
    if (details)
        parts.push_back("all details");
    else if (const auto names = all(everywhere); !names.empty())
        parts.push_back("orientation " + names);
    for (std::size_t l = 0; l < dropped.size() && !details; ++l) {
        auto bands = dropped[l];
        if (bands[0] && bands[1] && bands[2]) {
            parts.push_back(fmt::format("level {}", l + 1));
            continue;
        }
        for (std::size_t o = 0; o < 3; ++o)
            bands[o] = bands[o] && !everywhere[o];
        if (const auto names = all(bands); !names.empty())
            parts.push_back(fmt::format("{} of level {}", names, l + 1));
    }
    if (threshold != Threshold::None)
        parts.push_back(
            fmt::format("details below the universal threshold ({})", threshold == Threshold::Soft ? "soft" : "hard"));
    std::string text;
    for (const auto &p : parts)
        text += (text.empty() ? "" : ", ") + p;
    return text;
}

WaveletEdit waveletEdit(const std::string &drop, const std::string &threshold, int levels)
{
    WaveletEdit edit;
    edit.dropped.resize(static_cast<std::size_t>(levels));
    edit.threshold = threshold == "soft"   ? WaveletEdit::Threshold::Soft
                     : threshold == "hard" ? WaveletEdit::Threshold::Hard
                                           : WaveletEdit::Threshold::None;
    for (const auto &item : itemsOf(drop)) {
        const auto colon = item.find(':');
        const std::string_view band = colon == std::string::npos ? std::string_view{} : std::string_view(item).substr(colon + 1);
        const auto orientation = [](std::string_view name) {
            return name.size() == 1 ? orientations.find(name[0]) : std::string_view::npos;
        };
        if (const auto o = orientation(item); o != std::string_view::npos) {
            for (auto &bands : edit.dropped)
                bands[o] = true;
            continue;
        }
        if (item == "A" || item == "0") {
            edit.approximation = true;
            continue;
        }
        const auto level = numberOf(std::string_view(item).substr(0, colon));
        const auto o = orientation(band);
        if (!level || (colon != std::string::npos && o == std::string_view::npos))
            throw Error(Error::Kind::Input, "drop",
                        fmt::format("\"{}\" is no level (2), no band of one (1:H), no orientation of all (H, V, D) and "
                                    "not the approximation (A).",
                                    item));
        if (*level < 1 || *level > levels)
            throw Error(Error::Kind::Input, "drop",
                        fmt::format("level must be {} as there {} level{}, not {}.",
                                    levels > 1 ? fmt::format("1..{}", levels) : "1",
                                    levels > 1 ? fmt::format("are {}", levels) : "is 1", levels > 1 ? "s" : "", *level));
        auto &bands = edit.dropped[static_cast<std::size_t>(*level) - 1];
        if (colon == std::string::npos)
            bands = {true, true, true};
        else
            bands[o] = true;
    }
    return edit;
}

WaveletNoise noiseOf(const WaveletPyramid &p)
{
    const Array finest = p.band(1, Orientation::D);
    std::vector<double> v;
    for (std::int64_t i = 0; i < finest.size(); ++i)
        v.push_back(std::abs(finest.value(i)));
    const auto middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
    std::nth_element(v.begin(), middle, v.end());
    double median = *middle;
    if (v.size() % 2 == 0)
        median = (median + *std::max_element(v.begin(), middle)) / 2;
    WaveletNoise noise{median / 0.6745, p.layout.rows * p.layout.columns, 0};
    noise.threshold = noise.sigma * std::sqrt(2 * std::log(static_cast<double>(noise.n)));
    return noise;
}

void shrinkDetails(WaveletPyramid &p, double threshold, bool soft)
{
    auto c = p.coefficients.span<double>();
    const auto first = static_cast<std::size_t>(p.layout.approximationRows * p.layout.approximationColumns);
    for (std::size_t i = first; i < c.size(); ++i) {
        if (std::abs(c[i]) <= threshold)
            c[i] = 0;
        else if (soft)
            c[i] -= std::copysign(threshold, c[i]);
    }
}

EditedImage withoutDropped(const Array &original, const WaveletPyramid &pyramid, const WaveletFilter &filter, WaveletMode mode,
                           const WaveletEdit &edit, const WaveletNoise &noise)
{
    WaveletPyramid p = pyramid;
    p.coefficients = pyramid.coefficients.clone();
    if (edit.threshold != WaveletEdit::Threshold::None)
        shrinkDetails(p, noise.threshold, edit.threshold == WaveletEdit::Threshold::Soft);
    for (std::size_t l = 0; l < edit.dropped.size(); ++l)
        for (std::size_t o = 0; o < 3; ++o)
            if (edit.dropped[l][o])
                p.clear(static_cast<int>(l) + 1, static_cast<Orientation>(o));
    if (edit.approximation)
        p.clearApproximation();
    EditedImage e{reconstruct(p, filter, mode), original.clone()};
    const double *left = e.image.data<double>();
    double *rest = e.residual.data<double>();
    for (std::int64_t i = 0; i < e.residual.size(); ++i)
        rest[i] -= left[i];
    return e;
}

} // namespace reticle
