#pragma once

#include "files/ImageSource.h"
#include "files/InputScale.h"
#include "learn/prediction/Predictor.h"

#include <functional>

namespace reticle {

/// A trained model, ready to predict. One object is for one thread.
/// Images of another number type than the training images are converted to its units where it is plain how, and notes()
/// says so; where it is not, an Error asks for PredictOptions::inputRange.
class ImagePredictor : public Predictor
{
public:
    /// From a run's folder: project/ModelFiles.h. Every prediction is finite everywhere or an Error. Throws Error.
    ImagePredictor(const std::filesystem::path &runFolder, const PredictOptions &options);
    ~ImagePredictor() override;

    PixelOutput pixels() const; ///< Classes or Values
    std::int64_t classes() const;
    std::int64_t channels() const; ///< of a page
    const std::vector<std::string> &classNames() const;
    Json metadata() const override;
    /// Sentences on how the numbers of the images predicted so far were converted, and on float32 taken in place of
    /// bfloat16, each once.
    const std::vector<std::string> &notes() const override;
    /// How the numbers of a stack become those of the training images.
    InputScale scaleOf(const ImageSource &source);

    /// (H, W) or (H, W, C) as read from a file -> (K, H, W) float32 probabilities, K = classes (2 for a mask); of an
    /// autoencoder the image that it makes, K = channels(), in the units of the image's numbers. `goOn`
    /// is asked between tiles; false ends with Error (Kind::Cancelled). For a model that sees neighboring slices the
    /// image stands for them too. `alpha`: the last channel is opacity, which is not looked at (ImageInfo::alpha).
    Array predict(const Array &image, const std::function<bool(double done)> &goOn = {}, bool alpha = false);
    /// The region (y, x, height, width) of a page, seen with enough of its surroundings to equal the whole prediction.
    Array predictRegion(const ImageSource &source, std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height,
                        std::int64_t width, const std::function<bool(double done)> &goOn = {});
    /// Every page, in the format and place that the name asks for (files/StackWriter.h), with the axes and sizes of
    /// pixels of the source; an autoencoder's as float32, with the channels of its images. Images of a folder may differ
    /// in size where the output is a folder. Throws Error; nothing has been written then.
    void predictStack(const ImageSource &source, const std::filesystem::path &output, EventSink &events, RunControl &control);
    /// The same of an image, a stack or a folder of images.
    void predictFile(const std::filesystem::path &input, const std::filesystem::path &output, EventSink &events,
                     RunControl &control) override;

    /// What studies in core/learn and core/analysis need of the network itself: learn/prediction/Network_p.h.
    struct Network;
    /// Good for as long as the predictor lives.
    Network network();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
