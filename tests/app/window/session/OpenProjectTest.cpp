#include "window/session/OpenProject.h"
#include "window/session/ImageData.h"

#include "files/SiblingFile.h"
#include "foundation/Error.h"
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
            project->addData(imageSection(text(folder / "a" / "data" / "images.tif"), text(folder / "a" / "data" / "labels.tif"),
                                          QStringLiteral("dark")),
                             QStringLiteral("Two slices"));
            QVERIFY(project->notes().isEmpty());
        }
        fs::rename(folder / "a", folder / "b");
        const auto project = OpenProject::open(text(folder / "b" / "P.reticle"));
        QCOMPARE(project->dataSets().size(), std::size_t(1));
        const ImageData set(project->dataSets().front());
        QCOMPARE(set.images, text(fs::canonical(folder / "b") / "data" / "images.tif"));
        QCOMPARE(set.labels, text(fs::canonical(folder / "b") / "data" / "labels.tif"));
        QCOMPARE(set.state, QStringLiteral("unchanged"));
        QCOMPARE(set.foreground, QStringLiteral("dark"));
        QCOMPARE(project->notes().size(), 2);
        QVERIFY2(project->notes().front().contains(set.images), qPrintable(project->notes().front()));
    }
    void theDatabaseStandsForItsProject()
    {
        const TemporaryFolder folder;
        const QString project = text(folder / "P.reticle");
        OpenProject::open(project);
        test::writeAll(folder / "other.sqlite", "SQLite format 3");
        fs::create_directories(folder / "empty");
        QCOMPARE(OpenProject::projectOf(project), project);
        QCOMPARE(OpenProject::projectOf(project + QStringLiteral("/project.sqlite")), project);
        QCOMPARE(OpenProject::projectOf(text(folder / "other.sqlite")), QString());
        QCOMPARE(OpenProject::projectOf(text(folder / "empty")), QString());
        QCOMPARE(OpenProject::projectOf(text(folder / "empty" / "project.sqlite")), QString());
    }
    /// What is dropped again is what it is now.
    void dataAddedAgainHaveTheirLastSection()
    {
        const TemporaryFolder folder;
        for (const char *name : {"images.tif", "labels.tif"})
            test::writeAll(folder / name, name);
        const auto project = OpenProject::open(text(folder / "P.reticle"));
        const QString images = text(folder / "images.tif"), labels = text(folder / "labels.tif");
        const auto input = project->addData(imageSection(images, labels, QStringLiteral("dark")), {}, {{"classes", 2}});
        project->describeData(input, voxelNote({5, 5, 30}));
        QCOMPARE(project->addData(imageSection(images, {}), QStringLiteral("alone")), input);
        QCOMPARE(project->dataSets().size(), std::size_t(1));
        const ImageData alone(project->dataSets().front());
        QCOMPARE(alone.kind(), QStringLiteral("images"));
        QVERIFY(alone.labels.isEmpty() && !alone.section.contains("foreground"));
        QCOMPARE(alone.sentence, QStringLiteral("alone"));
        QCOMPARE(alone.voxel[2], 30.0); // what pages have kept stays
        QVERIFY(isOfImages(alone));
        EXPECT_ERROR(project->addData({{"name", "images"}, {"images", ""}}, {}), "a file or folder");
        // Labels that they were trained with since belong to them.
        project->store().createRun(Recipe(Json{{"data", imageSection(alone.images, labels)}}));
        project->refresh();
        QCOMPARE(project->dataSets().front().text("labels"), labels);
        QCOMPARE(project->dataSetOf({{"data", imageSection(images, {})}}), &project->dataSets().front());
        QVERIFY(!project->dataSetOf({{"data", imageSection(labels, {})}}));
    }
    void projectsOfBeforeKnowTheirImages()
    {
        const TemporaryFolder folder;
        for (const char *name : {"images.tif", "labels.tif", "alone.tif"})
            test::writeAll(folder / name, name);
        {
            auto store = Project::openOrCreate(folder / "P.reticle");
            store.addInput(folder / "images.tif", "images",
                           {{"title", "Cells"},
                            {"labels", (folder / "labels.tif").string()},
                            {"foreground", "dark"},
                            {"sentence", "A stack"},
                            {"classes", 3},
                            {"voxel-size", {4, 4, 40}}},
                           Project::Compared::Parts);
            store.addInput(folder / "labels.tif", "labels", Json::object(), Project::Compared::Parts);
            store.addInput(folder / "alone.tif", "images", {{"labels", ""}, {"classes", 0}}, Project::Compared::Parts);
        }
        const auto project = OpenProject::open(text(folder / "P.reticle"));
        QCOMPARE(project->dataSets().size(), std::size_t(2));
        const ImageData set(project->dataSets().front());
        QVERIFY(set.section == imageSection(text(fs::canonical(folder / "images.tif")),
                                            text(fs::canonical(folder / "labels.tif")), QStringLiteral("dark")));
        QCOMPARE(set.title, QStringLiteral("Cells"));
        QCOMPARE(set.sentence, QStringLiteral("A stack"));
        QVERIFY(set.classes == 3 && set.voxel[2] == 40);
        QVERIFY((set.notes.at("recipe") == Json{{"objective", {{"name", "cross-entropy"}}}}));
        QCOMPARE(project->dataSets().back().kind(), QStringLiteral("images"));
    }
    /// An export of the window, whatever name is chosen for it, leaves the data of the project as they are.
    void noExportReplacesTheProjectsData()
    {
        const TemporaryFolder folder;
        for (const char *name : {"images.tif", "labels.tif"})
            test::writeAll(folder / name, name);
        {
            const auto project = OpenProject::open(text(folder / "P.reticle"));
            project->addData(imageSection(text(folder / "images.tif"), text(folder / "labels.tif")), {});
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
