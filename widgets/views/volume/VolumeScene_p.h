#pragma once

#include "widgets/views/volume/VolumeFrame.h"

#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkImageData.h>
#include <vtkPolyData.h>
#include <vtkSmartPointer.h>

class vtkActor;
class vtkTexture;

namespace reticle {

/// A render window in a context that is none of VTK's: OpenGL's functions are found without an X display, which VTK 9.1
/// takes for a failure.
class OffscreenWindow : public vtkGenericOpenGLRenderWindow
{
public:
    static OffscreenWindow *New();
    vtkTypeMacro(OffscreenWindow, vtkGenericOpenGLRenderWindow);

    void OpenGLInitContext() override;
    bool isUsable() const { return GlewInitValid; }
    int largestTexture3D() const { return m_largestTexture3D; } ///< voxels along a side
    /// What Render() drew, as BGRA from the lowest row up.
    void readPixels(int width, int height, unsigned char *to);

private:
    int m_largestTexture3D = 0;
};

/// The volume's numbers for VTK, shared where that is possible; an axis of one voxel is doubled, as rays need two samples.
/// `mirrored`: the largest stored value minus each.
vtkSmartPointer<vtkImageData> samplesOf(const VolumeData &volume, bool mirrored);
/// With normals at the corners and the color of each piece's label.
vtkSmartPointer<vtkPolyData> polyDataOf(const SurfaceMesh &mesh);
/// The twelve edges from the origin to `size`.
vtkSmartPointer<vtkPolyData> boxOf(const Point3 &size);

/// A column, row or slice (axis 0, 1, 2) of the stack as a picture in its place.
class SlicePicture
{
public:
    explicit SlicePicture(int axis);
    ~SlicePicture();
    vtkActor *actor() const;
    void show(const VolumeFrame &frame);

private:
    void fill(const VolumeFrame &frame);

    int m_axis;
    vtkSmartPointer<vtkActor> m_actor;
    vtkSmartPointer<vtkTexture> m_texture;
    vtkSmartPointer<vtkPolyData> m_plane;
    vtkSmartPointer<vtkImageData> m_picture;
    std::shared_ptr<const VolumeData> m_image; ///< what the picture was made from
    std::int64_t m_at = -1;
    double m_black = 0, m_white = 0;
    std::string m_colors;
};

} // namespace reticle
