#include "widgets/views/image/ImageView_p.h"

#include <QApplication>
#include <QGestureEvent>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QPinchGesture>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace reticle {

double ImageView::Private::fitZoom() const
{
    if (width() <= 0 || height() <= 0)
        return 1;
    const double zoom = std::min(q->width() / static_cast<double>(width()), q->height() / static_cast<double>(height()));
    // A picture of a few pixels is not blown up to a wall.
    return std::clamp(zoom, 1e-6, 64.0);
}

void ImageView::Private::fitNow()
{
    if (!source)
        return;
    zoom = fitZoom();
    center = QPointF(static_cast<double>(width()), static_cast<double>(height())) / 2;
}

void ImageView::Private::viewMoved()
{
    // The middle of the view stays over the image, so that it cannot be lost.
    center.setX(std::clamp(center.x(), 0.0, std::max(0.0, static_cast<double>(width()))));
    center.setY(std::clamp(center.y(), 0.0, std::max(0.0, static_cast<double>(height()))));
    refresh();
    if (!syncing)
        withOthers([this](ImageView *other) { other->setView(center, zoom); });
    announceView();
}

void ImageView::Private::announceView()
{
    if (announcing)
        return;
    announcing = true;
    QMetaObject::invokeMethod(
        q,
        [this] {
            announcing = false;
            Q_EMIT q->viewChanged(q->visibleImageRect());
        },
        Qt::QueuedConnection);
}

void ImageView::Private::setHover(std::optional<QPoint> at)
{
    if (at && (at->x() < 0 || at->y() < 0 || at->x() >= width() || at->y() >= height()))
        at.reset();
    const bool left = hover && !at;
    hover = at;
    for (const auto &other : others)
        if (other && other->d->ghost != at) {
            other->d->ghost = at;
            other->update();
        }
    q->update();
    if (at)
        Q_EMIT q->hovered(at->x(), at->y(), q->valueAt(at->x(), at->y(), shownChannel()));
    else if (left)
        Q_EMIT q->hoverEnded();
}

void ImageView::resizeEvent(QResizeEvent *)
{
    if (d->fitted)
        d->fitNow();
    d->viewMoved();
}

void ImageView::mousePressEvent(QMouseEvent *event)
{
    if (!d->source || (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)) {
        QWidget::mousePressEvent(event);
        return;
    }
    d->pressed = true;
    d->dragging = false;
    d->pressAt = d->lastAt = event->position();
}

void ImageView::mouseMoveEvent(QMouseEvent *event)
{
    if (!d->source)
        return;
    if (d->pressed) {
        if (!d->dragging && (event->position() - d->pressAt).manhattanLength() >= QApplication::startDragDistance()) {
            d->dragging = true;
            setCursor(Qt::ClosedHandCursor);
        }
        if (d->dragging) {
            d->fitted = false;
            d->center -= (event->position() - d->lastAt) / d->zoom;
            d->lastAt = event->position();
            d->viewMoved();
        }
    }
    const QPointF at = toImage(event->position());
    d->setHover(QPoint(static_cast<int>(std::floor(at.x())), static_cast<int>(std::floor(at.y()))));
}

void ImageView::mouseReleaseEvent(QMouseEvent *event)
{
    if (!d->pressed) {
        QWidget::mouseReleaseEvent(event);
        return;
    }
    const bool click = !d->dragging;
    d->pressed = d->dragging = false;
    setCursor(Qt::CrossCursor);
    const QPointF at = toImage(event->position());
    const auto x = static_cast<std::int64_t>(std::floor(at.x())), y = static_cast<std::int64_t>(std::floor(at.y()));
    if (click && x >= 0 && y >= 0 && x < d->width() && y < d->height())
        Q_EMIT clicked(x, y, event->button());
}

void ImageView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        fit();
}

void ImageView::wheelEvent(QWheelEvent *event)
{
    if (!d->source) {
        event->ignore();
        return;
    }
    event->accept();
    const int delta = event->angleDelta().y();
    if ((event->modifiers() & Qt::ControlModifier) || pages() < 2) {
        if (delta != 0)
            zoomBy(std::pow(2.0, delta / 360.0), event->position());
        return;
    }
    // Touchpads send many small steps: a slice a full notch.
    d->wheelRest += delta;
    const int notches = d->wheelRest / 120;
    d->wheelRest -= notches * 120;
    if (notches != 0)
        setPage(d->page - notches);
}

void ImageView::keyPressEvent(QKeyEvent *event)
{
    const bool stack = pages() > 1;
    if (!d->source || (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomIn(); return;
    case Qt::Key_Minus: zoomOut(); return;
    case Qt::Key_0:
    case Qt::Key_F: fit(); return;
    case Qt::Key_1: showActualSize(); return;
    case Qt::Key_A: setAutoContrast(d->perPage); return;
    default: break;
    }
    if (stack)
        switch (event->key()) {
        case Qt::Key_PageUp:
        case Qt::Key_Up:
        case Qt::Key_Left: setPage(d->page - 1); return;
        case Qt::Key_PageDown:
        case Qt::Key_Down:
        case Qt::Key_Right: setPage(d->page + 1); return;
        case Qt::Key_Home: setPage(0); return;
        case Qt::Key_End: setPage(pages() - 1); return;
        default: break;
        }
    QWidget::keyPressEvent(event);
}

void ImageView::leaveEvent(QEvent *event)
{
    d->setHover(std::nullopt);
    QWidget::leaveEvent(event);
}

void ImageView::focusInEvent(QFocusEvent *event)
{
    d->keyboardFocus = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason ||
                       event->reason() == Qt::ShortcutFocusReason;
    QWidget::focusInEvent(event);
    update();
}

void ImageView::focusOutEvent(QFocusEvent *event)
{
    d->keyboardFocus = false;
    QWidget::focusOutEvent(event);
    update();
}

bool ImageView::event(QEvent *event)
{
    if (event->type() == QEvent::NativeGesture) {
        const auto *gesture = static_cast<QNativeGestureEvent *>(event);
        if (gesture->gestureType() == Qt::ZoomNativeGesture) {
            zoomBy(1 + gesture->value(), gesture->position());
            return true;
        }
    } else if (event->type() == QEvent::Gesture) {
        auto *gestures = static_cast<QGestureEvent *>(event);
        if (const auto *pinch = static_cast<QPinchGesture *>(gestures->gesture(Qt::PinchGesture))) {
            zoomBy(pinch->scaleFactor(), mapFromGlobal(pinch->centerPoint()));
            gestures->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

} // namespace reticle
