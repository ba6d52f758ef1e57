#include "analysis/segmentation/PostprocessAnalysis.h"

#include "analysis/segmentation/ScoreFigures.h"
#include "imaging/Postprocess.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <limits>
#include <optional>

// Cleaning of a segmentation with the scores before and after. The rule of nnU-Net (Isensee et al. 2021) is kept for
// "only the largest component": it is a gain only where the mean Dice rises.

namespace reticle {

namespace {

struct Options : SegmentationInputOptions, PostprocessOptions
{
    bool largestRule = false;
    std::string output;

    static Schema<Options> schema()
    {
        using O = Options;
        Schema<O> s("postprocess", "Post-processing of a segmentation",
                    "Median over slices, closing, opening, filling of holes, removal of small objects and keeping of the "
                    "largest, each switched on by itself, with the scores before and after.");
        addPostprocessFields(s);
        s.field(&O::largestRule, {.name = "largest-rule",
                                  .title = "Keep the largest if it helps",
                                  .help = "Keep only the largest object of a slice if, and only if, the mean Dice over "
                                          "the slices rises by it (nnU-Net's rule)",
                                  .group = "Steps"});
        addInputFields(s, false);
        s.field(&O::output, {.name = "output",
                             .title = "Write labels to",
                             .help = "File that gets the labels after the steps, one page a slice: .tif, .ome.tif, .npy, "
                                     "of one slice .png; or a folder, a name without an ending; empty = none",
                             .path = true,
                             .group = "Output"});
        return s;
    }
    static Options read(const Json &json)
    {
        Options o = schema().read(json, "postprocess");
        o.SegmentationInputOptions::classIndex = o.PostprocessOptions::classIndex;
        return o;
    }
};

constexpr const char *scoreNames[] = {"pixel error", "Dice", "IoU", "precision", "recall", "V_Rand", "V_Info", "objects"};

double number(const Json &scores, const char *name)
{
    return scores.contains(name) && scores[name].is_number() ? scores[name].get<double>()
                                                             : std::numeric_limits<double>::quiet_NaN();
}

struct Scores
{
    std::vector<Json> before, after;
    Mean mean(const std::vector<Json> &scores, const char *name) const
    {
        std::vector<double> v;
        for (const auto &s : scores)
            v.push_back(number(s, name));
        return meanOf(v);
    }
};

class Postprocess : public Analysis
{
public:
    explicit Postprocess(Options options) : m_o(std::move(options)) {}

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        SegmentationInput source(m_o, input);
        if (!m_o.output.empty())
            requireFormat(m_o.output, source.plan(), StackNumbers::Whole);
        m_class = source.className(m_o.PostprocessOptions::classIndex);
        m_objects = source.objectsAreClass();
        if (m_o.largestRule && !source.hasTruth())
            throw Error({"largest-rule", "labels to tell whether the Dice rises", "none", "give labels=FILE or switch it off"});
        const auto total = static_cast<std::int64_t>(source.slices().size());
        SliceProgress progress(events, control, input.run, "postprocess", 2 * total);

        std::vector<Array> predictions;
        for (std::int64_t i = 0; i < total; ++i) {
            progress.at(i);
            auto slice = source.slice(static_cast<std::size_t>(i), progress.within(i));
            predictions.push_back(slice.prediction);
            if (source.hasTruth())
                m_truth.push_back(slice.truth);
        }
        const auto goOn = [&](double part) { return progress.at(total, part * static_cast<double>(total) / 2); };
        for (const auto &p : predictions)
            m_before.push_back(predictedLabels(p, m_o));
        m_after = postprocessStack(predictions, m_o, goOn);
        std::optional<bool> helped;
        if (m_o.largestRule)
            helped = applyLargestRule(predictions);
        score(progress, total);
        write(source);
        progress.at(2 * total);
        return report(source, helped);
    }

private:
    double meanDice(const std::vector<Array> &labels) const
    {
        std::vector<double> v;
        for (std::size_t i = 0; i < labels.size(); ++i)
            v.push_back(countPixels(labels[i], m_truth[i], m_o.PostprocessOptions::classIndex).dice());
        return meanOf(v).mean;
    }

    /// Keeps the largest object on top of the other steps if the mean Dice rises. Says whether it did.
    bool applyLargestRule(const std::vector<Array> &predictions)
    {
        PostprocessOptions with = m_o, without = m_o;
        with.keepLargest = true;
        with.keepCount = 1;
        if (with.order.find("keep") == std::string::npos)
            with.order += ", keep";
        without.keepLargest = false;
        auto kept = postprocessStack(predictions, with), plain = postprocessStack(predictions, without);
        m_ruleDice = {meanDice(plain), meanDice(kept)};
        const bool rises = m_ruleDice.second > m_ruleDice.first;
        m_after = rises ? std::move(kept) : std::move(plain);
        return rises;
    }

    void score(SliceProgress &progress, std::int64_t total)
    {
        const auto of = [this](const std::vector<Array> &labels, std::size_t i) {
            return labelScores(labels[i], m_truth.empty() ? nullptr : &m_truth[i], m_o.PostprocessOptions::classIndex, m_objects);
        };
        for (std::size_t i = 0; i < m_after.size(); ++i) {
            progress.at(total + total / 2 + static_cast<std::int64_t>(i) / 2);
            auto before = std::async(std::launch::async, of, std::cref(m_before), i); // the other on this thread
            m_scores.after.push_back(of(m_after, i));
            m_scores.before.push_back(before.get());
        }
    }

    void write(const SegmentationInput &source) const
    {
        if (m_o.output.empty())
            return;
        auto pages = source.plan();
        pages.pixelBytes = 2;
        const auto writer = StackWriter::open(m_o.output, pages, StackNumbers::Whole);
        for (const auto &l : m_after)
            writer->writePage(source.fileValues(l));
        writer->close();
    }

    Result report(SegmentationInput &source, std::optional<bool> helped)
    {
        Result r;
        r.name = "postprocess";
        PostprocessOptions applied = m_o;
        if (helped)
            applied.keepLargest = *helped;
        if (helped && *helped && applied.order.find("keep") == std::string::npos)
            applied.order += ", keep";
        const auto steps = describeSteps(applied);
        if (!applied.anything())
            r.warnings.push_back(m_o.largestRule ? "Keeping the largest object does not help, and no other step is switched on."
                                                 : "No step is switched on: nothing was changed.");

        std::vector<std::string> names;
        std::vector<double> before, after;
        for (const char *name : scoreNames) {
            if (m_truth.empty() && std::string(name) != "objects")
                continue;
            names.push_back(name);
            before.push_back(m_scores.mean(m_scores.before, name).mean);
            after.push_back(m_scores.mean(m_scores.after, name).mean);
        }
        Json valuesBefore = Json::object(), valuesAfter = Json::object();
        for (std::size_t i = 0; i < names.size(); ++i) {
            valuesBefore[names[i]] = std::isnan(before[i]) ? Json(nullptr) : Json(before[i]);
            valuesAfter[names[i]] = std::isnan(after[i]) ? Json(nullptr) : Json(after[i]);
        }
        r.values = {
            {"steps", steps}, {"slices", m_after.size()}, {"class", m_class}, {"before", valuesBefore}, {"after", valuesAfter}};
        std::vector<double> change;
        for (std::size_t i = 0; i < names.size(); ++i)
            change.push_back(after[i] - before[i]);
        Table overall;
        overall.title = "Means over slices, before and after";
        overall.columns = {{"score", "", names}, {"before", "", before, 4}, {"after", "", after, 4}, {"change", "", change, 4}};
        r.tables = {overall, sliceTable(source)};

        const auto number = [](double v) { return std::isnan(v) ? std::string("n/a") : fmt::format("{:.4f}", v); };
        const auto many = m_after.size() == 1 ? std::string("one slice") : fmt::format("{} slices", m_after.size());
        r.summary =
            fmt::format("{} of {}, {} ({}): ", many, source.what(), source.classText(m_o.PostprocessOptions::classIndex), steps);
        r.summary[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(r.summary[0])));
        if (m_truth.empty())
            r.summary += fmt::format("{:.1f} objects a slice before, {:.1f} after.", before[0], after[0]);
        else
            r.summary += fmt::format("pixel error {} -> {}, Dice {} -> {}, V_Rand {} -> {}.", number(before[0]), number(after[0]),
                                     number(before[1]), number(after[1]), number(before[5]), number(after[5]));
        if (helped) {
            r.values["largest-rule"] = {{"dice-without", m_ruleDice.first}, {"dice-with", m_ruleDice.second}, {"kept", *helped}};
            r.summary += fmt::format(" Keeping only the largest object {} (mean Dice {:.4f} without, {:.4f} with).",
                                     *helped ? "helps and was done" : "does not help and was left out", m_ruleDice.first,
                                     m_ruleDice.second);
        }
        if (!m_o.output.empty())
            r.values["output"] = m_o.output;
        for (const auto &note : source.notes())
            r.warnings.push_back(note);
        if (!m_truth.empty())
            r.figures.push_back(scoreFigure(names, before, after, steps, source));
        r.figures.push_back(exampleFigure(source, steps));
        return r;
    }

    Table sliceTable(const SegmentationInput &source) const
    {
        Table t;
        t.title = "Per slice";
        std::vector<std::int64_t> index(source.slices().begin(), source.slices().end());
        t.columns.push_back({"slice", "", index});
        for (const char *name : scoreNames) {
            if (m_truth.empty() && std::string(name) != "objects")
                continue;
            for (const auto *side : {&m_scores.before, &m_scores.after}) {
                std::vector<double> v;
                for (const auto &s : *side)
                    v.push_back(number(s, name));
                t.columns.push_back({std::string(name) + (side == &m_scores.before ? " before" : " after"), "", v,
                                     std::string(name) == "objects" ? 0 : 4});
            }
        }
        return t;
    }

    Figure scoreFigure(const std::vector<std::string> &names, const std::vector<double> &before, const std::vector<double> &after,
                       const std::string &steps, const SegmentationInput &source) const
    {
        Figure f;
        f.name = "postprocessing-scores";
        f.title = "Scores before and after " + steps;
        f.widthMm = 114;
        XYPanel p;
        p.y.label = "mean over slices";
        p.y.min = 0;
        p.y.max = 1;
        Series a, b, da, db;
        a.name = "before";
        b.name = "after";
        a.kind = b.kind = SeriesKind::Bar;
        a.color = "#999999";
        b.color = "#0072B2";
        for (std::size_t i = 0; i + 1 < names.size(); ++i) { // without the number of objects
            p.x.categories.push_back(names[i]);
            a.x.push_back(static_cast<double>(i));
            b.x.push_back(static_cast<double>(i));
            a.y.push_back(before[i]);
            b.y.push_back(after[i]);
        }
        p.series = {a, b};
        p.legend = LegendPlace::Outside;
        f.panels = {panel(0, 0, "", "", p)};
        f.caption = fmt::format("Scores of {} ({}, mean of {} slices) before and after post-processing: {}.", m_class,
                                source.what(), m_after.size(), steps);
        return f;
    }

    Figure exampleFigure(SegmentationInput &source, const std::string &steps) const
    {
        // The slice that changed most.
        std::size_t shown = 0;
        std::int64_t maximum = -1;
        for (std::size_t i = 0; i < m_after.size(); ++i) {
            std::int64_t changed = 0;
            for (std::int64_t k = 0; k < m_after[i].size(); ++k)
                changed += m_after[i].data<std::uint8_t>()[k] != m_before[i].data<std::uint8_t>()[k];
            if (changed > maximum) {
                maximum = changed;
                shown = i;
            }
        }
        const auto c = m_o.PostprocessOptions::classIndex;
        const auto whole = source.slice(shown);
        const auto slice = middleOf(whole);
        const Array was = middleOf(m_before[shown]), is = middleOf(m_after[shown]);
        Figure f;
        f.name = "postprocessing-example";
        f.title = fmt::format("Slice {}: {}", slice.index, steps);
        ImagePanel plain = imagePanel(slice, c, source.pixelSize());
        ImagePanel before = plain, after = plain, change = plain;
        before.overlays.push_back({Overlay::Kind::Labels, classLabels(was, c), {"", m_class}, "viridis", 0.4});
        after.overlays.push_back({Overlay::Kind::Labels, classLabels(is, c), {"", m_class}, "viridis", 0.4});
        Array changed(DType::UInt8, is.shape());
        for (std::int64_t k = 0; k < changed.size(); ++k) {
            const bool had = was.data<std::uint8_t>()[k] == c, has = is.data<std::uint8_t>()[k] == c;
            changed.data<std::uint8_t>()[k] = had == has ? 0 : has ? 1 : 2;
        }
        change.overlays.push_back({Overlay::Kind::Labels, changed, {"", "added", "taken away"}, "viridis", 0.9});
        f.panels = {panel(0, 0, "a", "Before", before), panel(0, 1, "b", "After", after), panel(0, 2, "c", "Changes", change)};
        f.caption = fmt::format("Slice {} of {}, the one that changed most ({} px){}: {} (a) before and (b) after "
                                "post-processing ({}), and (c) what was added and taken away.",
                                slice.index, source.what(), maximum, shownPart(whole), m_class, steps);
        return f;
    }

    Options m_o;
    std::string m_class;
    bool m_objects = true;
    std::vector<Array> m_truth, m_before, m_after;
    Scores m_scores;
    std::pair<double, double> m_ruleDice{0, 0};
};

const RequiresCapability postprocessAnalysisClasses("postprocess", "classes"),
    postprocessAnalysisPictures("postprocess", "images");
const AskedOf postprocessAnalysisOfRuns("postprocess", "run"), postprocessAnalysisOfData("postprocess", "data", {"prediction"});
const Registration<AnalysisFactory> postprocessAnalysisRegistration(Options::schema().info(), [](const Json &options) {
    return std::make_unique<Postprocess>(Options::read(options));
});

} // namespace

SchemaInfo postprocessPreviewSchema()
{
    Schema<PostprocessOptions> steps(
        "postprocess", "Cleaning of a predicted slice",
        "The parameters also hold \"probability\", an array (H, W) of the class's probability or (K, H, W) of all classes, "
        "and \"truth\", an array (H, W) of class indices with 255 for what is not scored, or null; \"foreground\" among the "
        "options says whether the truth's foreground is bright or dark. The answer holds \"labels\", an array (H, W) uint8 of "
        "class indices, the scores \"before\" and \"after\", and \"steps\" in words. The median needs a stack and is "
        "passed over.");
    addPostprocessFields(steps);
    SchemaInfo schema = steps.info();
    schema.fields.push_back(*Options::schema().info().find("objects"));
    return schema;
}

PostprocessPreview previewPostprocess(const Array &prediction, const Array *truth, const Json &options)
{
    const Options o = Options::read(options);
    const auto c = o.PostprocessOptions::classIndex;
    // As SegmentationInput::objectsAreClass has it.
    const bool several = prediction.rank() == 3 && prediction.dim(0) > 2;
    const bool objects = o.objects == "auto" ? several || (c == 1) != (o.foreground == "dark") : o.objects == "class";
    PostprocessPreview p;
    p.labels = postprocessSlice(prediction, o);
    p.steps = describeSteps(o);
    const Array labels = predictedLabels(prediction, o);
    if (truth && truth->shape() != labels.shape())
        throw Error(
            {"truth", fmt::format("labels of the prediction's size {} x {}", labels.dim(1), labels.dim(0)), "another size", {}});
    const Array t = truth ? truth->as(DType::UInt8) : Array();
    auto before = std::async(std::launch::async, [&] { return labelScores(labels, truth ? &t : nullptr, c, objects); });
    p.after = labelScores(p.labels, truth ? &t : nullptr, c, objects);
    p.before = before.get();
    return p;
}

} // namespace reticle
