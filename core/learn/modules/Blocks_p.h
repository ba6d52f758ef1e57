#pragma once

// What image modules are made of.

#include "learn/Module_p.h"
#include "learn/memory/LayerTrace_p.h"

#include <torch/torch.h>

namespace reticle {

enum class Normalization { None, Batch, Instance, Group };
Normalization normalizationFromName(const std::string &name); ///< none, batch, instance, group
/// Group normalization (Wu and He 2018) of (N, C, H, W) by 8 groups, or as many below as divide C; Instance: one group a
/// channel. gain and shift (C). In the type of x, channels-last. `module`: whose weights these are, for a LayerTrace.
torch::Tensor normalizeByGroups(const torch::Tensor &x, Normalization kind, const torch::Tensor &gain, const torch::Tensor &shift,
                                const torch::nn::Module *module = nullptr);

/// Convolution (zero padding, same size), then normalization, then leaky ReLU.
class ConvUnit : public torch::nn::Module
{
public:
    struct Options
    {
        std::int64_t in = 1, out = 1, kernel = 3, dilation = 1;
        Normalization normalization = Normalization::None;
        double slope = 0.1; ///< for negative values
        bool activation = true;
    };
    explicit ConvUnit(Options options);
    /// The last layer: a convolution with bias and nothing after it.
    static std::shared_ptr<ConvUnit> output(std::int64_t in, std::int64_t out, std::int64_t kernel = 1);
    torch::Tensor forward(const torch::Tensor &x);
    /// Whether the convolution has a bias: not before a normalization that takes the mean away again, where it would be
    /// a weight without a gradient.
    static bool hasBias(Normalization n) { return n == Normalization::None || n == Normalization::Group; }
    /// Number of weights, for a WidthFamily.
    static double count(const Options &options, double in, double out);

    torch::Tensor weight, bias, gain, shift; ///< bias, gain and shift may be undefined
    torch::Tensor runningMean, runningVar;   ///< of batch normalization

private:
    Options m_options;
};

/// Transposed convolution 2x2, stride 2: twice the size.
class UpConv : public torch::nn::Module
{
public:
    UpConv(std::int64_t in, std::int64_t out);
    torch::Tensor forward(const torch::Tensor &x);

    torch::Tensor weight, bias;
};

/// Transposed convolution 3 x 3, stride 2. Its whole result has 2 n + 1 rows and columns, of which the first (as PyTorch's
/// output padding does) or the last (as Lasagne's crop does) is dropped: twice the size.
class UpTransition : public torch::nn::Module
{
public:
    UpTransition(std::int64_t width, bool dropsFirst);
    torch::Tensor forward(const torch::Tensor &x);

    torch::Tensor weight, bias;

private:
    bool m_dropsFirst;
};

enum class Pooling { Average, Max };
torch::Tensor pool(const torch::Tensor &x, Pooling kind = Pooling::Average); ///< 2 x 2
/// Bilinear with half-pixel centers.
torch::Tensor upsample(const torch::Tensor &x, std::int64_t factor = 2);
/// Bilinear x2, then the channels of `skip` behind.
torch::Tensor upsampleAndJoin(const torch::Tensor &x, const torch::Tensor &skip);
torch::Tensor dropOut(const torch::Tensor &x, double rate, bool training);
torch::Tensor join(const std::vector<torch::Tensor> &parts); ///< by channels
torch::Tensor addSkip(const torch::Tensor &x, const torch::Tensor &skip);

/// The field of an architecture that can be built without some of its skip connections, `last` being the innermost that
/// there can be.
FieldSpec withoutSkipsField(std::int64_t last);
/// Of each of `count` skips, outermost first, whether it is there. Throws Error where one of `without` is not among them,
/// or is named twice.
std::vector<bool> keptSkips(const std::vector<std::int64_t> &without, std::int64_t count);
std::vector<std::string> skipNames(const std::vector<bool> &kept); ///< "skip 0", ... of those that are there

} // namespace reticle
