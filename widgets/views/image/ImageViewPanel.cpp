// What a view shows, as a panel of a figure.

#include "widgets/views/image/ImageView_p.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace reticle {

namespace {

/// Values at the middles of the panel's pixels, from coarse planes to fine ones; NaN where there is none.
Array sampled(const std::vector<Plane> &planes, const QRect &region, const Mapping &mapping, std::int64_t width,
              std::int64_t height, int channel)
{
    Array out(DType::Float64, {height, width});
    auto *o = out.data<double>();
    std::fill_n(o, out.size(), std::numeric_limits<double>::quiet_NaN());
    for (const auto &plane : planes) {
        const std::int64_t rows = plane.data.dim(0), columns = plane.data.dim(1);
        const std::int64_t channels = plane.data.rank() > 2 ? plane.data.dim(2) : 1;
        const std::int64_t of = std::min<std::int64_t>(channel, channels - 1);
        for (std::int64_t j = 0; j < height; ++j) {
            const double y = mapping.origin.y() + (static_cast<double>(j) + 0.5) * mapping.step;
            const auto row = static_cast<std::int64_t>(std::floor((y - plane.y) / plane.scale));
            if (row < 0 || row >= rows || y >= region.bottom() + 1)
                continue;
            for (std::int64_t i = 0; i < width; ++i) {
                const double x = mapping.origin.x() + (static_cast<double>(i) + 0.5) * mapping.step;
                const auto column = static_cast<std::int64_t>(std::floor((x - plane.x) / plane.scale));
                if (column >= 0 && column < columns)
                    o[j * width + i] = plane.data.value((row * columns + column) * channels + of);
            }
        }
    }
    return out;
}

Array colorsOf(const QImage &picture)
{
    Array out(DType::UInt8, {picture.height(), picture.width(), 3});
    auto *o = out.data<std::uint8_t>();
    for (int y = 0; y < picture.height(); ++y) {
        const auto *line = reinterpret_cast<const QRgb *>(picture.constScanLine(y));
        for (int x = 0; x < picture.width(); ++x, o += 3) {
            o[0] = static_cast<std::uint8_t>(qRed(line[x]));
            o[1] = static_cast<std::uint8_t>(qGreen(line[x]));
            o[2] = static_cast<std::uint8_t>(qBlue(line[x]));
        }
    }
    return out;
}

Overlay asOverlay(const ImageOverlay &from, Array values)
{
    Overlay overlay;
    overlay.opacity = from.opacity;
    overlay.colorMap = from.colorMap.toStdString();
    overlay.classNames = from.classNames;
    if (from.kind == ImageOverlay::Kind::Probability) {
        overlay.kind = Overlay::Kind::Probability;
        for (double &v : values.span<double>())
            v = v < from.threshold ? std::numeric_limits<double>::quiet_NaN() : v / from.scale;
        overlay.values = std::move(values);
    } else {
        overlay.kind = from.kind == ImageOverlay::Kind::Outlines ? Overlay::Kind::Outlines : Overlay::Kind::Labels;
        overlay.values = values.as(DType::Int32); // where there is none: 0, nothing drawn
    }
    return overlay;
}

} // namespace

std::optional<ImagePanel> ImageView::panel(std::int64_t mostPixels) const
{
    const QRect region = visibleImageRect();
    if (!isReady() || d->planes.empty() || region.isEmpty())
        return std::nullopt;
    const auto area = static_cast<double>(region.width()) * static_cast<double>(region.height());
    // A page that is kept whole is there in every level of detail, whatever the screen shows of it.
    std::vector<Plane> planes = d->planes;
    double finest = planes.back().scale;
    if (!d->tiles->isTiled() && d->shown) {
        std::size_t level = 0;
        while (level + 1 < d->shown->levels.size() && area / std::pow(4.0, level) > static_cast<double>(mostPixels))
            ++level;
        finest = std::pow(2.0, level);
        planes = {{d->shown->levels[level], 0, 0, finest}};
    }
    const double step = std::max(finest, std::sqrt(area / static_cast<double>(mostPixels)));
    const auto width = std::max<std::int64_t>(1, std::llround(std::floor(region.width() / step)));
    const auto height = std::max<std::int64_t>(1, std::llround(std::floor(region.height() / step)));
    const Mapping mapping{QPointF(region.topLeft()), step};

    ImagePanel panel;
    if (d->scaleBar)
        panel.pixelSize = pixelSize() * step;
    const auto drawn = [](const ImageOverlay &o) { return o.visible && o.opacity > 0; };
    const bool oneColor = std::any_of(d->overlays.begin(), d->overlays.end(), [&](const ImageOverlay &o) {
        return drawn(o) && o.kind != ImageOverlay::Kind::Probability && o.color.isValid();
    });
    if (d->isColor() || d->gamma != 1 || oneColor) {
        // Such a picture has no color bar: it is taken as it is drawn.
        QImage picture(static_cast<int>(width), static_cast<int>(height), QImage::Format_RGB32);
        picture.fill(Qt::white);
        d->draw(picture, mapping, planes, 1);
        panel.image = colorsOf(picture);
        return panel;
    }
    panel.image = sampled(planes, region, mapping, width, height, d->shownChannel());
    std::tie(panel.black, panel.white) = contrast();
    panel.colorMap = d->map;
    panel.colorBar = d->map != "gray";
    for (std::size_t i = 0; i < d->overlays.size() && i < d->overlayPlanes.size(); ++i)
        if (drawn(d->overlays[i]) && !d->overlayPlanes[i].empty())
            panel.overlays.push_back(asOverlay(d->overlays[i], sampled(d->overlayPlanes[i], region, mapping, width, height, 0)));
    return panel;
}

} // namespace reticle
