#include "files/Reader.h"

#include "files/ImageWriter.h"
#include "foundation/Random.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <atomic>
#include <thread>

using namespace reticle;
using namespace reticle::files;
namespace fs = std::filesystem;

namespace {

Array ramp(std::vector<std::int64_t> shape, int start, DType dtype = DType::UInt8)
{
    Array a(DType::Float64, std::move(shape));
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<double>()[i] = static_cast<double>((start + i) % 256);
    return a.as(dtype);
}

} // namespace

class FolderReaderTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::TemporaryFolder> m_folder;
    fs::path path(const std::string &name) const { return *m_folder / name; }
    void tiff(const std::string &name, int start, std::int64_t height = 4, std::int64_t width = 5) const
    {
        fs::create_directories(path(name).parent_path());
        TiffWriter w(path(name), 100);
        w.writePage(ramp({height, width}, start));
        w.close();
    }
    static std::vector<std::string> namesOf(const std::vector<fs::path> &files)
    {
        std::vector<std::string> names;
        for (const auto &f : files)
            names.push_back(f.filename().string());
        return names;
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<test::TemporaryFolder>(); }

    void numbersInNamesCompareAsNumbers()
    {
        for (const auto &[a, b] :
             {std::pair("s2", "s10"), std::pair("s9.tif", "s10.tif"), std::pair("", "a"), std::pair("a", "ab"),
              std::pair("s02", "s10"), std::pair("s01", "s1"), std::pair("a1b10", "a1b11"), std::pair("A2", "b1"),
              std::pair("a2", "B10"), std::pair("s1", "sa"), std::pair("z1t2", "z1t10"), std::pair("z1t9", "z2t1"),
              std::pair("s99999999999999999999999998", "s99999999999999999999999999"), std::pair("s0", "s1"),
              std::pair("s00", "s1"), std::pair("s", "s0")}) {
            QVERIFY2(naturalLess(a, b), b);
            QVERIFY2(!naturalLess(b, a), b);
        }
        QVERIFY(!naturalLess("s1", "s1"));
    }
    /// std::sort needs it: one of two different names comes first, and never in a circle.
    void theOrderOfNamesIsAnOrder()
    {
        Random random(3);
        std::vector<std::string> names;
        for (int i = 0; i < 60; ++i) {
            std::string name;
            for (std::int64_t n = random.below(5); n > 0; --n)
                name += "0012aAb._\xc3"[static_cast<std::size_t>(random.below(10))];
            names.push_back(name);
        }
        for (const auto &a : names)
            for (const auto &b : names) {
                QCOMPARE(naturalLess(a, b) || naturalLess(b, a), a != b);
                QVERIFY(!(naturalLess(a, b) && naturalLess(b, a)));
                for (const auto &c : names)
                    QVERIFY2(!naturalLess(a, b) || !naturalLess(b, c) || naturalLess(a, c), (a + " " + b + " " + c).c_str());
            }
    }
    void picturesAreToldByTheirExtension()
    {
        for (const char *name : {"a.tif", "a.TIFF", "a.Png", "a.jpg", "a.jpeg", "a.npy", "a.b.webp", "a.BMP"})
            QVERIFY2(hasPictureExtension(name), name);
        for (const char *name : {"a", "a.txt", ".tif", "tif", "a.tif.bak", "a.json", "a.pdf", "a.tif~"})
            QVERIFY2(!hasPictureExtension(name), name);
        for (const char *name : {"b10.tif", "b2.tif", "A1.tif", ".hidden.tif", "notes.txt"})
            test::writeAll(path(name), "x");
        fs::create_directories(path("folder.tif"));
        QCOMPARE(namesOf(picturesIn(m_folder->path())), (std::vector<std::string>{"A1.tif", "b2.tif", "b10.tif"}));
        EXPECT_ERROR(picturesIn(path("none")), "none: expected a folder that can be read, found No such file");
    }
    void imagesAndLabelsOfOneFolder()
    {
        const auto part = [](const std::vector<std::string> &names, FolderPart which) {
            std::vector<fs::path> files(names.begin(), names.end());
            return namesOf(partOf(files, which));
        };
        using Names = std::vector<std::string>;
        const Names both{"x1.png", "x1_mask.png", "x2.png", "x2_mask.png"};
        QCOMPARE(part(both, FolderPart::Images), (Names{"x1.png", "x2.png"}));
        QCOMPARE(part(both, FolderPart::Labels), (Names{"x1_mask.png", "x2_mask.png"}));
        // Masks alone, images alone, and labels of something else: all of them either way.
        for (const Names &all : {Names{"x1_mask.png", "x2_mask.png"}, Names{"x1.png", "x2.png"}, Names{"x1.png", "y_mask.png"}}) {
            QCOMPARE(part(all, FolderPart::Images), all);
            QCOMPARE(part(all, FolderPart::Labels), all);
        }
        QCOMPARE(part({}, FolderPart::Images), Names{});
    }

    void slicesComeInNaturalOrder()
    {
        for (const int n : {10, 2, 1, 0})
            tiff("s" + std::to_string(n) + ".tif", n);
        test::writeAll(path("readme.txt"), "no picture");
        test::writeAll(path(".hidden.tif"), "no picture");
        const auto source = openImage(m_folder->path());
        QCOMPARE(source->info().pages, std::int64_t(4));
        QCOMPARE(source->info().format, std::string("folder"));
        QCOMPARE(source->info().axes, std::string("ZYX"));
        for (const auto &[page, start] : {std::pair(0, 0), std::pair(1, 1), std::pair(2, 2), std::pair(3, 10)})
            QVERIFY(source->readPage(page) == ramp({4, 5}, start));
        QVERIFY(source->readRegion(3, 1, 2, 1, 1) == Array::of<std::uint8_t>({1, 1}, std::vector<std::uint8_t>{17}));
        EXPECT_ERROR(source->readPage(4), "expected a page from 0 to 3, found 4");
        EXPECT_ERROR(source->readRegion(-1, 0, 0, 1, 1), "found -1");
        EXPECT_ERROR(source->readRegion(2, 3, 0, 2, 1), "s2.tif: page 0: expected a region inside 5 x 4");
    }
    void stacksAndPicturesMayStandTogether()
    {
        tiff("b.tif", 100);
        writeNpy(path("a.npy"), ramp({3, 4, 5}, 0));
        const auto source = openFolder(m_folder->path(), false);
        QCOMPARE(source->info().pages, std::int64_t(4));
        QVERIFY(source->readPage(2) == ramp({4, 5}, 40));
        QVERIFY(source->readPage(3) == ramp({4, 5}, 100));
        QCOMPARE(source->fileOf(2).filename().string(), std::string("a.npy"));
        QCOMPARE(source->fileOf(3).filename().string(), std::string("b.tif"));
    }
    void timePointsOfFilesAreNotThoseOfTheFolder()
    {
        for (const char *name : {"a.npy", "b.npy"})
            writeNpy(path(name), ramp({3, 6, 5, 7}, 0));
        QCOMPARE(openImage(path("a.npy"))->info().times, std::int64_t(3));
        const auto info = openImage(m_folder->path())->info();
        QCOMPARE(info.pages, std::int64_t(36));
        QCOMPARE(info.times, std::int64_t(1));
        QCOMPARE(info.planes, std::int64_t(1));
        QCOMPARE(info.axes, std::string("ZYX"));
    }
    void differingSizes()
    {
        for (const int n : {0, 1})
            tiff("s" + std::to_string(n) + ".tif", n);
        for (const int n : {3, 4, 5, 6})
            tiff("t" + std::to_string(n) + ".tif", n, 4, 6);
        EXPECT_ERROR(openImage(m_folder->path()), "expected slices of one size and kind (\"s0.tif\" has 5 x 4 uint8)");
        EXPECT_ERROR(openImage(m_folder->path()), "\"t3.tif\" of 6 x 4 uint8, \"t4.tif\" of 6 x 4 uint8");
        EXPECT_ERROR(openImage(m_folder->path()), "and 1 more");
        const auto source = openFolder(m_folder->path(), true);
        QCOMPARE(source->pageInfo(2).width, std::int64_t(6));
        QVERIFY(source->readPage(2) == ramp({4, 6}, 3));
        // But of one number type and as many channels.
        writeNpy(path("u.npy"), ramp({4, 5}, 0, DType::UInt16));
        EXPECT_ERROR(openFolder(m_folder->path(), true),
                     "expected slices of one kind (\"s0.tif\" has 5 x 4 uint8), found \"u.npy\" of 5 x 4 uint16");
        writeNpy(path("u.npy"), ramp({6, 5, 3}, 0));
        EXPECT_ERROR(openFolder(m_folder->path(), true), "found \"u.npy\" of 5 x 6 uint8 with 3 channels");
    }
    /// The values of labels say all that counts: they come in one type, and as gray.
    void labelsMayDifferInType()
    {
        fs::create_directories(path("masks"));
        const auto one = [](DType dtype, std::vector<std::int64_t> shape, double value) {
            Array a(DType::Float64, std::move(shape));
            std::fill_n(a.data<double>(), a.size(), value);
            return a.as(dtype);
        };
        writeNpy(path("masks/a.npy"), one(DType::UInt8, {6, 8}, 3));
        writeNpy(path("masks/b.npy"), one(DType::UInt16, {6, 8}, 300));
        const auto read = [&] { return openLabels(path("masks")); };
        QCOMPARE(read()->info().dtype, DType::UInt16);
        QCOMPARE(read()->readPage(0).value(7), 3.0);
        QCOMPARE(read()->readRegion(1, 1, 1, 2, 2).value(3), 300.0);
        EXPECT_ERROR(openImage(path("masks")), "found \"b.npy\" of 8 x 6 uint16; move the others into a folder of their own");
        writeNpy(path("masks/c.npy"), one(DType::Int8, {6, 8}, -1));
        QCOMPARE(read()->info().dtype, DType::Int32);
        QCOMPARE(read()->readPage(2).value(0), -1.0);
        writeNpy(path("masks/d.npy"), one(DType::Float32, {6, 8}, 4));
        QCOMPARE(read()->info().dtype, DType::Float64);
        QCOMPARE(read()->readPage(1).value(0), 300.0);
        writeNpy(path("masks/e.npy"), one(DType::UInt8, {6, 8, 3}, 5));
        QCOMPARE(read()->info().channels, std::int64_t(1));
        QCOMPARE(read()->info().axes, std::string("ZYX"));
        QVERIFY(read()->readPage(4) == one(DType::Float64, {6, 8}, 5));
        QVERIFY(read()->readRegion(4, 2, 2, 1, 1) == one(DType::Float64, {1, 1}, 5));
        QVERIFY(read()->readPage(3) == one(DType::Float64, {6, 8}, 4));
        // Colors are none, and neither are five channels.
        Array colors = one(DType::UInt8, {6, 8, 3}, 5);
        colors.data<std::uint8_t>()[4] = 6;
        writeNpy(path("masks/e.npy"), colors);
        EXPECT_ERROR(read()->readPage(4), "e.npy: expected labels of one channel (a number per pixel), found colors at");
        writeNpy(path("masks/e.npy"), one(DType::UInt8, {24, 24, 5}, 5));
        EXPECT_ERROR(openFolder(path("masks"), true, FolderPart::Labels), "found \"e.npy\" of 24 x 24 uint8 with 5 channels");
    }
    void imagesThatAreLeftOutAreNamed()
    {
        tiff("cell.tif", 0);
        tiff("other.tif", 0);
        QVERIFY(openImage(m_folder->path())->info().notes.empty());
        tiff("cell flow.tif", 0);
        const auto source = openImage(m_folder->path());
        QCOMPARE(source->info().pages, std::int64_t(2));
        QCOMPARE(
            source->info().notes,
            std::vector<std::string>{"\"cell flow.tif\" is not read, because the name says that it shows flows, outlines or an "
                                     "overlay of another image in the folder. Rename it to read it as an image."});
        tiff("cell_mask.tif", 0);
        tiff("other_overlay.tif", 0);
        // It is said once of images and labels in one folder.
        QVERIFY(openImage(m_folder->path())
                    ->info()
                    .notes.at(0)
                    .starts_with("\"cell flow.tif\" and \"other_overlay.tif\" are not read"));
        QVERIFY(openLabels(m_folder->path())->info().notes.empty());
    }
    /// What Cellpose leaves next to an image, whatever the case of its ending.
    void objectsOfNumPyArePassedOver()
    {
        tiff("x.tif", 0);
        for (const char *name : {"x_seg.npy", "x_seg.NPY"})
            test::writeAll(path(name), std::string("\x93NUMPY\x01\0\x46\0", 10) +
                                           "{'descr': '|O', 'fortran_order': False, 'shape': (), }" + std::string(15, ' ') +
                                           "\n\x80\x04.");
        QCOMPARE(namesOf(picturesIn(m_folder->path())), std::vector<std::string>{"x.tif"});
    }
    void foldersWithoutPictures()
    {
        EXPECT_ERROR(openImage(m_folder->path()), "a folder without any");
        test::writeAll(path("notes.txt"), "x");
        EXPECT_ERROR(openImage(m_folder->path()),
                     "expected a folder with images (TIFF, PNG, JPEG, NumPy, ...), found a folder without any");
        // A damaged picture is named, not the folder alone.
        tiff("a.tif", 0);
        test::writeAll(path("b.tif"), "");
        EXPECT_ERROR(openImage(m_folder->path()), "b.tif: expected an image or a stack, found an empty file");
    }
    /// More pictures than stay open.
    void filesThatChangeMeanwhile()
    {
        for (int n = 0; n < 6; ++n)
            tiff("s" + std::to_string(n) + ".tif", n);
        writeNpy(path("z.npy"), ramp({2, 4, 5}, 50));
        const auto source = openImage(m_folder->path());
        const auto others = [&] { // what was opened last is kept: these push it out
            for (int n = 1; n < 6; ++n)
                source->readPage(n);
        };
        QVERIFY(source->readPage(0) == ramp({4, 5}, 0));
        others();
        tiff("s0.tif", 99);
        QVERIFY(source->readPage(0) == ramp({4, 5}, 99));
        others();
        tiff("s0.tif", 0, 3, 5);
        EXPECT_ERROR(source->readPage(0),
                     "s0.tif: expected the image that was there before, found another one; open the folder again");
        EXPECT_ERROR(source->readRegion(0, 3, 0, 1, 1), "s0.tif: page 0: expected a region inside 5 x 3");
        others();
        tiff("s0.tif", 0, 4, 6);
        EXPECT_ERROR(source->readPage(0), "found another one");
        others();
        writeNpy(path("s0.tif"), ramp({4, 5}, 0, DType::Int16));
        EXPECT_ERROR(source->readPage(0), "found another one");
        EXPECT_ERROR(source->readRegion(0, 0, 0, 1, 1), "found another one");
        others();
        test::writeAll(path("s0.tif"), "");
        EXPECT_ERROR(source->readPage(0), "s0.tif: expected an image or a stack, found an empty file");
        fs::remove(path("s0.tif"));
        EXPECT_ERROR(source->readPage(0), "s0.tif");
        QVERIFY(source->readPage(7) == ramp({4, 5}, 70));
        others();
        writeNpy(path("z.npy"), ramp({4, 5}, 0));
        EXPECT_ERROR(source->readPage(7), "z.npy: expected 2 pages, found 1; open the folder again");
    }
    void severalThreadsReadOneFolder()
    {
        for (int n = 0; n < 8; ++n)
            tiff("s" + std::to_string(n) + ".tif", n);
        const auto source = openImage(m_folder->path());
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 50; ++i)
                    if (!(source->readPage((i * 3 + t) % 8) == ramp({4, 5}, (i * 3 + t) % 8)))
                        ++wrong;
            });
        for (auto &t : threads)
            t.join();
        QCOMPARE(wrong.load(), 0);
    }
};

RETICLE_TEST(FolderReaderTest)
#include "FolderReaderTest.moc"
