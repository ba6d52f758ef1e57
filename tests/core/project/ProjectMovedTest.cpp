#include "project/Project.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

/// A project at P.reticle with images and labels in data/ beside it and a run on them.
struct Moved
{
    TemporaryFolder folder;
    std::string hash;

    fs::path project() const { return folder / "a" / "P.reticle"; }
    Moved(bool folders = false, const std::string &by = "data")
    {
        fs::create_directories(folder / "a" / "data");
        if (by != "data")
            fs::create_directory_symlink(folder / "a" / "data", folder / "a" / by);
        const auto make = [&](const std::string &name) {
            if (folders) {
                fs::create_directory(folder / "a" / "data" / name);
                for (const char *slice : {"1.png", "2.png", "10.png"})
                    test::writeAll(folder / "a" / "data" / name / slice, name + " " + slice);
            } else {
                test::writeAll(folder / "a" / "data" / name, "pixels of " + name);
            }
        };
        make("images");
        make("labels");
        Project p = Project::openOrCreate(project());
        const auto images = folder / "a" / by / "images", labels = folder / "a" / by / "labels";
        hash = p.addInput(images, "images", Json{{"labels", labels.string()}}).hash;
        p.addInput(labels, "labels", {});
        RunInfo run =
            p.createRun(Recipe(Json{{"data", {{"images", images.string()}, {"labels", labels.string()}, {"split", "blocks"}}}}));
        run.status = RunStatus::Done;
        p.updateRun(run);
    }
    /// Inputs and the run's recipe name files of this folder, and it is said where they were before.
    static void areIn(const fs::path &project, const fs::path &data, bool said = true)
    {
        const Project p = Project::open(project);
        const auto in = [&](const std::string &path, const char *name) { return fs::equivalent(path, data / name); };
        const auto inputs = p.inputs();
        QCOMPARE(inputs.size(), std::size_t(2));
        QVERIFY2(in(inputs[0].path, "images"), inputs[0].path.c_str());
        QVERIFY2(in(inputs[1].path, "labels"), inputs[1].path.c_str());
        QCOMPARE(inputs[0].movedFrom.empty(), !said);
        QVERIFY(in(inputs[0].description["labels"].get<std::string>(), "labels"));
        for (const auto &input : inputs)
            QCOMPARE(p.inputState(input), std::string("unchanged"));
        const Json recipe = p.run(1).recipe["data"];
        QVERIFY2(in(recipe["images"].get<std::string>(), "images"), recipe.dump().c_str());
        QVERIFY2(in(recipe["labels"].get<std::string>(), "labels"), recipe.dump().c_str());
        QCOMPARE(recipe["split"].get<std::string>(), std::string("blocks"));
        for (const std::int64_t run : {0, 1}) {
            const auto sentences = p.movedInputs(run);
            QCOMPARE(sentences.size(), std::size_t(said ? 2 : 0));
            if (said)
                QVERIFY2(sentences[0].find(inputs[0].path) != std::string::npos &&
                             sentences[0].find(inputs[0].movedFrom) != std::string::npos,
                         sentences[0].c_str());
        }
    }
};

} // namespace

class ProjectMovedTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void areFoundBesideAMovedProject_data()
    {
        QTest::addColumn<bool>("folders");
        QTest::addColumn<QString>("by");
        QTest::newRow("files") << false << "data";
        QTest::newRow("folders of slices") << true << "data";
        QTest::newRow("files by a link") << false << "link";
    }
    void areFoundBesideAMovedProject()
    {
        QFETCH(bool, folders);
        QFETCH(QString, by);
        const Moved m(folders, by.toStdString());
        Moved::areIn(m.project(), m.folder / "a" / "data", false);
        fs::rename(m.folder / "a", m.folder / "b");
        fs::remove(m.folder / "b" / "link");
        Moved::areIn(m.folder / "b" / "P.reticle", m.folder / "b" / "data");
        // And again, and back.
        fs::rename(m.folder / "b", m.folder / "c");
        Moved::areIn(m.folder / "c" / "P.reticle", m.folder / "c" / "data");
        fs::rename(m.folder / "c", m.folder / "a");
        if (by == "data")
            Moved::areIn(m.project(), m.folder / "a" / "data", false);
    }
    void areFoundInAndBesideTheProjectsFolder()
    {
        for (const char *place : {"b", "b/P.reticle", "b/P.reticle/data"}) {
            const Moved m;
            fs::create_directory(m.folder / "b");
            fs::rename(m.project(), m.folder / "b" / "P.reticle");
            fs::create_directories(m.folder / place);
            for (const char *name : {"images", "labels"})
                fs::rename(m.folder / "a" / "data" / name, m.folder / place / name);
            Moved::areIn(m.folder / "b" / "P.reticle", m.folder / place);
        }
    }
    /// The labels stay; the images went into their folder under another name.
    void areFoundByContentWhereOtherDataAre()
    {
        const Moved m;
        fs::create_directory(m.folder / "elsewhere");
        fs::rename(m.folder / "a" / "data" / "labels", m.folder / "elsewhere" / "labels");
        {
            Project p = Project::open(m.project());
            p.addInput(m.folder / "elsewhere" / "labels", "labels", {});
        }
        fs::rename(m.folder / "a" / "data" / "images", m.folder / "elsewhere" / "renamed");
        const Project p = Project::open(m.project());
        QVERIFY(fs::equivalent(p.inputs().at(0).path, m.folder / "elsewhere" / "renamed"));
        QVERIFY(fs::equivalent(p.run(1).recipe["data"]["images"].get<std::string>(), m.folder / "elsewhere" / "renamed"));
        QVERIFY(fs::equivalent(p.whereIs((m.folder / "a" / "data" / "images").string()), m.folder / "elsewhere" / "renamed"));
    }
    void otherContentIsNeverTaken()
    {
        const Moved m;
        fs::rename(m.folder / "a", m.folder / "b");
        test::writeAll(m.folder / "b" / "data" / "images", "other  of images"); // of the same length
        const Project p = Project::open(m.folder / "b" / "P.reticle");
        QCOMPARE(p.inputState(p.inputs().at(0)), std::string("missing"));
        QVERIFY(p.inputs().at(0).movedFrom.empty());
        QCOMPARE(p.run(1).recipe["data"]["images"].get<std::string>(), (m.folder / "a" / "data" / "images").string());
        QCOMPARE(p.movedInputs(0).size(), std::size_t(1)); // the labels
        QCOMPARE(p.whereIs("/nowhere/x"), std::string("/nowhere/x"));
    }
    void folderWithOtherContentIsNotTaken()
    {
        const Moved m(true);
        fs::rename(m.folder / "a", m.folder / "b");
        test::writeAll(m.folder / "b" / "data" / "images" / "2.png", "Images 2.png");
        const Project p = Project::open(m.folder / "b" / "P.reticle");
        QCOMPARE(p.inputState(p.inputs().at(0)), std::string("missing"));
        QCOMPARE(p.inputState(p.inputs().at(1)), std::string("unchanged"));
    }
    /// A copy of both, whose original was changed: the copy's own data are meant.
    void aCopyUsesItsOwnDataWhereTheOriginalsChanged()
    {
        const Moved m;
        fs::copy(m.folder / "a", m.folder / "b", fs::copy_options::recursive);
        Moved::areIn(m.folder / "b" / "P.reticle", m.folder / "a" / "data", false);
        for (const char *name : {"images", "labels"})
            test::writeAll(m.folder / "a" / "data" / name, "something else");
        Moved::areIn(m.folder / "b" / "P.reticle", m.folder / "b" / "data");
        Project p = Project::open(m.project());
        QCOMPARE(p.inputState(p.inputs().at(0)), std::string("changed"));
    }
    void aFileThatComesBackIsUsedAgain()
    {
        const Moved m;
        const Project p = Project::open(m.project());
        fs::rename(m.folder / "a" / "data" / "images", m.folder / "a" / "images");
        QVERIFY(fs::equivalent(p.inputs().at(0).path, m.folder / "a" / "images"));
        fs::rename(m.folder / "a" / "images", m.folder / "a" / "data" / "images");
        QVERIFY(fs::equivalent(p.inputs().at(0).path, m.folder / "a" / "data" / "images"));
        QVERIFY(p.inputs().at(0).movedFrom.empty());
    }
    /// Labels that the window noted are inside the project: their path moves with it.
    void pathsInDescriptionsMoveWithTheProject()
    {
        const TemporaryFolder folder;
        {
            Project p = Project::openOrCreate(folder / "P");
            for (const char *name : {"images", "labels"})
                test::writeAll(p.folder() / name, name);
            const auto id = p.addInput(p.folder() / "images", "images", Json{{"labels", (p.folder() / "labels").string()}}).id;
            p.addInput(p.folder() / "labels", "labels", {});
            p.describeInput(id, Json{{"other", (p.folder() / "labels").string()}});
        }
        fs::rename(folder / "P", folder / "Q");
        const Project q = Project::open(folder / "Q");
        for (const char *key : {"labels", "other"})
            QCOMPARE(q.inputs().at(0).description[key].get<std::string>(), (q.folder() / "labels").string());
    }
    void comparisonsFollowToo()
    {
        const Moved m;
        {
            Project p = Project::open(m.project());
            p.createComparison(Recipe(p.run(1).recipe));
        }
        fs::rename(m.folder / "a", m.folder / "b");
        const Project p = Project::open(m.folder / "b" / "P.reticle");
        QVERIFY(fs::equivalent(p.comparisons().at(0).recipe["data"]["labels"].get<std::string>(),
                               m.folder / "b" / "data" / "labels"));
    }
};

RETICLE_TEST(ProjectMovedTest)
#include "ProjectMovedTest.moc"
