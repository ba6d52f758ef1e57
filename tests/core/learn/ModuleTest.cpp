#include "learn/Module_p.h"

#include "core/learn/ModuleVariants.h"
#include "learn/TorchCompat_p.h"
#include "protocol/Capabilities.h"
#include "support/Test.h"

#include <fstream>

using namespace reticle;

namespace {

Json reference()
{
    std::ifstream file(test::source("tests/reference/models.json"));
    return Json::parse(file);
}

torch::Tensor numbers(const Json &list, std::vector<std::int64_t> shape)
{
    return torch::tensor(list.get<std::vector<float>>()).view(shape);
}

using test::variants;

void rows()
{
    QTest::addColumn<QString>("key");
    for (const auto &[key, section] : variants())
        QTest::newRow(key.c_str()) << QString::fromStdString(key);
}

/// One of tables, (N, rows).
class SumOfRows : public Module
{
public:
    Tensors run(const Tensors &in) override { return {{"output", in.at("rows").sum(1)}}; }
};

} // namespace

class ModuleTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// What is said of skips, which decides what the window offers, is true of each.
    void thoseThatGiveSkipsHaveThem()
    {
        for (const auto &[name, entry] : Registry<ModuleFactory>::instance().entries()) {
            const bool has = entry.factory.takes == "image" && !makeModule(variants().at(name), {})->skips().empty();
            QVERIFY2(Capabilities::instance().isProvided("model", name, "skips") == has, name.c_str());
        }
    }
    void init() { torch::manual_seed(1); }

    void mirrorsWithoutRepeatingTheEdge()
    {
        const auto x = torch::arange(3, torch::kFloat).view({1, 1, 1, 3});
        const auto y = padByMirror(x, 0, 0, 4, 3).flatten();
        QVERIFY(torch::equal(y, torch::tensor({0.f, 1.f, 2.f, 1.f, 0.f, 1.f, 2.f, 1.f, 0.f, 1.f})));
        QVERIFY(torch::equal(padByMirror(torch::ones({1, 1, 1, 1}), 1, 2, 3, 4), torch::ones({1, 1, 4, 8})));
    }

    void keepsAnySize_data() { rows(); }
    void keepsAnySize()
    {
        QFETCH(QString, key);
        const auto module = makeModule(variants().at(key.toStdString()), {2, 3});
        module->eval();
        for (const auto &[h, w] : {std::pair{1, 1}, {1, 7}, {17, 33}, {32, 32}}) {
            const auto y = module->forward(torch::rand({2, 2, h, w}));
            QCOMPARE(y.sizes().vec(), (std::vector<std::int64_t>{2, 3, h, w}));
            QVERIFY(torch::isfinite(y).all().item<bool>());
            QVERIFY(torch::isfinite(module->forward(torch::full({1, 2, h, w}, 3))).all().item<bool>());
        }
        module->train();
        const auto y = module->forward(torch::zeros({1, 2, 32, 32}));
        y.sum().backward();
        for (const auto &p : module->parameters())
            QVERIFY(torch::isfinite(p.grad()).all().item<bool>());
    }

    void padsByMirror()
    {
        // A net with a small field sees the mirrored surroundings: the middle of the padded image, exactly.
        const auto module = makeModule(Json{{"name", "four-layer"}}, {1, 2});
        module->eval();
        const auto x = torch::rand({1, 1, 30, 33});
        const auto y = module->forward(x);
        const auto padded = module->forward(padByMirror(x, 1, 1, 1, 2));
        QVERIFY(torch::equal(y, padded.narrow(2, 1, 30).narrow(3, 1, 33)));
    }

    void everyWeightLearns_data() { rows(); }
    void everyWeightLearns()
    {
        QFETCH(QString, key);
        auto section = variants().at(key.toStdString());
        if (section["name"] == "four-layer")
            section["dropout"] = 0.1;
        const auto module = makeModule(section, {});
        const auto target = torch::rand({4, 1, 64, 64});
        (module->forward(torch::rand({4, 1, 64, 64})) - target).square().mean().backward();
        for (const auto &p : module->named_parameters()) {
            QVERIFY2(p.value().grad().defined(), p.key().c_str());
            QVERIFY2(p.value().grad().abs().max().item<float>() > 1e-9, p.key().c_str());
        }
    }

    void oneSeedGivesOneNet_data() { rows(); }
    void oneSeedGivesOneNet()
    {
        QFETCH(QString, key);
        std::vector<torch::Tensor> outputs;
        for (int i = 0; i < 2; ++i) {
            torch::manual_seed(5);
            const auto module = makeModule(variants().at(key.toStdString()), {});
            outputs.push_back(module->forward(torch::rand({2, 1, 24, 24})));
        }
        QVERIFY(torch::equal(outputs[0], outputs[1]));
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
        const auto channels = c["channels"].get<std::int64_t>(), outputs = c["outputs"].get<std::int64_t>();
        auto section = c["model"];
        if (section["name"] == "four-layer")
            section["dropout"] = 0;
        const auto module = makeModule(section, {channels, outputs});
        QCOMPARE(module->named_parameters().size(), c["weights"].size());
        {
            torch::NoGradGuard guard;
            for (auto &p : module->named_parameters())
                p.value().copy_(numbers(c["weights"].at(p.key()), p.value().sizes().vec()));
        }
        const auto h = c["size"][0].get<std::int64_t>(), w = c["size"][1].get<std::int64_t>();
        const auto y = module->forward(numbers(c["input"], {2, channels, h, w}));
        const auto difference = (y - numbers(c["output"], {2, outputs, h, w})).abs().max().item<double>();
        QVERIFY2(difference < 1e-4, qPrintable(QString::number(difference)));
        y.square().mean().backward();
        for (const auto &p : module->named_parameters()) {
            const auto expected = c["gradient"].at(p.key()).get<double>();
            const auto found = p.value().grad().norm().item<double>();
            QVERIFY2(std::abs(found - expected) <= 1e-4 * std::max(1.0, expected), p.key().c_str());
        }
    }

    void sixteenBitsAreCloseToThirtyTwo_data() { rows(); }
    void sixteenBitsAreCloseToThirtyTwo()
    {
        QFETCH(QString, key);
        // Without hardware for it MixedPrecision does nothing.
        const bool half = hasBfloat16(torch::kCPU);
        auto section = variants().at(key.toStdString());
        if (section["name"] == "four-layer" || section["name"] == "fc-densenet")
            section["dropout"] = 0;
        const auto module = makeModule(section, {});
        const auto x = torch::rand({2, 1, 48, 40});
        std::vector<torch::Tensor> outputs, gradients;
        for (const bool mixed : {false, true}) {
            torch::Tensor y;
            {
                MixedPrecision guard(mixed, torch::kCPU);
                QCOMPARE(MixedPrecision::type(), mixed && half ? torch::kBFloat16 : torch::kFloat);
                y = module->forward(x);
            }
            QCOMPARE(MixedPrecision::type(), torch::kFloat);
            QCOMPARE(y.scalar_type(), torch::kFloat);
            module->zero_grad();
            y.square().mean().backward();
            std::vector<torch::Tensor> all;
            for (const auto &p : module->parameters())
                all.push_back(p.grad().flatten().clone());
            outputs.push_back(y.detach());
            gradients.push_back(torch::cat(all));
        }
        const auto scale = outputs[0].std().item<double>();
        const auto error = (outputs[1] - outputs[0]).square().mean().sqrt().item<double>();
        QVERIFY2(error < 0.03 * scale, qPrintable(QString("%1 of %2").arg(error).arg(scale)));
        QCOMPARE(error > 0, half);
        const auto cosine = torch::cosine_similarity(gradients[0], gradients[1], 0).item<double>();
        QVERIFY2(cosine > 0.99, qPrintable(QString::number(cosine)));
    }

    void skipsPassTheHook_data() { rows(); }
    void skipsPassTheHook()
    {
        QFETCH(QString, key);
        const auto module = makeModule(variants().at(key.toStdString()), {});
        module->eval();
        const auto x = torch::rand({1, 1, 32, 32});
        const auto plain = module->forward(x);
        const auto names = module->skips();
        std::map<int, int> calls;
        module->skipHook = [&](int index, const torch::Tensor &t) {
            ++calls[index];
            return t;
        };
        QVERIFY(torch::equal(module->forward(x), plain));
        QCOMPARE(calls.size(), names.size());
        for (int silent = 0; silent < static_cast<int>(names.size()); ++silent) {
            QCOMPARE(calls[silent], 1);
            module->skipHook = [&](int index, const torch::Tensor &t) { return index == silent ? torch::zeros_like(t) : t; };
            QVERIFY(!torch::equal(module->forward(x), plain));
        }
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeModule(Json::object(), {}), "model");
        EXPECT_ERROR(makeModule(Json{{"name", "u-net"}}, {}), "unet");
    }

    void anImageModuleRunsOnImages()
    {
        const auto module = makeAnyModule({{"name", "unet"}, {"weights", 4000}}, {1, 2});
        module->eval();
        const auto x = torch::rand({1, 1, 16, 24});
        const auto out = module->run({{"image", x}, {"target", torch::zeros({1})}});
        QCOMPARE(out.size(), std::size_t(1));
        QVERIFY(torch::equal(out.at("output"), imageModule(*module).forward(x)));
        EXPECT_ERROR(module->run({{"rows", x}}), "a batch with images");
    }

    void modulesOfOtherDataSayWhatTheyTake()
    {
        static const Registration<ModuleFactory> once(
            SchemaInfo{"sum-of-rows", "Sum of rows", {}, {}},
            ModuleFactory([](const Json &, ModuleShape) { return std::make_shared<SumOfRows>(); }, "rows"));
        const auto module = makeAnyModule({{"name", "sum-of-rows"}}, {});
        QCOMPARE(module->run({{"rows", torch::ones({2, 3})}}).at("output").sum().item<float>(), 6.0f);
        EXPECT_ERROR(makeModule({{"name", "sum-of-rows"}}, {}), "\"sum-of-rows\", which takes rows");
        EXPECT_ERROR(imageModule(*module), "a network of images");
        QCOMPARE(Registry<ModuleFactory>::instance().get("unet").factory.takes, std::string("image"));
    }
};

RETICLE_TEST(ModuleTest)
#include "ModuleTest.moc"
