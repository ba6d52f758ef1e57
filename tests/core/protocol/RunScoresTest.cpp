#include "protocol/RunScores.h"

#include "support/Test.h"

using namespace reticle;

class RunScoresTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aRunDescribesItsScores()
    {
        const RunScores made(
            "latent", "kl",
            {{"kl", "Kullback-Leibler divergence", "nats", true, false}, {"mig", "mutual information gap", "", false, true}});
        const auto r = RunScores::of(Json::parse(made.toJson().dump()));
        QCOMPARE(r.task(), std::string("latent"));
        QVERIFY(r.selection() == std::vector<std::string>({"kl", "loss"}));
        const auto kl = r.info("kl");
        QCOMPARE(kl.title, std::string("Kullback-Leibler divergence"));
        QCOMPARE(kl.unit, std::string("nats"));
        QVERIFY(kl.lowerIsBetter && !kl.isFraction); // its name says neither
        QVERIFY(!r.info("mig").lowerIsBetter && r.info("mig").isFraction);
    }
    void scoresOfRunsOfBeforeAreKnown()
    {
        const RunScores r = RunScores::of({{"steps", 20}, {"target", "labels"}});
        QVERIFY(r.task().empty());
        QVERIFY(r.selection() == std::vector<std::string>({"dice", "loss"}));
        QVERIFY(r.info("loss").lowerIsBetter && !r.info("loss").isFraction);
        QVERIFY(!r.info("dice").lowerIsBetter && r.info("dice").isFraction);
        QVERIFY(r.info("pixel-error").lowerIsBetter && r.info("pixel-error").isFraction);
        QCOMPARE(r.info("psnr").unit, std::string("dB"));
        QVERIFY(!r.info("mse").isFraction && !r.info("psnr").isFraction && r.info("ssim").isFraction);
        QCOMPARE(r.info("something").title, std::string("something"));
        QVERIFY(RunScores::of({{"target", "image"}}).selection() == std::vector<std::string>{"loss"});
    }
    void anotherFormIsPassedOver()
    {
        for (const Json &odd : {Json(), Json(3), Json{{"scores", 3}}, Json{{"scores", {1, "x"}}},
                                Json{{"scores", {{{"title", "no name"}}}}}, Json{{"task", 3}, {"score", 4}}}) {
            const auto r = RunScores::of(odd);
            QVERIFY(r.task().empty() && r.selection().front() == "dice");
        }
        QCOMPARE(RunScores::of({{"scores", {{{"name", "kl"}}}}}).info("kl").title, std::string("kl"));
    }
};

RETICLE_TEST(RunScoresTest)
#include "RunScoresTest.moc"
