#pragma once

#include "files/ImageSource.h"
#include "files/LabelValues.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reticle::files {

/// What numbers a stack of predictions holds.
struct PredictionValues
{
    bool whole = true;        ///< no fractions; where there is one, reading ended and the rest is not known
    bool real = false;        ///< floating point
    bool many = false;        ///< more than 4,096 different whole numbers; `counts` ends there, low and high do not
    double low = 0, high = 0; ///< of what was read
    std::map<std::int64_t, std::int64_t> counts;
};

/// Reads every page, of floating point up to the first fraction. Pages are read as plainLabels reads them. Throws Error
/// naming page, row and column for NaN and infinite values.
PredictionValues predictionValues(const ImageSource &prediction);

/// How a stack of predictions is read, and which values of it and of its truth are which class.
struct PredictionReading
{
    bool probabilities = false;
    bool objects = false;           ///< numbers of objects, which are taken as they are; `prediction` says nothing then
    double white = 1;               ///< the value of a probability of 1
    LabelClasses prediction, truth; ///< alike but for values that one of both alone has
    std::vector<std::string> notes; ///< sentences about what was assumed
};

/// What the user says of a prediction.
struct PredictionMeaning
{
    std::string kind = "auto"; ///< "auto", "labels", "probabilities", "instances"
    double white = 0;          ///< value of a probability of 1; 0 = found out
    bool brightForeground = true;
    /// Of an analysis of objects that no class was chosen for: spreadAsObjects() of the prediction. Nothing for others, which
    /// never take values for numbers of objects.
    std::optional<bool> spreadAsObjects = {};
    bool trueObjects = false; ///< the truth numbers objects too, and is not among the arguments
};

/// Decides it once, from the values of the prediction and of the truth (empty without one) together. `known`: the
/// classes of a run, which then hold for both; null without.
/// A prediction of whole numbers is labels, unless it has values between those of a truth of two classes, or more than
/// 16 values and none of the truth's, and reaches the upper half of 8 or 16 bits: then it is a probability map of 0 to
/// 255 or 65535. More than two whole numbers that are spread as objects are numbers of objects, unless a truth of three
/// classes and more, or the run, has these values as classes. Throws Error naming `where` for what is neither for certain,
/// with the options that say which.
PredictionReading readingOf(const PredictionValues &prediction, const std::map<std::int64_t, std::int64_t> &truth,
                            const LabelClasses *known, const PredictionMeaning &meaning, const std::string &where,
                            const std::string &whereTruth);

} // namespace reticle::files
