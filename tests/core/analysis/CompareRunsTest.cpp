#include "core/analysis/AnalysisFiles.h"
#include "files/ImageSource.h"
#include "learn/prediction/ImagePredictor.h"
#include "project/ModelFiles.h"
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
                             {"train", {{"steps", 3}, {"batch", 1}, {"crop", 32}, {"threads", 1}, {"precision", "float32"}}},
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
    /// Slice 1 for validation, slice 3 for a test.
    Json imagesWithTest() const
    {
        return {{"name", "images"},
                {"images", m_files.path("images.tif")},
                {"split", "slices"},
                {"validation-slices", {1}},
                {"test-slices", {3}}};
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
        auto project = trained(
            "A", {{"name", "images"}, {"images", m_files.path("images.tif")}, {"split", "first"}, {"validation-fraction", 0.5}},
            {{"name", "mse"}});
        const auto r = compared(project, 2, {{"examples", 2}, {"crop", 40}, {"device", "cpu"}});
        // All is well but that the slices which chose the weights are those of the scores.
        QVERIFY(r.warnings.size() == 1 && r.warnings[0].find("also chose which weights") != std::string::npos);
        QCOMPARE(r.values["part"].get<std::string>(), std::string("validation"));
        QCOMPARE(r.tables.size(), std::size_t(4));
        QCOMPARE(r.tables[3].rows(), std::size_t(4 + 2 + 2 + 1)); // runs, means, spreads, a test
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
        ImagePredictor predictor(project.runFolder(2), o);
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
        std::ifstream whole(std::filesystem::path(m_files.path("out")) / "comparison.csv");
        QVERIFY(std::getline(whole, head) && head.rfind("row,model,seed,run,state,steps,weights", 0) == 0);
        QVERIFY(std::filesystem::exists(std::filesystem::path(m_files.path("out")) / "comparison.figure.json"));
        QCOMPARE(compared(project, 0, {{"examples", 0}}).figures.size(),
                 std::size_t(1)); // the latest comparison
        QCOMPARE(compared(project, 0, {{"runs", {1, 2}}, {"score", "ssim"}, {"examples", 0}}).tables[2].rows(), std::size_t(2));
        EXPECT_ERROR(compared(project, 0, {{"comparison", 3}}), "one of the comparisons 1");
        EXPECT_ERROR(compared(project, 0, {{"runs", {9}}}), "9");
        // What makes images has no regions: the score that was asked for is not quietly another one.
        EXPECT_ERROR(compared(project, 0, {{"score", "v-rand"}, {"examples", 0}}), "a score that the runs have");
        Events events;
        RunControl control;
        EXPECT_ERROR(analyze("compare-runs", {nullptr, 0, Json::object()}, events, control), "a project");
        EXPECT_ERROR(analyze("evaluate", {&project, 1, Json::object()}, events, control), "an autoencoder, which makes images");
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
        QVERIFY(r.warnings.size() == 3 && r.warnings[0].find("3 of 4 runs are done") != std::string::npos);
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
            double maximum = 0;
            events.also = [&](const Event &e) {
                if (e.kind != Event::Kind::Progress)
                    return;
                QVERIFY(e.value >= maximum && e.value <= 1 && e.name == "compare-runs"); // over all runs
                maximum = e.value;
                if (maximum > 0.3) // of the second of four
                    control.end(how);
            };
            return analyze("compare-runs", {&project, 1, {{"device", "cpu"}}}, events, control);
        };
        const Result r = ended(RunControl::End::Stop);
        QCOMPARE(r.tables[2].rows(), std::size_t(4)); // what the runs have is kept
        QCOMPARE(r.figures.size(), std::size_t(1));
        QVERIFY2(r.warnings.size() == 2 && r.warnings[0].find("region scores of 1 of 4 runs") != std::string::npos,
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
        QCOMPARE(analyze("compare-runs", {&project, 1, {{"device", "cpu"}}}, events, control).figures.size(), std::size_t(2));
        QVERIFY(paused >= 1 && resumed == paused);
    }
    void scoresAreOfTheTestSlicesWhereTheRecipeKeepsSome()
    {
        auto project = trained("E", imagesWithTest(), {{"name", "mse"}});
        const auto r = compared(project, 1, {{"device", "cpu"}, {"examples", 1}, {"crop", 32}});
        QCOMPARE(r.values["part"].get<std::string>(), std::string("test"));
        QVERIFY2(r.warnings.empty(), r.warnings.empty() ? "" : r.warnings[0].c_str());
        QVERIFY(r.figures[0].caption.find("on the test slices") != std::string::npos);
        const auto &grid = std::get<ImageGridPanel>(r.figures.at(1).panels.at(0).content);
        QCOMPARE(grid.rowTitles, (std::vector<std::string>{"slice 3"}));
        // Slice 3 is slice 1 once more: scored anew, it must give what training found.
        for (std::size_t i = 0; i < 4; ++i) {
            const auto run = static_cast<std::int64_t>(cell(r.tables[2], "run", i));
            const Json best = project.run(run).summary["best"];
            QCOMPARE(cell(r.tables[2], "test loss", i), best["loss"].get<double>());
            QCOMPARE(cell(r.tables[2], "SSIM", i), best["ssim"].get<double>());
            QCOMPARE(cell(r.tables[2], "PSNR", i), best["psnr"].get<double>());
        }
        const auto validation = compared(project, 1, {{"device", "cpu"}, {"examples", 0}, {"part", "validation"}});
        QCOMPARE(cell(validation.tables[2], "validation loss", 0), project.run(1).summary["best"]["loss"].get<double>());
        // Segmenters: Dice, IoU and regions, all of the test slice.
        auto other = trained("F",
                             {{"name", "segmentation"},
                              {"images", m_files.path("images.tif")},
                              {"labels", m_files.path("labels.tif")},
                              {"split", "slices"},
                              {"validation-slices", {1}},
                              {"test-slices", {2}}},
                             {{"name", "bce"}}, 2);
        const auto s = compared(other, 1, {{"device", "cpu"}, {"examples", 0}, {"score", "iou"}});
        Events events;
        RunControl control;
        const auto one = analyze("evaluate", {&other, 1, {{"device", "cpu"}, {"part", "test"}}}, events, control);
        QCOMPARE(cell(s.tables[2], "V_Rand", 0), one.values["v-rand"].get<double>());
        QVERIFY(cell(s.tables[2], "IoU", 0) >= 0 && s.tables[0].find("IoU"));
        // Slice 2 has larger discs than slice 1.
        QVERIFY(cell(s.tables[2], "test loss", 0) != other.run(1).summary["best"]["loss"].get<double>());
        // One that is not done, or cannot be scored, does not stand there with what the validation slices gave.
        auto half = other.run(2);
        half.status = RunStatus::Stopped;
        other.updateRun(half);
        const auto alone = compared(other, 1, {{"device", "cpu"}, {"examples", 0}, {"regions", false}});
        QCOMPARE(alone.tables[2].rows(), std::size_t(2));
        QVERIFY(std::isnan(cell(alone.tables[2], "test loss", 1)));
        auto none = trained("G", {{"name", "images"}, {"images", m_files.path("images.tif")}}, {{"name", "mse"}}, 1);
        EXPECT_ERROR(compared(none, 1, {{"part", "test"}, {"examples", 0}}), "data.test-fraction");
    }
    /// Color, 16 bit, odd sizes, images without contrast, several classes and pictures of several sizes.
    void whateverTheImagesAre()
    {
        const auto pages = [](DType type, std::vector<std::int64_t> shape, auto &&value) {
            std::vector<Array> all;
            for (int z = 0; z < 4; ++z) {
                Array a(type, shape);
                for (std::int64_t i = 0; i < a.size(); ++i)
                    Array::visit(type, [&](auto t) { a.data<decltype(t)>()[i] = static_cast<decltype(t)>(value(i, z)); });
                all.push_back(a);
            }
            return all;
        };
        const auto strip = [](const Result &r) { return std::get<ImageGridPanel>(r.figures.at(1).panels.at(0).content); };
        const Json options{{"device", "cpu"}, {"examples", 1}};
        const auto autoencoders = [&](const std::string &name, const std::vector<Array> &stack) {
            auto project = trained(name + "-runs",
                                   {{"name", "images"},
                                    {"images", m_files.write(name + ".tif", stack)},
                                    {"split", "first"},
                                    {"validation-fraction", 0.25}},
                                   {{"name", "mse"}}, 2);
            return compared(project, 1, options);
        };
        // Color, of odd sizes: the original's own colors, stretched.
        auto r = autoencoders("rgb", pages(DType::UInt8, {33, 41, 3}, [](std::int64_t i, int) { return i % 3 * 100 + 20; }));
        QCOMPARE(strip(r).cells.size(), std::size_t(3));
        QCOMPARE(strip(r).cells[0].image.shape(), (std::vector<std::int64_t>{33, 33, 3})); // square, of the lesser side
        const auto *color = strip(r).cells[0].image.data<std::uint8_t>();
        QVERIFY(color[0] == 0 && color[1] == 128 && color[2] == 255);
        QCOMPARE(strip(r).cells[2].image.shape(), (std::vector<std::int64_t>{33, 33, 3}));
        // 12 bits in 16: PSNR and SSIM by what the values span, 0 to 4095 of the training slices.
        r = autoencoders("deep", pages(DType::UInt16, {48, 40}, [](std::int64_t i, int z) {
                             return i == 0 ? 0 : i == 1 ? 4095 : (i * 37 + z) % 4000;
                         }));
        const double mse = cell(r.tables[2], "mean squared error", 0), span = 4095.0 / 65535;
        QVERIFY(std::abs(cell(r.tables[2], "PSNR", 0) - 10 * std::log10(span * span / mse)) < 1e-6);
        QVERIFY(std::abs(cell(r.tables[2], "RMSE", 0) - std::sqrt(mse)) < 1e-12);
        QCOMPARE(*strip(r).cells[0].white, *strip(r).cells[1].white); // one gray scale
        // Without contrast.
        r = autoencoders("flat", pages(DType::UInt8, {40, 40}, [](std::int64_t, int) { return 77; }));
        QVERIFY(cell(r.tables[2], "mean squared error", 0) >= 0 && *strip(r).cells[0].white > *strip(r).cells[0].black);
        // Three classes, of odd sizes.
        const auto images =
            m_files.write("classes.tif", pages(DType::UInt8, {45, 51}, [](std::int64_t i, int) { return 40 + i / 17 % 3 * 80; }));
        const auto labels =
            m_files.write("classes-labels.tif", pages(DType::UInt8, {45, 51}, [](std::int64_t i, int) { return i / 17 % 3; }));
        auto project = trained(
            "classes-runs",
            {{"name", "segmentation"}, {"images", images}, {"labels", labels}, {"split", "first"}, {"validation-fraction", 0.25}},
            {{"name", "cross-entropy"}}, 2);
        r = compared(project, 1, options);
        QCOMPARE(strip(r).columnTitles, (std::vector<std::string>{"original", "labels", "fcn", "unet"}));
        QCOMPARE(*strip(r).cells[3].white, 2.0); // class numbers on the scale of the labels
        QVERIFY(cell(r.tables[2], "IoU", 0) >= 0);
        // Pictures of several sizes in a folder.
        std::filesystem::create_directories(m_files.path("sizes"));
        for (int z = 0; z < 4; ++z) {
            Array a(DType::UInt8, {34 + 2 * z, 50 - 3 * z});
            for (std::int64_t i = 0; i < a.size(); ++i)
                a.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * 7);
            writeNpy(std::filesystem::path(m_files.path("sizes")) / (std::to_string(z) + ".npy"), a);
        }
        auto sizes =
            trained("sizes-runs",
                    {{"name", "images"}, {"images", m_files.path("sizes")}, {"split", "first"}, {"validation-fraction", 0.5}},
                    {{"name", "mse"}}, 2);
        r = compared(sizes, 1, {{"device", "cpu"}, {"examples", 2}});
        QCOMPARE(strip(r).cells.size(), std::size_t(6));
        QCOMPARE(strip(r).cells[5].image.shape(), (std::vector<std::int64_t>{38, 38})); // of 38 x 44 and 40 x 41
    }
    /// Of alike runs the latest counts, however they are named; where it cannot be scored none takes its place with a score of
    /// other slices.
    void theLatestOfAlikeRunsIsScored()
    {
        auto project = trained("H", imagesWithTest(), {{"name", "mse"}}, 2);
        auto again = project.createRun(Recipe(project.run(1).recipe));
        Events events;
        RunControl control;
        train(project, again, catalog(), events, control);
        const Json options{{"runs", {3, 2, 1, 2}}, {"device", "cpu"}, {"examples", 0}};
        const auto r = compared(project, 0, options);
        QCOMPARE(r.tables[2].rows(), std::size_t(2)); // each once
        for (std::size_t i = 0; i < 2; ++i)
            QVERIFY(cell(r.tables[2], "run", i) != 1 && !std::isnan(cell(r.tables[2], "test loss", i)));
        QVERIFY(std::ranges::any_of(r.warnings, [](const auto &w) { return w.find("left out: 1.") != std::string::npos; }));
        std::filesystem::remove(project.runFolder(3) / modelfiles::model);
        const auto lost = compared(project, 0, options);
        QVERIFY(!lost.values.contains("fcn") || lost.values["fcn"]["mean"].is_null());
        QVERIFY(std::ranges::any_of(lost.warnings, [](const auto &w) { return w.find("No test scores of run 3") == 0; }));
    }
    /// Slices for a test that the recipe does not use are none.
    void testSlicesThatAreNotUsed()
    {
        auto project = trained("I",
                               {{"name", "images"},
                                {"images", m_files.path("images.tif")},
                                {"split", "slices"},
                                {"only-slices", {0, 1, 2}},
                                {"validation-slices", {1}},
                                {"test-slices", {3}}},
                               {{"name", "mse"}}, 1);
        QCOMPARE(compared(project, 1, {{"device", "cpu"}, {"examples", 0}}).values["part"].get<std::string>(),
                 std::string("validation"));
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
        std::filesystem::remove(project.runFolder(2) / modelfiles::model);
        const auto r = compared(project, 1, {{"device", "cpu"}, {"examples", 0}});
        QVERIFY2(r.warnings.size() == 2 && r.warnings[0].find("No region scores of run 2: ") == 0,
                 r.warnings.empty() ? "" : r.warnings[0].c_str());
        for (const int run : {1, 3, 4})
            std::filesystem::remove(project.runFolder(run) / modelfiles::model);
        EXPECT_ERROR(compared(project, 1, {{"device", "cpu"}, {"examples", 0}, {"score", "v-rand"}}), "no run could be scored");
    }
};

RETICLE_TEST(CompareRunsTest)
#include "CompareRunsTest.moc"
