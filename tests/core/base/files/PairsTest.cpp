#include "base/files/Pairs.h"

#include "base/ImageWriter.h"
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

    void wordsThatSayLabels()
    {
        for (const char *name :
             {"x_mask",  "x_masks",      "x-label",     "Labels",   "train-labels", "annotations",  "GT",
              "gt_07",   "ground_truth", "groundtruth", "x.target", "seg7",         "segmentation", "x labelled",
              "labeled", "classes",      "x_annot",     "TRUTH",    "07mask",       "image_mask"}) {
            QVERIFY2(saysLabels(name), name);
            QVERIFY2(!saysImages(name), name);
        }
        for (const char *name : {"image", "images", "img_07", "im7", "raw", "train-volume", "vol", "Input", "em",
                                 "pictures", "data", "slice12"}) {
            QVERIFY2(saysImages(name), name);
            QVERIFY2(!saysLabels(name), name);
        }
        // Words within words say nothing.
        for (const char *name :
             {"unmasked", "labelling", "segment1", "stem", "rawhide", "imagery", "x", "", "07", "masked"}) {
            QVERIFY2(!saysLabels(name), name);
            QVERIFY2(!saysImages(name), name);
        }
    }
    void namesWithoutThoseWords()
    {
        for (const auto &[name, bare] :
             {std::pair("cell_mask", "cell"), std::pair("cell_image", "cell"), std::pair("Cell", "cell"),
              std::pair("img_07", "7"), std::pair("mask7", "7"), std::pair("train-volume", "train"),
              std::pair("a_b.c", "a-b-c"), std::pair("mask", ""), std::pair("", ""), std::pair("x000", "x-0"),
              std::pair("x0", "x-0"), std::pair("ground_truth", ""), std::pair("ground truth 7", "7"),
              std::pair("ground", "ground"), std::pair("z\xc3\xa4hne", "z\xc3\xa4hne"),
              std::pair("2024-01-05 labels", "2024-1-5")})
            QCOMPARE(bareStem(name), std::string(bare));
    }
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
        QCOMPARE(s.colours(), std::int64_t(1));
        QCOMPARE(s.image(2).value(0), 8.0);
        s.reorder({2, 0, 1});
        QCOMPARE(s.image(0).value(0), 8.0);
        QCOMPARE(s.name(0), path("s.npy").string() + ": page 2");
        QCOMPARE(s.labels(0, 10).value(1), 0.0);
        QCOMPARE(s.labels(0, 10).value(2), 255.0);
        picture("one.npy", 5);
        const Slices one(path("one.npy"), false);
        QCOMPARE(one.name(0), path("one.npy").string());
        QCOMPARE(one.text(), std::string("a picture of 8 x 6, 8 bit"));
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
        QCOMPARE(images.text(), std::string("2 pictures of several sizes, the first 8 x 6, 8 bit"));
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
        EXPECT_ERROR(paired(),
                     "masks: expected one label picture for each of the 3 pictures, found none for \"cell_2.npy\"");
        fs::rename(path("masks/z"), path("masks/Label cell 2.npy"));
        QCOMPARE(paired(), (std::vector<int>{1, 2, 10}));
        picture("masks/cell_11_mask.npy", 11);
        EXPECT_ERROR(paired(), "found 1 too many");
        for (const int n : {21, 22, 23, 24})
            picture("images/cell_" + std::to_string(n) + ".npy", n);
        EXPECT_ERROR(paired(), "none for \"cell_21.npy\", \"cell_22.npy\", \"cell_23.npy\" and 1 more");
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
        EXPECT_ERROR(paired(), "masks: expected 4 pages of labels, as many as \"" + path("images").string() +
                                   "\" has, found 3 pages");
    }
    void sizesThatDiffer()
    {
        picture("a.npy", 0, {4, 6, 8});
        picture("b.npy", 0, {5, 6, 8});
        EXPECT_ERROR(openPair(path("a.npy"), path("b.npy")), "b.npy: expected 4 pages of labels");
        picture("b.npy", 0, {1, 6, 8});
        EXPECT_ERROR(openPair(path("a.npy"), path("b.npy")), "found 1 page.");
        picture("b.npy", 0, {4, 7, 8});
        EXPECT_ERROR(openPair(path("a.npy"), path("b.npy")),
                     "b.npy: expected labels of the same size as the images, found "
                     "slice 0 of 8 x 7 beside 8 x 6; slice 1 of 8 x 7 beside 8 x 6");
        EXPECT_ERROR(openPair(path("a.npy"), path("b.npy")), "; 1 more");
        picture("b.npy", 0, {4, 6, 8});
        QCOMPARE(openPair(path("a.npy"), path("b.npy")).labels->pages(), std::int64_t(4));
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
