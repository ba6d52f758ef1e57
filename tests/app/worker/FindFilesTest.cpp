#include "Worker.h"

#include "project/Project.h"

using namespace reticle;
using test::text;
using test::worker;
namespace fs = std::filesystem;

/// Missing files of a project, found on the command line.
class FindFilesTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;

private Q_SLOTS:
    void initTestCase()
    {
        fs::create_directories(m_folder / "old");
        fs::create_directories(m_folder / "work");
        for (const char *name : {"cells.tif", "labels.tif"})
            test::writeAll(m_folder / "old" / name, std::string("content of ") + name);
        Project p = Project::openOrCreate(m_folder / "work" / "P.reticle");
        p.addInput(m_folder / "old" / "cells.tif", "images", {});
        p.addInput(m_folder / "old" / "labels.tif", "labels", {});
    }
    void listsAndThenUsesWhatIsFound()
    {
        const QString project = text(m_folder / "work" / "P.reticle"), disks = text(m_folder / "disks");
        const auto nothing = worker({"find-files", project, text(m_folder.path())});
        QVERIFY2(nothing.status == 0 && nothing.out.contains("No file of this project is missing."), nothing.err.constData());

        fs::create_directories(m_folder / "disks" / "second");
        fs::rename(m_folder / "old", m_folder / "disks" / "second" / "moved");
        test::writeAll(m_folder / "disks" / "second" / "moved" / "labels.tif", "drawn again");
        const auto listed = worker({"find-files", project, disks});
        QVERIFY2(listed.status == 0, listed.err.constData());
        QVERIFY2(listed.out.contains("Found: ") && listed.out.contains("moved/cells.tif"), listed.out.constData());
        QVERIFY2(listed.out.contains("Other content: ") && listed.out.contains("moved/labels.tif"), listed.out.constData());
        QVERIFY2(listed.out.contains("Nothing was changed."), listed.out.constData());
        QVERIFY(!fs::exists(Project::open(m_folder / "work" / "P.reticle").inputs()[0].path));

        const auto used = worker({"find-files", project, disks, "--apply"});
        QVERIFY2(used.status == 0 && used.out.contains("The project uses 1 file at its new place."), used.err.constData());
        {
            const auto inputs = Project::open(m_folder / "work" / "P.reticle").inputs();
            QVERIFY(fs::exists(inputs[0].path) && !fs::exists(inputs[1].path)); // other content is not taken unasked
        }
        const auto all = worker({"find-files", project, disks, "--apply", "--other-content"});
        QVERIFY2(all.status == 0, all.err.constData());
        const Project p = Project::open(m_folder / "work" / "P.reticle");
        QVERIFY(fs::exists(p.inputs()[1].path));
        QCOMPARE(p.inputState(p.inputs()[1]), std::string("changed"));
    }
    void wrongPlacesAreRefused()
    {
        const auto none = worker({"find-files", text(m_folder / "none.reticle"), text(m_folder.path())});
        QVERIFY2(none.status == 2 && none.err.contains("none.reticle"), none.err.constData());
        const TemporaryProject lost;
        const auto folder = worker({"find-files", text(lost.folder / "P.reticle"), text(lost.folder / "nowhere")});
        QVERIFY2(folder.status == 2 && folder.err.contains("There is no folder at this place."), folder.err.constData());
    }

private:
    /// With a file that is gone.
    struct TemporaryProject
    {
        test::TemporaryFolder folder;
        TemporaryProject()
        {
            test::writeAll(folder / "gone.tif", "gone");
            Project::openOrCreate(folder / "P.reticle").addInput(folder / "gone.tif", "images", {});
            fs::remove(folder / "gone.tif");
        }
    };
};

RETICLE_TEST(FindFilesTest)
#include "FindFilesTest.moc"
