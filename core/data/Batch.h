#pragma once

#include "data/Dataset.h"
#include "foundation/Random.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

struct Batch
{
    std::int64_t step = 0;
    NamedArrays arrays;                 ///< (N, ...) each
    std::vector<std::int64_t> examples; ///< which they are, in order; may be empty

    bool has(const std::string &name) const { return arrays.count(name) != 0; }
    /// Throws Error naming what there is.
    const Array &at(const std::string &name) const;
    std::size_t bytes() const;
};

/// A batch while it is made, whose parts may be made on several threads at once, each of them once.
class BatchInProgress
{
public:
    virtual ~BatchInProgress() = default;
    virtual std::int64_t parts() const = 0;
    virtual void make(std::int64_t part) = 0; ///< throws as the source does
    virtual Batch take() = 0;                 ///< once, when all parts have been made
};

/// Batches as a function of the step alone, whatever was asked before: that is what makes a resumed run exact.
/// Threads: may be called from several at once.
class BatchSource
{
public:
    virtual ~BatchSource() = default;
    /// Throws Error as the data do.
    virtual Batch batch(std::int64_t step) const = 0;
    virtual std::int64_t stepsPerEpoch() const = 0;
    /// batch() in parts for several threads; in one part where a source knows no better. The source must outlive it.
    virtual std::unique_ptr<BatchInProgress> begin(std::int64_t step) const;
};

/// Augmentation of one example; chance comes from `random`, which is of seed and sample alone.
using ExampleChange = std::function<void(NamedArrays &example, Random &random)>;

/// Examples of `part` stacked as they are: every pass over them visits each once, in an order of its own, passes following
/// each other without regard to the ends of batches. Throws Error where `part` is empty or batchSize below 1; batch() where
/// examples of one batch differ in shape.
std::shared_ptr<BatchSource> shuffled(std::shared_ptr<const Dataset> data, std::vector<std::int64_t> part, std::int64_t batchSize,
                                      std::uint64_t seed, ExampleChange change = {});

/// Batches of the training part as the kind of the data draws them (DataKind::batches), or else shuffled. Throws Error as these
/// do.
std::shared_ptr<const BatchSource> trainingBatches(const std::shared_ptr<const Dataset> &data, std::int64_t batchSize,
                                                   std::uint64_t seed);

/// Examples one after the other as one batch, of step 0. Throws Error as the data do, and where examples differ in shape.
Batch stacked(const Dataset &data, std::vector<std::int64_t> examples);

/// Two streams side by side, the names of the second after `prefix`: labeled beside "unlabeled.". Examples and the length
/// of an epoch are the first's. batch() throws Error where a name comes twice.
std::shared_ptr<BatchSource> zipped(std::shared_ptr<const BatchSource> first, std::string prefix,
                                    std::shared_ptr<const BatchSource> second);

} // namespace reticle
