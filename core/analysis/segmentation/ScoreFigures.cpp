#include "analysis/segmentation/ScoreFigures.h"

#include <algorithm>
#include <cmath>

namespace reticle {

void ProbabilityCounts::add(const Array &probability, const Array &truth, std::int64_t classIndex)
{
    const auto *p = probability.data<float>();
    const auto *t = truth.data<std::uint8_t>();
    for (std::int64_t i = 0; i < probability.size(); ++i) {
        if (t[i] == SegmentationData::ignore)
            continue;
        const int bin = std::clamp(static_cast<int>(p[i] * bins), 0, bins - 1);
        ++(t[i] == classIndex ? ofClass : ofOthers)[bin];
    }
}

void ProbabilityCounts::add(const ProbabilityCounts &b)
{
    for (int i = 0; i < bins; ++i) {
        ofClass[i] += b.ofClass[i];
        ofOthers[i] += b.ofOthers[i];
    }
}

Array middleOf(const Array &a, std::int64_t side)
{
    if (a.empty() || (a.dim(0) <= side && a.dim(1) <= side))
        return a;
    const std::int64_t h = std::min(a.dim(0), side), w = std::min(a.dim(1), side);
    const std::int64_t top = (a.dim(0) - h) / 2, left = (a.dim(1) - w) / 2;
    auto shape = a.shape();
    shape[0] = h;
    shape[1] = w;
    Array out(a.dtype(), shape);
    const auto pixel = static_cast<std::int64_t>(byteSize(a.dtype())) * (a.rank() == 3 ? a.dim(2) : 1);
    for (std::int64_t y = 0; y < h; ++y)
        std::copy_n(a.raw() + ((top + y) * a.dim(1) + left) * pixel, w * pixel, out.raw() + y * w * pixel);
    return out;
}

SegmentedSlice middleOf(const SegmentedSlice &slice, std::int64_t side)
{
    SegmentedSlice s;
    s.index = slice.index;
    s.image = middleOf(slice.image, side);
    s.truth = middleOf(slice.truth, side);
    if (slice.prediction.rank() != 3) {
        s.prediction = middleOf(slice.prediction, side);
        return s;
    }
    for (std::int64_t k = 0; k < slice.prediction.dim(0); ++k) {
        const Array plane = middleOf(slice.prediction.at(k), side);
        if (k == 0)
            s.prediction = Array(plane.dtype(), {slice.prediction.dim(0), plane.dim(0), plane.dim(1)});
        std::copy_n(plane.raw(), plane.bytes(), s.prediction.raw() + static_cast<std::size_t>(k) * plane.bytes());
    }
    return s;
}

std::string shownPart(const SegmentedSlice &slice, std::int64_t side)
{
    const auto &p = slice.prediction;
    const std::int64_t h = p.dim(-2), w = p.dim(-1);
    if (h <= side && w <= side)
        return {};
    return ", its middle of " + std::to_string(std::min(w, side)) + " x " + std::to_string(std::min(h, side)) + " px";
}

ImagePanel imagePanel(const SegmentedSlice &slice, std::int64_t classIndex, double pixelSize)
{
    ImagePanel p;
    if (slice.image.empty()) {
        p.image = classProbability(slice.prediction, classIndex);
        p.black = 0;
        p.white = 1;
    } else {
        p.image = slice.image;
    }
    p.pixelSize = pixelSize;
    p.unit = "nm";
    return p;
}

Array errorLabels(const Array &predicted, const Array &truth, std::int64_t classIndex)
{
    Array out(DType::UInt8, truth.shape());
    for (std::int64_t i = 0; i < out.size(); ++i) {
        const auto t = truth.data<std::uint8_t>()[i];
        if (t == SegmentationData::ignore)
            continue;
        const bool is = t == classIndex, said = predicted.data<std::uint8_t>()[i] == classIndex;
        out.data<std::uint8_t>()[i] = is == said ? 0 : is ? 1 : 2;
    }
    return out;
}

Array classLabels(const Array &labels, std::int64_t classIndex)
{
    Array out(DType::UInt8, labels.shape());
    for (std::int64_t i = 0; i < out.size(); ++i)
        out.data<std::uint8_t>()[i] = labels.data<std::uint8_t>()[i] == classIndex;
    return out;
}

Panel panel(int row, int column, std::string letter, std::string title, decltype(Panel::content) content)
{
    Panel p;
    p.row = row;
    p.column = column;
    p.letter = std::move(letter);
    p.title = std::move(title);
    p.content = std::move(content);
    return p;
}

} // namespace reticle
