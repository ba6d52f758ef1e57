#include "learn/optimizers/Adam_p.h"

#include <cmath>

namespace reticle {

Schema<AdamOptions> AdamOptions::schema(const std::string &name, const std::string &title, const std::string &help)
{
    using O = AdamOptions;
    return Schema<O>(name, title, help)
        .field(&O::betas, {.name = "betas",
                           .help = "How much of the running means of the gradient and of its square stays at each step.",
                           .min = 0,
                           .max = 0.999999,
                           .length = 2})
        .field(&O::epsilon, {.name = "epsilon",
                             .help = "Added to the root of the mean square, so that nothing is divided by 0.",
                             .min = 0,
                             .max = 1})
        .field(&O::amsgrad,
               {.name = "amsgrad", .help = "Divide by the largest mean square so far (AMSGrad, Reddi et al. 2018)."});
}

std::vector<std::string> Adam::stateNames() const
{
    return o.amsgrad ? std::vector<std::string>{"first", "second", "largest"} : std::vector<std::string>{"first", "second"};
}

void Adam::update(torch::Tensor weights, torch::Tensor gradient, std::vector<torch::Tensor> &state, const UpdateStep &step) const
{
    if (m_decoupled)
        weights.mul_(1 - step.rate * step.decay);
    else if (step.decay > 0)
        gradient.add_(weights, step.decay);
    const double b1 = o.betas[0], b2 = o.betas[1];
    auto &first = state[0], &second = state[1];
    first.mul_(b1).add_(gradient, 1 - b1);
    second.mul_(b2).addcmul_(gradient, gradient, 1 - b2);
    if (o.amsgrad)
        torch::maximum_out(state[2], state[2], second);
    const auto n = static_cast<double>(step.n);
    const double unbias1 = 1 - std::pow(b1, n), unbias2 = 1 - std::pow(b2, n);
    const auto &square = o.amsgrad ? state[2] : second;
    weights.addcdiv_(first, square.sqrt().div_(std::sqrt(unbias2)).add_(o.epsilon), -step.rate / unbias1);
}

namespace {

Schema<AdamOptions> adam()
{
    return AdamOptions::schema("adam", "Adam",
                               "Steps by the mean gradient over the root of its mean square (Kingma and Ba 2015).");
}

const Registration<OptimizerFactory> adamRegistration(adam().info(), [](const Json &json) {
    return std::make_shared<Adam>(adam().read(json, "train.optimizer"), false);
});

} // namespace

} // namespace reticle
