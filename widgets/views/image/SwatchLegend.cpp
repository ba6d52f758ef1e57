#include "widgets/views/image/SwatchLegend.h"

#include "widgets/views/Theme.h"

#include <QPainter>

namespace reticle {

SwatchLegend::SwatchLegend(QWidget *parent) : QWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void SwatchLegend::setEntries(std::vector<Entry> entries)
{
    m_entries = std::move(entries);
    updateGeometry();
    update();
}

QSize SwatchLegend::sizeHint() const
{
    return {200, heightForWidth(200)};
}

QSize SwatchLegend::minimumSizeHint() const
{
    return {60, m_entries.empty() ? 0 : 20};
}

int SwatchLegend::heightForWidth(int width) const
{
    return arrange(width, nullptr);
}

int SwatchLegend::arrange(int width, QPainter *painter) const
{
    if (m_entries.empty())
        return 0;
    const QFont font = themeFont(FontRole::Small);
    const QFontMetrics metrics(font);
    const int line = std::max(16, metrics.height()) + 4, swatch = 10;
    int x = 0, y = 0;
    for (const auto &e : m_entries) {
        const QString name = metrics.elidedText(e.name, Qt::ElideRight, std::max(20, width - swatch - 6));
        const int w = swatch + 6 + metrics.horizontalAdvance(name);
        if (x > 0 && x + w > width) {
            x = 0;
            y += line;
        }
        if (painter) {
            painter->setPen(QPen(themeColor(ColorRole::Control), 1));
            painter->setBrush(e.color);
            painter->drawRoundedRect(QRectF(x + 0.5, y + (line - swatch) / 2.0, swatch, swatch), 2, 2);
            painter->setPen(themeColor(ColorRole::Text));
            painter->setFont(font);
            painter->drawText(QRect(x + swatch + 6, y, w, line), Qt::AlignLeft | Qt::AlignVCenter, name);
        }
        x += w + 12;
    }
    return y + line;
}

void SwatchLegend::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    arrange(width(), &painter);
}

} // namespace reticle
