#pragma once

#include "foundation/Error.h"
#include "foundation/Json.h"
#include "learn/objectives/Reconstruction_p.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

namespace reticle::test {

/// A pair of image batches and what scikit-image and PyTorch say of them (tests/reference/reconstruction.py), in double
/// precision.
struct ReconstructionCase
{
    torch::Tensor a, b; ///< (N, C, H, W)
    Json expected;      ///< "mse", "l1", "range", "similarity"; in some "structure", "loss" and "gradient"

    torch::Tensor numbers(const std::string &key) const ///< a list of `expected` in a's shape
    {
        return torch::tensor(expected.at(key).get<std::vector<double>>(), torch::kDouble).view(a.sizes());
    }
};

inline std::vector<ReconstructionCase> reconstructionCases()
{
    std::vector<ReconstructionCase> cases;
    const Json all = Json::parse(readAll(source("tests/reference/reconstruction.json")));
    for (const auto &c : all.at("cases")) {
        const auto numbers = [&](const char *key) {
            return torch::tensor(c.at(key).get<std::vector<double>>(), torch::kDouble)
                .view(c.at("shape").get<std::vector<std::int64_t>>());
        };
        cases.push_back({numbers("a"), numbers("b"), c});
    }
    return cases;
}

inline double largest(const torch::Tensor &t)
{
    return t.abs().max().item<double>();
}

/// What holds for every objective whose target is the image itself.
inline void isAReconstruction(const char *name)
{
    const auto o = makeMapObjective({{"name", name}}, {});
    QVERIFY(o->reconstructs() && !o->wantsBorderMap());
    QCOMPARE(o->outputs(3), std::int64_t(3));
    EXPECT_ERROR(o->loss(torch::zeros({1, 1, 16, 16}), torch::zeros({1, 3, 16, 16}), {}), "as many outputs");
    torch::manual_seed(2);
    for (const auto &[h, w] : {std::pair{40, 30}, {11, 11}, {1, 1}, {3, 25}}) {
        const auto x = torch::rand({2, 3, h, w});
        QVERIFY(o->loss(x, x, {}).item<double>() < 1e-5);
        QVERIFY(o->loss(x + 0.2, x, {}).item<double>() > 0.01);
    }
}

} // namespace reticle::test
