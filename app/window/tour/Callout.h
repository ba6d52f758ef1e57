#pragma once

#include "window/tour/CalloutPlace.h"

#include <QPointer>
#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;
class QToolButton;

namespace reticle {

/// A small balloon over a window that points at a control and says one or two sentences about it, with a ring around the
/// control. The window below stays usable: the ring takes no clicks and nothing takes the focus. GUI thread.
class Callout : public QWidget
{
    Q_OBJECT
public:
    /// A child of the window, hidden at first. The ring belongs to the window too and goes with the callout.
    explicit Callout(QWidget *window);
    ~Callout() override;

    /// `heading` says where in the row of callouts this one is. `last`: Next becomes Finish.
    void setWords(const QString &heading, const QString &text, bool first, bool last);
    /// Shows the callout next to `target`, in the coordinates of the window; an empty one: in a corner of `bounds`. Covers
    /// the rectangles of `clear` as little as possible.
    void pointAt(const QRect &target, const QRect &bounds, const std::vector<QRect> &clear = {});
    /// Hides the callout with its ring.
    void vanish();
    void focusNext();

    QString text() const;
    CalloutPlace::Side side() const { return m_place.side; }
    /// What the callout points at; empty where it points at nothing.
    QRect target() const { return m_target; }

Q_SIGNALS:
    void nextRequested();
    void backRequested();
    void closeRequested();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    std::vector<QSize> possibleSizes() const;
    QRect balloon() const; ///< without the room for the tail
    QPolygon tail() const; ///< empty in a corner
    void shape();          ///< clicks next to the balloon reach the window

    QLabel *m_heading, *m_text;
    QToolButton *m_close;
    QPushButton *m_back, *m_next;
    QPointer<QWidget> m_ring;
    CalloutPlace m_place;
    QRect m_target;
};

} // namespace reticle
