#pragma once

#include "figure/Figure.h"
#include "foundation/Error.h"
#include "foundation/Table.h"
#include "learn/memory/MemoryUse.h"
#include "project/Recipe.h"

#include <memory>

namespace reticle {

class Task;

/// A network as a training would make it, and the batch that it would see: of `task`, or where there is none of images.
struct ModelQuestion
{
    Json model;                  ///< the recipe's section
    Json objective;              ///< the recipe's section; null: one output for up to two classes, else one for each
    Json train = Json::object(); ///< the recipe's section; optimizer, averaging, precision and threads are looked at
    std::int64_t channels = 1;   ///< that the network sees, those of neighboring pages among them
    std::int64_t planes = 1;     ///< pages that a slice is seen with, 1 without neighbors
    std::int64_t classes = 2;
    std::int64_t outputs = 0; ///< 0: as many as the objective asks for
    std::int64_t height = 256, width = 256, batch = 1;
    /// Task::sketch: it has the objective, begins it and says channels, outputs and classes; the batch is its dummy batch of
    /// `batch` examples. Of images their size is still `height` and `width`. For one question only.
    std::shared_ptr<Task> task;
    bool small = false; ///< throw TooLargeForASession in place of taking more than a moment or a few hundred MB
};

/// A network that should be described by a process of its own.
class TooLargeForASession : public Error
{
public:
    TooLargeForASession() : Error(Kind::Failed, "model", "It is described by a process of its own.") {}
};

/// Layer by layer what a model is made of. Free of torch, for the worker's commands.
struct ModelDescription
{
    /// name, type, input, output (of one example, "3 x 32 x 32" or "64"), weights, trainable, MACs, bytes of the output
    /// ("activation"), bytes that the layer makes for the backward pass ("kept"); in order of execution of a forward pass in
    /// training, then a row "total". Rows that only copy (a mirrored border, another layout) are no layers and have neither
    /// weights nor MACs.
    Table layers;
    /// Step by step through a training step: part, layer, most that is alive and what is alive at its end (B), weights,
    /// optimizer, input and labels among it.
    Table step;
    MemoryUse memory;
    std::int64_t weights = 0, macs = 0, activationBytes = 0;
    std::vector<std::int64_t> widths;
    std::string summary;               ///< "U-Net, 488,417 weights, …"
    std::string precision = "float32"; ///< of the passes
    std::string noun = "image";        ///< what a batch has several of: "image", "example"
    std::vector<Figure> figures;       ///< weights and MACs of each block; memory along a training step

    /// Largest batch for each amount of memory; `named` is told first ("free now").
    Table fits(const std::vector<std::pair<std::string, std::int64_t>> &named = {}) const;
    /// All of it as an analysis would tell it.
    Result result(const std::vector<std::pair<std::string, std::int64_t>> &named = {}) const;
};

/// Measured on passes that take a few hundred MB beside the weights, whatever size is asked for, and of networks whose
/// smallest passes are large up to half of the memory that is free (ImagePasses_p.h, ExampleMemory_p.h); shapes, weights and MACs
/// are exact. On this processor: in float32 where it has no bfloat16. Throws Error, also where weights or passes would not fit.
ModelDescription describeModel(const ModelQuestion &question);
/// In float32, with Adam and averaging.
ModelDescription describeModel(const Json &model, std::int64_t channels, std::int64_t outputs, std::int64_t height,
                               std::int64_t width, std::int64_t batch = 1);

/// What is known of data besides their headers.
struct KnownEnds
{
    std::int64_t channels = 0; ///< of images, neighbors among them; 0: not known
    std::int64_t classes = 0;  ///< 0: not known
    bool ofModel = false;      ///< as a trained model has them: they count more than what the headers say
};

/// Channels and classes in the description that is kept with a model (model.json).
KnownEnds endsIn(const Json &description);

/// The network that the validated recipe for one run would train, from the headers of its data. Where these cannot be read,
/// networks of images are described with the channels that are known, as what is wrong with data is said when they are
/// trained. Throws Error where others cannot be described.
ModelQuestion questionOf(const Recipe &recipe, const KnownEnds &known = {});

/// Memory of this machine, and of its first GPU, that a training could take now: "free on this machine".
std::vector<std::pair<std::string, std::int64_t>> memoryOfThisMachine();

} // namespace reticle
