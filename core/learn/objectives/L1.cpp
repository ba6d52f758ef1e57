#include "learn/objectives/Reconstruction_p.h"

#include "foundation/Schema.h"

namespace reticle {

namespace {

struct L1Options
{
    static const Schema<L1Options> &schema()
    {
        static const Schema<L1Options> s("l1", "Mean absolute error of an autoencoder",
                                         "Mean over pixels and channels of |output - image|, which single bright or dark pixels "
                                         "pull less than mse. The target is the image itself: labels are not looked at.");
        return s;
    }
};

class L1 : public Reconstruction
{
public:
    torch::Tensor loss(const torch::Tensor &output, const torch::Tensor &target, const torch::Tensor &) const override
    {
        requireSame(output, target);
        return (output - target).abs().mean();
    }
};

const Registration<ObjectiveFactory>
    l1Registration(L1Options::schema().info(),
                   {[](const Json &, const std::vector<std::int64_t> &) { return std::make_shared<L1>(); }, "reconstruction"});

} // namespace

} // namespace reticle
