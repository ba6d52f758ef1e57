#include "base/ImageSource.h"
#include "core/analysis/AnalysisFiles.h"
#include "learn/Inference.h"
#include "support/Catalog.h"

#include <cmath>
#include <fstream>

using namespace reticle;
using namespace reticle::test;

class CompareRunsTest : public QObject
{
    Q_OBJECT
    AnalysisFiles m_files;

    /// Two models and two seeds, a few steps each.
    Project trained(const std::string &name, const Json &data, const Json &objective, std::size_t runs = 4)
    {
        const Json recipe = {{"title", "Probe"},
                             {"device", "cpu"},
                             {"data", data},
                             {"objective", objective},
                             {"train", {{"steps", 3}, {"batch", 1}, {"crop", 32}, {"threads", 1}}},
                             {"compare", {{"models", {"fcn", "unet"}}, {"weights", 1000}, {"seeds", {4, 5}}}}};
        const auto whole = Recipe(recipe).validated(catalog());
        auto project = Project::openOrCreate(m_files.path(name));
        const auto comparison = project.createComparison(whole);
        const auto planned = whole.compared();
        for (std::size_t i = 0; i < runs; ++i) {
            const auto run = project.createRun(planned[i], comparison.id);
            Events events;
            RunControl control;
            train(project, run, catalog(), events, control);
        }
        return project;
    }
    static Result compared(Project &project, std::int64_t run, const Json &options)
    {
        Events events;
        RunControl control;
        const auto r = analyze("compare-runs", {&project, run, options}, events, control);
        for (const auto &f : r.figures)
            for (const auto &p : f.problems())
                throw Error(Error::Kind::Failed, f.name, p);
        return r;
    }

private Q_SLOTS:
    void autoencoders()
    {
        auto project = trained("A",
                               {{"name", "images"},
                                {"images", m_files.path("images.tif")},
                                {"split", "first"},
                                {"validation-fraction", 0.5}},
                               {{"name", "mse"}});
        const auto r = compared(project, 2, {{"examples", 2}, {"crop", 40}, {"device", "cpu"}});
        QVERIFY2(r.warnings.empty(), r.warnings.empty() ? "" : r.warnings[0].c_str());
        QCOMPARE(r.tables.size(), std::size_t(3));
        QCOMPARE(r.tables[0].rows(), std::size_t(2));
        QCOMPARE(r.tables[2].rows(), std::size_t(4));
        const double first = project.run(1).summary["best"]["loss"], second = project.run(3).summary["best"]["loss"];
        QVERIFY(std::abs(r.values["fcn"]["mean"].get<double>() - (first + second) / 2) < 1e-12);
        QCOMPARE(cell(r.tables[0], "seed 5", 0), second);
        QVERIFY(std::abs(cell(r.tables[0], "weights", 0) / 1000 - 1) < 0.0101);
        QVERIFY(cell(r.tables[0], "time per step", 1) > 0 && cell(r.tables[0], "peak memory", 1) > 0);
        // The strip: two slices, the original and what two models make of it.
        QCOMPARE(r.figures.size(), std::size_t(2));
        const auto &grid = std::get<ImageGridPanel>(r.figures[1].panels.at(0).content);
        QCOMPARE(grid.columnTitles, (std::vector<std::string>{"original", "fcn", "unet"}));
        QCOMPARE(grid.rowTitles, (std::vector<std::string>{"slice 2", "slice 3"}));
        QCOMPARE(grid.cells.size(), std::size_t(6));
        QCOMPARE(grid.cells[0].image.shape(), (std::vector<std::int64_t>{40, 40}));
        PredictOptions o;
        o.device = "cpu";
        Predictor predictor(project.runFolder(2), o);
        const auto page = openImage(m_files.path("images.tif"))->readPage(2);
        const auto output = predictor.predict(page);
        QCOMPARE(static_cast<double>(grid.cells[0].image.data<float>()[0]),
                 page.value(4 * 64 + 12)); // the middle of 48 x 64
        QCOMPARE(grid.cells[2].image.data<float>()[41], output.data<float>()[5 * 64 + 13]);
        QCOMPARE(*grid.cells[2].black, *grid.cells[0].black);
        // Its tables and figures are written, the CSV among them.
        r.save(m_files.path("out"));
        std::ifstream csv(std::filesystem::path(m_files.path("out")) / "runs.csv");
        std::string head;
        QVERIFY(std::getline(csv, head) && head.rfind("model,seed,run,weights", 0) == 0);
        QCOMPARE(compared(project, 0, {{"examples", 0}}).figures.size(),
                 std::size_t(1)); // the latest comparison
        QCOMPARE(compared(project, 0, {{"runs", {1, 2}}, {"score", "ssim"}, {"examples", 0}}).tables[2].rows(),
                 std::size_t(2));
        EXPECT_ERROR(compared(project, 0, {{"comparison", 3}}), "one of the comparisons 1");
        EXPECT_ERROR(compared(project, 0, {{"runs", {9}}}), "9");
        // What makes images has no regions: the score that was asked for is not quietly another one.
        EXPECT_ERROR(compared(project, 0, {{"score", "v-rand"}, {"examples", 0}}), "a score that the runs have");
        Events events;
        RunControl control;
        EXPECT_ERROR(analyze("compare-runs", {nullptr, 0, Json::object()}, events, control), "a project");
        EXPECT_ERROR(analyze("evaluate", {&project, 1, Json::object()}, events, control),
                     "an autoencoder, which makes images");
    }
    void segmentersHalfDone()
    {
        auto project = trained("B",
                               {{"name", "segmentation"},
                                {"images", m_files.path("images.tif")},
                                {"labels", m_files.path("labels.tif")},
                                {"split", "first"},
                                {"validation-fraction", 0.25}},
                               {{"name", "bce"}}, 3);
        const auto r = compared(project, 1, {{"device", "cpu"}});
        QCOMPARE(r.values["score"].get<std::string>(), std::string("dice"));
        QVERIFY(r.warnings.size() == 2 && r.warnings[0].find("3 of 4 runs are done") != std::string::npos);
        QVERIFY(std::isnan(cell(r.tables[0], "seed 5", 1)) && std::isnan(cell(r.tables[1], "p", 0)));
        const auto &grid = std::get<ImageGridPanel>(r.figures[1].panels.at(0).content);
        QCOMPARE(grid.columnTitles, (std::vector<std::string>{"original", "labels", "fcn", "unet"}));
        QCOMPARE(grid.cells.size(), std::size_t(4)); // one validation slice
        // Region scores are those of the analysis of one run; they can be what is compared, and
        // left out.
        Events events;
        RunControl control;
        const auto one = analyze("evaluate", {&project, 2, {{"device", "cpu"}}}, events, control);
        const auto &all = r.tables[2];
        QCOMPARE(all.rows(), std::size_t(3));
        std::size_t row = 0;
        while (cell(all, "run", row) != 2)
            ++row;
        QCOMPARE(cell(all, "V_Rand", row), one.values["v-rand"].get<double>());
        QCOMPARE(cell(all, "V_Info", row), one.values["v-info"].get<double>());
        const auto byRegions = compared(project, 1, {{"device", "cpu"}, {"examples", 0}, {"score", "v-rand"}});
        QVERIFY(byRegions.tables[0].find("V_Rand"));
        QCOMPARE(byRegions.values["score"].get<std::string>(), std::string("v-rand"));
        const auto without = compared(project, 1, {{"device", "cpu"}, {"examples", 0}, {"regions", false}});
        QVERIFY(!without.tables[2].find("V_Rand"));
        EXPECT_ERROR(compared(project, 1, {{"device", "cpu"}, {"score", "psnr"}}), "a score that the runs have");
    }
    void canBeStoppedPausedAndCancelled()
    {
        auto project = trained("C",
                               {{"name", "segmentation"},
                                {"images", m_files.path("images.tif")},
                                {"labels", m_files.path("labels.tif")},
                                {"split", "first"},
                                {"validation-fraction", 0.5}},
                               {{"name", "bce"}});
        const auto ended = [&](RunControl::End how) {
            RunControl control;
            Events events;
            double most = 0;
            events.also = [&](const Event &e) {
                if (e.kind != Event::Kind::Progress)
                    return;
                QVERIFY(e.value >= most && e.value <= 1 && e.name == "compare-runs"); // over all runs
                most = e.value;
                if (most > 0.3) // of the second of four
                    control.end(how);
            };
            return analyze("compare-runs", {&project, 1, {{"device", "cpu"}}}, events, control);
        };
        const Result r = ended(RunControl::End::Stop);
        QCOMPARE(r.tables[2].rows(), std::size_t(4)); // what the runs have is kept
        QCOMPARE(r.figures.size(), std::size_t(1));
        QVERIFY2(r.warnings.size() == 1 && r.warnings[0].find("region scores of 1 of 4 runs") != std::string::npos,
                 r.warnings.empty() ? "" : r.warnings[0].c_str());
        EXPECT_ERROR(ended(RunControl::End::Cancel), "cancelled");
        // Pausing is told, so that a window knows how to go on.
        RunControl control;
        Events events;
        int paused = 0, resumed = 0;
        events.also = [&](const Event &e) {
            if (e.kind == Event::Kind::Progress && paused == 0 && e.value > 0)
                control.pause();
            paused += e.kind == Event::Kind::Paused;
            resumed += e.kind == Event::Kind::Resumed;
            if (e.kind == Event::Kind::Paused)
                control.resume();
        };
        QCOMPARE(analyze("compare-runs", {&project, 1, {{"device", "cpu"}}}, events, control).figures.size(),
                 std::size_t(2));
        QVERIFY(paused >= 1 && resumed == paused);
    }
    void aRunThatCannotBeScoredIsTold()
    {
        auto project = trained("D",
                               {{"name", "segmentation"},
                                {"images", m_files.path("images.tif")},
                                {"labels", m_files.path("labels.tif")},
                                {"split", "first"},
                                {"validation-fraction", 0.25}},
                               {{"name", "bce"}});
        std::filesystem::remove(project.runFolder(2) / "model.pt");
        const auto r = compared(project, 1, {{"device", "cpu"}, {"examples", 0}});
        QVERIFY2(r.warnings.size() == 1 && r.warnings[0].find("No region scores of run 2: ") == 0,
                 r.warnings.empty() ? "" : r.warnings[0].c_str());
        for (const int run : {1, 3, 4})
            std::filesystem::remove(project.runFolder(run) / "model.pt");
        EXPECT_ERROR(compared(project, 1, {{"device", "cpu"}, {"examples", 0}, {"score", "v-rand"}}),
                     "no run could be scored");
    }
};

RETICLE_TEST(CompareRunsTest)
#include "CompareRunsTest.moc"
