#include "analysis/wavelet/WaveletSpectrum.h"
#include "foundation/Nan.h"

#include <cmath>

namespace reticle {

namespace {

constexpr std::pair<PowerBands, const char *> allBands[] = {
    {PowerBands::All, "all"}, {PowerBands::H, "H"}, {PowerBands::V, "V"}, {PowerBands::D, "D"}};

/// One row a level, sets one after the other, coarse to fine.
Table powerTable(const WaveletMeasurement &m)
{
    std::vector<std::string> set, level;
    std::vector<std::int64_t> images, count, from;
    std::vector<double> to, fromNm, energy, absolute, power, sd, anisotropy;
    std::vector<double> ratio, raw, byOrientation[3];
    const auto names = m.levelNames();
    const auto details = m.detailsOnly();
    for (std::size_t k = 0; k < m.sets.size(); ++k) {
        const auto sum = m.sum(k);
        const auto p = m.power(k, m.measure(), m.bands());
        const auto r = m.ratio(k, m.bands()), w = m.rawRatio(k, m.bands());
        std::vector<double> o[3] = {details.ratio(k, PowerBands::H), details.ratio(k, PowerBands::V),
                                    details.ratio(k, PowerBands::D)};
        for (auto &v : o)
            v.resize(names.size(), nan); // the approximation has no orientation
        for (std::size_t row = 0; row < names.size(); ++row) {
            const std::size_t i = names.size() - 1 - row;
            const bool detail = i < m.layout.levels.size();
            set.push_back(m.sets[k].name);
            level.push_back(names[row]);
            images.push_back(static_cast<std::int64_t>(m.sets[k].images.size()));
            const std::int64_t period = std::int64_t{1} << (detail ? i + 1 : m.layout.levels.size() + 1);
            from.push_back(period);
            to.push_back(detail ? 2 * static_cast<double>(period) : nan); // the rest
            fromNm.push_back(static_cast<double>(period) * m.pixelSize);
            count.push_back(detail ? static_cast<std::int64_t>(coefficientsOf(m.layout, i, m.bands()))
                                   : m.layout.approximationRows * m.layout.approximationColumns);
            energy.push_back(detail ? picked(sum.levels[i].energy, m.bands()) : sum.approximationEnergy);
            absolute.push_back(detail ? picked(sum.levels[i].absolute, m.bands()) : sum.approximationAbsolute);
            power.push_back(p.value[i]);
            sd.push_back(p.sd[i]);
            ratio.push_back(r[i]);
            raw.push_back(w[i]);
            for (int b = 0; b < 3; ++b)
                byOrientation[b].push_back(o[b][i]);
            anisotropy.push_back(detail ? anisotropyOf(sum.levels[i]) : nan);
        }
    }
    Table t;
    t.title = "Power per level";
    t.columns = {
        {"set", "", set}, {"level", "", level}, {"images", "", images}, {"period from", "px", from}, {"to", "px", to, 0}};
    if (m.pixelSize > 0)
        t.columns.push_back({"smallest period", "nm", fromNm, 0});
    t.columns.push_back({"coefficients an image", "", count});
    t.columns.push_back({"energy", "", energy});
    t.columns.push_back({"absolute sum", "", absolute});
    t.columns.push_back({m.options.measure, "", power, 6});
    t.columns.push_back({"sd over images", "", sd, 6});
    if (m.sets.size() > 1) {
        t.columns.push_back({"ratio", "", ratio, 4});
        t.columns.push_back({"raw ratio", "", raw, 4});
        t.columns.push_back({"ratio H", "", byOrientation[0], 4});
        t.columns.push_back({"ratio V", "", byOrientation[1], 4});
        t.columns.push_back({"ratio D", "", byOrientation[2], 4});
    }
    t.columns.push_back({"anisotropy H/(H+V)", "", anisotropy, 4});
    return t;
}

/// Everything, one number a row.
Table longTable(const WaveletMeasurement &m)
{
    std::vector<std::string> model, level, orientation, measure;
    std::vector<double> value, sd;
    std::vector<std::int64_t> images;
    const auto names = m.levelNames();
    const auto details = m.detailsOnly();
    const auto add = [&](std::size_t k, const char *bands, const std::string &what, const std::vector<double> &values,
                         const std::vector<double> &spread, std::int64_t count) {
        for (std::size_t row = names.size() - values.size(); row < names.size(); ++row) {
            const std::size_t i = names.size() - 1 - row;
            model.push_back(m.sets[k].name);
            level.push_back(names[row]);
            orientation.push_back(bands);
            measure.push_back(what);
            value.push_back(values[i]);
            sd.push_back(spread.empty() ? nan : spread[i]);
            images.push_back(count);
        }
    };
    for (std::size_t k = 0; k < m.sets.size(); ++k)
        for (const auto &[bands, text] : allBands) {
            const auto &from = bands == PowerBands::All ? m : details; // the approximation has no orientation
            for (const auto &what : powerMeasureNames()) {
                const auto p = from.power(k, powerMeasure(what), bands);
                add(k, text, what, p.value, p.sd, p.count);
            }
            if (k > 0) {
                const auto all = static_cast<std::int64_t>(m.sets[k].images.size());
                add(k, text, "ratio", from.ratio(k, bands), {}, from.power(k, from.share(), bands).count);
                add(k, text, "raw-ratio", from.rawRatio(k, bands), {}, all);
            }
        }
    Table t;
    t.title = "Values";
    t.columns = {{"model", "", model}, {"level", "", level}, {"orientation", "", orientation}, {"measure", "", measure},
                 {"value", "", value}, {"sd", "", sd},       {"n_images", "", images}};
    return t;
}

Table fourierTable(const WaveletMeasurement &m)
{
    Table t;
    t.title = "Fourier power";
    t.columns = {{"frequency", "cycles/px", m.frequencies}};
    for (const auto &s : m.sets)
        t.columns.push_back({s.name, "", s.fourier});
    return t;
}

} // namespace

std::vector<Table> spectrumTables(const WaveletMeasurement &m)
{
    return {powerTable(m), longTable(m), fourierTable(m)};
}

Table thresholdTable(const WaveletMeasurement &m, const std::vector<Array> &images)
{
    std::vector<std::string> set;
    std::vector<double> sigma, threshold;
    std::vector<std::int64_t> pixels;
    for (std::size_t k = 0; k < images.size(); ++k) {
        // Level 1 is the same however many follow.
        const auto noise = noiseOf(decompose(images[k], waveletFilter(m.options.wavelet), waveletMode(m.options.mode), 1));
        set.push_back(m.sets[k].name);
        sigma.push_back(noise.sigma);
        pixels.push_back(noise.n);
        threshold.push_back(noise.threshold);
    }
    Table t;
    t.title = "Threshold";
    t.columns = {{"set", "", set}, {"sigma", "", sigma}, {"pixels", "", pixels}, {"threshold", "", threshold}};
    return t;
}

} // namespace reticle
