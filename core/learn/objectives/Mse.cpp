#include "learn/objectives/Reconstruction_p.h"

#include "foundation/Schema.h"

namespace reticle {

namespace {

struct MseOptions
{
    static const Schema<MseOptions> &schema()
    {
        static const Schema<MseOptions> s(
            "mse", "Mean squared error of an autoencoder",
            "Mean over pixels and channels of (output - image)\u00b2. The target is the image itself: "
            "labels are not looked at.");
        return s;
    }
};

class Mse : public Reconstruction
{
public:
    torch::Tensor loss(const torch::Tensor &output, const torch::Tensor &target, const torch::Tensor &) const override
    {
        requireSame(output, target);
        return (output - target).square().mean();
    }
};

const Registration<ObjectiveFactory>
    mseRegistration(MseOptions::schema().info(),
                    {[](const Json &, const std::vector<std::int64_t> &) { return std::make_shared<Mse>(); }, "reconstruction"});

} // namespace

} // namespace reticle
