#include "data/Batch.h"

#include "core/data/CountedData.h"
#include "support/Test.h"

#include <map>
#include <set>

using namespace reticle;
using namespace reticle::test;

class BatchTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stacksExamples()
    {
        const auto source = batchNumbers({4, 7, 9}, 3, 1);
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
    void stacksAnyExamplesInOrder()
    {
        Counted data(10);
        const auto batch = stacked(data, {9, 2, 2});
        QCOMPARE(batch.examples, (std::vector<std::int64_t>{9, 2, 2}));
        QCOMPARE(batch.at("x").shape(), (std::vector<std::int64_t>{3, 2}));
        QCOMPARE(batch.at("row").value(0), 9.0);
        QCOMPARE(batch.at("x").value(3), 2.5);
        QVERIFY(stacked(data, {}).arrays.empty());
        data.longer = 4;
        EXPECT_ERROR(stacked(data, {3, 4}), "counted 4: expected \"x\" of 2 as in counted 3, found 3");
    }
    /// A kind of data may draw its batches itself.
    void theKindOfTheDataDrawsBatches()
    {
        const auto data = std::make_shared<Counted>(10);
        data->parts.training = {5, 6, 7, 8};
        const auto expected = shuffled(data, {5, 6, 7, 8}, 3, 11);
        for (const std::int64_t step : {0, 1, 5})
            QVERIFY(same(trainingBatches(data, 3, 11)->batch(step), expected->batch(step)));
        static const Registration<DataKind> counted(
            SchemaInfo{"counted", "Numbers", {}, {}},
            DataKind{.batches = [](std::shared_ptr<const Dataset> all, std::int64_t size, std::uint64_t seed) {
                return shuffled(std::move(all), {0, 1}, size + 1, seed);
            }});
        const auto own = trainingBatches(data, 3, 11);
        QVERIFY(same(own->batch(2), shuffled(data, {0, 1}, 4, 11)->batch(2)));
    }
    /// Also where a batch goes over the end of a pass.
    void visitsEachExampleOnceAPass()
    {
        const std::vector<std::int64_t> part{3, 1, 4, 15, 9, 2, 6};
        const auto source = batchNumbers(part, 3, 5);
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
        const auto a = batchNumbers(part, 4, 7, change), b = batchNumbers(part, 4, 7, change),
                   other = batchNumbers(part, 4, 8, change);
        bool differs = false;
        for (const std::int64_t step : {9, 0, 3, 2, 9}) { // whatever was asked before
            QVERIFY(same(a->batch(step), b->batch(step)));
            differs = differs || !same(a->batch(step), other->batch(step));
        }
        QVERIFY(differs);
        // Chance is of the sample, not of where in a batch it stands.
        const auto single = batchNumbers(part, 1, 7, change);
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
        const auto labeled = batchNumbers({0, 1, 2, 3}, 2, 1), unlabeled = batchNumbers({10, 11, 12, 13, 14, 15}, 3, 2);
        const auto both = zipped(labeled, "unlabeled.", unlabeled);
        QCOMPARE(both->stepsPerEpoch(), labeled->stepsPerEpoch());
        for (const std::int64_t step : {0, 5}) {
            const Batch batch = both->batch(step), first = labeled->batch(step), second = unlabeled->batch(step);
            QCOMPARE(batch.step, step);
            QCOMPARE(batch.examples, first.examples);
            QCOMPARE(batch.arrays.size(), std::size_t(4));
            for (const char *name : {"x", "row"}) {
                QVERIFY(batch.at(name) == first.at(name));
                QVERIFY(batch.at(std::string("unlabeled.") + name) == second.at(name));
            }
            // The same in parts.
            const auto parts = both->begin(step);
            QCOMPARE(parts->parts(), std::int64_t(5));
            for (std::int64_t n = 4; n >= 0; --n)
                parts->make(n);
            QVERIFY(same(parts->take(), batch));
        }
        const auto clash = zipped(labeled, "", unlabeled);
        EXPECT_ERROR(clash->batch(0), "Both streams have \"row\"");
    }
};

RETICLE_TEST(BatchTest)
#include "BatchTest.moc"
