#pragma once

#include "figure/Figure.h"

#include <QImage>

#include <filesystem>
#include <string>
#include <vector>

namespace reticle {

struct ExportOptions
{
    std::string format;     ///< "svg", "pdf", "png", "tiff" or "csv"; empty = by the ending of the file
    double widthMm = 0;     ///< 0 = the figure's own width
    int dpi = 300;          ///< of PNG and TIFF
    bool embedFont = true;  ///< SVG: the glyphs used, as a data URI (PDF always embeds a subset)
    bool thinLines = false; ///< SVG, PDF: keep minimum and maximum per 1/600 inch of long lines
    bool caption = true;    ///< write NAME.caption.txt beside it where the figure has a caption
    bool strict = false;    ///< throw instead of returning warnings
};

/// Writes one file (CSV: one a panel, NAME.csv or NAME-a.csv, …, and large
/// pictures as .npy), beside and renamed, so that no partial file remains.
/// Text stays text with its font embedded, images are lossless, nothing is cut: where the content does not fit, the page
/// grows and a warning says so. With SOURCE_DATE_EPOCH set the same figure gives the same bytes.
/// Returns warnings (text under 5 pt after scaling, color bar without label, very long lines, similar colors, …).
/// Throws Error for an unknown format, an unwritable path, a figure that problems() refuses; needs a QGuiApplication.
std::vector<std::string> exportFigure(const Figure &figure, const std::filesystem::path &file, const ExportOptions &options = {});

/// The warnings that exportFigure would return, without writing.
std::vector<std::string> exportWarnings(const Figure &figure, const ExportOptions &options);

/// SVG, PDF, PNG, CSV and .figure.json together: `base` without ending. Returns the warnings of all, each once.
std::vector<std::string> exportAll(const Figure &figure, const std::filesystem::path &base, const ExportOptions &options = {});

/// The picture as PNG would hold it, in the print style.
QImage figureImage(const Figure &figure, double widthMm, int dpi);

/// Widths that journals print at; re-check yearly. maxHeightMm 0 = not stated.
struct WidthPreset
{
    std::string name; ///< "Cell: 1.5 columns"
    double widthMm;
    double maxHeightMm;
};
const std::vector<WidthPreset> &widthPresets();

} // namespace reticle
