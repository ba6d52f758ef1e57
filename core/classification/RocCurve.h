#pragma once

#include "classification/ClassificationScores.h"

namespace reticle {

/// What each threshold of a score gives when rows with a score at or above it are called positive. Rows with equal scores
/// change sides together. Thresholds fall; the first is infinity, where nothing is positive.
struct RocCurve
{
    std::int64_t positives = 0, negatives = 0; ///< rows of the truth
    std::vector<double> thresholds;
    std::vector<std::int64_t> truePositives, falsePositives;

    std::vector<double> falsePositiveRate() const; ///< NaN without negatives
    std::vector<double> recall() const;            ///< true positive rate; NaN without positives
    std::vector<double> precision() const;         ///< 1 at the first threshold, where nothing is positive
    /// Area under the ROC curve by trapezoids: the probability that a positive row has the higher score, ties counting half
    /// (Hanley and McNeil 1982). NaN where the truth has one kind of rows only.
    double auc() const;
    /// Sum of precision times the rise of recall; no interpolation. NaN without positives.
    double averagePrecision() const;
};

/// Throws Error where the lengths differ or a score is NaN.
RocCurve rocCurve(const std::vector<double> &scores, const std::vector<bool> &positive);

/// Each class against the rest. Of two classes there is one curve, of the second class; both would show the same.
struct ClassCurves
{
    std::vector<std::string> classes; ///< one a curve
    std::vector<RocCurve> curves;

    double macroAuc() const; ///< mean over the curves that have an area
    double macroAveragePrecision() const;
    /// Mean of the ROC curves at all their false positive rates, linear between points, (rates, recalls); at a rate where
    /// a curve jumps, its top. Curves of classes without rows, or without others, are left out.
    std::pair<std::vector<double>, std::vector<double>> macroRoc() const;
    /// A row for each curve: positives, AUC, average precision; below them the macro means where there are several.
    Table table() const;
    Figure rocFigure() const;             ///< with the diagonal of chance
    Figure precisionRecallFigure() const; ///< steps; the part of positives, precision by chance, in the legend
};

/// Throws Error as ClassProbabilities::check, or where the number of names is another one.
ClassCurves classCurves(const ClassProbabilities &p, const std::vector<std::int64_t> &truth,
                        const std::vector<std::string> &classes);

} // namespace reticle
