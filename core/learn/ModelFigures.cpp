#include "learn/ModelFigures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace reticle {

namespace {

Panel panel(int column, const char *letter, XYPanel content)
{
    Panel p;
    p.column = column;
    p.letter = letter;
    p.content = std::move(content);
    return p;
}

XYPanel bars(const std::vector<BlockCost> &blocks, const char *label, const char *color, std::int64_t BlockCost::*value)
{
    XYPanel p;
    p.x.label = label;
    p.x.min = 0;
    p.legend = LegendPlace::None;
    Series s;
    s.kind = SeriesKind::Bar;
    s.color = color;
    for (const auto &b : blocks) {
        p.y.categories.push_back(b.name);
        s.y.push_back(static_cast<double>(s.y.size()));
        s.x.push_back(static_cast<double>(b.*value));
    }
    p.series = {s};
    return p;
}

const std::vector<std::string> &words(const Table &table, const char *column)
{
    return std::get<std::vector<std::string>>(table.find(column)->values);
}

const std::vector<std::int64_t> &numbers(const Table &table, const char *column)
{
    return std::get<std::vector<std::int64_t>>(table.find(column)->values);
}

} // namespace

std::string blockOf(const std::string &layer)
{
    auto name = layer.substr(0, std::min(layer.find('.'), layer.find("_layer")));
    const auto digit = name.find_first_of("0123456789");
    if (digit == std::string::npos)
        return name;
    return name.substr(0, name.find_first_not_of("0123456789", digit));
}

void addToBlock(std::vector<BlockCost> &blocks, const std::string &layer, std::int64_t weights, std::int64_t macs)
{
    const auto name = blockOf(layer);
    auto it = std::find_if(blocks.begin(), blocks.end(), [&](const BlockCost &b) { return b.name == name; });
    if (it == blocks.end())
        it = blocks.insert(it, {name, 0, 0});
    it->weights += weights;
    it->macs += macs;
}

Figure blockFigure(const std::vector<BlockCost> &blocks, const std::string &title, const std::string &seen)
{
    Figure f;
    f.name = "layer-costs";
    f.title = "Weights and multiplications by block";
    f.caption =
        fmt::format("{}: (a) weights and (b) multiplications of each block in the order of execution, for {}.", title, seen);
    f.heightMm = std::max(60.0, 18 + 4.2 * static_cast<double>(blocks.size()));
    f.panels = {panel(0, "a", bars(blocks, "weights", "#0072B2", &BlockCost::weights)),
                panel(1, "b", bars(blocks, "multiplications", "#D55E00", &BlockCost::macs))};
    return f;
}

Figure stepFigure(const Table &step, const std::string &title, const std::string &seen)
{
    constexpr double mib = 1048576;
    const auto &part = words(step, "part"), &layer = words(step, "layer");
    const auto &maximum = numbers(step, "at most"), &after = numbers(step, "at the end");
    Figure f;
    f.name = "step-memory";
    f.title = "Memory along a training step";
    XYPanel p;
    p.x.label = "stretch of the step, in order of execution";
    p.y.label = "memory";
    p.y.unit = "MiB";
    p.y.min = 0;
    Series highest, end;
    highest.name = "at most";
    highest.color = "#D55E00";
    end.name = "at its end";
    end.color = "#0072B2";
    std::size_t peak = 0;
    for (std::size_t i = 0; i < maximum.size(); ++i) {
        for (auto *s : {&highest, &end})
            s->x.push_back(static_cast<double>(i + 1));
        highest.y.push_back(static_cast<double>(maximum[i]) / mib);
        end.y.push_back(static_cast<double>(after[i]) / mib);
        if (maximum[i] > maximum[peak])
            peak = i;
        if (i > 0 && part[i] != part[i - 1])
            p.references.push_back({'x', static_cast<double>(i) + 0.5, part[i]});
    }
    p.series = {highest, end};
    const auto where = layer[peak].empty() ? part[peak] : part[peak] + " " + layer[peak];
    p.references.push_back({'y', static_cast<double>(maximum[peak]) / mib,
                            fmt::format("{:.4g} MiB: {}", static_cast<double>(maximum[peak]) / mib, where)});
    p.y.max = 1.12 * static_cast<double>(maximum[peak]) / mib;
    f.panels = {panel(0, "", std::move(p))};
    f.caption = fmt::format("Memory in a training step of {} with {}, weights, optimizer, input and labels among it: in "
                            "each layer forwards, in the loss, in each layer backwards and in the optimizer's step. The most, "
                            "{:.4g} MiB, is alive at stretch {} ({}).",
                            title, seen, static_cast<double>(maximum[peak]) / mib, peak + 1, where);
    return f;
}

} // namespace reticle
