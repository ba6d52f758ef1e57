#pragma once

#include "foundation/Json.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace reticle {

/// What is remembered of a finished training: enough to say what one like it will do. No image, name or path is.
struct PastTraining
{
    std::string network;      ///< "unet"
    std::string model;        ///< digest of the recipe's section
    std::string recipe;       ///< digest of the recipe apart from training time, seed and fold
    std::string data;         ///< digest of the data section apart from the fold
    std::int64_t weights = 0; ///< 0 = not known, here and below
    std::int64_t crop = 0, batch = 0;
    std::int64_t channels = 0, classes = 0;
    std::string precision; ///< "float32" or "bfloat16"
    std::string machine;   ///< name of the processor or GPU, with the threads of a processor
    double minutes = 0;    ///< of work
    double budget = 0;     ///< train.minutes where that ended it; 0 = steps or epochs did
    std::int64_t steps = 0;
    double stepSeconds = 0; ///< of work by steps, validations and all
    std::string score;      ///< "dice" or "loss"
    double value = 0;       ///< of the weights that were kept
    std::string ended;      ///< ISO 8601, UTC

    Json toJson() const;
    /// Nothing for what is no such thing: a number that is not finite or of another sign, a text that is too long.
    static std::optional<PastTraining> fromJson(const Json &json);
};

/// The finished trainings of this user on this machine, in one small file that any number of processes may read and add to.
/// It serves estimates and nothing else: what cannot be read counts as empty, and what cannot be written is left.
class TrainingHistory
{
public:
    static constexpr std::size_t maximum = 400; ///< entries; the oldest go first
    static constexpr int version = 1;

    /// trainings.json in $RETICLE_STATE, $XDG_STATE_HOME/reticle or ~/.local/state/reticle, the first of these that is set;
    /// empty where none is.
    static std::filesystem::path usualFile();

    explicit TrainingHistory(std::filesystem::path file = usualFile()) : m_file(std::move(file)) {}
    /// Oldest first. Never throws.
    std::vector<PastTraining> read() const;
    /// Says whether it was written. Never throws, and waits no longer than a second for another process. A damaged file is
    /// replaced, that of a newer version left alone.
    bool add(const PastTraining &training) const;

private:
    struct Content
    {
        std::vector<PastTraining> entries;
        bool newer = false;
    };
    Content content() const;

    std::filesystem::path m_file;
};

} // namespace reticle
