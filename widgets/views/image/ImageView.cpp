#include "widgets/views/image/ImageView.h"

#include "foundation/Error.h"
#include "foundation/Nan.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageView_p.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr double largestZoom = 128;
double elementAt(const Array &a, std::int64_t y, std::int64_t x, std::int64_t channel)
{
    const std::int64_t c = a.rank() > 2 ? a.dim(2) : 1;
    if (a.rank() < 2 || y < 0 || x < 0 || y >= a.dim(0) || x >= a.dim(1) || channel < 0 || channel >= c)
        return nan;
    return a.value((y * a.dim(1) + x) * c + channel);
}

} // namespace

ImageView::ImageView(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>(this))
{
    d->tiles = new ImageTiles(this);
    d->emptyText = tr("No image");
    d->waiting.setSingleShot(true);
    d->waiting.setInterval(150);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setCursor(Qt::CrossCursor);
    setAccessibleName(tr("Image view"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    grabGesture(Qt::PinchGesture);
    connect(d->tiles, &ImageTiles::arrived, this, [this] { d->refresh(); });
    connect(d->tiles, &ImageTiles::failed, this, [this](std::int64_t page, const QString &sentence) {
        d->refresh();
        Q_EMIT pageFailed(page, sentence);
    });
    connect(&d->waiting, &QTimer::timeout, this, [this] {
        d->waitingShown = true;
        update();
    });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, [this] {
        d->dirty = true;
        update();
    });
}

ImageView::~ImageView()
{
    link(nullptr);
}

void ImageView::setSource(std::shared_ptr<ImageSource> source, bool keepView)
{
    const auto sameShape = [&] {
        const auto &a = d->source->info(), &b = source->info();
        return a.width == b.width && a.height == b.height && a.channels == b.channels && a.dtype == b.dtype;
    };
    const bool keep = keepView && source && d->source && sameShape();
    d->source = std::move(source);
    d->errorText.clear();
    d->shown.reset();
    d->planes.clear();
    d->histogramPage = -1;
    d->readyPage = -1;
    d->hover.reset();
    d->tiles->setSource(d->source, true);
    if (!keep) {
        d->histogram = {};
        d->page = 0;
        d->channel = -1;
        d->fitted = true;
        d->contrastKnown = false;
        d->automatic = !(d->isColor() && d->source->info().dtype == DType::UInt8);
        d->ranges.assign(static_cast<std::size_t>(d->channels()), {0, 255});
        d->fitNow();
        // Beside another view it looks where that one looks.
        for (const auto &other : d->others)
            if (other && other->d->source) {
                d->page = other->d->page;
                d->center = other->d->center;
                d->zoom = other->d->zoom;
                d->fitted = false;
                break;
            }
    }
    const auto last = std::max<std::int64_t>(0, pages() - 1);
    const bool moved = d->page > last;
    d->page = std::min(d->page, last);
    d->refresh();
    Q_EMIT sourceChanged();
    if (!keep || moved)
        Q_EMIT pageChanged(d->page);
    d->announceView();
}

const std::shared_ptr<ImageSource> &ImageView::source() const
{
    return d->source;
}

void ImageView::setEmptyText(const QString &text)
{
    d->emptyText = text;
    update();
}

void ImageView::setErrorText(const QString &sentence)
{
    d->errorText = sentence;
    update();
}

QString ImageView::errorText() const
{
    return d->errorText.isEmpty() ? d->tiles->failure(d->page) : d->errorText;
}

std::int64_t ImageView::page() const
{
    return d->page;
}

std::int64_t ImageView::pages() const
{
    return d->source ? std::max<std::int64_t>(1, d->source->info().pages) : 0;
}

void ImageView::setPage(std::int64_t page)
{
    page = std::clamp<std::int64_t>(page, 0, std::max<std::int64_t>(0, pages() - 1));
    if (page == d->page)
        return;
    d->direction = page > d->page ? 1 : -1;
    d->page = page;
    d->ready = false;
    d->refresh();
    Q_EMIT pageChanged(page);
    if (!d->syncing)
        d->withOthers([page](ImageView *other) { other->setPage(page); });
    if (d->hover)
        d->setHover(d->hover);
    d->announceView();
}

bool ImageView::isReady() const
{
    return d->ready;
}

void ImageView::setContrast(double black, double white)
{
    if (!std::isfinite(black) || !std::isfinite(white))
        return;
    if (!(white > black))
        white = std::nextafter(black, std::numeric_limits<double>::infinity());
    d->automatic = false;
    d->contrastKnown = true;
    for (std::size_t k = 0; k < d->ranges.size(); ++k)
        if (d->channel < 0 || static_cast<int>(k) == d->channel)
            d->ranges[k] = {black, white};
    d->dirty = true;
    update();
    Q_EMIT contrastChanged(black, white);
}

std::pair<double, double> ImageView::contrast() const
{
    const auto k = static_cast<std::size_t>(d->shownChannel());
    if (k >= d->ranges.size())
        return {0, 1};
    return {d->ranges[k].black, d->ranges[k].white};
}

void ImageView::setAutoContrast(bool perPage)
{
    d->automatic = true;
    d->perPage = perPage;
    d->contrastKnown = false;
    d->applyAutomatic();
}

bool ImageView::isAutoContrast() const
{
    return d->automatic;
}

void ImageView::setGamma(double gamma)
{
    d->gamma = std::clamp(gamma, 0.1, 10.0);
    d->dirty = true;
    update();
}

double ImageView::gamma() const
{
    return d->gamma;
}

const PageHistogram &ImageView::histogram() const
{
    return d->histogram;
}

void ImageView::setChannel(int channel)
{
    d->channel = std::clamp(channel, -1, std::max(-1, channels() - 1));
    Q_EMIT channelChanged(d->channel);
    if (d->automatic) {
        d->contrastKnown = false;
        d->applyAutomatic();
    }
    d->dirty = true;
    update();
    const auto [black, white] = contrast();
    Q_EMIT contrastChanged(black, white);
}

int ImageView::channel() const
{
    return d->channel;
}

int ImageView::channels() const
{
    return static_cast<int>(d->channels());
}

void ImageView::setColorMap(const QString &name)
{
    d->map = name.toStdString();
    d->dirty = true;
    update();
}

QString ImageView::colorMap() const
{
    return QString::fromStdString(d->map);
}

void ImageView::setOverlays(std::vector<ImageOverlay> overlays)
{
    // What has been read of a source that stays is kept.
    std::vector<std::unique_ptr<ImageTiles>> fresh(overlays.size());
    for (std::size_t i = 0; i < overlays.size(); ++i) {
        if (!overlays[i].source)
            continue;
        for (std::size_t k = 0; k < d->overlays.size(); ++k)
            if (d->overlays[k].source == overlays[i].source && d->overlayTiles[k]) {
                fresh[i] = std::move(d->overlayTiles[k]);
                break;
            }
        if (!fresh[i]) {
            fresh[i] = std::make_unique<ImageTiles>();
            fresh[i]->setBudget(std::int64_t(128) << 20);
            fresh[i]->setSource(overlays[i].source, false);
            connect(fresh[i].get(), &ImageTiles::arrived, this, [this] { d->refresh(); });
            connect(fresh[i].get(), &ImageTiles::failed, this, [this](std::int64_t page, const QString &sentence) {
                d->refresh();
                Q_EMIT pageFailed(page, sentence);
            });
        }
    }
    d->overlays = std::move(overlays);
    d->overlayTiles = std::move(fresh);
    d->refresh();
    Q_EMIT overlaysChanged();
}

const std::vector<ImageOverlay> &ImageView::overlays() const
{
    return d->overlays;
}

void ImageView::setOverlay(int index, const ImageOverlay &overlay)
{
    if (index < 0 || index >= static_cast<int>(d->overlays.size()))
        return;
    auto all = d->overlays;
    all[static_cast<std::size_t>(index)] = overlay;
    setOverlays(std::move(all));
}

double ImageView::zoom() const
{
    return d->zoom;
}

QPointF ImageView::center() const
{
    return d->center;
}

void ImageView::setView(QPointF center, double zoom)
{
    if (!std::isfinite(zoom) || zoom <= 0 || !std::isfinite(center.x()) || !std::isfinite(center.y()))
        return;
    // What comes back from a linked view that was only resized does not end the fit.
    if (d->syncing && center == d->center && zoom == d->zoom)
        return;
    d->fitted = false;
    d->center = center;
    d->zoom = zoom;
    d->viewMoved();
}

void ImageView::fit()
{
    d->fitted = true;
    d->fitNow();
    d->viewMoved();
}

bool ImageView::isFitted() const
{
    return d->fitted;
}

void ImageView::zoomBy(double factor, QPointF anchor)
{
    if (!d->source || !std::isfinite(factor) || factor <= 0)
        return;
    const double minimum = std::min(d->fitZoom() / 2, 1 / devicePixelRatioF());
    const double zoom = std::clamp(d->zoom * factor, minimum, largestZoom);
    const QPointF held = toImage(anchor);
    d->fitted = false;
    d->zoom = zoom;
    d->center = held - (anchor - QRectF(rect()).center()) / zoom;
    d->viewMoved();
}

void ImageView::zoomIn()
{
    zoomBy(std::sqrt(2.0), QRectF(rect()).center());
}

void ImageView::zoomOut()
{
    zoomBy(std::sqrt(0.5), QRectF(rect()).center());
}

void ImageView::showActualSize()
{
    zoomBy(1 / devicePixelRatioF() / d->zoom, QRectF(rect()).center());
}

QPointF ImageView::toImage(QPointF p) const
{
    return d->center + (p - QRectF(rect()).center()) / d->zoom;
}

QPointF ImageView::fromImage(QPointF p) const
{
    return (p - d->center) * d->zoom + QRectF(rect()).center();
}

QRect ImageView::visibleImageRect() const
{
    if (!d->source)
        return {};
    const QPointF a = toImage({0, 0}), b = toImage(QPointF(width(), height()));
    const int x0 = static_cast<int>(std::clamp(std::floor(a.x()), 0.0, static_cast<double>(d->width())));
    const int y0 = static_cast<int>(std::clamp(std::floor(a.y()), 0.0, static_cast<double>(d->height())));
    const int x1 = static_cast<int>(std::clamp(std::ceil(b.x()), 0.0, static_cast<double>(d->width())));
    const int y1 = static_cast<int>(std::clamp(std::ceil(b.y()), 0.0, static_cast<double>(d->height())));
    return {x0, y0, x1 - x0, y1 - y0};
}

void ImageView::setMark(std::optional<QPoint> pixel)
{
    if (pixel == d->mark)
        return;
    d->mark = pixel;
    update();
    d->withOthers([&](ImageView *other) { other->setMark(pixel); });
}

void ImageView::setPixelSize(double nm)
{
    d->pixelSize = nm > 0 ? nm : 0;
    update();
}

double ImageView::pixelSize() const
{
    return d->pixelSize > 0 ? d->pixelSize : d->source ? d->source->info().pixelSizeX : 0;
}

std::optional<QPoint> ImageView::mark() const
{
    return d->mark;
}

void ImageView::setScaleBarVisible(bool visible)
{
    d->scaleBar = visible;
    update();
}

void ImageView::setReadoutVisible(bool visible)
{
    d->readoutChip = visible;
    update();
}

void ImageView::link(ImageView *other)
{
    if (other == this || (other && std::find(d->others.begin(), d->others.end(), other) != d->others.end()))
        return;
    d->ghost.reset();
    if (!other) {
        for (const auto &former : std::exchange(d->others, {}))
            if (former) {
                std::erase(former->d->others, this);
                former->d->ghost.reset();
                former->update();
            }
        return;
    }
    other->link(nullptr);
    // It joins all that are linked with this one.
    for (const auto &member : d->others)
        if (member) {
            member->d->others.emplace_back(other);
            other->d->others.push_back(member);
        }
    d->others.emplace_back(other);
    other->d->others.emplace_back(this);
    other->d->syncing = true;
    other->setPage(d->page);
    other->setMark(d->mark);
    other->setPixelSize(d->pixelSize);
    other->d->syncing = false;
    if (d->source)
        d->viewMoved();
}

ImageView *ImageView::linked() const
{
    for (const auto &other : d->others)
        if (other)
            return other;
    return nullptr;
}

double ImageView::valueAt(std::int64_t x, std::int64_t y, int channel) const
{
    if (!d->source || x < 0 || y < 0 || x >= d->width() || y >= d->height())
        return nan;
    if (!d->tiles->isTiled()) {
        const auto page = d->tiles->page(d->page);
        return page ? elementAt(page->levels.front(), y, x, channel) : nan;
    }
    constexpr auto side = ImageTiles::tileSide;
    const auto tile = d->tiles->tile(d->page, 0, x / side, y / side);
    return tile ? elementAt(tile->data, y - tile->y, x - tile->x, channel) : nan;
}

double ImageView::overlayValueAt(int overlay, std::int64_t x, std::int64_t y) const
{
    if (overlay < 0 || overlay >= static_cast<int>(d->overlays.size()))
        return nan;
    const auto &o = d->overlays[static_cast<std::size_t>(overlay)];
    if (!o.visible || (o.page >= 0 && o.page != d->page))
        return nan;
    if (!o.source)
        return elementAt(o.values, y - o.offset.y(), x - o.offset.x(), 0);
    if (d->page >= o.source->info().pages)
        return nan;
    auto &tiles = *d->overlayTiles[static_cast<std::size_t>(overlay)];
    if (!tiles.isTiled()) {
        const auto page = tiles.page(d->page);
        return page ? elementAt(page->levels.front(), y, x, 0) : nan;
    }
    constexpr auto side = ImageTiles::tileSide;
    const auto tile = x >= 0 && y >= 0 ? tiles.tile(d->page, 0, x / side, y / side) : nullptr;
    return tile ? elementAt(tile->data, y - tile->y, x - tile->x, 0) : nan;
}

QString ImageView::readout(std::int64_t x, std::int64_t y) const
{
    if (!d->source)
        return {};
    QString text = QStringLiteral("x %1   y %2").arg(x).arg(y);
    if (pages() > 1)
        text += QStringLiteral("   z %1").arg(d->page);
    const auto shownValue = [&](int k) {
        const double v = valueAt(x, y, k);
        // Not yet read is told from a pixel that is not a number.
        return std::isnan(v) && !d->ready ? QStringLiteral("…") : valueText(v);
    };
    if (d->isColor())
        text += QStringLiteral("   RGB %1 %2 %3").arg(shownValue(0), shownValue(1), shownValue(2));
    else
        text += QStringLiteral("   value %1").arg(shownValue(d->shownChannel()));
    for (std::size_t i = 0; i < d->overlays.size(); ++i) {
        const auto &o = d->overlays[i];
        const double v = overlayValueAt(static_cast<int>(i), x, y);
        if (std::isnan(v))
            continue;
        if (o.kind == ImageOverlay::Kind::Probability) {
            text += QStringLiteral("   %1 %2").arg(o.name, QString::number(v / (o.scale > 0 ? o.scale : 1), 'f', 3));
        } else {
            const auto id = static_cast<std::int64_t>(v);
            text += QStringLiteral("   ") + (id >= 0 && id < static_cast<std::int64_t>(o.classNames.size())
                                                 ? QString::fromStdString(o.classNames[static_cast<std::size_t>(id)])
                                                 : QStringLiteral("%1 %2").arg(o.name).arg(id));
        }
    }
    return text;
}

QSize ImageView::sizeHint() const
{
    return {480, 360};
}

QSize ImageView::minimumSizeHint() const
{
    return {120, 90};
}

} // namespace reticle
