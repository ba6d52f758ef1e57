#pragma once

#include "data/Augment.h"
#include "data/Batch.h"
#include "data/SegmentationData.h"

#include <functional>

namespace reticle {

/// Slices with labels to take crops from. The functions may be called from several threads at once.
struct CropSource
{
    std::vector<std::int64_t> slices;
    std::function<Array(std::int64_t)> image;           ///< (C, H, W) float32
    std::function<Array(std::int64_t)> target;          ///< (H, W) uint8, 255 = ignored
    std::vector<std::int64_t> classCounts;              ///< pixels of each class, for the choice of rare ones
    std::function<std::string(std::int64_t)> name = {}; ///< where a slice's labels come from, for errors
    std::vector<std::string> classNames = {};           ///< of all classes, for errors; may be empty
    std::int64_t planes = 1;                            ///< slices side by side in the channels of an image, in their order
    std::int64_t classes = 0;                           ///< classes that the objective tells apart; 0 = not checked
    std::function<std::pair<std::int64_t, std::int64_t>(std::int64_t)> size = {}; ///< (H, W), without reading it; may be absent
    /// image() as arrays (C, H, W) whose channels follow each other, which it would copy together; may be absent
    std::function<std::vector<Array>(std::int64_t)> pages = {};
    bool inMemory = true; ///< image() and target() read no file once each slice has been asked for

    /// Throws Error naming the slice where a label is neither below `classes` nor 255.
    void checkLabels(const Array &labels, std::int64_t slice) const;

    static CropSource training(const std::shared_ptr<SegmentationData> &data);
    static CropSource validation(const std::shared_ptr<SegmentationData> &data);
};

struct CropOptions
{
    std::int64_t batch = 4, crop = 256;
    double foregroundOversampling = 0.33;
    AugmentOptions augment;
    bool border = false; ///< compute the U-Net border map of each crop
    double borderWeight = 10, borderSigma = 5;
    std::uint64_t seed = 0;
};

/// Random crops of slices, augmented: "image" (N, C, S, S) float32, "labels" (N, S, S) uint8, and where the options ask for
/// it "weights", the border map (N, S, S) float32. Every pass over the slices visits each once, in an order of its own; a
/// batch's examples are slices. Throws Error as the source does.
class CropBatches : public BatchSource
{
public:
    CropBatches(CropSource source, CropOptions options);
    Batch batch(std::int64_t step) const override;
    /// An epoch has as many crops as cover the pixels of the training slices once.
    std::int64_t stepsPerEpoch() const override;
    std::unique_ptr<BatchInProgress> begin(std::int64_t step) const override; ///< a part is a crop

private:
    const CropSource m_source;
    const CropOptions m_options;
};

/// Labels of one crop as objects for borderMap: components of the foreground of a mask, of all classes but 0 otherwise.
Array borderWeights(const std::uint8_t *target, std::int64_t height, std::int64_t width, double w0, double sigma);

} // namespace reticle
