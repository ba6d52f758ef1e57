#include "learn/Models.h"

#include "learn/MemoryUse_p.h"
#include "learn/Module_p.h"
#include "learn/WidthBuilder.h"
#include "learn/modules/Blocks_p.h"

#include <limits>

namespace reticle {

namespace {

std::string shapeText(const std::vector<std::int64_t> &shape)
{
    std::string text;
    for (std::size_t i = 1; i < shape.size(); ++i)
        text += (i > 1 ? " \u00d7 " : "") + std::to_string(shape[i]);
    return text;
}

} // namespace

ModelDescription describeModel(const Json &model, std::int64_t channels, std::int64_t outputs, std::int64_t height,
                               std::int64_t width, std::int64_t batch)
{
    for (const auto &[name, value] : {std::pair{"channels", channels}, {"outputs", outputs}, {"height", height},
                                      {"width", width}, {"batch", batch}})
        if (value < 1)
            throw Error({name, "at least 1", std::to_string(value), {}});

    const auto module = makeModule(model, {channels, outputs});
    module->eval();
    LayerTrace trace;
    {
        torch::NoGradGuard guard;
        module->forward(torch::zeros({batch, channels, height, width}));
    }

    std::map<const torch::nn::Module *, std::string> names;
    for (const auto &item : module->named_modules())
        names[item.value().get()] = item.key();

    ModelDescription d;
    d.widths = module->widths();
    d.weights = countWeights(*module);
    std::vector<std::string> name, type, input, output;
    std::vector<std::int64_t> weights, trainable, macs, bytes;
    for (const auto &layer : trace.layers) {
        name.push_back(layer.module ? names[layer.module] : std::string());
        type.push_back(layer.type);
        input.push_back(shapeText(layer.input));
        output.push_back(shapeText(layer.output));
        trainable.push_back(layer.module ? countWeights(*layer.module) : 0);
        std::int64_t all = 0;
        if (layer.module)
            for (const auto &p : layer.module->parameters())
                all += p.numel();
        weights.push_back(all);
        macs.push_back(layer.macs);
        bytes.push_back(layer.bytes);
        d.macs += layer.macs;
        d.activationBytes += layer.bytes;
    }

    const auto &schema = Registry<ModuleFactory>::instance().get(model["name"].get<std::string>()).schema;
    const auto title = schema.title.substr(0, schema.title.find(':'));
    std::string list;
    for (const auto w : d.widths)
        list += (list.empty() ? "" : " ") + std::to_string(w);
    d.summary = title + ", " + withThousands(d.weights) + " weights, widths " + list + ", " + withThousands(d.macs) +
                " multiplications for " + std::to_string(batch) + " \u00d7 " + std::to_string(channels) + " \u00d7 " +
                std::to_string(height) + " \u00d7 " + std::to_string(width);
    d.layers.title = title;
    d.layers.columns = {{"name", "", name},           {"type", "", type},       {"input", "C \u00d7 H \u00d7 W", input},
                        {"output", "C \u00d7 H \u00d7 W", output}, {"weights", "", weights}, {"trainable", "", trainable}, {"MACs", "", macs},
                        {"activation", "B", bytes}};
    d.memory = measureMemory(*module, batch, channels, height, width);
    d.memory.simple = d.memory.weights + 2 * d.activationBytes + d.memory.input;
    return d;
}

} // namespace reticle
