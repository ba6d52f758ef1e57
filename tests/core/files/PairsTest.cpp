#include "files/Pairs.h"

#include "files/ImageWriter.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::files;
namespace fs = std::filesystem;

class PairsTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::TemporaryFolder> m_folder;
    fs::path path(const std::string &name) const { return *m_folder / name; }
    /// `value` in every pixel.
    void picture(const std::string &name, int value, std::vector<std::int64_t> shape = {6, 8}) const
    {
        fs::create_directories(path(name).parent_path());
        Array a(DType::UInt8, std::move(shape));
        std::fill_n(a.data<std::uint8_t>(), a.size(), static_cast<std::uint8_t>(value));
        writeNpy(path(name), a);
    }
    /// The values of the label pictures, in the order of the images.
    std::vector<int> paired() const
    {
        const auto pair = openPair(path("images"), path("masks"));
        std::vector<int> values;
        for (std::int64_t s = 0; s < pair.images->pages(); ++s)
            values.push_back(static_cast<int>(pair.labels->image(s).value(0)));
        return values;
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<test::TemporaryFolder>(); }

    void kindsInWords()
    {
        ImageInfo info;
        info.width = 512;
        info.height = 256;
        QCOMPARE(kindText(info), std::string("512 x 256, 8 bit"));
        info.dtype = DType::UInt16;
        info.channels = 3;
        QCOMPARE(kindText(info), std::string("512 x 256 RGB, 16 bit"));
        info.dtype = DType::Float32;
        info.channels = 4;
        QCOMPARE(kindText(info), std::string("512 x 256 with 4 channels, 32 bit floating point"));
        info.alpha = true;
        QCOMPARE(kindText(info), std::string("512 x 256 RGB, 32 bit floating point"));
        info.channels = 2;
        info.dtype = DType::Float64;
        QCOMPARE(kindText(info), std::string("512 x 256, 64 bit floating point"));
    }

    void slicesOfAStack()
    {
        Array stack(DType::UInt8, {3, 2, 2});
        for (int i = 0; i < 12; ++i)
            stack.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i);
        writeNpy(path("s.npy"), stack);
        Slices s(path("s.npy"), false);
        QVERIFY(!s.isFolder());
        QCOMPARE(s.pages(), std::int64_t(3));
        QCOMPARE(s.name(2), path("s.npy").string() + ": page 2");
        QCOMPARE(s.text(), std::string("3 slices of 2 x 2, 8 bit"));
        QCOMPARE(s.colors(), std::int64_t(1));
        QCOMPARE(s.image(2).value(0), 8.0);
        s.reorder({2, 0, 1});
        QCOMPARE(s.image(0).value(0), 8.0);
        QCOMPARE(s.name(0), path("s.npy").string() + ": page 2");
        QCOMPARE(s.labels(0, 10).value(1), 0.0);
        QCOMPARE(s.labels(0, 10).value(2), 255.0);
        picture("one.npy", 5);
        const Slices one(path("one.npy"), false);
        QCOMPARE(one.name(0), path("one.npy").string());
        QCOMPARE(one.text(), std::string("an image of 8 x 6, 8 bit"));
        EXPECT_ERROR(Slices(path("none.npy"), false), "no such file");
    }
    void slicesOfAFolder()
    {
        picture("f/a.npy", 1);
        picture("f/b.npy", 2, {5, 9});
        picture("f/a_mask.npy", 3);
        picture("f/b_mask.npy", 4, {5, 9});
        const Slices images(path("f"), false), labels(path("f"), true);
        QVERIFY(images.isFolder());
        QCOMPARE(images.pages(), std::int64_t(2));
        QCOMPARE(images.fileStem(1), std::string("b"));
        QCOMPARE(labels.fileStem(1), std::string("b_mask"));
        QCOMPARE(images.name(1), path("f/b.npy").string());
        QCOMPARE(images.width(1), std::int64_t(9));
        QCOMPARE(images.height(1), std::int64_t(5));
        QCOMPARE(images.text(), std::string("2 images of several sizes, the first 8 x 6, 8 bit"));
        QCOMPARE(labels.image(1).value(0), 4.0);
    }

    void picturesArePairedByName()
    {
        // In natural order of their own "cell_01" ... go with "cell_1" ..., whatever words they bear and however they
        // sort.
        for (const int n : {1, 2, 10}) {
            picture("images/cell_" + std::to_string(n) + ".npy", n, {5 + n, 8});
            picture("masks/cell_0" + std::to_string(n) + "_mask.npy", n, {5 + n, 8});
        }
        QCOMPARE(paired(), (std::vector<int>{1, 2, 10}));
        fs::rename(path("masks/cell_02_mask.npy"), path("masks/z"));
        EXPECT_ERROR(paired(), "masks: expected one label file for each of the 3 images, found none for \"cell_2.npy\"");
        fs::rename(path("masks/z"), path("masks/Label cell 2.npy"));
        QCOMPARE(paired(), (std::vector<int>{1, 2, 10}));
        picture("masks/cell_11_mask.npy", 11);
        EXPECT_ERROR(paired(), "found no image for \"cell_11_mask.npy\"");
        for (const int n : {21, 22, 23, 24})
            picture("images/cell_" + std::to_string(n) + ".npy", n);
        EXPECT_ERROR(paired(), "none for \"cell_21.npy\", \"cell_22.npy\", \"cell_23.npy\" and 1 more");
    }
    /// What a file is for, the case of letters, endings and leading zeros do not matter; 2 comes before 10.
    void partnersComeByName_data()
    {
        QTest::addColumn<QStringList>("first");
        QTest::addColumn<QStringList>("others"); // in the order of their partners
        QTest::newRow("words") << QStringList{"img_b", "raw_a"} << QStringList{"b_mask", "a_mask"};
        QTest::newRow("one side plain") << QStringList{"a", "b"} << QStringList{"gt-a", "b_label"};
        QTest::newRow("case") << QStringList{"Cell_A", "cell_b"} << QStringList{"cell_a_MASK", "CELL_B"};
        QTest::newRow("numbers") << QStringList{"s2", "s10"} << QStringList{"mask_s02", "s010_mask"};
        QTest::newRow("predictions") << QStringList{"a_probability", "b_pred"} << QStringList{"a label", "b"};
        QTest::newRow("predictions of words") << QStringList{"prediction a", "prediction b"} << QStringList{"a", "b gt"};
    }
    void partnersComeByName()
    {
        QFETCH(QStringList, first);
        QFETCH(QStringList, others);
        for (int i = 0; i < first.size(); ++i) {
            picture("images/" + first[i].toStdString() + ".npy", i + 1);
            picture("masks/" + others[i].toStdString() + ".npy", i + 1);
        }
        const auto source = openImage(path("images"));
        const auto partner = openPartner(*source, path("masks"), FolderPart::Labels, "labels");
        for (std::int64_t p = 0; p < source->info().pages; ++p)
            QCOMPARE(partner->readPage(p).value(0), source->readPage(p).value(0));
        const auto pair = openPair(path("images"), path("masks"));
        for (std::int64_t p = 0; p < source->info().pages; ++p)
            QCOMPARE(pair.labels->image(p).value(0), pair.images->image(p).value(0));
        EXPECT_ERROR(partner->readPage(2), "a page from 0 to 1");
    }
    void pagesOfAFileArePairedWithThoseOfItsPartner()
    {
        picture("images/img_b.npy", 1, {2, 6, 8});
        picture("images/raw_a.npy", 2, {3, 6, 8});
        picture("masks/a_mask.npy", 2, {3, 6, 8});
        picture("masks/b_mask.npy", 1, {2, 6, 8});
        QCOMPARE(paired(), (std::vector<int>{1, 1, 2, 2, 2}));
        picture("masks/a_mask.npy", 2, {2, 6, 8});
        picture("masks/b_mask.npy", 1, {3, 6, 8}); // as many pages in all
        EXPECT_ERROR(paired(),
                     "b_mask.npy: expected 2 pages of labels, as many as \"img_b.npy\" has, found 3; save labels for every page");
    }
    void partnersThatAreMissingAreNamed()
    {
        picture("images/a.npy", 1);
        picture("images/b.npy", 2);
        picture("masks/a_mask.npy", 1);
        picture("masks/c_mask.npy", 3);
        const auto source = openImage(path("images"));
        EXPECT_ERROR(openPartner(*source, path("masks"), FolderPart::Labels, "labels"),
                     "none for \"b.npy\"; no image for \"c_mask.npy\"");
        fs::rename(path("masks/c_mask.npy"), path("masks/b_mask.npy"));
        picture("masks/b_mask.npy", 2, {6, 9});
        EXPECT_ERROR(openPartner(*source, path("masks"), FolderPart::Labels, "labels"), "slice 1 of 9 x 6 next to 8 x 6");
        picture("stack.npy", 5, {2, 6, 8});
        QCOMPARE(openPartner(*source, path("stack.npy"), FolderPart::Images, "images")->readPage(1).value(0), 5.0);
        picture("stack.npy", 5, {3, 6, 8});
        EXPECT_ERROR(openPartner(*source, path("stack.npy"), FolderPart::Images, "images"), "expected 2 pages of images");
    }
    void namesThatSayNothingArePairedInOrder()
    {
        for (const int n : {1, 2, 3}) {
            picture("images/day" + std::to_string(n) + ".npy", n);
            picture("masks/tissue" + std::to_string(n + 7) + ".npy", 10 * n);
        }
        QCOMPARE(paired(), (std::vector<int>{10, 20, 30}));
        // So are names of which two say the same.
        picture("images/day01.npy", 4);
        picture("masks/day1.npy", 40);
        QCOMPARE(paired(), (std::vector<int>{40, 10, 20, 30}));
        fs::remove(path("masks/day1.npy"));
        EXPECT_ERROR(paired(),
                     "masks: expected 4 pages of labels, as many as \"" + path("images").string() + "\" has, found 3 pages");
    }
    void sizesThatDiffer()
    {
        picture("a.npy", 0, {4, 6, 8});
        picture("b.npy", 0, {5, 6, 8});
        EXPECT_ERROR(openPair(path("a.npy"), path("b.npy")), "b.npy: expected 4 pages of labels");
        picture("b.npy", 0, {1, 6, 8});
        EXPECT_ERROR(openPair(path("a.npy"), path("b.npy")), "found 1 page; choose labels that were drawn on these images.");
        picture("b.npy", 0, {4, 7, 8});
        EXPECT_ERROR(openPair(path("a.npy"), path("b.npy")), "b.npy: expected labels of the same size as the images, found "
                                                             "slice 0 of 8 x 7 next to 8 x 6; slice 1 of 8 x 7 next to 8 x 6");
        EXPECT_ERROR(openPair(path("a.npy"), path("b.npy")), "; 1 more");
        picture("b.npy", 0, {4, 6, 8});
        QCOMPARE(openPair(path("a.npy"), path("b.npy")).labels->pages(), std::int64_t(4));
    }
    void severalLabelsOfOneImage()
    {
        picture("f/x0.npy", 1);
        picture("f/x0_masks.npy", 2);
        QCOMPARE(openPair(path("f"), path("f")).labels->image(0).value(0), 2.0);
        picture("f/x0_cp_masks.npy", 3);
        EXPECT_ERROR(openPair(path("f"), path("f")),
                     "f: expected one label file for each of the 1 images, found no image for \"x0_cp_masks.npy\"");
        fs::rename(path("f/x0_cp_masks.npy"), path("f/x0_labels.npy"));
        EXPECT_ERROR(openPair(path("f"), path("f")),
                     "f: expected one label file for \"x0.npy\", found \"x0_labels.npy\", \"x0_masks.npy\"; move all but one");
    }
    /// What segmentation programs leave next to an image is neither an image nor labels.
    void filesOfSegmentationPrograms()
    {
        for (const int n : {0, 1}) {
            const std::string name = "f/x" + std::to_string(n);
            picture(name + ".npy", n);
            picture(name + "_cp_masks.npy", 10 + n);
            picture(name + "_flows.npy", 20, {3, 4, 5});
            picture(name + "_flows_cp_masks.npy", 21, {3, 4, 5});
            test::writeAll(path(name + "_seg.npy"), std::string("\x93NUMPY\x01\0\x46\0", 10) +
                                                        "{'descr': '|O', 'fortran_order': False, 'shape': (), }" +
                                                        std::string(15, ' ') + "\n\x80\x04.");
            test::writeAll(path(name + "_cp_outlines.txt"), "1,2");
        }
        const auto pair = openPair(path("f"), path("f"));
        QCOMPARE(pair.images->pages(), std::int64_t(2));
        QCOMPARE(pair.images->image(1).value(0), 1.0);
        QCOMPARE(pair.labels->image(1).value(0), 11.0);
        fs::remove(path("f/x0_cp_masks.npy"));
        fs::remove(path("f/x1_cp_masks.npy"));
        QCOMPARE(Slices(path("f"), false).pages(), std::int64_t(2)); // images alone
        EXPECT_ERROR(Slices(path("f/x0_seg.npy"), true), "x0_seg.npy: expected an array of numbers, found Python objects");
    }
    /// Words within the name of an image are a part of it.
    void imagesThatSpeakOfLabels()
    {
        for (const char *name : {"cell", "cell labeled", "labeled_cells", "Cell Mask control"}) {
            picture(std::string("f/") + name + ".npy", 1);
            picture(std::string("f/") + name + "_mask.npy", 2);
        }
        const auto pair = openPair(path("f"), path("f"));
        QCOMPARE(pair.images->pages(), std::int64_t(4));
        for (std::int64_t s = 0; s < 4; ++s) {
            QCOMPARE(pair.images->image(s).value(0), 1.0);
            QCOMPARE(pair.labels->fileStem(s), pair.images->fileStem(s) + "_mask");
        }
    }
    void stacksOfAFolderArePairedByFile()
    {
        picture("f/a.npy", 1, {2, 6, 8});
        picture("f/b.npy", 2, {3, 6, 8});
        picture("g/b_mask.npy", 12, {3, 6, 8});
        picture("g/a_mask.npy", 11, {2, 6, 8});
        const auto pair = openPair(path("f"), path("g"));
        QCOMPARE(pair.labels->pages(), std::int64_t(5));
        QCOMPARE(pair.labels->image(1).value(0), 11.0);
        QCOMPARE(pair.labels->image(2).value(0), 12.0);
        picture("g/a_mask.npy", 11, {1, 6, 8});
        EXPECT_ERROR(openPair(path("f"), path("g")), "a_mask.npy: expected 2 pages of labels, as many as \"a.npy\" has, found 1");
    }
    void filesThatArePairedInOrderAreReported()
    {
        for (const int n : {1, 2}) {
            picture("images/before" + std::to_string(n) + "x.npy", n);
            picture("masks/after" + std::to_string(n) + "y.npy", 10 + n);
        }
        const auto pair = openPair(path("images"), path("masks"));
        QCOMPARE(paired(), (std::vector<int>{11, 12}));
        QCOMPARE(pair.labels->orderNote(),
                 std::string("The files of \"images\" and \"masks\" are paired in order, because no names match. Check that the "
                             "order is right, or give the two files of each pair the same name."));
        std::vector<std::string> notes;
        openPartner(*openImage(path("images")), path("masks"), FolderPart::Labels, "labels", &notes);
        QCOMPARE(notes, std::vector<std::string>{pair.labels->orderNote()});
        // Not where names match, nor where there is only one way.
        fs::rename(path("masks/after1y.npy"), path("masks/before1x_mask.npy"));
        fs::rename(path("masks/after2y.npy"), path("masks/before2x_mask.npy"));
        QVERIFY(openPair(path("images"), path("masks")).labels->orderNote().empty());
        picture("one/a.npy", 1);
        picture("two/b.npy", 2);
        QVERIFY(openPair(path("one"), path("two")).labels->orderNote().empty());
    }
    void namesThatDifferInSignsAlone()
    {
        int value = 0;
        for (const char *name : {"x+10", "x-10", "x0", "a1", "a_1", "1", "01"}) {
            picture(std::string("images/") + name + ".npy", ++value);
            picture(std::string("masks/") + name + ".npy", value);
        }
        const auto pair = openPair(path("images"), path("masks"));
        QCOMPARE(pair.images->pages(), std::int64_t(7));
        for (std::int64_t s = 0; s < 7; ++s)
            QCOMPARE(pair.labels->image(s).value(0), pair.images->image(s).value(0));
    }
    /// A folder and a stack go together in order.
    void aFolderAndAStack()
    {
        for (const int n : {1, 2})
            picture("images/" + std::to_string(n) + ".npy", n);
        picture("masks.npy", 9, {2, 6, 8});
        QCOMPARE(openPair(path("images"), path("masks.npy")).labels->name(1), path("masks.npy").string() + ": page 1");
    }
};

RETICLE_TEST(PairsTest)
#include "PairsTest.moc"
