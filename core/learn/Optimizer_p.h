#pragma once

#include "foundation/Registry.h"

#include <torch/torch.h>

#include <optional>

namespace reticle {

struct TrainOptions;

/// What one update of a stretch of the weights is told.
struct UpdateStep
{
    std::int64_t n = 1; ///< number of this update, from 1
    double rate = 1e-3; ///< learning rate
    double decay = 0;   ///< weight decay
};

/// How weights follow their gradients. A rule keeps nothing itself: its state lies beside the weights, in the optimizer.
/// For one thread.
class OptimizerRule
{
public:
    virtual ~OptimizerRule() = default;
    /// Names of the state's vectors, each as long as the weights and 0 at the start; they name tensors of a checkpoint.
    virtual std::vector<std::string> stateNames() const = 0;
    /// weights, gradient, each of `state` (in the order of stateNames()): (n) float32 of one device, views of the same
    /// stretch. The gradient may be written over. No more than one vector of that length may be taken beside: the forecast
    /// of memory counts on it.
    virtual void update(torch::Tensor weights, torch::Tensor gradient, std::vector<torch::Tensor> &state,
                        const UpdateStep &step) const = 0;
};

/// Throws Error where options that each are in their range do not go together.
using OptimizerFactory = std::function<std::shared_ptr<OptimizerRule>(const Json &options)>;

/// Throws Error naming what is known where the entry is not.
std::shared_ptr<OptimizerRule> makeOptimizerRule(const EntryOptions &chosen);
/// "AdamW", as tables call it.
std::string optimizerTitle(const EntryOptions &chosen);

struct OptimizerOptions
{
    EntryOptions rule = "adam";
    double weightDecay = 0;
    double gradientClip = 0; ///< largest length of the gradient of all weights; 0 = off
    double averaging = 0;    ///< decay of the weights' running mean; 0 = off
};

OptimizerOptions optimizerOptions(const TrainOptions &train);

/// Weights that are updated alike.
struct WeightGroup
{
    std::vector<torch::Tensor> parameters;
    double rate = 1;                   ///< times the learning rate of the step
    std::optional<double> weightDecay; ///< nothing = the optimizer's
};

/// All trainable values of a module as one flat float32 vector, with the optimizer's vectors beside it. Flat, because
/// nets of a few hundred thousand weights in forty tensors would spend their time in calls, not in sums; and because a
/// checkpoint is then a handful of tensors. Weights of a group lie together, and groups one behind another.
class Optimizer
{
public:
    /// `statistics`: what the module keeps besides its weights (the running means and variances of batch normalization).
    /// They are averaged as the weights are: the mean of the weights with the statistics of the last ones fits neither.
    Optimizer(std::vector<torch::Tensor> parameters, const OptimizerOptions &options, std::vector<torch::Tensor> statistics = {});
    Optimizer(std::vector<WeightGroup> groups, const OptimizerOptions &options, std::vector<torch::Tensor> statistics = {});

    /// One step from the parameters' gradients (absent = 0) at `learningRate`; the gradients are dropped. Returns the
    /// length of the gradient before clipping; where that is not finite nothing is changed.
    double step(double learningRate);

    /// The running mean of the weights, or the weights themselves without averaging.
    const torch::Tensor &averaged() const { return m_average.defined() ? m_average : m_weights; }
    const torch::Tensor &weights() const { return m_weights; }
    /// Puts averaged(), and the averaged statistics, into the module: to validate and to keep it.
    void showAveraged();
    /// Puts weights(), and the statistics that showAveraged() took out, back to train on.
    void showWeights();

    /// Everything to go on exactly.
    std::vector<std::pair<std::string, torch::Tensor>> state() const;
    /// Throws Error when the sizes are not this model's.
    void setState(const std::function<torch::Tensor(const std::string &)> &read);
    std::int64_t steps() const { return m_steps; }

private:
    struct Stretch
    {
        std::int64_t from = 0, count = 0;
        double rate = 1, decay = 0;
    };

    void update(const torch::Tensor &gradient, double learningRate);

    std::vector<torch::Tensor> m_parameters, m_statistics;
    std::vector<Stretch> m_stretches;
    OptimizerOptions m_options;
    std::shared_ptr<OptimizerRule> m_rule;
    std::vector<std::string> m_stateNames;
    std::int64_t m_steps = 0;
    torch::Tensor m_weights, m_average, m_statisticsAverage, m_taken;
    std::vector<torch::Tensor> m_state;
};

} // namespace reticle
