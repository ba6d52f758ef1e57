#include "analysis/Analysis.h"
#include "analysis/SegmentationInput.h"
#include "base/Comparison.h"
#include "base/Dataset.h"
#include "base/ImageSource.h"
#include "learn/Inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

// Which model does best: the runs of a comparison by model and seed, with mean, spread and paired tests over seeds,
// what they cost, and what they make of a few slices.

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
        return Schema<O>(
                   "compare-runs", "Comparison of models",
                   "Runs put side by side by model and seed: weights, time per step, peak memory, the validation score "
                   "of "
                   "each seed with mean and spread (sample standard deviation), paired t tests between models over "
                   "seeds (Student 1908; corrected by Holm 1979), and a strip of what each makes of a few slices.")
            .field(&O::comparison,
                   {.name = "comparison",
                    .title = "Comparison",
                    .help = "Number of the comparison; 0 = that of the run it is asked of, or the latest",
                    .min = 0})
            .field(&O::runs, {.name = "runs", .title = "Runs", .help = "These runs instead, of any recipes", .min = 1})
            .field(&O::score,
                   {.name = "score",
                    .title = "Score",
                    .help = "What is compared; auto = Dice of runs that segment, validation loss of autoencoders",
                    .choices = comparableScores()})
            .field(&O::regions,
                   {.name = "regions",
                    .title = "Region scores",
                    .help = "Runs that segment are also scored by V_Rand and V_Info of their validation slices, each at "
                            "its best threshold, as the analysis evaluate does"})
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
                                .help = "Where the examples are computed: auto, cpu, cuda or cuda:N",
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
        if (m_o.regions || m_o.score == "v-rand" || m_o.score == "v-info")
            addRegionScores(r, runs, input, events, control);
        const auto compared = compareRuns(runs, planned, m_o.score);
        r.summary = comparisonText(compared);
        r.warnings.insert(r.warnings.begin(), compared.warnings.begin(), compared.warnings.end());
        r.tables = {modelTable(compared), pairTable(compared), scoredRunTable(compared)};
        r.figures = {comparisonFigure(compared)};
        r.values["score"] = compared.score;
        for (const auto &m : compared.models)
            r.values[m.label] = {{"mean", number(m.score.mean)}, {"sd", number(m.score.sd)}, {"seeds", m.score.count}};
        if (m_o.examples > 0)
            try {
                addExamples(r, compared, *input.project, input.run, events, control);
            } catch (const Error &e) {
                if (e.kind() == Error::Kind::Cancelled)
                    throw;
                r.warnings.push_back(std::string("No examples: ") + e.what());
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

    /// Beside the scores that training kept of each run that segments, those of its regions.
    void addRegionScores(Result &r, std::vector<RunInfo> &runs, const AnalysisInput &input, EventSink &events,
                         RunControl &control) const
    {
        struct : EventSink
        {
            void emit(const Event &) override {}
        } inner; // the progress on show is that over runs
        SliceProgress progress(events, control, input.run, "compare-runs", static_cast<std::int64_t>(runs.size()));
        for (std::size_t i = 0; i < runs.size(); ++i) {
            if (!progress.at(static_cast<std::int64_t>(i)))
                throw Error(Error::Kind::Cancelled, "compare-runs", "stopped");
            auto &run = runs[i];
            if (!run.summary.is_object() || !run.summary.value("best", Json::object()).contains("dice"))
                continue;
            try {
                const auto scores = analyze("evaluate", {input.project, run.id, {{"device", m_o.device}}}, inner, control);
                if (control.ending() != RunControl::End::None)
                    throw Error(Error::Kind::Cancelled, "compare-runs", "stopped");
                for (const char *key : {"v-rand", "v-info"})
                    run.summary["best"][key] = scores.values.at(key);
            } catch (const Error &e) {
                if (e.kind() == Error::Kind::Cancelled)
                    throw;
                r.warnings.push_back(fmt::format("No region scores of run {}: {}", run.id, e.what()));
            }
        }
        progress.at(static_cast<std::int64_t>(runs.size()));
    }

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
                if (!progress.at(done))
                    throw Error(Error::Kind::Cancelled, "compare-runs", "stopped");
                const auto h = data->height(shown[i]), w = data->width(shown[i]);
                // A picture by itself may be of any size; neighbours come from the stack.
                const Array p = data->planes() == 1
                                    ? predictor.predict(source->readPage(shown[i]), progress.within(done))
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
