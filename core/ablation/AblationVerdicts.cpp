#include "ablation/AblationEffects.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

std::string numberText(double value, int decimals)
{
    auto text = fmt::format("{:.{}f}", std::abs(value), decimals);
    const bool isZero = text.find_first_not_of("0.") == std::string::npos;
    return value < 0 && !isZero ? "\u2212" + text : text;
}

std::string probabilityText(double p)
{
    return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

/// "0.192 (95 % interval 0.171 to 0.213, t(9) = 20.1, p < 0.001)"
std::string effectText(const AblationEffect &e, int decimals)
{
    auto text = numberText(e.mean(), decimals);
    if (!e.hasInterval())
        return text + fmt::format(" (n={}, no interval)", e.test.pairs);
    text += fmt::format(" (95 % interval {} to {}", numberText(e.test.low, decimals), numberText(e.test.high, decimals));
    if (!std::isnan(e.test.p))
        text += fmt::format(", t({}) = {}, {}", e.test.pairs - 1, numberText(e.test.t, 1), probabilityText(e.test.p));
    return text + ")";
}

/// Whether there is anything to explain.
bool isGap(const AblationEffect &gap)
{
    return gap.isKnown() && gap.mean() > 0 && (!gap.hasInterval() || gap.test.low > 0);
}

std::string wordOf(const AblationVerdict &v, bool hasIntervals, bool rescues)
{
    if (v.necessary && v.sufficient)
        return "necessary and sufficient";
    if (v.necessary)
        return "necessary";
    if (v.harmful)
        return v.sufficient ? "sufficient, but harmful in the good recipe" : "harmful in the good recipe";
    if (v.sufficient)
        return "sufficient";
    if (v.redHerring)
        return "red herring";
    return !hasIntervals ? "no verdict" : rescues ? "contributes" : "no clear effect";
}

} // namespace

std::vector<AblationVerdict> ablationVerdicts(const AblationScores &scores, const AblationEffects &effects)
{
    std::vector<AblationVerdict> verdicts;
    const bool gap = isGap(effects.gap);
    for (std::size_t a = 0; a < scores.axes.size(); ++a) {
        const auto &knockout = effects.knockouts.at(a), &rescue = effects.rescues.at(a);
        AblationVerdict v;
        v.axis = scores.axes[a];
        v.necessary = knockout.hasInterval() && knockout.test.low > 0;
        v.harmful = knockout.hasInterval() && knockout.test.high < 0;
        if (gap && rescue.isKnown())
            v.closed = rescue.mean() / effects.gap.mean();
        v.sufficient = v.closed >= sufficientShare;
        const bool intervals = knockout.hasInterval() && rescue.hasInterval();
        v.redHerring = intervals && !v.sufficient && !knockout.excludesZero() && !rescue.excludesZero();
        v.word = wordOf(v, intervals, rescue.excludesZero() && rescue.mean() > 0);
        v.text = v.axis + ": " + v.word + ".";
        if (knockout.isKnown())
            v.text += fmt::format(" With the bad level in the good recipe, {} is worse by {}.", scores.scoreTitle,
                                  effectText(knockout, scores.decimals));
        if (rescue.isKnown())
            v.text +=
                fmt::format(" With the good level in the bad recipe, it is better by {}{}.", effectText(rescue, scores.decimals),
                            std::isnan(v.closed) ? "" : fmt::format(", which is {} % of the gap", numberText(100 * v.closed, 0)));
        if (!knockout.isKnown() || !rescue.isKnown())
            v.text += " Some of its runs are missing.";
        verdicts.push_back(std::move(v));
    }
    return verdicts;
}

std::string ablationText(const AblationScores &scores, const AblationEffects &effects)
{
    const auto &gap = effects.gap;
    if (!gap.isKnown())
        return "The good and the bad recipe have no finished runs of the same seed yet.";
    const auto mean = [&](AblationCell cell) {
        const auto m = meanAndSpread([&] {
            auto values = scores.of(cell);
            std::erase_if(values, [](double v) { return std::isnan(v); });
            return values;
        }());
        return numberText(m.mean, scores.decimals) + (std::isnan(m.sd) ? "" : fmt::format(" ± {:.{}f}", m.sd, scores.decimals));
    };
    auto title = scores.scoreTitle;
    if (!title.empty())
        title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
    std::string text = fmt::format("{} is {} with the good recipe and {} with the bad one. The gap is {}.", title,
                                   mean(goodCell(scores.axes.size())), mean(0), effectText(gap, scores.decimals));
    if (!isGap(gap))
        return text + (gap.mean() > 0 ? " The runs do not show that the good recipe is better, so there is no gap to explain."
                                      : " The recipe chosen as good does not score better. Exchange the two recipes.");
    std::map<std::string, std::vector<std::string>> byWord;
    std::vector<std::string> order;
    for (const auto &v : ablationVerdicts(scores, effects)) {
        if (!byWord.count(v.word))
            order.push_back(v.word);
        byWord[v.word].push_back(v.axis);
    }
    for (const auto &word : order) {
        auto heading = word;
        heading[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(heading[0])));
        text += fmt::format(" {}: {}.", heading, fmt::join(byWord[word], ", "));
    }
    if (!effects.shares.empty() && effects.shares.front().isKnown()) {
        const auto largest = std::max_element(effects.shares.begin(), effects.shares.end(),
                                              [](const auto &a, const auto &b) { return a.mean() < b.mean(); });
        double sum = 0;
        for (const auto &share : effects.shares)
            sum += share.mean();
        text += fmt::format(" The largest Shapley share is that of {}, {} of {}.", largest->name,
                            numberText(largest->mean(), scores.decimals), numberText(sum, scores.decimals));
    }
    return text;
}

} // namespace reticle
