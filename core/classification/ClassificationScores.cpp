#include "classification/ClassificationScores.h"

#include "compare/PairedTest.h"
#include "foundation/Error.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace reticle {

namespace {

constexpr double z95 = 1.959963984540054; // normal quantile of 0.975
constexpr double sumTolerance = 1e-3;     // of float32 or bfloat16 probabilities
constexpr double rowMm = 7, marginMm = 30, tableHeadMm = 14, tableRowMm = 5;

Proportion proportion(std::int64_t hits, std::int64_t all)
{
    Proportion p;
    p.hits = hits;
    p.all = all;
    if (all > 0)
        p.value = static_cast<double>(hits) / static_cast<double>(all);
    return p;
}

/// x with incompleteBeta(a, b, x) = p.
double betaQuantile(double p, double a, double b)
{
    double low = 0, high = 1;
    for (int i = 0; i < 200 && high - low > 1e-15; ++i) {
        const double middle = (low + high) / 2;
        (incompleteBeta(a, b, middle) < p ? low : high) = middle;
    }
    return (low + high) / 2;
}

void requireLength(std::size_t rows, std::size_t truth)
{
    if (rows != truth)
        throw Error({"classification", fmt::format("a prediction for each of {} rows", truth), std::to_string(rows),
                     "predict the same rows that the truth is of"});
}

} // namespace

Proportion wilson(std::int64_t hits, std::int64_t all)
{
    Proportion p = proportion(hits, all);
    if (all < 1)
        return p;
    const auto n = static_cast<double>(all);
    const double z2 = z95 * z95, middle = (p.value + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z95 / (1 + z2 / n) * std::sqrt(p.value * (1 - p.value) / n + z2 / (4 * n * n));
    p.low = hits == 0 ? 0 : std::max(0.0, middle - half);
    p.high = hits == all ? 1 : std::min(1.0, middle + half);
    return p;
}

Proportion clopperPearson(std::int64_t hits, std::int64_t all)
{
    Proportion p = proportion(hits, all);
    if (all < 1)
        return p;
    const auto k = static_cast<double>(hits), n = static_cast<double>(all);
    p.low = hits == 0 ? 0 : betaQuantile(0.025, k, n - k + 1);
    p.high = hits == all ? 1 : betaQuantile(0.975, k + 1, n - k);
    return p;
}

ConfusionMatrix::ConfusionMatrix(std::vector<std::string> classes)
    : m_classes(std::move(classes)), m_counts(m_classes.size() * m_classes.size(), 0)
{
    if (m_classes.size() < 2)
        throw Error(
            {"classes", "at least 2", std::to_string(m_classes.size()), "choose a target column with two or more classes"});
}

ConfusionMatrix::ConfusionMatrix(std::vector<std::string> classes, const std::vector<std::int64_t> &truth,
                                 const std::vector<std::int64_t> &predicted)
    : ConfusionMatrix(std::move(classes))
{
    requireLength(predicted.size(), truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i)
        add(truth[i], predicted[i]);
}

void ConfusionMatrix::add(std::int64_t truth, std::int64_t predicted, std::int64_t count)
{
    for (const auto c : {truth, predicted})
        if (c < 0 || c >= size())
            throw Error({"classes", fmt::format("a class from 0 to {}", size() - 1), std::to_string(c),
                         "use the classes that the model was trained with"});
    m_counts[at(truth, predicted)] += count;
}

ConfusionMatrix &ConfusionMatrix::operator+=(const ConfusionMatrix &other)
{
    if (m_classes != other.m_classes)
        throw Error({"classes", "the same classes in the same order", "others", "add up predictions of one data set only"});
    for (std::size_t i = 0; i < m_counts.size(); ++i)
        m_counts[i] += other.m_counts[i];
    return *this;
}

std::int64_t ConfusionMatrix::total() const
{
    return std::accumulate(m_counts.begin(), m_counts.end(), std::int64_t(0));
}

std::int64_t ConfusionMatrix::correct() const
{
    std::int64_t n = 0;
    for (std::int64_t c = 0; c < size(); ++c)
        n += count(c, c);
    return n;
}

std::int64_t ConfusionMatrix::inTruth(std::int64_t c) const
{
    std::int64_t n = 0;
    for (std::int64_t p = 0; p < size(); ++p)
        n += count(c, p);
    return n;
}

std::int64_t ConfusionMatrix::predicted(std::int64_t c) const
{
    std::int64_t n = 0;
    for (std::int64_t t = 0; t < size(); ++t)
        n += count(t, c);
    return n;
}

double ConfusionMatrix::f1(std::int64_t c) const
{
    const auto both = inTruth(c) + predicted(c);
    return both > 0 ? 2 * static_cast<double>(count(c, c)) / static_cast<double>(both) : nan;
}

double ConfusionMatrix::balancedAccuracy() const
{
    std::vector<double> recalls;
    for (std::int64_t c = 0; c < size(); ++c)
        recalls.push_back(recall(c).value);
    return meanOfPresent(recalls);
}

double ConfusionMatrix::macroF1() const
{
    std::vector<double> scores;
    for (std::int64_t c = 0; c < size(); ++c)
        scores.push_back(f1(c));
    return meanOfPresent(scores);
}

Table ConfusionMatrix::classTable() const
{
    std::vector<std::int64_t> rows, said;
    std::vector<double> precisions, precisionLow, precisionHigh, recalls, recallLow, recallHigh, f1s;
    for (std::int64_t c = 0; c < size(); ++c) {
        const auto p = precision(c), r = recall(c);
        rows.push_back(inTruth(c));
        said.push_back(predicted(c));
        precisions.push_back(p.value);
        precisionLow.push_back(p.low);
        precisionHigh.push_back(p.high);
        recalls.push_back(r.value);
        recallLow.push_back(r.low);
        recallHigh.push_back(r.high);
        f1s.push_back(f1(c));
    }
    Table t;
    t.title = "Scores of each class";
    t.columns = {{"class", "", m_classes},
                 {"rows", "", rows},
                 {"predicted", "", said},
                 {"precision", "", precisions, 3},
                 {"precision, 95 % from", "", precisionLow, 3},
                 {"precision, 95 % to", "", precisionHigh, 3},
                 {"recall", "", recalls, 3},
                 {"recall, 95 % from", "", recallLow, 3},
                 {"recall, 95 % to", "", recallHigh, 3},
                 {"F1", "", f1s, 3}};
    return t;
}

Table ConfusionMatrix::countTable() const
{
    Table t;
    t.title = "Confusion matrix";
    t.columns.push_back({"true class", "", m_classes});
    for (std::int64_t p = 0; p < size(); ++p) {
        std::vector<std::int64_t> column;
        for (std::int64_t c = 0; c < size(); ++c)
            column.push_back(count(c, p));
        t.columns.push_back({"predicted " + m_classes[static_cast<std::size_t>(p)], "", std::move(column)});
    }
    return t;
}

Figure ConfusionMatrix::figure() const
{
    Array parts(DType::Float64, {size(), size()});
    for (std::int64_t c = 0; c < size(); ++c)
        for (std::int64_t p = 0; p < size(); ++p)
            parts.data<double>()[at(c, p)] =
                inTruth(c) > 0 ? static_cast<double>(count(c, p)) / static_cast<double>(inTruth(c)) : nan;
    HeatMapPanel map;
    map.x.label = "predicted class";
    map.y.label = "true class";
    map.x.categories = map.y.categories = m_classes;
    map.values = std::move(parts);
    map.color.label = "part of the true class";
    map.color.min = 0;
    map.color.max = 1;
    Figure f;
    f.name = "confusion-matrix";
    f.title = "Confusion matrix";
    f.widthMm = 120;
    const auto rows = static_cast<double>(size());
    f.heightMm = marginMm + rowMm * rows + tableHeadMm + tableRowMm * rows;
    Panel a, b;
    a.letter = "a";
    a.content = std::move(map);
    b.letter = "b";
    b.row = 1;
    b.content = TablePanel{countTable()};
    f.panels = {std::move(a), std::move(b)};
    const auto right = accuracy();
    f.caption = fmt::format(
        "(a) Part of each true class (rows) that was predicted as each class (columns), and (b) the counts. Accuracy {:.3f} "
        "(95 % interval {:.3f} to {:.3f}, {} of {}), balanced accuracy {:.3f}.",
        right.value, right.low, right.high, right.hits, right.all, balancedAccuracy());
    return f;
}

std::vector<double> ClassProbabilities::of(std::int64_t c) const
{
    std::vector<double> all;
    for (std::int64_t r = 0; r < rows(); ++r)
        all.push_back(at(r, c));
    return all;
}

std::vector<std::int64_t> ClassProbabilities::predicted() const
{
    std::vector<std::int64_t> all;
    for (std::int64_t r = 0; r < rows(); ++r) {
        std::int64_t best = 0;
        for (std::int64_t c = 1; c < classes; ++c)
            if (at(r, c) > at(r, best))
                best = c;
        all.push_back(best);
    }
    return all;
}

void ClassProbabilities::check(const std::vector<std::int64_t> &truth) const
{
    if (classes < 2 || values.size() % static_cast<std::size_t>(classes) != 0)
        throw Error({"probabilities", classes < 2 ? "at least 2 classes" : fmt::format("rows of {} values", classes),
                     classes < 2 ? std::to_string(classes) : fmt::format("{} values", values.size()), "predict the rows again"});
    requireLength(static_cast<std::size_t>(rows()), truth.size());
    for (std::int64_t r = 0; r < rows(); ++r) {
        if (const auto c = truth[static_cast<std::size_t>(r)]; c < 0 || c >= classes)
            throw Error({fmt::format("row {}", r + 1), fmt::format("a class from 0 to {}", classes - 1), std::to_string(c),
                         "use the classes that the model was trained with"});
        double sum = 0;
        for (std::int64_t c = 0; c < classes; ++c) {
            if (!(at(r, c) >= 0 && at(r, c) <= 1 + sumTolerance))
                throw Error({fmt::format("row {}, class {}", r + 1, c), "a probability from 0 to 1", fmt::format("{}", at(r, c)),
                             "apply softmax to the outputs first"});
            sum += at(r, c);
        }
        if (std::abs(sum - 1) > sumTolerance)
            throw Error({fmt::format("row {}", r + 1), "probabilities that add up to 1", fmt::format("{:.6g}", sum),
                         "apply softmax to the outputs first"});
    }
}

double brierScore(const ClassProbabilities &p, const std::vector<std::int64_t> &truth)
{
    p.check(truth);
    double sum = 0;
    for (std::int64_t r = 0; r < p.rows(); ++r)
        for (std::int64_t c = 0; c < p.classes; ++c) {
            const double off = p.at(r, c) - (truth[static_cast<std::size_t>(r)] == c ? 1 : 0);
            sum += off * off;
        }
    return truth.empty() ? nan : sum / static_cast<double>(truth.size());
}

double logLoss(const ClassProbabilities &p, const std::vector<std::int64_t> &truth)
{
    p.check(truth);
    double sum = 0;
    for (std::int64_t r = 0; r < p.rows(); ++r)
        sum -= std::log(std::max(p.at(r, truth[static_cast<std::size_t>(r)]), std::numeric_limits<double>::epsilon()));
    return truth.empty() ? nan : sum / static_cast<double>(truth.size());
}

} // namespace reticle
