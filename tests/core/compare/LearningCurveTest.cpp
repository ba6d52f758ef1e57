#include "compare/LearningCurve.h"

#include "foundation/Json.h"
#include "support/Test.h"

#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <stdexcept>

using namespace reticle;

namespace {

std::vector<CurvePoint> pointsOf(const Json &c)
{
    std::vector<CurvePoint> points;
    for (std::size_t i = 0; i < c["minutes"].size(); ++i)
        points.push_back({c["minutes"][i].get<double>(), c["score"][i].get<double>()});
    return points;
}

QString wrong(const Json &c, const char *what, double got, double expected)
{
    return QString("%1: %2 is %3, not %4")
        .arg(QString::fromStdString(c["name"].get<std::string>()), what)
        .arg(got, 0, 'g', 12)
        .arg(expected, 0, 'g', 12);
}

const ScoreScale loss{0, std::numeric_limits<double>::infinity(), true};

} // namespace

/// Fit and intervals are held to SciPy's numbers (tests/reference/learningcurve.py).
class LearningCurveTest : public QObject
{
    Q_OBJECT
    Json m_reference;

    const Json &named(const std::string &name) const
    {
        for (const auto &c : m_reference["cases"])
            if (c["name"] == name)
                return c;
        throw std::runtime_error("no case " + name);
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream file(test::source("tests/reference/learningcurve.json"));
        m_reference = Json::parse(file);
    }
    void fitsAsSciPyDoes()
    {
        for (const auto &c : m_reference["cases"]) {
            const LearningCurve curve(pointsOf(c));
            QVERIFY(curve.isKnown());
            const double squares = c["squares"];
            QVERIFY2(curve.squares() <= squares * (1 + 1e-6) + 1e-15, qPrintable(wrong(c, "squares", curve.squares(), squares)));
            QVERIFY2(curve.squares() >= squares * (1 - 1e-4) - 1e-15, qPrintable(wrong(c, "squares", curve.squares(), squares)));
            QVERIFY(curve.a() >= 0 && curve.b() >= 0);
            QVERIFY(curve.c() >= LearningCurve::flattest && curve.c() <= LearningCurve::steepest + 1e-9);
            QVERIFY2(std::abs(curve.a() - c["a"].get<double>()) < 2e-5, qPrintable(wrong(c, "a", curve.a(), c["a"])));
            if (c["b"].get<double>() > 1e-9) { // a level has no exponent
                QVERIFY2(std::abs(curve.c() / c["c"].get<double>() - 1) < 2e-3, qPrintable(wrong(c, "c", curve.c(), c["c"])));
                QVERIFY2(std::abs(curve.b() / c["b"].get<double>() - 1) < 2e-3, qPrintable(wrong(c, "b", curve.b(), c["b"])));
            } else {
                QCOMPARE(curve.b(), 0.0);
            }
            for (std::size_t i = 0; i < c["times"].size(); ++i) {
                const double got = curve.at(c["times"][i]).score, expected = c["predicted"][i];
                QVERIFY2(std::abs(got - expected) < 2e-5, qPrintable(wrong(c, "a prediction", got, expected)));
            }
        }
    }
    void intervalsAreThoseOfAnotherBootstrap()
    {
        int held = 0;
        for (const auto &c : m_reference["cases"]) {
            if (c["interval"].is_null())
                continue;
            const LearningCurve curve(pointsOf(c));
            for (std::size_t i = 0; i < c["times"].size(); ++i) {
                const auto e = curve.at(c["times"][i]);
                if (c["interval"][i][0].is_null()) {
                    QVERIFY(std::isnan(e.low) && std::isnan(e.high) && std::isnan(curve.scatter()));
                    continue;
                }
                // 2000 draws here, 20000 there: the ends of an interval come within a twelfth of its width.
                const double low = c["interval"][i][0], high = c["interval"][i][1], slack = (high - low) / 12;
                QVERIFY2(std::abs(e.low - low) < slack, qPrintable(wrong(c, "a low end", e.low, low)));
                QVERIFY2(std::abs(e.high - high) < slack, qPrintable(wrong(c, "a high end", e.high, high)));
                QVERIFY(e.low <= e.score && e.score <= e.high);
                ++held;
            }
        }
        QVERIFY(held >= 20);
    }
    void theOrderOfPointsDoesNotMatter()
    {
        auto points = pointsOf(named("four times, three seeds"));
        const LearningCurve curve(points);
        std::reverse(points.begin(), points.end());
        std::swap(points[1], points[7]);
        const LearningCurve other(points);
        QCOMPARE(other.a(), curve.a());
        QCOMPARE(other.c(), curve.c());
        QCOMPARE(other.at(60).low, curve.at(60).low);
        QCOMPARE(other.at(60).high, curve.at(60).high);
    }
    void lossesFallAsScoresRise()
    {
        const auto &c = named("four times, three seeds");
        const LearningCurve curve(pointsOf(c));
        auto points = pointsOf(c);
        for (auto &p : points)
            p.score = 1 - p.score;
        const LearningCurve falling(points, loss);
        QVERIFY(std::abs(falling.a() - curve.a()) < 1e-6 && std::abs(falling.c() - curve.c()) < 1e-4);
        const auto e = falling.at(60), f = curve.at(60);
        QVERIFY(std::abs(e.score - (1 - f.score)) < 1e-6 && std::abs(e.low - (1 - f.high)) < 1e-4 && e.low < e.high);
        QVERIFY(std::abs(falling.gain(30, 60).score - curve.gain(30, 60).score) < 1e-6);
    }
    void fewerThanThreeTimesSayNothing_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("budgets");
        QTest::addColumn<QString>("text");
        QTest::newRow("no point") << 0 << 0 << "no run with a score has finished";
        QTest::newRow("one point") << 1 << 1 << "all finished runs took 15 minutes";
        QTest::newRow("equal times") << 2 << 1 << "all finished runs took";
        QTest::newRow("two times") << 3 << 2 << "the finished runs took 5 minutes or 15 minutes";
        QTest::newRow("nearly equal times") << 4 << 2 << "the finished runs took";
        QTest::newRow("no finite point") << 5 << 0 << "no run with a score has finished";
    }
    void fewerThanThreeTimesSayNothing()
    {
        QFETCH(int, which);
        QFETCH(int, budgets);
        QFETCH(QString, text);
        const std::vector<std::vector<CurvePoint>> all{
            {},
            {{15, 0.9}},
            {{15, 0.9}, {15.1, 0.91}, {15.2, 0.92}},
            {{5, 0.9}, {15, 0.91}, {15, 0.92}, {5, 0.88}},
            {{5, 0.9}, {15, 0.91}, {15.3, 0.92}},
            {{NAN, 0.9}, {5, NAN}, {0, 0.9}, {-5, 0.9}, {INFINITY, 0.9}, {10, INFINITY}}};
        const LearningCurve curve(all[static_cast<std::size_t>(which)]);
        QVERIFY(!curve.isKnown());
        QCOMPARE(static_cast<int>(curve.budgets().size()), budgets);
        QVERIFY(std::isnan(curve.at(30).score) && std::isnan(curve.gain(15, 30).score));
        const auto said = QString::fromStdString(moreMinutesText(curve, {}, "Dice", 15, 30));
        QVERIFY2(said.contains("cannot be told yet") && said.contains(text) && said.contains("3 different times"),
                 qPrintable(said));
    }
    void pointsThatAreNoneArePassedOver()
    {
        const auto &c = named("five times, one seed");
        auto points = pointsOf(c);
        const LearningCurve curve(points);
        for (const CurvePoint p : {CurvePoint{NAN, 0.5}, {7, NAN}, {0, 0.1}, {-3, 0.1}, {INFINITY, 0.9}, {20, -INFINITY}})
            points.push_back(p);
        const LearningCurve same(points);
        QCOMPARE(same.points(), c["minutes"].size());
        QCOMPARE(same.at(120).score, curve.at(120).score);
        QCOMPARE(same.at(120).low, curve.at(120).low);
        for (const double t : {0.0, -1.0, double(NAN), double(INFINITY)})
            QVERIFY(std::isnan(curve.at(t).score));
        QVERIFY(std::isnan(curve.gain(0, 5).score) && std::isnan(curve.gain(5, NAN).score));
    }
    void equalScoresAreALevel()
    {
        const LearningCurve curve({{5, 0.9}, {10, 0.9}, {30, 0.9}, {60, 0.9}});
        const auto e = curve.at(120);
        QVERIFY(std::abs(e.score - 0.9) < 1e-12 && std::abs(e.low - 0.9) < 1e-7 && std::abs(e.high - 0.9) < 1e-7);
        QVERIFY(moreMinutesText(curve, {}, "Dice", 60, 120).find("More minutes would hardly help") == 0);
        // All are perfect: there is nothing to win, and nothing divides by 0.
        const LearningCurve perfect({{5, 1}, {10, 1}, {30, 1}, {60, 1}});
        QCOMPARE(perfect.at(120).score, 1.0);
        QCOMPARE(perfect.gain(60, 120).score, 0.0);
        QCOMPARE(moreMinutesText(perfect, {}, "Dice", 60, 120),
                 std::string("More minutes would hardly help: Dice no longer improves."));
    }
    void scoresThatGetWorseAreALevelToo()
    {
        const LearningCurve curve({{5, 0.95}, {10, 0.94}, {30, 0.92}, {60, 0.91}});
        QCOMPARE(curve.b(), 0.0);
        QVERIFY(std::abs(curve.at(120).score - 0.93) < 1e-12); // the mean
        QCOMPARE(curve.gain(60, 120).score, 0.0);
        QCOMPARE(moreMinutesText(curve, loss, "validation loss", 60, 120),
                 std::string("More minutes would hardly help: the validation loss no longer improves."));
    }
    void noPredictionLeavesTheScoresThereAre()
    {
        // Beyond 1, as no Dice is: the curve stays below.
        const LearningCurve curve({{5, 0.2}, {10, 0.7}, {30, 0.99}, {60, 1.3}, {60, 1.1}});
        for (const double t : {1e-9, 0.1, 5.0, 60.0, 1e9}) {
            const auto e = curve.at(t);
            QVERIFY2(e.score >= 0 && e.score <= 1 && e.low >= 0 && e.high <= 1, qPrintable(QString::number(t)));
        }
        // Times that are far apart, and errors of any size.
        const LearningCurve wide({{1e-6, 1e6}, {1, 1e3}, {1e6, 10}, {1e7, 1}}, loss);
        QVERIFY(wide.isKnown() && std::isfinite(wide.at(1e8).score) && wide.at(1e8).score >= 0);
    }
    void saysWhatMoreMinutesWouldGive()
    {
        const LearningCurve curve({{5, 0.900}, {5, 0.903}, {10, 0.920}, {15, 0.931}, {30, 0.936}});
        const auto text = QString::fromStdString(moreMinutesText(curve, {}, "Dice", 15, 30));
        QVERIFY2(QRegularExpression("^30 minutes instead of 15 would probably raise Dice from 0\\.9\\d\\d to 0\\.9\\d\\d "
                                    "\\(0\\.9\\d\\d to 0\\.9\\d\\d\\)\\.$")
                     .match(text)
                     .hasMatch(),
                 qPrintable(text));
        QVERIFY(text.contains(QString::fromStdString(expectedText(curve.at(30)))));
        // A loss falls; three runs say nothing of how sure it is.
        const LearningCurve three({{5, 0.30}, {15, 0.20}, {60, 0.12}}, loss);
        const auto falling = QString::fromStdString(moreMinutesText(three, loss, "validation loss", 60, 120));
        QVERIFY2(falling.startsWith("120 minutes instead of 60 would probably lower the validation loss from 0.1") &&
                     falling.endsWith("Train one of them again with another seed."),
                 qPrintable(falling));
    }
    void whatDrownsBetweenSeedsHardlyHelps()
    {
        // Twice the time gives about 0.001, seeds differ by 0.02.
        const LearningCurve curve({{10, 0.91}, {10, 0.95}, {20, 0.915}, {20, 0.951}, {40, 0.92}, {40, 0.949}});
        const auto text = QString::fromStdString(moreMinutesText(curve, {}, "Dice", 40, 80));
        QVERIFY2(text.startsWith("More minutes would hardly help: ") && !text.contains("nan"), qPrintable(text));
        QVERIFY2(curve.gain(40, 80).score <= 0 || text.contains("equal runs differ by 0.0"), qPrintable(text));
        QVERIFY(curve.gain(40, 80).low >= 0);
    }
    void timesAndScoresInWords()
    {
        QCOMPARE(minutesText(1), std::string("1 minute"));
        QCOMPARE(minutesText(7.5), std::string("7.5 minutes"));
        QCOMPARE(minutesText(0.5), std::string("30 seconds"));
        QCOMPARE(minutesText(1440), std::string("1440 minutes"));
        QCOMPARE(minutesText(5, 15), std::string("5 to 15 minutes"));
        QCOMPARE(minutesText(0.5, 2), std::string("30 seconds to 2 minutes"));
        QCOMPARE(minutesText(5, 5.001), std::string("5 minutes"));
        QCOMPARE(expectedText({0.93649, 0.93, 0.9412}), std::string("0.936 (0.930 to 0.941)"));
        QCOMPARE(expectedText({0.01234, NAN, NAN}), std::string("0.0123"));
        QCOMPARE(scoreDigits(0), 3);
        QCOMPARE(scoreDigits(123.4), 0);
    }
};

RETICLE_TEST(LearningCurveTest)
#include "LearningCurveTest.moc"
