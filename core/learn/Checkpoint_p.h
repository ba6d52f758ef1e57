#pragma once

#include "base/Json.h"

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace reticle {

/// Named tensors and a JSON document in one file: what training keeps on disk.
struct Checkpoint
{
    std::map<std::string, torch::Tensor> tensors;
    Json info = Json::object();

    const torch::Tensor &tensor(const std::string &name) const; ///< throws Error when absent
};

/// LibTorch's archive (the same in 1.13 and 2.x), followed by a checksum when `sealed`. Written beside, flushed and
/// renamed. Throws Error (Kind::Failed).
void writeCheckpoint(const std::filesystem::path &path, const Checkpoint &checkpoint, bool sealed);
/// Throws Error naming the file when it is absent, cut short or damaged.
Checkpoint readCheckpoint(const std::filesystem::path &path, bool sealed);

/// last.pt in `folder`; the one before it stays as previous.pt.
void keepLast(const std::filesystem::path &folder, const Checkpoint &checkpoint);
/// last.pt, or previous.pt where last.pt is damaged or missing (then `warning` says so); nothing where neither is there.
/// Throws Error when what is there cannot be read.
std::optional<Checkpoint> readLast(const std::filesystem::path &folder, std::string &warning);

/// The module's parameters and buffers by name, float32: model.pt.
void saveWeights(const std::filesystem::path &path, const torch::nn::Module &module, const Json &info);
/// Throws Error when the file is not this module's.
Json loadWeights(torch::nn::Module &module, const std::filesystem::path &path);

} // namespace reticle
