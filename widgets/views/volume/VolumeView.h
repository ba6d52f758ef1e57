#pragma once

#include "widgets/views/volume/VolumeFrame.h"
#include "widgets/views/volume/VolumeScene.h"

#include <QImage>
#include <QWidget>

#include <memory>
#include <optional>

namespace reticle {

/// A stack in three dimensions: volume, surfaces and the slice on show, drawn by VTK off screen on a thread of the view and
/// painted as a picture. Drag turns, with Shift or the middle button pans, with Ctrl rolls; the wheel zooms at the cursor;
/// arrows turn (Shift: pan), + and - zoom, F, 0 or a double click fits, 1 2 3 4 look from the top, front, side and askew, 5 6 7
/// from below, the back and the other side, PageUp and PageDown go through the slices; a click sets crosshair and slice where
/// something is hit. While it moves the picture is coarse, at rest fine. Needs no OpenGL of the window. GUI thread only.
class VolumeView : public QWidget
{
    Q_OBJECT
public:
    explicit VolumeView(QWidget *parent = nullptr, VolumeScene::Caster caster = VolumeScene::Caster::Automatic);
    ~VolumeView() override;

    /// Fitted and seen askew when it is the first or of another size. Null empties the view.
    void setImage(std::shared_ptr<const VolumeData> image);
    const std::shared_ptr<const VolumeData> &image() const;
    /// `coarse` is shown while moving (null: the same).
    void setSurface(std::shared_ptr<const SurfaceMesh> surface, std::shared_ptr<const SurfaceMesh> coarse = {});
    const std::shared_ptr<const SurfaceMesh> &surface() const;
    /// What clicks on a surface go by: the labels or values that it was made of, and what is inside.
    void setSurfaceVolume(std::shared_ptr<const VolumeData> volume);
    void setOptions(const VolumeOptions &options);
    const VolumeOptions &options() const;
    void setContrast(double black, double white); ///< of the slices
    void setAutoContrast();                       ///< from the next image on: its percentiles, until a contrast is set

    std::int64_t slice() const;
    void setSlice(std::int64_t slice); ///< clamped
    /// Column and row of the crosshair, shown once it is set.
    void setCrosshair(std::int64_t x, std::int64_t y);
    std::array<std::int64_t, 3> crosshair() const; ///< column, row, slice

    const VolumeCamera &camera() const;
    void setCamera(const VolumeCamera &camera);
    void lookFrom(VolumeCamera::Preset preset); ///< and fit
    void fit();
    void zoomIn();
    void zoomOut();

    /// Shown in place of a picture: what is under way, and the sentence of a failure, which stays until the next image.
    void setBusyText(const QString &text);
    void setErrorText(const QString &sentence);
    QString errorText() const; ///< that, or why it could not be drawn
    /// A line in the corner, such as how far the stack was reduced.
    void setNote(const QString &text);

    bool isReady() const; ///< the fine picture of what is wished for is on show
    QImage shown() const; ///< the drawn picture, without scale bar and axes
    /// With scale bar and axes, as fine as may be, at any size in pixels; the view's height is the picture's. Waits.
    /// Throws Error.
    QImage picture(QSize size) const;
    /// The same without waiting: pictured(), pictureFailed() or pictureGivenUp() follows, in the order of the requests. The
    /// view can be turned meanwhile.
    void requestPicture(QSize size);
    void cancelPictures(); ///< all that were requested and have not come
    /// The voxel of the file that a click at `p` hits: a slice, surface or solid part of the volume, whichever is first.
    std::optional<std::array<std::int64_t, 3>> voxelAt(QPointF p) const;

    QSize sizeHint() const override { return {480, 400}; }
    QSize minimumSizeHint() const override { return {200, 160}; }

Q_SIGNALS:
    void cameraChanged();
    void sliceRequested(std::int64_t slice); ///< by a key or a click; the view shows it already
    void picked(std::int64_t x, std::int64_t y, std::int64_t z);
    void unpicked();                            ///< the crosshair has gone again: the click was half of a double click
    void drawn(bool fine, double milliseconds); ///< a picture came
    void failed(const QString &sentence);
    void pictured(const QImage &picture);
    void pictureFailed(const QString &sentence);
    void pictureProgressed(int done, int parts); ///< of the picture that is being drawn
    void pictureGivenUp();

protected:
    void paintEvent(QPaintEvent *) override;
    void resizeEvent(QResizeEvent *) override;
    void showEvent(QShowEvent *) override;
    void mousePressEvent(QMouseEvent *) override;
    void mouseMoveEvent(QMouseEvent *) override;
    void mouseReleaseEvent(QMouseEvent *) override;
    void mouseDoubleClickEvent(QMouseEvent *) override;
    void wheelEvent(QWheelEvent *) override;
    void keyPressEvent(QKeyEvent *) override;
    void focusInEvent(QFocusEvent *) override;
    void focusOutEvent(QFocusEvent *) override;
    bool event(QEvent *) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// Size of a file voxel in pixels of the stack as `options` have it.
Point3 voxelOf(const VolumeOptions &options);

} // namespace reticle
