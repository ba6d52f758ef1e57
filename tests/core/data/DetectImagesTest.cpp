#include "data/DetectImages.h"
#include "data/SegmentationData.h"
#include "files/ImageWriter.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <fstream>

using namespace reticle;
namespace fs = std::filesystem;
using Kind = ImageDetection::Kind;

class DetectImagesTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    std::string path(const std::string &name) const { return (fs::path(m_dir->path().toStdString()) / name).string(); }

    void image(const std::string &name, std::int64_t pages = 1, std::int64_t height = 20) const
    {
        Array a(DType::UInt8, {pages, height, 30});
        for (std::int64_t i = 0; i < a.size(); ++i)
            a.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * 7 % 251);
        save(name, a);
    }
    void mask(const std::string &name, std::int64_t pages = 1, std::int64_t height = 20) const
    {
        Array a(DType::UInt8, {pages, height, 30});
        for (std::int64_t i = 0; i < a.size(); ++i)
            a.data<std::uint8_t>()[i] = i % 30 < 9 ? 255 : 0;
        save(name, a);
    }
    void save(const std::string &name, const Array &stack) const
    {
        fs::create_directories(fs::path(path(name)).parent_path());
        TiffWriter w(path(name), 1000);
        for (std::int64_t p = 0; p < stack.dim(0); ++p)
            w.writePage(stack.at(p));
        w.close();
    }
    static QString text(const ImageDetection &r)
    {
        std::string all = "images " + r.images + ", labels " + r.labels + ": " + r.sentence + " " + r.details.dump();
        for (const auto *list : {&r.problems, &r.notes})
            for (const auto &sentence : *list)
                all += "\n" + sentence;
        return QString::fromStdString(all);
    }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void stackFindsItsLabels()
    {
        image("train-volume.tif", 5);
        image("test-volume.tif", 3);
        mask("train-labels.tif", 5);
        for (const char *dropped : {"train-volume.tif", "train-labels.tif"}) {
            const auto r = detectImages({path(dropped)});
            QVERIFY2(r.kind == Kind::Pair, qPrintable(text(r)));
            QCOMPARE(r.images, path("train-volume.tif"));
            QCOMPARE(r.labels, path("train-labels.tif"));
            QCOMPARE(r.sentence, std::string("A stack of 5 slices, 30 x 20, 8 bit, with labels of two classes (0 and 255)."));
            QVERIFY(r.problems.empty());
            QCOMPARE(r.details.at("classes").get<int>(), 2);
        }
        const auto alone = detectImages({path("test-volume.tif")});
        QVERIFY(alone.kind == Kind::Stack && alone.labels.empty());
        QCOMPARE(alone.sentence, std::string("A stack of 3 slices, 30 x 20, 8 bit."));
        // The folder of all three: the pair of the training stack.
        const auto folder = detectImages({path("")});
        QVERIFY2(folder.kind == Kind::Pair && folder.images == path("train-volume.tif"), qPrintable(text(folder)));
    }
    void realStack()
    {
        const auto file = test::sharedData("isbi2012/train-volume.tif");
        if (file.empty())
            QSKIP("shared/data is absent");
        const auto r = detectImages({file});
        QVERIFY(r.kind == Kind::Pair);
        QCOMPARE(r.labels, test::sharedData("isbi2012/train-labels.tif"));
        QCOMPARE(r.sentence, std::string("A stack of 24 slices, 512 x 512, 8 bit, with labels of two classes (0 and 255)."));
        QVERIFY(detectImages({fs::path(file).parent_path().string()}).images == file);
    }
    void namesBeside_data()
    {
        QTest::addColumn<QString>("a");
        QTest::addColumn<QString>("b");
        for (const auto &[a, b] : {std::pair("x.tif", "x_mask.tif"), std::pair("x.tif", "x_masks.tif"),
                                   std::pair("x.tif", "x_label.tif"), std::pair("x.tif", "x-labels.tif"),
                                   std::pair("cell_raw.tif", "cell_gt.tif"), std::pair("img_07.tif", "mask_07.tif"),
                                   std::pair("im7.tif", "seg7.tif"), std::pair("X image.tif", "X annotation.tif"),
                                   std::pair("images/7.tif", "masks/7.tif"), std::pair("train/raw/a.tif", "train/labels/a.tif")})
            QTest::newRow(b) << a << b;
    }
    void namesBeside()
    {
        QFETCH(QString, a);
        QFETCH(QString, b);
        image(a.toStdString());
        mask(b.toStdString());
        image(fs::path(a.toStdString()).parent_path().string() + "/other.tif");
        for (const auto &dropped : {a, b}) {
            const auto r = detectImages({path(dropped.toStdString())});
            QVERIFY2(r.kind == Kind::Pair, qPrintable(text(r)));
            QCOMPARE(r.images, path(a.toStdString()));
            QCOMPARE(r.labels, path(b.toStdString()));
        }
        QVERIFY(detectImages({path(b.toStdString()), path(a.toStdString())}).labels == path(b.toStdString()));
    }
    void folders_data()
    {
        QTest::addColumn<QString>("a");
        QTest::addColumn<QString>("b");
        for (const auto &[a, b] :
             {std::pair("images", "masks"), std::pair("img", "label"), std::pair("image", "labels"),
              std::pair("raw", "annotations"), std::pair("Images", "GT"), std::pair("em", "segmentation"),
              std::pair("input", "ground_truth"), std::pair("pictures", "masks"), std::pair("train/images", "train/masks")})
            QTest::newRow(b) << a << b;
    }
    void folders()
    {
        QFETCH(QString, a);
        QFETCH(QString, b);
        for (int i = 0; i < 12; ++i) {
            image(a.toStdString() + "/" + std::to_string(i) + ".tif");
            mask(b.toStdString() + "/" + std::to_string(i) + ".tif");
        }
        const auto r = detectImages({path("")});
        QVERIFY2(r.kind == Kind::PairFolders && r.problems.empty(), qPrintable(text(r)));
        QCOMPARE(r.images, path(a.toStdString()));
        QCOMPARE(r.labels, path(b.toStdString()));
        QCOMPARE(r.sentence, std::string("A folder of 12 slices, 30 x 20, 8 bit, with labels of two classes (0 and 255)."));
        const auto both = detectImages({path(b.toStdString()), path(a.toStdString())});
        QVERIFY2(both.kind == Kind::PairFolders && both.images == path(a.toStdString()), qPrintable(text(both)));
    }
    void oneFolderOfBoth()
    {
        for (int i = 0; i < 20; ++i) {
            image("cell" + std::to_string(i) + ".tif");
            mask("cell" + std::to_string(i) + "_mask.tif");
        }
        const auto r = detectImages({path("")});
        QVERIFY2(r.kind == Kind::PairFolders && r.problems.empty(), qPrintable(text(r)));
        QCOMPARE(r.images, r.labels);
        QCOMPARE(openImage(r.images)->info().pages, std::int64_t(20));
        QCOMPARE(openImage(r.images)->readPage(3).value(1), 7.0);
        QCOMPARE(openLabels(r.labels)->readPage(3).value(1), 255.0);
        SegmentationDataOptions options;
        options.images = r.images;
        options.labels = r.labels;
        QCOMPARE(SegmentationData::load(options, 1)->slices(), std::int64_t(20));
    }
    /// A word in the name of an image makes it no labels.
    void imagesThatSpeakOfLabels()
    {
        image("cell labeled.tif");
        auto r = detectImages({path("cell labeled.tif")});
        QVERIFY2(r.kind == Kind::Image && r.images == path("cell labeled.tif") && r.problems.empty(), qPrintable(text(r)));
        image("control.tif");
        for (const auto &both : {std::vector{path("cell labeled.tif"), path("control.tif")},
                                 std::vector{path("control.tif"), path("cell labeled.tif")}}) {
            r = detectImages(both);
            QVERIFY2(r.kind != Kind::Pair || r.labels.empty(), qPrintable(text(r)));
        }
        mask("cell labeled_mask.tif");
        for (const char *dropped : {"cell labeled.tif", "cell labeled_mask.tif"}) {
            r = detectImages({path(dropped)});
            QVERIFY2(r.kind == Kind::Pair && r.images == path("cell labeled.tif") && r.labels == path("cell labeled_mask.tif"),
                     qPrintable(text(r)));
        }
        mask("control_mask.tif");
        r = detectImages({path("")});
        QVERIFY2(r.kind == Kind::PairFolders && r.problems.empty(), qPrintable(text(r)));
        QCOMPARE(openImage(r.images)->info().pages, std::int64_t(2));
        // What is in two files counts for more than a name that says nothing of the other.
        image("labeled_cells.tif");
        mask("drawn.tif");
        r = detectImages({path("labeled_cells.tif"), path("drawn.tif")});
        QVERIFY2(r.kind == Kind::Pair && r.images == path("labeled_cells.tif"), qPrintable(text(r)));
    }
    void namesOfOmeFiles()
    {
        image("x.ome.tif", 3);
        mask("x_mask.ome.tif", 3);
        for (const char *dropped : {"x.ome.tif", "x_mask.ome.tif"}) {
            const auto r = detectImages({path(dropped)});
            QVERIFY2(r.kind == Kind::Pair && r.images == path("x.ome.tif"), qPrintable(text(r)));
        }
    }
    void slicesAlone()
    {
        for (int i = 0; i < 4; ++i)
            image("s" + std::to_string(i) + ".tif");
        QVERIFY(detectImages({path("")}).kind == Kind::SlicesFolder);
        // The same pictures dropped one by one are the same folder.
        const auto r = detectImages({path("s2.tif"), path("s0.tif"), path("s1.tif"), path("s3.tif")});
        QVERIFY(r.kind == Kind::SlicesFolder);
        QCOMPARE(r.sentence, std::string("A folder of 4 slices, 30 x 20, 8 bit."));
        const auto some = detectImages({path("s2.tif"), path("s0.tif"), path("s1.tif")});
        QVERIFY(some.kind == Kind::Unknown && some.problems.size() == 1);
        QVERIFY(detectImages({path("s1.tif")}).kind == Kind::Image);
    }
    void twoByContent()
    {
        image("first.tif", 2);
        mask("second.tif", 2);
        for (const auto &paths :
             {std::vector{path("first.tif"), path("second.tif")}, std::vector{path("second.tif"), path("first.tif")}}) {
            const auto r = detectImages(paths);
            QVERIFY2(r.kind == Kind::Pair, qPrintable(text(r)));
            QCOMPARE(r.images, path("first.tif"));
        }
        image("third.tif", 2);
        const auto r = detectImages({path("first.tif"), path("third.tif")});
        QVERIFY(r.kind == Kind::Stack && r.problems.size() == 1);
    }
    /// What was left out or assumed is said, and does not make it wrong.
    void whatIsWorthKnowing()
    {
        for (const char *name : {"set/images/first1 a.tif", "set/images/first2 a.tif"})
            image(name, 1);
        for (const char *name : {"set/masks/second1 b.tif", "set/masks/second2 b.tif"})
            mask(name, 1);
        auto r = detectImages({path("set")});
        QVERIFY2(r.kind == Kind::PairFolders && r.problems.empty(), qPrintable(text(r)));
        QVERIFY2(r.notes.size() == 1 && r.notes[0].find("paired in order") != std::string::npos, qPrintable(text(r)));
        image("set/images/first1 a overlay.tif", 1);
        r = detectImages({path("set")});
        QVERIFY2(r.problems.empty() && r.notes.size() == 2, qPrintable(text(r)));
        QVERIFY(r.notes[0].find("\"first1 a overlay.tif\" is not read") == 0);
    }
    void whatIsWrong()
    {
        image("x.tif", 3);
        mask("x_mask.tif", 4);
        auto r = detectImages({path("x.tif")});
        QVERIFY2(r.kind == Kind::Stack && r.labels.empty(), qPrintable(text(r)));
        QVERIFY2(r.problems.size() == 1 && r.problems[0].find("expected 3 pages of labels") != std::string::npos,
                 qPrintable(text(r)));
        mask("x_mask.tif", 3, 21);
        r = detectImages({path("x.tif"), path("x_mask.tif")});
        QVERIFY(r.problems.size() == 1 && r.problems[0].find("30 x 21 next to 30 x 20") != std::string::npos);
        std::ofstream(path("empty.png"));
        r = detectImages({path("empty.png")});
        QVERIFY(r.kind == Kind::Unknown && r.problems.size() == 1);
        QVERIFY(r.problems[0].find("an empty file") != std::string::npos);
        fs::create_directories(path("void"));
        r = detectImages({path("void")});
        QVERIFY(r.problems.size() == 1 && r.problems[0].find("a folder without any") != std::string::npos);
        QVERIFY(detectImages({path("nowhere")}).problems.size() == 1);
        QVERIFY(detectImages({}).problems.size() == 1);
        const auto cut = test::sharedData("images/truncated.jpg");
        if (!cut.empty())
            QVERIFY(detectImages({cut}).problems.size() == 1);
    }
};

RETICLE_TEST(DetectImagesTest)
#include "DetectImagesTest.moc"
