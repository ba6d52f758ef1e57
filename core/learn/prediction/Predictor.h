#pragma once

#include "foundation/Json.h"
#include "learn/prediction/PredictOptions.h"
#include "protocol/Event.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

/// Description of the model in a run's folder (project/ModelFiles.h): recipe, preparation of the data, task, weights.
/// Throws Error.
Json modelDescription(const std::filesystem::path &runFolder);

/// What a network makes of each pixel of an image.
enum class PixelOutput {
    None,    ///< nothing: it is no network for images, or one with another kind of answer
    Classes, ///< the probability of each class
    Values   ///< numbers in the units of the input, one for each channel: an autoencoder
};

/// By the task of a model's description or of a run's summary (taskOf). Throws Error where the task is unknown.
PixelOutput pixelOutputOf(const Json &described);

/// A trained model, ready to predict. One object is for one thread.
class Predictor
{
public:
    /// Of the run in this folder, by the task that its model.json says. Throws Error.
    static std::unique_ptr<Predictor> open(const std::filesystem::path &runFolder, const PredictOptions &options);

    Predictor() = default;
    virtual ~Predictor();
    Predictor(const Predictor &) = delete;
    Predictor &operator=(const Predictor &) = delete;

    virtual Json metadata() const = 0; ///< modelDescription()
    /// Sentences about what the predictions so far did not do as asked, each once. A prediction of files also emits them as
    /// warnings.
    virtual const std::vector<std::string> &notes() const = 0;
    /// A file (or folder) to one in the format and place that the name asks for. Throws Error; nothing has been written then.
    virtual void predictFile(const std::filesystem::path &input, const std::filesystem::path &output, EventSink &events,
                             RunControl &control) = 0;
};

} // namespace reticle
