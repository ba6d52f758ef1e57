#include "widgets/views/ImageView.h"

#include <limits>

namespace reticle {

struct ImageView::Private
{
    std::shared_ptr<ImageSource> source;
    std::vector<ImageOverlay> overlays;
    PageHistogram histogram;
    QString empty, error, map = QStringLiteral("grey");
    std::int64_t page = 0;
    double black = 0, white = 255, gamma = 1, zoom = 1;
    int channel = -1;
    QPointF centre;
    ImageView *other = nullptr;
};

ImageView::ImageView(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>()) {}
ImageView::~ImageView() = default;
void ImageView::setSource(std::shared_ptr<ImageSource> source) { d->source = std::move(source); Q_EMIT sourceChanged(); update(); }
const std::shared_ptr<ImageSource> &ImageView::source() const { return d->source; }
void ImageView::setEmptyText(const QString &text) { d->empty = text; }
void ImageView::setErrorText(const QString &sentence) { d->error = sentence; }
QString ImageView::errorText() const { return d->error; }
std::int64_t ImageView::page() const { return d->page; }
std::int64_t ImageView::pages() const { return d->source ? d->source->info().pages : 0; }
void ImageView::setPage(std::int64_t page) { d->page = page; Q_EMIT pageChanged(page); update(); }
bool ImageView::isReady() const { return d->source != nullptr; }
void ImageView::setContrast(double black, double white) { d->black = black; d->white = white; }
std::pair<double, double> ImageView::contrast() const { return {d->black, d->white}; }
void ImageView::setAutoContrast(bool) {}
bool ImageView::isAutoContrast() const { return true; }
void ImageView::setGamma(double gamma) { d->gamma = gamma; }
double ImageView::gamma() const { return d->gamma; }
const PageHistogram &ImageView::histogram() const { return d->histogram; }
void ImageView::setChannel(int channel) { d->channel = channel; }
int ImageView::channel() const { return d->channel; }
int ImageView::channels() const { return d->source ? int(d->source->info().channels) : 0; }
void ImageView::setColourMap(const QString &name) { d->map = name; }
QString ImageView::colourMap() const { return d->map; }
void ImageView::setOverlays(std::vector<ImageOverlay> overlays) { d->overlays = std::move(overlays); Q_EMIT overlaysChanged(); }
const std::vector<ImageOverlay> &ImageView::overlays() const { return d->overlays; }
void ImageView::setOverlay(int index, const ImageOverlay &overlay) { d->overlays.at(std::size_t(index)) = overlay; Q_EMIT overlaysChanged(); }
double ImageView::zoom() const { return d->zoom; }
QPointF ImageView::centre() const { return d->centre; }
void ImageView::setView(QPointF centre, double zoom) { d->centre = centre; d->zoom = zoom; update(); }
void ImageView::fit() {}
bool ImageView::isFitted() const { return true; }
void ImageView::zoomBy(double factor, QPointF) { d->zoom *= factor; update(); }
void ImageView::zoomIn() { zoomBy(2, {}); }
void ImageView::zoomOut() { zoomBy(0.5, {}); }
void ImageView::showActualSize() { d->zoom = 1; }
QPointF ImageView::toImage(QPointF p) const { return d->centre + (p - QRectF(rect()).center()) / d->zoom; }
QPointF ImageView::fromImage(QPointF p) const { return (p - d->centre) * d->zoom + QRectF(rect()).center(); }
QRect ImageView::visibleImageRect() const { return {}; }
void ImageView::setScaleBarVisible(bool) {}
void ImageView::setReadoutVisible(bool) {}
void ImageView::link(ImageView *other) { d->other = other; }
ImageView *ImageView::linked() const { return d->other; }
double ImageView::valueAt(std::int64_t, std::int64_t, int) const { return std::numeric_limits<double>::quiet_NaN(); }
double ImageView::overlayValueAt(int, std::int64_t, std::int64_t) const { return std::numeric_limits<double>::quiet_NaN(); }
QString ImageView::readout(std::int64_t, std::int64_t) const { return {}; }
QSize ImageView::sizeHint() const { return {480, 360}; }
QSize ImageView::minimumSizeHint() const { return {120, 90}; }
void ImageView::paintEvent(QPaintEvent *e) { QWidget::paintEvent(e); }
void ImageView::resizeEvent(QResizeEvent *e) { QWidget::resizeEvent(e); }
void ImageView::mousePressEvent(QMouseEvent *e) { QWidget::mousePressEvent(e); }
void ImageView::mouseMoveEvent(QMouseEvent *e) { QWidget::mouseMoveEvent(e); }
void ImageView::mouseReleaseEvent(QMouseEvent *e) { QWidget::mouseReleaseEvent(e); }
void ImageView::mouseDoubleClickEvent(QMouseEvent *e) { QWidget::mouseDoubleClickEvent(e); }
void ImageView::wheelEvent(QWheelEvent *e) { QWidget::wheelEvent(e); }
void ImageView::keyPressEvent(QKeyEvent *e) { QWidget::keyPressEvent(e); }
void ImageView::leaveEvent(QEvent *e) { QWidget::leaveEvent(e); }
void ImageView::changeEvent(QEvent *e) { QWidget::changeEvent(e); }
bool ImageView::event(QEvent *e) { return QWidget::event(e); }

} // namespace reticle
