#include "data/table/RowBatches.h"

#include "data/BatchLoader.h"
#include "data/table/RowSplit.h"
#include "foundation/Error.h"
#include "support/TableFiles.h"
#include "support/Test.h"

#include <map>
#include <set>
#include <thread>

using namespace reticle;

namespace {

using Rows = std::vector<std::int64_t>;

std::shared_ptr<const TableData> table(const char *batching, Json options = Json::object(), const std::string &text = {})
{
    options["batching"] = batching;
    return TableData::of(TableFile::fromText(text.empty() ? test::madeTable(43) : text, "t.csv"),
                         TableDataOptions::schema().read(options, "data"), 1);
}

std::int64_t dropoutSeed(const Batch &batch)
{
    return batch.at("dropout-seed").data<std::int64_t>()[0];
}

Rows sorted(Rows rows)
{
    std::sort(rows.begin(), rows.end());
    return rows;
}

bool rowBatchesSame(const Batch &a, const Batch &b)
{
    return a.step == b.step && a.examples == b.examples && a.arrays.size() == b.arrays.size() &&
           std::equal(a.arrays.begin(), a.arrays.end(), b.arrays.begin(),
                      [](const auto &x, const auto &y) { return x.first == y.first && x.second == y.second; });
}

const char *const all[] = {"shuffled", "sequential", "first-slice", "full", "bootstrap"};

} // namespace

/// 43 rows, 35 of them for training.
class RowBatchesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void batchesHoldTheRowsThatTheyName()
    {
        for (const char *batching : all) {
            const auto data = table(batching);
            const auto source = rowBatches(data, 8, 7);
            for (std::int64_t step = 0; step < 12; ++step) {
                const auto batch = source->batch(step);
                const auto n = static_cast<std::int64_t>(batch.examples.size());
                QCOMPARE(batch.step, step);
                QCOMPARE(batch.arrays.size(), std::size_t(3));
                QCOMPARE(batch.at("features").shape(), (Rows{n, 4}));
                QCOMPARE(batch.at("target").shape(), Rows{n});
                QCOMPARE(batch.at("dropout-seed").shape(), Rows{1});
                QVERIFY(batch.at("features").dtype() == DType::Float32 && batch.at("target").dtype() == DType::Int64);
                for (std::int64_t i = 0; i < n; ++i) {
                    const auto row = batch.examples[static_cast<std::size_t>(i)];
                    const auto example = data->example(row);
                    QVERIFY(batch.at("features").at(i) == example.at("features"));
                    QVERIFY(batch.at("target").at(i) == example.at("target"));
                    const auto &training = data->split().training;
                    QVERIFY(std::find(training.begin(), training.end(), row) != training.end());
                }
            }
        }
    }
    /// By another writing of the random numbers: tests/reference/tables/tablerows.py.
    void rowsAndSeedsAreThoseOfTheReference()
    {
        std::ifstream in(test::source("tests/reference/tables/tablerows.json"));
        const Json known = Json::parse(in);
        const auto seed = known.at("seed").get<std::uint64_t>();
        for (const char *batching : {"shuffled", "bootstrap"}) {
            const auto source = rowBatches(table(batching, Json::object(), known.at("csv").get<std::string>()),
                                           known.at("size").get<std::int64_t>(), seed);
            QCOMPARE(source->stepsPerEpoch(), std::int64_t(5));
            for (std::size_t step = 0; step < known.at(batching).size(); ++step)
                QCOMPARE(source->batch(static_cast<std::int64_t>(step)).examples, known.at(batching)[step].get<Rows>());
            for (std::size_t step = 0; step < known.at("dropout").size(); ++step)
                QCOMPARE(dropoutSeed(source->batch(static_cast<std::int64_t>(step))),
                         known.at("dropout")[step].get<std::int64_t>());
        }
    }
    void aStepAloneDecides()
    {
        for (const char *batching : all) {
            const auto data = table(batching);
            const auto source = rowBatches(data, 8, 7);
            std::vector<Batch> forward;
            for (std::int64_t step = 0; step < 20; ++step)
                forward.push_back(source->batch(step));
            for (std::int64_t step = 19; step >= 0; --step)
                QVERIFY(rowBatchesSame(source->batch(step), forward[static_cast<std::size_t>(step)]));
            QVERIFY(rowBatchesSame(rowBatches(data, 8, 7)->batch(13), forward[13]));
            const auto part = source->begin(13);
            for (std::int64_t i = 0; i < part->parts(); ++i)
                part->make(i);
            QVERIFY(rowBatchesSame(part->take(), forward[13]));
            BatchLoader loader(source, 5);
            QVERIFY(rowBatchesSame(loader.next(), forward[5]) && rowBatchesSame(loader.next(), forward[6]));
        }
    }
    void threadsMayAskForDifferentEpochs()
    {
        const auto source = rowBatches(table("shuffled"), 8, 7), reference = rowBatches(table("shuffled"), 8, 7);
        std::vector<Batch> expected;
        for (std::int64_t step = 0; step < 40; ++step)
            expected.push_back(reference->batch(step));
        std::vector<int> wrong(4, 0);
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (std::int64_t i = 0; i < 40; ++i) {
                    const auto step = (i * 7 + static_cast<std::int64_t>(t) * 11) % 40;
                    wrong[t] += !rowBatchesSame(source->batch(step), expected[static_cast<std::size_t>(step)]);
                }
            });
        for (auto &thread : threads)
            thread.join();
        QCOMPARE(wrong, std::vector<int>(4, 0));
    }
    void epochsOfShuffledAndSequentialHaveEachRowOnce()
    {
        for (const char *batching : {"shuffled", "sequential"}) {
            const auto data = table(batching);
            const auto source = rowBatches(data, 8, 7);
            QCOMPARE(source->stepsPerEpoch(), std::int64_t(5));
            std::vector<Rows> epochs(3);
            for (std::int64_t step = 0; step < 15; ++step) {
                const auto rows = source->batch(step).examples;
                QCOMPARE(rows.size(), std::size_t(step % 5 == 4 ? 3 : 8)); // 35 = 4 * 8 + 3
                auto &epoch = epochs[static_cast<std::size_t>(step / 5)];
                epoch.insert(epoch.end(), rows.begin(), rows.end());
            }
            for (const auto &epoch : epochs)
                QCOMPARE(sorted(epoch), data->split().training);
            const bool shuffled = std::string(batching) == "shuffled";
            QVERIFY((epochs[0] != epochs[1] && epochs[1] != epochs[2]) == shuffled);
            QVERIFY((epochs[0] == data->trainingOrder()) != shuffled);
        }
        QCOMPARE(rowBatches(table("shuffled"), 7, 1)->stepsPerEpoch(), std::int64_t(5));
        QCOMPARE(rowBatches(table("shuffled"), 7, 1)->batch(4).examples.size(), std::size_t(7)); // 35 = 5 * 7
        QCOMPARE(rowBatches(table("shuffled"), 1, 1)->stepsPerEpoch(), std::int64_t(35));
    }
    void firstSliceAndFullAreTheSameAtEveryStep()
    {
        const auto data = table("first-slice");
        const auto &order = data->trainingOrder();
        const auto first = rowBatches(data, 8, 7);
        QCOMPARE(first->stepsPerEpoch(), std::int64_t(5));
        for (std::int64_t step = 0; step < 12; ++step)
            QCOMPARE(first->batch(step).examples, Rows(order.begin(), order.begin() + 8));
        const auto full = rowBatches(table("full"), 8, 7);
        QCOMPARE(full->stepsPerEpoch(), std::int64_t(1));
        QCOMPARE(full->batch(3).examples, order);
        // A first slice of all rows is the same as all rows.
        QVERIFY(rowBatchesSame(rowBatches(data, 35, 7)->batch(3), full->batch(3)));
        // The first rows of a file that is sorted by class are not of one class.
        std::string text = "x,target\n";
        for (int r = 0; r < 60; ++r)
            text += std::to_string(r % 9) + ".5," + std::string(1, "abc"[r / 20]) + "\n";
        const auto y = rowBatches(table("first-slice", Json::object(), text), 20, 1)->batch(0).at("target");
        QCOMPARE(std::set<std::int64_t>(y.data<std::int64_t>(), y.data<std::int64_t>() + 20).size(), std::size_t(3));
    }
    void bootstrapDrawsWithReplacement()
    {
        const auto data = table("bootstrap");
        const auto source = rowBatches(data, 8, 7);
        QCOMPARE(source->stepsPerEpoch(), std::int64_t(5));
        std::map<std::int64_t, int> used;
        int repeated = 0;
        for (std::int64_t step = 0; step < 500; ++step) {
            const auto rows = source->batch(step).examples;
            QCOMPARE(rows.size(), std::size_t(8));
            repeated += std::set<std::int64_t>(rows.begin(), rows.end()).size() < 8;
            for (const auto row : rows)
                ++used[row];
        }
        QVERIFY(repeated > 150 && repeated < 450); // 60 % of draws of 8 of 35
        QCOMPARE(used.size(), std::size_t(35));
        for (const auto &[row, times] : used)
            QVERIFY2(times > 60 && times < 180, std::to_string(times).c_str()); // 114 on average
    }
    void batchesLargerThanTheTrainingPartUseAllOfIt()
    {
        for (const char *batching : all) {
            const auto data = table(batching);
            const auto source = rowBatches(data, 1000, 7);
            QCOMPARE(source->stepsPerEpoch(), std::int64_t(1));
            QCOMPARE(source->batch(2).examples.size(), std::size_t(35));
            if (std::string(batching) != "bootstrap")
                QCOMPARE(sorted(source->batch(2).examples), data->split().training);
            const bool full = std::string(batching) == "full";
            QCOMPARE(rowBatchNotes(*data, 1000).size(), std::size_t(full ? 0 : 1));
            QVERIFY(rowBatchNotes(*data, 35).empty());
        }
        QCOMPARE(rowBatchNotes(*table("shuffled"), 1000).at(0),
                 std::string("A batch of 1000 is larger than the training part, so every step uses all 35 rows."));
        QCOMPARE(
            rowBatchNotes(*table("first-slice"), 7).at(0),
            std::string("With batching first-slice every step uses the same 7 rows: 80.0 % of the 35 training rows are never "
                        "used."));
        QVERIFY(rowBatchNotes(*table("shuffled"), 8).empty());
        EXPECT_ERROR(rowBatches(table("full"), 0, 1), "train.batch: expected 1 or more, found 0");
        EXPECT_ERROR(rowBatches(table("shuffled"), -3, 1), "found -3");
    }
    /// Changing what one stream of random numbers is for does not shift another.
    void streamsAreIndependent()
    {
        const auto positions = [](const TableData &data, const Batch &batch) {
            Rows places;
            for (const auto row : batch.examples)
                places.push_back(std::find(data.trainingOrder().begin(), data.trainingOrder().end(), row) -
                                 data.trainingOrder().begin());
            return places;
        };
        const auto one = table("shuffled"), other = table("shuffled", {{"split-seed", 43}});
        QVERIFY(one->split().training != other->split().training);
        const auto a = rowBatches(one, 8, 7)->batch(6), b = rowBatches(other, 8, 7)->batch(6);
        QCOMPARE(positions(*one, a), positions(*other, b)); // another split leaves the batches' places as they are
        QCOMPARE(dropoutSeed(a), dropoutSeed(b));
        for (const char *batching : all)
            QCOMPARE(dropoutSeed(rowBatches(table(batching), 5, 7)->batch(6)), dropoutSeed(a));
        const auto c = rowBatches(one, 8, 8)->batch(6);
        QVERIFY(c.examples != a.examples && dropoutSeed(c) != dropoutSeed(a));
        std::set<std::int64_t> seeds;
        for (std::int64_t step = 0; step < 200; ++step)
            seeds.insert(dropoutSeed(rowBatches(one, 8, 7)->batch(step)));
        QCOMPARE(seeds.size(), std::size_t(200));
        QVERIFY(*seeds.begin() >= 0);
    }
    /// The finding of the study: 64 of 1439 rows.
    void firstSliceOfTheDigits()
    {
        const auto path = test::sharedData("tables/digits.csv.gz");
        if (path.empty())
            QSKIP("needs shared/data");
        const auto data = TableData::load(
            TableDataOptions::schema().read({{"table", path}, {"batching", "first-slice"}, {"scaling", "none"}}, "data"), 1);
        QVERIFY(rowBatchNotes(*data, 64).at(0).find("95.6 % of the 1439 training rows are never used") != std::string::npos);
        QCOMPARE(rowBatches(data, 64, 1)->stepsPerEpoch(), std::int64_t(23));
    }
};

RETICLE_TEST(RowBatchesTest)
#include "RowBatchesTest.moc"
