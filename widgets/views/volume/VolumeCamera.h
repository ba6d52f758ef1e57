#pragma once

#include <QPointF>
#include <QSizeF>

#include <array>

namespace reticle {

/// A point or direction in the space of the 3-D view: x along the columns, y along the rows (downwards, as on screen),
/// z along the slices; the unit is one pixel of the stack, so that z counts slices times their distance.
using Point3 = std::array<double, 3>;

double dot(const Point3 &a, const Point3 &b);
Point3 cross(const Point3 &a, const Point3 &b);
Point3 operator+(const Point3 &a, const Point3 &b);
Point3 operator-(const Point3 &a, const Point3 &b);
Point3 operator*(const Point3 &a, double f);
Point3 normalized(const Point3 &a);

/// Looks along parallel rays, so that a length is the same near and far and a scale bar holds everywhere.
struct VolumeCamera
{
    enum class Preset {
        Top,       ///< as the slice viewer shows it: x to the right, y down, slice 0 in front
        Front,     ///< from the last row: x to the right, slices from top to bottom
        Side,      ///< from the last column: slices from top to bottom
        Bottom,    ///< as Top, turned over about the level axis: the last slice in front
        Back,      ///< from the first row: x to the left
        OtherSide, ///< from the first column
        Isometric, ///< from above the corner of the last row and column
    };

    Point3 center{};         ///< in the middle of the view
    Point3 forward{0, 0, 1}; ///< of length 1
    Point3 up{0, -1, 0};     ///< of length 1, across forward
    double height = 1;       ///< of the view, in pixels of the stack

    Point3 right() const { return cross(forward, up); }
    /// Pixels of the stack a logical pixel of the view.
    double scale(const QSizeF &view) const { return height / std::max(1.0, view.height()); }
    QPointF toView(const Point3 &p, const QSizeF &view) const;
    /// A point of the ray below `p`, in the plane through the center; the ray runs along `forward`.
    Point3 fromView(QPointF p, const QSizeF &view) const;

    void lookFrom(Preset preset);
    /// As if the thing were a ball that is rolled: radians about the view's upright and level axis.
    void turn(double right, double down);
    void roll(double radians);
    void pan(QPointF by, const QSizeF &view);
    /// `factor` > 1 comes closer; what is under `anchor` stays there.
    void zoomBy(double factor, QPointF anchor, const QSizeF &view);
    /// The whole box from the origin to `size` in sight, with a margin.
    void fit(const Point3 &size, const QSizeF &view);
    bool operator==(const VolumeCamera &) const = default;
};

} // namespace reticle
