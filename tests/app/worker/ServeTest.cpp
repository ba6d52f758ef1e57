#include "Worker.h"

#include "foundation/Array.h"
#include "project/ModelFiles.h"
#include "project/Project.h"
#include "project/Recipe.h"
#include "support/WrongValues.h"

#include <QDir>
#include <QFile>

#include <csignal>

using namespace reticle;

namespace {

/// The recipe that tinyRun's arguments make, as the window would send it.
Json tinyRecipe(const std::filesystem::path &tissue, int steps)
{
    Json j = Json::parse(test::readAll(test::source("resources/recipes/segment-quick.json")));
    j["device"] = "cpu";
    j["data"]["images"] = (tissue / "tissue-volume.tif").string();
    j["data"]["labels"] = (tissue / "tissue-labels.tif").string();
    j["data"]["validation-fraction"] = 0.25;
    j["model"]["weights"] = 500;
    j["train"] = {{"steps", steps},      {"minutes", 0},          {"batch", 2},  {"crop", 32},
                  {"validate-steps", 5}, {"checkpoint-steps", 3}, {"threads", 1}};
    return j;
}

/// That a process of its own describes.
Json largeModel()
{
    return {{"model", {{"name", "unet"}, {"weights", 20000000}}}, {"height", 256}, {"width", 256}};
}

bool isEvent(const Json &message, const char *kind)
{
    return message.contains("event") && message["event"] == kind;
}

} // namespace

class ServeTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    std::filesystem::path tissue() const { return m_folder / "tissue"; }
    std::string project(const char *name) const { return (m_folder / name).string(); }

    /// Starts an endless run and reads until its first loss; returns the request's number.
    std::int64_t startEndless(test::Served &served, const std::string &project)
    {
        const auto id = served.send("run", Json{{"project", project}, {"recipe", tinyRecipe(tissue(), 1000000)}});
        for (;;) {
            const Json message = served.next();
            if (message.is_null() || isEvent(message, "metric"))
                return id;
            if (message.contains("id"))
                qWarning("%s", message.dump().c_str());
        }
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY(test::makeTissue(tissue())); }

    void saysHelloAndShowsItsCatalog()
    {
        test::Served served;
        const Json hello = served.ask("hello")["result"];
        QVERIFY(!hello["torch"].get<std::string>().empty());
        QCOMPARE(hello["devices"][0].get<std::string>(), std::string("cpu"));
        QVERIFY(hello["threads"].get<int>() >= 1);
        QVERIFY(hello["warnings"].is_array());
        const Catalog catalog = Catalog::fromJson(served.ask("catalog")["result"]);
        QVERIFY(catalog.find("models", "unet").find("weights"));
        for (const char *section : {"augment", "train", "predict"})
            QVERIFY2(catalog.sections.count(section), section);
    }
    void namesWhatIsWrong()
    {
        test::Served served;
        QVERIFY(served.ask("fly")["error"]["message"].get<std::string>().find("fly") != std::string::npos);
        const Json missing = served.ask("open-model", Json{{"project", project("none")}, {"run", 1}})["error"];
        QCOMPARE(missing["kind"].get<std::string>(), std::string("input"));
        QVERIFY(served.ask("open-model", Json::array())["error"]["kind"] == "input");
        QVERIFY(served.ask("run", Json{{"project", 5}})["error"]["kind"] == "input");
        const Json bad = served.ask("run", Json{{"project", project("bad")}, {"recipe", {{"model", {{"name", "umet"}}}}}});
        QVERIFY(bad["error"]["message"].get<std::string>().find("did you mean \"unet\"?") != std::string::npos);
        QVERIFY(!std::filesystem::exists(project("bad")));
        QVERIFY(served.ask("hello").contains("result")); // it is well afterwards
    }
    /// Frames that nobody of good will sends, each answered and followed by one that is done.
    void framesThatCannotBeReadAreAnswered()
    {
        test::Served served;
        const auto framed = [](std::vector<std::uint8_t> content) {
            std::vector<std::uint8_t> frame;
            for (int i = 0; i < 4; ++i)
                frame.push_back(static_cast<std::uint8_t>(content.size() >> (8 * i)));
            frame.insert(frame.end(), content.begin(), content.end());
            return frame;
        };
        using Bytes = std::vector<std::uint8_t>;
        for (const auto &content :
             {Bytes(50000, 0x7f), Bytes(50000, 0x5f), Bytes(50000, 0x9f), Bytes(50000, 0xbf), Bytes(1000000, 0x81),
              Bytes(50000, 0xc1), Bytes{}, Bytes{0xff}, Bytes{0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
              Bytes{0x7b, 0, 0, 0, 1, 0, 0, 0, 0}, Bytes{0x82, 0x01}, Bytes{'H', 'T', 'T', 'P'}}) {
            served.sendBytes(framed(content));
            const Json answer = served.next();
            QVERIFY2(!answer.is_null(), "the worker ended");
            QCOMPARE(answer["error"]["kind"].get<std::string>(), std::string("input"));
            QCOMPARE(answer["id"].get<int>(), 0);
        }
        QVERIFY(served.ask("hello").contains("result"));
        // A length that cannot be: what follows has no beginning, so the worker says so and ends.
        served.sendBytes({0xff, 0xff, 0xff, 0xff, 1, 2, 3});
        QVERIFY(served.next()["error"]["message"].get<std::string>().find("a length of 4294967295 bytes") != std::string::npos);
        QVERIFY(served.process().waitForFinished(60000));
        QCOMPARE(served.process().exitStatus(), QProcess::NormalExit);
        QCOMPARE(served.process().exitCode(), 2);
    }
    /// Every parameter of every method, replaced by what does not belong there.
    void wrongParametersAreNamed()
    {
        const test::TemporaryFolder folder; // some of them are file names that are right
        test::Served served(QString::fromStdString(folder.path().string()));
        const Json array = Array(DType::Float32, {4, 4}).toJson();
        const std::string none = (m_folder / "none").string();
        Json recipe = tinyRecipe("/nowhere", 1);
        const std::vector<std::pair<std::string, Json>> methods{
            {"open-model", {{"project", none}, {"run", 1}}},
            {"predict-region",
             {{"input", none}, {"page", 0}, {"y", 0}, {"x", 0}, {"height", 8}, {"width", 8}, {"flips", "none"}}},
            {"predict", {{"project", none}, {"run", 1}, {"input", none}, {"output", none}, {"tile", 64}}},
            {"analyze",
             {{"name", "evaluate"}, {"project", none}, {"run", 1}, {"options", {{"threshold", 0.5}}}, {"output", none}}},
            {"augment-preview", {{"recipe", recipe}, {"count", 2}}},
            {"training-estimate", {{"recipe", recipe}, {"channels", 1}, {"classes", 2}}},
            {"postprocess", {{"probability", array}, {"truth", array}, {"options", {{"closing", 1}}}}},
            {"describe-model",
             {{"model", {{"name", "unet"}, {"weights", 4000}}},
              {"objective", {{"name", "bce"}}},
              {"train", {{"optimiser", "sgd"}}},
              {"channels", 1},
              {"planes", 1},
              {"classes", 2},
              {"height", 16},
              {"width", 16},
              {"batch", 1}}},
            {"describe-model",
             {{"recipe",
               {{"data", {{"name", "segmentation"}, {"images", none}, {"labels", none}}},
                {"model", {{"name", "unet"}, {"weights", 500}}},
                {"objective", {{"name", "bce"}}},
                {"train", {{"crop", 16}, {"batch", 1}}}}},
              {"channels", 1},
              {"classes", 2}}},
            {"describe-model", {{"project", none}, {"run", 1}}},
            {"wavelets", {{"options", {{"images", none}}}, {"image", 0}, {"level", 1}}},
            {"save-wavelets", {{"options", {{"images", none}}}, {"image", 0}}},
            {"simulate",
             {{"name", "tissue"}, {"output", "made"}, {"seed", 1}, {"options", {{"slices", 1}, {"height", 16}, {"width", 16}}}}}};
        const auto right = [&](const Json &answer, const std::string &about) {
            QVERIFY2(!answer.is_null(), about.c_str());
            if (!answer.contains("error"))
                return;
            const auto message = answer["error"]["message"].get<std::string>();
            QVERIFY2(message.find("unexpected") == std::string::npos && message.find("json") == std::string::npos,
                     (about + ": " + message).c_str());
            QVERIFY2(message.find('\n') == std::string::npos && message.size() < 4100, about.c_str());
            QVERIFY2(answer["error"]["kind"] == "input" || answer["error"]["kind"] == "failed", (about + ": " + message).c_str());
        };
        for (const auto &[method, params] : methods)
            for (const Json &value : {Json(), Json(true), Json(-1), Json(1e300), Json(""), Json::array(), Json::object(),
                                      Json(std::string("\0x", 2)), Json("caf\xe9"), Json(std::string(5000, 'x'))})
                test::eachPlace(params, value, [&](const Json &changed, const std::string &place) {
                    right(served.ask(method, changed),
                          method + place + " = " + value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 40));
                });
        const auto message = [&](const std::string &method, const Json &params) {
            return served.ask(method, params)["error"]["message"].get<std::string>();
        };
        QCOMPARE(message("predict", Json{{"project", 5}}),
                 std::string("predict: project: expected text without a zero character, found 5."));
        QCOMPARE(message("predict", Json::array()), std::string("predict: expected an object, found a list."));
        QCOMPARE(message("open-model", Json{{"project", "P"}}),
                 std::string("open-model: run: expected a whole number, found none."));
        QCOMPARE(message("run", Json{{"project", "P"}, {"recipe", Json::array()}}),
                 std::string("run: recipe: expected an object, found a list."));
        QCOMPARE(message("describe-model", Json{{"model", {{"name", "unet"}}}, {"height", 1.5}}),
                 std::string("describe-model: height: expected a whole number, found 1.5."));
        QCOMPARE(message("describe-model", Json{{"model", {{"name", "unet"}}}, {"objective", 5}}),
                 std::string("describe-model: objective: expected an object, found 5."));
        QCOMPARE(message("run", Json{{"project", "P"}, {"resume", -1}}),
                 std::string("run: resume: expected a whole number from 0 to 9223372036854775807, found -1."));
        QVERIFY(served.ask("hello").contains("result"));
    }
    void describesAModel()
    {
        test::Served served;
        const Json d = served.ask("describe-model", Json{{"model", {{"name", "unet"}, {"weights", 4000}}},
                                                         {"channels", 1},
                                                         {"classes", 2},
                                                         {"height", 64},
                                                         {"width", 64}})["result"];
        QCOMPARE(d["weights"].get<int>(), 3964);
        QVERIFY(d["table"]["columns"].size() > 4);
        const Result r = Result::fromJson(d["result"]);
        QCOMPARE(r.tables.size(), std::size_t(4));
        QCOMPARE(r.figures.size(), std::size_t(2));
        // The network that would be trained: two outputs of cross-entropy, three for an autoencoder of three channels.
        const auto outputs = [&](const char *objective, int channels) {
            const Json answer =
                served.ask("describe-model", Json{{"model", {{"name", "unet"}, {"depth", 1}, {"widths", {2, 3, 4}}}},
                                                  {"objective", {{"name", objective}}},
                                                  {"train", {{"optimiser", "sgd"}}},
                                                  {"channels", channels},
                                                  {"classes", 2},
                                                  {"height", 8},
                                                  {"width", 8}});
            const Table t = Table::fromJson(answer["result"]["table"]);
            return t.text(t.rows() - 2, 3);
        };
        QCOMPARE(outputs("bce", 1), std::string("1 \u00d7 8 \u00d7 8"));
        QCOMPARE(outputs("cross-entropy", 1), std::string("2 \u00d7 8 \u00d7 8"));
        QCOMPARE(outputs("mse", 3), std::string("3 \u00d7 8 \u00d7 8"));
        const Json refused =
            served.ask("describe-model", Json{{"model", {{"name", "unet"}}}, {"height", 100000000}, {"width", 100000000}});
        QCOMPARE(refused["error"]["kind"].get<std::string>(), std::string("input"));
    }
    /// From the headers of its data, and of a run from what its model has.
    void describesTheNetworkOfARecipeOrARun()
    {
        test::Served served;
        Json recipe = tinyRecipe(tissue(), 2);
        recipe["model"]["weights"] = 4000;
        const auto ends = [&](const Json &params) {
            const Json answer = served.ask("describe-model", params);
            if (!answer.contains("result"))
                return answer.dump();
            const Table t = Table::fromJson(answer["result"]["table"]);
            return t.text(0, 2) + " to " + t.text(t.rows() - 2, 3);
        };
        QCOMPARE(ends({{"recipe", recipe}}), std::string("1 \u00d7 32 \u00d7 32 to 1 \u00d7 32 \u00d7 32"));
        recipe["data"]["context"] = 1;
        recipe["objective"] = {{"name", "cross-entropy"}};
        QCOMPARE(ends({{"recipe", recipe}}), std::string("3 \u00d7 32 \u00d7 32 to 2 \u00d7 32 \u00d7 32"));
        QCOMPARE(ends({{"recipe", recipe}, {"classes", 4}}), std::string("3 \u00d7 32 \u00d7 32 to 4 \u00d7 32 \u00d7 32"));
        const std::string where = project("described");
        QVERIFY(served.ask("run", Json{{"project", where}, {"recipe", recipe}}).contains("result"));
        QCOMPARE(ends({{"project", where}, {"run", 1}}), std::string("3 \u00d7 32 \u00d7 32 to 2 \u00d7 32 \u00d7 32"));
        // As the run's, wherever the data are by now.
        const auto o = test::worker({"describe", "--project", QString::fromStdString(where), "--run", "1", "--json"});
        QVERIFY2(o.status == 0, o.err.constData());
        const Json d = served.ask("describe-model", Json{{"project", where}, {"run", 1}})["result"];
        QCOMPARE(Json::parse(o.out.toStdString())["model"]["weights"].get<int>(), d["weights"].get<int>());
        const auto refused = [&](const Json &params) { return served.ask("describe-model", params)["error"]["message"].dump(); };
        QVERIFY(refused({{"project", where}, {"run", 9}}).find("run 9") != std::string::npos);
        QVERIFY(refused({{"run", 1}}).find("project") != std::string::npos);
        recipe["data"] = {{"name", "images"}, {"images", recipe["data"]["images"]}};
        QVERIFY(refused({{"recipe", recipe}}).find("objective.name") != std::string::npos);
    }
    /// What takes much memory or crashes a library is described by a process of its own: the training in this one goes on.
    void describesLargeModelsApartFromATraining()
    {
        test::Served served;
        const auto id = startEndless(served, project("large"));
        const auto ask = [&](std::int64_t weights) {
            const auto question = served.send("describe-model", Json{{"model", {{"name", "unet"}, {"weights", weights}}}});
            return served.answer(question);
        };
        const Json large = ask(5000000);
        QVERIFY2(large.contains("result"), large.dump().c_str());
        QVERIFY(std::abs(large["result"]["weights"].get<double>() / 5e6 - 1) < 0.01);
        const Json huge = ask(200000000);
        QVERIFY2(huge.contains("result") ||
                     huge["error"]["message"].get<std::string>().find("Choose fewer weights") != std::string::npos ||
                     huge["error"]["wayOut"].get<std::string>().find("fewer") != std::string::npos,
                 huge.dump().c_str());
        served.ask("stop");
        const Json ended = served.answer(id);
        QVERIFY2(ended.contains("result"), ended.dump().c_str());
        QCOMPARE(ended["result"]["status"].get<std::string>(), std::string("stopped"));
    }
    void aLargeDescriptionHoldsNothingUp()
    {
        test::Served served;
        const auto large = served.send("describe-model", largeModel(), "layers");
        bool described = false;
        QVERIFY(served
                    .answer(served.send("hello"),
                            [&](const Json &m) { described = described || m.value("id", std::int64_t(0)) == large; })
                    .contains("result"));
        QVERIFY(!described);
        // Nobody waits for it any more.
        const auto small = served.send("describe-model", Json{{"model", {{"name", "unet"}, {"weights", 4000}}}}, "layers");
        QVERIFY(served.answer(large).contains("stale"));
        QVERIFY(served.answer(small).contains("result"));
        // The end of the requests does not wait for it either.
        served.send("describe-model", largeModel());
        served.process().closeWriteChannel();
        QVERIFY(served.process().waitForFinished(60000));
        QCOMPARE(served.process().exitCode(), 0);
    }
    void aSimulationIsCancelled()
    {
        test::Served served;
        const auto output = project("simulated");
        const auto id = served.send("simulate", Json{{"name", "tissue"},
                                                     {"output", output},
                                                     {"seed", 1},
                                                     {"options", {{"slices", 10000}, {"height", 64}, {"width", 64}}}});
        Json answer; // may come before that to the cancel
        const auto cancel = served.send("cancel");
        QVERIFY(served
                    .answer(cancel,
                            [&](const Json &m) {
                                if (m.value("id", std::int64_t(0)) == id)
                                    answer = m;
                            })
                    .contains("result"));
        if (answer.is_null())
            answer = served.answer(id);
        QVERIFY2(answer.contains("error"), answer.dump().c_str());
        QCOMPARE(answer["error"]["kind"].get<std::string>(), std::string("cancelled"));
        QVERIFY(!std::filesystem::exists(std::filesystem::path(output) / "tissue-volume.tif"));
    }
    void aLargeDescriptionEndsWithItsWorker()
    {
        test::Served served;
        served.send("describe-model", largeModel());
        const QString tasks = QString("/proc/%1/task").arg(served.process().processId());
        const auto read = [](const QString &path) {
            QFile file(path);
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        QByteArray child;
        const auto started = [&] {
            for (const auto &task : QDir(tasks).entryList(QDir::Dirs | QDir::NoDotAndDotDot))
                if (const auto children = read(tasks + '/' + task + "/children").simplified(); !children.isEmpty())
                    child = children.split(' ').first();
            return !child.isEmpty();
        };
        QTRY_VERIFY_WITH_TIMEOUT(started(), 60000);
        served.process().kill();
        served.process().waitForFinished();
        // Gone, or waiting for a parent to ask how it ended.
        const auto ended = [&] {
            const auto stat = read("/proc/" + child + "/stat");
            return stat.isEmpty() || stat.mid(stat.lastIndexOf(')') + 2, 1) == "Z";
        };
        QTRY_VERIFY_WITH_TIMEOUT(ended(), 60000);
    }
    void trainsWithEvents()
    {
        test::Served served;
        const auto id = served.send("run", Json{{"project", project("A")}, {"recipe", tinyRecipe(tissue(), 10)}});
        std::map<std::string, int> kinds;
        Json images;
        const Json answer = served.answer(id, [&](const Json &message) {
            QVERIFY(message["request"] == id);
            ++kinds[message["event"].get<std::string>()];
            if (isEvent(message, "example"))
                images = message["data"]["images"];
        });
        QVERIFY2(answer.contains("result"), answer.dump().c_str());
        QCOMPARE(answer["result"]["status"].get<std::string>(), std::string("done"));
        QCOMPARE(kinds["started"], 1);
        QCOMPARE(kinds["done"], 1);
        QVERIFY(kinds["metric"] >= 10);
        QVERIFY(!images.empty());
        QVERIFY(!Array::fromJson(images[0]).empty());

        // The model that came of it, kept warm.
        const Json opened = served.ask("open-model", Json{{"project", project("A")}, {"run", 1}})["result"];
        QCOMPARE(opened["classes"].get<int>(), 2);
        QCOMPARE(opened["channels"].get<int>(), 1);
        QCOMPARE(opened["output"].get<std::string>(), std::string("classes"));
        QCOMPARE(opened["class-names"].size(), size_t(2));
        const auto input = (tissue() / "tissue-volume.tif").string();
        const auto region = [&](int y, int x, int side) {
            return Json{{"input", input}, {"page", 1}, {"y", y}, {"x", x}, {"height", side}, {"width", side}};
        };
        const Array whole = Array::fromJson(served.ask("predict-region", region(0, 0, 64))["result"]["probability"]);
        QCOMPARE(whole.shape(), (std::vector<std::int64_t>{2, 64, 64}));
        const Array part = Array::fromJson(served.ask("predict-region", region(16, 24, 20))["result"]["probability"]);
        QCOMPARE(part.shape(), (std::vector<std::int64_t>{2, 20, 20}));
        for (int y = 0; y < 20; ++y)
            for (int x = 0; x < 20; ++x) {
                const auto a = part.value((1 * 20 + y) * 20 + x), b = whole.value((1 * 64 + y + 16) * 64 + x + 24);
                QVERIFY2(std::abs(a - b) < 2e-2, qPrintable(QString("%1 %2: %3 and %4").arg(y).arg(x).arg(a).arg(b)));
            }
        QVERIFY(served.ask("predict-region", region(60, 0, 20))["error"]["message"].get<std::string>().find("height") !=
                std::string::npos);

        Json turned = region(0, 0, 20);
        turned["flips"] = "3";
        const auto refused = served.ask("predict-region", turned)["error"]["message"].get<std::string>();
        QVERIFY2(refused.find("predict-region.flips") != std::string::npos, refused.c_str());

        // Of many requests on one channel the last is answered, the others so or as stale, each once.
        std::vector<std::int64_t> ids;
        for (int i = 0; i < 20; ++i)
            ids.push_back(served.send("predict-region", region(i, i, 40), "view"));
        std::map<std::int64_t, int> answered;
        int stale = 0;
        const Json last = served.answer(ids.back(), [&](const Json &message) {
            ++answered[message["id"].get<std::int64_t>()];
            stale += message.contains("stale");
            QVERIFY(message.contains("stale") || message.contains("result"));
        });
        QVERIFY(last.contains("result"));
        QCOMPARE(answered.size(), ids.size() - 1);
        QVERIFY(stale > 0);

        // Cleaning with scores.
        const Json cleaned = served.ask(
            "postprocess",
            Json{{"probability", part.toJson()}, {"truth", nullptr}, {"options", {{"remove-small", true}, {"part", "all"}}}});
        QVERIFY2(cleaned.contains("result"), cleaned.dump().c_str());
        QCOMPARE(Array::fromJson(cleaned["result"]["labels"]).shape(), (std::vector<std::int64_t>{20, 20}));

        const auto predict = served.send(
            "predict",
            Json{{"project", project("A")}, {"run", 1}, {"input", input}, {"output", project("p.tif")}, {"device", "cpu"}});
        QVERIFY(served.answer(predict)["result"]["output"] == project("p.tif"));
        QVERIFY(std::filesystem::exists(project("p.tif")));
    }
    void previewsAugmentation()
    {
        test::Served served;
        const Json r = served.ask("augment-preview", Json{{"recipe", tinyRecipe(tissue(), 10)}, {"count", 3}});
        QVERIFY2(r.contains("result"), r.dump().c_str());
        QCOMPARE(r["result"]["images"].size(), size_t(3));
        QCOMPARE(Array::fromJson(r["result"]["targets"][0]).shape(), (std::vector<std::int64_t>{32, 32}));
        // What one message cannot hold is refused before it is made, and the worker answers on.
        Json large = tinyRecipe(tissue(), 10);
        large["train"]["crop"] = 4096;
        const Json refused = served.ask("augment-preview", Json{{"recipe", large}, {"count", 64}});
        QVERIFY2(refused.contains("error"), "it was made");
        QVERIFY(refused["error"]["message"].get<std::string>().find("Choose a smaller crop or fewer examples") !=
                std::string::npos);
        QVERIFY(served.ask("hello").contains("result"));
    }
    void pausesResumesAndStops()
    {
        test::Served served;
        const auto id = startEndless(served, project("C"));
        bool paused = false, resumed = false;
        const auto see = [&](const Json &message) {
            paused = paused || isEvent(message, "paused");
            resumed = resumed || isEvent(message, "resumed");
        };
        QVERIFY(served.answer(served.send("pause"), see).contains("result"));
        while (!paused)
            see(served.next());
        // Quick requests are answered while long work is at hand.
        QVERIFY(served.answer(served.send("hello"), see).contains("result"));
        QVERIFY(!resumed);
        QVERIFY(Project::open(project("C")).run(1).status == RunStatus::Paused);
        QVERIFY(served.answer(served.send("resume"), see).contains("result"));
        while (!resumed)
            see(served.next());
        served.send("stop");
        QVERIFY(served.answer(id)["result"]["status"] == "stopped");
        QVERIFY(std::filesystem::exists(Project::open(project("C")).runFolder(1) / modelfiles::model));
        // And it can be taken up again.
        const auto again = served.send("run", Json{{"project", project("C")}, {"resume", 1}});
        while (!isEvent(served.next(), "metric")) {
        }
        served.send("cancel");
        const Json answer = served.answer(again);
        QVERIFY2(answer.contains("result") && answer["result"]["status"] == "cancelled", answer.dump().c_str());
    }
    void theEndOfRequestsStopsARun_data()
    {
        QTest::addColumn<bool>("bySignal");
        QTest::newRow("closed pipe") << false;
        QTest::newRow("SIGTERM") << true;
    }
    void theEndOfRequestsStopsARun()
    {
        QFETCH(bool, bySignal);
        const auto folder = project(bySignal ? "D" : "E");
        test::Served served;
        startEndless(served, folder);
        if (bySignal)
            ::kill(static_cast<pid_t>(served.process().processId()), SIGTERM);
        else
            served.process().closeWriteChannel();
        QVERIFY(served.process().waitForFinished(120000));
        QCOMPARE(served.process().exitStatus(), QProcess::NormalExit);
        QCOMPARE(served.process().exitCode(), 0);
        const Project p = Project::open(folder);
        QVERIFY(p.run(1).status == RunStatus::Stopped);
        QVERIFY(std::filesystem::exists(p.runFolder(1) / modelfiles::last));
    }
    void aKilledWorkerLeavesTheProjectWhole()
    {
        test::Served served;
        startEndless(served, project("F"));
        served.process().kill();
        served.process().waitForFinished();
        const Project p = Project::open(project("F"));
        QVERIFY(p.run(1).status == RunStatus::Interrupted);
        QVERIFY(p.run(1).message.find("You can resume") != std::string::npos);
    }
    void otherBytesEndItWithASentence()
    {
        test::Served served;
        served.process().write("HTTP/1.1 200 OK\r\n\r\n");
        QVERIFY(served.process().waitForFinished(60000));
        QCOMPARE(served.process().exitCode(), 2);
        QVERIFY(served.process().readAllStandardError().contains("expected a frame"));
    }
};

RETICLE_TEST(ServeTest)
#include "ServeTest.moc"
