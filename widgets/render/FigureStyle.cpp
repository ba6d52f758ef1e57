#include "widgets/render/FigureStyle.h"

#include "figure/ColorMap.h"

#include <algorithm>
#include <cmath>

namespace reticle {

FigureStyle FigureStyle::print()
{
    return {};
}

FigureStyle FigureStyle::screen(bool dark)
{
    FigureStyle style;
    style.grid = true;
    style.interactive = true;
    style.dark = dark;
    if (dark) {
        style.page = QColor(0x1e, 0x1f, 0x22);
        style.ink = QColor(0xd8, 0xd9, 0xdc);
        style.faint = QColor(0x35, 0x37, 0x3b);
        style.muted = QColor(0x9a, 0x9c, 0xa2);
    }
    return style;
}

QColor FigureStyle::onPage(QColor color) const
{
    if (!dark)
        return color;
    float h, s, l, a;
    color.getHslF(&h, &s, &l, &a);
    // Below this lightness a line is hard to see on the dark page; grays turn over (black becomes near-white).
    if (s < 0.08f)
        l = l < 0.6f ? 0.92f - 0.4f * l : l;
    else
        l = std::max(l, 0.5f);
    return QColor::fromHslF(std::max(h, 0.f), s, l, a);
}

QColor FigureStyle::palette(int i) const
{
    return onPage(QColor::fromRgba(paletteColor(i)));
}

QFont FigureStyle::font(double pt, bool bold, bool italic)
{
    QFont font;
    font.setFamilies({QStringLiteral("Liberation Sans"), QStringLiteral("Arial"), QStringLiteral("DejaVu Sans")});
    // Scene units are points, whatever the resolution: hinting would make widths depend on it.
    font.setPixelSize(std::max(1, static_cast<int>(std::lround(pt))));
    font.setHintingPreference(QFont::PreferNoHinting);
    font.setStyleStrategy(QFont::PreferOutline);
    font.setBold(bold);
    font.setItalic(italic);
    return font;
}

} // namespace reticle
