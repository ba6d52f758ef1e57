#include "classification/Calibration.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>
#include <fstream>

using namespace reticle;

namespace {

Json readReference(const char *name)
{
    std::ifstream file(test::source(std::string("tests/reference/tables/") + name));
    return Json::parse(file);
}

bool near(double a, double b)
{
    return std::abs(a - b) < 1e-9;
}

} // namespace

class CalibrationTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void binsAsNumPyHasThem()
    {
        const auto cases = readReference("classification.json")["cases"], expected = readReference("calibration.json");
        QCOMPARE(cases.size(), expected.size());
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const auto name = cases[i]["name"].get<std::string>();
            const auto c = calibrationOf({cases[i]["classes"], cases[i]["p"]}, cases[i]["truth"]);
            QVERIFY2(near(c.error(), expected[i]["error"]), name.c_str());
            QCOMPARE(c.bins.size(), std::size_t(10));
            for (std::size_t b = 0; b < 10; ++b) {
                const auto &bin = expected[i]["bins"][b];
                QCOMPARE(c.bins[b].right.all, bin[0].get<std::int64_t>());
                QVERIFY2(bin[1].is_null() ? std::isnan(c.bins[b].sure) : near(c.bins[b].sure, bin[1]), name.c_str());
                QVERIFY2(bin[2].is_null() ? std::isnan(c.bins[b].right.value) : near(c.bins[b].right.value, bin[2]),
                         name.c_str());
            }
            QVERIFY(c.figure().problems().empty());
            QCOMPARE(c.table().rows(), std::size_t(10));
        }
    }
    /// By hand: two rows of 0.9, one right; two of 0.6, both right.
    void theErrorIsTheMeanDistance()
    {
        const auto c = calibrationOf({2, {0.9, 0.1, 0.9, 0.1, 0.6, 0.4, 0.4, 0.6}}, {0, 1, 0, 1}, 5);
        QVERIFY(near(c.error(), (2 * 0.4 + 2 * 0.4) / 4));
        QVERIFY(c.bins[4].right.hits == 1 && c.bins[4].right.all == 2);
        QVERIFY(c.bins[2].right.hits == 2 && near(c.bins[2].sure, 0.6)); // on the edge: the lower bin
        QCOMPARE(c.table().text(0, 3), std::string("n/a"));
    }
    void nothingHasNoError()
    {
        const auto c = calibrationOf({2, {}}, {});
        QVERIFY(std::isnan(c.error()) && c.figure().problems().empty());
        EXPECT_ERROR(calibrationOf({2, {0.5, 0.6}}, {0}), "add up to 1");
    }
};

RETICLE_TEST(CalibrationTest)
#include "CalibrationTest.moc"
