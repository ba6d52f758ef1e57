#pragma once

#include "base/Event.h"
#include "base/ImageSource.h"
#include "base/Schema.h"
#include "base/files/InputScale.h"

#include <filesystem>
#include <functional>
#include <memory>

namespace reticle {

/// Tiled prediction, Isensee et al. 2021 (nnU-Net): steps, Gaussian weights, logits averaged in float32.
struct PredictOptions
{
    std::int64_t tile = 256;    ///< px
    double step = 0.5;          ///< part of a tile
    std::string flips = "none"; ///< mean of logits over the "4" flips or "8" flips and quarter turns, inside each tile
    bool averageProbabilities = false;
    std::string padding = "mirror"; ///< of images smaller than a tile: mirror or zero
    /// auto (float32 of a run whose train.precision says so, else the faster one), bfloat16, float32
    std::string precision = "auto";
    std::string device = "auto";
    /// probability (float32), labels (each class by its value in the training labels); of an autoencoder the image that
    /// it makes.
    std::string output = "probability";
    std::int64_t classIndex = 1; ///< class whose probability is written; 1 = the foreground
    double threshold = 0.5;      ///< labels of a mask: probability > threshold
    /// What the images' numbers mean where their type is not that of the training images: "auto", "as-is", "LOW..HIGH".
    std::string inputRange = "auto";

    static Schema<PredictOptions> schema();
};

/// start_i = round_half_even(i (n - t) / (k - 1)), k = ceil((n - t) / (t f)) + 1; {0} when n <= t.
std::vector<std::int64_t> tileStarts(std::int64_t n, std::int64_t tile, double step);
/// (t, t) float32, separable Gaussian sigma t/8 of an impulse at floor(t/2), maximum 1, zeros -> smallest positive.
Array tileWeights(std::int64_t tile);

/// Description of the model in a run's folder (base/files/ModelFiles.h): recipe, scaling, classes and their label values,
/// weights. Throws Error.
Json modelDescription(const std::filesystem::path &runFolder);

/// A trained model, ready to predict. One object is for one thread.
/// Images of another number type than the training images are converted to its units where it is plain how, and notes()
/// says so; where it is not, an Error asks for PredictOptions::inputRange.
class Predictor
{
public:
    /// From a run's folder: base/files/ModelFiles.h. Every prediction is finite everywhere or an Error. Throws Error.
    Predictor(const std::filesystem::path &runFolder, const PredictOptions &options);
    ~Predictor();

    /// Whether it makes images, of the input's numbers, and not classes: an autoencoder.
    bool reconstructs() const;
    std::int64_t classes() const;
    std::int64_t channels() const; ///< of a page
    const std::vector<std::string> &classNames() const;
    Json metadata() const; ///< modelDescription()
    /// Sentences on how the numbers of the images predicted so far were converted, and on float32 taken in place of
    /// bfloat16, each once.
    const std::vector<std::string> &notes() const;
    /// How the numbers of a stack become those of the training images.
    InputScale scaleOf(const ImageSource &source);

    /// (H, W) or (H, W, C) as read from a file -> (K, H, W) float32 probabilities, K = classes (2 for a mask); of an
    /// autoencoder the image that it makes, K = channels(), in the units of the image's numbers. `goOn`
    /// is asked between tiles; false ends with Error (Kind::Cancelled). For a model that sees neighbouring slices the
    /// image stands for them too. `alpha`: the last channel is opacity, which is not looked at (ImageInfo::alpha).
    Array predict(const Array &image, const std::function<bool(double done)> &goOn = {}, bool alpha = false);
    /// The region (y, x, height, width) of a page, seen with enough of its surroundings to equal the whole prediction.
    Array predictRegion(const ImageSource &source, std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height,
                        std::int64_t width, const std::function<bool(double done)> &goOn = {});
    /// Every page, in the format and place that the name asks for (base/files/StackWriter.h), with the axes and sizes of
    /// pixels of the source; an autoencoder's as float32, with the channels of its images. Images of a folder may differ
    /// in size where the output is a folder. Throws Error; nothing has been written then.
    void predictStack(const ImageSource &source, const std::filesystem::path &output, EventSink &events, RunControl &control);

    /// What studies in core/learn and core/analysis need of the network itself: learn/Network_p.h.
    struct Network;
    /// Good for as long as the predictor lives.
    Network network();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
