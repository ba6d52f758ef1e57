#pragma once

#include "ablation/AblationEffects.h"

#include <cmath>

namespace reticle::test {

inline bool near(double a, double b, double tolerance = 1e-12)
{
    return std::abs(a - b) <= tolerance;
}

/// Scores of all cells, cell 0 first, by repeat: values[repeat][cell].
inline AblationScores scoresOf(std::vector<std::string> axes, const std::vector<std::vector<double>> &values)
{
    AblationScores scores;
    scores.axes = std::move(axes);
    for (std::size_t r = 0; r < values.size(); ++r) {
        scores.repeats.push_back("seed " + std::to_string(r + 1));
        for (std::size_t cell = 0; cell < values[r].size(); ++cell)
            scores.outcomes[cell].push_back({values[r][cell], -1});
    }
    return scores;
}

/// Mean validation accuracy on digits of 10 seeds: training loop L (bit 0), input of the loss S (bit 1), start and bias I (bit
/// 2).
inline const std::vector<double> digits{.477, .879, .646, .940, .754, .978, .781, .973};

/// The same with an offset for each seed and a little noise that differs between cells and seeds.
inline std::vector<std::vector<double>> tenSeeds(double noise)
{
    std::vector<std::vector<double>> all;
    for (int seed = 0; seed < 10; ++seed) {
        auto values = digits;
        for (std::size_t cell = 0; cell < values.size(); ++cell)
            values[cell] += 0.001 * seed + noise * std::sin(7.0 * seed + 3.0 * static_cast<double>(cell));
        all.push_back(values);
    }
    return all;
}

} // namespace reticle::test
