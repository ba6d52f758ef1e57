#include "widgets/forms/SwitchButton.h"

#include "widgets/views/Theme.h"

#include <QPainter>

namespace reticle {

SwitchButton::SwitchButton(QWidget *parent) : QAbstractButton(parent)
{
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
}

QSize SwitchButton::sizeHint() const
{
    return {38, 26};
}

void SwitchButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF track(3, (height() - 18) / 2.0, 32, 18);
    const bool on = isChecked();
    QColor fill = themeColor(on ? ColorRole::Accent : ColorRole::Surface);
    QColor edge = themeColor(on ? ColorRole::Accent : underMouse() ? ColorRole::TextMuted : ColorRole::Control);
    QColor knob = themeColor(on ? ColorRole::AccentText : ColorRole::TextMuted);
    if (!isEnabled()) {
        fill = themeColor(on ? ColorRole::Control : ColorRole::Window);
        edge = themeColor(on ? ColorRole::Control : ColorRole::Border);
        knob = themeColor(on ? ColorRole::Surface : ColorRole::TextDisabled);
    }
    painter.setBrush(fill);
    painter.setPen(QPen(edge, 1));
    painter.drawRoundedRect(track.adjusted(0.5, 0.5, -0.5, -0.5), 9, 9);
    painter.setPen(Qt::NoPen);
    painter.setBrush(knob);
    const double r = on ? 6 : 5;
    painter.drawEllipse(QPointF(on ? track.right() - 9 : track.left() + 9, track.center().y()), r, r);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(themeColor(ColorRole::Accent), 2));
        painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), 11, 11);
    }
}

} // namespace reticle
