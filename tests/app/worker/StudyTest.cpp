#include "Worker.h"

#include "ablation/AblationStudy.h"
#include "project/Project.h"

#include <cmath>
#include <fstream>

using namespace reticle;
using test::text;
using test::worker;

/// Planning a study on the command line.
class StudyTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    QString recipe(const char *name, double rate, int crop) const
    {
        Json json{{"data", {{"name", "images"}, {"images", "cells.tif"}}},
                  {"model", {{"name", "fcn"}}},
                  {"objective", {{"name", "mse"}}},
                  {"train", {{"learning-rate", rate}, {"crop", crop}, {"steps", 3}, {"minutes", 0}}}};
        std::ofstream(m_folder / name) << json.dump();
        return text(m_folder / name);
    }

private Q_SLOTS:
    void twoRecipesBecomeAComparison()
    {
        const auto good = recipe("good.json", 0.001, 32), bad = recipe("bad.json", 0.1, 16);
        const auto output = text(m_folder / "study.json");
        const auto o = worker({"study", good, bad, "--seeds", "1,2", "--budget", "100", "-o", output});
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("8 runs. good and bad differ in 2 settings: ") && o.out.contains("learning-rate") &&
                     o.out.contains("crop") && o.out.contains("Train it with: reticle-worker run"),
                 o.out.constData());
        const auto study = AblationStudy::of(Recipe::load((m_folder / "study.json").string()));
        QCOMPARE(study.runs(), std::size_t(8));
        QCOMPARE(study.goodTitle(), std::string("good"));
        const auto joined = worker({"study", good, bad, "--join", "train.learning-rate,train.crop", "-o", output});
        QVERIFY2(joined.status == 0 && joined.out.contains("6 runs."), joined.err.constData());
    }
    /// From two recipes to the report, with the real training.
    void theStudyIsTrainedAndReported()
    {
        QVERIFY(test::makeTissue(m_folder / "tissue"));
        Json json = Recipe::load(test::source("resources/recipes/autoencoder.json").string()).json();
        json["data"]["images"] = (m_folder / "tissue" / "tissue-volume.tif").string();
        json["data"]["validation-fraction"] = 0.25;
        json["model"]["weights"] = 4000;
        for (const auto &[field, value] :
             {std::pair("steps", 3), {"batch", 2}, {"crop", 32}, {"validate-steps", 3}, {"threads", 1}})
            json["train"][field] = value;
        json["train"]["minutes"] = 0;
        json["device"] = "cpu";
        json["title"] = "quick";
        std::ofstream(m_folder / "quick.json") << json.dump();
        json["train"]["learning-rate"] = 1e-6;
        json["title"] = "slow";
        std::ofstream(m_folder / "slow.json") << json.dump();
        const auto study = text(m_folder / "trained.json"), project = text(m_folder / "S.reticle");
        auto o = worker({"study", text(m_folder / "quick.json"), text(m_folder / "slow.json"), "--seeds", "1,2", "-o", study});
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("4 runs. quick and slow differ in one setting: learning-rate."), o.out.constData());
        o = worker({"run", study, "--project", project});
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("A run for each combination of 2 settings and 2 seeds: 4 runs."), o.out.constData());
        const Project p = Project::open(m_folder / "S.reticle");
        QCOMPARE(p.runsOf(1).size(), std::size_t(4));
        QCOMPARE(p.runsOf(1)[1].title, std::string("Knock out and rescue: quick, slow: bad recipe, seed 1"));
        QCOMPARE(p.results().size(), std::size_t(1));
        QCOMPARE(p.results()[0].name, std::string("knockout-rescue"));
        const Result r = p.result(p.results()[0].id);
        QCOMPARE(r.values["axes"][0]["axis"].get<std::string>(), std::string("learning-rate"));
        // Two seeds have a gap that is the effect of the only difference, whichever way it is asked.
        QVERIFY(std::abs(r.values["axes"][0]["knockout"].get<double>() - r.values["gap"].get<double>()) < 1e-12);
        o = worker({"analyze", "knockout-rescue", "--project", project, "--output", text(m_folder / "out")});
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY(std::filesystem::exists(m_folder / "out" / "result.json"));
        QVERIFY2(o.out.contains("learning-rate: "), o.out.constData());
    }
    void whatIsWrongIsSaidAndNothingIsWritten()
    {
        const auto good = recipe("good.json", 0.001, 32), bad = recipe("bad.json", 0.1, 16);
        const auto output = text(m_folder / "none.json");
        const auto fails = [&](const QStringList &arguments, const char *sentence) {
            const auto o = worker(QStringList{"study"} + arguments);
            return o.status == 2 && o.err.contains(sentence) && !std::filesystem::exists(m_folder / "none.json");
        };
        QVERIFY(fails({good, good, "-o", output}, "The two recipes do not differ."));
        QVERIFY(fails({good, text(m_folder / "gone.json"), "-o", output}, "gone.json"));
        QVERIFY(fails({good, bad, "--seeds", "1,1", "-o", output}, "each seed once"));
        QVERIFY(fails({good, bad, "--join", "train.learnin-rate,train.crop", "-o", output}, "did you mean"));
        QVERIFY(fails({good, bad}, "output"));
        QVERIFY(worker({"study", good, bad, "-o", bad}).status == 2); // no recipe is written over
        QVERIFY(worker({"--help"}).out.contains("study"));
    }
};

RETICLE_TEST(StudyTest)
#include "StudyTest.moc"
