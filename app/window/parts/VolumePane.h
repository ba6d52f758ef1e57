#pragma once

#include "widgets/views/volume/VolumeViewer.h"

#include <QSplitter>

#include <memory>

namespace reticle {

class MessageBar;
class StackViewer;

/// A StackViewer and, once its button asks for it, the 3-D view of the same stack beside it (below it where there is little
/// room): slice, crosshair and contrast go both ways. The stack is read when the 3-D view is first shown. GUI thread.
class VolumePane : public QSplitter
{
    Q_OBJECT
public:
    VolumePane(StackViewer *viewer, MessageBar *message, QWidget *parent = nullptr);

    void setSource(std::shared_ptr<ImageSource> source);
    void setSurfaces(std::vector<SurfaceSource> surfaces);
    /// Typed once for these images: nm along x, y, z as in VolumeOptions.
    void setVoxelSize(double x, double y, double z);
    bool isShown() const;
    void setShown(bool shown);
    VolumeViewer *viewer() const { return m_volume; } ///< null until it was shown

Q_SIGNALS:
    void voxelSizeTyped(double x, double y, double z); ///< other than the file's; all 0: the file's again

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void make();
    void followViews();
    void arrange();
    void pointAt(std::int64_t x, std::int64_t y);
    void takeClick(std::int64_t x, std::int64_t y, Qt::MouseButton button);

    StackViewer *m_stack;
    MessageBar *m_message;
    VolumeViewer *m_volume = nullptr;
    std::shared_ptr<ImageSource> m_source;
    std::vector<SurfaceSource> m_surfaces;
    std::array<double, 3> m_voxel{}; ///< typed; all 0 = none
    bool m_panelBefore = true;
    int m_room = -1; ///< how much there was when the parts were arranged
};

} // namespace reticle
