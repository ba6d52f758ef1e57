#include "Worker.h"

#include "files/ImageSource.h"
#include "files/ImageWriter.h"
#include "project/ModelFiles.h"
#include "project/Project.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <csignal>

#include <unistd.h>

using namespace reticle;
using test::Outcome;
using test::text;
using test::worker;
namespace fs = std::filesystem;

namespace {

/// As worker(), while nothing below `folder` can be written to. Status -2 where this machine cannot have that.
Outcome readOnly(const fs::path &folder, const QStringList &arguments)
{
    QProcess p;
    const QString program = QString::fromStdString(test::program("reticle-worker"));
    if (geteuid() == 0) // permissions do not hold for the administrator; a disk that is read-only does
        p.start("unshare", QStringList{"-m", "--propagation", "private", "sh", "-c",
                                       "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" || exit 77; exec \"$@\"",
                                       text(folder), program} +
                               arguments);
    else
        p.start("sh", QStringList{"-c", "chmod -R a-w \"$0\"; \"$@\"; status=$?; chmod -R u+w \"$0\"; exit $status", text(folder),
                                  program} +
                          arguments);
    Outcome o;
    if (p.waitForFinished(200000) && p.exitStatus() == QProcess::NormalExit)
        o.status = p.exitCode();
    o.out = p.readAllStandardOutput();
    o.err = p.readAllStandardError();
    if (o.status == 77 || p.error() == QProcess::FailedToStart)
        o.status = -2;
    return o;
}

} // namespace

/// Runs whose data are gone, moved, or in a project that cannot be written to.
class ResumeTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    /// A folder with data and a project with a finished run.
    fs::path made(const std::string &name) const
    {
        const auto folder = m_folder / name;
        fs::copy(m_folder / "whole", folder, fs::copy_options::recursive);
        return folder;
    }
    static QStringList resume(const fs::path &project) { return {"run", "--project", text(project), "--resume", "1"}; }

private Q_SLOTS:
    void initTestCase()
    {
        // In a folder of its own, which is then moved: what the project remembers of absolute paths is wrong from here on.
        QVERIFY(test::makeTissue(m_folder / "first" / "data", 4, 48));
        QCOMPARE(worker(test::tinyRun(m_folder / "first" / "data", m_folder / "first" / "P.reticle", 4)).status, 0);
        fs::rename(m_folder / "first", m_folder / "whole");
    }
    void aFinishedRunWithoutItsImagesStaysFinished()
    {
        const auto folder = made("gone");
        fs::remove_all(folder / "data");
        const RunInfo before = Project::open(folder / "P.reticle").run(1);
        const auto o = worker(resume(folder / "P.reticle"));
        QVERIFY2(o.status == 2 && o.err.contains("tissue-volume.tif"), o.err.constData());
        const RunInfo after = Project::open(folder / "P.reticle").run(1);
        QVERIFY(after.status == RunStatus::Done && after.message == before.message && after.ended == before.ended);
        QVERIFY(after.summary == before.summary && after.step == before.step && after.seconds == before.seconds);
        QCOMPARE(Project::open(folder / "P.reticle").metric(1, "train.loss").size(), std::size_t(4));
    }
    void aFinishedRunThatIsResumedStaysAsItWas()
    {
        const auto folder = made("again");
        const Project project = Project::open(folder / "P.reticle");
        const RunInfo before = project.run(1);
        const auto last = test::readAll(project.runFolder(1) / modelfiles::last);
        const auto o = worker(resume(folder / "P.reticle"));
        QVERIFY2(o.status == 0, o.err.constData());
        const RunInfo after = project.run(1);
        QVERIFY(after.status == RunStatus::Done && after.ended == before.ended && after.seconds == before.seconds);
        QVERIFY(after.summary == before.summary);
        QVERIFY(test::readAll(project.runFolder(1) / modelfiles::last) == last);
    }
    void soDoesOneOfAnyOtherEnd()
    {
        const auto folder = made("ended");
        fs::remove_all(folder / "data");
        for (const RunStatus status : {RunStatus::Failed, RunStatus::Stopped, RunStatus::Interrupted, RunStatus::Cancelled}) {
            RunInfo run = Project::open(folder / "P.reticle").run(1);
            run.status = status;
            run.message = "As it was.";
            run.ended = "2024-01-02T03:04:05Z";
            Project::open(folder / "P.reticle").updateRun(run);
            QCOMPARE(worker(resume(folder / "P.reticle")).status, 2);
            const RunInfo after = Project::open(folder / "P.reticle").run(1);
            QVERIFY(after.status == status && after.message == "As it was." && after.ended == "2024-01-02T03:04:05Z");
        }
    }
    void dataThatMovedWithTheProjectAreFound()
    {
        const auto folder = made("moved");
        const auto resumed = worker(resume(folder / "P.reticle"));
        QVERIFY2(resumed.status == 0, resumed.err.constData());
        QVERIFY2(resumed.err.contains("warning: ") && resumed.err.contains(text(folder / "data" / "tissue-volume.tif").toUtf8()),
                 resumed.err.constData());
        QVERIFY(Project::open(folder / "P.reticle").run(1).status == RunStatus::Done);
        const auto evaluated = worker({"analyze", "evaluate", "--project", text(folder / "P.reticle"), "--run", "1", "--set",
                                       "device=cpu", "--set", "part=all", "--output", text(folder / "scores")});
        QVERIFY2(evaluated.status == 0 && evaluated.err.contains("The same content was found at"), evaluated.err.constData());
        // Also by the path that a script knows.
        const auto predicted = worker({"predict", "--project", text(folder / "P.reticle"), "--run", "1", "--input",
                                       text(m_folder / "first" / "data" / "tissue-volume.tif"), "--output",
                                       text(folder / "p.tif"), "--device", "cpu"});
        QVERIFY2(predicted.status == 0 && predicted.err.contains("The same content was found at"), predicted.err.constData());
        // And what was found is protected as what was named.
        const auto over = worker({"predict", "--project", text(folder / "P.reticle"), "--run", "1", "--input",
                                  text(folder / "p.tif"), "--output", text(folder / "data" / "tissue-labels.tif")});
        QVERIFY2(over.status == 2 && over.err.contains("choose another"), over.err.constData());
    }
    /// Moved to where the project does not look, and found there when asked to.
    void dataThatWereRelinkedAreUsed()
    {
        const auto folder = made("relinked"), far = m_folder / "far" / "away";
        fs::create_directories(far);
        fs::rename(folder / "data", far / "data");
        QCOMPARE(worker(resume(folder / "P.reticle")).status, 2);
        const auto found = worker({"find-files", text(folder / "P.reticle"), text(m_folder / "far"), "--apply"});
        QVERIFY2(found.status == 0 && found.out.contains("at their new places"), found.err.constData());
        const auto resumed = worker(resume(folder / "P.reticle"));
        QVERIFY2(resumed.status == 0, resumed.err.constData());
        QVERIFY(Project::open(folder / "P.reticle").run(1).status == RunStatus::Done);
        const auto evaluated = worker({"analyze", "evaluate", "--project", text(folder / "P.reticle"), "--run", "1", "--set",
                                       "device=cpu", "--set", "part=all", "--output", text(folder / "scores")});
        QVERIFY2(evaluated.status == 0 && !evaluated.err.contains("has changed since"), evaluated.err.constData());
        const auto predicted = worker({"predict", "--project", text(folder / "P.reticle"), "--run", "1", "--input",
                                       text(m_folder / "first" / "data" / "tissue-volume.tif"), "--output",
                                       text(folder / "p.tif"), "--device", "cpu"});
        QVERIFY2(predicted.status == 0, predicted.err.constData());
        fs::remove_all(m_folder / "far"); // the other tests look for these data too
    }
    void otherContentAtThatPlaceIsNotTaken()
    {
        const auto folder = made("other");
        fs::remove_all(folder / "data");
        QVERIFY(test::makeTissue(folder / "data", 4, 32));
        const auto o = worker(resume(folder / "P.reticle"));
        QVERIFY2(o.status == 2, o.err.constData());
        QVERIFY(Project::open(folder / "P.reticle").run(1).status == RunStatus::Done);
    }
    void aResultFromChangedLabelsSaysSo()
    {
        const auto folder = m_folder / "changed";
        const auto labels = folder / "data" / "tissue-labels.tif";
        QVERIFY(test::makeTissue(folder / "data", 4, 48));
        QCOMPARE(worker(test::tinyRun(folder / "data", folder / "P.reticle", 4)).status, 0);
        const auto evaluated = [&] {
            return worker({"analyze", "evaluate", "--project", text(folder / "P.reticle"), "--run", "1", "--set", "device=cpu",
                           "--set", "part=all", "--output", text(folder / "scores")});
        };
        const auto before = evaluated();
        QVERIFY2(before.status == 0 && !before.err.contains("has changed"), before.err.constData());
        std::vector<Array> pages;
        {
            const auto source = openImage(labels);
            for (std::int64_t p = source->info().pages; p-- > 0;)
                pages.push_back(source->readPage(p));
        }
        TiffWriter writer(labels, 0);
        for (const auto &page : pages)
            writer.writePage(page);
        writer.close();
        fs::last_write_time(labels, fs::last_write_time(labels) - std::chrono::hours(1));
        const auto after = evaluated();
        QVERIFY2(after.status == 0 && after.err.contains("tissue-labels.tif has changed since run 1 was started. This result"),
                 after.err.constData());
    }
    void aReadOnlyProjectIsUsed()
    {
        const auto folder = made("read-only");
        const auto project = folder / "P.reticle";
        const auto before = test::readAll(project / "project.sqlite");
        const auto predicted = readOnly(project, {"predict", "--project", text(project), "--run", "1", "--input",
                                                  text(folder / "data" / "tissue-volume.tif"), "--output", text(folder / "p.tif"),
                                                  "--device", "cpu"});
        if (predicted.status == -2) { // an administrator who may not mount cannot make anything read-only: the same as it is
            const auto plain = worker({"analyze", "evaluate", "--project", text(project), "--run", "1", "--set", "device=cpu",
                                       "--set", "part=all", "--output", text(folder / "scores")});
            QVERIFY2(plain.status == 0 && !plain.err.contains("cannot be changed"), plain.err.constData());
            return;
        }
        QVERIFY2(predicted.status == 0, predicted.err.constData());
        const auto evaluated = readOnly(project, {"analyze", "evaluate", "--project", text(project), "--run", "1", "--set",
                                                  "device=cpu", "--set", "part=all", "--output", text(folder / "scores")});
        QVERIFY2(evaluated.status == 0, evaluated.err.constData());
        QVERIFY2(evaluated.err.contains("only: the project cannot be changed, because"), evaluated.err.constData());
        QVERIFY(fs::exists(folder / "scores" / "result.json"));
        const auto resumed = readOnly(project, resume(project));
        QVERIFY2(resumed.status == 4 && resumed.err.contains("the project cannot be changed"), resumed.err.constData());
        const auto trained = readOnly(project, test::tinyRun(folder / "data", project, 4));
        QVERIFY2(trained.status == 2 || trained.status == 4, trained.err.constData());
        QVERIFY(test::readAll(project / "project.sqlite") == before);
        QVERIFY(Project::open(project).results().empty());
    }
    void anInterruptEndsTheWaitForALock()
    {
        const auto project = made("waiting") / "P.reticle";
        SQLite::Database other((project / "project.sqlite").string(), SQLite::OPEN_READWRITE, 10000);
        other.exec("BEGIN IMMEDIATE");
        QProcess p;
        p.start(QString::fromStdString(test::program("reticle-worker")), resume(project));
        p.setReadChannel(QProcess::StandardError);
        QByteArray err;
        while (!err.contains("keeps the project locked") && p.waitForReadyRead(120000))
            err += p.readAllStandardError();
        QVERIFY2(err.contains("The work continues when the project is free"), err.constData());
        ::kill(static_cast<pid_t>(p.processId()), SIGINT);
        QVERIFY(p.waitForFinished(60000));
        QCOMPARE(p.exitCode(), 4);
        other.exec("ROLLBACK");
        QVERIFY(Project::open(project).run(1).status == RunStatus::Done);
    }
    void aLockedProjectDoesNotEndATraining()
    {
        const auto project = m_folder / "locked.reticle";
        QProcess p;
        p.start(QString::fromStdString(test::program("reticle-worker")), test::tinyRun(m_folder / "whole" / "data", project, 200)
                                                                             << "--set"
                                                                             << "train.checkpoint-steps=20"
                                                                             << "--events");
        QByteArray out;
        const auto until = [&](const char *word) {
            while (!out.contains(word) && (p.waitForReadyRead(120000)))
                out += p.readAllStandardOutput();
            return out.contains(word);
        };
        QVERIFY(until("train.loss"));
        {
            SQLite::Database other((project / "project.sqlite").string(), SQLite::OPEN_READWRITE, 10000);
            other.exec("BEGIN IMMEDIATE");
            QVERIFY2(until("keeps the project locked"), out.constData());
            other.exec("ROLLBACK");
        }
        QVERIFY(p.waitForFinished(120000));
        QCOMPARE(p.exitCode(), 0);
        const Project read = Project::open(project);
        QVERIFY(read.run(1).status == RunStatus::Done);
        QCOMPARE(read.metric(1, "train.loss").size(), std::size_t(200));
        QVERIFY(!fs::exists(read.runFolder(1) / "pending.json"));
    }
};

RETICLE_TEST(ResumeTest)
#include "ResumeTest.moc"
