#include "learn/Optimizer_p.h"

namespace reticle {

namespace {

struct AdadeltaOptions
{
    double rho = 0.9, epsilon = 1e-6;

    static Schema<AdadeltaOptions> schema()
    {
        using O = AdadeltaOptions;
        return Schema<O>("adadelta", "Adadelta",
                         "Steps by the gradient over the root of its mean square, times that of the steps before, so that "
                         "hardly a rate has to be chosen: 1 is usual (Zeiler 2012).")
            .field(&O::rho,
                   {.name = "rho", .help = "How much of the mean squares stays at each step.", .min = 0, .max = 0.999999})
            .field(&O::epsilon, {.name = "epsilon",
                                 .help = "Added to both mean squares under the root: the first steps are of its size.",
                                 .min = 0,
                                 .max = 1});
    }
};

/// v = rho v + (1 - rho) g^2, d = sqrt(u + epsilon) / sqrt(v + epsilon) g, u = rho u + (1 - rho) d^2; w -= rate d. As
/// torch.optim.Adadelta.
class Adadelta : public OptimizerRule
{
public:
    explicit Adadelta(AdadeltaOptions options) : o(options) {}
    std::vector<std::string> stateNames() const override { return {"square", "steps-square"}; }
    void update(torch::Tensor weights, torch::Tensor gradient, std::vector<torch::Tensor> &state,
                const UpdateStep &step) const override
    {
        if (step.decay > 0)
            gradient.add_(weights, step.decay);
        auto &square = state[0], &steps = state[1];
        square.mul_(o.rho).addcmul_(gradient, gradient, 1 - o.rho);
        // One vector beside, not two: both roots in turn.
        auto root = square.add(o.epsilon).sqrt_();
        gradient.div_(root);
        gradient.mul_(root.copy_(steps).add_(o.epsilon).sqrt_());
        steps.mul_(o.rho).addcmul_(gradient, gradient, 1 - o.rho);
        weights.add_(gradient, -step.rate);
    }

private:
    AdadeltaOptions o;
};

const Registration<OptimizerFactory> adadeltaRegistration(AdadeltaOptions::schema().info(), [](const Json &json) {
    return std::make_shared<Adadelta>(AdadeltaOptions::schema().read(json, "train.optimizer"));
});

} // namespace

} // namespace reticle
