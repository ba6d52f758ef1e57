#pragma once

// Noise for made pictures; private to core/simulate.

#include "foundation/Random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace reticle {

/// Smooth noise, about -1..1: random values on a lattice, blended with cubic weights.
class Lattice
{
public:
    explicit Lattice(std::uint64_t seed) : m_seed(seed) {}
    float at(double x, double y, double z) const
    {
        const double fx = std::floor(x), fy = std::floor(y), fz = std::floor(z);
        const auto ix = static_cast<std::int64_t>(fx), iy = static_cast<std::int64_t>(fy), iz = static_cast<std::int64_t>(fz);
        const double u = ease(x - fx), v = ease(y - fy), w = ease(z - fz);
        double layer[2];
        for (int k = 0; k < 2; ++k) {
            const double top = corner(ix, iy, iz + k) * (1 - u) + corner(ix + 1, iy, iz + k) * u;
            const double bottom = corner(ix, iy + 1, iz + k) * (1 - u) + corner(ix + 1, iy + 1, iz + k) * u;
            layer[k] = top * (1 - v) + bottom * v;
        }
        return static_cast<float>(layer[0] * (1 - w) + layer[1] * w);
    }

private:
    static double ease(double t) { return t * t * (3 - 2 * t); }
    double corner(std::int64_t x, std::int64_t y, std::int64_t z) const
    {
        std::uint64_t h = m_seed + 0x9e3779b97f4a7c15u * static_cast<std::uint64_t>(x);
        h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9u + 0xc2b2ae3d27d4eb4fu * static_cast<std::uint64_t>(y);
        h = (h ^ (h >> 32)) * 0x94d049bb133111ebu + 0x165667b19e3779f9u * static_cast<std::uint64_t>(z);
        h = (h ^ (h >> 29)) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
        return static_cast<double>(h >> 11) * 0x1.0p-52 - 1;
    }
    std::uint64_t m_seed;
};

/// Smooth isotropic noise, about -1..1: plane waves of random direction and lengths around `length`.
class Waves
{
public:
    Waves(Random r, double length, double depth)
    {
        for (auto &wave : m_waves) {
            const double k = 2 * std::numbers::pi / (length * r.uniform(0.7, 1.5)), angle = r.uniform(0, 2 * std::numbers::pi);
            wave = {k * std::cos(angle), k * std::sin(angle), 2 * std::numbers::pi / (depth * r.uniform(0.7, 2)),
                    r.uniform(0, 2 * std::numbers::pi)};
        }
    }
    double at(double x, double y, double z) const
    {
        double sum = 0;
        for (const auto &[kx, ky, kz, phase] : m_waves)
            sum += std::sin(kx * x + ky * y + kz * z + phase);
        return sum * (1 / std::sqrt(2.0 * count));
    }

private:
    static constexpr int count = 7;
    std::array<std::array<double, 4>, count> m_waves;
};

/// Nearly normal noise at a tenth of the price: the sum of four 16-bit uniform numbers, scaled to unit variance.
inline float quickNormal(Random &r)
{
    const std::uint64_t v = r.next();
    const auto sum = static_cast<std::int32_t>((v & 0xffff) + ((v >> 16) & 0xffff) + ((v >> 32) & 0xffff) + (v >> 48));
    return static_cast<float>(sum - 131070) * (1.7320508f / 65536.0f);
}

/// Separable Gaussian with mirrored borders, in place; scale = standard deviation in px.
inline void blur(std::vector<float> &image, std::int64_t h, std::int64_t w, double sigma)
{
    const int r = std::max(1, static_cast<int>(std::ceil(3 * sigma)));
    std::vector<float> kernel(2 * r + 1);
    float total = 0;
    for (int i = -r; i <= r; ++i)
        total += kernel[i + r] = static_cast<float>(std::exp(-i * i / (2 * sigma * sigma)));
    for (auto &k : kernel)
        k /= total;
    const auto mirror = [](std::int64_t i, std::int64_t n) {
        while (i < 0 || i >= n)
            i = i < 0 ? -i - 1 : 2 * n - 1 - i;
        return i;
    };
    std::vector<float> line(w + 2 * r), out(image.size());
    for (std::int64_t y = 0; y < h; ++y) {
        for (std::int64_t x = -r; x < w + r; ++x)
            line[x + r] = image[y * w + mirror(x, w)];
        float *o = image.data() + y * w;
        std::fill(o, o + w, 0.f);
        for (int k = 0; k <= 2 * r; ++k)
            for (std::int64_t x = 0; x < w; ++x)
                o[x] += kernel[k] * line[x + k];
    }
    for (std::int64_t y = 0; y < h; ++y)
        for (int k = -r; k <= r; ++k) {
            const float *in = image.data() + mirror(y + k, h) * w;
            float *o = out.data() + y * w;
            for (std::int64_t x = 0; x < w; ++x)
                o[x] += kernel[k + r] * in[x];
        }
    image.swap(out);
}

/// Noise of unit variance and given grain.
inline std::vector<float> grain(Random &r, std::int64_t h, std::int64_t w, double sigma)
{
    std::vector<float> n(h * w);
    for (auto &v : n)
        v = quickNormal(r);
    if (sigma > 0.2) {
        blur(n, h, w, sigma);
        double square = 0;
        for (const auto v : n)
            square += double(v) * v;
        const auto f = static_cast<float>(1 / std::sqrt(square / static_cast<double>(n.size()) + 1e-12));
        for (auto &v : n)
            v *= f;
    }
    return n;
}

} // namespace reticle
