#pragma once

#include "data/Split.h"
#include "data/table/TableFile.h"
#include "foundation/Random.h"

namespace reticle {

/// Independent streams of random numbers of one run: changing what one of them is used for does not shift the others.
enum class SeedStream { Split, Init, Batching, Dropout };
std::string nameOf(SeedStream stream); ///< "split", "init", "batching", "dropout"
/// SplitMix64 of the seed and the stream's number.
Random randomOf(std::uint64_t seed, SeedStream stream);
/// The first number of that stream: a seed for generators of other libraries.
std::uint64_t streamSeed(std::uint64_t seed, SeedStream stream);

/// What a split is drawn by. The rows of each part are counted from 0 and rise.
struct RowSplitOptions
{
    double validationFraction = 0.1, testFraction = 0.1; ///< of the rows, rounded down
    bool stratified = false;         ///< the fractions of each class, at least one row of it where it has three or more
    std::vector<std::string> groups; ///< of each row: a group is in one part; empty = none. Not with `stratified`
};

/// The rows in an order shuffled by the split stream of `seed`: the first part is validation, the next the test, and the rest
/// trains. Throws Error: fractions outside of 0 and 1, no rows left for training, too few groups, and a class without training
/// rows: "class 2 has no training rows; choose another split seed or stratify".
Split splitRows(const ClassTarget &target, std::uint64_t seed, const RowSplitOptions &options = {});

/// K parts with nearly as many rows of each class: for each class and for all, numbers of rows differ by at most one. Throws
/// Error for fewer than two folds, or more folds than rows of the rarest class that has rows.
std::vector<std::vector<std::int64_t>> stratifiedFolds(const ClassTarget &target, std::int64_t folds, std::uint64_t seed);

} // namespace reticle
