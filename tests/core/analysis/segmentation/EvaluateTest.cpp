#include "core/analysis/AnalysisFiles.h"
#include "data/SegmentationData.h"
#include "files/ImageSource.h"
#include "imaging/SegmentationScores.h"
#include "learn/prediction/ImagePredictor.h"
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
    void aFileComparedWithItselfIsPerfect_data()
    {
        QTest::addColumn<std::vector<double>>("values");
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("chosen");
        const auto row = [](const char *name, DType type, std::vector<double> values, int chosen = 1) {
            QTest::newRow(name) << std::move(values) << static_cast<int>(type) << chosen;
        };
        row("0 and 1", DType::UInt8, {0, 1});
        row("0 and 255", DType::UInt8, {0, 255});
        row("0 and 2", DType::UInt8, {0, 2});
        row("1 and 2", DType::UInt8, {1, 2});
        row("0 and 254", DType::UInt8, {0, 254});
        row("0 and 65535", DType::UInt16, {0, 65535});
        row("0, 1 and 3", DType::UInt8, {0, 1, 3});
        row("0, 1 and 3, the last", DType::UInt8, {0, 1, 3}, 2);
        row("0, 100 and 200", DType::UInt8, {0, 100, 200});
        row("0, 100 and 200, the last", DType::UInt8, {0, 100, 200}, 2);
        row("0, 1, 2 and 255 ignored", DType::UInt8, {0, 1, 2, 255}, 2);
        row("5 alone", DType::UInt8, {5});
        row("255 alone", DType::UInt8, {255});
        row("0 alone, the background", DType::UInt8, {0}, 0);
        row("signed 8 bit", DType::Int8, {0, 127});
        row("signed 16 bit", DType::Int16, {0, 2});
        row("signed, negative", DType::Int16, {-1, 1});
        row("unsigned 16 bit", DType::UInt16, {0, 300, 4000}, 2);
        row("unsigned 32 bit", DType::UInt32, {0, 70000});
        row("signed 32 bit", DType::Int32, {0, 1, 70000}, 2);
        row("whole floating point numbers", DType::Float32, {0, 2});
        row("whole floating point numbers of three classes", DType::Float32, {0, 1, 3}, 2);
        row("0 and 1 as floating point", DType::Float32, {0, 1});
        row("double", DType::Float64, {0, 255});
    }
    void aFileComparedWithItselfIsPerfect()
    {
        QFETCH(std::vector<double>, values);
        QFETCH(int, type);
        QFETCH(int, chosen);
        Array page(DType::Float64, {24, 24});
        for (std::int64_t i = 0; i < page.size(); ++i)
            page.data<double>()[i] =
                values[static_cast<std::size_t>((i / 24 / 6 + i % 24 / 8) % static_cast<int>(values.size()))];
        const auto path = m_files.path("same.npy");
        writeNpy(path, page.as(static_cast<DType>(type)));
        const Result r = analyzed("evaluate", {{"prediction", path}, {"labels", path}, {"class", chosen}});
        QCOMPARE(r.values["pixel-error"].get<double>(), 0.0);
        QCOMPARE(r.values["dice"].get<double>(), 1.0);
    }
    /// What is given by number in the options is told by its value.
    void theClassIsNamedByItsValue()
    {
        Array page(DType::UInt8, {12, 12});
        for (std::int64_t i = 0; i < page.size(); ++i)
            page.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 3 * 100);
        const auto path = m_files.write("hundreds.tif", {page});
        const Result r = analyzed("evaluate", {{"prediction", path}, {"labels", path}, {"class", 2}, {"regions", false}});
        QVERIFY2(r.summary.find("class 2 (value 200): pixel error 0.0000, Dice 1.0000") != std::string::npos, r.summary.c_str());
        EXPECT_ERROR(analyzed("evaluate", {{"prediction", path}, {"labels", path}, {"class", 3}}), "a class from 0 to 2");
    }
    void aPictureThatLacksAClassIsScoredByValue()
    {
        // Labels 0, 100, 200; the prediction knows 0 and 200 and is right about them.
        Array truth(DType::UInt8, {8, 8}), found(DType::UInt8, {8, 8});
        for (int i = 0; i < 64; ++i) {
            truth.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i < 32 ? 0 : i < 40 ? 100 : 200);
            found.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i < 40 ? 0 : 200);
        }
        const auto t = m_files.write("three.tif", {truth}), f = m_files.write("two.tif", {found});
        const auto dice = [](const std::string &prediction, const std::string &labels, int c) {
            return analyzed("evaluate", {{"prediction", prediction}, {"labels", labels}, {"class", c}, {"regions", false}})
                .values["dice"]
                .get<double>();
        };
        QCOMPARE(dice(f, t, 2), 1.0);
        QCOMPARE(dice(f, t, 1), 0.0);
        QCOMPARE(dice(f, t, 0), 2.0 * 32 / (2 * 32 + 8));
        QCOMPARE(dice(t, f, 2), 1.0); // and the other way round
    }
    void anEmptyTruthIsATruth()
    {
        const Array none(DType::UInt8, {20, 20}), all = [] {
            Array a(DType::UInt8, {20, 20});
            std::fill_n(a.data<std::uint8_t>(), 400, std::uint8_t(255));
            return a;
        }();
        Array some = none.clone();
        std::fill_n(some.data<std::uint8_t>() + 100, 37, std::uint8_t(255));
        Array soft(DType::Float32, {20, 20});
        std::fill_n(soft.data<float>() + 100, 37, 0.95f);
        const auto labels = m_files.write("none.tif", {none}), whole = m_files.write("all.tif", {all});
        const auto mask = m_files.write("some.tif", {some}), map = m_files.write("soft.tif", {soft});
        for (const auto &prediction : {mask, map}) {
            const Result r = analyzed("evaluate", {{"prediction", prediction}, {"labels", labels}});
            QCOMPARE(r.values["pixel-error"].get<double>(), 37.0 / 400);
            QCOMPARE(r.values["dice"].get<double>(), 0.0);
            QVERIFY(r.warnings.at(0).find("no pixel of foreground") != std::string::npos);
        }
        const Result full = analyzed("evaluate", {{"prediction", mask}, {"labels", whole}});
        QCOMPARE(full.values["pixel-error"].get<double>(), 363.0 / 400);
        QCOMPARE(full.values["dice"].get<double>(), 2.0 * 37 / (2 * 37 + 363));
        const Result empty = analyzed("evaluate", {{"prediction", labels}, {"labels", mask}});
        QCOMPARE(empty.values["pixel-error"].get<double>(), 37.0 / 400);
        QCOMPARE(empty.values["dice"].get<double>(), 0.0);
        const Result both = analyzed("evaluate", {{"prediction", labels}, {"labels", labels}});
        QCOMPARE(both.values["pixel-error"].get<double>(), 0.0);
        QVERIFY(both.values["dice"].is_null()); // nothing to count
        // What trains on such labels still learns nothing.
        SegmentationDataOptions o;
        o.images = mask;
        o.labels = labels;
        EXPECT_ERROR(SegmentationData::load(o, 1), "at least two values");
    }
    /// Probability maps as other programs write them score as they do as floating point.
    void mapsOf8And16BitScoreAsProbabilities()
    {
        const Result right = analyzed("evaluate", m_files.options());
        std::vector<Array> eight, sixteen, percent;
        for (const auto &p : m_files.predictions()) {
            Array a(DType::UInt8, p.shape()), b(DType::UInt16, p.shape()), c(DType::Float32, p.shape());
            for (std::int64_t i = 0; i < p.size(); ++i) {
                a.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(std::lround(255 * p.value(i)));
                b.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(std::lround(65535 * p.value(i)));
                c.data<float>()[i] = 100 * p.data<float>()[i] + 0.25f;
            }
            eight.push_back(a);
            sixteen.push_back(b);
            percent.push_back(c);
        }
        for (const auto &[path, white] :
             {std::pair{m_files.write("p8.tif", eight), "255"}, {m_files.write("p16.tif", sixteen), "65535"}}) {
            const Result r = analyzed("evaluate", m_files.options({{"prediction", path}}));
            for (const char *score : {"pixel-error", "dice", "v-rand", "pixel-error-threshold"})
                QCOMPARE(r.values[score].get<double>(), right.values[score].get<double>());
            QVERIFY(r.warnings.back().find(std::string("divided by ") + white) != std::string::npos);
        }
        const auto map = m_files.write("percent.tif", percent);
        EXPECT_ERROR(analyzed("evaluate", m_files.options({{"prediction", map}})), "100 for percent");
        const Result r = analyzed("evaluate", m_files.options({{"prediction", map}, {"prediction-white", 100.5}}));
        QCOMPARE(r.values["dice"].get<double>(), right.values["dice"].get<double>());
        EXPECT_ERROR(analyzed("evaluate", m_files.options({{"prediction-is", "labels"}})), "whole numbers");
    }
    /// Of three classes and more a map of one channel is that of the class asked for; of two that of the foreground.
    void aMapIsOfTheClassAskedFor()
    {
        Array truth(DType::UInt8, {4, 4}), map(DType::Float32, {4, 4});
        for (int i = 0; i < 16; ++i) {
            truth.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 4 % 3);
            map.data<float>()[i] = i / 4 == 2 ? 0.8f : 0.3f;
        }
        const auto labels = m_files.write("l3.tif", {truth}), p = m_files.write("p3.tif", {map});
        QCOMPARE(analyzed("evaluate", {{"prediction", p}, {"labels", labels}, {"class", 2}, {"regions", false}})
                     .values["dice"]
                     .get<double>(),
                 1.0);
        for (int i = 0; i < 16; ++i)
            map.data<float>()[i] = truth.data<std::uint8_t>()[i] == 0 ? 0.9f : 0.2f;
        const auto zero = m_files.write("p0.tif", {map});
        QCOMPARE(analyzed("evaluate", {{"prediction", zero}, {"labels", labels}, {"class", 0}, {"regions", false}})
                     .values["dice"]
                     .get<double>(),
                 1.0);
        // Of two classes: that of what is not class 0.
        for (auto &v : truth.span<std::uint8_t>())
            v = v == 0 ? 0 : 255;
        for (auto &v : map.span<float>())
            v = 1 - v;
        const Result r = analyzed("evaluate", {{"prediction", m_files.write("p2.tif", {map})},
                                               {"labels", m_files.write("l2.tif", {truth})},
                                               {"class", 0},
                                               {"regions", false}});
        QCOMPARE(r.values["dice"].get<double>(), 1.0);
        QCOMPARE(r.values["pixel-error"].get<double>(), 0.0);
    }
    /// A map that names its class is that of this class, whichever is asked for.
    void aMapSaysOfWhichClassItIs()
    {
        std::vector<Array> rest;
        for (const auto &p : m_files.predictions()) {
            rest.push_back(p.clone());
            for (auto &v : rest.back().span<float>())
                v = 1 - v;
        }
        const auto map = [&](const std::string &name, const std::vector<Array> &pages, std::int64_t k) {
            TiffStack said;
            said.probabilityClass = k;
            std::filesystem::create_directories(std::filesystem::path(m_files.path(name)).parent_path());
            TiffWriter writer(m_files.path(name), 0, said);
            for (const auto &page : pages)
                writer.writePage(page);
            writer.close();
            return m_files.path(name);
        };
        const auto zero = map("zero.tif", rest, 0), one = map("one.tif", m_files.predictions(), 1);
        for (const int k : {0, 1}) {
            const Result right = analyzed("evaluate", m_files.options({{"class", k}}));
            QVERIFY(right.values["dice"].get<double>() > 0.9);
            for (const auto &file : {zero, one}) {
                const Result r = analyzed("evaluate", m_files.options({{"prediction", file}, {"class", k}}));
                for (const char *score : {"dice", "pixel-error", "v-rand"})
                    QVERIFY(std::abs(r.values[score].get<double>() - right.values[score].get<double>()) < 1e-6);
            }
        }
        const Result noted = analyzed("evaluate", m_files.options({{"prediction", zero}}));
        QCOMPARE(noted.warnings.size(), std::size_t(1));
        QVERIFY2(noted.warnings[0].find("the probability of class 0, the background") != std::string::npos,
                 noted.warnings[0].c_str());
        QVERIFY(analyzed("evaluate", m_files.options({{"prediction", one}})).warnings.empty());
        for (const char *analysis : {"instances", "postprocess"}) {
            const auto values = [&](const std::string &file) {
                return analyzed(analysis, m_files.options({{"prediction", file}})).values;
            };
            QCOMPARE(QString::fromStdString(values(zero).dump()),
                     QString::fromStdString(values(m_files.path("prediction.tif")).dump()));
        }
        // Of three classes each has a map of its own; a mask of one class has nothing but that class.
        std::vector<Array> classes;
        for (const auto &l : m_files.labels()) {
            classes.push_back(l.clone());
            for (auto &v : classes.back().span<std::uint8_t>())
                v = v > 0 ? 2 : 0;
            std::fill_n(classes.back().data<std::uint8_t>(), AnalysisFiles::width, std::uint8_t(1));
        }
        const auto two = map("two.tif", m_files.predictions(), 2), labels = m_files.write("three.tif", classes);
        EXPECT_ERROR(
            analyzed("evaluate", {{"prediction", two}, {"labels", labels}}),
            "expected the probability of class 1, found that of class 2, as the file says; set class to 2, or predict with "
            "class-index=1");
        QVERIFY(analyzed("evaluate", {{"prediction", two}, {"labels", labels}, {"class", 2}}).values["dice"].get<double>() > 0.9);
        QVERIFY(analyzed("evaluate", m_files.options({{"prediction", two}})).values["dice"].get<double>() > 0.9);
        // Such a file holds probabilities, also where its values could be labels.
        std::vector<Array> certain, deep, dark;
        for (std::size_t z = 0; z < rest.size(); ++z) {
            certain.push_back(m_files.predictions()[z].clone());
            for (auto &v : certain.back().span<float>())
                v = v > 0.5f ? 1 : 0;
            dark.push_back(m_files.labels()[z].clone());
            for (auto &v : dark.back().span<std::uint8_t>())
                v = v > 0 ? 0 : 1;
            deep.emplace_back(DType::UInt16, rest[z].shape());
            for (std::int64_t i = 0; i < rest[z].size(); ++i)
                deep.back().data<std::uint16_t>()[i] =
                    static_cast<std::uint16_t>(m_files.predictions()[z].value(i) * 0.4 * 65535);
        }
        const auto darkLabels = m_files.write("dark.tif", dark);
        QVERIFY(
            analyzed("evaluate", {{"prediction", map("certain.tif", certain, 1)}, {"labels", darkLabels}, {"foreground", "dark"}})
                .values["dice"]
                .get<double>() > 0.9);
        QVERIFY(analyzed("evaluate", m_files.options({{"prediction", map("deep.tif", deep, 1)}})).values["dice"].get<double>() >
                0.9);
        map("mixed/a.tif", {rest[0]}, 0);
        map("mixed/b.tif", {rest[1]}, 1);
        EXPECT_ERROR(analyzed("evaluate", {{"prediction", m_files.path("mixed")}, {"labels", m_files.path("labels.tif")}}),
                     "expected probabilities of one class, found files of class 0 and files of class 1");
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
        QTest::newRow("with its neighbors") << 1;
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
        ImagePredictor predictor(project.runFolder(run.id), options);
        const auto stack = m_files.path("predicted" + std::to_string(context) + ".tif");
        predictor.predictStack(*openImage(m_files.path("images.tif")), stack, events, control);
        const Result files = analyzed("evaluate", m_files.options({{"prediction", stack}, {"slices", {1, 3}}}));
        QVERIFY(validation.tables[2].toJson() == files.tables[2].toJson());

        QCOMPARE(evaluated({{"part", "test"}}).values["slices"].get<int>(), 1);
        QCOMPARE(evaluated({{"part", "all"}}).values["slices"].get<int>(), 4);
        const Result other = evaluated({{"images", m_files.path("images.tif")}, {"labels", m_files.path("labels.tif")}});
        QCOMPARE(other.values["slices"].get<int>(), 4); // other files: all of them
        EXPECT_ERROR(evaluated({{"images", m_files.path("images.tif")}}), "labels");

        // The classes are those of the run, whatever other labels hold.
        Array wrong = m_files.labels()[0].clone();
        wrong.data<std::uint8_t>()[3 * 64 + 5] = 7;
        const auto seven = m_files.write("seven.tif", {wrong, wrong, wrong, wrong});
        EXPECT_ERROR(evaluated({{"images", m_files.path("images.tif")}, {"labels", seven}}),
                     "The value 7 at row 3, column 5 belongs to no class of run 1: 0 (background) and 255 (foreground).");
        EXPECT_ERROR(evaluated({{"prediction", stack}, {"labels", seven}}), "belongs to no class of run 1");
        EXPECT_ERROR(evaluated({{"prediction", seven}, {"labels", m_files.path("labels.tif")}, {"prediction-is", "labels"}}),
                     "seven.tif: page 0: The value 7");
        std::vector<Array> ones, nothing;
        for (const auto &l : m_files.labels()) {
            ones.push_back(l.clone());
            for (auto &v : ones.back().span<std::uint8_t>())
                v = v != 0;
            nothing.emplace_back(DType::UInt8, l.shape());
        }
        const Result same = evaluated({{"images", m_files.path("images.tif")}, {"labels", m_files.write("ones.tif", ones)}});
        QVERIFY(same.tables[2].toJson() ==
                evaluated({{"images", m_files.path("images.tif")}, {"labels", m_files.path("labels.tif")}}).tables[2].toJson());
        QVERIFY(same.warnings.back().find("Reticle treats 1 as 255") != std::string::npos);
        const Result empty =
            evaluated({{"images", m_files.path("images.tif")}, {"labels", m_files.write("nothing.tif", nothing)}});
        QCOMPARE(empty.values["slices"].get<int>(), 4);

        // The same images with other numbers.
        std::vector<Array> wide;
        for (int z = 0; z < 4; ++z) {
            Array page(DType::UInt16, {48, 64});
            const auto from = openImage(m_files.path("images.tif"))->readPage(z);
            for (std::int64_t i = 0; i < from.size(); ++i)
                page.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(257 * from.value(i));
            wide.push_back(page);
        }
        const Result sixteen = evaluated({{"images", m_files.write("wide.tif", wide)}, {"labels", m_files.path("labels.tif")}});
        QVERIFY(sixteen.tables[2].toJson() == same.tables[2].toJson());
        QVERIFY(sixteen.warnings.back().find("divided by 257") != std::string::npos);

        // And its labels are written with the values that it was trained on.
        options.output = "labels";
        ImagePredictor writer(project.runFolder(run.id), options);
        const auto written = m_files.path("written" + std::to_string(context) + ".tif");
        writer.predictStack(*openImage(m_files.path("images.tif")), written, events, control);
        const Result hard = analyzed("evaluate", m_files.options({{"prediction", written}, {"slices", {1, 3}}}));
        QCOMPARE(hard.values["pixel-error"].get<double>(), cell(validation.tables[2], "pixel error", 5));
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
