#include "window/OpenProject.h"

#include "base/Error.h"
#include "base/files/BesideFile.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
using test::TemporaryFolder;
namespace fs = std::filesystem;

class OpenProjectTest : public QObject
{
    Q_OBJECT
    static QString text(const fs::path &p) { return QString::fromStdString(p.string()); }

private Q_SLOTS:
    void saysWhereMovedDataAre()
    {
        const TemporaryFolder folder;
        fs::create_directories(folder / "a" / "data");
        for (const char *name : {"images.tif", "labels.tif"})
            test::writeAll(folder / "a" / "data" / name, name);
        {
            const auto project = OpenProject::open(text(folder / "a" / "P.reticle"));
            project->addData(text(folder / "a" / "data" / "images.tif"), text(folder / "a" / "data" / "labels.tif"),
                             QStringLiteral("dark"), QStringLiteral("Two slices"));
            QVERIFY(project->notes().isEmpty());
        }
        fs::rename(folder / "a", folder / "b");
        const auto project = OpenProject::open(text(folder / "b" / "P.reticle"));
        QCOMPARE(project->dataSets().size(), std::size_t(1));
        const DataSet &set = project->dataSets().front();
        QCOMPARE(set.images, text(fs::canonical(folder / "b") / "data" / "images.tif"));
        QCOMPARE(set.labels, text(fs::canonical(folder / "b") / "data" / "labels.tif"));
        QCOMPARE(set.state, QStringLiteral("unchanged"));
        QCOMPARE(set.foreground, QStringLiteral("dark"));
        QCOMPARE(project->notes().size(), 2);
        QVERIFY2(project->notes().front().contains(set.images), qPrintable(project->notes().front()));
    }
    /// An export of the window, whatever name is chosen for it, leaves the data of the project as they are.
    void noExportReplacesTheProjectsData()
    {
        const TemporaryFolder folder;
        for (const char *name : {"images.tif", "labels.tif"})
            test::writeAll(folder / name, name);
        {
            const auto project = OpenProject::open(text(folder / "P.reticle"));
            project->addData(text(folder / "images.tif"), text(folder / "labels.tif"), QStringLiteral("bright"), {});
            for (const char *name : {"images.tif", "labels.tif", "P.reticle/project.sqlite"})
                EXPECT_ERROR(files::writeResultFile(folder / name, "a table"), "it would write over");
            for (const char *name : {"images.tif", "labels.tif"})
                QCOMPARE(test::readAll(folder / name), std::string(name));
        }
        files::writeResultFile(folder / "images.tif", "a table"); // the project is closed
    }
};

RETICLE_TEST(OpenProjectTest)
#include "OpenProjectTest.moc"
