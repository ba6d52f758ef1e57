#include "learn/Optimizer_p.h"

namespace reticle {

namespace {

struct SgdOptions
{
    double momentum = 0.99;
    bool nesterov = true;

    static Schema<SgdOptions> schema()
    {
        using O = SgdOptions;
        return Schema<O>("sgd", "SGD",
                         "Steps by the gradient, with momentum: what stays of the steps before (Sutskever et al. 2013).")
            .field(&O::momentum, {.name = "momentum",
                                  .help = "How much of the steps before stays; 0 = none.",
                                  .min = 0,
                                  .max = 0.9999,
                                  .formerly = {"../momentum"}})
            .field(&O::nesterov, {.name = "nesterov", .help = "Look ahead along the momentum."});
    }
};

/// b = momentum b + g, where the first gradient starts b whole, as in torch.optim.SGD; w -= rate (g + momentum b), without
/// nesterov rate b.
class Sgd : public OptimizerRule
{
public:
    explicit Sgd(SgdOptions options) : o(options) {}
    std::vector<std::string> stateNames() const override { return {"first"}; }
    void update(torch::Tensor weights, torch::Tensor gradient, std::vector<torch::Tensor> &state,
                const UpdateStep &step) const override
    {
        if (step.decay > 0)
            gradient.add_(weights, step.decay);
        auto &first = state[0];
        first.mul_(step.n == 1 ? 0 : o.momentum).add_(gradient);
        weights.add_(o.nesterov ? gradient.add_(first, o.momentum) : first, -step.rate);
    }

private:
    SgdOptions o;
};

const Registration<OptimizerFactory> sgdRegistration(SgdOptions::schema().info(), [](const Json &json) {
    return std::make_shared<Sgd>(SgdOptions::schema().read(json, "train.optimizer"));
});

} // namespace

} // namespace reticle
