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
    QColor fill = themeColour(on ? ColourRole::Accent : ColourRole::Surface);
    QColor edge = themeColour(on ? ColourRole::Accent : underMouse() ? ColourRole::TextMuted : ColourRole::Control);
    QColor knob = themeColour(on ? ColourRole::AccentText : ColourRole::TextMuted);
    if (!isEnabled()) {
        fill = themeColour(on ? ColourRole::Control : ColourRole::Window);
        edge = themeColour(on ? ColourRole::Control : ColourRole::Border);
        knob = themeColour(on ? ColourRole::Surface : ColourRole::TextDisabled);
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
        painter.setPen(QPen(themeColour(ColourRole::Accent), 2));
        painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), 11, 11);
    }
}

} // namespace reticle
