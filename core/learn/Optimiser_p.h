#pragma once

#include "learn/Training.h"

#include <torch/torch.h>

namespace reticle {

/// All trainable values of a module as one flat float32 vector, with the optimiser's vectors beside it. Flat, because
/// nets of a few hundred thousand weights in forty tensors would spend their time in calls, not in sums; and because a
/// checkpoint is then a handful of tensors.
class Optimiser
{
public:
    /// `statistics`: what the module keeps besides its weights (the running means and variances of batch normalisation).
    /// They are averaged as the weights are: the mean of the weights with the statistics of the last ones fits neither.
    Optimiser(std::vector<torch::Tensor> parameters, const TrainOptions &options, std::vector<torch::Tensor> statistics = {});

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
    std::vector<torch::Tensor> m_parameters, m_statistics;
    TrainOptions m_options;
    std::int64_t m_steps = 0;
    torch::Tensor m_weights, m_first, m_second, m_average, m_statisticsAverage, m_taken;
};

} // namespace reticle
