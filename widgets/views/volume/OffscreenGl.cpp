#include "widgets/views/volume/OffscreenGl.h"

#include "foundation/Error.h"

#define EGL_NO_X11 // its macros (None, Bool, …) are nobody's friends
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/gl.h>

#include <cstring>
#include <mutex>
#include <vector>

namespace reticle {

namespace {

[[noreturn]] void noOpenGl(const std::string &found)
{
    throw Error(Error::Kind::Failed,
                {"3-D view", "OpenGL 3.2 for drawing off screen (EGL)", found,
                 "install the graphics driver, or the packages libegl1 and libgl1-mesa-dri for drawing without one"});
}

bool has(const char *list, const char *extension)
{
    return list && std::strstr(list, extension);
}

/// Ready displays, hardware first. They live as long as the program: closing one would take it from every other context.
const std::vector<EGLDisplay> &displays()
{
    static const std::vector<EGLDisplay> all = [] {
        std::vector<EGLDisplay> found;
        const auto take = [&](EGLDisplay display) {
            EGLint major = 0, minor = 0;
            if (display != EGL_NO_DISPLAY && eglInitialize(display, &major, &minor))
                found.push_back(display);
        };
        const char *extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
        const auto platformDisplay =
            reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(eglGetProcAddress("eglGetPlatformDisplayEXT"));
        const auto queryDevices = reinterpret_cast<PFNEGLQUERYDEVICESEXTPROC>(eglGetProcAddress("eglQueryDevicesEXT"));
        const auto queryDevice = reinterpret_cast<PFNEGLQUERYDEVICESTRINGEXTPROC>(eglGetProcAddress("eglQueryDeviceStringEXT"));
        if (platformDisplay && queryDevices && queryDevice && has(extensions, "EGL_EXT_platform_device")) {
            EGLDeviceEXT devices[16];
            EGLint count = 0;
            if (queryDevices(16, devices, &count))
                for (EGLint i = 0; i < count; ++i)
                    if (!has(queryDevice(devices[i], EGL_EXTENSIONS), "EGL_MESA_device_software"))
                        take(platformDisplay(EGL_PLATFORM_DEVICE_EXT, devices[i], nullptr));
        }
        if (platformDisplay && has(extensions, "EGL_MESA_platform_surfaceless"))
            take(platformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr));
        take(eglGetDisplay(EGL_DEFAULT_DISPLAY));
        return found;
    }();
    return all;
}

std::mutex &displayLock()
{
    static std::mutex lock;
    return lock;
}

} // namespace

struct OffscreenGl::Private
{
    EGLDisplay display = EGL_NO_DISPLAY;
    EGLContext context = EGL_NO_CONTEXT;
    EGLSurface surface = EGL_NO_SURFACE; ///< only where a context cannot be current without one
    std::string renderer;

    bool open(EGLDisplay on)
    {
        if (!eglBindAPI(EGL_OPENGL_API))
            return false;
        const EGLint wanted[] = {EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
        EGLConfig config = nullptr;
        EGLint count = 0;
        if (!eglChooseConfig(on, wanted, &config, 1, &count) || count < 1)
            return false;
        const EGLint version[] = {
            EGL_CONTEXT_MAJOR_VERSION,           3,       EGL_CONTEXT_MINOR_VERSION, 2, EGL_CONTEXT_OPENGL_PROFILE_MASK,
            EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
        context = eglCreateContext(on, config, EGL_NO_CONTEXT, version);
        if (context == EGL_NO_CONTEXT)
            return false;
        display = on;
        if (!has(eglQueryString(on, EGL_EXTENSIONS), "EGL_KHR_surfaceless_context")) {
            const EGLint size[] = {EGL_WIDTH, 1, EGL_HEIGHT, 1, EGL_NONE};
            surface = eglCreatePbufferSurface(on, config, size);
        }
        return true;
    }
};

OffscreenGl::OffscreenGl() : d(std::make_unique<Private>())
{
    const std::lock_guard lock(displayLock());
    if (displays().empty())
        noOpenGl("no driver that offers it");
    for (const EGLDisplay display : displays())
        if (d->open(display))
            return;
    noOpenGl("a driver without it");
}

OffscreenGl::~OffscreenGl()
{
    doneCurrent();
    if (d->surface != EGL_NO_SURFACE)
        eglDestroySurface(d->display, d->surface);
    if (d->context != EGL_NO_CONTEXT)
        eglDestroyContext(d->display, d->context);
}

void OffscreenGl::makeCurrent()
{
    eglBindAPI(EGL_OPENGL_API); // it is the thread's own setting
    if (eglGetCurrentContext() == d->context)
        return;
    if (!eglMakeCurrent(d->display, d->surface, d->surface, d->context))
        noOpenGl("a driver that refuses it");
    if (d->renderer.empty()) {
        if (const auto *text = glGetString(GL_RENDERER))
            d->renderer = reinterpret_cast<const char *>(text);
        if (d->renderer.empty())
            noOpenGl("a driver that does not answer");
    }
}

void OffscreenGl::doneCurrent()
{
    if (d->context != EGL_NO_CONTEXT && eglGetCurrentContext() == d->context)
        eglMakeCurrent(d->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
}

const std::string &OffscreenGl::renderer() const
{
    return d->renderer;
}

bool OffscreenGl::isSoftware() const
{
    for (const char *name : {"llvmpipe", "softpipe", "swrast", "SWR"})
        if (d->renderer.find(name) != std::string::npos)
            return true;
    return false;
}

} // namespace reticle
