#include "learn/Similarity_p.h"

#include "learn/Module_p.h"

#include <cmath>

namespace reticle {

namespace {

constexpr std::int64_t radius = 5, window = 2 * radius + 1;

torch::Tensor gaussian(const torch::Tensor &like)
{
    auto w = torch::empty({window}, torch::kDouble);
    for (std::int64_t i = 0; i < window; ++i)
        w[i] = std::exp(-static_cast<double>((i - radius) * (i - radius)) / (2 * 1.5 * 1.5));
    return (w / w.sum()).to(like.options());
}

} // namespace

torch::Tensor structuralSimilarity(const torch::Tensor &a, const torch::Tensor &b, double range)
{
    assert(a.sizes() == b.sizes() && a.dim() == 4);
    const auto grown = [](const torch::Tensor &x) {
        const auto up = std::max<std::int64_t>(0, window - x.size(2)), across = std::max<std::int64_t>(0, window - x.size(3));
        return up + across == 0 ? x : padByMirror(x, up / 2, up - up / 2, across / 2, across - across / 2);
    };
    const auto n = a.size(0), channels = a.size(1);
    const auto x = grown(a), y = grown(b);
    const auto height = x.size(2), width = x.size(3);
    const auto plane = [&](const torch::Tensor &t) { return t.reshape({n * channels, 1, height, width}); };
    const auto p = plane(x), q = plane(y);
    // The five means in one pass, separably.
    const auto w = gaussian(p);
    const auto all = torch::cat({p, q, p * p, q * q, p * q}, 0);
    const auto means = torch::conv2d(torch::conv2d(all, w.view({1, 1, window, 1})), w.view({1, 1, 1, window})).chunk(5, 0);
    const auto &mp = means[0], &mq = means[1];
    const auto pp = means[2] - mp * mp, qq = means[3] - mq * mq, pq = means[4] - mp * mq;
    const double c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
    const auto map = ((2 * mp * mq + c1) * (2 * pq + c2)) / ((mp * mp + mq * mq + c1) * (pp + qq + c2));
    return map.view({n, channels, map.size(2), map.size(3)}).flatten(1).mean(1);
}

} // namespace reticle
