#include "app/worker/Worker.h"

#include "figure/Figure.h"
#include "foundation/Array.h"
#include "project/Recipe.h"

#include <algorithm>
#include <map>
#include <memory>

using namespace reticle;

namespace {

const QString real = "reticle-worker", fake = "reticle-fake-worker";

/// A value that no field of this type takes.
Json wrongFor(const Field &field)
{
    return field.type == Field::Type::Text || field.type == Field::Type::Path ? Json(5) : Json(Json::object());
}

/// The first place where `part` says what `whole` does not: another type, a key that is not there, or, with `values`,
/// another value or an entry of a list that is not in the other.
QString beyond(const Json &part, const Json &whole, bool values, const QString &place)
{
    if (part.is_number() && whole.is_number() && !values)
        return {};
    if (part.is_object() && whole.is_object()) {
        for (const auto &[key, value] : part.items()) {
            const QString at = place + "/" + QString::fromStdString(key);
            if (!whole.contains(key))
                return at;
            const Json &other = whole.at(key);
            const bool same = value.type() == other.type() || (value.is_number() && other.is_number());
            if (!same)
                return at;
            if (const auto inside = values ? beyond(value, other, true, at) : QString(); !inside.isEmpty())
                return inside;
        }
        return {};
    }
    if (part.is_array() && whole.is_array()) {
        for (const auto &entry : part)
            if (std::find(whole.begin(), whole.end(), entry) == whole.end())
                return place + "/" + QString::fromStdString(entry.dump());
        return {};
    }
    return part == whole ? QString() : place;
}

/// The first thing that a form of `part` offers and the real schema does not take.
QString beyond(const SchemaInfo &part, const SchemaInfo &whole, const QString &place)
{
    for (const auto &f : part.fields) {
        const QString at = place + "." + QString::fromStdString(f.name);
        const Field *other = whole.find(f.name);
        if (!other)
            return at;
        if (f.type != other->type || f.unit != other->unit)
            return at + ": another type or unit";
        if (!other->choices.empty() && (f.choices.empty() || std::any_of(f.choices.begin(), f.choices.end(), [&](const auto &c) {
                                            return std::find(other->choices.begin(), other->choices.end(), c) ==
                                                   other->choices.end();
                                        })))
            return at + ": other choices";
        if ((other->min && (!f.min || *f.min < *other->min)) || (other->max && (!f.max || *f.max > *other->max)))
            return at + ": a wider range";
    }
    try {
        whole.validate(part.defaults());
    } catch (const Error &e) {
        return place + ": " + e.what();
    }
    return {};
}

} // namespace

/// What the window relies on, asked of the worker and of the program that stands for it in the window's tests: both must
/// keep to it, and the latter must say nothing that the former does not.
class ProtocolTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    std::map<QString, std::unique_ptr<test::Served>> m_served;

    test::Served &served(const QString &program)
    {
        auto &one = m_served[program];
        if (!one)
            one = std::make_unique<test::Served>(QString(), program.toStdString());
        return *one;
    }
    Json ask(const QString &program, const std::string &method, const Json &params = Json::object())
    {
        return served(program).ask(method, params);
    }
    Catalog catalogOf(const QString &program) { return Catalog::fromJson(ask(program, "catalog")["result"]); }

    static void bothPrograms()
    {
        QTest::addColumn<QString>("program");
        QTest::newRow("worker") << real;
        QTest::newRow("fake worker") << fake;
    }

private Q_SLOTS:
    void cleanupTestCase() { m_served.clear(); }

    void saysHello_data() { bothPrograms(); }
    void saysHello()
    {
        QFETCH(QString, program);
        const Json hello = ask(program, "hello")["result"];
        for (const char *key : {"version", "torch", "device", "blas"})
            QVERIFY2(hello[key].is_string(), key);
        QVERIFY(hello["threads"].is_number_integer() && hello["bf16"].is_boolean());
        QVERIFY(hello["warnings"].is_array() && hello["asking"].is_object());
        QCOMPARE(hello["devices"][0].get<std::string>(), std::string("cpu"));
    }

    void listsWhatTheWindowAsksFor_data() { bothPrograms(); }
    void listsWhatTheWindowAsksFor()
    {
        QFETCH(QString, program);
        const Catalog catalog = catalogOf(program);
        const std::vector<std::pair<const char *, const char *>> entries{{"models", "unet"},
                                                                         {"objectives", "bce"},
                                                                         {"objectives", "mse"},
                                                                         {"datasets", "segmentation"},
                                                                         {"analyses", "evaluate"},
                                                                         {"analyses", "instances"},
                                                                         {"analyses", "postprocess"},
                                                                         {"simulators", "tissue"},
                                                                         {"live-queries", "postprocess"},
                                                                         {"live-queries", "predict-region"}};
        for (const auto &[kind, name] : entries)
            try {
                catalog.find(kind, name);
            } catch (const Error &e) {
                QFAIL(e.what());
            }
        for (const char *section : {"augment", "train"})
            QVERIFY2(catalog.sections.count(section), section);
    }

    void anUnknownMethodIsNamed_data() { bothPrograms(); }
    void anUnknownMethodIsNamed()
    {
        QFETCH(QString, program);
        for (const char *method : {"fly", "live-queries", "Postprocess"}) {
            const Json answer = ask(program, method);
            QVERIFY2(answer.contains("error"), method);
            QCOMPARE(answer["error"]["kind"].get<std::string>(), std::string("input"));
            QCOMPARE(answer["error"]["where"].get<std::string>(), std::string("method"));
            QVERIFY(answer["error"]["message"].get<std::string>().find(method) != std::string::npos);
            QVERIFY(!answer["error"]["wayOut"].get<std::string>().empty());
        }
        QVERIFY(ask(program, "hello").contains("result"));
    }

    void parametersAreAnObject_data() { bothPrograms(); }
    void parametersAreAnObject()
    {
        QFETCH(QString, program);
        for (const char *method : {"open-model", "describe-model", "postprocess"}) {
            const Json answer = ask(program, method, Json::array());
            QVERIFY2(answer.contains("error"), method);
            QCOMPARE(answer["error"]["message"].get<std::string>(), std::string(method) + ": expected an object, found a list.");
        }
        QVERIFY(ask(program, "describe-model").contains("error"));
    }

    void describesAModel_data() { bothPrograms(); }
    void describesAModel()
    {
        QFETCH(QString, program);
        const Json d = ask(program, "describe-model", described())["result"];
        QVERIFY(d["weights"].get<int>() > 0 && d["batch-in-8-gib"].get<int>() > 0);
        QVERIFY(!d["summary"].get<std::string>().empty());
        QVERIFY(Table::fromJson(d["table"]).rows() > 1 && Table::fromJson(d["memory"]).rows() > 1);
        const Result result = Result::fromJson(d["result"]);
        QVERIFY(!result.summary.empty() && !result.tables.empty() && !result.figures.empty());
    }

    /// Every setting of every live query that a program has, wherever it stands.
    void aLiveQueryNamesItsWrongSettings_data() { bothPrograms(); }
    void aLiveQueryNamesItsWrongSettings()
    {
        QFETCH(QString, program);
        const Catalog catalog = catalogOf(program);
        for (const auto &schema : catalog.kinds.at("live-queries"))
            for (const auto &f : schema.fields)
                for (const bool inOptions : {false, true}) {
                    const Json wrong{{f.name, wrongFor(f)}};
                    const Json answer = ask(program, schema.name, inOptions ? Json{{"options", wrong}} : wrong);
                    const std::string place = schema.name + "." + f.name;
                    QVERIFY2(answer.contains("error"), place.c_str());
                    QCOMPARE(answer["error"]["kind"].get<std::string>(), std::string("input"));
                    QCOMPARE(answer["error"]["where"].get<std::string>(), place);
                }
        const Json missing = ask(program, "postprocess");
        QCOMPARE(missing["error"]["where"].get<std::string>(), std::string("postprocess: probability"));
        QCOMPARE(ask(program, "predict-region")["error"]["where"].get<std::string>(), std::string("predict-region: input"));
    }

    void aRegionNeedsAnOpenModel_data() { bothPrograms(); }
    void aRegionNeedsAnOpenModel()
    {
        QFETCH(QString, program);
        test::Served fresh({}, program.toStdString());
        const Json answer = fresh.ask("predict-region", {{"input", "a.tif"}, {"height", 8}, {"width", 8}});
        QVERIFY2(answer.contains("error"), answer.dump().c_str());
        QCOMPARE(answer["error"]["message"].get<std::string>(),
                 std::string("predict-region: expected an open model, found none; ask for open-model first."));
    }

    /// Of many questions on one channel the last is answered, the others so or as stale, each once.
    void staleQuestionsAreAnsweredOnce_data() { bothPrograms(); }
    void staleQuestionsAreAnsweredOnce()
    {
        QFETCH(QString, program);
        auto &worker = served(program);
        std::vector<std::int64_t> ids;
        for (int i = 0; i < 20; ++i)
            ids.push_back(worker.send("postprocess", cleaned(), "cleaning"));
        std::map<std::int64_t, int> answered;
        bool known = true;
        const Json last = worker.answer(ids.back(), [&](const Json &message) {
            ++answered[message["id"].get<std::int64_t>()];
            known = known && (message.contains("result") || message.value("stale", false));
        });
        QVERIFY2(last.contains("result"), last.dump().c_str());
        QVERIFY(known);
        QCOMPARE(answered.size(), ids.size() - 1);
        for (const auto &[id, times] : answered)
            QCOMPARE(times, 1);
    }

    void theFakeListsOnlyWhatIsThere()
    {
        const Catalog part = catalogOf(fake), whole = catalogOf(real);
        for (const auto &[kind, schemas] : part.kinds)
            for (const auto &schema : schemas)
                try {
                    const auto wrong =
                        beyond(schema, whole.find(kind, schema.name), QString::fromStdString(kind + "/" + schema.name));
                    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
                } catch (const Error &e) {
                    QFAIL(e.what());
                }
        for (const auto &[name, schema] : part.sections) {
            QVERIFY2(whole.sections.count(name), name.c_str());
            const auto wrong = beyond(schema, whole.sections.at(name), QString::fromStdString(name));
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        }
        const Json a = ask(fake, "hello")["result"], b = ask(real, "hello")["result"];
        auto wrong = beyond(a, b, false, "hello");
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        wrong = beyond(a["asking"], b["asking"], true, "hello/asking");
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    void theFakeAnswersOnlyWhatTheWorkerDoes()
    {
        const auto tissue = m_folder / "tissue";
        QVERIFY(test::makeTissue(tissue));
        const auto run = test::worker(test::tinyRun(tissue, m_folder / "P.reticle", 3));
        QVERIFY2(run.status == 0, run.err.constData());
        Json asked = Json::parse(test::readAll(test::source("resources/recipes/segment-quick.json")));
        asked["data"]["images"] = (tissue / "tissue-volume.tif").string();
        asked["data"]["labels"] = (tissue / "tissue-labels.tif").string();
        asked["train"]["crop"] = 32;
        Json scored = cleaned();
        Array truth(DType::UInt8, {8, 8});
        std::fill_n(truth.data<std::uint8_t>(), 32, std::uint8_t(1));
        scored["truth"] = truth.toJson();
        const std::vector<std::pair<std::string, Json>> questions{
            {"open-model", {{"project", (m_folder / "P.reticle").string()}, {"run", 1}}},
            {"predict-region",
             {{"input", (tissue / "tissue-volume.tif").string()},
              {"page", 1},
              {"y", 0},
              {"x", 0},
              {"height", 20},
              {"width", 24}}},
            {"postprocess", cleaned()},
            {"postprocess", scored},
            {"describe-model", described()},
            {"training-estimate", {{"recipe", asked}, {"channels", 1}, {"classes", 2}}},
            {"augment-preview", {{"recipe", asked}, {"count", 2}}},
            {"pause", Json::object()},
            {"stop", Json::object()}};
        for (const auto &[method, params] : questions) {
            const Json a = ask(fake, method, params), b = ask(real, method, params);
            QVERIFY2(a.contains("result"), a.dump().c_str());
            QVERIFY2(b.contains("result"), b.dump().c_str());
            auto wrong = beyond(a["result"], b["result"], false, QString::fromStdString(method));
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
            for (const char *array : {"probability", "labels"})
                if (method != "open-model" && a["result"].contains(array)) {
                    const Array one = Array::fromJson(a["result"][array]), other = Array::fromJson(b["result"][array]);
                    QVERIFY2(one.dtype() == other.dtype() && one.shape() == other.shape(), array);
                }
            for (const char *scores : {"before", "after"})
                if (a["result"].contains(scores)) {
                    wrong = beyond(a["result"][scores], b["result"][scores], false, scores);
                    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
                }
        }
    }

private:
    static Json described()
    {
        return {{"model", {{"name", "unet"}, {"weights", 4000}}},
                {"objective", {{"name", "bce"}}},
                {"channels", 1},
                {"classes", 2},
                {"height", 32},
                {"width", 32}};
    }
    /// A square of the foreground, cleaned up.
    static Json cleaned()
    {
        Array probability(DType::Float32, {8, 8});
        for (int i = 0; i < 4; ++i)
            std::fill_n(probability.data<float>() + 8 * i, 4, 0.9f);
        return {
            {"probability", probability.toJson()}, {"truth", nullptr}, {"options", {{"closing", true}, {"closing-radius", 1}}}};
    }
};

RETICLE_TEST(ProtocolTest)
#include "ProtocolTest.moc"
