#include "classification/Calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace reticle {

double Calibration::error() const
{
    double sum = 0, rows = 0;
    for (const auto &bin : bins)
        if (bin.right.all > 0) {
            const auto n = static_cast<double>(bin.right.all);
            sum += n * std::abs(bin.right.value - bin.sure);
            rows += n;
        }
    return rows > 0 ? sum / rows : std::numeric_limits<double>::quiet_NaN();
}

Table Calibration::table() const
{
    std::vector<double> from, to, sure, right, low, high;
    std::vector<std::int64_t> rows;
    for (const auto &bin : bins) {
        from.push_back(bin.from);
        to.push_back(bin.to);
        rows.push_back(bin.right.all);
        sure.push_back(bin.sure);
        right.push_back(bin.right.value);
        low.push_back(bin.right.low);
        high.push_back(bin.right.high);
    }
    Table t;
    t.title = "Calibration";
    t.columns = {{"probability above", "", from, 2}, {"up to", "", to, 2},       {"rows", "", rows},
                 {"mean probability", "", sure, 3},  {"accuracy", "", right, 3}, {"accuracy, 95 % from", "", low, 3},
                 {"accuracy, 95 % to", "", high, 3}};
    return t;
}

Figure Calibration::figure() const
{
    XYPanel panel;
    panel.x.label = "mean probability of the predicted class";
    panel.y.label = "accuracy";
    panel.x.min = panel.y.min = 0;
    panel.x.max = panel.y.max = 1;
    Series ideal;
    ideal.name = "as sure as right";
    ideal.color = "#999999";
    ideal.dash = Dash::Dashed;
    ideal.x = ideal.y = {0, 1};
    Series intervals, points;
    intervals.kind = SeriesKind::ErrorBar;
    points.kind = SeriesKind::Line;
    points.name = fmt::format("model (error {:.3f})", error());
    points.color = intervals.color = "#0072B2";
    for (const auto &bin : bins)
        if (bin.right.all > 0) {
            points.x.push_back(bin.sure);
            points.y.push_back(bin.right.value);
            intervals.lower.push_back(bin.right.low);
            intervals.upper.push_back(bin.right.high);
        }
    intervals.x = points.x;
    intervals.y = points.y;
    panel.series.push_back(std::move(ideal));
    if (!points.x.empty()) {
        panel.series.push_back(std::move(points));
        panel.series.push_back(std::move(intervals));
    }
    Figure f;
    f.name = "calibration";
    f.title = "Calibration";
    f.widthMm = 120;
    f.caption = fmt::format("Accuracy over the mean probability of the predicted class, in {} bins of equal width. Bars are 95 % "
                            "intervals (Wilson). Below the dashed line the model is surer than it is right.",
                            bins.size());
    Panel a;
    a.content = std::move(panel);
    f.panels.push_back(std::move(a));
    return f;
}

Calibration calibrationOf(const ClassProbabilities &p, const std::vector<std::int64_t> &truth, int bins)
{
    assert(bins >= 1);
    p.check(truth);
    const auto count = static_cast<std::size_t>(bins);
    std::vector<std::int64_t> hits(count, 0), rows(count, 0);
    std::vector<double> sums(count, 0);
    const auto predicted = p.predicted();
    for (std::size_t r = 0; r < truth.size(); ++r) {
        const double sure = p.at(static_cast<std::int64_t>(r), predicted[r]);
        const auto bin = static_cast<std::size_t>(std::clamp(static_cast<int>(std::ceil(sure * bins)) - 1, 0, bins - 1));
        ++rows[bin];
        hits[bin] += predicted[r] == truth[r];
        sums[bin] += sure;
    }
    Calibration all;
    for (std::size_t b = 0; b < count; ++b) {
        Calibration::Bin bin;
        bin.from = static_cast<double>(b) / bins;
        bin.to = static_cast<double>(b + 1) / bins;
        bin.right = wilson(hits[b], rows[b]);
        if (rows[b] > 0)
            bin.sure = sums[b] / static_cast<double>(rows[b]);
        all.bins.push_back(bin);
    }
    return all;
}

} // namespace reticle
