#include "learn/prediction/Scoring.h"

#include "core/analysis/AnalysisFiles.h"
#include "learn/training/Training.h"
#include "support/Catalog.h"

#include <cmath>
#include <new>
#include <stdexcept>

using namespace reticle;
using namespace reticle::test;

class ScoringTest : public QObject
{
    Q_OBJECT
    AnalysisFiles m_files;

    Project trained(const std::string &name, const Json &data, const Json &objective)
    {
        const Json recipe = {{"device", "cpu"},
                             {"data", data},
                             {"objective", objective},
                             {"model", {{"name", "fcn"}, {"weights", 1000}}},
                             {"train", {{"steps", 3}, {"batch", 1}, {"crop", 32}, {"threads", 1}, {"precision", "float32"}}}};
        auto project = Project::openOrCreate(m_files.path(name));
        Events events;
        RunControl control;
        train(project, project.createRun(Recipe(recipe).validated(catalog())), catalog(), events, control);
        return project;
    }
    Project segmenter(const std::string &name)
    {
        return trained(name,
                       {{"name", "segmentation"},
                        {"images", m_files.path("images.tif")},
                        {"labels", m_files.path("labels.tif")},
                        {"split", "slices"},
                        {"validation-slices", {1}}},
                       {{"name", "bce"}});
    }
    static bool always() { return true; }

private Q_SLOTS:
    /// Slice 3 is slice 1 once more: scored anew, it must give what training found.
    void isTheTrainingsOwnScore()
    {
        const auto project = trained("A",
                                     {{"name", "images"},
                                      {"images", m_files.path("images.tif")},
                                      {"split", "slices"},
                                      {"validation-slices", {1}},
                                      {"test-slices", {3}}},
                                     {{"name", "mse"}});
        const auto run = project.run(1);
        for (const char *part : {"validation", "test"}) {
            const auto scores = scoreModel(project, run, part, "cpu", always);
            for (const char *name : {"loss", "mse", "ssim", "psnr"})
                QCOMPARE(scores[name].get<double>(), run.summary["best"][name].get<double>());
        }
    }
    void aPartWithoutSlicesAndCancellingAreErrors()
    {
        const auto project = segmenter("B");
        const auto run = project.run(1);
        QVERIFY(scoreModel(project, run, "validation", "cpu", always)["dice"] == run.summary["best"]["dice"]);
        EXPECT_ERROR(scoreModel(project, run, "test", "cpu", always), "test slices");
        EXPECT_ERROR(scoreModel(project, run, "validation", "cpu", [] { return false; }), "cancelled");
    }
    /// One run that cannot be scored shall not end a comparison, which looks for Errors.
    void whatGoesWrongIsAnError()
    {
        const auto project = segmenter("C");
        const auto run = project.run(1);
        EXPECT_ERROR(scoreModel(project, run, "validation", "cpu", []() -> bool { throw std::bad_alloc(); }),
                     "run 1: out of memory");
        EXPECT_ERROR(scoreModel(project, run, "validation", "cpu", []() -> bool { throw std::runtime_error("no such kernel"); }),
                     "run 1: no such kernel");
        // Trained on a machine with bfloat16, it can be scored on one without.
        auto half = run;
        half.recipe["train"]["precision"] = "bfloat16";
        const double dice = scoreModel(project, half, "validation", "cpu", always)["dice"].get<double>();
        QVERIFY(std::abs(dice - run.summary["best"]["dice"].get<double>()) < 0.1);
    }
};

RETICLE_TEST(ScoringTest)
#include "ScoringTest.moc"
