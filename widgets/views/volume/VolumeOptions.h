#pragma once

#include "foundation/Schema.h"

#include <string>
#include <vector>

namespace reticle {

struct VolumeData;

/// What the 3-D view shows and how: a form is made from volumeSchema().
struct VolumeOptions
{
    std::string image = "volume"; ///< "volume", "maximum", "hidden"
    std::string solid = "bright"; ///< or "dark": which values hide what lies behind them
    double threshold = 0;         ///< in the image's units: values short of it are clear
    double full = 1;              ///< values from here on are as solid as `opacity` allows
    double opacity = 0.6;         ///< 0..1
    std::string colors = "gray";  ///< color map of volume and slices
    bool shading = true;
    bool slice = true;                ///< the slice on show, as a picture in its place
    bool cut = true;                  ///< nothing is drawn above that slice
    bool across = false;              ///< row and column through the crosshair, as pictures
    std::string surfaces = "none";    ///< one of the names given to volumeSchema()
    double level = 0.5;               ///< of a probability or the image: where its surface runs
    std::vector<std::int64_t> labels; ///< of labels: only these; empty = all
    int smooth = 20;                  ///< rounds of smoothing of surfaces; 0 = the voxels' own steps
    double surfaceOpacity = 1;
    std::string kind = "automatic"; ///< of whole numbers that surfaces are drawn of: "automatic", "labels", "probability"
    std::string depth = "slices";   ///< "slices" of the time point and plane on show, or "pages": all of the file
    double pixelSize = 0;           ///< nm along a row; 0 = not known
    double pixelHeight = 0;         ///< nm along a column; 0 = as pixelSize
    double sliceDistance = 0;       ///< nm, or 0 = as many pixels as slices
    double mostVoxels = 16;         ///< millions
    bool box = true;
    bool axes = true; ///< a small cross of axes in the corner
    bool scaleBar = true;
};

const Schema<VolumeOptions> &volumeSchema();
/// The same with ranges and defaults for this stack (null = none yet) and the names of what surfaces can be drawn of.
/// `manyVolumes`: the file has time points or planes besides slices.
SchemaInfo volumeSchemaFor(const VolumeData *image, const std::vector<std::string> &surfaces, bool manyVolumes = false);

} // namespace reticle
