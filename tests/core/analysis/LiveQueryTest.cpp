#include "analysis/LiveQuery.h"

#include "foundation/Error.h"
#include "protocol/CatalogParts.h"
#include "support/Test.h"

using namespace reticle;

namespace {

struct Step
{
    std::int64_t by = 1;
};

/// How often something was asked in a session, by whomever.
struct Asked
{
    int times = 0;
};

/// Adds up what it is asked with.
class Adding : public LiveQuery
{
public:
    Json ask(const LiveParams &params, OpenModel &model, const StillWanted &stillWanted) override
    {
        if (!stillWanted())
            throw Error(Error::Kind::Cancelled, "add-up", "cancelled");
        ++model.kept<Asked>().times;
        m_sum += params.settings()["by"].get<std::int64_t>();
        return {{"sum", m_sum}, {"asked", model.kept<Asked>().times}};
    }

private:
    std::int64_t m_sum = 0;
};

SchemaInfo addingSchema(const char *name)
{
    return Schema<Step>(name, "Adding up").field(&Step::by, {.name = "by", .help = "Summand", .min = 0, .max = 10}).info();
}

const Registration<LiveQueryFactory> adding(addingSchema("add-up"), [] { return std::make_unique<Adding>(); });
const Registration<LiveQueryFactory> again(addingSchema("add-up-too"), [] { return std::make_unique<Adding>(); });

class NothingOpen : public OpenModel
{
public:
    ImagePredictor &predictor(const Json &, const std::string &who) override { throw Error({who, "an open model", "none", {}}); }
    std::shared_ptr<ImageSource> image(const std::string &path) override { return openImage(path); }
};

bool always()
{
    return true;
}

} // namespace

class LiveQueryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void oneObjectASessionKeepsWhatItKnows()
    {
        NothingOpen model, other;
        LiveQueries queries, others;
        QCOMPARE(queries.ask("add-up", {{"by", 2}}, model, always)["sum"].get<int>(), 2);
        QCOMPARE(queries.ask("add-up", {{"options", {{"by", 3}}}}, model, always)["sum"].get<int>(), 5);
        QCOMPARE(queries.ask("add-up", {}, model, always)["sum"].get<int>(), 6);
        const Json too = queries.ask("add-up-too", {}, model, always);
        QCOMPARE(too["sum"].get<int>(), 1);
        QCOMPARE(too["asked"].get<int>(), 4); // what they keep together
        const Json separate = others.ask("add-up", {}, other, always);
        QCOMPARE(separate["sum"].get<int>(), 1);
        QCOMPARE(separate["asked"].get<int>(), 1);
    }
    void settingsAreCheckedBeforeItIsAsked()
    {
        NothingOpen model;
        LiveQueries queries;
        EXPECT_ERROR(queries.ask("add-up", {{"by", 11}}, model, always), "add-up.by");
        EXPECT_ERROR(queries.ask("add-up", {{"options", {{"by", "one"}}}}, model, always), "add-up.by");
        QCOMPARE(queries.ask("add-up", {}, model, always)["asked"].get<int>(), 1);
    }
    void itHearsWhetherItIsStillWanted()
    {
        NothingOpen model;
        LiveQueries queries;
        EXPECT_ERROR(queries.ask("add-up", {}, model, [] { return false; }), "cancelled");
    }
    void thoseOfTheProgramAreInTheCatalog()
    {
        const auto catalog = CatalogParts::instance().catalog();
        for (const char *name : {"predict-region", "postprocess", "save-wavelets", "wavelets", "add-up"}) {
            QVERIFY2(LiveQueries::has(name), name);
            QCOMPARE(catalog.find("live-queries", name).name, std::string(name));
        }
        QVERIFY(!LiveQueries::has("open-model") && !LiveQueries::has("fly"));
    }
    void aRegionNeedsAnOpenModelAndAnImage()
    {
        NothingOpen model;
        LiveQueries queries;
        EXPECT_ERROR(queries.ask("predict-region", {}, model, always), "predict-region: input");
        EXPECT_ERROR(queries.ask("predict-region", {{"input", "a.tif"}}, model, always), "expected an open model");
        EXPECT_ERROR(queries.ask("predict-region", {{"input", "a.tif"}, {"flips", "3"}}, model, always), "predict-region.flips");
        EXPECT_ERROR(queries.ask("predict-region", {{"input", "a.tif"}, {"height", -1}}, model, always), "predict-region.height");
    }
    /// A page's form is made of these; what an analysis reads from files is not among them.
    void cleaningShowsItsStepsAlone()
    {
        const auto schema = CatalogParts::instance().catalog().find("live-queries", "postprocess");
        for (const char *field : {"class", "threshold", "closing", "closing-radius", "keep-largest", "order", "objects"})
            QVERIFY2(schema.find(field), field);
        for (const char *field : {"prediction", "labels", "images", "output", "part", "slices", "device", "largest-rule"})
            QVERIFY2(!schema.find(field), field);
    }
    void cleaningTakesWhatTheAnalysisTakes()
    {
        NothingOpen model;
        LiveQueries queries;
        Array probability(DType::Float32, {4, 4});
        probability.data<float>()[5] = 0.9f;
        const auto ask = [&](const Json &options) {
            return queries.ask("postprocess", {{"probability", probability.toJson()}, {"truth", nullptr}, {"options", options}},
                               model, always);
        };
        QCOMPARE(Array::fromJson(ask(Json::object())["labels"]).value(5), 1.0);
        // Fields of the analysis that a preview does not look at, as windows of before send them.
        const Json cleaned = ask({{"remove-small", true}, {"small-area", 2}, {"part", "all"}, {"foreground", "dark"}});
        QCOMPARE(Array::fromJson(cleaned["labels"]).value(5), 0.0);
        QVERIFY(!cleaned["steps"].get<std::string>().empty());
        EXPECT_ERROR(ask({{"closing-radius", -5}}), "postprocess.closing-radius");
        EXPECT_ERROR(ask({{"clozing", true}}), "did you mean \"closing\"?");
        EXPECT_ERROR(queries.ask("postprocess", {}, model, always), "postprocess: probability");
    }
};

RETICLE_TEST(LiveQueryTest)
#include "LiveQueryTest.moc"
