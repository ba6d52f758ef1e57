#include "analysis/classification/RunDiagnostics_p.h"

#include "support/Test.h"

#include <torch/torch.h>

using namespace reticle;

namespace {

/// Three hidden layers of four units on two numbers.
std::shared_ptr<Module> network()
{
    torch::manual_seed(5);
    return makeAnyModule({{"name", "mlp"}, {"width", 4}, {"depth", 3}}, {2, 3});
}

Tensors rows()
{
    return {{"features", torch::tensor({{1.0f, 2.0f}, {-1.0f, 0.5f}, {0.25f, -3.0f}})}};
}

} // namespace

/// What the hidden layers of a perceptron make of a few rows.
class HiddenLayersTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aDeadLayerIsCountedAndWarnedOf()
    {
        const auto module = network();
        {
            // What enters these layers' activations is their bias alone, which is below 0.
            const torch::NoGradGuard guard;
            auto parameters = module->named_parameters();
            for (const char *layer : {"hidden1", "hidden2"}) {
                parameters[std::string(layer) + ".weight"].zero_();
                parameters[std::string(layer) + ".bias"].fill_(-1);
            }
        }
        const auto hidden = hiddenLayers(*module, rows());
        QCOMPARE(hidden.table.rows(), std::size_t(3));
        QCOMPARE(hidden.table.text(1, 0), std::string("hidden1"));
        QCOMPARE(hidden.table.number(1, 1), 4.0);
        QCOMPARE(hidden.table.number(1, 2), 0.0); // the same for each row
        QCOMPARE(hidden.table.number(1, 4), 4.0);
        QCOMPARE(hidden.table.number(2, 5), 1.0);
        QVERIFY(hidden.deadUnits >= 8);
        QVERIFY2(hidden.warning.find(" of 12 hidden units") != std::string::npos, hidden.warning.c_str());
        QVERIFY2(hidden.figure.problems().empty(), hidden.figure.problems().empty() ? "" : hidden.figure.problems()[0].c_str());
        QCOMPARE(hidden.figure.panels.size(), std::size_t(3));
    }
    void spreadIsThatOfTheValuesBeforeTheActivation()
    {
        const auto module = network();
        const auto parameters = module->named_parameters();
        const auto before = torch::matmul(rows().at("features"), parameters["hidden0.weight"].t()) + parameters["hidden0.bias"];
        const auto hidden = hiddenLayers(*module, rows());
        const auto found = hidden.table.number(0, 2);
        QVERIFY2(std::abs(found - before.std(false).item<double>()) < 1e-6, qPrintable(QString::number(found)));
    }
};

RETICLE_TEST(HiddenLayersTest)
#include "HiddenLayersTest.moc"
