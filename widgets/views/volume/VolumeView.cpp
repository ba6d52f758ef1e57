#include "widgets/views/volume/VolumeView.h"

#include "widgets/views/Theme.h"
#include "widgets/views/volume/VolumeView_p.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

namespace reticle {

namespace {

constexpr int restMs = 160; // after the last move, until the fine picture is drawn
constexpr double turnPerPixel = 0.008, turnPerKey = 3.14159265358979 / 24, panPerKey = 32, zoomPerKey = 1.2;

} // namespace

Point3 voxelOf(const VolumeOptions &o)
{
    constexpr double maximum = 1e4; // what is typed may be anything; more would draw a thread or a sheet
    const auto side = [&](double nm) {
        return o.pixelSize > 0 && nm > 0 ? std::clamp(nm / o.pixelSize, 1 / maximum, maximum) : 1.0;
    };
    return {1, side(o.pixelHeight), side(o.sliceDistance)};
}

VolumeFrame VolumeView::Private::current(bool moving) const
{
    VolumeFrame f = frame;
    f.size = (QSizeF(q->size()) * q->devicePixelRatioF()).toSize();
    f.moving = moving;
    f.background = themeColor(ColorRole::Canvas);
    f.edges = themeColor(ColorRole::TextMuted);
    f.black = black;
    f.white = white;
    return f;
}

void VolumeView::Private::change()
{
    stale = true;
    if (!frame.image || !q->isVisible() || !shownError().isEmpty())
        return;
    renderer->request(current(true));
    rest.start();
    q->update();
}

void VolumeView::Private::cameraMoved()
{
    change();
    Q_EMIT q->cameraChanged();
}

void VolumeView::Private::setSlice(std::int64_t slice, bool announce)
{
    const std::int64_t last = frame.image ? frame.image->source[2] - 1 : 0;
    slice = std::clamp<std::int64_t>(slice, 0, std::max<std::int64_t>(0, last));
    if (slice == frame.at[2])
        return;
    frame.at[2] = slice;
    change();
    if (announce)
        Q_EMIT q->sliceRequested(slice);
}

VolumeView::VolumeView(QWidget *parent, VolumeScene::Caster caster) : QWidget(parent), d(std::make_unique<Private>())
{
    d->q = this;
    d->renderer = new VolumeRenderer(caster, this);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("3-D view"));
    setObjectName(QStringLiteral("volumeView"));
    d->rest.setSingleShot(true);
    d->rest.setInterval(restMs);
    connect(&d->rest, &QTimer::timeout, this, [this] {
        if (d->drag == Private::Drag::None || d->drag == Private::Drag::Click)
            d->renderer->request(d->current(false));
        else
            d->rest.start(); // a hand that holds still for a moment goes on soon
    });
    connect(d->renderer, &VolumeRenderer::drawn, this, [this](const QImage &picture, const VolumeFrame &frame, double ms) {
        d->drawError.clear();
        d->toldError.clear();
        d->picture = picture;
        d->pictured = frame.camera;
        d->fine = !frame.moving;
        if (d->fine && !d->rest.isActive())
            d->stale = false;
        update();
        Q_EMIT drawn(d->fine, ms);
    });
    connect(d->renderer, &VolumeRenderer::failed, this, [this](const QString &sentence) {
        d->drawError = sentence;
        update();
        if (std::exchange(d->toldError, sentence) != sentence)
            Q_EMIT failed(sentence);
    });
    connect(d->renderer, &VolumeRenderer::pictured, this,
            [this](const std::shared_ptr<QImage> &picture, const VolumeFrame &frame) {
                d->mark(*picture, frame); // no other holds it: nothing is copied
                Q_EMIT pictured(*picture);
            });
    connect(d->renderer, &VolumeRenderer::pictureFailed, this, &VolumeView::pictureFailed);
    connect(d->renderer, &VolumeRenderer::pictureGivenUp, this, &VolumeView::pictureGivenUp);
    connect(d->renderer, &VolumeRenderer::pictureProgressed, this, &VolumeView::pictureProgressed);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, [this] { d->change(); });
}

VolumeView::~VolumeView()
{
    delete d->renderer; // before what it reports to
}

void VolumeView::setImage(std::shared_ptr<const VolumeData> image)
{
    const bool same = image && d->frame.image && image->source == d->frame.image->source;
    d->frame.image = std::move(image);
    if (!same) {
        d->frame.surface = d->frame.coarse = nullptr;
        d->surfaceVolume = nullptr;
        d->crossed = false;
        d->contrastKnown = false;
        d->picture = {};
        if (d->frame.image) {
            const auto &n = d->frame.image->source;
            d->frame.at = {n[0] / 2, n[1] / 2, std::clamp<std::int64_t>(d->frame.at[2], 0, n[2] - 1)};
        }
    }
    if (d->frame.image && !d->contrastKnown) {
        d->black = d->frame.image->percentile(0.0035);
        d->white = d->frame.image->percentile(0.9965);
    }
    d->error.clear();
    d->drawError.clear();
    d->busy.clear();
    if (!same && d->frame.image)
        lookFrom(VolumeCamera::Preset::Isometric);
    d->change();
    update();
}

const std::shared_ptr<const VolumeData> &VolumeView::image() const
{
    return d->frame.image;
}

void VolumeView::setSurface(std::shared_ptr<const SurfaceMesh> surface, std::shared_ptr<const SurfaceMesh> coarse)
{
    d->frame.surface = std::move(surface);
    d->frame.coarse = std::move(coarse);
    d->drawError.clear();
    d->change();
}

const std::shared_ptr<const SurfaceMesh> &VolumeView::surface() const
{
    return d->frame.surface;
}

void VolumeView::setSurfaceVolume(std::shared_ptr<const VolumeData> volume)
{
    d->surfaceVolume = std::move(volume);
}

void VolumeView::setOptions(const VolumeOptions &options)
{
    const Point3 before = extentOf(d->frame);
    d->drawError.clear();
    d->frame.options = options;
    d->frame.voxel = voxelOf(options);
    const Point3 after = extentOf(d->frame);
    if (before != after) {
        if (d->fitted)
            return fit();
        for (std::size_t i = 0; i < 3; ++i)
            d->frame.camera.center[i] *= after[i] / before[i];
    }
    d->change();
    update();
}

const VolumeOptions &VolumeView::options() const
{
    return d->frame.options;
}

void VolumeView::setContrast(double black, double white)
{
    d->contrastKnown = true;
    if (black == d->black && white == d->white)
        return;
    d->black = black;
    d->white = white;
    d->change();
}

void VolumeView::setAutoContrast()
{
    d->contrastKnown = false;
}

std::int64_t VolumeView::slice() const
{
    return d->frame.at[2];
}

void VolumeView::setSlice(std::int64_t slice)
{
    d->setSlice(slice, false);
}

void VolumeView::setCrosshair(std::int64_t x, std::int64_t y)
{
    if (d->crossed && d->frame.at[0] == x && d->frame.at[1] == y)
        return;
    d->crossed = true;
    d->frame.at[0] = x;
    d->frame.at[1] = y;
    if (d->frame.options.across)
        d->change();
    update();
}

std::array<std::int64_t, 3> VolumeView::crosshair() const
{
    return d->frame.at;
}

const VolumeCamera &VolumeView::camera() const
{
    return d->frame.camera;
}

void VolumeView::setCamera(const VolumeCamera &camera)
{
    if (camera == d->frame.camera)
        return;
    d->fitted = false;
    d->frame.camera = camera;
    d->cameraMoved();
}

void VolumeView::lookFrom(VolumeCamera::Preset preset)
{
    d->frame.camera.lookFrom(preset);
    fit();
}

void VolumeView::fit()
{
    d->fitted = true;
    d->frame.camera.fit(extentOf(d->frame), size());
    d->cameraMoved();
}

void VolumeView::zoomIn()
{
    d->fitted = false;
    d->frame.camera.zoomBy(zoomPerKey, QPointF(width() / 2.0, height() / 2.0), size());
    d->cameraMoved();
}

void VolumeView::zoomOut()
{
    d->fitted = false;
    d->frame.camera.zoomBy(1 / zoomPerKey, QPointF(width() / 2.0, height() / 2.0), size());
    d->cameraMoved();
}

void VolumeView::setBusyText(const QString &text)
{
    d->busy = text;
    update();
}

void VolumeView::setErrorText(const QString &sentence)
{
    d->error = sentence;
    d->busy.clear();
    update();
}

QString VolumeView::errorText() const
{
    return d->shownError();
}

void VolumeView::setNote(const QString &text)
{
    d->note = text;
    update();
}

bool VolumeView::isReady() const
{
    return !d->stale && d->fine && !d->picture.isNull();
}

QImage VolumeView::shown() const
{
    return d->picture;
}

void VolumeView::Private::mark(QImage &picture, const VolumeFrame &f) const
{
    QPainter painter(&picture);
    // Marks keep their share of the height, so that a large picture looks like the view.
    const double ratio = static_cast<double>(picture.height()) / std::max(1, q->height());
    painter.scale(ratio, ratio);
    paintVolumeMarks(painter, QSizeF(picture.size()) / ratio, f, f.camera, crossed, {});
}

QImage VolumeView::picture(QSize size) const
{
    const VolumeFrame frame = d->current(false);
    QImage picture = d->renderer->picture(frame, size);
    d->mark(picture, frame);
    return picture;
}

void VolumeView::requestPicture(QSize size)
{
    d->renderer->requestPicture(d->current(false), size);
}

void VolumeView::cancelPictures()
{
    d->renderer->cancelPictures();
}

std::optional<std::array<std::int64_t, 3>> VolumeView::voxelAt(QPointF p) const
{
    return firstHit(d->frame, d->surfaceVolume.get(), p, size());
}

void VolumeView::resizeEvent(QResizeEvent *)
{
    if (d->fitted && d->frame.image)
        d->frame.camera.fit(extentOf(d->frame), size());
    d->change();
}

void VolumeView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    d->drawError.clear();
    if (d->stale)
        d->change();
}

bool VolumeView::event(QEvent *event)
{
    // These keys are the view's, whatever menu has them too.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (!(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier)))
            switch (key->key()) {
            case Qt::Key_Left:
            case Qt::Key_Right:
            case Qt::Key_Up:
            case Qt::Key_Down:
            case Qt::Key_PageUp:
            case Qt::Key_PageDown:
            case Qt::Key_Plus:
            case Qt::Key_Minus:
            case Qt::Key_F:
            case Qt::Key_0:
            case Qt::Key_1:
            case Qt::Key_2:
            case Qt::Key_3:
            case Qt::Key_4:
            case Qt::Key_5:
            case Qt::Key_6:
            case Qt::Key_7:
            case Qt::Key_Home:
            case Qt::Key_End:
            case Qt::Key_Equal: event->accept(); return true;
            default: break;
            }
    }
    return QWidget::event(event);
}

void VolumeView::mousePressEvent(QMouseEvent *event)
{
    if (!d->frame.image || (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton))
        return QWidget::mousePressEvent(event);
    d->pressAt = d->lastAt = event->position();
    const bool pan = event->button() == Qt::MiddleButton || event->modifiers() & Qt::ShiftModifier;
    d->drag = pan ? Private::Drag::Pan : event->modifiers() & Qt::ControlModifier ? Private::Drag::Roll : Private::Drag::Click;
}

void VolumeView::mouseMoveEvent(QMouseEvent *event)
{
    using Drag = Private::Drag;
    if (d->drag == Drag::None)
        return;
    if (d->drag == Drag::Click) {
        if ((event->position() - d->pressAt).manhattanLength() < QApplication::startDragDistance())
            return;
        d->drag = Drag::Turn;
    }
    const QPointF by = event->position() - d->lastAt;
    auto &camera = d->frame.camera;
    if (d->drag == Drag::Turn) {
        camera.turn(by.x() * turnPerPixel, by.y() * turnPerPixel);
    } else if (d->drag == Drag::Pan) {
        d->fitted = false;
        camera.pan(by, size());
    } else {
        const QPointF middle(width() / 2.0, height() / 2.0);
        const QPointF a = d->lastAt - middle, b = event->position() - middle;
        camera.roll(std::atan2(a.y(), a.x()) - std::atan2(b.y(), b.x()));
    }
    d->lastAt = event->position();
    setCursor(Qt::ClosedHandCursor);
    d->cameraMoved();
}

void VolumeView::mouseReleaseEvent(QMouseEvent *event)
{
    const auto drag = std::exchange(d->drag, Private::Drag::None);
    unsetCursor();
    if (drag == Private::Drag::Click) {
        d->beforeClick.reset();
        if (const auto hit = voxelAt(event->position())) {
            d->beforeClick = {d->crossed, d->frame.at};
            setCrosshair((*hit)[0], (*hit)[1]);
            d->setSlice((*hit)[2], true);
            Q_EMIT picked((*hit)[0], (*hit)[1], (*hit)[2]);
        }
    } else if (drag != Private::Drag::None) {
        d->rest.stop();
        d->renderer->request(d->current(false));
    }
}

void VolumeView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    // Its first click picked; it was not meant to.
    if (const auto before = std::exchange(d->beforeClick, {})) {
        const auto &[crossed, at] = *before;
        setCrosshair(at[0], at[1]);
        d->setSlice(at[2], true);
        d->crossed = crossed;
        if (crossed)
            Q_EMIT picked(at[0], at[1], at[2]);
        else
            Q_EMIT unpicked();
    }
    fit();
}

void VolumeView::wheelEvent(QWheelEvent *event)
{
    if (!d->frame.image)
        return event->ignore();
    event->accept();
    const double steps = event->angleDelta().y() / 120.0;
    if (steps == 0)
        return;
    d->fitted = false;
    d->frame.camera.zoomBy(std::pow(1.15, steps), event->position(), size());
    d->cameraMoved();
}

void VolumeView::keyPressEvent(QKeyEvent *event)
{
    using Preset = VolumeCamera::Preset;
    if (!d->frame.image || event->modifiers() & (Qt::ControlModifier | Qt::AltModifier))
        return QWidget::keyPressEvent(event);
    const auto arrow = [&](double right, double down) {
        if (event->modifiers() & Qt::ShiftModifier) {
            d->fitted = false;
            d->frame.camera.pan({right * panPerKey, down * panPerKey}, size());
        } else {
            d->frame.camera.turn(right * turnPerKey, down * turnPerKey);
        }
        d->cameraMoved();
    };
    switch (event->key()) {
    case Qt::Key_Left: return arrow(-1, 0);
    case Qt::Key_Right: return arrow(1, 0);
    case Qt::Key_Up: return arrow(0, -1);
    case Qt::Key_Down: return arrow(0, 1);
    case Qt::Key_Plus:
    case Qt::Key_Equal: return zoomIn();
    case Qt::Key_Minus: return zoomOut();
    case Qt::Key_F:
    case Qt::Key_0: return fit();
    case Qt::Key_1: return lookFrom(Preset::Top);
    case Qt::Key_2: return lookFrom(Preset::Front);
    case Qt::Key_3: return lookFrom(Preset::Side);
    case Qt::Key_4: return lookFrom(Preset::Isometric);
    case Qt::Key_5: return lookFrom(Preset::Bottom);
    case Qt::Key_6: return lookFrom(Preset::Back);
    case Qt::Key_7: return lookFrom(Preset::OtherSide);
    case Qt::Key_PageDown: return d->setSlice(d->frame.at[2] + 1, true);
    case Qt::Key_PageUp: return d->setSlice(d->frame.at[2] - 1, true);
    case Qt::Key_Home: return d->setSlice(0, true);
    case Qt::Key_End: return d->setSlice(d->frame.image->source[2] - 1, true);
    default: QWidget::keyPressEvent(event);
    }
}

void VolumeView::focusInEvent(QFocusEvent *event)
{
    d->keyboardFocus = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
    update();
}

void VolumeView::focusOutEvent(QFocusEvent *)
{
    d->keyboardFocus = false;
    update();
}

} // namespace reticle
