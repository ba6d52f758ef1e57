#pragma once

#include <QRect>
#include <QSize>

#include <vector>

namespace reticle {

/// Where a callout stands, in the coordinates of its window.
struct CalloutPlace
{
    enum class Side { Below, Above, Right, Left, Corner };
    QRect rect;
    Side side = Side::Corner; ///< of the target that it stands on; Corner: away from it, in a corner of the bounds
};

/// A place within `bounds` for a callout that points at `target` (logical pixels). The callout never covers the target unless
/// the target leaves no room for it, and covers the rectangles of `clear` as little as possible. `sizes`: the sizes that it
/// can have, the preferred one first; not empty. An empty target gives a corner.
CalloutPlace placeCallout(const QRect &target, const std::vector<QSize> &sizes, const QRect &bounds,
                          const std::vector<QRect> &clear = {});

} // namespace reticle
