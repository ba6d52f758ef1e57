#include "learn/Similarity_p.h"
#include "learn/objectives/Reconstruction_p.h"

#include "foundation/Schema.h"

namespace reticle {

namespace {

struct SsimOptions
{
    double structure = 0.84;

    static const Schema<SsimOptions> &schema()
    {
        static const auto s = [] {
            Schema<SsimOptions> s(
                "ssim", "Structural similarity of an autoencoder",
                "s (1 - SSIM) + (1 - s) mean |output - image|: the structural similarity of Wang et al. 2004 with "
                "the mixture of Zhao et al. 2017 (Loss functions for image restoration with neural networks). "
                "The target is the image itself: labels are not looked at.");
            s.field(&SsimOptions::structure, {.name = "structure",
                                              .help = "Share s of structural similarity; the rest is the mean absolute error",
                                              .min = 0,
                                              .max = 1});
            return s;
        }();
        return s;
    }
};

class Ssim : public Reconstruction
{
public:
    explicit Ssim(double structure) : m_structure(structure) {}

    void setRange(double range) override { m_range = range; }
    torch::Tensor loss(const torch::Tensor &output, const torch::Tensor &target, const torch::Tensor &) const override
    {
        requireSame(output, target);
        const auto structure = 1 - structuralSimilarity(output, target, m_range).mean();
        if (m_structure == 1)
            return structure;
        return m_structure * structure + (1 - m_structure) * (output - target).abs().mean();
    }

private:
    double m_structure, m_range = 1;
};

const Registration<ObjectiveFactory> ssimRegistration(SsimOptions::schema().info(),
                                                      {[](const Json &json, const std::vector<std::int64_t> &) {
                                                           return std::make_shared<Ssim>(
                                                               SsimOptions::schema().read(json, "objective").structure);
                                                       },
                                                       "reconstruction"});

} // namespace

} // namespace reticle
