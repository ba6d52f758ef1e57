#include "analysis/segmentation/ScoreFigures.h"
#include "foundation/Nan.h"
#include "imaging/Postprocess.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <future>

// How good a segmentation is: pixel scores of one class and, after thinning, the region scores of Arganda-Carreras et
// al. 2015, over ten thresholds; a score over slices is the mean at the threshold that is best for all slices together.

namespace reticle {

namespace {

struct EvaluateOptions : SegmentationInputOptions
{
    double threshold = 0.5;
    bool regions = true;

    static Schema<EvaluateOptions> schema()
    {
        using O = EvaluateOptions;
        Schema<O> s("evaluate", "Scores of a segmentation",
                    "Pixel error, Dice, IoU, precision and recall of a class, and V_Rand and V_Info of the regions after "
                    "thinning (Arganda-Carreras et al. 2015), per slice and overall, over thresholds from 0 to 0.9.");
        addInputFields(s);
        s.field(&O::threshold, {.name = "threshold",
                                .title = "Threshold",
                                .help = "Threshold of the scores per slice and of the example",
                                .min = 0,
                                .max = 1});
        s.field(&O::regions,
                {.name = "regions", .title = "Region scores", .help = "V_Rand and V_Info too, which are most of the work"});
        return s;
    }
};

struct SliceScores
{
    std::int64_t index = 0;
    std::vector<ThresholdScores> curve;
    ThresholdScores chosen; ///< at the threshold of the options
    ProbabilityCounts counts;
    std::vector<PixelCounts> classes; ///< of every class' most likely pixels, with three classes or more
};

using Curves = std::vector<std::vector<ThresholdScores>>;

double vRand(const ThresholdScores &s)
{
    return s.regions.vRand;
}
double vInfo(const ThresholdScores &s)
{
    return s.regions.vInfo;
}
double dice(const ThresholdScores &s)
{
    return s.pixels.dice();
}
double iou(const ThresholdScores &s)
{
    return s.pixels.iou();
}
double pixelError(const ThresholdScores &s)
{
    return s.pixels.pixelError();
}
double precision(const ThresholdScores &s)
{
    return s.pixels.precision();
}
double recall(const ThresholdScores &s)
{
    return s.pixels.recall();
}

struct Named
{
    const char *key, *label;
    double (*score)(const ThresholdScores &);
    bool smallest, region;
};
constexpr Named scores[] = {
    {"pixel-error", "Pixel error", pixelError, true, false},
    {"dice", "Dice", dice, false, false},
    {"iou", "IoU", iou, false, false},
    {"v-rand", "V_Rand", vRand, false, true},
    {"v-info", "V_Info", vInfo, false, true},
};

class Evaluate : public Analysis
{
public:
    explicit Evaluate(EvaluateOptions options) : m_o(std::move(options)) {}

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        SegmentationInput source(m_o, input);
        if (!source.hasTruth())
            throw Error({"labels", "labels to compare the prediction with", "none", "give labels=FILE"});
        scoreSlices(source, input.run, events, control);
        return report(source);
    }

private:
    SliceScores scored(const SegmentedSlice &slice, bool objectsAreClass) const
    {
        SliceScores s;
        s.index = slice.index;
        const Array p = classProbability(slice.prediction, m_o.classIndex);
        s.curve = thresholdCurve(p, slice.truth, m_o.classIndex, objectsAreClass, m_thresholds, m_o.regions);
        const auto at = std::find(m_thresholds.begin(), m_thresholds.end(), m_o.threshold);
        s.chosen = at != m_thresholds.end()
                       ? s.curve[at - m_thresholds.begin()]
                       : thresholdCurve(p, slice.truth, m_o.classIndex, objectsAreClass, {m_o.threshold}, m_o.regions).front();
        s.counts.add(p, slice.truth, m_o.classIndex);
        if (slice.prediction.rank() == 3 && slice.prediction.dim(0) > 2) {
            const Array labels = predictedLabels(slice.prediction, {});
            for (std::int64_t k = 0; k < slice.prediction.dim(0); ++k)
                s.classes.push_back(countPixels(labels, slice.truth, k));
        }
        return s;
    }

    void scoreSlices(SegmentationInput &source, std::int64_t run, EventSink &events, RunControl &control)
    {
        m_thresholds = source.hasProbabilities() ? standardThresholds() : std::vector<double>{0.5};
        const bool objects = source.objectsAreClass();
        const auto total = static_cast<std::int64_t>(source.slices().size());
        SliceProgress progress(events, control, run, "evaluate", total);
        // Slices are read and predicted here, one after the other, and scored on two threads beside.
        std::deque<std::future<SliceScores>> scoring;
        const auto collect = [&] {
            m_slices.push_back(scoring.front().get());
            scoring.pop_front();
        };
        try {
            for (std::int64_t i = 0; i < total && progress.at(i); ++i) {
                auto slice = source.slice(static_cast<std::size_t>(i), progress.within(i));
                slice.image = {};
                if (scoring.size() == 2)
                    collect();
                scoring.push_back(
                    std::async(std::launch::async, [this, objects, slice = std::move(slice)] { return scored(slice, objects); }));
            }
        } catch (const Error &e) {
            if (e.kind() != Error::Kind::Cancelled || control.ending() != RunControl::End::Stop)
                throw;
        }
        while (!scoring.empty())
            collect();
        if (m_slices.empty())
            throw Error(Error::Kind::Cancelled, "evaluate", "stopped before the first slice was done");
        if (static_cast<std::int64_t>(m_slices.size()) < total)
            m_result.warnings.push_back(fmt::format("Stopped after {} of {} slices.", m_slices.size(), total));
        else
            progress.at(total);
        for (const auto &s : m_slices)
            m_curves.push_back(s.curve);
    }

    double mean(double (*score)(const ThresholdScores &), int t) const
    {
        return t < 0 ? nan : meansOverSlices(m_curves, score).first[t];
    }

    Result report(SegmentationInput &source)
    {
        m_class = source.className(m_o.classIndex);
        Result &r = m_result;
        r.name = "evaluate";
        r.values["slices"] = m_slices.size();
        r.values["class"] = m_class;
        r.values["threshold"] = m_o.threshold;
        for (const auto &n : scores) {
            if (n.region && !m_o.regions)
                continue;
            const int best = bestThreshold(m_curves, n.score, n.smallest);
            const double value = mean(n.score, best);
            r.values[n.key] = std::isnan(value) ? Json(nullptr) : Json(value);
            r.values[std::string(n.key) + "-threshold"] = best < 0 ? Json(nullptr) : Json(m_thresholds[best]);
        }
        r.tables = {overallTable(), sliceTable(), curveTable()};
        if (!m_slices.front().classes.empty())
            r.tables.push_back(classTable(source));

        const auto text = [&](const char *key) {
            return r.values[key].is_null() ? std::string("n/a") : fmt::format("{:.4f}", r.values[key].get<double>());
        };
        const auto many = m_slices.size() == 1 ? "one slice" : fmt::format("{} slices", m_slices.size());
        r.summary = fmt::format("Over {} of {}, {}: pixel error {}, Dice {}", many, source.what(),
                                source.classText(m_o.classIndex), text("pixel-error"), text("dice"));
        r.summary +=
            m_o.regions ? fmt::format(", V_Rand {} and V_Info {} after thinning", text("v-rand"), text("v-info")) : std::string();
        r.summary += m_thresholds.size() > 1 ? ", each at its best threshold." : ".";
        std::int64_t left = 0;
        for (const auto &s : m_slices)
            left += std::isnan(dice(s.chosen));
        if (left > 0)
            r.warnings.push_back(fmt::format("{} slice{} without {} in truth and prediction: n/a there and left out of means.",
                                             left, left == 1 ? "" : "s", source.classText(m_o.classIndex)));

        PixelCounts all;
        for (const auto &s : m_slices)
            all += s.chosen.pixels;
        if (all.tp + all.fn == 0)
            r.warnings.push_back(
                fmt::format("The labels have no pixel of {}: the pixel error is the share of pixels wrongly taken "
                            "for it. Dice is 0 for a slice where there are some, and n/a for others.",
                            source.classText(m_o.classIndex)));
        else if (all.fp + all.tn == 0)
            r.warnings.push_back(
                fmt::format("The labels are {} everywhere: the pixel error is the share of pixels that were missed.",
                            source.classText(m_o.classIndex)));
        for (const auto &note : source.notes())
            r.warnings.push_back(note);

        r.figures.push_back(scoreFigure(source));
        r.figures.push_back(exampleFigure(source));
        return r;
    }

    Table overallTable() const
    {
        std::vector<std::string> names;
        std::vector<double> best, threshold, sd, chosen, chosenSd;
        std::vector<std::int64_t> count, left;
        for (const auto &n : scores) {
            if (n.region && !m_o.regions)
                continue;
            const int t = bestThreshold(m_curves, n.score, n.smallest);
            std::vector<double> atBest, atChosen;
            for (const auto &s : m_slices) {
                atBest.push_back(t < 0 ? nan : n.score(s.curve[t]));
                atChosen.push_back(n.score(s.chosen));
            }
            const Mean b = meanOf(atBest), c = meanOf(atChosen);
            names.push_back(n.label);
            best.push_back(b.mean);
            sd.push_back(b.sd);
            threshold.push_back(t < 0 ? nan : m_thresholds[t]);
            chosen.push_back(c.mean);
            chosenSd.push_back(c.sd);
            count.push_back(b.count);
            left.push_back(b.left);
        }
        Table t;
        t.title = "Overall: means over slices";
        t.columns = {{"score", "", names},
                     {"best", "", best, 4},
                     {"sd over slices", "", sd, 4},
                     {"at threshold", "", threshold, 1},
                     {fmt::format("at {:g}", m_o.threshold), "", chosen, 4},
                     {fmt::format("sd at {:g}", m_o.threshold), "", chosenSd, 4},
                     {"slices", "", count},
                     {"left out", "", left}};
        return t;
    }

    Table sliceTable() const
    {
        Table t;
        t.title = fmt::format("Per slice, threshold {:g}", m_o.threshold);
        std::vector<std::int64_t> index;
        for (const auto &s : m_slices)
            index.push_back(s.index);
        t.columns.push_back({"slice", "", index});
        const auto column = [&](const char *name, auto &&value) {
            std::vector<double> v;
            for (const auto &s : m_slices)
                v.push_back(value(s.chosen));
            t.columns.push_back({name, "", v, 4});
        };
        column("pixel error", pixelError);
        column("Dice", dice);
        column("IoU", iou);
        column("precision", precision);
        column("recall", recall);
        if (m_o.regions) {
            column("V_Rand", vRand);
            column("Rand split", [](const auto &s) { return s.regions.randSplit; });
            column("Rand merge", [](const auto &s) { return s.regions.randMerge; });
            column("V_Info", vInfo);
            column("Info split", [](const auto &s) { return s.regions.infoSplit; });
            column("Info merge", [](const auto &s) { return s.regions.infoMerge; });
            column("VI", [](const auto &s) { return s.regions.variation(); });
            t.columns.back().unit = "nat";
        }
        for (const auto &[name, member] :
             {std::pair{"tp", &PixelCounts::tp}, {"fp", &PixelCounts::fp}, {"fn", &PixelCounts::fn}, {"tn", &PixelCounts::tn}}) {
            std::vector<std::int64_t> v;
            for (const auto &s : m_slices)
                v.push_back(s.chosen.pixels.*member);
            t.columns.push_back({name, "px", v});
        }
        return t;
    }

    Table curveTable() const
    {
        Table t;
        t.title = "Over thresholds: means over slices";
        t.columns.push_back({"threshold", "", m_thresholds, 1});
        const auto column = [&](const char *name, auto &&value) {
            t.columns.push_back({name, "", meansOverSlices(m_curves, value).first, 4});
        };
        column("pixel error", pixelError);
        column("Dice", dice);
        column("IoU", iou);
        column("precision", precision);
        column("recall", recall);
        if (m_o.regions) {
            column("V_Rand", vRand);
            column("Rand split", [](const auto &s) { return s.regions.randSplit; });
            column("Rand merge", [](const auto &s) { return s.regions.randMerge; });
            column("V_Info", vInfo);
            column("VI", [](const auto &s) { return s.regions.variation(); });
            t.columns.back().unit = "nat";
        }
        return t;
    }

    Table classTable(const SegmentationInput &source) const
    {
        Table t;
        t.title = "Classes, most likely one of each pixel, all slices together";
        std::vector<std::string> names;
        std::vector<double> d, i, p, r;
        for (std::size_t k = 0; k < m_slices.front().classes.size(); ++k) {
            PixelCounts c;
            for (const auto &s : m_slices)
                c += s.classes[k];
            names.push_back(source.className(static_cast<std::int64_t>(k)));
            d.push_back(c.dice());
            i.push_back(c.iou());
            p.push_back(c.precision());
            r.push_back(c.recall());
        }
        t.columns = {{"class", "", names}, {"Dice", "", d, 4}, {"IoU", "", i, 4}, {"precision", "", p, 4}, {"recall", "", r, 4}};
        return t;
    }

    XYPanel curvePanel(std::initializer_list<int> which, const char *label) const
    {
        XYPanel p;
        p.x = {"threshold", "", Axis::Scale::Linear, 0.0, 0.9, {}};
        p.y.label = label;
        for (const int k : which) {
            const auto &n = scores[k];
            if (n.region && !m_o.regions)
                continue;
            const auto [means, sds] = meansOverSlices(m_curves, n.score);
            Series line;
            line.name = n.label;
            line.x = m_thresholds;
            line.y = means;
            line.dash = k == 3 ? Dash::Solid : k == 4 ? Dash::Dashed : k == 1 ? Dash::DashDot : Dash::Solid;
            p.series.push_back(line);
        }
        return p;
    }

    Figure scoreFigure(const SegmentationInput &source) const
    {
        Figure f;
        f.name = "segmentation-scores";
        f.title = "Segmentation scores, " + source.what();
        int letter = 0;
        const auto place = [&](const std::string &title, auto content) {
            Panel p = panel(letter / 2, letter % 2, std::string(1, static_cast<char>('a' + letter)), title, std::move(content));
            ++letter;
            f.panels.push_back(std::move(p));
        };
        f.caption = fmt::format("Segmentation of {} ({} slice{}), class {}. ", source.what(), m_slices.size(),
                                m_slices.size() == 1 ? "" : "s", m_class);
        if (m_thresholds.size() > 1) {
            XYPanel regions = curvePanel({3, 4, 1}, "score, mean over slices");
            const int best = bestThreshold(m_curves, m_o.regions ? vRand : dice);
            if (best >= 0)
                regions.references.push_back({'x', m_thresholds[best], fmt::format("best {}", m_o.regions ? "V_Rand" : "Dice")});
            place("Scores over the threshold", regions);
            f.caption += "(a) Scores over the threshold that a pixel's probability must exceed, means over slices; "
                         "regions are thinned first. ";
            XYPanel error = curvePanel({0}, "pixel error, mean over slices");
            const auto [means, sds] = meansOverSlices(m_curves, pixelError);
            if (m_slices.size() > 1) {
                Series band;
                band.name = fmt::format("mean ± sd, n = {}", m_slices.size());
                band.kind = SeriesKind::Band;
                band.x = m_thresholds;
                for (std::size_t t = 0; t < means.size(); ++t) {
                    band.lower.push_back(means[t] - sds[t]);
                    band.upper.push_back(means[t] + sds[t]);
                }
                band.color = "#000000";
                error.series.insert(error.series.begin(), band);
                error.series.back().color = "#000000";
            }
            place("Pixel error over the threshold", error);
            f.caption += "(b) Share of wrong pixels. ";
        }
        XYPanel slices;
        slices.x.label = "slice";
        slices.y.label = "score";
        for (const int k : {3, 4, 1}) {
            const auto &n = scores[k];
            if (n.region && !m_o.regions)
                continue;
            Series s;
            s.name = n.label;
            s.kind = SeriesKind::Scatter;
            for (const auto &slice : m_slices) {
                s.x.push_back(static_cast<double>(slice.index));
                s.y.push_back(n.score(slice.chosen));
            }
            slices.series.push_back(s);
        }
        place(fmt::format("Each slice, threshold {:g}", m_o.threshold), slices);
        f.caption +=
            fmt::format("({}) Scores of each slice at threshold {:g}. ", static_cast<char>('a' + letter - 1), m_o.threshold);
        if (m_thresholds.size() > 1) {
            ProbabilityCounts counts;
            for (const auto &s : m_slices)
                counts.add(s.counts);
            HistogramPanel h;
            h.x = {"probability of " + m_class, "", Axis::Scale::Linear, 0.0, 1.0, {}};
            h.y.label = "share of pixels";
            std::vector<double> edges;
            for (int i = 0; i <= ProbabilityCounts::bins; ++i)
                edges.push_back(static_cast<double>(i) / ProbabilityCounts::bins);
            const auto share = [](std::vector<double> v) {
                double sum = 0;
                for (const double x : v)
                    sum += x;
                for (double &x : v)
                    x = sum > 0 ? x / sum : 0;
                return v;
            };
            h.histograms = {{"truly " + m_class, edges, share(counts.ofClass), "#0072B2"},
                            {"truly something else", edges, share(counts.ofOthers), "#E69F00"}};
            h.references.push_back({'x', m_o.threshold, "threshold"});
            place("Probabilities", h);
            f.caption += fmt::format("({}) Probabilities of pixels that truly are {} and of the others; each adds up to 1.",
                                     static_cast<char>('a' + letter - 1), m_class);
        }
        return f;
    }

    /// Truth and prediction of the slice whose score is the median one.
    Figure exampleFigure(SegmentationInput &source) const
    {
        std::vector<std::pair<double, std::size_t>> order;
        for (std::size_t i = 0; i < m_slices.size(); ++i) {
            const double s = m_o.regions ? vRand(m_slices[i].chosen) : dice(m_slices[i].chosen);
            order.emplace_back(std::isnan(s) ? -1 : s, i);
        }
        std::sort(order.begin(), order.end());
        const std::size_t shown = order[order.size() / 2].second;
        const auto whole = source.slice(shown);
        const auto slice = middleOf(whole);
        PostprocessOptions o;
        o.classIndex = m_o.classIndex;
        o.threshold = m_o.threshold;
        const Array p = classProbability(slice.prediction, m_o.classIndex);
        Array predicted(DType::UInt8, p.shape());
        const auto other = static_cast<std::uint8_t>(m_o.classIndex == 0 ? 1 : 0);
        for (std::int64_t i = 0; i < p.size(); ++i)
            predicted.data<std::uint8_t>()[i] =
                p.data<float>()[i] > static_cast<float>(m_o.threshold) ? static_cast<std::uint8_t>(m_o.classIndex) : other;

        Figure f;
        f.name = "segmentation-example";
        f.title = fmt::format("Slice {} of {}", slice.index, source.what());
        ImagePanel plain = imagePanel(slice, m_o.classIndex, source.pixelSize());
        ImagePanel truth = plain, prediction = plain, errors = plain;
        truth.overlays.push_back(
            {Overlay::Kind::Labels, classLabels(slice.truth, m_o.classIndex), {"", m_class}, "viridis", 0.4});
        prediction.image = p;
        prediction.black = 0;
        prediction.white = 1;
        prediction.colorMap = "viridis";
        prediction.colorBar = true;
        prediction.colorLabel = "probability";
        errors.overlays.push_back({Overlay::Kind::Labels,
                                   errorLabels(predicted, slice.truth, m_o.classIndex),
                                   {"", "missed", "too much"},
                                   "viridis",
                                   0.8});
        f.panels = {panel(0, 0, "a", slice.image.empty() ? "Probability" : "Image", plain), panel(0, 1, "b", "Truth", truth),
                    panel(1, 0, "c", "Probability of " + m_class, prediction),
                    panel(1, 1, "d", fmt::format("Errors at threshold {:g}", m_o.threshold), errors)};
        const auto &chosen = m_slices[shown].chosen;
        f.caption = fmt::format("Slice {} of {}, the one of median score{}. (a) {}. (b) True {}. (c) Predicted "
                                "probability. "
                                "(d) Pixels of {} that are missed, and pixels wrongly taken for it, at threshold {:g}: "
                                "pixel error {:.4f}, Dice {:.4f}",
                                slice.index, source.what(), shownPart(whole), slice.image.empty() ? "Probability" : "Image",
                                m_class, m_class, m_o.threshold, pixelError(chosen), dice(chosen));
        f.caption += m_o.regions ? fmt::format(", V_Rand {:.4f}.", vRand(chosen)) : std::string(".");
        return f;
    }

    EvaluateOptions m_o;
    std::vector<double> m_thresholds;
    std::vector<SliceScores> m_slices;
    Curves m_curves;
    std::string m_class;
    Result m_result;
};

const RequiresCapability evaluateClasses("evaluate", "classes"), evaluatePictures("evaluate", "images");
const AskedOf evaluateOfRuns("evaluate", "run"), evaluateOfData("evaluate", "data", {"prediction", "labels"});
const Registration<AnalysisFactory> evaluateRegistration(EvaluateOptions::schema().info(), [](const Json &options) {
    return std::make_unique<Evaluate>(EvaluateOptions::schema().read(options, "evaluate"));
});

} // namespace

} // namespace reticle
