#include "data/Folds.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <algorithm>

using namespace reticle;

using Parts = std::vector<std::vector<std::int64_t>>;

class FoldsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void neighborsStayTogether()
    {
        QCOMPARE(neighborFolds({0, 1, 2, 3, 4, 5, 6}, 3), (Parts{{0, 1, 2}, {3, 4}, {5, 6}}));
        QCOMPARE(neighborFolds({2, 3, 9}, 3), (Parts{{2}, {3}, {9}}));
        EXPECT_ERROR(neighborFolds({2, 3, 9}, 4), "at most as many as there are slices (3)");
        EXPECT_ERROR(neighborFolds({2, 3, 9}, 1), "two or more");
        EXPECT_ERROR(neighborFolds({}, 2), "slices (0)");
    }
    void groupsStayTogether()
    {
        const std::vector<std::int64_t> slices{0, 1, 2, 3, 4, 5, 6, 7, 8};
        const std::vector<std::string> animal{"b", "a", "b", "c", "b", "a", "d", "b", "c"};
        // b has four slices, a and c two, d one: b | a, then c and d where there is least.
        QCOMPARE(groupFolds(slices, animal, 2), (Parts{{0, 2, 4, 6, 7}, {1, 3, 5, 8}}));
        QCOMPARE(groupFolds(slices, animal, 4), (Parts{{0, 2, 4, 7}, {1, 5}, {3, 8}, {6}}));
        EXPECT_ERROR(groupFolds(slices, animal, 5), "groups (4)");
    }
    void everySliceIsInOneFold()
    {
        for (std::int64_t n = 2; n < 40; ++n)
            for (std::int64_t k = 2; k <= n; ++k) {
                std::vector<std::int64_t> slices, all;
                for (std::int64_t i = 0; i < n; ++i)
                    slices.push_back(3 * i);
                std::size_t minimum = 99, maximum = 0;
                for (const auto &fold : neighborFolds(slices, k)) {
                    all.insert(all.end(), fold.begin(), fold.end());
                    minimum = std::min(minimum, fold.size());
                    maximum = std::max(maximum, fold.size());
                }
                QCOMPARE(all, slices);
                QVERIFY(minimum > 0 && maximum <= minimum + 1);
            }
    }
};

RETICLE_TEST(FoldsTest)
#include "FoldsTest.moc"
