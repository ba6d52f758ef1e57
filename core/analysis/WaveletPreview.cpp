#include "analysis/WaveletPreview.h"

#include "analysis/WaveletPictures.h"
#include "analysis/WaveletSpectrum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Of larger images the middle is shown: an answer shall come at once.
constexpr std::int64_t largestSide = 2048;

/// The value that `share` of the sorted ones lie below.
double quantile(std::vector<double> v, double share)
{
    const auto at = v.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(v.size() - 1));
    std::nth_element(v.begin(), at, v.end());
    return *at;
}

/// The panels of a spectrum side by side.
Figure inOneRow(Figure f)
{
    for (std::size_t i = 0; i < f.panels.size(); ++i) {
        f.panels[i].row = 0;
        f.panels[i].column = static_cast<int>(i);
        f.panels[i].letter.clear();
    }
    f.heightMm = 58;
    return f;
}

} // namespace

WaveletPreview previewWavelets(const Json &options, std::int64_t number, std::int64_t level)
{
    WaveletMeasurement m;
    m.options = WaveletSpectrumOptions::schema().read(options, "wavelet-spectrum");
    const ImageSets images(m.options);
    WaveletPreview preview;
    preview.notes = images.notes();
    const auto &filter = waveletFilter(m.options.wavelet);
    const auto mode = waveletMode(m.options.mode);
    const int levels =
        spectrumLevels(m.options, std::min({images.rows(), images.columns(), largestSide}), preview.notes);
    if (std::max(images.rows(), images.columns()) > largestSide)
        preview.notes.push_back(fmt::format("Shown is the middle of at most {0} x {0} px.", largestSide));
    m.pixelSize = images.pixelSize();
    m.paired = m.options.paired;
    preview.images = static_cast<std::int64_t>(images.places(0).size());
    std::vector<Array> shown;
    for (std::size_t k = 0; k < images.size(); ++k) {
        const auto last = static_cast<std::int64_t>(images.places(k).size()) - 1;
        const auto place = static_cast<std::size_t>(std::clamp<std::int64_t>(number, 0, last));
        shown.push_back(images.read(k, place, largestSide));
        const auto p = decompose(shown.back(), filter, mode, levels);
        MeasuredSet s;
        s.name = images.name(k);
        s.images = {sumsOf(p.layout, p.coefficients.data<double>())};
        m.layout = p.layout;
        m.sets.push_back(std::move(s));
        preview.names.push_back(images.name(k));
    }
    bringToOneRange(m, images, preview.notes);
    for (std::size_t k = 1; k < shown.size(); ++k)
        for (auto &v : shown[k].span<double>())
            v *= m.sets[k].factor;
    preview.levels = m.detailsOnly().levelNames();
    preview.figure = inOneRow(spectrumFigures(m).front());

    const auto grey = shown[0].span<double>();
    const std::vector<double> values(grey.begin(), grey.end());
    preview.black = quantile(values, 0.0035);
    preview.white = quantile(values, 0.9965);
    if (!(preview.white > preview.black))
        preview.white = preview.black + 1;
    const auto wanted = std::min<std::int64_t>(level, levels);
    PyramidColours colours{preview.black, preview.white, {}};
    for (std::size_t k = 0; k < shown.size(); ++k) {
        if (wanted == WaveletPreview::image) {
            preview.pictures.push_back(shown[k].as(DType::Float32));
            continue;
        }
        const auto p = decompose(shown[k], filter, mode, levels);
        if (wanted < 0) {
            if (k == 0)
                colours.limits = detailLimits(p, m.options.oneLimit);
            preview.pictures.push_back(pyramidPicture(p, colours));
            if (k == 0)
                for (const auto &b : pyramidBands(p.layout)) {
                    const auto [first, last] = supportOf(filter, mode, b.level == 0 ? levels : b.level);
                    preview.bands.push_back({b, first, last});
                }
            continue;
        }
        const Array alone = levelAlone(p, filter, mode, static_cast<int>(wanted));
        if (wanted > 0 && k == 0) {
            std::vector<double> sizes;
            for (const double v : alone.span<double>())
                sizes.push_back(std::abs(v));
            const double limit = quantile(std::move(sizes), 0.995);
            preview.white = limit > 0 ? limit : 1;
            preview.black = -preview.white;
        }
        preview.pictures.push_back(alone.as(DType::Float32));
    }
    return preview;
}

Json WaveletPreview::toJson() const
{
    Json j = {{"names", names}, {"levels", levels}, {"images", images}, {"black", black},
              {"white", white}, {"figure", figure.toJson(false)}, {"notes", notes}, {"pictures", Json::array()}};
    for (const auto &p : pictures)
        j["pictures"].push_back(p.toJson());
    for (const auto &[b, first, last] : bands)
        j["bands"].push_back({{"level", b.level},
                              {"orientation", b.level == 0 ? "A" : std::string(1, "HVD"[static_cast<int>(b.orientation)])},
                              {"y", b.y},
                              {"x", b.x},
                              {"rows", b.rows},
                              {"columns", b.columns},
                              {"first", first},
                              {"last", last},
                              {"step", std::int64_t{1} << (b.level == 0 ? static_cast<int>(levels.size()) : b.level)}});
    return j;
}

} // namespace reticle
