#include "analysis/segmentation/PredictionCost.h"

#include "analysis/Analysis.h"
#include "analysis/PatchClassifier_p.h"
#include "analysis/segmentation/ScoreFigures.h"
#include "files/Pictures.h"
#include "foundation/FreeMemory.h"
#include "learn/Machine_p.h"
#include "learn/RandomTurn_p.h"
#include "learn/memory/PassMemory_p.h"
#include "learn/modules/Blocks_p.h"
#include "learn/prediction/Network_p.h"
#include "project/Recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>

namespace reticle {

Schema<PredictionCostOptions> PredictionCostOptions::schema()
{
    using O = PredictionCostOptions;
    Schema<O> s("prediction-cost", "Patch by patch or in one piece",
                "What predicting costs when a network sees one patch for each pixel (Ciresan et al. 2012), against seeing "
                "the image in one piece (Long, Shelhamer and Darrell 2015): pixels, memory and multiplications by "
                "formula, together with measured times.");
    s.field(
        &O::patches,
        {.name = "patches", .title = "Patches", .help = "Sides of the patches to compare", .unit = "px", .min = 1, .max = 4096});
    s.field(&O::stride, {.name = "stride",
                         .title = "Stride",
                         .help = "One patch every so many pixels along each side",
                         .unit = "px",
                         .min = 1,
                         .max = 4096});
    s.field(&O::borders, {.name = "borders",
                          .title = "Borders",
                          .help = "Padded: a patch for the pixels at the border too; valid: only patches inside the image",
                          .choices = {"padded", "valid"}});
    s.field(&O::height, {.name = "height",
                         .title = "Height",
                         .help = "Of the image; 0 = as the run's images, 512 without a run",
                         .unit = "px",
                         .min = 0,
                         .max = 1000000,
                         .group = "Image"});
    s.field(&O::width, {.name = "width",
                        .title = "Width",
                        .help = "Of the image; 0 = as the run's images, 512 without a run",
                        .unit = "px",
                        .min = 0,
                        .max = 1000000,
                        .group = "Image"});
    s.field(&O::model, {.name = "model",
                        .title = "Network",
                        .help = "Network to measure where no run is given, with its own defaults",
                        .group = "Network"});
    s.field(&O::settings, {.name = "settings",
                           .title = "Settings",
                           .help = "Settings of this network in place of its defaults, such as variant=56; first-width=32",
                           .group = "Network"});
    s.field(&O::classifier, {.name = "classifier",
                             .title = "Patches are seen by",
                             .help = "The same network (network), a classifier of 3 x 3 convolutions, poolings and two dense "
                                     "layers that tells the class of the patch's middle (small), or the name of another network",
                             .group = "Network"});
    s.field(&O::channels, {.name = "channels",
                           .title = "Channels",
                           .help = "Channels that this network sees",
                           .min = 1,
                           .max = 64,
                           .group = "Network"});
    s.field(&O::outputs, {.name = "outputs",
                          .title = "Outputs",
                          .help = "Outputs that this network has for each pixel",
                          .min = 1,
                          .max = 255,
                          .group = "Network"});
    s.field(&O::crop, {.name = "crop",
                       .title = "Largest measured side",
                       .help = "Of a larger image such a part is measured and its time scaled by the pixels",
                       .unit = "px",
                       .min = 16,
                       .max = 4096,
                       .group = "Measurement"});
    s.field(&O::repeats, {.name = "repeats",
                          .title = "Repeats",
                          .help = "Times are medians of so many passes after one that is not counted; fewer, but three, "
                                  "where they take over five seconds together",
                          .min = 3,
                          .max = 1000,
                          .group = "Measurement"});
    s.field(&O::precision, {.name = "precision",
                            .title = "Precision",
                            .help = "Numbers between layers; auto takes bfloat16 where it is faster",
                            .choices = {"auto", "bfloat16", "float32"},
                            .group = "Measurement",
                            .advanced = true});
    s.field(&O::device,
            {.name = "device", .title = "Device", .help = "auto, cpu, cuda or cuda:N", .group = "Measurement", .advanced = true});
    return s;
}

std::int64_t patchCount(std::int64_t rows, std::int64_t columns, std::int64_t patch, std::int64_t stride, bool padded)
{
    const auto along = [&](std::int64_t n) -> std::int64_t {
        if (padded)
            return (n + stride - 1) / stride;
        return n < patch ? 0 : (n - patch) / stride + 1;
    };
    return along(rows) * along(columns);
}

Table costTable(const CostMeasurement &m)
{
    std::vector<std::string> what{m.extrapolated() ? "in one piece (extrapolated)" : "in one piece"};
    std::vector<std::int64_t> patches{1}, batch{1}, repeats{m.repeats};
    std::vector<double> pixels{m.pixels()}, pixelRatio{1}, memory{m.pixels() * 4 / 1048576}, each{m.macs}, macs{m.macs},
        macRatio{1}, one{1000 * m.seconds}, seconds{m.seconds}, timeRatio{1};
    for (const auto &p : m.patches) {
        what.push_back(fmt::format("{0} x {0} patches", p.patch));
        patches.push_back(p.patches);
        pixels.push_back(p.pixels());
        pixelRatio.push_back(p.pixels() / m.pixels());
        memory.push_back(p.pixels() * 4 / 1048576);
        each.push_back(static_cast<double>(p.macs));
        macs.push_back(p.allMacs());
        macRatio.push_back(p.allMacs() / m.macs);
        one.push_back(1000 * p.seconds);
        seconds.push_back(p.allSeconds());
        timeRatio.push_back(p.allSeconds() / m.seconds);
        batch.push_back(p.batch);
        repeats.push_back(p.repeats);
    }
    Table t;
    t.title = "Cost of prediction";
    t.columns = {{"seen", "", what},
                 {"patches", "", patches},
                 {"pixels", "", pixels, 0},
                 {"pixels, times", "", pixelRatio, 3},
                 {"memory of all, per channel", "MiB", memory, 1},
                 {"MACs each", "", each, 0},
                 {"MACs", "", macs, 0},
                 {"MACs, times", "", macRatio, 3},
                 {"time each, measured", "ms", one, 4},
                 {"time, extrapolated for patches", "s", seconds, 4},
                 {"time, times", "", timeRatio, 3},
                 {"patches at once", "", batch},
                 {"repeats", "", repeats}};
    return t;
}

Figure costFigure(const CostMeasurement &m)
{
    Figure f;
    f.name = "prediction-cost";
    f.title = "Cost of prediction patch by patch, " + m.what;
    XYPanel times, seconds;
    times.x.label = seconds.x.label = "side of patches (px)";
    times.y.label = "times the image in one piece";
    seconds.y.label = "time for the image";
    seconds.y.unit = "s";
    times.y.scale = seconds.y.scale = Axis::Scale::Log;
    Series pixels, macs, time, all;
    pixels.name = "pixels";
    macs.name = "multiplications";
    time.name = "measured time";
    pixels.color = "#999999";
    macs.color = "#0072B2";
    time.color = all.color = "#D55E00";
    all.kind = SeriesKind::Bar;
    all.x = {0};
    all.y = {m.seconds};
    double minimum = 1, maximum = 1, shortest = m.seconds, longest = m.seconds;
    for (const auto &p : m.patches) {
        times.x.categories.push_back(std::to_string(p.patch));
        for (auto *s : {&pixels, &macs, &time, &all}) {
            s->kind = SeriesKind::Bar;
            s->x.push_back(static_cast<double>(s->x.size()));
        }
        pixels.y.push_back(p.pixels() / m.pixels());
        macs.y.push_back(p.allMacs() / m.macs);
        time.y.push_back(p.allSeconds() / m.seconds);
        all.y.push_back(p.allSeconds());
        for (const double v : {pixels.y.back(), macs.y.back(), time.y.back()}) {
            minimum = std::min(minimum, v);
            maximum = std::max(maximum, v);
        }
        shortest = std::min(shortest, p.allSeconds());
        longest = std::max(longest, p.allSeconds());
    }
    seconds.x.categories = times.x.categories;
    seconds.x.categories.insert(seconds.x.categories.begin(), "in one piece");
    times.series = {pixels, macs, time};
    times.references.push_back({'y', 1, ""});
    seconds.series = {all};
    seconds.legend = LegendPlace::None;
    // Bars stand on the axis: below the smallest value and the one piece.
    times.y.min = std::pow(10, std::floor(std::log10(minimum) - 0.3));
    times.y.max = std::pow(10, std::ceil(std::log10(maximum) + 0.7)); // room for the legend
    seconds.y.min = std::pow(10, std::floor(std::log10(shortest) - 0.3));
    seconds.y.max = std::pow(10, std::ceil(std::log10(longest)));
    f.panels = {panel(0, 0, "a", "Ratios", times), panel(0, 1, "b", "Times", seconds)};
    f.caption = fmt::format(
        "Predicting an image of {} x {} px patch by patch with {}, one patch {} ({} borders), against the image in one piece "
        "with {}. (a) "
        "Pixels that "
        "are worked on and multiplications, by formula, and measured times, each over that of the image in one piece. "
        "(b) "
        "Time for the image in one piece and patch by patch. Times of patches are extrapolated from a batch of them to "
        "all of them; {}. Medians of "
        "repeats on {}.",
        m.columns, m.rows, m.classifier, m.stride == 1 ? std::string("for each pixel") : fmt::format("every {} px", m.stride),
        m.padded ? "padded" : "valid", m.what,
        m.extrapolated() ? fmt::format("that of the one piece from its part of {} x {} px", m.cropColumns, m.cropRows)
                         : std::string("that of the one piece is measured whole"),
        m.machine);
    return f;
}

namespace {

class PredictionCost : public Analysis
{
public:
    explicit PredictionCost(PredictionCostOptions options) : m_o(std::move(options)) {}

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        if (m_o.patches.empty())
            throw Error({"patches", "at least one side of patches", "none", {}});
        open(input);
        if (m_o.classifier != "network" && m_o.classifier != "small")
            m_other = made({{"name", m_o.classifier}}, "");
        m.stride = m_o.stride;
        m.padded = m_o.borders == "padded";
        m.classifier = m_o.classifier == "network" ? "the same network"
                       : m_o.classifier == "small" ? "a small classifier"
                                                   : m_o.classifier;
        m.machine = fmt::format(
            "{}{}, {}", m_device.str(),
            m_device.is_cpu() ? fmt::format(", {} thread{}", at::get_num_threads(), at::get_num_threads() == 1 ? "" : "s") : "",
            m_half ? "bfloat16" : "float32");
        auto sides = m_o.patches;
        std::ranges::sort(sides);
        sides.erase(std::unique(sides.begin(), sides.end()), sides.end());
        SliceProgress progress(events, control, input.run, "prediction-cost", static_cast<std::int64_t>(sides.size()) + 1);
        try {
            progress.at(0);
            fitMemory(sides);
            const double scale = m.pixels() / static_cast<double>(m.cropRows * m.cropColumns);
            const Net network = [this](const torch::Tensor &x) { return m_module->forward(x); };
            m.macs = scale * static_cast<double>(macs(network, m.cropRows, m.cropColumns));
            if (!(m.macs > 0))
                throw Error({"model", "a network whose layers tell their multiplications", m.what + ", which has none", {}});
            m.seconds = scale * measured(network, 1, m.cropRows, m.cropColumns, m.repeats);
            for (std::size_t i = 0; i < sides.size() && progress.at(static_cast<std::int64_t>(i) + 1); ++i)
                measure(sides[i]);
        } catch (const Error &) {
            throw;
        } catch (const std::exception &e) {
            if (isOutOfMemory(e))
                throw Error(Error::Kind::Failed, "prediction-cost",
                            "out of memory: choose a smaller crop than " + std::to_string(m_o.crop));
            throw Error(Error::Kind::Failed, "prediction-cost", e.what());
        }
        if (m.patches.empty() && control.ending() == RunControl::End::Stop)
            throw Error(Error::Kind::Cancelled, "prediction-cost", "stopped before the first side was measured");
        if (m.patches.empty())
            throw Error({"patches", fmt::format("patches that fit into the image of {} x {} px", m.columns, m.rows),
                         fmt::format("{} px at least", sides.front()), "give smaller ones, or borders=padded"});
        if (m.patches.size() + m_tooLarge < sides.size())
            m_warnings.push_back(fmt::format("Stopped after {} of {} sides.", m.patches.size(), sides.size()));
        progress.at(static_cast<std::int64_t>(sides.size()) + 1);
        return report();
    }

private:
    void open(const AnalysisInput &input)
    {
        m.rows = m_o.height;
        m.columns = m_o.width;
        if (input.run > 0) {
            if (!input.project)
                throw Error({"run", "a project to find it in", "none", {}});
            m_predictor = std::make_unique<ImagePredictor>(
                input.project->runFolder(input.run),
                PredictOptions::schema().read({{"precision", m_o.precision}, {"device", m_o.device}}, "prediction-cost"));
            const auto net = m_predictor->network();
            m_module = &net.module;
            m_device = net.device;
            m_half = net.half;
            m_channels = net.channels;
            m_outputs = net.outputs;
            const Recipe recipe{input.project->run(input.run).recipe};
            m.what = fmt::format("run {} ({})", input.run, recipe.section("model").value("name", std::string("network")));
            if (m.rows == 0 || m.columns == 0) {
                const auto source = openPictures(recipe.section("data").value("images", std::string()));
                m.rows = m.rows > 0 ? m.rows : source->info().height;
                m.columns = m.columns > 0 ? m.columns : source->info().width;
            }
            return;
        }
        prepareThread(0);
        m_device = chooseDevice(m_o.device);
        m_half = chooseBfloat16(m_o.precision, m_device, "precision");
        m_channels = m_o.channels;
        m_outputs = m_o.outputs;
        m_own = made({{"name", m_o.model}}, m_o.settings);
        m_module = m_own.get();
        m.what = m_o.model + (m_o.settings.empty() ? "" : " with " + m_o.settings);
        m.rows = m.rows > 0 ? m.rows : 512;
        m.columns = m.columns > 0 ? m.columns : 512;
    }

    using Net = std::function<torch::Tensor(const torch::Tensor &)>;

    /// Patches that are measured together, where memory is no matter: as many as have the pixels of one tile, enough that
    /// starting a pass does not count, and all in the cache.
    static std::int64_t batchOf(std::int64_t side, std::int64_t patches)
    {
        return std::clamp<std::int64_t>(256 * 256 / (side * side), 1, std::min<std::int64_t>(256, patches));
    }

    /// Chooses the part of the image that is measured and how many patches are at once: less of both where memory is short.
    /// Throws Error where not even that fits.
    void fitMemory(const std::vector<std::int64_t> &sides)
    {
        m.cropRows = std::min(m.rows, m_o.crop);
        m.cropColumns = std::min(m.columns, m_o.crop);
        if (!m_device.is_cpu())
            return;
        const auto free = freeMemory(true);
        PassExtras extras;
        extras.arrays = predictionLibraries;
        std::vector<PassShape> parts;
        const auto asked = std::max(m.cropRows, m.cropColumns);
        for (auto side = asked; side >= std::min<std::int64_t>(asked, 128); side /= 2) {
            if (side != asked && m_module->strictSize && side % m_module->multiple() != 0)
                break;
            parts.push_back({1, m_channels, std::min(m.cropRows, side), std::min(m.cropColumns, side)});
        }
        const auto part = fittingPass(*m_module, parts, m_half, extras, free);
        if (!part.fits(parts))
            throw predictionRefusal(fmt::format("an image of {} x {} px in one piece", m.cropColumns, m.cropRows), part.need,
                                    free, "Choose a smaller crop, or raise the memory limit.");
        if (part.choice > 0) {
            const auto &chosen = parts[part.choice];
            m_warnings.push_back(
                fmt::format("Memory is short ({} free): a part of {} x {} px is measured in one piece, in place of "
                            "{} x {} px.",
                            memoryText(free), chosen.width, chosen.height, m.cropColumns, m.cropRows));
            m.cropRows = chosen.height;
            m.cropColumns = chosen.width;
        }
        for (const auto side : sides)
            if (const auto patches = patchCount(m.rows, m.columns, side, m.stride, m.padded); patches > 0)
                m_batches[side] = fittingBatch(side, batchOf(side, patches), extras, free);
    }

    /// How many patches of this side, of so many that are wanted, memory has room for at once.
    std::int64_t fittingBatch(std::int64_t side, std::int64_t wanted, const PassExtras &extras, std::int64_t free)
    {
        std::vector<PassShape> batches;
        for (auto n = wanted; n > 0; n /= 2)
            batches.push_back({n, m_channels, side, side});
        const auto found = m_o.classifier == "small" ? fittingSmall(batches, extras, free)
                                                     : fittingPass(m_other ? *m_other : *m_module, batches, m_half, extras, free);
        if (!found.fits(batches))
            throw predictionRefusal(fmt::format("patches of {0} x {0} px", side), found.need, free,
                                    "Choose smaller patches, or raise the memory limit.");
        const auto n = batches[found.choice].batch;
        if (n < wanted)
            m_warnings.push_back(
                fmt::format("Memory is short ({} free): {} patches of {} px are measured at once, in place of {}.",
                            memoryText(free), n, side, wanted));
        return n;
    }

    /// The same of the small classifier, from a pass over one patch.
    FittingPass fittingSmall(const std::vector<PassShape> &batches, const PassExtras &extras, std::int64_t free)
    {
        constexpr std::int64_t side = 32;
        const auto x = images(1, side, side);
        const auto net = classifierOf(side);
        const MemoryWatch watch;
        pass(net, x);
        const double eachPixel = static_cast<double>(watch.peak()) / (side * side) + 4.0 * static_cast<double>(m_channels);
        FittingPass found;
        for (; found.choice < batches.size(); ++found.choice) {
            const auto &b = batches[found.choice];
            const double need = extras.arrays + eachPixel * static_cast<double>(b.batch * b.height * b.width);
            found.need = found.choice == 0 ? need : found.need;
            if (need <= 1.05 * static_cast<double>(free))
                break;
        }
        return found;
    }

    /// Ready to predict on the device.
    std::shared_ptr<ImageModule> made(Json section, const std::string &settings) const
    {
        const auto &schema = Registry<ModuleFactory>::instance().get(section["name"].get<std::string>(), "model").schema;
        std::istringstream words(settings);
        for (std::string s; std::getline(words, s, ';');) {
            s.erase(0, s.find_first_not_of(' '));
            s.erase(s.find_last_not_of(' ') + 1);
            const auto sign = s.find('=');
            if (s.empty())
                continue;
            if (sign == std::string::npos)
                throw Error({"settings", "field=value, such as variant=56; first-width=32", "\"" + s + "\"", {}});
            schema.set(section, s.substr(0, sign), s.substr(sign + 1), "settings"); // of a run of before too
        }
        const SameRandom random; // weights that a seed gives, and a training beside this one none the less its own
        torch::manual_seed(0);
        auto module = makeModule(section, {m_channels, m_outputs});
        module->to(m_device);
        module->eval();
        return module;
    }

    /// What sees a patch of this side.
    Net classifierOf(std::int64_t side)
    {
        if (m_o.classifier == "small") {
            const SameRandom random;
            torch::manual_seed(0);
            const auto net = std::make_shared<PatchClassifier>(m_channels, m_outputs, side);
            net->to(m_device);
            net->eval();
            return [net](const torch::Tensor &x) { return net->forward(x); };
        }
        return [net = m_other ? m_other.get() : m_module](const torch::Tensor &x) { return net->forward(x); };
    }

    torch::Tensor pass(const Net &net, const torch::Tensor &x)
    {
        c10::InferenceMode mode;
        MixedPrecision precision(m_half, m_device);
        return net(x);
    }

    torch::Tensor images(std::int64_t n, std::int64_t rows, std::int64_t columns) const
    {
        const SameRandom random;
        torch::manual_seed(0);
        return torch::rand({n, m_channels, rows, columns}).to(m_device);
    }

    /// Of one image of this size, as the layers tell them.
    std::int64_t macs(const Net &net, std::int64_t rows, std::int64_t columns)
    {
        LayerTrace trace;
        pass(net, images(1, rows, columns));
        std::int64_t sum = 0;
        for (const auto &layer : trace.layers)
            sum += layer.macs;
        return sum;
    }

    /// Seconds for one of n images: the median of `repeats` passes, which are fewer where they take long.
    double measured(const Net &net, std::int64_t n, std::int64_t rows, std::int64_t columns, std::int64_t &repeats)
    {
        using Clock = std::chrono::steady_clock;
        const auto x = images(n, rows, columns);
        const auto once = [&] {
            const auto start = Clock::now();
            const auto y = pass(net, x);
            if (m_device.is_cuda())
                torch::cuda::synchronize(m_device.has_index() ? m_device.index() : -1);
            return std::chrono::duration<double>(Clock::now() - start).count();
        };
        once();
        std::vector<double> all;
        double sum = 0;
        while (static_cast<std::int64_t>(all.size()) < m_o.repeats && (all.size() < 3 || sum < 5)) {
            all.push_back(once());
            sum += all.back();
        }
        repeats = static_cast<std::int64_t>(all.size());
        std::ranges::sort(all);
        const auto middle = all.size() / 2;
        const double median = all.size() % 2 ? all[middle] : (all[middle - 1] + all[middle]) / 2;
        return median / static_cast<double>(n);
    }

    void measure(std::int64_t side)
    {
        PatchCost p;
        p.patch = side;
        p.patches = patchCount(m.rows, m.columns, side, m.stride, m.padded);
        if (p.patches == 0) {
            ++m_tooLarge;
            m_warnings.push_back(
                fmt::format("Patches of {} px do not fit into the image of {} x {} px: left out.", side, m.columns, m.rows));
            return;
        }
        const auto net = classifierOf(side);
        p.macs = macs(net, side, side);
        const auto fitting = m_batches.find(side);
        p.batch = fitting != m_batches.end() ? fitting->second : batchOf(side, p.patches);
        p.seconds = measured(net, p.batch, side, side, p.repeats);
        m.patches.push_back(p);
    }

    Result report() const
    {
        Result r;
        r.name = "prediction-cost";
        r.tables = {costTable(m)};
        r.figures = {costFigure(m)};
        r.values = {{"rows", m.rows},
                    {"columns", m.columns},
                    {"stride", m.stride},
                    {"borders", m_o.borders},
                    {"machine", m.machine},
                    {"classifier", m_o.classifier},
                    {"macs", static_cast<std::int64_t>(m.macs)},
                    {"seconds", m.seconds},
                    {"extrapolated", m.extrapolated()}};
        r.values["patches"] = Json::array();
        for (const auto &p : m.patches)
            r.values["patches"].push_back({{"side", p.patch},
                                           {"patches", p.patches},
                                           {"pixels", p.pixels()},
                                           {"pixel-ratio", p.pixels() / m.pixels()},
                                           {"mac-ratio", p.allMacs() / m.macs},
                                           {"seconds", p.allSeconds()},
                                           {"time-ratio", p.allSeconds() / m.seconds}});
        const auto &p = m.patches[m.patches.size() / 2];
        r.summary =
            fmt::format("An image of {} x {} px takes {} {:.3g} s in one piece. Patch by patch with {}, {} x {} px each, it "
                        "would take {:.3g} s, {:.3g} times as long; by multiplications {:.3g} times, by pixels {:.4g} times.",
                        m.columns, m.rows, m.what, m.seconds, m.classifier, p.patch, p.patch, p.allSeconds(),
                        p.allSeconds() / m.seconds, p.allMacs() / m.macs, p.pixels() / m.pixels());
        r.warnings = m_warnings;
        r.warnings.push_back("Times of patches are extrapolated from one batch each.");
        if (m.extrapolated())
            r.warnings.push_back(
                fmt::format("Time and multiplications of the image in one piece are extrapolated from its part of {} x {} px.",
                            m.cropColumns, m.cropRows));
        return r;
    }

    PredictionCostOptions m_o;
    CostMeasurement m;
    std::unique_ptr<ImagePredictor> m_predictor;
    std::shared_ptr<ImageModule> m_own, m_other;
    ImageModule *m_module = nullptr;
    torch::Device m_device{torch::kCPU};
    bool m_half = false;
    std::int64_t m_channels = 1, m_outputs = 1;
    std::map<std::int64_t, std::int64_t> m_batches; ///< patches at once, by their side, where memory was asked for
    std::size_t m_tooLarge = 0;
    std::vector<std::string> m_warnings;
};

const Registration<AnalysisFactory> predictionCostRegistration(PredictionCostOptions::schema().info(), [](const Json &options) {
    return std::make_unique<PredictionCost>(PredictionCostOptions::schema().read(options, "prediction-cost"));
});

} // namespace

} // namespace reticle
