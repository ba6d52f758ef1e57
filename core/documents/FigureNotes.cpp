#include "documents/FigureNotes.h"

#include <algorithm>

namespace reticle {

namespace {

/// NaN is a gap already; it is not counted.
std::size_t notAboveZero(const std::vector<double> &values)
{
    return static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](double v) { return v <= 0; }));
}

class Notes
{
public:
    Notes(std::vector<std::string> &notes, std::string where) : m_notes(notes), m_where(std::move(where)) {}

    void operator()(const XYPanel &p)
    {
        for (std::size_t i = 0; i < p.series.size(); ++i) {
            const Series &s = p.series[i];
            const std::string name = s.name.empty() ? "series " + std::to_string(i + 1) : "series \"" + s.name + "\"";
            if (p.x.scale == Axis::Scale::Log)
                leftOut(name, "x", notAboveZero(s.x));
            if (p.y.scale != Axis::Scale::Log)
                continue;
            leftOut(name, "y", notAboveZero(s.y));
            std::size_t cut = 0, gone = 0;
            for (std::size_t k = 0; k < std::min(s.lower.size(), s.upper.size()); ++k) {
                gone += s.upper[k] <= 0;
                cut += s.lower[k] <= 0 && s.upper[k] > 0;
            }
            leftOut(name, "upper", gone);
            if (cut > 0)
                say(name + " reaches down to 0 or below at " + std::to_string(cut) + (cut == 1 ? " place" : " places") +
                    ". It ends at the edge of the plot, because the axis is logarithmic.");
        }
    }

    void operator()(const HistogramPanel &p)
    {
        for (std::size_t i = 0; i < p.histograms.size(); ++i) {
            const Histogram &h = p.histograms[i];
            const std::string name = h.name.empty() ? "histogram " + std::to_string(i + 1) : "histogram \"" + h.name + "\"";
            if (p.x.scale == Axis::Scale::Log)
                if (const auto bins = std::min(notAboveZero(h.edges), h.counts.size()); bins > 0)
                    say(name + " has " + std::to_string(bins) + (bins == 1 ? " bin that begins" : " bins that begin") +
                        " at 0 or below. The log axis cannot show " + (bins == 1 ? "it." : "them."));
            // A count of 0 is a bar of no height on any axis.
            if (p.y.scale == Axis::Scale::Log)
                leftOut(name, "count", static_cast<std::size_t>(std::count_if(h.counts.begin(), h.counts.end(), [](double v) {
                            return v < 0;
                        })));
        }
    }

    template <class Other> void operator()(const Other &) {}

private:
    void say(const std::string &sentence) { m_notes.push_back(m_where + sentence); }

    void leftOut(const std::string &name, const std::string &what, std::size_t n)
    {
        if (n > 0)
            say(name + " has " + std::to_string(n) + " " + what + (n == 1 ? " value that is" : " values that are") +
                " not above 0. The log axis cannot show " + (n == 1 ? "it" : "them") + ", so there is a gap.");
    }

    std::vector<std::string> &m_notes;
    std::string m_where;
};

} // namespace

std::vector<std::string> figureNotes(const Figure &figure)
{
    std::vector<std::string> notes;
    for (std::size_t i = 0; i < figure.panels.size(); ++i) {
        const Panel &p = figure.panels[i];
        Notes collect(notes, "Panel " + (p.letter.empty() ? std::to_string(i + 1) : p.letter) + ": ");
        std::visit(collect, p.content);
    }
    return notes;
}

} // namespace reticle
