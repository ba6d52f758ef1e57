#include "learn/training/Checkpoint_p.h"

#include "learn/Tensors_p.h"

#include <set>

namespace reticle {

namespace fs = std::filesystem;

namespace {

/// Weights and states of training have no others.
DType typeOf(const torch::Tensor &t)
{
    switch (t.scalar_type()) {
    case torch::kUInt8: return DType::UInt8;
    case torch::kInt32: return DType::Int32;
    case torch::kInt64: return DType::Int64;
    case torch::kFloat64: return DType::Float64;
    default: break;
    }
    assert(t.scalar_type() == torch::kFloat);
    return DType::Float32;
}

/// Tensors on the host in C order, which stay alive with it, as they are written.
class Views
{
public:
    void add(const std::string &name, const torch::Tensor &tensor)
    {
        const auto &t = m_tensors.emplace_back(tensor.detach().to(torch::kCPU).contiguous());
        m_views.push_back({name, typeOf(t), t.sizes().vec(), {static_cast<const std::byte *>(t.data_ptr()), t.nbytes()}});
    }
    void add(const torch::nn::Module &module)
    {
        for (const auto &p : module.named_parameters())
            add(p.key(), p.value());
        for (const auto &b : module.named_buffers())
            add(b.key(), b.value());
    }
    const std::vector<TensorView> &views() const { return m_views; }

private:
    std::vector<torch::Tensor> m_tensors;
    std::vector<TensorView> m_views;
};

} // namespace

const torch::Tensor &Checkpoint::tensor(const std::string &name) const
{
    const auto it = tensors.find(name);
    if (it == tensors.end())
        throw Error(
            {"checkpoint", "the tensor \"" + name + "\"", "none", "it belongs to another recipe or version: start a new run"});
    return it->second;
}

void keepLast(const fs::path &folder, const Checkpoint &checkpoint)
{
    Views all;
    for (const auto &[name, tensor] : checkpoint.tensors)
        all.add(name, tensor);
    keepCheckpoint(folder, all.views(), checkpoint.info);
}

std::optional<Checkpoint> readLast(const fs::path &folder, std::string &warning)
{
    const auto file = readCheckpoint(folder, warning);
    if (!file)
        return std::nullopt;
    Checkpoint c;
    c.info = file->info;
    for (const auto &[name, array] : file->tensors)
        c.tensors[name] = tensorOf(array);
    return c;
}

void saveModel(const fs::path &folder, const torch::nn::Module &module, const Json &description)
{
    Views all;
    all.add(module);
    writeModel(folder, all.views(), description);
}

void loadModel(torch::nn::Module &module, const fs::path &folder)
{
    loadModel(module, readModel(folder));
}

void loadModel(torch::nn::Module &module, const TrainedModel &model)
{
    torch::NoGradGuard guard;
    std::set<std::string> left;
    for (const auto &[name, array] : model.file.tensors)
        left.insert(name);
    const auto refuse = [&](const std::string &name) {
        throw Error({model.path.string(), "the weights of this model", "others (at \"" + name + "\")",
                     "train the run again with this version"});
    };
    const auto take = [&](const std::string &name, torch::Tensor to) {
        const auto it = model.file.tensors.find(name);
        if (it == model.file.tensors.end() || it->second.shape() != to.sizes().vec() || it->second.dtype() != typeOf(to))
            refuse(name);
        to.copy_(tensorOf(it->second));
        left.erase(name);
    };
    for (const auto &p : module.named_parameters())
        take(p.key(), p.value());
    for (const auto &b : module.named_buffers())
        take(b.key(), b.value());
    if (!left.empty())
        refuse(*left.begin());
}

} // namespace reticle
