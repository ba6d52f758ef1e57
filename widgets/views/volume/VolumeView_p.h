#pragma once

#include "widgets/views/volume/VolumeRenderer.h"
#include "widgets/views/volume/VolumeView.h"

#include <QTimer>

class QPainter;

namespace reticle {

struct VolumeView::Private
{
    VolumeView *q;
    VolumeRenderer *renderer = nullptr;
    VolumeFrame frame; ///< what is wished for
    std::shared_ptr<const VolumeData> surfaceVolume;
    double black = 0, white = 1;
    bool contrastKnown = false, crossed = false, fitted = true;
    QString busy, error, note;
    QString drawError; ///< of the last frame: tried again with other options, another surface, or when shown anew
    QString toldError; ///< the last that was announced: one that stays so is not announced again and again

    QImage picture;        ///< on show
    VolumeCamera pictured; ///< its camera
    bool fine = false, stale = true;
    QTimer rest; ///< after the last move the fine picture is asked for
    enum class Drag { None, Click, Turn, Pan, Roll } drag = Drag::None;
    QPointF pressAt, lastAt;
    bool keyboardFocus = false;
    /// Whether there was a crosshair, and where it and the slice were, when the last click picked.
    std::optional<std::pair<bool, std::array<std::int64_t, 3>>> beforeClick;

    VolumeFrame current(bool moving) const;
    const QString &shownError() const { return error.isEmpty() ? drawError : error; }
    void change(); ///< ask for a coarse picture now and a fine one soon
    void cameraMoved();
    void setSlice(std::int64_t slice, bool announce);
    void mark(QImage &picture, const VolumeFrame &frame) const;
};

/// Scale bar, axes and crosshair over a picture of the view, drawn at `size` logical pixels.
void paintVolumeMarks(QPainter &painter, const QSizeF &size, const VolumeFrame &frame, const VolumeCamera &camera, bool crosshair,
                      const QString &note);
/// "12.8 × 12.8 × 1.5 µm", or in pixels and slices.
QString extentText(const VolumeFrame &frame);
std::optional<std::array<std::int64_t, 3>> firstHit(const VolumeFrame &frame, const VolumeData *surfaceVolume, QPointF p,
                                                    const QSizeF &view);

} // namespace reticle
