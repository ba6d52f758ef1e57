#pragma once

#include "base/ImageSource.h"
#include "widgets/views/VolumeView.h"

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
    /// Reads the stack. `channel` as ImageView's. Null empties the view.
    void setSource(std::shared_ptr<ImageSource> source, int channel = -1);
    /// What the form offers besides the image itself; what is chosen stays chosen where it still is there.
    void setSurfaces(std::vector<SurfaceSource> surfaces);
    /// Chooses one of them by name ("none", "image", …).
    void showSurfacesOf(const QString &name);
    void setSlice(std::int64_t slice) { view()->setSlice(slice); }
    void setCrosshair(std::int64_t x, std::int64_t y) { view()->setCrosshair(x, y); }
    void setContrast(double black, double white) { view()->setContrast(black, white); }
    void setPanelVisible(bool visible);
    bool isPanelVisible() const;
    /// Nothing is being read or looked for.
    bool isIdle() const;

    /// Write what is on show beside the window's thread, to the end even when this object goes; said() or failed()
    /// follows. The buttons ask for a name first.
    void exportSurface(const QString &path); ///< by the ending, see writeSurface()
    /// PNG of this size.
    void exportPicture(const QString &path, QSize size);

Q_SIGNALS:
    void sliceRequested(std::int64_t slice);
    void picked(std::int64_t x, std::int64_t y, std::int64_t z);
    void loaded();      ///< the stack, and what was chosen to have surfaces, is on show
    void failed(const QString &sentence);
    void said(const QString &sentence); ///< a file was written

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
