#pragma once

#include "foundation/Random.h"
#include "learn/Module_p.h"

namespace reticle {

/// Where a step stands in its training, and what its numbers are computed in.
struct StepPlace
{
    std::int64_t step = 0;             ///< steps before this one
    double progress = 0;               ///< part of the training that is done, 0..1
    double epoch = 0;                  ///< passes over the data, with fractions
    std::uint64_t seed = 0;            ///< of the training
    bool half = false;                 ///< MixedPrecision
    torch::Device device{torch::kCPU}; ///< of the networks and the batch
};

/// A training step as an objective sees it. For one thread; module and batch are borrowed.
class StepContext
{
public:
    StepContext(Module &module, const Tensors &batch, const StepPlace &place)
        : module(module), batch(batch), step(place.step), progress(place.progress), epoch(place.epoch),
          random(Random::of(place.seed ^ 0x57e9c0de5ULL, static_cast<std::uint64_t>(place.step))), m_half(place.half),
          m_device(place.device)
    {
    }
    virtual ~StepContext() = default;
    StepContext(const StepContext &) = delete;
    StepContext &operator=(const StepContext &) = delete;

    Module &module;
    const Tensors &batch; ///< on the device
    const std::int64_t step;
    const double progress, epoch;
    /// Of seed and step alone, so that a resumed training draws the same: for factors of mixtures, permutations.
    Random random;

    /// The network's forward pass under the training's precision. Steps forward in no other way: what they run is counted
    /// where memory is forecast.
    Tensors run(const Tensors &in) { return run(module, in); }
    /// The same of another network: a teacher, a discriminator.
    virtual Tensors run(Module &other, const Tensors &in);

private:
    const bool m_half;
    const torch::Device m_device;
};

} // namespace reticle
