#pragma once

#include "widgets/render/ChartModel.h"

#include <QImage>

namespace reticle {

/// An image panel as pixels: the image in its contrast with its overlays blended on, one pixel a pixel, row 0 on top.
struct ImageComposite
{
    QImage image;
    bool nothingKnown = false;   ///< all pixels NaN: to be hatched
    std::optional<ColorBar> bar; ///< where the panel wants one
    /// Names and colors of the classes in its overlays.
    std::vector<std::pair<QString, QColor>> classes;
};
ImageComposite compose(const ImagePanel &panel);

/// All cells of a grid in one picture at their own pixels, `gap` transparent pixels between them, so that there are no seams
/// whatever size it is printed at.
QImage compose(const ImageGridPanel &panel);

/// Shown range where a panel states none: 0.35 and 99.65 percentile of the finite pixels.
Range contrastRange(const Array &image);

/// A scale bar of a round length (1, 2 or 5 x 10^k of a unit) near a fifth of the image's width.
struct ScaleBar
{
    double pixels = 0; ///< 0 = none
    QString label;     ///< "500 nm", "2 µm"
};
ScaleBar scaleBar(double imageWidth, double pixelSize, const std::string &unit);

} // namespace reticle
