#include "window/tour/Callout.h"

#include "widgets/views/Theme.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace reticle {

namespace {

constexpr int tailRoom = 12; // around the balloon, on every side, so that the size does not depend on the side
constexpr int ringGap = 2;   // between the target and its ring
constexpr int ringWidth = 2;
constexpr double balloonRadius = 8;

/// Only its frame is there: what is inside is seen and clicked as before.
class TargetRing : public QWidget
{
public:
    explicit TargetRing(QWidget *window) : QWidget(window)
    {
        setObjectName(QStringLiteral("tourRing"));
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setFocusPolicy(Qt::NoFocus);
        hide();
    }

    void surround(const QRect &target)
    {
        const int out = ringGap + ringWidth;
        const QRect place = target.adjusted(-out, -out, out, out);
        if (place == geometry() && isVisible())
            return;
        setGeometry(place);
        setMask(QRegion(rect()) - QRegion(rect().adjusted(ringWidth + 1, ringWidth + 1, -ringWidth - 1, -ringWidth - 1)));
        show();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter p(this);
        p.setRenderHint(QPainter::Antialiasing);
        p.setPen(QPen(themeColor(ColorRole::Accent), ringWidth));
        p.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
};

} // namespace

Callout::Callout(QWidget *window)
    : QWidget(window), m_heading(new QLabel(this)), m_text(new QLabel(this)), m_close(new QToolButton(this)),
      m_back(new QPushButton(tr("Back"), this)), m_next(new QPushButton(tr("Next"), this)), m_ring(new TargetRing(window))
{
    setObjectName(QStringLiteral("tour"));
    m_heading->setObjectName(QStringLiteral("tourHeading"));
    m_heading->setTextFormat(Qt::PlainText);
    m_heading->setProperty("muted", true);
    m_heading->setWordWrap(true);
    m_text->setObjectName(QStringLiteral("tourText"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_close->setObjectName(QStringLiteral("tourClose"));
    m_close->setIcon(themeIcon(QStringLiteral("close")));
    m_close->setAutoRaise(true);
    m_close->setToolTip(tr("Leave the tour (Esc)"));
    m_close->setAccessibleName(tr("Leave the tour"));
    m_back->setObjectName(QStringLiteral("tourBack"));
    m_next->setObjectName(QStringLiteral("tourNext"));
    m_next->setProperty("primary", true);
    for (auto *b : {m_back, m_next})
        b->setAutoDefault(true); // Return presses the button that has the focus

    auto *head = new QHBoxLayout;
    head->addWidget(m_heading, 1);
    head->addWidget(m_close, 0, Qt::AlignTop);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_back);
    buttons->addStretch(1);
    buttons->addWidget(m_next);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(tailRoom + 14, tailRoom + 6, tailRoom + 8, tailRoom + 10);
    column->setSpacing(6);
    column->addLayout(head);
    column->addWidget(m_text);
    column->addSpacing(2);
    column->addLayout(buttons);

    connect(m_next, &QPushButton::clicked, this, &Callout::nextRequested);
    connect(m_back, &QPushButton::clicked, this, &Callout::backRequested);
    connect(m_close, &QToolButton::clicked, this, &Callout::closeRequested);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, [this] {
        update();
        if (m_ring)
            m_ring->update();
    });
    hide();
}

Callout::~Callout()
{
    delete m_ring.data();
}

void Callout::setWords(const QString &heading, const QString &text, bool first, bool last)
{
    m_back->setEnabled(!first);
    m_next->setText(last ? tr("Finish") : tr("Next"));
    if (heading == m_heading->text() && text == m_text->text())
        return;
    m_heading->setText(heading);
    m_text->setText(text);
    setAccessibleName(heading);
    setAccessibleDescription(text);
    // Screen readers say what changed, although the focus stays where it is.
    QAccessibleEvent changed(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&changed);
}

std::vector<QSize> Callout::possibleSizes() const
{
    std::vector<QSize> sizes;
    const int least = layout()->totalMinimumSize().width();
    for (const int preferred : {340, 280, 230}) {
        const int width = std::max(preferred, least);
        const int height = layout()->hasHeightForWidth() ? layout()->totalHeightForWidth(width) : sizeHint().height();
        sizes.emplace_back(width, height);
    }
    return sizes;
}

void Callout::pointAt(const QRect &target, const QRect &bounds, const std::vector<QRect> &clear)
{
    // The ring is a part of what the callout must not cover.
    const int out = ringGap + ringWidth;
    const QRect ringed = target.isEmpty() ? QRect() : target.adjusted(-out, -out, out, out);
    const auto place = placeCallout(ringed, possibleSizes(), bounds, clear);
    if (isVisible() && place.rect == geometry() && place.side == m_place.side && target == m_target)
        return;
    m_target = target;
    m_place = place;
    setGeometry(place.rect);
    shape();
    if (m_ring && !target.isEmpty())
        static_cast<TargetRing *>(m_ring.data())->surround(target);
    else if (m_ring)
        m_ring->hide();
    show();
    if (m_ring)
        m_ring->raise();
    raise();
    update();
}

void Callout::vanish()
{
    hide();
    if (m_ring)
        m_ring->hide();
}

void Callout::focusNext()
{
    m_next->setFocus();
}

QString Callout::text() const
{
    return m_text->text();
}

QRect Callout::balloon() const
{
    return rect().adjusted(tailRoom, tailRoom, -tailRoom, -tailRoom);
}

QPolygon Callout::tail() const
{
    using Side = CalloutPlace::Side;
    if (m_place.side == Side::Corner)
        return {};
    constexpr int half = 9;
    const QRect b = balloon();
    const QPoint center = m_target.center() - pos();
    const int away = half + static_cast<int>(balloonRadius);
    const int x = std::clamp(center.x(), b.left() + away, b.right() - away);
    const int y = std::clamp(center.y(), b.top() + away, b.bottom() - away);
    QPolygon points;
    switch (m_place.side) {
    case Side::Below: points << QPoint(x - half, b.top() + 1) << QPoint(x, 1) << QPoint(x + half, b.top() + 1); break;
    case Side::Above: points << QPoint(x - half, b.bottom()) << QPoint(x, height() - 2) << QPoint(x + half, b.bottom()); break;
    case Side::Right: points << QPoint(b.left() + 1, y - half) << QPoint(1, y) << QPoint(b.left() + 1, y + half); break;
    case Side::Left: points << QPoint(b.right(), y - half) << QPoint(width() - 2, y) << QPoint(b.right(), y + half); break;
    case Side::Corner: break;
    }
    return points;
}

void Callout::shape()
{
    QRegion region(balloon());
    if (const QPolygon point = tail(); !point.isEmpty())
        region += point.boundingRect().adjusted(-1, -1, 1, 1);
    setMask(region);
}

void Callout::paintEvent(QPaintEvent *)
{
    QPainterPath path;
    path.addRoundedRect(QRectF(balloon()).adjusted(1, 1, -1, -1), balloonRadius, balloonRadius);
    if (const QPolygon point = tail(); !point.isEmpty()) {
        QPainterPath arrow;
        arrow.addPolygon(QPolygonF(point));
        arrow.closeSubpath();
        path = path.united(arrow);
    }
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(QPen(themeColor(ColorRole::Accent), 1.5));
    p.setBrush(themeColor(ColorRole::Raised));
    p.drawPath(path);
}

} // namespace reticle
