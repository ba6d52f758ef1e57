#include "files/PartFiles.h"

#include "files/SiblingFile.h"
#include "foundation/ProcessIdentity.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <sys/wait.h>
#include <unistd.h>

using namespace reticle;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

/// The name that a process gave a half-written file before it ended.
std::string nameOfADeadOne()
{
    int ends[2];
    if (pipe(ends) != 0)
        return {};
    const pid_t child = fork();
    if (child == 0) {
        const auto name = files::partName("x.tif");
        _exit(write(ends[1], name.data(), name.size()) == static_cast<ssize_t>(name.size()) ? 0 : 1);
    }
    close(ends[1]);
    char text[300];
    const ssize_t n = read(ends[0], text, sizeof text);
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : std::string();
}

} // namespace

class PartFilesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void namesAreHiddenShortAndUsedOnce()
    {
        const auto a = files::partName("x.tif"), b = files::partName("x.tif");
        QVERIFY(a != b);
        QVERIFY(a.starts_with(".x.tif.") && a.ends_with(".part"));
        QVERIFY(files::partName(std::string(255, 'x')).size() <= 200);
        // Not inside a letter of several bytes.
        std::string umlauts = "x";
        for (int i = 0; i < 120; ++i)
            umlauts += "\u00fc";
        const auto name = files::partName(umlauts);
        QVERIFY(QString::fromStdString(name).toStdString() == name);
    }
    void theLivingAreLeftAlone()
    {
        QVERIFY(!files::isLeftPart(files::partName("x.tif")));
        for (const char *other : {"x.tif", ".x.tif.part", "x.part", ".x.12-0.part", "movie.mkv.part",
                                  ".x.tif.0000000g-00000000-00000000-1-2-3.part", ".part", ""})
            QVERIFY2(!files::isLeftPart(other), other);
        QVERIFY(!files::isLeftPart(".x.tif.00000001-00000002-00000003-1-2-3.part")); // of another machine
    }
    void theDeadAreKnown()
    {
        const auto name = nameOfADeadOne();
        QVERIFY2(files::isLeftPart(name), name.c_str());
        // After the machine was started again none of its processes lives.
        auto mine = files::partName("x.tif");
        const auto dash = mine.find('-');
        mine.replace(dash + 1, 8, mine.substr(dash + 1, 8) == "00000000" ? "00000001" : "00000000");
        QVERIFY2(files::isLeftPart(mine), mine.c_str());
    }
    /// Machines of one host name may share a disk, and each has its own boot.
    void anotherMachineOfTheSameNameIsLeftAlone()
    {
        const TemporaryFolder folder;
        auto other = files::partName("x.tif");
        const auto dash = other.find('-');
        other.replace(dash + 1, 8, other.substr(dash + 1, 8) == "00000000" ? "00000001" : "00000000");
        const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 365 * 50);
        test::writeAll(folder / other, "half");
        const auto part = folder / (".y" + other.substr(1));
        fs::create_directory(part);
        test::writeAll(part / "page.tif", "half");
        fs::last_write_time(part, old);
        files::removeLeftParts(folder.path());
        QVERIFY(fs::exists(folder / other) && fs::exists(part / "page.tif"));
        for (const auto &file : {folder / other, part / "page.tif", part})
            fs::last_write_time(file, old); // before this machine was started
        files::removeLeftParts(folder.path());
        QVERIFY(fs::is_empty(folder.path()));
    }
    void whatWasLeftIsRemoved()
    {
        const TemporaryFolder folder;
        const auto mine = files::partName("x.tif");
        const auto foreign = std::string(".x.tif.00000001-00000002-00000003-1-2-3.part");
        for (const auto &name : {nameOfADeadOne(), nameOfADeadOne(), mine, foreign, std::string("other.part")})
            test::writeAll(folder / name, "half");
        files::removeLeftParts(folder.path());
        QCOMPARE(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), std::ptrdiff_t(3));
        for (const auto &name : {mine, foreign, std::string("other.part")})
            QVERIFY2(fs::exists(folder / name), name.c_str());
        files::removeLeftParts(folder / "none"); // nothing to do
    }
    void aWriterClearsItsFolderFirst()
    {
        const TemporaryFolder folder;
        test::writeAll(folder / nameOfADeadOne(), "half");
        files::writeResultFile(folder / "new.tif", "whole");
        QCOMPARE(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), std::ptrdiff_t(1));
    }
};

RETICLE_TEST(PartFilesTest)
#include "PartFilesTest.moc"
