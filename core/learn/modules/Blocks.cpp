#include "learn/modules/Blocks_p.h"

#include "learn/modules/Kernels_p.h"

namespace reticle {

namespace {

thread_local LayerTrace *s_trace = nullptr;

torch::Tensor inTypeOf(const torch::Tensor &weight, const torch::Tensor &x)
{
    return !weight.defined() || weight.scalar_type() == x.scalar_type() ? weight : weight.to(x.scalar_type());
}

} // namespace

Normalisation normalisationFromName(const std::string &name)
{
    return name == "batch"      ? Normalisation::Batch
           : name == "instance" ? Normalisation::Instance
           : name == "group"    ? Normalisation::Group
                                : Normalisation::None;
}

torch::Tensor normaliseByGroups(const torch::Tensor &x, Normalisation kind, const torch::Tensor &gain, const torch::Tensor &shift)
{
    std::int64_t groups = kind == Normalisation::Instance ? x.size(1) : std::min<std::int64_t>(8, x.size(1));
    while (x.size(1) % groups)
        --groups;
    // In float32 and contiguous: LibTorch 1.13 gives wrong numbers for bfloat16 in channels-last.
    return torch::group_norm(x.to(torch::kFloat).contiguous(), groups, gain, shift, 1e-5, false)
        .to(x.scalar_type(), false, false, torch::MemoryFormat::ChannelsLast);
}

LayerTrace::LayerTrace() : m_before(s_trace)
{
    s_trace = this;
}

LayerTrace::~LayerTrace()
{
    s_trace = m_before;
}

void LayerTrace::note(const torch::nn::Module *module, const char *type, const torch::Tensor &input,
                      const torch::Tensor &output, std::int64_t macsPerOutput)
{
    if (!s_trace)
        return;
    TracedLayer layer;
    layer.module = module;
    layer.type = type;
    layer.input = input.sizes().vec();
    layer.output = output.sizes().vec();
    layer.macs = macsPerOutput * output.numel();
    layer.bytes = output.numel() * output.element_size();
    s_trace->layers.push_back(std::move(layer));
}

void LayerTrace::addMacs(std::int64_t macs)
{
    if (s_trace && !s_trace->layers.empty())
        s_trace->layers.back().macs += macs;
}

ConvUnit::ConvUnit(Options options) : m_options(options)
{
    weight = register_parameter("weight", torch::empty({options.out, options.in, options.kernel, options.kernel}));
    if (options.activation)
        torch::nn::init::kaiming_normal_(weight, options.slope, torch::kFanIn, torch::kLeakyReLU);
    else
        torch::nn::init::xavier_normal_(weight);
    if (hasBias(options.normalisation))
        bias = register_parameter("bias", torch::zeros({options.out}));
    if (options.normalisation != Normalisation::None) {
        gain = register_parameter("gain", torch::ones({options.out}));
        shift = register_parameter("shift", torch::zeros({options.out}));
    }
    if (options.normalisation == Normalisation::Batch) {
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
        static_cast<double>(options.kernel * options.kernel) * in * out + (hasBias(options.normalisation) ? out : 0);
    return convolution + (options.normalisation == Normalisation::None ? 0 : 2 * out);
}

torch::Tensor ConvUnit::forward(const torch::Tensor &x)
{
    const auto &o = m_options;
    const double slope = o.activation ? o.slope : 1;
    const auto w = inTypeOf(weight, x), b = inTypeOf(bias, x);
    torch::Tensor y;
    switch (o.normalisation) {
    case Normalisation::None: y = convolveAndActivate(x, w, b, slope, o.dilation); break;
    case Normalisation::Batch:
        y = is_training() ? normaliseAndActivate(convolveAndActivate(x, w, b, 1, o.dilation), gain, shift, runningMean,
                                                 runningVar, true, slope)
                          : convolveNormaliseActivate(x, w, gain, shift, runningMean, runningVar, slope, o.dilation);
        break;
    case Normalisation::Instance:
    case Normalisation::Group:
        y = normaliseByGroups(convolveAndActivate(x, w, b, 1, o.dilation), o.normalisation, gain, shift);
        if (o.activation)
            y = torch::leaky_relu_(y, slope);
        break;
    }
    LayerTrace::note(this, "convolution", x, y, o.kernel * o.kernel * o.in);
    return y;
}

UpConv::UpConv(std::int64_t in, std::int64_t out)
{
    weight = register_parameter("weight", torch::empty({in, out, 2, 2}));
    torch::nn::init::normal_(weight, 0, std::sqrt(2.0 / static_cast<double>(in)));
    bias = register_parameter("bias", torch::zeros({out}));
}

torch::Tensor UpConv::forward(const torch::Tensor &x)
{
    // As a 1 x 1 convolution to four times the channels: LibTorch 1.13 has no transposed one for bfloat16 in channels-last.
    const auto w = inTypeOf(weight, x).permute({1, 2, 3, 0}).reshape({weight.size(1) * 4, weight.size(0), 1, 1});
    auto y = torch::pixel_shuffle(torch::conv2d(x, w), 2).contiguous(torch::MemoryFormat::ChannelsLast);
    y = y + inTypeOf(bias, x).view({1, -1, 1, 1});
    LayerTrace::note(this, "transposed convolution", x, y, x.size(1));
    return y;
}

torch::Tensor pool(const torch::Tensor &x, Pooling kind)
{
    auto y = kind == Pooling::Average ? torch::avg_pool2d(x, 2) : torch::max_pool2d(x, 2);
    LayerTrace::note(nullptr, kind == Pooling::Average ? "average pool" : "maximum pool", x, y, 0);
    return y;
}

torch::Tensor upsample(const torch::Tensor &x, std::int64_t factor)
{
    auto y = factor == 2 ? doubleAndJoin(x, {}) : torch::upsample_bilinear2d(x, {x.size(2) * factor, x.size(3) * factor}, false);
    LayerTrace::note(nullptr, "bilinear", x, y, 0);
    return y;
}

torch::Tensor upsampleAndJoin(const torch::Tensor &x, const torch::Tensor &skip)
{
    auto y = doubleAndJoin(x, skip);
    LayerTrace::note(nullptr, "bilinear, joined with skip", x, y, 0);
    return y;
}

torch::Tensor dropOut(const torch::Tensor &x, double rate, bool training)
{
    if (rate == 0)
        return x;
    auto y = torch::dropout(x, rate, training);
    LayerTrace::note(nullptr, "dropout", x, y, 0);
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
                         known ? "each skip once"
                         : count > 1
                             ? "skips from 0 to " + std::to_string(count - 1) + ", as many as the resolution is halved"
                             : "skip 0, the only one",
                         std::to_string(i) + (known ? " twice" : ""), {}});
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
