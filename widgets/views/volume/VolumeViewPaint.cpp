#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageView_p.h"
#include "widgets/views/volume/VolumeView.h"
#include "widgets/views/volume/VolumeView_p.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

/// Axes and crosshair: colors of Okabe and Ito's that both themes bear, always with a letter beside them.
QColor axisColor(int axis, bool dark)
{
    const QRgb onDark[] = {0xe69f00, 0x56b4e9, 0x3ec79c}, onLight[] = {0xb35c00, 0x0072b2, 0x007a59};
    return QColor::fromRgb((dark ? onDark : onLight)[axis]);
}

void chip(QPainter &painter, const QRectF &box)
{
    // Over a picture both themes use the same dark chip.
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(16, 18, 22, 214));
    painter.drawRoundedRect(box, 5, 5);
    painter.setPen(Qt::white);
}

void paintScaleBar(QPainter &painter, const QSizeF &size, const VolumeFrame &f, const VolumeCamera &camera)
{
    if (size.width() < 140 || size.height() < 60)
        return;
    const double pixels = std::min(160.0, size.width() * 0.3) * camera.scale(size); // of the stack, at most
    const double nm = f.options.pixelSize;
    const double length = niceLength(nm > 0 ? pixels * nm : pixels);
    const double wide = length / (nm > 0 ? nm : 1) / camera.scale(size);
    if (!(wide > 4))
        return;
    const QString text = nm > 0 ? lengthText(length) : VolumeView::tr("%1 px").arg(QString::number(length, 'g', 4));
    painter.setFont(themeFont(FontRole::Small));
    const QFontMetricsF metrics(painter.font());
    const double w = std::max(wide, metrics.horizontalAdvance(text)) + 20, h = metrics.height() + 17;
    const QRectF box(size.width() - 8 - w, size.height() - 8 - h, w, h);
    chip(painter, box);
    painter.drawText(QRectF(box.left(), box.top() + 3, w, metrics.height()), Qt::AlignCenter, text);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(QRectF(box.center().x() - wide / 2, box.bottom() - 10, wide, 3), Qt::white);
    painter.setRenderHint(QPainter::Antialiasing, true);
}

void paintAxes(QPainter &painter, const QSizeF &size, const VolumeCamera &camera, bool dark)
{
    if (size.width() < 140 || size.height() < 120)
        return;
    constexpr double length = 26, reach = 44;
    const QPointF from(reach, size.height() - reach);
    painter.setFont(themeFont(FontRole::Small));
    const QFontMetricsF metrics(painter.font());
    // Those that point away from the eye first.
    std::array<int, 3> order{0, 1, 2};
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        return camera.forward[static_cast<std::size_t>(a)] > camera.forward[static_cast<std::size_t>(b)];
    });
    for (const int axis : order) {
        const auto i = static_cast<std::size_t>(axis);
        const QPointF along(camera.right()[i], -camera.up[i]);
        painter.setPen(QPen(axisColor(axis, dark), 2, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(from, from + along * length);
        const double flat = std::hypot(along.x(), along.y());
        if (flat < 0.12)
            continue; // points at the eye: its letter would lie on the others
        const QPointF middle = from + along * length + along / flat * 9;
        const QString letter = QStringLiteral("xyz").mid(axis, 1);
        painter.drawText(QRectF(middle.x() - 8, middle.y() - metrics.height() / 2, 16, metrics.height()), Qt::AlignCenter,
                         letter);
    }
}

void paintCrosshair(QPainter &painter, const QSizeF &size, const VolumeFrame &f, const VolumeCamera &camera, bool dark)
{
    const Point3 extent = extentOf(f);
    Point3 p{};
    for (std::size_t i = 0; i < 3; ++i)
        p[i] = (static_cast<double>(f.at[i]) + 0.5) * f.voxel[i];
    for (std::size_t i = 0; i < 3; ++i) {
        Point3 a = p, b = p;
        a[i] = 0;
        b[i] = extent[i];
        painter.setPen(QPen(QColor(0, 0, 0, dark ? 120 : 60), 2.5));
        painter.drawLine(camera.toView(a, size), camera.toView(b, size));
        painter.setPen(QPen(axisColor(static_cast<int>(i), true), 1));
        painter.drawLine(camera.toView(a, size), camera.toView(b, size));
    }
    painter.setPen(QPen(QColor(0, 0, 0, 160), 1));
    painter.setBrush(Qt::white);
    painter.drawEllipse(camera.toView(p, size), 3.5, 3.5);
}

QString volumeNumber(double v)
{
    return QString::number(v, 'g', 3);
}

} // namespace

QString extentText(const VolumeFrame &f)
{
    if (!f.image)
        return {};
    const auto &n = f.image->source;
    const QString times = QString::fromUtf8(" × ");
    if (!(f.options.pixelSize > 0))
        return QString::number(n[0]) + times + QString::number(n[1]) + VolumeView::tr(" px, ") +
               (n[2] == 1 ? VolumeView::tr("one slice") : VolumeView::tr("%1 slices").arg(n[2]));
    const Point3 extent = extentOf(f);
    double nm[3], maximum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        nm[i] = extent[i] * f.options.pixelSize;
        maximum = std::max(maximum, nm[i]);
    }
    const double unit = maximum >= 1e6 ? 1e6 : maximum >= 1e3 ? 1e3 : 1;
    const QString name = unit == 1e6 ? QStringLiteral("mm") : unit == 1e3 ? QString::fromUtf8("µm") : QStringLiteral("nm");
    return volumeNumber(nm[0] / unit) + times + volumeNumber(nm[1] / unit) + times + volumeNumber(nm[2] / unit) + ' ' + name;
}

void paintVolumeMarks(QPainter &painter, const QSizeF &size, const VolumeFrame &frame, const VolumeCamera &camera, bool crosshair,
                      const QString &note)
{
    painter.setRenderHint(QPainter::Antialiasing);
    const bool dark = frame.background.lightnessF() < 0.5;
    if (crosshair)
        paintCrosshair(painter, size, frame, camera, dark);
    if (frame.options.axes)
        paintAxes(painter, size, camera, dark);
    if (frame.options.scaleBar)
        paintScaleBar(painter, size, frame, camera);
    if (note.isEmpty())
        return;
    painter.setFont(themeFont(FontRole::Small));
    const QFontMetricsF metrics(painter.font());
    const QString fitted = metrics.elidedText(note, Qt::ElideRight, size.width() - 32);
    const QRectF box(8, 8, metrics.horizontalAdvance(fitted) + 16, metrics.height() + 8);
    chip(painter, box);
    painter.drawText(box, Qt::AlignCenter, fitted);
}

void VolumeView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), themeColor(ColorRole::Canvas));
    const QString &error = d->shownError();
    const bool drawn = !d->picture.isNull() && d->frame.image && error.isEmpty();
    if (drawn) {
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(QRectF(rect()), d->picture);
        paintVolumeMarks(painter, QSizeF(size()), d->current(false), d->pictured, d->crossed,
                         d->busy.isEmpty() ? d->note : d->busy);
    } else {
        const QString text = !error.isEmpty()     ? error
                             : !d->busy.isEmpty() ? d->busy
                             : d->frame.image     ? tr("Drawing …")
                                                  : tr("Nothing to show yet");
        const int wide = std::min(width() - 32, 420);
        if (wide > 40) {
            constexpr int icon = 28;
            painter.setFont(themeFont(FontRole::Body));
            const int flags = Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap;
            const QRect body = painter.boundingRect(QRect(0, 0, wide, 10000), flags, text);
            const int y = std::max(8, (height() - icon - 8 - body.height()) / 2);
            themeIcon(error.isEmpty() ? QStringLiteral("cube") : QStringLiteral("warning"),
                      error.isEmpty() ? ColorRole::TextMuted : ColorRole::Warning)
                .paint(&painter, QRect((width() - icon) / 2, y, icon, icon));
            painter.setPen(themeColor(error.isEmpty() ? ColorRole::TextMuted : ColorRole::Text));
            painter.drawText(QRect((width() - wide) / 2, y + icon + 8, wide, height() - y - icon - 8), flags, text);
        }
    }
    if (d->keyboardFocus) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(themeColor(ColorRole::Accent), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
}

std::optional<std::array<std::int64_t, 3>> firstHit(const VolumeFrame &f, const VolumeData *surfaces, QPointF at,
                                                    const QSizeF &view)
{
    if (!f.image)
        return std::nullopt;
    const auto &o = f.options;
    const Point3 extent = extentOf(f), dir = f.camera.forward, through = f.camera.fromView(at, view);
    // Where the ray is inside the box, and behind the cut.
    double from = -1e300, to = 1e300;
    for (std::size_t i = 0; i < 3; ++i) {
        double low = i == 2 && o.cut ? cutDepth(f) : 0, high = extent[i];
        if (i == 2 && o.cut && f.at[2] == 0)
            low = 0;
        if (std::abs(dir[i]) < 1e-12) {
            if (through[i] < low || through[i] > high)
                return std::nullopt;
            continue;
        }
        const double a = (low - through[i]) / dir[i], b = (high - through[i]) / dir[i];
        from = std::max(from, std::min(a, b));
        to = std::min(to, std::max(a, b));
    }
    if (from > to)
        return std::nullopt;
    const auto voxelAt = [&](double t) {
        std::array<std::int64_t, 3> v{};
        for (std::size_t i = 0; i < 3; ++i)
            v[i] = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor((through[i] + dir[i] * t) / f.voxel[i])), 0,
                                            f.image->source[i] - 1);
        return v;
    };
    // The planes first: the nearest of them ends the search through the voxels.
    std::optional<std::array<std::int64_t, 3>> hit;
    const double slack = 1e-6 * (to - from) + 1e-9;
    for (std::size_t i = 0; i < 3; ++i) {
        if (!(i == 2 ? o.slice : o.across) || std::abs(dir[i]) < 1e-12)
            continue;
        const double t = ((static_cast<double>(f.at[i]) + 0.5) * f.voxel[i] - through[i]) / dir[i];
        if (t >= from - slack && t <= to + slack) {
            to = t;
            hit = voxelAt(t);
            (*hit)[i] = f.at[i];
        }
    }
    const bool volume = o.image != "hidden" && o.opacity > 0 && f.image->anyFinite;
    const bool surface = surfaces && f.surface && f.surface->triangleCount() > 0;
    if (!volume && !surface)
        return hit;
    const auto solid = [&](const std::array<std::int64_t, 3> &v) {
        const auto &k = f.image->factor;
        if (volume) {
            const double value = f.image->value(v[0] / k[0], v[1] / k[1], v[2] / k[2]);
            // Half way up to full counts as something that is seen.
            const double edge = o.threshold + 0.25 * (o.full - o.threshold);
            if (o.solid == "dark" ? value <= edge : value >= edge)
                return true;
        }
        if (surface) {
            const auto &s = surfaces->factor;
            const double value =
                surfaces->value(std::min(v[0] / s[0], surfaces->nx() - 1), std::min(v[1] / s[1], surfaces->ny() - 1),
                                std::min(v[2] / s[2], surfaces->nz() - 1));
            if (surfaces->kind == VolumeData::Kind::Image)
                return o.solid == "dark" && surfaces == f.image.get() ? value <= o.level : value >= o.level;
            if (value != 0)
                return o.labels.empty() ||
                       std::find(o.labels.begin(), o.labels.end(), static_cast<std::int64_t>(value)) != o.labels.end();
        }
        return false;
    };
    // Along no axis more than half a voxel.
    double step = std::numeric_limits<double>::max();
    for (std::size_t i = 0; i < 3; ++i)
        if (std::abs(dir[i]) > 1e-12)
            step = std::min(step, 0.5 * f.voxel[i] / std::abs(dir[i]));
    const auto steps = static_cast<std::int64_t>((to - from) / step);
    for (std::int64_t i = 0; i <= steps; ++i) {
        const auto v = voxelAt(from + (static_cast<double>(i) + 0.5) * std::min(step, (to - from)));
        if (solid(v))
            return v;
    }
    return hit;
}

} // namespace reticle
