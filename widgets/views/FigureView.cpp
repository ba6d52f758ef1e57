#include "widgets/views/FigureView.h"

#include "widgets/export/ExportDialog.h"
#include "widgets/export/FigureCsv.h"
#include "widgets/export/FigureExport.h"
#include "widgets/render/FigureScene.h"
#include "widgets/views/Dialogs.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Logical pixels a point: 7 pt text is read at arm's length, not held in the hand. A view narrower than the figure at
/// that size shows it smaller, down to what can still be read.
constexpr double largestFigureZoom = 1.75, smallestZoom = 1.3;

double zoomFor(const Figure &figure, int width)
{
    return std::clamp(width / (std::max(figure.widthMm, 20.0) / 25.4 * 72), smallestZoom, largestFigureZoom);
}

bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Base).lightness() < 128;
}

FigureStyle styleFor(const QPalette &palette)
{
    FigureStyle style = FigureStyle::screen(isDark(palette));
    style.page = palette.color(QPalette::Base);
    return style;
}

} // namespace

struct FigureView::Private
{
    FigureScene scene;
    bool laidOut = false;
    double zoom = largestFigureZoom;
    enum class Drag { None, Pan, Box } drag = Drag::None;
    int panel = -1;   ///< being dragged
    QPointF from, to; ///< page units
    Range startX, startY;
    FigureScene::Readout readout;

    /// Before anything asks where things are: data may have come since the last paint.
    void ensureLayout(const QWidget &view)
    {
        if (!laidOut) {
            zoom = zoomFor(scene.figure(), view.width());
            scene.layout(QSizeF(view.size()) / zoom, zoom * view.devicePixelRatioF());
            laidOut = true;
        }
        const auto &panels = scene.panels();
        if (drag != Drag::None && (panel >= static_cast<int>(panels.size()) || !panels[static_cast<std::size_t>(panel)].chart))
            drag = Drag::None; // the panel in hand is gone
    }
};

FigureView::FigureView(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Figure"));
    d->scene.setStyle(styleFor(palette()));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setSizePolicy(policy);
}

FigureView::~FigureView() = default;

void FigureView::setFigure(const Figure &figure)
{
    d->scene.setFigure(figure);
    d->laidOut = false;
    setAccessibleDescription(QString::fromStdString(figure.caption));
    updateGeometry();
    update();
}

const Figure &FigureView::figure() const
{
    return d->scene.figure();
}

void FigureView::resetView()
{
    d->scene.resetViews();
    d->laidOut = false;
    update();
}

QString FigureView::readout() const
{
    return d->readout.text;
}

QSize FigureView::sizeHint() const
{
    return {560, 380};
}

QSize FigureView::minimumSizeHint() const
{
    return {160, 120};
}

bool FigureView::hasHeightForWidth() const
{
    return false;
}

int FigureView::heightForWidth(int width) const
{
    return static_cast<int>(std::ceil(figureHeight(figure(), width / zoomFor(figure(), width)) * zoomFor(figure(), width)));
}

void FigureView::paintEvent(QPaintEvent *)
{
    d->ensureLayout(*this);
    QPainter painter(this);
    painter.fillRect(rect(), d->scene.style().page);
    painter.scale(d->zoom, d->zoom);
    d->scene.paint(painter, PaintTarget::Raster);

    const FigureStyle &style = d->scene.style();
    if (d->drag == Private::Drag::Box) {
        const QRectF box = QRectF(d->from, d->to).normalized();
        QColor fill = palette().color(QPalette::Highlight);
        painter.setPen(QPen(fill, 0.75));
        fill.setAlpha(50);
        painter.setBrush(fill);
        painter.drawRect(box);
    }
    if (d->readout.text.isEmpty() || d->drag != Private::Drag::None)
        return;
    painter.setPen(QPen(style.ink, 0.75));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(d->readout.at, 3.0, 3.0);
    const QFont font = FigureStyle::font(style.axisPt);
    const double width = textWidth(font, d->readout.text) + 8, height = style.axisPt + 6;
    QRectF box(d->readout.at + QPointF(6, -height - 4), QSizeF(width, height));
    const QRectF page(QPointF(0, 0), d->scene.page());
    if (box.right() > page.right() - 2)
        box.moveRight(std::max(d->readout.at.x() - 6, width + 2));
    if (box.top() < 2)
        box.moveTop(d->readout.at.y() + 6);
    painter.setPen(QPen(style.muted, 0.5));
    QColor back = style.page;
    back.setAlpha(235);
    painter.setBrush(back);
    painter.drawRoundedRect(box, 2, 2);
    drawText(painter, {box.left() + 4, box.center().y()}, font, style.ink, d->readout.text, HAlign::Left, VAlign::Center);
}

void FigureView::resizeEvent(QResizeEvent *)
{
    d->laidOut = false;
}

void FigureView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) {
        d->scene.setStyle(styleFor(palette()));
        d->laidOut = false;
        update();
    }
    QWidget::changeEvent(event);
}

bool FigureView::event(QEvent *event)
{
    // Ctrl+E belongs to the figure that has the focus, before any shortcut of the window's.
    if (event->type() == QEvent::ShortcutOverride) {
        auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_E && key->modifiers() == Qt::ControlModifier) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void FigureView::mousePressEvent(QMouseEvent *event)
{
    d->ensureLayout(*this);
    const QPointF at = event->position() / d->zoom;
    const bool box = event->button() == Qt::LeftButton && event->modifiers() & Qt::ShiftModifier;
    if (event->button() != Qt::LeftButton)
        return;
    if (const auto [panel, series] = d->scene.legendAt(at); panel >= 0 && !box) {
        auto &hidden = d->scene.view(panel).hidden;
        if (!hidden.erase(series))
            hidden.insert(series);
        d->scene.relayout();
        update();
        return;
    }
    const int panel = d->scene.panelAt(at);
    if (panel < 0 || !d->scene.panels()[static_cast<std::size_t>(panel)].chart)
        return;
    const ChartModel &model = *d->scene.panels()[static_cast<std::size_t>(panel)].chart;
    d->drag = box ? Private::Drag::Box : Private::Drag::Pan;
    d->panel = panel;
    d->from = d->to = at;
    d->startX = model.xRange;
    d->startY = model.yRange;
    setCursor(box ? Qt::CrossCursor : Qt::ClosedHandCursor);
}

void FigureView::mouseMoveEvent(QMouseEvent *event)
{
    d->ensureLayout(*this);
    const QPointF at = event->position() / d->zoom;
    d->to = at;
    if (d->drag == Private::Drag::Pan) {
        const QRectF plot = d->scene.panels()[static_cast<std::size_t>(d->panel)].plot;
        const double dx = (at.x() - d->from.x()) / plot.width() * d->startX.span();
        const double dy = (at.y() - d->from.y()) / plot.height() * d->startY.span();
        PanelView &view = d->scene.view(d->panel);
        if (view.x || view.y || QLineF(d->from, at).length() > 2) { // a click that trembles is no pan
            view.x = Range{d->startX.low - dx, d->startX.high - dx};
            view.y = Range{d->startY.low + dy, d->startY.high + dy};
            d->scene.relayout();
            update();
        }
        return;
    }
    if (d->drag == Private::Drag::Box) {
        update();
        return;
    }
    const auto before = d->readout;
    d->readout = d->scene.readout(at);
    setCursor(d->scene.legendAt(at).first >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (d->readout.text != before.text || d->readout.at != before.at) {
        update();
        Q_EMIT readoutChanged(d->readout.text);
    }
}

void FigureView::mouseReleaseEvent(QMouseEvent *event)
{
    d->ensureLayout(*this);
    if (event->button() != Qt::LeftButton || d->drag == Private::Drag::None)
        return;
    if (d->drag == Private::Drag::Box) {
        const QRectF box = QRectF(d->from, d->to).normalized() & d->scene.panels()[static_cast<std::size_t>(d->panel)].plot;
        if (box.width() > 3 && box.height() > 3) {
            const QPointF low = d->scene.toAxes(d->panel, box.bottomLeft());
            const QPointF high = d->scene.toAxes(d->panel, box.topRight());
            PanelView &view = d->scene.view(d->panel);
            view.x = Range{low.x(), high.x()};
            view.y = Range{low.y(), high.y()};
            d->scene.relayout();
        }
    }
    const bool still = d->drag == Private::Drag::Pan && (event->position() / d->zoom - d->from).manhattanLength() < 2;
    d->drag = Private::Drag::None;
    unsetCursor();
    update();
    if (still)
        Q_EMIT clicked(d->panel, d->scene.toAxes(d->panel, d->from));
}

void FigureView::mouseDoubleClickEvent(QMouseEvent *event)
{
    d->ensureLayout(*this);
    const QPointF at = event->position() / d->zoom;
    if (event->button() != Qt::LeftButton || d->scene.legendAt(at).first >= 0)
        return;
    const int panel = d->scene.panelAt(at);
    if (panel < 0)
        return;
    d->scene.view(panel).x.reset();
    d->scene.view(panel).y.reset();
    d->scene.relayout();
    update();
}

void FigureView::wheelEvent(QWheelEvent *event)
{
    d->ensureLayout(*this);
    const QPointF at = event->position() / d->zoom;
    const int panel = d->scene.panelAt(at);
    // Charts stand in pages that scroll: the wheel alone is the page's, as everywhere else but in stacks.
    if (!(event->modifiers() & Qt::ControlModifier) || panel < 0 || !d->scene.panels()[static_cast<std::size_t>(panel)].chart) {
        event->ignore();
        return;
    }
    const ChartModel &model = *d->scene.panels()[static_cast<std::size_t>(panel)].chart;
    const QPointF fixed = d->scene.toAxes(panel, at);
    // With Alt a wheel turns sideways.
    const int delta = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    const double factor = std::pow(0.8, delta / 120.0);
    const auto zoomed = [&](const Range &r, double about) {
        const Range out{about + (r.low - about) * factor, about + (r.high - about) * factor};
        // Beyond this the numbers of an axis can no longer be told apart.
        const double minimum = std::max(std::abs(about), 1e-12) * 1e-10;
        return out.span() > minimum && out.span() < 1e12 * std::max(1.0, std::abs(about)) ? out : r;
    };
    PanelView &view = d->scene.view(panel);
    const Range x = zoomed(model.xRange, fixed.x()), y = zoomed(model.yRange, fixed.y());
    if (!(event->modifiers() & Qt::AltModifier)) // Alt: only x, Shift: only y
        view.y = y;
    if (!(event->modifiers() & Qt::ShiftModifier))
        view.x = x;
    d->scene.relayout();
    d->readout = d->scene.readout(at);
    update();
    event->accept();
}

void FigureView::leaveEvent(QEvent *)
{
    if (d->readout.text.isEmpty())
        return;
    d->readout = {};
    update();
    Q_EMIT readoutChanged(QString());
}

void FigureView::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_E && event->modifiers() == Qt::ControlModifier)
        exportDialog();
    else if (event->matches(QKeySequence::Copy))
        copyPicture();
    else if (event->key() == Qt::Key_Home || event->key() == Qt::Key_0)
        resetView();
    else
        QWidget::keyPressEvent(event);
}

void FigureView::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    QAction *action = menu->addAction(tr("Export…"), this, &FigureView::exportDialog);
    action->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_E));
    action = menu->addAction(tr("Copy as picture"), this, &FigureView::copyPicture);
    action->setShortcut(QKeySequence::Copy);
    menu->addAction(tr("Copy data as CSV"), this, &FigureView::copyData);
    menu->addSeparator();
    menu->addAction(tr("Show all"), this, &FigureView::resetView)->setShortcut(QKeySequence(Qt::Key_Home));
    openMenu(menu, event->globalPos());
}

void FigureView::exportDialog()
{
    auto *dialog = new ExportDialog(figure(), window());
    connect(dialog, &ExportDialog::exported, this, &FigureView::exported);
    openDialog(dialog, this);
}

void FigureView::copyPicture()
{
    QGuiApplication::clipboard()->setImage(figureImage(figure(), figure().widthMm, 300));
}

void FigureView::copyData()
{
    QString all;
    for (const auto &part : figureCsv(figure())) {
        if (!all.isEmpty())
            all += '\n';
        all += QString::fromStdString(part.text);
    }
    QGuiApplication::clipboard()->setText(all);
}

} // namespace reticle
