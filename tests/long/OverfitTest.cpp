#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "support/Test.h"

using namespace reticle;

namespace {

/// 64 x 64 membranes between blurred random fields, and a noisy picture of them.
std::pair<torch::Tensor, torch::Tensor> crop()
{
    torch::manual_seed(9);
    const auto field = torch::upsample_bicubic2d(torch::randn({1, 2, 9, 9}), {64, 64}, false);
    const auto membrane = (field.select(1, 0) - field.select(1, 1)).abs() < 0.25;
    const auto target = membrane.logical_not().to(torch::kLong);
    const auto image = 0.3 + 0.4 * target.to(torch::kFloat).unsqueeze(1) + 0.08 * torch::randn({1, 1, 64, 64});
    return {image, target};
}

} // namespace

/// Every net of images learns one crop by heart: BCE below 0.05 within 2,000 steps at 20,000 weights.
class OverfitTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void learnsOneCrop_data()
    {
        QTest::addColumn<QString>("section");
        for (const auto &[name, entry] : Registry<ModuleFactory>::instance().entries()) {
            if (entry.factory.takes != "image")
                continue;
            Json section{{"name", name}};
            if (name == "fc-densenet") // has no weights to ask for: 20,000 or so
                section.update({{"variant", "own"}, {"growth", 6}, {"blocks", {2, 2, 3, 2, 2}}, {"first-width", 12}});
            else
                section["weights"] = 20000;
            if (name == "four-layer" || name == "fc-densenet")
                section["dropout"] = 0;
            QTest::newRow(name.c_str()) << QString::fromStdString(section.dump());
        }
        QTest::newRow("unet, batch normalization")
            << R"({"name": "unet", "weights": 20000, "form": "classic", "convolutions": 2, "normalization": "batch"})";
    }

    void learnsOneCrop()
    {
        QFETCH(QString, section);
        const auto [image, target] = crop();
        torch::manual_seed(1);
        const auto module = makeModule(Json::parse(section.toStdString()), {});
        const auto objective = makeMapObjective(Json{{"name", "bce"}}, {});
        torch::optim::Adam optimizer(module->parameters(), 3e-3);
        double loss = 1;
        int step = 0;
        for (; step < 2000 && loss >= 0.05; ++step) {
            static_cast<torch::optim::AdamOptions &>(optimizer.param_groups()[0].options())
                .lr(3e-3 * 0.5 * (1 + std::cos(M_PI * step / 2000)));
            optimizer.zero_grad();
            const auto value = objective->loss(module->forward(image), target, {});
            value.backward();
            optimizer.step();
            loss = value.item<double>();
        }
        QVERIFY2(loss < 0.05, qPrintable(QString("%1 after %2 steps").arg(loss).arg(step)));
    }
};

RETICLE_TEST(OverfitTest)
#include "OverfitTest.moc"
