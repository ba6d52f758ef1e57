#pragma once

#include "foundation/Error.h"

namespace reticle {

/// What a WeightLimit (learn/Module_p.h) refuses.
class TooManyWeights : public Error
{
public:
    using Error::Error;
};

} // namespace reticle
