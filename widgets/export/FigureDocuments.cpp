#include "widgets/export/FigureDocuments.h"

#include "widgets/export/SvgDevice.h"

#include <QBuffer>
#include <QDateTime>
#include <QHashFunctions>
#include <QImageWriter>
#include <QPainter>
#include <QPdfWriter>

#include <optional>

namespace reticle {

namespace {

QString titleOf(const Figure &figure)
{
    return QString::fromStdString(figure.title.empty() ? figure.name : figure.title);
}

constexpr int resolution = 1200; ///< steps an inch of coordinates in PDF

/// The time that SOURCE_DATE_EPOCH states (reproducible-builds.org), where it is set.
std::optional<QDateTime> reproducibleDate()
{
    bool right = false;
    const qint64 seconds = qEnvironmentVariable("SOURCE_DATE_EPOCH").toLongLong(&right);
    return right ? std::optional(QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC)) : std::nullopt;
}

/// Replaces a piece of a PDF by one of the same length (padded), so that the offsets of its objects stay right.
void patch(QByteArray &pdf, const QByteArray &from, const QByteArray &to)
{
    const auto at = pdf.indexOf(from);
    if (at >= 0 && to.size() <= from.size())
        pdf.replace(at, from.size(), to.leftJustified(from.size(), ' '));
}

} // namespace

QByteArray svgDocument(FigureScene &scene, const QRectF &paper, const Figure &figure, bool embedFont)
{
    SvgDevice svg(paper);
    QPainter painter(&svg);
    scene.paint(painter, PaintTarget::Vector);
    painter.end();
    return svg.document(titleOf(figure), QString::fromStdString(figure.caption), embedFont);
}

QByteArray pdfDocument(FigureScene &scene, const QRectF &paper, const Figure &figure)
{
    if (reproducibleDate())
        QHashSeed::setDeterministicGlobalSeed(); // Qt numbers the glyphs of a font in the order of a hash
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter pdf(&buffer);
    pdf.setPdfVersion(QPagedPaintDevice::PdfVersion_1_6);
    pdf.setPageSize(QPageSize(paper.size(), QPageSize::Point, QString(), QPageSize::ExactMatch));
    pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
    pdf.setResolution(resolution);
    pdf.setTitle(titleOf(figure));
    pdf.setCreator(QStringLiteral("Reticle " RETICLE_VERSION));
    const QSizeF rounded = pdf.pageLayout().fullRectPoints().size();
    QPainter painter(&pdf);
    painter.scale(resolution / 72.0, resolution / 72.0);
    // Qt 6.4 rounds pages to whole points and counts upwards from there; the page's true size is put in below.
    painter.translate(-paper.left(), -paper.top() - (paper.height() - rounded.height()));
    scene.paint(painter, PaintTarget::Vector);
    painter.end();
    const auto box = [](QSizeF size) {
        return "/MediaBox [0 0 " + QByteArray::number(size.width(), 'f', 6) + ' ' + QByteArray::number(size.height(), 'f', 6)
               + ']';
    };
    patch(bytes, box(rounded), box(paper.size()));
    if (const auto date = reproducibleDate())
        if (const auto at = bytes.indexOf("/CreationDate (D:"); at >= 0) {
            const auto end = bytes.indexOf(')', at);
            patch(bytes, bytes.mid(at, end - at), "/CreationDate (D:" + date->toString("yyyyMMddHHmmss").toLatin1() + 'Z');
        }
    return bytes;
}

QByteArray pngDocument(const QImage &image, const Figure &figure)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QImageWriter writer(&buffer, "png");
    writer.setText("Software", QStringLiteral("Reticle " RETICLE_VERSION));
    writer.setText("Title", titleOf(figure));
    writer.write(image);
    return bytes;
}

} // namespace reticle
