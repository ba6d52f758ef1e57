#include "analysis/segmentation/PredictionCost.h"

#include "core/analysis/SkipNet.h"
#include "foundation/FreeMemory.h"
#include "learn/Models.h"

using namespace reticle;
using namespace reticle::test;

class PredictionCostTest : public QObject
{
    Q_OBJECT
private:
    static Result measured(const Json &more)
    {
        Json o = {{"device", "cpu"}, {"precision", "float32"}, {"repeats", 3}, {"height", 64}, {"width", 96}};
        o.update(more);
        return analyzed("prediction-cost", o);
    }

private Q_SLOTS:
    /// The worked example of the literature: an image of 512 x 512 px, patches of 32.
    void countsPatches()
    {
        QCOMPARE(patchCount(512, 512, 32, 1, true) * 32 * 32, std::int64_t(268435456));
        QCOMPARE(patchCount(512, 512, 32, 1, false) * 32 * 32, std::int64_t(236913664));
        QCOMPARE(patchCount(512, 512, 32, 4, true), std::int64_t(128 * 128));
        QCOMPARE(patchCount(10, 9, 4, 3, false), std::int64_t(3 * 2)); // rows from 0, 3, 6; columns from 0, 3
        QCOMPARE(patchCount(10, 9, 4, 3, true), std::int64_t(4 * 3));
        QCOMPARE(patchCount(16, 64, 32, 1, false), std::int64_t(0));
        QCOMPARE(patchCount(1, 1, 8, 1, true), std::int64_t(1));
        CostMeasurement m;
        m.rows = m.columns = 512;
        m.macs = m.seconds = 1;
        for (const bool padded : {true, false}) {
            PatchCost p;
            p.patch = 32;
            p.patches = patchCount(512, 512, 32, 1, padded);
            m.patches.push_back(p);
        }
        const auto table = costTable(m);
        const auto column = static_cast<std::size_t>(table.find("pixels, times") - table.columns.data());
        QCOMPARE(table.number(1, column), 1024.0);
        QCOMPARE(table.text(2, column), std::string("903.754"));
    }
    void ratiosFollowTheFormula()
    {
        const Json model = {{"name", "fcn"}};
        const Result r = measured({{"model", "fcn"}, {"patches", {16, 8, 8}}});
        QCOMPARE(r.values["patches"].size(), std::size_t(2)); // sorted, each once
        QCOMPARE(r.values["macs"].get<std::int64_t>(), describeModel(model, 1, 1, 64, 96).macs);
        for (const auto &p : r.values["patches"]) {
            const auto side = p["side"].get<std::int64_t>();
            QCOMPARE(p["patches"].get<std::int64_t>(), std::int64_t(64 * 96));
            QCOMPARE(p["pixel-ratio"].get<double>(), double(side * side));
            // Sides that are multiples of 8 cost the network the same for each pixel.
            QCOMPARE(p["mac-ratio"].get<double>(), double(side * side));
            QVERIFY(p["seconds"].get<double>() > 0);
            QCOMPARE(p["time-ratio"].get<double>(), p["seconds"].get<double>() / r.values["seconds"].get<double>());
        }
        QVERIFY(!r.values["extrapolated"].get<bool>());
        QVERIFY(r.warnings.at(0).find("extrapolated") != std::string::npos);
        const auto &t = r.tables.at(0);
        QCOMPARE(t.rows(), std::size_t(3));
        QCOMPARE(cell(t, "MACs each", 1), double(describeModel(model, 1, 1, 8, 8).macs));
        QVERIFY(std::abs(cell(t, "time, extrapolated for patches", 1) - cell(t, "time each, measured", 1) / 1000 * 64 * 96) <
                1e-9);
        QCOMPARE(cell(t, "memory of all, per channel", 2), 64 * 96 * 256 * 4 / 1048576.0);
        QCOMPARE(cell(t, "repeats", 0), 3.0);
    }
    /// A patch that is no multiple is padded by the network, which the multiplications show.
    void paddingOfAPatchCounts()
    {
        const Result r = measured({{"model", "fcn"}, {"patches", {9}}});
        QCOMPARE(r.values["patches"][0]["mac-ratio"].get<double>(), 256.0);
        QCOMPARE(r.values["patches"][0]["pixel-ratio"].get<double>(), 81.0);
    }
    void largeImagesAreMeasuredInPart()
    {
        const Result r = measured({{"model", "fcn"}, {"patches", {8}}, {"crop", 32}});
        QVERIFY(r.values["extrapolated"].get<bool>());
        QCOMPARE(r.values["macs"].get<std::int64_t>(), 6 * describeModel({{"name", "fcn"}}, 1, 1, 32, 32).macs);
        QVERIFY(r.warnings.back().find("32 x 32") != std::string::npos);
        QVERIFY(r.figures[0].caption.find("32 x 32") != std::string::npos);
    }
    /// A classifier of its own sees the patches: 16 x 16 px, 8 px after the first pooling, 4 px after the second.
    void aSmallClassifierMaySeeThePatches()
    {
        const Result r = measured({{"model", "fcn"}, {"classifier", "small"}, {"patches", {16}}, {"outputs", 3}});
        const double each = 9 * 1 * 16 * 256 + 9 * 16 * 32 * 64 + 16 * 32 * 100 + 100 * 3;
        QCOMPARE(cell(r.tables.at(0), "MACs each", 1), each);
        const auto whole = static_cast<double>(describeModel({{"name", "fcn"}}, 1, 3, 64, 96).macs);
        QCOMPARE(r.values["patches"][0]["mac-ratio"].get<double>(), 64 * 96 * each / whole);
        QVERIFY(r.values["patches"][0]["seconds"].get<double>() > 0);
        QVERIFY(r.summary.find("with a small classifier, 16 x 16 px") != std::string::npos);
        QVERIFY(r.figures[0].caption.find("in one piece with fcn") != std::string::npos);
    }
    void anotherNetworkMaySeeThePatches()
    {
        const Result r = measured({{"model", "fcn"}, {"classifier", "four-layer"}, {"patches", {16}}});
        QCOMPARE(cell(r.tables.at(0), "MACs each", 1), double(describeModel({{"name", "four-layer"}}, 1, 1, 16, 16).macs));
        EXPECT_ERROR(measured({{"model", "fcn"}, {"classifier", "smal"}, {"patches", {16}}}), "smal");
    }
    void theNetworkTakesSettings()
    {
        const Result r = measured({{"model", "fc-densenet"}, {"settings", "variant=56; dropout=0"}, {"patches", {32}}});
        QCOMPARE(r.values["macs"].get<std::int64_t>(),
                 describeModel({{"name", "fc-densenet"}, {"variant", "56"}}, 1, 1, 64, 96).macs);
        QVERIFY(r.summary.find("fc-densenet with variant=56; dropout=0") != std::string::npos);
        EXPECT_ERROR(measured({{"model", "fc-densenet"}, {"settings", "variant"}}), "field=value");
        EXPECT_ERROR(measured({{"model", "fc-densenet"}, {"settings", "varint=56"}}), "varint");
    }
    void figureIsFitToDraw()
    {
        const Result r = measured({{"patches", {8, 16, 32}}, {"stride", 2}});
        const auto &f = r.figures.at(0);
        const auto problems = f.problems();
        QVERIFY2(problems.empty(), problems.empty() ? "" : problems[0].c_str());
        QVERIFY(Figure::fromJson(f.toJson()).toJson() == f.toJson());
        const auto &p = std::get<XYPanel>(f.panels[0].content);
        QVERIFY(p.y.scale == Axis::Scale::Log);
        QCOMPARE(p.series.size(), std::size_t(3));
        QCOMPARE(p.x.categories, (std::vector<std::string>{"8", "16", "32"}));
        QCOMPARE(p.series[0].y[1], 64.0); // 16 x 16 px a patch, one patch for 4 pixels
    }
    void aRunIsMeasuredOnTheSizeOfItsImages()
    {
        AnalysisFiles files;
        auto p = Project::openOrCreate(files.path("P.reticle"));
        const auto run =
            keepRun(p, {{"name", "fcn"}, {"weights", 1000}}, {{"name", "segmentation"}, {"images", files.path("images.tif")}});
        Events events;
        RunControl control;
        const Result r =
            analyze("prediction-cost", {&p, run, {{"device", "cpu"}, {"repeats", 3}, {"patches", {8}}}}, events, control);
        QCOMPARE(r.values["rows"].get<int>(), 48);
        QCOMPARE(r.values["columns"].get<int>(), 64);
        QVERIFY(r.summary.find("run 1 (fcn)") != std::string::npos);
        EXPECT_ERROR(analyze("prediction-cost", {nullptr, 1, Json::object()}, events, control), "a project");
    }
    /// It draws weights and images, but none of the numbers that a training beside it would.
    void randomNumbersAreGivenBack()
    {
        torch::manual_seed(3);
        const auto expected = torch::rand({4});
        for (const char *classifier : {"network", "small", "four-layer"}) {
            torch::manual_seed(3);
            measured({{"model", "fcn"}, {"classifier", classifier}, {"patches", {16}}});
            QVERIFY2(torch::equal(torch::rand({4}), expected), classifier);
        }
    }
    void measuresLessWhereMemoryIsShort()
    {
        const Json large = {{"model", "unet"}, {"height", 2048}, {"width", 1024}, {"crop", 2048}, {"patches", {8}}};
        {
            const AssumedFreeMemory little(std::int64_t(130) << 20);
            const Result r = measured(large);
            QVERIFY(r.values["extrapolated"].get<bool>());
            QCOMPARE(r.values["rows"].get<int>(), 2048);
            QVERIFY2(r.warnings.at(0).find("Memory is short (130 MiB free): a part of ") == 0, r.warnings.at(0).c_str());
            QVERIFY(r.warnings.at(0).find("in place of 1024 x 2048 px") != std::string::npos);
            EXPECT_ERROR(measured({{"model", "unet"}, {"height", 2048}, {"width", 2048}, {"crop", 64}, {"patches", {8, 2048}}}),
                         "Predicting patches of 2048 x 2048 px needs about");
            EXPECT_ERROR(measured({{"model", "fcn"},
                                   {"classifier", "small"},
                                   {"height", 4096},
                                   {"width", 4096},
                                   {"crop", 64},
                                   {"patches", {4096}}}),
                         "Choose smaller patches, or raise the memory limit.");
        }
        const AssumedFreeMemory none(std::int64_t(40) << 20);
        EXPECT_ERROR(measured(large), "Predicting an image of 1024 x 2048 px in one piece needs about");
        EXPECT_ERROR(measured(large), "Choose a smaller crop, or raise the memory limit.");
    }
    /// From where a single patch fits to where all do, there are fewer at once.
    void fewerPatchesAtOnceWhereMemoryIsShort()
    {
        const Json wide = {{"model", "fcn"}, {"channels", 64}, {"crop", 16}, {"patches", {16}}};
        QCOMPARE(cell(measured(wide).tables.at(0), "patches at once", 1), 256.0);
        for (double mib = 64; mib < 4096; mib *= 1.05) {
            const AssumedFreeMemory little(static_cast<std::int64_t>(mib * 1048576));
            try {
                const Result r = measured(wide);
                QVERIFY(cell(r.tables.at(0), "patches at once", 1) < 256);
                QVERIFY2(r.warnings.at(0).find("patches of 16 px are measured at once, in place of 256.") != std::string::npos,
                         r.warnings.at(0).c_str());
                return;
            } catch (const Error &e) {
                QVERIFY2(std::string(e.what()).find("raise the memory limit") != std::string::npos, e.what());
            }
        }
        QFAIL("no memory was enough");
    }
    void badOptionsAreRefused()
    {
        EXPECT_ERROR(measured({{"model", "unett"}}), "unett");
        EXPECT_ERROR(measured({{"patches", Json::array()}}), "at least one side");
        EXPECT_ERROR(measured({{"model", "fcn"}, {"patches", {128}}, {"borders", "valid"}}), "patches that fit");
        const Result r = measured({{"model", "fcn"}, {"patches", {16, 128}}, {"borders", "valid"}});
        QCOMPARE(r.values["patches"].size(), std::size_t(1));
        QVERIFY(r.warnings.at(0).find("128") != std::string::npos);
        RunControl control;
        control.end(RunControl::End::Cancel);
        Events events;
        EXPECT_ERROR(analyze("prediction-cost", {nullptr, 0, {{"model", "fcn"}}}, events, control), "cancelled");
        RunControl stopped;
        events.also = [&](const Event &e) {
            if (e.kind == Event::Kind::Progress)
                stopped.end(RunControl::End::Stop);
        };
        EXPECT_ERROR(analyze("prediction-cost", {nullptr, 0, {{"model", "fcn"}, {"height", 64}, {"width", 64}}}, events, stopped),
                     "stopped before the first side");
    }
};

RETICLE_TEST(PredictionCostTest)
#include "PredictionCostTest.moc"
