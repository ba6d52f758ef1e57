#include "window/tour/Tour.h"

#include "window/session/Settings.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ModalOverlay.h"
#include "window/tour/Callout.h"

#include <QKeyEvent>
#include <QScrollArea>

#include <algorithm>

namespace reticle {

namespace {

constexpr int beatMs = 150; // what the steps speak of changes in many places; to look at it takes far less than a millisecond
const char *const tourStepKey = "tour/step";

} // namespace

Tour::Tour(MainWindow *window) : QObject(window), m_window(window), m_steps(tourSteps(*window))
{
    m_beat.setInterval(beatMs);
    connect(&m_beat, &QTimer::timeout, this, &Tour::follow);
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &Tour::follow);
}

int Tour::leftAt()
{
    return std::max(0, Settings::value(QLatin1String(tourStepKey), 0).toInt());
}

void Tour::begin()
{
    if (!m_callout) {
        m_callout = new Callout(m_window);
        connect(m_callout, &Callout::nextRequested, this, &Tour::next);
        connect(m_callout, &Callout::backRequested, this, [this] { show(m_step - 1); });
        connect(m_callout, &Callout::closeRequested, this, &Tour::leave);
    }
    if (!m_running) {
        m_running = true;
        m_window->installEventFilter(this);
        m_beat.start();
        show(std::min(leftAt(), steps() - 1));
    }
    if (m_callout->isVisible())
        m_callout->focusNext(); // the user asked for it, so the keys go to it
}

void Tour::leave()
{
    if (m_running)
        end();
}

void Tour::finish()
{
    Settings::setValue(QLatin1String(tourStepKey), 0);
    m_step = 0;
    end();
}

void Tour::end()
{
    m_running = false;
    m_beat.stop();
    m_soon.stop();
    m_window->removeEventFilter(this);
    m_callout->vanish();
    m_target = nullptr;
    Q_EMIT ended();
}

void Tour::next()
{
    if (m_step + 1 < steps())
        show(m_step + 1);
    else
        finish();
}

void Tour::show(int step)
{
    m_step = std::clamp(step, 0, steps() - 1);
    m_mark.reset();
    m_target = nullptr;
    Settings::setValue(QLatin1String(tourStepKey), m_step);
    follow();
}

void Tour::follow()
{
    if (!m_running)
        return;
    const auto &step = m_steps[static_cast<std::size_t>(m_step)];
    const auto mark = step.mark();
    const bool done = mark && m_mark && (step.rises ? *mark > *m_mark : *mark != *m_mark);
    if (done && m_step + 1 < steps())
        return show(m_step + 1);
    m_mark = mark;
    point();
}

void Tour::point()
{
    for (const auto *sheet : m_window->findChildren<ModalOverlay *>(QString(), Qt::FindDirectChildrenOnly))
        if (sheet->isVisible())
            return m_callout->vanish(); // a question over the window comes first
    const auto &step = m_steps[static_cast<std::size_t>(m_step)];
    const TourSpot spot = step.spot();
    m_callout->setWords(tr("Step %1 of %2: %3").arg(m_step + 1).arg(steps()).arg(step.title), spot.text, m_step == 0,
                        m_step + 1 == steps());
    QRect target;
    if (spot.widget && spot.widget->isVisible()) {
        const QRect part = spot.part.isNull() ? spot.widget->rect() : spot.part;
        if (spot.widget != m_target)
            m_brought = false;
        if (!m_brought)
            bringIntoView(spot.widget, part);
        target = seen(spot.widget, part);
        // A page that was just opened is laid out later: only what stays where it is has its place.
        m_brought = m_brought || (!target.isEmpty() && target == m_seen);
        m_seen = target;
    }
    m_target = spot.widget;
    std::vector<QRect> clear;
    if (spot.clear && spot.clear->isVisible())
        clear.push_back(seen(spot.clear, spot.clear->rect()));
    if (const auto *bar = m_window->message(); bar && bar->isVisible())
        clear.push_back(seen(bar, bar->rect()));
    m_callout->pointAt(target, m_window->centralWidget()->geometry(), clear);
}

void Tour::bringIntoView(QWidget *widget, const QRect &part) const
{
    for (QWidget *w = widget->parentWidget(); w && w != m_window; w = w->parentWidget()) {
        auto *area = qobject_cast<QScrollArea *>(w);
        if (!area || !area->widget() || !area->widget()->isAncestorOf(widget))
            continue;
        const QRect place(widget->mapTo(area->widget(), part.topLeft()), part.size());
        constexpr int margin = 24;
        area->ensureVisible(place.center().x(), place.center().y(), place.width() / 2, place.height() / 2 + margin);
    }
}

QRect Tour::seen(const QWidget *widget, const QRect &part) const
{
    QRect rect = part & widget->rect();
    for (const QWidget *w = widget; w != m_window && w->parentWidget(); w = w->parentWidget())
        rect = rect.translated(w->pos()) & w->parentWidget()->rect();
    return rect;
}

bool Tour::eventFilter(QObject *object, QEvent *event)
{
    if (object == m_window && m_running) {
        // Whatever has a use of its own for Esc takes it before it comes up to the window.
        if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
            leave();
            return true;
        }
        if (event->type() == QEvent::Resize)
            m_soon.start();
    }
    return QObject::eventFilter(object, event);
}

} // namespace reticle
