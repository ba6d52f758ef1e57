#include "learn/Optimizer_p.h"

#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;

namespace {

struct Problem
{
    torch::Tensor a, b, x, y;
    Problem()
    {
        torch::manual_seed(4);
        a = torch::randn({3, 5}).requires_grad_();
        b = torch::randn({3}).requires_grad_();
        x = torch::randn({16, 5});
        y = torch::randn({16, 3});
    }
    torch::Tensor loss(int i) const { return (torch::matmul(x + 0.1 * i, a.t()) + b - y).pow(2).mean(); }
};

OptimizerOptions plain(const std::string &name)
{
    OptimizerOptions o;
    o.rule = name;
    if (name == "sgd")
        o.rule.fields["momentum"] = 0.9;
    o.weightDecay = 0.01;
    return o;
}

} // namespace

class OptimizerTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithTorch()
    {
        for (const std::string name : {"adam", "adamw", "sgd"}) {
            Problem ours, theirs;
            Optimizer optimizer({ours.a, ours.b}, plain(name));
            std::unique_ptr<torch::optim::Optimizer> reference;
            const std::vector<torch::Tensor> parameters{theirs.a, theirs.b};
            if (name == "adam")
                reference = std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(0.02).weight_decay(0.01));
            else if (name == "adamw")
                reference =
                    std::make_unique<torch::optim::AdamW>(parameters, torch::optim::AdamWOptions(0.02).weight_decay(0.01));
            else
                reference = std::make_unique<torch::optim::SGD>(
                    parameters, torch::optim::SGDOptions(0.02).momentum(0.9).nesterov(true).weight_decay(0.01));
            for (int i = 0; i < 40; ++i) {
                ours.loss(i).backward();
                optimizer.step(0.02);
                reference->zero_grad();
                theirs.loss(i).backward();
                reference->step();
            }
            QVERIFY2(torch::allclose(ours.a, theirs.a, 1e-5, 1e-6), name.c_str());
            QVERIFY2(torch::allclose(ours.b, theirs.b, 1e-5, 1e-6), name.c_str());
        }
    }
    void goesOnFromItsState_data()
    {
        QTest::addColumn<QString>("rule");
        for (const auto &[name, entry] : Registry<OptimizerFactory>::instance().entries())
            QTest::newRow(name.c_str()) << QString::fromStdString(Json(name).dump());
        QTest::newRow("AMSGrad") << R"({"name": "adamw", "amsgrad": true})";
        QTest::newRow("RMSprop with all") << R"({"name": "rmsprop", "centered": true, "momentum": 0.9})";
    }
    void goesOnFromItsState()
    {
        QFETCH(QString, rule);
        auto o = plain("adamw");
        o.rule = Json::parse(rule.toStdString()).get<EntryOptions>();
        o.averaging = 0.9;
        Problem one, two;
        Optimizer first({one.a, one.b}, o);
        for (int i = 0; i < 5; ++i) {
            one.loss(i).backward();
            first.step(0.01);
        }
        std::map<std::string, torch::Tensor> kept;
        for (const auto &[name, tensor] : first.state())
            kept[name] = tensor.clone();
        Optimizer second({two.a, two.b}, o);
        second.setState([&](const std::string &name) { return kept.at(name); });
        for (int i = 5; i < 10; ++i) {
            one.loss(i).backward();
            two.loss(i).backward();
            first.step(0.01);
            second.step(0.01);
        }
        QVERIFY(torch::equal(one.a, two.a) && torch::equal(first.averaged(), second.averaged()));
        Optimizer other({torch::zeros({2}).requires_grad_()}, o);
        EXPECT_ERROR(other.setState([&](const std::string &name) { return kept.at(name); }), "another recipe");
    }
    void stateIsNamedAsInCheckpointsOfBefore()
    {
        const auto names = [](const char *name) {
            auto o = plain(name);
            o.averaging = 0.9;
            auto p = torch::zeros({2}).requires_grad_();
            std::vector<std::string> all;
            for (const auto &[what, tensor] : Optimizer({p}, o).state())
                all.push_back(what);
            return all;
        };
        QVERIFY(names("adam") == (std::vector<std::string>{"steps", "weights", "first", "second", "average"}));
        QVERIFY(names("adamw") == names("adam"));
        QVERIFY(names("sgd") == (std::vector<std::string>{"steps", "weights", "first", "average"}));
    }
    void groupsHaveTheirOwnRateAndDecay()
    {
        for (const std::string name : {"adam", "adamw", "sgd", "rmsprop", "adadelta"}) {
            Problem ours, theirs;
            auto o = plain(name);
            std::vector<WeightGroup> groups{{{ours.a}}, {{ours.b}, 0.5, 0.0}};
            Optimizer together(std::move(groups), o);
            Optimizer first({theirs.a}, o);
            o.weightDecay = 0;
            Optimizer second({theirs.b}, o);
            for (int i = 0; i < 20; ++i) {
                ours.loss(i).backward();
                together.step(0.02);
                theirs.loss(i).backward();
                first.step(0.02);
                second.step(0.01);
            }
            QVERIFY2(torch::allclose(ours.a, theirs.a, 1e-6, 1e-7) && torch::allclose(ours.b, theirs.b, 1e-6, 1e-7),
                     name.c_str());
        }
    }
    void refusesWhatIsNotKnown()
    {
        auto p = torch::zeros({2}).requires_grad_();
        EXPECT_ERROR(Optimizer({p}, plain("lion")), "adadelta, adam, adamw, rmsprop, sgd");
        EXPECT_ERROR(Optimizer({p}, {.rule = {"adam", {{"rho", 0.5}}}}), "train.optimizer.rho");
    }
    void clipsAndLeavesOutWhatIsNotFinite()
    {
        auto o = plain("sgd");
        o.weightDecay = 0;
        o.rule.fields["momentum"] = 0;
        o.gradientClip = 1;
        auto p = torch::zeros({4}).requires_grad_();
        Optimizer optimizer({p}, o);
        (p.sum() * 10).backward();
        QCOMPARE(optimizer.step(1), 20.0);
        QVERIFY(torch::allclose(p, torch::full({4}, -0.5)));
        (p.sum() * NAN).backward();
        QVERIFY(!std::isfinite(optimizer.step(1)));
        QVERIFY(torch::allclose(p, torch::full({4}, -0.5)));
        QVERIFY(!p.grad().defined());
    }
    void averagesWeights()
    {
        auto o = plain("sgd");
        o.weightDecay = 0;
        o.rule.fields["momentum"] = 0;
        o.averaging = 0.5;
        auto p = torch::zeros({1}).requires_grad_();
        Optimizer optimizer({p}, o);
        p.sum().backward();
        optimizer.step(1); // weights -1; the decay of the first step is 2 / 11
        QVERIFY(std::abs(optimizer.averaged().item<double>() + 9.0 / 11) < 1e-6);
        optimizer.showAveraged();
        QVERIFY(std::abs(p.item<double>() + 9.0 / 11) < 1e-6);
        optimizer.showWeights();
        QCOMPARE(p.item<double>(), -1.0);
    }
    void averagesStatistics()
    {
        auto o = plain("sgd");
        o.averaging = 0.5;
        auto p = torch::zeros({1}).requires_grad_();
        auto mean = torch::zeros({2}), var = torch::ones({1});
        Optimizer optimizer({p}, o, {mean, var});
        mean.fill_(3);
        var.fill_(12);
        p.sum().backward();
        optimizer.step(1); // the decay of the first step is 2 / 11
        QVERIFY(mean[0].item<double>() == 3 && var.item<double>() == 12);
        optimizer.showAveraged();
        optimizer.showAveraged(); // twice takes nothing twice
        QVERIFY(std::abs(mean[1].item<double>() - 27.0 / 11) < 1e-6);
        QVERIFY(std::abs(var.item<double>() - 10) < 1e-6);
        optimizer.showWeights();
        QVERIFY(mean[0].item<double>() == 3 && var.item<double>() == 12);
        bool kept = false;
        for (const auto &[name, tensor] : optimizer.state())
            kept = kept || (name == "statistics-average" && tensor.numel() == 3);
        QVERIFY(kept);
    }
};

RETICLE_TEST(OptimizerTest)
#include "OptimizerTest.moc"
