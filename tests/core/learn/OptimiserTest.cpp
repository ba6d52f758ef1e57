#include "learn/Optimiser_p.h"

#include "base/Error.h"
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

TrainOptions plain(const std::string &name)
{
    TrainOptions o;
    o.optimiser = name;
    o.weightDecay = 0.01;
    o.momentum = 0.9;
    o.gradientClip = 0;
    o.averaging = 0;
    return o;
}

} // namespace

class OptimiserTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithTorch()
    {
        for (const std::string name : {"adam", "adamw", "sgd"}) {
            Problem ours, theirs;
            Optimiser optimiser({ours.a, ours.b}, plain(name));
            std::unique_ptr<torch::optim::Optimizer> reference;
            const std::vector<torch::Tensor> parameters{theirs.a, theirs.b};
            if (name == "adam")
                reference = std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(0.02).weight_decay(0.01));
            else if (name == "adamw")
                reference = std::make_unique<torch::optim::AdamW>(parameters, torch::optim::AdamWOptions(0.02).weight_decay(0.01));
            else
                reference = std::make_unique<torch::optim::SGD>(parameters, torch::optim::SGDOptions(0.02).momentum(0.9).nesterov(true).weight_decay(0.01));
            for (int i = 0; i < 40; ++i) {
                ours.loss(i).backward();
                optimiser.step(0.02);
                reference->zero_grad();
                theirs.loss(i).backward();
                reference->step();
            }
            QVERIFY2(torch::allclose(ours.a, theirs.a, 1e-5, 1e-6), name.c_str());
            QVERIFY2(torch::allclose(ours.b, theirs.b, 1e-5, 1e-6), name.c_str());
        }
    }
    void goesOnFromItsState()
    {
        auto o = plain("adamw");
        o.averaging = 0.9;
        Problem one, two;
        Optimiser first({one.a, one.b}, o);
        for (int i = 0; i < 5; ++i) {
            one.loss(i).backward();
            first.step(0.01);
        }
        std::map<std::string, torch::Tensor> kept;
        for (const auto &[name, tensor] : first.state())
            kept[name] = tensor.clone();
        Optimiser second({two.a, two.b}, o);
        second.setState([&](const std::string &name) { return kept.at(name); });
        for (int i = 5; i < 10; ++i) {
            one.loss(i).backward();
            two.loss(i).backward();
            first.step(0.01);
            second.step(0.01);
        }
        QVERIFY(torch::equal(one.a, two.a) && torch::equal(first.averaged(), second.averaged()));
        Optimiser other({torch::zeros({2}).requires_grad_()}, o);
        EXPECT_ERROR(other.setState([&](const std::string &name) { return kept.at(name); }), "another recipe");
    }
    void clipsAndLeavesOutWhatIsNotFinite()
    {
        auto o = plain("sgd");
        o.weightDecay = o.momentum = 0;
        o.gradientClip = 1;
        auto p = torch::zeros({4}).requires_grad_();
        Optimiser optimiser({p}, o);
        (p.sum() * 10).backward();
        QCOMPARE(optimiser.step(1), 20.0);
        QVERIFY(torch::allclose(p, torch::full({4}, -0.5)));
        (p.sum() * NAN).backward();
        QVERIFY(!std::isfinite(optimiser.step(1)));
        QVERIFY(torch::allclose(p, torch::full({4}, -0.5)));
        QVERIFY(!p.grad().defined());
    }
    void averagesWeights()
    {
        auto o = plain("sgd");
        o.weightDecay = o.momentum = 0;
        o.averaging = 0.5;
        auto p = torch::zeros({1}).requires_grad_();
        Optimiser optimiser({p}, o);
        p.sum().backward();
        optimiser.step(1); // weights -1; the decay of the first step is 2 / 11
        QVERIFY(std::abs(optimiser.averaged().item<double>() + 9.0 / 11) < 1e-6);
        optimiser.showAveraged();
        QVERIFY(std::abs(p.item<double>() + 9.0 / 11) < 1e-6);
        optimiser.showWeights();
        QCOMPARE(p.item<double>(), -1.0);
    }
    void averagesStatistics()
    {
        auto o = plain("sgd");
        o.averaging = 0.5;
        auto p = torch::zeros({1}).requires_grad_();
        auto mean = torch::zeros({2}), var = torch::ones({1});
        Optimiser optimiser({p}, o, {mean, var});
        mean.fill_(3);
        var.fill_(12);
        p.sum().backward();
        optimiser.step(1); // the decay of the first step is 2 / 11
        QVERIFY(mean[0].item<double>() == 3 && var.item<double>() == 12);
        optimiser.showAveraged();
        optimiser.showAveraged(); // twice takes nothing twice
        QVERIFY(std::abs(mean[1].item<double>() - 27.0 / 11) < 1e-6);
        QVERIFY(std::abs(var.item<double>() - 10) < 1e-6);
        optimiser.showWeights();
        QVERIFY(mean[0].item<double>() == 3 && var.item<double>() == 12);
        bool kept = false;
        for (const auto &[name, tensor] : optimiser.state())
            kept = kept || (name == "statistics-average" && tensor.numel() == 3);
        QVERIFY(kept);
    }
};

RETICLE_TEST(OptimiserTest)
#include "OptimiserTest.moc"
