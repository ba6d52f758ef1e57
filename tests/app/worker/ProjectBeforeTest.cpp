#include "Worker.h"

#include "files/ImageSource.h"
#include "foundation/Array.h"
#include "project/ModelFiles.h"
#include "project/Project.h"
#include "support/TorchArchives.h"

#include <sys/stat.h>

#include <cmath>

using namespace reticle;
using test::text;
namespace fs = std::filesystem;

namespace {

/// An archive whose code would run if LibTorch loaded it: it writes a file, or never ends.
std::string archiveWithCode(const std::string &body)
{
    return test::zipOf({{"archive/data.pkl", "\x80\x02"
                                             "c__torch__\nModule\n)\x81K\x01"
                                             "b."},
                        {"archive/code/__torch__.py",
                         "class Module(Module):\n  __parameters__ = []\n  __buffers__ = []\n  names : str\n"
                         "  def __getstate__(self: __torch__.Module) -> int:\n    return 1\n"
                         "  def __setstate__(self: __torch__.Module,\n    state: int) -> NoneType:\n    self.names = \"\"\n" +
                             body + "    return None\n"},
                        {"archive/constants.pkl", "\x80\x02)."},
                        {"archive/version", "3\n"}});
}

const std::string writes = archiveWithCode("    torch.save(state, \"written-by-model-code\")\n");
const std::string loops = archiveWithCode("    _0 = True\n    while _0:\n      _0 = True\n");

} // namespace

/// A project that the version before model files of our own wrote (tests/reference/project_before.py) predicts and resumes
/// with the numbers of that version; files with code in their place are refused and not run.
class ProjectBeforeTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    fs::path copied() const
    {
        const auto project = m_folder.part() / "before.reticle";
        fs::copy(test::source("tests/reference/project-before"), project, fs::copy_options::recursive);
        return project;
    }
    static fs::path run(const fs::path &project) { return project / "runs" / "1"; }
    test::Outcome predict(const fs::path &project, const fs::path &output) const
    {
        return test::worker({"predict", "--project", text(project), "--run", "1", "--input",
                             text(project / "data" / "tissue-volume.tif"), "--output", text(output), "--device", "cpu"},
                            text(m_folder.path()));
    }
    test::Outcome resume(const fs::path &project) const
    {
        return test::worker({"run", "--project", text(project), "--resume", "1"}, text(m_folder.path()));
    }
    /// Refused with one line that names the file, and nothing has run. (A loop would end with another status: the worker is
    /// killed after a while.)
    void refused(const test::Outcome &o, const char *file) const
    {
        QCOMPARE(o.status, 2);
        QVERIFY2(o.err.contains(file) && o.err.count('\n') == 1, o.err.constData());
        QVERIFY(!fs::exists(m_folder / "written-by-model-code"));
    }

private Q_SLOTS:
    void predictsAsBefore()
    {
        const auto project = copied();
        const auto o = predict(project, m_folder / "p.tif");
        QVERIFY2(o.status == 0, o.err.constData());
        const auto now = openImage(m_folder / "p.tif"), then = openImage(project / "prediction.tif");
        QCOMPARE(now->info().pages, then->info().pages);
        for (std::int64_t page = 0; page < then->info().pages; ++page) {
            const Array a = now->readPage(page), b = then->readPage(page);
            QVERIFY(a.shape() == b.shape());
            for (std::int64_t i = 0; i < b.size(); ++i)
                QVERIFY2(std::abs(a.value(i) - b.value(i)) < 1e-5,
                         qPrintable(QString("%1 and %2").arg(a.value(i)).arg(b.value(i))));
        }
    }
    void resumesAsBefore()
    {
        const auto project = copied();
        const auto o = resume(project);
        QVERIFY2(o.status == 0, o.err.constData());
        const Json reference = Json::parse(test::readAll(test::source("tests/reference/project-before.json")));
        const Project store = Project::open(project);
        QVERIFY(store.run(1).status == RunStatus::Done);
        std::size_t compared = 0;
        for (const auto &metric : reference.at("metrics")) {
            const auto name = metric[0].get<std::string>();
            const auto step = metric[1].get<std::int64_t>();
            const auto expected = metric[2].get<double>();
            const auto points = store.metric(1, name, step - 1);
            QVERIFY2(!points.empty() && points.front().step == step, name.c_str());
            QVERIFY2(std::abs(points.front().value - expected) < 1e-4 * (1 + std::abs(expected)),
                     qPrintable(QString("%1 at %2: %3 and %4")
                                    .arg(name.c_str())
                                    .arg(step)
                                    .arg(points.front().value, 0, 'g', 17)
                                    .arg(expected, 0, 'g', 17)));
            ++compared;
        }
        QVERIFY(compared > 20);
        // What it wrote is of today, and nothing of before can win over it.
        QVERIFY(fs::exists(run(project) / modelfiles::last) && fs::exists(run(project) / modelfiles::model));
        for (const char *old : {modelfiles::oldModel, modelfiles::oldLast, modelfiles::oldPrevious})
            QVERIFY2(!fs::exists(run(project) / old), old);
        QCOMPARE(predict(project, m_folder / "later.tif").status, 0);
    }
    void codeInAModelIsNotRun()
    {
        for (const auto &code : {writes, loops}) {
            const auto project = copied();
            test::writeAll(run(project) / modelfiles::oldModel, code);
            refused(predict(project, m_folder / "never.tif"), modelfiles::oldModel);
            QVERIFY(!fs::exists(m_folder / "never.tif"));
        }
    }
    void codeInACheckpointIsNotRun()
    {
        for (const auto &code : {writes, loops, writes + torchArchiveSeal(writes), loops + torchArchiveSeal(loops)}) {
            const auto project = copied();
            test::writeAll(run(project) / modelfiles::oldLast, code);
            refused(resume(project), modelfiles::oldLast);
        }
    }
    void aServedWorkerAnswersOn()
    {
        test::Served served;
        for (const auto &code : {writes, loops}) {
            const auto project = copied();
            test::writeAll(run(project) / modelfiles::oldModel, code);
            const Json refusal = served.ask("open-model", {{"project", project.string()}, {"run", 1}});
            QVERIFY2(refusal.contains("error"), refusal.dump().c_str());
            QVERIFY2(refusal["error"]["message"].get<std::string>().find(modelfiles::oldModel) != std::string::npos,
                     refusal.dump().c_str());
        }
        const Json answer = served.ask("open-model", {{"project", copied().string()}, {"run", 1}});
        QVERIFY2(answer.contains("result"), answer.dump().c_str());
        QCOMPARE(answer["result"]["classes"].get<int>(), 2);
    }
    /// Sizes that lie and files without an end.
    void whatIsNoModelIsRefusedAtOnce_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("what");
        for (const char *file : {modelfiles::oldModel, modelfiles::model, modelfiles::description})
            for (const char *what : {"device", "pipe"})
                QTest::addRow("%s is a %s", file, what) << file << what;
    }
    void whatIsNoModelIsRefusedAtOnce()
    {
        QFETCH(QString, file);
        QFETCH(QString, what);
        const auto project = copied();
        const auto path = run(project) / file.toStdString();
        fs::remove(path);
        if (what == "device")
            fs::create_symlink("/dev/zero", path);
        else
            QCOMPARE(::mkfifo(path.c_str(), 0600), 0);
        refused(predict(project, m_folder / "never.tif"), qPrintable(file));
    }
    void moreWeightsThanTheFileHoldsAreRefused_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("value");
        QTest::newRow("weights") << "weights"
                                 << "1000000000";
        QTest::newRow("more weights than a number holds") << "weights"
                                                          << "1e30";
        QTest::newRow("widths") << "widths"
                                << "[1000000, 1000000, 1000000, 1000000, 1000000, 1000000, 1000000]";
        QTest::newRow("a list of widths without end") << "widths" << '[' + QString("1000,").repeated(100000) + "1]";
    }
    void moreWeightsThanTheFileHoldsAreRefused()
    {
        QFETCH(QString, field);
        QFETCH(QString, value);
        const auto project = copied();
        Json description = Json::parse(test::readAll(run(project) / modelfiles::description));
        description["recipe"]["model"][field.toStdString()] = Json::parse(value.toStdString());
        test::writeAll(run(project) / modelfiles::description, description.dump());
        const auto o = predict(project, m_folder / "never.tif");
        QCOMPARE(o.status, 2);
        QVERIFY2(o.err.count('\n') == 1, o.err.constData());
    }
};

RETICLE_TEST(ProjectBeforeTest)
#include "ProjectBeforeTest.moc"
