#include "analysis/SkipStudy.h"

#include "base/Augment.h"
#include "base/Dataset.h"
#include "core/analysis/SkipNet.h"
#include "learn/Objective_p.h"
#include "learn/Training.h"

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
        // The slices change places: discs of radius 5 stand in those of radius 6, and the other way round.
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
    void tablesAndFiguresHoldTheNumbers()
    {
        auto p = project("Tables.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data());
        const Result r = studied(p, run);
        QCOMPARE(r.tables.size(), std::size_t(4));
        QCOMPARE(r.tables[0].rows(), std::size_t(10));
        QCOMPARE(cell(r.tables[0], "drop of Dice", 1), 1.0);
        QCOMPARE(cell(r.tables[0], "Dice", 0), 1.0);
        QCOMPARE(r.tables[1].rows(), std::size_t(9 * 4));
        QCOMPARE(r.tables[2].rows(), std::size_t(9));
        QCOMPARE(r.tables[2].columns.size(), std::size_t(2 + 5)); // 48 px have 5 levels
        QCOMPARE(r.tables[3].rows(), std::size_t(2 * 10));
        // Two slices: each is the other's donor.
        QCOMPARE(r.tables[3].find("skips from slice") != nullptr, true);
        QCOMPARE(cell(r.tables[3], "skips from slice", 4), 2.0);
        QCOMPARE(cell(r.tables[3], "slice", 4), 1.0);
        QVERIFY(!r.tables[0].toCsv().empty());

        QCOMPARE(r.figures.size(), std::size_t(3));
        for (const auto &f : r.figures) {
            const auto problems = f.problems();
            QVERIFY2(problems.empty(), problems.empty() ? "" : problems[0].c_str());
            QVERIFY(!f.caption.empty());
            QVERIFY(Figure::fromJson(f.toJson()).toJson() == f.toJson());
        }
        const auto &bars = std::get<XYPanel>(r.figures[0].panels[0].content);
        QCOMPARE(bars.x.categories, (std::vector<std::string>{"skip 0", "skip 1", "all"}));
        QCOMPARE(bars.series.size(), std::size_t(6)); // bars and whiskers of three ways
        QCOMPARE(bars.series[0].y, (std::vector<double>{1, 0, 1}));
        const auto &lines = std::get<XYPanel>(r.figures[1].panels[1].content);
        QVERIFY(lines.y.scale == Axis::Scale::Log);
    }
    void waysAndRegionsCanBeLeftOut()
    {
        auto p = project("Some.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data());
        const Result r = studied(p, run, {{"silence", false}, {"shuffle", false}, {"regions", false}});
        QCOMPARE(r.values["changes"].size(), std::size_t(3));
        QVERIFY(!r.values.contains("v-rand"));
        for (const auto &f : r.figures)
            QVERIFY(f.problems().empty());
        EXPECT_ERROR(studied(p, run, {{"silence", false}, {"shuffle", false}, {"mean", false}}), "at least one of");
    }
    void oneSliceHasNoOtherToShuffleWith()
    {
        auto p = project("One.reticle");
        const auto run = keepRun(p, {{"name", "skip-net"}}, data({3}));
        const Result r = studied(p, run, {{"regions", false}});
        QCOMPARE(r.values["changes"].size(), std::size_t(6));
        QVERIFY(r.warnings.at(0).find("one slice only") != std::string::npos);
        for (const auto &f : r.figures)
            QVERIFY(f.problems().empty());
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
        for (const auto &f : r.figures)
            QVERIFY(f.problems().empty());
        EXPECT_ERROR(ended(RunControl::End::Stop, 1), "stopped before");
        EXPECT_ERROR(ended(RunControl::End::Cancel, 4), "cancelled");
    }
    /// What is trained to see borders by its finest skip sees them no more without it.
    void aTrainedUnetLeansOnItsFinestSkip()
    {
        Catalog c;
        for (const auto &[name, entry] : Registry<ModuleFactory>::instance().entries())
            c.kinds["models"].push_back(entry.schema);
        for (const auto &[name, entry] : Registry<ObjectiveFactory>::instance().entries())
            c.kinds["objectives"].push_back(entry.schema);
        for (const auto &[name, entry] : datasets().entries())
            c.kinds["datasets"].push_back(entry.schema);
        c.sections["train"] = TrainOptions::schema().info();
        c.sections["augment"] = AugmentOptions::schema().info();
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
        const auto run = p.createRun(Recipe(recipe).validated(c));
        Events events;
        RunControl control;
        train(p, run, c, events, control);
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
