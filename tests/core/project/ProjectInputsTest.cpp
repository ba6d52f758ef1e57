#include "project/Project.h"

#include "foundation/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <QCryptographicHash>

#include <chrono>
#include <fstream>

using namespace reticle;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t mebibyte = 1u << 20;

/// Qt's SHA-256.
std::string sha256(const std::string &bytes)
{
    return QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256).toHex().toStdString();
}

/// Gives the file a time that it never had.
void touch(const fs::path &file)
{
    static int seconds = 0;
    fs::last_write_time(file, fs::file_time_type::clock::now() + std::chrono::seconds(100 + ++seconds));
}

} // namespace

class ProjectInputsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isKeptOncePerPathAndContent()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        test::writeAll(folder / "a.tif", "pixels");
        const InputInfo a = p.addInput(folder / "a.tif", "images", Json{{"pages", 3}});
        QCOMPARE(a.path, fs::canonical(folder / "a.tif").string());
        QCOMPARE(a.role, std::string("images"));
        QCOMPARE(a.bytes, std::int64_t(6));
        QCOMPARE(p.addInput(folder / "a.tif", "images", Json{{"pages", 3}}).id, a.id);
        // What another says of it is added, and saying nothing takes nothing away.
        const Json both = p.addInput(folder / "a.tif", "images", Json{{"labels", "b.tif"}}).description;
        QVERIFY((both == Json{{"pages", 3}, {"labels", "b.tif"}}));
        QVERIFY(p.addInput(folder / "a.tif", "images", {}).description == both);
        QCOMPARE(p.inputs().size(), std::size_t(1));
        const InputInfo read = Project::open(folder / "P").inputs().at(0);
        QVERIFY(read.id == a.id && read.path == a.path && read.role == a.role && read.hash == a.hash && read.bytes == a.bytes &&
                read.modified == a.modified && read.description == both);
        // In another role, at another place or with other content it is another input.
        QVERIFY(p.addInput(folder / "a.tif", "labels", {}).id != a.id);
        fs::copy_file(folder / "a.tif", folder / "b.tif");
        const InputInfo b = p.addInput(folder / "b.tif", "images", {});
        QVERIFY(b.id != a.id && b.hash == a.hash);
        test::writeAll(folder / "a.tif", "pixelt");
        const InputInfo changed = p.addInput(folder / "a.tif", "images", {});
        QVERIFY(changed.id != a.id && changed.hash != a.hash);
        QCOMPARE(p.inputs().size(), std::size_t(4));
        p.removeInput(b.id);
        p.removeInput(b.id); // gone is gone
        QCOMPARE(p.inputs().size(), std::size_t(3));
        QVERIFY(fs::exists(folder / "b.tif"));
    }
    /// Links and ways round are one path.
    void pathsAreMadeAbsolute()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        fs::create_directory(folder / "data");
        test::writeAll(folder / "data" / "a.tif", "pixels");
        fs::create_symlink(folder / "data" / "a.tif", folder / "link.tif");
        const auto id = p.addInput(folder / "data" / "a.tif", "images", {}).id;
        QCOMPARE(p.addInput(folder / "link.tif", "images", {}).id, id);
        QCOMPARE(p.addInput(folder / "data" / ".." / "data" / "." / "a.tif", "images", {}).id, id);
        QCOMPARE(p.addInput(fs::relative(folder / "data" / "a.tif"), "images", {}).id, id);
        EXPECT_ERROR(p.addInput(folder / "c.tif", "images", {}), "c.tif: expected a file or folder, found nothing of that name");
        EXPECT_ERROR(p.addInput("", "images", {}), "nothing of that name");
        QCOMPARE(p.inputs().size(), std::size_t(1));
    }
    void hashesSizeAndContent_data()
    {
        QTest::addColumn<int>("size");
        for (const int size : {0, 1, 1000, int(mebibyte), int(mebibyte) + 1, int(3 * mebibyte)})
            QTest::addRow("%d", size) << size;
    }
    void hashesSizeAndContent()
    {
        QFETCH(int, size);
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        std::string bytes(static_cast<std::size_t>(size), '\0');
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<char>(i * 2654435761u >> 13);
        test::writeAll(folder / "a", bytes);
        QCOMPARE(p.addInput(folder / "a", "data", {}).hash, sha256(std::to_string(size) + "\n" + bytes));
    }
    /// Of a large file its size and three parts, then the whole; of a very large one the parts alone, so that a stack of
    /// many GB does not hold a run up.
    void hashesPartsOfLargeFiles()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        std::string big(3 * mebibyte + 2, 'a');
        const std::size_t middle = big.size() / 2 - mebibyte / 2;
        big[0] = 'b';
        big[middle] = 'm';
        big[big.size() - 1] = 'e';
        test::writeAll(folder / "a", big);
        const auto parts = sha256(std::to_string(big.size()) + "\n" + big.substr(0, mebibyte) + big.substr(middle, mebibyte) +
                                  big.substr(big.size() - mebibyte));
        const InputInfo a = p.addInput(folder / "a", "images", {}, Project::Compared::Parts);
        QCOMPARE(a.hash, parts);
        // Asked for the whole it is the same input, also when a window asks for the parts again.
        const InputInfo whole = p.addInput(folder / "a", "images", {});
        QCOMPARE(whole.hash, parts + "+" + sha256(std::to_string(big.size()) + "\n" + big));
        QCOMPARE(whole.id, a.id);
        QCOMPARE(p.addInput(folder / "a", "images", {}, Project::Compared::Parts).id, a.id);
        QCOMPARE(p.inputs().size(), std::size_t(1));
        QCOMPARE(p.inputs().at(0).hash, whole.hash);
        // 20 GB of nothing, with a byte at the end.
        test::writeAll(folder / "sparse", "x");
        fs::resize_file(folder / "sparse", std::uintmax_t(20) << 30);
        const auto sparse = p.addInput(folder / "sparse", "images", {});
        QCOMPARE(sparse.bytes, std::int64_t(20) << 30);
        QCOMPARE(sparse.hash, sha256("21474836480\nx" + std::string(3 * mebibyte - 1, '\0')));
        QCOMPARE(p.inputState(sparse), std::string("unchanged"));
        touch(folder / "sparse");
        QCOMPARE(p.inputState(sparse), std::string("rewritten")); // nobody can say more
        fs::remove(folder / "sparse");
    }
    void bytesBetweenThePartsCount()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        std::string big(8 * mebibyte, 'a');
        test::writeAll(folder / "a.tif", big);
        const InputInfo before = p.addInput(folder / "a.tif", "images", {}, Project::Compared::Parts);
        const InputInfo a = p.addInput(folder / "a.tif", "images", {});
        big[2 * mebibyte] = 'b';
        test::writeAll(folder / "a.tif", big);
        touch(folder / "a.tif");
        QCOMPARE(p.inputState(a), std::string("changed"));
        // As an older project has it, by the parts alone.
        QCOMPARE(p.inputState(before), std::string("rewritten"));
        QVERIFY(p.addInput(folder / "a.tif", "images", {}).id != a.id);
    }
    void everyFileOfAFolderCounts()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        const fs::path slices = folder / "slices";
        fs::create_directory(slices);
        for (int i = 0; i < 9; ++i)
            test::writeAll(slices / (std::to_string(i) + ".png"), "picture " + std::to_string(i));
        const InputInfo nine = p.addInput(slices, "images", {});
        for (int i = 0; i < 9; ++i) {
            const auto file = slices / (std::to_string(i) + ".png");
            test::writeAll(file, "Picture " + std::to_string(i));
            touch(file);
            QCOMPARE(p.inputState(nine), std::string("changed"));
            test::writeAll(file, "picture " + std::to_string(i));
            touch(file);
            QCOMPARE(p.inputState(nine), std::string("unchanged"));
        }
    }
    /// Another run may have seen other data under the same name since.
    void aRunRemembersTheContentsThatItSaw()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        const auto file = (fs::canonical(folder.part()) / "a.tif").string();
        const Recipe recipe(Json{{"data", {{"name", "segmentation"}, {"images", file}}}});
        const auto run = [&](const std::string &content) {
            test::writeAll(file, content);
            touch(file);
            p.addInput(file, "images", {});
            return p.createRun(recipe).id;
        };
        const auto state = [&](std::int64_t id) { return p.inputState(p.inputsOf(id).at(0)); };
        const auto first = run("one"), second = run("two");
        QCOMPARE(state(first), std::string("changed"));
        QCOMPARE(state(second), std::string("unchanged"));
        const auto third = run("one"); // what the project knew first comes last
        QCOMPARE(state(first), std::string("unchanged"));
        QCOMPARE(state(second), std::string("changed"));
        QCOMPARE(state(third), std::string("unchanged"));
        QCOMPARE(p.inputsOf(third).size(), std::size_t(1));
        // The list of a run of an older program is missing; a damaged one counts as missing.
        fs::remove(p.runFolder(first) / "inputs.json");
        test::writeAll(p.runFolder(second) / "inputs.json", "{\n");
        for (const auto id : {first, second})
            QCOMPARE(p.inputsOf(id).at(0).path, file);
    }

    void tellsWhatChanged()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        const std::string big(5 * mebibyte, 'a');
        test::writeAll(folder / "a.tif", big);
        const InputInfo a = p.addInput(folder / "a.tif", "images", {});
        QCOMPARE(p.inputState(a), std::string("unchanged"));
        // Another time of the same content is no change; another byte is, at the start, the middle or the end.
        touch(folder / "a.tif");
        QCOMPARE(p.inputState(a), std::string("unchanged"));
        for (const std::size_t place : {std::size_t(0), big.size() / 2, big.size() - 1}) {
            std::string other = big;
            other[place] = 'b';
            test::writeAll(folder / "a.tif", other);
            touch(folder / "a.tif");
            QCOMPARE(p.inputState(a), std::string("changed"));
        }
        test::writeAll(folder / "a.tif", big.substr(1)); // of another size, whatever its time
        QCOMPARE(p.inputState(a), std::string("changed"));
        test::writeAll(folder / "a.tif", big);
        touch(folder / "a.tif");
        QCOMPARE(p.inputState(a), std::string("unchanged")); // put back
        // Taken in again, its time is the new one.
        QCOMPARE(p.addInput(folder / "a.tif", "images", {}).id, a.id);
        QVERIFY(p.inputs().at(0).modified != a.modified);
    }
    void movedInputsAreMissing()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        test::writeAll(folder / "a.tif", "pixels");
        const InputInfo a = p.addInput(folder / "a.tif", "images", {});
        fs::create_directory(folder / "elsewhere");
        fs::rename(folder / "a.tif", folder / "elsewhere" / "b.tif");
        QCOMPARE(p.inputState(a), std::string("missing"));
        QCOMPARE(p.inputs().size(), std::size_t(1));
        // Found again it is known by its content.
        QCOMPARE(p.addInput(folder / "elsewhere" / "b.tif", "images", {}).hash, a.hash);
        // Something else in its place.
        fs::create_directory(folder / "a.tif");
        QCOMPARE(p.inputState(a), std::string("changed"));
    }
    void inputsInsideTheProjectMoveWithIt()
    {
        const TemporaryFolder folder;
        {
            Project p = Project::openOrCreate(folder / "P");
            test::writeAll(p.folder() / "a.tif", "pixels");
            p.addInput(p.folder() / "a.tif", "images", {});
        }
        fs::rename(folder / "P", folder / "Q");
        const Project q = Project::open(folder / "Q");
        QCOMPARE(q.inputs().at(0).path, (fs::canonical(folder / "Q") / "a.tif").string());
        QCOMPARE(q.inputState(q.inputs().at(0)), std::string("unchanged"));
        QCOMPARE(Project::open(folder / "Q").addInput(folder / "Q" / "a.tif", "images", {}).id, q.inputs().at(0).id);
    }
    /// However the new project was named: with a slash at its end, through a link, by a way round.
    void soDoThoseOfProjectsMadeByDetours()
    {
        const TemporaryFolder folder;
        fs::create_directory(folder / "real");
        fs::create_directory_symlink(folder / "real", folder / "link");
        const std::pair<fs::path, const char *> ways[] = {
            {folder / "real" / "A" / "", "A"}, {folder / "link" / "B", "B"}, {folder / "real" / ".." / "real" / "C", "C"}};
        for (const auto &[way, name] : ways) {
            {
                Project p = Project::openOrCreate(way);
                test::writeAll(p.folder() / "a.tif", "pixels");
                p.addInput(p.folder() / "a.tif", "images", {});
            }
            fs::rename(folder / "real" / name, folder / name);
            const Project moved = Project::open(folder / name);
            QVERIFY2(moved.inputState(moved.inputs().at(0)) == "unchanged", name);
        }
    }

    void foldersCountAsTheirFiles()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        const fs::path slices = folder / "slices";
        fs::create_directory(slices);
        const auto add = [&] { return p.addInput(slices, "images", {}); };
        const InputInfo none = add();
        QCOMPARE(none.bytes, std::int64_t(0));
        QCOMPARE(none.hash, sha256(""));
        QCOMPARE(p.inputState(none), std::string("unchanged"));
        for (const char *name : {"2.png", "0.png", "1.png"})
            test::writeAll(slices / name, std::string("picture ") + name);
        QCOMPARE(p.inputState(none), std::string("changed"));
        const InputInfo three = add();
        QCOMPARE(three.bytes, std::int64_t(3 * 13));
        QCOMPARE(three.hash, sha256("0.png\n13\n1.png\n13\n2.png\n13\n"
                                    "13\npicture 0.png"
                                    "13\npicture 1.png"
                                    "13\npicture 2.png"));
        // Folders within are not looked into.
        fs::create_directory(slices / "within");
        test::writeAll(slices / "within" / "x", "more");
        QCOMPARE(p.inputState(three), std::string("unchanged"));
        for (const char *name : {"0.png", "1.png", "2.png"}) {
            test::writeAll(slices / name, "Picture " + std::string(name));
            touch(slices / name);
            QCOMPARE(p.inputState(three), std::string("changed"));
            test::writeAll(slices / name, "picture " + std::string(name));
            QCOMPARE(p.inputState(three), std::string("unchanged"));
        }
        fs::rename(slices / "2.png", slices / "3.png");
        touch(slices);
        QCOMPARE(p.inputState(three), std::string("changed"));
        fs::rename(slices / "3.png", slices / "2.png");
        test::writeAll(slices / "3.png", "one more");
        QCOMPARE(p.inputState(three), std::string("changed"));
        fs::remove_all(slices);
        QCOMPARE(p.inputState(three), std::string("missing"));
    }
    /// One folder for each class: what is in them counts, at any depth.
    void filesOfSubfoldersCountWhereTheFolderHasNoOthers()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        const fs::path classes = folder / "classes";
        fs::create_directories(classes / "cats" / "old");
        fs::create_directories(classes / "dogs");
        test::writeAll(classes / "cats" / "0.png", "a cat");
        test::writeAll(classes / "cats" / "old" / "1.png", "an old cat");
        test::writeAll(classes / "dogs" / "0.png", "a dog");
        const InputInfo three = p.addInput(classes, "images", {});
        QCOMPARE(three.bytes, std::int64_t(5 + 10 + 5));
        QCOMPARE(three.hash, sha256("cats/0.png\n5\ncats/old/1.png\n10\ndogs/0.png\n5\n"
                                    "5\na cat10\nan old cat5\na dog"));
        QCOMPARE(p.inputState(three), std::string("unchanged"));
        const auto old = classes / "cats" / "old" / "1.png";
        test::writeAll(old, "an odd cat");
        touch(old);
        QCOMPARE(p.inputState(three), std::string("changed"));
        test::writeAll(old, "an old cat");
        touch(old);
        QCOMPARE(p.inputState(three), std::string("unchanged"));
        fs::rename(classes / "dogs" / "0.png", classes / "cats" / "2.png"); // another class for it
        touch(classes);
        QCOMPARE(p.inputState(three), std::string("changed"));
        fs::rename(classes / "cats" / "2.png", classes / "dogs" / "0.png");
        // What is hidden, a link round and round and a project are no data.
        fs::create_directory(classes / ".thumbnails");
        test::writeAll(classes / ".thumbnails" / "0.png", "small");
        fs::create_directory_symlink(classes, classes / "dogs" / "round");
        Project::openOrCreate(classes / "Q");
        touch(classes);
        QCOMPARE(p.inputState(three), std::string("unchanged"));
        test::writeAll(classes / "dogs" / "1.png", "another dog");
        QCOMPARE(p.inputState(three), std::string("changed"));
    }
    void filesOfSubfoldersCountWhereTheDataSaySo()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        const fs::path classes = folder / "classes";
        fs::create_directories(classes / "cats");
        test::writeAll(classes / "README", "cats");
        test::writeAll(classes / "cats" / "0.png", "a cat");
        const InputInfo own = p.addInput(classes, "labels", {});
        QCOMPARE(own.bytes, std::int64_t(4));
        const InputInfo all = p.addInput(classes, "images", {}, Project::Compared::Whole, Project::Reach::Subfolders);
        QCOMPARE(all.bytes, std::int64_t(9));
        for (const auto &input : {own, all})
            QCOMPARE(p.inputState(input), std::string("unchanged"));
        test::writeAll(classes / "cats" / "0.png", "A cat");
        touch(classes / "cats" / "0.png");
        QCOMPARE(p.inputState(own), std::string("unchanged"));
        QCOMPARE(p.inputState(all), std::string("changed"));
        fs::remove_all(classes / "cats");
        QCOMPARE(p.inputState(all), std::string("changed"));
    }
    /// Names from a disk of another encoding.
    void bytesThatAreNoTextAreReplaced()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        test::writeAll(folder / "M\xfcnchen.tif", "pixels");
        const auto a = p.addInput(folder / "M\xfcnchen.tif", "images", Json{{"title", "M\xfcnchen"}});
        QVERIFY(a.description == (Json{{"title", "M\xef\xbf\xbdnchen"}}));
        QCOMPARE(p.inputState(p.inputs().at(0)), std::string("unchanged"));
        fs::remove(folder / "M\xfcnchen.tif"); // Qt would not find it to remove it
    }
};

RETICLE_TEST(ProjectInputsTest)
#include "ProjectInputsTest.moc"
