#include "learn/Module_p.h"

#include "learn/TooManyWeights_p.h"
#include "learn/TorchCompat_p.h"
#include "learn/memory/LayerTrace_p.h"

#include <fmt/format.h>

namespace reticle {

namespace {

thread_local torch::ScalarType s_type = torch::kFloat;
thread_local WeightLimit *s_limit = nullptr;

/// Index i of a mirrored axis of length n, for any i: 2 1 | 0 1 2 3 | 2 1 0 1 ...
std::int64_t mirrored(std::int64_t i, std::int64_t n)
{
    if (n == 1)
        return 0;
    const auto period = 2 * (n - 1);
    i = ((i % period) + period) % period;
    return i < n ? i : period - i;
}

torch::Tensor mirrorAxis(const torch::Tensor &x, int axis, std::int64_t before, std::int64_t after)
{
    if (before == 0 && after == 0)
        return x;
    const auto n = x.size(axis);
    std::vector<std::int64_t> index;
    for (std::int64_t i = -before; i < n + after; ++i)
        index.push_back(mirrored(i, n));
    auto y = x.index_select(axis, torch::tensor(index, torch::kLong).to(x.device()));
    LayerTrace::noteCopy(axis == 2 ? "rows mirrored on" : "columns mirrored on", x, y);
    return y;
}

} // namespace

WeightLimit::WeightLimit(std::int64_t maximum) : m_most(maximum), m_before(s_limit)
{
    s_limit = this;
}

WeightLimit::~WeightLimit()
{
    s_limit = m_before;
}

torch::Tensor emptyWeights(torch::IntArrayRef shape)
{
    if (s_limit) {
        double n = 1;
        for (const auto d : shape)
            n *= static_cast<double>(d);
        if (static_cast<double>(s_limit->m_made) + n > static_cast<double>(s_limit->m_most))
            throw TooManyWeights({"model",
                                  fmt::format("at most {:.3g} million weights in the memory that is free here",
                                              static_cast<double>(s_limit->m_most) / 1e6),
                                  "more", "choose narrower or fewer layers"});
        s_limit->m_made += static_cast<std::int64_t>(n);
    }
    return torch::empty(shape);
}

MixedPrecision::MixedPrecision(bool on, const torch::Device &device) : m_before(s_type)
{
    s_type = on && hasBfloat16(device) ? torch::kBFloat16 : torch::kFloat;
}

MixedPrecision::~MixedPrecision()
{
    s_type = m_before;
}

torch::ScalarType MixedPrecision::type()
{
    return s_type;
}

torch::Tensor padByMirror(const torch::Tensor &x, std::int64_t top, std::int64_t bottom, std::int64_t left, std::int64_t right)
{
    return mirrorAxis(mirrorAxis(x, 2, top, bottom), 3, left, right);
}

Tensors ImageModule::run(const Tensors &in)
{
    const auto image = in.find("image");
    if (image == in.end())
        throw Error({"model", "a batch with images", "one without", "choose a model for these data"});
    return {{"output", forward(image->second)}};
}

torch::Tensor ImageModule::forward(const torch::Tensor &x)
{
    TORCH_CHECK(x.dim() == 4 && x.numel() > 0, "an image module expects (N, C, H, W) with no empty side");
    const auto m = multiple();
    const auto height = x.size(2), width = x.size(3);
    const auto rows = (m - height % m) % m, columns = (m - width % m) % m;
    requireSize(height, width);
    auto y = padByMirror(x, rows / 2, rows - rows / 2, columns / 2, columns - columns / 2);

    // With one channel "contiguous" is true of both layouts, and convolutions would choose the wrong one by its strides.
    auto input = torch::empty(y.sizes(), y.options().dtype(MixedPrecision::type()), torch::MemoryFormat::ChannelsLast);
    input = y.requires_grad() ? y.to(MixedPrecision::type()).contiguous(torch::MemoryFormat::ChannelsLast) : input.copy_(y);
    LayerTrace::noteCopy("input", y, input);
    auto z = logits(input);
    if (rows || columns)
        z = z.narrow(2, rows / 2, height).narrow(3, columns / 2, width);
    auto result = z.to(torch::kFloat);
    LayerTrace::noteCopy("output in float32", z, result);
    return result;
}

void ImageModule::requireSize(std::int64_t height, std::int64_t width) const
{
    for (const auto &[name, side] : {std::pair{"height", height}, {"width", width}})
        if (strictSize && side % multiple() != 0)
            throw Error(Error::Kind::Input, "model.strict-size",
                        fmt::format("{} {} is not a multiple of {}: turn strict-size off to have the border mirrored on.", name,
                                    side, multiple()));
}

torch::Tensor ImageModule::skip(int index, const torch::Tensor &x) const
{
    return skipHook ? skipHook(index, x).to(x.scalar_type()) : x;
}

std::shared_ptr<Module> makeAnyModule(const Json &modelSection, ModuleShape shape)
{
    if (!modelSection.is_object() || !modelSection.contains("name") || !modelSection["name"].is_string())
        throw Error({"model", "a name such as \"unet\"", "none", {}});
    const auto &entry = Registry<ModuleFactory>::instance().get(modelSection["name"].get<std::string>(), "model.name");
    auto module = entry.factory.make(entry.schema.validate(modelSection, "model"), shape);
    torch::NoGradGuard guard;
    for (auto &p : module->parameters())
        if (p.dim() == 4)
            p.set_data(p.contiguous(torch::MemoryFormat::ChannelsLast));
    return module;
}

std::shared_ptr<ImageModule> makeModule(const Json &modelSection, ModuleShape shape)
{
    const auto module = makeAnyModule(modelSection, shape);
    if (const auto image = std::dynamic_pointer_cast<ImageModule>(module))
        return image;
    const auto name = modelSection["name"].get<std::string>();
    throw Error({"model.name", "a model of images",
                 "\"" + name + "\", which takes " + Registry<ModuleFactory>::instance().get(name).factory.takes,
                 "choose a model for these data"});
}

ImageModule &imageModule(Module &module)
{
    if (auto *image = dynamic_cast<ImageModule *>(&module))
        return *image;
    throw Error({"model", "a network of images", "one of something else", "choose a model for these data"});
}

std::int64_t countWeights(const torch::nn::Module &module)
{
    std::int64_t n = 0;
    for (const auto &p : module.parameters())
        if (p.requires_grad())
            n += p.numel();
    return n;
}

} // namespace reticle
