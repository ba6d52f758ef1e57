#include "classification/RocCurve.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>
#include <fstream>

using namespace reticle;

namespace {

bool near(double a, double b, double tolerance = 1e-9)
{
    return std::abs(a - b) <= tolerance;
}

bool near(const std::vector<double> &a, const Json &b)
{
    const auto expected = b.get<std::vector<double>>();
    return a.size() == expected.size() &&
           std::equal(a.begin(), a.end(), expected.begin(), [](double x, double y) { return near(x, y); });
}

std::vector<std::string> classNames(std::int64_t n)
{
    std::vector<std::string> names;
    for (std::int64_t c = 0; c < n; ++c)
        names.push_back("class " + std::to_string(c));
    return names;
}

} // namespace

/// Held to scikit-learn's and SciPy's numbers.
class ClassificationScoresTest : public QObject
{
    Q_OBJECT
    Json m_reference;

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream file(test::source("tests/reference/tables/classification.json"));
        m_reference = Json::parse(file);
    }
    void scoresAsScikitLearnHasThem()
    {
        for (const auto &c : m_reference["cases"]) {
            const auto name = c["name"].get<std::string>();
            const ClassProbabilities p{c["classes"], c["p"]};
            const auto truth = c["truth"].get<std::vector<std::int64_t>>();
            const ConfusionMatrix m(classNames(p.classes), truth, p.predicted());
            for (std::int64_t t = 0; t < p.classes; ++t) {
                for (std::int64_t said = 0; said < p.classes; ++said)
                    QCOMPARE(m.count(t, said), c["matrix"][t][said].get<std::int64_t>());
                QVERIFY2(near(m.precision(t).value, c["precision"][t]), name.c_str());
                QVERIFY2(near(m.recall(t).value, c["recall"][t]), name.c_str());
                QVERIFY2(near(m.f1(t), c["f1"][t]), name.c_str());
            }
            QVERIFY2(near(m.accuracy().value, c["accuracy"]), name.c_str());
            QVERIFY2(near(m.balancedAccuracy(), c["balanced"]), name.c_str());
            QVERIFY2(near(m.macroF1(), c["macroF1"]), name.c_str());
            QVERIFY2(near(logLoss(p, truth), c["logLoss"]), name.c_str());
            QVERIFY2(near(brierScore(p, truth), c["brier"]), name.c_str());
            if (p.classes == 2) // scikit-learn counts one of the two classes
                QVERIFY(near(brierScore(p, truth) / 2, c["brierOfTwo"]));
        }
    }
    void curvesAsScikitLearnHasThem()
    {
        for (const auto &c : m_reference["cases"]) {
            const ClassProbabilities p{c["classes"], c["p"]};
            const auto all = classCurves(p, c["truth"], classNames(p.classes));
            QCOMPARE(all.curves.size(), c["curves"].size());
            for (std::size_t i = 0; i < all.curves.size(); ++i) {
                const auto &expected = c["curves"][i];
                QVERIFY(near(all.curves[i].falsePositiveRate(), expected["fpr"]) &&
                        near(all.curves[i].recall(), expected["tpr"]));
                QVERIFY(near(all.curves[i].precision(), expected["precision"]) &&
                        near(all.curves[i].recall(), expected["recall"]));
                QVERIFY(near(all.curves[i].auc(), expected["auc"]) && near(all.curves[i].averagePrecision(), expected["ap"]));
            }
            QVERIFY(near(all.macroAuc(), c["macroAuc"]) && near(all.macroAveragePrecision(), c["macroAp"]));
            for (const auto &f : {all.rocFigure(), all.precisionRecallFigure()})
                QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
            const auto [rates, recalls] = all.macroRoc();
            QVERIFY(rates.front() == 0 && rates.back() == 1 && recalls.back() == 1 &&
                    std::is_sorted(recalls.begin(), recalls.end()));
        }
    }
    void intervalsAsSciPyHasThem()
    {
        for (const auto &c : m_reference["intervals"]) {
            const auto w = wilson(c[0], c[1]), exact = clopperPearson(c[0], c[1]);
            QVERIFY2(near(w.low, c[2]) && near(w.high, c[3]), c.dump().c_str());
            QVERIFY2(near(exact.low, c[4], 1e-8) && near(exact.high, c[5], 1e-8), c.dump().c_str());
        }
        QVERIFY(std::isnan(wilson(0, 0).value) && std::isnan(clopperPearson(0, 0).low));
    }
    void equalScoresChangeSidesTogether()
    {
        // By hand: pairs of a positive and a negative row: 2 wins, 1 tie, 1 loss.
        const auto c = rocCurve({0.9, 0.5, 0.5, 0.7}, {true, true, false, false});
        QCOMPARE(c.thresholds.size(), std::size_t(4));
        QVERIFY(std::isinf(c.thresholds[0]) && c.thresholds[3] == 0.5);
        QVERIFY(near(c.auc(), 2.5 / 4));
        QVERIFY(near(c.averagePrecision(), 0.5 * 1 + 0.5 * 0.5));
        const auto flat = rocCurve({1, 1, 1}, {true, false, true});
        QVERIFY(near(flat.auc(), 0.5) && near(flat.averagePrecision(), 2.0 / 3));
        const auto one = rocCurve({1, 2}, {true, true});
        QVERIFY(std::isnan(one.auc()) && near(one.averagePrecision(), 1));
        QVERIFY(std::isnan(rocCurve({1, 2}, {false, false}).averagePrecision()));
        QVERIFY(std::isnan(rocCurve({}, {}).auc()));
        EXPECT_ERROR(rocCurve({1, NAN}, {true, false}), "row 2: expected a score, found nan");
        EXPECT_ERROR(rocCurve({1}, {true, false}), "scores: expected one for each of 2 rows, found 1");
    }
    void theMeanCurveTakesTheTopOfJumps()
    {
        ClassCurves all;
        all.classes = {"a", "b"};
        all.curves = {rocCurve({4, 3, 2, 1}, {true, true, false, false}), rocCurve({4, 3, 2, 1}, {false, true, true, false})};
        const auto [rates, recalls] = all.macroRoc();
        QCOMPARE(rates, (std::vector<double>{0, 0.5, 1}));
        QCOMPARE(recalls, (std::vector<double>{0.5, 1, 1}));
    }
    void absentClassesAreLeftOutOfMeans()
    {
        const ConfusionMatrix m(classNames(3), {0, 0, 1}, {0, 1, 1});
        QVERIFY(std::isnan(m.recall(2).value) && std::isnan(m.precision(2).value) && std::isnan(m.f1(2)));
        QVERIFY(near(m.balancedAccuracy(), 0.75));
        QVERIFY(near(m.macroF1(), 2.0 / 3));
        const auto table = m.classTable();
        QCOMPARE(table.text(2, 6), std::string("n/a"));
        const auto f = m.figure();
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        QVERIFY(f.caption.find("Accuracy 0.667") != std::string::npos);
        QCOMPARE(std::get<TablePanel>(f.panels.at(1).content).table.number(0, 2), 1.0);
        const ClassProbabilities p{3, {0.8, 0.2, 0, 0.4, 0.6, 0, 0.1, 0.9, 0}};
        const auto curves = classCurves(p, {0, 0, 1}, classNames(3));
        QVERIFY(std::isnan(curves.curves[2].auc()) && near(curves.macroAuc(), 1));
        QVERIFY(curves.rocFigure().problems().empty());
        QCOMPARE(curves.table().text(2, 2), std::string("n/a"));
        QCOMPARE(curves.table().text(3, 0), std::string("macro mean"));
    }
    void matricesAdd()
    {
        ConfusionMatrix a(classNames(2), {0, 1}, {0, 0});
        a += ConfusionMatrix(classNames(2), {1, 1}, {1, 0});
        QCOMPARE(a.total(), std::int64_t(4));
        QCOMPARE(a.count(1, 0), std::int64_t(2));
        QCOMPARE(a.correct(), std::int64_t(2));
        EXPECT_ERROR(a += ConfusionMatrix({"x", "y"}), "classes: expected the same classes in the same order");
    }
    void whatIsNoClassificationIsRefused()
    {
        EXPECT_ERROR(ConfusionMatrix({"one"}), "classes: expected at least 2, found 1");
        EXPECT_ERROR(ConfusionMatrix(classNames(2), {0, 1}, {0}), "expected a prediction for each of 2 rows, found 1");
        EXPECT_ERROR(ConfusionMatrix(classNames(2), {2}, {0}), "classes: expected a class from 0 to 1, found 2");
        EXPECT_ERROR(brierScore({2, {0.5, 0.6}}, {0}),
                     "row 1: expected probabilities that add up to 1, found 1.1; apply softmax");
        EXPECT_ERROR(logLoss({2, {0.5, NAN}}, {0}), "row 1, class 1: expected a probability from 0 to 1, found nan");
        EXPECT_ERROR(logLoss({2, {0.5, 0.5}}, {2}), "row 1: expected a class from 0 to 1, found 2");
        EXPECT_ERROR(logLoss({2, {0.5}}, {2}), "probabilities: expected rows of 2 values, found 1 values");
        EXPECT_ERROR(classCurves({2, {0.5, 0.5}}, {1}, {"x"}), "classes: expected names of 2 classes, found 1");
        QVERIFY(std::isnan(logLoss({2, {}}, {})));
        QVERIFY(std::isfinite(logLoss({2, {1, 0}}, {1}))); // a sure and wrong prediction
    }
};

RETICLE_TEST(ClassificationScoresTest)
#include "ClassificationScoresTest.moc"
