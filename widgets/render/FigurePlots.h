#pragma once

#include <vtkPlot.h>
#include <vtkSmartPointer.h>

#include <QColor>
#include <QImage>
#include <QPointF>
#include <QRectF>
#include <QString>

#include <vector>

class vtkImageData;

namespace reticle {

/// Filled polygons, their outlines and separate lines, in the chart's coordinates. For bars, histograms, areas, bands and
/// error bars: VTK has no error bars, groups bars by their index only, and cannot break an area at missing values.
class ShapesPlot : public vtkPlot
{
public:
    vtkTypeMacro(ShapesPlot, vtkPlot);
    static ShapesPlot *New();

    struct Polygon
    {
        std::vector<float> points; ///< x, y, x, y, …
    };
    std::vector<Polygon> polygons;
    QColor fill;
    QColor outline = Qt::transparent; ///< of the polygons
    float outlineWidth = 0.5f;
    std::vector<float> lines; ///< pairs of points
    QColor lineColor = Qt::transparent;
    float lineWidth = 0.75f;

    bool Paint(vtkContext2D *painter) override;

protected:
    ShapesPlot() = default;
    ~ShapesPlot() override = default;
};

/// Opens a named group of the drawing, or closes the one open last (empty name), where the device can name parts.
class GroupPlot : public vtkPlot
{
public:
    vtkTypeMacro(GroupPlot, vtkPlot);
    static GroupPlot *New();
    QString name;
    bool Paint(vtkContext2D *painter) override;

protected:
    GroupPlot() = default;
    ~GroupPlot() override = default;
};

/// A picture stretched over a rectangle of the chart's coordinates.
class ImagePlot : public vtkPlot
{
public:
    vtkTypeMacro(ImagePlot, vtkPlot);
    static ImagePlot *New();

    /// `rect` with top() as its lower edge; the image's row 0 is drawn at the upper edge.
    void setImage(const QImage &image, const QRectF &rect);
    bool Paint(vtkContext2D *painter) override;

protected:
    ImagePlot() = default;
    ~ImagePlot() override = default;

private:
    vtkSmartPointer<vtkImageData> m_image;
    QRectF m_rect;
};

} // namespace reticle
