#include "ablation/AblationStudy.h"
#include "ablation/TrainingDiagnostics.h"
#include "analysis/Analysis.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

// Which difference of two recipes matters: the runs of a study by recipe and seed, the effect of each difference when it is
// knocked out of the good recipe and rescued in the bad one.

namespace reticle {

namespace {

struct KnockoutRescueOptions
{
    std::int64_t comparison = 0;
    std::string score = "auto", band = "sd";
    bool excludeDiverged = false;

    static Schema<KnockoutRescueOptions> schema()
    {
        using O = KnockoutRescueOptions;
        return Schema<O>("knockout-rescue", "Knockouts and rescues",
                         "Which differences between a good and a bad recipe explain the difference of their scores: the good "
                         "recipe with the bad level of each (knockout), the bad recipe with the good level of each (rescue), and "
                         "with a factorial design main effects, interactions and Shapley shares (Shapley 1953), which add up to "
                         "the gap. Effects are paired by seed and fold; intervals are 95 % t intervals. "
                         "A difference is necessary where the interval of its knockout does not contain 0, sufficient where its "
                         "rescue closes at least 80 % of the gap, and a red herring where both intervals contain 0.")
            .field(&O::comparison, {.name = "comparison",
                                    .title = "Comparison",
                                    .help = "Number of the study's comparison; 0 = that of the run it is asked of, or the latest "
                                            "study",
                                    .min = 0})
            .field(&O::score, {.name = "score",
                               .title = "Score",
                               .help = "Name of the score whose gap is explained, such as accuracy or loss; auto = the one that "
                                       "chooses the weights of the runs"})
            .field(&O::band, {.name = "band",
                              .title = "Band of mean curves",
                              .help = "What is drawn around a mean: sd = one sample standard deviation, range = lowest to "
                                      "highest, interval = 95 % confidence "
                                      "interval of the mean",
                              .choices = {"sd", "range", "interval"}})
            .field(&O::excludeDiverged, {.name = "exclude-diverged",
                                         .title = "Leave out diverged runs",
                                         .help = "Otherwise a run whose loss stopped being a number counts with the score of "
                                                 "chance"});
    }
};

CurveBand bandOf(const std::string &name)
{
    return name == "range" ? CurveBand::Range : name == "interval" ? CurveBand::Interval : CurveBand::StandardDeviation;
}

/// The seeds of a run's random streams. Those that a recipe pins stand in its data.
StreamSeeds streamsOf(const RunInfo &run)
{
    const Json stored = run.summary.is_object() ? run.summary.value("seeds", Json()) : Json();
    StreamSeeds seeds{{"run", Recipe(run.recipe).seed()}};
    if (stored.is_object()) {
        for (const auto &[name, seed] : stored.items())
            if (seed.is_number_integer())
                seeds.emplace_back(name, seed.get<std::uint64_t>());
    } else if (const Json pinned = Recipe(run.recipe).section("data").value("split-seed", Json());
               pinned.is_number_integer() && pinned.get<std::int64_t>() >= 0) {
        seeds.emplace_back("split", pinned.get<std::uint64_t>());
    }
    return seeds;
}

class KnockoutRescue : public Analysis
{
public:
    explicit KnockoutRescue(KnockoutRescueOptions options) : m_o(std::move(options)) {}

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        if (!input.project)
            throw Error({"project", "a project with a study", "none", "give --project DIR"});
        const Project &project = *input.project;
        const auto id = chosen(project, input.run);
        const auto study = AblationStudy::of(Recipe(project.comparison(id).recipe));
        const auto runs = project.runsOf(id);
        const auto result = studyResult(study, runs, m_o.score == "auto" ? std::string() : m_o.score, m_o.excludeDiverged);

        std::vector<RunCurvesByName> curves;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            if (!control.goOn())
                throw Error(Error::Kind::Cancelled, "knockout-rescue", "cancelled");
            events.emit({.kind = Event::Kind::Progress,
                         .value = static_cast<double>(i) / static_cast<double>(runs.size()),
                         .text = "Reading the curves of the runs"});
            auto &own = curves.emplace_back();
            for (const auto &name : project.metricNames(runs[i].id))
                if (name.rfind("train.", 0) == 0 || name.rfind("validation.", 0) == 0)
                    own[name] = project.metric(runs[i].id, name);
        }
        const auto drawn = studyCurves(study, result, runs, curves, bandOf(m_o.band));

        Result r;
        r.name = "knockout-rescue";
        r.summary = result.text;
        for (const auto &verdict : result.verdicts)
            r.summary += " " + verdict.text;
        r.warnings = result.effects.warnings;
        if (!study.design().note.empty())
            r.warnings.push_back(study.design().note);
        r.tables = result.tables;
        r.tables.push_back(drawn.table);
        r.tables.push_back(seedAudit(runs));
        r.figures = result.figures;
        r.figures.insert(r.figures.end(), drawn.figures.begin(), drawn.figures.end());
        r.values = {{"comparison", id},
                    {"good", study.goodTitle()},
                    {"bad", study.badTitle()},
                    {"score", result.scores.scoreTitle},
                    {"gap", number(result.effects.gap.mean())}};
        Json axes = Json::array();
        for (std::size_t a = 0; a < study.axes().size(); ++a) {
            Json axis{{"axis", study.axes()[a].name},
                      {"good", study.axes()[a].goodText()},
                      {"bad", study.axes()[a].badText()},
                      {"knockout", number(result.effects.knockouts[a].mean())},
                      {"rescue", number(result.effects.rescues[a].mean())},
                      {"verdict", result.verdicts[a].word}};
            if (!result.effects.shares.empty())
                axis["share"] = number(result.effects.shares[a].mean());
            axes.push_back(std::move(axis));
        }
        r.values["axes"] = std::move(axes);
        return r;
    }

private:
    static Json number(double v) { return std::isfinite(v) ? Json(v) : Json(); }

    std::int64_t chosen(const Project &project, std::int64_t run) const
    {
        if (m_o.comparison > 0)
            return m_o.comparison;
        if (run > 0) {
            const auto id = project.run(run).comparison;
            if (id == 0)
                throw Error({"run", "a run of a study", fmt::format("run {}, which belongs to no comparison", run),
                             "choose a run of a study, or give comparison=NUMBER"});
            return id;
        }
        const auto all = project.comparisons();
        const auto latest = std::find_if(all.rbegin(), all.rend(),
                                         [](const ComparisonInfo &c) { return AblationStudy::isStudy(Recipe(c.recipe)); });
        if (latest == all.rend())
            throw Error({"comparison", "a study of knockouts and rescues", "none in this project",
                         "train one first, planned by reticle-worker study or in the window by \"Knock out and rescue\""});
        return latest->id;
    }

    static Table seedAudit(const std::vector<RunInfo> &runs)
    {
        std::vector<std::string> names;
        std::vector<StreamSeeds> seeds;
        for (const auto &run : runs) {
            names.push_back(fmt::format("run {}", run.id));
            seeds.push_back(streamsOf(run));
        }
        return seedAuditTable(names, seeds);
    }

    KnockoutRescueOptions m_o;
};

const AskedOf ablationAnalysisOfComparisons("knockout-rescue", "comparison");
const Registration<AnalysisFactory> ablationAnalysisRegistration(KnockoutRescueOptions::schema().info(), [](const Json &options) {
    return std::make_unique<KnockoutRescue>(KnockoutRescueOptions::schema().read(options, "knockout-rescue"));
});

} // namespace

} // namespace reticle
