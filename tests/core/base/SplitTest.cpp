#include "base/Error.h"
#include "base/SegmentationData.h"
#include "support/Test.h"

#include <algorithm>

using namespace reticle;

class SplitTest : public QObject
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
                EXPECT_ERROR(Split::fromJson(j), std::string("split.") + part + ": expected slices as whole numbers from 0, found ");
            }
        Json j = good;
        j["test"].push_back(1.5);
        EXPECT_ERROR(Split::fromJson(j), "split.test: expected slices as whole numbers from 0, found 1.5.");
        for (const Json &wrong : {Json(), Json(3), Json::array(), Json::object(), Json{{"training", 1}, {"validation", 2}, {"test", 3}}})
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
};

RETICLE_TEST(SplitTest)
#include "SplitTest.moc"
