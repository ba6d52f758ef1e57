#include "learn/Optimizer_p.h"

namespace reticle {

namespace {

struct RmsPropOptions
{
    double alpha = 0.99, epsilon = 1e-8, momentum = 0;
    bool centered = false;

    static Schema<RmsPropOptions> schema()
    {
        using O = RmsPropOptions;
        return Schema<O>("rmsprop", "RMSprop",
                         "Steps by the gradient over the root of its mean square (Tieleman and Hinton 2012).")
            .field(&O::alpha,
                   {.name = "alpha", .help = "How much of the mean square stays at each step.", .min = 0, .max = 0.999999})
            .field(&O::epsilon, {.name = "epsilon",
                                 .help = "Added to the root of the mean square, so that nothing is divided by 0.",
                                 .min = 0,
                                 .max = 1})
            .field(&O::momentum,
                   {.name = "momentum", .help = "How much of the steps before stays; 0 = none.", .min = 0, .max = 0.9999})
            .field(&O::centered, {.name = "centered", .help = "Divide by the root of the variance instead of the mean square."});
    }
};

/// v = alpha v + (1 - alpha) g^2, with `centered` less the square of the mean gradient; s = sqrt(v) + epsilon; w -= rate g / s,
/// or with momentum b = momentum b + g / s and w -= rate b. As torch.optim.RMSprop.
class RmsProp : public OptimizerRule
{
public:
    explicit RmsProp(RmsPropOptions options) : o(options) {}
    std::vector<std::string> stateNames() const override
    {
        std::vector<std::string> names{"square"};
        if (o.momentum > 0)
            names.emplace_back("momentum");
        if (o.centered)
            names.emplace_back("mean");
        return names;
    }
    void update(torch::Tensor weights, torch::Tensor gradient, std::vector<torch::Tensor> &state,
                const UpdateStep &step) const override
    {
        if (step.decay > 0)
            gradient.add_(weights, step.decay);
        auto &square = state[0];
        square.mul_(o.alpha).addcmul_(gradient, gradient, 1 - o.alpha);
        torch::Tensor root;
        if (o.centered) {
            auto &mean = state.back();
            mean.mul_(o.alpha).add_(gradient, 1 - o.alpha);
            root = square.addcmul(mean, mean, -1).sqrt_();
        } else {
            root = square.sqrt();
        }
        root.add_(o.epsilon);
        if (o.momentum > 0)
            weights.add_(state[1].mul_(o.momentum).addcdiv_(gradient, root), -step.rate);
        else
            weights.addcdiv_(gradient, root, -step.rate);
    }

private:
    RmsPropOptions o;
};

const Registration<OptimizerFactory> rmsPropRegistration(RmsPropOptions::schema().info(), [](const Json &json) {
    return std::make_shared<RmsProp>(RmsPropOptions::schema().read(json, "train.optimizer"));
});

} // namespace

} // namespace reticle
