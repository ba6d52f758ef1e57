#pragma once

#include "figure/Figure.h"

#include <cstdint>

namespace reticle {

/// What shows the cause of a bad training without reading its code. Counted from numbers that a training reports.

/// The lowest mean cross-entropy of `classes` classes when probabilities are passed to a loss that expects logits, that is,
/// softmax is applied twice: -log(e / (e + classes - 1)). 0 for one class. `classes` >= 1.
double doubleSoftmaxLossFloor(std::int64_t classes);

/// Sentences about what was passed to the loss as logits, (rows, classes) in C order; empty where nothing is suspicious: rows
/// that add up to 1, and values that all lie within 0 and 1. Throws Error where the number of values is no multiple of
/// `classes`.
std::vector<std::string> logitWarnings(const std::vector<double> &logits, std::int64_t classes);

/// How often each training row was used, in the order of the rows.
struct RowUsage
{
    std::vector<std::int64_t> counts;

    std::int64_t unused() const;
    /// "1375 of 1439 training rows (95.6 %) were never used. …"; empty where all were used.
    std::string warning() const;
    /// Counts over rows; neighboring rows share a bin where there are more than 500.
    Figure figure() const;
};

/// Rows and columns of the image of a hidden layer of `width` >= 1 units: as square as possible, columns >= rows; pixels behind
/// the last unit are empty. 64 units are 8 x 8.
struct UnitTiles
{
    std::int64_t rows = 1, columns = 1;
};
UnitTiles unitTiles(std::int64_t width);

/// Seeds of the independent random streams of a run, by name.
using StreamSeeds = std::vector<std::pair<std::string, std::uint64_t>>;
/// A row for each stream with its seed in each run, and whether they are all equal. Text: seeds have up to 64 bits. Throws
/// Error where the numbers of runs and names differ.
Table seedAuditTable(const std::vector<std::string> &runs, const std::vector<StreamSeeds> &seeds);

} // namespace reticle
