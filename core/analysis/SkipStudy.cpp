#include "analysis/SkipStudy.h"

#include "analysis/WaveletSpectrum.h"
#include "base/Parallel.h"
#include "learn/Inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
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

} // namespace

Schema<SkipStudyOptions> SkipStudyOptions::schema()
{
    using O = SkipStudyOptions;
    Schema<O> s("skip-study", "What the skip connections give",
                "Changes each skip connection of a trained network, one at a time and all together, and "
                "compares Dice, "
                "V_Rand, pixel error (of an autoencoder RMSE and structural similarity) and the wavelet "
                "power of the "
                "output with those of the network as it is. Replacing by the mean is the fair way: zeros "
                "also shift "
                "what the next layer is used to. An autoencoder has no class, objects or region scores.");
    addPartFields(s);
    s.field(&O::silence, {.name = "silence", .title = "Silence", .help = "Put zeros in a skip's place"});
    s.field(&O::shuffle, {.name = "shuffle",
                          .title = "Shuffle",
                          .help = "Put the same skip of another slice in its place; needs two slices"});
    s.field(&O::mean, {.name = "mean",
                       .title = "Mean",
                       .help = "Put each channel's mean over the tiles of all slices in a skip's place"});
    s.field(&O::regions,
            {.name = "regions", .title = "Region scores", .help = "V_Rand too, which is most of the work"});
    s.field(&O::seed, {.name = "seed",
                       .title = "Seed",
                       .help = "Chooses which slice gives its skips to which",
                       .min = 0,
                       .max = 1e15,
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

std::string nameOf(SkipWay way)
{
    return way == SkipWay::Silenced ? "silenced" : way == SkipWay::Shuffled ? "shuffled" : "mean";
}

// ---- numbers
// --------------------------------------------------------------------------------------------------------

std::vector<StudyScore> SkipMeasurement::scores() const
{
    if (images)
        return {{"rmse", "RMSE", [](const StudyScores &s) { return s.image.rmse; }, true, false},
                {"ssim", "SSIM", [](const StudyScores &s) { return s.image.similarity; }, false, false}};
    std::vector<StudyScore> all{
        {"dice", "Dice", [](const StudyScores &s) { return s.classes.pixels.dice(); }, false, false},
        {"iou", "IoU", [](const StudyScores &s) { return s.classes.pixels.iou(); }, false, false},
        {"v-rand", "V_Rand", [](const StudyScores &s) { return s.classes.regions.vRand; }, false, true},
        {"pixel-error", "pixel error", [](const StudyScores &s) { return s.classes.pixels.pixelError(); }, true,
         false}};
    if (!options.regions)
        std::erase_if(all, [](const StudyScore &s) { return s.region; });
    return all;
}

StudyScore SkipMeasurement::score(const std::string &key) const
{
    const auto all = scores();
    const auto it = std::ranges::find(all, key, &StudyScore::key);
    assert(it != all.end());
    return *it;
}

StudyCost SkipMeasurement::cost(std::size_t change, const StudyScore &score) const
{
    const auto &whole = changes.front().curves, &curves = changes[change].curves;
    const int best = bestThreshold(whole, score.of, score.smallest),
              own = bestThreshold(curves, score.of, score.smallest);
    // Of each slice, so that what differs between slices anyway is not taken for spread of the
    // drop.
    const auto drops = [&](const std::vector<std::vector<StudyScores>> &changed, int at) {
        std::vector<double> d;
        for (std::size_t i = 0; i < changed.size(); ++i) {
            const double difference = best < 0 || at < 0 ? none
                                                         : score.of(whole[i][static_cast<std::size_t>(best)]) -
                                                               score.of(changed[i][static_cast<std::size_t>(at)]);
            d.push_back(score.smallest ? -difference : difference);
        }
        return meanOf(d);
    };
    const auto value = [&](int at) {
        return at < 0 ? none : meansOverSlices(curves, score.of).first[static_cast<std::size_t>(at)];
    };
    const auto thresholdAt = [&](int at) { return at < 0 ? none : thresholds[static_cast<std::size_t>(at)]; };
    StudyCost c;
    c.threshold = thresholdAt(best);
    c.value = value(best);
    const Mean drop = drops(curves, best), ownDrop = drops(curves, own);
    c.drop = drop.mean;
    c.dropSd = drop.sd;
    c.ownThreshold = thresholdAt(own);
    c.ownBest = value(own);
    c.ownDrop = ownDrop.mean;
    c.ownDropSd = ownDrop.sd;
    c.reliance = none;
    if (change > 0) {
        const auto same = of(changes[change].change.way);
        const double all = drops(changes[same.back()].curves, best).mean;
        if (all > 0)
            c.reliance = c.drop / all;
    }
    return c;
}

std::vector<std::size_t> SkipMeasurement::of(SkipWay way) const
{
    std::vector<std::size_t> found;
    for (std::size_t i = 1; i < changes.size(); ++i)
        if (changes[i].change.way == way)
            found.push_back(i);
    return found;
}

std::vector<SkipWay> SkipMeasurement::ways() const
{
    std::vector<SkipWay> all;
    for (const auto way : {SkipWay::Silenced, SkipWay::Shuffled, SkipWay::Mean})
        if (!of(way).empty())
            all.push_back(way);
    return all;
}

std::vector<double> SkipMeasurement::powerRatio(std::size_t change) const
{
    const auto power = [&](std::size_t i) {
        return powerOfSet(changes[i].power, layout, PowerMeasure::Energy, PowerBands::All, false, true).value;
    };
    auto whole = power(0);
    const double most = *std::ranges::max_element(whole);
    // What the roundings of float32 leave at levels without detail is nothing to compare with.
    for (auto &v : whole)
        v = v > 1e-12 * most ? v : 0;
    return ratioOf(power(change), whole);
}

// ---- the analysis
// ---------------------------------------------------------------------------------------------------

namespace {

class SkipStudy : public Analysis
{
public:
    explicit SkipStudy(SkipStudyOptions options) { m.options = std::move(options); }

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        const auto &o = m.options;
        if (input.run <= 0)
            throw Error({"run", "a trained run whose skip connections are changed", "none", "give --run N"});
        if (!o.silence && !o.shuffle && !o.mean)
            throw Error({"skip-study", "at least one of silence, shuffle and mean", "none of them", {}});
        SegmentationInput source(o, input, SegmentationInput::Runs::All);
        SkipKnockout net(*source.predictor(), fmt::format("run {}", input.run));
        m.names = net.names();
        m.what = source.what();
        m.images = source.predictor()->reconstructs();
        m.className = m.images ? "" : source.className(o.classIndex);
        m.pixelSize = source.pixelSize();
        m.thresholds = m.images ? std::vector{none} : standardThresholds();
        const auto &info = source.images()->info();
        WaveletSpectrumOptions levels;
        levels.wavelet = o.wavelet;
        levels.levels = o.levels;
        const WaveletPlan<double> plan(waveletFilter(o.wavelet), waveletMode(o.mode), info.height, info.width,
                                       spectrumLevels(levels, std::min(info.height, info.width), m_warnings));
        m.layout = plan.layout();
        planChanges(source);
        const auto slices = static_cast<std::int64_t>(source.slices().size());
        SliceProgress progress(events, control, input.run, "skip-study", slices * (o.mean ? 2 : 1));
        try {
            study(source, net, plan, progress);
        } catch (const Error &e) {
            if (e.kind() != Error::Kind::Cancelled || control.ending() != RunControl::End::Stop)
                throw;
        }
        if (m.slices.empty())
            throw Error(Error::Kind::Cancelled, "skip-study", "stopped before the first slice was done");
        if (static_cast<std::int64_t>(m.slices.size()) < slices)
            m_warnings.push_back(fmt::format("Stopped after {} of {} slices.", m.slices.size(), slices));
        return report();
    }

private:
    /// What is changed, in which order.
    void planChanges(const SegmentationInput &source)
    {
        const auto &o = m.options;
        m.changes.emplace_back();
        std::vector<int> all;
        for (std::size_t i = 0; i < m.names.size(); ++i)
            all.push_back(static_cast<int>(i));
        const auto add = [&](SkipWay way) {
            for (const int i : all)
                m.changes.push_back({{way, {i}}, m.names[static_cast<std::size_t>(i)], {}, {}, {}});
            if (all.size() > 1)
                m.changes.push_back({{way, all}, "all", {}, {}, {}});
        };
        if (o.silence)
            add(SkipWay::Silenced);
        if (o.shuffle && source.slices().size() > 1) {
            add(SkipWay::Shuffled);
            m_donors = derangement(source.slices().size(), static_cast<std::uint64_t>(o.seed));
        } else if (o.shuffle) {
            m_warnings.push_back("There is one slice only, so no other one to take skips from: "
                                 "nothing was shuffled.");
            if (!o.silence && !o.mean)
                throw Error({"part", "at least two slices to shuffle skips between", "one", "choose another part"});
        }
        if (o.mean)
            add(SkipWay::Mean);
    }

    void study(SegmentationInput &source, SkipKnockout &net, const WaveletPlan<double> &plan, SliceProgress &progress)
    {
        const auto &o = m.options;
        const auto &pages = source.slices();
        const auto n = static_cast<std::int64_t>(pages.size());
        std::int64_t done = 0;
        if (o.mean)
            for (; done < n; ++done) {
                if (!progress.at(done))
                    return;
                net.addToMeans(*source.images(), pages[static_cast<std::size_t>(done)], progress.within(done));
            }
        std::vector<SkipChange> changes;
        for (const auto &c : m.changes)
            changes.push_back(c.change);
        const int threads = threadCount(0);
        std::vector<WaveletPlan<double>::Work> work(static_cast<std::size_t>(threads));
        m.example = n / 2;
        for (std::int64_t i = 0; i < n; ++i, ++done) {
            if (!progress.at(done))
                return;
            const auto at = static_cast<std::size_t>(i);
            const auto donor = m_donors.empty() ? pages[at] : pages[m_donors[at]];
            const auto predicted = net.predict(*source.images(), pages[at], donor, changes, progress.within(done));
            SegmentedSlice slice;
            slice.index = pages[at];
            if (!m.images)
                slice = source.given(at);
            m.slices.push_back(slice.index);
            if (!m_donors.empty())
                m.donors.push_back(donor);
            const auto sums = [&](const Array &plane, int thread) {
                const Array image = plane.as(DType::Float64);
                std::vector<double> coefficients(static_cast<std::size_t>(m.layout.size));
                plan.forward(image.data<double>(), coefficients.data(), work[static_cast<std::size_t>(thread)]);
                return sumsOf(m.layout, coefficients.data());
            };
            const Array scaled = m.images ? net.scaled(*source.images(), pages[at]) : Array();
            if (i == 0 || i == m.example) {
                if (m.images)
                    m.original = middleOf(channelMean(scaled), exampleSide).clone();
                else
                    m.shown = middleOf(slice, exampleSide);
                m_shownAt = i;
            }
            if (m.images) {
                m.channels = scaled.dim(0);
                m.originals.push_back(sums(channelMean(scaled), 0));
                for (std::size_t k = 0; k < changes.size(); ++k) // LibTorch's own threads do these
                    m.changes[k].curves.push_back({{{}, imageScores(predicted[k], scaled, source.valueRange())}});
            }
            inParallel(static_cast<std::int64_t>(changes.size()), threads, [&](std::int64_t k, int thread) {
                auto &c = m.changes[static_cast<std::size_t>(k)];
                const Array &output = predicted[static_cast<std::size_t>(k)];
                const Array p = m.images ? channelMean(output) : classProbability(output, o.classIndex);
                if (!m.images) {
                    auto &curve = c.curves.emplace_back();
                    for (const auto &scores : thresholdCurve(p, slice.truth, o.classIndex, source.objectsAreClass(),
                                                             m.thresholds, o.regions))
                        curve.push_back({scores, {}});
                }
                c.power.push_back(sums(p, thread));
                if (m_shownAt == i)
                    c.example = middleOf(p, exampleSide).clone();
            });
        }
        progress.at(done);
    }

    Result report()
    {
        m.example = m_shownAt;
        Result r;
        r.name = "skip-study";
        r.tables = skipTables(m);
        r.figures = skipFigures(m);
        r.values = {{"slices", m.slices.size()},
                    {"skips", m.names},
                    {"detail", {{"wavelet", m.options.wavelet}, {"levels", m.layout.levels.size()}}}};
        if (!m.images)
            r.values["class"] = m.className;
        const auto number = [](double v) { return std::isfinite(v) ? Json(v) : Json(nullptr); };
        for (const auto &s : m.scores()) {
            const auto c = m.cost(0, s);
            r.values[s.key] = number(c.value);
            if (!m.images)
                r.values[s.key + "-threshold"] = number(c.threshold);
        }
        r.values["changes"] = Json::array();
        for (std::size_t i = 1; i < m.changes.size(); ++i) {
            Json j = {{"skip", m.changes[i].skip}, {"way", nameOf(m.changes[i].change.way)}};
            for (const auto &s : m.scores()) {
                const auto c = m.cost(i, s);
                j[s.key + "-drop"] = number(c.drop);
                if (!m.images)
                    j[s.key + "-own-drop"] = number(c.ownDrop);
                j[s.key + "-reliance"] = number(c.reliance);
            }
            const auto ratio = m.powerRatio(i);
            j["power-ratio"] = Json::array();
            for (auto it = ratio.rbegin(); it != ratio.rend(); ++it) // coarse to fine
                j["power-ratio"].push_back(number(*it));
            r.values["changes"].push_back(std::move(j));
        }
        r.summary = summary();
        r.warnings = m_warnings;
        return r;
    }

    std::string summary() const
    {
        const auto s = m.score(m.images ? "rmse" : m.options.regions ? "v-rand" : "dice");
        std::string text = fmt::format("Over {} of {}{}: {} {:.4f} as it is",
                                       m.slices.size() == 1 ? "one slice" : fmt::format("{} slices", m.slices.size()),
                                       m.what, m.images ? "" : ", " + m.className, s.label, m.cost(0, s).value);
        // The fairest way that was taken speaks for the study.
        const auto way = m.ways().back();
        const auto entries = m.of(way);
        std::size_t worst = entries.front();
        for (const auto i : entries)
            if (m.changes[i].change.skips.size() == 1 && m.cost(i, s).drop > m.cost(worst, s).drop)
                worst = i;
        const char *done = way == SkipWay::Mean       ? "replaced by their mean"
                           : way == SkipWay::Shuffled ? "taken from another slice"
                                                      : "silenced";
        text += fmt::format("; of the skips {} {} costs most ({:.4f}{})", done, m.changes[worst].skip,
                            m.cost(worst, s).value, m.images ? "" : " remain");
        if (entries.size() > 1 && m.names.size() > 1)
            text +=
                fmt::format(", all together {} {:.4f}", m.images ? "give" : "leave", m.cost(entries.back(), s).value);
        return text + ".";
    }

    SkipMeasurement m;
    std::vector<std::size_t> m_donors;
    std::int64_t m_shownAt = 0;
    std::vector<std::string> m_warnings;
};

const Registration<AnalysisFactory> skipStudy(SkipStudyOptions::schema().info(), [](const Json &options) {
    return std::make_unique<SkipStudy>(SkipStudyOptions::schema().read(options, "skip-study"));
});

} // namespace

} // namespace reticle
