#include "analysis/classification/RunDiagnostics_p.h"

#include "learn/modules/Mlp_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Means of units over rows, (rows, columns) of UnitTiles; pixels after the last unit are 0.
Array unitImage(const torch::Tensor &activations)
{
    const auto means = activations.to(torch::kDouble).mean(0).to(torch::kFloat).contiguous();
    const auto tiles = unitTiles(means.numel());
    Array image(DType::Float32, {tiles.rows, tiles.columns});
    std::copy_n(means.data_ptr<float>(), means.numel(), image.data<float>());
    return image;
}

Series barsOf(const std::vector<double> &values)
{
    Series bars;
    bars.kind = SeriesKind::Bar;
    for (std::size_t i = 0; i < values.size(); ++i)
        bars.x.push_back(static_cast<double>(i));
    bars.y = values;
    return bars;
}

} // namespace

HiddenLayers hiddenLayers(Module &module, const Tensors &batch)
{
    HiddenLayers hidden;
    if (!dynamic_cast<HasHiddenLayers *>(&module))
        return hidden;
    const auto layers = activityOf(module, batch);
    if (layers.empty())
        return hidden;
    std::vector<std::string> names;
    std::vector<std::int64_t> units, dead;
    std::vector<double> deviations, fractions, gains;
    double before = std::numeric_limits<double>::quiet_NaN(); // of the first layer there is none to compare with
    for (const auto &layer : layers) {
        const auto width = layer.activations.size(1);
        names.push_back(layer.name);
        units.push_back(width);
        dead.push_back(std::llround(layer.deadFraction * static_cast<double>(width)));
        deviations.push_back(layer.deviation);
        fractions.push_back(layer.deadFraction);
        gains.push_back(layer.deviation / before);
        before = layer.deviation;
    }
    const auto rows = layers.front().activations.size(0);
    hidden.deadUnits = 0;
    std::int64_t all = 0;
    for (std::size_t i = 0; i < dead.size(); ++i) {
        hidden.deadUnits += dead[i];
        all += units[i];
    }
    if (2 * hidden.deadUnits > all)
        hidden.warning =
            fmt::format("{} of {} hidden units ({:.1f} %) are 0 for each of {} rows. Choose another initialization "
                        "or activation, or a lower learning rate.",
                        hidden.deadUnits, all, 100 * static_cast<double>(hidden.deadUnits) / static_cast<double>(all), rows);
    hidden.table.title = "Hidden layers";
    hidden.table.columns = {{"layer", "", names},
                            {"units", "", units},
                            {"sd before activation", "", deviations},
                            {"relative to the layer before", "", gains, 3},
                            {"dead units", "", dead},
                            {"dead fraction", "", fractions, 3}};

    XYPanel spread, deadPanel;
    spread.x.label = deadPanel.x.label = "layer";
    spread.x.categories = deadPanel.x.categories = names;
    spread.y.label = "sd before activation";
    deadPanel.y.label = "dead fraction of units";
    spread.y.min = deadPanel.y.min = 0;
    deadPanel.y.max = 1;
    spread.series.push_back(barsOf(deviations));
    deadPanel.series.push_back(barsOf(fractions));
    auto &f = hidden.figure;
    f.name = "hidden-layers";
    f.title = "Hidden layers";
    f.caption =
        fmt::format("(a) Standard deviation of the values that enter the activation of each hidden layer, and (b) part of "
                    "its units that are exactly 0, for {} rows.",
                    rows);
    Panel a, b;
    a.letter = "a";
    a.content = std::move(spread);
    b.letter = "b";
    b.column = 1;
    b.content = std::move(deadPanel);
    f.panels = {std::move(a), std::move(b)};
    if (std::ranges::all_of(units, [&](auto n) { return n == units.front(); })) {
        ImageGridPanel grid;
        grid.columns = static_cast<int>(std::min<std::size_t>(layers.size(), 6));
        grid.gap = 1;
        double largest = 0;
        std::vector<Array> images;
        for (const auto &layer : layers) {
            images.push_back(unitImage(layer.activations));
            for (std::int64_t i = 0; i < images.back().size(); ++i)
                largest = std::max(largest, images.back().value(i));
        }
        for (auto &image : images) {
            ImagePanel cell;
            cell.image = std::move(image);
            cell.black = 0;
            cell.white = largest > 0 ? largest : 1;
            grid.cells.push_back(std::move(cell));
        }
        Panel c;
        c.row = 1;
        c.columnSpan = 2;
        c.letter = "c";
        c.content = std::move(grid);
        f.panels.push_back(std::move(c));
        f.caption +=
            fmt::format(" (c) Mean activation of each unit, one image a layer from the first to the last, black at 0 and "
                        "white at {:.3g}.",
                        largest > 0 ? largest : 1);
    }
    return hidden;
}

} // namespace reticle
