#include "analysis/wavelet/WaveletSpectrum.h"

#include "analysis/Analysis.h"
#include "analysis/segmentation/SegmentationInput.h"
#include "analysis/wavelet/RadialSpectrum.h"
#include "foundation/FreeMemory.h"
#include "foundation/Parallel.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <tuple>

// Which detail images keep: wavelet power per level of originals and of what was made of them (an autoencoder's output,
// a filter's), and the ratio of the two.

namespace reticle {

Schema<WaveletSpectrumOptions> WaveletSpectrumOptions::schema()
{
    using O = WaveletSpectrumOptions;
    Schema<O> s("wavelet-spectrum", "Wavelet spectrum of images",
                "How much detail of each size images hold, and which of it is kept in others that were made from "
                "them: power per level of a wavelet decomposition (Mallat 1989), its ratio to the originals, by "
                "orientation, with the Fourier power beside it.");
    addImageSetFields(s);
    s.field(&O::wavelet, {.name = "wavelet", .title = "Wavelet", .help = "Filter", .choices = waveletNames()});
    s.field(
        &O::mode,
        {.name = "mode", .title = "Border", .help = "How an image continues beyond its border", .choices = waveletModeNames()});
    s.field(&O::levels, {.name = "levels", .title = "Levels", .help = "0 = 8, or as many as the size allows"});
    s.field(&O::beyond, {.name = "beyond",
                         .title = "Levels beyond the size",
                         .help = "Allow levels of which the border touches every coefficient",
                         .advanced = true});
    s.field(&O::measure, {.name = "measure",
                          .title = "Power is",
                          .help = "A level's share of all energy (squares) or of all absolute values, or the mean "
                                  "square or absolute value of its coefficients",
                          .choices = powerMeasureNames()});
    s.field(&O::averaging, {.name = "averaging",
                            .title = "Average",
                            .help = "Add up all images first, so that those of high contrast count more, or measure "
                                    "each image and take the mean",
                            .choices = {"pooled", "per-image"}});
    s.field(&O::orientation, {.name = "orientation",
                              .title = "Orientation",
                              .help = "Bands of the power curves: all, or only H (horizontal edges), V or D (diagonal)",
                              .choices = {"all", "H", "V", "D"}});
    s.field(&O::includeApproximation, {.name = "include-approximation",
                                       .title = "Include the approximation",
                                       .help = "Show the approximation as a point of its own and count it to the whole",
                                       .advanced = true});
    s.field(&O::rescale, {.name = "rescale",
                          .title = "Bring to one range",
                          .help = "Multiply sets whose files hold numbers of another kind (0 to 1 where the originals "
                                  "have 0 to 255) by the quotient of the two ranges, where they then fit better",
                          .advanced = true});
    s.field(&O::logPower, {.name = "log-power", .title = "Log axis of power", .help = "Draw power on a log axis"});
    s.field(&O::shown, {.name = "shown",
                        .title = "Image in pictures",
                        .help = "Number among the images used, from 0, of the one that pictures show; the last where "
                                "there are fewer",
                        .min = 0,
                        .max = 100000,
                        .group = "Pictures"});
    s.field(&O::oneLimit, {.name = "one-limit",
                           .title = "One color range",
                           .help = "Draw the details of all levels in one color range in place of each in its own",
                           .group = "Pictures",
                           .advanced = true});
    s.field(&O::drop, {.name = "drop",
                       .title = "Leave out",
                       .help = "What is set to zero in the reconstruction, separated by spaces: levels (2), bands of one "
                               "(1:H), an orientation of all (V), the approximation (A)",
                       .group = "Reconstruction"});
    s.field(&O::threshold, {.name = "threshold",
                            .title = "Threshold details",
                            .help = "Set to zero, in the reconstruction, details below the universal threshold sigma "
                                    "sqrt(2 ln n) of the whole image (hard), and take it off the others too (soft)",
                            .choices = {"none", "soft", "hard"},
                            .group = "Reconstruction"});
    s.field(&O::output, {.name = "output",
                         .title = "Write reconstruction to",
                         .help = "File of 32-bit floating point numbers that gets the reconstruction of the originals at "
                                 "full size: .tif, .ome.tif or .npy; or a folder, a name without an ending; empty = none",
                         .path = true,
                         .group = "Reconstruction",
                         .advanced = true});
    s.field(&O::outputImages, {.name = "output-images",
                               .title = "Of",
                               .help = "Whether it gets the image in pictures or all images used, one page each",
                               .choices = {"shown", "all"},
                               .group = "Reconstruction",
                               .advanced = true});
    return s;
}

std::size_t WaveletMeasurement::shown() const
{
    auto number = static_cast<std::size_t>(options.shown);
    for (std::size_t k = 0; k < std::min(sets.size(), shownSets); ++k)
        number = std::min(number, sets[k].images.size() - 1);
    return number;
}

PowerMeasure WaveletMeasurement::share() const
{
    const auto m = measure();
    return m == PowerMeasure::EnergyShare || m == PowerMeasure::Energy ? PowerMeasure::EnergyShare : PowerMeasure::AbsoluteShare;
}

PowerBands WaveletMeasurement::bands() const
{
    const auto &o = options.orientation;
    return o == "H" ? PowerBands::H : o == "V" ? PowerBands::V : o == "D" ? PowerBands::D : PowerBands::All;
}

SetPower WaveletMeasurement::power(std::size_t set, PowerMeasure m, PowerBands b) const
{
    return powerOfSet(sets[set].images, layout, m, b, options.includeApproximation, options.averaging == "pooled");
}

std::vector<double> WaveletMeasurement::ratio(std::size_t set, PowerBands b) const
{
    return ratioOf(power(set, share(), b).value, power(0, share(), b).value);
}

std::vector<double> WaveletMeasurement::rawRatio(std::size_t set, PowerBands b) const
{
    const auto of = [&](std::size_t k) {
        return powerOfSet(sets[k].images, layout, PowerMeasure::Energy, b, options.includeApproximation, true).value;
    };
    return ratioOf(of(set), of(0));
}

WaveletSums WaveletMeasurement::sum(std::size_t set) const
{
    WaveletSums all;
    all.levels.resize(layout.levels.size());
    for (const auto &image : sets[set].images)
        all += image;
    return all;
}

WaveletEdit WaveletMeasurement::edit() const
{
    return waveletEdit(options.drop, options.threshold, static_cast<int>(layout.levels.size()));
}

WaveletMeasurement WaveletMeasurement::detailsOnly() const
{
    WaveletMeasurement m = *this;
    m.options.includeApproximation = false;
    return m;
}

std::vector<std::string> WaveletMeasurement::levelNames() const
{
    std::vector<std::string> names;
    if (options.includeApproximation)
        names.push_back("A");
    for (const auto &l : layout.levels)
        names.push_back(std::to_string(l.level));
    return names;
}

namespace {

/// Ranges that such numbers may be meant in, the likelier first: 255 of 8 bit, 65535 of 16 bit or what the camera
/// fills of them, 1, 255 or 65535 of floating point. None = no convention is known.
std::vector<double> likelyRanges(DType type, double maximum)
{
    const auto smallest = [maximum](std::initializer_list<double> ranges, double beyond) -> std::vector<double> {
        for (const double range : ranges)
            if (maximum <= range * beyond)
                return {range};
        return {};
    };
    switch (type) {
    case DType::UInt8: return {255};
    case DType::UInt16: {
        auto ranges = smallest({255, 1023, 4095, 16383}, 1);
        ranges.push_back(65535);
        return ranges;
    }
    case DType::Float32:
    case DType::Float64: return smallest({1, 255, 65535}, 1.2); // outputs of networks go a little beyond
    default: return {};
    }
}

/// What brings `s` into the range of `original`: 1, or the quotient of two ranges that are customary for such files,
/// where the numbers then fit better. Detail that is lost makes a span smaller and must not be taken for another range.
double rangeFactor(const MeasuredSet &s, DType type, const MeasuredSet &original, DType originalType)
{
    const auto mostOf = [](const MeasuredSet &m) { return std::max(std::abs(m.low), std::abs(m.high)); };
    const bool spans = s.high > s.low && original.high > original.low;
    const double size = spans ? s.high - s.low : mostOf(s);
    const double wanted = spans ? original.high - original.low : mostOf(original);
    const bool real = type == DType::Float32 || type == DType::Float64;
    if ((type == originalType && !real) || !(size > 0) || !(wanted > 0))
        return 1;
    double factor = 1, gap = std::abs(std::log(size / wanted));
    constexpr double near = 8; // a wrong convention is off by 16 or more, 257 mostly
    for (const double to : likelyRanges(originalType, mostOf(original)))
        for (const double from : likelyRanges(type, mostOf(s))) {
            const double left = std::abs(std::log(size * to / from / wanted));
            if (left < gap && left < std::log(near)) {
                factor = to / from;
                gap = left;
            }
        }
    return factor;
}

} // namespace

int spectrumLevels(const WaveletSpectrumOptions &o, std::int64_t side, std::vector<std::string> &notes)
{
    const auto &filter = waveletFilter(o.wavelet);
    constexpr int maximum = 30; // periods stay whole numbers of 32 bits
    const int largest = maxWaveletLevel(side, filter), possible = o.beyond ? maximum : std::clamp(largest, 1, maximum);
    if (o.levels < 0 || o.levels > possible)
        throw Error(Error::Kind::Input, "levels",
                    fmt::format("level must be {}{} for a {}-pixel side with {}, not {}.", possible > 1 ? "1.." : "", possible,
                                side, filter.name, o.levels));
    const int levels = o.levels > 0 ? static_cast<int>(o.levels) : std::clamp(largest, 1, 8);
    waveletEdit(o.drop, o.threshold, levels); // says what is wrong with it
    if (levels > largest)
        notes.push_back(fmt::format("All coefficients at level >= {} touch the border.", largest + 1));
    return levels;
}

void bringToOneRange(WaveletMeasurement &m, const ImageSets &images, std::vector<std::string> &notes)
{
    for (std::size_t k = 0; k < m.sets.size(); ++k)
        std::tie(m.sets[k].low, m.sets[k].high) = images.range(k);
    for (std::size_t k = 1; k < m.sets.size(); ++k) {
        auto &s = m.sets[k];
        const auto &original = m.sets[0];
        if (m.options.rescale)
            s.factor = rangeFactor(s, images.dtype(k), original, images.dtype(0));
        if (s.factor != 1) {
            notes.push_back(fmt::format("{} holds numbers from {:.4g} to {:.4g}, {} from {:.4g} to {:.4g}: "
                                        "it was multiplied by {:.6g}.",
                                        s.name, s.low, s.high, original.name, original.low, original.high, s.factor));
            for (auto &image : s.images) {
                for (auto &l : image.levels)
                    for (int b = 0; b < 3; ++b) {
                        l.energy[b] *= s.factor * s.factor;
                        l.absolute[b] *= s.factor;
                    }
                image.approximationEnergy *= s.factor * s.factor;
                image.approximationAbsolute *= s.factor;
            }
            for (auto &f : s.fourier)
                f *= s.factor * s.factor;
        }
        const double span = (s.high - s.low) * s.factor, wanted = original.high - original.low;
        if (span > 0 && wanted > 0 && (span > 2 * wanted || wanted > 2 * span))
            notes.push_back(fmt::format("The range of {} is {:.3g} times that of {}: the raw ratio shows that "
                                        "too, the ratio of shares does not.",
                                        s.name, span / wanted, original.name));
    }
}

int imagesAtOnce(std::int64_t rows, std::int64_t columns, double bytesPerPixel)
{
    const double bytes = bytesPerPixel * static_cast<double>(rows) * static_cast<double>(columns);
    const double half = static_cast<double>(freeMemory()) / 2;
    if (bytes > half)
        throw Error(Error::Kind::Input, "crop",
                    fmt::format("images of {} x {} px need {:.0f} GB each, more than half of the memory that is free here; "
                                "measure crops of them, such as crop=2048.",
                                columns, rows, bytes / 1e9));
    return static_cast<int>(std::clamp(half / bytes, 1.0, static_cast<double>(threadCount(0))));
}

namespace {

// Numbers as in the file and as double, coefficients, scratch memory, and their Fourier transform.
constexpr double measuredBytes = 8 + 8 + 8 + 8 + 16;
// Numbers, coefficients, those that are kept, what they give back, the rest, and scratch memory.
constexpr double shownBytes = 6 * 8;

class WaveletSpectrum : public Analysis
{
public:
    explicit WaveletSpectrum(WaveletSpectrumOptions options) { m.options = std::move(options); }

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        const auto &o = m.options;
        const ImageSets images(o);
        requireOutput(o, images);
        m_warnings = images.notes();
        const auto &filter = waveletFilter(o.wavelet);
        const int levels = spectrumLevels(o, std::min(images.rows(), images.columns()), m_warnings);
        const int threads = imagesAtOnce(images.rows(), images.columns(), measuredBytes);
        if (waveletEdit(o.drop, o.threshold, levels).anything())
            imagesAtOnce(images.rows(), images.columns(),
                         shownBytes + 8 * static_cast<double>(std::min(images.size(), shownSets)));
        const WaveletPlan<double> plan(filter, waveletMode(o.mode), images.rows(), images.columns(), levels);
        m.layout = plan.layout();
        m.pixelSize = images.pixelSize();
        m.paired = o.paired;
        std::int64_t total = 0;
        for (std::size_t k = 0; k < images.size(); ++k)
            total += static_cast<std::int64_t>(images.places(k).size());
        SliceProgress progress(events, control, input.run, "wavelet-spectrum", total);
        measure(images, plan, threads, progress);
        progress.at(total);
        bringToOneRange(m, images, m_warnings);
        noteEmpty();
        if (m.shown() != static_cast<std::size_t>(o.shown))
            m_warnings.push_back(
                fmt::format("Pictures show image {} of those used: there is no image {} in all sets.", m.shown(), o.shown));

        Result r;
        r.name = "wavelet-spectrum";
        r.tables = spectrumTables(m);
        r.figures = spectrumFigures(m);
        const auto shown = shownImages(images);
        if (m.edit().threshold != WaveletEdit::Threshold::None)
            r.tables.push_back(thresholdTable(m, shown));
        for (auto &f : pictureFigures(m, shown))
            r.figures.push_back(std::move(f));
        fill(r, images);
        if (!o.output.empty()) {
            const bool all = o.outputImages == "all";
            const auto n = static_cast<std::int64_t>(images.places(0).size());
            SliceProgress writing(events, control, input.run, "reconstruction", all ? n : 1);
            const auto wanted = all ? n : 1;
            const auto written = writeReconstruction(o, images, all ? -1 : static_cast<std::int64_t>(m.shown()),
                                                     [&](std::int64_t done) { return writing.at(done); });
            if (written < wanted)
                m_warnings.push_back(fmt::format("Stopped: {} of {} images were written to {}.", written, wanted, o.output));
        }
        r.warnings = m_warnings;
        return r;
    }

private:
    struct Scratch
    {
        std::vector<WaveletPlan<double>::Work> work; ///< one a thread
        std::vector<double> coefficients;
    };

    void measure(const ImageSets &images, const WaveletPlan<double> &plan, int threads, SliceProgress &progress)
    {
        const RadialSpectrum radial(images.rows(), images.columns());
        m.frequencies = radial.frequencies();
        std::atomic<std::int64_t> done{0};
        for (std::size_t k = 0; k < images.size(); ++k) {
            MeasuredSet s;
            s.name = images.name(k);
            const auto n = images.places(k).size();
            s.images.resize(n);
            std::vector<std::vector<double>> fourier(n);
            // Where there are fewer images than threads, several work on one.
            const int atOnce = static_cast<int>(std::min<std::size_t>(n, static_cast<std::size_t>(threads)));
            const int within = std::max(1, threadCount(0) / atOnce);
            std::vector<Scratch> scratch(static_cast<std::size_t>(atOnce));
            for (auto &one : scratch)
                one.work = std::vector<WaveletPlan<double>::Work>(static_cast<std::size_t>(within));
            inParallel(static_cast<std::int64_t>(n), atOnce, [&](std::int64_t i, int thread) {
                const auto at = static_cast<std::size_t>(i);
                if (thread > 0)
                    progress.beside();
                else if (!progress.at(done)) // the caller's thread: events are its own
                    throw Error(Error::Kind::Cancelled, "wavelet-spectrum",
                                fmt::format("stopped after {} images, before all sets were measured", done.load()));
                const Array image = images.read(k, at);
                auto &[work, c] = scratch[static_cast<std::size_t>(thread)];
                c.resize(static_cast<std::size_t>(m.layout.size));
                plan.forward(image.data<double>(), c.data(), std::span(work));
                s.images[at] = sumsOf(m.layout, c.data());
                fourier[at] = radial.power(image, within);
                ++done;
            });
            s.fourier.assign(m.frequencies.size(), 0);
            for (const auto &f : fourier) // in the images' order, whatever thread was first
                for (std::size_t i = 0; i < f.size(); ++i)
                    s.fourier[i] += f[i] / static_cast<double>(n);
            m.sets.push_back(std::move(s));
        }
    }

    void noteEmpty()
    {
        for (std::size_t k = 0; k < m.sets.size(); ++k) {
            std::vector<std::size_t> empty; // numbers as the setting "shown" has them
            for (std::size_t i = 0; i < m.sets[k].images.size(); ++i)
                if (!m.sets[k].images[i].hasDetails())
                    empty.push_back(i);
            if (empty.empty())
                continue;
            std::string list;
            for (std::size_t i = 0; i < std::min<std::size_t>(5, empty.size()); ++i)
                list += (i ? ", " : "") + std::to_string(empty[i]);
            if (empty.size() > 5)
                list += fmt::format(" and {} more", empty.size() - 5);
            m_warnings.push_back(fmt::format("{}: image{} {} of those used {} no detail energy.", m.sets[k].name,
                                             empty.size() == 1 ? "" : "s", list, empty.size() == 1 ? "has" : "have"));
        }
    }

    std::vector<Array> shownImages(const ImageSets &images) const
    {
        // Noise is told from the whole image.
        const auto side = m.edit().anything() ? std::numeric_limits<std::int64_t>::max() : figureSide;
        std::vector<Array> shown;
        for (std::size_t k = 0; k < std::min(images.size(), shownSets); ++k) {
            Array image = images.read(k, m.shown(), side);
            for (auto &v : image.span<double>())
                v *= m.sets[k].factor;
            shown.push_back(std::move(image));
        }
        return shown;
    }

    static Json numbers(const std::vector<double> &v)
    {
        Json j = Json::array();
        for (auto it = v.rbegin(); it != v.rend(); ++it) // coarse to fine
            j.push_back(std::isfinite(*it) ? Json(*it) : Json(nullptr));
        return j;
    }

    void fill(Result &r, const ImageSets &images) const
    {
        const auto &o = m.options;
        r.values = {{"wavelet", o.wavelet},
                    {"mode", o.mode},
                    {"levels", m.layout.levels.size()},
                    {"averaging", o.averaging},
                    {"include_approx", o.includeApproximation},
                    {"measure", o.measure},
                    {"images-hash", images.hash()},
                    {"rows", m.layout.rows},
                    {"columns", m.layout.columns},
                    {"level", m.levelNames()}};
        Json sets = Json::array();
        for (std::size_t k = 0; k < m.sets.size(); ++k) {
            Json s = {{"name", m.sets[k].name},
                      {"images", m.sets[k].images.size()},
                      {"power", numbers(m.power(k, m.measure(), m.bands()).value)}};
            if (k > 0) {
                s["ratio"] = numbers(m.ratio(k, m.bands()));
                s["raw-ratio"] = numbers(m.rawRatio(k, m.bands()));
            }
            sets.push_back(std::move(s));
        }
        r.values["sets"] = std::move(sets);
        const auto n = m.sets[0].images.size();
        const auto levels = m.layout.levels.size();
        r.summary = fmt::format("{} image{} of {} x {} px of {}, {} level{} of {}", n, n == 1 ? "" : "s", m.layout.columns,
                                m.layout.rows, m.sets[0].name, levels, levels == 1 ? "" : "s", o.wavelet);
        if (m.sets.size() == 1) {
            const auto p = m.power(0, m.share(), m.bands()).value;
            const auto strongest = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
            if (p[strongest] > 0)
                r.summary += fmt::format("; most power ({:.0f} %) {}", 100 * p[strongest],
                                         strongest < m.layout.levels.size() ? fmt::format("at level {}", strongest + 1)
                                                                            : "in the approximation");
        }
        for (std::size_t k = 1; k < m.sets.size(); ++k)
            r.summary += fmt::format("; {} keeps {} of the energy at level 1 and {} at level {}", m.sets[k].name,
                                     percent(m.rawRatio(k, m.bands()).front()),
                                     percent(m.rawRatio(k, m.bands())[m.layout.levels.size() - 1]), m.layout.levels.size());
        r.summary += ".";
    }

    static std::string percent(double ratio)
    {
        return std::isfinite(ratio) ? fmt::format("{:.{}f} %", 100 * ratio, ratio < 0.1 ? 1 : 0) : "n/a";
    }

    WaveletMeasurement m;
    std::vector<std::string> m_warnings;
};

const RequiresCapability waveletSpectrumPictures("wavelet-spectrum", "images");
const AskedOf waveletSpectrumOfData("wavelet-spectrum", "data", {"images"});
const Registration<AnalysisFactory> waveletSpectrumRegistration(WaveletSpectrumOptions::schema().info(), [](const Json &options) {
    return std::make_unique<WaveletSpectrum>(WaveletSpectrumOptions::schema().read(options, "wavelet-spectrum"));
});

} // namespace

} // namespace reticle
