#include "Worker.h"

#include "project/Project.h"

#include <sys/stat.h>

using namespace reticle;
using test::text;
using test::worker;
namespace fs = std::filesystem;

/// No command and no request writes its result over what it reads, or over a file of a project.
class OutputsTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    fs::path tissue(const char *name = "") const { return m_folder / "tissue" / name; }
    fs::path project() const { return m_folder / "P.reticle"; }
    QStringList predict(const fs::path &output) const
    {
        return {"predict",  "--project",  text(project()), "--run", "1",      "--input", text(tissue("tissue-volume.tif")),
                "--output", text(output), "--device",      "cpu",   "--tile", "32"};
    }
    static QStringList analyze(const QString &name, const fs::path &project, const fs::path &output)
    {
        return {"analyze",   name,
                "--project", text(project),
                "--run",     "1",
                "--set",     "device=cpu",
                "--set",     "output=" + text(output),
                "--output",  text(project.parent_path() / "result")};
    }
    /// What must stay as it is, and names by which it can be reached.
    std::vector<fs::path> untouchable() const
    {
        return {tissue("tissue-volume.tif"),
                tissue("tissue-labels.tif"),
                project() / "project.sqlite",
                project() / "runs" / "1" / "recipe.json",
                m_folder / "link.tif",
                m_folder / "second.tif",
                m_folder / "other" / "Q.reticle" / "project.sqlite",
                m_folder / "link.sqlite",
                m_folder / "second.sqlite"};
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::makeTissue(m_folder / "tissue", 4, 48));
        QCOMPARE(worker(test::tinyRun(m_folder / "tissue", project(), 3)).status, 0);
        fs::create_symlink(tissue("tissue-labels.tif"), m_folder / "link.tif");
        fs::create_hard_link(tissue("tissue-volume.tif"), m_folder / "second.tif");
        Project::openOrCreate(m_folder / "other" / "Q.reticle");
        fs::create_symlink(m_folder / "other" / "Q.reticle" / "project.sqlite", m_folder / "link.sqlite");
        fs::create_hard_link(project() / "project.sqlite", m_folder / "second.sqlite");
    }
    void everyCommandKeepsWhatItReads()
    {
        std::vector<fs::path> all = untouchable();
        for (const auto &entry : fs::directory_iterator(project() / "runs" / "1"))
            if (const auto stem = entry.path().stem(); stem == "model" || stem == "last")
                all.push_back(entry.path());
        QVERIFY(all.size() >= untouchable().size() + 3); // weights, their description and the checkpoint
        for (const auto &file : all) {
            const auto before = test::readAll(file);
            QVERIFY2(!before.empty(), file.c_str());
            for (const auto &command :
                 {predict(file), analyze("postprocess", project(), file), analyze("instances", project(), file)}) {
                const auto o = worker(command);
                QVERIFY2(o.status == 2, qPrintable(command.join(' ') + ": " + o.err));
                QCOMPARE(o.err.count('\n'), 1);
                QVERIFY2(o.err.contains("choose "), o.err.constData());
            }
            QVERIFY2(test::readAll(file) == before, file.c_str());
        }
        QVERIFY(!fs::exists(m_folder / "result"));
        QCOMPARE(Project::open(project()).results().size(), std::size_t(0));
    }
    void everyRequestDoesSoToo()
    {
        test::Served served;
        for (const auto &file : untouchable()) {
            const auto before = test::readAll(file);
            const Json predicted = served.ask("predict", {{"project", project().string()},
                                                          {"run", 1},
                                                          {"input", tissue("tissue-volume.tif").string()},
                                                          {"output", file.string()},
                                                          {"device", "cpu"}});
            QVERIFY2(predicted.contains("error") && predicted["error"]["kind"] == "input", predicted.dump().c_str());
            for (const char *name : {"postprocess", "instances"}) {
                const Json analyzed = served.ask("analyze", {{"name", name},
                                                             {"project", project().string()},
                                                             {"run", 1},
                                                             {"options", {{"output", file.string()}, {"device", "cpu"}}}});
                QVERIFY2(analyzed.contains("error") && analyzed["error"]["kind"] == "input", analyzed.dump().c_str());
            }
            const Json saved = served.ask(
                "save-wavelets",
                {{"options", {{"images", tissue("tissue-volume.tif").string()}, {"drop", "A"}, {"output", file.string()}}}});
            const bool ofThis =
                file != tissue("tissue-labels.tif") && file != m_folder / "link.tif" && file != m_folder / "second.sqlite";
            if (ofThis) // this request knows no project, and reads no labels
                QVERIFY2(saved.contains("error") && saved["error"]["kind"] == "input", saved.dump().c_str());
            if (ofThis)
                QVERIFY2(test::readAll(file) == before, file.c_str());
            else
                test::writeAll(file, before);
        }
    }
    void onlyFilesAreReplaced()
    {
        const auto fifo = m_folder / "fifo.tif";
        QCOMPARE(mkfifo(fifo.c_str(), 0600), 0);
        fs::create_symlink(m_folder / "nothing", m_folder / "dangling.tif");
        for (const fs::path &place : {fifo, fs::path("/dev/null"), fs::path("/dev/full"), m_folder / "dangling.tif"})
            for (const auto &command : {predict(place), analyze("postprocess", project(), place)}) {
                const auto o = worker(command);
                QVERIFY2(o.status == 2 && o.err.count('\n') == 1, qPrintable(command.join(' ') + ": " + o.err));
            }
        struct stat s = {};
        QVERIFY(::stat("/dev/null", &s) == 0 && S_ISCHR(s.st_mode));
        QVERIFY(::stat(fifo.c_str(), &s) == 0 && S_ISFIFO(s.st_mode));
    }
    void aProjectTakesNoResultFolder()
    {
        for (const auto &folder : {project(), project() / "runs", project() / "runs" / "1", project() / "results" / "7"}) {
            const auto o = worker({"analyze", "evaluate", "--project", text(project()), "--run", "1", "--set", "device=cpu",
                                   "--output", text(folder)});
            QVERIFY2(o.status == 2 && o.err.contains("choose another"), o.err.constData());
        }
        const auto made = worker({"simulate", "tissue", "--output", text(project() / "runs")});
        QVERIFY2(made.status == 2 && made.err.contains("choose another"), made.err.constData());
    }
    void aFolderOfSlicesGetsNoFile()
    {
        const auto slices = m_folder / "slices";
        fs::create_directory(slices);
        for (const char *name : {"1.tif", "2.tif"})
            fs::copy_file(tissue("tissue-volume.tif"), slices / name);
        const auto into = worker(
            {"predict", "--project", text(project()), "--run", "1", "--input", text(slices), "--output", text(slices / "p.tif")});
        QVERIFY2(into.status == 2 && into.err.contains("choose another folder"), into.err.constData());
        const auto tables = worker({"analyze", "wavelet-spectrum", "--set", "images=" + text(slices), "--output", text(slices)});
        QVERIFY2(tables.status == 2 && tables.err.contains("choose another folder"), tables.err.constData());
        QCOMPARE(std::distance(fs::directory_iterator(slices), fs::directory_iterator()), std::ptrdiff_t(2));
    }
    void anEarlierResultIsReplaced()
    {
        const auto predictions = project() / "runs" / "1" / "predictions";
        fs::create_directories(predictions);
        for (const auto &place : {m_folder / "p.tif", predictions / "tissue-probability.tif"}) {
            std::string first;
            for (int i = 0; i < 2; ++i) {
                const auto o = worker(predict(place));
                QVERIFY2(o.status == 0, o.err.constData());
                if (i == 0)
                    first = test::readAll(place);
                QVERIFY(!first.empty() && test::readAll(place) == first);
            }
        }
        for (int i = 0; i < 2; ++i) {
            const auto o = worker(analyze("postprocess", project(), m_folder / "cleaned.tif"));
            QVERIFY2(o.status == 0, o.err.constData());
        }
    }
    void simulatedDataNeverReplaceAFile()
    {
        const auto made = m_folder / "made";
        QVERIFY(test::makeTissue(made, 2, 32));
        for (const char *name : {"tissue-volume.tif", "tissue-labels.tif"}) {
            const auto before = test::readAll(made / name);
            const auto o = worker({"simulate", "tissue", "--output", text(made), "--seed", "9", "--set", "slices=2"});
            QVERIFY2(o.status == 2 && o.err.contains("choose another folder"), o.err.constData());
            QVERIFY(test::readAll(made / name) == before);
            fs::remove(made / "tissue-volume.tif"); // the other one alone is kept too
        }
        test::Served served;
        const Json again = served.ask("simulate", {{"name", "tissue"}, {"output", made.string()}, {"options", {{"slices", 2}}}});
        QVERIFY2(again.contains("error") && again["error"]["kind"] == "input", again.dump().c_str());
        QVERIFY(!fs::exists(made / "tissue-volume.tif"));
    }
};

RETICLE_TEST(OutputsTest)
#include "OutputsTest.moc"
