#include "Worker.h"

#include "files/ImageSource.h"
#include "project/ModelFiles.h"
#include "project/Project.h"
#include "support/TiffPages.h"

#include <cmath>
#include <csignal>

using namespace reticle;
using test::text;
using test::worker;

namespace {

std::vector<Json> events(const QByteArray &out)
{
    std::vector<Json> all;
    for (const QByteArray &line : out.split('\n'))
        if (!line.isEmpty())
            all.push_back(Json::parse(line.toStdString()));
    return all;
}

} // namespace

class RunTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    std::filesystem::path tissue() const { return m_folder / "tissue"; }

private Q_SLOTS:
    void initTestCase() { QVERIFY(test::makeTissue(tissue())); }

    /// What a color table shows is the same number as in a plain file.
    void labelsAreReadAsNumbers()
    {
        for (const char *folder : {"images", "labels"})
            std::filesystem::create_directories(m_folder / "numbers" / folder);
        for (int i = 0; i < 4; ++i) {
            test::TiffPage image{.pixels = Array(DType::UInt8, {48, 48})}, label{.pixels = Array(DType::UInt8, {48, 48})};
            for (int k = 0; k < 48 * 48; ++k) {
                const bool in = k / 48 / 8 % 2 == k % 48 / 8 % 2;
                image.pixels.data<std::uint8_t>()[k] = in ? 200 : 40;
                label.pixels.data<std::uint8_t>()[k] = in ? 1 : 0;
            }
            if (i % 2) {
                label.photometric = PHOTOMETRIC_PALETTE;
                label.red = {0, 65535};
                label.green = {0, 20000};
                label.blue = {30000, 0};
                for (auto *table : {&label.red, &label.green, &label.blue})
                    table->resize(256);
            }
            const auto name = std::to_string(i) + ".tif";
            test::writeTiff(m_folder / "numbers" / "images" / name, {image});
            test::writeTiff(m_folder / "numbers" / "labels" / name, {label});
        }
        const auto set = [&](const char *field) {
            return QString("data.%1=%2").arg(field, QString::fromStdString((m_folder / "numbers" / field).string()));
        };
        const auto run =
            worker(test::tinyRun(tissue(), m_folder / "N.reticle", 2) << "--set" << set("images") << "--set" << set("labels"));
        QVERIFY2(run.status == 0, run.err.constData());
        for (const auto &input : Project::open(m_folder / "N.reticle").inputs())
            QCOMPARE(input.description.at("channels").get<int>(), 1);
    }
    void trainsPredictsAndRepeats()
    {
        const auto project = m_folder / "A.reticle";
        const auto run = worker(test::tinyRun(tissue(), project, 10) << "--events");
        QVERIFY2(run.status == 0, run.err.constData());
        std::map<std::string, int> kinds;
        for (const Json &e : events(run.out)) {
            for (const char *key : {"event", "run", "time", "step", "name", "value"})
                QVERIFY2(e.contains(key), key);
            ++kinds[e["event"].get<std::string>()];
        }
        QCOMPARE(kinds["started"], 1);
        QCOMPARE(kinds["done"], 1);
        QVERIFY(kinds["metric"] >= 10);
        QVERIFY(kinds["progress"] >= 1);
        QVERIFY(kinds["checkpoint"] >= 3);
        {
            const Project p = Project::open(project);
            QVERIFY(p.run(1).status == RunStatus::Done);
            QCOMPARE(p.run(1).step, std::int64_t(10));
            QCOMPARE(p.metric(1, "train.loss").size(), size_t(10));
            QCOMPARE(p.inputs().size(), size_t(2));
            QVERIFY(p.run(1).recipe["train"]["minutes"] == 0.0); // train.steps is in force
        }
        // The same recipe again: the same losses.
        const auto plain = worker(test::tinyRun(tissue(), project, 10));
        QCOMPARE(plain.status, 0);
        for (const char *words : {"Run 2 started.", "step 10/10", "loss 0.", "validation Dice", "Done.", "Run 2 of "})
            QVERIFY2(plain.out.contains(words), plain.out.constData());
        QVERIFY(!plain.out.contains('\r')); // a file gets plain lines
        const Project p = Project::open(project);
        const auto first = p.metric(1, "train.loss"), second = p.metric(2, "train.loss");
        QCOMPARE(second.size(), first.size());
        for (std::size_t i = 0; i < first.size(); ++i)
            QCOMPARE(second[i].value, first[i].value);

        const auto output = m_folder / "probability.tif";
        const auto predict =
            worker({"predict", "--project", text(project), "--run", "1", "--input", text(tissue() / "tissue-volume.tif"),
                    "--output", text(output), "--tile", "48", "--device", "cpu"});
        QVERIFY2(predict.status == 0, predict.err.constData());
        const auto image = openImage(output);
        QCOMPARE(image->info().pages, std::int64_t(4));
        QVERIFY(image->info().dtype == DType::Float32);
        const Array page = image->readPage(3);
        for (const float v : page.span<float>())
            QVERIFY(v >= 0 && v <= 1);
        const auto labels =
            worker({"predict", "--project", text(project), "--run", "1", "--input", text(tissue() / "tissue-volume.tif"),
                    "--output", text(m_folder / "labels.tif"), "--output-kind", "labels", "--device", "cpu"});
        QVERIFY2(labels.status == 0, labels.err.constData());
        QVERIFY(openImage(m_folder / "labels.tif")->info().dtype == DType::UInt8);
        // Neither what is read nor what the model was trained on is written over.
        const auto copy = m_folder / "copy.tif";
        std::filesystem::copy_file(tissue() / "tissue-volume.tif", copy);
        for (const auto &[input, onto] :
             {std::pair{copy, copy}, {copy, tissue() / "tissue-labels.tif"}, {tissue(), tissue() / "p.tif"}}) {
            const auto before = test::readAll(onto);
            const auto over =
                worker({"predict", "--project", text(project), "--run", "1", "--input", text(input), "--output", text(onto)});
            QVERIFY2(over.status == 2 && over.err.contains("choose another"), over.err.constData());
            QVERIFY(test::readAll(onto) == before);
        }
        const auto wrong = worker({"predict", "--project", text(project), "--run", "5", "--input", "a", "--output", "b"});
        QCOMPARE(wrong.status, 2);
        QVERIFY2(wrong.err.contains("one of the runs 1, 2"), wrong.err.constData());
    }
    void aResumedRunKeepsItsRecipe()
    {
        const auto project = m_folder / "B.reticle";
        QCOMPARE(worker(test::tinyRun(tissue(), project, 4)).status, 0);
        const auto other = worker(test::tinyRun(tissue(), project, 6) << "--resume"
                                                                      << "1");
        QCOMPARE(other.status, 2);
        QVERIFY2(other.err.contains("train.steps: 4 -> 6"), other.err.constData());
        const auto set = worker({"run", "--project", text(project), "--resume", "1", "--set", "seed=9"});
        QCOMPARE(set.status, 2);
        QVERIFY2(set.err.contains("seed"), set.err.constData());
        QVERIFY(Project::open(project).run(1).status == RunStatus::Done);
        const auto same = worker(test::tinyRun(tissue(), project, 4) << "--resume"
                                                                     << "1"); // at its end already
        QVERIFY2(same.status == 0, same.err.constData());
        QCOMPARE(Project::open(project).metric(1, "train.loss").size(), size_t(4));
        QCOMPARE(worker({"run", "--project", text(project), "--resume", "8"}).status, 2);
    }
    void absolutePathsNeedNoWorkingFolder()
    {
        const auto project = m_folder / "nowhere.reticle";
        QProcess p;
        p.start("sh", QStringList{"-c", "mkdir \"$0\" && cd \"$0\" && rmdir \"$0\" && exec \"$@\"", text(m_folder / "gone"),
                                  QString::fromStdString(test::program("reticle-worker"))} +
                          test::tinyRun(tissue(), project, 2));
        QVERIFY(p.waitForFinished(120000));
        QVERIFY2(p.exitCode() == 0, p.readAllStandardError().constData());
        QVERIFY(Project::open(project).run(1).status == RunStatus::Done);
    }
    void anInterruptStopsAndASecondCancels()
    {
        // The signal is sent once the first loss has come, so that it always meets a training at work.
        const auto endedBy = [&](const std::filesystem::path &project, int signals) {
            QProcess p;
            p.start(QString::fromStdString(test::program("reticle-worker")), test::tinyRun(tissue(), project, 1000000)
                                                                                 << "--events");
            QByteArray out;
            while (!out.contains("train.loss") && p.waitForReadyRead(120000))
                out += p.readAllStandardOutput();
            for (int i = 0; i < signals; ++i)
                ::kill(static_cast<pid_t>(p.processId()), i == 0 ? SIGINT : SIGTERM);
            if (!p.waitForFinished(120000))
                p.kill();
            return p.exitStatus() == QProcess::NormalExit ? p.exitCode() : -1;
        };
        QCOMPARE(endedBy(m_folder / "C.reticle", 1), 0);
        const Project stopped = Project::open(m_folder / "C.reticle");
        QVERIFY(stopped.run(1).status == RunStatus::Stopped);
        QVERIFY(std::filesystem::exists(stopped.runFolder(1) / modelfiles::model));
        QCOMPARE(worker({"predict", "--project", text(m_folder / "C.reticle"), "--run", "1", "--input",
                         text(tissue() / "tissue-volume.tif"), "--output", text(m_folder / "c.tif")})
                     .status,
                 0);
        const int status = endedBy(m_folder / "D.reticle", 2);
        const auto how = Project::open(m_folder / "D.reticle").run(1).status;
        // Both signals may be taken before the next step, or the stop may have been through already.
        QVERIFY((status == 3 && how == RunStatus::Cancelled) || (status == 0 && how == RunStatus::Stopped));
    }
    void aReaderThatGoesIsNoReasonToStop()
    {
        const auto project = m_folder / "E.reticle";
        QProcess shell;
        const auto quoted = (QStringList(QString::fromStdString(test::program("reticle-worker")))
                             << test::tinyRun(tissue(), project, 8) << "--events");
        QString line;
        for (const auto &word : quoted)
            line += "'" + word + "' ";
        shell.start("sh", {"-c", line + " | head -n 1"});
        QVERIFY(shell.waitForFinished(120000));
        // The shell waits for both ends of its pipe.
        QVERIFY(Project::open(project).run(1).status == RunStatus::Done);
    }
    void badDataFailsInOneLine()
    {
        const auto project = m_folder / "F.reticle";
        auto arguments = test::tinyRun(tissue(), project, 4);
        QVERIFY(test::makeTissue(m_folder / "larger", 4, 80));
        arguments << "--set"
                  << "data.labels=" + text(m_folder / "larger" / "tissue-labels.tif");
        const auto o = worker(arguments);
        QVERIFY2(o.status == 2, o.err.constData());
        QCOMPARE(o.err.count('\n'), 1);
        QVERIFY2(o.err.contains("80") && o.err.contains("64"), o.err.constData());
        const auto runs = Project::open(project).runs();
        for (const auto &r : runs)
            QVERIFY(r.status == RunStatus::Failed && !r.message.empty());
    }
    void everyModelAndObjectiveTrains()
    {
        const Json models = Json::parse(worker({"list", "models", "--json"}).out.toStdString());
        const Json objectives = Json::parse(worker({"list", "objectives", "--json"}).out.toStdString());
        const auto project = m_folder / "G.reticle";
        std::vector<QStringList> combinations;
        for (const auto &m : models["models"]) {
            const QString name = QString::fromStdString(m["name"].get<std::string>());
            const Json schema = Json::parse(worker({"describe", name, "--json"}).out.toStdString());
            combinations.push_back({"--set", "model.name=" + name});
            for (const auto &f : SchemaInfo::fromJson(schema.contains("schema") ? schema["schema"] : schema).fields)
                if (f.name == "weights")
                    combinations.back() << "--set"
                                        << "model.weights=10642";
                else if (f.name == "variant") // the ready ones have millions of weights
                    combinations.back() << "--set"
                                        << "model.variant=own"
                                        << "--set"
                                        << "model.blocks=[1, 1, 1]"
                                        << "--set"
                                        << "model.growth=4";
        }
        for (const auto &o : objectives["objectives"])
            combinations.push_back({"--set", QString("objective.name=%1").arg(o["name"].get<std::string>().c_str())});
        for (const auto &combination : combinations) {
            const auto arguments = test::tinyRun(tissue(), project, 2) << "--events" << combination;
            const auto o = worker(arguments);
            if (o.err.contains("for data of kind segmentation") || o.err.contains("a network of images, found one of"))
                continue; // of other data
            QVERIFY2(o.status == 0, qPrintable(combination.join(' ') + ": " + o.err));
            for (const Json &e : events(o.out))
                if (e["event"] == "metric" && e["name"] == "train.loss")
                    QVERIFY2(e["value"].is_number(), qPrintable(combination.join(' ')));
        }
    }
};

RETICLE_TEST(RunTest)
#include "RunTest.moc"
