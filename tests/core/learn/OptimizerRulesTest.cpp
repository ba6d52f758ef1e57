#include "learn/Optimizer_p.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

namespace {

const Json &optimizerRulesReference()
{
    static const Json all = Json::parse(test::readAll(test::source("tests/reference/optimizers.json")));
    return all;
}

torch::Tensor matrix(const char *name)
{
    std::vector<torch::Tensor> rows;
    for (const auto &row : optimizerRulesReference().at("problem").at(name))
        rows.push_back(torch::tensor(row.get<std::vector<float>>()));
    return torch::stack(rows);
}

} // namespace

/// Each rule against torch.optim of another installation, over 200 steps.
class OptimizerRulesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithPyTorch_data()
    {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const auto &one : optimizerRulesReference().at("cases"))
            QTest::newRow(one.at("title").get<std::string>().c_str()) << index++;
    }
    void agreesWithPyTorch()
    {
        QFETCH(int, index);
        const auto &one = optimizerRulesReference().at("cases").at(static_cast<std::size_t>(index));
        const auto x = matrix("x"), y = matrix("y");
        auto a = matrix("a").requires_grad_();
        auto b = torch::tensor(optimizerRulesReference().at("problem").at("b").get<std::vector<float>>()).requires_grad_();
        Optimizer optimizer({a, b},
                            {.rule = one.at("options").get<EntryOptions>(), .weightDecay = one.at("decay").get<double>()});
        const auto kept = optimizerRulesReference().at("kept").get<std::vector<int>>();
        std::size_t at = 0;
        for (int i = 0; i < kept.back(); ++i) {
            (torch::matmul(x + 0.1 * (i % 5), a.t()) + b - y).pow(2).mean().backward();
            optimizer.step(one.at("rate").get<double>());
            if (i + 1 != kept[at])
                continue;
            const auto expected = torch::tensor(one.at("weights").at(at++).get<std::vector<float>>());
            const double off = (optimizer.weights() - expected).abs().max().item<double>();
            QVERIFY2(off < 5e-6, qPrintable(QStringLiteral("step %1: %2").arg(i + 1).arg(off)));
        }
        QCOMPARE(at, kept.size());
        // SGD keeps its vector also without momentum, so that its checkpoints are those of before.
        const auto states = makeOptimizerRule(one.at("options").get<EntryOptions>())->stateNames().size();
        QCOMPARE(states, std::max<std::size_t>(1, one.at("states").get<std::size_t>()));
    }

    void everyRuleHasAReference()
    {
        for (const auto &[name, entry] : Registry<OptimizerFactory>::instance().entries()) {
            bool any = false;
            for (const auto &one : optimizerRulesReference().at("cases"))
                any = any || one.at("options").at("name") == name;
            QVERIFY2(any, name.c_str());
        }
    }
};

RETICLE_TEST(OptimizerRulesTest)
#include "OptimizerRulesTest.moc"
