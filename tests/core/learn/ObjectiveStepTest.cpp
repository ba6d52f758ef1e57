#include "learn/Objective_p.h"

#include "foundation/Error.h"
#include "learn/Models.h"
#include "learn/memory/ImagePasses_p.h"
#include "learn/tasks/Validation_p.h"
#include "learn/training/Checkpoint_p.h"
#include "learn/training/PrecisionCheck_p.h"
#include "support/Recorder.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "support/TinyTraining.h"

#include <algorithm>

using namespace reticle;
using test::input;
using test::Kept;
using test::Recorder;
using test::whole;
namespace fs = std::filesystem;

namespace {

/// Binary cross-entropy, and how far a second pass of the network on a darker or brighter batch is from what a teacher says
/// of it, whose weights are the running mean of the network's.
class MeanTeacher : public MapObjective
{
public:
    explicit MeanTeacher(std::vector<std::string> streams = {})
        : m_bce(makeMapObjective({{"name", "bce"}}, {})), m_streams(std::move(streams))
    {
    }

    void begin(const TrainingFacts &facts) override
    {
        MapObjective::begin(facts);
        m_teacher = facts.another();
        m_teacher->eval();
        for (auto &p : m_teacher->parameters())
            p.set_requires_grad(false);
        m_steps = torch::zeros({1}, torch::kLong);
    }
    std::int64_t outputs(std::int64_t) const override { return 1; }
    torch::Tensor loss(const torch::Tensor &logits, const torch::Tensor &target, const torch::Tensor &weights) const override
    {
        return m_bce->loss(logits, target, weights);
    }
    Loss step(StepContext &c) override
    {
        auto l = measure(c.run(c.batch), c.batch);
        const Tensors changed{{"image", c.batch.at("image") + 0.2 * c.random.normal()}};
        const auto second = torch::sigmoid(c.run(changed).at("output"));
        torch::Tensor taught;
        {
            torch::NoGradGuard guard;
            taught = torch::sigmoid(c.run(*m_teacher, changed).at("output"));
        }
        const auto distance = (second - taught).square().mean();
        l.parts = {{"supervised", l.total.item<double>()}, {"consistency", distance.item<double>()}};
        l.total = l.total + distance;
        return l;
    }
    void afterStep(StepContext &c) override
    {
        torch::NoGradGuard guard;
        const auto from = c.module.parameters(), to = m_teacher->parameters();
        for (std::size_t i = 0; i < to.size(); ++i)
            to[i].mul_(0.8).add_(from[i], 0.2);
        m_steps.add_(1);
    }
    std::vector<std::string> extraStreams() const override { return m_streams; }
    Module *evaluationModule() override { return m_teacher.get(); }
    void visitState(const std::function<void(const std::string &, torch::Tensor &)> &visit) override
    {
        auto weights = m_teacher->named_parameters();
        for (auto &w : weights)
            visit("teacher." + w.key(), w.value());
        visit("steps", m_steps);
    }

private:
    std::shared_ptr<MapObjective> m_bce;
    std::vector<std::string> m_streams;
    std::shared_ptr<Module> m_teacher;
    torch::Tensor m_steps;
};

/// Not before a test asks for it: other tests go through every objective there is.
void registerTeachers()
{
    static const Registration<ObjectiveFactory> teacher(
        SchemaInfo{"mean-teacher", "Mean teacher", {}, {}},
        [](const Json &, const std::vector<std::int64_t> &) { return std::make_shared<MeanTeacher>(); });
    static const Registration<ObjectiveFactory> further(
        SchemaInfo{"further-batches", "Asks for further batches", {}, {}}, [](const Json &, const std::vector<std::int64_t> &) {
            return std::make_shared<MeanTeacher>(std::vector<std::string>{"unlabeled"});
        });
}

void taught(test::ArrayTraining &in)
{
    in.objective = {{"name", "mean-teacher"}};
    in.train.precision = "float32";
}

const Json kModel{{"name", "unet"}, {"weights", 4000}};

bool same(const std::vector<torch::Tensor> &a, const std::vector<torch::Tensor> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto &x, const auto &y) { return torch::equal(x, y); });
}

/// One that has begun, with a teacher like `kModel`.
std::shared_ptr<Objective> begun()
{
    const auto objective = makeObjective({{"name", "mean-teacher"}}, {});
    objective->begin({.another = [] { return makeAnyModule(kModel, {1, 1}); }});
    return objective;
}

std::vector<torch::Tensor> stateOf(Objective &objective)
{
    std::vector<torch::Tensor> all;
    objective.visitState([&](const std::string &, torch::Tensor &t) { all.push_back(t.detach().clone()); });
    return all;
}

} // namespace

/// Objectives that do more in a step than look at what the network makes of a batch.
class ObjectiveStepTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    fs::path folder() const { return m_folder.part(); }

    /// Up to step `at`, which is not taken; checkpoints are made after steps 4, 8, 12.
    void killedAt(int at, const fs::path &where, Kept &kept) const
    {
        Recorder dying;
        dying.hook = [at](const Event &e) {
            if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == at)
                throw std::runtime_error("killed");
        };
        RunControl control;
        auto in = input(where, kept);
        taught(in);
        EXPECT_ERROR(runTraining(in, dying, control), "killed");
    }

private Q_SLOTS:
    void initTestCase() { registerTeachers(); }

    void chanceIsOfSeedAndStep()
    {
        const auto module = makeModule(kModel, {1, 1});
        const Tensors batch;
        const auto drawn = [&](std::uint64_t seed, std::int64_t step) {
            StepContext c(*module, batch, {.step = step, .seed = seed});
            return std::pair{c.random.next(), c.random.next()};
        };
        QVERIFY(drawn(7, 3) == drawn(7, 3));
        QVERIFY(drawn(7, 3) != drawn(7, 4));
        QVERIFY(drawn(7, 3) != drawn(8, 3));
    }

    void partsAreMetrics()
    {
        const auto r = whole(folder(), taught);
        const auto loss = r.kept.of("train.loss"), supervised = r.kept.of("train.supervised"),
                   consistency = r.kept.of("train.consistency");
        QCOMPARE(loss.size(), std::size_t(14));
        QCOMPARE(supervised.size(), loss.size());
        QCOMPARE(consistency.size(), loss.size());
        for (std::size_t i = 0; i < loss.size(); ++i) {
            QCOMPARE(supervised[i].first, loss[i].first);
            QVERIFY(std::abs(supervised[i].second + consistency[i].second - loss[i].second) < 1e-5);
        }
        QVERIFY(consistency[0].second > 0);
    }

    void goesOnExactlyWhereItWasKilled_data()
    {
        QTest::addColumn<int>("at");
        for (int at : {3, 5, 13})
            QTest::addRow("%d", at) << at;
    }
    void goesOnExactlyWhereItWasKilled()
    {
        QFETCH(int, at);
        const auto expected = whole(folder(), taught);
        const auto where = folder();
        Kept kept;
        killedAt(at, where, kept);
        Recorder second;
        RunControl control;
        auto in = input(where, kept);
        taught(in);
        runTraining(in, second, control);
        for (const char *name : {"train.loss", "train.supervised", "train.consistency", "validation.loss", "validation.dice"})
            QVERIFY2(!kept.of(name).empty() && kept.of(name) == expected.kept.of(name), name);
        const auto a = makeModule(kModel, {1, 1}), b = makeModule(kModel, {1, 1});
        loadModel(*a, expected.folder);
        loadModel(*b, where);
        QVERIFY(same(a->parameters(), b->parameters()));
    }

    /// Without slices to validate on, the last weights are kept.
    void theTeacherIsKeptAndValidated()
    {
        const auto r = whole(folder(), [](test::ArrayTraining &in) {
            taught(in);
            in.validation.slices = {};
        });
        std::string warning;
        const auto last = readLast(r.folder, warning);
        QVERIFY(last && warning.empty());
        QCOMPARE(last->tensor("objective.steps").item<std::int64_t>(), std::int64_t(14));
        const auto kept = makeModule(kModel, {1, 1});
        loadModel(*kept, r.folder);
        std::int64_t at = 0;
        bool moved = false;
        for (const auto &p : kept->named_parameters()) {
            QVERIFY2(torch::equal(p.value(), last->tensor("objective.teacher." + p.key())), p.key().c_str());
            const auto network = last->tensor("optimiser.weights").narrow(0, at, p.value().numel()).view(p.value().sizes());
            moved = moved || !torch::equal(p.value(), network);
            at += p.value().numel();
        }
        QVERIFY(moved); // else it would be the network itself

        const auto validated = whole(folder(), taught);
        const auto after = readLast(validated.folder, warning);
        for (auto &p : kept->named_parameters()) {
            torch::NoGradGuard guard;
            p.value().copy_(after->tensor("objective.teacher." + p.key()));
        }
        const auto bce = makeMapObjective({{"name", "bce"}}, {});
        Kept none;
        const auto source = input(folder(), none).validation;
        const auto v = validate(*kept, {.objective = *bce, .source = source}, [] { return true; });
        QCOMPARE(validated.kept.of("validation.loss").back().second, v.loss);
    }

    /// Checkpoints of before an objective had a state lack it; another objective's state is refused.
    void checkpointsOfBeforeAreTakenUp()
    {
        const auto where = folder();
        Kept kept;
        killedAt(6, where, kept);
        std::string warning;
        auto last = readLast(where, warning);
        QVERIFY(last);
        auto changed = *last;
        std::erase_if(changed.tensors, [](const auto &t) { return t.first.rfind("objective.", 0) == 0; });
        QVERIFY(changed.tensors.size() < last->tensors.size());
        keepLast(where, changed);
        const auto resumed = [&] {
            Recorder recorder;
            RunControl control;
            auto in = input(where, kept);
            taught(in);
            return runTraining(in, recorder, control);
        };
        QVERIFY(resumed().status == RunStatus::Done);
        last->tensors["objective.steps"] = torch::zeros({2}, torch::kLong);
        keepLast(where, *last);
        EXPECT_ERROR(resumed(), "another one's (at \"steps\")");
    }

    /// A second pass with gradients keeps as much again, and the teacher's takes what a prediction does.
    void allPassesAreInTheForecast()
    {
        const auto module = makeModule(kModel, {1, 1});
        const PassShape shape{2, 1, 64, 64};
        StepSettings settings;
        settings.objective = begun();
        const auto before = stateOf(*settings.objective);
        for (const bool measured : {true, false}) {
            const auto told = [&](const StepSettings &s) {
                return measured ? measureStep(*module, shape, s) : estimateStep(*module, {16, 1, 256, 256}, s);
            };
            const auto plain = told({}), all = told(settings);
            QCOMPARE(all.layers.size(), plain.layers.size());
            QCOMPARE(all.use.labels, plain.use.labels);
            QVERIFY2(
                static_cast<double>(all.use.training) >
                    static_cast<double>(plain.use.training) + 0.9 * static_cast<double>(plain.use.kept),
                qPrintable(QString("%1, without %2, kept %3").arg(all.use.training).arg(plain.use.training).arg(plain.use.kept)));
            QCOMPARE(all.use.objective, plain.use.weights + 8);
            QCOMPARE(all.use.fixed(), plain.use.fixed() + all.use.objective);
            QCOMPARE(plain.use.objective, std::int64_t(0));
        }
        QVERIFY(roughStep(*module, shape, settings) > 2.5 * roughStep(*module, shape));
        QVERIFY(same(stateOf(*settings.objective), before));
    }

    void aDescriptionCountsThem()
    {
        ModelQuestion q;
        q.model = kModel;
        q.train = {{"precision", "float32"}};
        q.objective = {{"name", "bce"}};
        const auto plain = describeModel(q);
        q.objective = {{"name", "mean-teacher"}};
        const auto all = describeModel(q);
        QCOMPARE(all.layers.rows(), plain.layers.rows());
        QVERIFY(all.memory.training > plain.memory.training + plain.memory.kept / 2);
        const auto named = [](const ModelDescription &d) {
            const auto names = std::get<std::vector<std::string>>(d.memory.table().columns.front().values);
            return std::count(names.begin(), names.end(), std::string("state of the objective"));
        };
        QCOMPARE(named(plain), std::ptrdiff_t(0));
        QCOMPARE(named(all), std::ptrdiff_t(1));
        // The teacher is the mean of the weights: no other is kept.
        QCOMPARE(all.memory.optimizer, plain.memory.optimizer - plain.memory.gradients - plain.memory.statistics);
    }

    void comparingPrecisionsLeavesTheStateAsItWas()
    {
        torch::manual_seed(4);
        const auto module = makeModule(kModel, {1, 1});
        const auto objective = begun();
        const auto before = stateOf(*objective);
        Tensors batch{{"image", torch::rand({4, 1, 32, 32})}};
        batch["target"] = torch::randint(0, 2, {4, 32, 32}, torch::kLong);
        const auto c = comparePrecision(*module, *objective, batch);
        QVERIFY2(c.near() && c.gradient > 0, c.text().c_str());
        QVERIFY(same(stateOf(*objective), before));
    }

    void batchesThatTheDataLackAreRefused()
    {
        EXPECT_ERROR(whole(folder(), [](test::ArrayTraining &in) { in.objective = {{"name", "further-batches"}}; }), "unlabeled");
    }
};

RETICLE_TEST(ObjectiveStepTest)
#include "ObjectiveStepTest.moc"
