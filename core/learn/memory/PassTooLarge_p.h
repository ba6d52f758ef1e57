#pragma once

#include "foundation/Error.h"

namespace reticle {

/// The smallest passes of a network take more than there is room for (learn/memory/ImagePasses_p.h, ExampleMemory_p.h).
class PassTooLarge : public Error
{
public:
    using Error::Error;
};

} // namespace reticle
