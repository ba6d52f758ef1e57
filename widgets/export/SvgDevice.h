#pragma once

#include <QByteArray>
#include <QPaintDevice>
#include <QRectF>
#include <QString>

#include <memory>

namespace reticle {

/// SVG 1.1 by QPainter, one unit a point. Unlike QSvgGenerator (Qt 6.4) it keeps clips, names the parts of a figure
/// (`panel-a`, `series-FCN`), writes each label as one <text>, and can embed the glyphs used.
class SvgDevice : public QPaintDevice
{
public:
    /// `paper` in points; what lies at its top left comes to the page's top left.
    explicit SvgDevice(const QRectF &paper);
    ~SvgDevice() override;

    QPaintEngine *paintEngine() const override;

    /// The document of what was painted. Call after QPainter::end.
    QByteArray document(const QString &title, const QString &description, bool embedFont) const;

protected:
    int metric(PaintDeviceMetric metric) const override;

private:
    class Engine;
    QRectF m_paper;
    std::unique_ptr<Engine> m_engine;
};

} // namespace reticle
