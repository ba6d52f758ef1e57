#include "learn/memory/MemoryUse_p.h"

#include <cmath>
#include <limits>

namespace reticle {

std::int64_t MemoryUse::withSlack(std::int64_t bytes) const
{
    // PageHeap keeps an eighth in gaps at most; half of that is told. Workspaces were measured by tests/bench/MemoryBench.cpp.
    return threads > 0 ? bytes + bytes / 16 + (4 + 2 * threads) * 1048576 : bytes;
}

std::int64_t MemoryUse::trainingOf(std::int64_t images) const
{
    const auto n = static_cast<double>(images);
    double maximum = growth.empty() ? std::ceil(n * static_cast<double>(training) / static_cast<double>(batch)) : 0;
    for (const auto &g : growth)
        maximum = std::max(maximum, std::ceil(g.each * n + g.fixed));
    const auto each = (static_cast<double>(input) + static_cast<double>(labels)) / static_cast<double>(batch);
    const double step = static_cast<double>(fixed()) + std::ceil(each * n) + maximum;
    const double all = std::max(step, static_cast<double>(checkpointing()));
    return all < 0x1p62 ? withSlack(static_cast<std::int64_t>(all)) : std::numeric_limits<std::int64_t>::max();
}

std::int64_t MemoryUse::batchThatFits(std::int64_t bytes) const
{
    if (input + labels + training <= 0)
        return 0;
    std::int64_t fits = 0, tooMany = 1;
    while (tooMany < std::int64_t(1) << 40 && trainingOf(tooMany) <= bytes) {
        fits = tooMany;
        tooMany *= 2;
    }
    while (tooMany - fits > 1) {
        const auto middle = fits + (tooMany - fits) / 2;
        (trainingOf(middle) <= bytes ? fits : tooMany) = middle;
    }
    return fits;
}

Table MemoryUse::table() const
{
    std::vector<std::string> what;
    std::vector<double> mib;
    const auto add = [&](const std::string &name, std::int64_t bytes) {
        what.push_back(name);
        mib.push_back(static_cast<double>(bytes) / 1048576);
    };
    add("weights", weights);
    add("running statistics", statistics);
    add("gradients", gradients);
    add("optimizer (" + optimizerName + ")", optimizer);
    if (objective > 0)
        add("state of the objective", objective);
    add("input", input);
    add("labels", labels);
    add("activations, prediction", prediction);
    add("activations kept for the backward pass", kept);
    add("activations, training, at most", training);
    add("total with workspaces and holes, prediction", totalPrediction());
    add("total with workspaces and holes, training", totalTraining());
    add("simple estimate", simple);
    Table t;
    t.title = "Memory";
    t.columns = {{"what", "", what}, {"memory", "MiB", mib, 3}};
    return t;
}

} // namespace reticle
