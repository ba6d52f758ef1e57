#include "widgets/render/FigurePlots.h"

#include "widgets/render/LabeledEngine.h"
#include "widgets/render/QPainterContextDevice.h"

#include <vtkBrush.h>
#include <vtkContext2D.h>
#include <vtkImageData.h>
#include <vtkObjectFactory.h>
#include <vtkPen.h>
#include <vtkRect.h>

namespace reticle {

vtkStandardNewMacro(ShapesPlot);
vtkStandardNewMacro(ImagePlot);
vtkStandardNewMacro(GroupPlot);

namespace {

void setPen(vtkContext2D *painter, const QColor &color, float width)
{
    vtkPen *pen = painter->GetPen();
    pen->SetLineType(vtkPen::SOLID_LINE);
    pen->SetWidth(width);
    pen->SetColor(static_cast<unsigned char>(color.red()), static_cast<unsigned char>(color.green()),
                  static_cast<unsigned char>(color.blue()), static_cast<unsigned char>(color.alpha()));
}

} // namespace

bool ShapesPlot::Paint(vtkContext2D *painter)
{
    if (!Visible)
        return false;
    painter->GetBrush()->SetColor(static_cast<unsigned char>(fill.red()), static_cast<unsigned char>(fill.green()),
                                  static_cast<unsigned char>(fill.blue()), static_cast<unsigned char>(fill.alpha()));
    for (auto &polygon : polygons) {
        const int n = static_cast<int>(polygon.points.size() / 2);
        painter->GetPen()->SetLineType(vtkPen::NO_PEN); // or the context strokes it too
        painter->DrawPolygon(polygon.points.data(), n);
        if (outline.alpha() > 0) {
            setPen(painter, outline, outlineWidth);
            std::vector<float> closed = polygon.points;
            closed.insert(closed.end(), {polygon.points[0], polygon.points[1]});
            painter->DrawPoly(closed.data(), n + 1);
        }
    }
    if (!lines.empty()) {
        setPen(painter, lineColor, lineWidth);
        painter->DrawLines(lines.data(), static_cast<int>(lines.size() / 2));
    }
    return true;
}

bool GroupPlot::Paint(vtkContext2D *painter)
{
    auto *device = QPainterContextDevice::SafeDownCast(painter->GetDevice());
    LabeledEngine *engine = device ? labeledEngine(*device->painter()) : nullptr;
    if (engine && name.isEmpty())
        engine->endGroup();
    else if (engine)
        engine->beginGroup(name);
    return true;
}

void ImagePlot::setImage(const QImage &image, const QRectF &rect)
{
    m_rect = rect;
    m_image = vtkSmartPointer<vtkImageData>::New();
    m_image->SetDimensions(image.width(), image.height(), 1);
    m_image->AllocateScalars(VTK_UNSIGNED_CHAR, 4);
    auto *out = static_cast<unsigned char *>(m_image->GetScalarPointer());
    const QImage argb = image.convertToFormat(QImage::Format_ARGB32);
    for (int y = image.height() - 1; y >= 0; --y) { // VTK's first row is the lowest
        const auto *line = reinterpret_cast<const QRgb *>(argb.constScanLine(y));
        for (int x = 0; x < image.width(); ++x) {
            *out++ = static_cast<unsigned char>(qRed(line[x]));
            *out++ = static_cast<unsigned char>(qGreen(line[x]));
            *out++ = static_cast<unsigned char>(qBlue(line[x]));
            *out++ = static_cast<unsigned char>(qAlpha(line[x]));
        }
    }
}

bool ImagePlot::Paint(vtkContext2D *painter)
{
    if (!Visible || !m_image)
        return false;
    painter->DrawImage(vtkRectf(static_cast<float>(m_rect.x()), static_cast<float>(m_rect.y()),
                                static_cast<float>(m_rect.width()), static_cast<float>(m_rect.height())),
                       m_image);
    return true;
}

} // namespace reticle
