#include "learn/training/Trainer_p.h"

#include "foundation/Error.h"
#include "foundation/FreeMemory.h"
#include "learn/Machine_p.h"
#include "learn/TorchCompat_p.h"
#include "learn/prediction/ImagePredictor.h"
#include "project/ModelFiles.h"
#include "support/Blobs.h"
#include "support/Recorder.h"
#include "support/ResidentSize.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "support/TinyTraining.h"

#include <atomic>
#include <cmath>
#include <fstream>
#include <optional>
#include <thread>

using namespace reticle;
using test::blobPicture;
using test::blobs;
using test::input;
using test::Kept;
using test::Recorder;
using test::whole;
namespace fs = std::filesystem;

namespace {

/// One that gives no numbers in bfloat16, as kernels of a processor may.
class FailingInBfloat16 : public ImageModule
{
public:
    explicit FailingInBfloat16(ModuleShape shape)
    {
        inner = register_module("inner", makeModule({{"name", "unet"}, {"weights", 4000}}, shape));
    }
    std::int64_t multiple() const override { return inner->multiple(); }
    std::shared_ptr<ImageModule> inner;

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        const auto y = inner->forward(x.to(torch::kFloat));
        return x.scalar_type() == torch::kBFloat16 ? y * NAN : y;
    }
};

struct FailingOptions
{
    std::int64_t weights = 4000;
};

/// Not before a test asks for it: other tests go through every module there is.
void registerFailing()
{
    static const Registration<ModuleFactory> once(
        Schema<FailingOptions>("failing-in-bfloat16", "Fails", "For tests.")
            .field(&FailingOptions::weights, {.name = "weights", .help = "Not used.", .min = 1, .max = 1e9})
            .info(),
        [](const Json &, ModuleShape shape) { return std::make_shared<FailingInBfloat16>(shape); });
}

} // namespace

class TrainerTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    fs::path folder() const { return m_folder.part(); }

private Q_SLOTS:
    void oneSeedOneResult()
    {
        const auto a = whole(folder()), b = whole(folder()), c = whole(folder(), [](test::ArrayTraining &in) { in.seed = 8; });
        for (const char *name : {"train.loss", "validation.loss", "validation.dice", "learning-rate"})
            QVERIFY2(a.kept.of(name) == b.kept.of(name), name);
        QVERIFY(a.kept.of("train.loss") != c.kept.of("train.loss"));
        const auto two = [](test::ArrayTraining &in) {
            in.train.threads = 2;
            in.train.steps = 4;
        };
        QVERIFY(whole(folder(), two).kept.of("train.loss") == whole(folder(), two).kept.of("train.loss"));
        QCOMPARE(a.kept.of("train.loss").size(), std::size_t(14));
        QCOMPARE(a.kept.of("validation.iou").size(), std::size_t(3));
        QVERIFY(a.outcome.status == RunStatus::Done);
    }
    void tellsWhatHappens()
    {
        const auto r = whole(folder());
        QVERIFY(r.recorder.events.front().kind == Event::Kind::Started);
        QVERIFY(r.recorder.events.back().kind == Event::Kind::Done);
        QVERIFY(r.recorder.count(Event::Kind::Example) > 0 && r.recorder.count(Event::Kind::Checkpoint) >= 3);
        for (const auto &e : r.recorder.events) {
            if (e.kind == Event::Kind::Progress)
                QVERIFY(e.value >= 0 && e.value <= 1 && e.total == 14);
            if (e.kind == Event::Kind::Example) {
                QCOMPARE(e.data["images"].size(), std::size_t(3));
                QVERIFY(e.data["kinds"] == Json({"image", "labels", "probability"}));
                QCOMPARE(Array::fromJson(e.data["images"][2]).shape(), (std::vector<std::int64_t>{64, 64}));
            }
        }
        for (const char *name :
             {"train.loss", "validation.loss", "validation.dice", "validation.pixel-error", "validation.iou", "learning-rate"})
            QVERIFY2(!r.recorder.metric(name).empty(), name);
        QVERIFY(r.outcome.summary["weights"].get<int>() > 3900);
        QVERIFY(r.outcome.summary["best"]["dice"].get<double>() > 0);
    }
    void aCompleteRunStaysAsItIs_data()
    {
        QTest::addColumn<bool>("early");
        QTest::newRow("all steps") << false;
        QTest::newRow("early") << true;
    }
    void aCompleteRunStaysAsItIs()
    {
        QFETCH(bool, early);
        const auto change = [early](test::ArrayTraining &in) {
            if (!early)
                return;
            in.train.steps = 1000;
            in.train.validateSteps = 2;
            in.train.patience = 2;
            in.train.learningRate = 1e-9;
            in.train.averaging = 0;
        };
        const auto first = whole(folder(), change);
        const auto last = test::readAll(first.folder / modelfiles::last), model = test::readAll(first.folder / modelfiles::model);
        for (const auto ending : {RunControl::End::None, RunControl::End::Stop, RunControl::End::Cancel}) {
            Kept kept;
            Recorder recorder;
            RunControl control;
            control.end(ending);
            auto in = input(first.folder, kept);
            change(in);
            const auto again = runTraining(in, recorder, control);
            QVERIFY(again.status == RunStatus::Done && again.complete);
            for (const char *name : {"steps", "best", "last", "weights"})
                QVERIFY2(again.summary[name] == first.outcome.summary[name], name);
            QVERIFY(recorder.events.back().kind == Event::Kind::Done && recorder.count(Event::Kind::Checkpoint) == 0);
            QVERIFY(kept.metrics.empty());
            QVERIFY(test::readAll(first.folder / modelfiles::last) == last);
            QVERIFY(test::readAll(first.folder / modelfiles::model) == model);
        }
    }
    void aCancelledValidationIsDoneFirst()
    {
        const auto expected = whole(folder());
        const auto where = folder();
        Kept kept;
        Recorder cancelling, second;
        RunControl cancel, control;
        std::atomic<bool> reached{false};
        cancelling.hook = [&](const Event &e) { reached = reached || (e.name == "train.loss" && e.step == 5); };
        auto in = input(where, kept);
        in.validation.image = [&](std::int64_t s) {
            if (reached)
                cancel.end(RunControl::End::Cancel);
            return blobPicture(s);
        };
        QVERIFY(runTraining(in, cancelling, cancel).status == RunStatus::Cancelled);
        QVERIFY(kept.of("validation.loss").empty());
        runTraining(input(where, kept), second, control);
        for (const char *name : {"train.loss", "validation.loss", "validation.dice"})
            QVERIFY2(kept.of(name) == expected.kept.of(name), name);
    }
    void stopsPausesAndCancels()
    {
        const auto expected = whole(folder());
        Kept kept;
        Recorder stopping, going, cancelling;
        RunControl stop, go, cancel;
        std::thread waker;
        const auto where = folder();
        stopping.hook = [&](const Event &e) {
            if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == 3)
                stop.end(RunControl::End::Stop);
        };
        const auto stopped = runTraining(input(where, kept), stopping, stop);
        QVERIFY(stopped.status == RunStatus::Stopped);
        QCOMPARE(stopped.summary["steps"].get<int>(), 3);
        PredictOptions o;
        o.tile = 64;
        o.device = "cpu";
        QCOMPARE(ImagePredictor(where, o).predict(blobs(9)).shape(), (std::vector<std::int64_t>{2, 64, 64}));
        // A stopped run can be taken up again; a pause on the way changes nothing.
        going.hook = [&](const Event &e) {
            if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == 6)
                go.pause();
            if (e.kind == Event::Kind::Paused)
                waker = std::thread([&] { go.resume(); });
        };
        runTraining(input(where, kept), going, go);
        waker.join();
        QCOMPARE(going.count(Event::Kind::Paused), 1);
        QCOMPARE(going.count(Event::Kind::Resumed), 1);
        QVERIFY(kept.of("train.loss") == expected.kept.of("train.loss"));
        Kept other;
        cancelling.hook = [&](const Event &e) {
            if (e.kind == Event::Kind::Metric && e.step == 2)
                cancel.end(RunControl::End::Cancel);
        };
        const auto cancelled = runTraining(input(folder(), other), cancelling, cancel);
        QVERIFY(cancelled.status == RunStatus::Cancelled);
        QVERIFY(cancelling.events.back().kind == Event::Kind::Cancelled);
        QVERIFY(cancelling.metric("train.loss").size() <= 3);
    }
    void learnsInEitherPrecision()
    {
        const auto longer = [](bool mixed) {
            return [mixed](test::ArrayTraining &in) {
                in.train.steps = 200;
                in.train.validateSteps = 100;
                in.augment.enabled = false;
                in.train.learningRate = 5e-3;
                in.train.precision = mixed && hasBfloat16(torch::kCPU) ? "bfloat16" : "float32";
            };
        };
        const auto half = whole(folder(), longer(true)), full = whole(folder(), longer(false));
        for (const auto *r : {&half, &full}) {
            QVERIFY2(r->outcome.summary["best"]["dice"].get<double>() > 0.96, r->outcome.summary.dump().c_str());
            QVERIFY(r->outcome.summary["best"]["pixel-error"].get<double>() < 0.05);
            // The run says what its scores are, when it starts and when it ends, and has each of them.
            QCOMPARE(r->outcome.summary["task"].get<std::string>(), std::string("segmentation"));
            QCOMPARE(r->outcome.summary["score"].get<std::string>(), std::string("dice"));
            QVERIFY(r->recorder.events.front().data["scores"] == r->outcome.summary["scores"]);
            for (const auto &score : r->outcome.summary["scores"])
                QVERIFY2(r->outcome.summary["best"].contains(score["name"].get<std::string>()), score.dump().c_str());
        }
        // The same weights predict alike in both.
        PredictOptions o;
        o.tile = 64;
        o.device = "cpu";
        const Array image = blobPicture(11).reshaped({64, 64});
        o.precision = hasBfloat16(torch::kCPU) ? "bfloat16" : "float32";
        const auto a = ImagePredictor(full.folder, o).predict(image);
        o.precision = "float32";
        const auto b = ImagePredictor(full.folder, o).predict(image);
        std::int64_t differ = 0;
        for (std::int64_t i = 0; i < a.size(); ++i) {
            QVERIFY(std::abs(a.data<float>()[i] - b.data<float>()[i]) < 0.1);
            differ += (a.data<float>()[i] > 0.5f) != (b.data<float>()[i] > 0.5f);
        }
        QVERIFY(differ < 40);
    }
    /// Fewer steps than are borne without one good one in a row: the run has failed all the same.
    void aRunThatLeftOutItsStepsHasFailed_data()
    {
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("bad"); // the first ones
        QTest::addColumn<QString>("says");
        QTest::newRow("all") << 3 << 3 << "All 3 steps were left out because the loss or its gradient was not a finite number";
        QTest::newRow("most") << 6 << 4 << "4 of 6 steps were left out";
        QTest::newRow("half") << 6 << 3 << "";
    }
    void aRunThatLeftOutItsStepsHasFailed()
    {
        QFETCH(int, steps);
        QFETCH(int, bad);
        QFETCH(QString, says);
        RunControl control;
        Recorder recorder;
        Kept kept;
        auto in = input(folder(), kept);
        in.train.steps = steps;
        in.train.batch = 1;
        in.augment.enabled = false;
        in.training.slices = {0};
        // The loader asks for a slice once for each step, the start once to find a size.
        auto asked = std::make_shared<std::atomic<int>>(0);
        in.training.image = [asked, bad](std::int64_t s) {
            Array a = blobPicture(s);
            if ((*asked)++ < bad)
                a.data<float>()[0] = NAN;
            return a;
        };
        in.train.crop = 64;
        if (says.isEmpty()) {
            QVERIFY(runTraining(in, recorder, control).status == RunStatus::Done);
            return;
        }
        const auto where = in.folder;
        EXPECT_ERROR(runTraining(in, recorder, control), says.toStdString());
        QCOMPARE(recorder.count(Event::Kind::Done), 0);
        // Nor does taking it up again make it done.
        Recorder second;
        EXPECT_ERROR(runTraining(in, second, control), says.toStdString());
    }
    void aRunWithoutAGradientHasFailed()
    {
        RunControl control;
        Recorder recorder;
        Kept kept;
        auto in = input(folder(), kept);
        in.train.steps = 3;
        in.training.target = [](std::int64_t) {
            Array a(DType::UInt8, {64, 64});
            for (auto &v : a.span<std::uint8_t>())
                v = SegmentationData::ignore;
            return a;
        };
        EXPECT_ERROR(runTraining(in, recorder, control), "the weights never changed");
    }
    /// Numbers that only bfloat16 cannot hold: its sums are as large as float32's, so the network is made to fail in it.
    void autoTakesFloat32WhereBfloat16IsWrong()
    {
        if (!hasFastBfloat16(torch::kCPU)) {
            QVERIFY(!chooseBfloat16("auto", torch::kCPU, "train.precision"));
            return;
        }
        registerFailing();
        const auto failing = [](const std::string &precision) {
            return [precision](test::ArrayTraining &in) {
                in.train.precision = precision;
                in.model["name"] = "failing-in-bfloat16";
            };
        };
        const auto fallen = whole(folder(), failing("auto")), exact = whole(folder(), failing("float32"));
        for (const char *name : {"train.loss", "validation.loss", "validation.dice"})
            QVERIFY2(fallen.kept.of(name) == exact.kept.of(name), name);
        QCOMPARE(fallen.recorder.count(Event::Kind::Warning), 1);
        QVERIFY(fallen.outcome.summary["precision"] == "float32");
        bool said = false;
        for (const auto &e : fallen.recorder.events)
            said = said || e.text.find("This run continues in float32") != std::string::npos;
        QVERIFY(said);
        EXPECT_ERROR(whole(folder(), failing("bfloat16")), "Set train.precision to auto or float32");
        // A run that is taken up again stays in float32, without a second warning.
        Kept kept;
        Recorder dying, second;
        const auto where = folder();
        dying.hook = [](const Event &e) {
            if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == 6)
                throw std::runtime_error("killed");
        };
        RunControl control;
        auto in = input(where, kept);
        failing("auto")(in);
        EXPECT_ERROR(runTraining(in, dying, control), "killed");
        runTraining(in, second, control);
        QCOMPARE(second.count(Event::Kind::Warning), 0);
        QVERIFY(kept.of("train.loss") == exact.kept.of("train.loss"));
    }
    void endsEarlyWithoutProgress()
    {
        const auto r = whole(folder(), [](test::ArrayTraining &in) {
            in.train.steps = 1000;
            in.train.validateSteps = 2;
            in.train.patience = 3;
            in.train.learningRate = 1e-9;
            in.train.averaging = 0;
        });
        QVERIFY(r.outcome.status == RunStatus::Done);
        QVERIFY(r.outcome.summary["early"].get<bool>());
        QVERIFY(r.outcome.summary["steps"].get<int>() < 100);
    }
    void trainsByTime()
    {
        const auto r = whole(folder(), [](test::ArrayTraining &in) {
            in.train.steps = 0;
            in.train.minutes = 0.01;
            in.train.validateSteps = 0;
        });
        QVERIFY(r.outcome.summary["seconds"].get<double>() >= 0.6);
        const auto rates = r.recorder.metric("learning-rate");
        QVERIFY(rates.size() > 2 && rates.back().second < 0.5 * rates[rates.size() / 3].second);
    }
    void saysWhenTheLossIsNoNumber()
    {
        RunControl control;
        Recorder recorder;
        Kept kept;
        auto in = input(folder(), kept);
        in.train.steps = 100;
        in.training.image = [](std::int64_t) {
            Array a(DType::Float32, {1, 64, 64});
            for (float &v : a.span<float>())
                v = NAN;
            return a;
        };
        in.augment.enabled = false;
        EXPECT_ERROR(runTraining(in, recorder, control), "learning-rate");
        QCOMPARE(recorder.count(Event::Kind::Warning), 1);
    }
    /// A session that has nothing left to do tells what the sessions before it found.
    void keepsTheMeasuredMemory()
    {
        const auto first = whole(folder());
        QVERIFY(first.outcome.summary["memory-mib"].get<double>() > 0);
        Recorder recorder;
        Kept kept;
        RunControl control;
        const auto again = runTraining(input(first.folder, kept), recorder, control);
        QVERIFY(recorder.metric("train.loss").empty());
        QVERIFY(again.summary["memory-mib"] == first.outcome.summary["memory-mib"]);
        QVERIFY(again.summary["step-seconds"] == first.outcome.summary["step-seconds"]);
    }
    void aCheckpointFindsTheMemoryOfIdleTensors()
    {
        Recorder recorder;
        Kept kept;
        RunControl control;
        double before = 0, after = 0;
        recorder.hook = [&](const Event &e) {
            if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == 4) {
                torch::ones({100 << 20}); // 400 MiB, which wait for the next tensor
                before = test::residentMib("VmRSS");
            } else if (e.kind == Event::Kind::Checkpoint && e.step == 4) {
                after = test::residentMib("VmRSS");
            }
        };
        runTraining(input(folder(), kept), recorder, control);
        QVERIFY2(before > 400, "expected Linux, which tells the resident size in /proc");
        QVERIFY2(after < before - 300, qPrintable(QString("%1 MiB, then %2").arg(before).arg(after)));
    }
    /// Told before anything is trained, and not when the first validation is due.
    void sizesThatTheNetworkRefusesAreToldFirst_data()
    {
        QTest::addColumn<int>("crop");
        QTest::addColumn<int>("cut");
        QTest::addColumn<bool>("validated");
        QTest::addColumn<QString>("says");
        QTest::newRow("crop") << 33 << 0 << true << "strict-size: height 33 is not a multiple of 2";
        QTest::newRow("validation") << 32 << 1 << true << "slice 4: model.strict-size: width 63 is not a multiple of 2";
        QTest::newRow("example") << 32 << 1 << false << "model.strict-size: width 63";
        QTest::newRow("none") << 32 << 0 << true << "";
    }
    void sizesThatTheNetworkRefusesAreToldFirst()
    {
        QFETCH(int, crop);
        QFETCH(int, cut);
        QFETCH(bool, validated);
        QFETCH(QString, says);
        Recorder recorder;
        Kept kept;
        RunControl control;
        auto in = input(folder(), kept);
        in.train.steps = 2;
        in.train.crop = crop;
        in.model = {{"name", "fc-densenet"}, {"variant", "own"}, {"growth", 2},
                    {"blocks", {1, 1, 1}},   {"first-width", 4}, {"strict-size", true}};
        // Pictures without their last columns.
        const auto narrower = [cut](const Array &a) {
            const auto before = a.dim(-1), after = before - cut;
            auto shape = a.shape();
            shape.back() = after;
            Array b(a.dtype(), shape);
            Array::visit(a.dtype(), [&](auto t) {
                using T = decltype(t);
                for (std::int64_t i = 0; i < b.size(); ++i)
                    b.data<T>()[i] = a.data<T>()[i / after * before + i % after];
            });
            return b;
        };
        for (auto *part : {&in.training, &in.validation}) {
            part->image = [narrower](std::int64_t s) { return narrower(blobPicture(s)); };
            part->target = [narrower](std::int64_t s) { return narrower(blobs(s)); };
        }
        if (!validated)
            in.validation.slices.clear();
        if (says.isEmpty()) {
            QVERIFY(runTraining(in, recorder, control).status == RunStatus::Done);
            return;
        }
        EXPECT_ERROR(runTraining(in, recorder, control), says.toStdString());
        QVERIFY(recorder.events.empty());
    }
    void asksForTheMemoryFirst()
    {
        RunControl control;
        Recorder recorder;
        Kept kept;
        auto in = input(folder(), kept);
        in.train.batch = 64;
        in.train.crop = 512;
        in.training.size = in.validation.size = [](std::int64_t) { return std::pair<std::int64_t, std::int64_t>(64, 64); };
        const AssumedFreeMemory little(std::int64_t(400) << 20);
        EXPECT_ERROR(runTraining(in, recorder, control), "This training needs about");
        QVERIFY(recorder.events.empty()); // nothing has begun
        in.train.batch = 2;
        in.train.crop = 32;
        QVERIFY(runTraining(in, recorder, control).status == RunStatus::Done);
        in = input(folder(), kept);
        in.model["weights"] = 100000000;
        EXPECT_ERROR(runTraining(in, recorder, control), "million weights in the memory that is free here");
    }
    /// What the forecast missed: the run ends before the system ends the process, and can be resumed.
    void stopsWithItsStateWhereMemoryRunsOut()
    {
        const auto expected = whole(folder());
        const auto where = folder();
        Kept kept;
        Recorder recorder, second;
        RunControl control;
        std::optional<AssumedFreeMemory> none;
        recorder.hook = [&](const Event &e) {
            if (e.kind == Event::Kind::Checkpoint && e.step == 4 && !none) // its tensors have been given back
                none.emplace(1000);
        };
        auto in = input(where, kept);
        EXPECT_ERROR(runTraining(in, recorder, control), "The run stopped at step 4 and saved its state");
        none.reset();
        QVERIFY(runTraining(in, second, control).status == RunStatus::Done);
        QVERIFY(kept.of("train.loss") == expected.kept.of("train.loss"));
    }
    void refusesWhatCannotBe()
    {
        RunControl control;
        Recorder recorder;
        Kept kept;
        auto in = input(folder(), kept);
        in.training.slices.clear();
        EXPECT_ERROR(runTraining(in, recorder, control), "training slice");
        in = input(folder(), kept);
        in.device = "abacus";
        EXPECT_ERROR(runTraining(in, recorder, control), "abacus");
        in = input(folder() / "no" / "where", kept);
        EXPECT_ERROR(runTraining(in, recorder, control), "no/where");
        EXPECT_ERROR(ImagePredictor(folder(), {}), modelfiles::model);
    }
};

RETICLE_TEST(TrainerTest)
#include "TrainerTest.moc"
