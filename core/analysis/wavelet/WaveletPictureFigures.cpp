#include "analysis/DisplayRange.h"
#include "analysis/segmentation/ScoreFigures.h"
#include "analysis/wavelet/WaveletPictures.h"
#include "analysis/wavelet/WaveletSpectrum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace reticle {

namespace {

/// What a picture can show of the numbers, so that files stay small: bytes where they are whole, else steps below a gray
/// level.
Array compact(const Array &a, double range)
{
    const auto numbers = a.span<double>();
    if (std::ranges::all_of(numbers, [](double v) { return v >= 0 && v <= 255 && v == std::round(v); }))
        return a.as(DType::UInt8);
    const double step = std::exp2(std::floor(std::log2(std::max(range, 1e-300) / 256)));
    Array out(DType::Float32, a.shape());
    for (std::int64_t i = 0; i < a.size(); ++i)
        out.data<float>()[i] = static_cast<float>(std::round(numbers[static_cast<std::size_t>(i)] / step) * step);
    return out;
}

ImagePanel grayPanel(const Array &image, double black, double white, double pixelSize)
{
    ImagePanel p;
    p.image = compact(image, white - black);
    p.black = black;
    p.white = white;
    p.pixelSize = pixelSize;
    return p;
}

ImagePanel detailPanel(const Array &details, double limit)
{
    ImagePanel p;
    if (!(limit > 0))
        limit = 1;
    p.image = compact(details, 2 * limit);
    p.colorMap = "blue-red";
    p.black = -limit;
    p.white = limit;
    return p;
}

/// Side of the pictures of single levels, of which there are many.
constexpr std::int64_t cellSide = 128;

/// What pictures are made from: each set's image, of large ones the middle, decomposed.
struct Shown
{
    std::vector<Array> images;
    std::vector<WaveletPyramid> pyramids;
    double black = 0, white = 1;
    std::string part; ///< ", its middle of 1024 x 1024 px"
};

Shown prepare(const WaveletMeasurement &m, const std::vector<Array> &images)
{
    const auto &filter = waveletFilter(m.options.wavelet);
    const int levels = static_cast<int>(m.layout.levels.size());
    Shown s;
    for (const auto &image : images) {
        s.images.push_back(middleOf(image, figureSide));
        s.pyramids.push_back(decompose(s.images.back(), filter, waveletMode(m.options.mode), levels));
    }
    std::tie(s.black, s.white) = grayRange(s.images[0]);
    if (m.layout.rows > figureSide || m.layout.columns > figureSide)
        s.part = fmt::format(", its middle of {} x {} px", s.images[0].dim(1), s.images[0].dim(0));
    return s;
}

std::string shownText(const WaveletMeasurement &m, const Shown &s)
{
    std::string text = fmt::format("image {} of those used{}", m.shown(), s.part);
    if (m.sets.size() > shownSets)
        text += fmt::format(", of the first {} sets", shownSets);
    return text;
}

Figure pyramidFigure(const WaveletMeasurement &m, const Shown &s)
{
    const auto &filter = waveletFilter(m.options.wavelet);
    const auto mode = waveletMode(m.options.mode);
    const auto limits = detailLimits(s.pyramids[0], m.options.oneLimit);
    Figure f;
    f.name = "wavelet-pyramid";
    f.title = "Wavelet coefficients of " + m.sets[0].name;
    const PyramidColors colors{s.black, s.white, limits};
    char letter = 'a';
    for (std::size_t k = 0; k < s.images.size(); ++k) {
        const int row = static_cast<int>(k);
        const auto first = decompose(s.images[k], filter, mode, 1);
        ImagePanel quadrants, pyramid;
        quadrants.image = pyramidPicture(first, colors);
        pyramid.image = pyramidPicture(s.pyramids[k], colors);
        f.panels.push_back(
            panel(row, 0, std::string(1, letter++), m.sets[k].name, grayPanel(s.images[k], s.black, s.white, m.pixelSize)));
        f.panels.push_back(panel(row, 1, std::string(1, letter++), "First level: A, V / H, D", quadrants));
        f.panels.push_back(
            panel(row, 2, std::string(1, letter++), fmt::format("{} levels", s.pyramids[k].layout.levels.size()), pyramid));
    }
    f.caption = fmt::format(
        "Wavelet coefficients ({}) of {}. Left: the image. Middle: its first level, the approximation A, details of "
        "vertical edges V beside it, of horizontal edges H below, diagonal D. Right: all levels, coarser ones inside A. "
        "Approximations are divided by 2 a level; details are blue below 0 and red above, up to the 99.5th percentile "
        "of {} in {} (the largest, where fewer are above 0).",
        waveletText(m), shownText(m, s), m.options.oneLimit ? "the strongest level" : "each level", m.sets[0].name);
    return f;
}

Figure levelsFigure(const WaveletMeasurement &m, const Shown &s)
{
    const auto &filter = waveletFilter(m.options.wavelet);
    const auto mode = waveletMode(m.options.mode);
    const int levels = static_cast<int>(m.layout.levels.size());
    Figure f;
    f.name = "wavelet-levels";
    f.title = "Levels of " + m.sets[0].name + " one by one";
    ImageGridPanel grid;
    grid.columns = levels + 1;
    grid.gap = 4;
    std::vector<double> limits;
    for (std::size_t k = 0; k < s.images.size(); ++k) {
        for (int column = 0; column <= levels; ++column) {
            const int level = column == 0 ? 0 : levels + 1 - column;
            const Array alone = middleOf(levelAlone(s.pyramids[k], filter, mode, level), cellSide);
            if (level == 0) {
                grid.cells.push_back(grayPanel(alone, s.black, s.white, 0));
                continue;
            }
            if (k == 0)
                limits.push_back(detailLimit(alone, roundingOf(s.pyramids[0]))); // the originals', for all sets
            grid.cells.push_back(detailPanel(alone, limits[static_cast<std::size_t>(column - 1)]));
        }
        grid.rowTitles.push_back(m.sets[k].name);
    }
    grid.columnTitles.push_back("A");
    for (int level = levels; level >= 1; --level)
        grid.columnTitles.push_back(std::to_string(level));
    f.panels.push_back(panel(0, 0, "", "", grid));
    f.caption =
        fmt::format("What each level alone gives back ({}) of {}: the approximation A in the image's range, then "
                    "levels from coarse to fine, blue below 0 and red above, up to the 99.5th percentile of the "
                    "level in {} (the largest, where fewer are above 0). All of them together are the image{}.",
                    waveletText(m), shownText(m, s), m.sets[0].name,
                    std::max(s.images[0].dim(0), s.images[0].dim(1)) > cellSide
                        ? fmt::format("; shown is the middle of {} x {} px", std::min(s.images[0].dim(1), std::int64_t(cellSide)),
                                      std::min(s.images[0].dim(0), std::int64_t(cellSide)))
                        : "");
    return f;
}

Figure reconstructionFigure(const WaveletMeasurement &m, const Shown &s, const std::vector<Array> &whole)
{
    const auto &filter = waveletFilter(m.options.wavelet);
    const auto mode = waveletMode(m.options.mode);
    const int levels = static_cast<int>(m.layout.levels.size());
    const auto edit = m.edit();
    Figure f;
    f.name = "wavelet-reconstruction";
    f.title = m.sets[0].name + " from some of its coefficients";
    char letter = 'a';
    double limit = 0;
    std::string thresholds;
    for (std::size_t k = 0; k < whole.size(); ++k) {
        // Of the whole image, as its noise is.
        const auto pyramid = decompose(whole[k], filter, mode, levels);
        const auto noise = noiseOf(pyramid);
        const auto edited = withoutDropped(whole[k], pyramid, filter, mode, edit, noise);
        const Array left = middleOf(edited.image, figureSide), rest = middleOf(edited.residual, figureSide);
        thresholds += fmt::format("{}{}{:.4g} (sigma {:.4g})", k ? "; " : "", whole.size() > 1 ? m.sets[k].name + " " : "",
                                  noise.threshold, noise.sigma);
        if (k == 0)
            limit = detailLimit(edit.approximation ? left : rest, roundingOf(pyramid));
        const int row = static_cast<int>(k);
        f.panels.push_back(
            panel(row, 0, std::string(1, letter++), m.sets[k].name, grayPanel(s.images[k], s.black, s.white, m.pixelSize)));
        // Without the approximation the mean is gone: the rest lies about 0.
        f.panels.push_back(panel(row, 1, std::string(1, letter++), "Reconstruction",
                                 edit.approximation ? detailPanel(left, limit) : grayPanel(left, s.black, s.white, 0)));
        f.panels.push_back(panel(row, 2, std::string(1, letter++), "Residual",
                                 edit.approximation ? grayPanel(rest, s.black, s.white, 0) : detailPanel(rest, limit)));
    }
    f.caption = fmt::format(
        "Left: {}. Middle: the same without {} ({}). Right: what was left out.{}", shownText(m, s), edit.text(), waveletText(m),
        edit.threshold == WaveletEdit::Threshold::None
            ? ""
            : fmt::format(" Threshold from the whole image of {} px: {}.", m.layout.rows * m.layout.columns, thresholds));
    return f;
}

} // namespace

std::vector<Figure> pictureFigures(const WaveletMeasurement &m, const std::vector<Array> &images)
{
    const Shown s = prepare(m, images);
    std::vector<Figure> figures{pyramidFigure(m, s), levelsFigure(m, s)};
    if (m.edit().anything())
        figures.push_back(reconstructionFigure(m, s, images));
    return figures;
}

} // namespace reticle
