#include "widgets/export/FigureDocuments.h"

#include "widgets/export/SvgDevice.h"

#include <QBuffer>
#include <QDataStream>
#include <QDateTime>
#include <QHashFunctions>
#include <QImageWriter>
#include <QPainter>
#include <QPdfWriter>

#include <array>
#include <cmath>
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
        return "/MediaBox [0 0 " + QByteArray::number(size.width(), 'f', 6) + ' ' + QByteArray::number(size.height(), 'f', 6) +
               ']';
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

QByteArray tiffDocument(const QImage &image, const Figure &figure)
{
    const QImage rgb = image.convertToFormat(QImage::Format_RGB888);
    QByteArray pixels;
    pixels.reserve(3 * rgb.width() * rgb.height());
    for (int y = 0; y < rgb.height(); ++y)
        pixels.append(reinterpret_cast<const char *>(rgb.constScanLine(y)), 3 * rgb.width());
    const QByteArray strip = qCompress(pixels).mid(4); // without Qt's own length in front it is a zlib stream
    const auto text = [](const QString &words) {
        QByteArray t = words.toUtf8() + '\0';
        return t.size() < 5 ? t.leftJustified(5, '\0') : t; // shorter ones would have to stand in the entry itself
    };
    const QByteArray title = text(titleOf(figure)), software = text(QStringLiteral("Reticle " RETICLE_VERSION));
    const auto dots = static_cast<quint32>(std::lround(image.dotsPerMeterX() * 0.0254));

    // TIFF 6.0, little-endian: header, directory, what does not fit into its entries, the strip.
    enum Type : quint16 { Ascii = 2, Short = 3, Long = 4, Rational = 5 };
    struct Entry
    {
        quint16 tag, type;
        quint32 count, value;
    };
    constexpr quint32 entries = 14, directory = 8, after = directory + 2 + 12 * entries + 4;
    const auto even = [](qsizetype n) { return static_cast<quint32>(n + n % 2); };
    const quint32 bits = after, xDots = bits + 8, yDots = xDots + 8, titleAt = yDots + 8,
                  softwareAt = titleAt + even(title.size()), stripAt = softwareAt + even(software.size());
    const auto width = static_cast<quint32>(rgb.width()), height = static_cast<quint32>(rgb.height());
    const std::array<Entry, entries> list{{{256, Long, 1, width},
                                           {257, Long, 1, height},
                                           {258, Short, 3, bits},
                                           {259, Short, 1, 8}, // Adobe deflate
                                           {262, Short, 1, 2}, // RGB
                                           {270, Ascii, static_cast<quint32>(title.size()), titleAt},
                                           {273, Long, 1, stripAt},
                                           {277, Short, 1, 3},
                                           {278, Long, 1, height},
                                           {279, Long, 1, static_cast<quint32>(strip.size())},
                                           {282, Rational, 1, xDots},
                                           {283, Rational, 1, yDots},
                                           {296, Short, 1, 2}, // an inch
                                           {305, Ascii, static_cast<quint32>(software.size()), softwareAt}}};
    QByteArray bytes;
    QDataStream out(&bytes, QIODevice::WriteOnly);
    out.setByteOrder(QDataStream::LittleEndian);
    out << quint8('I') << quint8('I') << quint16(42) << directory << quint16(entries);
    for (const auto &e : list)
        out << e.tag << e.type << e.count << e.value;
    out << quint32(0) << quint16(8) << quint16(8) << quint16(8) << quint16(0) << dots << quint32(1) << dots << quint32(1);
    for (const auto *words : {&title, &software})
        out.writeRawData(words->leftJustified(even(words->size()), '\0').constData(), static_cast<int>(even(words->size())));
    out.writeRawData(strip.constData(), static_cast<int>(strip.size()));
    return bytes;
}

} // namespace reticle
