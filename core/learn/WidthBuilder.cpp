#include "learn/WidthBuilder.h"

#include "foundation/Error.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

std::vector<double> scaled(const std::vector<double> &nominal, double w)
{
    auto widths = nominal;
    for (auto &x : widths)
        x *= w;
    return widths;
}

std::vector<double> real(const std::vector<std::int64_t> &widths)
{
    return {widths.begin(), widths.end()};
}

} // namespace

std::string withThousands(std::int64_t n)
{
    auto text = std::to_string(n);
    for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > (n < 0 ? 1 : 0); i -= 3)
        text.insert(static_cast<std::size_t>(i), ",");
    return text;
}

std::int64_t countWeights(const WidthFamily &family, const std::vector<std::int64_t> &widths)
{
    return std::llround(family.count(real(widths)));
}

std::vector<std::int64_t> chooseWidths(const WidthFamily &family, std::int64_t target, const std::vector<std::int64_t> &given)
{
    if (given.empty())
        return solveWidths(family, target);
    if (given.size() != family.nominal.size())
        throw Error({"model.widths",
                     std::to_string(family.nominal.size()) + " widths for this net (" + family.name + ")",
                     std::to_string(given.size()),
                     {}});
    return given;
}

std::vector<std::int64_t> solveWidths(const WidthFamily &family, std::int64_t target)
{
    const auto goal = static_cast<double>(target);
    double low = 0, high = 1;
    while (family.count(scaled(family.nominal, high)) < goal && high < 1e6)
        high *= 2;
    for (int i = 0; i < 200; ++i) {
        const double middle = (low + high) / 2;
        (family.count(scaled(family.nominal, middle)) < goal ? low : high) = middle;
    }
    const auto ideal = scaled(family.nominal, (low + high) / 2);

    std::vector<std::int64_t> widths;
    for (const double x : ideal)
        widths.push_back(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(x + 0.5))));

    std::vector<std::vector<int>> moves = family.tied;
    for (int i = 0; i < static_cast<int>(widths.size()); ++i) {
        const bool inSet = std::any_of(family.tied.begin(), family.tied.end(),
                                       [i](const auto &set) { return std::find(set.begin(), set.end(), i) != set.end(); });
        if (!inSet)
            moves.push_back({i});
    }

    const auto distance = [&](const std::vector<std::int64_t> &w) { return std::abs(family.count(real(w)) - goal); };
    while (distance(widths) > 0.01 * goal) {
        auto best = widths;
        for (const auto &move : moves) {
            for (const int step : {-1, 1}) {
                auto next = widths;
                bool allowed = true;
                for (const int i : move) {
                    next[i] += step;
                    const auto value = static_cast<double>(next[i]);
                    allowed = allowed && next[i] >= 1 && value >= ideal[i] / 2 - 1 && value <= 2 * ideal[i] + 1;
                }
                if (allowed && distance(next) < distance(best))
                    best = next;
            }
        }
        if (best == widths)
            throw Error({"model.weights",
                         withThousands(target) + " \u00b1 1 % to be within reach of this family (" + family.name + ")",
                         "nearest " + withThousands(countWeights(family, widths)), "ask for that number or give the widths"});
        widths = best;
    }
    return widths;
}

} // namespace reticle
