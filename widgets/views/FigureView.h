#pragma once

#include "figure/Figure.h"

#include <QWidget>

#include <memory>

namespace reticle {

/// Shows a figure that it is given. Drag pans, the wheel with Ctrl zooms at the cursor (with Shift too only up and down, with
/// Alt only sideways; without Ctrl it scrolls the page), Shift+drag zooms into a box, double click shows all again; the point
/// nearest to the cursor is read out with its values and units; a click on a legend entry hides or shows its series. Ctrl+E and
/// the context menu export, copy as picture, copy data as CSV. Follows the light or dark palette of the application; exports are
/// always in the print style on white. setFigure may be called up to 30 times a second: the view kept by the person (zoom, hidden
/// series) stays.
class FigureView : public QWidget
{
    Q_OBJECT
public:
    explicit FigureView(QWidget *parent = nullptr);
    ~FigureView() override;

    void setFigure(const Figure &figure);
    const Figure &figure() const;

    /// Drops zoom and hidden series.
    void resetView();
    /// The text shown at the cursor, "" when none: "validation: epoch 12, loss 0.31".
    QString readout() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override;
    int heightForWidth(int width) const override;

public Q_SLOTS:
    /// Opens the export dialog, without waiting for it.
    void exportDialog();
    /// Picture (300 dpi, print style) on the clipboard.
    void copyPicture();
    /// The numbers of all panels as CSV on the clipboard.
    void copyData();

Q_SIGNALS:
    void readoutChanged(const QString &text);
    /// A click (no drag) inside the axes of panel number `panel`, at the axes' values; on categories x is their index.
    void clicked(int panel, const QPointF &value);
    /// After a successful export: where it was written.
    void exported(const QString &path);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
