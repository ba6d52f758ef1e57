#pragma once

#include "widgets/render/FigureScene.h"

#include <QByteArray>
#include <QImage>

namespace reticle {

/// The scene (laid out) as a file of each kind. `paper` in points, may start left of and above the page.
/// With SOURCE_DATE_EPOCH set nothing in the bytes depends on the time.
QByteArray svgDocument(FigureScene &scene, const QRectF &paper, const Figure &figure, bool embedFont);
QByteArray pdfDocument(FigureScene &scene, const QRectF &paper, const Figure &figure);
QByteArray pngDocument(const QImage &image, const Figure &figure);
/// RGB, 8 bit, deflated without loss, with the image's dots an inch: what printers of journals ask for.
QByteArray tiffDocument(const QImage &image, const Figure &figure);

} // namespace reticle
