#include "widgets/render/FigureReadout.h"

#include "widgets/render/Ticks.h"

#include <cmath>
#include <limits>

namespace reticle {

namespace {

QString valueText(const Axis &axis, double coordinate)
{
    const double value = axis.scale == Axis::Scale::Log ? std::pow(10.0, coordinate) : coordinate;
    if (!axis.categories.empty()) {
        const auto i = std::lround(value);
        if (i >= 0 && i < static_cast<long>(axis.categories.size()))
            return QString::fromStdString(axis.categories[static_cast<std::size_t>(i)]);
    }
    QString text = QString::fromStdString(formatShort(value));
    if (!axis.unit.empty())
        text += QChar(0x00a0) + QString::fromStdString(axis.unit);
    return text;
}

QString named(const Axis &axis, const char *otherwise, double coordinate)
{
    const QString name = axis.label.empty() ? QString::fromUtf8(otherwise) : QString::fromStdString(axis.label);
    return name + ' ' + valueText(axis, coordinate);
}

std::pair<QString, QPointF> nearestOfSeries(const ChartModel &model, const QRectF &plot, QPointF point)
{
    double best = 12 * 12;
    std::pair<QString, QPointF> found;
    const auto place = [&](double x, double y) {
        return QPointF(plot.left() + model.xRange.fraction(x) * plot.width(),
                       plot.bottom() - model.yRange.fraction(y) * plot.height());
    };
    for (const auto &s : model.series) {
        if (s.hidden)
            continue;
        const bool lying = !s.low.empty(), bar = lying || !s.left.empty(), band = s.kind == SeriesKind::Band;
        const std::size_t n = std::min(s.x.size(), band || s.y.empty() ? s.upper.size() : s.y.size());
        std::size_t nearest = n;
        QPointF at;
        for (std::size_t i = 0; i < n; ++i) {
            const double y = band || s.y.empty() ? s.upper[i] : s.y[i];
            if (std::isnan(s.x[i]) || std::isnan(y))
                continue;
            const QPointF p = lying ? place(s.x[i], (s.low[i] + s.high[i]) / 2)
                              : bar ? place((s.left[i] + s.right[i]) / 2, y)
                                    : place(s.x[i], y);
            double distance = QPointF::dotProduct(p - point, p - point);
            if (bar) // anywhere on the bar
                if (const auto box = barBox(model, s, i);
                    box && QRectF(place(box->left(), box->bottom()), place(box->right(), box->top())).contains(point))
                    distance = 0;
            if (distance < best) {
                best = distance;
                nearest = i;
                at = p;
            }
        }
        if (nearest == n)
            continue;
        QString text = s.name.isEmpty() ? QString() : s.name + ": ";
        if (lying) {
            found = {text + valueText(model.y, model.yMirror - s.y[nearest]) + ", " + named(model.x, "x", s.x[nearest]), at};
            continue;
        }
        text += named(model.x, "x", s.x[nearest]) + ", ";
        if (band || s.y.empty())
            text +=
                QString::fromUtf8("%1 to %2").arg(named(model.y, "y", s.lower[nearest]), valueText(model.y, s.upper[nearest]));
        else
            text += named(model.y, "y", s.y[nearest]);
        if (s.kind == SeriesKind::ErrorBar && !s.y.empty())
            text +=
                QString::fromUtf8(" (%1 to %2)").arg(valueText(model.y, s.lower[nearest]), valueText(model.y, s.upper[nearest]));
        found = {text, at};
    }
    return found;
}

} // namespace

std::pair<QString, QPointF> readoutOf(const Panel &panel, const PanelLayout &layout, QPointF point)
{
    if (!layout.plot.contains(point))
        return {};
    if (const auto *heat = std::get_if<HeatMapPanel>(&panel.content)) {
        const ChartModel &m = *layout.chart;
        const double u = m.xRange.low + (point.x() - layout.plot.left()) / layout.plot.width() * m.xRange.span();
        const double v = m.yRange.low + (layout.plot.bottom() - point.y()) / layout.plot.height() * m.yRange.span();
        const auto columns = m.image.width(), rows = m.image.height();
        const auto column = static_cast<int>(std::floor((u - m.imageRect.left()) / m.imageRect.width() * columns));
        const auto row = rows - 1 - static_cast<int>(std::floor((v - m.imageRect.top()) / m.imageRect.height() * rows));
        if (column < 0 || row < 0 || column >= columns || row >= rows)
            return {};
        const double cellX = m.imageRect.left() + (column + 0.5) * m.imageRect.width() / columns;
        const double cellY = m.imageRect.bottom() - (row + 0.5) * m.imageRect.height() / rows;
        const double value = heat->values.value(static_cast<std::int64_t>(row) * columns + column);
        return {named(m.x, "x", cellX) + ", " + named(m.y, "y", m.yMirror - cellY) + ": " + named(heat->color, "value", value),
                point};
    }
    if (layout.chart)
        return nearestOfSeries(*layout.chart, layout.plot, point);
    if (const auto *image = std::get_if<ImagePanel>(&panel.content)) {
        const Array &a = image->image;
        if (a.rank() < 2)
            return {};
        const auto x = static_cast<std::int64_t>((point.x() - layout.plot.left()) / layout.plot.width() * a.dim(1));
        const auto y = static_cast<std::int64_t>((point.y() - layout.plot.top()) / layout.plot.height() * a.dim(0));
        if (x < 0 || y < 0 || x >= a.dim(1) || y >= a.dim(0))
            return {};
        QStringList values;
        const auto channels = a.rank() == 3 ? a.dim(2) : 1;
        for (std::int64_t c = 0; c < channels; ++c)
            values << QString::fromStdString(formatShort(a.value((y * a.dim(1) + x) * channels + c)));
        QString text = QString::fromUtf8("x %1, y %2: %3").arg(x).arg(y).arg(values.join(' '));
        for (const auto &overlay : image->overlays)
            if (overlay.values.rank() == 2 && overlay.values.dim(0) == a.dim(0) && overlay.values.dim(1) == a.dim(1)) {
                const double v = overlay.values.value(y * a.dim(1) + x);
                const auto k = static_cast<std::size_t>(v);
                text += overlay.kind != Overlay::Kind::Probability && v >= 0 && k < overlay.classNames.size()
                            ? ", " + QString::fromStdString(overlay.classNames[k])
                            : ", " + QString::fromStdString(formatShort(v));
            }
        return {text, point};
    }
    return {};
}

} // namespace reticle
