#include "learn/prediction/ImagePredictor_p.h"

#include "files/Pictures.h"
#include "imaging/Planes.h"
#include "learn/Machine_p.h"

#include <algorithm>
#include <cmath>

namespace reticle {

void ImagePredictor::Private::requireSane(const std::string &where) const
{
    const auto between = [](std::int64_t n, std::int64_t low, std::int64_t high) { return n >= low && n <= high; };
    if (!between(channels, 1, 1 << 20) || !between(context, 0, 1 << 10) || channels % (2 * context + 1) != 0 ||
        !between(outputs, 1, 1 << 20) || !between(classes, 1, 1 << 20))
        throw Error({where, "the description of a model", "numbers of channels, slices or classes that cannot be",
                     "restore the run's files from a copy, or train the run again"});
}

InputScale ImagePredictor::Private::scaleOf(const ImageSource &source)
{
    const auto &info = source.info();
    if (!needsSpan(scaling.span, info.dtype, range))
        return noted(inputScale(scaling.span, typeOf(source), range, info.path));
    std::error_code none;
    const auto written = std::filesystem::last_write_time(info.path, none).time_since_epoch().count();
    const std::tuple key{&source, info.path, none ? std::int64_t(0) : static_cast<std::int64_t>(written)};
    if (const auto found = scales.find(key); found != scales.end())
        return found->second;
    return scales[key] = noted(inputScale(scaling.span, spanOf(source), range, info.path));
}

InputScale ImagePredictor::Private::noted(InputScale scale)
{
    if (!scale.note.empty() && std::find(notes.begin(), notes.end(), scale.note) == notes.end())
        notes.push_back(scale.note);
    return scale;
}

Array ImagePredictor::Private::scaled(const Array &raw, const InputScale &scale, const std::string &where, bool alpha) const
{
    const auto stored = raw.rank() == 3 ? raw.dim(2) : 1, found = stored - (alpha ? 1 : 0);
    if (found != inPage)
        throw Error({where,
                     std::to_string(inPage) + (inPage == 1 ? " channel" : " channels") + " as in the training images",
                     std::to_string(found),
                     {}});
    const auto height = raw.dim(0), width = raw.dim(1), n = height * width;
    Array image(DType::Float32, {inPage, height, width});
    auto *to = image.data<float>();
    const auto offset = static_cast<float>(scaling.offset), factor = static_cast<float>(scaling.factor);
    const bool same = scale.same();
    Array::visit(raw.dtype(), [&](auto t) {
        using T = decltype(t);
        const T *from = raw.data<T>();
        for (std::int64_t c = 0; c < inPage; ++c)
            for (std::int64_t i = 0; i < n; ++i) {
                const T v = from[i * stored + c];
                const auto own =
                    same ? static_cast<float>(v) : static_cast<float>(static_cast<double>(v) * scale.factor + scale.offset);
                to[c * n + i] = (own - offset) * factor;
            }
    });
    if (raw.dtype() == DType::Float32 || raw.dtype() == DType::Float64)
        for (std::int64_t i = 0; i < inPage * n; ++i)
            if (!std::isfinite(to[i]))
                throw Error({where, "finite values",
                             "NaN or infinity at row " + std::to_string(i % n / width) + ", column " + std::to_string(i % width),
                             "replace such pixels first"});
    return image;
}

Array ImagePredictor::Private::withContext(std::int64_t page, const ImageInfo &info,
                                           const std::function<Array(std::int64_t)> &read) const
{
    if (context == 0)
        return read(page);
    Array middle = read(page);
    Array all(DType::Float32, {channels, middle.dim(1), middle.dim(2)});
    float *to = all.data<float>();
    for (std::int64_t k = -context; k <= context; ++k) {
        const auto other = neighborPage(info, page, k);
        const Array one = other == page ? middle : read(other);
        if (one.shape() != middle.shape())
            throw Error({info.path, "images of one size for a model that sees neighboring slices",
                         std::to_string(one.dim(2)) + " x " + std::to_string(one.dim(1)) + " next to " +
                             std::to_string(middle.dim(2)) + " x " + std::to_string(middle.dim(1)),
                         "predict images of each size by themselves"});
        to = std::copy_n(one.data<float>(), one.size(), to);
    }
    return all;
}

TiledPage ImagePredictor::Private::paged(const ImageSource &source, std::int64_t page)
{
    const auto &info = pageInfo(source, page);
    return {channels, info.height, info.width, [this, &source, page, scale = scaleOf(source)](const Region &r) {
                return withContext(page, source.info(), [&](std::int64_t p) {
                    return scaled(source.readRegion(p, r.y, r.x, r.height, r.width), scale,
                                  source.info().path + ": page " + std::to_string(p), source.info().alpha);
                });
            }};
}

Array ImagePredictor::Private::region(const TiledPage &page, const Region &r, const InputScale &scale,
                                      const std::function<bool(double)> &goOn)
{
    try {
        fitMemory(r.height, r.width);
        const auto mean = tiledMean(
            page, r, outputs, options, [this](const torch::Tensor &t) { return logits(t); }, goOn);
        const Array made = makesValues ? inUnits(mean, scale) : classProbabilities(mean, options.averageProbabilities);
        for (const float v : made.span<float>())
            if (!std::isfinite(v))
                refuseNonFinite();
        return made;
    } catch (const Error &) {
        throw;
    } catch (const std::exception &e) {
        if (isOutOfMemory(e))
            throw Error(Error::Kind::Failed, "prediction",
                        "out of memory: choose a smaller predict.tile than " + std::to_string(options.tile));
        throw Error(Error::Kind::Failed, "prediction", e.what());
    }
}

Array ImagePredictor::Private::inUnits(Array values, const InputScale &scale) const
{
    const auto offset = static_cast<float>(scaling.offset), unit = static_cast<float>(1 / scaling.factor);
    for (float &v : values.span<float>())
        v = v * unit + offset;
    if (!scale.same())
        for (float &v : values.span<float>())
            v = static_cast<float>((static_cast<double>(v) - scale.offset) / scale.factor);
    return values;
}

Array ImagePredictor::Private::output(const Array &probabilities) const
{
    if (makesValues)
        return channelsTogether(probabilities);
    if (options.output == "probability")
        return probabilities.at(options.classIndex);
    const bool named = static_cast<std::int64_t>(labels.values.size()) == classes;
    if (classes > 2)
        return named ? labels.valuesOf(mostLikely(probabilities)) : mostLikely(probabilities);
    const auto n = probabilities.dim(1) * probabilities.dim(2);
    Array mask(DType::UInt8, {probabilities.dim(1), probabilities.dim(2)});
    const float *p = probabilities.data<float>();
    auto *l = mask.data<std::uint8_t>();
    const std::uint8_t foreground = named ? 1 : 255;
    for (std::int64_t i = 0; i < n; ++i)
        l[i] = p[n + i] > options.threshold ? foreground : 0;
    return named ? labels.valuesOf(mask) : mask;
}

} // namespace reticle
