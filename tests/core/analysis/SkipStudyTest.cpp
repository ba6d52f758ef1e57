#include "analysis/SkipStudy.h"

#include "base/ImageSource.h"
#include "core/analysis/SkipNet.h"
#include "learn/Inference.h"
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
        QCOMPARE(r.values["changes"].size(), std::size_t(9));

        const double pixels = 48 * 64, one = foreground(1), two = foreground(2);
        // Nothing is above a threshold: every true pixel is missed.
        const double missed = (one + two) / 2 / pixels;
        for (const char *skip : {"skip 0", "all"}) {
            const auto &c = change(r, skip, "silenced");
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
        // A grey of one value everywhere: all or nothing.
        {
            const auto &c = change(r, "skip 0", "mean");
            QVERIFY(c["dice-drop"].get<double>() > 0.3);
            for (const auto &level : c["power-ratio"])
                QVERIFY(level.is_null() || level.get<double>() < 1e-9);
        }
        for (const char *way : {"silenced", "shuffled", "mean"}) {
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
        const Json data{{"name", "images"},
                        {"images", m_files.path("images.tif")},
                        {"split", "slices"},
                        {"validation-slices", {1, 2}}};
        const auto run = keepRun(p, {{"name", "skip-net"}}, data, "image");
        const Result r = studied(p, run);
        const auto pixels = [&](int z, auto &&f) { // mean over a slice, the square root of it
            double sum = 0;
            for (int i = 0; i < 48 * 64; ++i)
                sum +=
                    f(m_files.labels()[static_cast<std::size_t>(z)].data<std::uint8_t>()[i] ? 180.0 / 255 : 60.0 / 255);
            return sum / (48 * 64);
        };
        const auto rmse = [&](auto &&output) {
            double sum = 0;
            for (const int z : {1, 2})
                sum += std::sqrt(pixels(z, [&](double x) { return (output(z, x) - x) * (output(z, x) - x); })) / 2;
            return sum;
        };
        const double whole = rmse([](int, double x) { return 20 * (x - 0.47); });
        QVERIFY(std::abs(r.values["rmse"].get<double>() / whole - 1) < 1e-5);
        QVERIFY(!r.values.contains("dice") && !r.values.contains("class"));
        const auto rise = [&](const char *skip, const char *way) {
            return change(r, skip, way)["rmse-drop"].get<double>();
        };
        const auto is = [](double a, double b) { return std::abs(a - b) < 1e-5 * std::max(1.0, std::abs(b)); };
        QVERIFY(is(rise("skip 0", "silenced"), rmse([](int, double) { return -20 * 0.47; }) - whole));
        const double mean = (pixels(1, [](double x) { return x; }) + pixels(2, [](double x) { return x; })) / 2;
        // The mean is over tiles, whose mirrored border (of 48 x 64 px in a tile of 256) counts
        // too.
        const double expected = rmse([&](int, double) { return 20 * (mean - 0.47); }) - whole;
        QVERIFY2(std::abs(rise("skip 0", "mean") - expected) < 0.06 * std::abs(expected),
                 qPrintable(QString("%1 instead of %2").arg(rise("skip 0", "mean")).arg(expected)));
        QVERIFY(is(rise("all", "mean"), rise("skip 0", "mean")));
        QVERIFY(rise("skip 0", "shuffled") != 0);
        QCOMPARE(rise("skip 1", "silenced"), 0.0);
        QVERIFY(change(r, "skip 0", "mean")["ssim-drop"].get<double>() > 0);
        QVERIFY(r.summary.find("RMSE") != std::string::npos);
        QCOMPARE(problemsOf(r.figures), std::string());
        // Other analyses of segmentation still want classes.
        Events events;
        RunControl control;
        EXPECT_ERROR(analyze("evaluate", {&p, run, {{"device", "cpu"}}}, events, control), "a run that segments");
    }
    /// Colours, neighbouring slices and another scale: the error is that of the images that the
    /// model predicts.
    void coloursAndNeighboursOfAnAutoencoder()
    {
        std::vector<Array> pages;
        for (int z = 0; z < 4; ++z) {
            Array page(DType::UInt8, {48, 64, 3});
            for (int i = 0; i < page.size(); ++i)
                page.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(128 + 90 * std::sin((i / 192 + 3 * z) / 5.0) *
                                                                                   std::cos(i % 192 / (7.0 + i % 3)));
            pages.push_back(page);
        }
        const auto images = m_files.write("colours.tif", pages);
        const Json recipe = {
            {"recipe", 1},
            {"title", "Colours"},
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
        auto p = project("Colours.reticle");
        const auto run = p.createRun(Recipe(recipe).validated(catalog()));
        Events events;
        RunControl control;
        train(p, run, catalog(), events, control);
        const Result r = studied(p, run.id, {{"shuffle", false}, {"silence", false}});
        PredictOptions o;
        o.device = "cpu";
        Predictor predictor(p.runFolder(run.id), o);
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
                    const double d = made.data<float>()[c * 48 * 64 + i] -
                                     pages[static_cast<std::size_t>(z)].data<std::uint8_t>()[3 * i + c];
                    sum += d * d;
                }
            expected += factor * std::sqrt(sum / (3 * 48 * 64)) / 2;
        }
        QVERIFY2(std::abs(r.values["rmse"].get<double>() / expected - 1) < 1e-4,
                 qPrintable(QString("%1, %2").arg(r.values["rmse"].get<double>()).arg(expected)));
        QVERIFY(r.figures[1].caption.find("mean of its channels") != std::string::npos);
        QCOMPARE(problemsOf(r.figures), std::string());
    }
    void waysAndRegionsCanBeLeftOut()
    {
        auto p = project("Some.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data());
        const Result r = studied(p, run, {{"silence", false}, {"shuffle", false}, {"regions", false}});
        QCOMPARE(r.values["changes"].size(), std::size_t(3));
        QVERIFY(!r.values.contains("v-rand"));
        QCOMPARE(problemsOf(r.figures), std::string());
        EXPECT_ERROR(studied(p, run, {{"silence", false}, {"shuffle", false}, {"mean", false}}), "at least one of");
    }
    void oneSliceHasNoOtherToShuffleWith()
    {
        auto p = project("One.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data({3}));
        const Result r = studied(p, run, {{"regions", false}});
        QCOMPARE(r.values["changes"].size(), std::size_t(6));
        QVERIFY(r.warnings.at(0).find("one slice only") != std::string::npos);
        QCOMPARE(problemsOf(r.figures), std::string());
        EXPECT_ERROR(studied(p, run, {{"silence", false}, {"mean", false}}), "at least two slices");
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
    /// What is trained to see borders by its finest skip sees them no more without it.
    void aTrainedUnetLeansOnItsFinestSkip()
    {
        const Json recipe = {{"recipe", 1},
                             {"title", "Tiny"},
                             {"seed", 1},
                             {"device", "cpu"},
                             {"data", data()},
                             {"model", {{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}}},
                             {"objective", {{"name", "bce"}}},
                             {"train",
                              {{"steps", 150},
                               {"batch", 2},
                               {"crop", 32},
                               {"threads", 1},
                               {"learning-rate", 0.01},
                               {"precision", "float32"}}}};
        auto p = project("Trained.reticle");
        const auto run = p.createRun(Recipe(recipe).validated(catalog()));
        Events events;
        RunControl control;
        train(p, run, catalog(), events, control);
        const Result r = studied(p, run.id);
        QVERIFY2(r.values["dice"].get<double>() > 0.97, qPrintable(QString::number(r.values["dice"].get<double>())));
        for (const char *way : {"silenced", "mean"}) {
            const auto drop = change(r, "skip 0", way)["dice-drop"].get<double>();
            QVERIFY2(drop > 0.03, qPrintable(QString("%1 %2").arg(way).arg(drop)));
            QVERIFY(change(r, "all", way)["dice-drop"].get<double>() > 0.03);
        }
    }
};

RETICLE_TEST(SkipStudyTest)
#include "SkipStudyTest.moc"
