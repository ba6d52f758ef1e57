#include "imaging/Postprocess.h"

#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

using MaskByte = std::uint8_t;

std::vector<std::string> steps(const PostprocessOptions &o)
{
    static const std::vector<std::string> known{"median", "closing", "opening", "fill", "remove", "keep"};
    std::vector<std::string> order;
    std::string word;
    for (const char c : o.order + ",") {
        if (c != ',' && c != ' ') {
            word += c;
        } else if (!word.empty()) {
            if (std::find(known.begin(), known.end(), word) == known.end())
                throw Error({"order", "steps out of median, closing, opening, fill, remove, keep", "\"" + word + "\"", {}});
            if (std::find(order.begin(), order.end(), word) != order.end())
                throw Error({"order", "each step once", "\"" + word + "\" twice", {}});
            order.push_back(word);
            word.clear();
        }
    }
    const auto isOn = [&](const std::string &s) {
        return s == "median"    ? o.median
               : s == "closing" ? o.closing
               : s == "opening" ? o.opening
               : s == "fill"    ? o.fillHoles
               : s == "remove"  ? o.removeSmall
                                : o.keepLargest;
    };
    for (const auto &s : known)
        if (isOn(s) && std::find(order.begin(), order.end(), s) == order.end())
            throw Error({"order", "all steps that are switched on", "no \"" + s + "\"", "add it or switch it off"});
    std::erase_if(order, [&](const auto &s) { return !isOn(s); });
    return order;
}

Array maskOf(const Array &labels, std::int64_t classIndex)
{
    Array mask(DType::UInt8, labels.shape());
    for (std::int64_t i = 0; i < labels.size(); ++i)
        mask.data<MaskByte>()[i] = labels.data<MaskByte>()[i] == classIndex;
    return mask;
}

Array applied(const Array &mask, const std::string &step, const PostprocessOptions &o)
{
    const auto objects = o.connectivity == "8" ? Connectivity::Eight : Connectivity::Four;
    const auto holes = o.connectivity == "8" ? Connectivity::Four : Connectivity::Eight;
    if (step == "closing")
        return closing(mask, static_cast<int>(o.closingRadius));
    if (step == "opening")
        return opening(mask, static_cast<int>(o.openingRadius));
    if (step == "fill")
        return fillHoles(mask, o.holeArea, holes);
    if (step == "remove")
        return removeSmallObjects(mask, o.smallArea, objects);
    if (step == "keep")
        return keepLargest(mask, static_cast<int>(o.keepCount), objects);
    return mask;
}

/// `labels` with the class where `mask` says so; what lost the class goes to the most likely other one.
Array withMask(const Array &labels, const Array &mask, const Array &prediction, std::int64_t classIndex)
{
    Array out = labels.clone();
    const std::int64_t n = out.size();
    const std::int64_t classes = prediction.rank() == 3 ? prediction.dim(0) : 0;
    for (std::int64_t i = 0; i < n; ++i) {
        auto &label = out.data<MaskByte>()[i];
        if (mask.data<MaskByte>()[i]) {
            label = static_cast<MaskByte>(classIndex);
        } else if (label == classIndex) {
            std::int64_t other = classIndex == 0 ? 1 : 0;
            for (std::int64_t k = 0; k < classes; ++k)
                if (k != classIndex && prediction.data<float>()[k * n + i] > prediction.data<float>()[other * n + i])
                    other = k;
            label = static_cast<MaskByte>(other);
        }
    }
    return out;
}

Array asFloatIfProbability(const Array &a)
{
    return a.dtype() == DType::Float64 ? a.as(DType::Float32) : a;
}

Json orNull(double v)
{
    return std::isfinite(v) ? Json(v) : Json(nullptr);
}

} // namespace

std::string describeSteps(const PostprocessOptions &o)
{
    std::string text;
    for (const auto &s : steps(o)) {
        text += text.empty() ? "" : ", ";
        if (s == "median")
            text += fmt::format("median over {} slices", o.medianSize);
        else if (s == "closing")
            text += fmt::format("closing by {} px", o.closingRadius);
        else if (s == "opening")
            text += fmt::format("opening by {} px", o.openingRadius);
        else if (s == "fill")
            text += fmt::format("holes up to {} px filled", o.holeArea);
        else if (s == "remove")
            text += fmt::format("objects below {} px removed", o.smallArea);
        else
            text += o.keepCount == 1 ? std::string("largest object kept") : fmt::format("{} largest objects kept", o.keepCount);
    }
    return text.empty() ? "nothing" : text;
}

Array predictedLabels(const Array &given, const PostprocessOptions &o)
{
    const Array prediction = asFloatIfProbability(given);
    const auto c = o.classIndex;
    if (prediction.rank() == 2 && prediction.dtype() != DType::Float32)
        return prediction.as(DType::UInt8);
    if (prediction.dtype() != DType::Float32 || (prediction.rank() != 2 && prediction.rank() != 3))
        throw Error({"prediction",
                     "probabilities of height x width or classes x height x width",
                     std::to_string(prediction.rank()) + " axes of " + std::string(nameOf(prediction.dtype())),
                     {}});
    const auto limit = static_cast<float>(o.threshold);
    if (prediction.rank() == 2 || prediction.dim(0) == 2) {
        if (c > 1 && prediction.rank() == 3)
            throw Error({"class", "0 or 1, as there are two classes", std::to_string(c), {}});
        // One probability is that of the class, or of what is not class 0.
        const bool rest = prediction.rank() == 2 && c == 0;
        const auto other = static_cast<MaskByte>(c == 0 ? 1 : 0);
        const Array p = prediction.rank() == 2 ? prediction : prediction.at(c);
        Array labels(DType::UInt8, p.shape());
        for (std::int64_t i = 0; i < p.size(); ++i) {
            const float v = p.data<float>()[i];
            labels.data<MaskByte>()[i] = (rest ? 1 - v : v) > limit ? static_cast<MaskByte>(c) : other;
        }
        return labels;
    }
    const std::int64_t classes = prediction.dim(0);
    if (c >= classes)
        throw Error({"class", "a class below " + std::to_string(classes), std::to_string(c), {}});
    Array labels(DType::UInt8, {prediction.dim(1), prediction.dim(2)});
    const std::int64_t n = labels.size();
    const auto *p = prediction.data<float>();
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t best = 0;
        for (std::int64_t k = 1; k < classes; ++k)
            if (p[k * n + i] > p[best * n + i])
                best = k;
        labels.data<MaskByte>()[i] = static_cast<MaskByte>(best);
    }
    return labels;
}

Array postprocessSlice(const Array &prediction, const PostprocessOptions &options)
{
    auto o = options;
    o.median = false;
    return postprocessStack({prediction}, o).front();
}

std::vector<Array> postprocessStack(const std::vector<Array> &predictions, const PostprocessOptions &o,
                                    const std::function<bool(double)> &goOn)
{
    const auto order = steps(o);
    if (o.median && o.medianSize % 2 == 0)
        throw Error({"median-size", "an odd number of slices", std::to_string(o.medianSize), {}});
    std::vector<Array> labels, masks;
    const auto ask = [&](double done) {
        if (goOn && !goOn(done))
            throw Error(Error::Kind::Cancelled, "post-processing", "cancelled");
    };
    for (const auto &p : predictions) {
        labels.push_back(predictedLabels(p, o));
        masks.push_back(maskOf(labels.back(), o.classIndex));
    }
    const double total = static_cast<double>(std::max<std::size_t>(1, order.size() * masks.size()));
    double done = 0;
    for (const auto &step : order) {
        if (step == "median") {
            ask(done / total);
            for (const auto &m : masks)
                if (m.shape() != masks.front().shape())
                    throw Error({"median", "slices of one size", "slices of several sizes", "switch the median off"});
            const std::int64_t plane = masks.empty() ? 0 : masks.front().size();
            if (plane > 0) {
                Array stack(DType::UInt8, {static_cast<std::int64_t>(masks.size()), masks[0].dim(0), masks[0].dim(1)});
                for (std::size_t z = 0; z < masks.size(); ++z)
                    std::copy_n(masks[z].data<MaskByte>(), plane, stack.data<MaskByte>() + static_cast<std::int64_t>(z) * plane);
                const Array smooth = medianOverZ(stack, static_cast<int>(o.medianSize));
                for (std::size_t z = 0; z < masks.size(); ++z)
                    masks[z] = smooth.at(static_cast<std::int64_t>(z));
            }
            done += static_cast<double>(masks.size());
            continue;
        }
        for (auto &m : masks) {
            ask(done++ / total);
            m = applied(m, step, o);
        }
    }
    for (std::size_t z = 0; z < masks.size(); ++z)
        labels[z] = withMask(labels[z], masks[z], asFloatIfProbability(predictions[z]), o.classIndex);
    return labels;
}

Json labelScores(const Array &labels, const Array *truth, std::int64_t classIndex, bool objectsAreClass)
{
    const std::int64_t n = labels.size();
    Array objects(DType::UInt8, labels.shape());
    for (std::int64_t i = 0; i < n; ++i)
        objects.data<MaskByte>()[i] = (static_cast<std::int64_t>(labels.value(i)) == classIndex) == objectsAreClass;
    Json scores = Json::object();
    if (truth) {
        const auto c = countPixels(labels, *truth, classIndex);
        Array trueObjects(DType::UInt8, truth->shape());
        for (std::int64_t i = 0; i < n; ++i) {
            const auto t = static_cast<std::int64_t>(truth->value(i));
            trueObjects.data<MaskByte>()[i] = t != 255 && (t == classIndex) == objectsAreClass;
        }
        const auto r = regionScoresThinned(trueObjects, objects);
        scores["pixel error"] = orNull(c.pixelError());
        scores["Dice"] = orNull(c.dice());
        scores["IoU"] = orNull(c.iou());
        scores["precision"] = orNull(c.precision());
        scores["recall"] = orNull(c.recall());
        scores["V_Rand"] = orNull(r.vRand);
        scores["V_Info"] = orNull(r.vInfo);
    }
    std::int32_t count = 0;
    labelComponents(objects, Connectivity::Four, &count);
    scores["objects"] = count;
    return scores;
}

} // namespace reticle
