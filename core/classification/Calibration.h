#pragma once

#include "classification/ClassificationScores.h"

namespace reticle {

/// Whether a model is right as often as it is sure: rows in bins of equal width by the probability of the class that was
/// predicted (Guo et al. 2017). A probability on the edge of two bins is in the lower one.
struct Calibration
{
    struct Bin
    {
        double from = 0, to = 1;                                ///< of the probability, without `from`
        double sure = std::numeric_limits<double>::quiet_NaN(); ///< mean probability of the predicted class; NaN without rows
        Proportion right;                                       ///< rows whose class was predicted
    };
    std::vector<Bin> bins;

    /// Mean over rows of the distance between how sure and how often right their bin is (ECE); NaN without rows.
    double error() const;
    Table table() const;
    Figure figure() const; ///< name "calibration"; bins without rows are left out
};

/// Throws Error as ClassProbabilities::check. `bins` >= 1.
Calibration calibrationOf(const ClassProbabilities &p, const std::vector<std::int64_t> &truth, int bins = 10);

} // namespace reticle
