#include "learn/Module_p.h"

#include "support/Test.h"

using namespace reticle;

class ModuleTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { torch::manual_seed(1); }

    void mirrorsWithoutRepeatingTheEdge()
    {
        const auto x = torch::arange(3, torch::kFloat).view({1, 1, 1, 3});
        const auto y = padByMirror(x, 0, 0, 4, 3).flatten();
        QVERIFY(torch::equal(y, torch::tensor({0.f, 1.f, 2.f, 1.f, 0.f, 1.f, 2.f, 1.f, 0.f, 1.f})));
        QVERIFY(torch::equal(padByMirror(torch::ones({1, 1, 1, 1}), 1, 2, 3, 4), torch::ones({1, 1, 4, 8})));
    }

    void keepsAnySize()
    {
        auto module = makeModule(Json{{"name", "unet"}, {"weights", 4000}}, {});
        for (const auto &[h, w] : {std::pair{1, 1}, {1, 7}, {17, 33}, {64, 64}}) {
            const auto y = module->forward(torch::rand({2, 1, h, w}));
            QCOMPARE(y.sizes().vec(), (std::vector<std::int64_t>{2, 1, h, w}));
            QVERIFY(torch::isfinite(y).all().item<bool>());
        }
    }

    void everyWeightLearns()
    {
        auto module = makeModule(Json{{"name", "unet"}, {"weights", 4000}}, {});
        module->forward(torch::rand({2, 1, 32, 32})).square().mean().backward();
        for (const auto &p : module->named_parameters())
            QVERIFY2(p.value().grad().defined() && p.value().grad().abs().max().item<float>() > 0, p.key().c_str());
    }
};

RETICLE_TEST(ModuleTest)
#include "ModuleTest.moc"
