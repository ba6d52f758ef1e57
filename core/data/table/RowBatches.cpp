#include "data/table/RowBatches.h"

#include "data/table/RowSplit.h"
#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace reticle {

namespace {

enum class Batching { Shuffled, Sequential, FirstSlice, Full, Bootstrap };

Batching batchingOf(const std::string &name)
{
    static const std::pair<const char *, Batching> all[] = {{"shuffled", Batching::Shuffled},
                                                            {"sequential", Batching::Sequential},
                                                            {"first-slice", Batching::FirstSlice},
                                                            {"full", Batching::Full},
                                                            {"bootstrap", Batching::Bootstrap}};
    for (const auto &[known, batching] : all)
        if (name == known)
            return batching;
    throw Error({"data.batching", "shuffled, sequential, first-slice, full or bootstrap", "\"" + name + "\"", {}});
}

class RowBatches : public BatchSource
{
public:
    RowBatches(std::shared_ptr<const TableData> data, std::int64_t batchSize, std::uint64_t seed)
        : m_data(std::move(data)), m_batching(batchingOf(m_data->options().batching)),
          m_seed(streamSeed(seed, SeedStream::Batching)), m_dropoutSeed(streamSeed(seed, SeedStream::Dropout))
    {
        if (batchSize < 1)
            throw Error({"train.batch", "1 or more", std::to_string(batchSize), "choose 64, for instance"});
        const auto rows = static_cast<std::int64_t>(m_data->trainingOrder().size());
        m_size = m_batching == Batching::Full ? rows : std::min(batchSize, rows);
        m_steps = (rows + m_size - 1) / m_size;
    }

    std::int64_t stepsPerEpoch() const override { return m_steps; }

    Batch batch(std::int64_t step) const override
    {
        Batch batch{step, {}, rowsOf(step)};
        const auto count = static_cast<std::int64_t>(batch.examples.size());
        const Array &features = m_data->features(), &classes = m_data->classIndices();
        const auto width = features.dim(1);
        Array x(DType::Float32, {count, width}), y(DType::Int64, {count}), dropout(DType::Int64, {1});
        for (std::int64_t i = 0; i < count; ++i) {
            const auto row = batch.examples[static_cast<std::size_t>(i)];
            std::copy_n(features.data<float>() + row * width, width, x.data<float>() + i * width);
            y.data<std::int64_t>()[i] = classes.data<std::int64_t>()[row];
        }
        // 63 bits: seeds of other libraries are not negative.
        dropout.data<std::int64_t>()[0] =
            static_cast<std::int64_t>(Random::of(m_dropoutSeed, static_cast<std::uint64_t>(step)).next() >> 1);
        batch.arrays = {{"features", std::move(x)}, {"target", std::move(y)}, {"dropout-seed", std::move(dropout)}};
        return batch;
    }

private:
    using Rows = std::vector<std::int64_t>;

    Rows rowsOf(std::int64_t step) const
    {
        const Rows &order = m_data->trainingOrder();
        if (m_batching == Batching::Bootstrap) {
            auto random = Random::of(m_seed, static_cast<std::uint64_t>(step));
            Rows rows;
            for (std::int64_t i = 0; i < m_size; ++i)
                rows.push_back(order[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(order.size())))]);
            return rows;
        }
        const bool same = m_batching == Batching::FirstSlice || m_batching == Batching::Full;
        const auto first = same ? 0 : step % m_steps * m_size;
        const auto end = std::min(first + m_size, static_cast<std::int64_t>(order.size()));
        const auto part = [&](const Rows &rows) { return Rows(rows.begin() + first, rows.begin() + end); };
        return m_batching == Batching::Shuffled ? part(*permutation(step / m_steps)) : part(order);
    }

    /// Of an epoch, of which the last one that was asked for is remembered: it takes longer than a batch of a large table.
    std::shared_ptr<const Rows> permutation(std::int64_t epoch) const
    {
        {
            const std::lock_guard lock(m_mutex);
            if (m_permutation && m_epoch == epoch)
                return m_permutation;
        }
        auto rows = std::make_shared<Rows>(m_data->trainingOrder());
        auto random = Random::of(m_seed, static_cast<std::uint64_t>(epoch));
        for (std::size_t i = rows->size(); i > 1; --i)
            std::swap((*rows)[i - 1], (*rows)[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
        const std::lock_guard lock(m_mutex);
        m_epoch = epoch;
        m_permutation = std::move(rows);
        return m_permutation;
    }

    const std::shared_ptr<const TableData> m_data;
    const Batching m_batching;
    const std::uint64_t m_seed, m_dropoutSeed;
    std::int64_t m_size = 1, m_steps = 1; ///< rows of a batch, batches of an epoch
    mutable std::mutex m_mutex;
    mutable std::int64_t m_epoch = 0;
    mutable std::shared_ptr<const Rows> m_permutation;
};

} // namespace

std::shared_ptr<const BatchSource> rowBatches(std::shared_ptr<const TableData> data, std::int64_t batchSize, std::uint64_t seed)
{
    return std::make_shared<RowBatches>(std::move(data), batchSize, seed);
}

std::vector<std::string> rowBatchNotes(const TableData &data, std::int64_t batchSize)
{
    const auto batching = batchingOf(data.options().batching);
    const auto rows = static_cast<std::int64_t>(data.trainingOrder().size());
    std::vector<std::string> notes;
    if (batching != Batching::Full && batchSize > rows)
        notes.push_back(
            fmt::format("A batch of {} is larger than the training part, so every step uses {} rows.", batchSize,
                        batching == Batching::Bootstrap ? fmt::format("{} drawn", rows) : fmt::format("all {}", rows)));
    if (batching == Batching::FirstSlice && batchSize < rows)
        notes.push_back(
            fmt::format("With batching first-slice every step uses the same {} rows: {:.1f} % of the {} training rows "
                        "are never used.",
                        batchSize, 100.0 * static_cast<double>(rows - batchSize) / static_cast<double>(rows), rows));
    return notes;
}

} // namespace reticle
