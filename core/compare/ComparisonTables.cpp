#include "compare/Comparison_p.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Everything that is known of a run, with the label of its model.
struct Row
{
    std::string label;
    const RunInfo *run;
};

std::vector<Row> rowsOf(const Compared &c)
{
    std::vector<Row> rows;
    for (const auto &m : c.models)
        for (const auto &r : m.runs)
            rows.push_back({m.label, &r});
    for (const auto &u : c.uncounted)
        rows.push_back({u.label, &u.run});
    return rows;
}

/// Names of the scores that any run has.
std::vector<std::string> scoresOf(const std::vector<Row> &rows)
{
    std::vector<RunInfo> runs;
    for (const auto &row : rows)
        runs.push_back(*row.run);
    return reticle::scoresOf(runs);
}

/// The title of a column of scores: losses are of a part of the data.
std::string titleOf(const Compared &c, const std::string &score)
{
    return score == "loss" ? c.part + " loss" : scoreTitle(score, c.models.front().runs);
}

std::string titleOfModels(const std::string &noun)
{
    return noun == "model" ? "Models" : "Settings";
}

/// A cell for each row; empty where no run has groups.
std::vector<std::string> testGroupsOf(const std::vector<Row> &rows)
{
    std::vector<std::string> all;
    bool any = false;
    for (const auto &row : rows) {
        all.push_back(reticle::testGroupsOf(*row.run));
        any = any || !all.back().empty();
    }
    return any ? all : std::vector<std::string>();
}

/// The table that is written row by row: a column a key, its cells of rows that say nothing of it empty.
class LongTable
{
public:
    void number(const std::string &name, const std::string &unit) { add(name, unit, std::vector<double>()); }
    void text(const std::string &name) { add(name, "", std::vector<std::string>()); }
    void begin()
    {
        for (auto &c : m_table.columns)
            if (auto *numbers = std::get_if<std::vector<double>>(&c.values))
                numbers->push_back(nan);
            else
                std::get<std::vector<std::string>>(c.values).emplace_back();
    }
    void set(const std::string &name, double value) { std::get<std::vector<double>>(column(name)).back() = value; }
    void set(const std::string &name, const std::string &value)
    {
        std::get<std::vector<std::string>>(column(name)).back() = value;
    }
    Table table(std::string title)
    {
        m_table.title = std::move(title);
        return m_table;
    }

private:
    using Values = decltype(Table::Column::values);
    void add(const std::string &name, const std::string &unit, Values values)
    {
        m_table.columns.push_back({name, unit, std::move(values), -1});
    }
    Values &column(const std::string &name)
    {
        return std::find_if(m_table.columns.begin(), m_table.columns.end(),
                            [&](const Table::Column &c) { return c.name == name; })
            ->values;
    }

    Table m_table;
};

} // namespace

std::string testGroupsOf(const RunInfo &run)
{
    const Json groups = run.summary.is_object() ? run.summary.value("groups", Json()) : Json();
    const Json names = groups.is_object() ? groups.value("test", Json()) : Json();
    std::string text;
    std::size_t told = 0;
    if (names.is_array())
        for (const auto &name : names)
            if (name.is_string())
                text += (told++ > 0 ? ", " : "") + name.get<std::string>();
    const double count = numberAt(groups, "test-count");
    if (const auto all = count > 0 && count < 1e15 ? static_cast<std::size_t>(count) : 0; all > told && told > 0)
        text += fmt::format(" and {} more", all - told);
    return text;
}

Table modelTable(const Compared &c)
{
    std::vector<std::string> label;
    std::vector<double> asked, weights, step, memory, loss, mean, sd;
    std::vector<std::int64_t> runs;
    for (const auto &m : c.models) {
        label.push_back(m.label);
        asked.push_back(m.asked);
        weights.push_back(m.weights);
        step.push_back(1000 * m.stepSeconds);
        memory.push_back(m.memoryMib);
        loss.push_back(m.loss);
        mean.push_back(m.score.mean);
        sd.push_back(m.score.sd);
        runs.push_back(m.score.count);
    }
    const int decimals = scoreDecimals(c);
    const auto unit = scoreUnit(c.score);
    Table t;
    t.title = titleOfModels(c.noun);
    t.columns = {{c.noun, "", label},
                 {c.scoreTitle, unit, mean, decimals},
                 {"spread (sd)", unit, sd, decimals + 1},
                 {wordOf(c.repeats) + "s", "", runs},
                 {"weights", "", weights, 0},
                 {"weights asked for", "", asked, 0},
                 {"time per step", "ms", step, 1},
                 {"peak memory", "MiB", memory, 1}};
    if (c.score != "loss")
        t.columns.push_back({titleOf(c, "loss"), "", loss, 6});
    for (std::size_t s = 0; s < c.repeats.size(); ++s) {
        std::vector<double> v;
        for (const auto &m : c.models)
            v.push_back(m.scores[s]);
        t.columns.push_back({labelOf(c.repeats[s], c.repeats), unit, v, decimals});
    }
    return t;
}

Table plannedModelTable(const ComparisonPlan &plan, const std::vector<RunInfo> &runs, const std::string &score)
{
    const auto &repeats = plan.repeats;
    std::vector<std::size_t> settings;
    for (const auto &r : runs)
        settings.push_back(plan.settingOf(r.recipe));
    std::vector<std::string> done;
    std::vector<double> asked, weights, step, memory, mean, sd;
    std::vector<std::vector<double>> each(repeats.size());
    for (std::size_t i = 0; i < plan.settings.size(); ++i) {
        std::vector<double> scores, steps;
        double count = nan, maximum = nan;
        std::size_t ended = 0;
        std::vector<double> own(repeats.size(), nan);
        for (std::size_t k = 0; k < runs.size(); ++k) {
            const auto &r = runs[k];
            if (settings[k] != i)
                continue;
            if (const double v = numberAt(r.summary, "weights"); !std::isnan(v))
                count = v;
            if (const double v = numberAt(r.summary, "step-seconds"); !std::isnan(v))
                steps.push_back(v);
            if (const double v = numberAt(r.summary, "memory-mib"); !std::isnan(v) && !(maximum >= v))
                maximum = v;
            if (r.status != RunStatus::Done)
                continue;
            ++ended;
            const double value = scoreOf(r, score);
            if (!std::isnan(value))
                scores.push_back(value);
            if (const auto at = std::find(repeats.begin(), repeats.end(), repeatOf(r)); at != repeats.end())
                own[static_cast<std::size_t>(at - repeats.begin())] = value;
        }
        const auto known = meanAndSpread(scores);
        mean.push_back(known.mean);
        sd.push_back(known.sd);
        done.push_back(fmt::format("{} of {}", ended, repeats.size()));
        const double wanted = numberAt(Recipe(plan.settings[i].recipe).section("model"), "weights");
        asked.push_back(wanted > 0 ? wanted : nan);
        weights.push_back(count);
        step.push_back(1000 * meanAndSpread(steps).mean);
        memory.push_back(maximum);
        for (std::size_t s = 0; s < repeats.size(); ++s)
            each[s].push_back(own[s]);
    }
    const auto unit = scoreUnit(score);
    std::vector<double> all;
    for (const auto &column : each)
        all.insert(all.end(), column.begin(), column.end());
    const int decimals = decimalsOf(all);
    Table t;
    t.title = titleOfModels(plan.axes.empty() ? "model" : "setting");
    t.columns = {{plan.axes.empty() ? "model" : "setting", "", plan.labels()},
                 {"runs done", "", done},
                 {scoreTitle(score, runs), unit, mean, decimals},
                 {"spread (sd)", unit, sd, decimals + 1},
                 {"weights", "", weights, 0},
                 {"weights asked for", "", asked, 0},
                 {"time per step", "ms", step, 1},
                 {"peak memory", "MiB", memory, 1}};
    for (std::size_t s = 0; s < repeats.size(); ++s)
        t.columns.push_back({labelOf(repeats[s], repeats), unit, each[s], decimals});
    return t;
}

Table pairTable(const Compared &c)
{
    std::vector<std::string> first, second;
    std::vector<std::int64_t> pairs, freedom;
    std::vector<double> difference, sd, low, high, t, p;
    c.eachPair([&](std::size_t i, std::size_t j, std::size_t k) {
        const auto &test = c.tests[k];
        first.push_back(c.models[i].label);
        second.push_back(c.models[j].label);
        pairs.push_back(test.pairs);
        freedom.push_back(std::max<std::int64_t>(0, test.pairs - 1));
        difference.push_back(test.difference);
        sd.push_back(test.sd);
        low.push_back(test.low);
        high.push_back(test.high);
        t.push_back(test.t);
        p.push_back(test.p);
    });
    const int decimals = scoreDecimals(c) + 1;
    Table table;
    table.title = "Paired t tests of " + c.scoreTitle + " over " + wordOf(c.repeats) + "s";
    table.columns = {{c.noun, "", first},
                     {"less", "", second},
                     {wordOf(c.repeats) + "s", "", pairs},
                     {"difference", scoreUnit(c.score), difference, decimals},
                     {"sd", scoreUnit(c.score), sd, decimals},
                     {"95 % from", scoreUnit(c.score), low, decimals},
                     {"95 % to", scoreUnit(c.score), high, decimals},
                     {"t", "", t, 3},
                     {"degrees of freedom", "", freedom},
                     {"p", "", p, 4},
                     {"p (Holm)", "", c.holm, 4}};
    return table;
}

Table scoredRunTable(const Compared &c)
{
    std::vector<std::string> label, state;
    std::vector<std::int64_t> run, seed, fold, steps;
    std::vector<double> seconds, weights, step, memory, best;
    const auto rows = rowsOf(c);
    for (const auto &[name, r] : rows) {
        label.push_back(name);
        run.push_back(r->id);
        seed.push_back(repeatOf(*r).seed);
        fold.push_back(repeatOf(*r).fold);
        steps.push_back(r->step);
        seconds.push_back(r->seconds);
        state.emplace_back(nameOf(r->status));
        weights.push_back(numberAt(r->summary, "weights"));
        step.push_back(1000 * numberAt(r->summary, "step-seconds"));
        memory.push_back(numberAt(r->summary, "memory-mib"));
        best.push_back(numberAt(bestOf(*r), "step"));
    }
    Table t;
    t.title = "Runs";
    t.columns = {{c.noun, "", label},
                 {"seed", "", seed},
                 {"run", "", run},
                 {"weights", "", weights, 0},
                 {"steps", "", steps},
                 {"time", "s", seconds, 1},
                 {"state", "", state},
                 {"time per step", "ms", step, 1},
                 {"peak memory", "MiB", memory, 1},
                 {"best step", "", best, 0}};
    if (auto groups = testGroupsOf(rows); !groups.empty())
        t.columns.insert(t.columns.begin() + 2, {"test groups", "", std::move(groups)});
    if (c.folds > 0)
        t.columns.insert(t.columns.begin() + 2, {"fold", "", fold});
    for (const auto &score : scoresOf(rows)) {
        std::vector<double> v;
        for (const auto &row : rows)
            v.push_back(scoreOf(*row.run, score));
        t.columns.push_back({titleOf(c, score), scoreUnit(score), v, decimalsOf(v)});
    }
    return t;
}

Table comparisonTable(const Compared &c)
{
    const auto rows = rowsOf(c);
    const auto scores = scoresOf(rows);
    LongTable t;
    t.text("row");
    t.text(c.noun);
    t.number("seed", "");
    if (c.folds > 0)
        t.number("fold", "");
    const auto groups = testGroupsOf(rows);
    if (!groups.empty())
        t.text("test groups");
    t.number("run", "");
    t.text("state");
    t.number("steps", "");
    t.number("weights", "");
    t.number("time per step", "ms");
    t.number("peak memory", "MiB");
    for (const auto &score : scores)
        t.number(titleOf(c, score), scoreUnit(score));
    for (const char *name : {"test of", "less"})
        t.text(name);
    for (const char *name :
         {"pairs", "difference", "sd of differences", "95 % from", "95 % to", "t", "degrees of freedom", "p", "p (Holm)"})
        t.number(name, "");

    const auto measured = [](const RunInfo &r) {
        return std::vector<std::pair<const char *, double>>{{"steps", static_cast<double>(r.step)},
                                                            {"weights", numberAt(r.summary, "weights")},
                                                            {"time per step", 1000 * numberAt(r.summary, "step-seconds")},
                                                            {"peak memory", numberAt(r.summary, "memory-mib")}};
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto &[label, r] = rows[i];
        t.begin();
        t.set("row", "run");
        if (!groups.empty())
            t.set("test groups", groups[i]);
        t.set(c.noun, label);
        t.set("seed", static_cast<double>(repeatOf(*r).seed));
        if (c.folds > 0)
            t.set("fold", static_cast<double>(repeatOf(*r).fold));
        t.set("run", static_cast<double>(r->id));
        t.set("state", std::string(nameOf(r->status)));
        for (const auto &[name, value] : measured(*r))
            t.set(name, value);
        for (const auto &score : scores)
            t.set(titleOf(c, score), scoreOf(*r, score));
    }
    for (const bool spread : {false, true})
        for (const auto &m : c.models) {
            const auto set = [&](const std::string &name, std::vector<double> values) {
                std::erase_if(values, [](double v) { return std::isnan(v); });
                const auto known = meanAndSpread(values);
                t.set(name, spread ? known.sd : known.mean);
            };
            t.begin();
            t.set("row", spread ? "sd" : "mean");
            t.set(c.noun, m.label);
            for (std::size_t q = 0; q < measured(m.runs.front()).size(); ++q) {
                std::vector<double> values;
                for (const auto &r : m.runs)
                    values.push_back(measured(r)[q].second);
                set(measured(m.runs.front())[q].first, values);
            }
            for (const auto &score : scores) {
                std::vector<double> values;
                for (const auto &r : m.runs)
                    values.push_back(scoreOf(r, score));
                set(titleOf(c, score), values);
            }
        }
    c.eachPair([&](std::size_t i, std::size_t j, std::size_t k) {
        const auto &test = c.tests[k];
        t.begin();
        t.set("row", "paired t test");
        t.set(c.noun, c.models[i].label);
        t.set("less", c.models[j].label);
        t.set("test of", c.scoreTitle);
        t.set("pairs", static_cast<double>(test.pairs));
        t.set("difference", test.difference);
        t.set("sd of differences", test.sd);
        t.set("95 % from", test.low);
        t.set("95 % to", test.high);
        t.set("t", test.t);
        t.set("degrees of freedom", static_cast<double>(std::max<std::int64_t>(0, test.pairs - 1)));
        t.set("p", test.p);
        t.set("p (Holm)", c.holm[k]);
    });
    return t.table("Comparison");
}

} // namespace reticle
