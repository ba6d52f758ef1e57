#pragma once

#include "widgets/views/image/ImageView.h"

#include <QWidget>

class QToolButton;
class QVBoxLayout;

namespace reticle {

/// The overlays of a view: for each whether it is seen, its name, how (filled or outlines), color and opacity, and a
/// legend of its classes.
class OverlayList : public QWidget
{
    Q_OBJECT
public:
    explicit OverlayList(QWidget *parent = nullptr);
    void setOverlays(const std::vector<ImageOverlay> &overlays); ///< emits nothing

Q_SIGNALS:
    void edited(int index, const ImageOverlay &overlay);

private:
    void addRow(int index);
    QToolButton *makeStyle(int index, QWidget *row); ///< with the menu of colors and kinds
    void askColor(int index);
    void change(int index);

    std::vector<ImageOverlay> m_overlays;
    QVBoxLayout *m_layout;
};

} // namespace reticle
