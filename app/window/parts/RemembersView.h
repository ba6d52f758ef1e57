#pragma once

#include "foundation/Json.h"

namespace reticle {

/// A page whose view (slice, zoom, what is laid over it, what was typed) comes back with its tab.
class RemembersView
{
public:
    virtual ~RemembersView() = default;
    virtual Json viewState() const = 0;
    /// Of a page that was just made: applied as soon as what it is about has been read. What does not fit is passed over.
    virtual void restoreView(const Json &state) = 0;
};

} // namespace reticle
