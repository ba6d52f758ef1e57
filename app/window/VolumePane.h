#pragma once

#include "widgets/views/VolumeViewer.h"

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
    bool isShown() const;
    void setShown(bool shown);
    VolumeViewer *viewer() const { return m_volume; } ///< null until it was shown

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void make();
    void arrange();
    void pointAt(std::int64_t x, std::int64_t y);

    StackViewer *m_stack;
    MessageBar *m_message;
    VolumeViewer *m_volume = nullptr;
    std::shared_ptr<ImageSource> m_source;
    std::vector<SurfaceSource> m_surfaces;
    bool m_panelBefore = true;
    int m_room = -1; ///< how much there was when the parts were arranged
};

} // namespace reticle
