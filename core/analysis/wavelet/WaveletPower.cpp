#include "analysis/wavelet/WaveletPower.h"

#include "foundation/Error.h"
#include "foundation/Nan.h"
#include "imaging/SegmentationScores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace reticle {

namespace {

void add(const double *c, std::int64_t n, double &energy, double &absolute)
{
    // Four sums at once, so that additions need not wait for one another.
    double e[4] = {0, 0, 0, 0}, a[4] = {0, 0, 0, 0};
    std::int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; ++k) {
            e[k] += c[i + k] * c[i + k];
            a[k] += std::abs(c[i + k]);
        }
    for (; i < n; ++i) {
        e[0] += c[i] * c[i];
        a[0] += std::abs(c[i]);
    }
    energy += (e[0] + e[1]) + (e[2] + e[3]);
    absolute += (a[0] + a[1]) + (a[2] + a[3]);
}

bool isShare(PowerMeasure m)
{
    return m == PowerMeasure::EnergyShare || m == PowerMeasure::AbsoluteShare;
}

/// Power before it is normalized.
std::vector<double> plainSums(const WaveletSums &sums, PowerMeasure measure, PowerBands bands, bool approximation)
{
    const bool energy = measure == PowerMeasure::EnergyShare || measure == PowerMeasure::Energy;
    std::vector<double> p;
    for (const auto &l : sums.levels)
        p.push_back(energy ? picked(l.energy, bands) : picked(l.absolute, bands));
    if (approximation)
        p.push_back(energy ? sums.approximationEnergy : sums.approximationAbsolute);
    return p;
}

} // namespace

double picked(const double (&bands)[3], PowerBands which)
{
    return which == PowerBands::All ? bands[0] + bands[1] + bands[2] : bands[static_cast<int>(which)];
}

WaveletSums &WaveletSums::operator+=(const WaveletSums &other)
{
    levels.resize(std::max(levels.size(), other.levels.size()));
    for (std::size_t l = 0; l < other.levels.size(); ++l)
        for (int o = 0; o < 3; ++o) {
            levels[l].energy[o] += other.levels[l].energy[o];
            levels[l].absolute[o] += other.levels[l].absolute[o];
        }
    approximationEnergy += other.approximationEnergy;
    approximationAbsolute += other.approximationAbsolute;
    return *this;
}

bool WaveletSums::hasDetails() const
{
    return std::any_of(levels.begin(), levels.end(), [](const Level &l) { return picked(l.energy, PowerBands::All) > 0; });
}

WaveletSums sumsOf(const WaveletLayout &layout, const double *c)
{
    WaveletSums s;
    add(c, layout.approximationRows * layout.approximationColumns, s.approximationEnergy, s.approximationAbsolute);
    for (auto it = layout.levels.rbegin(); it != layout.levels.rend(); ++it) {
        WaveletSums::Level l;
        for (int o = 0; o < 3; ++o)
            add(c + it->offset[o], it->rows * it->columns, l.energy[o], l.absolute[o]);
        s.levels.push_back(l);
    }
    // Filters other than haar leave roundings of a constant image (some filters are given to 1e-12 only): no detail.
    const double whole = s.approximationEnergy * 1e-22;
    for (auto &l : s.levels)
        for (int o = 0; o < 3; ++o)
            if (l.energy[o] <= whole)
                l.energy[o] = l.absolute[o] = 0;
    return s;
}

const std::vector<std::string> &powerMeasureNames()
{
    static const std::vector<std::string> names{"energy-share", "absolute-share", "energy", "absolute"};
    return names;
}

PowerMeasure powerMeasure(const std::string &name)
{
    const auto &names = powerMeasureNames();
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end())
        throw Error({"measure", "energy-share, absolute-share, energy or absolute", "\"" + name + "\"", {}});
    return static_cast<PowerMeasure>(it - names.begin());
}

double coefficientsOf(const WaveletLayout &layout, std::size_t level, PowerBands bands)
{
    const auto &l = layout.level(static_cast<int>(level) + 1);
    return static_cast<double>(l.rows * l.columns) * (bands == PowerBands::All ? 3 : 1);
}

std::vector<double> powerOf(const WaveletSums &sums, const WaveletLayout &layout, PowerMeasure measure, PowerBands bands,
                            bool approximation, std::int64_t images)
{
    std::vector<double> p = plainSums(sums, measure, bands, approximation);
    const double whole = std::accumulate(p.begin(), p.end(), 0.0);
    for (std::size_t i = 0; i < p.size(); ++i) {
        if (isShare(measure)) {
            p[i] = whole > 0 ? p[i] / whole : 0;
            continue;
        }
        const double n = i < sums.levels.size() ? coefficientsOf(layout, i, bands)
                                                : static_cast<double>(layout.approximationRows * layout.approximationColumns);
        p[i] /= n * static_cast<double>(images);
    }
    return p;
}

SetPower powerOfSet(const std::vector<WaveletSums> &images, const WaveletLayout &layout, PowerMeasure measure, PowerBands bands,
                    bool approximation, bool pooled)
{
    std::vector<std::vector<double>> each; // by entry
    SetPower s;
    WaveletSums all;
    all.levels.resize(layout.levels.size());
    for (const auto &image : images) {
        all += image;
        const auto sums = plainSums(image, measure, bands, approximation);
        if (isShare(measure) && std::ranges::none_of(sums, [](double v) { return v > 0; }))
            continue;
        ++s.count;
        const auto p = powerOf(image, layout, measure, bands, approximation);
        each.resize(p.size());
        for (std::size_t i = 0; i < p.size(); ++i)
            each[i].push_back(p[i]);
    }
    s.value = powerOf(all, layout, measure, bands, approximation, static_cast<std::int64_t>(images.size()));
    s.sd.assign(s.value.size(), nan);
    for (std::size_t i = 0; i < each.size(); ++i) {
        const Mean m = meanOf(each[i]);
        s.sd[i] = m.sd;
        if (!pooled)
            s.value[i] = m.mean;
    }
    return s;
}

std::vector<double> ratioOf(const std::vector<double> &a, const std::vector<double> &b)
{
    std::vector<double> r;
    for (std::size_t i = 0; i < a.size(); ++i)
        r.push_back(b[i] != 0 ? a[i] / b[i] : nan);
    return r;
}

std::vector<double> logRatioSd(const std::vector<WaveletSums> &a, const std::vector<WaveletSums> &b, const WaveletLayout &layout,
                               PowerMeasure measure, PowerBands bands, bool approximation)
{
    std::vector<std::vector<double>> logs(layout.levels.size() + approximation);
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const auto p = powerOf(a[i], layout, measure, bands, approximation);
        const auto q = powerOf(b[i], layout, measure, bands, approximation);
        for (std::size_t l = 0; l < p.size(); ++l)
            if (p[l] > 0 && q[l] > 0)
                logs[l].push_back(std::log(p[l] / q[l]));
    }
    std::vector<double> sd;
    for (const auto &v : logs)
        sd.push_back(v.size() < 2 ? nan : meanOf(v).sd);
    return sd;
}

double anisotropyOf(const WaveletSums::Level &l)
{
    const double both = l.energy[0] + l.energy[1];
    return both > 0 ? l.energy[0] / both : nan;
}

} // namespace reticle
