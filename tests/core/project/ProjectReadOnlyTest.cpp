#include "project/Project.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

using namespace reticle;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

/// Runs `work` in a process without the administrator's rights, for whom permissions count. True where it throws nothing.
bool asAPlainUser(const std::function<void()> &work)
{
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        try {
            work();
        } catch (const std::exception &e) {
            std::fprintf(stderr, "%s\n", e.what());
            _exit(1);
        }
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void require(bool good, const char *what)
{
    if (!good)
        throw Error(Error::Kind::Failed, "", what);
}

/// Everything below `folder`, and it, can be read by all and written by nobody while the object lives.
class ReadOnly
{
public:
    explicit ReadOnly(const fs::path &folder) : m_folder(folder) { set(fs::perms(0555), fs::perms(0444)); }
    ~ReadOnly() { set(fs::perms(0755), fs::perms(0644)); }

private:
    void set(fs::perms folders, fs::perms files)
    {
        if (folders == fs::perms(0755))
            fs::permissions(m_folder, folders);
        std::vector<fs::path> all;
        for (const auto &entry : fs::recursive_directory_iterator(m_folder))
            all.push_back(entry.path());
        for (const auto &path : all)
            fs::permissions(path, fs::is_directory(path) ? folders : files);
        fs::permissions(m_folder, folders);
    }
    fs::path m_folder;
};

void makeProject(const fs::path &folder)
{
    Project p = Project::openOrCreate(folder);
    RunInfo run = p.createRun(Recipe(Json{{"title", "A try"}}));
    p.addMetrics(1, {{.kind = Event::Kind::Metric, .step = 1, .name = "train.loss", .value = 0.5}});
    run.status = RunStatus::Done;
    p.updateRun(run);
    Result result;
    result.name = "scores";
    p.addResult(1, result, {});
}

} // namespace

class ProjectReadOnlyTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isReadAsItIs()
    {
        const TemporaryFolder folder;
        fs::permissions(folder.path(), fs::perms(0755));
        makeProject(folder / "P");
        const auto before = test::readAll(folder / "P" / "project.sqlite");
        const ReadOnly readOnly(folder / "P");
        QVERIFY(asAPlainUser([&] {
            for (int i = 0; i < 2; ++i) {
                Project p = i == 0 ? Project::open(folder / "P") : Project::openOrCreate(folder / "P");
                require(p.whyReadOnly() == "you may not write to it", p.whyReadOnly().c_str());
                require(p.folder() == fs::canonical(folder / "P"), "folder");
                require(p.runs().size() == 1 && p.run(1).title == "A try", "runs");
                require(p.metric(1, "train.loss").size() == 1, "metrics");
                require(p.results().size() == 1 && p.result(1).name == "scores", "results");
                require(p.inputs().empty() && p.comparisons().empty(), "inputs");
            }
        }));
        QVERIFY(test::readAll(folder / "P" / "project.sqlite") == before);
        QVERIFY(!fs::exists(folder / "P" / "project.sqlite-wal"));
    }
    void writingIsRefusedInASentence()
    {
        const TemporaryFolder folder;
        fs::permissions(folder.path(), fs::perms(0755));
        makeProject(folder / "P");
        const ReadOnly readOnly(folder / "P");
        QVERIFY(asAPlainUser([&] {
            Project p = Project::open(folder / "P");
            const auto refused = [](const std::function<void()> &write) {
                try {
                    write();
                } catch (const Error &e) {
                    require(std::string(e.what()).find("the project cannot be changed: you may not write to it.") !=
                                std::string::npos,
                            e.what());
                    require(e.kind() == Error::Kind::Failed, "kind");
                    return;
                }
                require(false, "nothing was refused");
            };
            refused([&] { p.createRun(Recipe()); });
            refused([&] { p.claimRun(1); });
            refused([&] { p.renameRun(1, "x"); });
            refused([&] { p.addMetrics(1, {{.kind = Event::Kind::Metric, .step = 2, .name = "train.loss", .value = 1}}); });
            refused([&] { p.addResult(1, Result(), {}); });
            refused([&] { p.removeRun(1); });
            refused([&] { p.addInput(folder.path(), "images", {}); });
            require(p.run(1).title == "A try", "changed");
        }));
    }
    /// What a writer has not tidied into the database yet is part of it.
    void theLogIsRead()
    {
        const TemporaryFolder folder;
        fs::permissions(folder.path(), fs::perms(0755));
        makeProject(folder / "P");
        Project writer = Project::open(folder / "P");
        writer.renameRun(1, "Later");
        QVERIFY(fs::file_size(folder / "P" / "project.sqlite-wal") > 0);
        const ReadOnly readOnly(folder / "P");
        QVERIFY(asAPlainUser([&] { require(Project::open(folder / "P").run(1).title == "Later", "the log was passed over"); }));
    }
    void whatOthersWriteIsSeen()
    {
        const TemporaryFolder folder;
        fs::permissions(folder.path(), fs::perms(0755));
        makeProject(folder / "P");
        int toChild[2], toParent[2];
        QVERIFY(pipe(toChild) == 0 && pipe(toParent) == 0);
        fs::permissions(folder / "P", fs::perms(0755));
        const pid_t child = fork();
        if (child == 0) {
            int code = 1;
            try {
                if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
                    _exit(2);
                const Project p = Project::open(folder / "P");
                char byte = p.run(1).title == "A try" ? 'y' : 'n';
                if (write(toParent[1], &byte, 1) == 1 && read(toChild[0], &byte, 1) == 1)
                    code = p.run(1).title == "Later" && p.metric(1, "train.loss").size() == 2 ? 0 : 3;
            } catch (const std::exception &e) {
                std::fprintf(stderr, "%s\n", e.what());
            }
            _exit(code);
        }
        char byte = 0;
        QVERIFY(read(toParent[0], &byte, 1) == 1 && byte == 'y');
        {
            Project writer = Project::open(folder / "P");
            writer.renameRun(1, "Later");
            writer.addMetrics(1, {{.kind = Event::Kind::Metric, .step = 2, .name = "train.loss", .value = 0.4}});
        }
        QVERIFY(write(toChild[1], &byte, 1) == 1);
        int status = 0;
        waitpid(child, &status, 0);
        if (geteuid() == 0) // another user's project is the one that only root can make here
            QVERIFY(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        for (const int end : {toChild[0], toChild[1], toParent[0], toParent[1]})
            close(end);
    }
    void aRunWhoseWriterIsGoneReadsAsInterrupted()
    {
        const TemporaryFolder folder;
        fs::permissions(folder.path(), fs::perms(0755));
        makeProject(folder / "P");
        {
            SQLite::Database db((folder / "P" / "project.sqlite").string(), SQLite::OPEN_READWRITE);
            db.exec("UPDATE runs SET status = 'running', writer = '{}'");
        }
        const ReadOnly readOnly(folder / "P");
        QVERIFY(asAPlainUser([&] {
            const auto run = Project::open(folder / "P").run(1);
            require(run.status == RunStatus::Interrupted && !run.message.empty(), "it was not told");
        }));
    }
    void olderVersionsAreReadToo()
    {
        const TemporaryFolder folder;
        fs::permissions(folder.path(), fs::perms(0755));
        fs::create_directory(folder / "P");
        {
            SQLite::Database db((folder / "P" / "project.sqlite").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            db.exec("CREATE TABLE inputs (id INTEGER PRIMARY KEY, path TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL, "
                    "bytes INTEGER NOT NULL, modified INTEGER NOT NULL, description TEXT NOT NULL DEFAULT 'null');"
                    "CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL DEFAULT '', status TEXT NOT "
                    "NULL, recipe TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL "
                    "DEFAULT 0, step INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '', summary TEXT NOT NULL "
                    "DEFAULT 'null', writer TEXT NOT NULL DEFAULT '');"
                    "CREATE TABLE metrics (run INTEGER NOT NULL, name TEXT NOT NULL, step INTEGER NOT NULL, time REAL NOT NULL, "
                    "value REAL);"
                    "CREATE TABLE results (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER, name TEXT NOT NULL, summary TEXT "
                    "NOT NULL DEFAULT '', created TEXT NOT NULL, figures TEXT NOT NULL DEFAULT '[]');"
                    "INSERT INTO runs (title, status, recipe, started) VALUES ('Old', 'done', '{}', '');"
                    "PRAGMA application_id = 1380275273; PRAGMA user_version = 1;");
        }
        const auto before = test::readAll(folder / "P" / "project.sqlite");
        const ReadOnly readOnly(folder / "P");
        QVERIFY(asAPlainUser([&] { require(Project::open(folder / "P").run(1).title == "Old", "title"); }));
        QVERIFY(test::readAll(folder / "P" / "project.sqlite") == before);
    }
    void nothingIsLeftInTheTemporaryFolder()
    {
        const TemporaryFolder folder;
        fs::permissions(folder.path(), fs::perms(0755));
        makeProject(folder / "P");
        fs::create_directory(folder / "tmp");
        fs::permissions(folder / "tmp", fs::perms(0777));
        const ReadOnly readOnly(folder / "P");
        QVERIFY(asAPlainUser([&] {
            setenv("TMPDIR", (folder / "tmp").c_str(), 1);
            const Project p = Project::open(folder / "P");
            require(p.runs().size() == 1, "runs");
            require(!fs::is_empty(folder / "tmp"), "no copy was made there");
        }));
        QVERIFY(fs::is_empty(folder / "tmp"));
    }
    void damageIsFoundToo()
    {
        const TemporaryFolder folder;
        fs::permissions(folder.path(), fs::perms(0755));
        makeProject(folder / "P");
        test::writeAll(folder / "P" / "project.sqlite", std::string(5000, 'x'));
        const ReadOnly readOnly(folder / "P");
        QVERIFY(asAPlainUser([&] {
            try {
                Project::open(folder / "P");
            } catch (const Error &e) {
                require(std::string(e.what()).find("damaged") != std::string::npos, e.what());
                return;
            }
            require(false, "it was opened");
        }));
    }
};

RETICLE_TEST(ProjectReadOnlyTest)
#include "ProjectReadOnlyTest.moc"
