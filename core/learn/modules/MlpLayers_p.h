#pragma once

// What the multilayer perceptron is made of.

#include "foundation/Random.h"
#include "learn/Module_p.h"

#include <memory>
#include <string>
#include <vector>

namespace reticle {

/// A way to draw the first weights.
struct MlpInitialization
{
    const char *name;
    double sd; ///< standard deviation that is usual; 0 where it is not for the user to choose
    /// weight (out, in), filled from torch's global generator.
    void (*fill)(torch::Tensor &weight, double sd);
};
const std::vector<MlpInitialization> &mlpInitializations();

/// What stands between two layers.
struct MlpActivation
{
    const char *name;
    const char *title; ///< for the layer table
    /// `slope`: of the leaky ReLU. The result is not written over.
    torch::Tensor (*of)(const torch::Tensor &x, double slope);
};
const std::vector<MlpActivation> &mlpActivations();

/// The weights of a linear map, and those of what follows it. How they are used is the back-end's matter, so that any of
/// them takes the weights of another.
class MlpLayer : public torch::nn::Module
{
public:
    enum class Bias { Vector, Scalar, None };
    enum class Norm { None, Batch, Layer };

    struct Options
    {
        std::int64_t in = 1, out = 1;
        Bias bias = Bias::Vector;
        double biasStart = 0;
        Norm norm = Norm::None;
        const MlpInitialization *initialization = nullptr;
        double sd = 0; ///< 0 = the initialization's own
    };
    explicit MlpLayer(const Options &options);

    Norm norm() const { return m_norm; }

    torch::Tensor weight;                  ///< (out, in), as LibTorch's Linear has it
    torch::Tensor bias;                    ///< (out), or (1) for all units, or undefined
    torch::Tensor gain, shift;             ///< (out), undefined without normalization
    torch::Tensor runningMean, runningVar; ///< (out), of batch normalization alone

private:
    Norm m_norm;
};

/// How the layers are computed. Both kinds give the same numbers up to rounding, and without normalization bit for bit, as
/// they sum in the same order.
class MlpBackend
{
public:
    virtual ~MlpBackend() = default;
    /// x (N, in) -> (N, out), in the type of x.
    virtual torch::Tensor linear(const torch::Tensor &x, const MlpLayer &layer) const = 0;
    /// x (N, out) float32 or float64. Batch normalization in training takes mean and variance of the batch, of at least two
    /// rows, and moves the running ones by a tenth (the variance with N - 1); else it takes the running ones. Epsilon 1e-5.
    virtual torch::Tensor normalize(const torch::Tensor &x, MlpLayer &layer, bool training) const = 0;

    static std::unique_ptr<MlpBackend> create(const std::string &name); ///< "matmul" or "layers"
};

/// The values, each set to 0 with probability `rate` and the others divided by 1 - rate. The draws are the program's own,
/// one a value and row by row: they are the same on every device and leave torch's generators alone.
torch::Tensor mlpDropout(const torch::Tensor &x, double rate, Random &random);

} // namespace reticle
