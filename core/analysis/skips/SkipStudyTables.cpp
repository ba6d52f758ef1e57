#include "analysis/skips/SkipStudy.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>

// The tables of a skip study.

namespace reticle {

namespace {

/// Where sd is over: of one network over slices.
std::string spread(const SkipMeasurement &m)
{
    return m.several() ? "sd over runs" : "sd over slices";
}

Table costTable(const SkipMeasurement &m)
{
    Table t;
    t.title = m.several() ? "Costs of changed skips: means over runs" : "Costs of changed skips";
    std::vector<std::string> skip{"none"}, way{"as it is"};
    for (std::size_t i = 1; i < m.changes().size(); ++i) {
        skip.push_back(m.changes()[i].skip);
        way.push_back(nameOf(m.changes()[i].act()));
    }
    t.columns = {{"skip", "", skip}, {"way", "", way}};
    for (const auto &s : m.scores()) {
        std::vector<double> value, sd, drop, dropSd, reliance, own;
        for (std::size_t i = 0; i < m.changes().size(); ++i) {
            const auto c = m.cost(i, s);
            value.push_back(c.value);
            sd.push_back(c.valueSd);
            drop.push_back(c.drop);
            dropSd.push_back(c.dropSd);
            reliance.push_back(c.reliance);
            own.push_back(c.ownBest);
        }
        t.columns.push_back({s.label, "", value, 4});
        if (m.several())
            t.columns.push_back({"sd of " + s.label, "", sd, 4});
        t.columns.push_back({(s.smallest ? "rise of " : "drop of ") + s.label, "", drop, 4});
        if (m.several())
            t.columns.push_back({"sd of " + t.columns.back().name, "", dropSd, 4});
        t.columns.push_back({"reliance by " + s.label, "", reliance, 3});
        if (s.region)
            t.columns.push_back({s.label + " at its own best", "", own, 4});
    }
    return t;
}

Table scoreTable(const SkipMeasurement &m)
{
    Table t;
    t.title = m.several() ? "Every score: means over runs" : "Every score: means over slices";
    std::vector<std::string> skip, way, score;
    std::vector<double> threshold, value, drop, sd, ownThreshold, own, ownDrop, ownSd, reliance, relianceSd;
    for (std::size_t i = 1; i < m.changes().size(); ++i)
        for (const auto &s : m.scores()) {
            const auto c = m.cost(i, s);
            skip.push_back(m.changes()[i].skip);
            way.push_back(nameOf(m.changes()[i].act()));
            score.push_back(s.label);
            threshold.push_back(c.threshold);
            value.push_back(c.value);
            drop.push_back(c.drop);
            sd.push_back(c.dropSd);
            ownThreshold.push_back(c.ownThreshold);
            own.push_back(c.ownBest);
            ownDrop.push_back(c.ownDrop);
            ownSd.push_back(c.ownDropSd);
            reliance.push_back(c.reliance);
            relianceSd.push_back(c.relianceSd);
        }
    t.columns = {{"skip", "", skip}, {"way", "", way}, {"score", "", score}};
    if (m.images) { // no thresholds
        t.columns.push_back({"value", "", value, 4});
        t.columns.push_back({"worse by", "", drop, 4});
        t.columns.push_back({spread(m), "", sd, 4});
    } else {
        const int decimals = m.several() ? 2 : 1; // of means
        t.columns.push_back({"best threshold as it is", "", threshold, decimals});
        t.columns.push_back({"there", "", value, 4});
        t.columns.push_back({"worse by", "", drop, 4});
        t.columns.push_back({spread(m), "", sd, 4});
        t.columns.push_back({"own best threshold", "", ownThreshold, decimals});
        t.columns.push_back({"at its own best", "", own, 4});
        t.columns.push_back({"worse by, own best", "", ownDrop, 4});
        t.columns.push_back({spread(m) + ", own best", "", ownSd, 4});
    }
    t.columns.push_back({"reliance", "", reliance, 3});
    if (m.several())
        t.columns.push_back({"sd of reliance", "", relianceSd, 3});
    return t;
}

/// Columns of levels, from coarse to fine, of rows of ratios.
void addLevels(Table &t, const std::vector<std::vector<double>> &rows, std::size_t levels)
{
    for (std::size_t l = levels; l-- > 0;) {
        std::vector<double> column;
        for (const auto &row : rows)
            column.push_back(row.empty() ? nan : row[l]);
        t.columns.push_back({fmt::format("level {}", l + 1), "", column, 4});
    }
}

Table powerTable(const SkipMeasurement &m)
{
    Table t;
    t.title = m.several() ? "Wavelet power of the output over that of the networks as they are: geometric means over runs, of "
                            "retrained ones of all their slices together"
                          : "Wavelet power of the output over that of the network as it is";
    std::vector<std::string> skip, way;
    std::vector<std::vector<double>> ratios;
    for (std::size_t i = 1; i < m.changes().size(); ++i) {
        skip.push_back(m.changes()[i].skip);
        way.push_back(nameOf(m.changes()[i].act()));
        ratios.push_back(m.powerRatio(i));
    }
    for (const auto &r : m.retrainedScores(m.mainScore())) {
        skip.push_back(m.changes()[r.change].skip);
        way.push_back("trained without");
        ratios.push_back(m.retrainedPowerRatio(r.change));
    }
    t.columns = {{"skip", "", skip}, {"way", "", way}};
    addLevels(t, ratios, m.layout.levels.size());
    return t;
}

Table sliceTable(const SkipMeasurement &m)
{
    Table t;
    t.title = m.images ? "Each slice" : "Each slice, at the thresholds that are best as it is";
    std::vector<std::int64_t> run, slice, donor;
    std::vector<std::string> skip, way;
    const auto scores = m.scores();
    std::vector<std::vector<double>> values(scores.size());
    for (const auto &n : m.networks) {
        std::vector<int> best;
        for (const auto &s : scores)
            best.push_back(bestThreshold(n.changes[0].curves, s.of, s.smallest));
        for (std::size_t z = 0; z < n.slices.size(); ++z)
            for (std::size_t i = 0; i < n.changes.size(); ++i) {
                const auto &c = n.changes[i];
                run.push_back(n.run);
                slice.push_back(n.slices[z]);
                skip.push_back(i == 0 ? "none" : c.skip);
                way.push_back(i == 0 ? "as it is" : nameOf(c.act()));
                // The slice that the skips are from: its own but for those that are shuffled.
                donor.push_back(i > 0 && c.change.way == SkipWay::Shuffled ? n.donors[z] : n.slices[z]);
                for (std::size_t k = 0; k < scores.size(); ++k)
                    values[k].push_back(best[k] < 0 ? nan : scores[k].of(c.curves[z][static_cast<std::size_t>(best[k])]));
            }
    }
    if (m.several())
        t.columns.push_back({"run", "", run});
    t.columns.push_back({"slice", "", slice});
    t.columns.push_back({"skip", "", skip});
    t.columns.push_back({"way", "", way});
    t.columns.push_back({"skips from slice", "", donor});
    for (std::size_t k = 0; k < scores.size(); ++k)
        t.columns.push_back({scores[k].label, "", values[k], 4});
    return t;
}

/// A row for each network and change, and for each network that was trained without skips.
Table runTable(const SkipMeasurement &m)
{
    Table t;
    t.title = m.images ? "Each run" : "Each run, at the thresholds that are best for it as it is";
    std::vector<std::int64_t> run, seed;
    std::vector<std::string> skip, way;
    const auto scores = m.scores();
    std::vector<std::vector<double>> value(scores.size()), drop(scores.size()), reliance(scores.size()), ratios;
    const auto add = [&](const StudiedNetwork &n, std::size_t change, std::string ofSkip, std::string how) {
        run.push_back(n.run);
        seed.push_back(n.seed);
        skip.push_back(std::move(ofSkip));
        way.push_back(std::move(how));
        const bool compared = n.without.empty();
        for (std::size_t k = 0; k < scores.size(); ++k) {
            const auto c = m.cost(n, change, scores[k]);
            value[k].push_back(c.value);
            drop[k].push_back(compared ? c.drop : nan);
            reliance[k].push_back(compared ? c.reliance : nan);
        }
        ratios.push_back(compared ? m.powerRatio(n, change) : std::vector<double>());
    };
    for (const auto &n : m.networks)
        for (std::size_t i = 0; i < n.changes.size(); ++i)
            add(n, i, i == 0 ? "none" : n.changes[i].skip, i == 0 ? "as it is" : nameOf(n.changes[i].act()));
    for (const auto &n : m.retrained) {
        std::vector<std::string> names;
        for (const int i : n.without)
            names.push_back(m.names[static_cast<std::size_t>(i)]);
        add(n, 0, n.without.size() == m.names.size() && n.without.size() > 1 ? "all" : fmt::format("{}", fmt::join(names, ", ")),
            "trained without");
    }
    t.columns = {{"run", "", run}, {"seed", "", seed}, {"skip", "", skip}, {"way", "", way}};
    for (std::size_t k = 0; k < scores.size(); ++k) {
        t.columns.push_back({scores[k].label, "", value[k], 4});
        t.columns.push_back({(scores[k].smallest ? "rise of " : "drop of ") + scores[k].label, "", drop[k], 4});
        t.columns.push_back({"reliance by " + scores[k].label, "", reliance[k], 3});
    }
    addLevels(t, ratios, m.layout.levels.size());
    return t;
}

Table retrainedTable(const SkipMeasurement &m)
{
    Table t;
    t.title = "Trained without a skip";
    std::vector<std::string> skip, score;
    std::vector<double> whole, wholeSd, knocked, knockedSd, again, againSd, back;
    std::vector<std::int64_t> runs;
    for (const auto &s : m.scores())
        for (const auto &r : m.retrainedScores(s)) {
            skip.push_back(m.changes()[r.change].skip);
            score.push_back(s.label);
            whole.push_back(r.whole.mean);
            wholeSd.push_back(r.whole.sd);
            knocked.push_back(r.knocked.mean);
            knockedSd.push_back(r.knocked.sd);
            again.push_back(r.retrained.mean);
            againSd.push_back(r.retrained.sd);
            back.push_back(r.back);
            runs.push_back(r.retrained.count);
        }
    const auto act = nameOf(m.ways().back());
    t.columns = {{"skip", "", skip},
                 {"score", "", score},
                 {"as it is", "", whole, 4},
                 {"sd over runs", "", wholeSd, 4},
                 {"knocked out (" + act + ")", "", knocked, 4},
                 {"sd of knocked out", "", knockedSd, 4},
                 {"trained without it", "", again, 4},
                 {"sd of trained without it", "", againSd, 4},
                 {"runs trained without it", "", runs},
                 {"share of the drop won back", "", back, 3}};
    return t;
}

} // namespace

std::vector<Table> skipTables(const SkipMeasurement &m)
{
    std::vector<Table> all{costTable(m), scoreTable(m), powerTable(m), sliceTable(m)};
    if (!m.retrainedScores(m.mainScore()).empty())
        all.push_back(retrainedTable(m));
    if (m.several() || !m.retrained.empty())
        all.push_back(runTable(m));
    return all;
}

} // namespace reticle
