#include "learn/modules/Blocks_p.h"

#include "learn/modules/Kernels_p.h"

namespace reticle {

namespace {

torch::Tensor inTypeOf(const torch::Tensor &weight, const torch::Tensor &x)
{
    return !weight.defined() || weight.scalar_type() == x.scalar_type() ? weight : weight.to(x.scalar_type());
}

} // namespace

Normalization normalizationFromName(const std::string &name)
{
    return name == "batch"      ? Normalization::Batch
           : name == "instance" ? Normalization::Instance
           : name == "group"    ? Normalization::Group
                                : Normalization::None;
}

torch::Tensor normalizeByGroups(const torch::Tensor &x, Normalization kind, const torch::Tensor &gain, const torch::Tensor &shift,
                                const torch::nn::Module *module)
{
    std::int64_t groups = kind == Normalization::Instance ? x.size(1) : std::min<std::int64_t>(8, x.size(1));
    while (x.size(1) % groups)
        --groups;
    // In float32 and contiguous: LibTorch 1.13 gives wrong numbers for bfloat16 in channels-last.
    const auto whole = x.to(torch::kFloat);
    LayerTrace::noteCopy("copy in float32", x, whole);
    const auto planes = whole.contiguous();
    LayerTrace::noteCopy("copy channel by channel", whole, planes);
    const auto y = torch::group_norm(planes, groups, gain, shift, 1e-5, false);
    LayerTrace::note({.module = module,
                      .type = kind == Normalization::Instance ? "instance normalization" : "group normalization",
                      .input = planes,
                      .output = y,
                      .weights = {gain, shift}});
    const auto z = y.to(x.scalar_type(), false, false, torch::MemoryFormat::ChannelsLast);
    LayerTrace::noteCopy("copy pixel by pixel", y, z);
    return z;
}

ConvUnit::ConvUnit(Options options) : m_options(options)
{
    weight = register_parameter("weight", emptyWeights({options.out, options.in, options.kernel, options.kernel}));
    if (options.activation)
        torch::nn::init::kaiming_normal_(weight, options.slope, torch::kFanIn, torch::kLeakyReLU);
    else
        torch::nn::init::xavier_normal_(weight);
    if (hasBias(options.normalization))
        bias = register_parameter("bias", torch::zeros({options.out}));
    if (options.normalization != Normalization::None) {
        gain = register_parameter("gain", torch::ones({options.out}));
        shift = register_parameter("shift", torch::zeros({options.out}));
    }
    if (options.normalization == Normalization::Batch) {
        runningMean = register_buffer("running_mean", torch::zeros({options.out}));
        runningVar = register_buffer("running_var", torch::ones({options.out}));
    }
}

std::shared_ptr<ConvUnit> ConvUnit::output(std::int64_t in, std::int64_t out, std::int64_t kernel)
{
    Options options;
    options.in = in;
    options.out = out;
    options.kernel = kernel;
    options.activation = false;
    return std::make_shared<ConvUnit>(options);
}

double ConvUnit::count(const Options &options, double in, double out)
{
    const double convolution =
        static_cast<double>(options.kernel * options.kernel) * in * out + (hasBias(options.normalization) ? out : 0);
    return convolution + (options.normalization == Normalization::None ? 0 : 2 * out);
}

torch::Tensor ConvUnit::forward(const torch::Tensor &x)
{
    const auto &o = m_options;
    const double slope = o.activation ? o.slope : 1;
    const auto w = inTypeOf(weight, x), b = inTypeOf(bias, x);
    const auto noteConvolution = [&](const torch::Tensor &y, std::vector<torch::Tensor> weights) {
        LayerTrace::note({.module = this,
                          .type = "convolution",
                          .input = x,
                          .output = y,
                          .macsPerValue = o.kernel * o.kernel * o.in,
                          .weights = std::move(weights)});
    };
    torch::Tensor y;
    switch (o.normalization) {
    case Normalization::None:
        y = convolveAndActivate(x, w, b, slope, o.dilation);
        noteConvolution(y, {weight, bias});
        break;
    case Normalization::Batch:
        if (is_training()) {
            const auto z = convolveAndActivate(x, w, b, 1, o.dilation);
            noteConvolution(z, {weight, bias});
            y = normalizeAndActivate(z, gain, shift, runningMean, runningVar, true, slope);
            LayerTrace::note({.module = this, .type = "batch normalization", .input = z, .output = y, .weights = {gain, shift}});
        } else {
            y = convolveNormalizeActivate(x, w, gain, shift, runningMean, runningVar, slope, o.dilation);
            noteConvolution(y, {weight, bias, gain, shift});
        }
        break;
    case Normalization::Instance:
    case Normalization::Group:
        y = convolveAndActivate(x, w, b, 1, o.dilation);
        noteConvolution(y, {weight, bias});
        y = normalizeByGroups(y, o.normalization, gain, shift, this);
        if (o.activation)
            y = torch::leaky_relu_(y, slope);
        break;
    }
    return y;
}

UpConv::UpConv(std::int64_t in, std::int64_t out)
{
    weight = register_parameter("weight", emptyWeights({in, out, 2, 2}));
    torch::nn::init::normal_(weight, 0, std::sqrt(2.0 / static_cast<double>(in)));
    bias = register_parameter("bias", torch::zeros({out}));
}

torch::Tensor UpConv::forward(const torch::Tensor &x)
{
    // As a 1 x 1 convolution to four times the channels: LibTorch 1.13 has no transposed one for bfloat16 in channels-last.
    const auto w = inTypeOf(weight, x).permute({1, 2, 3, 0}).reshape({weight.size(1) * 4, weight.size(0), 1, 1});
    auto y = torch::pixel_shuffle(torch::conv2d(x, w), 2).contiguous(torch::MemoryFormat::ChannelsLast);
    y = y + inTypeOf(bias, x).view({1, -1, 1, 1});
    // The convolution's result, its pixels in their places, and the sum with the bias.
    LayerTrace::note({.module = this,
                      .type = "transposed convolution",
                      .input = x,
                      .output = y,
                      .macsPerValue = x.size(1),
                      .spare = 2 * static_cast<std::int64_t>(y.element_size()),
                      .weights = {weight, bias}});
    return y;
}

UpTransition::UpTransition(std::int64_t width, bool dropsFirst) : m_dropsFirst(dropsFirst)
{
    weight = register_parameter("weight", emptyWeights({width, width, 3, 3}));
    torch::nn::init::kaiming_uniform_(weight, 0, torch::kFanIn, torch::kReLU);
    bias = register_parameter("bias", torch::zeros({width}));
}

torch::Tensor UpTransition::forward(const torch::Tensor &x)
{
    // LibTorch 1.13 has no transposed convolution for bfloat16 in channels-last.
    const auto input = x.is_cpu() ? x.to(torch::kFloat) : x;
    const auto w = weight.to(input.scalar_type()), b = bias.to(input.scalar_type());
    auto y = m_dropsFirst ? torch::conv_transpose2d(input, w, b, 2, 1, 1)
                          : torch::conv_transpose2d(input, w, b, 2).narrow(2, 0, 2 * x.size(2)).narrow(3, 0, 2 * x.size(3));
    y = y.to(x.scalar_type(), false, false, torch::MemoryFormat::ChannelsLast);
    // Each input pixel meets all nine taps once, so a quarter of them for each output pixel.
    LayerTrace::note({.module = this,
                      .type = "transposed convolution",
                      .input = x,
                      .output = y,
                      .macs = 9 * x.size(1) * x.numel(),
                      .spare = 5, // the input, a quarter as large, and the result in LibTorch's own layout, float32
                      .weights = {weight, bias}});
    return y;
}

torch::Tensor pool(const torch::Tensor &x, Pooling kind)
{
    const bool maximum = kind == Pooling::Max;
    auto y = maximum ? torch::max_pool2d(x, 2) : torch::avg_pool2d(x, 2);
    // Beside the maximum stands where it was.
    LayerTrace::note({.type = maximum ? "maximum pool" : "average pool", .input = x, .output = y, .spare = maximum ? 8 : 0});
    return y;
}

torch::Tensor upsample(const torch::Tensor &x, std::int64_t factor)
{
    auto y = factor == 2 ? doubleAndJoin(x, {}) : torch::upsample_bilinear2d(x, {x.size(2) * factor, x.size(3) * factor}, false);
    LayerTrace::note({.type = "bilinear", .input = x, .output = y});
    return y;
}

torch::Tensor upsampleAndJoin(const torch::Tensor &x, const torch::Tensor &skip)
{
    auto y = doubleAndJoin(x, skip);
    LayerTrace::note({.type = "bilinear, joined with skip", .input = x, .output = y});
    return y;
}

torch::Tensor dropOut(const torch::Tensor &x, double rate, bool training)
{
    if (rate == 0 || !training)
        return x;
    auto y = torch::dropout(x, rate, true);
    // Beside the product stands the mask.
    LayerTrace::note({.type = "dropout", .input = x, .output = y, .spare = static_cast<std::int64_t>(y.element_size())});
    return y;
}

torch::Tensor join(const std::vector<torch::Tensor> &parts)
{
    auto y = torch::cat(parts, 1);
    LayerTrace::note({.type = "join", .input = parts.front(), .output = y, .joined = parts});
    return y;
}

torch::Tensor addSkip(const torch::Tensor &x, const torch::Tensor &skip)
{
    auto y = x + skip;
    LayerTrace::note({.type = "sum with skip", .input = x, .output = y});
    return y;
}

FieldSpec withoutSkipsField(std::int64_t last)
{
    return {.name = "without-skips",
            .help = "Skip connections that are left out, 0 being the one of full resolution: there the decoder sees only "
                    "what comes from below",
            .min = 0,
            .max = static_cast<double>(last),
            .advanced = true};
}

std::vector<bool> keptSkips(const std::vector<std::int64_t> &without, std::int64_t count)
{
    std::vector<bool> kept(static_cast<std::size_t>(count), true);
    for (const auto i : without) {
        const bool known = i >= 0 && i < count;
        if (!known || !kept[static_cast<std::size_t>(i)])
            throw Error({"model.without-skips",
                         known       ? "each skip once"
                         : count > 1 ? "skips from 0 to " + std::to_string(count - 1) + ", as many as the resolution is halved"
                                     : "skip 0, the only one",
                         std::to_string(i) + (known ? " twice" : ""),
                         {}});
        kept[static_cast<std::size_t>(i)] = false;
    }
    return kept;
}

std::vector<std::string> skipNames(const std::vector<bool> &kept)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kept.size(); ++i)
        if (kept[i])
            names.push_back("skip " + std::to_string(i));
    return names;
}

} // namespace reticle
