#include "data/Batch.h"

#include "foundation/Error.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace reticle {

namespace {

std::string shapeText(const std::vector<std::int64_t> &shape)
{
    std::string text;
    for (const auto n : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(n);
    return text.empty() ? "one number" : text;
}

/// A source that knows no parts.
class WholeBatch : public BatchInProgress
{
public:
    WholeBatch(const BatchSource &source, std::int64_t step) : m_source(source), m_step(step) {}
    std::int64_t parts() const override { return 1; }
    void make(std::int64_t) override { m_batch = m_source.batch(m_step); }
    Batch take() override { return std::move(m_batch); }

private:
    const BatchSource &m_source;
    const std::int64_t m_step;
    Batch m_batch;
};

/// `made` as the arrays of `batch`, whose examples these are.
Batch stack(const Dataset &data, Batch batch, const std::vector<NamedArrays> &made)
{
    for (const auto &[name, first] : made.front()) {
        std::vector<std::int64_t> shape = first.shape();
        shape.insert(shape.begin(), static_cast<std::int64_t>(made.size()));
        Array all(first.dtype(), shape);
        auto *to = all.raw();
        for (std::size_t n = 0; n < made.size(); ++n) {
            const auto one = made[n].find(name);
            if (one == made[n].end() || one->second.dtype() != first.dtype() || one->second.shape() != first.shape())
                throw Error({data.nameOf(batch.examples[n]),
                             "\"" + name + "\" of " + shapeText(first.shape()) + " as in " + data.nameOf(batch.examples.front()),
                             one == made[n].end()                   ? "none"
                             : one->second.dtype() != first.dtype() ? std::string(reticle::nameOf(one->second.dtype()))
                                                                    : shapeText(one->second.shape()),
                             "choose a batch of 1, or examples of one shape"});
            if (first.bytes() > 0)
                std::memcpy(to, one->second.raw(), first.bytes());
            to += first.bytes();
        }
        batch.arrays.emplace(name, std::move(all));
    }
    return batch;
}

class Shuffled : public BatchSource
{
public:
    Shuffled(std::shared_ptr<const Dataset> data, std::vector<std::int64_t> part, std::int64_t batchSize, std::uint64_t seed,
             ExampleChange change)
        : m_data(std::move(data)), m_part(std::move(part)), m_batchSize(batchSize), m_seed(seed), m_change(std::move(change))
    {
        if (m_part.empty())
            throw Error({"data", "examples to make batches of", "none", "change the split"});
        if (m_batchSize < 1)
            throw Error({"train.batch", "1 or more", std::to_string(m_batchSize), {}});
    }

    Batch batch(std::int64_t step) const override
    {
        const auto making = begin(step);
        for (std::int64_t n = 0; n < making->parts(); ++n)
            making->make(n);
        return making->take();
    }

    std::int64_t stepsPerEpoch() const override
    {
        return (static_cast<std::int64_t>(m_part.size()) + m_batchSize - 1) / m_batchSize;
    }

    std::unique_ptr<BatchInProgress> begin(std::int64_t step) const override
    {
        return std::make_unique<Making>(*this, step, chosen(step));
    }

private:
    std::vector<std::int64_t> chosen(std::int64_t step) const
    {
        const auto count = static_cast<std::int64_t>(m_part.size());
        std::vector<std::int64_t> examples, order;
        std::int64_t pass = -1;
        for (std::int64_t sample = step * m_batchSize; sample < (step + 1) * m_batchSize; ++sample) {
            if (sample / count != pass) {
                pass = sample / count;
                order = m_part;
                auto random = Random::of(m_seed ^ 0x5ee17e5ULL, static_cast<std::uint64_t>(pass));
                for (std::int64_t i = count - 1; i > 0; --i)
                    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(random.below(i + 1))]);
            }
            examples.push_back(order[static_cast<std::size_t>(sample % count)]);
        }
        return examples;
    }

    class Making : public BatchInProgress
    {
    public:
        Making(const Shuffled &source, std::int64_t step, std::vector<std::int64_t> examples)
            : m_source(source), m_step(step), m_examples(std::move(examples)), m_made(m_examples.size())
        {
        }
        std::int64_t parts() const override { return static_cast<std::int64_t>(m_made.size()); }

        void make(std::int64_t n) override
        {
            const auto at = static_cast<std::size_t>(n);
            auto example = m_source.m_data->example(m_examples[at]);
            if (m_source.m_change) {
                // Arrays share what a data set keeps of them.
                for (auto &[name, array] : example)
                    array = array.clone();
                auto random = Random::of(m_source.m_seed, static_cast<std::uint64_t>(m_step * m_source.m_batchSize + n));
                m_source.m_change(example, random);
            }
            m_made[at] = std::move(example);
        }

        Batch take() override { return stack(*m_source.m_data, {m_step, {}, std::move(m_examples)}, m_made); }

    private:
        const Shuffled &m_source;
        const std::int64_t m_step;
        std::vector<std::int64_t> m_examples;
        std::vector<NamedArrays> m_made;
    };

    const std::shared_ptr<const Dataset> m_data;
    const std::vector<std::int64_t> m_part;
    const std::int64_t m_batchSize;
    const std::uint64_t m_seed;
    const ExampleChange m_change;
};

class Zipped : public BatchSource
{
public:
    Zipped(std::shared_ptr<const BatchSource> first, std::string prefix, std::shared_ptr<const BatchSource> second)
        : m_first(std::move(first)), m_second(std::move(second)), m_prefix(std::move(prefix))
    {
    }
    Batch batch(std::int64_t step) const override { return together(m_first->batch(step), m_second->batch(step)); }
    std::int64_t stepsPerEpoch() const override { return m_first->stepsPerEpoch(); }
    std::unique_ptr<BatchInProgress> begin(std::int64_t step) const override
    {
        return std::make_unique<Making>(*this, m_first->begin(step), m_second->begin(step));
    }

private:
    Batch together(Batch batch, Batch other) const
    {
        for (auto &[name, array] : other.arrays)
            if (!batch.arrays.emplace(m_prefix + name, std::move(array)).second)
                throw Error(Error::Kind::Failed, "batch",
                            "Both streams have \"" + m_prefix + name + "\". Choose another prefix.");
        return batch;
    }

    class Making : public BatchInProgress
    {
    public:
        Making(const Zipped &source, std::unique_ptr<BatchInProgress> first, std::unique_ptr<BatchInProgress> second)
            : m_source(source), m_first(std::move(first)), m_second(std::move(second))
        {
        }
        std::int64_t parts() const override { return m_first->parts() + m_second->parts(); }
        void make(std::int64_t part) override
        {
            if (part < m_first->parts())
                m_first->make(part);
            else
                m_second->make(part - m_first->parts());
        }
        Batch take() override
        {
            auto first = m_first->take();
            return m_source.together(std::move(first), m_second->take());
        }

    private:
        const Zipped &m_source;
        const std::unique_ptr<BatchInProgress> m_first, m_second;
    };

    const std::shared_ptr<const BatchSource> m_first, m_second;
    const std::string m_prefix;
};

} // namespace

const Array &Batch::at(const std::string &name) const
{
    const auto it = arrays.find(name);
    if (it != arrays.end())
        return it->second;
    std::string all;
    for (const auto &[known, array] : arrays)
        all += (all.empty() ? "" : ", ") + known;
    throw Error({"batch", "\"" + name + "\"", all.empty() ? "no arrays" : "only " + all, {}});
}

std::size_t Batch::bytes() const
{
    std::size_t all = 0;
    for (const auto &[name, array] : arrays)
        all += array.bytes();
    return all;
}

std::unique_ptr<BatchInProgress> BatchSource::begin(std::int64_t step) const
{
    return std::make_unique<WholeBatch>(*this, step);
}

std::shared_ptr<BatchSource> shuffled(std::shared_ptr<const Dataset> data, std::vector<std::int64_t> part, std::int64_t batchSize,
                                      std::uint64_t seed, ExampleChange change)
{
    return std::make_shared<Shuffled>(std::move(data), std::move(part), batchSize, seed, std::move(change));
}

std::shared_ptr<const BatchSource> trainingBatches(const std::shared_ptr<const Dataset> &data, std::int64_t batchSize,
                                                   std::uint64_t seed)
{
    const auto &kinds = Registry<DataKind>::instance().entries();
    if (const auto kind = kinds.find(data->kind()); kind != kinds.end() && kind->second.factory.batches)
        return kind->second.factory.batches(data, batchSize, seed);
    return shuffled(data, data->split().training, batchSize, seed);
}

Batch stacked(const Dataset &data, std::vector<std::int64_t> examples)
{
    std::vector<NamedArrays> made;
    for (const auto example : examples)
        made.push_back(data.example(example));
    if (made.empty())
        return {};
    return stack(data, {0, {}, std::move(examples)}, made);
}

std::shared_ptr<BatchSource> zipped(std::shared_ptr<const BatchSource> first, std::string prefix,
                                    std::shared_ptr<const BatchSource> second)
{
    return std::make_shared<Zipped>(std::move(first), std::move(prefix), std::move(second));
}

} // namespace reticle
