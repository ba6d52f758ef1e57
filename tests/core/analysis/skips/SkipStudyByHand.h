#pragma once

#include "analysis/skips/SkipStudy.h"
#include "core/analysis/SkipNet.h"

namespace reticle::test::study {

/// A slice's curve at two thresholds: counts tp, fp, fn, tn and V_Rand of each.
inline std::vector<StudyScores> curve(PixelCounts low, double lowRand, PixelCounts high, double highRand)
{
    std::vector<StudyScores> c(2);
    c[0].classes.threshold = 0.2;
    c[0].classes.pixels = low;
    c[0].classes.regions.vRand = lowRand;
    c[1].classes.threshold = 0.6;
    c[1].classes.pixels = high;
    c[1].classes.regions.vRand = highRand;
    return c;
}

inline WaveletSums sums(double fine, double coarse)
{
    WaveletSums s;
    s.levels.resize(2);
    s.levels[0].energy[0] = s.levels[0].energy[1] = s.levels[0].energy[2] = fine / 3;
    s.levels[1].energy[0] = coarse;
    return s;
}

/// Two slices of 100 px and two skips, each replaced by its mean: what follows can be told by hand.
inline SkipMeasurement byHand()
{
    SkipMeasurement m;
    m.options.ablate = m.options.shuffle = false;
    m.names = {"skip 0", "skip 1"};
    m.thresholds = {0.2, 0.6};
    m.networks.resize(1);
    m.networks[0].run = 3;
    m.networks[0].slices = {7, 9};
    m.layout.rows = m.layout.columns = 8;
    m.layout.levels.resize(2); // the coarser first
    m.layout.levels[0].level = 2;
    m.layout.levels[0].rows = m.layout.levels[0].columns = 2;
    m.layout.levels[1].level = 1;
    m.layout.levels[1].rows = m.layout.levels[1].columns = 4;
    m.what = "run 3";
    m.className = "blob";
    m.shown.index = 7;
    m.shown.image = Array(DType::UInt8, {8, 8});
    m.shown.truth = Array(DType::UInt8, {8, 8});
    const auto add = [&](std::string skip, std::vector<int> skips, std::vector<StudyScores> first,
                         std::vector<StudyScores> second, double fine) {
        StudiedChange c;
        c.change = {SkipWay::Mean, std::move(skips)};
        c.skip = std::move(skip);
        c.curves = {std::move(first), std::move(second)};
        c.power = {sums(fine, 8), sums(3 * fine, 8)};
        c.example = Array(DType::Float32, {8, 8});
        m.networks[0].changes.push_back(std::move(c));
    };
    const auto first = curve({40, 10, 0, 50}, 0.9, {38, 2, 2, 58}, 0.7),
               second = curve({20, 20, 0, 60}, 0.8, {18, 0, 2, 80}, 0.8);
    add("", {}, first, second, 4);
    add("skip 0", {0}, curve({30, 0, 10, 60}, 0.5, {20, 0, 20, 60}, 0.8), curve({16, 4, 4, 76}, 0.6, {10, 0, 10, 80}, 0.7), 1);
    add("skip 1", {1}, first, second, 4);
    add("all", {0, 1}, curve({0, 0, 40, 60}, 0.2, {0, 0, 40, 60}, 0.1), curve({0, 0, 20, 80}, 0.2, {0, 0, 20, 80}, 0.1), 0);
    return m;
}

inline bool near(double a, double b)
{
    return std::abs(a - b) < 1e-12;
}

} // namespace reticle::test::study
