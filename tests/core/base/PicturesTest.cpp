#include "base/Pictures.h"

#include "base/Error.h"
#include "base/ImageWriter.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

class PicturesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void picturesOfAFolderMayDifferInSize()
    {
        const test::TemporaryFolder folder;
        std::filesystem::create_directories(folder / "a");
        const auto write = [&](const char *name, std::int64_t height, std::int64_t width, DType type) {
            writeNpy(folder / "a" / name, Array(type, {height, width}));
        };
        write("1.npy", 5, 7, DType::UInt8);
        write("2.npy", 9, 4, DType::UInt8);
        EXPECT_ERROR(openImage(folder / "a"), "slices of one size");
        const auto source = openPictures(folder / "a");
        QCOMPARE(source->info().pages, std::int64_t(2));
        QCOMPARE(pageInfo(*source, 0).width, std::int64_t(7));
        QCOMPARE(pageInfo(*source, 1).height, std::int64_t(9));
        QCOMPARE(source->readPage(1).shape(), (std::vector<std::int64_t>{9, 4}));
        QCOMPARE(source->readRegion(1, 6, 1, 3, 2).shape(), (std::vector<std::int64_t>{3, 2}));
        QCOMPARE(pageInfo(*openPictures(folder / "a" / "1.npy"), 0).width, std::int64_t(7));
        EXPECT_ERROR(openPictures(folder / "none"), "no such file");
        write("3.npy", 5, 7, DType::UInt16);
        EXPECT_ERROR(openPictures(folder / "a"), "slices of one kind");
    }
};

RETICLE_TEST(PicturesTest)
#include "PicturesTest.moc"
