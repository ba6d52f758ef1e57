#include "window/tour/CalloutPlace.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

namespace reticle {

namespace {

std::int64_t coveredArea(const QRect &rect, const std::vector<QRect> &others)
{
    std::int64_t area = 0;
    for (const auto &other : others) {
        const QRect both = rect & other;
        area += static_cast<std::int64_t>(both.width()) * both.height();
    }
    return area;
}

/// `at` moved so that `length` pixels from it are between `low` and `high`, both included.
int shiftedInto(int at, int length, int low, int high)
{
    return std::max(low, std::min(at, high - length + 1));
}

QRect calloutBeside(CalloutPlace::Side side, const QRect &target, QSize size, const QRect &bounds, int alignment)
{
    using Side = CalloutPlace::Side;
    const bool upright = side == Side::Below || side == Side::Above;
    const int x = std::array{target.center().x() - size.width() / 2, target.left(), target.right() - size.width() + 1}[alignment];
    const int y =
        std::array{target.center().y() - size.height() / 2, target.top(), target.bottom() - size.height() + 1}[alignment];
    QPoint at(shiftedInto(x, size.width(), bounds.left(), bounds.right()),
              shiftedInto(y, size.height(), bounds.top(), bounds.bottom()));
    if (upright)
        at.setY(side == Side::Below ? target.bottom() + 1 : target.top() - size.height());
    else
        at.setX(side == Side::Right ? target.right() + 1 : target.left() - size.width());
    return {at, size};
}

CalloutPlace calloutInCorner(const QRect &target, const std::vector<QSize> &sizes, const QRect &bounds,
                             const std::vector<QRect> &clear)
{
    std::optional<CalloutPlace> best;
    auto least = std::pair(std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max());
    for (const auto &size : sizes) {
        const int right = bounds.right() - size.width() + 1, bottom = bounds.bottom() - size.height() + 1;
        for (const QPoint at :
             {QPoint(right, bottom), QPoint(bounds.left(), bottom), QPoint(right, bounds.top()), bounds.topLeft()}) {
            const QRect rect(at, size);
            const auto cost = std::pair(coveredArea(rect, {target}), coveredArea(rect, clear));
            if (!best || cost < least) {
                best = CalloutPlace{rect, CalloutPlace::Side::Corner};
                least = cost;
            }
        }
    }
    return best.value_or(CalloutPlace{});
}

} // namespace

CalloutPlace placeCallout(const QRect &target, const std::vector<QSize> &sizes, const QRect &bounds,
                          const std::vector<QRect> &clear)
{
    using Side = CalloutPlace::Side;
    std::optional<CalloutPlace> best;
    std::int64_t least = 0;
    if (!target.isEmpty())
        for (const auto &size : sizes)
            for (const Side side : {Side::Below, Side::Above, Side::Right, Side::Left})
                for (int alignment = 0; alignment < 3; ++alignment) {
                    const QRect rect = calloutBeside(side, target, size, bounds, alignment);
                    if (!bounds.contains(rect) || rect.intersects(target))
                        continue;
                    const auto area = coveredArea(rect, clear);
                    if (!best || area < least) {
                        best = CalloutPlace{rect, side};
                        least = area;
                    }
                }
    return best ? *best : calloutInCorner(target, sizes, bounds, clear);
}

} // namespace reticle
