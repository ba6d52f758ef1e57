#include "widgets/export/FigureDocuments.h"

#include <QBuffer>
#include <QImageWriter>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>

namespace reticle {

QByteArray svgDocument(FigureScene &scene, const QRectF &paper, const Figure &figure, bool)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setResolution(72);
    svg.setSize(paper.size().toSize());
    svg.setViewBox(QRectF(QPointF(0, 0), paper.size()));
    svg.setTitle(QString::fromStdString(figure.title));
    QPainter painter(&svg);
    painter.translate(-paper.topLeft());
    scene.paint(painter, PaintTarget::Vector);
    painter.end();
    return bytes;
}

QByteArray pdfDocument(FigureScene &scene, const QRectF &paper, const Figure &figure)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter pdf(&buffer);
    pdf.setPageSize(QPageSize(paper.size(), QPageSize::Point, QString(), QPageSize::ExactMatch));
    pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
    pdf.setResolution(1200);
    pdf.setTitle(QString::fromStdString(figure.title.empty() ? figure.name : figure.title));
    pdf.setCreator(QStringLiteral("Reticle " RETICLE_VERSION));
    QPainter painter(&pdf);
    painter.scale(1200 / 72.0, 1200 / 72.0);
    painter.translate(-paper.topLeft());
    scene.paint(painter, PaintTarget::Vector);
    painter.end();
    return bytes;
}

QByteArray pngDocument(const QImage &image, const Figure &figure)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QImageWriter writer(&buffer, "png");
    writer.setText("Software", QStringLiteral("Reticle " RETICLE_VERSION));
    writer.setText("Title", QString::fromStdString(figure.title.empty() ? figure.name : figure.title));
    writer.write(image);
    return bytes;
}

} // namespace reticle
