#include "learn/memory/TrainingMemory_p.h"

#include "foundation/Error.h"
#include "foundation/FreeMemory.h"
#include "learn/TorchCompat_p.h"
#include "support/Test.h"

#include <QRegularExpression>

using namespace reticle;

namespace {

constexpr std::int64_t trainingMemoryMib = std::int64_t(1) << 20;

std::shared_ptr<ImageModule> unet(bool batch = false)
{
    torch::manual_seed(1);
    return makeModule({{"name", "unet"}, {"weights", 20000}, {"normalization", batch ? "batch" : "none"}}, {1, 1});
}

TrainingPlan plan(std::int64_t batch = 8, std::int64_t crop = 256)
{
    TrainingPlan p;
    p.crops = {batch, 1, crop, crop};
    p.slice = 512 * 512;
    return p;
}

} // namespace

class TrainingMemoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void growsWithWhatIsAsked()
    {
        const auto module = unet();
        const auto of = [&](const TrainingPlan &p) { return trainingMemory(*module, p); };
        const auto one = of(plan(1)), eight = of(plan(8)), large = of(plan(1, 512));
        QVERIFY(eight.step > 4 * one.step && large.step > 5 * one.step / 2);
        QCOMPARE(eight.crops, 8 * one.crops);
        QCOMPARE(one.crops, std::int64_t(6 * 5 * 256 * 256));
        auto p = plan();
        p.validates = false;
        QCOMPARE(of(p).validation, std::int64_t(0));
        p = plan();
        p.slice = 1024 * 1024;
        QVERIFY(of(p).validation > 2 * of(plan()).validation);
        p.tile = 256;
        QVERIFY(of(p).validation < of(plan()).validation * 2);
        p = plan();
        p.data = 300 * trainingMemoryMib;
        QCOMPARE(of(p).total(), of(plan()).total() + 300 * trainingMemoryMib);
        p = plan();
        p.crops.channels = 1;
        p.border = true;
        QVERIFY(of(p).crops > eight.crops);
        p = plan(1);
        p.proves = p.settings.half = true;
        QVERIFY(of(p).step >= one.step); // its one crop goes through in float32 too
    }
    void leavesTheModuleAsItWas()
    {
        const auto module = unet(true);
        const auto random = generatorState();
        const auto before = module->buffers().front().clone();
        trainingMemory(*module, plan());
        std::string note;
        planWithin(*module, plan(), std::int64_t(1) << 40, note);
        QVERIFY(torch::equal(before, module->buffers().front()) && torch::equal(random, generatorState()));
        QVERIFY(note.empty() && module->is_training());
    }
    void takesThePlanWhereItFits()
    {
        const auto module = unet();
        const auto asked = trainingMemory(*module, plan()).total();
        std::string note;
        for (const auto free : {asked, 2 * asked, std::int64_t(1) << 62}) {
            const auto p = planWithin(*module, plan(), free, note);
            QCOMPARE(p.ahead, std::int64_t(4));
            QCOMPARE(p.tile, std::int64_t(0));
        }
        QVERIFY(note.empty());
    }
    void makesFewerBatchesAheadAndSmallerTilesWhereMemoryIsShort()
    {
        const auto module = unet();
        auto p = plan(1, 64);
        p.slice = 1200 * 1200;
        const auto asked = trainingMemory(*module, p).total();
        std::string note;
        const auto smaller = planWithin(*module, p, asked - asked / 4, note);
        QCOMPARE(smaller.ahead, std::int64_t(1));
        QVERIFY(smaller.tile >= 64 && smaller.tile <= 512);
        QVERIFY2(note.find("validation predicts tiles of") != std::string::npos, note.c_str());
        QVERIFY(trainingMemory(*module, smaller).total() <= asked - asked / 5);
        QCOMPARE(smaller.crops.batch, p.crops.batch);
    }
    /// The sentence names what is needed, what there is, and sizes that indeed fit.
    void offersWhatFits()
    {
        const auto module = unet();
        const auto four = trainingMemory(*module, plan(4)).total();
        std::string note;
        try {
            planWithin(*module, plan(64), four, note);
            QFAIL("64 crops do not fit where 4 do");
        } catch (const Error &e) {
            const QString text = e.what();
            QVERIFY2(text.contains("This training needs about") && text.contains(QString::fromStdString(memoryText(four))),
                     e.what());
            const auto batch = QRegularExpression("train.batch to (\\d+)").match(text).captured(1).toInt();
            QVERIFY2(batch >= 3 && batch <= 6, e.what());
            QVERIFY2(text.contains("train.crop to "), e.what());
            QVERIFY(e.kind() == Error::Kind::Failed);
            planWithin(*module, plan(batch), four, note);
        }
    }
    /// Whoever does what the refusal says is not refused again, also where halves of batches and other crops need more than in
    /// proportion.
    void whatIsOfferedIsTaken()
    {
        const auto module = unet();
        int offered = 0;
        for (const bool proves : {false, true}) {
            auto p = plan();
            p.proves = p.settings.half = proves;
            p.slice = 256 * 256;
            const auto asked = trainingMemory(*module, p).total();
            for (const double part : {0.5, 0.6, 0.7, 0.8, 0.9}) {
                const auto free = static_cast<std::int64_t>(part * static_cast<double>(asked));
                std::string note, text;
                try {
                    planWithin(*module, p, free, note);
                } catch (const Error &e) {
                    text = e.what();
                }
                const auto chosen = [&](const char *pattern) {
                    const auto match = QRegularExpression(pattern).match(QString::fromStdString(text));
                    return match.hasMatch() ? match.captured(1).toInt() : 0;
                };
                std::vector<PassShape> offers;
                if (const int batch = chosen("train\\.batch to (\\d+) \\("))
                    offers.push_back({batch, 1, 256, 256});
                const int both = chosen("train\\.batch to 1 and train\\.crop to (\\d+)");
                if (const int crop = chosen("train\\.crop to (\\d+)"))
                    offers.push_back({both ? 1 : p.crops.batch, 1, crop, crop});
                for (const auto &crops : offers) {
                    auto other = p;
                    other.crops = crops;
                    try {
                        planWithin(*module, other, free, note);
                    } catch (const Error &e) {
                        QFAIL(qPrintable(QString::fromStdString(text) + " | " + e.what()));
                    }
                    ++offered;
                }
            }
        }
        QVERIFY2(offered >= 4, qPrintable(QString::number(offered)));
    }
    void refusesWhereNothingFits()
    {
        const auto module = unet();
        std::string note;
        EXPECT_ERROR(planWithin(*module, plan(), 10 * trainingMemoryMib, note),
                     "No smaller batch or crop fits: one crop of 32 px needs about");
        EXPECT_ERROR(planWithin(*module, plan(), 10 * trainingMemoryMib, note), ". Choose a model with fewer weights");
        EXPECT_ERROR(planWithin(*module, plan(), 10 * trainingMemoryMib, note), "raise the memory limit.");
        // Of the smallest nothing is smaller.
        try {
            planWithin(*module, plan(1, 32), 10 * trainingMemoryMib, note);
            QFAIL("nothing fits into 10 MiB");
        } catch (const Error &e) {
            const QString text = e.what();
            QVERIFY2(text.contains(" are free. Choose a model with fewer weights") && !text.contains("No smaller"), e.what());
        }
    }
};

RETICLE_TEST(TrainingMemoryTest)
#include "TrainingMemoryTest.moc"
