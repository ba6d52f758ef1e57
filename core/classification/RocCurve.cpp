#include "classification/RocCurve.h"

#include "figure/ColorMap.h"
#include "foundation/Error.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace reticle {

namespace {

constexpr double squareMm = 90;
constexpr const char *chanceColor = "#7f7f7f";

std::vector<double> over(const std::vector<std::int64_t> &counts, std::int64_t all)
{
    std::vector<double> parts;
    for (const auto n : counts)
        parts.push_back(all > 0 ? static_cast<double>(n) / static_cast<double>(all) : nan);
    return parts;
}

std::string numberText(double v)
{
    return std::isnan(v) ? "n/a" : fmt::format("{:.3f}", v);
}

std::string lineColor(std::size_t i)
{
    static constexpr int order[] = {5, 6, 3, 1, 7, 2};
    return fmt::format("#{:06x}", paletteColor(order[i % std::size(order)]) & 0xffffff);
}

/// Where the curve through (x, y), x never falling, is at `at`; at a jump its top.
double topAt(const std::vector<double> &x, const std::vector<double> &y, double at)
{
    const auto after = static_cast<std::size_t>(std::upper_bound(x.begin(), x.end(), at) - x.begin());
    if (after == 0)
        return y.front();
    if (after == x.size() || x[after - 1] == at)
        return y[after - 1];
    return y[after - 1] + (y[after] - y[after - 1]) * (at - x[after - 1]) / (x[after] - x[after - 1]);
}

XYPanel unitPanel(const char *x, const char *y)
{
    XYPanel panel;
    panel.x.label = x;
    panel.y.label = y;
    panel.x.min = panel.y.min = 0;
    panel.x.max = panel.y.max = 1;
    return panel;
}

Figure figureOf(XYPanel panel, const char *name, const char *title, std::string caption)
{
    Figure f;
    f.name = name;
    f.title = title;
    f.caption = std::move(caption);
    f.widthMm = f.heightMm = squareMm;
    Panel a;
    a.content = std::move(panel);
    f.panels.push_back(std::move(a));
    return f;
}

} // namespace

std::vector<double> RocCurve::falsePositiveRate() const
{
    return over(falsePositives, negatives);
}

std::vector<double> RocCurve::recall() const
{
    return over(truePositives, positives);
}

std::vector<double> RocCurve::precision() const
{
    std::vector<double> parts;
    for (std::size_t i = 0; i < thresholds.size(); ++i) {
        const auto said = truePositives[i] + falsePositives[i];
        parts.push_back(said > 0 ? static_cast<double>(truePositives[i]) / static_cast<double>(said) : 1);
    }
    return parts;
}

double RocCurve::auc() const
{
    if (positives == 0 || negatives == 0)
        return nan;
    double twice = 0; // of the area in pairs of rows
    for (std::size_t i = 1; i < thresholds.size(); ++i)
        twice += static_cast<double>(falsePositives[i] - falsePositives[i - 1]) *
                 static_cast<double>(truePositives[i] + truePositives[i - 1]);
    return twice / 2 / static_cast<double>(positives) / static_cast<double>(negatives);
}

double RocCurve::averagePrecision() const
{
    if (positives == 0)
        return nan;
    const auto p = precision();
    double sum = 0;
    for (std::size_t i = 1; i < thresholds.size(); ++i)
        sum += static_cast<double>(truePositives[i] - truePositives[i - 1]) * p[i];
    return sum / static_cast<double>(positives);
}

RocCurve rocCurve(const std::vector<double> &scores, const std::vector<bool> &positive)
{
    if (scores.size() != positive.size())
        throw Error({"scores", fmt::format("one for each of {} rows", positive.size()), std::to_string(scores.size()),
                     "predict the rows again"});
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (std::isnan(scores[i]))
            throw Error({fmt::format("row {}", i + 1), "a score", "nan", "check that the training did not diverge"});
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    RocCurve c;
    c.thresholds = {std::numeric_limits<double>::infinity()};
    c.truePositives = c.falsePositives = {0};
    for (std::size_t i = 0; i < order.size(); ++i) {
        ++(positive[order[i]] ? c.positives : c.negatives);
        if (i + 1 < order.size() && scores[order[i + 1]] == scores[order[i]])
            continue;
        c.thresholds.push_back(scores[order[i]]);
        c.truePositives.push_back(c.positives);
        c.falsePositives.push_back(c.negatives);
    }
    return c;
}

ClassCurves classCurves(const ClassProbabilities &p, const std::vector<std::int64_t> &truth,
                        const std::vector<std::string> &classes)
{
    p.check(truth);
    if (static_cast<std::int64_t>(classes.size()) != p.classes)
        throw Error({"classes", fmt::format("names of {} classes", p.classes), std::to_string(classes.size()),
                     "use the classes that the model was trained with"});
    ClassCurves all;
    for (std::int64_t c = p.classes == 2 ? 1 : 0; c < p.classes; ++c) {
        std::vector<bool> positive;
        for (const auto t : truth)
            positive.push_back(t == c);
        all.classes.push_back(classes[static_cast<std::size_t>(c)]);
        all.curves.push_back(rocCurve(p.of(c), positive));
    }
    return all;
}

double ClassCurves::macroAuc() const
{
    std::vector<double> all;
    for (const auto &c : curves)
        all.push_back(c.auc());
    return meanOfPresent(all);
}

double ClassCurves::macroAveragePrecision() const
{
    std::vector<double> all;
    for (const auto &c : curves)
        all.push_back(c.averagePrecision());
    return meanOfPresent(all);
}

std::pair<std::vector<double>, std::vector<double>> ClassCurves::macroRoc() const
{
    std::vector<std::pair<std::vector<double>, std::vector<double>>> all;
    std::vector<double> rates, recalls;
    for (const auto &c : curves)
        if (c.positives > 0 && c.negatives > 0) {
            all.emplace_back(c.falsePositiveRate(), c.recall());
            rates.insert(rates.end(), all.back().first.begin(), all.back().first.end());
        }
    std::sort(rates.begin(), rates.end());
    rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
    for (const double rate : rates) {
        double sum = 0;
        for (const auto &[x, y] : all)
            sum += topAt(x, y, rate);
        recalls.push_back(sum / static_cast<double>(all.size()));
    }
    return {rates, recalls};
}

Table ClassCurves::table() const
{
    std::vector<std::string> names = classes;
    std::vector<double> positives, auc, precision;
    for (const auto &c : curves) {
        positives.push_back(static_cast<double>(c.positives));
        auc.push_back(c.auc());
        precision.push_back(c.averagePrecision());
    }
    if (curves.size() > 1) {
        names.emplace_back("macro mean");
        positives.push_back(nan);
        auc.push_back(macroAuc());
        precision.push_back(macroAveragePrecision());
    }
    Table t;
    t.title = "Each class against the rest";
    t.columns = {{"class", "", names}, {"rows", "", positives, 0}, {"AUC", "", auc, 4}, {"average precision", "", precision, 4}};
    return t;
}

Figure ClassCurves::rocFigure() const
{
    auto panel = unitPanel("false positive rate", "true positive rate");
    Series chance;
    chance.name = "chance";
    chance.color = chanceColor;
    chance.dash = Dash::Dashed;
    chance.x = chance.y = {0, 1};
    panel.series.push_back(std::move(chance));
    for (std::size_t i = 0; i < curves.size(); ++i) {
        if (std::isnan(curves[i].auc()))
            continue;
        Series line;
        line.name = fmt::format("{} (AUC {})", classes[i], numberText(curves[i].auc()));
        line.color = lineColor(i);
        line.x = curves[i].falsePositiveRate();
        line.y = curves[i].recall();
        panel.series.push_back(std::move(line));
    }
    if (curves.size() > 1) {
        Series macro;
        macro.name = fmt::format("macro mean (AUC {})", numberText(macroAuc()));
        macro.color = "#000000";
        macro.width = 1.5;
        std::tie(macro.x, macro.y) = macroRoc();
        if (!macro.x.empty())
            panel.series.push_back(std::move(macro));
    }
    return figureOf(std::move(panel), "roc", "ROC curves",
                    curves.size() > 1
                        ? "Receiver operating characteristic of each class against the rest, and the mean of the curves."
                        : "Receiver operating characteristic.");
}

Figure ClassCurves::precisionRecallFigure() const
{
    auto panel = unitPanel("recall", "precision");
    for (std::size_t i = 0; i < curves.size(); ++i) {
        const auto &c = curves[i];
        if (c.positives == 0)
            continue;
        Series line;
        line.name = fmt::format("{} (AP {}, by chance {})", classes[i], numberText(c.averagePrecision()),
                                numberText(static_cast<double>(c.positives) / static_cast<double>(c.positives + c.negatives)));
        line.color = lineColor(i);
        const auto x = c.recall(), y = c.precision();
        // The precision of a threshold holds from the recall before it: the area is the average precision.
        for (std::size_t k = 1; k < x.size(); ++k) {
            line.x.insert(line.x.end(), {x[k - 1], x[k]});
            line.y.insert(line.y.end(), {y[k], y[k]});
        }
        panel.series.push_back(std::move(line));
    }
    return figureOf(std::move(panel), "precision-recall", "Precision and recall",
                    fmt::format("Precision over recall{}. AP: average precision.",
                                curves.size() > 1 ? " of each class against the rest" : ""));
}

} // namespace reticle
