#pragma once

// Private to core/learn and core/analysis: the one place where modules show their tensors.

#include "foundation/Registry.h"

#include <torch/torch.h>

#include <functional>
#include <map>
#include <type_traits>

namespace reticle {

/// Tensors by what they are: "image", "target", "output". A batch has (N, …) of each.
using Tensors = std::map<std::string, torch::Tensor>;

/// What the data ask of a module.
struct ModuleShape
{
    std::int64_t channels = 1; ///< C of the input
    std::int64_t outputs = 1;  ///< K: 1 for a mask (sigmoid) or one per class (softmax)
};

/// A network from named tensors to named tensors, the main one "output". Deterministic given weights and, in training, the
/// torch generator. Weights and what comes out are float32; see MixedPrecision for the numbers in between. Its layers tell
/// a LayerTrace of themselves.
class Module : public torch::nn::Module
{
public:
    /// Looks at the tensors that it takes and passes over others. Throws Error where one is missing or refused.
    virtual Tensors run(const Tensors &in) = 0;
    /// Widths the builder chose, for the layer table's title.
    virtual std::vector<std::int64_t> widths() const { return {}; }
};

/// A network from images (N, C, H, W) float to logits (N, K, H, W) float32 of the same height and width. Any H, W >= 1:
/// forward pads by mirror to the next multiple and crops back.
class ImageModule : public Module
{
public:
    /// forward() of "image" as "output".
    Tensors run(const Tensors &in) final;
    torch::Tensor forward(const torch::Tensor &x);
    /// Sides that need no padding are multiples of this.
    virtual std::int64_t multiple() const = 0;
    /// Names of skip connections, outermost (full resolution) first; empty where there are none.
    virtual std::vector<std::string> skips() const { return {}; }
    /// Called, where set, on the tensor of skip `index` (N, C, H, W) and used in its place: for knock-out studies. The
    /// tensor is bfloat16 under MixedPrecision; what comes back may be of any floating type.
    std::function<torch::Tensor(int index, const torch::Tensor &)> skipHook;
    /// Whether images whose sides are no multiples are refused instead of padded.
    bool strictSize = false;
    /// Throws Error where strictSize refuses an image of this size.
    void requireSize(std::int64_t height, std::int64_t width) const;

protected:
    /// x: channels-last, sides multiples of multiple(), of type MixedPrecision::type().
    virtual torch::Tensor logits(const torch::Tensor &x) = 0;
    /// `x`, or what the hook makes of it.
    torch::Tensor skip(int index, const torch::Tensor &x) const;
};

/// While one lives, image modules on this thread compute in bfloat16: activations and a copy of the weights made at each
/// pass; statistics, sums, weights and logits stay float32. Without hardware for it (hasBfloat16) it does nothing.
/// To be used in place of autocast: around forward; the backward pass needs none.
class MixedPrecision
{
public:
    MixedPrecision(bool on, const torch::Device &device);
    ~MixedPrecision();
    MixedPrecision(const MixedPrecision &) = delete;
    MixedPrecision &operator=(const MixedPrecision &) = delete;

    static torch::ScalarType type();

private:
    torch::ScalarType m_before;
};

/// While one lives on this thread, modules of more weights are refused as they are made, before memory is taken for them.
class WeightLimit
{
public:
    explicit WeightLimit(std::int64_t maximum);
    ~WeightLimit();
    WeightLimit(const WeightLimit &) = delete;
    WeightLimit &operator=(const WeightLimit &) = delete;

private:
    friend torch::Tensor emptyWeights(torch::IntArrayRef shape);
    std::int64_t m_most, m_made = 0;
    WeightLimit *m_before;
};

/// Room for the weights of a layer, float32, not filled. Throws Error above a WeightLimit.
torch::Tensor emptyWeights(torch::IntArrayRef shape);

/// How the modules of one kind are made from validated options (the model section of a recipe), and what they take.
struct ModuleFactory
{
    using Make = std::function<std::shared_ptr<Module>(const Json &options, const ModuleShape &shape)>;

    template <class F>
    requires std::is_invocable_r_v<std::shared_ptr<Module>, F &, const Json &, const ModuleShape &>
    ModuleFactory(F make, std::string takes = "image") : make(std::move(make)), takes(std::move(takes))
    {
    }

    Make make;
    std::string takes; ///< name of the tensor that run() looks at first; of an ImageModule "image"
};

/// Builds and initializes with torch's global generator (seed it before). Weights of convolutions of images are
/// channels-last. Throws Error.
std::shared_ptr<Module> makeAnyModule(const Json &modelSection, ModuleShape shape);

/// The same of a network of images. Throws Error where the section names one of something else.
std::shared_ptr<ImageModule> makeModule(const Json &modelSection, ModuleShape shape);

/// `module` as one of images. Throws Error where it is none.
ImageModule &imageModule(Module &module);

/// Number of trainable values.
std::int64_t countWeights(const torch::nn::Module &module);

/// (N, C, H, W) with `before` and `after` rows and columns mirrored on (edge pixels not repeated). Any size, any amount.
torch::Tensor padByMirror(const torch::Tensor &x, std::int64_t top, std::int64_t bottom, std::int64_t left, std::int64_t right);

} // namespace reticle
