#include "files/ByteSource.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <sys/stat.h>

using namespace reticle;
namespace fs = std::filesystem;

class ByteSourceTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

private Q_SLOTS:
    void aFileIsReadAtAnyPlace()
    {
        test::writeAll(m_folder / "x", "0123456789");
        const RegularFile file(m_folder / "x");
        QCOMPARE(file.size(), std::uint64_t(10));
        std::string part(3, ' ');
        file.read(4, std::as_writable_bytes(std::span(part)));
        QCOMPARE(part, std::string("456"));
        EXPECT_ERROR(file.read(8, std::as_writable_bytes(std::span(part))), "cut short");
        EXPECT_ERROR(file.read(~std::uint64_t(0), std::as_writable_bytes(std::span(part))), "cut short");
        const FirstBytes first(file, 5);
        EXPECT_ERROR(first.read(3, std::as_writable_bytes(std::span(part))), "cut short");
        first.read(2, std::as_writable_bytes(std::span(part)));
        QCOMPARE(part, std::string("234"));
        QCOMPARE(readRegularFile(m_folder / "x", 10), std::string("0123456789"));
        EXPECT_ERROR(readRegularFile(m_folder / "x", 9), "10 bytes");
    }
    void whatIsNotAFileIsRefusedAtOnce()
    {
        const auto pipe = m_folder / "pipe";
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        fs::create_symlink("/dev/zero", m_folder / "zero");
        fs::create_symlink(pipe, m_folder / "link");
        for (const auto &path : {pipe, m_folder / "zero", m_folder / "link", m_folder.path()})
            try {
                RegularFile file(path);
                QFAIL("opened");
            } catch (const ForeignFile &e) {
                QVERIFY2(std::string(e.what()).rfind(path.string(), 0) == 0, e.what());
            }
        EXPECT_ERROR(RegularFile(m_folder / "none"), "none");
    }
};

RETICLE_TEST(ByteSourceTest)
#include "ByteSourceTest.moc"
