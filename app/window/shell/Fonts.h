#pragma once

#include <QFont>

namespace reticle {

/// The font `factor` times as large, whether its size is given in points or in pixels.
inline QFont scaled(QFont font, double factor)
{
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * factor);
    else
        font.setPixelSize(qRound(font.pixelSize() * factor));
    return font;
}

} // namespace reticle
