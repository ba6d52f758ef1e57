#include "Worker.h"

#include "files/ImageWriter.h"
#include "project/Recipe.h"

using namespace reticle;
using test::worker;

class CommandLineTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void listsKinds()
    {
        const auto all = worker({"list"});
        QCOMPARE(all.status, 0);
        for (const char *word : {"models", "unet", "objectives", "bce", "datasets", "segmentation", "simulators", "tissue"})
            QVERIFY2(all.out.contains(word), word);
        const auto models = worker({"list", "models", "--json"});
        const Json j = Json::parse(models.out.toStdString());
        QCOMPARE(j.size(), size_t(1));
        bool found = false;
        for (const auto &m : j["models"])
            found = found || m["name"] == "unet";
        QVERIFY(found);
    }
    void describesAModelWithItsLayers()
    {
        const auto o = worker({"describe", "unet", "--set", "weights=4000", "--size", "64", "--json"});
        QVERIFY2(o.status == 0, o.err.constData());
        const Json j = Json::parse(o.out.toStdString());
        QCOMPARE(j["model"]["weights"].get<int>(), 3964); // the published width solution for 4,000
        QVERIFY(j["model"]["table"]["columns"].size() > 4);
        const auto text = worker({"describe", "unet", "--set", "weights=4000"});
        QVERIFY(text.out.contains("weights"));
        QVERIFY(text.out.contains("Number of weights to reach"));
    }
    void describesLargeModelsInAProcessOfTheirOwn()
    {
        const auto o = worker({"describe", "unet", "--set", "weights=5000000", "--size", "64", "--json"});
        QCOMPARE(o.status, 0);
        QVERIFY(std::abs(Json::parse(o.out.toStdString())["model"]["weights"].get<double>() / 5e6 - 1) < 0.01);
    }
    /// What that process reads is read as every other text from outside: within limits, and refused in a sentence.
    void aDamagedQuestionIsRefusedInASentence()
    {
        const auto answerTo = [](const QByteArray &question) {
            QProcess p;
            p.start(QString::fromStdString(test::program("reticle-worker")), {"describe-model"});
            p.write(question);
            p.closeWriteChannel();
            return p.waitForFinished(60000) && p.exitStatus() == QProcess::NormalExit && p.exitCode() == 0
                       ? Json::parse(p.readAllStandardOutput().toStdString(), nullptr, false)
                       : Json();
        };
        for (const auto &[question, found] : {std::pair{QByteArray("{\"model\": "), "found the end of the file"},
                                              {QByteArray(100000, '['), "levels of nesting"},
                                              {QByteArray(R"({"model": {}, "model": {}})"), "\"model\""},
                                              {QByteArray("\xff\xfe"), "describe-model: line 1, column 1"}}) {
            const Json answer = answerTo(question);
            QVERIFY2(answer.contains("error"), question.left(40).constData());
            const auto message = answer["error"]["message"].get<std::string>();
            QVERIFY2(message.starts_with("describe-model: ") && message.find(found) != std::string::npos, message.c_str());
        }
    }
    void describesTheNetworkThatWouldBeTrained()
    {
        const QStringList net{"describe", "unet", "--set", "depth=1", "--set", "widths=2,3,4", "--size", "32", "--json"};
        const auto weights = [&](const QStringList &more) {
            const auto o = worker(net + more);
            return o.status == 0 ? Json::parse(o.out.toStdString())["model"]["weights"].get<int>() : -1;
        };
        QCOMPARE(weights({"--classes", "2"}), 266);                                 // one output for a mask
        QCOMPARE(weights({"--classes", "2", "--objective", "cross-entropy"}), 271); // another one of 4 weights and a bias
    }
    void writesTheLayerTableAndItsFigures()
    {
        const test::TemporaryFolder folder;
        const auto o = worker({"describe", "unet", "--set", "weights=4000", "--size", "48x64", "--batch", "3", "--memory", "2",
                               "--train", "optimizer=sgd", "--train", "averaging=0", "--output", "layers"},
                              QString::fromStdString(folder.path().string()));
        QVERIFY2(o.status == 0, o.err.constData());
        for (const char *file : {"result.json", "layers.csv", "memory.csv", "largest-batch.csv", "training-step.csv",
                                 "layer-costs.figure.json", "step-memory.figure.json"})
            QVERIFY2(std::filesystem::exists(folder / "layers" / file), file);
        const auto csv = test::readAll(folder / "layers" / "layers.csv");
        const std::string text(csv.begin(), csv.end());
        QVERIFY(text.starts_with("name,type,input [C \u00d7 H \u00d7 W],output [C \u00d7 H \u00d7 "
                                 "W],weights,trainable,MACs,activation [B],kept [B]\n"));
        QVERIFY(text.find("\ntotal,,,,3964,3964,") != std::string::npos);
        QVERIFY(o.out.contains("3 \u00d7 1 \u00d7 48 \u00d7 64"));
        QVERIFY(o.out.contains("optimizer (SGD)"));
        QVERIFY(o.out.contains("2 GiB") && o.out.contains("free on this machine"));
        const auto table = worker({"describe", "unet", "--set", "weights=4000", "--size", "32", "--markdown"});
        QVERIFY(table.out.contains("| name | type |"));
        QVERIFY(table.out.contains("|---|---|---|---|---:|---:|---:|---:|---:|"));
        QVERIFY(table.out.contains("| total |  |  |  | 3,964 | 3,964 |"));
    }
    /// More than a hundred GiB, told without taking them.
    void anEnormousPassIsTold()
    {
        const auto o = worker({"describe", "unet", "--set", "weights=20000", "--size", "8192", "--batch", "16"});
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY(o.out.contains("16 \u00d7 1 \u00d7 8192 \u00d7 8192"));
    }
    void describesSectionsAndSimulators()
    {
        QVERIFY(worker({"describe", "train"}).out.contains("learning-rate"));
        QVERIFY(worker({"describe", "recipe"}).out.contains("seed"));
        QVERIFY(worker({"describe", "simulators/tissue"}).out.contains("cell-size"));
    }
    void saysTheVersionAndHelps()
    {
        QCOMPARE(worker({"--version"}).status, 0);
        const auto help = worker({"--help"});
        QCOMPARE(help.status, 0);
        QVERIFY(help.out.contains("simulate"));
    }
    void analysesImagesWithoutAProject()
    {
        const test::TemporaryFolder folder;
        Array a(DType::UInt8, {32, 32});
        for (std::int64_t i = 0; i < a.size(); ++i)
            a.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * i % 251);
        const auto path = folder.path() / "a.tif";
        TiffWriter writer(path, 0);
        writer.writePage(a);
        writer.close();
        const auto text = QString::fromStdString(path.string());
        const auto o = worker({"analyze", "wavelet-spectrum", "--set", "images=" + text, "--set", "others=" + text, "--set",
                               "names=one;two", "--output", "spectrum"},
                              QString::fromStdString(folder.path().string()));
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("two keeps 100 % of the energy at level 1"), o.out.constData());
        for (const char *file : {"result.json", "values.csv", "wavelet-spectrum.figure.json"})
            QVERIFY2(std::filesystem::exists(folder.path() / "spectrum" / file), file);
        const auto many =
            worker({"analyze", "wavelet-spectrum", "--set", "images=" + text, "--set", "levels=9", "--output", "spectrum"});
        QCOMPARE(many.status, 2);
        QVERIFY2(many.err.contains("level must be 1..5 for a 32-pixel side with db1"), many.err.constData());
    }
    void badArguments_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QStringList{} << "--help";
        QTest::newRow("unknown command") << QStringList{"trian"} << "--help";
        QTest::newRow("unknown kind") << QStringList{"list", "model"} << "did you mean \"models\"?\n";
        QTest::newRow("run of no project") << QStringList{"describe", "--run", "1"}
                                           << "--run needs a project. Add --project DIR.";
        QTest::newRow("project without a run")
            << QStringList{"describe", "--project", "p"} << "--project needs a run. Add --run N.";
        QTest::newRow("run and name") << QStringList{"describe", "unet", "--project", "p", "--run", "1"} << "a run and \"unet\"";
        QTest::newRow("run in another size")
            << QStringList{"describe", "--project", "p", "--run", "1", "--size", "64"} << "leave it out";
        QTest::newRow("describe what") << QStringList{"describe"} << "found none";
        QTest::newRow("unknown name") << QStringList{"describe", "unett"} << "did you mean \"unet\"?";
        QTest::newRow("size") << QStringList{"describe", "unet", "--size", "12y"} << "480x640";
        QTest::newRow("absurd size") << QStringList{"describe", "unet", "--size", "100000000"}
                                     << "choose fewer or smaller images";
        QTest::newRow("no model to write") << QStringList{"describe", "train", "--output", "o"} << "the name of a model";
        for (const QStringList &option : {QStringList{"--markdown"},
                                          {"--channels", "3"},
                                          {"--classes", "3"},
                                          {"--size", "32"},
                                          {"--batch", "2"},
                                          {"--objective", "bce"},
                                          {"--train", "optimiser=sgd"},
                                          {"--memory", "2"}})
            QTest::newRow(qPrintable("no model for " + option[0]))
                << QStringList{"describe", "train"} + option << option[0] + ": expected the name of a model";
        QTest::newRow("unknown objective") << QStringList{"describe", "unet", "--objective", "bcee", "--markdown"} << "bce";
        QTest::newRow("unknown setting of training")
            << QStringList{"describe", "unet", "--train", "optimizr=sgd", "--markdown"} << "optimizer";
        QTest::newRow("no project") << QStringList{"run", "x.json"} << "--project";
        QTest::newRow("no recipe") << QStringList{"run", "--project", "P"} << "a recipe, or --resume";
        QTest::newRow("no such recipe") << QStringList{"run", "x.json", "--project", "P"}
                                        << "x.json: expected a recipe, found no file";
        QTest::newRow("bad resume") << QStringList{"run", "--project", "P", "--resume", "one"} << "--resume";
        QTest::newRow("resume nothing") << QStringList{"run", "--project", "P", "--resume", "1"}
                                        << "P: expected a Reticle project";
        QTest::newRow("no model") << QStringList{"predict", "--project", "P", "--run", "1", "--input", "a", "--output", "b"}
                                  << "P: expected a Reticle project";
        QTest::newRow("predict option") << QStringList{"predict", "--project", "P", "--run",  "1", "--input",
                                                       "a",       "--output",  "b", "--tile", "1"}
                                        << "predict.tile";
        QTest::newRow("unknown analysis") << QStringList{"analyze", "nonsense", "--output", "o"} << "analyses";
        QTest::newRow("unknown simulator") << QStringList{"simulate", "tisue", "--output", "o"} << "did you mean \"tissue\"?";
        QTest::newRow("simulator's option") << QStringList{"simulate", "tissue", "--output", "o", "--set", "slice=3"}
                                            << "did you mean \"slices\"?";
        QTest::newRow("no value") << QStringList{"simulate", "tissue", "--output", "o", "--set", "slices"} << "path=value";
    }
    void badArguments()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        const test::TemporaryFolder folder;
        const auto o = worker(arguments, QString::fromStdString(folder.path().string()));
        QCOMPARE(o.status, 2);
        QVERIFY2(QString::fromUtf8(o.err).contains(says), o.err.constData());
        QCOMPARE(o.err.count('\n'), 1); // one line
        QVERIFY(o.out.isEmpty());
        QVERIFY(!std::filesystem::exists(folder / "P")); // and nothing was made
        QVERIFY(!std::filesystem::exists(folder / "o"));
    }
    void badRecipes_data()
    {
        QTest::addColumn<QString>("recipe");
        QTest::addColumn<QString>("says");
        QTest::newRow("not JSON") << "{\n oops"
                                  << "r.json: line 2, column 2";
        QTest::newRow("empty") << ""
                               << "an empty file";
        QTest::newRow("unknown field") << R"({"model": {"name": "unet", "wieghts": 3}})"
                                       << "model.wieghts";
        QTest::newRow("out of range") << R"({"model": {"name": "unet"}, "objective": {"name": "bce"}, "train": {"batch": 0}})"
                                      << "train.batch: expected a whole number between 1 and 4096, found 0";
        QTest::newRow("unknown model") << R"({"model": {"name": "umet"}})"
                                       << "did you mean \"unet\"?";
        QTest::newRow("newer") << R"({"recipe": 7, "model": {"name": "unet"}})"
                               << "newer Reticle";
        QTest::newRow("no images") << R"({"model": {"name": "unet"}, "objective": {"name": "bce"}})"
                                   << "images";
        QTest::newRow("images missing")
            << R"({"data": {"images": "a.tif", "labels": "b.tif"}, "model": {"name": "unet"}, "objective": {"name": "bce"}})"
            << "a.tif";
    }
    void badRecipes()
    {
        QFETCH(QString, recipe);
        QFETCH(QString, says);
        const test::TemporaryFolder folder;
        test::writeAll(folder / "r.json", recipe.toStdString());
        const auto o = worker({"run", "r.json", "--project", "P.reticle"}, QString::fromStdString(folder.path().string()));
        QVERIFY2(o.status == 2, o.err.constData());
        QVERIFY2(QString::fromUtf8(o.err).contains(says), o.err.constData());
        QCOMPARE(o.err.count('\n'), 1);
        QCOMPARE(QString::fromStdString(test::readAll(folder / "r.json")), recipe);
    }
    void sampleRecipesAreValid()
    {
        const Json j = Json::parse(worker({"describe", "train", "--json"}).out.toStdString());
        QVERIFY(j["fields"].size() > 5);
        test::Served served;
        const Catalog catalog = Catalog::fromJson(served.ask("catalog")["result"]);
        int seen = 0;
        for (const auto &entry : std::filesystem::directory_iterator(test::source("resources/recipes"))) {
            const Recipe r = Recipe::load(entry.path().string()).validated(catalog);
            QVERIFY2(!r.title().empty(), entry.path().c_str());
            QVERIFY2(r.section("train")["minutes"].get<double>() > 0, entry.path().c_str());
            ++seen;
        }
        QVERIFY(seen >= 3);
    }
    void simulatesTheSameTwice()
    {
        const test::TemporaryFolder folder;
        QVERIFY(test::makeTissue(folder / "a", 2, 32));
        QVERIFY(test::makeTissue(folder / "b", 2, 32));
        QVERIFY(test::readAll(folder / "a" / "tissue-volume.tif") == test::readAll(folder / "b" / "tissue-volume.tif"));
        QVERIFY(!test::readAll(folder / "a" / "tissue-labels.tif").empty());
    }
    void anUnwritablePlaceIsSaid_data()
    {
        QTest::addColumn<QStringList>("arguments");
        const auto recipe = QString::fromStdString(test::source("resources/recipes/segment-quick.json").string());
        QTest::newRow("simulate") << QStringList{"simulate", "tissue", "--output", "file/below"};
        QTest::newRow("run") << QStringList{"run", recipe, "--project", "file/below/P.reticle"};
        QTest::newRow("project is a file") << QStringList{"run", recipe, "--project", "file"};
        QTest::newRow("predict") << QStringList{"predict", "--project", "P",        "--run",         "1",
                                                "--input", "file",      "--output", "file/below.tif"};
        // A name without an ending is a folder.
        QTest::newRow("predict into a file")
            << QStringList{"predict", "--project", "P", "--run", "1", "--input", "file", "--output", "file"};
        QTest::newRow("analyze") << QStringList{"analyze", "evaluate", "--output", "file/below"};
        QTest::newRow("analyze into a file") << QStringList{"analyze", "evaluate", "--output", "file"};
    }
    void anUnwritablePlaceIsSaid()
    {
        QFETCH(QStringList, arguments);
        const test::TemporaryFolder folder;
        test::writeAll(folder / "file", "x");
        const auto o = worker(arguments, QString::fromStdString(folder.path().string()));
        QVERIFY2(o.status == 2, o.err.constData());
        QVERIFY2(o.err.contains("file") && !o.err.contains("Reticle project"), o.err.constData());
        QCOMPARE(o.err.count('\n'), 1);
        QCOMPARE(test::readAll(folder / "file"), std::string("x"));
    }
};

RETICLE_TEST(CommandLineTest)
#include "CommandLineTest.moc"
