#pragma once

#include "data/Batch.h"
#include "data/table/TableData.h"

namespace reticle {

/// Training rows of a table as its option `batching` says, with B = batchSize and n training rows in TableData::trainingOrder():
/// "shuffled"     each epoch is a permutation of its own, of all n rows; its last batch has what is left of them
/// "sequential"   the same without permutation
/// "first-slice"  rows 0 to B - 1 of the order at every step
/// "full"         all n rows at every step, in order
/// "bootstrap"    B rows drawn with replacement, new ones at every step
/// An epoch is ceil(n / B) steps; B > n counts as n, and so does any B for "full".
///
/// Arrays of a batch of N rows: "features" (N, F) float32, "target" (N) int64, and "dropout-seed" (1) int64 from 0, which differs
/// from step to step. Batch::examples are the rows, as many. Permutations and draws are of the seed's stream "batching", seeds of
/// dropout of its stream "dropout" (RowSplit.h), so that neither changes the other.
/// Threads: batch() may be called from several at once. Throws Error where batchSize is below 1.
std::shared_ptr<const BatchSource> rowBatches(std::shared_ptr<const TableData> data, std::int64_t batchSize, std::uint64_t seed);

/// Sentences about what these batches do that a user may not expect: a batch size above the number of rows, rows that are never
/// used. May be empty.
std::vector<std::string> rowBatchNotes(const TableData &data, std::int64_t batchSize);

} // namespace reticle
