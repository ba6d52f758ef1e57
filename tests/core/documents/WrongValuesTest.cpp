#include "support/WrongValues.h"
#include "data/Augment.h"
#include "data/SegmentationData.h"
#include "documents/FigureNotes.h"
#include "documents/JsonText.h"
#include "documents/PlainText.h"
#include "figure/Figure.h"
#include "foundation/Array.h"
#include "foundation/Error.h"
#include "foundation/ProcessIdentity.h"
#include "project/Recipe.h"
#include "protocol/Capabilities.h"
#include "protocol/Event.h"
#include "protocol/Frame.h"
#include "protocol/RunScores.h"
#include "support/SampleFigures.h"
#include "support/Test.h"

using namespace reticle;

namespace {

/// Nothing but an Error of input comes out, and its sentence is one short line of valid text that names a place.
template <class F> void acceptedOrRefused(const Json &changed, const std::string &place, F read)
{
    const auto about = [&] {
        return place + " = " + changed.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 300);
    };
    try {
        read(changed);
    } catch (const Error &e) {
        const std::string sentence = e.what();
        QVERIFY2(e.kind() == Error::Kind::Input, (about() + ": " + sentence).c_str());
        QVERIFY2(!e.parts().where.empty(), (about() + ": " + sentence).c_str());
        QVERIFY2(sentence.size() < 3000, about().c_str());
        QCOMPARE(printable(sentence), sentence);
    } catch (const std::exception &e) {
        QFAIL((about() + " ended as " + e.what()).c_str());
    }
}

template <class F> void sweep(const Json &document, F read)
{
    for (const auto &value : test::wrongValues())
        test::eachPlace(document, value,
                        [&](const Json &changed, const std::string &place) { acceptedOrRefused(changed, place, read); });
}

struct NetOptions
{
    std::int64_t weights = 1000;
    double slope = 0.1;
    bool norm = true;
    std::string kind = "plain";
    std::vector<std::int64_t> widths{4, 8};
    std::vector<double> rates{0.5};
};

const Catalog &catalog()
{
    static const Catalog c = [] {
        using O = NetOptions;
        Catalog made;
        made.kinds["datasets"] = {SegmentationDataOptions::schema().info()};
        made.kinds["models"] = {Schema<O>("net", "A network")
                                    .field(&O::weights, {.name = "weights", .min = 1})
                                    .field(&O::slope, {.name = "slope"})
                                    .field(&O::norm, {.name = "norm"})
                                    .field(&O::kind, {.name = "kind", .choices = {"plain", "fancy"}})
                                    .field(&O::widths, {.name = "widths"})
                                    .field(&O::rates, {.name = "rates", .min = 0, .max = 1})
                                    .info()};
        made.kinds["objectives"] = {SchemaInfo{"bce", "Loss", "", {}}};
        made.sections["augment"] = AugmentOptions::schema().info();
        made.sections["train"] = Schema<O>("train", "Training").field(&O::weights, {.name = "steps"}).info();
        return made;
    }();
    return c;
}

Json recipe()
{
    return Json{{"recipe", 1},
                {"title", "a"},
                {"seed", 1},
                {"device", "cpu"},
                {"data", {{"name", "segmentation"}, {"images", "a.tif"}, {"labels", "b.tif"}, {"validation-slices", {1, 2}}}},
                {"model",
                 {{"name", "net"},
                  {"weights", 5},
                  {"slope", 0.5},
                  {"norm", false},
                  {"kind", "fancy"},
                  {"widths", {1, 2}},
                  {"rates", {0.5, 1}}}},
                {"objective", {{"name", "bce"}}},
                {"augment", AugmentOptions::schema().write({})},
                {"train", {{"steps", 3}}},
                {"compare", {{"models", {"net", {{"name", "net"}, {"weights", 7}}}}, {"seeds", {1, 2}}, {"weights", 0}}}};
}

} // namespace

/// Every value of every document replaced by what does not belong there.
class WrongValuesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void recipes()
    {
        Recipe(recipe()).validated(catalog()); // as it is, it is right
        sweep(recipe(), [](const Json &j) {
            const Recipe valid = Recipe(j).withAbsolutePaths(catalog(), "/data").validated(catalog());
            if (valid.compares())
                for (const auto &one : valid.compared())
                    one.json().dump();
            valid.json().dump(); // as it is stored
        });
    }
    void settingsOfTheCommandLine()
    {
        for (const auto &value : test::wrongValues())
            for (const char *section : {"data", "model", "objective", "augment", "train", "compare"}) {
                Json document = recipe();
                document[section] = value;
                acceptedOrRefused(document, section, [](const Json &j) {
                    Recipe r(j);
                    for (const auto &[path, text] :
                         {std::pair("title", "b"), std::pair("train.steps", "4"), std::pair("augment.enabled", "false"),
                          std::pair("compare.seeds", "1,2"), std::pair("model.name", "net"), std::pair("data.images", "c")})
                        r.set(path, text, catalog());
                    r.validated(catalog());
                });
            }
        const std::string inside("a\0b", 3);
        for (const std::string &text : {std::string(), std::string("caf\xe9"), inside, std::string("[[[[[[[["),
                                        std::string(100000, '['), std::string("1e999"), std::string("NaN"), std::string("{}"),
                                        std::string("99999999999999999999"), std::string("1,2,")})
            for (const char *path : {"title", "seed", "data.images", "model.weights", "model.slope", "model.norm", "model.kind",
                                     "model.widths", "model.rates", "compare.models", "compare.seeds"})
                acceptedOrRefused(Json(text), path, [&](const Json &) {
                    Recipe r(recipe());
                    r.set(path, text, catalog());
                    r.validated(catalog()).json().dump();
                });
    }
    void figuresAndResults()
    {
        const auto read = [](const Json &j) {
            const Figure f = Figure::fromJson(j);
            f.problems();
            figureNotes(f);
            f.toJson();
        };
        const Json figure = test::everything().toJson();
        read(figure);
        sweep(figure, read);
        Result result;
        result.name = "scores";
        result.values = {{"dice", 0.5}};
        Table table;
        table.title = "t";
        table.columns = {Table::Column{"real", "px", std::vector<double>{1, 2}, 2},
                         Table::Column{"whole", "", std::vector<std::int64_t>{3, 4}, -1},
                         Table::Column{"text", "", std::vector<std::string>{"a", "b"}, -1}};
        result.tables = {table};
        result.warnings = {"w"};
        sweep(result.toJson(), [](const Json &j) { Result::fromJson(j).toJson(); });
        sweep(table.toJson(), [](const Json &j) { Table::fromJson(j).toCsv(); });
    }
    void arrays()
    {
        for (const auto dtype : {DType::UInt8, DType::Int16, DType::Float32, DType::Float64})
            for (const bool text : {true, false}) {
                const Json j = Array(dtype, {2, 3}).toJson(text);
                sweep(j, [](const Json &changed) { Array::fromJson(changed).toJson(); });
            }
        for (const Json &value : {Json(300), Json(-1), Json(0.5), Json(1e300), Json("nan"), Json(true)})
            EXPECT_ERROR(Array::fromJson(Json{{"dtype", "uint8"}, {"shape", {1}}, {"values", {value}}}),
                         "a whole number of type uint8");
        EXPECT_ERROR(Array::fromJson(Json{{"dtype", "float32"}, {"shape", {1}}, {"values", {"many"}}}), "found \"many\"");
    }
    void events()
    {
        const Event e{.kind = Event::Kind::Metric,
                      .run = 3,
                      .time = 1.5,
                      .step = 40,
                      .name = "loss",
                      .value = 0.5,
                      .total = 9,
                      .text = "t",
                      .data = Json{{"a", 1}}};
        sweep(e.toJson(), [](const Json &j) { Event::fromJson(j).toJson(); });
    }
    void catalogs()
    {
        const auto read = [](const Json &j) {
            // What the window does with it: forms of defaults, validated again.
            const Catalog c = Catalog::fromJson(j);
            for (const auto &[kind, schemas] : c.kinds)
                for (const auto &schema : schemas)
                    schema.defaults().dump(-1, ' ', false, Json::error_handler_t::replace);
            c.toJson();
        };
        read(catalog().toJson());
        sweep(catalog().toJson(), read);
    }
    void whatAProjectStores()
    {
        sweep(Split{{1}, {2}, {3}}.toJson(), [](const Json &j) { Split::fromJson(j); });
        sweep(Scaling{0.5, 2}.toJson(), [](const Json &j) { Scaling::fromJson(j); });
        sweep(ProcessIdentity::current().toJson(), [](const Json &j) { ProcessIdentity::fromJson(j); });
        sweep(Json{{"gives", {{"model", {{"unet", {"skips"}}}}}},
                   {"needs", {{"study", {"skips"}}}},
                   {"capabilities", {{"skips", {{"of", "model"}, {"text", "needs skips"}}}}},
                   {"asked-of", {{"study", {{"data", {"images"}}}}}}},
              [](const Json &j) {
                  const auto c = Capabilities::fromJson(j);
                  c.refusal("study", Json{{"model", {{"name", "fcn"}}}});
                  c.optionsFor("study", "data");
              });
        sweep(RunScores("latent", "kl", {{"kl", "divergence", "nats", true, false}}).toJson(),
              [](const Json &j) { RunScores::of(j).selectedScore(); });
        for (const auto &value : test::wrongValues())
            acceptedOrRefused(value, "options", [](const Json &j) { SegmentationDataOptions::schema().read(j, "data"); });
    }
    void frames()
    {
        sweep(Json{{"id", 1}, {"method", "run"}, {"params", {{"a", {1, 2}}}}}, [](const Json &j) {
            FrameReader reader;
            reader.append(encodeFrame(j));
            reader.next();
        });
    }
    void theSentenceNamesPathExpectedAndFound()
    {
        const auto changed = [](const char *place, const Json &value) {
            Json j = recipe();
            j[Json::json_pointer(place)] = value;
            return Recipe(j).validated(catalog());
        };
        EXPECT_ERROR(changed("/train", Json::array()), "train: expected an object, found a list.");
        EXPECT_ERROR(changed("/augment", 3), "augment: expected an object, found 3.");
        EXPECT_ERROR(changed("/data/images", Json::object()), "data.images: expected a path, found an object.");
        EXPECT_ERROR(changed("/model/weights", "many"), "model.weights: expected a whole number of at least 1, found \"many\".");
        EXPECT_ERROR(changed("/model/weights", std::numeric_limits<std::uint64_t>::max()),
                     "model.weights: expected a whole number");
        EXPECT_ERROR(changed("/model/rates/1", std::numeric_limits<double>::infinity()),
                     "model.rates: expected a list of numbers");
        EXPECT_ERROR(changed("/data/images", std::string("a\0b.tif", 7)), "found \"a\\u0000b.tif\"; remove the zero character");
        EXPECT_ERROR(changed("/data/images", "caf\xe9.tif"), "rename the file so that its name is UTF-8");
        EXPECT_ERROR(changed("/compare", Json::array()), "compare: expected an object, found a list.");
        EXPECT_ERROR(changed("/compare/models/1", 5),
                     "compare.models[1]: expected a model's name, or an object with a name, found 5");
    }
};

RETICLE_TEST(WrongValuesTest)
#include "WrongValuesTest.moc"
