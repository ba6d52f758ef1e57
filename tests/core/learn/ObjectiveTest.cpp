#include "learn/Objective_p.h"

#include "support/Test.h"

#include <fstream>

using namespace reticle;

namespace {

/// The four pixels of the specification: probabilities 0.9 0.2 0.6 0.1, classes 1 0 1 0.
torch::Tensor logits()
{
    return torch::logit(torch::tensor({0.9, 0.2, 0.6, 0.1}, torch::kDouble)).view({1, 1, 2, 2}).requires_grad_();
}

torch::Tensor target()
{
    return torch::tensor({1, 0, 1, 0}, torch::kLong).view({1, 2, 2});
}

torch::Tensor numbers(const Json &list, std::vector<std::int64_t> shape)
{
    return torch::tensor(list.get<std::vector<double>>(), torch::kDouble).view(shape);
}

Json reference()
{
    std::ifstream file(test::source("tests/reference/objectives.json"));
    return Json::parse(file);
}

} // namespace

class ObjectiveTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reachesKnownValues_data()
    {
        QTest::addColumn<QString>("section");
        QTest::addColumn<double>("loss");
        QTest::newRow("BCE") << R"({"name": "bce"})" << 0.236172552;
        QTest::newRow("BCE v 3") << R"({"name": "bce", "positive-weight": 3})" << 0.544265621;
        QTest::newRow("Dice 0") << R"({"name": "dice", "smooth": 0})" << 0.210526316;
        QTest::newRow("Dice 1") << R"({"name": "dice", "smooth": 1})" << 0.166666667;
        QTest::newRow("Dice 1e-5") << R"({"name": "dice"})" << 0.210525762;
        QTest::newRow("both") << R"({"name": "bce-dice"})" << 0.236172552 + 0.210525762;
    }

    void reachesKnownValues()
    {
        QFETCH(QString, section);
        QFETCH(double, loss);
        const auto objective = makeObjective(Json::parse(section.toStdString()), {});
        const double found = objective->loss(logits(), target(), {}).item<double>();
        QVERIFY2(std::abs(found - loss) < 2e-9, qPrintable(QString::number(found, 'g', 12)));
    }

    void weighsPixels()
    {
        // The class weight is 1, the map adds the rest of [[1, 1], [3, 1]].
        const auto map = torch::tensor({0.f, 0.f, 2.f, 0.f}).view({1, 2, 2});
        const auto byN = makeObjective(Json{{"name", "bce"}, {"normalised", false}}, {});
        QVERIFY(std::abs(byN->loss(logits(), target(), map).item<double>() - 0.491585363) < 2e-9);
        const auto normalised = makeObjective(Json{{"name", "bce"}}, {});
        QVERIFY(std::abs(normalised->loss(logits(), target(), map).item<double>() - 0.327723576) < 2e-9);
        QVERIFY(!normalised->wantsBorderMap());
        const auto border = makeObjective(Json{{"name", "bce"}, {"border-map", true}, {"border-weight", 4}}, {});
        QVERIFY(border->wantsBorderMap());
        QCOMPARE(border->borderWeight(), 4.0);
        QCOMPARE(border->borderSigma(), 5.0);
    }

    void balancesClasses()
    {
        // The interior fraction of a known stack; weights N / (K n_c).
        const std::vector<std::int64_t> counts = {219631, 780369};
        const auto objective = makeObjective(Json{{"name", "bce"}, {"class-weights", "balanced"}, {"normalised", false}}, counts);
        const auto z = torch::zeros({1, 1, 1, 1}, torch::kDouble);
        const auto of = [&](int c) {
            return objective->loss(z, torch::full({1, 1, 1}, c, torch::kLong), {}).item<double>() / std::log(2.0);
        };
        QVERIFY(std::abs(of(0) - 2.276544) < 2e-6);
        QVERIFY(std::abs(of(1) - 0.640723) < 2e-6);
    }

    void agreesWithPyTorch_data()
    {
        QTest::addColumn<int>("index");
        int i = 0;
        const auto all = reference();
        for (const auto &c : all["cases"])
            QTest::newRow(c["title"].get<std::string>().c_str()) << i++;
    }

    void agreesWithPyTorch()
    {
        QFETCH(int, index);
        const auto all = reference();
        const auto &c = all["cases"][static_cast<std::size_t>(index)];
        const auto &data = all[c["binary"].get<bool>() ? "binary" : "classes"];
        const auto n = c["binary"].get<bool>() ? 1 : 4;
        auto z = numbers(data["logits"], {2, n, 5, 6}).requires_grad_();
        const auto y = numbers(data["target"], {2, 5, 6}).to(torch::kLong);
        const auto map = c["border"].get<bool>() ? numbers(all["border"], {2, 5, 6}).to(torch::kFloat) : torch::Tensor();
        const auto objective = makeObjective(c["objective"], c["counts"].get<std::vector<std::int64_t>>());
        QCOMPARE(objective->outputs(4), std::int64_t(n));
        const auto loss = objective->loss(z, y, map);
        loss.backward();
        QVERIFY(std::abs(loss.item<double>() - c["loss"].get<double>()) < 1e-6);
        const auto difference = (z.grad() - numbers(c["gradient"], {2, n, 5, 6})).abs().max().item<double>();
        QVERIFY2(difference < 1e-6, qPrintable(QString::number(difference)));
    }

    void emptyTargetAndPredictionCostNothing()
    {
        const auto nothing = torch::full({2, 1, 4, 4}, -200.0);
        const auto background = torch::zeros({2, 4, 4}, torch::kLong);
        for (const double smooth : {0.0, 1e-5, 1.0})
            for (const char *over : {"batch", "image"}) {
                const auto dice = makeObjective(Json{{"name", "dice"}, {"smooth", smooth}, {"dice-over", over}}, {});
                QCOMPARE(dice->loss(nothing, background, {}).item<double>(), 0.0);
            }
    }

    void ignoredPixelsCountForNothing_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &name : Registry<ObjectiveFactory>::instance().names())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }

    void ignoredPixelsCountForNothing()
    {
        QFETCH(QString, name);
        Json section{{"name", name.toStdString()}};
        if (name == "cross-entropy")
            section["dice"] = 1;
        const auto objective = makeObjective(section, {});
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
        EXPECT_ERROR(makeObjective(Json{{"name", "bse"}}, {}), "objective.name");
        EXPECT_ERROR(makeObjective(Json{{"name", "bce"}, {"positive-weight", -1}}, {}), "positive-weight");
        EXPECT_ERROR(makeObjective(Json{{"name", "bce"}, {"class-weights", "balanced"}}, {}), "class-weights");
        EXPECT_ERROR(makeObjective(Json{{"name", "bce"}, {"class-weights", "list"}, {"weight-list", {1, 2, 3}}}, {5, 5}),
                     "weight-list");
        EXPECT_ERROR(makeObjective(Json{{"name", "bce"}}, {})->loss(torch::zeros({1, 2, 2, 2}), target(), {}), "one output");
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
