#include "analysis/classification/RunDiagnostics_p.h"

#include "data/table/FeatureTable.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace reticle {

namespace {

constexpr std::size_t mostPoints = 1000; // of a curve

std::string shapeText(const torch::Tensor &t)
{
    std::string text;
    for (const auto n : t.sizes())
        text += (text.empty() ? "" : " x ") + std::to_string(n);
    return text.empty() ? "1" : text;
}

/// Means of neighboring steps where there are many.
Series lossSeries(const std::string &name, const std::vector<MetricPoint> &points)
{
    Series line;
    line.name = name;
    const auto width = std::max<std::size_t>(1, (points.size() + mostPoints - 1) / mostPoints);
    for (std::size_t from = 0; from < points.size(); from += width) {
        const auto to = std::min(from + width, points.size());
        double step = 0, value = 0;
        for (std::size_t i = from; i < to; ++i) {
            step += static_cast<double>(points[i].step);
            value += points[i].value;
        }
        line.x.push_back(step / static_cast<double>(to - from));
        line.y.push_back(value / static_cast<double>(to - from));
    }
    return line;
}

} // namespace

Table parameterTable(Module &module, const Objective &objective, const Tensors &batch)
{
    const bool training = module.is_training();
    module.eval();
    const torch::AutoGradMode gradients(true);
    module.zero_grad();
    objective.measure(module.run(batch), batch).total.backward();
    module.train(training);
    std::vector<std::string> names, shapes;
    std::vector<std::int64_t> counts;
    std::vector<double> means, sds, norms;
    for (const auto &p : module.named_parameters()) {
        const auto values = p.value().detach().to(torch::kCPU, torch::kDouble);
        names.push_back(p.key());
        shapes.push_back(shapeText(values));
        counts.push_back(values.numel());
        means.push_back(values.mean().item<double>());
        sds.push_back(values.std(false).item<double>());
        const auto &gradient = p.value().grad();
        norms.push_back(gradient.defined() ? gradient.to(torch::kDouble).norm().item<double>() : NAN);
    }
    module.zero_grad();
    Table t;
    t.title = "Parameters";
    t.columns = {{"tensor", "", names}, {"shape", "", shapes}, {"values", "", counts},
                 {"mean", "", means},   {"sd", "", sds},       {"gradient norm, one batch", "", norms}};
    return t;
}

RowUsage rowUsage(const ClassificationTask &task, std::int64_t steps, const std::function<bool(double done)> &goOn)
{
    const auto &training = task.data().split().training;
    std::map<std::int64_t, std::size_t> place;
    for (std::size_t i = 0; i < training.size(); ++i)
        place[training[i]] = i;
    RowUsage usage;
    usage.counts.assign(training.size(), 0);
    const auto source = task.batches();
    for (std::int64_t step = 0; step < steps; ++step) {
        if (step % 64 == 0 && !goOn(static_cast<double>(step) / static_cast<double>(steps)))
            break;
        for (const auto example : source->batch(step).examples)
            if (const auto it = place.find(example); it != place.end())
                ++usage.counts[it->second];
    }
    return usage;
}

Table inputRangeTable(const ClassificationTask &task, const std::vector<std::int64_t> &examples)
{
    const auto &specs = task.data().specs();
    const auto input = std::find_if(specs.begin(), specs.end(), [](const auto &s) { return s.name != "target"; });
    if (input->shape.size() != 1 || input->shape.front() < 1)
        return {};
    FeatureTable values;
    values.names = input->categories;
    for (auto i = static_cast<std::int64_t>(values.names.size()); i < input->shape.front(); ++i)
        values.names.push_back(fmt::format("{} {}", input->name, i + 1));
    for (const auto example : examples) {
        const Array row = task.data().example(example).at(input->name);
        for (std::int64_t i = 0; i < row.size(); ++i)
            values.values.push_back(row.value(i));
        ++values.rows;
    }
    Table t = values.rangeTable();
    t.title = "Ranges of the features, as the network gets them";
    return t;
}

Table seedTable(const std::vector<RunInfo> &runs)
{
    std::vector<std::string> names;
    std::vector<StreamSeeds> seeds;
    for (const auto &run : runs) {
        const Recipe recipe(run.recipe);
        const auto split = recipe.section("data").value("split-seed", std::int64_t(0));
        names.push_back(fmt::format("run {}", run.id));
        seeds.push_back({{"split", split > 0 ? static_cast<std::uint64_t>(split) : recipe.seed()},
                         {"first weights", recipe.seed()},
                         {"batches", recipe.seed()},
                         {"dropout", recipe.seed()}});
    }
    return seedAuditTable(names, seeds);
}

Figure lossFigure(const Project &project, std::int64_t run, double floor)
{
    Figure f;
    f.name = "loss";
    f.title = "Loss";
    XYPanel panel;
    panel.x.label = "step";
    panel.y.label = "loss";
    double last = 0;
    for (const auto &[metric, name] : {std::pair{"train.loss", "training, each step"},
                                       {"validation.training-loss", "training part"},
                                       {"validation.loss", "validation part"}})
        if (auto line = lossSeries(name, project.metric(run, metric)); !line.x.empty()) {
            last = std::max(last, line.x.back());
            panel.series.push_back(std::move(line));
        }
    if (panel.series.empty())
        return f;
    f.caption = "Loss over the steps of the training.";
    if (floor > 0) {
        Series line;
        line.name = fmt::format("lowest possible loss {:.4f}", floor);
        line.color = "#000000";
        line.dash = Dash::Dashed;
        line.x = {0, last};
        line.y = {floor, floor};
        panel.series.push_back(std::move(line));
        f.caption += fmt::format(" No network can reach a loss below {:.4f} (dashed) with these settings.", floor);
    }
    Panel a;
    a.content = std::move(panel);
    f.panels.push_back(std::move(a));
    return f;
}

} // namespace reticle
