#pragma once

#include "files/formats/TensorFile.h"

#include <optional>

namespace reticle {

/// Names of the files in a run's folder. Everything that reads or writes them asks here.
namespace modelfiles {
inline constexpr const char *model = "model.safetensors";
inline constexpr const char *description = "model.json"; ///< a copy of the model's description, to be read by people
inline constexpr const char *last = "last.safetensors";  ///< checkpoint
inline constexpr const char *previous = "previous.safetensors";
/// "version" of a model's description as it is written; 2: the running mean has the statistics of batches too.
inline constexpr int version = 2;
// Of versions before: archives of LibTorch, whose description was in model.json alone.
inline constexpr const char *oldModel = "model.pt";
inline constexpr const char *oldLast = "last.pt";
inline constexpr const char *oldPrevious = "previous.pt";
} // namespace modelfiles

/// A trained model as it is on disk: its weights, and as `info` its description (recipe, scaling, classes, widths).
struct TrainedModel
{
    std::filesystem::path path; ///< of the weights
    TensorFile file;
    std::int64_t elements() const; ///< of all arrays together
};

/// Whether the run's folder holds a model of either kind. Nothing is read.
bool hasModel(const std::filesystem::path &runFolder);

/// The run's model. Every byte is verified, numbers must be finite, and a model.json that belongs to the weights must say
/// what they say. An old model next to a new one is left over from before and passed over, but must be sound too.
/// Of a version up to modelfiles::version, or of none, as before there were versions. Throws Error naming the file at fault.
TrainedModel readModel(const std::filesystem::path &runFolder);

/// The description alone, verified like the whole. Throws Error.
Json readModelDescription(const std::filesystem::path &runFolder);

/// The task that a model learned, by its description or by the summary of its run: "task"; of runs of before, which do not
/// say it, "reconstruction" where the target was the image itself, else "segmentation". Never throws: what is not a name
/// comes back as its JSON text.
std::string taskOf(const Json &described);

/// Replaces the run's model in one step, then its readable copy model.json; an old model goes away. Killed at any moment,
/// the folder holds the model of before or this one. Throws Error (Kind::Failed).
void writeModel(const std::filesystem::path &runFolder, std::vector<TensorView> tensors, const Json &description);

/// The newest checkpoint; the one before it stays, unless that is damaged: then the whole one before that. Those of versions
/// before go away. Throws Error (Kind::Failed).
void keepCheckpoint(const std::filesystem::path &runFolder, std::vector<TensorView> tensors, const Json &info);

/// The newest checkpoint of the run that is whole: where it is an older one because of damage or a failing disk, `warning` says
/// so. Nothing where the run has none. Throws Error where none of those there can be read, ForeignFile where one is not
/// Reticle's.
std::optional<TensorFile> readCheckpoint(const std::filesystem::path &runFolder, std::string &warning);

} // namespace reticle
