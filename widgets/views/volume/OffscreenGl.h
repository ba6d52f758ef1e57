#pragma once

#include <memory>
#include <string>

namespace reticle {

/// An OpenGL context of its own (EGL) with neither a window nor a display server behind it: the same on X, on Wayland, on
/// Qt's offscreen platform and over ssh. It draws into framebuffers only. Hardware is taken where there is some, else Mesa's
/// software rasteriser. Make and use it on any thread, but it is current on one at a time.
class OffscreenGl
{
public:
    /// Throws Error (Kind::Failed) with one sentence where this computer has no OpenGL 3.2.
    OffscreenGl();
    ~OffscreenGl();
    OffscreenGl(const OffscreenGl &) = delete;
    OffscreenGl &operator=(const OffscreenGl &) = delete;

    /// For the calling thread. Throws Error (Kind::Failed) when the driver refuses.
    void makeCurrent();
    void doneCurrent();
    /// What the driver calls the thing that draws: "llvmpipe (LLVM 15.0.6, 256 bits)". Known after makeCurrent().
    const std::string &renderer() const;
    /// Drawn by the processor: volumes are then cast by VTK's own code, which is quicker than shaders run by llvmpipe.
    bool isSoftware() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
