#pragma once

// What objectives share: the ignore label, class weights and their normalization.

#include "learn/Objective_p.h"

namespace reticle {

constexpr std::int64_t kIgnoreLabel = 255;

/// Settings of objectives that weigh pixels.
struct WeightOptions
{
    std::string classWeights = "none";
    std::vector<double> weightList;
    bool normalized = true;
    bool borderMap = false;
    double borderWeight = 10, borderSigma = 5;
};

/// Declares them; `Options` derives from WeightOptions.
template <class Options> void addWeightFields(Schema<Options> &s)
{
    using O = Options;
    s.field(static_cast<std::string O::*>(&O::classWeights),
            {.name = "class-weights",
             .help = "Weight of each class: none, balanced (N / (K n_c), rare classes weigh more) or from weight-list",
             .choices = {"none", "balanced", "list"}})
        .field(static_cast<std::vector<double> O::*>(&O::weightList),
               {.name = "weight-list", .help = "Weights of the classes, background first", .min = 0, .advanced = true})
        .field(static_cast<bool O::*>(&O::normalized), {.name = "normalized",
                                                        .help = "Divide by the sum of weights instead of the number of pixels",
                                                        .advanced = true,
                                                        .formerly = {"normalised"}})
        .field(static_cast<bool O::*>(&O::borderMap),
               {.name = "border-map",
                .help = "Add w0 exp(-(d1 + d2)\u00b2 / (2 s\u00b2)) to the weight of background between objects, d1 and d2 "
                        "being the distances to the nearest two (Ronneberger 2015)"})
        .field(static_cast<double O::*>(&O::borderWeight),
               {.name = "border-weight", .help = "Height w0 of the border map", .min = 0, .advanced = true})
        .field(static_cast<double O::*>(&O::borderSigma),
               {.name = "border-sigma", .help = "Width s of the border map", .unit = "px", .min = 0.1, .advanced = true});
}

/// Settings of the soft Dice loss.
struct DiceOptions
{
    double smooth = 1e-5;
    std::string over = "batch";
};

template <class Options> void addDiceFields(Schema<Options> &s)
{
    using O = Options;
    s.field(static_cast<double O::*>(&O::smooth),
            {.name = "smooth", .help = "Number added above and below the line of the Dice score", .min = 0, .advanced = true})
        .field(static_cast<std::string O::*>(&O::over), {.name = "dice-over",
                                                         .help = "One Dice score over the batch, or the mean of one per image",
                                                         .choices = {"batch", "image"},
                                                         .advanced = true});
}

/// Weights per class and per pixel.
struct ClassWeighting
{
    std::vector<double> classes; ///< empty: 1 for each
    bool normalized = true;      ///< divide the weighted sum by the sum of weights, else by the number of pixels

    /// `kind`: none, balanced (w_c = N / (K n_c); 0 for a class that does not occur) or list. Throws Error.
    static ClassWeighting make(const WeightOptions &options, const std::vector<std::int64_t> &classCounts);

    /// (N, H, W) float32: weight of the pixel's class plus `map`, 0 where ignored. `map` may be undefined.
    torch::Tensor perPixel(const torch::Tensor &target, const torch::Tensor &map) const;
    /// Weighted mean of `losses` (N, H, W); 0 where all pixels are ignored or weigh nothing.
    torch::Tensor mean(const torch::Tensor &losses, const torch::Tensor &target, const torch::Tensor &map) const;
};

/// An objective that weighs pixels by class and border map.
class WeightedObjective : public MapObjective
{
public:
    WeightedObjective(const WeightOptions &options, const std::vector<std::int64_t> &classCounts)
        : m_weights(options), m_weighting(ClassWeighting::make(options, classCounts))
    {
    }
    bool wantsBorderMap() const override { return m_weights.borderMap; }
    double borderWeight() const override { return m_weights.borderWeight; }
    double borderSigma() const override { return m_weights.borderSigma; }

protected:
    WeightOptions m_weights;
    ClassWeighting m_weighting;
};

/// (N, H, W) of mask logits (N, 1, H, W). Throws Error for another K.
torch::Tensor maskLogits(const torch::Tensor &logits);
/// float32, 1 where a pixel is not ignored.
torch::Tensor seen(const torch::Tensor &target);
/// float32, 1 where a pixel is foreground (any class but 0 and the ignore label).
torch::Tensor foreground(const torch::Tensor &target);

/// -(v y log p + (1 - y) log(1 - p)) per pixel, p = sigmoid(z); exact for large |z|.
torch::Tensor binaryCrossEntropy(const torch::Tensor &z, const torch::Tensor &y, double positiveWeight);

/// Soft Dice loss 1 - (2 sum p y + s) / (sum p + sum y + s) of p, y (N, ...), both 0 where ignored: over the batch, or the
/// mean over images. 0 where both sums are 0.
torch::Tensor softDice(const torch::Tensor &p, const torch::Tensor &y, double smooth, bool perImage);

} // namespace reticle
