#include "analysis/ScoreFigures.h"

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
