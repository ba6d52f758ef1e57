#include "base/ImageSource.h"
#include "base/SegmentationScores.h"
#include "core/analysis/AnalysisFiles.h"
#include "learn/Inference.h"
#include "support/Catalog.h"

using namespace reticle;
using namespace reticle::test;

class EvaluateTest : public QObject
{
    Q_OBJECT
private:
    AnalysisFiles m_files;

private Q_SLOTS:
    void scoresEqualTheCoreFunctions()
    {
        const Result r = analyzed("evaluate", m_files.options({{"threshold", 0.7}}));
        QCOMPARE(r.values["slices"].get<int>(), 4);
        QCOMPARE(r.tables.size(), size_t(3));
        const Table &slices = r.tables[1], &curve = r.tables[2];
        QCOMPARE(slices.rows(), size_t(4));
        QCOMPARE(curve.rows(), size_t(10));
        std::vector<std::vector<ThresholdScores>> curves;
        for (int z = 0; z < 4; ++z) {
            Array truth = m_files.labels()[z].clone();
            for (auto &v : truth.span<std::uint8_t>())
                v = v != 0;
            curves.push_back(thresholdCurve(m_files.predictions()[z], truth, 1, true, standardThresholds()));
            const auto &s = curves.back()[7];
            QCOMPARE(cell(slices, "Dice", z), s.pixels.dice());
            QCOMPARE(cell(slices, "V_Rand", z), s.regions.vRand);
            QCOMPARE(cell(slices, "tp", z), double(s.pixels.tp));
        }
        const auto vRand = [](const auto &s) { return s.regions.vRand; };
        const int best = bestThreshold(curves, vRand);
        QCOMPARE(r.values["v-rand-threshold"].get<double>(), standardThresholds()[best]);
        double mean = 0;
        for (int z = 0; z < 4; ++z)
            mean += vRand(curves[z][best]) / 4;
        QVERIFY(std::abs(r.values["v-rand"].get<double>() - mean) < 1e-12);
        QVERIFY(std::abs(cell(curve, "V_Rand", best) - mean) < 1e-12);
        // At 0.8 the specks (0.75) are gone and the hole is all that is wrong.
        QVERIFY(std::abs(r.values["pixel-error"].get<double>() - 1.0 / (4 * 48 * 64)) < 1e-12);
        QCOMPARE(r.values["pixel-error-threshold"].get<double>(), 0.8);
        QVERIFY(r.summary.find("V_Rand") != std::string::npos && r.summary.find("4 slices") != std::string::npos);
    }
    void figuresAreFitToDraw()
    {
        const Result r = analyzed("evaluate", m_files.options());
        QCOMPARE(r.figures.size(), size_t(2));
        for (const auto &f : r.figures) {
            const auto problems = f.problems();
            QVERIFY2(problems.empty(), problems.empty() ? "" : problems[0].c_str());
            QVERIFY(!f.caption.empty());
            QCOMPARE(f.panels.size(), size_t(4));
            QVERIFY(Figure::fromJson(f.toJson()).toJson() == f.toJson());
        }
        const auto &curves = std::get<XYPanel>(r.figures[0].panels[0].content);
        QCOMPARE(curves.series.size(), size_t(3));
        QCOMPARE(curves.series[0].y.size(), size_t(10));
        const auto &image = std::get<ImagePanel>(r.figures[1].panels[1].content);
        QVERIFY(std::abs(image.pixelSize - 4) < 0.01);
        QCOMPARE(image.overlays.size(), size_t(1));
    }
    void labelsAsPredictionHaveNoCurve()
    {
        const Result r = analyzed("evaluate", m_files.options({{"prediction", m_files.path("labels.tif")}}));
        QCOMPARE(r.tables[2].rows(), size_t(1));
        QCOMPARE(r.values["dice"].get<double>(), 1.0);
        QCOMPARE(r.values["v-rand"].get<double>(), 1.0);
        QCOMPARE(r.values["pixel-error"].get<double>(), 0.0);
        QCOMPARE(r.figures[0].panels.size(), size_t(1));
    }
    void regionScoresCanBeLeftOut()
    {
        const Result r = analyzed("evaluate", m_files.options({{"regions", false}}));
        QVERIFY(!r.values.contains("v-rand"));
        QVERIFY(r.figures[0].problems().empty());
        QVERIFY(std::isnan(cell(r.tables[1], "V_Rand", 0)));
    }
    void emptySlicesAreLeftOutOfMeans()
    {
        const Array nothing(DType::Float32, {48, 64}), none(DType::UInt8, {48, 64});
        const auto prediction = m_files.write("p2.tif", {m_files.predictions()[0], nothing});
        const auto labels = m_files.write("l2.tif", {m_files.labels()[0], none});
        const Result r = analyzed("evaluate", {{"prediction", prediction}, {"labels", labels}, {"threshold", 0.8}});
        QCOMPARE(r.values["dice"].get<double>(), 1.0);
        QVERIFY(std::isnan(cell(r.tables[1], "Dice", 1)));
        QCOMPARE(cell(r.tables[0], "left out", 1), 1.0);
        QVERIFY(!r.warnings.empty());
        QVERIFY(r.warnings[0].find("n/a") != std::string::npos);
    }
    void aRunIsScoredOnItsOwnSlices_data()
    {
        QTest::addColumn<int>("context");
        QTest::newRow("each slice alone") << 0;
        QTest::newRow("with its neighbours") << 1;
    }
    void aRunIsScoredOnItsOwnSlices()
    {
        QFETCH(int, context);
        const Json recipe = {{"recipe", 1},
                             {"title", "Probe"},
                             {"seed", 2},
                             {"device", "cpu"},
                             {"data",
                              {{"name", "segmentation"},
                               {"images", m_files.path("images.tif")},
                               {"labels", m_files.path("labels.tif")},
                               {"split", "slices"},
                               {"context", context},
                               {"validation-slices", {1, 3}},
                               {"test-slices", {0}}}},
                             {"model", {{"name", "fcn"}, {"weights", 1000}}},
                             {"objective", {{"name", "bce"}}},
                             {"train", {{"steps", 3}, {"batch", 1}, {"crop", 32}, {"threads", 1}}}};
        auto project = Project::openOrCreate(m_files.path("P" + std::to_string(context) + ".reticle"));
        const auto run = project.createRun(Recipe(recipe).validated(catalog()));
        Events events;
        RunControl control;
        train(project, run, catalog(), events, control);
        const auto evaluated = [&](const Json &options) {
            return analyze("evaluate", {&project, run.id, options}, events, control);
        };
        const Result validation = evaluated({{"part", "validation"}});
        QCOMPARE(validation.values["slices"].get<int>(), 2);
        QCOMPARE(cell(validation.tables[1], "slice", 1), 3.0);
        QVERIFY(validation.summary.find("run 1, validation slices") != std::string::npos);

        // The same as scoring the stack that the model predicts.
        PredictOptions options;
        options.device = "cpu";
        Predictor predictor(project.runFolder(run.id), options);
        const auto stack = m_files.path("predicted" + std::to_string(context) + ".tif");
        predictor.predictStack(*openImage(m_files.path("images.tif")), stack, events, control);
        const Result files = analyzed("evaluate", m_files.options({{"prediction", stack}, {"slices", {1, 3}}}));
        QVERIFY(validation.tables[2].toJson() == files.tables[2].toJson());

        QCOMPARE(evaluated({{"part", "test"}}).values["slices"].get<int>(), 1);
        QCOMPARE(evaluated({{"part", "all"}}).values["slices"].get<int>(), 4);
        const Result other =
            evaluated({{"images", m_files.path("images.tif")}, {"labels", m_files.path("labels.tif")}});
        QCOMPARE(other.values["slices"].get<int>(), 4); // other files: all of them
        EXPECT_ERROR(evaluated({{"images", m_files.path("images.tif")}}), "labels");
        EXPECT_ERROR(analyze("evaluate", {&project, 9, Json::object()}, events, control), "9");
        EXPECT_ERROR(analyze("evaluate", {nullptr, 1, Json::object()}, events, control), "a project");
    }
    void needsLabels()
    {
        EXPECT_ERROR(analyzed("evaluate", {{"prediction", m_files.path("prediction.tif")}}), "labels");
        EXPECT_ERROR(analyzed("evaluate", Json::object()), "a run of a project");
        EXPECT_ERROR(analyzed("evaluate", {{"thresh", 0.5}}), "threshold");
    }
    void reportsProgressAndCanBeEnded()
    {
        Events events;
        RunControl control;
        analyze("evaluate", {nullptr, 0, m_files.options()}, events, control);
        double last = 0;
        for (const auto &e : events.all) {
            QVERIFY(e.kind == Event::Kind::Progress);
            QVERIFY(e.value >= last);
            last = e.value;
        }
        QCOMPARE(last, 1.0);

        RunControl cancelled;
        Events once;
        once.also = [&](const Event &) { cancelled.end(RunControl::End::Cancel); };
        try {
            analyze("evaluate", {nullptr, 0, m_files.options()}, once, cancelled);
            QFAIL("not cancelled");
        } catch (const Error &e) {
            QVERIFY(e.kind() == Error::Kind::Cancelled);
        }

        RunControl stopped;
        Events two;
        two.also = [&](const Event &e) {
            if (e.step == 2)
                stopped.end(RunControl::End::Stop);
        };
        const Result r = analyze("evaluate", {nullptr, 0, m_files.options()}, two, stopped);
        QVERIFY(r.values["slices"].get<int>() < 4);
        QVERIFY(r.warnings.at(0).find("Stopped after") != std::string::npos);
    }
};

RETICLE_TEST(EvaluateTest)
#include "EvaluateTest.moc"
