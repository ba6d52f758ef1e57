#include "learn/WidthBuilder.h"

#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;

using Widths = std::vector<std::int64_t>;

class WidthBuilderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void saysTheNearestCount()
    {
        WidthFamily family;
        family.name = "squares";
        family.nominal = {1};
        family.count = [](const std::vector<double> &w) { return 1000 * w[0] * w[0]; };
        EXPECT_ERROR(solveWidths(family, 5500), "nearest 4,000");
        QCOMPARE(solveWidths(family, 8950), Widths{3});
    }

    void keepsTiedWidthsEqual()
    {
        WidthFamily family;
        family.nominal = {1, 2, 1};
        family.tied = {{0, 2}};
        family.count = [](const std::vector<double> &w) { return 9 * (w[0] * w[1] + w[1] * w[2]) + w[2]; };
        for (const int target : {508, 5000, 77777}) {
            const auto w = solveWidths(family, target);
            QCOMPARE(w[0], w[2]);
            QVERIFY(std::abs(static_cast<double>(countWeights(family, w) - target)) <= 0.01 * target);
        }
    }

    void writesThousands()
    {
        QCOMPARE(withThousands(0), std::string("0"));
        QCOMPARE(withThousands(999), std::string("999"));
        QCOMPARE(withThousands(31031685), std::string("31,031,685"));
        QCOMPARE(withThousands(-1000), std::string("-1,000"));
    }
};

RETICLE_TEST(WidthBuilderTest)
#include "WidthBuilderTest.moc"
