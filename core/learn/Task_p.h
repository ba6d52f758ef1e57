#pragma once

#include "data/Batch.h"
#include "learn/Objective_p.h"
#include "learn/TrainOptions.h"
#include "learn/prediction/Predictor.h"
#include "protocol/RunScores.h"

#include <limits>

namespace reticle {

struct StepSettings;

/// A network to be judged, and how its numbers are computed.
struct EvaluationInput
{
    Module &module;    ///< its mode is as before afterwards
    bool half = false; ///< MixedPrecision
    torch::Device device{torch::kCPU};
    std::int64_t tile = 0;                            ///< MemoryPlan::tile
    std::function<bool()> goOn = [] { return true; }; ///< false ends early with what was seen
};

/// What an evaluation found.
struct Evaluation
{
    double loss = std::numeric_limits<double>::quiet_NaN();
    std::vector<std::pair<std::string, double>> scores; ///< by the names of Task::scores(), then parts of the loss
    /// What chooses the weights to keep, the highest; NaN: the lowest loss does.
    double selection = std::numeric_limits<double>::quiet_NaN();
    std::string warning; ///< a sentence that a person is told once; mostly empty
};

/// How a training fits into the memory that is free.
struct MemoryPlan
{
    std::int64_t tile = 0;  ///< side of the tiles that an evaluation goes by; 0: whole examples
    std::int64_t ahead = 4; ///< batches that are made ahead
    std::string note;       ///< a sentence about what was made smaller; mostly empty
};

/// One way of learning from data: all that a training must not know. Made for one recipe with its data open; for one thread,
/// but for the batches.
class Task
{
public:
    /// By the objective's task. Throws Error where the data cannot serve it. Reads no more than opening the data has read,
    /// and the counts of classes where there are labels.
    static std::shared_ptr<Task> create(const Recipe &recipe, std::shared_ptr<Dataset> data);

    /// Where only the headers of the data are known (DataKind::probe): answers shape(), classes(), batchSize(), dummyBatch(),
    /// description() and the objective, and nothing else. Throws Error as create() does, and of a task that needs its data.
    static std::shared_ptr<Task> sketch(const Recipe &recipe, const std::vector<ArraySpec> &specs);

    explicit Task(std::shared_ptr<Objective> objective) : m_objective(std::move(objective)) {}
    virtual ~Task() = default;
    Task(const Task &) = delete;
    Task &operator=(const Task &) = delete;

    Objective &objective() const { return *m_objective; }
    const std::shared_ptr<Objective> &sharedObjective() const { return m_objective; }

    /// What the data ask of a network.
    virtual ModuleShape shape() const = 0;
    /// Classes that examples are of; 0 where they are of none.
    virtual std::int64_t classes() const { return 0; }
    /// Throws Error where examples cannot be learned from, with the first at fault. Reads them.
    virtual void checkData() const {}
    /// Throws Error where the network cannot take what training or evaluation will hand it. Told before the first step.
    virtual void checkCompatible(Module &module) const = 0;

    virtual std::int64_t examples() const = 0; ///< of the training part
    virtual double range() const { return 1; } ///< what scaled values span (TrainingFacts)
    /// Of the training part. The task outlives them.
    virtual std::shared_ptr<const BatchSource> batches() const = 0;
    /// Whether making batches reads no file, once each example has been asked for.
    virtual bool batchesFromMemory() const { return true; }
    /// A batch on the device, as objective and network take it. By default each array by its name, whole numbers as int64.
    virtual Tensors tensors(const Batch &batch, const torch::Device &device) const;
    /// Zeros as tensors() makes them of `n` examples. Where examples have sides, these are `scale` times as long.
    virtual Tensors dummyBatch(std::int64_t n, double scale = 1) const = 0;
    /// Examples of one step.
    virtual std::int64_t batchSize() const = 0;
    /// "4 crops of 256 px", and the settings that make them fewer or smaller.
    virtual std::string batchText() const = 0;
    virtual std::vector<std::string> waysToSmallerBatches() const { return {"train.batch"}; }
    /// How training and evaluation fit into `free` bytes; by default planExamples() (memory/ExampleMemory_p.h). Throws Error
    /// (Kind::Failed) where they do not, with what would. `proves`: a step is also taken in float32 (PrecisionCheck_p.h).
    /// Weights, buffers, gradients, mode and random state are as before afterwards.
    virtual MemoryPlan planMemory(Module &module, const StepSettings &settings, bool proves, std::int64_t free) const;

    /// Whether "validation" or "test" has examples.
    virtual bool has(const std::string &part) const = 0;
    virtual Evaluation evaluate(const EvaluationInput &input, const std::string &part) const = 0;
    /// What a training shows of itself every few seconds, the data of an event: {"images": …} or {"figure": …}; null where
    /// there is nothing to show.
    virtual Json example(const EvaluationInput &) const { return {}; }
    /// What the scores of evaluate() are called.
    virtual RunScores scores() const = 0;

    /// Into model.json: first what the data have fitted (Dataset::keptWithModel), then what the network's ends are.
    virtual Json preparation() const { return Json::object(); }
    virtual Json description() const = 0;
    /// Into a run's summary, beside the numbers of the training itself.
    virtual Json summary() const { return Json::object(); }

private:
    std::shared_ptr<Objective> m_objective;
};

/// What a task is made from.
struct TaskInput
{
    const Recipe &recipe; ///< validated
    std::shared_ptr<Dataset> data;
    std::shared_ptr<Objective> objective;
};

/// One way of learning, registered at the end of its file: `const Registration<TaskKind> t(taskInfo("name", …), {make,
/// predictor});`
struct TaskKind
{
    std::function<std::shared_ptr<Task>(TaskInput input)> make;
    /// Of a run's folder. Throws Error. Absent where there is nothing to predict for a file.
    std::function<std::unique_ptr<Predictor>(const std::filesystem::path &runFolder, const PredictOptions &options)> predictor =
        {};
    PixelOutput pixels = PixelOutput::None; ///< not None: models predict through an ImagePredictor
    /// Task::sketch() of a validated recipe. Sizes of -1 in the specs are not known. Categories may be names that stand for
    /// how many there are. Absent: networks for this task are not described before they are trained.
    std::function<std::shared_ptr<Task>(const Recipe &recipe, const std::vector<ArraySpec> &specs)> sketch = {};
};

/// The entry of a task in its registry; it has no settings of its own.
SchemaInfo taskInfo(const std::string &name, const std::string &title, const std::string &description);

/// "a, b or c"
std::string orList(const std::vector<std::string> &names);

} // namespace reticle
