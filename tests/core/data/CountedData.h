// A data set of numbers that are known from their place, and what tests of batches ask of it.
#pragma once

#include "data/Batch.h"
#include "data/BatchLoader.h"
#include "foundation/Error.h"
#include "foundation/Parallel.h"

#include <algorithm>

namespace reticle::test {

/// Example i holds "x", (2) with i and i + 0.5, and "row", the number i alone.
class Counted : public Dataset
{
public:
    explicit Counted(std::int64_t count) : m_count(count) {}
    const std::string &kind() const override
    {
        static const std::string name = "counted";
        return name;
    }
    std::int64_t size() const override { return m_count; }
    const Split &split() const override { return parts; }
    const std::vector<ArraySpec> &specs() const override
    {
        static const std::vector<ArraySpec> specs{{"x", DType::Float64, {2}, {}, {}}, {"row", DType::Int64, {1}, {}, {}}};
        return specs;
    }
    NamedArrays example(std::int64_t i) const override
    {
        if (i == broken)
            throw Error({nameOf(i), "numbers", "nothing", {}});
        const double x[] = {static_cast<double>(i), static_cast<double>(i) + 0.5, 0};
        const std::size_t length = i == longer ? 3 : 2;
        return {{"x", Array::of<double>({static_cast<std::int64_t>(length)}, {x, length})},
                {"row", Array::of<std::int64_t>({1}, {&i, 1})}};
    }
    std::string nameOf(std::int64_t i) const override { return "counted " + std::to_string(i); }
    std::string exampleNoun() const override { return "number"; }
    Json preparation() const override { return Json::object(); }
    std::string description() const override { return "numbers"; }

    std::int64_t longer = -1, broken = -1; ///< examples that differ
    Split parts;

private:
    std::int64_t m_count;
};

inline std::shared_ptr<BatchSource> batchNumbers(std::vector<std::int64_t> part, std::int64_t batch, std::uint64_t seed,
                                                 ExampleChange change = {})
{
    return shuffled(std::make_shared<Counted>(100), std::move(part), batch, seed, std::move(change));
}

inline bool same(const Batch &a, const Batch &b)
{
    return a.step == b.step && a.examples == b.examples && a.arrays == b.arrays;
}

inline BatchLoader::Team batchTeam(int threads)
{
    return {[threads] { return threads; },
            [](std::int64_t n, const std::function<void(std::int64_t)> &work) {
                inParallel(n, 2, [&](std::int64_t i, int) { work(i); });
            }};
}

} // namespace reticle::test
