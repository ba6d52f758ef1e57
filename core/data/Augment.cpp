#include "data/Augment.h"

#include "foundation/Clones_p.h"
#include "foundation/Random.h"
#include "imaging/Intensity.h"
#include "imaging/Mirror_p.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

// The same numbers on every machine.
#define CLONED RETICLE_CLONES("avx2", "default")

// Probabilities and ranges follow nnU-Net (Isensee et al. 2021, supplementary note 4); the elastic field on a 3 x 3 grid
// is that of Ronneberger et al. 2015.

namespace reticle {
namespace {

/// Where an output pixel comes from: source = center + matrix (output - center) + elastic.
struct Geometry
{
    bool flipY = false, flipX = false, transpose = false; ///< the exact part: eight ways to lay down a square
    bool resample = false;
    double matrix[2][2] = {{1, 0}, {0, 1}};
    bool elastic = false;
    float shiftY[3][3] = {}, shiftX[3][3] = {};
};

Geometry drawGeometry(const AugmentOptions &o, Random &random)
{
    Geometry g;
    if (random.chance(o.flip))
        g.flipY = true;
    if (random.chance(o.flip))
        g.flipX = true;
    if (random.chance(o.quarterTurns)) {
        // A quarter turn is a transposition and a flip; with the flips above every one of the eight is reached.
        const auto turns = 1 + random.below(3);
        if (turns != 2)
            g.transpose = true;
        if (turns != 1)
            g.flipY = !g.flipY;
        if (turns != 3)
            g.flipX = !g.flipX;
    }
    double angle = 0, zoom = 1;
    if (random.chance(o.rotate))
        angle = random.uniform(-o.rotateDegrees, o.rotateDegrees) * std::numbers::pi / 180;
    if (random.chance(o.scale))
        zoom = random.uniform(o.scaleMin, o.scaleMax);
    if (random.chance(o.elastic)) {
        g.elastic = true;
        for (int i = 0; i < 3; ++i)
            for (int j = 0; j < 3; ++j) {
                g.shiftY[i][j] = static_cast<float>(o.elasticSigma * random.normal());
                g.shiftX[i][j] = static_cast<float>(o.elasticSigma * random.normal());
            }
    }
    g.resample = angle != 0 || zoom != 1 || g.elastic;
    if (g.resample) {
        const double c = std::cos(angle) / zoom, s = std::sin(angle) / zoom;
        // Columns of rotation times the exact part, applied to (y, x) of the output.
        const double fy = g.flipY ? -1 : 1, fx = g.flipX ? -1 : 1;
        const double exact[2][2] = {{g.transpose ? 0 : fy, g.transpose ? fy : 0}, {g.transpose ? fx : 0, g.transpose ? 0 : fx}};
        const double turn[2][2] = {{c, -s}, {s, c}};
        for (int i = 0; i < 2; ++i)
            for (int j = 0; j < 2; ++j)
                g.matrix[i][j] = exact[i][0] * turn[0][j] + exact[i][1] * turn[1][j];
    }
    return g;
}

/// Weights of three knots at -1, 0, 1 for each of n points from -1 to 1, three rows of n: Catmull-Rom with repeated end
/// knots.
std::vector<float> cubicWeights(std::int64_t n)
{
    std::vector<float> weights(static_cast<std::size_t>(3 * n));
    for (std::int64_t i = 0; i < n; ++i) {
        const double p = n > 1 ? 2.0 * static_cast<double>(i) / static_cast<double>(n - 1) : 1.0;
        const int k = p < 1 ? 0 : 1;
        const double t = p - k, t2 = t * t, t3 = t2 * t;
        const double w[4] = {-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -1.5 * t3 + 2 * t2 + 0.5 * t,
                             0.5 * t3 - 0.5 * t2};
        double sum[3] = {};
        for (int m = 0; m < 4; ++m)
            sum[std::clamp(k - 1 + m, 0, 2)] += w[m];
        for (int m = 0; m < 3; ++m)
            weights[static_cast<std::size_t>(m * n + i)] = static_cast<float>(sum[m]);
    }
    return weights;
}

/// Side by side, so that a column of the source is read while its neighbors are still at hand.
constexpr std::int64_t transposedAtOnce = 32;

template <class T> void copyExact(const T *from, std::int64_t width, const std::vector<std::int64_t> &rows,
                                  const std::vector<std::int64_t> &columns, bool contiguous, const Geometry &g, T *to)
{
    const auto side = static_cast<std::int64_t>(rows.size());
    if (g.transpose) {
        for (std::int64_t first = 0; first < side; first += transposedAtOnce)
            for (std::int64_t i = 0; i < side; ++i) {
                const auto column = columns[g.flipX ? side - 1 - i : i];
                for (std::int64_t j = first; j < std::min(side, first + transposedAtOnce); ++j)
                    to[i * side + j] = from[rows[g.flipY ? side - 1 - j : j] * width + column];
            }
        return;
    }
    for (std::int64_t i = 0; i < side; ++i) {
        const auto *row = from + rows[g.flipY ? side - 1 - i : i] * width;
        if (contiguous && !g.flipX)
            std::copy_n(row + columns[0], side, to + i * side);
        else
            for (std::int64_t j = 0; j < side; ++j)
                to[i * side + j] = row[columns[g.flipX ? side - 1 - j : j]];
    }
}

/// The four pixels around each of a row of places, by their positions in a plane, and the shares of the lower and right ones.
template <class Index> struct Corners
{
    explicit Corners(std::int64_t n) : upperLeft(n), upperRight(n), lowerLeft(n), lowerRight(n), nearest(n), down(n), right(n) {}
    std::vector<Index> upperLeft, upperRight, lowerLeft, lowerRight, nearest;
    std::vector<float> down, right;
};

/// Places relative to (top, left). False, and nothing done, where one lies outside of the plane.
template <class Index> RETICLE_INLINE bool locateBody(const float *ys, const float *xs, std::int64_t n, Index top, Index left,
                                                      Index height, Index width, Corners<Index> &c)
{
    float lowY = ys[0], highY = ys[0], lowX = xs[0], highX = xs[0];
    for (std::int64_t j = 0; j < n; ++j) {
        lowY = ys[j] < lowY ? ys[j] : lowY;
        highY = ys[j] > highY ? ys[j] : highY;
        lowX = xs[j] < lowX ? xs[j] : lowX;
        highX = xs[j] > highX ? xs[j] : highX;
    }
    if (!(lowY >= -static_cast<float>(top) && highY < static_cast<float>(height - 1 - top) && lowX >= -static_cast<float>(left) &&
          highX < static_cast<float>(width - 1 - left)))
        return false;
    auto *a = c.upperLeft.data(), *b = c.upperRight.data(), *d = c.lowerLeft.data(), *e = c.lowerRight.data(),
         *near = c.nearest.data();
    float *down = c.down.data(), *right = c.right.data();
    for (std::int64_t j = 0; j < n; ++j) {
        const auto iy = static_cast<std::int32_t>(ys[j]) - (ys[j] < 0), ix = static_cast<std::int32_t>(xs[j]) - (xs[j] < 0);
        down[j] = ys[j] - static_cast<float>(iy);
        right[j] = xs[j] - static_cast<float>(ix);
        const Index at = (top + iy) * width + (left + ix);
        a[j] = at;
        b[j] = at + 1;
        d[j] = at + width;
        e[j] = at + width + 1;
        near[j] = at + (down[j] < 0.5f ? 0 : width) + (right[j] < 0.5f ? 0 : 1);
    }
    return true;
}

CLONED bool locate(const float *ys, const float *xs, std::int64_t n, std::int32_t top, std::int32_t left, std::int32_t height,
                   std::int32_t width, Corners<std::int32_t> &c)
{
    return locateBody(ys, xs, n, top, left, height, width, c);
}

bool locate(const float *ys, const float *xs, std::int64_t n, std::int64_t top, std::int64_t left, std::int64_t height,
            std::int64_t width, Corners<std::int64_t> &c)
{
    return locateBody(ys, xs, n, top, left, height, width, c);
}

/// The same with the plane mirrored beyond its edges.
template <class Index> void locateMirrored(const float *ys, const float *xs, std::int64_t n, Index top, Index left, Index height,
                                           Index width, Corners<Index> &c)
{
    for (std::int64_t j = 0; j < n; ++j) {
        // std::floor is a function call where the compiler may not assume SSE 4.1.
        const auto iy = static_cast<std::int64_t>(ys[j]) - (ys[j] < 0), ix = static_cast<std::int64_t>(xs[j]) - (xs[j] < 0);
        c.down[j] = ys[j] - static_cast<float>(iy);
        c.right[j] = xs[j] - static_cast<float>(ix);
        const auto r0 = mirrored(top + iy, height), r1 = mirrored(top + iy + 1, height);
        const auto c0 = mirrored(left + ix, width), c1 = mirrored(left + ix + 1, width);
        c.upperLeft[j] = static_cast<Index>(r0 * width + c0);
        c.upperRight[j] = static_cast<Index>(r0 * width + c1);
        c.lowerLeft[j] = static_cast<Index>(r1 * width + c0);
        c.lowerRight[j] = static_cast<Index>(r1 * width + c1);
        c.nearest[j] = static_cast<Index>((c.down[j] < 0.5f ? r0 : r1) * width + (c.right[j] < 0.5f ? c0 : c1));
    }
}

template <class Index>
RETICLE_INLINE void bilinearBody(const float *p, const Corners<Index> &c, std::int64_t n, float *__restrict to)
{
    const Index *a = c.upperLeft.data(), *b = c.upperRight.data(), *d = c.lowerLeft.data(), *e = c.lowerRight.data();
    const float *down = c.down.data(), *right = c.right.data();
    for (std::int64_t j = 0; j < n; ++j) {
        const float left = p[a[j]], below = p[d[j]];
        const float upper = left + right[j] * (p[b[j]] - left);
        const float lower = below + right[j] * (p[e[j]] - below);
        to[j] = upper + down[j] * (lower - upper);
    }
}

CLONED void bilinear(const float *p, const Corners<std::int32_t> &c, std::int64_t n, float *to)
{
    bilinearBody(p, c, n, to);
}

void bilinear(const float *p, const Corners<std::int64_t> &c, std::int64_t n, float *to)
{
    bilinearBody(p, c, n, to);
}

/// x0 + step j, and what three knots with their weights add to it
CLONED void places(float first, float step, std::int64_t n, float *to)
{
    for (std::int64_t j = 0; j < n; ++j)
        to[j] = first + step * static_cast<float>(static_cast<std::int32_t>(j));
}

CLONED void addKnots(const float *weights, const float *knots, std::int64_t n, float *to)
{
    for (std::int64_t j = 0; j < n; ++j)
        to[j] += weights[j] * knots[0] + weights[n + j] * knots[1] + weights[2 * n + j] * knots[2];
}

template <class Index> void resample(const CropInput &in, std::int64_t top, std::int64_t left, std::int64_t side,
                                     const Geometry &g, float *image, std::uint8_t *target)
{
    const double middle = static_cast<double>(side - 1) / 2.0;
    const auto cubic = g.elastic ? cubicWeights(side) : std::vector<float>();
    std::vector<float> ys(static_cast<std::size_t>(side)), xs(ys.size());
    Corners<Index> corners(side);
    for (std::int64_t i = 0; i < side; ++i) {
        // Relative to the crop's corner: float32 then keeps 1e-5 px on images of any size.
        const double u = static_cast<double>(i) - middle;
        places(static_cast<float>(middle + g.matrix[0][0] * u - g.matrix[0][1] * middle), static_cast<float>(g.matrix[0][1]),
               side, ys.data());
        places(static_cast<float>(middle + g.matrix[1][0] * u - g.matrix[1][1] * middle), static_cast<float>(g.matrix[1][1]),
               side, xs.data());
        if (g.elastic) {
            float gy[3] = {}, gx[3] = {};
            for (int k = 0; k < 3; ++k)
                for (int m = 0; m < 3; ++m) {
                    gy[m] += cubic[k * side + i] * g.shiftY[k][m];
                    gx[m] += cubic[k * side + i] * g.shiftX[k][m];
                }
            addKnots(cubic.data(), gy, side, ys.data());
            addKnots(cubic.data(), gx, side, xs.data());
        }
        const auto t = static_cast<Index>(top), l = static_cast<Index>(left), h = static_cast<Index>(in.height),
                   w = static_cast<Index>(in.width);
        if (!locate(ys.data(), xs.data(), side, t, l, h, w, corners))
            locateMirrored(ys.data(), xs.data(), side, t, l, h, w, corners);
        for (std::size_t c = 0; c < in.channels.size(); ++c)
            bilinear(in.channels[c], corners, side, image + (static_cast<std::int64_t>(c) * side + i) * side);
        for (std::int64_t j = 0; j < side; ++j)
            target[i * side + j] = in.labels[corners.nearest[j]];
    }
}

struct Box
{
    std::int64_t top, left, bottom, right; ///< the last two excluded
    bool touches(const Box &b) const { return top < b.bottom && b.top < bottom && left < b.right && b.left < right; }
    void add(const Box &b)
    {
        top = std::min(top, b.top);
        left = std::min(left, b.left);
        bottom = std::max(bottom, b.bottom);
        right = std::max(right, b.right);
    }
};

struct Patch
{
    double y, x, radius;
    Box box;
};

/// Within `box` of the plane `v`, which was `before`: smoothed, with noise, where the patches are.
void smoothPatches(float *v, const float *before, std::int64_t side, const Box &box, const std::vector<Patch> &patches,
                   double sigma, float deviation, Random &random)
{
    const auto margin = static_cast<std::int64_t>(std::ceil(3 * sigma));
    const Box read{std::max<std::int64_t>(0, box.top - margin), std::max<std::int64_t>(0, box.left - margin),
                   std::min(side, box.bottom + margin), std::min(side, box.right + margin)};
    const auto height = read.bottom - read.top, width = read.right - read.left;
    std::vector<float> smooth(static_cast<std::size_t>(height * width));
    for (std::int64_t i = 0; i < height; ++i)
        std::copy_n(before + (read.top + i) * side + read.left, width, smooth.data() + i * width);
    blur(smooth.data(), height, width, sigma);
    for (std::int64_t i = box.top; i < box.bottom; ++i) {
        float *row = smooth.data() + (i - read.top) * width + (box.left - read.left);
        addNoise(row, box.right - box.left, deviation, random);
        float *to = v + i * side + box.left;
        for (std::int64_t j = 0; j < box.right - box.left; ++j) {
            double part = 0; // whole within 0.8 of the radius
            for (const auto &p : patches) {
                const double y = static_cast<double>(i) - p.y, x = static_cast<double>(box.left + j) - p.x;
                part = std::max(part, (1 - std::sqrt(y * y + x * x) / p.radius) / 0.2);
            }
            to[j] += static_cast<float>(std::min(1.0, part)) * (row[j] - to[j]);
        }
    }
}

/// Round patches without detail, as where a membrane is cut aslant: smoothed, with noise like that around them. After the
/// out-of-focus sections of Lee et al. 2017 (arXiv:1706.00120).
void defocus(float *v, std::int64_t side, const AugmentOptions &o, Random &random)
{
    const std::int64_t n = side * side;
    const double sigma = random.uniform(2, o.defocusSigma);
    std::vector<Patch> patches;
    for (auto k = 1 + random.below(3); k > 0; --k) {
        const double y = random.uniform(0, static_cast<double>(side)), x = random.uniform(0, static_cast<double>(side)),
                     radius = random.uniform(o.defocusRadius / 4, o.defocusRadius);
        const auto from = [&](double center) { return std::clamp<std::int64_t>(std::llround(center - radius), 0, side); };
        const auto to = [&](double center) { return std::clamp<std::int64_t>(std::llround(center + radius) + 1, 0, side); };
        patches.push_back({y, x, radius, {from(y), from(x), to(y), to(x)}});
    }
    const std::vector<float> before(v, v + n);
    std::vector<float> fine = before;
    blur(fine.data(), side, side, 1);
    for (std::int64_t i = 0; i < n; ++i)
        fine[static_cast<std::size_t>(i)] = v[i] - fine[static_cast<std::size_t>(i)];
    const float deviation = momentsOf(fine.data(), n).deviation;
    // Patches that may touch are done in one go, so that none is smoothed twice.
    std::vector<Box> boxes;
    for (const auto &p : patches) {
        Box box = p.box;
        for (std::size_t k = 0; k < boxes.size();)
            if (boxes[k].touches(box)) {
                box.add(boxes[k]);
                boxes.erase(boxes.begin() + static_cast<std::ptrdiff_t>(k));
                k = 0; // the larger box may touch others
            } else {
                ++k;
            }
        boxes.push_back(box);
    }
    for (const auto &box : boxes) {
        std::vector<Patch> inside;
        for (const auto &p : patches)
            if (box.touches(p.box))
                inside.push_back(p);
        smoothPatches(v, before.data(), side, box, inside, sigma, deviation, random);
    }
}

void augmentIntensity(float *image, std::int64_t channels, std::int64_t side, const AugmentOptions &o, Random &random)
{
    const std::int64_t n = side * side;
    constexpr float all = std::numeric_limits<float>::infinity();
    const auto each = [&](auto &&f) {
        for (std::int64_t c = 0; c < channels; ++c)
            f(image + c * n);
    };
    if (random.chance(o.noise)) {
        const double variance = random.uniform(0, o.noiseVariance);
        each([&](float *v) { addNoise(v, n, static_cast<float>(std::sqrt(variance)) * momentsOf(v, n).deviation, random); });
    }
    if (random.chance(o.blur)) {
        const double sigma = random.uniform(o.blurMin, o.blurMax);
        each([&](float *v) { blur(v, side, side, sigma); });
    }
    if (random.chance(o.brightness)) {
        const auto factor = static_cast<float>(random.uniform(o.brightnessMin, o.brightnessMax));
        each([&](float *v) { stretch(v, n, 0, factor, 0, -all, all); });
    }
    if (random.chance(o.contrast)) {
        const auto factor = static_cast<float>(random.uniform(o.contrastMin, o.contrastMax));
        each([&](float *v) {
            const auto m = momentsOf(v, n);
            stretch(v, n, m.mean, factor, m.mean, m.low, m.high);
        });
    }
    if (random.chance(o.lowResolution)) {
        const double zoom = random.uniform(o.lowResolutionMin, 1);
        each([&](float *v) { lowerResolution(v, side, zoom); });
    }
    if (o.defocus > 0) // a recipe without it has the crops that it had before there was this
        each([&](float *v) {
            if (random.chance(o.defocus))
                defocus(v, side, o, random);
        });
    const auto drawGamma = [&] {
        // Half of the draws bend each way, where the range has both.
        if (o.gammaMin < 1 && random.chance(0.5))
            return random.uniform(o.gammaMin, std::min(1.0, o.gammaMax));
        return random.uniform(std::max(1.0, o.gammaMin), std::max(1.0, o.gammaMax));
    };
    if (random.chance(o.gammaInverted)) {
        const double gamma = drawGamma();
        each([&](float *v) { bendGamma(v, n, gamma, true); });
    }
    if (random.chance(o.gamma)) {
        const double gamma = drawGamma();
        each([&](float *v) { bendGamma(v, n, gamma, false); });
    }
}

} // namespace

Schema<AugmentOptions> AugmentOptions::schema()
{
    using O = AugmentOptions;
    const auto chance = [](std::string name, std::string help) {
        return FieldSpec{.name = std::move(name), .help = std::move(help), .min = 0, .max = 1};
    };
    const auto range = [](std::string name, std::string help, double min, double max, std::string unit = {}) {
        return FieldSpec{.name = std::move(name),
                         .help = std::move(help),
                         .unit = std::move(unit),
                         .min = min,
                         .max = max,
                         .group = "Ranges",
                         .advanced = true};
    };
    return Schema<O>("augment", "Augmentation",
                     "Random changes of the training crops, applied to image and label alike where they move pixels. "
                     "Probabilities and ranges follow Isensee et al. 2021, but for defocus.")
        .field(&O::enabled, {.name = "enabled", .help = "Augment the training crops at all."})
        .field(&O::flip,
               chance("flip", "Probability of a flip, for each axis; across slices too where the network sees neighboring ones."))
        .field(&O::quarterTurns, chance("quarter-turns", "Probability of one to three quarter turns."))
        .field(&O::rotate, chance("rotate", "Probability of a rotation by any angle."))
        .field(&O::rotateDegrees, range("rotate-degrees", "Largest rotation, either way.", 0, 180, "degrees"))
        .field(&O::scale, chance("scale", "Probability of scaling."))
        .field(&O::scaleMin, range("scale-min", "Smallest scale.", 0.1, 1))
        .field(&O::scaleMax, range("scale-max", "Largest scale.", 1, 10))
        .field(&O::elastic, chance("elastic", "Probability of an elastic deformation (3 x 3 grid, cubic)."))
        .field(&O::elasticSigma, range("elastic-sigma", "Standard deviation of the grid's shifts.", 0, 100, "px"))
        .field(&O::noise, chance("noise", "Probability of Gaussian noise."))
        .field(&O::noiseVariance, range("noise-variance", "Largest variance, for an image of variance 1.", 0, 10))
        .field(&O::blur, chance("blur", "Probability of a Gaussian blur."))
        .field(&O::blurMin, range("blur-min", "Smallest sigma.", 0.1, 10, "px"))
        .field(&O::blurMax, range("blur-max", "Largest sigma.", 0.1, 10, "px"))
        .field(&O::brightness, chance("brightness", "Probability of multiplying all values by one factor."))
        .field(&O::brightnessMin, range("brightness-min", "Smallest factor.", 0.1, 1))
        .field(&O::brightnessMax, range("brightness-max", "Largest factor.", 1, 10))
        .field(&O::contrast, chance("contrast", "Probability of stretching values about their mean."))
        .field(&O::contrastMin, range("contrast-min", "Smallest factor.", 0.1, 1))
        .field(&O::contrastMax, range("contrast-max", "Largest factor.", 1, 10))
        .field(&O::lowResolution, chance("low-resolution", "Probability of sampling down and up again."))
        .field(&O::lowResolutionMin, range("low-resolution-min", "Smallest zoom; the largest is 1.", 0.1, 1))
        .field(&O::defocus, chance("defocus", "Probability, for each channel and slice, of up to three round patches "
                                              "out of focus, so that borders are learnt where they are hard to see "
                                              "(Lee et al. 2017)."))
        .field(&O::defocusRadius,
               range("defocus-radius", "Largest radius of a patch; the smallest is a quarter of it.", 2, 1000, "px"))
        .field(&O::defocusSigma, range("defocus-sigma", "Largest sigma of the blur in it; the smallest is 2.", 2, 20, "px"))
        .field(&O::gamma, chance("gamma", "Probability of a gamma curve."))
        .field(&O::gammaMin, range("gamma-min", "Smallest gamma.", 0.1, 1))
        .field(&O::gammaMax, range("gamma-max", "Largest gamma.", 1, 10))
        .field(&O::gammaInverted, chance("gamma-inverted", "Probability of a gamma curve on the inverted image."))
        .about("image");
}

void augmentedCrop(const CropInput &in, std::int64_t y, std::int64_t x, std::int64_t side, const AugmentOptions &options,
                   std::uint64_t seed, float *image, std::uint8_t *target)
{
    assert(side > 0 && in.height > 0 && in.width > 0);
    Random random(seed);
    const auto g = options.enabled ? drawGeometry(options, random) : Geometry();
    const std::int64_t top = y - side / 2, left = x - side / 2, pixels = side * side;
    if (g.resample) {
        // Positions of 32 bit are gathered several at a time.
        if (in.height * in.width + in.width < std::numeric_limits<std::int32_t>::max())
            resample<std::int32_t>(in, top, left, side, g, image, target);
        else
            resample<std::int64_t>(in, top, left, side, g, image, target);
    } else {
        const auto rows = mirroredRun(top, side, in.height), columns = mirroredRun(left, side, in.width);
        const bool contiguous = left >= 0 && left + side <= in.width;
        for (std::size_t c = 0; c < in.channels.size(); ++c)
            copyExact(in.channels[c], in.width, rows, columns, contiguous, g, image + static_cast<std::int64_t>(c) * pixels);
        copyExact(in.labels, in.width, rows, columns, contiguous, g, target);
    }
    if (options.enabled)
        augmentIntensity(image, static_cast<std::int64_t>(in.channels.size()), side, options, random);
}

AugmentedCrop augmentedCrop(const Array &image, const Array &target, std::int64_t y, std::int64_t x, std::int64_t side,
                            const AugmentOptions &options, std::uint64_t seed)
{
    assert(image.rank() == 3 && target.rank() == 2);
    assert(image.dim(1) == target.dim(0) && image.dim(2) == target.dim(1));
    CropInput in{{}, target.data<std::uint8_t>(), image.dim(1), image.dim(2)};
    for (std::int64_t c = 0; c < image.dim(0); ++c)
        in.channels.push_back(image.data<float>() + c * in.height * in.width);
    AugmentedCrop crop{Array(DType::Float32, {image.dim(0), side, side}), Array(DType::UInt8, {side, side})};
    augmentedCrop(in, y, x, side, options, seed, crop.image.data<float>(), crop.target.data<std::uint8_t>());
    return crop;
}

} // namespace reticle
