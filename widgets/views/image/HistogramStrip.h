#pragma once

#include "widgets/views/image/ImageTiles.h"

#include <QWidget>

namespace reticle {

/// A histogram with two handles, black and white, to drag (or move by Left and Right; Up or Down goes to the other handle).
/// Counts are drawn by their square root, so that rare values show.
class HistogramStrip : public QWidget
{
    Q_OBJECT
public:
    explicit HistogramStrip(QWidget *parent = nullptr);

    void setHistogram(const PageHistogram &histogram);
    void setContrast(double black, double white); ///< emits nothing
    double black() const { return m_black; }
    double white() const { return m_white; }
    /// Widget position of a value; for tests and overlays.
    double positionOf(double value) const;

    QSize sizeHint() const override { return {220, 92}; }
    QSize minimumSizeHint() const override { return {120, 72}; }

Q_SIGNALS:
    void contrastChanged(double black, double white); ///< by the user
    void resetRequested();                            ///< double click

protected:
    void paintEvent(QPaintEvent *) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *) override;
    void mouseDoubleClickEvent(QMouseEvent *) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;

private:
    QRectF plot() const;
    double low() const, high() const; ///< shown range: the data's, widened to hold the handles
    double valueAt(double x) const;
    void move(int handle, double value);

    PageHistogram m_histogram;
    double m_black = 0, m_white = 1;
    int m_active = 0, m_dragged = -1; ///< 0 = black, 1 = white
    double m_low = 0, m_high = 1;     ///< fixed while dragging, so that the scale does not run away
};

} // namespace reticle
