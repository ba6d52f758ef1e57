#include "widgets/render/FigureScene.h"

#include "widgets/render/FigureLayout.h"
#include "widgets/render/FigureReadout.h"
#include "widgets/render/FigureTable.h"
#include "widgets/render/LabeledEngine.h"
#include "widgets/render/PanelPainting.h"
#include "widgets/render/ReferenceLabels.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <map>

namespace reticle {

namespace {

constexpr double golden = 0.618;
constexpr double barGap = 4, barWidth = 6;
constexpr double titleSpace = 3;

template <class... F> struct Overloaded : F...
{
    using F::operator()...;
};
template <class... F> Overloaded(F...) -> Overloaded<F...>;

} // namespace

struct FigureScene::Private
{
    Figure figure;
    FigureStyle style;
    std::map<int, PanelView> views;
    std::map<int, LegendPlace> corners; ///< chosen before: legends do not jump about while data arrive
    QSizeF page{100, 100};
    double pixelsPerPoint = 1;
    std::vector<PanelLayout> panels;
    std::vector<std::unique_ptr<ChartScene>> charts; ///< one a panel; null without axes
    std::vector<TextMark> marks;

    void prepare();
    QMarginsF margins(PanelLayout &p, QSizeF content);
    void chartMargins(PanelLayout &p, QSizeF content, QMarginsF &m);
    double wantedHeight(const PanelLayout &p, double width) const;
    double solve(double width, std::optional<double> height);
    void place(PanelLayout &p, const GridCell &cell);
    QSizeF imageSize(const PanelLayout &p) const;
};

FigureScene::FigureScene(const FigureStyle &style) : d(std::make_unique<Private>())
{
    d->style = style;
}

FigureScene::~FigureScene() = default;

void FigureScene::setFigure(const Figure &figure)
{
    d->figure = figure;
    const int n = static_cast<int>(figure.panels.size());
    std::erase_if(d->views, [&](const auto &v) { return v.first >= n; });
    std::erase_if(d->corners, [&](const auto &c) { return c.first >= n; });
    d->prepare();
}

void FigureScene::setStyle(const FigureStyle &style)
{
    d->style = style;
    d->prepare();
}

const Figure &FigureScene::figure() const
{
    return d->figure;
}

const FigureStyle &FigureScene::style() const
{
    return d->style;
}

PanelView &FigureScene::view(int panel)
{
    return d->views[panel];
}

void FigureScene::resetViews()
{
    d->views.clear();
    d->corners.clear();
    d->prepare();
}

/// Everything that does not depend on the size of the page.
void FigureScene::Private::prepare()
{
    panels.assign(figure.panels.size(), {});
    for (std::size_t i = 0; i < panels.size(); ++i) {
        PanelLayout &p = panels[i];
        p.index = static_cast<int>(i);
        const PanelView &view = views[p.index];
        const auto chart = [&](const auto &content) {
            p.chart = chartModel(content, view, style);
            p.bar = p.chart->bar;
            p.legend = legendOf(*p.chart, style);
        };
        std::visit(Overloaded{[&](const XYPanel &c) { chart(c); }, [&](const HeatMapPanel &c) { chart(c); },
                              [&](const HistogramPanel &c) { chart(c); },
                              [&](const ImagePanel &c) {
                                  p.image = compose(c);
                                  p.bar = p.image->bar;
                              },
                              [&](const ImageGridPanel &c) { p.grid = compose(c); }, [](const TablePanel &) {}},
                   figure.panels[i].content);
    }
}

QSizeF FigureScene::Private::imageSize(const PanelLayout &p) const
{
    return p.image ? p.image->image.size() : p.grid.size();
}

void FigureScene::Private::chartMargins(PanelLayout &p, QSizeF content, QMarginsF &m)
{
    ChartModel &model = *p.chart;
    p.x = planAxis(model.x, model.xRange.low, model.xRange.high, content.width(), false, style, {}, model.xWhole);
    p.y = planAxis(model.y, model.yRange.low, model.yRange.high, content.height(), true, style,
                   model.yDown ? std::optional(model.yMirror) : std::nullopt);
    p.second = planSecondScale(model.x, model.xRange.low, model.xRange.high, content.width(), style);
    m.setLeft(std::max({p.y.room, p.x.overhangLow, p.second.overhangLow}));
    m.setBottom(std::max(p.x.room, p.y.overhangLow));
    m.setRight(std::max({1.0, p.x.overhangHigh, p.second.overhangHigh}));
    m.setTop(std::max({1.0, p.y.overhangHigh, p.second.room}));
    const QRectF plot(QPointF(0, 0), content);
    for (const auto &label : referenceLabels(model, plot, style)) {
        m.setTop(std::max(m.top(), -label.box.top()));
        m.setLeft(std::max(m.left(), -label.box.left()));
        m.setRight(std::max(m.right(), label.box.right() - plot.right()));
    }

    Legend &legend = p.legend;
    if (legend.entries.empty())
        return;
    LegendPlace place = model.legend;
    const QSizeF column = columnSize(legend, style);
    if (place == LegendPlace::Auto) {
        const auto before = corners.find(p.index);
        const LegendPlace last = before == corners.end() ? LegendPlace::Auto : before->second;
        if (legend.entries.size() > 6 || last == LegendPlace::Outside || legend.place == LegendPlace::Outside)
            place = LegendPlace::Outside; // and stays there: going back and forth would never end
        else
            place = emptiestCorner(model, plot, column, style, legend.place == LegendPlace::Auto ? last : legend.place);
        // The sizes of the first passes are guesses: not yet reason enough to leave the plot.
        if (p.passes < 3 && place == LegendPlace::Outside && legend.entries.size() <= 6 && last != LegendPlace::Outside)
            place = LegendPlace::TopRight;
    }
    ++p.passes;
    const bool wasOutside = legend.place == LegendPlace::Outside;
    legend.place = place;
    legend.size = column;
    if (place != LegendPlace::Outside) {
        legend.below = false;
    } else {
        const double whole = content.width() + m.left() + m.right();
        if (!wasOutside || p.passes < 4)
            legend.below = column.width() > 0.3 * whole || column.height() > content.height();
        if (legend.below) {
            legend.size = rowsSize(legend, style, content.width() + m.left() * 0.8);
            m.setBottom(p.x.room + 3 + legend.size.height());
        } else {
            m.setRight(m.right() + 4 + legend.size.width());
        }
    }
}

/// Room around the content, also filling in the plans that depend on its size.
QMarginsF FigureScene::Private::margins(PanelLayout &p, QSizeF content)
{
    const Panel &panel = figure.panels[static_cast<std::size_t>(p.index)];
    QMarginsF m(0, 1, 0, 0);
    if (p.chart)
        chartMargins(p, content, m);
    if (p.bar) {
        const double length =
            p.image ? std::min(content.height(), content.width() * imageSize(p).height() / std::max(1.0, imageSize(p).width()))
                    : content.height();
        p.barPlan = planColorBar(*p.bar, length, style);
        m.setRight(std::max(m.right(), barGap + barWidth + p.barPlan.room));
        m.setTop(std::max(m.top(), p.barPlan.overhangHigh));
        m.setBottom(std::max(m.bottom(), p.barPlan.overhangLow));
    }
    if (p.image && !p.image->classes.empty())
        m.setBottom(m.bottom() + classLegendSize(p.image->classes, style, content.width()).height() + 3);
    if (const auto *grid = std::get_if<ImageGridPanel>(&panel.content)) {
        if (!grid->rowTitles.empty())
            m.setLeft(style.axisPt * 1.15 + 3);
        if (!grid->columnTitles.empty())
            m.setTop(m.top() + style.axisPt * 1.15 + 2);
    }
    p.titleLines.clear();
    if (!panel.title.empty())
        p.titleLines = wrapText(FigureStyle::font(style.titlePt), QString::fromStdString(panel.title),
                                std::max(content.width() + m.right() - 2, 30.0));
    const double lines = std::max<double>(static_cast<double>(p.titleLines.size()), panel.letter.empty() ? 0 : 1);
    if (lines > 0)
        m.setTop(m.top() + lines * style.titlePt * 1.15 + titleSpace);
    return m;
}

double FigureScene::Private::wantedHeight(const PanelLayout &p, double width) const
{
    if (p.chart) {
        const QSize cells = p.chart->image.size();
        if (cells.isEmpty() || p.chart->x.categories.empty() || p.chart->y.categories.empty())
            return width * golden;
        return width * std::clamp(static_cast<double>(cells.height()) / cells.width(), 0.25, 1.5); // square cells
    }
    if (const QSizeF size = imageSize(p); !size.isEmpty())
        return width * std::clamp(size.height() / size.width(), 0.02, 3.0);
    if (const auto *table = std::get_if<TablePanel>(&figure.panels[static_cast<std::size_t>(p.index)].content))
        return tableSize(table->table, style).height();
    return width * golden;
}

double FigureScene::Private::solve(double width, std::optional<double> height)
{
    for (auto &p : panels) {
        p.passes = 0;
        if (p.chart)
            p.legend.place = p.chart->legend;
    }
    std::vector<GridCell> cells;
    for (auto &p : panels) {
        const Panel &panel = figure.panels[static_cast<std::size_t>(p.index)];
        GridCell cell{std::max(0, panel.row),
                      std::max(0, panel.column),
                      std::max(1, panel.rowSpan),
                      std::max(1, panel.columnSpan),
                      [this, &p](QSizeF content) { return margins(p, content); },
                      [this, &p](double w) { return wantedHeight(p, w); },
                      p.chart && p.chart->image.isNull(),
                      {},
                      {}};
        cells.push_back(std::move(cell));
    }
    const double used = layoutGrid(cells, width, height);
    for (std::size_t i = 0; i < panels.size(); ++i)
        place(panels[i], cells[i]);
    for (auto &p : panels) { // titles of one row end on one line
        const int row = figure.panels[static_cast<std::size_t>(p.index)].row;
        qsizetype maximum = 1;
        for (const auto &q : panels)
            if (figure.panels[static_cast<std::size_t>(q.index)].row == row)
                maximum = std::max(maximum, q.titleLines.size());
        p.titleBaseline = p.cell.top() + (static_cast<double>(maximum - p.titleLines.size()) * 1.15 + 0.9) * style.titlePt;
    }
    return used;
}

void FigureScene::Private::place(PanelLayout &p, const GridCell &cell)
{
    p.cell = cell.outer;
    p.plot = cell.content;
    p.margins = margins(p, p.plot.size());
    if (const QSizeF size = imageSize(p); !size.isEmpty()) {
        const QSizeF fit = size.scaled(p.plot.size(), Qt::KeepAspectRatio);
        p.plot = QRectF(p.plot.x() + (p.plot.width() - fit.width()) / 2, p.plot.y(), fit.width(), fit.height());
        p.margins = margins(p, p.plot.size());
    }
    if (p.bar) {
        p.barStrip = QRectF(std::ceil(p.plot.right() + barGap), std::round(p.plot.top()), barWidth, std::round(p.plot.height()));
        p.barPlan = planColorBar(*p.bar, p.barStrip.height(), style);
    }
    Legend &legend = p.legend;
    if (legend.entries.empty())
        return;
    if (p.chart->legend == LegendPlace::Auto)
        corners[p.index] = legend.place;
    if (legend.inside())
        p.legendRect = cornerRect(p.plot, legend.size, legend.place);
    else if (legend.below)
        p.legendRect = QRectF(QPointF(p.plot.left() - p.margins.left() * 0.8, p.plot.bottom() + p.x.room + 3), legend.size);
    else
        p.legendRect = QRectF(QPointF(p.plot.right() + 4, p.plot.top()), legend.size);
    if (legend.below)
        p.legendRect.setWidth(p.plot.width() + p.margins.left() * 0.8 + 1);
    placeEntries(legend, p.legendRect, style);
}

double FigureScene::heightFor(double width)
{
    if (d->figure.heightMm > 0)
        return width * d->figure.heightMm / d->figure.widthMm;
    return d->panels.empty() ? width * golden : d->solve(width, std::nullopt);
}

void FigureScene::layout(QSizeF page, double pixelsPerPoint)
{
    d->page = page;
    d->pixelsPerPoint = pixelsPerPoint;
    if (!d->panels.empty())
        d->solve(page.width(), page.height());
    d->charts.resize(d->panels.size());
    for (std::size_t i = 0; i < d->panels.size(); ++i) {
        const PanelLayout &p = d->panels[i];
        auto &chart = d->charts[i];
        if (!p.chart && !p.bar) {
            chart.reset();
            continue;
        }
        if (!chart)
            chart = std::make_unique<ChartScene>();
        chart->start(page, d->style, pixelsPerPoint);
        if (p.chart)
            chart->addChart(*p.chart, p.x, p.y, p.second, p.plot);
        if (p.bar)
            chart->addColorBar(*p.bar, p.barPlan, p.barStrip);
    }
}

void FigureScene::relayout()
{
    d->prepare();
    layout(d->page, d->pixelsPerPoint);
}

QSizeF FigureScene::page() const
{
    return d->page;
}

const std::vector<PanelLayout> &FigureScene::panels() const
{
    return d->panels;
}

void FigureScene::paint(QPainter &painter, PaintTarget target)
{
    d->marks.clear();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::LosslessImageRendering);
    painter.fillRect(QRectF(QPointF(0, 0), d->page), d->style.page);
    for (std::size_t i = 0; i < d->panels.size(); ++i) {
        const Panel &panel = d->figure.panels[i];
        const Group group(painter,
                          "panel-" + (panel.letter.empty() ? QString::number(i + 1) : QString::fromStdString(panel.letter)));
        paintPicture(painter, panel, d->panels[i], d->style, target, &d->marks);
        if (d->charts[i])
            d->charts[i]->paint(painter, target, &d->marks);
        paintGlue(painter, panel, d->panels[i], d->style, d->views[static_cast<int>(i)].hidden, &d->marks);
    }
    if (d->panels.empty())
        drawText(painter, QRectF(QPointF(0, 0), d->page).center(), FigureStyle::font(d->style.axisPt), d->style.muted,
                 QStringLiteral("no panels"), HAlign::Center, VAlign::Center, 0, &d->marks);
    painter.restore();
}

const std::vector<TextMark> &FigureScene::marks() const
{
    return d->marks;
}

QRectF FigureScene::ink() const
{
    QRectF ink;
    for (const auto &p : d->panels)
        ink |= p.plot | p.barStrip;
    for (const auto &mark : d->marks)
        ink |= mark.box;
    return ink;
}

int FigureScene::panelAt(QPointF point) const
{
    for (const auto &p : d->panels)
        if (p.plot.contains(point))
            return p.index;
    return -1;
}

std::pair<int, int> FigureScene::legendAt(QPointF point) const
{
    for (const auto &p : d->panels)
        for (const auto &entry : p.legend.entries)
            if (entry.box.contains(point))
                return {p.index, entry.series};
    return {-1, -1};
}

QPointF FigureScene::toAxes(int panel, QPointF point) const
{
    const PanelLayout &p = d->panels.at(static_cast<std::size_t>(panel));
    if (!p.chart)
        return {};
    return {p.chart->xRange.low + (point.x() - p.plot.left()) / p.plot.width() * p.chart->xRange.span(),
            p.chart->yRange.low + (p.plot.bottom() - point.y()) / p.plot.height() * p.chart->yRange.span()};
}

FigureScene::Readout FigureScene::readout(QPointF point) const
{
    const int panel = panelAt(point);
    if (panel < 0)
        return {};
    const auto [text, at] =
        readoutOf(d->figure.panels[static_cast<std::size_t>(panel)], d->panels[static_cast<std::size_t>(panel)], point);
    return {text, at};
}

} // namespace reticle
