#pragma once

#include "widgets/render/FigurePainter.h"
#include "widgets/render/FigureText.h"

#include <vtkContextDevice2D.h>

#include <QPainter>
#include <QTransform>

#include <vector>

namespace reticle {

/// Draws VTK's 2-D scenes with a QPainter: no OpenGL, no display. Scene units are the units of the painter's own
/// transform, which must be a pure scale and shift; y, upwards in VTK, is turned over here, so that text, pens and markers
/// keep their shape whatever the scene's matrix.
/// A scene of charts as FigureScene builds it needs polylines, polygons, markers, images and text; the rest of the
/// interface is there too, drawn plainly.
class QPainterContextDevice : public vtkContextDevice2D
{
public:
    vtkTypeMacro(QPainterContextDevice, vtkContextDevice2D);
    static QPainterContextDevice *New();

    /// Before vtkContext2D::Begin. `size` in scene units; `marks` receives every text drawn, where given.
    void attach(QPainter *painter, QSizeF size, PaintTarget target, std::vector<TextMark> *marks = nullptr);

    QPainter *painter() const { return m_painter; }

    void DrawPoly(float *points, int n, unsigned char *colors, int components) override;
    void DrawLines(float *points, int n, unsigned char *colors, int components) override;
    void DrawPoints(float *points, int n, unsigned char *colors, int components) override;
    void DrawPointSprites(vtkImageData *sprite, float *points, int n, unsigned char *colors, int components) override;
    void DrawMarkers(int shape, bool highlight, float *points, int n, unsigned char *colors, int components) override;
    void DrawQuad(float *points, int n) override;
    void DrawQuadStrip(float *points, int n) override;
    void DrawPolygon(float *points, int n) override;
    void DrawColoredPolygon(float *points, int n, unsigned char *colors, int components) override;
    void DrawEllipseWedge(float x, float y, float outRx, float outRy, float inRx, float inRy, float startAngle,
                          float stopAngle) override;
    void DrawEllipticArc(float x, float y, float rX, float rY, float startAngle, float stopAngle) override;
    void DrawString(float *point, const vtkStdString &string) override;
    void DrawString(float *point, const vtkUnicodeString &string) override;
    void ComputeStringBounds(const vtkStdString &string, float bounds[4]) override;
    void ComputeStringBounds(const vtkUnicodeString &string, float bounds[4]) override;
    void ComputeJustifiedStringBounds(const char *string, float bounds[4]) override;
    void DrawMathTextString(float *point, const vtkStdString &string) override;
    void DrawImage(float p[2], float scale, vtkImageData *image) override;
    void DrawImage(const vtkRectf &rect, vtkImageData *image) override;
    void SetColor4(unsigned char color[4]) override;
    void SetTexture(vtkImageData *image, int properties) override;
    void SetPointSize(float size) override;
    void SetLineWidth(float width) override;
    void SetLineType(int type) override;
    void SetMatrix(vtkMatrix3x3 *m) override;
    void GetMatrix(vtkMatrix3x3 *m) override;
    void MultiplyMatrix(vtkMatrix3x3 *m) override;
    void PushMatrix() override;
    void PopMatrix() override;
    void SetClipping(int *rect) override;
    void EnableClipping(bool enable) override;

protected:
    QPainterContextDevice() = default;
    ~QPainterContextDevice() override = default;

private:
    QPointF mapped(float x, float y) const;
    QPolygonF mapped(const float *points, int n) const;
    QPen pen() const;
    QBrush brush() const;
    QFont font() const;
    void fill(const QPolygonF &polygon, const QBrush &brush);
    void stroke(const QPolygonF &line, const QPen &pen);
    bool strokeOnPixels(const QPolygonF &line, QPen pen);
    void strokeInRuns(QPainter &painter, const QPolygonF &line, QPen pen) const;
    void drawText(QPointF at, const QString &text);
    QRectF textBounds(const QString &text) const;

    QPainter *m_painter = nullptr;
    QSizeF m_size;
    PaintTarget m_target = PaintTarget::Raster;
    std::vector<TextMark> *m_marks = nullptr;
    QTransform m_matrix;
    std::vector<QTransform> m_stack;
    QRectF m_clip;
    bool m_clipping = false;
};

/// Rows turned over, as ARGB.
QImage toQImage(vtkImageData *image);

/// For vector targets: small images enlarged by whole factors to about 300 dpi, or viewers would blur their pixels.
QImage enlargedForVector(const QImage &image, QSizeF sizePt);

} // namespace reticle
