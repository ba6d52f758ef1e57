#include "window/shell/MessageBar.h"

#include "widgets/views/Theme.h"
#include "window/session/WorkerProcess.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QResizeEvent>
#include <QToolButton>

#include <algorithm>

namespace reticle {

namespace {

ColorRole roleOf(MessageBar::Level level)
{
    switch (level) {
    case MessageBar::Level::Info: return ColorRole::Accent;
    case MessageBar::Level::Positive: return ColorRole::Positive;
    case MessageBar::Level::Warning: return ColorRole::Warning;
    case MessageBar::Level::Error: break;
    }
    return ColorRole::Danger;
}

} // namespace

MessageBar::MessageBar(QWidget *parent, Place place)
    : QFrame(parent), m_place(place), m_text(new QLabel(this)), m_buttons(new QHBoxLayout)
{
    setObjectName(QStringLiteral("messageBar"));
    m_text->setTextFormat(Qt::PlainText); // sentences have names in them, of any kind
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setObjectName(QStringLiteral("messageText"));
    auto *close = new QToolButton(this);
    close->setIcon(themeIcon(QStringLiteral("close")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Close this message"));
    close->setAccessibleName(tr("Close this message"));
    close->setObjectName(QStringLiteral("messageClose"));
    connect(close, &QToolButton::clicked, this, &MessageBar::clear);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(16, 8, 8, 8);
    row->setSpacing(8);
    row->addWidget(m_text, 1);
    row->addLayout(m_buttons);
    row->addWidget(close, 0, Qt::AlignTop);
    setAnchor(parent);
    hide();
}

void MessageBar::say(Level level, const QString &sentence, std::vector<Action> actions)
{
    m_level = level;
    m_text->setText(sentence);
    while (auto *item = m_buttons->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (auto &action : actions) {
        auto *button = new QPushButton(action.title, this);
        button->setObjectName(QStringLiteral("messageAction"));
        connect(button, &QPushButton::clicked, this, [this, trigger = action.trigger] {
            clear();
            trigger();
        });
        m_buttons->addWidget(button);
        button->show(); // at once: in a bar that is seen already it would come with the next event
    }
    show();
    if (floats()) {
        raise();
        place();
    }
    update();
}

void MessageBar::sayFailure(const Failure &failure, std::vector<Action> actions)
{
    QString sentence = failure.message;
    if (failure.kind == QStringLiteral("lost")) {
        if (!failure.wayOut.isEmpty())
            sentence += QStringLiteral(" ") + failure.wayOut + QStringLiteral(".");
        if (!failure.where.isEmpty())
            sentence += QStringLiteral("\n") + failure.where;
    }
    say(Level::Error, sentence, std::move(actions));
}

void MessageBar::setAnchor(QWidget *anchor)
{
    if (m_anchor)
        m_anchor->removeEventFilter(this);
    m_anchor = anchor;
    if (m_anchor && m_place == Place::OverPage)
        m_anchor->installEventFilter(this);
}

/// In the layout of a page a bar that floats takes no room.
QSize MessageBar::sizeHint() const
{
    return floats() ? QSize(0, 0) : QFrame::sizeHint();
}

QSize MessageBar::minimumSizeHint() const
{
    return floats() ? QSize(0, 0) : QFrame::minimumSizeHint();
}

void MessageBar::place()
{
    if (!floats() || m_placing || isHidden() || !m_anchor)
        return;
    constexpr int widest = 720, side = 16, below = 56; // above sliders and the like at the end of a page
    m_placing = true;
    const QRect around(m_anchor->mapTo(parentWidget(), QPoint(0, 0)), m_anchor->size());
    const int width = std::max(160, std::min(widest, around.width() - 2 * side));
    const int needed = layout()->hasHeightForWidth() ? layout()->totalHeightForWidth(width) : layout()->totalSizeHint().height();
    const int height = std::min(needed, std::max(40, around.height() - 2 * side));
    int bottom = around.bottom() - std::min(below, std::max(0, around.height() - height - side));
    // The bar of a page within the anchor stays readable.
    for (const auto *other : m_anchor->findChildren<MessageBar *>())
        if (other != this && other->floats() && other->isVisible())
            bottom = std::min(bottom, other->mapTo(parentWidget(), QPoint(0, 0)).y() - 8);
    setGeometry(around.left() + (around.width() - width) / 2, bottom - height + 1, width, height);
    m_placing = false;
}

void MessageBar::moveEvent(QMoveEvent *event)
{
    QFrame::moveEvent(event);
    place(); // the layout of the page had put it elsewhere
}

void MessageBar::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    place();
}

bool MessageBar::eventFilter(QObject *object, QEvent *event)
{
    if (object == m_anchor && event->type() == QEvent::Resize)
        place();
    return QFrame::eventFilter(object, event);
}

void MessageBar::clear()
{
    hide();
    m_text->clear();
}

QString MessageBar::text() const
{
    return isHidden() ? QString() : m_text->text();
}

void MessageBar::paintEvent(QPaintEvent *)
{
    QPainter p(this);
    const QColor color = themeColor(roleOf(m_level));
    QColor soft = color;
    soft.setAlphaF(0.12f);
    if (floats()) {
        p.setRenderHint(QPainter::Antialiasing);
        QPainterPath box;
        box.addRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
        p.fillPath(box, themeColor(ColorRole::Surface));
        p.fillPath(box, soft);
        p.save();
        p.setClipPath(box);
        p.fillRect(QRect(0, 0, 4, height()), color);
        p.restore();
        p.setPen(QPen(color, 1));
        p.drawPath(box);
        return;
    }
    p.fillRect(rect(), themeColor(ColorRole::Surface));
    p.fillRect(rect(), soft);
    p.fillRect(QRect(0, 0, 4, height()), color);
}

} // namespace reticle
