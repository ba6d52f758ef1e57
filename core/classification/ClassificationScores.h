#pragma once

#include "figure/Figure.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace reticle {

/// Scores of a classification against its truth. A score that has nothing to count (no row of a class, nothing predicted as
/// it) is NaN, shown as "n/a" and left out of means. Threads: pure functions.

/// A part of a whole with its 95 % confidence interval.
struct Proportion
{
    std::int64_t hits = 0, all = 0;
    double value = std::numeric_limits<double>::quiet_NaN(), low = value, high = value;
};

/// With the score interval of Wilson (1927), which stays within 0 and 1. NaN where `all` is 0.
Proportion wilson(std::int64_t hits, std::int64_t all);
/// With the exact interval of Clopper and Pearson (1934), which is never too short.
Proportion clopperPearson(std::int64_t hits, std::int64_t all);

/// Classes by number from 0. Counts may be added: of folds, for instance.
class ConfusionMatrix
{
public:
    /// Throws Error for fewer than 2 classes.
    explicit ConfusionMatrix(std::vector<std::string> classes);
    /// Throws Error where the lengths differ or a class is not among `classes`.
    ConfusionMatrix(std::vector<std::string> classes, const std::vector<std::int64_t> &truth,
                    const std::vector<std::int64_t> &predicted);

    const std::vector<std::string> &classes() const { return m_classes; }
    std::int64_t size() const { return static_cast<std::int64_t>(m_classes.size()); }
    std::int64_t count(std::int64_t truth, std::int64_t predicted) const { return m_counts[at(truth, predicted)]; }
    void add(std::int64_t truth, std::int64_t predicted, std::int64_t count = 1);
    ConfusionMatrix &operator+=(const ConfusionMatrix &other); ///< throws Error where the classes differ

    std::int64_t total() const;
    std::int64_t correct() const;
    std::int64_t inTruth(std::int64_t c) const;   ///< rows of class c
    std::int64_t predicted(std::int64_t c) const; ///< rows predicted as class c

    Proportion accuracy() const { return wilson(correct(), total()); }
    Proportion recall(std::int64_t c) const { return wilson(count(c, c), inTruth(c)); }
    Proportion precision(std::int64_t c) const { return wilson(count(c, c), predicted(c)); }
    double f1(std::int64_t c) const; ///< 2 hits / (rows of the class + rows predicted as it)
    double balancedAccuracy() const; ///< mean recall of the classes that have rows
    double macroF1() const;          ///< mean over the classes that have a row in truth or prediction

    /// A row for each class: rows, precision, recall and F1, the first two with their intervals.
    Table classTable() const;
    Table countTable() const;
    /// Counts as a heat map of the part of each true class, with a table of the counts.
    Figure figure() const;

private:
    std::size_t at(std::int64_t truth, std::int64_t predicted) const
    {
        return static_cast<std::size_t>(truth * size() + predicted);
    }
    std::vector<std::string> m_classes;
    std::vector<std::int64_t> m_counts; ///< (truth, predicted)
};

/// Probabilities of each class for each row, (rows, classes) in C order.
struct ClassProbabilities
{
    std::int64_t classes = 0;
    std::vector<double> values;

    std::int64_t rows() const { return classes > 0 ? static_cast<std::int64_t>(values.size()) / classes : 0; }
    double at(std::int64_t row, std::int64_t c) const { return values[static_cast<std::size_t>(row * classes + c)]; }
    std::vector<double> of(std::int64_t c) const; ///< of class c, one a row
    std::vector<std::int64_t> predicted() const;  ///< the most probable class of each row; of equal ones the first
    /// Throws Error: no whole number of rows, values outside 0 and 1 or that are no numbers, rows that do not add up to 1
    /// (within 1e-3), another number of rows than `truth`, classes that are not there.
    void check(const std::vector<std::int64_t> &truth) const;
};

/// Mean over rows of the squared distance of the probabilities from the truth, summed over classes: 0 to 2 (Brier 1950).
double brierScore(const ClassProbabilities &p, const std::vector<std::int64_t> &truth);
/// Mean -log of the probability of the true class, natural logarithm; probabilities below 2.2e-16 count as that.
double logLoss(const ClassProbabilities &p, const std::vector<std::int64_t> &truth);

} // namespace reticle
