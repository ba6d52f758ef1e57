#include "analysis/wavelet/WaveletPreview.h"

#include "analysis/DisplayRange.h"
#include "analysis/wavelet/RadialSpectrum.h"
#include "analysis/wavelet/WaveletPictures.h"
#include "analysis/wavelet/WaveletSpectrum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <tuple>

namespace reticle {

namespace {

/// Of larger images the middle is shown: an answer shall come at once.
constexpr std::int64_t largestSide = 2048;

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

/// The settings that say which images are read.
Json imageSettings(const WaveletSpectrumOptions &o)
{
    Json all = WaveletSpectrumOptions::schema().write(o), some;
    Schema<WaveletSpectrumOptions> images("images", "");
    addImageSetFields(images);
    for (const auto &f : images.info().fields)
        some[f.name] = all.at(f.name);
    return some;
}

/// Changes when a file is written anew, or a folder gets or loses one.
std::string stamp(const std::string &path)
{
    namespace fs = std::filesystem;
    std::error_code code;
    const auto time = fs::last_write_time(path, code);
    const auto size = fs::is_directory(path, code) ? 0 : fs::file_size(path, code);
    return fmt::format("{} {} {}", path, time.time_since_epoch().count(), size);
}

Array times(Array a, double factor)
{
    if (factor == 1)
        return a;
    a = a.clone();
    for (auto &v : a.span<double>())
        v *= factor;
    return a;
}

} // namespace

struct WaveletPreviews::Private
{
    /// One image of a set, as in its file.
    struct Seen
    {
        std::size_t place = 0;
        Array image;
        std::vector<double> fourier;
        std::string wavelet, mode; ///< of what follows; empty = nothing yet
        int levels = 0;
        WaveletPyramid pyramid;
        WaveletSums sums;
        std::optional<WaveletNoise> noise;
    };

    /// The sets that the options name, opened anew where they are others or have changed.
    const ImageSets &open(const WaveletSpectrumOptions &o)
    {
        const Json wanted = imageSettings(o);
        if (sets && wanted == settings && stamp(*sets) == stamps)
            return *sets;
        sets.reset();
        seen.clear();
        sets = std::make_unique<ImageSets>(o);
        ++opened;
        settings = wanted;
        stamps = stamp(*sets);
        seen.resize(sets->size());
        return *sets;
    }
    static std::string stamp(const ImageSets &images)
    {
        std::string all;
        for (std::size_t k = 0; k < images.size(); ++k)
            all += reticle::stamp(images.path(k)) + "\n";
        return all;
    }

    Seen &see(std::size_t set, std::int64_t number, const WaveletSpectrumOptions &o, int levels)
    {
        const auto last = static_cast<std::int64_t>(sets->places(set).size()) - 1;
        const auto place = static_cast<std::size_t>(std::clamp<std::int64_t>(number, 0, last));
        auto &s = seen[set];
        if (s.image.empty() || s.place != place) {
            s = {};
            s.place = place;
            s.image = sets->read(set, place, largestSide);
            s.fourier = RadialSpectrum(s.image.dim(0), s.image.dim(1)).power(s.image, 0);
        }
        if (s.wavelet != o.wavelet || s.mode != o.mode || s.levels != levels) {
            s.pyramid = decompose(s.image, waveletFilter(o.wavelet), waveletMode(o.mode), levels);
            s.sums = sumsOf(s.pyramid.layout, s.pyramid.coefficients.data<double>());
            s.noise.reset();
            std::tie(s.wavelet, s.mode, s.levels) = std::tuple(o.wavelet, o.mode, levels);
            ++decomposed;
        }
        return s;
    }

    /// Of the whole image, also where its middle is shown.
    const WaveletNoise &noise(std::size_t set)
    {
        auto &s = seen[set];
        if (!s.noise) {
            const bool whole = std::max(sets->rows(), sets->columns()) <= largestSide;
            if (!whole)
                imagesAtOnce(sets->rows(), sets->columns(), 5 * 8);
            s.noise = noiseOf(whole ? s.pyramid
                                    : decompose(sets->read(set, s.place), waveletFilter(s.wavelet), waveletMode(s.mode), 1));
        }
        return *s.noise;
    }

    std::unique_ptr<ImageSets> sets;
    Json settings;
    std::string stamps;
    std::vector<Seen> seen; ///< one a set
    int opened = 0, decomposed = 0;
};

WaveletPreviews::WaveletPreviews() : d(std::make_unique<Private>()) {}
WaveletPreviews::~WaveletPreviews() = default;

WaveletPreview WaveletPreviews::show(const Json &options, std::int64_t number, std::int64_t level)
{
    WaveletMeasurement m;
    m.options = WaveletSpectrumOptions::schema().read(options, "wavelet-spectrum");
    const ImageSets &images = d->open(m.options);
    WaveletPreview preview;
    preview.notes = images.notes();
    const auto &filter = waveletFilter(m.options.wavelet);
    const auto mode = waveletMode(m.options.mode);
    const int levels = spectrumLevels(m.options, std::min(images.rows(), images.columns()), preview.notes);
    if (std::max(images.rows(), images.columns()) > largestSide)
        preview.notes.push_back(fmt::format("Shown is the middle of at most {0} x {0} px.", largestSide));
    m.pixelSize = preview.pixelSize = images.pixelSize();
    m.paired = m.options.paired;
    preview.images = static_cast<std::int64_t>(images.places(0).size());
    for (std::size_t k = 0; k < images.size(); ++k) {
        const auto &seen = d->see(k, number, m.options, levels);
        MeasuredSet s;
        s.name = images.name(k);
        s.images = {seen.sums};
        s.fourier = seen.fourier;
        m.layout = seen.pyramid.layout;
        m.sets.push_back(std::move(s));
        preview.names.push_back(images.name(k));
    }
    m.frequencies = RadialSpectrum(m.layout.rows, m.layout.columns).frequencies();
    bringToOneRange(m, images, preview.notes);
    preview.levels = m.detailsOnly().levelNames();
    preview.figure = inOneRow(spectrumFigures(m).front());
    preview.edit = m.edit();

    const auto wanted = std::min<std::int64_t>(level, levels);
    const bool edited = wanted == WaveletPreview::reconstruction || wanted == WaveletPreview::residual;
    const auto [black, white] = grayRange(d->seen[0].image);
    std::tie(preview.black, preview.white) = std::pair(black, white);
    preview.diverging = wanted > 0 || (edited && preview.edit.approximation == (wanted == WaveletPreview::reconstruction));
    PyramidColors colors{black, white, {}};
    for (std::size_t k = 0; k < std::min(images.size(), shownSets); ++k) {
        const double factor = m.sets[k].factor;
        const Array image = times(d->seen[k].image, factor);
        WaveletPyramid p = d->seen[k].pyramid;
        p.coefficients = times(p.coefficients, factor);
        if (wanted == WaveletPreview::image) {
            preview.pictures.push_back(image.as(DType::Float32));
            continue;
        }
        if (wanted == WaveletPreview::pyramid) {
            if (k == 0)
                colors.limits = detailLimits(p, m.options.oneLimit);
            preview.pictures.push_back(pyramidPicture(p, colors));
            if (k == 0)
                for (const auto &b : pyramidBands(p.layout)) {
                    const auto [first, last] = supportOf(filter, mode, b.level == 0 ? levels : b.level);
                    preview.bands.push_back({b, first, last});
                }
            continue;
        }
        Array picture;
        if (edited) {
            WaveletNoise noise;
            if (preview.edit.threshold != WaveletEdit::Threshold::None)
                noise = d->noise(k);
            noise.sigma *= factor;
            noise.threshold *= factor;
            const auto e = withoutDropped(image, p, filter, mode, preview.edit, noise);
            picture = wanted == WaveletPreview::reconstruction ? e.image : e.residual;
            if (preview.edit.threshold != WaveletEdit::Threshold::None)
                preview.notes.push_back(
                    fmt::format("{}: threshold {:.4g}, noise of sigma {:.4g}.", m.sets[k].name, noise.threshold, noise.sigma));
        } else {
            picture = levelAlone(p, filter, mode, static_cast<int>(wanted));
        }
        if (preview.diverging && k == 0) {
            const double limit = detailLimit(picture, roundingOf(p));
            preview.white = limit > 0 ? limit : 1;
            preview.black = -preview.white;
        }
        preview.pictures.push_back(picture.as(DType::Float32));
    }
    if (edited && !preview.edit.anything())
        preview.notes.push_back("Nothing is left out: choose levels or bands, or a threshold.");
    return preview;
}

void WaveletPreviews::save(const Json &options, std::int64_t number)
{
    const auto o = WaveletSpectrumOptions::schema().read(options, "wavelet-spectrum");
    const ImageSets &images = d->open(o);
    const auto last = static_cast<std::int64_t>(images.places(0).size()) - 1;
    if (number < 0 || number > last)
        throw Error({"image", fmt::format("the number of an image from 0 to {}", last), std::to_string(number), {}});
    writeReconstruction(o, images, number, [](std::int64_t) { return true; });
}

std::pair<int, int> WaveletPreviews::worked() const
{
    return {d->opened, d->decomposed};
}

WaveletPreview previewWavelets(const Json &options, std::int64_t number, std::int64_t level)
{
    return WaveletPreviews().show(options, number, level);
}

Json WaveletPreview::toJson() const
{
    Json j = {{"names", names},
              {"levels", levels},
              {"images", images},
              {"black", black},
              {"white", white},
              {"diverging", diverging},
              {"pixel-size", pixelSize},
              {"figure", figure.toJson(false)},
              {"notes", notes},
              {"pictures", Json::array()},
              {"left-out", {{"A", edit.approximation}, {"text", edit.text()}}}};
    for (const auto &p : pictures)
        j["pictures"].push_back(p.toJson());
    for (std::size_t l = 0; l < edit.dropped.size(); ++l)
        j["left-out"][std::to_string(l + 1)] = edit.dropped[l];
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
