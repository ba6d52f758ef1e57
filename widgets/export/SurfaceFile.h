#pragma once

#include "widgets/views/SurfaceMesh.h"
#include "widgets/views/VolumeCamera.h"

#include <QString>
#include <QStringList>

namespace reticle {

/// What the coordinates of a written surface mean.
struct SurfaceScale
{
    Point3 voxel{1, 1, 1};               ///< size of a file voxel along x, y, z in `unit`
    QString unit = QStringLiteral("px"); ///< "µm", "px"
};

/// Micrometres where the pixel size is known (nm, 0 = not known), else pixels; `sliceDistance` likewise.
SurfaceScale surfaceScale(double pixelSize, double sliceDistance);

/// By the file's ending: binary STL (its header names the unit), binary PLY (with colours; the unit in a comment) or OBJ (an
/// object a label). Written beside and renamed: no half-written file is left. Throws Error naming the file.
void writeSurface(const SurfaceMesh &mesh, const SurfaceScale &scale, const QString &path);

/// "STL (*.stl)" and so on, for a file dialog.
QStringList surfaceFilters();

} // namespace reticle
