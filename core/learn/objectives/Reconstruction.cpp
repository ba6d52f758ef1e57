#include "learn/objectives/Reconstruction_p.h"

namespace reticle {

void Reconstruction::requireSame(const torch::Tensor &output, const torch::Tensor &target)
{
    if (output.sizes() != target.sizes())
        throw Error({"objective",
                     "as many outputs as the image has channels (" + std::to_string(target.size(1)) + ")",
                     std::to_string(output.size(1)),
                     {}});
}

} // namespace reticle
