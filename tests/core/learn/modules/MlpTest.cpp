#include "learn/modules/Mlp_p.h"

#include "learn/Optimizer_p.h"
#include "learn/TorchCompat_p.h"
#include "learn/memory/LayerTrace_p.h"
#include "learn/modules/MlpLayers_p.h"
#include "learn/modules/ModelInput.h"
#include "support/Test.h"

#include <cmath>
#include <fstream>

using namespace reticle;

namespace {

const Json &mlpReference()
{
    static const Json all = [] {
        std::ifstream file(test::source("tests/reference/tables/mlp.json"));
        return Json::parse(file);
    }();
    return all;
}

std::shared_ptr<Module> mlpMade(Json fields = Json::object(), ModuleShape shape = {64, 10})
{
    fields["name"] = "mlp";
    return makeAnyModule(fields, shape);
}

/// Numbers of a list, or of a list of lists.
torch::Tensor mlpNumbers(const Json &list)
{
    std::vector<double> values;
    for (const auto &row : list)
        for (const auto &v : row.is_array() ? row : Json::array({row}))
            values.push_back(v.get<double>());
    const auto flat = torch::tensor(values, torch::kDouble);
    return list.at(0).is_array() ? flat.view({static_cast<std::int64_t>(list.size()), -1}) : flat;
}

torch::Tensor labels(const Json &list)
{
    return torch::tensor(list.get<std::vector<std::int64_t>>(), torch::kLong);
}

void setWeights(Module &module, const Json &values)
{
    const torch::NoGradGuard guard;
    for (const auto &[name, list] : values.items())
        module.named_parameters()[name].copy_(mlpNumbers(list));
}

/// The reference's network: three columns, two layers of five units, three classes.
std::shared_ptr<Module> referenceNet(Json fields, const std::string &bias = "vector", bool doubles = false)
{
    fields.update({{"width", 5}, {"depth", 2}, {"bias", bias}});
    const auto module = mlpMade(fields, {3, 3});
    if (doubles)
        module->to(torch::kDouble); // before the weights are set: 0.1 has other digits in float32
    setWeights(*module, mlpReference()["weights"]);
    setWeights(*module, mlpReference()["biases"][bias]);
    if (fields.value("norm", std::string("none")) != "none") {
        setWeights(*module, mlpReference()["gains"]);
        setWeights(*module, mlpReference()["shifts"]);
    }
    return module;
}

torch::Tensor output(Module &module, const torch::Tensor &x)
{
    return module.run({{"features", x}}).at("output");
}

torch::Tensor outputOf(Module &module, const torch::Tensor &x, std::int64_t dropoutSeed)
{
    return module.run({{"features", x}, {"dropout-seed", torch::tensor({dropoutSeed}, torch::kLong)}}).at("output");
}

/// Largest difference, as a part of the largest value where that is above 1.
double mlpDifference(const torch::Tensor &a, const torch::Tensor &b)
{
    if (a.numel() != b.numel())
        return INFINITY;
    const auto x = a.detach().to(torch::kDouble).flatten(), y = b.detach().to(torch::kDouble).flatten();
    return (x - y).abs().max().item<double>() / std::max(1.0, y.abs().max().item<double>());
}

/// Where output, gradients of its squares and statistics are not the reference's within `bound`.
std::string unlike(Module &module, const torch::Tensor &x, const Json &expected, double bound)
{
    const auto y = output(module, x);
    if (!(mlpDifference(y, mlpNumbers(expected.at("output"))) <= bound))
        return "output";
    module.zero_grad();
    y.square().sum().backward();
    if (expected.at("gradient").size() != module.parameters().size())
        return "number of parameters";
    for (const auto &p : module.named_parameters())
        if (!(mlpDifference(p.value().grad(), mlpNumbers(expected.at("gradient").at(p.key()))) <= bound))
            return p.key();
    for (const auto &b : module.named_buffers())
        if (!(mlpDifference(b.value(), mlpNumbers(expected.at(b.key()))) <= bound))
            return b.key();
    return {};
}

/// All weights of the hidden layers, one behind another.
torch::Tensor hiddenWeights(const Module &module)
{
    std::vector<torch::Tensor> all;
    for (const auto &p : module.named_parameters())
        if (p.key().starts_with("hidden") && p.key().ends_with(".weight"))
            all.push_back(p.value().detach().flatten());
    return torch::cat(all);
}

constexpr const char *backends[] = {"matmul", "layers"};

} // namespace

class MlpTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { torch::manual_seed(3); }

    void countsTheNetOfTheDigits()
    {
        const auto module = mlpMade();
        QCOMPARE(countWeights(*module), std::int64_t(25610));
        std::int64_t weights = 0, biases = 0;
        for (const auto &p : module->named_parameters())
            (p.key().ends_with(".bias") ? biases : weights) += p.value().numel();
        QCOMPARE(weights, std::int64_t(25216));
        QCOMPARE(biases, std::int64_t(394));
        QCOMPARE(countWeights(*mlpMade({{"bias", "scalar"}})), std::int64_t(25216 + 7));
        QCOMPARE(countWeights(*mlpMade({{"bias", "none"}})), std::int64_t(25216));
        QCOMPARE(countWeights(*mlpMade({{"norm", "layer"}})), std::int64_t(25610 + 6 * 2 * 64));
        QCOMPARE(countWeights(*mlpMade({{"depth", 0}})), std::int64_t(650));
        QVERIFY(module->widths() == std::vector<std::int64_t>(6, 64));
    }
    void takesFeatures()
    {
        QCOMPARE(modelInput("mlp"), std::string("features"));
        QCOMPARE(modelInput("unet"), std::string("image"));
        EXPECT_ERROR(modelInput("perceptron"), "mlp");
    }
    void weightsAreNamedByTheirLayer()
    {
        std::vector<std::string> names;
        for (const auto &p : mlpMade({{"depth", 1}, {"norm", "batch"}})->named_parameters())
            names.push_back(p.key());
        QVERIFY(names == (std::vector<std::string>{"hidden0.weight", "hidden0.bias", "hidden0.gain", "hidden0.shift",
                                                   "out.weight", "out.bias"}));
        const auto module = mlpMade();
        QVERIFY(module->named_parameters()["hidden0.weight"].sizes() == torch::IntArrayRef({64, 64}));
        QVERIFY(module->named_parameters()["out.weight"].sizes() == torch::IntArrayRef({10, 64}));
    }

    void truncatedNormalDrawsAgain()
    {
        auto w = torch::empty({100000});
        fillTruncatedNormal(w, 0.05);
        QVERIFY(w.abs().max().item<float>() <= 0.1f);
        QVERIFY(std::abs(w.to(torch::kDouble).std().item<double>() / 0.04398 - 1) < 0.01);
        QVERIFY(std::abs(w.mean().item<double>()) < 1e-3);
        // Of a normal distribution between -2 and 2, 28.5 % are beyond 1, and nothing gathers at the ends.
        QVERIFY(std::abs((w.abs() > 0.05).to(torch::kFloat).mean().item<double>() - 0.2848) < 0.01);
        QVERIFY((w.abs() > 0.0999).to(torch::kFloat).mean().item<double>() < 0.002);
    }
    void weightsAreDrawnAsAsked_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<double>("sd");
        QTest::addColumn<double>("chosen");
        QTest::addColumn<double>("end"); // of the range; 0 = none
        QTest::newRow("truncated normal") << "truncated-normal" << 0.04398 << 0.0 << 0.1;
        QTest::newRow("truncated normal, sd 0.2") << "truncated-normal" << 0.17593 << 0.2 << 0.4;
        QTest::newRow("Glorot, uniform") << "glorot-uniform" << 0.125 << 0.0 << std::sqrt(6.0 / 128);
        QTest::newRow("Glorot, normal") << "glorot-normal" << 0.125 << 0.0 << 0.0;
        QTest::newRow("He, uniform") << "he-uniform" << std::sqrt(2.0 / 64) << 0.0 << std::sqrt(6.0 / 64);
        QTest::newRow("He, normal") << "he-normal" << std::sqrt(2.0 / 64) << 0.0 << 0.0;
        QTest::newRow("normal") << "normal" << 0.125 << 0.0 << 0.0;
        QTest::newRow("normal, sd 0.3") << "normal" << 0.3 << 0.3 << 0.0;
        QTest::newRow("zeros") << "zeros" << 0.0 << 0.0 << 0.0;
    }
    void weightsAreDrawnAsAsked()
    {
        QFETCH(QString, name);
        QFETCH(double, sd);
        QFETCH(double, chosen);
        QFETCH(double, end);
        const auto w = hiddenWeights(*mlpMade({{"initialization", name.toStdString()}, {"initialization-sd", chosen}}));
        QCOMPARE(w.numel(), std::int64_t(6 * 64 * 64));
        const auto found = w.to(torch::kDouble).std().item<double>(), largest = w.abs().max().item<double>();
        QVERIFY2(std::abs(found - sd) <= 0.02 * sd, qPrintable(QString::number(found)));
        if (end > 0)
            QVERIFY2(largest <= end * (1 + 1e-6) && largest > 0.99 * end, qPrintable(QString::number(largest)));
        else
            QVERIFY(sd == 0 ? largest == 0 : largest > 3 * sd);
    }
    void weightsFollowTheSeedAlone()
    {
        const auto drawn = [](int seed, const Json &fields) {
            torch::manual_seed(seed);
            return hiddenWeights(*mlpMade(fields));
        };
        const auto first = drawn(5, Json::object());
        QVERIFY(!torch::equal(drawn(6, Json::object()), first));
        for (const Json &other : {Json::object(), Json{{"bias", "scalar"}, {"bias-start", 0.1}}, Json{{"bias", "none"}},
                                  Json{{"norm", "batch"}}, Json{{"dropout", 0.5}}, Json{{"backend", "matmul"}}})
            QVERIFY2(torch::equal(drawn(5, other), first), other.dump().c_str());
    }
    void biasesStartAsAsked()
    {
        for (const char *bias : {"vector", "scalar"})
            for (const auto &p : mlpMade({{"bias", bias}, {"bias-start", 0.25}})->named_parameters())
                if (p.key().ends_with(".bias"))
                    QVERIFY((p.value() == 0.25).all().item<bool>());
    }

    void agreesWithTheReference_data()
    {
        QTest::addColumn<QString>("backend");
        QTest::addColumn<QString>("activation");
        for (const auto *backend : backends)
            for (const auto &[name, values] : mlpReference()["activations"].items())
                QTest::addRow("%s, %s", backend, name.c_str()) << backend << QString::fromStdString(name);
    }
    void agreesWithTheReference()
    {
        QFETCH(QString, backend);
        QFETCH(QString, activation);
        const auto name = activation.toStdString();
        const auto x = mlpNumbers(mlpReference()["batches"][0]["features"]);
        for (const bool doubles : {true, false}) {
            const auto module = referenceNet({{"backend", backend.toStdString()}, {"activation", name}}, "vector", doubles);
            const auto where = unlike(*module, x, mlpReference()["activations"][name], doubles ? 1e-10 : 1e-5);
            QVERIFY2(where.empty(), where.c_str());
        }
    }
    void everyActivationHasAReference()
    {
        for (const auto &activation : mlpActivations())
            QVERIFY2(mlpReference()["activations"].contains(activation.name), activation.name);
    }
    void normsAgreeWithTheReference()
    {
        const auto x = mlpNumbers(mlpReference()["batches"][0]["features"]);
        for (const auto *backend : backends)
            for (const char *norm : {"batch", "layer"}) {
                const auto &expected = mlpReference()["norms"][norm];
                const auto module = referenceNet({{"backend", backend}, {"activation", "tanh"}, {"norm", norm}}, "vector", true);
                const auto where = unlike(*module, x, expected, 1e-10);
                QVERIFY2(where.empty(), where.c_str());
                if (!expected.contains("evaluated"))
                    continue;
                module->eval();
                QVERIFY(mlpDifference(output(*module, x), mlpNumbers(expected["evaluated"])) < 1e-10);
            }
    }
    void normsAgreeWithTorch()
    {
        const auto x = torch::randn({32, 7});
        for (const auto *backend : backends) {
            const auto batch = mlpMade({{"depth", 1}, {"width", 9}, {"norm", "batch"}, {"backend", backend}}, {7, 4});
            const auto layer = mlpMade({{"depth", 1}, {"width", 9}, {"norm", "layer"}, {"backend", backend}}, {7, 4});
            torch::nn::BatchNorm1d byBatch(9);
            torch::nn::LayerNorm byRow(torch::nn::LayerNormOptions({9}));
            const auto plain = [&](const Module &m, auto &norm) {
                const auto p = m.named_parameters();
                const auto z = torch::matmul(x, p["hidden0.weight"].t()) + p["hidden0.bias"];
                return torch::matmul(torch::relu(norm->forward(z)), p["out.weight"].t()) + p["out.bias"];
            };
            for (int step = 0; step < 3; ++step)
                QVERIFY(mlpDifference(output(*batch, x), plain(*batch, byBatch)) < 1e-5);
            QVERIFY(mlpDifference(batch->named_buffers()["hidden0.running_mean"], byBatch->running_mean) < 1e-6);
            QVERIFY(mlpDifference(batch->named_buffers()["hidden0.running_var"], byBatch->running_var) < 1e-6);
            batch->eval();
            byBatch->eval();
            QVERIFY(mlpDifference(output(*batch, x), plain(*batch, byBatch)) < 1e-5);
            QVERIFY(mlpDifference(output(*layer, x), plain(*layer, byRow)) < 1e-5);
        }
    }
    void aSingleRowGoesByTheRunningStatistics()
    {
        for (const auto *backend : backends) {
            const auto module = mlpMade({{"norm", "batch"}, {"backend", backend}});
            output(*module, torch::randn({8, 64}));
            const auto mean = module->named_buffers()["hidden0.running_mean"].clone();
            const auto x = torch::randn({1, 64});
            const auto trained = output(*module, x);
            QVERIFY(torch::equal(module->named_buffers()["hidden0.running_mean"], mean));
            module->eval();
            QVERIFY(torch::equal(output(*module, x), trained) && torch::isfinite(trained).all().item<bool>());
        }
    }

    void learnsAsTheReference_data()
    {
        QTest::addColumn<QString>("backend");
        QTest::addColumn<int>("index");
        for (const auto *backend : backends)
            for (std::size_t i = 0; i < mlpReference()["trainings"].size(); ++i) {
                const auto &t = mlpReference()["trainings"][i];
                QTest::addRow("%s, %s bias, %s", backend, t["bias"].get<std::string>().c_str(),
                              t["loss-input"].get<std::string>().c_str())
                    << backend << static_cast<int>(i);
            }
    }
    void learnsAsTheReference()
    {
        QFETCH(QString, backend);
        QFETCH(int, index);
        const auto &training = mlpReference()["trainings"][static_cast<std::size_t>(index)];
        const auto module = referenceNet({{"backend", backend.toStdString()}}, training["bias"]);
        Optimizer optimizer(module->parameters(), {});
        const auto losses = training["losses"].get<std::vector<double>>();
        QCOMPARE(losses.size(), std::size_t(200));
        for (std::size_t step = 0; step < losses.size(); ++step) {
            const auto &batch = mlpReference()["batches"][step % mlpReference()["batches"].size()];
            auto z = output(*module, mlpNumbers(batch["features"]).to(torch::kFloat));
            if (training["loss-input"] == "softmax")
                z = torch::softmax(z, 1);
            const auto loss = torch::cross_entropy_loss(z, labels(batch["target"]));
            const auto found = loss.item<double>();
            QVERIFY2(std::abs(found - losses[step]) <= 1e-5 * losses[step],
                     qPrintable(QString("step %1: %2").arg(step).arg(found, 0, 'g', 9)));
            loss.backward();
            optimizer.step(mlpReference()["rate"].get<double>());
        }
        QVERIFY(losses.back() < 0.95 * losses.front()); // it learns
    }

    void backendsAgree_data()
    {
        QTest::addColumn<QString>("bias");
        QTest::addColumn<QString>("norm");
        for (const char *bias : {"vector", "scalar", "none"})
            for (const char *norm : {"none", "batch", "layer"})
                QTest::addRow("%s bias, %s norm", bias, norm) << bias << norm;
    }
    void backendsAgree()
    {
        QFETCH(QString, bias);
        QFETCH(QString, norm);
        for (const bool doubles : {false, true}) {
            Json fields{{"bias", bias.toStdString()}, {"bias-start", 0.1}, {"norm", norm.toStdString()}, {"dropout", 0.2}};
            if (norm != "none")
                fields["depth"] = 3; // through six batch normalizations float32 alone rounds to 1e-6
            std::vector<std::shared_ptr<Module>> modules;
            std::vector<torch::Tensor> outputs;
            torch::manual_seed(8);
            const auto x = torch::randn({50, 64}, doubles ? torch::kDouble : torch::kFloat);
            for (const auto *backend : backends) {
                torch::manual_seed(9);
                fields["backend"] = backend;
                modules.push_back(mlpMade(fields));
                if (doubles)
                    modules.back()->to(torch::kDouble);
                outputs.push_back(outputOf(*modules.back(), x, 77));
                outputs.back().square().mean().backward();
            }
            const auto agree = [&](const torch::Tensor &a, const torch::Tensor &b) {
                return norm == "none" ? torch::equal(a, b) : mlpDifference(a, b) <= (doubles ? 1e-12 : 1e-6);
            };
            QVERIFY(agree(outputs[0], outputs[1]));
            const auto first = modules[0]->named_parameters(), second = modules[1]->named_parameters();
            QVERIFY(first.keys() == second.keys());
            for (const auto &p : first)
                QVERIFY2(agree(p.value().grad(), second[p.key()].grad()), p.key().c_str());
            const auto statistics = modules[1]->named_buffers();
            for (const auto &b : modules[0]->named_buffers())
                QVERIFY2(agree(b.value(), statistics[b.key()]), b.key().c_str());
        }
    }
    void aSharedBiasHasTheSumOfTheGradients()
    {
        for (const auto *backend : backends) {
            const auto x = torch::randn({20, 64}, torch::kDouble);
            std::vector<torch::OrderedDict<std::string, torch::Tensor>> parameters;
            for (const char *bias : {"scalar", "vector"}) {
                torch::manual_seed(4);
                const auto module = mlpMade({{"bias", bias}, {"bias-start", 0.05}, {"backend", backend}});
                module->to(torch::kDouble);
                output(*module, x).square().sum().backward();
                parameters.push_back(module->named_parameters());
            }
            for (const auto &p : parameters[0]) {
                const auto &other = parameters[1][p.key()].grad();
                const bool shared = p.key().ends_with(".bias");
                QCOMPARE(p.value().numel() == 1, shared);
                QVERIFY2(mlpDifference(p.value().grad(), shared ? other.sum() : other) < 1e-10, p.key().c_str());
            }
        }
    }
    void unitsThatBeginTheSameStayTheSame()
    {
        for (const auto *backend : backends) {
            const auto module = mlpMade({{"initialization", "zeros"},
                                         {"bias", "scalar"},
                                         {"bias-start", 0.1},
                                         {"depth", 2},
                                         {"width", 8},
                                         {"backend", backend}},
                                        {3, 3});
            Optimizer optimizer(module->parameters(), {});
            for (std::size_t step = 0; step < 50; ++step) {
                const auto &batch = mlpReference()["batches"][step % 4];
                torch::cross_entropy_loss(output(*module, mlpNumbers(batch["features"]).to(torch::kFloat)),
                                          labels(batch["target"]))
                    .backward();
                optimizer.step(1e-2);
            }
            for (const char *name : {"hidden0.weight", "hidden1.weight"}) {
                const auto w = module->named_parameters()[name].detach();
                QVERIFY2((w - w[0]).abs().max().item<float>() < 1e-6f, name);
                QVERIFY2(w.abs().max().item<float>() > 1e-3f, name); // it has learned
            }
        }
    }

    void dropoutActsWhenAsked()
    {
        const auto x = torch::randn({6, 64});
        for (const auto *backend : backends)
            for (const char *mode : {"training", "always", "never"}) {
                const auto module = mlpMade({{"dropout", 0.5}, {"dropout-mode", mode}, {"backend", backend}});
                const auto acts = [&] { return !torch::equal(outputOf(*module, x, 1), outputOf(*module, x, 2)); };
                QCOMPARE(acts(), std::string(mode) != "never");
                module->eval();
                QCOMPARE(acts(), std::string(mode) == "always");
            }
    }
    void dropoutFollowsItsOwnSeed()
    {
        const auto module = mlpMade({{"dropout", 0.3}});
        const auto x = torch::randn({6, 64});
        const auto before = generatorState();
        const auto first = outputOf(*module, x, 12);
        QVERIFY(torch::equal(outputOf(*module, x, 12), first));
        QVERIFY(!torch::equal(outputOf(*module, x, 13), first));
        QVERIFY(!torch::equal(outputOf(*module, x, 12 + (std::int64_t(1) << 40)), first));
        QVERIFY(torch::equal(output(*module, x), output(*module, x))); // without a seed always the same
        QVERIFY(torch::equal(generatorState(), before));
        torch::manual_seed(99);
        QVERIFY(torch::equal(outputOf(*module, x, 12), first));
    }
    void noDropoutIsExact()
    {
        const auto x = torch::randn({6, 64});
        for (const char *mode : {"training", "always"}) {
            torch::manual_seed(2);
            const auto none = mlpMade({{"dropout", 0}, {"dropout-mode", mode}});
            torch::manual_seed(2);
            const auto never = mlpMade({{"dropout", 0.7}, {"dropout-mode", "never"}});
            QVERIFY(torch::equal(outputOf(*none, x, 5), outputOf(*never, x, 5)));
        }
    }
    void dropoutKeepsTheMean()
    {
        Random random(6);
        auto x = torch::ones({1000, 100}).requires_grad_();
        const auto y = mlpDropout(x, 0.3, random);
        const auto kept = (y != 0).to(torch::kFloat);
        QVERIFY(std::abs(kept.mean().item<double>() - 0.7) < 0.01);
        QVERIFY(torch::allclose(y, kept / 0.7));
        y.sum().backward();
        QVERIFY(torch::equal(x.grad(), y.detach()));
    }

    void hiddenLayersSayWhatTheyDo()
    {
        const auto x = mlpNumbers(mlpReference()["batches"][0]["features"]).to(torch::kFloat);
        const auto module = referenceNet({{"dropout", 0.5}});
        {
            const torch::NoGradGuard guard;
            module->named_parameters()["hidden0.weight"][2].zero_();
            module->named_parameters()["hidden0.bias"][2].fill_(-1);
        }
        const auto all = activityOf(*module, {{"features", x}});
        QVERIFY(module->is_training());
        QCOMPARE(all.size(), std::size_t(2));
        const auto p = module->named_parameters();
        auto h = x;
        for (std::size_t i = 0; i < 2; ++i) {
            const auto name = "hidden" + std::to_string(i);
            const auto z = (torch::matmul(h, p[name + ".weight"].t()) + p[name + ".bias"]).detach();
            h = torch::relu(z);
            QCOMPARE(all[i].name, name);
            QVERIFY(mlpDifference(all[i].activations, h) < 1e-6);
            QVERIFY(!all[i].activations.requires_grad());
            const auto sd = (z - z.mean()).square().mean().sqrt().item<double>();
            QVERIFY(std::abs(all[i].deviation - sd) < 1e-5);
            std::int64_t dead = 0;
            for (std::int64_t unit = 0; unit < 5; ++unit)
                dead += h.select(1, unit).max().item<float>() == 0 ? 1 : 0;
            QCOMPARE(all[i].deadFraction, static_cast<double>(dead) / 5);
        }
        QVERIFY(all[0].deadFraction >= 0.2);
    }
    void askingHiddenLayersLeavesStatisticsAlone()
    {
        const auto module = mlpMade({{"norm", "batch"}});
        output(*module, torch::randn({8, 64}));
        const auto mean = module->named_buffers()["hidden0.running_mean"].clone();
        activityOf(*module, {{"features", torch::randn({8, 64})}});
        QVERIFY(torch::equal(module->named_buffers()["hidden0.running_mean"], mean));
        QVERIFY(activityOf(*mlpMade({{"depth", 0}}), {{"features", torch::randn({8, 64})}}).empty());
    }
    /// A layer of 64 units passes on sd * 8 / sqrt(2) of the signal: 0.25 of it for small weights, 0.71 for Glorot's.
    void smallWeightsShrinkTheSignal()
    {
        for (const auto &[name, gain] : {std::pair{"truncated-normal", 0.2488}, {"glorot-uniform", 0.7071}}) {
            const auto all =
                activityOf(*mlpMade({{"initialization", name}, {"bias", "none"}}), {{"features", torch::randn({400, 64})}});
            QCOMPARE(all.size(), std::size_t(6));
            const auto found = std::pow(all[5].deviation / all[0].deviation, 0.2);
            QVERIFY2(std::abs(found / gain - 1) < 0.25, qPrintable(QString("%1: %2").arg(name).arg(found)));
        }
    }

    void layersTellATrace()
    {
        const auto module = mlpMade({{"norm", "layer"}, {"dropout", 0.1}});
        LayerTrace trace;
        output(*module, torch::randn({2, 64}));
        std::map<std::string, int> types;
        std::int64_t macs = 0, weights = 0;
        for (const auto &layer : trace.layers) {
            ++types[layer.type];
            macs += layer.macs;
            for (const auto &w : layer.weights)
                weights += w.numel();
        }
        QVERIFY(types == (std::map<std::string, int>{{"linear", 7}, {"layer normalization", 6}, {"ReLU", 6}, {"dropout", 6}}));
        QCOMPARE(macs, std::int64_t(2 * 25216));
        QCOMPARE(weights, countWeights(*module));
    }
    void computesInTheTypeOfItsWeights()
    {
        const auto module = mlpMade();
        QVERIFY(output(*module, torch::randn({3, 64}, torch::kDouble)).scalar_type() == torch::kFloat);
        module->to(torch::kDouble);
        QVERIFY(output(*module, torch::randn({3, 64})).scalar_type() == torch::kDouble);
        QVERIFY(output(*mlpMade(), torch::zeros({0, 64})).sizes() == torch::IntArrayRef({0, 10}));
    }
    void sixteenBitsAreCloseToThirtyTwo()
    {
        for (const auto *backend : backends)
            for (const char *norm : {"none", "batch", "layer"}) {
                const auto module = mlpMade({{"norm", norm}, {"backend", backend}});
                const auto x = torch::randn({20, 64});
                const auto exact = output(*module, x).detach();
                const MixedPrecision half(true, torch::kCPU); // without hardware for it it does nothing
                const auto y = output(*module, x);
                QVERIFY(y.scalar_type() == torch::kFloat);
                y.square().mean().backward();
                const auto error = (y - exact).detach().square().mean().sqrt().item<double>();
                QVERIFY2(error < 0.03 * exact.std().item<double>(), qPrintable(QString::number(error)));
                for (const auto &p : module->parameters())
                    QVERIFY(p.grad().scalar_type() == torch::kFloat);
            }
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(mlpMade({{"dropout", 1}}), "model.dropout");
        EXPECT_ERROR(mlpMade({{"dropout", -0.1}}), "model.dropout");
        EXPECT_ERROR(mlpMade({{"width", 0}}), "model.width");
        EXPECT_ERROR(mlpMade({{"depth", -1}}), "model.depth");
        EXPECT_ERROR(mlpMade({{"bias", "shared"}}), "model.bias");
        EXPECT_ERROR(mlpMade({{"initialization", "orthogonal"}}), "model.initialization");
        const auto module = mlpMade();
        EXPECT_ERROR(module->run({{"image", torch::zeros({1, 64})}}), "a batch with features");
        EXPECT_ERROR(output(*module, torch::zeros({1, 63})), "rows of 64 values");
        EXPECT_ERROR(output(*module, torch::zeros({64})), "rows of 64 values");
        EXPECT_ERROR(activityOf(*module, {{"features", torch::zeros({0, 64})}}), "at least one row");
        const auto drops = mlpMade({{"dropout", 0.5}});
        EXPECT_ERROR(drops->run({{"features", torch::zeros({1, 64})}, {"dropout-seed", torch::zeros({2}, torch::kLong)}}),
                     "dropout-seed");
        EXPECT_ERROR(activityOf(*makeAnyModule({{"name", "unet"}, {"weights", 4000}}, {1, 2}), {}), "hidden layers");
        EXPECT_ERROR(makeModule({{"name", "mlp"}}, {}), "which takes features");
    }
};

RETICLE_TEST(MlpTest)
#include "MlpTest.moc"
