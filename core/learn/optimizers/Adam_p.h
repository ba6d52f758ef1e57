#pragma once

#include "learn/Optimizer_p.h"

namespace reticle {

struct AdamOptions
{
    std::vector<double> betas{0.9, 0.999};
    double epsilon = 1e-8;
    bool amsgrad = false;

    static Schema<AdamOptions> schema(const std::string &name, const std::string &title, const std::string &help);
};

/// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2; w -= rate / (1 - b1^n) m / (sqrt(v / (1 - b2^n)) + epsilon), with AMSGrad
/// the largest v so far in place of v. The sums are those of torch.optim.
class Adam : public OptimizerRule
{
public:
    /// `decoupled`: the decay pulls at the weights themselves, else it is added to the gradient.
    Adam(AdamOptions options, bool decoupled) : o(std::move(options)), m_decoupled(decoupled) {}
    std::vector<std::string> stateNames() const override;
    void update(torch::Tensor weights, torch::Tensor gradient, std::vector<torch::Tensor> &state,
                const UpdateStep &step) const override;

private:
    AdamOptions o;
    bool m_decoupled;
};

} // namespace reticle
