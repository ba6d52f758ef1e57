#include "learn/memory/LayerTrace_p.h"

namespace reticle {

namespace {

thread_local LayerTrace *s_trace = nullptr;

} // namespace

LayerTrace::LayerTrace() : m_before(s_trace)
{
    s_trace = this;
}

LayerTrace::~LayerTrace()
{
    s_trace = m_before;
}

bool LayerTrace::active()
{
    return s_trace != nullptr;
}

void LayerTrace::note(const Layer &layer)
{
    if (!s_trace)
        return;
    TracedLayer t;
    t.module = layer.module;
    t.type = layer.type;
    t.input = layer.input.sizes().vec();
    t.output = layer.output.sizes().vec();
    for (const auto &part : layer.joined)
        t.joined.push_back(part.size(1));
    for (const auto &w : layer.weights)
        if (w.defined())
            t.weights.push_back(w);
    t.macs = layer.macs + layer.macsPerValue * layer.output.numel();
    t.bytes = layer.output.numel() * static_cast<std::int64_t>(layer.output.element_size());
    t.made = t.bytes + layer.spare * layer.output.numel();
    t.copies = layer.copies;
    s_trace->layers.push_back(std::move(t));
    if (s_trace->noted)
        s_trace->noted(s_trace->layers.size() - 1, layer.output);
}

void LayerTrace::noteCopy(const char *type, const torch::Tensor &input, const torch::Tensor &output)
{
    if (s_trace && !output.is_same(input) && output.data_ptr() != input.data_ptr())
        note({.type = type, .input = input, .output = output, .copies = true});
}

} // namespace reticle
