#pragma once

#include "widgets/views/volume/SurfaceMesh.h"
#include "widgets/views/volume/VolumeCamera.h"

#include <QString>
#include <QStringList>

namespace reticle {

/// What the coordinates of a written surface mean.
struct SurfaceScale
{
    Point3 voxel{1, 1, 1};               ///< size of a file voxel along x, y, z in `unit`
    QString unit = QStringLiteral("px"); ///< "µm", "px"
};

/// Of a voxel's sides x, y, z in nm: micrometres where x is known (0 = not known), else pixels; y and z count as x where
/// they are not known.
SurfaceScale surfaceScale(double x, double y, double z);

/// By the file's ending: binary STL (its header names the unit), binary PLY (with colors; the unit in a comment) or OBJ (an
/// object a label). Written beside and renamed: no half-written file is left. Throws Error naming the file.
void writeSurface(const SurfaceMesh &mesh, const SurfaceScale &scale, const QString &path);

/// "STL (*.stl)" and so on, for a file dialog.
QStringList surfaceFilters();

} // namespace reticle
