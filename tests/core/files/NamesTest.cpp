#include "files/Names.h"

#include "support/Test.h"

using namespace reticle;
using namespace reticle::files;

namespace {

/// I, L or - for each name.
std::string rolesText(const std::vector<std::string> &names)
{
    std::string text;
    for (const auto role : rolesOf(names))
        text += role == Role::Image ? 'I' : role == Role::Labels ? 'L' : '-';
    return text;
}

} // namespace

class NamesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void wordsThatSayLabels()
    {
        for (const char *name :
             {"x_mask",  "x_masks",      "x-label",     "Labels",   "train-labels", "annotations",  "GT",
              "gt_07",   "ground_truth", "groundtruth", "x.target", "seg7",         "segmentation", "x labelled",
              "labeled", "classes",      "x_annot",     "TRUTH",    "07mask",       "image_mask"}) {
            QVERIFY2(saysLabels(name), name);
            QVERIFY2(!saysImages(name), name);
        }
        for (const char *name :
             {"image", "images", "img_07", "im7", "raw", "train-volume", "vol", "Input", "em", "pictures", "data", "slice12"}) {
            QVERIFY2(saysImages(name), name);
            QVERIFY2(!saysLabels(name), name);
        }
        // Words within words say nothing.
        for (const char *name : {"unmasked", "labelling", "segment1", "stem", "rawhide", "imagery", "x", "", "07", "masked",
                                 "Cell Mask control", "anti label cells"}) {
            QVERIFY2(!saysLabels(name), name);
            QVERIFY2(!saysImages(name), name);
        }
    }
    void namesWithoutThoseWords()
    {
        for (const auto &[name, bare] :
             {std::pair("cell_mask", "cell"), std::pair("cell_image", "cell"), std::pair("Cell", "cell"),
              std::pair("img_07", "7"), std::pair("mask7", "7"), std::pair("train-volume", "train"), std::pair("a_b.c", "a-b-c"),
              std::pair("mask", ""), std::pair("", ""), std::pair("x000", "x-0"), std::pair("x0", "x-0"),
              std::pair("ground_truth", ""), std::pair("ground truth 7", "7"), std::pair("ground", "ground"),
              std::pair("z\xc3\xa4hne", "z\xc3\xa4hne"), std::pair("2024-01-05 labels", "2024-1-5")})
            QCOMPARE(bareStem(name), std::string(bare));
    }
    void extensions()
    {
        for (const auto &[file, stem] :
             {std::pair("x.tif", "x"), std::pair("a/b/x.ome.tif", "x"), std::pair("x.OME.TIFF", "x"),
              std::pair("x_mask.ome.tif", "x_mask"), std::pair("x.tif.png", "x"), std::pair("x.jpg_mask.png", "x_mask"),
              std::pair("x.1.tif", "x.1"), std::pair("v1.2_x", "v1.2_x"), std::pair(".tif", ".tif"), std::pair("tif", "tif"),
              std::pair("img (1).png", "img (1)"), std::pair("x.tifa", "x.tifa")})
            QCOMPARE(stemOf(file), std::string(stem));
    }
    void labelsOfAnImage()
    {
        for (const auto &[labels, image] : {std::pair("x_mask", "x"),
                                            std::pair("x_mask", "x_image"),
                                            std::pair("mask_07", "img_07"),
                                            std::pair("seg7", "im7"),
                                            std::pair("cell_001_mask", "cell_001"),
                                            std::pair("001_labels", "001"),
                                            std::pair("img (1)_mask", "img (1)"),
                                            std::pair("X ANNOTATION", "x image"),
                                            std::pair("x_cp_masks", "x"),
                                            std::pair("x_Simple Segmentation", "x"),
                                            std::pair("x_mask_07", "x_07"),
                                            std::pair("x_mask_07", "x_image_7"),
                                            std::pair("train-labels", "train-volume"),
                                            std::pair("z\xc3\xa4hne_maske_mask", "z\xc3\xa4hne_maske"),
                                            std::pair("cell labeled", "cell"),
                                            std::pair("cell labeled_mask", "cell labeled"),
                                            std::pair("labeled_cells", "cells"),
                                            std::pair("ground truth 7", "7"),
                                            std::pair("Label cell 2", "cell_2"),
                                            std::pair("x_gt", "x_raw")})
            QVERIFY2(isLabelsOf(labels, image), labels);
        for (const auto &[labels, image] :
             {std::pair("x", "x_mask"), std::pair("x_mask", "y"), std::pair("x_mask", "x_mask"),
              std::pair("Cell Mask control", "Cell control"), std::pair("x", "x"), std::pair("cell labeled_mask", "cell"),
              std::pair("x_mask_1", "x_2"), std::pair("img (1)_mask", "img (2)"), std::pair("unmasked x", "x"),
              std::pair("x_masked", "x")})
            QVERIFY2(!isLabelsOf(labels, image), labels);
    }
    void rolesInAFolder()
    {
        QCOMPARE(rolesText({"x1", "x1_mask", "x2", "x2_mask"}), std::string("ILIL"));
        QCOMPARE(rolesText({"img_1", "mask_1"}), std::string("IL"));
        // Names that say labels are images where nothing goes with them.
        QCOMPARE(rolesText({"cell labeled", "other"}), std::string("II"));
        QCOMPARE(rolesText({"labeled_cells", "labeled_nuclei"}), std::string("II"));
        QCOMPARE(rolesText({"x1_mask", "x2_mask"}), std::string("II"));
        QCOMPARE(rolesText({"x1", "y_mask"}), std::string("II"));
        // ... and where they have labels of their own.
        QCOMPARE(rolesText({"cell", "cell labeled", "cell labeled_mask", "cell_mask"}), std::string("IILL"));
        QCOMPARE(rolesText({"cell labeled", "cell labeled_mask", "x", "x_mask"}), std::string("ILIL"));
        QCOMPARE(rolesText({"Cell Mask control", "Cell Mask control_mask"}), std::string("IL"));
        // A mask whose image is missing is one all the same; a labeled cell is not.
        QCOMPARE(rolesText({"x", "x_mask", "y_mask", "z labeled"}), std::string("ILLI"));
        QCOMPARE(rolesText({"x", "x_masks", "x_flows", "x_cp_masks", "x_flows_cp_masks", "x_outlines"}), std::string("IL-L--"));
        QCOMPARE(rolesText({"flows", "blood flow", "x"}), std::string("III"));
        QCOMPARE(rolesText({}), std::string());
    }
    void namesAreMatched()
    {
        using Labels = std::vector<std::int64_t>;
        const auto matched = [](const std::vector<std::string> &images, const std::vector<std::string> &labels) {
            return matchNames(images, labels).labels;
        };
        QCOMPARE(matched({"1", "2", "10"}, {"10", "1", "2"}), (Labels{1, 2, 0}));
        QCOMPARE(matched({"cell", "cell labeled"}, {"cell labeled_mask", "cell_mask"}), (Labels{1, 0}));
        QCOMPARE(matched({"img_1", "img_2"}, {"mask_2", "mask_01"}), (Labels{1, 0}));
        QCOMPARE(matched({"x_raw", "y"}, {"y_cp_masks", "x_gt"}), (Labels{1, 0}));
        QCOMPARE(matched({"a", "b"}, {"c", "d"}), (Labels{-1, -1}));
        QCOMPARE(matched({"a", "A"}, {"a", "b"}), (Labels{-1, -1})); // which of the two, nobody knows
        // Names that differ in sign, separator, zeros or case alone, in both folders.
        for (const auto &names : std::vector<std::vector<std::string>>{{"x+10", "x-10", "x0"},
                                                                       {"a1", "a_1", "b"},
                                                                       {"1", "01", "2"},
                                                                       {"A", "a", "c"},
                                                                       {"-10", "10"},
                                                                       {"Na+", "Na-"},
                                                                       {"x 1", "x_1", "x.1"}}) {
            Labels order;
            std::vector<std::string> before, behind;
            for (std::size_t i = 0; i < names.size(); ++i) {
                order.push_back(static_cast<std::int64_t>(i));
                before.push_back("mask_" + names[i]);
                behind.push_back(names[i] + "_cp_masks");
            }
            QCOMPARE(matched(names, names), order);
            QCOMPARE(matched(names, before), order);
            QCOMPARE(matched(names, behind), order);
        }
        QCOMPARE(matched({"img_a1", "img_a_1"}, {"mask_a_1", "mask_a1"}), (Labels{1, 0}));
        QCOMPARE(matched({"x+_07", "x-_07"}, {"x-_mask_07", "x+_mask_07"}), (Labels{1, 0}));
        QCOMPARE(matched({"x+10", "x-10"}, {"x+10", "x-10_mask"}), (Labels{0, 1}));
        QCOMPARE(matched({"x+10", "x-10"}, {"X-10", "x_10"}), (Labels{-1, -1}));
        const auto several = matchNames({"x", "y"}, {"x_mask", "x_labels", "y_mask"});
        QCOMPARE(several.matched, std::int64_t(1));
        QVERIFY((several.several == std::vector<std::pair<std::int64_t, Labels>>{{0, {0, 1}}}));
    }
};

RETICLE_TEST(NamesTest)
#include "NamesTest.moc"
