#include "learn/optimizers/Adam_p.h"

namespace reticle {

namespace {

Schema<AdamOptions> adamW()
{
    return AdamOptions::schema("adamw", "AdamW",
                               "Adam whose weight decay pulls at the weights themselves (Loshchilov and Hutter 2019).");
}

const Registration<OptimizerFactory> adamWRegistration(adamW().info(), [](const Json &json) {
    return std::make_shared<Adam>(adamW().read(json, "train.optimizer"), true);
});

} // namespace

} // namespace reticle
