#include "learn/Confusion.h"

#include <cmath>
#include <limits>

namespace reticle {

namespace {
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
}

Confusion::Confusion(std::int64_t classes) : m_classes(classes), m_counts(static_cast<std::size_t>(classes * classes)) {}

void Confusion::add(const std::uint8_t *predicted, const std::uint8_t *target, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i)
        if (target[i] < m_classes && predicted[i] < m_classes)
            ++m_counts[target[i] * m_classes + predicted[i]];
}

std::int64_t Confusion::pixels() const
{
    std::int64_t n = 0;
    for (const auto c : m_counts)
        n += c;
    return n;
}

double Confusion::pixelError() const
{
    std::int64_t right = 0;
    for (std::int64_t c = 0; c < m_classes; ++c)
        right += at(c, c);
    const auto n = pixels();
    return n ? static_cast<double>(n - right) / static_cast<double>(n) : undefined;
}

double Confusion::iou(std::int64_t c) const
{
    std::int64_t row = 0, column = 0;
    for (std::int64_t k = 0; k < m_classes; ++k) {
        row += at(c, k);
        column += at(k, c);
    }
    const auto either = row + column - at(c, c);
    return either ? static_cast<double>(at(c, c)) / static_cast<double>(either) : undefined;
}

double Confusion::dice(std::int64_t c) const
{
    const double i = iou(c);
    return 2 * i / (1 + i);
}

double Confusion::mean(double (Confusion::*score)(std::int64_t) const) const
{
    if (m_classes == 2)
        return (this->*score)(1);
    double sum = 0;
    int n = 0;
    for (std::int64_t c = 0; c < m_classes; ++c)
        if (const double s = (this->*score)(c); !std::isnan(s)) {
            sum += s;
            ++n;
        }
    return n ? sum / n : undefined;
}

double Confusion::dice() const
{
    return mean(static_cast<double (Confusion::*)(std::int64_t) const>(&Confusion::dice));
}

double Confusion::iou() const
{
    return mean(static_cast<double (Confusion::*)(std::int64_t) const>(&Confusion::iou));
}

} // namespace reticle
