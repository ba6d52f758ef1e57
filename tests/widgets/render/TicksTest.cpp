#include "widgets/render/Ticks.h"
#include "support/Test.h"

#include <cmath>
#include <limits>
#include <random>

using namespace reticle;

class TicksTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stepsAreRound()
    {
        std::mt19937 random(7);
        std::uniform_real_distribution<double> exponent(-8, 8), position(-3, 3);
        for (int i = 0; i < 2000; ++i) {
            const double span = std::pow(10.0, exponent(random)), low = position(random) * span, high = low + span;
            const Ticks t = linearTicks(low, high, 5);
            QVERIFY(t.major.size() >= 2 && t.major.size() <= 9);
            QCOMPARE(t.labels.size(), t.major.size());
            const double step = t.major[1] - t.major[0];
            const double mantissa = step / std::pow(10.0, std::floor(std::log10(step) + 1e-9));
            bool nice = false;
            for (const double f : {1.0, 2.0, 2.5, 5.0})
                nice |= std::abs(mantissa - f) < 1e-6;
            QVERIFY2(nice, qPrintable(QString::number(mantissa)));
            for (const auto *all : {&t.major, &t.minor})
                for (const double v : *all)
                    QVERIFY(v >= low - 1e-9 * span && v <= high + 1e-9 * span);
            for (std::size_t k = 1; k < t.labels.size(); ++k)
                QVERIFY(t.labels[k] != t.labels[k - 1]);
        }
    }

    void neighboringNumbersEnd()
    {
        for (const double v : {0.6449, -3.0, 1e300, 1e-300, 4503599627370497.0}) {
            const double next = std::nextafter(v, std::numeric_limits<double>::infinity());
            QVERIFY(linearTicks(v, next, 5).major.size() <= 1);
            QVERIFY(linearTicks(v, next, 1).minor.size() <= 1);
        }
        QVERIFY(logTicks(2.0, std::nextafter(2.0, 3.0), 5).major.size() <= 2);
    }

    void countedThingsHaveWholeTicks()
    {
        QVERIFY((linearTicks(20, 23, 8, true).labels == std::vector<std::string>{"20", "21", "22", "23"}));
        QVERIFY(linearTicks(20, 23, 8, true).minor.empty());
        QVERIFY((linearTicks(0, 12, 4, true).labels == std::vector<std::string>{"0", "5", "10"}));
        for (int high = 2; high < 4000; high += 7)
            for (int wanted = 2; wanted <= 8; ++wanted)
                for (const auto &t : {linearTicks(0, high, wanted, true)})
                    for (const auto *all : {&t.major, &t.minor})
                        for (const double v : *all)
                            QCOMPARE(v, std::round(v));
        QCOMPARE(linearTicks(0, 5000, 5, true).labels, linearTicks(0, 5000, 5).labels);
    }

    void labelsShareTheirDecimals()
    {
        const Ticks t = linearTicks(-1, 1, 4);
        QVERIFY((t.labels == std::vector<std::string>{"\u22121.0", "\u22120.5", "0.0", "0.5", "1.0"}));
        QVERIFY((linearTicks(0, 40000, 4).labels ==
                 std::vector<std::string>{"0", "10\u2009000", "20\u2009000", "30\u2009000", "40\u2009000"}));
        QVERIFY((linearTicks(0, 4e6, 4).labels == std::vector<std::string>{"0", "1×10⁶", "2×10⁶", "3×10⁶", "4×10⁶"}));
        QVERIFY((linearTicks(0, 4e-5, 2).labels == std::vector<std::string>{"0", "2×10⁻⁵", "4×10⁻⁵"}));
        QVERIFY((linearTicks(1, 1.0000004, 2).labels == std::vector<std::string>{"1.0000000", "1.0000002", "1.0000004"}));
    }

    void decades()
    {
        const Ticks t = logTicks(-6, -2, 8);
        QVERIFY((t.labels == std::vector<std::string>{"10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²"}));
        QCOMPARE(t.minor.size(), 32u);
        QCOMPARE(t.minor[0], -6 + std::log10(2.0));
        QCOMPARE(logTicks(-12, 12, 4).major.size(), 4u); // every seventh
        const Ticks narrow = logTicks(std::log10(9.0), std::log10(60.0), 6);
        QVERIFY((narrow.labels == std::vector<std::string>{"10", "20", "50"}));
        const Ticks tiny = logTicks(std::log10(2.0), std::log10(4.0), 4);
        QVERIFY(tiny.major.size() >= 3);
        QCOMPARE(tiny.labels.front(), std::string("2.0"));
    }

    void emptyRangesHaveNoTicks()
    {
        QVERIFY(linearTicks(1, 1, 5).major.empty());
        QVERIFY(linearTicks(2, 1, 5).major.empty());
        QVERIFY(linearTicks(0, INFINITY, 5).major.empty());
        QVERIFY(logTicks(NAN, 1, 5).major.empty());
    }

    void numbersForPeople()
    {
        QCOMPARE(formatShort(0.125), std::string("0.125"));
        QCOMPARE(formatShort(-0.3), std::string("\u22120.3"));
        QCOMPARE(formatShort(12345), std::string("12\u2009345"));
        QCOMPARE(formatShort(1234.5), std::string("1234")); // 4 digits
        QCOMPARE(formatShort(3.2e-5), std::string("3.2×10⁻⁵"));
        QCOMPARE(formatShort(NAN), std::string("n/a"));
        QCOMPARE(formatShort(-INFINITY), std::string("\u2212∞"));
        QCOMPARE(formatNumber(-0.001, 2), std::string("0.00"));
        QCOMPARE(formatNumber(1234567.5, 1), std::string("1\u2009234\u2009567.5"));
        QCOMPARE(powerOfTen(-12), std::string("10⁻¹²"));
    }
};

RETICLE_TEST(TicksTest)
#include "TicksTest.moc"
