#include "data/SegmentationData.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace reticle;

namespace {

using SliceSplitGroups = std::vector<std::string>;

/// Groups of one size each, one after another: "m0" m0 m0 m1 m1 m1 …
SliceSplitGroups evenGroups(int groups, int size)
{
    SliceSplitGroups all;
    for (int g = 0; g < groups; ++g)
        all.insert(all.end(), static_cast<std::size_t>(size), "m" + std::to_string(g));
    return all;
}

std::set<std::string> groupsOf(const std::vector<std::int64_t> &slices, const SliceSplitGroups &groups)
{
    std::set<std::string> all;
    for (const auto s : slices)
        all.insert(groups.at(static_cast<std::size_t>(s)));
    return all;
}

/// Every slice in one part, every group in one part, parts in order.
bool isWhole(const Split &split, const SliceSplitGroups &groups)
{
    const auto slices = split.all();
    bool whole = slices.size() == groups.size() && std::adjacent_find(slices.begin(), slices.end()) == slices.end();
    std::size_t count = 0;
    for (const auto *part : {&split.training, &split.validation, &split.test}) {
        count += groupsOf(*part, groups).size();
        whole = whole && std::is_sorted(part->begin(), part->end());
    }
    return whole && count == std::set<std::string>(groups.begin(), groups.end()).size();
}

} // namespace

class SliceSplitTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void eachFoldIsTheTestOnce()
    {
        SegmentationDataOptions o;
        o.split = "folds";
        o.folds = 3;
        o.validationFraction = 0.25;
        std::vector<std::int64_t> tested;
        for (o.fold = 1; o.fold <= 3; ++o.fold) {
            const auto s = splitOf(o, 24, 7);
            QCOMPARE(s.test.size(), std::size_t(8));
            QCOMPARE(s.validation.size(), std::size_t(4));
            QCOMPARE(s.training.size(), std::size_t(12));
            QCOMPARE(s.all().size(), std::size_t(24));
            const auto slices = s.all();
            QVERIFY(std::adjacent_find(slices.begin(), slices.end()) == slices.end()); // none in two parts
            tested.insert(tested.end(), s.test.begin(), s.test.end());
            QVERIFY(s.toJson() == splitOf(o, 24, 7).toJson());
        }
        std::vector<std::int64_t> all;
        for (std::int64_t i = 0; i < 24; ++i)
            all.push_back(i);
        QCOMPARE(tested, all);
    }
    void slicesAreWholeNumbers()
    {
        const Json good{{"training", {0, 2.0}}, {"validation", Json::array()}, {"test", {1}}};
        QCOMPARE(Split::fromJson(good).training, (std::vector<std::int64_t>{0, 2}));
        for (const char *part : {"training", "validation", "test"})
            for (const Json &wrong : {Json(true), Json(1.5), Json(-1), Json("1"), Json(nullptr), Json(1e300), Json::array({1})}) {
                Json j = good;
                j[part].push_back(wrong);
                EXPECT_ERROR(Split::fromJson(j),
                             std::string("split.") + part + ": expected slices as whole numbers from 0, found ");
            }
        Json j = good;
        j["test"].push_back(1.5);
        EXPECT_ERROR(Split::fromJson(j), "split.test: expected slices as whole numbers from 0, found 1.5.");
        for (const Json &wrong :
             {Json(), Json(3), Json::array(), Json::object(), Json{{"training", 1}, {"validation", 2}, {"test", 3}}})
            EXPECT_ERROR(Split::fromJson(wrong), "split: expected lists training, validation and test");
    }
    void foldsAreOfTheSlicesThatAreUsed()
    {
        SegmentationDataOptions o;
        o.split = "folds";
        o.folds = 2;
        o.fold = 2;
        o.validationFraction = 0;
        o.onlySlices = {1, 3, 5, 7};
        const auto s = splitOf(o, 10, 1);
        QCOMPARE(s.test, (std::vector<std::int64_t>{5, 7}));
        QCOMPARE(s.training, (std::vector<std::int64_t>{1, 3}));
        QVERIFY(s.validation.empty());
        o.testFraction = 0.5; // the fold is the test
        QCOMPARE(splitOf(o, 10, 1).test, s.test);
        o.fold = 3;
        EXPECT_ERROR(splitOf(o, 10, 1), "data.fold: expected a fold from 1 to 2");
        o.fold = 1;
        o.folds = 5;
        EXPECT_ERROR(splitOf(o, 10, 1), "as many as there are slices (4)");
    }
    void noGroupIsInTwoParts()
    {
        SegmentationDataOptions o;
        o.validationFraction = 0.2;
        o.testFraction = 0.2;
        const auto even = evenGroups(10, 3);
        std::set<std::string> tested;
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            const auto s = splitOf(o, 30, seed, even);
            QVERIFY(isWhole(s, even));
            QCOMPARE(s.validation.size(), std::size_t(6)); // two groups of three are a fifth
            QCOMPARE(s.test.size(), std::size_t(6));
            QVERIFY(s.toJson() == splitOf(o, 30, seed, even).toJson());
            tested.merge(groupsOf(s.test, even));
        }
        QCOMPARE(tested.size(), std::size_t(10)); // the seed decides which
        // Groups of all sizes, their slices far from each other.
        SliceSplitGroups uneven;
        for (int i = 0; i < 100; ++i)
            uneven.push_back("g" + std::to_string(static_cast<int>(std::sqrt(i * 37 % 100))));
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            const auto s = splitOf(o, 100, seed, uneven);
            QVERIFY(isWhole(s, uneven));
            QVERIFY(!s.training.empty() && !s.validation.empty() && !s.test.empty());
            QVERIFY2(s.training.size() >= 40, qPrintable(QString::number(s.training.size())));
        }
    }
    void firstTakesGroupsInTheirOrder()
    {
        SegmentationDataOptions o;
        o.split = "first";
        o.validationFraction = 0.25;
        o.testFraction = 0.25;
        const auto s = splitOf(o, 8, 1, evenGroups(4, 2));
        QCOMPARE(s.training, (std::vector<std::int64_t>{0, 1, 2, 3}));
        QCOMPARE(s.validation, (std::vector<std::int64_t>{4, 5}));
        QCOMPARE(s.test, (std::vector<std::int64_t>{6, 7}));
    }
    void eachPartHasAGroup()
    {
        SegmentationDataOptions o;
        o.validationFraction = 0.01;
        o.testFraction = 0.01;
        // Too large for their shares as they are, the smallest are taken.
        const SliceSplitGroups groups{"a", "a", "a", "a", "b", "b", "c", "c", "c"};
        const auto s = splitOf(o, 9, 3, groups);
        QVERIFY(isWhole(s, groups));
        QCOMPARE(s.test, (std::vector<std::int64_t>{4, 5}));
        QCOMPARE(s.validation, (std::vector<std::int64_t>{6, 7, 8}));
        // However large the shares, something trains.
        o.validationFraction = o.testFraction = 0.9;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto greedy = splitOf(o, 9, seed, groups);
            QVERIFY(isWhole(greedy, groups) && !greedy.training.empty() && !greedy.validation.empty());
        }
        EXPECT_ERROR(splitOf(o, 4, 1, {"a", "a", "b", "b"}), "data.groups: expected at least 3 groups, for training, validation "
                                                             "and the test, found 2; set data.validation-fraction or "
                                                             "data.test-fraction to 0, or add pictures of other groups");
        o.testFraction = 0;
        EXPECT_ERROR(splitOf(o, 2, 1, {"a", "a"}),
                     "at least 2 groups, for training and validation, found one, \"a\"; set data.validation-fraction to 0");
        o.validationFraction = 0;
        QCOMPARE(splitOf(o, 2, 1, {"a", "a"}).training.size(), std::size_t(2));
        o.validationFraction = 0.15;
        QCOMPARE(splitOf(o, 1, 1, {"a"}).training.size(), std::size_t(1)); // one picture alone trains, as without groups
    }
    void foldsAreOfWholeGroups()
    {
        SegmentationDataOptions o;
        o.split = "folds";
        o.folds = 3;
        o.validationFraction = 0.25;
        // Slices of seven groups in turn: 0, 7, 14 are of one.
        SliceSplitGroups groups;
        for (int i = 0; i < 21; ++i)
            groups.push_back("m" + std::to_string(i % 7));
        std::vector<std::int64_t> tested;
        for (o.fold = 1; o.fold <= 3; ++o.fold) {
            const auto s = splitOf(o, 21, 7, groups);
            QVERIFY(isWhole(s, groups));
            QVERIFY(s.test.size() == 6 || s.test.size() == 9); // two groups or three
            QVERIFY(!s.validation.empty() && !s.training.empty());
            QVERIFY(s.toJson() == splitOf(o, 21, 7, groups).toJson());
            // Another seed cuts the same folds.
            QCOMPARE(splitOf(o, 21, 8, groups).test, s.test);
            tested.insert(tested.end(), s.test.begin(), s.test.end());
        }
        std::sort(tested.begin(), tested.end());
        QCOMPARE(tested.size(), std::size_t(21));
        QVERIFY(std::adjacent_find(tested.begin(), tested.end()) == tested.end());
        // Of the slices that are used alone; the others need no group.
        o.folds = 2;
        o.fold = 1;
        o.onlySlices = {0, 1, 2, 7, 8};
        SliceSplitGroups some(21);
        for (const auto i : o.onlySlices)
            some[static_cast<std::size_t>(i)] = groups[static_cast<std::size_t>(i)];
        o.validationFraction = 0;
        const auto s = splitOf(o, 21, 7, some);
        QCOMPARE(s.test, (std::vector<std::int64_t>{0, 2, 7}));
        QCOMPARE(s.training, (std::vector<std::int64_t>{1, 8}));
    }
    void foldsNeedAsManyGroups()
    {
        SegmentationDataOptions o;
        o.split = "folds";
        o.folds = 3;
        EXPECT_ERROR(
            splitOf(o, 8, 1, evenGroups(2, 4)),
            "data.groups: 3 folds need at least 3 groups, but there are only 2. Lower the number of folds to 2 or fewer.");
        EXPECT_ERROR(splitOf(o, 4, 1, evenGroups(1, 4)),
                     "but there is only one. Add pictures of other groups, or leave data.groups away.");
        // Two folds of two groups leave none to validate on.
        o.folds = 2;
        EXPECT_ERROR(splitOf(o, 8, 1, evenGroups(2, 4)),
                     "at least 2 groups besides those of fold 1, for training and validation, found one, \"m1\"");
        o.validationFraction = 0;
        QCOMPARE(splitOf(o, 8, 1, evenGroups(2, 4)).test, (std::vector<std::int64_t>{0, 1, 2, 3}));
    }
    void listsMustNotPartAGroup()
    {
        SegmentationDataOptions o;
        o.split = "slices";
        o.validationSlices = {2, 3};
        o.testSlices = {4, 5};
        QVERIFY(isWhole(splitOf(o, 6, 1, evenGroups(3, 2)), evenGroups(3, 2)));
        EXPECT_ERROR(splitOf(o, 6, 1, evenGroups(2, 3)),
                     "data.validation-slices: expected all slices of a group in one part, found the group \"m0\" "
                     "in two: slice 0 in training, slice 2 in validation");
    }
    void withoutGroupsNothingIsOther()
    {
        // As before there were groups: blocks of this seed.
        SegmentationDataOptions o;
        o.validationFraction = 0.25;
        o.testFraction = 0.25;
        const auto s = splitOf(o, 12, 7);
        QVERIFY(s.toJson() == splitOf(o, 12, 7, {}).toJson());
        QVERIFY(s.validation.back() - s.validation.front() == 2 && s.test.back() - s.test.front() == 2); // contiguous
    }
};

RETICLE_TEST(SliceSplitTest)
#include "SliceSplitTest.moc"
