#include "learn/StepContext_p.h"

namespace reticle {

Tensors StepContext::run(Module &other, const Tensors &in)
{
    const MixedPrecision precision(m_half, m_device);
    return other.run(in);
}

} // namespace reticle
