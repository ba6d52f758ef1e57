#include "analysis/Analysis.h"
#include "analysis/SegmentationInput.h"
#include "base/Comparison.h"
#include "base/Dataset.h"
#include "base/ImageSource.h"
#include "learn/Inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

// Which model does best: the runs of a comparison by model and seed, with mean, spread and paired
// tests over seeds, what they cost, and what they make of a few slices.

namespace reticle {

namespace {

struct CompareRunsOptions
{
    std::int64_t comparison = 0;
    std::vector<std::int64_t> runs;
    std::string score = "auto";
    bool regions = true;
    std::int64_t examples = 3, crop = 256;
    std::string device = "auto";

    static Schema<CompareRunsOptions> schema()
    {
        using O = CompareRunsOptions;
        return Schema<O>("compare-runs", "Comparison of models",
                         "Runs put side by side by model and seed: weights, time per step, peak "
                         "memory, the validation score "
                         "of "
                         "each seed with mean and spread (sample standard deviation), paired t "
                         "tests between models over "
                         "seeds (Student 1908; corrected by Holm 1979), and a strip of what each "
                         "makes of a few slices.")
            .field(&O::comparison,
                   {.name = "comparison",
                    .title = "Comparison",
                    .help = "Number of the comparison; 0 = that of the run it is asked of, or the latest",
                    .min = 0})
            .field(&O::runs, {.name = "runs", .title = "Runs", .help = "These runs instead, of any recipes", .min = 1})
            .field(&O::score, {.name = "score",
                               .title = "Score",
                               .help = "What is compared; auto = Dice of runs that segment, "
                                       "validation loss of autoencoders",
                               .choices = comparableScores()})
            .field(&O::regions, {.name = "regions",
                                 .title = "Region scores",
                                 .help = "Runs that segment are also scored by V_Rand and V_Info "
                                         "of their validation slices (class 1, "
                                         "each at its best threshold), as the analysis evaluate "
                                         "does; takes a prediction of each"})
            .field(&O::examples, {.name = "examples",
                                  .title = "Example slices",
                                  .help = "Validation slices whose middle is shown with each model's output; 0 = none",
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

/// The middle of a page: (H, W) or (H, W, C) -> side x side where it is larger.
struct Middle
{
    std::int64_t y, x, height, width;

    Middle(std::int64_t pageHeight, std::int64_t pageWidth, std::int64_t side)
        : height(std::min(side, pageHeight)), width(std::min(side, pageWidth))
    {
        y = (pageHeight - height) / 2;
        x = (pageWidth - width) / 2;
    }
    /// Of `c` channels that lie together (channel last) or apart (channel first).
    Array of(const Array &values, std::int64_t pageHeight, std::int64_t pageWidth, std::int64_t c,
             bool channelLast) const
    {
        Array out(DType::Float32, {height, width, c});
        for (std::int64_t i = 0; i < height; ++i)
            for (std::int64_t j = 0; j < width; ++j)
                for (std::int64_t k = 0; k < c; ++k) {
                    const auto pixel = (y + i) * pageWidth + x + j;
                    const auto at = channelLast ? pixel * (values.rank() > 2 ? values.dim(2) : 1) + k
                                                : k * pageHeight * pageWidth + pixel;
                    out.data<float>()[(i * width + j) * c + k] = static_cast<float>(values.value(at));
                }
        return out;
    }
};

/// Of the work on one run of several: its progress counts as a part, all else passes through.
class PartOfProgress : public EventSink
{
public:
    PartOfProgress(EventSink &to, std::int64_t run, std::size_t index, std::size_t count)
        : m_to(to), m_run(run), m_index(index), m_count(count)
    {
    }
    void emit(const Event &event) override
    {
        Event e = event;
        e.run = m_run;
        if (e.kind == Event::Kind::Progress) {
            e.name = "compare-runs";
            const double part = std::isfinite(e.value) ? e.value : 0;
            e.value = (static_cast<double>(m_index) + part) / static_cast<double>(m_count);
            // The runs to come will take as long as this one.
            if (e.data.is_object() && e.data.contains("remaining") && e.data["remaining"].is_number() && part > 0)
                e.data["remaining"] =
                    e.data["remaining"].get<double>() + static_cast<double>(m_count - m_index - 1) * event.time / part;
        }
        m_to.emit(e);
    }

private:
    EventSink &m_to;
    std::int64_t m_run;
    std::size_t m_index, m_count;
};

class CompareRuns : public Analysis
{
public:
    explicit CompareRuns(CompareRunsOptions options) : m_o(std::move(options)) {}

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        if (!input.project)
            throw Error({"project", "a project with runs to compare", "none", "give --project DIR"});
        std::size_t planned = 0;
        auto runs = chosen(*input.project, input.run, planned);
        Result r;
        r.name = "compare-runs";
        // Tells what is wrong with the choice of runs before the long part begins.
        auto compared = compareRuns(runs, planned, regionsWanted() ? "auto" : m_o.score);
        bool whole = true;
        const bool segments = compared.models.front().runs.front().summary["best"].contains("dice");
        if (segments && (m_o.regions || regionsWanted()))
            whole = addRegionScores(r, runs, compared, input, events, control);
        compared = compareRuns(runs, planned, m_o.score);
        r.summary = comparisonText(compared);
        r.warnings.insert(r.warnings.begin(), compared.warnings.begin(), compared.warnings.end());
        r.tables = {modelTable(compared), pairTable(compared), scoredRunTable(compared)};
        r.figures = {comparisonFigure(compared)};
        r.values["score"] = compared.score;
        for (const auto &m : compared.models)
            r.values[m.label] = {{"mean", number(m.score.mean)}, {"sd", number(m.score.sd)}, {"seeds", m.score.count}};
        if (whole && m_o.examples > 0)
            try {
                addExamples(r, compared, *input.project, input.run, events, control);
            } catch (const Error &e) {
                if (e.kind() == Error::Kind::Cancelled && control.ending() != RunControl::End::Stop)
                    throw;
                r.warnings.push_back(control.ending() == RunControl::End::Stop
                                         ? "Stopped: no examples."
                                         : std::string("No examples: ") + e.what());
            }
        return r;
    }

private:
    static Json number(double v) { return std::isfinite(v) ? Json(v) : Json(); }

    std::vector<RunInfo> chosen(const Project &project, std::int64_t run, std::size_t &planned) const
    {
        if (!m_o.runs.empty()) {
            std::vector<RunInfo> runs;
            for (const auto id : m_o.runs)
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
        planned = Recipe(project.comparison(id).recipe).compared().size();
        return project.runsOf(id);
    }

    /// Beside the scores that training kept of each run, those of its regions: of the runs that
    /// `chosen` has. False where it was stopped before all were scored.
    bool addRegionScores(Result &r, std::vector<RunInfo> &runs, const Compared &chosen, const AnalysisInput &input,
                         EventSink &events, RunControl &control) const
    {
        std::vector<std::int64_t> ids;
        for (const auto &m : chosen.models)
            for (const auto &run : m.runs)
                ids.push_back(run.id);
        std::map<std::string, std::vector<std::int64_t>> problems;
        std::size_t done = 0;
        for (; done < ids.size() && control.ending() == RunControl::End::None; ++done) {
            PartOfProgress part(events, input.run, done, ids.size());
            try {
                const auto scores =
                    analyze("evaluate", {input.project, ids[done], {{"device", m_o.device}}}, part, control);
                if (control.ending() != RunControl::End::None)
                    break; // of some of its slices only
                for (auto &run : runs)
                    if (run.id == ids[done])
                        for (const char *key : {"v-rand", "v-info"})
                            run.summary["best"][key] = scores.values.at(key);
            } catch (const Error &e) {
                if (control.ending() != RunControl::End::None)
                    break;
                if (e.kind() == Error::Kind::Cancelled)
                    throw;
                problems[e.what()].push_back(ids[done]);
            }
        }
        if (control.ending() == RunControl::End::Cancel)
            throw Error(Error::Kind::Cancelled, "compare-runs", "cancelled");
        std::size_t failed = 0;
        for (const auto &[problem, of] : problems)
            failed += of.size();
        if (regionsWanted() && failed == ids.size())
            throw Error(Error::Kind::Failed, fmt::format("{}: no run could be scored", m_o.score),
                        problems.begin()->first);
        for (const auto &[problem, of] : problems)
            r.warnings.push_back(fmt::format("No region scores of run{} {}: {}", of.size() > 1 ? "s" : "",
                                             fmt::join(of, ", "), problem));
        if (done < ids.size())
            r.warnings.push_back(
                fmt::format("Stopped: region scores of {} of {} runs, and no examples.", done, ids.size()));
        return done == ids.size();
    }

    bool regionsWanted() const { return m_o.score == "v-rand" || m_o.score == "v-info"; }

    /// A cell from (H, W, C) numbers: grey, or colour stretched from black to white.
    static ImagePanel cell(const Array &values, double black, double white)
    {
        ImagePanel p;
        const auto h = values.dim(0), w = values.dim(1);
        if (values.dim(2) != 3) {
            Array grey(DType::Float32, {h, w});
            for (std::int64_t i = 0; i < h * w; ++i)
                grey.data<float>()[i] = values.data<float>()[i * values.dim(2)];
            p.image = grey;
            p.black = black;
            p.white = white;
            return p;
        }
        Array colour(DType::UInt8, {h, w, 3});
        for (std::int64_t i = 0; i < values.size(); ++i)
            colour.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(
                std::lround(std::clamp((values.data<float>()[i] - black) / (white - black), 0.0, 1.0) * 255));
        p.image = colour;
        return p;
    }

    void addExamples(Result &r, const Compared &compared, const Project &project, std::int64_t run, EventSink &events,
                     RunControl &control) const
    {
        // Of each model the run of the first seed, so that all see the same slices.
        std::vector<const ComparedModel *> models;
        std::vector<RunInfo> firsts;
        for (const auto &m : compared.models)
            for (const auto &one : m.runs)
                if (one.recipe.value("seed", std::int64_t(1)) == compared.seeds.front()) {
                    models.push_back(&m);
                    firsts.push_back(one);
                }
        const Recipe recipe{firsts.front().recipe};
        const Json &section = recipe.section("data");
        const auto data =
            datasets().get(section.value("name", std::string("segmentation")), "data").factory(section, recipe.seed());
        const auto source = openImage(section.value("images", std::string()));
        auto slices = data->split().validation.empty() ? data->split().training : data->split().validation;
        const auto wanted = std::min<std::int64_t>(m_o.examples, static_cast<std::int64_t>(slices.size()));
        std::vector<std::int64_t> shown;
        for (std::int64_t i = 0; i < wanted; ++i)
            shown.push_back(slices[static_cast<std::size_t>((2 * i + 1) * static_cast<std::int64_t>(slices.size()) /
                                                            (2 * wanted))]);
        // One size for all cells.
        std::int64_t side = m_o.crop;
        for (const auto s : shown)
            side = std::min({side, data->height(s), data->width(s)});

        const auto colours = data->channels() / data->planes();
        ImageGridPanel grid;
        std::vector<std::vector<ImagePanel>> rows(shown.size());
        std::vector<std::pair<double, double>> ranges;
        bool images = false;
        SliceProgress progress(events, control, run, "compare-runs",
                               static_cast<std::int64_t>(models.size() * shown.size()));
        std::int64_t done = 0;
        grid.columnTitles = {"original"};
        for (std::size_t i = 0; i < shown.size(); ++i) {
            const Array page = source->readPage(shown[i]);
            const Middle middle(page.dim(0), page.dim(1), side);
            const Array part = middle.of(page, page.dim(0), page.dim(1), colours == 3 ? 3 : 1, true);
            const auto values = part.span<float>();
            const auto [low, high] = std::minmax_element(values.begin(), values.end());
            ranges.emplace_back(*low, *high > *low ? *high : *low + 1);
            rows[i].push_back(cell(part, ranges[i].first, ranges[i].second));
            grid.rowTitles.push_back(fmt::format("slice {}", shown[i]));
        }
        for (std::size_t m = 0; m < models.size(); ++m) {
            Predictor predictor(project.runFolder(firsts[m].id),
                                PredictOptions::schema().read({{"device", m_o.device}}, "prediction"));
            images = predictor.reconstructs();
            if (m == 0 && !images && data->hasLabels()) {
                grid.columnTitles.push_back("labels");
                for (std::size_t i = 0; i < shown.size(); ++i) {
                    const Array labels = data->target(shown[i]);
                    rows[i].push_back(cell(
                        Middle(labels.dim(0), labels.dim(1), side).of(labels, labels.dim(0), labels.dim(1), 1, true), 0,
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
                // A picture by itself may be of any size; neighbours come from the stack.
                const Array p =
                    data->planes() == 1
                        ? predictor.predict(source->readPage(shown[i]), progress.within(done), source->info().alpha)
                        : predictor.predictRegion(*source, shown[i], 0, 0, h, w, progress.within(done));
                const Middle middle(h, w, side);
                if (images)
                    rows[i].push_back(
                        cell(middle.of(p, h, w, colours == 3 ? 3 : 1, false), ranges[i].first, ranges[i].second));
                else
                    rows[i].push_back(
                        cell(middle.of(p.dim(0) == 2 ? p.at(1).reshaped({1, h, w}) : mostLikely(p), h, w, 1, false), 0,
                             p.dim(0) == 2 ? 1 : static_cast<double>(p.dim(0) - 1)));
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
            fmt::format("Middle {} x {} px of {} slices, seed {}: {}", side, side,
                        data->split().validation.empty() ? "training" : "validation", compared.seeds.front(),
                        images ? "the original and what each model makes of it, all on the original's grey scale."
                               : "the original, its labels, and what each model predicts.");
        Panel panel;
        panel.content = std::move(grid);
        f.panels.push_back(std::move(panel));
        r.figures.push_back(std::move(f));
    }

    /// (K, H, W) -> (1, H, W) the most likely class.
    static Array mostLikely(const Array &p)
    {
        const auto n = p.dim(1) * p.dim(2);
        Array best(DType::Float32, {1, p.dim(1), p.dim(2)});
        for (std::int64_t i = 0; i < n; ++i) {
            std::int64_t k = 0;
            for (std::int64_t c = 1; c < p.dim(0); ++c)
                if (p.data<float>()[c * n + i] > p.data<float>()[k * n + i])
                    k = c;
            best.data<float>()[i] = static_cast<float>(k);
        }
        return best;
    }

    CompareRunsOptions m_o;
};

const Registration<AnalysisFactory> registration(CompareRunsOptions::schema().info(), [](const Json &options) {
    return std::make_unique<CompareRuns>(CompareRunsOptions::schema().read(options, "compare-runs"));
});

} // namespace

} // namespace reticle
