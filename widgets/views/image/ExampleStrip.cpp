#include "widgets/views/image/ExampleStrip.h"

#include "files/ImageSource.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageRaster.h"
#include "widgets/views/image/ImageView.h"

#include <QDialog>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>

namespace reticle {

namespace {

constexpr int gap = 8, titleHeight = 20, largest = 220, smallest = 48;

/// (1, H, W) and (1, 1, H, W) become (H, W); (3, H, W) stays for the caller to refuse.
Array picture(const Array &a)
{
    auto shape = a.shape();
    while (shape.size() > 2 && shape.front() == 1)
        shape.erase(shape.begin());
    if (shape.size() == 3 && shape.back() == 1)
        shape.pop_back();
    const bool fits = shape.size() == 2 || (shape.size() == 3 && (shape[2] == 3 || shape[2] == 4));
    return fits ? a.reshaped(shape) : Array();
}

bool isReal(const Array &a)
{
    return a.dtype() == DType::Float32 || a.dtype() == DType::Float64;
}

/// Whole numbers of more values than classes have: a probability in 255 steps.
bool isScale(const Array &a)
{
    constexpr int mostClasses = 32;
    if (a.dtype() != DType::UInt8)
        return false;
    std::array<bool, 256> seen{};
    for (const auto v : a.span<std::uint8_t>())
        seen[v] = true;
    return std::count(seen.begin(), seen.end(), true) > mostClasses;
}

ExampleStrip::Kind kindOf(const Array &a, const QString &title)
{
    const QString t = title.toLower();
    if (t.contains(QLatin1String("prediction")) || t.contains(QLatin1String("probability")))
        return isReal(a) || isScale(a) ? ExampleStrip::Kind::Probability : ExampleStrip::Kind::Labels;
    if (t.contains(QLatin1String("target")) || t.contains(QLatin1String("label")) || t.contains(QLatin1String("truth")))
        return ExampleStrip::Kind::Labels;
    return ExampleStrip::Kind::Image;
}

QImage drawn(const Array &a, ExampleStrip::Kind kind, QSize size)
{
    if (kind == ExampleStrip::Kind::Image || a.rank() != 2)
        return thumbnail(a, size);
    QImage image(size, QImage::Format_RGB32);
    image.fill(Qt::black);
    const Mapping mapping{{0, 0}, std::max(double(a.dim(1)) / size.width(), double(a.dim(0)) / size.height())};
    Plane plane{a, 0, 0, 1};
    if (kind == ExampleStrip::Kind::Labels) {
        // Two classes read best as black and white; more by color; 255 is "ignore" and gray.
        std::int64_t maximum = 0;
        bool ignored = false;
        for (std::int64_t i = 0; i < a.size(); ++i) {
            const auto v = static_cast<std::int64_t>(a.value(i));
            if (v == 255)
                ignored = true;
            else
                maximum = std::max(maximum, v);
        }
        if (maximum <= 1 && !(ignored && maximum == 0)) {
            drawLabels(image, mapping, plane, qRgb(255, 255, 255), 1, false, 1);
            if (ignored) {
                Array masked(DType::UInt8, {a.dim(0), a.dim(1)});
                for (std::int64_t i = 0; i < a.size(); ++i)
                    masked.data<std::uint8_t>()[i] = a.value(i) == 255;
                drawLabels(image, mapping, {masked, 0, 0, 1}, qRgb(128, 128, 128), 1, false, 1);
            }
        } else if (maximum == 0) {
            drawLabels(image, mapping, plane, qRgb(255, 255, 255), 1, false, 1); // a 0/255 mask
        } else {
            drawLabels(image, mapping, plane, 0, 1, false, 1);
        }
        return image;
    }
    while (mapping.step >= 2 * plane.scale && std::max(plane.data.dim(0), plane.data.dim(1)) > 1) {
        plane.data = halved(plane.data);
        plane.scale *= 2;
    }
    ContrastTable table;
    table.update(plane.data.dtype(), 0, isReal(a) ? 1 : 255, 1, "gray");
    drawPlane(image, mapping, plane, 0, table, qRgb(170, 170, 170));
    return image;
}

/// The picture of an example as pages for the big view.
class OnePage : public ImageSource
{
public:
    OnePage(Array a, QString name) : m_array(std::move(a))
    {
        m_info.path = name.toStdString();
        m_info.format = "example";
        m_info.height = m_array.dim(0);
        m_info.width = m_array.dim(1);
        m_info.channels = m_array.rank() > 2 ? m_array.dim(2) : 1;
        m_info.dtype = m_array.dtype();
        m_info.axes = m_array.rank() > 2 ? "YXC" : "YX";
    }
    const ImageInfo &info() const override { return m_info; }
    Array readPage(std::int64_t) const override { return m_array; }

private:
    Array m_array;
    ImageInfo m_info;
};

} // namespace

struct ExampleStrip::Private
{
    ExampleStrip *q;
    std::vector<std::vector<Array>> rows;
    QStringList titles;
    std::vector<Kind> kinds;
    QString empty;
    int hovered = -1, focused = 0, pressed = -1;
    std::vector<QImage> cache;
    int cacheSide = 0;
    double cacheRatio = 0;

    int columns() const { return rows.empty() ? 0 : static_cast<int>(rows.front().size()); }
    int cells() const { return columns() * static_cast<int>(rows.size()); }
    Kind kind(int column, const Array &a) const
    {
        return column < static_cast<int>(kinds.size()) ? kinds[static_cast<std::size_t>(column)]
                                                       : kindOf(a, titles.value(column));
    }
    int sideFor(int width) const
    {
        const int n = std::max(1, columns());
        return std::clamp((width - gap * (n - 1)) / n, smallest, largest);
    }
    int side() const
    {
        const int n = std::max(1, static_cast<int>(rows.size()));
        const int byHeight = (q->height() - titleHeight - gap * (n - 1)) / n;
        return std::clamp(std::min(sideFor(q->width()), byHeight), smallest, largest);
    }
    QRect cell(int index) const
    {
        const int s = side(), c = index % columns(), r = index / columns();
        return {c * (s + gap), titleHeight + r * (s + gap), s, s};
    }
    int cellAt(QPoint p) const
    {
        for (int i = 0; i < cells(); ++i)
            if (cell(i).contains(p))
                return i;
        return -1;
    }
    const Array &array(int index) const
    {
        return rows[static_cast<std::size_t>(index / columns())][static_cast<std::size_t>(index % columns())];
    }

    void fillCache(double ratio)
    {
        const int s = side();
        if (s == cacheSide && ratio == cacheRatio && cache.size() == static_cast<std::size_t>(cells()))
            return;
        cache.assign(static_cast<std::size_t>(cells()), {});
        for (int i = 0; i < cells(); ++i) {
            const auto &a = array(i);
            if (a.empty())
                continue;
            const QSizeF shape(static_cast<double>(a.dim(1)), static_cast<double>(a.dim(0)));
            QSize size = shape.scaled(QSizeF(s, s) * ratio, Qt::KeepAspectRatio).toSize().expandedTo({1, 1});
            cache[static_cast<std::size_t>(i)] = drawn(a, kind(i % columns(), a), size);
            cache[static_cast<std::size_t>(i)].setDevicePixelRatio(ratio);
        }
        cacheSide = s;
        cacheRatio = ratio;
    }

    void enlarge(int index)
    {
        const auto &a = array(index);
        if (!a.empty()) {
            auto *dialog = new QDialog(q->window());
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            const QString title = titles.value(index % columns());
            dialog->setWindowTitle(title.isEmpty() ? tr("Example") : title);
            auto *layout = new QVBoxLayout(dialog);
            layout->setContentsMargins(0, 0, 0, 0);
            auto *view = new ImageView(dialog);
            layout->addWidget(view);
            view->setSource(std::make_shared<OnePage>(a, dialog->windowTitle()));
            if (kind(index % columns(), a) == Kind::Probability)
                view->setContrast(0, isReal(a) ? 1 : 255);
            dialog->resize(640, 640);
            dialog->show();
        }
        Q_EMIT q->activated(index / columns(), index % columns());
    }
};

ExampleStrip::ExampleStrip(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    d->q = this;
    d->empty = tr("Examples appear here while the run trains.");
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Examples"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

ExampleStrip::~ExampleStrip() = default;

void ExampleStrip::setExamples(std::vector<Array> images, QStringList titles, std::vector<Kind> kinds)
{
    std::vector<std::vector<Array>> rows;
    if (!images.empty())
        rows.push_back(std::move(images));
    setRows(std::move(rows), std::move(titles), std::move(kinds));
}

void ExampleStrip::setRows(std::vector<std::vector<Array>> rows, QStringList titles, std::vector<Kind> kinds)
{
    const int before = d->cells();
    std::size_t widest = 0;
    for (const auto &r : rows)
        widest = std::max(widest, r.size());
    for (auto &r : rows) {
        for (auto &a : r)
            a = picture(a);
        r.resize(widest);
    }
    if (widest == 0)
        rows.clear();
    d->rows = std::move(rows);
    d->titles = std::move(titles);
    d->kinds = std::move(kinds);
    d->cache.clear();
    d->focused = std::clamp(d->focused, 0, std::max(0, d->cells() - 1));
    d->hovered = d->pressed = -1;
    if (d->cells() != before)
        updateGeometry();
    update();
}

void ExampleStrip::clear()
{
    setRows({}, {});
}

int ExampleStrip::count() const
{
    return d->columns();
}

int ExampleStrip::rows() const
{
    return static_cast<int>(d->rows.size());
}

void ExampleStrip::setEmptyText(const QString &text)
{
    d->empty = text;
    update();
}

QSize ExampleStrip::sizeHint() const
{
    return {480, heightForWidth(480)};
}

QSize ExampleStrip::minimumSizeHint() const
{
    return {3 * smallest + 2 * gap, titleHeight + smallest};
}

bool ExampleStrip::hasHeightForWidth() const
{
    return true;
}

int ExampleStrip::heightForWidth(int width) const
{
    const int n = std::max(1, static_cast<int>(d->rows.size()));
    return titleHeight + n * d->sideFor(width) + (n - 1) * gap;
}

void ExampleStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (d->cells() == 0) {
        painter.setPen(themeColor(ColorRole::TextMuted));
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, d->empty);
        return;
    }
    d->fillCache(devicePixelRatioF());
    painter.setFont(themeFont(FontRole::Small));
    for (int c = 0; c < d->columns(); ++c) {
        const QRect cell = d->cell(c);
        painter.setPen(themeColor(ColorRole::TextMuted));
        painter.drawText(QRect(cell.left(), 0, cell.width(), titleHeight), Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(d->titles.value(c), Qt::ElideRight, cell.width()));
    }
    for (int i = 0; i < d->cells(); ++i) {
        const QRect cell = d->cell(i);
        const auto &image = d->cache[static_cast<std::size_t>(i)];
        if (image.isNull()) {
            painter.setPen(themeColor(ColorRole::TextMuted));
            painter.drawText(cell, Qt::AlignCenter, QStringLiteral("–"));
            continue;
        }
        const QSizeF size = image.deviceIndependentSize();
        const QRectF at(cell.left() + (cell.width() - size.width()) / 2, cell.top() + (cell.height() - size.height()) / 2,
                        size.width(), size.height());
        painter.drawImage(at.topLeft(), image);
        painter.setBrush(Qt::NoBrush);
        const bool focus = hasFocus() && i == d->focused;
        painter.setPen(focus ? QPen(themeColor(ColorRole::Accent), 2)
                             : QPen(themeColor(i == d->hovered ? ColorRole::Accent : ColorRole::Border), 1));
        painter.drawRect(at.adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

void ExampleStrip::mousePressEvent(QMouseEvent *event)
{
    d->pressed = event->button() == Qt::LeftButton ? d->cellAt(event->position().toPoint()) : -1;
}

void ExampleStrip::mouseReleaseEvent(QMouseEvent *event)
{
    const int at = d->cellAt(event->position().toPoint());
    if (at >= 0 && at == d->pressed) {
        d->focused = at;
        d->enlarge(at);
    }
    d->pressed = -1;
}

void ExampleStrip::mouseMoveEvent(QMouseEvent *event)
{
    const int at = d->cellAt(event->position().toPoint());
    if (at != d->hovered) {
        d->hovered = at;
        setCursor(at >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
        update();
    }
}

void ExampleStrip::leaveEvent(QEvent *)
{
    d->hovered = -1;
    update();
}

void ExampleStrip::keyPressEvent(QKeyEvent *event)
{
    const int n = d->cells(), columns = d->columns();
    int to = d->focused;
    switch (event->key()) {
    case Qt::Key_Left: --to; break;
    case Qt::Key_Right: ++to; break;
    case Qt::Key_Up: to -= columns; break;
    case Qt::Key_Down: to += columns; break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (n > 0)
            d->enlarge(d->focused);
        return;
    default: QWidget::keyPressEvent(event); return;
    }
    if (to >= 0 && to < n)
        d->focused = to;
    update();
}

bool ExampleStrip::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int at = d->cellAt(help->pos());
        if (at >= 0 && !d->array(at).empty())
            QToolTip::showText(help->globalPos(),
                               tr("%1: %2 × %3, click to enlarge")
                                   .arg(d->titles.value(at % d->columns()))
                                   .arg(d->array(at).dim(1))
                                   .arg(d->array(at).dim(0)),
                               this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace reticle
