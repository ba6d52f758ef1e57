#pragma once

#include "classification/ClassificationScores.h"
#include "learn/Task_p.h"

#include <optional>

namespace reticle {

/// A class for each example, from one or more arrays of it: rows of a table, alignments, sequences. The data have a spec
/// "target" with the names of the classes, of one whole number, and at least one array beside it, of which the first is the
/// one whose first axis the network is made for: "features" (F). The network gives logits "output" (N, K). Probabilities are
/// the softmax of these, whatever the objective does.
class ClassificationTask : public Task
{
public:
    /// Throws Error: no target, fewer than 2 classes, no input, no training examples.
    explicit ClassificationTask(TaskInput input);

    const Dataset &data() const { return *m_data; }
    const std::vector<std::string> &classNames() const { return m_classNames; }

    ModuleShape shape() const override { return {m_channels, classes()}; }
    std::int64_t classes() const override { return static_cast<std::int64_t>(m_classNames.size()); }
    void checkData() const override;
    void checkCompatible(Module &module) const override;
    std::int64_t examples() const override { return static_cast<std::int64_t>(m_data->split().training.size()); }
    std::shared_ptr<const BatchSource> batches() const override;
    Tensors tensors(const Batch &batch, const torch::Device &device) const override;
    Tensors dummyBatch(std::int64_t n, double scale) const override;
    std::int64_t batchSize() const override { return m_train.batch; }
    std::string batchText() const override;
    bool has(const std::string &part) const override { return !partOf(part).empty(); }
    /// Of "validation" also "training-loss" and "training-accuracy", of at most `mostTraining` training examples that are
    /// evenly spaced.
    Evaluation evaluate(const EvaluationInput &input, const std::string &part) const override;
    /// The confusion matrix of the validation part, or where there is none of the training part.
    Json example(const EvaluationInput &input) const override;
    RunScores scores() const override;
    Json preparation() const override { return m_data->keptWithModel(); }
    Json description() const override;
    Json summary() const override { return m_data->summary(); }

    static constexpr std::int64_t mostTraining = 50000;

    /// The examples of "training", "validation", "test" or "all". Throws Error for another name.
    std::vector<std::int64_t> partOf(const std::string &part) const;

    /// The network's answer to one chunk of examples, in evaluation mode and without gradients.
    struct Answer
    {
        const Batch &batch;
        const Tensors &tensors; ///< on the device
        torch::Tensor logits;   ///< (N, K) float32 on the device
        Loss loss;
    };
    /// Hands out answers chunk by chunk, until `input.goOn` says no. Throws Error as the data do.
    void answers(const EvaluationInput &input, const std::vector<std::int64_t> &examples,
                 const std::function<void(const Answer &)> &take) const;

private:
    struct Seen;
    Seen see(const EvaluationInput &input, const std::string &part, std::int64_t maximum) const;
    void answer(const EvaluationInput &input, const Batch &batch, const std::function<void(const Answer &)> &take) const;
    std::int64_t chunkSize() const;
    std::string warningOf(const Seen &seen) const;
    std::string sameRows() const;

    const std::shared_ptr<Dataset> m_data;
    const TrainOptions m_train;
    const std::uint64_t m_seed;
    std::vector<ArraySpec> m_inputs; ///< of examples as they are: without -1
    std::vector<std::string> m_classNames;
    std::int64_t m_channels = 1;
    mutable std::optional<std::string> m_sameRows;
    mutable std::map<std::string, std::vector<Batch>> m_kept; ///< small parts as they are evaluated, again and again
};

/// (N, K) logits of a batch, in evaluation mode and without gradients; the network's mode is as before afterwards. Throws
/// Error where the network takes other data.
torch::Tensor logitsOf(Module &module, const Tensors &batch, bool half, const torch::Device &device);

/// Probabilities (rows, classes) of logits (N, K), appended to those that are there.
void append(ClassProbabilities &all, const torch::Tensor &logits);

} // namespace reticle
