#pragma once

#include "base/Error.h"

namespace reticle {

/// The smallest passes of a network take more than there is room for (learn/StepMemory_p.h).
class PassTooLarge : public Error
{
public:
    using Error::Error;
};

} // namespace reticle
