#include "widgets/views/image/HistogramStrip.h"

#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageView_p.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace reticle {

HistogramStrip::HistogramStrip(QWidget *parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Contrast"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setToolTip(tr("Drag the two handles to set what is black and white; double click for automatic"));
}

void HistogramStrip::setHistogram(const PageHistogram &histogram)
{
    m_histogram = histogram;
    update();
}

void HistogramStrip::setContrast(double black, double white)
{
    m_black = black;
    m_white = white;
    update();
}

double HistogramStrip::low() const
{
    return m_dragged >= 0 ? m_low : std::min(m_histogram.low, m_black);
}

double HistogramStrip::high() const
{
    const double h = m_dragged >= 0 ? m_high : std::max(m_histogram.high, m_white);
    return h > low() ? h : low() + 1;
}

QRectF HistogramStrip::plot() const
{
    return QRectF(rect()).adjusted(8, 4, -8, -24);
}

double HistogramStrip::positionOf(double value) const
{
    const auto r = plot();
    return r.left() + (value - low()) / (high() - low()) * r.width();
}

double HistogramStrip::valueAt(double x) const
{
    const auto r = plot();
    return low() + std::clamp((x - r.left()) / r.width(), 0.0, 1.0) * (high() - low());
}

void HistogramStrip::move(int handle, double value)
{
    const double minimum = (high() - low()) / 1000;
    if (handle == 0)
        m_black = std::min(value, m_white - minimum);
    else
        m_white = std::max(value, m_black + minimum);
    update();
    Q_EMIT contrastChanged(m_black, m_white);
}

void HistogramStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF r = plot();
    painter.setPen(Qt::NoPen);
    painter.setBrush(themeColor(ColorRole::Window));
    painter.drawRoundedRect(r, 4, 4);

    const auto channels = m_histogram.counts.size();
    const bool color = channels == 3 || channels == 4;
    // Blue, green and vermilion of the Okabe-Ito palette stand for the channels.
    const QColor inks[] = {QColor(0xd5, 0x5e, 0x00), QColor(0x00, 0x9e, 0x73), QColor(0x00, 0x72, 0xb2)};
    std::int64_t maximum = 1;
    for (const auto &counts : m_histogram.counts)
        for (const auto n : counts)
            maximum = std::max(maximum, n);
    painter.save();
    QPainterPath clip;
    clip.addRoundedRect(r, 4, 4);
    painter.setClipPath(clip);
    for (std::size_t k = 0; k < std::min<std::size_t>(channels, color ? 3 : 1); ++k) {
        const auto &counts = m_histogram.counts[k];
        const double span = m_histogram.high > m_histogram.low ? m_histogram.high - m_histogram.low : 1;
        QPainterPath path(QPointF(positionOf(m_histogram.low), r.bottom()));
        for (std::size_t i = 0; i < counts.size(); ++i) {
            const double n = static_cast<double>(counts.size());
            const double y = r.bottom() - std::sqrt(double(counts[i]) / double(maximum)) * (r.height() - 4);
            path.lineTo(positionOf(m_histogram.low + span * double(i) / n), y);
            path.lineTo(positionOf(m_histogram.low + span * double(i + 1) / n), y);
        }
        path.lineTo(positionOf(m_histogram.low + span), r.bottom());
        QColor ink = color ? inks[k] : themeColor(ColorRole::TextMuted);
        ink.setAlpha(color ? 120 : 170);
        painter.setBrush(ink);
        painter.drawPath(path);
    }
    // What is cut off on either side.
    QColor shade = themeColor(ColorRole::Surface);
    shade.setAlpha(150);
    const double xb = positionOf(m_black), xw = positionOf(m_white);
    painter.fillRect(QRectF(r.left(), r.top(), xb - r.left(), r.height()), shade);
    painter.fillRect(QRectF(xw, r.top(), r.right() - xw, r.height()), shade);
    painter.restore();

    for (int handle = 0; handle < 2; ++handle) {
        const double x = handle == 0 ? xb : xw;
        const bool active = handle == m_active && (hasFocus() || m_dragged == handle);
        painter.setPen(QPen(themeColor(ColorRole::Accent), active ? 2 : 1.25));
        painter.drawLine(QPointF(x, r.top()), QPointF(x, r.bottom()));
        painter.setPen(QPen(themeColor(active ? ColorRole::Accent : ColorRole::TextMuted), active ? 2 : 1));
        painter.setBrush(handle == 0 ? Qt::black : Qt::white);
        QPainterPath triangle(QPointF(x, r.bottom() - 1));
        triangle.lineTo(x - 5, r.bottom() + 7);
        triangle.lineTo(x + 5, r.bottom() + 7);
        triangle.closeSubpath();
        painter.drawPath(triangle);
    }
    painter.setFont(themeFont(FontRole::Small));
    painter.setPen(themeColor(ColorRole::TextMuted));
    const auto shown = [](double v) {
        return valueText(std::abs(v) >= 100 ? std::round(v) : v == 0 ? 0 : QLocale::c().toDouble(QString::number(v, 'g', 3)));
    };
    const QRectF text(r.left() - 6, r.bottom() + 8, r.width() + 12, height() - r.bottom() - 8);
    painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, shown(m_black));
    painter.drawText(text, Qt::AlignRight | Qt::AlignVCenter, shown(m_white));
}

void HistogramStrip::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const double x = event->position().x(), xb = positionOf(m_black), xw = positionOf(m_white);
    // The nearer handle; left of both black, right of both white.
    m_active = x <= xb ? 0 : x >= xw ? 1 : x - xb < xw - x ? 0 : 1;
    m_low = low();
    m_high = high();
    m_dragged = m_active;
    move(m_dragged, valueAt(x));
}

void HistogramStrip::mouseMoveEvent(QMouseEvent *event)
{
    if (m_dragged >= 0)
        move(m_dragged, valueAt(event->position().x()));
}

void HistogramStrip::mouseReleaseEvent(QMouseEvent *)
{
    m_dragged = -1;
    update();
}

void HistogramStrip::mouseDoubleClickEvent(QMouseEvent *)
{
    m_dragged = -1;
    Q_EMIT resetRequested();
}

void HistogramStrip::keyPressEvent(QKeyEvent *event)
{
    const double step = (high() - low()) / ((event->modifiers() & Qt::ShiftModifier) ? 20 : 100);
    switch (event->key()) {
    case Qt::Key_Left: move(m_active, (m_active == 0 ? m_black : m_white) - step); return;
    case Qt::Key_Right: move(m_active, (m_active == 0 ? m_black : m_white) + step); return;
    case Qt::Key_Up:
    case Qt::Key_Down:
        m_active = 1 - m_active;
        update();
        return;
    default: QWidget::keyPressEvent(event);
    }
}

void HistogramStrip::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    update();
}

} // namespace reticle
