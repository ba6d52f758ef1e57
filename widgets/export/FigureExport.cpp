#include "widgets/export/FigureExport.h"

#include "documents/FigureNotes.h"
#include "figure/ColorMap.h"
#include "files/ImageWriter.h"
#include "files/OutputGuard.h"
#include "files/SiblingFile.h"
#include "foundation/Error.h"
#include "project/SealedText.h"
#include "widgets/export/FigureCsv.h"
#include "widgets/export/FigureDocuments.h"
#include "widgets/render/FigureScene.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr double pointsPerMm = 72 / 25.4;

struct Page
{
    FigureScene scene;
    QSizeF size;  ///< pt, as asked for
    QRectF paper; ///< pt, grown where something stands out
};

/// Lays out, measures with a first paint and grows the paper where something would be cut.
void preparePage(Page &page, const Figure &figure, double widthMm, double pixelsPerPoint, std::vector<std::string> &warnings)
{
    page.scene.setFigure(figure);
    const double width = widthMm * pointsPerMm;
    page.size = QSizeF(width, page.scene.heightFor(width));
    page.scene.layout(page.size, pixelsPerPoint);
    QImage scratch(8, 8, QImage::Format_ARGB32_Premultiplied);
    QPainter painter(&scratch);
    page.scene.paint(painter, PaintTarget::Vector);
    painter.end();
    const QRectF whole(QPointF(0, 0), page.size);
    page.paper = whole;
    const QRectF ink = page.scene.ink();
    if (!whole.adjusted(-0.5, -0.5, 0.5, 0.5).contains(ink)) {
        page.paper = whole.united(ink.adjusted(-2, -2, 2, 2));
        std::string longest;
        for (const auto &mark : page.scene.marks())
            if (!whole.contains(mark.box) && mark.text.size() > static_cast<int>(longest.size()))
                longest = mark.text.toStdString();
        warnings.push_back("The page was enlarged from " + std::to_string(std::lround(widthMm)) + " to " +
                           std::to_string(std::lround(page.paper.width() / pointsPerMm)) + " mm so that \"" + longest +
                           "\" is not cut.");
    }
}

void checkMarks(const Page &page, std::vector<std::string> &warnings)
{
    const TextMark *smallest = nullptr;
    for (const auto &mark : page.scene.marks())
        if (!smallest || mark.size < smallest->size)
            smallest = &mark;
    if (smallest && smallest->size < 5)
        warnings.push_back("\"" + smallest->text.toStdString() + "\" is printed at " +
                           std::to_string(std::lround(smallest->size)) + " pt; journals ask for at least 5.");
}

void checkContent(const Figure &figure, const ExportOptions &options, const std::string &format,
                  std::vector<std::string> &warnings)
{
    for (auto &note : figureNotes(figure))
        warnings.push_back(std::move(note));
    const bool vector = format == "svg" || format == "pdf";
    for (const auto &panel : figure.panels) {
        const std::string where = panel.letter.empty() ? "" : "Panel " + panel.letter + ": ";
        if (const auto *heat = std::get_if<HeatMapPanel>(&panel.content); heat && heat->color.label.empty())
            warnings.push_back(where + "the color bar has no label.");
        if (const auto *image = std::get_if<ImagePanel>(&panel.content); image && image->colorBar && image->colorLabel.empty())
            warnings.push_back(where + "the color bar has no label.");
        if (const auto *xy = std::get_if<XYPanel>(&panel.content)) {
            std::size_t nodes = 0, drawn = 0;
            for (const auto &s : xy->series) {
                nodes += s.x.size();
                drawn += s.color.empty() ? 1 : 0;
            }
            if (vector && !options.thinLines && nodes > 200000)
                warnings.push_back(where + std::to_string(nodes) + " points make a slow and large " + format +
                                   "; thin the lines to what can be seen at 600 dpi, or choose PNG.");
            if (drawn > static_cast<std::size_t>(paletteSize()))
                warnings.push_back(where + std::to_string(drawn) + " series share " + std::to_string(paletteSize()) +
                                   " colors; give some a color of their own.");
        }
    }
}

Error noRoom()
{
    return Error(Error::Kind::Failed, "figure",
                 "There is not enough memory for a picture of this size. Choose a smaller width or fewer dots per inch.");
}

QImage paintImage(Page &page, int dpi)
{
    const double scale = dpi / 72.0;
    QImage image(static_cast<int>(std::lround(page.paper.width() * scale)),
                 static_cast<int>(std::lround(page.paper.height() * scale)), QImage::Format_RGB32);
    if (image.isNull()) // also where the sides are more than a picture can have
        throw noRoom();
    image.fill(page.scene.style().page);
    image.setDotsPerMeterX(static_cast<int>(std::lround(dpi / 0.0254)));
    image.setDotsPerMeterY(static_cast<int>(std::lround(dpi / 0.0254)));
    QPainter painter;
    if (!painter.begin(&image))
        throw noRoom();
    painter.scale(scale, scale);
    painter.translate(-page.paper.topLeft());
    page.scene.paint(painter, PaintTarget::Raster);
    return image;
}

std::string formatOf(const std::filesystem::path &file, const ExportOptions &options)
{
    std::string format = options.format;
    if (format.empty() && file.has_extension())
        format = file.extension().string().substr(1);
    std::transform(format.begin(), format.end(), format.begin(), [](unsigned char c) { return std::tolower(c); });
    if (format == "tif")
        format = "tiff";
    for (const char *known : {"svg", "pdf", "png", "tiff", "csv"})
        if (format == known)
            return format;
    throw Error({.where = file.string(),
                 .expected = "the ending .svg, .pdf, .png, .tiff or .csv",
                 .found = format.empty() ? "none" : "\"." + format + "\"",
                 .wayOut = "choose one of them"});
}

constexpr const char *pictureNote =
    "Pictures of 65,536 pixels and more do not go into CSV: their values go to .npy files beside it.";

bool hasLargePicture(const Figure &figure)
{
    for (const auto &panel : figure.panels) {
        if (const auto *image = std::get_if<ImagePanel>(&panel.content); image && isLargeForCsv(image->image))
            return true;
        if (const auto *grid = std::get_if<ImageGridPanel>(&panel.content))
            for (const auto &cell : grid->cells)
                if (isLargeForCsv(cell.image))
                    return true;
    }
    return false;
}

void refuseProblems(const Figure &figure)
{
    const auto problems = figure.problems();
    if (problems.empty())
        return;
    std::string all;
    for (const auto &p : problems)
        all += (all.empty() ? "" : " ") + p;
    throw Error(Error::Kind::Input, figure.name.empty() ? "figure" : figure.name, all);
}

void finish(std::vector<std::string> &warnings, const ExportOptions &options, const Figure &figure)
{
    std::vector<std::string> unique;
    for (auto &w : warnings)
        if (std::find(unique.begin(), unique.end(), w) == unique.end())
            unique.push_back(std::move(w));
    warnings = std::move(unique);
    if (options.strict && !warnings.empty())
        throw Error(Error::Kind::Input, figure.name.empty() ? "figure" : figure.name, warnings.front());
}

} // namespace

std::vector<std::string> exportFigure(const Figure &figure, const std::filesystem::path &file, const ExportOptions &options)
{
    const std::string format = formatOf(file, options);
    requireOutput(file, Place::File);
    refuseProblems(figure);
    if (options.dpi < 30 || options.dpi > 4800)
        throw Error({.where = "dpi", .expected = "30 to 4800", .found = std::to_string(options.dpi), .wayOut = ""});
    const double widthMm = options.widthMm > 0 ? options.widthMm : figure.widthMm;
    if (!(widthMm >= 20 && widthMm <= 2000))
        throw Error({.where = "width", .expected = "20 to 2000 mm", .found = std::to_string(widthMm) + " mm", .wayOut = ""});
    std::vector<std::string> warnings, notes;
    if (format == "csv") {
        auto base = file;
        base.replace_extension();
        for (const auto &part : figureCsv(figure, base.filename().string())) {
            const std::filesystem::path path = base.string() + part.suffix;
            if (part.array.size() > 0)
                writeNpy(path, part.array);
            else
                files::writeResultFile(path, part.text);
        }
        if (hasLargePicture(figure))
            notes.emplace_back(pictureNote);
    } else {
        checkContent(figure, options, format, warnings);
        Page page;
        const bool raster = format == "png" || format == "tiff";
        const double pixelsPerPoint = raster ? options.dpi / 72.0 : options.thinLines ? 600 / 72.0 : 0;
        preparePage(page, figure, widthMm, pixelsPerPoint, warnings);
        checkMarks(page, warnings);
        finish(warnings, options, figure);
        QByteArray bytes;
        if (format == "png")
            bytes = pngDocument(paintImage(page, options.dpi), figure);
        else if (format == "tiff")
            bytes = tiffDocument(paintImage(page, options.dpi), figure);
        else if (format == "pdf")
            bytes = pdfDocument(page.scene, page.paper, figure);
        else
            bytes = svgDocument(page.scene, page.paper, figure, options.embedFont);
        if (bytes.isEmpty())
            throw noRoom();
        files::writeResultFile(file, {bytes.constData(), static_cast<std::size_t>(bytes.size())});
    }
    finish(warnings, options, figure);
    // Nothing to warn of, but to be said: strict lets it pass.
    warnings.insert(warnings.end(), notes.begin(), notes.end());
    if (options.caption && !figure.caption.empty()) {
        auto path = file;
        path.replace_extension(".caption.txt");
        files::writeResultFile(path, figure.caption + "\n");
    }
    return warnings;
}

std::vector<std::string> exportWarnings(const Figure &figure, const ExportOptions &options)
{
    const std::string format = formatOf({}, options);
    refuseProblems(figure);
    std::vector<std::string> warnings;
    if (format == "csv") {
        if (hasLargePicture(figure))
            warnings.emplace_back(pictureNote);
        return warnings;
    }
    checkContent(figure, options, format, warnings);
    Page page;
    preparePage(page, figure, options.widthMm > 0 ? options.widthMm : figure.widthMm, 1, warnings);
    checkMarks(page, warnings);
    return warnings;
}

std::vector<std::string> exportAll(const Figure &figure, const std::filesystem::path &base, const ExportOptions &options)
{
    std::vector<std::string> warnings;
    for (const std::string format : {"svg", "pdf", "png", "csv"}) {
        ExportOptions one = options;
        one.format = format;
        one.strict = false;
        for (auto &w : exportFigure(figure, base.string() + "." + format, one))
            warnings.push_back(std::move(w));
    }
    files::writeResultFile(base.string() + ".figure.json", sealed(figure.toJson().dump(1) + "\n"));
    finish(warnings, options, figure);
    return warnings;
}

QImage figureImage(const Figure &figure, double widthMm, int dpi)
{
    std::vector<std::string> warnings;
    Page page;
    preparePage(page, figure, widthMm, dpi / 72.0, warnings);
    return paintImage(page, dpi);
}

const std::vector<WidthPreset> &widthPresets()
{
    static const std::vector<WidthPreset> presets{
        {"1 column", 85, 0},
        {"1.5 columns", 114, 0},
        {"2 columns", 174, 0},
        {"Nature, 1 column", 89, 170},
        {"Nature, 1.5 columns", 120, 170},
        {"Nature, 2 columns", 183, 170},
        {"Science, 1 column", 57, 0},
        {"Science, 2 columns", 121, 0},
        {"Science, 3 columns", 184, 0},
        {"Cell, 1 column", 85, 0},
        {"Cell, 1.5 columns", 114, 0},
        {"Cell, 2 columns", 174, 0},
        {"PNAS, 1 column", 87, 0},
        {"PNAS, 1.5 columns", 114, 0},
        {"PNAS, 2 columns", 178, 0},
        {"PLOS, 1 column", 132, 222.3},
        {"PLOS, 2 columns", 190.5, 222.3},
        {"Elsevier, 1 column", 90, 0},
        {"Elsevier, 1.5 columns", 140, 0},
        {"Elsevier, 2 columns", 190, 0},
        {"IEEE, 1 column", 88.9, 0},
        {"IEEE, 2 columns", 181.9, 0},
        {"Screen", 160, 0},
        {"Slide", 254, 0},
    };
    return presets;
}

} // namespace reticle
