#pragma once

#include "window/tour/TourSteps.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

namespace reticle {

class Callout;

/// A guided tour through the window: each step points at a control with one or two sentences. It is never modal. A step ends
/// with Next, or when the user has done what it says; Esc leaves the tour, which continues at the same step next time. It
/// starts nothing and changes nothing in the project. GUI thread.
class Tour : public QObject
{
    Q_OBJECT
public:
    explicit Tour(MainWindow *window);

    /// Shows the step at which the tour was left; the first where it was not begun or was finished.
    void begin();
    void leave();
    bool isRunning() const { return m_running; }
    int step() const { return m_step; } ///< from 0
    int steps() const { return static_cast<int>(m_steps.size()); }
    /// The step at which the tour was left, also in an earlier session; 0 where there is none to continue with.
    static int leftAt();

Q_SIGNALS:
    void ended(); ///< left or finished

protected:
    bool eventFilter(QObject *object, QEvent *event) override;

private:
    void show(int step);
    void next();
    void finish();
    void end();
    void follow(); ///< what the window shows now
    void point();
    void bringIntoView(QWidget *widget, const QRect &part) const;
    /// What can be seen of a part of the widget, in the coordinates of the window.
    QRect seen(const QWidget *widget, const QRect &part) const;

    MainWindow *m_window;
    std::vector<TourStep> m_steps;
    QPointer<Callout> m_callout;
    QPointer<QWidget> m_target;
    QRect m_seen; ///< of the target, last time
    std::optional<std::int64_t> m_mark;
    QTimer m_beat, m_soon;
    int m_step = 0;
    bool m_running = false;
    bool m_brought = false; ///< the target was in view once: where the user scrolls to afterwards is respected
};

} // namespace reticle
