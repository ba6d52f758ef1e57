#pragma once

#include "files/ImageSource.h"
#include "widgets/views/volume/VolumeView.h"

#include <QString>
#include <QWidget>

#include <functional>
#include <memory>
#include <vector>

namespace reticle {

class SchemaForm;

/// Labels or a prediction that surfaces can be drawn of; of the same pages, rows and columns as the image.
struct SurfaceSource
{
    QString name;
    /// Called on a thread; may throw Error.
    std::function<std::shared_ptr<ImageSource>()> open;
    QString path;        ///< of the file, which is read anew once it has changed; empty = it does not change
    bool labels = false; ///< else whole numbers may be a probability, which is told by their look
};

/// A VolumeView with its controls: where to look from, threshold and opacity by slider, a form with everything else, and
/// export of surface and picture. Reads stacks and finds surfaces on a thread. GUI thread only.
class VolumeViewer : public QWidget
{
    Q_OBJECT
public:
    explicit VolumeViewer(QWidget *parent = nullptr, VolumeScene::Caster caster = VolumeScene::Caster::Automatic);
    ~VolumeViewer() override; ///< stops what is under way

    VolumeView *view() const;
    SchemaForm *form() const;
    /// Reads the stack, of a file with time points the one on show. `channel` as ImageView's. Null empties the view.
    void setSource(std::shared_ptr<ImageSource> source, int channel = -1);
    /// What the form offers besides the image itself; what is chosen stays chosen where it still is there.
    void setSurfaces(std::vector<SurfaceSource> surfaces);
    /// Chooses one of them by name ("none", "image", …).
    void showSurfacesOf(const QString &name);
    /// A page of the file; one of another time point or plane has that one read.
    void setSlice(std::int64_t page);
    void setCrosshair(std::int64_t x, std::int64_t y) { view()->setCrosshair(x, y); }
    /// Of the source and channel set last; kept for them while they are being read.
    void setContrast(double black, double white);
    /// As if typed into the form: nm along x, y and z, 0 as in VolumeOptions. Before setSource() it is for that source.
    void setVoxelSize(double x, double y, double z);
    std::array<double, 3> typedVoxelSize() const; ///< all 0 where the form says what the file does
    void setPanelVisible(bool visible);
    bool isPanelVisible() const;
    /// Nothing is being read or looked for.
    bool isIdle() const;

    /// Write what is on show beside the window's thread; said() or failed() follows. What is being written is written to
    /// the end even when this object goes, a picture that is still being drawn is given up. The buttons ask for a name first.
    void exportSurface(const QString &path); ///< by the ending, see writeSurface()
    /// PNG of this size; `dpi` pixels an inch in print, 0 = not said. While it is being drawn its button, or Escape, gives
    /// it up.
    void exportPicture(const QString &path, QSize size, double dpi = 0);

protected:
    void keyPressEvent(QKeyEvent *event) override;

Q_SIGNALS:
    void sliceRequested(std::int64_t page); ///< of the file
    void picked(std::int64_t x, std::int64_t y, std::int64_t page);
    void unpicked();
    void voxelSizeChanged(double x, double y, double z); ///< nm as in VolumeOptions: by hand or by another file
    void loaded();                                       ///< the stack, and what was chosen to have surfaces, is on show
    void failed(const QString &sentence);
    void said(const QString &sentence); ///< a file was written

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
