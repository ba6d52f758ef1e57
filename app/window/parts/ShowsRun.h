#pragma once

#include <cstdint>

namespace reticle {

/// A page of data that can show what the model of a run makes of them.
class ShowsRun
{
public:
    virtual ~ShowsRun() = default;
    virtual void setShownRun(std::int64_t run) = 0; ///< 0: of none
};

} // namespace reticle
