#include "widgets/render/ImageComposite.h"

#include "figure/ColorMap.h"
#include "widgets/render/Ticks.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

bool isColor(const Array &image)
{
    return image.rank() == 3 && image.dim(2) >= 3 && image.dtype() == DType::UInt8;
}

QRgb blend(QRgb under, QRgb over, double opacity)
{
    const auto mix = [&](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * opacity)); };
    return qRgb(mix(qRed(under), qRed(over)), mix(qGreen(under), qGreen(over)), mix(qBlue(under), qBlue(over)));
}

void drawOverlay(QImage &image, const Overlay &overlay)
{
    const Array &v = overlay.values;
    if (v.rank() != 2 || v.dim(0) != image.height() || v.dim(1) != image.width())
        return;
    const int width = image.width(), height = image.height();
    const bool outlines = overlay.kind == Overlay::Kind::Outlines;
    const auto at = [&](int x, int y) { return v.value(static_cast<std::int64_t>(y) * width + x); };
    const bool probability = overlay.kind == Overlay::Kind::Probability;
    const auto *table = probability ? &colorTable(overlay.colorMap) : nullptr;
    for (int y = 0; y < height; ++y) {
        auto *line = reinterpret_cast<QRgb *>(image.scanLine(y));
        for (int x = 0; x < width; ++x) {
            const double value = at(x, y);
            if (probability) {
                if (std::isfinite(value))
                    line[x] = blend(line[x], mapColor(*table, value), overlay.opacity * std::clamp(value, 0.0, 1.0));
                continue;
            }
            if (!(value != 0) || !std::isfinite(value))
                continue;
            if (outlines && !((x > 0 && at(x - 1, y) != value) || (x + 1 < width && at(x + 1, y) != value) ||
                              (y > 0 && at(x, y - 1) != value) || (y + 1 < height && at(x, y + 1) != value)))
                continue;
            line[x] = blend(line[x], labelColor(static_cast<std::int64_t>(value)), outlines ? 1 : overlay.opacity);
        }
    }
}

} // namespace

Range contrastRange(const Array &image)
{
    std::vector<double> values;
    const auto n = image.size();
    // Every pixel up to a million of them; beyond that an even sample tells the same percentiles.
    const auto stride = std::max<std::int64_t>(1, n / 1000003);
    values.reserve(static_cast<std::size_t>(n / stride + 1));
    for (std::int64_t i = 0; i < n; i += stride)
        if (const double v = image.value(i); std::isfinite(v))
            values.push_back(v);
    if (values.empty())
        return {0, 1};
    const auto percentile = [&](double p) {
        const auto k = static_cast<std::ptrdiff_t>(std::lround(p * static_cast<double>(values.size() - 1)));
        std::nth_element(values.begin(), values.begin() + k, values.end());
        return values[static_cast<std::size_t>(k)];
    };
    Range range{percentile(0.0035), percentile(0.9965)};
    if (!(range.low < range.high)) { // two values only, one of them rare
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        range = {*low, *high};
    }
    return range;
}

ImageComposite compose(const ImagePanel &panel)
{
    ImageComposite out;
    const Array &a = panel.image;
    if (a.rank() < 2 || a.empty())
        return out;
    const int height = static_cast<int>(a.dim(0)), width = static_cast<int>(a.dim(1));
    if (isColor(a)) {
        out.image = QImage(width, height, QImage::Format_ARGB32);
        const auto channels = a.dim(2);
        const auto *data = a.data<std::uint8_t>();
        for (int y = 0; y < height; ++y) {
            auto *line = reinterpret_cast<QRgb *>(out.image.scanLine(y));
            for (int x = 0; x < width; ++x, data += channels)
                line[x] = qRgb(data[0], data[1], data[2]);
        }
    } else {
        const Range contrast = contrastRange(a);
        ColorBar bar;
        const Array plane = a.rank() == 2 ? a : a.reshaped({height, a.size() / height});
        out.image =
            coloredValues(plane, panel.colorMap, panel.black.value_or(contrast.low), panel.white.value_or(contrast.high), bar);
        bar.axis.label = panel.colorLabel;
        if (panel.colorBar)
            out.bar = bar;
        out.nothingKnown = true;
        for (std::int64_t i = 0; i < a.size() && out.nothingKnown; ++i)
            out.nothingKnown = std::isnan(a.value(i));
    }
    for (const auto &overlay : panel.overlays) {
        drawOverlay(out.image, overlay);
        if (overlay.kind == Overlay::Kind::Probability)
            continue;
        for (std::size_t k = 1; k < overlay.classNames.size(); ++k)
            out.classes.emplace_back(QString::fromStdString(overlay.classNames[k]),
                                     QColor::fromRgb(labelColor(static_cast<std::int64_t>(k))));
    }
    return out;
}

QImage compose(const ImageGridPanel &panel)
{
    if (panel.cells.empty() || panel.columns < 1)
        return {};
    std::vector<QImage> cells;
    QSize cell;
    for (const auto &c : panel.cells) {
        cells.push_back(compose(c).image);
        cell = cell.expandedTo(cells.back().size());
    }
    const int columns = panel.columns, rows = (static_cast<int>(cells.size()) + columns - 1) / columns;
    QImage image(columns * cell.width() + (columns - 1) * panel.gap, rows * cell.height() + (rows - 1) * panel.gap,
                 QImage::Format_ARGB32);
    image.fill(Qt::transparent);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const int row = static_cast<int>(i) / columns, column = static_cast<int>(i) % columns;
        const QImage &from = cells[i];
        for (int y = 0; y < from.height(); ++y)
            std::copy_n(reinterpret_cast<const QRgb *>(from.constScanLine(y)), from.width(),
                        reinterpret_cast<QRgb *>(image.scanLine(row * (cell.height() + panel.gap) + y)) +
                            column * (cell.width() + panel.gap));
    }
    return image;
}

ScaleBar scaleBar(double imageWidth, double pixelSize, const std::string &unit)
{
    if (!(pixelSize > 0) || !(imageWidth > 0))
        return {};
    const double wanted = imageWidth * pixelSize / 5;
    const double base = std::pow(10.0, std::floor(std::log10(wanted)));
    double length = base;
    for (const double f : {2.0, 5.0})
        if (f * base <= wanted)
            length = f * base;
    double shown = length;
    std::string name = unit == "um" ? "\u00b5m" : unit;
    const std::vector<std::string> units{"nm", "\u00b5m", "mm"};
    for (auto it = std::find(units.begin(), units.end(), name); it != units.end() && it + 1 != units.end() && shown >= 1000;
         ++it) {
        shown /= 1000;
        name = *(it + 1);
    }
    return {length / pixelSize, QString::fromStdString(formatShort(shown) + " " + name)};
}

} // namespace reticle
