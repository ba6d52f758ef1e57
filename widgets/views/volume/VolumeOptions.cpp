#include "widgets/views/volume/VolumeOptions.h"

#include "figure/ColorMap.h"
#include "widgets/views/volume/VolumeData.h"

#include <cmath>

namespace reticle {

namespace {

constexpr double largestVoxel = 1e9; // nm

/// What a form may begin with, whatever a file says.
double voxelSide(double nm)
{
    return nm > 0 ? std::min(nm, largestVoxel) : 0;
}

} // namespace

const Schema<VolumeOptions> &volumeSchema()
{
    using O = VolumeOptions;
    static const Schema<O> schema = [] {
        Schema<O> s("volume", "3-D view");
        s.field(&O::image,
                {.name = "image",
                 .title = "Show as",
                 .help = "Volume: solid where the values are; maximum: the brightest (or darkest) value behind each pixel.",
                 .choices = {"volume", "maximum", "hidden"}})
            .field(&O::solid,
                   {.name = "solid", .help = "Which values hide what lies behind them.", .choices = {"bright", "dark"}})
            .field(&O::threshold, {.name = "threshold", .help = "Values short of this are clear."})
            .field(&O::full,
                   {.name = "full", .title = "Full from", .help = "From here on values are as solid as the opacity allows."})
            .field(&O::opacity,
                   {.name = "opacity", .help = "How solid: 1 hides everything behind the first layer.", .min = 0.0, .max = 1.0})
            .field(&O::colors,
                   {.name = "colors", .help = "Color map of the volume and of the slices in it.", .choices = colorMapNames()})
            .field(&O::shading, {.name = "shading", .help = "Light and shade on the volume; slower."})
            .field(&O::slice, {.name = "slice",
                               .title = "Slice on show",
                               .help = "The slice of the slice viewer as a picture in its place.",
                               .group = "Slices"})
            .field(&O::cut, {.name = "cut",
                             .title = "Cut away above it",
                             .help = "Shows only what lies behind the slice on show.",
                             .group = "Slices"})
            .field(&O::across, {.name = "across",
                                .title = "Row and column",
                                .help = "Two pictures across the stack, through the crosshair.",
                                .group = "Slices"})
            .field(&O::surfaces, {.name = "surfaces",
                                  .title = "Surfaces of",
                                  .help = "Labels or a prediction whose borders are drawn as surfaces.",
                                  .choices = {"none"},
                                  .group = "Surfaces"})
            .field(&O::kind, {.name = "kind",
                              .title = "Whole numbers",
                              .help = "What whole numbers in a prediction are: a label an object, or a probability from 0 to the "
                                      "type's largest number.",
                              .choices = {"automatic", "labels", "probability"},
                              .group = "Surfaces"})
            .field(&O::level, {.name = "level",
                               .help = "Where the surface of a probability (0 to 1) or of the image runs.",
                               .group = "Surfaces"})
            .field(&O::labels, {.name = "labels",
                                .title = "Only labels",
                                .help = "Numbers of the labels to draw; empty draws all.",
                                .min = 1.0,
                                .group = "Surfaces"})
            .field(&O::smooth, {.name = "smooth",
                                .title = "Smoothing",
                                .help = "Rounds of smoothing; 0 keeps the steps of the voxels.",
                                .min = 0.0,
                                .max = 200.0,
                                .group = "Surfaces"})
            .field(&O::surfaceOpacity, {.name = "surface-opacity",
                                        .title = "Opacity",
                                        .help = "1 is solid.",
                                        .min = 0.05,
                                        .max = 1.0,
                                        .group = "Surfaces"})
            .field(&O::depth,
                   {.name = "depth",
                    .title = "Depth is",
                    .help = "Slices of the time point and channel that the slice viewer shows, or every page of the file.",
                    .choices = {"slices", "pages"},
                    .group = "Voxels"})
            .field(&O::pixelSize, {.name = "pixel-size",
                                   .title = "Pixel size",
                                   .help = "0 when it is not known: lengths are then in pixels.",
                                   .unit = "nm",
                                   .min = 0.0,
                                   .max = largestVoxel,
                                   .group = "Voxels"})
            .field(&O::pixelHeight, {.name = "pixel-height",
                                     .title = "Pixel height",
                                     .help = "Where pixels are not square; 0 when they are.",
                                     .unit = "nm",
                                     .min = 0.0,
                                     .max = largestVoxel,
                                     .group = "Voxels"})
            .field(&O::sliceDistance, {.name = "slice-distance",
                                       .title = "Slice distance",
                                       .help = "0 when it is not known: slices then lie one pixel apart.",
                                       .unit = "nm",
                                       .min = 0.0,
                                       .max = largestVoxel,
                                       .group = "Voxels"})
            .field(&O::mostVoxels, {.name = "most-voxels",
                                    .title = "At most",
                                    .help = "Larger stacks are reduced to this many voxels as they are read.",
                                    .unit = "million",
                                    .min = 0.001,
                                    .max = 1024.0,
                                    .group = "Voxels"})
            .field(&O::box, {.name = "box", .help = "The edges of the stack.", .group = "Frame"})
            .field(&O::axes, {.name = "axes", .title = "Axes", .help = "Where x, y and z point.", .group = "Frame"})
            .field(&O::scaleBar,
                   {.name = "scale-bar", .title = "Scale bar", .help = "A length for comparison.", .group = "Frame"});
        return s;
    }();
    return schema;
}

SchemaInfo volumeSchemaFor(const VolumeData *image, const std::vector<std::string> &surfaces, bool manyVolumes)
{
    SchemaInfo info = volumeSchema().info();
    for (auto &field : info.fields) {
        if (field.name == "surfaces") {
            field.choices = {"none"};
            field.choices.insert(field.choices.end(), surfaces.begin(), surfaces.end());
        }
        if (!image)
            continue;
        if (field.name == "threshold" || field.name == "full") {
            // A constant stack has no range to stay in.
            if (image->maximum > image->minimum) {
                field.min = image->minimum;
                field.max = image->maximum;
            }
            const double value = field.name == "threshold" ? image->otsu() : image->percentile(0.9965);
            const double span = image->maximum - image->minimum,
                         digits = span > 0 ? std::pow(10.0, 3 - std::floor(std::log10(span))) : 1;
            const double rounded = std::round(value * digits) / digits;
            // Of the tiniest spans the digits overflow.
            field.defaultValue =
                span > 0 ? std::clamp(std::isfinite(rounded) ? rounded : value, image->minimum, image->maximum) : image->minimum;
        } else if (field.name == "pixel-size") {
            field.defaultValue = voxelSide(image->nanometres[0]);
        } else if (field.name == "pixel-height") {
            const double x = voxelSide(image->nanometres[0]), y = voxelSide(image->nanometres[1]);
            constexpr double rounding = 1e-4; // files tell sizes as ratios of whole numbers or in single precision
            field.defaultValue = x > 0 && y > 0 && std::abs(y - x) > rounding * x ? y : 0.0;
        } else if (field.name == "slice-distance") {
            field.defaultValue = voxelSide(image->nanometres[2]);
        }
    }
    if (!manyVolumes)
        std::erase_if(info.fields, [](const Field &field) { return field.name == "depth"; });
    return info;
}

} // namespace reticle
