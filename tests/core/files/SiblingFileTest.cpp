#include "files/SiblingFile.h"

#include "foundation/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cerrno>

#include <sys/stat.h>

using namespace reticle;
using files::SiblingFile;
using test::TemporaryFolder;
namespace fs = std::filesystem;

class SiblingFileTest : public QObject
{
    Q_OBJECT
    static std::ptrdiff_t entries(const TemporaryFolder &folder)
    {
        return std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator());
    }
private Q_SLOTS:
    void isThereWhenItIsWhole()
    {
        const TemporaryFolder folder;
        test::writeAll(folder / "a", "old");
        SiblingFile file(folder / "a");
        QVERIFY(file.writeAt(3, "def", 3) && file.writeAt(0, "abc", 3));
        QCOMPARE(test::readAll(folder / "a"), std::string("old"));
        file.finish();
        QCOMPARE(test::readAll(folder / "a"), std::string("abcdef"));
        QCOMPARE(entries(folder), std::ptrdiff_t(1));
    }
    void leavesNothingWhereItIsGivenUp()
    {
        const TemporaryFolder folder;
        test::writeAll(folder / "a", "old");
        {
            SiblingFile file(folder / "a");
            QVERIFY(file.writeAt(0, "new", 3));
        }
        QCOMPARE(test::readAll(folder / "a"), std::string("old"));
        QCOMPARE(entries(folder), std::ptrdiff_t(1));
    }
    void theLongestNamesCanBeWritten()
    {
        const TemporaryFolder folder;
        const std::string name(255, 'n');
        files::writeResultFile(folder / name, "x");
        QCOMPARE(test::readAll(folder / name), std::string("x"));
        EXPECT_ERROR(files::writeResultFile(folder / (name + "n"), "x"), "name is too long");
        QCOMPARE(entries(folder), std::ptrdiff_t(1));
    }
    void plainNamesGoIntoTheWorkingFolder()
    {
        const TemporaryFolder folder;
        const auto before = fs::current_path();
        fs::current_path(folder.path());
        files::writeResultFile("plain", "x");
        SiblingFile own("own", SiblingFile::Kind::Own);
        own.finish();
        fs::current_path(before);
        QCOMPARE(entries(folder), std::ptrdiff_t(2));
    }
    void failuresSayWhatToDo_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        QTest::newRow("full") << ENOSPC << "the disk is full. Free some space";
        QTest::newRow("quota") << EDQUOT << "your share of the disk is used up. Free some space";
        QTest::newRow("limit") << EFBIG << "larger than this system allows";
        QTest::newRow("read-only") << EROFS << "the disk is read-only. Choose";
        QTest::newRow("permission") << EACCES << "you may not write there. Choose";
        QTest::newRow("vanished") << EIO << "Check the disk";
        QTest::newRow("stale") << ESTALE << "Check the disk";
        QTest::newRow("unknown") << 0 << "Check the disk";
    }
    void failuresSayWhatToDo()
    {
        QFETCH(int, code);
        QFETCH(QString, says);
        QVERIFY2(files::writeProblem(code).find(says.toStdString()) != std::string::npos, files::writeProblem(code).c_str());
        const TemporaryFolder folder;
        SiblingFile file(folder / "a");
        EXPECT_ERROR(file.fail(code), "a: it cannot be written: ");
        EXPECT_ERROR(file.fail(code), says.toStdString());
    }
    void aFolderThatIsGoneIsSaid()
    {
        const TemporaryFolder folder;
        fs::create_directory(folder / "out");
        SiblingFile file(folder / "out" / "a");
        QVERIFY(file.writeAt(0, "x", 1));
        fs::remove_all(folder / "out");
        EXPECT_ERROR(file.finish(), "it cannot be written");
        QVERIFY(!fs::exists(folder / "out"));
    }
};

RETICLE_TEST(SiblingFileTest)
#include "SiblingFileTest.moc"
