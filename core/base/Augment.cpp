#include "base/Augment.h"

#include "base/Random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

// Probabilities and ranges follow nnU-Net (Isensee et al. 2021, supplementary note 4); the elastic field on a 3 x 3 grid
// is that of Ronneberger et al. 2015.

namespace reticle {
namespace {

/// Mirror about the edge pixel's centre (its value is not repeated): 2 1 | 0 1 2 3 | 2 1.
inline std::int64_t mirrored(std::int64_t i, std::int64_t n)
{
    if (i >= 0 && i < n)
        return i;
    if (n == 1)
        return 0;
    const std::int64_t period = 2 * (n - 1);
    i %= period;
    if (i < 0)
        i += period;
    return i < n ? i : period - i;
}

std::vector<std::int64_t> mirroredRun(std::int64_t start, std::int64_t count, std::int64_t n)
{
    std::vector<std::int64_t> v(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
        v[i] = mirrored(start + i, n);
    return v;
}

/// Where an output pixel comes from: source = centre + matrix (output - centre) + elastic.
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
        const double exact[2][2] = {{g.transpose ? 0 : fy, g.transpose ? fy : 0},
                                    {g.transpose ? fx : 0, g.transpose ? 0 : fx}};
        const double turn[2][2] = {{c, -s}, {s, c}};
        for (int i = 0; i < 2; ++i)
            for (int j = 0; j < 2; ++j)
                g.matrix[i][j] = exact[i][0] * turn[0][j] + exact[i][1] * turn[1][j];
    }
    return g;
}

/// Weights of three knots at -1, 0, 1 for each of n points from -1 to 1: Catmull-Rom with repeated end knots.
std::vector<std::array<float, 3>> cubicWeights(std::int64_t n)
{
    std::vector<std::array<float, 3>> weights(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) {
        const double p = n > 1 ? 2.0 * i / (n - 1) : 1.0;
        const int k = p < 1 ? 0 : 1;
        const double t = p - k, t2 = t * t, t3 = t2 * t;
        const double w[4] = {-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -1.5 * t3 + 2 * t2 + 0.5 * t,
                             0.5 * t3 - 0.5 * t2};
        double sum[3] = {};
        for (int m = 0; m < 4; ++m)
            sum[std::clamp(k - 1 + m, 0, 2)] += w[m];
        weights[i] = {float(sum[0]), float(sum[1]), float(sum[2])};
    }
    return weights;
}

void copyExact(const Array &image, const Array &target, std::int64_t top, std::int64_t left, std::int64_t side,
               const Geometry &g, AugmentedCrop &crop)
{
    const std::int64_t channels = image.dim(0), height = image.dim(1), width = image.dim(2);
    const auto rows = mirroredRun(top, side, height), columns = mirroredRun(left, side, width);
    const bool contiguous = left >= 0 && left + side <= width;
    const auto copy = [&](const auto *from, auto *to) {
        for (std::int64_t i = 0; i < side; ++i) {
            if (g.transpose) {
                const auto column = columns[g.flipX ? side - 1 - i : i];
                for (std::int64_t j = 0; j < side; ++j)
                    to[i * side + j] = from[rows[g.flipY ? side - 1 - j : j] * width + column];
                continue;
            }
            const auto *row = from + rows[g.flipY ? side - 1 - i : i] * width;
            if (contiguous && !g.flipX)
                std::copy(row + left, row + left + side, to + i * side);
            else
                for (std::int64_t j = 0; j < side; ++j)
                    to[i * side + j] = row[columns[g.flipX ? side - 1 - j : j]];
        }
    };
    for (std::int64_t c = 0; c < channels; ++c)
        copy(image.data<float>() + c * height * width, crop.image.data<float>() + c * side * side);
    copy(target.data<std::uint8_t>(), crop.target.data<std::uint8_t>());
}

void resample(const Array &image, const Array &target, std::int64_t top, std::int64_t left, std::int64_t side,
              const Geometry &g, AugmentedCrop &crop)
{
    const std::int64_t channels = image.dim(0), height = image.dim(1), width = image.dim(2);
    const double middle = (side - 1) / 2.0;
    const auto cubic = g.elastic ? cubicWeights(side) : std::vector<std::array<float, 3>>();
    std::vector<float> ys(static_cast<std::size_t>(side)), xs(ys.size());
    const auto *labels = target.data<std::uint8_t>();
    for (std::int64_t i = 0; i < side; ++i) {
        // Relative to the crop's corner: float32 then keeps 1e-5 px on images of any size.
        const double u = i - middle;
        const auto y0 = static_cast<float>(middle + g.matrix[0][0] * u - g.matrix[0][1] * middle);
        const auto x0 = static_cast<float>(middle + g.matrix[1][0] * u - g.matrix[1][1] * middle);
        const auto dy = static_cast<float>(g.matrix[0][1]), dx = static_cast<float>(g.matrix[1][1]);
        for (std::int64_t j = 0; j < side; ++j) {
            ys[j] = y0 + dy * static_cast<float>(j);
            xs[j] = x0 + dx * static_cast<float>(j);
        }
        if (g.elastic) {
            float gy[3] = {}, gx[3] = {};
            for (int k = 0; k < 3; ++k)
                for (int m = 0; m < 3; ++m) {
                    gy[m] += cubic[i][k] * g.shiftY[k][m];
                    gx[m] += cubic[i][k] * g.shiftX[k][m];
                }
            for (std::int64_t j = 0; j < side; ++j) {
                ys[j] += cubic[j][0] * gy[0] + cubic[j][1] * gy[1] + cubic[j][2] * gy[2];
                xs[j] += cubic[j][0] * gx[0] + cubic[j][1] * gx[1] + cubic[j][2] * gx[2];
            }
        }
        for (std::int64_t j = 0; j < side; ++j) {
            // std::floor is a function call where the compiler may not assume SSE 4.1.
            const auto iy = static_cast<std::int64_t>(ys[j]) - (ys[j] < 0), ix = static_cast<std::int64_t>(xs[j]) - (xs[j] < 0);
            const float wy = ys[j] - static_cast<float>(iy), wx = xs[j] - static_cast<float>(ix);
            std::int64_t r0 = top + iy, c0 = left + ix;
            std::int64_t r1 = r0 + 1, c1 = c0 + 1;
            if (r0 < 0 || c0 < 0 || r1 >= height || c1 >= width) {
                r0 = mirrored(r0, height);
                r1 = mirrored(r1, height);
                c0 = mirrored(c0, width);
                c1 = mirrored(c1, width);
            }
            for (std::int64_t c = 0; c < channels; ++c) {
                const float *p = image.data<float>() + c * height * width;
                const float upper = p[r0 * width + c0] + wx * (p[r0 * width + c1] - p[r0 * width + c0]);
                const float lower = p[r1 * width + c0] + wx * (p[r1 * width + c1] - p[r1 * width + c0]);
                crop.image.data<float>()[(c * side + i) * side + j] = upper + wy * (lower - upper);
            }
            crop.target.data<std::uint8_t>()[i * side + j] =
                labels[(wy < 0.5f ? r0 : r1) * width + (wx < 0.5f ? c0 : c1)];
        }
    }
}

struct Statistics
{
    float mean, deviation, low, high;
};

Statistics statisticsOf(const float *v, std::int64_t n)
{
    double sum = 0, squares = 0;
    float low = v[0], high = v[0];
    for (std::int64_t i = 0; i < n; ++i) {
        sum += v[i];
        squares += double(v[i]) * v[i];
        low = std::min(low, v[i]);
        high = std::max(high, v[i]);
    }
    const double mean = sum / n;
    return {float(mean), float(std::sqrt(std::max(0.0, squares / n - mean * mean))), low, high};
}

void addNoise(float *v, std::int64_t n, float deviation, Random &random)
{
    for (std::int64_t i = 0; i < n; i += 2) {
        // Box and Muller 1958, both values used; 2 x 32 bits of one draw are plenty for noise.
        const std::uint64_t bits = random.next();
        const float u = (static_cast<float>(bits >> 40) + 1) * 0x1p-24f;
        const float a = static_cast<float>(bits & 0xffffff) * (0x1p-24f * 2 * std::numbers::pi_v<float>);
        const float r = deviation * std::sqrt(-2 * std::log(u));
        v[i] += r * std::cos(a);
        if (i + 1 < n)
            v[i + 1] += r * std::sin(a);
    }
}

void blur(float *v, std::int64_t side, double sigma)
{
    const int radius = static_cast<int>(std::ceil(3 * sigma));
    std::vector<float> kernel(static_cast<std::size_t>(2 * radius + 1));
    float sum = 0;
    for (int k = -radius; k <= radius; ++k)
        sum += kernel[k + radius] = static_cast<float>(std::exp(-0.5 * k * k / (sigma * sigma)));
    for (float &k : kernel)
        k /= sum;
    std::vector<float> padded(static_cast<std::size_t>(side + 2 * radius));
    const auto columns = mirroredRun(-radius, side + 2 * radius, side);
    for (std::int64_t i = 0; i < side; ++i) {
        float *row = v + i * side;
        for (std::size_t j = 0; j < padded.size(); ++j)
            padded[j] = row[columns[j]];
        std::fill(row, row + side, 0.0f);
        for (int k = 0; k <= 2 * radius; ++k)
            for (std::int64_t j = 0; j < side; ++j)
                row[j] += kernel[k] * padded[j + k];
    }
    std::vector<float> copy(v, v + side * side);
    std::fill(v, v + side * side, 0.0f);
    for (std::int64_t i = 0; i < side; ++i)
        for (int k = 0; k <= 2 * radius; ++k) {
            const float *row = copy.data() + columns[i + k] * side;
            for (std::int64_t j = 0; j < side; ++j)
                v[i * side + j] += kernel[k] * row[j];
        }
}

/// Every 1/zoom-th pixel, then back by linear interpolation.
void lowerResolution(float *v, std::int64_t side, double zoom)
{
    const auto coarse = std::max<std::int64_t>(1, std::llround(side * zoom));
    const double pitch = static_cast<double>(side) / coarse;
    std::vector<std::int64_t> pick(static_cast<std::size_t>(coarse)), below(static_cast<std::size_t>(side)), above(below);
    std::vector<float> part(below.size());
    for (std::int64_t k = 0; k < coarse; ++k)
        pick[k] = std::min(side - 1, static_cast<std::int64_t>((k + 0.5) * pitch));
    for (std::int64_t i = 0; i < side; ++i) {
        const double p = std::clamp((i + 0.5) / pitch - 0.5, 0.0, coarse - 1.0);
        below[i] = static_cast<std::int64_t>(p);
        above[i] = std::min(coarse - 1, below[i] + 1);
        part[i] = static_cast<float>(p - below[i]);
    }
    std::vector<float> rows(static_cast<std::size_t>(coarse * side));
    for (std::int64_t k = 0; k < coarse; ++k)
        for (std::int64_t j = 0; j < side; ++j) {
            const float *row = v + pick[k] * side;
            const float a = row[pick[below[j]]], b = row[pick[above[j]]];
            rows[k * side + j] = a + part[j] * (b - a);
        }
    for (std::int64_t i = 0; i < side; ++i) {
        const float *a = rows.data() + below[i] * side, *b = rows.data() + above[i] * side;
        for (std::int64_t j = 0; j < side; ++j)
            v[i * side + j] = a[j] + part[i] * (b[j] - a[j]);
    }
}

/// x^gamma on the values stretched to 0..1 (or on 1 - x), mean and deviation kept.
void bendGamma(float *v, std::int64_t n, double gamma, bool inverted)
{
    const auto before = statisticsOf(v, n);
    if (!(before.high > before.low))
        return;
    constexpr int steps = 1024;
    std::array<float, steps + 2> table;
    for (int k = 0; k <= steps; ++k) {
        const double p = static_cast<double>(k) / steps;
        table[k] = static_cast<float>(inverted ? 1 - std::pow(1 - p, gamma) : std::pow(p, gamma));
    }
    table[steps + 1] = table[steps];
    const float factor = steps / (before.high - before.low);
    for (std::int64_t i = 0; i < n; ++i) {
        const float p = (v[i] - before.low) * factor;
        const int k = static_cast<int>(p);
        v[i] = table[k] + (p - static_cast<float>(k)) * (table[k + 1] - table[k]);
    }
    const auto after = statisticsOf(v, n);
    const float stretch = before.deviation / std::max(after.deviation, 1e-8f);
    for (std::int64_t i = 0; i < n; ++i)
        v[i] = (v[i] - after.mean) * stretch + before.mean;
}

/// Round patches without detail, as where a membrane is cut aslant: smoothed, with noise like that around them. After the
/// out-of-focus sections of Lee et al. 2017 (arXiv:1706.00120).
void defocus(float *v, std::int64_t side, const AugmentOptions &o, Random &random)
{
    const std::int64_t n = side * side;
    std::vector<float> smooth(v, v + n), fine(v, v + n);
    blur(smooth.data(), side, random.uniform(2, o.defocusSigma));
    blur(fine.data(), side, 1);
    for (std::int64_t i = 0; i < n; ++i)
        fine[static_cast<std::size_t>(i)] = v[i] - fine[static_cast<std::size_t>(i)];
    addNoise(smooth.data(), n, statisticsOf(fine.data(), n).deviation, random);
    std::vector<float> part(static_cast<std::size_t>(n));
    for (auto k = 1 + random.below(3); k > 0; --k) {
        const double y = random.uniform(0, static_cast<double>(side)), x = random.uniform(0, static_cast<double>(side)),
                     radius = random.uniform(o.defocusRadius / 4, o.defocusRadius);
        const auto from = [&](double centre) { return std::max<std::int64_t>(0, std::llround(centre - radius)); };
        const auto to = [&](double centre) {
            return std::min(side, static_cast<std::int64_t>(std::llround(centre + radius)) + 1);
        };
        for (std::int64_t i = from(y); i < to(y); ++i)
            for (std::int64_t j = from(x); j < to(x); ++j) {
                const double far = std::hypot(static_cast<double>(i) - y, static_cast<double>(j) - x) / radius;
                auto &p = part[static_cast<std::size_t>(i * side + j)]; // whole within 0.8 of the radius
                p = std::max(p, static_cast<float>(std::clamp((1 - far) / 0.2, 0.0, 1.0)));
            }
    }
    for (std::int64_t i = 0; i < n; ++i)
        v[i] += part[static_cast<std::size_t>(i)] * (smooth[static_cast<std::size_t>(i)] - v[i]);
}

void augmentIntensity(Array &image, const AugmentOptions &o, Random &random)
{
    const std::int64_t channels = image.dim(0), side = image.dim(1), n = side * side;
    const auto each = [&](auto &&f) {
        for (std::int64_t c = 0; c < channels; ++c)
            f(image.data<float>() + c * n);
    };
    if (random.chance(o.noise)) {
        const double variance = random.uniform(0, o.noiseVariance);
        each([&](float *v) {
            addNoise(v, n, static_cast<float>(std::sqrt(variance)) * statisticsOf(v, n).deviation, random);
        });
    }
    if (random.chance(o.blur)) {
        const double sigma = random.uniform(o.blurMin, o.blurMax);
        each([&](float *v) { blur(v, side, sigma); });
    }
    if (random.chance(o.brightness)) {
        const auto factor = static_cast<float>(random.uniform(o.brightnessMin, o.brightnessMax));
        each([&](float *v) {
            for (std::int64_t i = 0; i < n; ++i)
                v[i] *= factor;
        });
    }
    if (random.chance(o.contrast)) {
        const auto factor = static_cast<float>(random.uniform(o.contrastMin, o.contrastMax));
        each([&](float *v) {
            const auto s = statisticsOf(v, n);
            for (std::int64_t i = 0; i < n; ++i)
                v[i] = std::clamp((v[i] - s.mean) * factor + s.mean, s.low, s.high);
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
        return FieldSpec{.name = std::move(name), .help = std::move(help), .unit = std::move(unit), .min = min,
                         .max = max, .group = "Ranges", .advanced = true};
    };
    return Schema<O>("augment", "Augmentation",
                     "Random changes of the training crops, applied to image and label alike where they move pixels. "
                     "Probabilities and ranges follow Isensee et al. 2021, but for defocus.")
        .field(&O::enabled, {.name = "enabled", .help = "Augment the training crops at all."})
        .field(&O::flip, chance("flip", "Probability of a flip, for each axis; across slices too where the network sees neighbouring ones."))
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
        .field(&O::defocusSigma,
               range("defocus-sigma", "Largest sigma of the blur in it; the smallest is 2.", 2, 20, "px"))
        .field(&O::gamma, chance("gamma", "Probability of a gamma curve."))
        .field(&O::gammaMin, range("gamma-min", "Smallest gamma.", 0.1, 1))
        .field(&O::gammaMax, range("gamma-max", "Largest gamma.", 1, 10))
        .field(&O::gammaInverted, chance("gamma-inverted", "Probability of a gamma curve on the inverted image."));
}

AugmentedCrop augmentedCrop(const Array &image, const Array &target, std::int64_t y, std::int64_t x, std::int64_t side,
                            const AugmentOptions &options, std::uint64_t seed)
{
    assert(image.rank() == 3 && target.rank() == 2 && side > 0);
    assert(image.dim(1) == target.dim(0) && image.dim(2) == target.dim(1));
    Random random(seed);
    const auto geometry = options.enabled ? drawGeometry(options, random) : Geometry();
    const std::int64_t top = y - side / 2, left = x - side / 2;
    AugmentedCrop crop{Array(DType::Float32, {image.dim(0), side, side}), Array(DType::UInt8, {side, side})};
    if (geometry.resample)
        resample(image, target, top, left, side, geometry, crop);
    else
        copyExact(image, target, top, left, side, geometry, crop);
    if (options.enabled)
        augmentIntensity(crop.image, options, random);
    return crop;
}

} // namespace reticle
