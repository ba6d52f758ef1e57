#pragma once

#include "widgets/views/volume/VolumeFrame.h"

#include <QImage>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace reticle {

/// Draws frames with VTK into an off-screen context of its own and reads the picture back. One thread at a time: the one
/// that makes it also uses and deletes it.
class VolumeScene
{
public:
    enum class Caster {
        Automatic, ///< the processor where OpenGL is software, else the graphics card
        Processor,
        Graphics,
    };

    /// Throws Error (Kind::Failed) where there is no OpenGL 3.2.
    explicit VolumeScene(Caster caster = Caster::Automatic);
    ~VolumeScene();

    /// Null when `abort` became true before the picture was complete (looked at only while the frame is not moving). A
    /// moving frame's picture may be smaller than its size. Throws Error (Kind::Failed).
    QImage render(const VolumeFrame &frame, const std::atomic<bool> &abort);
    /// As fine as may be, in tiles, so that any size can be had; a frame's own size is not looked at. Null when `abort`
    /// became true before it was complete. Before each tile `between` is told how many of them are done: it may render()
    /// other frames. Throws Error (Kind::Failed).
    QImage picture(VolumeFrame frame, QSize size, const std::atomic<bool> &abort,
                   const std::function<void(int done, int tiles)> &between = {});
    /// Screen pixels between two rays of a moving frame; follows how long moving frames take.
    double coarseness() const;
    /// Screen pixels a pixel of a moving frame is wide: more than 1 where wider rays are no help, as with surfaces alone.
    double shrinking() const;
    const std::string &renderer() const; ///< what OpenGL calls the thing that draws
    bool castsOnProcessor() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
