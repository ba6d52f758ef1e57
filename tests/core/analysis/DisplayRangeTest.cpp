#include "analysis/DisplayRange.h"

#include "support/Test.h"

using namespace reticle;

class DisplayRangeTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void quantilesLieInOrder()
    {
        std::vector<double> v;
        for (int i = 1000; i >= 0; --i)
            v.push_back(i);
        QCOMPARE(quantile(v, 0), 0.0);
        QCOMPARE(quantile(v, 0.5), 500.0);
        QCOMPARE(quantile(v, 0.995), 995.0);
        QCOMPARE(quantile(v, 1), 1000.0);
        QCOMPARE(quantile({7}, 0.995), 7.0);
    }
    void detailsOfSparseImagesAreShown()
    {
        std::vector<double> sizes(1000, 0.0);
        QCOMPARE(detailLimit(sizes), 0.0); // nothing
        sizes[3] = 4;
        sizes[700] = 2;
        QCOMPARE(detailLimit(sizes), 4.0); // 0.2 percent: the percentile says 0
        // Roundings are no details.
        for (std::size_t i = 0; i < sizes.size(); ++i)
            sizes[i] += 1e-14;
        QCOMPARE(detailLimit(sizes, 1e-12), 4 + 1e-14);
        QCOMPARE(detailLimit(sizes), 1e-14);
        QCOMPARE(detailLimit(std::vector<double>(5, 1e-14), 1e-12), 0.0);
        for (std::size_t i = 0; i < 100; ++i)
            sizes[i] = 3;
        QCOMPARE(detailLimit(sizes), 3.0); // enough of them: the percentile
        const double details[] = {-5, 1, 0, 2};
        QCOMPARE(detailLimit(Array::of<double>({2, 2}, details)), 2.0);
    }
    void grayIsNeverEmpty()
    {
        const auto [black, white] = grayRange(Array(DType::UInt8, {4, 4}));
        QCOMPARE(black, 0.0);
        QCOMPARE(white, 1.0);
        Array ramp(DType::Float32, {1, 1001});
        for (std::int64_t i = 0; i < ramp.size(); ++i)
            ramp.data<float>()[i] = static_cast<float>(i);
        QCOMPARE(grayRange(ramp), (std::pair<double, double>{3, 996}));
    }
};

RETICLE_TEST(DisplayRangeTest)
#include "DisplayRangeTest.moc"
