#include "learn/training/TrainingState_p.h"

#include "foundation/Error.h"
#include "learn/prediction/ImagePredictor.h"
#include "project/ModelFiles.h"
#include "support/Blobs.h"
#include "support/Recorder.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "support/TinyTraining.h"

#include <cmath>
#include <fstream>
#include <thread>

using namespace reticle;
using test::blobs;
using test::input;
using test::Kept;
using test::Recorder;
using test::whole;
namespace fs = std::filesystem;

/// What a training keeps, and goes on from.
class TrainingStateTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    fs::path folder() const { return m_folder.part(); }

private Q_SLOTS:
    void goesOnExactlyWhereItWasKilled_data()
    {
        QTest::addColumn<int>("at");
        for (int at : {1, 4, 5, 9, 13})
            QTest::addRow("%d", at) << at;
    }
    void goesOnExactlyWhereItWasKilled()
    {
        QFETCH(int, at);
        const auto expected = whole(folder());
        const auto where = folder();
        Kept kept;
        Recorder dying, second;
        dying.hook = [at](const Event &e) {
            if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == at)
                throw std::runtime_error("killed");
        };
        RunControl control;
        EXPECT_ERROR(runTraining(input(where, kept), dying, control), "killed");
        runTraining(input(where, kept), second, control);
        for (const char *name : {"train.loss", "validation.loss", "validation.dice", "learning-rate"})
            QVERIFY2(kept.of(name) == expected.kept.of(name), name);
        QCOMPARE(second.metric("train.loss").front().first, std::int64_t(at > 4 ? (at - 1) / 4 * 4 + 1 : 1));
        torch::manual_seed(0);
        auto a = makeModule({{"name", "unet"}, {"weights", 4000}}, {1, 1});
        PredictOptions o;
        o.tile = 64;
        o.device = "cpu";
        const auto one = ImagePredictor(expected.folder, o).predict(blobs(9)), two = ImagePredictor(where, o).predict(blobs(9));
        QVERIFY(one == two);
    }
    void afterADamagedCheckpointTakesTheOneBefore()
    {
        const auto expected = whole(folder());
        const auto where = folder();
        Kept kept;
        Recorder dying, second;
        dying.hook = [](const Event &e) {
            if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == 11)
                throw std::runtime_error("killed");
        };
        RunControl control;
        EXPECT_ERROR(runTraining(input(where, kept), dying, control), "killed");
        fs::resize_file(where / modelfiles::last, fs::file_size(where / modelfiles::last) / 2);
        runTraining(input(where, kept), second, control);
        QCOMPARE(second.metric("train.loss").front().first, std::int64_t(5));
        QCOMPARE(second.count(Event::Kind::Warning), 1);
        QVERIFY(kept.of("train.loss") == expected.kept.of("train.loss"));
    }
};

RETICLE_TEST(TrainingStateTest)
#include "TrainingStateTest.moc"
