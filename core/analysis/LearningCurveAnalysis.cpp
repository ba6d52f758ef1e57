#include "analysis/Analysis.h"
#include "history/BudgetRuns.h"

#include <cmath>

// How long is enough: finished runs of one recipe that trained for different times, and what more time would give.

namespace reticle {

namespace {

struct LearningCurveOptions
{
    std::string score = "auto";

    static Schema<LearningCurveOptions> schema()
    {
        using O = LearningCurveOptions;
        return Schema<O>(
                   "learning-curve", "Learning curve over training time",
                   "Whether more minutes would help: the finished runs of one recipe, whatever their training time, seed and "
                   "fold, with a power law fitted to their scores (Hestness et al. 2017) and what twice the time would give. "
                   "Needs runs of at least three different times, such as 5, 10, 15 and 30 minutes.")
            .field(&O::score, {.name = "score",
                               .title = "Score",
                               .help = "Score on the validation slices; auto = Dice of runs that segment, validation loss of "
                                       "autoencoders",
                               .choices = comparableScores()});
    }
};

class LearningCurveAnalysis : public Analysis
{
public:
    explicit LearningCurveAnalysis(LearningCurveOptions options) : m_o(std::move(options)) {}

    Result run(const AnalysisInput &input, EventSink &, RunControl &) override
    {
        if (!input.project)
            throw Error({"project", "a project with finished runs", "none", "give --project DIR"});
        const BudgetRuns runs = budgetRuns(*input.project, input.run, m_o.score);
        const LearningCurve curve = runs.curve();
        Result r;
        r.name = "learning-curve";
        r.summary = budgetText(runs, curve);
        r.warnings = runs.warnings;
        r.tables = {budgetTable(runs, curve), budgetRunTable(runs)};
        if (!runs.runs.empty())
            r.figures = {budgetFigure(runs, curve)};
        r.values["score"] = runs.score;
        r.values["runs"] = runs.runs.size();
        r.values["budgets"] = curve.budgets().size();
        if (curve.isKnown()) {
            const double last = runs.runs.back().minutes;
            const auto now = curve.at(last), twice = curve.at(2 * last), gain = curve.gain(last, 2 * last);
            r.values["minutes"] = last;
            r.values["expected"] = toJson(now);
            r.values["expected-after-twice"] = toJson(twice);
            r.values["gain"] = toJson(gain);
            r.values["fit"] = {{"a", curve.a()}, {"b", curve.b()}, {"c", curve.c()}, {"scatter", number(curve.scatter())}};
        }
        return r;
    }

private:
    static Json number(double v) { return std::isfinite(v) ? Json(v) : Json(); }
    static Json toJson(const Expected &e)
    {
        return {{"score", number(e.score)}, {"low", number(e.low)}, {"high", number(e.high)}};
    }

    LearningCurveOptions m_o;
};

const Registration<AnalysisFactory>
    learningCurveAnalysisRegistration(LearningCurveOptions::schema().info(), [](const Json &options) {
        return std::make_unique<LearningCurveAnalysis>(LearningCurveOptions::schema().read(options, "learning-curve"));
    });

} // namespace

} // namespace reticle
