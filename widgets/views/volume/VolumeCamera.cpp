#include "widgets/views/volume/VolumeCamera.h"

#include <algorithm>
#include <cmath>

namespace reticle {

double dot(const Point3 &a, const Point3 &b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Point3 cross(const Point3 &a, const Point3 &b)
{
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Point3 operator+(const Point3 &a, const Point3 &b)
{
    return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}

Point3 operator-(const Point3 &a, const Point3 &b)
{
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

Point3 operator*(const Point3 &a, double f)
{
    return {a[0] * f, a[1] * f, a[2] * f};
}

Point3 normalized(const Point3 &a)
{
    const double length = std::sqrt(dot(a, a));
    return length > 0 ? a * (1 / length) : Point3{0, 0, 1};
}

namespace {

/// Rodrigues' rotation about an axis of length 1.
Point3 rotated(const Point3 &v, const Point3 &axis, double angle)
{
    return v * std::cos(angle) + cross(axis, v) * std::sin(angle) + axis * (dot(axis, v) * (1 - std::cos(angle)));
}

void straighten(VolumeCamera &c)
{
    c.forward = normalized(c.forward);
    c.up = normalized(c.up - c.forward * dot(c.up, c.forward));
}

} // namespace

QPointF VolumeCamera::toView(const Point3 &p, const QSizeF &view) const
{
    const Point3 r = p - center;
    const double s = scale(view);
    return {view.width() / 2 + dot(r, right()) / s, view.height() / 2 - dot(r, up) / s};
}

Point3 VolumeCamera::fromView(QPointF p, const QSizeF &view) const
{
    const double s = scale(view);
    return center + right() * ((p.x() - view.width() / 2) * s) + up * ((view.height() / 2 - p.y()) * s);
}

void VolumeCamera::lookFrom(Preset preset)
{
    switch (preset) {
    case Preset::Top:
        forward = {0, 0, 1};
        up = {0, -1, 0};
        break;
    case Preset::Front:
        forward = {0, -1, 0};
        up = {0, 0, -1};
        break;
    case Preset::Side:
        forward = {-1, 0, 0};
        up = {0, 0, -1};
        break;
    case Preset::Bottom:
        forward = {0, 0, -1};
        up = {0, 1, 0};
        break;
    case Preset::Back:
        forward = {0, 1, 0};
        up = {0, 0, -1};
        break;
    case Preset::OtherSide:
        forward = {1, 0, 0};
        up = {0, 0, -1};
        break;
    case Preset::Isometric:
        forward = normalized({-1, -1.35, 1.15}); // a little off the diagonal: the two sides differ, the top is well in sight
        up = {0, 0, -1};
        straighten(*this);
        break;
    }
}

void VolumeCamera::turn(double toRight, double down)
{
    const Point3 axis = right();
    forward = rotated(forward, up, -toRight);
    forward = rotated(forward, axis, -down);
    up = rotated(up, axis, -down);
    straighten(*this);
}

void VolumeCamera::roll(double radians)
{
    up = rotated(up, forward, radians);
    straighten(*this);
}

void VolumeCamera::pan(QPointF by, const QSizeF &view)
{
    const double s = scale(view);
    center = center - right() * (by.x() * s) + up * (by.y() * s);
}

void VolumeCamera::zoomBy(double factor, QPointF anchor, const QSizeF &view)
{
    const Point3 before = fromView(anchor, view);
    height = std::clamp(height / factor, 1e-3, 1e9);
    center = center + before - fromView(anchor, view);
}

void VolumeCamera::fit(const Point3 &size, const QSizeF &view)
{
    center = size * 0.5;
    const auto extent = [&](const Point3 &axis) {
        return std::abs(axis[0]) * size[0] + std::abs(axis[1]) * size[1] + std::abs(axis[2]) * size[2];
    };
    const double aspect = std::max(1.0, view.width()) / std::max(1.0, view.height());
    constexpr double margin = 1.2;
    height = std::max(1e-3, margin * std::max(extent(up), extent(right()) / aspect));
}

} // namespace reticle
