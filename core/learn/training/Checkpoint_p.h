#pragma once

#include "project/ModelFiles.h"

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace reticle {

/// Named tensors and a JSON document: what a run needs to continue exactly.
struct Checkpoint
{
    std::map<std::string, torch::Tensor> tensors;
    Json info = Json::object();

    const torch::Tensor &tensor(const std::string &name) const; ///< throws Error when absent
};

/// The run's newest checkpoint in its folder; see project/ModelFiles.h for the files.
void keepLast(const std::filesystem::path &folder, const Checkpoint &checkpoint);
/// That checkpoint, or the one before it where it is damaged or missing (then `warning` says so); nothing where neither is
/// there. Throws Error when what is there cannot be read.
std::optional<Checkpoint> readLast(const std::filesystem::path &folder, std::string &warning);

/// The module's parameters and buffers by name with `description`: the run's model.
void saveModel(const std::filesystem::path &folder, const torch::nn::Module &module, const Json &description);
/// Into a module of the same shapes. Throws Error when the model in `folder` is damaged or another module's.
void loadModel(torch::nn::Module &module, const std::filesystem::path &folder);
/// The same of a model that was read before.
void loadModel(torch::nn::Module &module, const TrainedModel &model);

} // namespace reticle
