#include "analysis/Analysis.h"
#include "analysis/segmentation/ScoreFigures.h"
#include "compare/Comparison.h"
#include "data/ImageInputs.h"
#include "files/Pictures.h"
#include "imaging/Planes.h"
#include "learn/prediction/ImagePredictor.h"
#include "learn/prediction/Scoring.h"
#include "project/ModelFiles.h"
#include "protocol/Capabilities.h"
#include "protocol/SubProgress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

// Which model does best: the runs of a comparison by model and seed, with mean, spread and paired
// tests over seeds, what they cost, and what they make of a few slices.

namespace reticle {

namespace {

struct CompareRunsOptions
{
    std::int64_t comparison = 0;
    std::vector<std::int64_t> runs;
    std::string score = "auto", part = "auto";
    bool regions = true;
    std::int64_t examples = 3, crop = 256;
    std::string device = "auto";

    static Schema<CompareRunsOptions> schema()
    {
        using O = CompareRunsOptions;
        return Schema<O>("compare-runs", "Comparison of models",
                         "Runs put side by side by model, seed and fold: weights, time per step, peak memory, the score of "
                         "each seed and fold with mean and spread (sample standard deviation), paired t tests between models "
                         "over these (Student 1908; corrected by Holm 1979, for folds by Nadeau and Bengio 2003), and a strip of "
                         "what each makes of a few slices. "
                         "Runs that are done count; others are listed.")
            .field(&O::comparison, {.name = "comparison",
                                    .title = "Comparison",
                                    .help = "Number of the comparison; 0 = that of the run it is asked of, or the latest",
                                    .min = 0})
            .field(&O::runs, {.name = "runs", .title = "Runs", .help = "These runs instead, of any recipes", .min = 1})
            .field(&O::score, {.name = "score",
                               .title = "Score",
                               .help = "What is compared; auto = Dice of runs that segment, "
                                       "validation loss of autoencoders",
                               .choices = comparableScores()})
            .field(&O::part, {.name = "part",
                              .title = "Slices of",
                              .help = "Part of the runs' data that the scores are of; auto = the test slices where the "
                                      "recipe keeps some, else the validation slices, which also chose the weights",
                              .choices = {"auto", "validation", "test"}})
            .field(&O::regions, {.name = "regions",
                                 .title = "Region scores",
                                 .help = "Runs that segment are also scored by V_Rand and V_Info (class 1, each at its "
                                         "best threshold), as the analysis evaluate does; takes a prediction of each"})
            .field(&O::examples, {.name = "examples",
                                  .title = "Example slices",
                                  .help = "Slices whose middle is shown with each model's output; 0 = none",
                                  .min = 0,
                                  .max = 20})
            .field(&O::crop, {.name = "crop",
                              .title = "Part shown",
                              .help = "Side of the part of a slice that is shown",
                              .unit = "px",
                              .min = 16,
                              .max = 4096})
            .field(&O::device, {.name = "device",
                                .help = "Where examples and region scores are computed: auto, cpu, cuda or cuda:N",
                                .advanced = true});
    }
};

/// Whether a run's recipe keeps slices for a test.
bool hasTestSlices(const RunInfo &run)
{
    const Json data = Recipe(run.recipe).section("data");
    if (data.value("split", std::string()) == "folds")
        return true;
    if (data.value("split", std::string()) != "slices")
        return data.value("test-fraction", 0.0) > 0;
    const auto test = data.value("test-slices", Json::array()), only = data.value("only-slices", Json::array());
    return std::ranges::any_of(test,
                               [&](const Json &slice) { return only.empty() || std::ranges::find(only, slice) != only.end(); });
}

class CompareRuns : public Analysis
{
public:
    explicit CompareRuns(CompareRunsOptions options) : m_o(std::move(options)) {}

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        if (!input.project)
            throw Error({"project", "a project with runs to compare", "none", "give --project DIR"});
        std::optional<ComparisonPlan> plan;
        auto runs = chosen(*input.project, input.run, plan);
        const ComparisonPlan *planned = plan ? &*plan : nullptr;
        Result r;
        r.name = "compare-runs";
        // Tells what is wrong with the choice of runs before the long part begins.
        auto compared = compareRuns(runs, 0, regionsWanted() ? "auto" : m_o.score, "validation", planned);
        const auto part = partOf(compared);
        Scoring scoring;
        scoring.part = part;
        scoring.test = part == "test";
        scoring.regions =
            (m_o.regions || regionsWanted()) && taskOf(compared.models.front().runs.front().summary) == "segmentation";
        const bool whole = (!scoring.test && !scoring.regions) || score(r, runs, compared, scoring, input, events, control);
        compared = compareRuns(runs, 0, m_o.score, part, planned);
        r.summary = comparisonText(compared);
        r.warnings.insert(r.warnings.begin(), compared.warnings.begin(), compared.warnings.end());
        if (const auto shared = sharedSlicesWarning(compared); !shared.empty())
            r.warnings.push_back(shared);
        r.tables = {modelTable(compared), pairTable(compared), scoredRunTable(compared), comparisonTable(compared)};
        r.figures = {comparisonFigure(compared)};
        r.values["score"] = compared.score;
        r.values["part"] = compared.part;
        for (const auto &m : compared.models)
            r.values[m.label] = {{"mean", number(m.score.mean)}, {"sd", number(m.score.sd)}, {"seeds", m.score.count}};
        if (whole && m_o.examples > 0)
            try {
                addExamples(r, compared, *input.project, input.run, events, control);
            } catch (const Error &e) {
                if (e.kind() == Error::Kind::Cancelled && control.ending() != RunControl::End::Stop)
                    throw;
                r.warnings.push_back(control.ending() == RunControl::End::Stop ? "Stopped: no examples."
                                                                               : std::string("No examples: ") + e.what());
            }
        return r;
    }

private:
    static Json number(double v) { return std::isfinite(v) ? Json(v) : Json(); }

    std::vector<RunInfo> chosen(const Project &project, std::int64_t run, std::optional<ComparisonPlan> &plan) const
    {
        if (!m_o.runs.empty()) {
            const std::set<std::int64_t> ids(m_o.runs.begin(), m_o.runs.end()); // of alike runs the latest counts
            std::vector<RunInfo> runs;
            for (const auto id : ids)
                runs.push_back(project.run(id));
            return runs;
        }
        auto id = m_o.comparison;
        if (id == 0 && run > 0)
            id = project.run(run).comparison;
        if (id == 0 && run == 0)
            if (const auto all = project.comparisons(); !all.empty())
                id = all.back().id;
        if (id == 0)
            throw Error({"comparison", "a comparison, or runs to compare",
                         run > 0 ? fmt::format("run {}, which belongs to none", run) : "neither", "give runs=1,2,…"});
        plan.emplace(Recipe(project.comparison(id).recipe));
        return project.runsOf(id);
    }

    /// The part of the data that the scores are to be of, which all runs that count must have.
    std::string partOf(const Compared &compared) const
    {
        if (m_o.part == "validation")
            return m_o.part;
        for (const auto &m : compared.models)
            for (const auto &run : m.runs)
                if (!hasTestSlices(run)) {
                    if (m_o.part == "test")
                        throw Error({"part", "runs whose recipes keep slices for a test (data.test-fraction)",
                                     fmt::format("none in run {}", run.id), "take part=validation"});
                    return "validation";
                }
        return "test";
    }

    struct Scoring
    {
        std::string part;
        bool test = false;    ///< what training scored is scored again, on the test slices
        bool regions = false; ///< V_Rand and V_Info too
    };

    /// In place of, or beside the scores that training kept of each run, those that it did not take: of the runs that
    /// count. A run that cannot be scored on the test slices does not count. False where it was stopped before all were
    /// scored.
    bool score(Result &r, std::vector<RunInfo> &runs, const Compared &chosen, const Scoring &scoring, const AnalysisInput &input,
               EventSink &events, RunControl &control) const
    {
        const auto among = [](const std::vector<RunInfo> &all, std::int64_t id) {
            return std::ranges::any_of(all, [id](const RunInfo &one) { return one.id == id; });
        };
        const auto counts = [&](std::int64_t id) {
            return std::ranges::any_of(chosen.models, [&](const ComparedModel &m) { return among(m.runs, id); });
        };
        if (scoring.test) { // what others have is of the validation slices
            std::vector<std::int64_t> older;
            for (auto &run : runs)
                if (std::ranges::any_of(chosen.uncounted, [&](const UncountedRun &u) { return u.run.id == run.id; }))
                    run.summary["best"] = Json::object();
                else if (!counts(run.id))
                    older.push_back(run.id);
            std::erase_if(runs, [&](const RunInfo &run) { return std::ranges::find(older, run.id) != older.end(); });
            if (!older.empty())
                r.warnings.push_back(fmt::format("Of alike runs the latest counts; left out: {}.", fmt::join(older, ", ")));
        }
        std::vector<RunInfo *> scored;
        for (auto &run : runs)
            if (counts(run.id))
                scored.push_back(&run);
        std::map<std::string, std::vector<std::int64_t>> problems, regionProblems;
        std::size_t done = 0;
        for (; done < scored.size() && control.ending() == RunControl::End::None; ++done) {
            auto &run = *scored[done];
            SubProgress part(events, done, scored.size(), [&](Event &e) {
                e.run = input.run;
                if (e.kind == Event::Kind::Progress)
                    e.name = "compare-runs";
            });
            Json &best = run.summary["best"];
            auto *found = &problems; // where what goes wrong belongs
            try {
                if (scoring.test) {
                    Json scores{{"step", best.value("step", Json())}};
                    best = Json::object(); // until it is known, the run has none
                    SliceProgress progress(part, control, input.run, "compare-runs", 1);
                    scores.update(scoreModel(*input.project, run, "test", m_o.device,
                                             [&] { return progress.at(0, scoring.regions ? 0 : 0.5); }));
                    best = std::move(scores);
                }
                found = &regionProblems;
                if (scoring.regions) {
                    const auto scores = analyze(
                        "evaluate", {input.project, run.id, {{"device", m_o.device}, {"part", scoring.part}}}, part, control);
                    if (control.ending() != RunControl::End::None)
                        break; // of some of its slices only
                    for (const char *key : {"v-rand", "v-info"})
                        best[key] = scores.values.at(key);
                }
            } catch (const Error &e) {
                if (control.ending() != RunControl::End::None)
                    break;
                if (e.kind() == Error::Kind::Cancelled)
                    throw;
                (*found)[e.what()].push_back(run.id);
            }
        }
        if (control.ending() == RunControl::End::Cancel)
            throw Error(Error::Kind::Cancelled, "compare-runs", "cancelled");
        const auto failed = [](const auto &of) {
            std::size_t n = 0;
            for (const auto &[problem, ids] : of)
                n += ids.size();
            return n;
        };
        const auto without = failed(problems) + (regionsWanted() ? failed(regionProblems) : 0);
        if (!scored.empty() && without == scored.size())
            throw Error(Error::Kind::Failed, fmt::format("{}: no run could be scored", m_o.score),
                        (problems.empty() ? regionProblems : problems).begin()->first);
        for (const auto *of : {&problems, &regionProblems})
            for (const auto &[problem, ids] : *of)
                r.warnings.push_back(fmt::format("No {} of run{} {}: {}", of == &problems ? "test scores" : "region scores",
                                                 ids.size() > 1 ? "s" : "", fmt::join(ids, ", "), problem));
        if (done < scored.size()) {
            if (done == 0 && (scoring.test || regionsWanted()))
                throw Error(Error::Kind::Cancelled, "compare-runs", "stopped before a run was scored");
            if (scoring.test) // scores of the validation slices must not stand beside those of the test slices
                for (std::size_t i = done; i < scored.size(); ++i)
                    scored[i]->summary["best"] = Json::object();
            r.warnings.push_back(fmt::format("Stopped: {} of {} of {} runs, and no examples.",
                                             scoring.test ? "test scores" : "region scores", done, scored.size()));
        }
        return done == scored.size();
    }

    bool regionsWanted() const { return m_o.score == "v-rand" || m_o.score == "v-info"; }

    /// A cell from (H, W) or (H, W, C) numbers: gray (of several channels the first), or color stretched from black to
    /// white.
    static ImagePanel cell(const Array &values, double black, double white, bool color = false)
    {
        ImagePanel p;
        const auto h = values.dim(0), w = values.dim(1), c = values.rank() > 2 ? values.dim(2) : 1;
        if (!color) {
            Array gray(DType::Float32, {h, w});
            for (std::int64_t i = 0; i < h * w; ++i)
                gray.data<float>()[i] = static_cast<float>(values.value(i * c));
            p.image = gray;
            p.black = black;
            p.white = white;
            return p;
        }
        Array three(DType::UInt8, {h, w, 3});
        for (std::int64_t i = 0; i < three.size(); ++i)
            three.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(
                std::lround(std::clamp((values.value(i / 3 * c + i % 3) - black) / (white - black), 0.0, 1.0) * 255));
        p.image = three;
        return p;
    }

    /// Least and most of what of a page is shown: its colors, or the first channel.
    static std::pair<double, double> rangeOf(const Array &values, bool color)
    {
        const auto c = values.rank() > 2 ? values.dim(2) : 1, shown = std::int64_t(color ? 3 : 1);
        double low = INFINITY, high = -INFINITY;
        for (std::int64_t i = 0; i < values.dim(0) * values.dim(1); ++i)
            for (std::int64_t k = 0; k < shown; ++k) {
                low = std::min(low, values.value(i * c + k));
                high = std::max(high, values.value(i * c + k));
            }
        return {low, high > low ? high : low + 1};
    }

    /// The seed and fold that the most models have a run of; of several the first.
    static Repeat commonRepeat(const Compared &compared)
    {
        std::size_t best = 0, maximum = 0;
        for (std::size_t s = 0; s < compared.repeats.size(); ++s) {
            std::size_t n = 0;
            for (const auto &m : compared.models)
                n += !std::isnan(m.scores[s]);
            if (n > maximum) {
                maximum = n;
                best = s;
            }
        }
        return compared.repeats[best];
    }

    void addExamples(Result &r, const Compared &compared, const Project &project, std::int64_t run, EventSink &events,
                     RunControl &control) const
    {
        for (const auto &path : compared.differing)
            if (path.rfind("data.", 0) == 0)
                throw Error({"examples", "runs of one data set", "runs that differ in " + path, "choose the runs"});
        // Of each model the run of one seed and fold, so that all see the same slices.
        const auto repeat = commonRepeat(compared);
        std::vector<const ComparedModel *> models;
        std::vector<RunInfo> firsts;
        for (const auto &m : compared.models)
            for (const auto &one : m.runs)
                if (repeatOf(one) == repeat) {
                    models.push_back(&m);
                    firsts.push_back(one);
                }
        Json own = firsts.front().recipe;
        own["data"] = withKeptParts(Recipe(own).section("data"), modelDescription(project.runFolder(firsts.front().id)));
        const Recipe recipe{own};
        const auto data = imagesOf(openDataset(recipe));
        const auto source = openPictures(recipe.section("data").value("images", std::string()));
        const auto &slices = compared.part == "test" ? data->split().test : data->split().validation;
        const auto wanted = std::min<std::int64_t>(m_o.examples, static_cast<std::int64_t>(slices.size()));
        std::vector<std::int64_t> shown;
        for (std::int64_t i = 0; i < wanted; ++i)
            shown.push_back(
                slices[static_cast<std::size_t>((2 * i + 1) * static_cast<std::int64_t>(slices.size()) / (2 * wanted))]);
        // One size for all cells.
        std::int64_t side = m_o.crop;
        for (const auto s : shown)
            side = std::min({side, data->height(s), data->width(s)});

        const bool color = data->channels() / data->planes() == 3;
        ImageGridPanel grid;
        std::vector<std::vector<ImagePanel>> rows(shown.size());
        std::vector<std::pair<double, double>> ranges;
        bool images = false;
        SliceProgress progress(events, control, run, "compare-runs", static_cast<std::int64_t>(models.size() * shown.size()));
        std::int64_t done = 0;
        grid.columnTitles = {"original"};
        for (std::size_t i = 0; i < shown.size(); ++i) {
            const Array part = middleOf(source->readPage(shown[i]), side);
            ranges.push_back(rangeOf(part, color));
            rows[i].push_back(cell(part, ranges[i].first, ranges[i].second, color));
            grid.rowTitles.push_back(fmt::format("slice {}", shown[i]));
        }
        for (std::size_t m = 0; m < models.size(); ++m) {
            ImagePredictor predictor(project.runFolder(firsts[m].id),
                                     PredictOptions::schema().read({{"device", m_o.device}}, "prediction"));
            images = predictor.pixels() == PixelOutput::Values;
            if (m == 0 && !images && data->hasLabels()) {
                grid.columnTitles.push_back("labels");
                for (std::size_t i = 0; i < shown.size(); ++i) {
                    rows[i].push_back(cell(middleOf(data->target(shown[i]), side), 0,
                                           static_cast<double>(std::max<std::int64_t>(1, data->classes() - 1))));
                }
            }
            grid.columnTitles.push_back(models[m]->label);
            for (std::size_t i = 0; i < shown.size(); ++i, ++done) {
                if (!progress.at(done)) {
                    r.warnings.push_back("Stopped: no examples.");
                    return;
                }
                const auto h = data->height(shown[i]), w = data->width(shown[i]);
                // A picture by itself may be of any size; neighbors come from the stack.
                const Array p = data->planes() == 1
                                    ? predictor.predict(source->readPage(shown[i]), progress.within(done), source->info().alpha)
                                    : predictor.predictRegion(*source, shown[i], 0, 0, h, w, progress.within(done));
                if (images)
                    rows[i].push_back(cell(middleOf(channelsTogether(p), side), ranges[i].first, ranges[i].second, color));
                else if (p.dim(0) == 2)
                    rows[i].push_back(cell(middleOf(p.at(1).clone(), side), 0, 1));
                else
                    rows[i].push_back(cell(middleOf(mostLikely(p), side), 0, static_cast<double>(p.dim(0) - 1)));
            }
        }
        progress.at(done);
        grid.columns = static_cast<int>(grid.columnTitles.size());
        grid.gap = 4;
        for (auto &row : rows)
            for (auto &c : row)
                grid.cells.push_back(std::move(c));
        Figure f;
        f.name = "outputs";
        f.title = images ? "Originals and outputs" : "Originals and predictions";
        f.caption =
            fmt::format("Middle {} x {} px of {} slices, {}: {}", side, side, compared.part, labelOf(repeat, compared.repeats),
                        images ? "the original and what each model makes of it, all on the original's gray scale."
                               : "the original, its labels, and what each model predicts.");
        Panel panel;
        panel.content = std::move(grid);
        f.panels.push_back(std::move(panel));
        r.figures.push_back(std::move(f));
    }

    CompareRunsOptions m_o;
};

const AskedOf compareRunsOfComparisons("compare-runs", "comparison"), compareRunsOfRuns("compare-runs", "run", {"runs"});
const Registration<AnalysisFactory> compareRunsRegistration(CompareRunsOptions::schema().info(), [](const Json &options) {
    return std::make_unique<CompareRuns>(CompareRunsOptions::schema().read(options, "compare-runs"));
});

} // namespace

} // namespace reticle
