#include "project/MissingFiles.h"

#include "foundation/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <algorithm>
#include <chrono>

using namespace reticle;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

/// A project with images, labels and a folder of slices on a disk that gets another name, and a finished run on the first two.
struct LostDisk
{
    TemporaryFolder folder;
    std::int64_t images = 0;

    fs::path project() const { return folder / "work" / "P.reticle"; }
    fs::path was(const std::string &name) const { return folder / "old" / "exp" / name; }
    fs::path now(const std::string &name) const { return folder / "disks" / "new" / "exp" / name; }

    LostDisk()
    {
        fs::create_directories(folder / "work");
        fs::create_directories(was("labels"));
        fs::create_directories(was("slices"));
        test::writeAll(was("cells.tif"), "pixels of the cells");
        test::writeAll(was("labels") / "cells.tif", "labels of the cells");
        for (const char *slice : {"1.png", "2.png", "3.png"})
            test::writeAll(was("slices") / slice, std::string("slice ") + slice);
        Project p = Project::openOrCreate(project());
        const std::string labels = (was("labels") / "cells.tif").string();
        images = p.addInput(was("cells.tif"), "images", Json{{"title", "cells"}, {"labels", labels}}).id;
        p.addInput(labels, "labels", {});
        p.addInput(was("slices"), "images", {});
        train(p, was("cells.tif"), labels);
    }
    static std::int64_t train(Project &p, const fs::path &images, const fs::path &labels)
    {
        RunInfo run = p.createRun(Recipe(Json{{"data", {{"images", images.string()}, {"labels", labels.string()}}}}));
        run.status = RunStatus::Done;
        p.updateRun(run);
        return run.id;
    }
    /// The disk is mounted elsewhere.
    void move() const
    {
        fs::create_directories(folder / "disks");
        fs::rename(folder / "old", folder / "disks" / "new");
    }
    static std::string pathIn(const RunInfo &run, const char *field) { return run.recipe["data"][field].get<std::string>(); }
};

std::string text(const fs::path &path)
{
    return fs::weakly_canonical(path).string();
}

} // namespace

class MissingFilesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingIsMissingWhereAllIsThere()
    {
        const LostDisk d;
        QVERIFY(missingFiles(Project::open(d.project())).empty());
    }
    void aDiskOfAnotherNameIsRelinkedAtOnce()
    {
        const LostDisk d;
        d.move();
        Project p = Project::open(d.project());
        const auto missing = missingFiles(p);
        QCOMPARE(missing.size(), std::size_t(3));
        QCOMPARE(missing[0].path, text(d.was("cells.tif")));
        QCOMPARE(missing[0].roles, std::vector<std::string>{"images"});
        QCOMPARE(missing[2].name(), std::string("slices"));

        const auto search = searchFolder(missing, d.folder / "disks");
        QVERIFY(search.complete && search.sameName.empty() && search.notFound.empty());
        QCOMPARE(search.found.size(), std::size_t(3));
        QCOMPARE(search.found[0].place, text(d.now("cells.tif")));
        QCOMPARE(search.found[1].place, text(d.now("labels") / "cells.tif"));
        QCOMPARE(search.found[2].place, text(d.now("slices")));

        const Json before = p.relink(newPlaces(search.found));
        for (const bool opened : {false, true}) {
            if (opened)
                p = Project::open(d.project());
            QVERIFY(missingFiles(p).empty());
            const auto inputs = p.inputs();
            QCOMPARE(inputs.size(), std::size_t(3));
            for (const auto &input : inputs)
                QCOMPARE(p.inputState(input), std::string("unchanged"));
            QCOMPARE(inputs[0].path, text(d.now("cells.tif")));
            QCOMPARE(inputs[0].movedFrom, text(d.was("cells.tif")));
            const Json described{{"title", "cells"}, {"labels", text(d.now("labels") / "cells.tif")}};
            QVERIFY2(inputs[0].description == described, inputs[0].description.dump().c_str());
            QCOMPARE(LostDisk::pathIn(p.run(1), "images"), text(d.now("cells.tif")));
            QCOMPARE(LostDisk::pathIn(p.run(1), "labels"), text(d.now("labels") / "cells.tif"));
            QCOMPARE(p.whereIs(text(d.was("cells.tif"))), text(d.now("cells.tif")));
            const auto seen = p.inputsOf(1);
            QCOMPARE(seen.size(), std::size_t(2));
            for (const auto &input : seen)
                QCOMPARE(p.inputState(input), std::string("unchanged"));
            QVERIFY(p.movedInputs(0).empty() && p.movedInputs(1).empty()); // the user knows
        }

        p.undoRelink(before);
        QCOMPARE(missingFiles(p).size(), std::size_t(3));
        QCOMPARE(p.inputs()[0].path, text(d.was("cells.tif")));
        QVERIFY(p.inputs()[0].movedFrom.empty());
        QCOMPARE(LostDisk::pathIn(p.run(1), "images"), text(d.was("cells.tif")));
    }
    void oneFileShowsWhereTheOthersAre()
    {
        const LostDisk d;
        d.move();
        const auto missing = missingFiles(Project::open(d.project()));
        const auto beside = searchBeside(missing, missing[1], text(d.now("labels") / "cells.tif"));
        QCOMPARE(beside.found.size(), std::size_t(2));
        QCOMPARE(beside.found[0].place, text(d.now("cells.tif")));
        QCOMPARE(beside.found[1].place, text(d.now("slices")));
        QVERIFY(beside.notFound.empty());
        // The one that was shown is no answer to where the others are.
        QVERIFY(searchBeside({missing[1]}, missing[1], text(d.now("labels") / "cells.tif")).found.empty());
    }
    void aFileInASubfolderLeadsToThoseOutsideTheSearchedFolder()
    {
        const LostDisk d;
        d.move();
        const auto search = searchFolder(missingFiles(Project::open(d.project())), d.now("labels"));
        QCOMPARE(search.found.size(), std::size_t(3));
    }
    void renamedFilesAndFoldersAreFoundByContent()
    {
        const LostDisk d;
        d.move();
        fs::rename(d.now("cells.tif"), d.now("renamed.tif"));
        fs::rename(d.now("slices"), d.now("pictures"));
        const auto search = searchFolder(missingFiles(Project::open(d.project())), d.folder / "disks");
        QCOMPARE(search.found.size(), std::size_t(3));
        QCOMPARE(search.found[0].place, text(d.now("renamed.tif")));
        QCOMPARE(search.found[2].place, text(d.now("pictures")));
        // The renamed folder itself may be what is chosen.
        const auto inside = searchFolder(missingFiles(Project::open(d.project())), d.now("pictures"));
        QVERIFY(std::any_of(inside.found.begin(), inside.found.end(),
                            [&](const FoundFile &f) { return f.place == text(d.now("pictures")); }));
    }
    void ofCopiesTheOneInAFolderOfTheSameNameIsTaken()
    {
        const LostDisk d;
        d.move();
        fs::create_directories(d.folder / "disks" / "a");
        fs::copy_file(d.now("cells.tif"), d.folder / "disks" / "a" / "cells.tif");
        const auto search = searchFolder(missingFiles(Project::open(d.project())), d.folder / "disks");
        QCOMPARE(search.found[0].place, text(d.now("cells.tif")));
    }
    void otherContentIsToldApart_data()
    {
        QTest::addColumn<QString>("content");
        QTest::newRow("of another size") << "other pixels of other cells";
        QTest::newRow("of the same size") << "pixels of THE cells";
    }
    void otherContentIsToldApart()
    {
        QFETCH(QString, content);
        const LostDisk d;
        d.move();
        test::writeAll(d.now("cells.tif"), content.toStdString());
        fs::last_write_time(d.now("cells.tif"), fs::last_write_time(d.now("cells.tif")) + std::chrono::seconds(10));
        test::writeAll(d.now("slices") / "2.png", "another 2.png");
        Project p = Project::open(d.project());
        const auto missing = missingFiles(p);
        const auto search = searchFolder(missing, d.folder / "disks");
        QCOMPARE(search.found.size(), std::size_t(1)); // the labels
        QCOMPARE(search.sameName.size(), std::size_t(2));
        QCOMPARE(search.sameName[0].place, text(d.now("cells.tif")));
        QVERIFY(search.sameName[0].match == PlaceMatch::Other);
        QCOMPARE(search.sameName[1].place, text(d.now("slices")));
        QVERIFY(search.notFound.empty());
        QVERIFY(comparePlace(missing[0], d.now("cells.tif")) == PlaceMatch::Other);
        QVERIFY(!comparePlace(missing[0], d.was("cells.tif")));
        // Taken all the same when the user says so. What was trained on the former content says it.
        p.relink(newPlaces(search.sameName));
        QCOMPARE(p.inputs()[0].path, text(d.now("cells.tif")));
        QCOMPARE(p.inputState(p.inputs()[0]), std::string("changed"));
        QCOMPARE(p.inputState(p.inputsOf(1)[0]), std::string("changed"));
        QCOMPARE(p.movedInputs(1).size(), std::size_t(1));
        QVERIFY2(p.movedInputs(1)[0].find("although its content is different") != std::string::npos, p.movedInputs(1)[0].c_str());
    }
    /// The first, middle and last MiB are the same; a file that was added as a whole is compared as a whole.
    void aChangeBetweenTheComparedPartsIsSeen()
    {
        const LostDisk d;
        std::string bytes(std::size_t(8) << 20, 'x');
        test::writeAll(d.was("large.raw"), bytes);
        Project p = Project::open(d.project());
        p.addInput(d.was("large.raw"), "images", {});
        d.move();
        const auto large = missingFiles(p).back();
        QVERIFY(comparePlace(large, d.now("large.raw")) == PlaceMatch::Same);
        bytes[std::size_t(2) << 20] = 'y';
        test::writeAll(d.now("large.raw"), bytes);
        QVERIFY(comparePlace(large, d.now("large.raw")) == PlaceMatch::Other);
        QVERIFY(!comparePlace(large, d.now("large.raw"), [] { return false; }));
    }
    void theOriginalIsUsedAgainWhenItComesBack()
    {
        const LostDisk d;
        d.move();
        Project p = Project::open(d.project());
        p.relink(newPlaces(searchFolder(missingFiles(p), d.folder / "disks").found));
        fs::copy(d.folder / "disks" / "new", d.folder / "old", fs::copy_options::recursive);
        QCOMPARE(p.inputs()[0].path, text(d.was("cells.tif")));
        QVERIFY(p.inputs()[0].movedFrom.empty());
        // Another file at the former place is not the data.
        test::writeAll(d.was("cells.tif"), "something else");
        QCOMPARE(p.inputs()[0].path, text(d.now("cells.tif")));
    }
    void aRunOnRelinkedDataIsOfTheSameInput()
    {
        const LostDisk d;
        d.move();
        Project p = Project::open(d.project());
        p.relink(newPlaces(searchFolder(missingFiles(p), d.folder / "disks").found));
        QCOMPARE(p.addInput(d.now("cells.tif"), "images", {}).id, d.images);
        p.addInput(d.now("labels") / "cells.tif", "labels", {});
        QCOMPARE(p.inputs().size(), std::size_t(3));
        const auto run = LostDisk::train(p, d.now("cells.tif"), d.now("labels") / "cells.tif");
        QCOMPARE(p.inputsOf(run).size(), std::size_t(2));
        // And both runs follow when the disk gets a third name.
        fs::create_directories(d.folder / "third" / "place");
        fs::rename(d.folder / "disks" / "new", d.folder / "third" / "place" / "disk");
        QCOMPARE(missingFiles(p).size(), std::size_t(3));
        QCOMPARE(missingFiles(p)[0].path, text(d.was("cells.tif")));
        QCOMPARE(missingFiles(p)[0].lastPlace, text(d.now("cells.tif")));
        QCOMPARE(LostDisk::pathIn(p.run(1), "images"), text(d.now("cells.tif"))); // where it was last
        p.relink(newPlaces(searchFolder(missingFiles(p), d.folder / "third").found));
        const auto third = d.folder / "third" / "place" / "disk" / "exp";
        for (const std::int64_t number : {std::int64_t(1), run}) {
            QCOMPARE(LostDisk::pathIn(p.run(number), "images"), text(third / "cells.tif"));
            QCOMPARE(LostDisk::pathIn(p.run(number), "labels"), text(third / "labels" / "cells.tif"));
            for (const auto &input : p.inputsOf(number))
                QCOMPARE(p.inputState(input), std::string("unchanged"));
        }
        QCOMPARE(p.whereIs(text(d.now("cells.tif"))), text(third / "cells.tif"));
    }
    /// Moved next to the project, where it is found without being asked for, and trained on there.
    void aRunOnDataThatWereFoundByThemselvesFollows()
    {
        const LostDisk d;
        const auto beside = d.folder / "work" / "cells.tif", far = d.folder / "far" / "away" / "cells.tif";
        fs::rename(d.was("cells.tif"), beside);
        Project p = Project::open(d.project());
        p.addInput(beside, "images", {});
        const auto run = LostDisk::train(p, beside, d.was("labels") / "cells.tif");
        QCOMPARE(p.inputsOf(run).size(), std::size_t(2));
        QCOMPARE(p.movedInputs(0).size(), std::size_t(1)); // nobody has said where it is
        fs::create_directories(far.parent_path());
        fs::rename(beside, far);
        const auto missing = missingFiles(p);
        QCOMPARE(missing.size(), std::size_t(2)); // by both names
        p.relink(newPlaces(searchFolder(missing, d.folder / "far").found));
        QVERIFY(missingFiles(p).empty());
        for (const std::int64_t number : {std::int64_t(1), run})
            QCOMPARE(LostDisk::pathIn(p.run(number), "images"), text(far));
    }
    void placesBelowTheProjectMoveWithIt()
    {
        const LostDisk d;
        d.move();
        {
            Project p = Project::open(d.project());
            // Two levels down, where the project does not look by itself, and with other content, which it never takes.
            fs::create_directories(d.project() / "mine" / "deep");
            test::writeAll(d.project() / "mine" / "deep" / "cells.tif", "another picture");
            p.relink({{text(d.was("cells.tif")), text(d.project() / "mine" / "deep" / "cells.tif")}});
        }
        fs::rename(d.folder / "work", d.folder / "home");
        const Project p = Project::open(d.folder / "home" / "P.reticle");
        QCOMPARE(p.inputs()[0].path, text(d.folder / "home" / "P.reticle" / "mine" / "deep" / "cells.tif"));
    }
    void notesStayWithRelinkedData()
    {
        const LostDisk d;
        d.move();
        Project p = Project::open(d.project());
        const Json before = p.relink({{text(d.was("cells.tif")), text(d.now("cells.tif"))}});
        p.describeInput(d.images, Json{{"note", "from June"}});
        QCOMPARE(p.inputs()[0].path, text(d.now("cells.tif")));
        p.undoRelink(before);
        QCOMPARE(p.inputs()[0].path, text(d.was("cells.tif")));
        QCOMPARE(p.inputs()[0].description.value("note", std::string()), std::string("from June"));
        QVERIFY(!p.inputs()[0].description.contains("_places"));
    }
    void whatCannotBeRelinkedChangesNothing()
    {
        const LostDisk d;
        d.move();
        Project p = Project::open(d.project());
        const Project::NewPlace good{text(d.was("cells.tif")), text(d.now("cells.tif"))};
        EXPECT_ERROR(p.relink({good, {text(d.was("slices")), "/nowhere/slices"}}), "There is no file or folder at this place");
        EXPECT_ERROR(p.relink({good, {"/nowhere/x.tif", text(d.now("slices"))}}), "has no data at this place");
        QCOMPARE(missingFiles(p).size(), std::size_t(3));
        EXPECT_ERROR(searchFolder(missingFiles(p), d.folder / "nowhere"), "There is no folder at this place");
        EXPECT_ERROR(searchFolder(missingFiles(p), d.now("cells.tif")), "There is no folder at this place");
    }
    void hiddenFoldersLinksAndOtherProjectsArePassedOver()
    {
        for (const char *place : {".hidden", "Q.reticle"}) {
            const LostDisk d;
            d.move();
            const fs::path away = d.folder / "away";
            fs::create_directory(away);
            fs::rename(d.folder / "disks" / "new", away / place);
            if (std::string(place) == "Q.reticle")
                test::writeAll(away / place / "project.sqlite", "");
            fs::create_directory_symlink(away / place, away / "link");
            const auto search = searchFolder(missingFiles(Project::open(d.project())), away);
            QVERIFY(search.complete && search.found.empty());
            QCOMPARE(search.notFound.size(), std::size_t(3));
        }
    }
    void aSearchEndsWhenItIsAskedToAndAtItsBounds()
    {
        const LostDisk d;
        d.move();
        const auto missing = missingFiles(Project::open(d.project()));
        std::size_t asked = 0;
        const auto ended = searchFolder(missing, d.folder / "disks", [&](std::size_t) { return ++asked < 3; });
        QVERIFY(!ended.complete && ended.found.empty());
        QCOMPARE(ended.notFound.size(), std::size_t(3));
        QCOMPARE(ended.seen, std::size_t(3));
        QVERIFY(!searchFolder(missing, d.folder / "disks", {}, {.entries = 2}).complete);
        const auto shallow = searchFolder(missing, d.folder / "disks", {}, {.depth = 1});
        QVERIFY(!shallow.complete && shallow.found.empty());
    }
};

RETICLE_TEST(MissingFilesTest)
#include "MissingFilesTest.moc"
