#include "foundation/AtomicFile.h"

#include "foundation/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

class AtomicFileTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void replacesTheWholeFile()
    {
        const test::TemporaryFolder folder;
        writeFileAtomically(folder / "a", "first, which is longer");
        writeFileAtomically(folder / "a", "second");
        QCOMPARE(test::readAll(folder / "a"), std::string("second"));
        // Nothing else is left beside it.
        QCOMPARE(std::distance(std::filesystem::directory_iterator(folder.path()), std::filesystem::directory_iterator()),
                 std::ptrdiff_t(1));
    }
    void failureKeepsTheOldFile()
    {
        const test::TemporaryFolder folder;
        test::writeAll(folder / "file", "kept");
        EXPECT_ERROR(writeFileAtomically(folder / "file" / "below", "x"), "cannot be written");
        QCOMPARE(test::readAll(folder / "file"), std::string("kept"));
        std::filesystem::create_directory(folder / "taken");
        test::writeAll(folder / "taken" / "inside", "kept");
        EXPECT_ERROR(writeFileAtomically(folder / "taken", "x"), "cannot be written");
        QCOMPARE(std::distance(std::filesystem::directory_iterator(folder.path()), std::filesystem::directory_iterator()),
                 std::ptrdiff_t(2));
    }
};

RETICLE_TEST(AtomicFileTest)
#include "AtomicFileTest.moc"
