#include "files/Pictures.h"

#include "files/ImageWriter.h"
#include "foundation/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "support/TiffPages.h"

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
    void predictionsAndLabelsAreTheNumbersOfTheFile()
    {
        const test::TemporaryFolder folder;
        std::filesystem::create_directories(folder / "a");
        const auto write = [&](const char *name, double value) {
            Array page(DType::UInt8, {4, 4});
            std::fill_n(page.data<std::uint8_t>(), 16, static_cast<std::uint8_t>(value));
            test::writeTiff(folder / name, {{.pixels = page, .photometric = PHOTOMETRIC_MINISWHITE}});
        };
        const auto first = [&](const char *name, PictureKind kind) {
            return openPictures(folder / name, kind)->readPage(0).value(0);
        };
        write("a/x.tif", 3);
        write("a/x_mask.tif", 5);
        QCOMPARE(first("a/x.tif", PictureKind::Images), 252.0);
        QCOMPARE(first("a/x.tif", PictureKind::Predictions), 3.0);
        QCOMPARE(first("a/x.tif", PictureKind::Labels), 3.0);
        // Predictions are those of the images where a folder holds both.
        QCOMPARE(first("a", PictureKind::Images), 252.0);
        QCOMPARE(first("a", PictureKind::Predictions), 3.0);
        QCOMPARE(first("a", PictureKind::Labels), 5.0);
        EXPECT_ERROR(openPictures(folder / "none", PictureKind::Labels), "no such file");
    }
    void neighborsAreOfOneTimeAndPlane()
    {
        ImageInfo stack;
        stack.pages = 5;
        for (const auto &[page, offset, found] : {std::tuple{2, 1, 3}, {2, -2, 0}, {0, -1, 0}, {4, 3, 4}, {1, 0, 1}})
            QCOMPARE(neighborPage(stack, page, offset), std::int64_t(found));
        ImageInfo film; // 3 times of 4 slices of 2 planes
        film.pages = 24;
        film.times = 3;
        film.planes = 2;
        for (const auto &[page, offset, found] :
             {std::tuple{8, -1, 8}, {8, 1, 10}, {9, 1, 11}, {7, 1, 7}, {15, -3, 9}, {14, 5, 14}, {0, 3, 6}, {23, -9, 17}})
            QCOMPARE(neighborPage(film, page, offset), std::int64_t(found));
        ImageInfo frames; // each is a slice of its own
        frames.pages = frames.times = 6;
        QCOMPARE(neighborPage(frames, 3, 1), std::int64_t(3));
    }
};

RETICLE_TEST(PicturesTest)
#include "PicturesTest.moc"
