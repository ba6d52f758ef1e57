#pragma once

#include <QImage>

namespace reticle {

/// How people see who lack one kind of cone, or all of them.
enum class ColorVision { Usual, Protanopia, Deuteranopia, Tritanopia, Gray };

/// The picture as such a person sees it: the matrices of Machado, Oliveira and Fernandes 2009 (full severity) on linear
/// RGB; Gray keeps the luminance alone, as a black-and-white print does. Returns RGB32.
QImage seenWith(ColorVision vision, const QImage &picture);

} // namespace reticle
