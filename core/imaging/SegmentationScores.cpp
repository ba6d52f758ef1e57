#include "imaging/SegmentationScores.h"

#include "foundation/Error.h"
#include "foundation/Nan.h"
#include "imaging/Imaging.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace reticle {

namespace {

double ratio(double a, double b)
{
    return b > 0 ? a / b : nan;
}

std::string sizeOf(const Array &a)
{
    std::string s;
    for (const auto n : a.shape())
        s += (s.empty() ? "" : " x ") + std::to_string(n);
    return s;
}

void requireSame(const Array &truth, const Array &other)
{
    if (truth.rank() != 2 || truth.shape() != other.shape())
        throw Error({"segmentation scores", "a prediction of the labels' size " + sizeOf(truth), sizeOf(other), {}});
}

double xlogx(double p)
{
    return p > 0 ? p * std::log(p) : 0;
}

} // namespace

double PixelCounts::pixelError() const
{
    return ratio(double(fp + fn), double(pixels()));
}
double PixelCounts::iou() const
{
    return ratio(double(tp), double(tp + fp + fn));
}
double PixelCounts::dice() const
{
    return ratio(2.0 * double(tp), double(2 * tp + fp + fn));
}
double PixelCounts::precision() const
{
    return ratio(double(tp), double(tp + fp));
}
double PixelCounts::recall() const
{
    return ratio(double(tp), double(tp + fn));
}

PixelCounts &PixelCounts::operator+=(const PixelCounts &b)
{
    tp += b.tp;
    fp += b.fp;
    fn += b.fn;
    tn += b.tn;
    return *this;
}

PixelCounts countPixels(const Array &predicted, const Array &truth, std::int64_t classIndex)
{
    requireSame(truth, predicted);
    PixelCounts c;
    for (std::int64_t i = 0, n = truth.size(); i < n; ++i) {
        const auto t = static_cast<std::int64_t>(truth.value(i));
        if (t == 255)
            continue;
        const bool is = t == classIndex, said = static_cast<std::int64_t>(predicted.value(i)) == classIndex;
        ++(is ? said ? c.tp : c.fn : said ? c.fp : c.tn);
    }
    return c;
}

RegionScores regionScores(const Array &truth, const Array &proposal)
{
    requireSame(truth, proposal);
    const Array ta = truth.as(DType::Int32), pa = proposal.as(DType::Int32);
    const auto *t = ta.data<std::int32_t>(), *p = pa.data<std::int32_t>();
    std::unordered_map<std::uint64_t, std::int64_t> pairs;
    std::unordered_map<std::int32_t, std::int64_t> a, b;
    std::int64_t n = 0, singles = 0;
    for (std::int64_t i = 0; i < ta.size();) {
        // Runs of one pair are counted at once: neighbors are mostly alike.
        std::int64_t j = i + 1;
        while (j < ta.size() && t[j] == t[i] && p[j] == p[i])
            ++j;
        if (t[i] != 0) {
            const std::int64_t run = j - i;
            n += run;
            a[t[i]] += run;
            if (p[i] == 0) {
                singles += run;
            } else {
                b[p[i]] += run;
                pairs[(static_cast<std::uint64_t>(static_cast<std::uint32_t>(t[i])) << 32) | static_cast<std::uint32_t>(p[i])] +=
                    run;
            }
        }
        i = j;
    }
    if (n == 0)
        return {nan, nan, nan, nan, nan, nan, nan, nan};

    const double total = double(n), u = double(singles) / total;
    double sAB = u / total, sA = 0, sB = u / total;
    double lAB = -u * std::log(total), lA = 0, lB = -u * std::log(total);
    for (const auto &[key, count] : pairs) {
        const double q = double(count) / total;
        sAB += q * q;
        lAB += xlogx(q);
    }
    for (const auto &[key, count] : a) {
        const double q = double(count) / total;
        sA += q * q;
        lA += xlogx(q);
    }
    for (const auto &[key, count] : b) {
        const double q = double(count) / total;
        sB += q * q;
        lB += xlogx(q);
    }
    RegionScores r;
    r.randSplit = sAB / sA;
    r.randMerge = sAB / sB;
    r.vRand = 2 * sAB / (sA + sB);
    const double information = lAB - lA - lB;
    // Entropies within rounding of 0 are of a single region.
    const bool oneA = -lA < 1e-12, oneB = -lB < 1e-12;
    r.infoSplit = oneB ? 1 : information / -lB;
    r.infoMerge = oneA ? 1 : information / -lA;
    r.vInfo = oneA || oneB ? double(oneA && oneB) : 2 * information / (-lA - lB);
    r.variationSplit = std::max(0.0, lA - lAB);
    r.variationMerge = std::max(0.0, lB - lAB);
    return r;
}

Array thinnedRegions(const Array &interior)
{
    const Array markers = labelComponents(interior, Connectivity::Four);
    Array relief(DType::Float32, markers.shape());
    for (std::int64_t i = 0; i < relief.size(); ++i)
        relief.data<float>()[i] = markers.data<std::int32_t>()[i] == 0;
    return watershed(relief, markers, nullptr, true, Connectivity::Four);
}

RegionScores regionScoresThinned(const Array &trueInterior, const Array &predictedInterior)
{
    requireSame(trueInterior, predictedInterior);
    return regionScores(labelComponents(trueInterior, Connectivity::Four), thinnedRegions(predictedInterior));
}

std::vector<double> standardThresholds()
{
    std::vector<double> t;
    for (int i = 0; i < 10; ++i)
        t.push_back(i / 10.0);
    return t;
}

std::vector<ThresholdScores> thresholdCurve(const Array &probability, const Array &truth, std::int64_t classIndex,
                                            bool objectsAreClass, const std::vector<double> &thresholds, bool regions)
{
    requireSame(truth, probability);
    const Array p = probability.as(DType::Float32);
    const Array labels = truth.as(DType::UInt8);
    const auto *value = p.data<float>();
    const auto *label = labels.data<std::uint8_t>();
    const std::int64_t n = p.size();
    Array said(DType::UInt8, truth.shape()), interior(DType::UInt8, truth.shape());
    Array trueRegions(DType::UInt8, truth.shape());
    for (std::int64_t i = 0; i < n; ++i)
        trueRegions.data<std::uint8_t>()[i] = label[i] != 255 && (label[i] == classIndex) == objectsAreClass;
    const Array trueLabels = regions ? labelComponents(trueRegions, Connectivity::Four) : Array();

    std::vector<ThresholdScores> curve;
    std::int64_t before = -1;
    for (const double threshold : thresholds) {
        ThresholdScores s;
        s.threshold = threshold;
        std::int64_t positive = 0;
        const auto limit = static_cast<float>(threshold);
        for (std::int64_t i = 0; i < n; ++i) {
            const bool is = value[i] > limit;
            said.data<std::uint8_t>()[i] = is;
            interior.data<std::uint8_t>()[i] = is == objectsAreClass;
            positive += is;
            if (label[i] == 255)
                continue;
            const bool truly = label[i] == classIndex;
            ++(truly ? is ? s.pixels.tp : s.pixels.fn : is ? s.pixels.fp : s.pixels.tn);
        }
        if (!regions)
            s.regions = {nan, nan, nan, nan, nan, nan, nan, nan};
        else if (positive == before) // a higher threshold with as many pixels: the same pixels
            s.regions = curve.back().regions;
        else
            s.regions = regionScores(trueLabels, thinnedRegions(interior));
        before = positive;
        curve.push_back(s);
    }
    return curve;
}

Mean meanOf(const std::vector<double> &values)
{
    Mean m;
    double sum = 0;
    for (const double v : values) {
        if (std::isnan(v)) {
            ++m.left;
            continue;
        }
        sum += v;
        ++m.count;
    }
    if (m.count == 0)
        return {nan, nan, 0, m.left};
    m.mean = sum / double(m.count);
    double squares = 0;
    for (const double v : values)
        if (!std::isnan(v))
            squares += (v - m.mean) * (v - m.mean);
    m.sd = m.count > 1 ? std::sqrt(squares / double(m.count - 1)) : nan;
    return m;
}

} // namespace reticle
