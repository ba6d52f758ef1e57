// Apart from the others, and without the precompiled header: GLEW must come before any other header of OpenGL.
#include <GL/glew.h>

#include "widgets/views/volume/VolumeScene_p.h"

#include <vtkObjectFactory.h>
#include <vtkOpenGLFramebufferObject.h>

namespace reticle {

vtkStandardNewMacro(OffscreenWindow);

void OffscreenWindow::OpenGLInitContext()
{
    if (Initialized)
        return;
    ContextCreationTime.Modified();
    const GLenum result = glewInit();
    // The functions of OpenGL itself are there by then; only those of GLX are not, and none of them is called.
    constexpr GLenum noGlxDisplay = 4; // GLEW_ERROR_NO_GLX_DISPLAY, which headers before 2.2 do not name
    GlewInitValid = (result == GLEW_OK || result == noGlxDisplay) && GLEW_VERSION_3_2;
    if (!GlewInitValid)
        return;
    Initialized = true;
    GLfloat widths[2] = {1, 1};
    glGetFloatv(GL_ALIASED_LINE_WIDTH_RANGE, widths);
    MaximumHardwareLineWidth = widths[1];
    glGetIntegerv(GL_MAX_3D_TEXTURE_SIZE, &m_largestTexture3D);
}

void OffscreenWindow::readPixels(int width, int height, unsigned char *to)
{
    GetDisplayFramebuffer()->Bind(GL_READ_FRAMEBUFFER);
    glReadBuffer(GL_COLOR_ATTACHMENT0);
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    glReadPixels(0, 0, width, height, GL_BGRA, GL_UNSIGNED_BYTE, to);
    GetDisplayFramebuffer()->UnBind(GL_READ_FRAMEBUFFER);
}

} // namespace reticle
