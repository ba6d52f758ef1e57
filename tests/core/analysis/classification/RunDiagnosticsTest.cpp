#include "analysis/classification/RunDiagnostics_p.h"

#include "support/MadeRows.h"
#include "support/Test.h"

using namespace reticle;
using test::threeHeaps;

namespace {

std::shared_ptr<ClassificationTask> taskOf(std::shared_ptr<Dataset> data)
{
    const Json objective{{"name", "classification"}};
    const Recipe recipe(Json{{"seed", 5}, {"objective", objective}, {"train", {{"batch", 9}}}});
    auto made = makeObjective(objective, data->classCounts());
    return std::make_shared<ClassificationTask>(TaskInput{recipe, std::move(data), std::move(made)});
}

} // namespace

/// What shows why a training went as it did, on data and networks of a few numbers.
class RunDiagnosticsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyRowIsUsedOnceInAnEpoch()
    {
        const auto task = taskOf(threeHeaps());
        const auto all = [](double) { return true; };
        const auto rows = task->examples();
        QCOMPARE(rows, std::int64_t(36));
        const auto one = rowUsage(*task, rows / 9, all), two = rowUsage(*task, 2 * rows / 9, all);
        QCOMPARE(one.counts, std::vector<std::int64_t>(36, 1));
        QCOMPARE(two.counts, std::vector<std::int64_t>(36, 2));
        QCOMPARE(rowUsage(*task, 1, all).unused(), std::int64_t(27));
        QCOMPARE(rowUsage(*task, 100, [](double) { return false; }).unused(), std::int64_t(36)); // ended at once
    }
    void parametersAreCountedAndHaveTheirGradient()
    {
        torch::manual_seed(2);
        const auto module = makeAnyModule({{"name", "mlp"}, {"width", 5}, {"depth", 1}, {"bias", "scalar"}}, {2, 3});
        const auto task = taskOf(threeHeaps());
        Tensors batch{{"features", torch::tensor({{1.0f, 2.0f}, {-1.0f, 0.5f}})},
                      {"target", torch::tensor({0, 2}, torch::kLong)}};
        const auto t = parameterTable(*module, task->objective(), batch);
        QCOMPARE(t.rows(), std::size_t(4));
        const std::vector<std::pair<std::string, double>> expected{
            {"hidden0.weight", 10}, {"hidden0.bias", 1}, {"out.weight", 15}, {"out.bias", 1}};
        for (std::size_t i = 0; i < expected.size(); ++i) {
            QCOMPARE(t.text(i, 0), expected[i].first);
            QCOMPARE(t.number(i, 2), expected[i].second);
        }
        // The gradient of the shared bias of the outputs is the sum over classes of p - y, which is 0.
        QVERIFY(t.number(3, 5) < 1e-6);
        QVERIFY(t.number(2, 5) > 0);
    }
    void featuresHaveTheirRange()
    {
        const auto data = threeHeaps();
        const auto task = taskOf(data);
        const auto t = inputRangeTable(*task, data->split().validation);
        QCOMPARE(t.rows(), std::size_t(2));
        double minimum = INFINITY, maximum = -INFINITY;
        for (const auto i : data->split().validation) {
            const double v = data->example(i).at("features").value(1);
            minimum = std::min(minimum, v);
            maximum = std::max(maximum, v);
        }
        bool low = false, high = false;
        for (std::size_t c = 1; c < t.columns.size(); ++c) {
            low = low || std::abs(t.number(1, c) - minimum) < 1e-9;
            high = high || std::abs(t.number(1, c) - maximum) < 1e-9;
        }
        QVERIFY(low && high);
    }
    void seedsOfTheStreamsAreToldRunByRun()
    {
        RunInfo pinned, follows;
        pinned.id = 1;
        pinned.recipe = {{"seed", 7}, {"data", {{"split-seed", 42}}}};
        follows.id = 2;
        follows.recipe = {{"seed", 8}, {"data", {{"split-seed", 0}}}};
        const auto t = seedTable({pinned, follows});
        QCOMPARE(t.rows(), std::size_t(4));
        QCOMPARE(t.text(0, 1), std::string("42"));
        QCOMPARE(t.text(0, 2), std::string("8"));
        QCOMPARE(t.text(1, 1), std::string("7"));
    }
};

RETICLE_TEST(RunDiagnosticsTest)
#include "RunDiagnosticsTest.moc"
