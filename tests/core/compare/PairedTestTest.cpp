#include "compare/PairedTest.h"

#include "foundation/Json.h"
#include "support/Test.h"

#include <cmath>
#include <fstream>

using namespace reticle;

namespace {

bool near(double a, double b, double relative = 1e-10)
{
    return std::abs(a - b) <= relative * std::max(std::abs(b), 1e-290);
}

} // namespace

/// Held to SciPy's numbers.
class PairedTestTest : public QObject
{
    Q_OBJECT
    Json m_reference;

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream file(test::source("tests/reference/pairedtest.json"));
        m_reference = Json::parse(file);
    }
    void incompleteBetaFunction()
    {
        for (const auto &c : m_reference["beta"]) {
            const double got = incompleteBeta(c[0], c[1], c[2]), expected = c[3];
            QVERIFY2(near(got, expected, 1e-9), qPrintable(QString("I(%1, %2, %3) = %4, not %5")
                                                               .arg(c[0].get<double>())
                                                               .arg(c[1].get<double>())
                                                               .arg(c[2].get<double>())
                                                               .arg(got, 0, 'g', 16)
                                                               .arg(expected, 0, 'g', 16)));
        }
        QCOMPARE(incompleteBeta(2, 3, 0), 0.0);
        QCOMPARE(incompleteBeta(2, 3, 1), 1.0);
    }
    void studentsDistribution()
    {
        for (const auto &c : m_reference["student"]) {
            QVERIFY2(near(studentTwoSided(c[0], c[1]), c[2]), qPrintable(QString::fromStdString(c.dump())));
            QVERIFY2(near(studentTwoSided(-c[0].get<double>(), c[1]), c[2]), qPrintable(QString::fromStdString(c.dump())));
            QVERIFY2(near(studentQuantile(0.05, c[1]), c[3]), qPrintable(QString::fromStdString(c.dump())));
        }
        QVERIFY(std::isnan(studentTwoSided(1, 0)));
        QCOMPARE(studentTwoSided(INFINITY, 3), 0.0);
    }
    void pairsAsSciPyHasThem()
    {
        for (const auto &c : m_reference["pairs"]) {
            const auto t = pairedTest(c["a"].get<std::vector<double>>(), c["b"].get<std::vector<double>>());
            QCOMPARE(t.pairs, static_cast<std::int64_t>(c["a"].size()));
            for (const auto &[name, got] :
                 {std::pair{"difference", t.difference}, {"sd", t.sd}, {"t", t.t}, {"p", t.p}, {"low", t.low}, {"high", t.high}})
                QVERIFY2(near(got, c[name].get<double>(), 1e-9), name);
        }
    }
    void tooFewPairsSayNothing()
    {
        const auto one = pairedTest({1, NAN, 3}, {2, 5, NAN});
        QCOMPARE(one.pairs, std::int64_t(1));
        QCOMPARE(one.difference, -1.0);
        QVERIFY(std::isnan(one.sd) && std::isnan(one.t) && std::isnan(one.p) && std::isnan(one.low));
        QVERIFY(std::isnan(pairedTest({}, {}).difference));
        const auto equal = pairedTest({1, 2, 3}, {0, 1, 2}); // no spread to set the difference against
        QCOMPARE(equal.sd, 0.0);
        QVERIFY(std::isnan(equal.p));
    }
    void holmsCorrection()
    {
        // By hand: sorted 0.01, 0.02, 0.03, 0.2 times 4, 3, 2, 1, never falling.
        const auto p = holm({0.03, 0.01, NAN, 0.2, 0.02});
        QVERIFY(near(p[0], 0.06) && near(p[1], 0.04) && std::isnan(p[2]) && near(p[3], 0.2) && near(p[4], 0.06));
        QCOMPARE(holm({0.7, 0.9})[0], 1.0);
    }
};

RETICLE_TEST(PairedTestTest)
#include "PairedTestTest.moc"
