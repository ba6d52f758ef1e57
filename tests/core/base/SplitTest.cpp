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
