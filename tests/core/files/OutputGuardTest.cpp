#include "files/OutputGuard.h"

#include "files/SiblingFile.h"
#include "project/Project.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <functional>
#include <optional>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace reticle;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

void refusesFile(const fs::path &path, const std::string &says)
{
    EXPECT_ERROR(requireOutput(path, Place::File), says);
    EXPECT_ERROR(files::writeResultFile(path, "new"), says);
}

} // namespace

class OutputGuardTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void earlierResultsAndNewNamesAreAllowed()
    {
        const TemporaryFolder folder;
        test::writeAll(folder / "old.tif", "old");
        QCOMPARE(requireOutput(folder / "old.tif", Place::File), fs::canonical(folder / "old.tif"));
        QCOMPARE(requireOutput(folder / "new.tif", Place::File), fs::canonical(folder.path()) / "new.tif");
        requireOutput(folder / "new" / "and" / "below", Place::Folder);
        requireOutput(folder.path(), Place::Folder);
        QVERIFY(!fs::exists(folder / "new"));
        files::writeResultFile(folder / "old.tif", "new");
        QCOMPARE(test::readAll(folder / "old.tif"), std::string("new"));
    }
    void anInputIsNeverReplaced()
    {
        const TemporaryFolder folder;
        test::writeAll(folder / "in.tif", "pixels");
        fs::create_symlink(folder / "in.tif", folder / "link.tif");
        fs::create_hard_link(folder / "in.tif", folder / "second.tif");
        fs::create_directory_symlink(folder.path(), folder / "round");
        {
            const InputsInUse inputs({(folder / "in.tif").string(), "", (folder / "missing.tif").string()});
            for (const fs::path &name :
                 {folder / "in.tif", folder / "link.tif", folder / "second.tif", folder / "round" / "in.tif",
                  folder / "round" / ".." / "in.tif", fs::relative(folder / "in.tif")})
                if (fs::exists(name))
                    refusesFile(name, "which is read; choose another file");
            requireOutput(folder / "other.tif", Place::File);
        }
        QCOMPARE(test::readAll(folder / "in.tif"), std::string("pixels"));
        requireOutput(folder / "in.tif", Place::File); // it is read no more
    }
    void anInputNamedByALinkIsTheFileBehindIt()
    {
        const TemporaryFolder folder;
        test::writeAll(folder / "in.tif", "pixels");
        fs::create_symlink("in.tif", folder / "link.tif");
        const InputsInUse inputs({(folder / "link.tif").string()});
        refusesFile(folder / "in.tif", "which is read");
        refusesFile(folder / "link.tif", "which is read");
    }
    void aFolderThatIsReadGetsNoFile()
    {
        const TemporaryFolder folder;
        fs::create_directories(folder / "slices" / "below");
        test::writeAll(folder / "slices" / "1.png", "pixels");
        fs::create_hard_link(folder / "slices" / "1.png", folder / "second.png");
        fs::create_directory_symlink(folder / "slices", folder / "round");
        const InputsInUse inputs({(folder / "slices").string()});
        for (const char *name : {"slices/1.png", "slices/2.png", "round/2.png", "slices/below/../2.png"})
            refusesFile(folder / name, "whose images are read; choose another folder");
        refusesFile(folder / "second.png", "a file of");
        for (const char *name : {"slices", "slices/", "round"})
            EXPECT_ERROR(requireOutput(folder / name, Place::Folder), "whose images are read");
        requireOutput(folder / "slices" / "below", Place::Folder);
        requireOutput(folder / "slices" / "below" / "3.png", Place::File);
        QCOMPARE(test::readAll(folder / "second.png"), std::string("pixels"));
    }
    void aFileBehindALinkInAFolderThatIsReadIsNotReplaced()
    {
        const TemporaryFolder folder;
        for (const char *name : {"slices", "raw", "disk"})
            fs::create_directory(folder / name);
        test::writeAll(folder / "raw" / "1.png", "pixels");
        fs::create_symlink(folder / "raw" / "1.png", folder / "slices" / "1.png");
        const InputsInUse inputs({(folder / "slices").string()});
        refusesFile(folder / "raw" / "1.png", "it would write over a file of");
        requireOutput(folder / "raw", Place::Folder);
        requireOutput(folder / "raw" / "2.png", Place::File);
        files::SiblingFile file(folder / "disk" / "3.png");
        QVERIFY(file.writeAt(0, "new", 3));
        test::writeAll(folder / "disk" / "3.png", "pixels");
        fs::create_symlink(folder / "disk" / "3.png", folder / "slices" / "3.png"); // while the result is computed
        EXPECT_ERROR(file.finish(), "it would write over a file of");
        QCOMPARE(test::readAll(folder / "disk" / "3.png"), std::string("pixels"));
    }
    void aProjectsLinkedFolderIsTheProjects()
    {
        const TemporaryFolder folder;
        const auto project = folder / "P.reticle";
        Project::openOrCreate(project);
        for (const char *name : {"disk/data/below", "disk/runs/3/predictions", "disk/far"})
            fs::create_directories(folder / name);
        for (const char *name : {"disk/data/a.tif", "disk/data/below/b.tif", "disk/runs/3/model.pt", "disk/far/c.tif"})
            test::writeAll(folder / name, "kept");
        fs::remove(project / "runs");
        fs::create_directory_symlink(folder / "disk" / "runs", project / "runs");
        fs::create_directory_symlink("../disk/data", project / "data");
        fs::create_directory_symlink(project / "data", folder / "round");
        fs::create_directory_symlink(folder / "disk" / "far", folder / "disk" / "data" / "far");
        for (const char *name : {"P.reticle/data/a.tif", "P.reticle/data/below/b.tif", "P.reticle/runs/3/model.pt",
                                 "P.reticle/data/far/c.tif", "round/a.tif"})
            refusesFile(folder / name, "a file of the project");
        EXPECT_ERROR(outputTarget(project / "runs" / "3" / "last.pt"), "needs this place for itself");
        EXPECT_ERROR(requireOutput(project / "runs" / "3", Place::Folder), "needs this place for itself");
        const auto prediction = project / "runs" / "3" / "predictions" / "a.tif";
        requireOutput(project / "data" / "new.tif", Place::File);
        requireOutput(project / "data" / ".." / ".." / "other.tif", Place::File);
        requireOutput(project / "runs" / ".." / "a.tif", Place::File); // next to the folder that the link leads to
        files::SiblingFile late(folder / "disk" / "data" / "a.tif");   // an earlier result, as far as can be known
        InputsInUse inputs;
        inputs.addProject(project);
        for (const char *name : {"disk/data/a.tif", "disk/data/below/b.tif", "disk/runs/3/model.pt", "disk/far/c.tif"})
            refusesFile(folder / name, "a second name of a file of the project");
        EXPECT_ERROR(late.finish(), "a second name of a file of the project");
        for (int i = 0; i < 2; ++i)
            files::writeResultFile(prediction, "prediction");
        requireOutput(folder / "disk" / "data" / "new.tif", Place::File);
    }
    void noFileOfAnyProjectIsReplaced()
    {
        const TemporaryFolder folder;
        Project::openOrCreate(folder / "P.reticle");
        fs::create_directories(folder / "P.reticle" / "runs" / "3" / "predictions");
        fs::create_directories(folder / "P.reticle" / "data");
        const std::vector<std::string> kept{"runs/3/model.pt", "runs/3/predictions.tif", "data/a.tif", "own.txt"};
        for (const auto &name : kept)
            test::writeAll(folder / "P.reticle" / name, "kept");
        fs::create_symlink(folder / "P.reticle" / "runs" / "3" / "model.pt", folder / "link.pt");
        fs::create_directory_symlink(folder / "P.reticle" / "runs" / "3", folder / "round");
        for (const auto &name : kept)
            refusesFile(folder / "P.reticle" / name, "a file of the project");
        refusesFile(folder / "P.reticle" / "project.sqlite", "a file of the project");
        refusesFile(folder / "link.pt", "a file of the project");
        refusesFile(folder / "round" / "model.pt", "a file of the project");
        for (const char *name : {"project.sqlite-wal", "project.sqlite-journal", "runs/3/last.pt", "results/9.json", "trash/x"})
            EXPECT_ERROR(outputTarget(folder / "P.reticle" / name), "needs this place for itself");
        for (const char *name : {"", "runs", "runs/3", "results/1", "trash"})
            EXPECT_ERROR(requireOutput(folder / "P.reticle" / name, Place::Folder), "needs this place for itself");
        for (const auto &name : kept)
            QCOMPARE(test::readAll(folder / "P.reticle" / name), std::string("kept"));
        // What the window writes, again and again.
        for (int i = 0; i < 2; ++i)
            files::writeResultFile(folder / "P.reticle" / "runs" / "3" / "predictions" / "a.tif", "prediction");
        requireOutput(folder / "P.reticle" / "data", Place::Folder);
        requireOutput(folder / "P.reticle" / "data" / "new.tif", Place::File);
        // Projects write for themselves.
        const ProjectsOwnWrites own;
        requireOutput(folder / "P.reticle" / "results", Place::Folder);
    }
    void aSecondNameOfAProjectsFileIsKnown()
    {
        const TemporaryFolder folder;
        Project::openOrCreate(folder / "P.reticle");
        fs::create_hard_link(folder / "P.reticle" / "project.sqlite", folder / "second");
        InputsInUse inputs;
        inputs.addProject(folder / "P.reticle");
        refusesFile(folder / "second", "a second name of a file of the project");
    }
    void onlyFilesAreReplaced()
    {
        const TemporaryFolder folder;
        fs::create_directory(folder / "folder");
        QCOMPARE(mkfifo((folder / "pipe").c_str(), 0600), 0);
        fs::create_symlink(folder / "pipe", folder / "to-pipe");
        fs::create_symlink(folder / "nothing", folder / "dangling");
        fs::create_symlink(folder / "loop", folder / "loop");
        const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto name = (folder / "s").string();
        QVERIFY(name.size() < sizeof address.sun_path);
        std::copy(name.begin(), name.end(), address.sun_path);
        QCOMPARE(bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
        refusesFile(folder / "folder", "it is a folder");
        refusesFile(folder / "folder" / "", "not of a folder");
        refusesFile(folder / "folder" / ".", "not of a folder");
        refusesFile(folder / "pipe", "it is a pipe");
        refusesFile(folder / "to-pipe", "it is a pipe");
        refusesFile(folder / "dangling", "a link to a file that does not exist");
        refusesFile(folder / "loop", "a link to a file that does not exist");
        refusesFile(folder / "s", "it is a socket");
        refusesFile("/dev/null", "it is a device");
        refusesFile("", "needs the name of a file");
        close(fd);
        EXPECT_ERROR(requireOutput(folder / "pipe", Place::Folder), "not a folder");
        EXPECT_ERROR(requireOutput("/dev/null", Place::Folder), "not a folder");
        EXPECT_ERROR(requireOutput(folder / "dangling", Place::Folder), "does not exist");
        EXPECT_ERROR(requireOutput("", Place::Folder), "choose one");
        test::writeAll(folder / "file", "x");
        EXPECT_ERROR(requireOutput(folder / "file", Place::Folder), "it is a file and not a folder");
        EXPECT_ERROR(requireOutput(folder / "file" / "below", Place::Folder), "is a file and not a folder");
        EXPECT_ERROR(requireOutput(folder / "file" / "below", Place::File), "is a file and not a folder");
        EXPECT_ERROR(requireOutput(folder / "no" / "folder.tif", Place::File), "there is no folder");
    }
    void aLinkToAnEarlierResultIsFollowed()
    {
        const TemporaryFolder folder;
        fs::create_directory(folder / "disk");
        test::writeAll(folder / "disk" / "old.tif", "old");
        fs::create_symlink(folder / "disk" / "old.tif", folder / "link.tif");
        files::writeResultFile(folder / "link.tif", "new");
        QVERIFY(fs::is_symlink(folder / "link.tif"));
        QCOMPARE(test::readAll(folder / "disk" / "old.tif"), std::string("new"));
    }
    /// What was allowed at the beginning is asked again before the finished file gets its name.
    void whatChangesMeanwhileIsSeen()
    {
        const TemporaryFolder folder;
        test::writeAll(folder / "in.tif", "pixels");
        const auto written = [&](const std::string &name, const std::function<void()> &meanwhile) {
            files::SiblingFile file(folder / name);
            QVERIFY(file.writeAt(0, "new", 3));
            meanwhile();
            try {
                file.finish();
                QFAIL("it was put there");
            } catch (const Error &e) {
                QCOMPARE(e.kind(), Error::Kind::Failed);
            }
        };
        written("a.tif", [&] { fs::create_symlink(folder / "in.tif", folder / "a.tif"); });
        QVERIFY(fs::is_symlink(folder / "a.tif"));
        written("b.tif", [&] { QCOMPARE(mkfifo((folder / "b.tif").c_str(), 0600), 0); });
        written("c.tif", [&] { fs::create_directory(folder / "c.tif"); });
        std::optional<InputsInUse> inputs;
        written("d.tif", [&] {
            test::writeAll(folder / "d.tif", "now an input");
            inputs.emplace(std::vector<std::string>{(folder / "d.tif").string()});
        });
        fs::create_directory(folder / "P");
        written("P/e.tif", [&] {
            test::writeAll(folder / "P" / "project.sqlite", "");
            test::writeAll(folder / "P" / "e.tif", "the project's");
        });
        QCOMPARE(test::readAll(folder / "in.tif"), std::string("pixels"));
        QCOMPARE(test::readAll(folder / "d.tif"), std::string("now an input"));
        QCOMPARE(test::readAll(folder / "P" / "e.tif"), std::string("the project's"));
        // Its folder is exchanged for a link: the file stays in the folder that was allowed.
        fs::create_directories(folder / "out");
        fs::create_directories(folder / "elsewhere");
        files::SiblingFile file(folder / "out" / "f.tif");
        QVERIFY(file.writeAt(0, "new", 3));
        fs::rename(folder / "out", folder / "out-before");
        fs::create_directory_symlink(folder / "elsewhere", folder / "out");
        file.finish();
        QVERIFY(fs::exists(folder / "out-before" / "f.tif") && fs::is_empty(folder / "elsewhere"));
    }
    void newOnlyMeansNew()
    {
        const TemporaryFolder folder;
        using files::SiblingFile;
        test::writeAll(folder / "there.tif", "mine");
        EXPECT_ERROR(SiblingFile(folder / "there.tif", SiblingFile::Kind::NewResult), "left as it is; choose another folder");
        {
            SiblingFile file(folder / "later.tif", SiblingFile::Kind::NewResult);
            QVERIFY(file.writeAt(0, "new", 3));
            test::writeAll(folder / "later.tif", "mine");
            EXPECT_ERROR(file.finish(), "made meanwhile");
        }
        for (const char *name : {"there.tif", "later.tif"})
            QCOMPARE(test::readAll(folder / name), std::string("mine"));
        SiblingFile file(folder / "new.tif", SiblingFile::Kind::NewResult);
        QVERIFY(file.writeAt(0, "new", 3));
        file.finish();
        QCOMPARE(test::readAll(folder / "new.tif"), std::string("new"));
        QCOMPARE(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), std::ptrdiff_t(3));
    }
    void findsTheProjectAbove()
    {
        const TemporaryFolder folder;
        Project::openOrCreate(folder / "P.reticle");
        QVERIFY(projectAbove(folder.path()).empty());
        QCOMPARE(projectAbove(folder / "P.reticle"), folder / "P.reticle");
        QCOMPARE(projectAbove(folder / "P.reticle" / "runs" / "1"), folder / "P.reticle");
    }
};

RETICLE_TEST(OutputGuardTest)
#include "OutputGuardTest.moc"
