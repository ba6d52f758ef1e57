#include "learn/Objective_p.h"

#include "protocol/Capabilities.h"
#include "support/Test.h"

#include <fstream>

using namespace reticle;

namespace {

torch::Tensor objectiveNumbers(const Json &list, std::vector<std::int64_t> shape)
{
    return torch::tensor(list.get<std::vector<double>>(), torch::kDouble).view(shape);
}

Json objectiveReference()
{
    std::ifstream file(test::source("tests/reference/objectives.json"));
    return Json::parse(file);
}

} // namespace

class ObjectiveTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// What is said of classes, which decides what the window offers, is true of each.
    void thoseThatGiveClassesSegment()
    {
        for (const auto &[name, entry] : Registry<ObjectiveFactory>::instance().entries()) {
            const auto task = makeObjective({{"name", name}}, {1, 1})->task();
            QVERIFY2(Capabilities::instance().isProvided("objective", name, "classes") == (task == "segmentation"), name.c_str());
            QVERIFY2(entry.factory.task == task, name.c_str());
        }
    }
    void agreesWithPyTorch_data()
    {
        QTest::addColumn<int>("index");
        int i = 0;
        const auto all = objectiveReference();
        for (const auto &c : all["cases"])
            QTest::newRow(c["title"].get<std::string>().c_str()) << i++;
    }

    void agreesWithPyTorch()
    {
        QFETCH(int, index);
        const auto all = objectiveReference();
        const auto &c = all["cases"][static_cast<std::size_t>(index)];
        const auto &data = all[c["binary"].get<bool>() ? "binary" : "classes"];
        const auto n = c["binary"].get<bool>() ? 1 : 4;
        auto z = objectiveNumbers(data["logits"], {2, n, 5, 6}).requires_grad_();
        const auto y = objectiveNumbers(data["target"], {2, 5, 6}).to(torch::kLong);
        const auto map = c["border"].get<bool>() ? objectiveNumbers(all["border"], {2, 5, 6}).to(torch::kFloat) : torch::Tensor();
        const auto objective = makeMapObjective(c["objective"], c["counts"].get<std::vector<std::int64_t>>());
        QCOMPARE(objective->outputs(4), std::int64_t(n));
        const auto loss = objective->loss(z, y, map);
        loss.backward();
        QVERIFY(std::abs(loss.item<double>() - c["loss"].get<double>()) < 1e-6);
        const auto difference = (z.grad() - objectiveNumbers(c["gradient"], {2, n, 5, 6})).abs().max().item<double>();
        QVERIFY2(difference < 1e-6, qPrintable(QString::number(difference)));
    }

    void ignoredPixelsCountForNothing_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &name : Registry<ObjectiveFactory>::instance().names())
            if (makeObjective({{"name", name}}, {})->task() == "segmentation") // others have no ignored pixels
                QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }

    void ignoredPixelsCountForNothing()
    {
        QFETCH(QString, name);
        Json section{{"name", name.toStdString()}};
        if (name == "cross-entropy")
            section["dice"] = 1;
        const auto objective = makeMapObjective(section, {});
        torch::manual_seed(1);
        auto z = torch::randn({2, objective->outputs(3), 4, 4}).requires_grad_();
        const auto all = torch::full({2, 4, 4}, 255, torch::kLong);
        const auto loss = objective->loss(z, all, {});
        QCOMPARE(loss.item<double>(), 0.0);
        loss.backward();
        QCOMPARE(z.grad().abs().max().item<double>(), 0.0);

        // What the net says of ignored pixels changes nothing.
        auto some = torch::randint(0, 2, {2, 4, 4}, torch::kLong);
        some.select(1, 0).fill_(255);
        const auto before = objective->loss(z.detach(), some, {}).item<double>();
        const auto other = z.detach().clone();
        other.select(2, 0).fill_(9);
        QCOMPARE(objective->loss(other, some, {}).item<double>(), before);
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeMapObjective(Json{{"name", "bse"}}, {}), "objective.name");
        EXPECT_ERROR(makeMapObjective(Json::object(), {}), "objective");
        EXPECT_ERROR(makeMapObjective(Json{{"name", "dice"}, {"positive-weight", 2}}, {}), "positive-weight");
    }

    void probabilitiesSumToOne()
    {
        torch::manual_seed(2);
        const auto p = probabilities(torch::randn({1, 3, 4, 4}));
        QVERIFY(torch::allclose(p.sum(1), torch::ones({1, 4, 4})));
        QCOMPARE(probabilities(torch::zeros({1, 1, 1, 1})).item<double>(), 0.5);
    }
};

RETICLE_TEST(ObjectiveTest)
#include "ObjectiveTest.moc"
