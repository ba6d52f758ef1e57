#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageView_p.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace reticle {

double niceLength(double maximum)
{
    if (!(maximum > 0) || !std::isfinite(maximum))
        return 0;
    const double decade = std::pow(10.0, std::floor(std::log10(maximum)));
    for (const double m : {5.0, 2.0})
        if (m * decade <= maximum)
            return m * decade;
    return decade;
}

QString lengthText(double nm)
{
    const auto with = [](double v, const char *unit) {
        return QString::number(v, 'g', 4) + QChar(0x202f) + QString::fromUtf8(unit);
    };
    if (nm >= 1e6)
        return with(nm / 1e6, "mm");
    if (nm >= 1e3)
        return with(nm / 1e3, "µm");
    return with(nm, "nm");
}

QString valueText(double v)
{
    if (std::isnan(v))
        return QStringLiteral("not a number");
    if (std::isinf(v))
        return v > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    QString text =
        v == std::floor(v) && std::abs(v) < 1e15 ? QString::number(static_cast<qlonglong>(v)) : QString::number(v, 'g', 5);
    if (text.startsWith(QLatin1Char('-')))
        text[0] = QChar(0x2212);
    return text;
}

Mapping ImageView::Private::mapping(double ratio) const
{
    return {q->toImage({0, 0}), 1 / (zoom * ratio)};
}

void ImageView::Private::gatherPage()
{
    const auto now = tiles->page(page);
    if (now) {
        shown = now;
        if (histogramPage != page)
            takeHistogram(now->histogram);
        const auto next = page + direction;
        if (next >= 0 && next < q->pages())
            tiles->prefetch(next);
    } else if (!tiles->failure(page).isEmpty()) {
        shown.reset();
    }
    ready = now != nullptr;
    planes.clear();
    if (!shown)
        return;
    const double step = mapping(q->devicePixelRatioF()).step;
    const int level =
        std::clamp(static_cast<int>(std::floor(std::log2(step) + 1e-9)), 0, static_cast<int>(shown->levels.size()) - 1);
    planes.push_back({shown->levels[static_cast<std::size_t>(level)], 0, 0, std::pow(2.0, level)});
}

void ImageView::Private::gatherTiles(ImageTiles &from, std::vector<Plane> &to, bool &complete) const
{
    to.clear();
    complete = true;
    const int last = from.levels() - 1;
    const double step = mapping(q->devicePixelRatioF()).step;
    const int wanted = std::clamp(static_cast<int>(std::floor(std::log2(step) + 1e-9)), 0, last);
    const QRect region = q->visibleImageRect();
    if (region.isEmpty())
        return;
    const auto add = [&to](const ImageTiles::Tile &t) {
        to.push_back({t.data, static_cast<double>(t.x), static_cast<double>(t.y), std::pow(2.0, t.level)});
    };
    struct At
    {
        std::int64_t x, y;
    };
    const auto covering = [&](int level) {
        const std::int64_t side = ImageTiles::tileSide << level;
        std::vector<At> all;
        for (std::int64_t ty = region.top() / side; ty <= region.bottom() / side; ++ty)
            for (std::int64_t tx = region.left() / side; tx <= region.right() / side; ++tx)
                all.push_back({tx, ty});
        // The newest request is read first: ask for the middle last.
        const double cx = region.center().x() / double(side), cy = region.center().y() / double(side);
        const auto distance = [&](const At &a) { return std::hypot(double(a.x) + 0.5 - cx, double(a.y) + 0.5 - cy); };
        std::sort(all.begin(), all.end(), [&](const At &a, const At &b) { return distance(a) > distance(b); });
        return all;
    };
    std::vector<std::shared_ptr<const ImageTiles::Tile>> fine;
    const auto places = covering(wanted);
    // The whole page in one tile stands in for what is missing. It is the oldest request: what is in sight comes first.
    const auto kept = [&](const At &p) { return from.keptTile(page, wanted, p.x, p.y) != nullptr; };
    const auto whole = std::all_of(places.begin(), places.end(), kept) ? nullptr : from.tile(page, last, 0, 0);
    for (const auto &p : places)
        if (auto t = from.tile(page, wanted, p.x, p.y))
            fine.push_back(std::move(t));
    complete = fine.size() == places.size();
    if (!complete) {
        // Until then whatever is coarser.
        if (whole)
            add(*whole);
        for (int level = last - 1; level > wanted; --level)
            for (const auto &p : covering(level))
                if (const auto t = from.keptTile(page, level, p.x, p.y))
                    add(*t);
    }
    for (const auto &t : fine)
        add(*t);
}

void ImageView::Private::refresh()
{
    dirty = true;
    overlayPlanes.assign(overlays.size(), {});
    ready = false;
    if (source) {
        tiles->newRound();
        if (tiles->isTiled()) {
            if (histogramPage != page)
                if (const auto h = tiles->histogram(page))
                    takeHistogram(*h);
            gatherTiles(*tiles, planes, ready);
        } else {
            gatherPage();
        }
        for (std::size_t i = 0; i < overlays.size(); ++i) {
            const auto &o = overlays[i];
            if (!o.visible || (o.page >= 0 && o.page != page))
                continue;
            if (!o.source) {
                overlayPlanes[i].push_back({o.values, double(o.offset.x()), double(o.offset.y()), 1});
                continue;
            }
            auto &from = *overlayTiles[i];
            from.newRound();
            if (page >= o.source->info().pages)
                continue;
            if (from.isTiled()) {
                bool complete = true;
                gatherTiles(from, overlayPlanes[i], complete);
                ready = ready && complete;
            } else if (const auto p = from.page(page)) {
                overlayPlanes[i].push_back({p->levels.front(), 0, 0, 1});
                const auto next = page + direction;
                if (next >= 0 && next < o.source->info().pages)
                    from.prefetch(next);
            } else if (from.failure(page).isEmpty()) {
                ready = false;
            }
        }
    }
    const bool waits = source && !ready && q->errorText().isEmpty();
    if (!waits) {
        waiting.stop();
        waitingShown = false;
    } else if (!waiting.isActive() && !waitingShown) {
        waiting.start();
    }
    q->update();
    if (ready && readyPage != page) {
        readyPage = page;
        Q_EMIT q->pageReady(page);
    }
}

void ImageView::Private::takeHistogram(const PageHistogram &h)
{
    histogram = h;
    histogramPage = page;
    applyAutomatic();
}

void ImageView::Private::applyAutomatic()
{
    if (!automatic || histogramPage < 0 || (contrastKnown && !perPage))
        return;
    contrastKnown = true;
    for (std::size_t k = 0; k < ranges.size(); ++k) {
        if (isColor())
            ranges[k] = histogram.all;
        else if (k < histogram.stretch.size())
            ranges[k] = histogram.stretch[k];
    }
    dirty = true;
    q->update();
    const auto [black, white] = q->contrast();
    Q_EMIT q->contrastChanged(black, white);
}

void ImageView::Private::compose(double ratio)
{
    const QSize size = (QSizeF(q->size()) * ratio).toSize();
    if (picture.size() != size)
        picture = QImage(size, QImage::Format_RGB32);
    picture.setDevicePixelRatio(ratio);
    picture.fill(themeColor(ColorRole::Canvas));
    draw(picture, mapping(ratio), planes, static_cast<int>(std::lround(ratio)));
    dirty = false;
}

void ImageView::Private::draw(QImage &picture, const Mapping &m, const std::vector<Plane> &from, int thickness)
{
    const QRgb missing = qRgb(168, 168, 168);
    for (const auto &plane : from) {
        const auto dtype = plane.data.dtype();
        if (isColor() && plane.data.rank() > 2) {
            for (std::size_t k = 0; k < 3; ++k)
                tables[k].update(dtype, ranges[k].black, ranges[k].white, gamma, "gray");
            drawColorPlane(picture, m, plane, tables, missing);
        } else {
            const auto k = std::min(static_cast<std::size_t>(shownChannel()), ranges.size() - 1);
            table.update(dtype, ranges[k].black, ranges[k].white, gamma, map);
            drawPlane(picture, m, plane, shownChannel(), table, missing);
        }
    }
    if (!from.empty())
        for (std::size_t i = 0; i < overlays.size(); ++i) {
            const auto &o = overlays[i];
            for (const auto &plane : overlayPlanes[i]) {
                if (o.kind == ImageOverlay::Kind::Probability)
                    drawProbability(picture, m, plane, o.colorMap.toStdString(), o.scale, o.threshold, o.opacity);
                else
                    drawLabels(picture, m, plane, o.color.isValid() ? o.color.rgb() : 0, o.opacity,
                               o.kind == ImageOverlay::Kind::Outlines, thickness);
            }
        }
}

void ImageView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const double ratio = devicePixelRatioF();
    const QString error = errorText();
    if (!d->source || (!error.isEmpty() && d->planes.empty())) {
        painter.fillRect(rect(), themeColor(ColorRole::Canvas));
        if (error.isEmpty())
            d->paintMessage(painter, {}, d->emptyText, false);
        else
            d->paintMessage(painter, d->source ? tr("This slice cannot be shown") : tr("This file cannot be shown"), error, true);
    } else {
        if (d->dirty || d->picture.size() != (QSizeF(size()) * ratio).toSize() || d->picture.devicePixelRatio() != ratio)
            d->compose(ratio);
        painter.drawImage(QPointF(0, 0), d->picture);
        painter.setRenderHint(QPainter::Antialiasing);
        if (d->ghost) {
            const QPointF at = fromImage(QPointF(*d->ghost) + QPointF(0.5, 0.5));
            for (const auto &[color, wide] : {std::pair{QColor(0, 0, 0, 160), 3.0}, std::pair{QColor(255, 255, 255), 1.0}}) {
                painter.setPen(QPen(color, wide));
                painter.drawLine(at - QPointF(9, 0), at - QPointF(3, 0));
                painter.drawLine(at + QPointF(3, 0), at + QPointF(9, 0));
                painter.drawLine(at - QPointF(0, 9), at - QPointF(0, 3));
                painter.drawLine(at + QPointF(0, 3), at + QPointF(0, 9));
            }
        }
        if (d->mark)
            d->paintMark(painter);
        if (d->scaleBar)
            d->paintScaleBar(painter);
        if (d->readoutChip && d->hover)
            d->paintChip(painter, QPointF(8, height() - 8), readout(d->hover->x(), d->hover->y()), false);
        if (!error.isEmpty())
            d->paintChip(painter, QPointF(8, 36), error, false);
        else if (d->waitingShown && !d->ready)
            d->paintChip(painter, QPointF(8, 36), pages() > 1 ? tr("Reading slice %1 …").arg(d->page) : tr("Reading …"), false);
    }
    if (d->keyboardFocus) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(themeColor(ColorRole::Accent), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
}

void ImageView::Private::paintMessage(QPainter &painter, const QString &title, const QString &text, bool problem) const
{
    const int width = std::min(q->width() - 32, 420);
    if (width < 40)
        return;
    painter.setFont(themeFont(FontRole::Body));
    const int flags = Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap | Qt::TextWrapAnywhere;
    const QRect body = painter.boundingRect(QRect(0, 0, width, 10000), flags, text);
    const int icon = 28, gap = 8, titleHeight = title.isEmpty() ? 0 : QFontMetrics(themeFont(FontRole::Strong)).height() + 4;
    int y = std::max(8, (q->height() - icon - gap - titleHeight - body.height()) / 2);
    const int x = (q->width() - width) / 2;
    themeIcon(problem ? QStringLiteral("warning") : QStringLiteral("image"), problem ? ColorRole::Warning : ColorRole::TextMuted)
        .paint(&painter, QRect((q->width() - icon) / 2, y, icon, icon));
    y += icon + gap;
    if (!title.isEmpty()) {
        painter.setFont(themeFont(FontRole::Strong));
        painter.setPen(themeColor(ColorRole::Text));
        painter.drawText(QRect(x, y, width, titleHeight), Qt::AlignHCenter | Qt::AlignTop, title);
        painter.setFont(themeFont(FontRole::Body));
        y += titleHeight;
    }
    painter.setPen(themeColor(problem ? ColorRole::Text : ColorRole::TextMuted));
    painter.drawText(QRect(x, y, width, q->height() - y), flags, text);
}

void ImageView::Private::paintChip(QPainter &painter, QPointF corner, const QString &text, bool right) const
{
    painter.setFont(themeFont(FontRole::Small));
    const QFontMetricsF metrics(painter.font());
    const double maximum = q->width() - 16.0 - 16.0;
    const QString fitted = metrics.elidedText(text, Qt::ElideRight, maximum);
    const double w = metrics.horizontalAdvance(fitted) + 16, h = metrics.height() + 8;
    const QRectF box(right ? corner.x() - w : corner.x(), corner.y() - h, w, h);
    // Over an image both themes use the same dark chip.
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(16, 18, 22, 214));
    painter.drawRoundedRect(box, 5, 5);
    painter.setPen(Qt::white);
    painter.drawText(box, Qt::AlignCenter, fitted);
}

void ImageView::Private::paintMark(QPainter &painter) const
{
    const QPointF at = q->fromImage(QPointF(*mark) + QPointF(0.5, 0.5));
    const QRectF whole(q->fromImage({0, 0}), q->fromImage(QPointF(static_cast<double>(width()), static_cast<double>(height()))));
    constexpr double gap = 6; // what is pointed at stays in sight
    const QLineF lines[] = {{whole.left(), at.y(), at.x() - gap, at.y()},
                            {at.x() + gap, at.y(), whole.right(), at.y()},
                            {at.x(), whole.top(), at.x(), at.y() - gap},
                            {at.x(), at.y() + gap, at.x(), whole.bottom()}};
    for (const auto &[color, wide] : {std::pair{QColor(0, 0, 0, 130), 2.5}, std::pair{QColor(0xe6, 0x9f, 0x00), 1.0}}) {
        painter.setPen(QPen(color, wide));
        painter.drawLines(lines, 4);
    }
}

void ImageView::Private::paintScaleBar(QPainter &painter) const
{
    const double nmPerPixel = q->pixelSize();
    if (!(nmPerPixel > 0) || q->width() < 140 || q->height() < 60)
        return;
    const double nm = niceLength(std::min(160.0, q->width() * 0.3) / zoom * nmPerPixel);
    const double length = nm / nmPerPixel * zoom;
    if (!(length > 4))
        return;
    const QString text = lengthText(nm);
    painter.setFont(themeFont(FontRole::Small));
    const QFontMetricsF metrics(painter.font());
    const double w = std::max(length, metrics.horizontalAdvance(text)) + 20, h = metrics.height() + 17;
    const QRectF box(q->width() - 8 - w, q->height() - 8 - h, w, h);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(16, 18, 22, 214));
    painter.drawRoundedRect(box, 5, 5);
    painter.setPen(Qt::white);
    painter.drawText(QRectF(box.left(), box.top() + 3, w, metrics.height()), Qt::AlignCenter, text);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(QRectF(box.center().x() - length / 2, box.bottom() - 10, length, 3), Qt::white);
    painter.setRenderHint(QPainter::Antialiasing, true);
}

} // namespace reticle
