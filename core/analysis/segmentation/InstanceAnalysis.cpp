#include "imaging/Instances.h"

#include "analysis/segmentation/ScoreFigures.h"
#include "files/LabelValues.h"
#include "files/Pairs.h"
#include "files/Pictures.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

// Objects one by one: parted, measured, and where there are labels matched with the true ones (average precision
// tp / (tp + fp + fn) at overlaps from 0.5 to 0.95).

namespace reticle {

namespace {

struct InstanceOptions : SegmentationInputOptions
{
    std::string method = "distance";
    double threshold = 0.5, h = 1, seedThreshold = 0.95;
    std::int64_t minimumArea = 20;
    std::string connectivity = "4", truth = "classes", output;

    static Schema<InstanceOptions> schema()
    {
        using O = InstanceOptions;
        Schema<O> s("instances", "Objects one by one",
                    "Parts a segmentation into objects by connected components or by a watershed, measures each, and "
                    "compares them with true objects where there are labels.");
        addInputFields(s, true, true);
        s.field(&O::method, {.name = "method",
                             .title = "Method",
                             .help = "Components: each separate part is an object. Distance: a watershed of the distance "
                                     "to the background divides parts with several maxima; each part stays at least one "
                                     "object. Seeds: a watershed of the probability from seeds of high probability; "
                                     "parts without a seed are left out.",
                             .choices = {"components", "distance", "seeds"}});
        s.field(&O::threshold, {.name = "threshold",
                                .title = "Threshold",
                                .help = "A pixel belongs to an object where the probability is above this",
                                .min = 0,
                                .max = 1});
        s.field(&O::h, {.name = "h",
                        .title = "Depth of maxima",
                        .help = "Maxima of the distance that rise less than this above the saddle between them are one "
                                "object. A part thinner than this is one object too.",
                        .unit = "px",
                        .min = 0,
                        .max = 1000});
        s.field(&O::seedThreshold, {.name = "seed-threshold",
                                    .title = "Seed threshold",
                                    .help = "Seeds are where the probability is above this",
                                    .min = 0,
                                    .max = 1});
        s.field(&O::minimumArea, {.name = "minimum-area",
                                  .title = "Smallest object",
                                  .help = "Smaller objects are left out, of the prediction and of the labels",
                                  .unit = "px",
                                  .min = 0,
                                  .max = 100000000});
        s.field(&O::connectivity, {.name = "connectivity",
                                   .title = "Connectivity",
                                   .help = "Whether pixels that touch at a corner are one object (8) or not (4)",
                                   .choices = {"4", "8"},
                                   .advanced = true});
        s.field(&O::truth, {.name = "truth",
                            .title = "Labels are",
                            .help = "Classes, whose connected components are the true objects, or the numbers of objects",
                            .choices = {"classes", "instances"},
                            .group = "Files"});
        s.field(&O::output,
                {.name = "output",
                 .title = "Write objects to",
                 .help = "File that gets the objects' numbers, 16 or 32 bits, one page a slice: .tif, .ome.tif, .npy, of one "
                         "slice .png; or a folder, a name without an ending; empty = none",
                 .path = true,
                 .group = "Output"});
        return s;
    }
};

class Instances : public Analysis
{
public:
    explicit Instances(InstanceOptions options) : m_o(std::move(options)) {}

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        auto forInput = static_cast<const SegmentationInputOptions &>(m_o);
        std::shared_ptr<ImageSource> trueInstances;
        if (m_o.truth == "instances") {
            if (m_o.labels.empty())
                throw Error({"truth", "labels=FILE with the numbers of objects", "none", {}});
            forInput.labels.clear(); // they are no classes, and are read here instead
            forInput.trueObjects = true;
        }
        forInput.takesObjects = true;
        SegmentationInput source(forInput, input);
        if (m_o.truth == "instances")
            trueInstances = files::openPartner(source.source(), m_o.labels, files::FolderPart::Labels, "labels", &m_notes);
        if (!m_o.output.empty())
            requireFormat(m_o.output, source.plan(), StackNumbers::Whole);
        const bool objectsAreClass = source.objectsAreClass();
        const auto total = static_cast<std::int64_t>(source.slices().size());
        SliceProgress progress(events, control, input.run, "instances", total);
        std::int64_t first = 0; // numbers go on from slice to slice
        bool compared = false;
        for (std::int64_t i = 0; i < total; ++i) {
            progress.at(i);
            const auto slice = source.slice(static_cast<std::size_t>(i), progress.within(i));
            const Array found = objectsOf(slice, objectsAreClass);
            const Array gray = slice.image.rank() == 3 ? grayOf(slice.image) : slice.image;
            for (auto q : instanceProperties(found, gray.empty() ? nullptr : &gray)) {
                q.id += first;
                m_rows.push_back({slice.index, q});
            }
            Array truth;
            if (trueInstances)
                truth = trueObjects(*trueInstances, slice.index);
            else if (!slice.truth.empty())
                truth = trueComponents(slice.truth, objectsAreClass);
            if (!truth.empty()) {
                compared = true;
                const auto matches = matchInstances(found, truth);
                for (std::size_t k = 0; k < matches.size(); ++k) {
                    if (m_matches.size() <= k)
                        m_matches.push_back({matches[k].iou});
                    m_matches[k].tp += matches[k].tp;
                    m_matches[k].fp += matches[k].fp;
                    m_matches[k].fn += matches[k].fn;
                }
            }
            Array numbered = found.clone();
            std::int64_t here = 0;
            for (auto &v : numbered.span<std::int32_t>())
                if (v) {
                    here = std::max<std::int64_t>(here, v);
                    v += static_cast<std::int32_t>(first);
                }
            first += here;
            m_counts.push_back(here);
            m_found.push_back(numbered);
        }
        progress.at(total);
        write(source, first);
        return report(source, compared);
    }

private:
    InstanceSettings settings() const
    {
        InstanceSettings s;
        s.method = m_o.method == "components" ? InstanceMethod::Components
                   : m_o.method == "seeds"    ? InstanceMethod::Seeds
                                              : InstanceMethod::Distance;
        s.threshold = m_o.threshold;
        s.h = m_o.h;
        s.seedThreshold = m_o.seedThreshold;
        s.minimumArea = m_o.minimumArea;
        s.connectivity = m_o.connectivity == "8" ? Connectivity::Eight : Connectivity::Four;
        return s;
    }

    /// As the prediction has them, or separated by the method.
    Array objectsOf(const SegmentedSlice &slice, bool objectsAreClass) const
    {
        if (!slice.objects.empty())
            return withoutSmallObjects(slice.objects, m_o.minimumArea);
        Array p = classProbability(slice.prediction, m_o.classIndex);
        if (!objectsAreClass) {
            p = p.clone();
            for (auto &v : p.span<float>())
                v = 1 - v;
        }
        return findInstances(p, settings());
    }

    /// Small ones are left out as trueComponents() leaves them out.
    Array trueObjects(const ImageSource &labels, std::int64_t page) const
    {
        const auto *folder = dynamic_cast<const files::FolderSource *>(&labels);
        const auto where = folder                    ? folder->fileOf(page).string()
                           : labels.info().pages > 1 ? files::pageName(m_o.labels, page)
                                                     : m_o.labels;
        const Array numbers = files::plainLabels(labels.readPage(page), pageInfo(labels, page).alpha, 0, where);
        return withoutSmallObjects(numberedObjects(numbers, where), m_o.minimumArea);
    }

    Array trueComponents(const Array &truth, bool objectsAreClass) const
    {
        Array mask(DType::UInt8, truth.shape());
        for (std::int64_t i = 0; i < mask.size(); ++i) {
            const auto t = truth.data<std::uint8_t>()[i];
            mask.data<std::uint8_t>()[i] = t != SegmentationData::ignore && (t == m_o.classIndex) == objectsAreClass;
        }
        const auto connectivity = settings().connectivity;
        return labelComponents(removeSmallObjects(mask, m_o.minimumArea, connectivity), connectivity);
    }

    static Array grayOf(const Array &rgb)
    {
        Array g(DType::Float32, {rgb.dim(0), rgb.dim(1)});
        for (std::int64_t i = 0; i < g.size(); ++i)
            g.data<float>()[i] = static_cast<float>((rgb.value(3 * i) + rgb.value(3 * i + 1) + rgb.value(3 * i + 2)) / 3);
        return g;
    }

    void write(const SegmentationInput &source, std::int64_t count) const
    {
        if (m_o.output.empty())
            return;
        const auto type = count < 65536 ? DType::UInt16 : DType::UInt32;
        auto pages = source.plan();
        pages.pixelBytes = static_cast<std::int64_t>(byteSize(type));
        const auto writer = StackWriter::open(m_o.output, pages, StackNumbers::Whole);
        for (const auto &f : m_found)
            writer->writePage(f.as(type));
        writer->close();
    }

    Result report(SegmentationInput &source, bool compared)
    {
        Result r;
        r.name = "instances";
        const double px = source.pixelSize(), py = source.pixelHeight();
        const auto slices = m_found.size();
        std::vector<double> areas;
        for (const auto &row : m_rows)
            areas.push_back(static_cast<double>(row.p.area));
        const double median = areas.empty() ? std::numeric_limits<double>::quiet_NaN() : medianOf(areas);
        r.values = {
            {"instances", m_rows.size()}, {"slices", slices}, {"median-area", areas.empty() ? Json(nullptr) : Json(median)}};
        if (px > 0)
            r.values["pixel-size"] = px;
        if (py != px)
            r.values["pixel-height"] = py;
        r.tables.push_back(table(px * py));
        r.summary = fmt::format("{} objects in {} slice{} of {}", m_rows.size(), slices, slices == 1 ? "" : "s", source.what());
        if (!areas.empty())
            r.summary += px > 0 ? fmt::format(", median area {:.0f} px ({:.4g} µm²)", median, median * px * py * 1e-6)
                                : fmt::format(", median area {:.0f} px", median);
        if (compared) {
            double sum = 0;
            std::int64_t n = 0;
            Table t;
            t.title = "Average precision over overlaps, all slices together";
            std::vector<double> iou, ap;
            std::vector<std::int64_t> tp, fp, fn;
            for (const auto &m : m_matches) {
                iou.push_back(m.iou);
                ap.push_back(m.averagePrecision());
                tp.push_back(m.tp);
                fp.push_back(m.fp);
                fn.push_back(m.fn);
                if (!std::isnan(ap.back())) {
                    sum += ap.back();
                    ++n;
                }
            }
            t.columns = {{"IoU at least", "", iou, 2},
                         {"average precision", "", ap, 4},
                         {"matched", "", tp},
                         {"too many", "", fp},
                         {"missed", "", fn}};
            r.tables.push_back(t);
            r.values["ap"] = n ? Json(sum / static_cast<double>(n)) : Json(nullptr);
            r.values["ap-50"] = n ? Json(ap.front()) : Json(nullptr);
            if (n)
                r.summary += fmt::format("; average precision {:.3f} at IoU 0.5, {:.3f} over 0.5 to 0.95", ap.front(),
                                         sum / static_cast<double>(n));
        }
        r.summary += ".";
        if (m_rows.empty())
            r.warnings.push_back(source.hasObjects()
                                     ? "No object was found: lower the smallest area."
                                     : "No object was found: lower the threshold, the seed threshold or the smallest area.");
        if (!m_o.output.empty())
            r.values["output"] = m_o.output;
        for (const auto &note : source.notes())
            r.warnings.push_back(note);
        r.warnings.insert(r.warnings.end(), m_notes.begin(), m_notes.end());
        r.figures.push_back(figure(source, compared, areas));
        return r;
    }

    static double medianOf(std::vector<double> v)
    {
        std::sort(v.begin(), v.end());
        const auto n = v.size();
        return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
    }

    /// `pixelArea` in nm²; 0 = not known.
    Table table(double pixelArea) const
    {
        Table t;
        t.title = "Objects";
        const auto whole = [&](const char *name, const char *unit, auto &&value) {
            std::vector<std::int64_t> v;
            for (const auto &row : m_rows)
                v.push_back(value(row));
            t.columns.push_back({name, unit, v});
        };
        const auto real = [&](const char *name, const char *unit, int decimals, auto &&value) {
            std::vector<double> v;
            for (const auto &row : m_rows)
                v.push_back(value(row));
            t.columns.push_back({name, unit, v, decimals});
        };
        whole("id", "", [](const Row &r) { return r.p.id; });
        whole("slice", "", [](const Row &r) { return r.slice; });
        whole("area", "px", [](const Row &r) { return r.p.area; });
        if (pixelArea > 0)
            real("area", "nm²", 0, [pixelArea](const Row &r) { return static_cast<double>(r.p.area) * pixelArea; });
        real("y", "px", 2, [](const Row &r) { return r.p.y; });
        real("x", "px", 2, [](const Row &r) { return r.p.x; });
        whole("top", "px", [](const Row &r) { return r.p.top; });
        whole("left", "px", [](const Row &r) { return r.p.left; });
        whole("bottom", "px", [](const Row &r) { return r.p.bottom; });
        whole("right", "px", [](const Row &r) { return r.p.right; });
        real("perimeter", "px", 2, [](const Row &r) { return r.p.perimeter; });
        real("eccentricity", "", 4, [](const Row &r) { return r.p.eccentricity; });
        real("mean intensity", "", 3, [](const Row &r) { return r.p.meanIntensity; });
        return t;
    }

    Figure figure(SegmentationInput &source, bool compared, const std::vector<double> &areas) const
    {
        // The slice with the median number of objects.
        std::vector<std::size_t> order(m_counts.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(), [this](auto a, auto b) { return m_counts[a] < m_counts[b]; });
        const auto shown = order[order.size() / 2];
        const auto whole = source.slice(shown);
        const auto slice = middleOf(whole);
        const double px = source.pixelSize();
        Figure f;
        f.name = "instances";
        f.title = "Objects of " + source.what();
        ImagePanel image = imagePanel(slice, m_o.classIndex, px);
        image.overlays.push_back({Overlay::Kind::Outlines, middleOf(m_found[shown]), {}, "viridis", 1});
        f.panels.push_back(panel(0, 0, "a", fmt::format("Slice {}: {} objects", slice.index, m_counts[shown]), image));
        f.panels.back().rowSpan = compared ? 2 : 1;
        f.caption =
            fmt::format("Objects of {} ({}). (a) Outlines on slice {}, the one with the median number{}. ", source.what(),
                        source.hasObjects() ? "as the file numbers them" : "method " + m_o.method, slice.index, shownPart(whole));
        // Areas spread over decades: diameters of circles of equal area are easier to read.
        HistogramPanel h;
        const double unit = px > 0 ? std::sqrt(px * source.pixelHeight()) : 1;
        std::vector<double> diameters;
        double largest = 0;
        for (const double a : areas) {
            diameters.push_back(2 * std::sqrt(a / 3.14159265358979) * unit);
            largest = std::max(largest, diameters.back());
        }
        h.x.label = "diameter of the circle of equal area";
        h.x.unit = px > 0 ? "nm" : "px";
        h.x.min = 0;
        h.y.label = "objects";
        constexpr int bins = 24;
        Histogram counts;
        counts.color = "#0072B2";
        counts.counts.resize(bins);
        const double width = largest > 0 ? largest / bins : 1.0 / bins;
        for (int i = 0; i <= bins; ++i)
            counts.edges.push_back(i * width);
        for (const double d : diameters)
            ++counts.counts[std::min(bins - 1, static_cast<int>(d / width))];
        h.histograms = {counts};
        if (!diameters.empty())
            h.references.push_back({'x', medianOf(diameters), "median"});
        f.panels.push_back(panel(0, 1, "b", "Sizes", h));
        f.caption += fmt::format("(b) Sizes of all {} objects.", m_rows.size());
        if (compared) {
            XYPanel ap;
            ap.x = {"overlap (IoU) at least", "", Axis::Scale::Linear, 0.5, 0.95, {}};
            ap.y = {"average precision", "", Axis::Scale::Linear, 0.0, 1.0, {}};
            Series s;
            for (const auto &m : m_matches) {
                s.x.push_back(m.iou);
                s.y.push_back(m.averagePrecision());
            }
            ap.series = {s};
            f.panels.push_back(panel(1, 1, "c", "Match with the true objects", ap));
            f.caption += " (c) Average precision, matched / (matched + too many + missed), over the overlap that a match needs.";
        }
        return f;
    }

    struct Row
    {
        std::int64_t slice;
        InstanceProperties p;
    };
    InstanceOptions m_o;
    std::vector<Row> m_rows;
    std::vector<Array> m_found; ///< numbered through the stack
    std::vector<std::int64_t> m_counts;
    std::vector<InstanceMatches> m_matches;
    std::vector<std::string> m_notes; ///< on how the labels were paired with the prediction
};

const RequiresCapability instanceAnalysisClasses("instances", "classes"), instanceAnalysisPictures("instances", "images");
const AskedOf instanceAnalysisOfRuns("instances", "run"), instanceAnalysisOfData("instances", "data", {"prediction"});
const Registration<AnalysisFactory> instanceAnalysisRegistration(InstanceOptions::schema().info(), [](const Json &options) {
    return std::make_unique<Instances>(InstanceOptions::schema().read(options, "instances"));
});

} // namespace

} // namespace reticle
