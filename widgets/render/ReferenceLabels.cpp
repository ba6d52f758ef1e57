#include "widgets/render/ReferenceLabels.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Does the segment touch the rectangle?
bool touches(const QRectF &rect, QPointF a, QPointF b)
{
    // Liang and Barsky: the part of the segment inside each pair of edges.
    double t0 = 0, t1 = 1;
    const double d[2] = {b.x() - a.x(), b.y() - a.y()};
    const double low[2] = {rect.left() - a.x(), rect.top() - a.y()};
    const double high[2] = {rect.right() - a.x(), rect.bottom() - a.y()};
    for (int i = 0; i < 2; ++i) {
        if (d[i] == 0) {
            if (low[i] > 0 || high[i] < 0)
                return false;
            continue;
        }
        const double u = low[i] / d[i], v = high[i] / d[i];
        t0 = std::max(t0, std::min(u, v));
        t1 = std::min(t1, std::max(u, v));
    }
    return t0 <= t1;
}

} // namespace

bool coversData(const ChartModel &model, const QRectF &plot, const QRectF &rect)
{
    const auto at = [&](double x, double y) {
        return QPointF(plot.left() + model.xRange.fraction(x) * plot.width(),
                       plot.bottom() - model.yRange.fraction(y) * plot.height());
    };
    const auto line = [&](const std::vector<double> &x, const std::vector<double> &y, bool joined) {
        for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
            if (std::isnan(x[i]) || std::isnan(y[i]))
                continue;
            const QPointF p = at(x[i], y[i]);
            if (rect.contains(p))
                return true;
            if (joined && i > 0 && !std::isnan(x[i - 1]) && !std::isnan(y[i - 1]) && touches(rect, at(x[i - 1], y[i - 1]), p))
                return true;
        }
        return false;
    };
    const auto uprights = [&](const std::vector<double> &x, const std::vector<double> &low, const std::vector<double> &high) {
        for (std::size_t i = 0; i < std::min({x.size(), low.size(), high.size()}); ++i)
            if (!std::isnan(x[i]) && !std::isnan(low[i]) && !std::isnan(high[i]) &&
                touches(rect, at(x[i], low[i]), at(x[i], high[i])))
                return true;
        return false;
    };
    for (const auto &s : model.series) {
        if (s.hidden)
            continue;
        const double base = model.y.scale == Axis::Scale::Log ? model.yRange.low : 0;
        switch (s.kind) {
        case SeriesKind::Line:
            if (s.sketchX.empty() ? line(s.x, s.y, true) : line(s.sketchX, s.sketchY, true))
                return true;
            break;
        case SeriesKind::Scatter:
            if (line(s.x, s.y, false))
                return true;
            break;
        case SeriesKind::Area:
            if (line(s.x, s.y, true) || uprights(s.x, std::vector<double>(s.x.size(), base), s.y))
                return true;
            break;
        case SeriesKind::Band:
            if (line(s.x, s.lower, true) || line(s.x, s.upper, true) || uprights(s.x, s.lower, s.upper))
                return true;
            break;
        case SeriesKind::ErrorBar:
            if (line(s.x, s.y, false) || uprights(s.x, s.lower, s.upper))
                return true;
            break;
        case SeriesKind::Bar:
            for (std::size_t i = 0; i < std::min(s.x.size(), s.y.size()); ++i)
                if (const auto bar = barBox(model, s, i);
                    bar && QRectF(at(bar->left(), bar->bottom()), at(bar->right(), bar->top())).intersects(rect))
                    return true;
            break;
        }
    }
    return false;
}

std::vector<ReferenceLabel> referenceLabels(const ChartModel &model, const QRectF &plot, const FigureStyle &style)
{
    std::vector<ReferenceLabel> labels;
    const QFont font = FigureStyle::font(style.tickPt);
    const auto taken = [&](const QRectF &box) {
        return std::any_of(labels.begin(), labels.end(), [&](const auto &l) { return l.box.intersects(box); });
    };
    const auto crossed = [&](const QRectF &box) { // by an upright line
        return std::any_of(model.references.begin(), model.references.end(), [&](const DrawnReference &r) {
            const double x = plot.left() + model.xRange.fraction(r.value) * plot.width();
            return !r.horizontal && x >= box.left() && x <= box.right();
        });
    };
    for (const auto &r : model.references) {
        const double f = r.horizontal ? model.yRange.fraction(r.value) : model.xRange.fraction(r.value);
        if (r.label.isEmpty() || f < 0 || f > 1)
            continue;
        if (!r.horizontal) {
            const double half = textWidth(font, r.label) / 2;
            const double x =
                std::clamp(plot.left() + f * plot.width(), plot.left() + half, std::max(plot.left() + half, plot.right() - half));
            ReferenceLabel label{r.label, {x, plot.top() - 2}, HAlign::Center, VAlign::Bottom, {}};
            do {
                label.box = textBox(label.anchor, font, label.text, label.h, label.v).adjusted(-1.5, 0, 1.5, 0);
                label.anchor.ry() -= style.tickPt * 1.2;
            } while (taken(label.box));
            label.anchor.ry() += style.tickPt * 1.2;
            labels.push_back(label);
            continue;
        }
        const double y = plot.bottom() - f * plot.height();
        ReferenceLabel first;
        bool found = false;
        for (const auto &[right, above] : {std::pair(true, true), {true, false}, {false, true}, {false, false}}) {
            ReferenceLabel label{r.label,
                                 {right ? plot.right() - 1 : plot.left() + 3, above ? y - 2 : y + 2},
                                 right ? HAlign::Right : HAlign::Left,
                                 above ? VAlign::Bottom : VAlign::Top,
                                 {}};
            label.box = textBox(label.anchor, font, label.text, label.h, label.v);
            const bool inside = label.box.top() >= plot.top() - 1 && label.box.bottom() <= plot.bottom();
            if (first.text.isEmpty() && inside)
                first = label;
            if (inside && !taken(label.box) && !crossed(label.box) && !coversData(model, plot, label.box)) {
                labels.push_back(label);
                found = true;
                break;
            }
        }
        if (!found && !first.text.isEmpty())
            labels.push_back(first);
    }
    return labels;
}

} // namespace reticle
