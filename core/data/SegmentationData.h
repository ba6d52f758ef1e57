#pragma once

#include "data/Dataset.h"
#include "data/SliceGroups.h"
#include "files/ImageSource.h"
#include "files/LabelValues.h"
#include "foundation/Schema.h"
#include "imaging/Scaling.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

/// The recipe's "data" section: of data set "segmentation", and without labels, foreground, threshold and context of
/// data set "images".
struct SegmentationDataOptions
{
    std::string images;                ///< stack, picture or folder
    std::string labels;                ///< the same number of pages of the same size
    std::string foreground = "bright"; ///< labels of two values: which is the foreground class, "bright" (255) or "dark" (0)
    double threshold = 0;              ///< over 0: labels at or above it are bright, those below dark (masks with soft edges)
    std::string scaling =
        "unit";               ///< "unit" (x / largest value of the type), "z-score", "min-max"; constants of the training slices
    std::int64_t context = 0; ///< slices above and below that the network sees as further channels
    std::vector<std::int64_t> onlySlices; ///< use these alone; empty = all
    std::string split =
        "blocks"; ///< "blocks" (contiguous, by seed), "first" (train, validation, test in order), "slices" (lists below), "folds"
    double validationFraction = 0.15, testFraction = 0;
    std::vector<std::int64_t> validationSlices, testSlices; ///< split "slices", counted from 0; all others train
    std::int64_t folds = 5,
                 fold = 1;           ///< split "folds": number `fold`, counted from 1, of so many groups of neighbors is the test
    std::string groups, groupColumn; ///< table of groups that are in one part each, and its column with them: readSliceGroups
    std::int64_t cacheMib = 2048;    ///< scaled slices kept in memory
    /// No field: decides what the values of the labels mean where a model or another file has a say in it. Absent: as
    /// files::classesOf. Values that it leaves without a class are an Error.
    std::function<files::LabelClasses(const std::map<std::int64_t, std::int64_t> &counts)> decide;
    /// No field: the images are predictions that are compared with the labels, so their numbers are read as those of labels.
    bool imagesAreNumbers = false;

    static Schema<SegmentationDataOptions> schema();
    static Schema<SegmentationDataOptions> imagesSchema(); ///< of data set "images"
};

/// Of `slices` in the files those that only-slices chooses, in order. Throws Error for slices that there are not.
std::vector<std::int64_t> usedSlices(const SegmentationDataOptions &options, std::int64_t slices);
/// Of `slices` in the files, by the options' fields only-slices, split and what belongs to it. `groups`: of each slice; all of
/// a group are in one part then. Throws Error where no slice or group is left for training, and for slices and folds that there
/// are not.
Split splitOf(const SegmentationDataOptions &options, std::int64_t slices, std::uint64_t seed,
              const std::vector<std::string> &groups = {});

/// Images with integer labels, read lazily and kept scaled as long as the options' cache lasts. Thread-safe.
/// "unit" scaling takes floating point images that lie within 0 to 1 as they are, and others, like 32-bit integers,
/// from the least to the largest value of the training slices; description() says so. Opacity is left out.
/// Pictures of a folder may differ in size; images and labels are paired by name where the names match, else in order.
/// As a Dataset an example is a slice: "image" as image(), "labels" as target().
class SegmentationData : public Dataset
{
public:
    static constexpr std::uint8_t ignore = files::ignoredClass;

    /// Throws Error: counts or sizes that differ (listed), NaN pixels (page and position), more than 255 classes,
    /// labels that are neither integer classes nor a 0/255 mask.
    static std::shared_ptr<SegmentationData> load(const SegmentationDataOptions &options, std::uint64_t seed);
    /// Images alone, data set "images": one class that all pixels belong to, labels and what concerns them passed over.
    static std::shared_ptr<SegmentationData> loadImages(const SegmentationDataOptions &options, std::uint64_t seed);

    ~SegmentationData() override;
    const std::string &kind() const override; ///< "segmentation", or "images" without labels
    std::int64_t size() const override { return slices(); }
    const std::vector<ArraySpec> &specs() const override;
    NamedArrays example(std::int64_t slice) const override;
    std::string nameOf(std::int64_t slice) const override { return labelsName(slice); }
    std::string exampleNoun() const override { return "slice"; }
    /// {"scaling", "classNames", "labels"}; no labels without labels. Reads the training slices as scalingWithSpan().
    Json preparation() const override;
    Json keptWithModel() const override;
    Json summary() const override;
    bool hasLabels() const;
    std::int64_t slices() const;   ///< of the files, whether used or not
    std::int64_t planes() const;   ///< 2 context + 1: slices side by side in an image()
    std::int64_t channels() const; ///< of image(): those of a page times (2 context + 1)
    std::int64_t height(std::int64_t slice) const;
    std::int64_t width(std::int64_t slice) const;
    /// Number of classes; 2 for labels of two values, class 1 = foreground. Other values, in order, are the classes
    /// 0, 1, 2, ...; 255 beside at least two others is `ignore`.
    std::int64_t classes() const;
    const std::vector<std::string> &classNames() const;
    const files::LabelClasses &labelClasses() const; ///< which values are which class; empty without labels
    const Split &split() const override;
    const Scaling &scaling() const;
    /// scaling() with the span of the training slices, for a model to keep. Reads these slices where they are not of 8
    /// bit, whose span says nothing more.
    Scaling scalingWithSpan() const;
    /// What scaled values span, which the constants of SSIM and PSNR are in proportion to: 1 of 8 bit data with scaling
    /// "unit" (the span of the type), otherwise largest less least value of the training slices, so that 12 bits in a
    /// 16 bit file count as 12 bits. 1 where all values are equal. Reads the training slices where it has not yet.
    double valueRange() const;
    /// Pixels of each class in the training slices, ignored ones left out.
    std::vector<std::int64_t> classCounts() const override;
    /// (C, H, W) float32, scaled. With context the channels of slice - context come first, those of slice + context last;
    /// beyond the ends of the stack its first and last slice are repeated.
    Array image(std::int64_t slice) const;
    /// image() as the pages that it is put together from, (C, H, W) each: nothing is copied where they are kept.
    std::vector<Array> pages(std::int64_t slice) const;
    /// (H, W) uint8 class index, 255 = ignore.
    Array target(std::int64_t slice) const;
    /// "labels.tif: page 3", or the picture of a folder: where the labels of a slice come from, or the slice without
    /// labels.
    std::string labelsName(std::int64_t slice) const;
    /// Whether all scaled slices and targets will be kept in memory once they have been read.
    bool keepsAll() const;
    /// Bytes of scaled slices and targets that will still be kept in memory when all have been read.
    std::int64_t bytesToCome() const;
    /// Which group each slice belongs to, where the options name a table; without one `of` is empty.
    const SliceGroups &groups() const;
    /// Groups of the three parts by name, with their column, for a model to keep; null without a table.
    Json groupsOfParts() const;
    /// Sentences about what was assumed to put images and labels together, and which lines of a table of groups were ignored.
    std::vector<std::string> notes() const override;
    /// What was found, for a person: "24 slices of 512 x 512, 8 bit, labels 0 and 255: two classes".
    std::string description() const override;

private:
    SegmentationData();
    std::vector<ArraySpec> findSpecs() const;
    struct Private;
    std::unique_ptr<Private> d;
};

/// The data as images. Throws Error where they are of another kind.
std::shared_ptr<SegmentationData> imagesOf(std::shared_ptr<Dataset> data);

} // namespace reticle
