#include "base/Batch.h"

#include "base/BatchLoader.h"
#include "base/Error.h"
#include "base/Parallel.h"
#include "support/Test.h"

#include <algorithm>
#include <map>
#include <set>

using namespace reticle;

namespace {

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
    const Split &split() const override { return m_split; }
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

private:
    std::int64_t m_count;
    Split m_split;
};

std::shared_ptr<BatchSource> numbers(std::vector<std::int64_t> part, std::int64_t batch, std::uint64_t seed,
                                     ExampleChange change = {})
{
    return shuffled(std::make_shared<Counted>(100), std::move(part), batch, seed, std::move(change));
}

bool same(const Batch &a, const Batch &b)
{
    return a.step == b.step && a.examples == b.examples && a.arrays == b.arrays;
}

BatchLoader::Team team(int threads)
{
    return {[threads] { return threads; },
            [](std::int64_t n, const std::function<void(std::int64_t)> &work) {
                inParallel(n, 2, [&](std::int64_t i, int) { work(i); });
            }};
}

} // namespace

class BatchTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stacksExamples()
    {
        const auto source = numbers({4, 7, 9}, 3, 1);
        const Batch batch = source->batch(0);
        QCOMPARE(batch.step, std::int64_t(0));
        QCOMPARE(batch.at("x").shape(), (std::vector<std::int64_t>{3, 2}));
        QVERIFY(batch.at("row").dtype() == DType::Int64);
        for (std::int64_t n = 0; n < 3; ++n) {
            const auto example = static_cast<double>(batch.examples[static_cast<std::size_t>(n)]);
            QCOMPARE(batch.at("x").value(2 * n), example);
            QCOMPARE(batch.at("x").value(2 * n + 1), example + 0.5);
            QCOMPARE(batch.at("row").value(n), example);
        }
        QCOMPARE(batch.bytes(), std::size_t(3 * (2 * 8 + 8)));
        QVERIFY(batch.has("x") && !batch.has("y"));
        EXPECT_ERROR(batch.at("y"), "batch: expected \"y\", found only row, x");
    }
    /// Also where a batch goes over the end of a pass.
    void visitsEachExampleOnceAPass()
    {
        const std::vector<std::int64_t> part{3, 1, 4, 15, 9, 2, 6};
        const auto source = numbers(part, 3, 5);
        QCOMPARE(source->stepsPerEpoch(), std::int64_t(3));
        std::vector<std::int64_t> seen;
        for (std::int64_t step = 0; step < 14; ++step)
            for (const auto example : source->batch(step).examples)
                seen.push_back(example);
        QCOMPARE(seen.size(), std::size_t(6 * 7));
        std::set<std::vector<std::int64_t>> orders;
        for (std::size_t pass = 0; pass < 6; ++pass) {
            std::vector<std::int64_t> order(seen.begin() + static_cast<std::ptrdiff_t>(7 * pass),
                                            seen.begin() + static_cast<std::ptrdiff_t>(7 * pass + 7));
            orders.insert(order);
            QVERIFY(std::ranges::is_permutation(order, part));
        }
        QVERIFY(orders.size() > 1); // each pass in an order of its own
    }
    void isAFunctionOfSeedAndStep()
    {
        const ExampleChange change = [](NamedArrays &example, Random &random) {
            example.at("x").data<double>()[1] = random.uniform();
        };
        const std::vector<std::int64_t> part{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        const auto a = numbers(part, 4, 7, change), b = numbers(part, 4, 7, change), other = numbers(part, 4, 8, change);
        bool differs = false;
        for (const std::int64_t step : {9, 0, 3, 2, 9}) { // whatever was asked before
            QVERIFY(same(a->batch(step), b->batch(step)));
            differs = differs || !same(a->batch(step), other->batch(step));
        }
        QVERIFY(differs);
        // Chance is of the sample, not of where in a batch it stands.
        const auto single = numbers(part, 1, 7, change);
        for (std::int64_t sample = 0; sample < 12; ++sample)
            QCOMPARE(single->batch(sample).at("x").value(1), a->batch(sample / 4).at("x").value(2 * (sample % 4) + 1));
    }
    /// What a data set keeps is not what augmentation changes.
    void changesACopy()
    {
        const auto data = std::make_shared<Counted>(3);
        const auto kept = data->example(1);
        const auto source =
            shuffled(data, {1}, 1, 1, [](NamedArrays &example, Random &) { example.at("x").data<double>()[0] = -1; });
        QCOMPARE(source->batch(0).at("x").value(0), -1.0);
        QCOMPARE(kept.at("x").value(0), 1.0);
    }
    void refusesWhatCannotBeStacked()
    {
        const auto data = std::make_shared<Counted>(3);
        data->longer = 1;
        const auto source = shuffled(data, {0, 1}, 2, 1);
        EXPECT_ERROR(source->batch(0), "choose a batch of 1, or examples of one shape");
        QCOMPARE(shuffled(data, {0, 1}, 1, 1)->batch(0).examples.size(), std::size_t(1));
        EXPECT_ERROR(shuffled(data, {}, 2, 1), "data: expected examples to make batches of, found none");
        EXPECT_ERROR(shuffled(data, {0}, 0, 1), "train.batch: expected 1 or more, found 0");
    }
    void zipsTwoStreams()
    {
        const auto labelled = numbers({0, 1, 2, 3}, 2, 1), unlabelled = numbers({10, 11, 12, 13, 14, 15}, 3, 2);
        const auto both = zipped(labelled, "unlabelled.", unlabelled);
        QCOMPARE(both->stepsPerEpoch(), labelled->stepsPerEpoch());
        for (const std::int64_t step : {0, 5}) {
            const Batch batch = both->batch(step), first = labelled->batch(step), second = unlabelled->batch(step);
            QCOMPARE(batch.step, step);
            QCOMPARE(batch.examples, first.examples);
            QCOMPARE(batch.arrays.size(), std::size_t(4));
            for (const char *name : {"x", "row"}) {
                QVERIFY(batch.at(name) == first.at(name));
                QVERIFY(batch.at(std::string("unlabelled.") + name) == second.at(name));
            }
            // The same in parts.
            const auto parts = both->begin(step);
            QCOMPARE(parts->parts(), std::int64_t(5));
            for (std::int64_t n = 4; n >= 0; --n)
                parts->make(n);
            QVERIFY(same(parts->take(), batch));
        }
        const auto clash = zipped(labelled, "", unlabelled);
        EXPECT_ERROR(clash->batch(0), "Both streams have \"row\"");
    }
    void loadersGiveWhatTheSourceGives()
    {
        const auto source = zipped(numbers({0, 1, 2, 3, 4}, 2, 1), "more.", numbers({10, 11, 12}, 2, 2));
        BatchLoader one(source, 0), late(source, 6), threads(source, 0, 3, 2), few(source, 0, 4, team(1)),
            many(source, 0, 4, team(40));
        for (std::int64_t step = 0; step < 12; ++step) {
            const Batch batch = source->batch(step);
            for (auto *loader : {&one, &threads, &few, &many})
                QVERIFY(same(loader->next(), batch));
            if (step >= 6)
                QVERIFY(same(late.next(), batch));
        }
    }
    /// A source that knows no parts is asked for whole batches.
    void loadersTakeSourcesWithoutParts()
    {
        class Plain : public BatchSource
        {
        public:
            Batch batch(std::int64_t step) const override { return {step, {}, {step}}; }
            std::int64_t stepsPerEpoch() const override { return 1; }
        };
        const auto source = std::make_shared<Plain>();
        BatchLoader beside(source, 3), between(source, 3, 4, team(3));
        for (std::int64_t step = 3; step < 9; ++step)
            for (auto *loader : {&beside, &between})
                QCOMPARE(loader->next().examples, std::vector<std::int64_t>{step});
    }
    /// Batches before the one that cannot be made are given first.
    void loadersBringErrorsOver()
    {
        const auto data = std::make_shared<Counted>(8);
        data->broken = 5;
        const auto source = shuffled(data, {0, 1, 2, 3, 4, 5, 6, 7}, 1, 3);
        std::int64_t good = 0;
        for (bool goesOn = true; goesOn;)
            try {
                source->batch(good);
                ++good;
            } catch (const Error &) {
                goesOn = false;
            }
        BatchLoader beside(source, 0), between(source, 0, 4, team(8));
        for (auto *loader : {&beside, &between}) {
            for (std::int64_t step = 0; step < good; ++step)
                QCOMPARE(loader->next().step, step);
            EXPECT_ERROR(loader->next(), "counted 5: expected numbers, found nothing");
            EXPECT_ERROR(loader->next(), "counted 5");
        }
        data->broken = -1;
        data->longer = 5;
        const auto uneven = shuffled(data, {0, 1, 2, 3, 4, 5, 6, 7}, 8, 3);
        BatchLoader alone(uneven, 0), shared(uneven, 0, 4, team(16));
        for (auto *loader : {&alone, &shared})
            for (int time = 0; time < 2; ++time)
                EXPECT_ERROR(loader->next(), "examples of one shape");
    }
};

RETICLE_TEST(BatchTest)
#include "BatchTest.moc"
