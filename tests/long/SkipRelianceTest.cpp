#include "analysis/Analysis.h"
#include "project/Project.h"
#include "support/Catalog.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <fstream>

using namespace reticle;

namespace {

struct NoEvents : EventSink
{
    void emit(const Event &) override {}
};

} // namespace

/// On what a U-Net of 4,000 weights leans after 1,500 steps on the membrane stack of the ISBI 2012 challenge, train
/// slices 0 to 19, validation 20 to 23, each skip replaced by its mean: an autoencoder is almost only its
/// full-resolution skip (reliance 0.84 to 0.87, inner skips 0.01 to 0.08); a segmenter of membranes hardly misses it
/// (0.02 to 0.04), an inner skip dominates, and without any skip next to nothing is left. The order must hold; the
/// values of single seeds differ.
class SkipRelianceTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    /// Trains by the sample recipe with these sections and asks.
    Result studied(const std::string &name, const Json &changed, const Json &options)
    {
        std::ifstream file(test::source("resources/recipes/skip-rescue.json"));
        Json recipe = Json::parse(file);
        recipe.erase("compare");
        recipe["device"] = "cpu";
        recipe["model"] = {{"name", "unet"}, {"weights", 4000}};
        recipe.merge_patch(changed);
        recipe["data"]["images"] = test::sharedData("isbi2012/train-volume.tif");
        recipe["data"]["split"] = "slices";
        recipe["data"]["validation-slices"] = {20, 21, 22, 23};
        recipe["data"].erase("validation-fraction");
        auto project = Project::openOrCreate(m_folder / (name + ".reticle"));
        const auto run = project.createRun(Recipe(recipe).validated(test::catalog()));
        NoEvents events;
        RunControl control;
        train(project, run, test::catalog(), events, control);
        return analyze("skip-study", {&project, run.id, options}, events, control);
    }
    static double number(const Result &r, const std::string &skip, const std::string &key)
    {
        for (const auto &c : r.values.at("changes"))
            if (c.at("skip") == skip)
                return c.at(key).get<double>();
        return std::numeric_limits<double>::quiet_NaN();
    }
    static void tell(const Result &r, const std::string &score)
    {
        QString text = QString("%1 %2").arg(score.c_str()).arg(r.values.at(score).get<double>());
        for (const char *skip : {"skip 0", "skip 1", "skip 2", "all"})
            text += QString("; %1: %2 worse, reliance %3")
                        .arg(skip)
                        .arg(number(r, skip, score + "-drop"))
                        .arg(number(r, skip, score + "-reliance"));
        qInfo("%s", qPrintable(text));
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (test::sharedData("isbi2012/train-volume.tif").empty())
            QSKIP("shared/data is absent");
    }
    void anAutoencoderIsItsFullResolutionSkip()
    {
        const Json by{{"ablate", false}, {"shuffle", false}, {"factors", Json::array()}, {"device", "cpu"}};
        const Result r =
            studied("A", {{"data", {{"name", "images"}, {"labels", nullptr}}}, {"objective", {{"name", "mse"}}}}, by);
        tell(r, "rmse");
        QVERIFY(r.values.at("rmse").get<double>() < 0.055);
        QVERIFY(number(r, "skip 0", "rmse-reliance") > 0.63);
        for (const char *inner : {"skip 1", "skip 2"})
            QVERIFY(number(r, inner, "rmse-reliance") < 0.5 * number(r, "skip 0", "rmse-reliance"));
        // What is lost is the finest detail; the coarsest stays.
        const auto &levels = r.values.at("changes")[0].at("power-ratio");
        QVERIFY(levels.back().get<double>() < 0.5 * levels.front().get<double>());
    }
    void aSegmenterLeansOnAnInnerSkip()
    {
        const Json by{{"ablate", false}, {"shuffle", false}, {"regions", false}, {"factors", Json::array()}, {"device", "cpu"}};
        const Result r =
            studied("S", {{"data", {{"labels", test::sharedData("isbi2012/train-labels.tif")}, {"foreground", "dark"}}}}, by);
        tell(r, "iou");
        const double whole = r.values.at("iou").get<double>();
        QVERIFY2(whole > 0.45 && whole < 0.7, qPrintable(QString::number(whole)));
        QVERIFY(std::abs(number(r, "skip 0", "iou-reliance")) < 0.15);
        const double inner = std::max(number(r, "skip 1", "iou-reliance"), number(r, "skip 2", "iou-reliance"));
        QVERIFY(inner > 0.3);
        QVERIFY(number(r, "all", "iou-drop") > 0.85 * whole);
    }
};

RETICLE_TEST(SkipRelianceTest)
#include "SkipRelianceTest.moc"
