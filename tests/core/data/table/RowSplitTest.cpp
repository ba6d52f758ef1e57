#include "data/table/RowSplit.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <algorithm>
#include <set>

using namespace reticle;

namespace {

/// So many rows of each class, one class after the other.
ClassTarget targetOf(const std::vector<std::int64_t> &counts)
{
    ClassTarget t;
    for (std::size_t c = 0; c < counts.size(); ++c) {
        t.classes.push_back(std::to_string(c));
        t.of.insert(t.of.end(), static_cast<std::size_t>(counts[c]), static_cast<std::int64_t>(c));
    }
    return t;
}

/// All rows once, each part rising.
bool rowSplitIsWhole(const Split &split, std::size_t rows)
{
    std::vector<std::int64_t> all;
    for (const auto *part : {&split.training, &split.validation, &split.test}) {
        if (!std::is_sorted(part->begin(), part->end()))
            return false;
        all.insert(all.end(), part->begin(), part->end());
    }
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i] != static_cast<std::int64_t>(i))
            return false;
    return all.size() == rows;
}

} // namespace

class RowSplitTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void partsHaveTheSizesOfTheStudy()
    {
        for (const auto &[counts, validation, training] : {std::tuple{std::vector<std::int64_t>{50, 50, 50}, 15, 120},
                                                           {std::vector<std::int64_t>{59, 71, 48}, 17, 144},
                                                           {std::vector<std::int64_t>{900, 897}, 179, 1439}}) {
            const auto target = targetOf(counts);
            const auto split = splitRows(target, 42);
            QVERIFY(rowSplitIsWhole(split, target.of.size()));
            QCOMPARE(split.validation.size(), std::size_t(validation));
            QCOMPARE(split.test.size(), std::size_t(validation));
            QCOMPARE(split.training.size(), std::size_t(training));
        }
    }
    void aSeedPinsTheSplit()
    {
        const auto target = targetOf({50, 50, 50});
        QCOMPARE(splitRows(target, 42).validation, splitRows(target, 42).validation);
        QVERIFY(splitRows(target, 42).validation != splitRows(target, 43).validation);
        // Larger tests take rows of the training only.
        RowSplitOptions more;
        more.testFraction = 0.3;
        QCOMPARE(splitRows(target, 42, more).validation, splitRows(target, 42).validation);
    }
    void stratifiedPartsHaveEachClass()
    {
        RowSplitOptions options;
        options.stratified = true;
        const auto target = targetOf({100, 40, 5, 2});
        const auto split = splitRows(target, 1, options);
        QVERIFY(rowSplitIsWhole(split, 147));
        QCOMPARE(target.counts(split.validation), (std::vector<std::int64_t>{10, 4, 1, 0}));
        QCOMPARE(target.counts(split.test), (std::vector<std::int64_t>{10, 4, 1, 0}));
        QCOMPARE(target.counts(split.training), (std::vector<std::int64_t>{80, 32, 3, 2}));
    }
    void groupsStayTogether()
    {
        const auto target = targetOf({60, 60});
        RowSplitOptions options;
        for (std::size_t row = 0; row < 120; ++row)
            options.groups.push_back("animal " + std::to_string(row % 12));
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto split = splitRows(target, seed, options);
            QVERIFY(rowSplitIsWhole(split, 120));
            QVERIFY(split.validation.size() == 10 && split.test.size() == 10);
            std::set<std::string> seen[3];
            int i = 0;
            for (const auto *part : {&split.training, &split.validation, &split.test}) {
                for (const auto row : *part)
                    seen[i].insert(options.groups[static_cast<std::size_t>(row)]);
                ++i;
            }
            QCOMPARE(seen[0].size() + seen[1].size() + seen[2].size(), std::size_t(12));
        }
        options.groups.assign(120, "one");
        EXPECT_ERROR(splitRows(target, 1, options), "groups: expected at least 3, one for each part, found 1");
        options.groups.pop_back();
        EXPECT_ERROR(splitRows(target, 1, options), "groups: expected one for each of 120 rows, found 119");
        options.stratified = true;
        EXPECT_ERROR(splitRows(target, 1, options), "cannot be split both by group and stratified");
    }
    void classesWithoutTrainingRowsAreRefused()
    {
        auto target = targetOf({20, 20, 0});
        EXPECT_ERROR(splitRows(target, 1), "class 2 has no training rows; choose another split seed or stratify");
        RowSplitOptions options;
        options.validationFraction = 0.5;
        options.testFraction = 0.5;
        EXPECT_ERROR(splitRows(targetOf({2, 2}), 1, options), "fractions that leave rows for training");
        options.testFraction = 1;
        EXPECT_ERROR(splitRows(targetOf({2, 2}), 1, options), "test-fraction: expected a part of the rows from 0 to below 1");
    }
    void foldsAreStratified()
    {
        const auto target = targetOf({59, 71, 48});
        const auto folds = stratifiedFolds(target, 5, 7);
        std::set<std::int64_t> seen;
        for (const auto &fold : folds) {
            seen.insert(fold.begin(), fold.end());
            QVERIFY(fold.size() == 35 || fold.size() == 36);
            const auto counts = target.counts(fold);
            QVERIFY(counts[0] == 11 || counts[0] == 12);
            QVERIFY(counts[1] == 14 || counts[1] == 15);
            QVERIFY(counts[2] == 9 || counts[2] == 10);
        }
        QCOMPARE(seen.size(), std::size_t(178));
        QVERIFY(stratifiedFolds(target, 5, 8) != folds);
        EXPECT_ERROR(stratifiedFolds(target, 1, 7), "folds: expected two or more, found 1");
        EXPECT_ERROR(stratifiedFolds(targetOf({9, 3}), 5, 7), "folds: expected at most as many as class 1 has rows (3), found 5");
    }
    void streamsAreIndependent()
    {
        std::set<std::uint64_t> seeds;
        for (std::uint64_t seed : {0, 1, 42, 1337})
            for (const auto stream : {SeedStream::Split, SeedStream::Init, SeedStream::Batching, SeedStream::Dropout}) {
                seeds.insert(streamSeed(seed, stream));
                QCOMPARE(streamSeed(seed, stream), randomOf(seed, stream).next());
            }
        QCOMPARE(seeds.size(), std::size_t(16));
        QCOMPARE(nameOf(SeedStream::Batching), std::string("batching"));
    }
};

RETICLE_TEST(RowSplitTest)
#include "RowSplitTest.moc"
