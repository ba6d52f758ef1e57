#pragma once

#include "figure/Figure.h"

#include <cmath>
#include <limits>

namespace reticle::test {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Two smooth curves with a band, falling from left to right: the top right corner is free.
inline Figure curves()
{
    XYPanel panel;
    panel.x.label = "epoch";
    panel.y.label = "loss";
    Series training{.name = "training"}, validation{.name = "validation"}, band{.name = "sd, n = 5"};
    band.kind = SeriesKind::Band;
    band.color = "#e69f00";
    for (int i = 1; i <= 40; ++i) {
        training.x.push_back(i);
        training.y.push_back(0.1 + 0.6 * std::exp(-i / 8.0));
        validation.x.push_back(i);
        validation.y.push_back(0.2 + 0.5 * std::exp(-i / 7.0));
        band.x.push_back(i);
        band.lower.push_back(validation.y.back() - 0.03);
        band.upper.push_back(validation.y.back() + 0.03);
    }
    panel.series = {training, validation, band};
    Figure figure;
    figure.name = "curves";
    figure.title = "Loss curves";
    figure.caption = "Loss of training and validation.";
    figure.widthMm = 85;
    Panel p;
    p.letter = "a";
    p.title = "Loss < 1 & \"falling\"";
    p.content = panel;
    figure.panels = {p};
    return figure;
}

inline Array floats(std::vector<std::int64_t> shape, const std::vector<float> &values)
{
    return Array::of<float>(std::move(shape), values);
}

/// One panel of each kind and every field that can be set.
inline Figure everything()
{
    Figure figure = curves();
    figure.name = "everything";
    figure.widthMm = 174;
    XYPanel log;
    log.x = {.label = "frequency", .unit = "1/µm", .scale = Axis::Scale::Log};
    log.y = {.label = "power", .unit = "", .scale = Axis::Scale::Log};
    Series points{.name = "measured", .kind = SeriesKind::Scatter, .x = {1, 10, 100, 1000}, .y = {5, 0.4, 0.06, 0.004}};
    Series error{.name = "", .kind = SeriesKind::ErrorBar, .x = {1, 10, 100, 1000}, .y = {}};
    error.lower = {4, 0.3, 0.05, 0.003};
    error.upper = {6, 0.5, 0.08, 0.005};
    error.color = "#000000";
    log.series = {points, error};
    log.references = {{'y', 0.1, "limit"}, {'x', 30, "cut-off"}};
    Panel second{.column = 1, .letter = "b", .content = log};

    XYPanel bars;
    bars.x.categories = {"U-Net", "FCN", "atrous"};
    bars.y = {.label = "score", .min = 0.0, .max = 1.2};
    bars.series = {
        {.name = "Dice", .kind = SeriesKind::Bar, .x = {0, 1, 2}, .y = {0.9, 0.8, 0.85}},
        {.name = "IoU", .kind = SeriesKind::Bar, .x = {0, 1, 2}, .y = {0.8, 0.7, 0.74}, .opacity = 0.8},
        {.name = "area", .kind = SeriesKind::Area, .x = {0, 1, 2}, .y = {0.1, nan, 0.3}, .width = 1.5, .dash = Dash::DashDot}};
    bars.legend = LegendPlace::Outside;
    Panel third{.row = 1, .letter = "c", .content = bars};

    HeatMapPanel heat;
    heat.x = {.label = "predicted", .categories = {"membrane", "cell"}};
    heat.y = {.label = "true", .categories = {"membrane", "cell"}};
    heat.values = floats({2, 2}, {0.9f, 0.1f, static_cast<float>(nan), 0.75f}).as(DType::Float64);
    heat.values.data<double>()[2] = nan;
    heat.color = {.label = "fraction", .min = 0.0, .max = 1.0};
    heat.colorMap = "cividis";
    Panel fourth{.row = 1, .column = 1, .letter = "d", .title = "Confusion", .content = heat};

    ImagePanel image;
    image.image = Array(DType::UInt8, {24, 32});
    Array labels(DType::Int32, {24, 32});
    Array probability(DType::Float32, {24, 32});
    for (int y = 0; y < 24; ++y)
        for (int x = 0; x < 32; ++x) {
            image.image.data<std::uint8_t>()[y * 32 + x] = static_cast<std::uint8_t>(x * 8);
            labels.data<std::int32_t>()[y * 32 + x] = x < 16 ? 1 : y < 12 ? 2 : 0;
            probability.data<float>()[y * 32 + x] = static_cast<float>(y) / 23;
        }
    image.black = 0;
    image.white = 255;
    image.colorBar = true;
    image.colorLabel = "gray value";
    image.pixelSize = 4;
    image.overlays = {{Overlay::Kind::Labels, labels, {"background", "membrane", "cell"}, "viridis", 0.4},
                      {Overlay::Kind::Probability, probability, {}, "magma", 0.3},
                      {Overlay::Kind::Outlines, labels, {}, "viridis", 1}};
    Panel fifth{.row = 2, .letter = "e", .content = image};

    ImageGridPanel grid;
    grid.columns = 2;
    grid.gap = 2;
    ImagePanel cell;
    cell.image = image.image;
    grid.cells = {cell, cell, cell, cell};
    grid.columnTitles = {"input", "target"};
    grid.rowTitles = {"slice 1", "slice 2"};
    Panel sixth{.row = 2, .column = 1, .letter = "f", .content = grid};

    HistogramPanel histogram;
    histogram.x.label = "gray value";
    histogram.y.label = "pixels";
    histogram.histograms = {{"before", {0, 1, 2, 4}, {5, 8, 2}, ""}, {"after", {0, 1, 2, 4}, {1, 9, 4}, "#0072b2"}};
    histogram.references = {{'x', 1.5, "threshold"}};
    Panel seventh{.row = 3, .letter = "g", .content = histogram};

    Table table;
    table.title = "Scores";
    table.columns = {{"model", "", std::vector<std::string>{"U-Net", "FCN"}, -1},
                     {"Dice", "", std::vector<double>{0.9125, nan}, 3},
                     {"weights", "k", std::vector<std::int64_t>{488, -3}, -1}};
    Panel eighth{.row = 3, .column = 1, .letter = "h", .title = "Scores", .content = TablePanel{table}};

    for (auto &p : {second, third, fourth, fifth, sixth, seventh, eighth})
        figure.panels.push_back(p);
    return figure;
}

} // namespace reticle::test
