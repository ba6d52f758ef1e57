#include "widgets/render/ChartScene.h"

#include "figure/ColorMap.h"
#include "widgets/render/FigurePlots.h"
#include "widgets/render/QPainterContextDevice.h"

#include <vtkBrush.h>
#include <vtkChartXY.h>
#include <vtkContext2D.h>
#include <vtkContextScene.h>
#include <vtkFloatArray.h>
#include <vtkMarkerUtilities.h>
#include <vtkNew.h>
#include <vtkPen.h>
#include <vtkPlotLine.h>
#include <vtkPlotPoints.h>
#include <vtkTable.h>

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace reticle {

struct ChartScene::Private
{
    vtkNew<vtkContextScene> scene;
    vtkNew<QPainterContextDevice> device;
    QSizeF page;
    FigureStyle style;
    double pixelsPerPoint = 1;

    vtkSmartPointer<vtkChartXY> newChart(const QRectF &plot);
    void replaceAxis(vtkChartXY *chart, int which, const AxisPlan &plan);
};

namespace {

/// Coordinates scaled so that the shown range is 0..1; far outside is cut, single precision and painters need it so.
float unit(double v, const Range &range)
{
    return static_cast<float>(std::clamp(range.fraction(v), -1000.0, 1000.0));
}

vtkSmartPointer<vtkTable> tableOf(const std::vector<double> &x, const std::vector<double> &y, const ChartModel &model)
{
    const auto n = static_cast<vtkIdType>(std::min(x.size(), y.size()));
    vtkNew<vtkFloatArray> xs, ys;
    xs->SetName("x");
    ys->SetName("y");
    xs->SetNumberOfValues(n);
    ys->SetNumberOfValues(n);
    for (vtkIdType i = 0; i < n; ++i) {
        const double vx = x[static_cast<std::size_t>(i)], vy = y[static_cast<std::size_t>(i)];
        const bool gap = std::isnan(vx) || std::isnan(vy);
        xs->SetValue(i, gap ? std::numeric_limits<float>::quiet_NaN() : unit(vx, model.xRange));
        ys->SetValue(i, gap ? std::numeric_limits<float>::quiet_NaN() : unit(vy, model.yRange));
    }
    auto table = vtkSmartPointer<vtkTable>::New();
    table->AddColumn(xs);
    table->AddColumn(ys);
    return table;
}

void setPen(vtkPen *pen, const QColor &color, double width, Dash dash)
{
    pen->SetColor(static_cast<unsigned char>(color.red()), static_cast<unsigned char>(color.green()),
                  static_cast<unsigned char>(color.blue()), static_cast<unsigned char>(color.alpha()));
    pen->SetWidth(static_cast<float>(width));
    constexpr int types[] = {vtkPen::SOLID_LINE, vtkPen::DASH_LINE, vtkPen::DOT_LINE, vtkPen::DASH_DOT_LINE};
    pen->SetLineType(types[static_cast<int>(dash)]);
}

/// One plot a piece between gaps: VTK complains about pieces of a single point.
void addLine(vtkChartXY *chart, const std::vector<double> &x, const std::vector<double> &y, const ChartModel &model,
             const QColor &color, double width, Dash dash)
{
    const std::size_t n = std::min(x.size(), y.size());
    std::size_t start = 0;
    for (std::size_t i = 0; i <= n; ++i) {
        if (i < n && !std::isnan(x[i]) && !std::isnan(y[i]))
            continue;
        if (i - start >= 2) {
            vtkNew<vtkPlotLine> plot;
            const auto piece = [&](const std::vector<double> &v) {
                return std::vector<double>(v.begin() + static_cast<std::ptrdiff_t>(start),
                                           v.begin() + static_cast<std::ptrdiff_t>(i));
            };
            plot->SetInputData(tableOf(piece(x), piece(y), model), 0, 1);
            setPen(plot->GetPen(), color, width, dash);
            plot->SetMarkerStyle(vtkPlotPoints::NONE);
            chart->AddPlot(plot);
        }
        start = i + 1;
    }
}

void addGroup(vtkChartXY *chart, const QString &name)
{
    vtkNew<GroupPlot> group;
    group->name = name;
    chart->AddPlot(group);
}

void addMarkers(vtkChartXY *chart, const std::vector<double> &x, const std::vector<double> &y, const ChartModel &model,
                const QColor &color, int marker, double size)
{
    vtkNew<vtkPlotPoints> plot;
    plot->SetInputData(tableOf(x, y, model), 0, 1);
    setPen(plot->GetPen(), color, size, Dash::Solid);
    plot->SetMarkerStyle(marker);
    plot->SetMarkerSize(static_cast<float>(size));
    chart->AddPlot(plot);
}

/// Points with a gap on both sides: a line alone would not show them.
void addLonelyPoints(vtkChartXY *chart, const DrawnSeries &s, const ChartModel &model, double size)
{
    std::vector<double> x, y;
    const std::size_t n = std::min(s.x.size(), s.y.size());
    const auto isDrawn = [&](std::size_t i) { return i < n && !std::isnan(s.x[i]) && !std::isnan(s.y[i]); };
    for (std::size_t i = 0; i < n; ++i)
        if (isDrawn(i) && !(i > 0 && isDrawn(i - 1)) && !isDrawn(i + 1)) {
            x.push_back(s.x[i]);
            y.push_back(s.y[i]);
        }
    if (!x.empty())
        addMarkers(chart, x, y, model, s.color, vtkMarkerUtilities::CIRCLE, size);
}

ShapesPlot::Polygon box(double left, double right, double low, double high, const ChartModel &m)
{
    const float l = unit(left, m.xRange), r = unit(right, m.xRange), b = unit(low, m.yRange), t = unit(high, m.yRange);
    return {{l, b, r, b, r, t, l, t}};
}

void addBars(vtkChartXY *chart, const DrawnSeries &s, const ChartModel &model, const FigureStyle &style)
{
    vtkNew<ShapesPlot> plot;
    plot->fill = s.color;
    if (s.outline) {
        plot->outline = style.ink;
        plot->outlineWidth = static_cast<float>(style.axisWidth);
    }
    for (std::size_t i = 0; i < std::min(s.x.size(), s.y.size()); ++i)
        if (const auto bar = barBox(model, s, i))
            plot->polygons.push_back(box(bar->left(), bar->right(), bar->top(), bar->bottom(), model));
    chart->AddPlot(plot);
}

/// Between two curves; broken where either is missing.
void addRegion(vtkChartXY *chart, const std::vector<double> &x, const std::vector<double> &lower,
               const std::vector<double> &upper, const ChartModel &model, const QColor &color)
{
    vtkNew<ShapesPlot> plot;
    plot->fill = color;
    const std::size_t n = std::min({x.size(), lower.size(), upper.size()});
    std::size_t start = 0;
    for (std::size_t i = 0; i <= n; ++i) {
        if (i < n && !std::isnan(x[i]) && !std::isnan(lower[i]) && !std::isnan(upper[i]))
            continue;
        if (i - start >= 2) {
            ShapesPlot::Polygon polygon;
            for (std::size_t k = start; k < i; ++k)
                polygon.points.insert(polygon.points.end(), {unit(x[k], model.xRange), unit(upper[k], model.yRange)});
            for (std::size_t k = i; k-- > start;)
                polygon.points.insert(polygon.points.end(), {unit(x[k], model.xRange), unit(lower[k], model.yRange)});
            plot->polygons.push_back(std::move(polygon));
        }
        start = i + 1;
    }
    chart->AddPlot(plot);
}

void addErrorBars(vtkChartXY *chart, const DrawnSeries &s, const ChartModel &model, const QRectF &plotRect)
{
    vtkNew<ShapesPlot> plot;
    plot->lineColor = s.color;
    plot->lineWidth = static_cast<float>(s.width);
    const auto cap = static_cast<float>(1.5 / plotRect.width());
    for (std::size_t i = 0; i < std::min({s.x.size(), s.lower.size(), s.upper.size()}); ++i) {
        if (std::isnan(s.x[i]) || std::isnan(s.lower[i]) || std::isnan(s.upper[i]))
            continue;
        const float x = unit(s.x[i], model.xRange), low = unit(s.lower[i], model.yRange), high = unit(s.upper[i], model.yRange);
        if (x < 0 || x > 1)
            continue;
        plot->lines.insert(plot->lines.end(), {x, low, x, high, x - cap, high, x + cap, high});
        if (low > 0) // else it reaches on, below the plot
            plot->lines.insert(plot->lines.end(), {x - cap, low, x + cap, low});
    }
    chart->AddPlot(plot);
}

} // namespace

vtkSmartPointer<vtkChartXY> ChartScene::Private::newChart(const QRectF &plot)
{
    auto chart = vtkSmartPointer<vtkChartXY>::New();
    chart->SetShowLegend(false);
    chart->SetRenderEmpty(true);
    chart->SetAutoAxes(false);
    chart->SetLayoutStrategy(vtkChart::AXES_TO_RECT);
    chart->GetBackgroundBrush()->SetOpacity(0);
    // VTK counts upwards from the lower edge of the page, taken as a whole number of points.
    chart->SetSize(vtkRectf(static_cast<float>(plot.x()), static_cast<float>(std::ceil(page.height()) - plot.bottom()),
                            static_cast<float>(plot.width()), static_cast<float>(plot.height())));
    for (int i = 0; i < 4; ++i) {
        chart->GetAxis(i)->SetVisible(false);
        chart->GetAxis(i)->SetGridVisible(false);
        chart->GetAxis(i)->SetBehavior(vtkAxis::FIXED);
        chart->GetAxis(i)->SetRange(0, 1);
    }
    return chart;
}

void ChartScene::Private::replaceAxis(vtkChartXY *chart, int which, const AxisPlan &plan)
{
    vtkAxis *old = chart->GetAxis(which);
    FigureAxis *axis = FigureAxis::New(); // the chart takes this reference over
    axis->SetPosition(which);
    chart->SetAxis(which, axis);
    old->Delete();
    axis->SetVisible(true);
    axis->setPlan(plan, style);
}

ChartScene::ChartScene() : d(std::make_unique<Private>()) {}
ChartScene::~ChartScene() = default;

void ChartScene::start(QSizeF page, const FigureStyle &style, double pixelsPerPoint)
{
    d->scene->ClearItems();
    d->page = page;
    d->style = style;
    d->pixelsPerPoint = pixelsPerPoint;
}

void ChartScene::addChart(const ChartModel &model, const AxisPlan &x, const AxisPlan &y, const AxisPlan &second,
                          const QRectF &plot)
{
    const auto chart = d->newChart(plot);
    d->replaceAxis(chart, vtkAxis::LEFT, y);
    d->replaceAxis(chart, vtkAxis::BOTTOM, x);
    if (!second.ticks.major.empty()) {
        d->replaceAxis(chart, vtkAxis::TOP, second);
        chart->GetAxis(vtkAxis::TOP)->SetGridVisible(false);
    }
    if (!model.image.isNull()) {
        vtkNew<ImagePlot> image;
        const QRectF &r = model.imageRect;
        image->setImage(model.image, QRectF(QPointF(unit(r.left(), model.xRange), unit(r.top(), model.yRange)),
                                            QPointF(unit(r.right(), model.xRange), unit(r.bottom(), model.yRange))));
        chart->AddPlot(image);
        chart->GetAxis(vtkAxis::LEFT)->SetGridVisible(false);
        chart->GetAxis(vtkAxis::BOTTOM)->SetGridVisible(false);
    }
    const int columns = static_cast<int>(std::ceil(plot.width() * d->pixelsPerPoint));
    for (const auto &s : model.series) {
        if (s.hidden)
            continue;
        const bool named = !s.name.isEmpty();
        if (named)
            addGroup(chart, "series-" + s.name);
        switch (s.kind) {
        case SeriesKind::Line: {
            const ThinnedLine line = columns > 0 ? thinLine(s.x, s.y, model.xRange, columns) : ThinnedLine{s.x, s.y};
            // Lines up to one pixel wide have a fast path in Qt: ten times faster on dense curves.
            const bool fast = d->style.interactive && line.x.size() > 2000;
            addLine(chart, line.x, line.y, model, s.color, fast ? std::min(s.width, 0.999 / d->pixelsPerPoint) : s.width, s.dash);
            addLonelyPoints(chart, s, model, d->style.markerSize);
            break;
        }
        case SeriesKind::Scatter: addMarkers(chart, s.x, s.y, model, s.color, s.marker, d->style.markerSize); break;
        case SeriesKind::Bar: addBars(chart, s, model, d->style); break;
        case SeriesKind::Area: {
            const double base = model.y.scale == Axis::Scale::Log ? model.yRange.low : 0;
            QColor fill = s.color;
            if (fill.alpha() == 255)
                fill.setAlphaF(0.35f);
            addRegion(chart, s.x, std::vector<double>(s.x.size(), base), s.y, model, fill);
            addLine(chart, s.x, s.y, model, s.color, s.width, s.dash);
            addLonelyPoints(chart, s, model, d->style.markerSize);
            break;
        }
        case SeriesKind::Band: addRegion(chart, s.x, s.lower, s.upper, model, s.color); break;
        case SeriesKind::ErrorBar:
            addErrorBars(chart, s, model, plot);
            if (!s.y.empty())
                addMarkers(chart, s.x, s.y, model, s.color, s.marker, d->style.markerSize);
            break;
        }
        if (named)
            addGroup(chart, {});
    }
    for (const auto &r : model.references) {
        const Range &along = r.horizontal ? model.xRange : model.yRange;
        const std::vector<double> ends{along.low, along.high}, at{r.value, r.value};
        addLine(chart, r.horizontal ? ends : at, r.horizontal ? at : ends, model, d->style.muted, d->style.axisWidth,
                Dash::Dashed);
    }
    d->scene->AddItem(chart);
}

void ChartScene::addColorBar(const ColorBar &bar, const AxisPlan &axis, const QRectF &strip)
{
    const auto chart = d->newChart(strip);
    d->replaceAxis(chart, vtkAxis::RIGHT, axis);
    chart->GetAxis(vtkAxis::RIGHT)->SetGridVisible(false);
    const auto &table = colorTable(bar.map);
    QImage colors(1, 256, QImage::Format_ARGB32);
    const bool constant = !(bar.range.low < bar.range.high);
    for (int i = 0; i < 256; ++i)
        colors.setPixel(0, 255 - i, table[constant ? 128 : static_cast<std::size_t>(i)]);
    vtkNew<ImagePlot> image;
    image->setImage(colors, QRectF(0, 0, 1, 1));
    chart->AddPlot(image);
    d->scene->AddItem(chart);
}

void ChartScene::paint(QPainter &painter, PaintTarget target, std::vector<TextMark> *marks)
{
    painter.save();
    const QSizeF size(std::ceil(d->page.width()), std::ceil(d->page.height()));
    d->device->attach(&painter, size, target, marks);
    vtkNew<vtkContext2D> context;
    context->Begin(d->device);
    d->scene->SetGeometry(static_cast<int>(size.width()), static_cast<int>(size.height()));
    d->scene->Paint(context);
    context->End();
    painter.restore();
}

} // namespace reticle
