#pragma once

#include "figure/Figure.h"
#include "project/Project.h"
#include "protocol/RunScores.h"

#include <map>

namespace reticle {

/// Metrics of a run by name, in order of steps.
using Metrics = std::map<std::string, std::vector<MetricPoint>>;

struct CurveOptions
{
    bool logScale = false;
    double smoothing = 0.6; ///< 0 = raw, towards 1 = smoother; weight of the past in an exponential mean
    bool byTime = false;    ///< x axis: seconds of work instead of steps
    std::string score;      ///< where there are more than `fewColors` colors, only this score is drawn
};

/// So many colors have a name in the legend for each kind of line; more have one each, and their scores one kind of line.
constexpr int fewColors = 4;
/// More than that cannot be told apart: the rest stays in the background (RunMetrics::others).
constexpr int mostColors = 8;

struct RunMetrics
{
    std::string title;
    const Metrics *metrics;
    int color = -1;        ///< of the palette; -1 = the next one. Runs of one color share the first one's name in the legend
    RunScores scores = {}; ///< what the run says of them
    /// One of those that are drawn gray, behind, under one name; 0 = it has a color of its own, else how many settings are.
    int others = 0;
};

/// Exponential mean corrected for its start (Kingma and Ba 2015, section 3); NaN is passed over. One value a point.
std::vector<double> smoothed(const std::vector<MetricPoint> &points, double smoothing);

/// Losses as a figure: training raw faint with its smoothed line, validation as a line with markers; one color a run.
/// At most a few thousand points a series: the smallest and largest of each stretch are kept.
Figure lossFigure(const std::vector<RunMetrics> &runs, const CurveOptions &options);
/// Validation scores that are fractions ("validation.dice", …) on 0..1; no panels where there are none.
Figure scoreFigure(const std::vector<RunMetrics> &runs, const CurveOptions &options);

/// One row a run: number, title, state, the settings that differ between the runs, last losses and best scores, steps,
/// time, weights.
Table runTable(const std::vector<RunInfo> &runs);

} // namespace reticle
