#include "learn/objectives/Classification_p.h"

#include "support/Test.h"

#include <cmath>
#include <fstream>

using namespace reticle;

namespace {

bool classificationNear(double a, double b, double tolerance = 1e-9)
{
    return std::abs(a - b) <= tolerance;
}

torch::Tensor classificationNumbers(const Json &list, std::vector<std::int64_t> shape)
{
    return torch::tensor(list.get<std::vector<double>>(), torch::kDouble).view(shape);
}

std::shared_ptr<Objective> classification(Json section = Json::object(), const std::vector<std::int64_t> &counts = {1, 1, 1, 1})
{
    section["name"] = "classification";
    return makeObjective(section, counts);
}

const HasLossFloor &floorOf(const Objective &objective)
{
    return dynamic_cast<const HasLossFloor &>(objective);
}

} // namespace

class ClassificationTest : public QObject
{
    Q_OBJECT
    Json m_reference;

    Tensors batch(std::int64_t from = 0, std::int64_t rows = 12) const
    {
        return {{"target", torch::tensor(m_reference["target"].get<std::vector<std::int64_t>>()).narrow(0, from, rows)}};
    }
    torch::Tensor logits() const { return classificationNumbers(m_reference["logits"], {12, 4}); }

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream file(test::source("tests/reference/tables/rowlosses.json"));
        m_reference = Json::parse(file);
    }
    void agreesWithPyTorch_data()
    {
        QTest::addColumn<int>("index");
        int i = 0;
        for (const auto &c : m_reference["cases"])
            QTest::newRow(c["title"].get<std::string>().c_str()) << i++;
    }
    void agreesWithPyTorch()
    {
        QFETCH(int, index);
        const auto &c = m_reference["cases"][static_cast<std::size_t>(index)];
        const auto objective = makeObjective(c["objective"], m_reference["counts"]);
        QCOMPARE(objective->task(), std::string("classification"));
        const auto z = logits().requires_grad_();
        const auto loss = objective->measure({{"output", z}}, batch()).total;
        loss.backward();
        QVERIFY2(classificationNear(loss.item<double>(), c["loss"]), qPrintable(QString::number(loss.item<double>(), 'g', 12)));
        QVERIFY((z.grad() - classificationNumbers(c["gradient"], {12, 4})).abs().max().item<double>() < 1e-9);
    }
    /// The mean over chunks by their weights, which is what an evaluation does.
    void chunksGiveTheLossOfTheWhole_data() { agreesWithPyTorch_data(); }
    void chunksGiveTheLossOfTheWhole()
    {
        QFETCH(int, index);
        const auto &c = m_reference["cases"][static_cast<std::size_t>(index)];
        const auto objective = makeObjective(c["objective"], m_reference["counts"]);
        torch::NoGradGuard guard;
        double sum = 0, weights = 0;
        for (const auto &[from, rows] : {std::pair{0, 5}, {5, 1}, {6, 6}}) {
            const auto l = objective->measure({{"output", logits().narrow(0, from, rows)}}, batch(from, rows));
            sum += l.total.item<double>() * l.weight;
            weights += l.weight;
        }
        QVERIFY(classificationNear(sum / weights, c["loss"]));
    }
    void aBatchWeighsItsRows()
    {
        torch::NoGradGuard guard;
        QCOMPARE(classification()->measure({{"output", logits()}}, batch()).weight, 12.0);
        QCOMPARE(classification({{"class-weights", "balanced"}}, {3, 3, 3, 3})->measure({{"output", logits()}}, batch()).weight,
                 12.0);
    }
    /// By SciPy; -log(e / (e + K - 1)) without smoothing.
    void theLowestLossIsKnown()
    {
        QVERIFY(classificationNear(crossEntropyFloor(10, 0, true), 1.46115, 5e-6));
        QVERIFY(classificationNear(crossEntropyFloor(3, 0, true), 0.55144, 5e-6));
        QCOMPARE(crossEntropyFloor(10, 0, false), 0.0);
        for (const auto &f : m_reference["floors"])
            QVERIFY2(classificationNear(crossEntropyFloor(f[0], f[1], f[2]), f[3]), f.dump().c_str());
    }
    /// What the formula says is what the loss does: with sure and right probabilities, and with logits.
    void sureAnswersReachTheFloor()
    {
        for (const std::int64_t classes : {3, 10}) {
            const auto z = torch::eye(classes, torch::kDouble) * 1000;
            const Tensors right{{"target", torch::arange(classes, torch::kLong)}};
            for (const char *input : {"softmax", "logits"}) {
                const auto objective = classification({{"loss-input", input}}, {});
                QVERIFY(classificationNear(objective->measure({{"output", z}}, right).total.item<double>(),
                                           floorOf(*objective).lossFloor(classes)));
            }
        }
    }
    void onlyProbabilitiesAreWarnedOf()
    {
        const auto softmax = classification({{"loss-input", "softmax"}});
        const auto warning = floorOf(*softmax).floorWarning(10);
        QVERIFY2(warning.find("It cannot fall below 1.4612 with 10 classes.") != std::string::npos, warning.c_str());
        QVERIFY(floorOf(*classification({{"label-smoothing", 0.1}})).floorWarning(10).empty());
        // Weights of rows that do not cancel: a floor that is not known, but the fault is.
        const auto weighted = classification(
            {{"loss-input", "softmax"}, {"class-weights", "list"}, {"weight-list", {1, 2}}, {"normalized", false}}, {1, 1});
        QCOMPARE(floorOf(*weighted).lossFloor(2), 0.0);
        QVERIFY(floorOf(*weighted).floorWarning(2).find("cannot fall") == std::string::npos);
    }
    /// Of a row whose class weighs nothing there is nothing to learn, and no NaN.
    void rowsThatWeighNothingCostNothing()
    {
        const auto objective = classification({{"class-weights", "list"}, {"weight-list", {0, 1, 1, 1}}});
        const auto z = logits().narrow(0, 4, 2).clone().requires_grad_();
        const auto loss = objective->measure({{"output", z}}, {{"target", torch::zeros({2}, torch::kLong)}});
        loss.total.backward();
        QCOMPARE(loss.total.item<double>(), 0.0);
        QCOMPARE(z.grad().abs().max().item<double>(), 0.0);
    }
    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(classification({{"loss-input", "probabilities"}}), "objective.loss-input");
        EXPECT_ERROR(classification({{"label-smoothing", 1}}), "objective.label-smoothing");
        EXPECT_ERROR(classification({{"class-weights", "list"}, {"weight-list", {1, 2}}}), "objective.weight-list");
        EXPECT_ERROR(classification({{"class-weights", "balanced"}}, {}), "objective.class-weights");
        const auto two = classification({{"class-weights", "list"}, {"weight-list", {1, 2}}}, {});
        EXPECT_ERROR(two->measure({{"output", logits()}}, batch()), "a weight for each of the 4 classes");
        EXPECT_ERROR(makeMapObjective({{"name", "classification"}}, {}), "an objective of images");
    }
};

RETICLE_TEST(ClassificationTest)
#include "ClassificationTest.moc"
