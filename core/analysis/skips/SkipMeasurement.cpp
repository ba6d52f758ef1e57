#include "analysis/skips/SkipStudy.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

// The numbers of a skip study.

namespace reticle {

namespace {

std::vector<double> energy(const std::vector<WaveletSums> &sums, const WaveletLayout &layout)
{
    return powerOfSet(sums, layout, PowerMeasure::Energy, PowerBands::All, false, true).value;
}

/// Mean of a set's squared values, which wavelets keep.
double meanSquare(const std::vector<WaveletSums> &sums, const WaveletLayout &layout)
{
    double total = 0;
    for (const auto &s : sums) {
        total += s.approximationEnergy;
        for (const auto &level : s.levels)
            total += level.energy[0] + level.energy[1] + level.energy[2];
    }
    return total / (static_cast<double>(sums.size()) * static_cast<double>(layout.rows * layout.columns));
}

/// Energies of a over those of b, but not over what the roundings of float32 leave where there is no detail.
std::vector<double> ratioOfDetail(const std::vector<WaveletSums> &a, const std::vector<WaveletSums> &b,
                                  const WaveletLayout &layout)
{
    auto whole = energy(b, layout);
    const double maximum = std::max(*std::ranges::max_element(whole), meanSquare(b, layout));
    for (auto &v : whole)
        v = v > 1e-12 * maximum ? v : 0;
    return ratioOf(energy(a, layout), whole);
}

std::vector<WaveletSums> together(const std::vector<const StudiedNetwork *> &networks)
{
    std::vector<WaveletSums> all;
    for (const auto *n : networks)
        all.insert(all.end(), n->changes.front().power.begin(), n->changes.front().power.end());
    return all;
}

std::vector<const StudiedNetwork *> pointersTo(const std::vector<StudiedNetwork> &networks)
{
    std::vector<const StudiedNetwork *> all;
    for (const auto &n : networks)
        all.push_back(&n);
    return all;
}

} // namespace

std::string nameOf(const SkipAct &act)
{
    switch (act.way) {
    case SkipWay::Ablated: return "ablated";
    case SkipWay::Shuffled: return "shuffled";
    case SkipWay::Mean: return "mean";
    case SkipWay::Scaled: break;
    }
    return fmt::format("scaled by {:g}", act.factor);
}

std::vector<StudyScore> SkipMeasurement::scores() const
{
    if (images)
        return {{"rmse", "RMSE", [](const StudyScores &s) { return s.image.rmse; }, true, false},
                {"ssim", "SSIM", [](const StudyScores &s) { return s.image.similarity; }, false, false}};
    std::vector<StudyScore> all{
        {"dice", "Dice", [](const StudyScores &s) { return s.classes.pixels.dice(); }, false, false},
        {"iou", "IoU", [](const StudyScores &s) { return s.classes.pixels.iou(); }, false, false},
        {"v-rand", "V_Rand", [](const StudyScores &s) { return s.classes.regions.vRand; }, false, true},
        {"pixel-error", "pixel error", [](const StudyScores &s) { return s.classes.pixels.pixelError(); }, true, false}};
    if (!options.regions)
        std::erase_if(all, [](const StudyScore &s) { return s.region; });
    return all;
}

StudyScore SkipMeasurement::score(const std::string &key) const
{
    const auto all = scores();
    const auto it = std::ranges::find(all, key, &StudyScore::key);
    assert(it != all.end());
    return *it;
}

StudyScore SkipMeasurement::mainScore() const
{
    return score(images ? "rmse" : options.regions ? "v-rand" : "dice");
}

StudyCost SkipMeasurement::cost(const StudiedNetwork &network, std::size_t change, const StudyScore &score) const
{
    const auto &whole = network.changes.front().curves, &curves = network.changes[change].curves;
    const int best = bestThreshold(whole, score.of, score.smallest), own = bestThreshold(curves, score.of, score.smallest);
    // Of each slice, so that what differs between slices anyway is not taken for spread of the drop.
    const auto drops = [&](const std::vector<std::vector<StudyScores>> &changed, int at) {
        std::vector<double> d;
        for (std::size_t i = 0; i < changed.size(); ++i) {
            const double difference = best < 0 || at < 0 ? nan
                                                         : score.of(whole[i][static_cast<std::size_t>(best)]) -
                                                               score.of(changed[i][static_cast<std::size_t>(at)]);
            d.push_back(score.smallest ? -difference : difference);
        }
        return meanOf(d);
    };
    const auto value = [&](int at) {
        return at < 0 ? nan : meansOverSlices(curves, score.of).first[static_cast<std::size_t>(at)];
    };
    const auto thresholdAt = [&](int at) { return at < 0 ? nan : thresholds[static_cast<std::size_t>(at)]; };
    StudyCost c;
    c.threshold = thresholdAt(best);
    c.value = value(best);
    const Mean drop = drops(curves, best), ownDrop = drops(curves, own);
    c.drop = drop.mean;
    c.dropSd = drop.sd;
    c.ownThreshold = thresholdAt(own);
    c.ownBest = value(own);
    c.ownDrop = ownDrop.mean;
    c.ownDropSd = ownDrop.sd;
    c.valueSd = c.reliance = c.relianceSd = nan;
    if (change > 0) {
        const auto same = of(network.changes[change].act());
        const double all = drops(network.changes[same.back()].curves, best).mean;
        if (all > 0)
            c.reliance = c.drop / all;
    }
    return c;
}

StudyCost SkipMeasurement::cost(std::size_t change, const StudyScore &score) const
{
    if (!several())
        return cost(networks.front(), change, score);
    std::vector<StudyCost> each;
    for (const auto &n : networks)
        each.push_back(cost(n, change, score));
    const auto over = [&](double StudyCost::*member) {
        std::vector<double> v;
        for (const auto &c : each)
            v.push_back(c.*member);
        return meanOf(v);
    };
    StudyCost c;
    c.threshold = over(&StudyCost::threshold).mean;
    c.value = over(&StudyCost::value).mean;
    c.valueSd = over(&StudyCost::value).sd;
    c.drop = over(&StudyCost::drop).mean;
    c.dropSd = over(&StudyCost::drop).sd;
    c.ownThreshold = over(&StudyCost::ownThreshold).mean;
    c.ownBest = over(&StudyCost::ownBest).mean;
    c.ownDrop = over(&StudyCost::ownDrop).mean;
    c.ownDropSd = over(&StudyCost::ownDrop).sd;
    c.reliance = over(&StudyCost::reliance).mean;
    c.relianceSd = over(&StudyCost::reliance).sd;
    return c;
}

std::vector<std::size_t> SkipMeasurement::of(const SkipAct &act) const
{
    std::vector<std::size_t> found;
    for (std::size_t i = 1; i < changes().size(); ++i)
        if (changes()[i].act() == act)
            found.push_back(i);
    return found;
}

std::vector<SkipAct> SkipMeasurement::ways() const
{
    std::vector<SkipAct> all;
    for (const auto way : {SkipWay::Ablated, SkipWay::Shuffled, SkipWay::Mean})
        if (!of({way}).empty())
            all.push_back({way});
    if (all.empty() && changes().size() > 1) {
        SkipAct minimum = changes()[1].act();
        for (std::size_t i = 2; i < changes().size(); ++i)
            minimum.factor = std::min(minimum.factor, changes()[i].change.factor);
        all.push_back(minimum);
    }
    return all;
}

std::vector<std::vector<std::pair<double, std::size_t>>> SkipMeasurement::scaleCurves() const
{
    std::vector<double> factors;
    for (const auto &c : changes())
        if (c.change.way == SkipWay::Scaled)
            factors.push_back(c.change.factor);
    if (factors.empty())
        return {};
    std::ranges::sort(factors);
    factors.erase(std::unique(factors.begin(), factors.end()), factors.end());
    std::vector<std::vector<std::pair<double, std::size_t>>> all(names.size() > 1 ? names.size() + 1 : names.size());
    for (std::size_t k = 0; k < all.size(); ++k) {
        // Ablated is scaled by 0.
        if (const auto ablated = of({SkipWay::Ablated}); !ablated.empty() && factors.front() > 0)
            all[k].emplace_back(0, ablated[k]);
        for (const double f : factors)
            all[k].emplace_back(f, of({SkipWay::Scaled, f})[k]);
        all[k].emplace_back(1, 0);
    }
    return all;
}

std::vector<const StudiedNetwork *> SkipMeasurement::retrainedWithout(std::size_t change) const
{
    std::vector<const StudiedNetwork *> all;
    for (const auto &n : retrained)
        if (n.without == changes()[change].change.skips)
            all.push_back(&n);
    return all;
}

std::vector<RetrainedScores> SkipMeasurement::retrainedScores(const StudyScore &score) const
{
    std::vector<RetrainedScores> all;
    if (ways().empty())
        return all;
    for (const auto i : of(ways().back())) {
        const auto without = retrainedWithout(i);
        if (without.empty())
            continue;
        std::vector<double> whole, knocked, again;
        for (const auto &n : networks) {
            whole.push_back(cost(n, 0, score).value);
            knocked.push_back(cost(n, i, score).value);
        }
        for (const auto *n : without)
            again.push_back(cost(*n, 0, score).value);
        RetrainedScores r{i, meanOf(whole), meanOf(knocked), meanOf(again), nan};
        const double drop = (r.whole.mean - r.knocked.mean) * (score.smallest ? -1 : 1);
        if (drop > 0)
            r.back = (r.retrained.mean - r.knocked.mean) / (r.whole.mean - r.knocked.mean);
        all.push_back(r);
    }
    return all;
}

std::vector<double> SkipMeasurement::powerRatio(const StudiedNetwork &network, std::size_t change) const
{
    return ratioOfDetail(network.changes[change].power, network.changes.front().power, layout);
}

std::vector<double> SkipMeasurement::powerRatio(std::size_t change) const
{
    if (!several())
        return powerRatio(networks.front(), change);
    std::vector<std::vector<double>> logs(layout.levels.size());
    for (const auto &n : networks) {
        const auto ratio = powerRatio(n, change);
        for (std::size_t l = 0; l < ratio.size(); ++l)
            logs[l].push_back(std::log(ratio[l]));
    }
    std::vector<double> mean;
    for (const auto &l : logs)
        mean.push_back(std::exp(meanOf(l).mean)); // 0 where one has nothing left
    return mean;
}

std::vector<double> SkipMeasurement::logPowerRatioSd(std::size_t change) const
{
    if (!several())
        return logRatioSd(changes()[change].power, changes().front().power, layout, PowerMeasure::Energy, PowerBands::All, false);
    std::vector<double> sd;
    for (std::size_t l = 0; l < layout.levels.size(); ++l) {
        std::vector<double> logs;
        for (const auto &n : networks)
            logs.push_back(std::log(powerRatio(n, change)[l]));
        sd.push_back(meanOf(logs).sd);
    }
    return sd;
}

std::vector<double> SkipMeasurement::retrainedPowerRatio(std::size_t change) const
{
    return ratioOfDetail(together(retrainedWithout(change)), together(pointersTo(networks)), layout);
}

std::vector<double> SkipMeasurement::power() const
{
    return energy(together(pointersTo(networks)), layout);
}

std::vector<double> SkipMeasurement::originalPower() const
{
    std::vector<WaveletSums> all;
    for (const auto &n : networks)
        all.insert(all.end(), n.originals.begin(), n.originals.end());
    return energy(all, layout);
}

// ---- in words

std::string skipText(const SkipMeasurement &m)
{
    const auto s = m.mainScore();
    const auto slices = m.networks.front().slices.size();
    std::string text = fmt::format(
        "Over {} of {}{}: {} {:.4f} as {}", slices == 1 ? "one slice" : fmt::format("{} slices", slices), m.what,
        m.images ? "" : ", " + m.className, s.label, m.cost(0, s).value, m.several() ? "they are (means over runs)" : "it is");
    // The fairest way that was taken speaks for the study.
    const auto act = m.ways().back();
    const auto entries = m.of(act);
    std::size_t worst = entries.front();
    for (const auto i : entries)
        if (m.changes()[i].change.skips.size() == 1 && m.cost(i, s).drop > m.cost(worst, s).drop)
            worst = i;
    const std::string done = act.way == SkipWay::Mean       ? "replaced by their mean"
                             : act.way == SkipWay::Shuffled ? "taken from another slice"
                                                            : nameOf(act);
    const auto cost = m.cost(worst, s);
    text += fmt::format(
        "; of the skips {} {} costs most ({:.4f}{}{})", done, m.changes()[worst].skip, cost.value, m.images ? "" : " remain",
        std::isfinite(cost.reliance) && m.names.size() > 1 ? fmt::format(", reliance {:.2f}", cost.reliance) : "");
    if (entries.size() > 1 && m.names.size() > 1)
        text += fmt::format(", all together {} {:.4f}", m.images ? "give" : "leave", m.cost(entries.back(), s).value);
    text += ".";
    for (const auto &r : m.retrainedScores(s)) {
        text += fmt::format(" Trained without {}: {:.4f}",
                            m.changes()[r.change].skip == "all" ? "any skip" : m.changes()[r.change].skip, r.retrained.mean);
        if (std::isfinite(r.back))
            text += fmt::format(", {:.0f} % of the drop won back", 100 * r.back);
        text += ".";
    }
    return text;
}

} // namespace reticle
