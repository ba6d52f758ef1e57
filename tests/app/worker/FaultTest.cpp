#include "Worker.h"

#include "files/PartFiles.h"
#include "project/Project.h"

#include <QProcessEnvironment>

#include <cerrno>

using namespace reticle;
using test::text;
using test::worker;
namespace fs = std::filesystem;

namespace {

struct Disk
{
    const char *name, *calls;
    int error; ///< 0 = the process ends there
    bool stays;
    const char *says; ///< in the sentence
};
const Disk disks[] = {{"full", "write,make", ENOSPC, true, "full"},
                      {"read-only", "write,flush,name,make", EROFS, true, ""},
                      {"vanished", "all", EIO, true, ""},
                      {"hiccup", "write,flush,name,make", EIO, false, ""},
                      {"cut", "write,flush,name,make", 0, false, ""}};

/// reticle-worker whose n-th call on a file below `folder` fails; n = 0: none does, and `count` gets their number.
test::Outcome onDisk(const Disk &disk, const fs::path &folder, int n, const QStringList &arguments, int *count = nullptr)
{
    QProcess p;
    auto environment = QProcessEnvironment::systemEnvironment();
    const fs::path counted = folder.string() + ".count";
    environment.insert("LD_PRELOAD", QString::fromStdString(test::program("reticle-failing-calls.so")));
    environment.insert("RETICLE_FAIL_UNDER", text(fs::canonical(folder)));
    environment.insert("RETICLE_FAIL_ON", disk.calls);
    environment.insert("RETICLE_FAIL_AT", QString::number(n));
    environment.insert("RETICLE_FAIL_WITH", disk.error ? QString::number(disk.error) : QString("kill"));
    environment.insert("RETICLE_FAIL_STAYS", disk.stays ? "1" : "0");
    environment.insert("RETICLE_FAIL_COUNT", text(counted));
    p.setProcessEnvironment(environment);
    p.start(QString::fromStdString(test::program("reticle-worker")), arguments);
    test::Outcome o;
    if (p.waitForFinished(200000) && p.exitStatus() == QProcess::NormalExit)
        o.status = p.exitCode();
    o.out = p.readAllStandardOutput();
    o.err = p.readAllStandardError();
    if (count)
        *count = std::atoi(test::readAll(counted).c_str());
    return o;
}

/// Of the project's last run; 0 = it has none.
std::int64_t lastRun(const fs::path &project)
{
    const auto file = project / "project.sqlite";
    if (!fs::exists(file) || fs::file_size(file) == 0)
        return 0;
    const auto runs = Project::open(project).runs();
    return runs.empty() ? 0 : runs.back().id;
}

std::vector<double> trainingLosses(const fs::path &project)
{
    std::vector<double> all;
    for (const auto &point : Project::open(project).metric(lastRun(project), "train.loss"))
        all.push_back(point.value);
    return all;
}

int halfWritten(const fs::path &folder)
{
    int n = 0;
    for (const auto &entry : fs::recursive_directory_iterator(folder))
        n += entry.path().extension() == ".part";
    return n;
}

} // namespace

/// A few of the faults that tests/long/faults.py tries one by one: a disk that is full, read-only, gone, or fails once, and a
/// power cut, at one of the calls of a command that change a file.
class FaultTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    std::vector<double> m_losses;
    std::string m_prediction;

    /// Disks by name, each with the part of all calls after which it fails.
    static void addDisks(const std::vector<std::pair<std::string, double>> &wanted)
    {
        QTest::addColumn<int>("disk");
        QTest::addColumn<double>("part");
        for (const auto &[name, part] : wanted)
            for (int i = 0; i < static_cast<int>(std::size(disks)); ++i)
                if (name == disks[i].name)
                    QTest::addRow("%s at %g", disks[i].name, part) << i << part;
    }
    /// How many calls of a kind a command makes; counted once.
    static int callsOf(const char *command, int disk, const fs::path &folder, const QStringList &arguments)
    {
        static std::map<std::pair<std::string, std::string>, int> counts;
        auto &count = counts[{command, disks[disk].calls}];
        if (count == 0 && onDisk(disks[disk], folder, 0, arguments, &count).status != 0)
            count = 0;
        return count;
    }
    /// One clear sentence and the right status.
    static void isSaid(const Disk &disk, const test::Outcome &o)
    {
        if (disk.error == 0) {
            QCOMPARE(o.status, -1);
            return;
        }
        QList<QByteArray> lines;
        for (const auto &line : o.err.split('\n'))
            if (!line.isEmpty() && !line.startsWith("warning: "))
                lines << line;
        QVERIFY2(o.status == 0 || o.status == 2 || o.status == 4, o.err.constData());
        QCOMPARE(lines.size(), o.status == 0 ? 0 : 1);
        if (o.status != 0) {
            QVERIFY2(lines[0].contains(disk.says) && !lines[0].toLower().contains("unexpected"), lines[0].constData());
            QVERIFY2(lines[0].endsWith('.'), lines[0].constData());
        }
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::makeTissue(m_folder / "tissue", 4, 48));
        QCOMPARE(worker(test::tinyRun(m_folder / "tissue", m_folder / "whole", 6)).status, 0);
        m_losses = trainingLosses(m_folder / "whole");
        QCOMPARE(m_losses.size(), std::size_t(6));
    }
    void aTrainingResumesAfterEveryFault_data() { addDisks({{"full", 0.5}, {"vanished", 0.6}, {"hiccup", 0.3}, {"cut", 0.8}}); }
    void aTrainingResumesAfterEveryFault()
    {
        QFETCH(int, disk);
        QFETCH(double, part);
        const auto folder = m_folder.part();
        const auto project = folder / "P.reticle";
        const auto run = test::tinyRun(m_folder / "tissue", project, 6);
        const int count = callsOf("train", disk, folder, run);
        QVERIFY(count > 20);
        fs::remove_all(project);
        const auto before = test::readAll(m_folder / "tissue" / "tissue-volume.tif");
        const auto o = onDisk(disks[disk], folder, 1 + static_cast<int>(part * (count - 2)), run);
        isSaid(disks[disk], o);
        QVERIFY(test::readAll(m_folder / "tissue" / "tissue-volume.tif") == before);
        const auto begun = lastRun(project);
        const auto again =
            worker(begun > 0 ? QStringList{"run", "--project", text(project), "--resume", QString::number(begun)} : run);
        QVERIFY2(again.status == 0, again.err.constData());
        QVERIFY(trainingLosses(project) == m_losses);
        QVERIFY(Project::open(project).run(lastRun(project)).status == RunStatus::Done);
        QCOMPARE(halfWritten(folder), 0);
    }
    void aDiskWithoutRoomForANameIsFull()
    {
        const auto folder = m_folder.part();
        fs::copy(m_folder / "whole", folder / "P.reticle", fs::copy_options::recursive);
        const auto o = onDisk(disks[0], folder, 1, {"run", "--project", text(folder / "P.reticle"), "--resume", "1"});
        QCOMPARE(o.status, 4);
        isSaid(disks[0], o);
    }
    void anEarlierPredictionStaysWhole_data() { addDisks({{"full", 0.5}, {"read-only", 1.0}, {"cut", 1.0}}); }
    void anEarlierPredictionStaysWhole()
    {
        QFETCH(int, disk);
        QFETCH(double, part);
        const auto folder = m_folder.part();
        const auto output = folder / "p.tif";
        const QStringList predict{"predict",
                                  "--project",
                                  text(m_folder / "whole"),
                                  "--run",
                                  "1",
                                  "--input",
                                  text(m_folder / "tissue" / "tissue-volume.tif"),
                                  "--output",
                                  text(output),
                                  "--device",
                                  "cpu",
                                  "--tile",
                                  "32"};
        const int count = callsOf("predict", disk, folder, predict);
        if (m_prediction.empty())
            m_prediction = test::readAll(output);
        const auto &whole = m_prediction;
        QVERIFY(count >= 2 && !whole.empty());
        test::writeAll(output, "an earlier one");
        const auto o = onDisk(disks[disk], folder, 1 + static_cast<int>(part * (count - 1)), predict);
        isSaid(disks[disk], o);
        const auto found = test::readAll(output);
        QVERIFY(found == whole || (found == "an earlier one" && o.status != 0));
        QCOMPARE(worker(predict).status, 0);
        QVERIFY(test::readAll(output) == whole);
        QCOMPARE(halfWritten(folder), 0);
    }
    void anAnalysisIsKeptWholeOrNotAtAll_data() { addDisks({{"full", 0.0}, {"read-only", 0.6}, {"cut", 0.9}}); }
    void anAnalysisIsKeptWholeOrNotAtAll()
    {
        QFETCH(int, disk);
        QFETCH(double, part);
        const auto folder = m_folder.part();
        fs::copy(m_folder / "whole", folder / "P.reticle", fs::copy_options::recursive);
        const QStringList analyze{"analyze",   "postprocess",
                                  "--project", text(folder / "P.reticle"),
                                  "--run",     "1",
                                  "--set",     "device=cpu",
                                  "--set",     "output=" + text(folder / "cleaned.tif"),
                                  "--output",  text(folder / "out")};
        const int count = callsOf("analyze", disk, folder, analyze);
        QVERIFY(count > 10);
        isSaid(disks[disk], onDisk(disks[disk], folder, 1 + static_cast<int>(part * (count - 2)), analyze));
        const auto results = Project::open(folder / "P.reticle").results();
        for (const auto &r : results)
            QVERIFY(!Project::open(folder / "P.reticle").result(r.id).summary.empty());
        const auto again = worker(analyze);
        QVERIFY2(again.status == 0, again.err.constData());
        QCOMPARE(Project::open(folder / "P.reticle").results().size(), results.size() + 1);
        QCOMPARE(halfWritten(folder), 0);
    }
    void whatIsPrintedToAFullDiskIsMissed()
    {
        for (const char *command : {"list", "describe unet --size 32 --json", "--help", "--version"}) {
            QProcess p;
            p.start("sh", {"-c", "\"$0\" $1 > /dev/full", QString::fromStdString(test::program("reticle-worker")), command});
            QVERIFY(p.waitForFinished(120000));
            const auto err = p.readAllStandardError();
            QVERIFY2(p.exitCode() == 4 && err.count('\n') == 1 && err.contains("disk is full"), err.constData());
        }
    }
};

RETICLE_TEST(FaultTest)
#include "FaultTest.moc"
