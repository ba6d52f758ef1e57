#include "analysis/skips/SkipStudy.h"

#include "analysis/wavelet/WaveletSpectrum.h"
#include "files/Pictures.h"
#include "foundation/FormerNames.h"
#include "foundation/FreeMemory.h"
#include "foundation/Nan.h"
#include "foundation/Parallel.h"
#include "learn/prediction/ImagePredictor.h"
#include "project/ModelFiles.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace reticle {

namespace {

constexpr std::int64_t exampleSide = 256;

/// (C, H, W) float32 -> (H, W), the mean of the channels.
Array channelMean(const Array &image)
{
    if (image.dim(0) == 1)
        return image.at(0);
    Array mean(DType::Float32, {image.dim(1), image.dim(2)});
    const auto n = mean.size();
    for (std::int64_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::int64_t c = 0; c < image.dim(0); ++c)
            sum += image.data<float>()[c * n + i];
        mean.data<float>()[i] = static_cast<float>(sum / static_cast<double>(image.dim(0)));
    }
    return mean;
}

/// A recipe's section without what may differ between a network and the same without skips.
Json alike(const RunInfo &run, const std::string &section, bool withSkips)
{
    Json j = Recipe(FormerNames::current(run.recipe)).section(section);
    // Runs of before there was this field have all their skips.
    if (section == "model" && (!withSkips || j.value("without-skips", Json::array()).empty()))
        j.erase("without-skips");
    return j;
}

/// Whether two runs differ in nothing but seed, title and, where these do not count, the skips left out.
bool alike(const RunInfo &a, const RunInfo &b, bool withSkips)
{
    return std::ranges::all_of(Recipe::sectionNames(), [&](const std::string &section) {
        return alike(a, section, withSkips) == alike(b, section, withSkips);
    });
}

/// The skips that a run's network was built without, in order.
std::vector<std::int64_t> withoutSkips(const RunInfo &run)
{
    auto without = Recipe(run.recipe).section("model").value("without-skips", std::vector<std::int64_t>());
    std::ranges::sort(without);
    return without;
}

std::int64_t seedOf(const RunInfo &run)
{
    return static_cast<std::int64_t>(Recipe(run.recipe).seed());
}

/// Whether the seed also chooses the slices.
bool slicesBySeed(const RunInfo &run)
{
    return Recipe(run.recipe).section("data").value("split", std::string()) == "blocks";
}

} // namespace

Schema<SkipStudyOptions> SkipStudyOptions::schema()
{
    using O = SkipStudyOptions;
    Schema<O> s("skip-study", "What the skip connections give",
                "Changes each skip connection of a trained network, one at a time and all together, and compares Dice, "
                "V_Rand, pixel error (of an autoencoder RMSE and structural similarity) and the wavelet power of the "
                "output with those of the network as it is, and of networks trained without the skip. Replacing by the "
                "mean is the fair way: zeros also shift what the next layer is used to. An autoencoder has no class, "
                "objects or region scores.");
    s.field(&O::runs, {.name = "runs",
                       .title = "Further runs",
                       .help = "Runs of the same network and data, trained with other seeds, that are studied too",
                       .min = 1,
                       .group = "Networks"});
    s.field(&O::seeds, {.name = "seeds",
                        .title = "All seeds",
                        .help = "Study every run of the project that differs from this one in the seed alone",
                        .group = "Networks"});
    s.field(&O::retrained, {.name = "retrained",
                            .title = "Retrained networks",
                            .help = "Compare with networks that were trained without a skip (the model's without-skips)",
                            .group = "Networks",
                            .formerly = {"rescue"}});
    s.field(&O::retrainedRuns, {.name = "retrained-runs",
                                .title = "Retrained runs",
                                .help = "Runs trained without a skip; empty = those of the project that differ from this one "
                                        "in the skips left out and the seed alone",
                                .min = 1,
                                .group = "Networks",
                                .formerly = {"rescued"}});
    addPartFields(s);
    s.field(&O::ablate, {.name = "ablate", .title = "Ablate", .help = "Put zeros in a skip's place", .formerly = {"silence"}});
    s.field(&O::shuffle,
            {.name = "shuffle", .title = "Shuffle", .help = "Put the same skip of another slice in its place; needs two slices"});
    s.field(&O::mean,
            {.name = "mean", .title = "Mean", .help = "Put each channel's mean over the tiles of all slices in a skip's place"});
    s.field(&O::factors, {.name = "factors",
                          .title = "Scale by",
                          .help = "Multiply a skip by each of these, for a curve of scores from 0 (ablated) to 1 (the "
                                  "network as it is); empty = leave that out",
                          .min = 0,
                          .max = 1});
    s.field(&O::regions, {.name = "regions", .title = "Region scores", .help = "V_Rand too, which is most of the work"});
    s.field(&O::seed, {.name = "seed",
                       .title = "Seed",
                       .help = "Chooses which slice gives its skips to which",
                       .min = 0,
                       .max = 1e15,
                       .advanced = true});
    s.field(&O::memory, {.name = "memory",
                         .title = "Memory",
                         .help = "Most that the predictions of a slice under several changes may take at once; with less, "
                                 "large slices take longer",
                         .unit = "MiB",
                         .min = 1,
                         .max = 1048576,
                         .advanced = true});
    s.field(&O::wavelet, {.name = "wavelet",
                          .title = "Filter",
                          .help = "Wavelet of the power per level; db1 (Haar) tells best where a pixel lies",
                          .choices = waveletNames(),
                          .group = "Detail"});
    s.field(&O::mode, {.name = "mode",
                       .title = "Border",
                       .help = "How slices go on beyond their border",
                       .choices = waveletModeNames(),
                       .group = "Detail",
                       .advanced = true});
    s.field(&O::levels, {.name = "levels",
                         .title = "Levels",
                         .help = "Levels of detail; 0 = as many as the slices allow, at most 8",
                         .min = 0,
                         .max = 16,
                         .group = "Detail"});
    addPredictionFields(s);
    return s;
}

namespace {

class SkipStudy : public Analysis
{
public:
    explicit SkipStudy(SkipStudyOptions options) { m.options = std::move(options); }

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        const auto &o = m.options;
        std::ranges::sort(m.options.factors);
        if (!o.ablate && !o.shuffle && !o.mean && (o.factors.empty() || o.factors.front() == 1))
            throw Error({"skip-study", "at least one of ablate, shuffle, mean and factors below 1", "none of them", {}});
        if (o.part == "folds")
            throw Error({"part", "slices of one run", "those of all folds", "take part=test"});
        chooseRuns(input);
        std::optional<SliceProgress> progress;
        for (std::size_t i = 0; i < m_runs.size() + m_retrained.size(); ++i) {
            const bool retrained = i >= m_runs.size();
            const auto &info = retrained ? m_retrained[i - m_runs.size()] : m_runs[i];
            AnalysisInput one = input;
            one.run = info.id;
            SegmentationInput source(o, one, SegmentationInput::Runs::All);
            const auto what = fmt::format("run {}", info.id);
            SkipKnockout net(*source.predictor(), what, retrained ? SkipKnockout::Skips::AnyNumber : SkipKnockout::Skips::Some);
            if (i == 0) {
                source.requireOneSize();
                begin(source, net);
                const auto n = static_cast<std::int64_t>(source.slices().size());
                progress.emplace(events, control, input.run, "skip-study",
                                 n * (static_cast<std::int64_t>(m_runs.size()) * (o.mean ? 2 : 1) +
                                      static_cast<std::int64_t>(m_retrained.size())));
            }
            StudiedNetwork network;
            network.run = info.id;
            network.seed = seedOf(info);
            if (i > 0)
                requireSame(source, what);
            if (retrained)
                network.without = leftOut(net, what);
            network.changes = m_plan;
            if (retrained)
                network.changes.resize(1);
            m_example = i == 0;
            try {
                study(source, net, network, *progress);
            } catch (const Error &e) {
                if (e.kind() != Error::Kind::Cancelled || control.ending() != RunControl::End::Stop)
                    throw;
            }
            for (const auto &note : source.notes())
                if (std::ranges::find(m_warnings, note) == m_warnings.end())
                    m_warnings.push_back(note);
            const auto n = network.slices.size(), all = source.slices().size();
            if (i == 0 && n == 0)
                throw Error(Error::Kind::Cancelled, "skip-study", "stopped before the first slice was done");
            if (n == all || i == 0)
                (retrained ? m.retrained : m.networks).push_back(std::move(network));
            if (n < all) {
                m_warnings.push_back(
                    i == 0 ? fmt::format("Stopped after {} of {} slices.", n, all)
                           : fmt::format("Stopped after {} of {} networks.", i, m_runs.size() + m_retrained.size()));
                break;
            }
        }
        return report();
    }

private:
    /// Which networks are studied.
    void chooseRuns(const AnalysisInput &input)
    {
        const auto &o = m.options;
        std::vector<std::int64_t> ids;
        if (input.run > 0)
            ids.push_back(input.run);
        for (const auto id : o.runs)
            if (std::ranges::find(ids, id) == ids.end())
                ids.push_back(id);
        if (ids.empty())
            throw Error({"run", "a trained run whose skip connections are changed", "none", "give --run N, or runs=1,2,…"});
        if (!input.project)
            throw Error({"run", "a project to find it in", "none", {}});
        for (const auto id : ids) {
            m_runs.push_back(input.project->run(id));
            for (const char *section : {"model", "data"})
                if (alike(m_runs.back(), section, true) != alike(m_runs.front(), section, true))
                    throw Error({"runs", fmt::format("runs of the same model and data as run {}", ids.front()),
                                 fmt::format("run {}, whose {} differs", id, section), "leave it out"});
        }
        for (const auto &run : m_runs)
            warnOfUnfinished(run);
        // Of what is found by itself, the runs that were trained to their end, of a seed the latest.
        const bool find = o.retrained && o.retrainedRuns.empty();
        std::vector<RunInfo> alikes, others;
        for (const auto &other : input.project->runs()) {
            const bool known = std::ranges::find(ids, other.id) != ids.end();
            if (known || !(o.seeds || find) || other.status != RunStatus::Done || !hasModel(*input.project, other.id))
                continue;
            const auto sameAs = [&](const RunInfo &r) { return seedOf(r) == seedOf(other) && alike(r, other, true); };
            const auto put = [&](std::vector<RunInfo> &found) {
                std::erase_if(found, sameAs);
                found.push_back(other);
            };
            if (alike(other, m_runs.front(), true)) {
                if (o.seeds && std::ranges::none_of(m_runs, sameAs))
                    put(alikes);
            } else if (find && alike(other, m_runs.front(), false) &&
                       std::ranges::includes(withoutSkips(other), withoutSkips(m_runs.front()))) {
                put(others);
            }
        }
        m_runs.insert(m_runs.end(), alikes.begin(), alikes.end());
        for (std::size_t a = 0; a < m_runs.size(); ++a)
            for (std::size_t b = a + 1; b < m_runs.size(); ++b)
                if (seedOf(m_runs[a]) == seedOf(m_runs[b]))
                    m_warnings.push_back(fmt::format("Runs {} and {} have the same seed: they are not independent, so "
                                                     "the spread over runs is too small.",
                                                     m_runs[a].id, m_runs[b].id));
        // Where the seed chooses the slices, those of another seed say little of these.
        for (const auto &other : others)
            if (!slicesBySeed(other) || std::ranges::any_of(m_runs, [&](const RunInfo &r) { return seedOf(r) == seedOf(other); }))
                m_retrained.push_back(other);
        if (o.retrained)
            for (const auto id : o.retrainedRuns) {
                if (std::ranges::any_of(m_retrained, [&](const RunInfo &r) { return r.id == id; }))
                    continue;
                m_retrained.push_back(input.project->run(id));
                warnOfUnfinished(m_retrained.back());
                if (alike(m_retrained.back(), "data", true) != alike(m_runs.front(), "data", true))
                    throw Error({"retrained-runs", fmt::format("runs of the same data as run {}", ids.front()),
                                 fmt::format("run {}, whose data differ", id), "leave it out"});
            }
    }

    void warnOfUnfinished(const RunInfo &run)
    {
        if (run.status != RunStatus::Done)
            m_warnings.push_back(
                fmt::format("Run {} was not trained to its end ({}): studied is what it kept.", run.id, nameOf(run.status)));
    }

    static bool hasModel(const Project &project, std::int64_t run) { return reticle::hasModel(project.runFolder(run)); }

    /// What all networks share, and what is changed, in which order.
    void begin(const SegmentationInput &source, const SkipKnockout &net)
    {
        const auto &o = m.options;
        m.names = net.names();
        m.what = source.what();
        m.images = source.predictor()->pixels() == PixelOutput::Values;
        m.className = m.images ? "" : source.className(o.classIndex);
        m.pixelSize = source.pixelSize();
        m.thresholds = m.images ? std::vector{nan} : standardThresholds();
        const auto info = pageInfo(*source.images(), source.slices().front());
        WaveletSpectrumOptions levels;
        levels.wavelet = o.wavelet;
        levels.levels = o.levels;
        m_levels.emplace(waveletFilter(o.wavelet), waveletMode(o.mode), info.height, info.width,
                         spectrumLevels(levels, std::min(info.height, info.width), m_warnings));
        m.layout = m_levels->layout();

        m_plan.emplace_back();
        std::vector<int> all;
        for (std::size_t i = 0; i < m.names.size(); ++i)
            all.push_back(static_cast<int>(i));
        const auto add = [&](SkipWay way, double factor = 0) {
            for (const int i : all)
                m_plan.push_back({{way, {i}, factor}, m.names[static_cast<std::size_t>(i)], {}, {}, {}});
            if (all.size() > 1)
                m_plan.push_back({{way, all, factor}, "all", {}, {}, {}});
        };
        if (o.ablate)
            add(SkipWay::Ablated);
        m_shuffles = o.shuffle && source.slices().size() > 1;
        if (m_shuffles) {
            add(SkipWay::Shuffled);
        } else if (o.shuffle) {
            m_warnings.push_back("There is one slice only, so no other one to take skips from: "
                                 "nothing was shuffled.");
        }
        if (o.mean)
            add(SkipWay::Mean);
        // What is known anyway is not worked out again: 0 is ablated, 1 the network as it is.
        for (std::size_t i = 0; i < o.factors.size(); ++i)
            if (o.factors[i] < 1 && !(o.ablate && o.factors[i] == 0) && (i == 0 || o.factors[i] != o.factors[i - 1]))
                add(SkipWay::Scaled, o.factors[i]);
        if (m_plan.size() == 1)
            throw Error({"part", "at least two slices to shuffle skips between", "one", "choose another part"});
    }

    void requireSame(const SegmentationInput &source, const std::string &what) const
    {
        if ((source.predictor()->pixels() == PixelOutput::Values) != m.images)
            throw Error({what, m.images ? "an autoencoder, as the first run" : "a run that segments, as the first run",
                         m.images ? "a run that segments" : "an autoencoder", "leave it out"});
        source.requireOneSize();
        const auto info = pageInfo(*source.images(), source.slices().front());
        if (info.height != m.layout.rows || info.width != m.layout.columns)
            throw Error({what, fmt::format("images of {} x {} px, as of the first run", m.layout.columns, m.layout.rows),
                         fmt::format("{} x {}", info.width, info.height), "leave it out"});
    }

    /// The skips that a retrained network has not.
    std::vector<int> leftOut(const SkipKnockout &net, const std::string &what) const
    {
        std::vector<int> without;
        for (std::size_t i = 0; i < m.names.size(); ++i)
            if (std::ranges::find(net.names(), m.names[i]) == net.names().end())
                without.push_back(static_cast<int>(i));
        if (without.empty())
            throw Error({what, "a network trained without some of " + fmt::format("{}", fmt::join(m.names, ", ")),
                         "one that has them all", "train it with the model's without-skips, or leave it out"});
        return without;
    }

    void study(SegmentationInput &source, SkipKnockout &net, StudiedNetwork &network, SliceProgress &progress)
    {
        const auto &o = m.options;
        const auto &pages = source.slices();
        const auto n = static_cast<std::int64_t>(pages.size());
        const bool changes = network.changes.size() > 1;
        const auto donors = changes && m_shuffles ? derangement(source.slices().size(), static_cast<std::uint64_t>(o.seed))
                                                  : std::vector<std::size_t>();
        // Fewer at once where memory is short, which changes no number.
        const auto planes = std::min(o.memory << 20, freeMemory(true) / 8);
        const auto atOnce =
            std::min(network.changes.size(), static_cast<std::size_t>(net.atOnce(m.layout.rows, m.layout.columns, planes)));
        net.fitMemory(m.layout.rows, m.layout.columns, static_cast<std::int64_t>(atOnce), !donors.empty());
        if (o.mean && changes)
            for (std::int64_t i = 0; i < n; ++i, ++m_done) {
                if (!progress.at(m_done))
                    return;
                net.addToMeans(*source.images(), pages[static_cast<std::size_t>(i)], progress.within(m_done));
            }
        const int threads = threadCount(0);
        m_work.resize(static_cast<std::size_t>(threads));
        for (std::int64_t i = 0; i < n; ++i, ++m_done) {
            if (!progress.at(m_done))
                return;
            const auto at = static_cast<std::size_t>(i);
            const auto donor = donors.empty() ? pages[at] : pages[donors[at]];
            SegmentedSlice slice;
            slice.index = pages[at];
            if (!m.images)
                slice = source.given(at);
            const Array scaled = m.images ? net.scaled(*source.images(), pages[at]) : Array();
            const bool shown = m_example && (i == 0 || i == n / 2);
            // Kept when the slice is done, so that a study that is stopped has it with all changes or not at all.
            std::vector<OfSlice> found(network.changes.size());
            for (std::size_t first = 0; first < found.size(); first += atOnce) {
                const auto many = std::min(atOnce, found.size() - first);
                std::vector<SkipChange> batch;
                for (std::size_t k = first; k < first + many; ++k)
                    batch.push_back(network.changes[k].change);
                const auto predicted = net.predict(*source.images(), pages[at], donor, batch, [&](double part) {
                    return progress.at(m_done, (static_cast<double>(first) + part * static_cast<double>(many)) /
                                                   static_cast<double>(found.size()));
                });
                if (m.images) // LibTorch's own threads do these
                    for (std::size_t k = 0; k < many; ++k)
                        found[first + k].curve.push_back({{}, imageScores(predicted[k], scaled, source.valueRange())});
                inParallel(static_cast<std::int64_t>(many), threads, [&](std::int64_t k, int thread) {
                    const Array &output = predicted[static_cast<std::size_t>(k)];
                    auto &f = found[first + static_cast<std::size_t>(k)];
                    const Array p = m.images ? channelMean(output) : classProbability(output, o.classIndex);
                    if (!m.images)
                        for (const auto &scores :
                             thresholdCurve(p, slice.truth, o.classIndex, source.objectsAreClass(), m.thresholds, o.regions))
                            f.curve.push_back({scores, {}});
                    f.power = sums(p, thread);
                    if (shown)
                        f.example = middleOf(p, exampleSide).clone();
                });
            }
            network.slices.push_back(slice.index);
            if (!donors.empty())
                network.donors.push_back(donor);
            if (m.images) {
                m.channels = scaled.dim(0);
                network.originals.push_back(sums(channelMean(scaled), 0));
            }
            if (shown) {
                if (m.images)
                    m.original = middleOf(channelMean(scaled), exampleSide).clone();
                else
                    m.shown = middleOf(slice, exampleSide);
                m.example = i;
            }
            for (std::size_t k = 0; k < found.size(); ++k) {
                auto &c = network.changes[k];
                c.curves.push_back(std::move(found[k].curve));
                c.power.push_back(std::move(found[k].power));
                if (shown)
                    c.example = std::move(found[k].example);
            }
        }
        progress.at(m_done);
    }

    WaveletSums sums(const Array &plane, int thread)
    {
        const Array image = plane.as(DType::Float64);
        std::vector<double> coefficients(static_cast<std::size_t>(m.layout.size));
        m_levels->forward(image.data<double>(), coefficients.data(), m_work[static_cast<std::size_t>(thread)]);
        return sumsOf(m.layout, coefficients.data());
    }

    static Json number(double v) { return std::isfinite(v) ? Json(v) : Json(nullptr); }

    /// Scores and power of each change; `cost` and `ratio` of one network or of all.
    template <class Cost, class Ratio> Json changesJson(Cost &&cost, Ratio &&ratio) const
    {
        Json all = Json::array();
        for (std::size_t i = 1; i < m.changes().size(); ++i) {
            const auto &change = m.changes()[i];
            const bool scaled = change.change.way == SkipWay::Scaled;
            Json j = {{"skip", change.skip}, {"way", scaled ? "scaled" : nameOf(change.act())}};
            if (scaled)
                j["factor"] = change.change.factor;
            for (const auto &s : m.scores()) {
                const StudyCost c = cost(i, s);
                j[s.key + "-drop"] = number(c.drop);
                if (!m.images)
                    j[s.key + "-own-drop"] = number(c.ownDrop);
                j[s.key + "-reliance"] = number(c.reliance);
            }
            const std::vector<double> levels = ratio(i);
            j["power-ratio"] = Json::array();
            for (auto it = levels.rbegin(); it != levels.rend(); ++it) // coarse to fine
                j["power-ratio"].push_back(number(*it));
            all.push_back(std::move(j));
        }
        return all;
    }

    template <class Cost> void addScores(Json &j, Cost &&cost) const
    {
        for (const auto &s : m.scores()) {
            const StudyCost c = cost(s);
            j[s.key] = number(c.value);
            if (!m.images)
                j[s.key + "-threshold"] = number(c.threshold);
        }
    }

    Result report()
    {
        std::vector<std::int64_t> elsewhere;
        for (const auto &again : m.retrained)
            if (std::ranges::none_of(m.networks, [&](const StudiedNetwork &n) { return n.slices == again.slices; }))
                elsewhere.push_back(again.run);
        if (!elsewhere.empty())
            m_warnings.push_back(fmt::format("The retrained run{} {} {} scored on other slices than the networks, so "
                                             "what was won back also holds the difference between slices.",
                                             elsewhere.size() > 1 ? "s" : "", fmt::join(elsewhere, ", "),
                                             elsewhere.size() > 1 ? "were" : "was"));
        if (m.several()) {
            std::vector<std::int64_t> ids;
            for (const auto &n : m.networks)
                ids.push_back(n.run);
            m.what = fmt::format("runs {}{}", fmt::join(ids, ", "), m.what.substr(fmt::format("run {}", ids.front()).size()));
        }
        Result r;
        r.name = "skip-study";
        r.tables = skipTables(m);
        r.figures = skipFigures(m);
        r.values = {{"slices", m.networks.front().slices.size()},
                    {"skips", m.names},
                    {"detail", {{"wavelet", m.options.wavelet}, {"levels", m.layout.levels.size()}}}};
        if (!m.images)
            r.values["class"] = m.className;
        addScores(r.values, [&](const StudyScore &s) { return m.cost(0, s); });
        r.values["changes"] = changesJson([&](std::size_t i, const StudyScore &s) { return m.cost(i, s); },
                                          [&](std::size_t i) { return m.powerRatio(i); });
        if (m.several()) {
            r.values["networks"] = Json::array();
            for (const auto &n : m.networks) {
                Json j = {{"run", n.run}, {"seed", n.seed}};
                addScores(j, [&](const StudyScore &s) { return m.cost(n, 0, s); });
                j["changes"] = changesJson([&](std::size_t i, const StudyScore &s) { return m.cost(n, i, s); },
                                           [&](std::size_t i) { return m.powerRatio(n, i); });
                r.values["networks"].push_back(std::move(j));
            }
        }
        if (!m.retrained.empty()) {
            r.values["retrained"] = Json::array();
            for (const auto &s : m.scores())
                for (const auto &scores : m.retrainedScores(s))
                    r.values["retrained"].push_back({{"skip", m.changes()[scores.change].skip},
                                                     {"score", s.key},
                                                     {"as-it-is", number(scores.whole.mean)},
                                                     {"knocked-out", number(scores.knocked.mean)},
                                                     {"retrained", number(scores.retrained.mean)},
                                                     {"won-back", number(scores.back)}});
        }
        r.summary = skipText(m);
        r.warnings = m_warnings;
        return r;
    }

    /// Of one slice under one change.
    struct OfSlice
    {
        std::vector<StudyScores> curve;
        WaveletSums power;
        Array example;
    };

    SkipMeasurement m;
    std::vector<RunInfo> m_runs, m_retrained;
    std::vector<StudiedChange> m_plan; ///< for each network, still empty
    bool m_shuffles = false, m_example = false;
    std::optional<WaveletPlan<double>> m_levels;
    std::vector<WaveletPlan<double>::Work> m_work; ///< of each thread
    std::int64_t m_done = 0;                       ///< slices, of all networks
    std::vector<std::string> m_warnings;
};

const Capability skipStudyCapability("skips", "model", "needs a network with skip connections");
const RequiresCapability skipStudySkips("skip-study", "skips");
const Registration<AnalysisFactory> skipStudyRegistration(SkipStudyOptions::schema().info(), [](const Json &options) {
    return std::make_unique<SkipStudy>(SkipStudyOptions::schema().read(options, "skip-study"));
});

} // namespace

} // namespace reticle
