#include "analysis/skips/SkipStudy.h"

#include "core/analysis/SkipNet.h"
#include "files/ImageSource.h"
#include "files/ImageWriter.h"
#include "foundation/FreeMemory.h"
#include "learn/prediction/ImagePredictor.h"
#include "support/Catalog.h"

using namespace reticle;
using namespace reticle::test;

class SkipStudyTest : public QObject
{
    Q_OBJECT
private:
    AnalysisFiles m_files;

    Json data(std::vector<std::int64_t> validation = {1, 2}) const
    {
        return {{"name", "segmentation"},
                {"images", m_files.path("images.tif")},
                {"labels", m_files.path("labels.tif")},
                {"split", "slices"},
                {"validation-slices", validation}};
    }
    Project project(const char *name) const { return Project::openOrCreate(m_files.path(name)); }
    static Result studied(Project &project, std::int64_t run, Json options = Json::object())
    {
        Events events;
        RunControl control;
        options["device"] = "cpu";
        return analyze("skip-study", {&project, run, options}, events, control);
    }
    static const Json &change(const Result &r, const std::string &skip, const std::string &way)
    {
        for (const auto &c : r.values.at("changes"))
            if (c.at("skip") == skip && c.at("way") == way)
                return c;
        throw std::runtime_error("no " + skip + " " + way);
    }
    static bool near(double a, double b) { return std::abs(a - b) < 1e-5 * std::max(1.0, std::abs(b)); }
    /// Foreground pixels of a slice of the labels.
    double foreground(std::size_t z) const
    {
        double n = 0;
        for (const auto v : m_files.labels()[z].span<std::uint8_t>())
            n += v != 0;
        return n;
    }

private Q_SLOTS:
    void initTestCase() { registerSkipNet(); }

    /// Asked before anything is predicted; with less memory fewer changes are predicted at once, to the same numbers.
    void asksForMemoryFirst()
    {
        auto p = project("Short.reticle");
        const auto run = keepRun(p, {{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}}, data());
        const Json values = studied(p, run).values;
        {
            const AssumedFreeMemory little(std::int64_t(160) << 20);
            const Json again = studied(p, run).values;
            QVERIFY2(again == values, Json::diff(values, again).dump().substr(0, 300).c_str());
        }
        const AssumedFreeMemory none(std::int64_t(40) << 20);
        Events events;
        RunControl control;
        EXPECT_ERROR(analyze("skip-study", {&p, run, {{"device", "cpu"}}}, events, control), "raise the memory limit");
        for (const auto &e : events.all)
            QVERIFY(e.kind != Event::Kind::Progress || e.value == 0);
    }
    /// Skip 0 is the image, whose threshold is the truth; skip 1 counts for nothing.
    void costsFollowFromTheFormula()
    {
        auto p = project("Known.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data());
        const Result r = studied(p, run);
        QCOMPARE(r.values["slices"].get<int>(), 2);
        QCOMPARE(r.values["skips"].get<std::vector<std::string>>(), (std::vector<std::string>{"skip 0", "skip 1"}));
        QCOMPARE(r.values["dice"].get<double>(), 1.0);
        QCOMPARE(r.values["v-rand"].get<double>(), 1.0);
        QCOMPARE(r.values["pixel-error"].get<double>(), 0.0);
        QCOMPARE(r.values["changes"].size(), std::size_t(18)); // and the factors 0.25, 0.5 and 0.75 of each

        const double pixels = 48 * 64, one = foreground(1), two = foreground(2);
        // Nothing is above a threshold: every true pixel is missed.
        const double missed = (one + two) / 2 / pixels;
        for (const char *skip : {"skip 0", "all"}) {
            const auto &c = change(r, skip, "ablated");
            QCOMPARE(c["dice-drop"].get<double>(), 1.0);
            QVERIFY(std::abs(c["pixel-error-drop"].get<double>() - missed) < 1e-12);
            QCOMPARE(c["dice-reliance"].get<double>(), 1.0);
            // Its own best threshold is the one that takes everything for foreground.
            const double own = 1 - (2 * one / (one + pixels) + 2 * two / (two + pixels)) / 2;
            QVERIFY(std::abs(c["dice-own-drop"].get<double>() - own) < 1e-12);
            for (const auto &level : c["power-ratio"])
                QVERIFY(level.is_null() || level.get<double>() < 1e-9); // a constant has no detail
        }
        // The slices change places: discs of radius 5 stand in those of radius 6, and the other way
        // round.
        {
            const auto &c = change(r, "skip 0", "shuffled");
            QVERIFY(std::abs(c["dice-drop"].get<double>() - (1 - 2 * one / (one + two))) < 1e-12);
            QVERIFY(std::abs(c["pixel-error-drop"].get<double>() - std::abs(two - one) / pixels) < 1e-12);
            // The same pictures in another order: their power together is the same.
            for (const auto &level : c["power-ratio"])
                QVERIFY(level.is_null() || std::abs(level.get<double>() - 1) < 1e-6);
        }
        // A gray of one value everywhere: all or nothing.
        {
            const auto &c = change(r, "skip 0", "mean");
            QVERIFY(c["dice-drop"].get<double>() > 0.3);
            for (const auto &level : c["power-ratio"])
                QVERIFY(level.is_null() || level.get<double>() < 1e-9);
        }
        for (const char *way : {"ablated", "shuffled", "mean"}) {
            const auto &c = change(r, "skip 1", way);
            for (const char *score : {"dice", "iou", "v-rand", "pixel-error"}) {
                QCOMPARE(c[std::string(score) + "-drop"].get<double>(), 0.0);
                QCOMPARE(c[std::string(score) + "-own-drop"].get<double>(), 0.0);
            }
            QCOMPARE(c["power-ratio"].size(), std::size_t(5));
            QCOMPARE(c["power-ratio"][4].get<double>(), 1.0); // the finest
            for (const auto &level : c["power-ratio"])
                QVERIFY(level.is_null() || level.get<double>() == 1.0);
        }
        QVERIFY(r.summary.find("skip 0 costs most") != std::string::npos);
    }
    /// Without labels the output is the image itself: 20 (x - 0.47) of an x that is known.
    void anAutoencodersErrorsFollowToo()
    {
        auto p = project("Image.reticle");
        const Json data{
            {"name", "images"}, {"images", m_files.path("images.tif")}, {"split", "slices"}, {"validation-slices", {1, 2}}};
        const auto run = keepRun(p, {{"name", "skip-net"}}, data, "image");
        const Result r = studied(p, run);
        const auto pixels = [&](int z, auto &&f) { // mean over a slice, the square root of it
            double sum = 0;
            for (int i = 0; i < 48 * 64; ++i)
                sum += f(m_files.labels()[static_cast<std::size_t>(z)].data<std::uint8_t>()[i] ? 180.0 / 255 : 60.0 / 255);
            return sum / (48 * 64);
        };
        const auto rmse = [&](auto &&output) {
            double sum = 0;
            for (const int z : {1, 2})
                sum += std::sqrt(pixels(z, [&](double x) { return (output(z, x) - x) * (output(z, x) - x); })) / 2;
            return sum;
        };
        const double whole = rmse([](int, double x) { return 20 * (x - 0.47); });
        QVERIFY(near(r.values["rmse"].get<double>(), whole));
        QVERIFY(!r.values.contains("dice") && !r.values.contains("class"));
        const auto rise = [&](const char *skip, const char *way) { return change(r, skip, way)["rmse-drop"].get<double>(); };
        QVERIFY(near(rise("skip 0", "ablated"), rmse([](int, double) { return -20 * 0.47; }) - whole));
        const double mean = (pixels(1, [](double x) { return x; }) + pixels(2, [](double x) { return x; })) / 2;
        // The mean is over tiles, whose mirrored border (of 48 x 64 px in a tile of 256) counts
        // too.
        const double expected = rmse([&](int, double) { return 20 * (mean - 0.47); }) - whole;
        QVERIFY2(std::abs(rise("skip 0", "mean") - expected) < 0.06 * std::abs(expected),
                 qPrintable(QString("%1 instead of %2").arg(rise("skip 0", "mean")).arg(expected)));
        QVERIFY(near(rise("all", "mean"), rise("skip 0", "mean")));
        QVERIFY(rise("skip 0", "shuffled") != 0);
        QCOMPARE(rise("skip 1", "ablated"), 0.0);
        QVERIFY(change(r, "skip 0", "mean")["ssim-drop"].get<double>() > 0);
        QVERIFY(r.summary.find("RMSE") != std::string::npos);
        QCOMPARE(problemsOf(r.figures), std::string());
        // Other analyses of segmentation still want classes.
        Events events;
        RunControl control;
        EXPECT_ERROR(analyze("evaluate", {&p, run, {{"device", "cpu"}}}, events, control), "a run that segments");
    }
    /// Colors, neighboring slices and another scale: the error is that of the images that the
    /// model predicts.
    void colorsAndNeighborsOfAnAutoencoder()
    {
        std::vector<Array> pages;
        for (int z = 0; z < 4; ++z) {
            Array page(DType::UInt8, {48, 64, 3});
            for (int i = 0; i < page.size(); ++i)
                page.data<std::uint8_t>()[i] =
                    static_cast<std::uint8_t>(128 + 90 * std::sin((i / 192 + 3 * z) / 5.0) * std::cos(i % 192 / (7.0 + i % 3)));
            pages.push_back(page);
        }
        const auto images = m_files.write("colors.tif", pages);
        const Json recipe = {{"recipe", 1},
                             {"title", "Colors"},
                             {"seed", 1},
                             {"device", "cpu"},
                             {"data",
                              {{"name", "segmentation"},
                               {"images", images},
                               {"labels", m_files.path("labels.tif")},
                               {"context", 1},
                               {"scaling", "z-score"},
                               {"split", "slices"},
                               {"validation-slices", {1, 3}}}},
                             {"model", {{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}}},
                             {"objective", {{"name", "mse"}}},
                             {"train", {{"steps", 8}, {"batch", 1}, {"crop", 32}, {"threads", 1}, {"precision", "float32"}}}};
        auto p = project("Colors.reticle");
        const auto run = p.createRun(Recipe(recipe).validated(catalog()));
        Events events;
        RunControl control;
        train(p, run, catalog(), events, control);
        const Result r = studied(p, run.id, {{"shuffle", false}, {"ablate", false}});
        PredictOptions o;
        o.device = "cpu";
        ImagePredictor predictor(p.runFolder(run.id), o);
        const auto source = openImage(images);
        const double factor = predictor.metadata().at("scaling").at("factor");
        QVERIFY(factor > 0 && factor != 1);
        double expected = 0;
        for (const int z : {1, 3}) {
            const Array made = predictor.predictRegion(*source, z, 0, 0, 48, 64);
            QCOMPARE(made.dim(0), std::int64_t(3));
            double sum = 0;
            for (int c = 0; c < 3; ++c)
                for (int i = 0; i < 48 * 64; ++i) {
                    const double d =
                        made.data<float>()[c * 48 * 64 + i] - pages[static_cast<std::size_t>(z)].data<std::uint8_t>()[3 * i + c];
                    sum += d * d;
                }
            expected += factor * std::sqrt(sum / (3 * 48 * 64)) / 2;
        }
        QVERIFY2(std::abs(r.values["rmse"].get<double>() / expected - 1) < 1e-4,
                 qPrintable(QString("%1, %2").arg(r.values["rmse"].get<double>()).arg(expected)));
        QVERIFY(r.figures[2].caption.find("mean of its channels") != std::string::npos);
        QCOMPARE(problemsOf(r.figures), std::string());
    }
    /// Projects keep settings by name.
    void settingsAreReadByTheirFormerNames()
    {
        const auto o = SkipStudyOptions::schema().read({{"silence", false}, {"rescue", false}, {"rescued", {3}}}, "skip-study");
        QVERIFY(!o.ablate && !o.retrained);
        QCOMPARE(o.retrainedRuns, std::vector<std::int64_t>{3});
    }
    void waysAndRegionsCanBeLeftOut()
    {
        auto p = project("Some.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data());
        const Result r = studied(p, run, {{"ablate", false}, {"shuffle", false}, {"factors", Json::array()}, {"regions", false}});
        QCOMPARE(r.values["changes"].size(), std::size_t(3));
        QVERIFY(!r.values.contains("v-rand"));
        QCOMPARE(problemsOf(r.figures), std::string());
        for (const Json &factors : {Json::array(), Json{1}})
            EXPECT_ERROR(studied(p, run, {{"ablate", false}, {"shuffle", false}, {"mean", false}, {"factors", factors}}),
                         "at least one of");
        // A factor alone.
        const Result half =
            studied(p, run, {{"ablate", false}, {"shuffle", false}, {"mean", false}, {"factors", {0.5}}, {"regions", false}});
        QCOMPARE(half.values["changes"].size(), std::size_t(3));
        QCOMPARE(half.values["changes"][0]["factor"].get<double>(), 0.5);
        QCOMPARE(problemsOf(half.figures), std::string());
    }
    void oneSliceHasNoOtherToShuffleWith()
    {
        auto p = project("One.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data({3}));
        const Result r = studied(p, run, {{"regions", false}, {"factors", Json::array()}});
        QCOMPARE(r.values["changes"].size(), std::size_t(6));
        QVERIFY(r.warnings.at(0).find("one slice only") != std::string::npos);
        QCOMPARE(problemsOf(r.figures), std::string());
        EXPECT_ERROR(studied(p, run, {{"ablate", false}, {"mean", false}, {"factors", Json::array()}}), "at least two slices");
    }
    void aNetworkWithoutSkipsIsRefused()
    {
        auto p = project("None.reticle");
        const auto run = keepRun(p, {{"name", "fcn"}, {"weights", 1000}}, data());
        EXPECT_ERROR(studied(p, run), "run 1: expected a network with skip connections");
        EXPECT_ERROR(studied(p, 0), "a trained run");
        const auto other = keepRun(p, {{"name", "skip-net"}}, data());
        EXPECT_ERROR(studied(p, other, {{"levels", 12}}), "level must be 1..5");
    }
    void canBeStoppedAndCancelled()
    {
        auto p = project("Stop.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data({0, 1, 2}));
        const auto ended = [&](RunControl::End how, std::int64_t step) {
            RunControl control;
            Events events;
            events.also = [&](const Event &e) {
                if (e.step == step)
                    control.end(how);
            };
            return analyze("skip-study", {&p, run, {{"device", "cpu"}, {"regions", false}}}, events, control);
        };
        // Three slices for the means, then three to study.
        const Result r = ended(RunControl::End::Stop, 4);
        QCOMPARE(r.values["slices"].get<int>(), 1);
        QVERIFY(r.warnings.at(0).find("Stopped after 1 of 3") != std::string::npos);
        QCOMPARE(problemsOf(r.figures), std::string());
        EXPECT_ERROR(ended(RunControl::End::Stop, 1), "stopped before");
        EXPECT_ERROR(ended(RunControl::End::Cancel, 4), "cancelled");
    }
    /// Skip 0 scaled by g: logits 20 (g x - 0.47) of an x of 60 / 255 or 180 / 255. The discs' probability passes the
    /// threshold at g = 0.75 and 20 (0.75 * 180 / 255 - 0.47) > 0 only.
    void theDoseFollowsFromTheFormula()
    {
        auto p = project("Scales.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data());
        const Result r =
            studied(p, run, {{"factors", {0.75, 0, 0.5, 0.5, 1}}, {"ablate", false}, {"shuffle", false}, {"mean", false}});
        QCOMPARE(r.values["changes"].size(), std::size_t(9)); // 0, 0.5 and 0.75; 1 is the network as it is
        const auto drop = [&](double factor) {
            for (const auto &c : r.values["changes"])
                if (c["skip"] == "skip 0" && c["factor"] == factor)
                    return c["pixel-error-drop"].get<double>();
            return std::numeric_limits<double>::quiet_NaN();
        };
        const double missed = (foreground(1) + foreground(2)) / 2 / (48 * 64);
        QCOMPARE(drop(0.75), 0.0);
        // At 0.5 discs come to 20 (0.353 - 0.47) = -2.34: the probability is 0.088. The threshold that is best for the
        // network as it is lies between 0.0095 and 0.991: the lowest of 0.1 to 0.9, at which all is missed.
        QVERIFY(std::abs(drop(0.5) - missed) < 1e-12);
        QVERIFY(std::abs(drop(0) - missed) < 1e-12);
        const auto &curve = *std::ranges::find(r.figures, "skip-scale-curve", &Figure::name);
        const auto &dice = std::get<XYPanel>(curve.panels[0].content).series[0];
        QCOMPARE(dice.x, (std::vector<double>{0, 0.5, 0.75, 1}));
        QCOMPARE(dice.y, (std::vector<double>{0, 0, 1, 1}));
    }
    /// The same numbers where memory is short and each change of a page is predicted by itself.
    void memoryIsBounded()
    {
        std::vector<Array> images, labels;
        for (int z = 0; z < 3; ++z) {
            Array image(DType::UInt8, {400, 300}), label(DType::UInt8, {400, 300});
            for (int i = 0; i < 400 * 300; ++i) {
                const bool in = (i / 300 / 20 + i % 300 / 20 + z) % 2;
                label.data<std::uint8_t>()[i] = in ? 255 : 0;
                image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(in ? 180 : 60);
            }
            images.push_back(image);
            labels.push_back(label);
        }
        auto p = project("Memory.reticle");
        const auto run = keepRun(p, {{"name", "unet"}, {"widths", {2, 4, 4, 2, 2}}, {"depth", 2}},
                                 {{"name", "segmentation"},
                                  {"images", m_files.write("wide.tif", images)},
                                  {"labels", m_files.write("wide-labels.tif", labels)},
                                  {"split", "slices"},
                                  {"validation-slices", {0, 1}}});
        const Json options{{"regions", false}, {"factors", {0.5}}};
        Json little = options;
        little["memory"] = 1; // 3 planes of 480 kB each
        const Result many = studied(p, run, options), one = studied(p, run, little);
        QVERIFY(many.values == one.values);
        QVERIFY(many.toJson()["tables"] == one.toJson()["tables"]);
        QVERIFY(many.toJson()["figures"] == one.toJson()["figures"]);
    }
    /// 16 bits, odd sides and pictures of one value: scaled as in training, nothing but numbers and missing points.
    void oddImages()
    {
        std::vector<Array> images, labels;
        for (int z = 0; z < 3; ++z) {
            Array image(DType::UInt16, {37, 53}), label(DType::UInt8, {37, 53});
            for (int i = 0; i < 37 * 53; ++i) {
                const bool in = i % 53 > 20 + z;
                label.data<std::uint8_t>()[i] = in ? 255 : 0;
                // Slice 2 is the same everywhere. The run scales by 1 / 255, so it was trained on 8 bits: these are brought to
                // them, divided by 257.
                image.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(257 * (z == 2 ? 100 : in ? 200 : 60));
            }
            images.push_back(image);
            labels.push_back(label);
        }
        const auto path = m_files.write("deep.tif", images), truth = m_files.write("deep-labels.tif", labels);
        auto p = project("Odd.reticle");
        const auto odd = [&](std::vector<std::int64_t> slices) {
            return keepRun(p, {{"name", "skip-net"}},
                           {{"name", "segmentation"},
                            {"images", path},
                            {"labels", truth},
                            {"split", "slices"},
                            {"validation-slices", slices}});
        };
        const Result two = studied(p, odd({0, 1}));
        QCOMPARE(two.values["dice"].get<double>(), 1.0); // 200 / 255 > 0.47 > 60 / 255
        const double n = 37.0 * 53, one = 37.0 * 32, other = 37.0 * 31;
        QVERIFY(std::abs(change(two, "skip 0", "ablated")["pixel-error-drop"].get<double>() - (one + other) / 2 / n) < 1e-12);
        QVERIFY(std::abs(change(two, "skip 0", "shuffled")["dice-drop"].get<double>() - (1 - 2 * other / (one + other))) < 1e-12);
        QCOMPARE(problemsOf(two.figures), std::string());
        const Result constant = studied(p, odd({2}), {{"shuffle", false}});
        for (const auto &c : constant.values["changes"])
            for (const auto &level : c["power-ratio"])
                QVERIFY(level.is_null()); // there is no detail to lose
        QCOMPARE(problemsOf(constant.figures), std::string());
        const auto picture =
            keepRun(p, {{"name", "skip-net"}},
                    {{"name", "images"}, {"images", path}, {"split", "slices"}, {"validation-slices", {2}}}, "image");
        const Result image = studied(p, picture, {{"shuffle", false}});
        // 20 (x - 0.47) of x = 100 / 255, and 20 (0 - 0.47) where it is ablated.
        const double x = 100.0 / 255, whole = std::abs(20 * (x - 0.47) - x);
        QVERIFY(near(image.values["rmse"].get<double>(), whole));
        const double ablated = change(image, "skip 0", "ablated")["rmse-drop"].get<double>();
        QVERIFY(near(ablated, 9.4 + x - whole));
        QCOMPARE(problemsOf(image.figures), std::string());
    }
    /// Runs that differ in the seed are studied together, as numbers of each by itself say.
    void severalRunsInOne()
    {
        auto p = project("Seeds.reticle");
        const Json model{{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}};
        std::vector<Result> alone;
        for (const int seed : {1, 2, 3}) {
            const auto run = keepRun(p, model, data(), "labels", seed);
            alone.push_back(studied(p, run, {{"regions", false}, {"factors", Json::array()}}));
        }
        const auto stranger = keepRun(p, {{"name", "unet"}, {"widths", {4, 8, 8, 4, 5}}, {"depth", 2}}, data());
        const Json options{{"runs", {1, 2, 3}}, {"regions", false}, {"factors", Json::array()}};
        const Result all = studied(p, 0, options);
        QCOMPARE(all.values["networks"].size(), std::size_t(3));
        double mean = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto &n = all.values["networks"][i];
            QCOMPARE(n["run"].get<int>(), static_cast<int>(i) + 1);
            QCOMPARE(n["seed"].get<int>(), static_cast<int>(i) + 1);
            const Json found = n["changes"].flatten(), expected = alone[i].values["changes"].flatten();
            QCOMPARE(found.size(), expected.size());
            for (const auto &[key, value] : found.items()) {
                const Json &other = expected.at(key);
                const bool same = value.is_number() ? near(value.get<double>(), other.get<double>()) : value == other;
                QVERIFY2(same, (key + ": " + value.dump() + ", alone " + other.dump()).c_str());
            }
            QVERIFY(n["dice"] == alone[i].values["dice"]);
            mean += alone[i].values["changes"][0]["dice-drop"].get<double>() / 3;
        }
        QVERIFY(std::abs(all.values["changes"][0]["dice-drop"].get<double>() - mean) < 1e-12);
        // Untrained, all say foreground everywhere: it is their detail that differs.
        QVERIFY(all.values["networks"][0]["changes"] != all.values["networks"][1]["changes"]);
        QVERIFY(all.summary.find("runs 1, 2, 3, validation slices") != std::string::npos);
        QCOMPARE(problemsOf(all.figures), std::string());
        // Found by their recipes, from any of them.
        const Result found = studied(p, 2, {{"seeds", true}, {"regions", false}, {"factors", Json::array()}});
        QCOMPARE(found.values["networks"].size(), std::size_t(3));
        QCOMPARE(found.values["networks"][0]["run"].get<int>(), 2);
        EXPECT_ERROR(studied(p, 1, {{"runs", {stranger}}}), "run 4, whose model differs");
    }
    /// What is found by itself is whole and one a seed; what is named is taken, with a word.
    void runsOfOneSeedAndUnfinishedOnes()
    {
        auto p = project("Alike.reticle");
        const Json model{{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}};
        for (const int seed : {1, 2, 2, 3})
            keepRun(p, model, data(), "labels", seed);
        auto half = p.run(4);
        half.status = RunStatus::Cancelled;
        p.updateRun(half);
        Json options{{"seeds", true}, {"regions", false}, {"factors", Json::array()}, {"shuffle", false}};
        const Result found = studied(p, 1, options);
        QCOMPARE(found.values["networks"].size(), std::size_t(2)); // run 3 is the latest of seed 2
        QCOMPARE(found.values["networks"][1]["run"].get<int>(), 3);
        QVERIFY(found.warnings.empty());
        options = {{"runs", {2, 3, 4}}, {"regions", false}, {"factors", Json::array()}, {"shuffle", false}};
        const Result named = studied(p, 1, options);
        QCOMPARE(named.values["networks"].size(), std::size_t(4));
        QCOMPARE(named.warnings.size(), std::size_t(2));
        QVERIFY(named.warnings[0].find("Run 4 was not trained to its end (cancelled)") == 0);
        QVERIFY(named.warnings[1].find("Runs 2 and 3 have the same seed") == 0);
    }
    /// Slices that the seed chooses may be of another size for each run.
    void everyRunsSlicesAreOfOneSize()
    {
        const auto folder = std::filesystem::path(m_files.path("mixed"));
        std::filesystem::create_directories(folder / "images");
        std::filesystem::create_directories(folder / "labels");
        for (int z = 0; z < 4; ++z) {
            Array image(DType::UInt8, {z < 2 ? 32 : 48, 48}), label(DType::UInt8, {z < 2 ? 32 : 48, 48});
            for (std::int64_t i = 0; i < image.size(); ++i) {
                image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>((i * 37 + z) % 251);
                label.data<std::uint8_t>()[i] = (i / 7) % 2 ? 255 : 0;
            }
            for (const auto &[part, page] : {std::pair{"images", image}, {"labels", label}}) {
                TiffWriter writer(folder / part / (std::to_string(z) + ".tif"), page.size());
                writer.writePage(page);
                writer.close();
            }
        }
        auto p = project("Mixed.reticle");
        Json mixed = data();
        mixed["images"] = (folder / "images").string();
        mixed["labels"] = (folder / "labels").string();
        mixed["validation-slices"] = {2, 3}; // of one size, though not the first picture's
        keepRun(p, {{"name", "skip-net"}}, mixed);
        QCOMPARE(studied(p, 1).values["slices"].get<int>(), 2);
        mixed["validation-slices"] = {1, 2};
        keepRun(p, {{"name", "skip-net"}}, mixed);
        EXPECT_ERROR(studied(p, 2), "slices of one size");
    }
    /// Runs that leave skips out are found by their recipes and stand beside the knock-out of the same skips.
    void retrainedRunsAreFound()
    {
        auto p = project("RetrainedScores.reticle");
        Json model{{"name", "unet"}, {"weights", 4000}, {"depth", 2}, {"normalization", "none"}};
        const auto whole = keepRun(p, model, data());
        // As a run of before has it.
        const Json before{
            {"name", "unet"}, {"weights", 4000}, {"depth", 2}, {"normalisation", "none"}, {"without-skips", Json{0}}};
        const auto first = keepRun(p, before, data(), "labels", 5);
        model["without-skips"] = Json{0, 1};
        keepRun(p, model, data());
        model["without-skips"] = Json{1};
        model["slope"] = 0.2; // another network
        const auto other = keepRun(p, model, data());
        const Json options{{"regions", false}, {"factors", Json::array()}};
        const Result r = studied(p, whole, options);
        QCOMPARE(r.values["retrained"].size(), std::size_t(2 * 3)); // skip 0 and all, three scores
        Json alone = options;
        alone["retrained"] = false;
        const Result one = studied(p, first, alone);
        QVERIFY(!one.values.contains("retrained"));
        QCOMPARE(one.values["skips"].get<std::vector<std::string>>(), (std::vector<std::string>{"skip 1"}));
        const auto &dice = r.values["retrained"][0];
        QCOMPARE(dice["skip"].get<std::string>(), std::string("skip 0"));
        QCOMPARE(dice["score"].get<std::string>(), std::string("dice"));
        QVERIFY(dice["retrained"] == one.values["dice"]);
        QVERIFY(dice["as-it-is"] == r.values["dice"]);
        QVERIFY(r.summary.find("Trained without skip 0") != std::string::npos);
        QVERIFY(std::ranges::find(r.figures, "skip-retrained", &Figure::name) != r.figures.end());
        QCOMPARE(problemsOf(r.figures), std::string());
        // Of a network without skip 0, that without any is the one trained without skip 1.
        const Result inner = studied(p, first, options);
        QCOMPARE(inner.values["retrained"].size(), std::size_t(3));
        QCOMPARE(inner.values["retrained"][0]["skip"].get<std::string>(), std::string("skip 1"));
        // Named, any network without a skip will do; one that has them all will not.
        Json named = options;
        named["retrained-runs"] = Json{other};
        QCOMPARE(studied(p, whole, named).values["retrained"][0]["skip"].get<std::string>(), std::string("skip 1"));
        named["retrained-runs"] = Json{whole};
        EXPECT_ERROR(studied(p, whole, named), "run 1: expected a network trained without some of skip 0, skip 1");
    }
    /// What is trained to see borders by its finest skip sees them no more without it.
    void aTrainedUnetLeansOnItsFinestSkip()
    {
        const Json recipe = {
            {"recipe", 1},
            {"title", "Tiny"},
            {"seed", 1},
            {"device", "cpu"},
            {"data", data()},
            {"model", {{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}}},
            {"objective", {{"name", "bce"}}},
            {"train",
             {{"steps", 150}, {"batch", 2}, {"crop", 32}, {"threads", 1}, {"learning-rate", 0.01}, {"precision", "float32"}}}};
        auto p = project("Trained.reticle");
        const auto run = p.createRun(Recipe(recipe).validated(catalog()));
        Events events;
        RunControl control;
        train(p, run, catalog(), events, control);
        const Result r = studied(p, run.id);
        QVERIFY2(r.values["dice"].get<double>() > 0.97, qPrintable(QString::number(r.values["dice"].get<double>())));
        for (const char *way : {"ablated", "mean"}) {
            const auto drop = change(r, "skip 0", way)["dice-drop"].get<double>();
            QVERIFY2(drop > 0.03, qPrintable(QString("%1 %2").arg(way).arg(drop)));
            QVERIFY(change(r, "all", way)["dice-drop"].get<double>() > 0.03);
        }
    }
};

RETICLE_TEST(SkipStudyTest)
#include "SkipStudyTest.moc"
