#include "analysis/wavelet/RadialSpectrum.h"

#include "foundation/Parallel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace reticle {

namespace {

using Complex = std::complex<double>;

Complex turn(double part)
{
    return std::polar(1.0, 2 * std::numbers::pi * part);
}

} // namespace

FourierPlan::FourierPlan(std::int64_t n) : m_n(n)
{
    const auto size = static_cast<std::uint64_t>(n);
    m_length = static_cast<std::int64_t>(std::has_single_bit(size) ? size : std::bit_ceil(2 * size - 1));
    for (std::int64_t k = 0; k < m_length / 2; ++k)
        m_twiddles.push_back(turn(-static_cast<double>(k) / static_cast<double>(m_length)));
    if (m_length == n)
        return;
    m_kernel.assign(static_cast<std::size_t>(m_length), 0);
    for (std::int64_t j = 0; j < n; ++j) {
        // j^2 / 2n turns; j^2 is reduced first, as large turns lose digits.
        m_chirp.push_back(turn(-static_cast<double>(j * j % (2 * n)) / static_cast<double>(2 * n)));
        m_kernel[static_cast<std::size_t>(j)] = std::conj(m_chirp.back());
        m_kernel[static_cast<std::size_t>((m_length - j) % m_length)] = std::conj(m_chirp.back());
    }
    powerOfTwo(m_kernel.data(), false);
}

void FourierPlan::powerOfTwo(Complex *x, bool back) const
{
    for (std::int64_t i = 1, j = 0; i < m_length; ++i) {
        std::int64_t bit = m_length / 2;
        for (; j & bit; bit /= 2)
            j ^= bit;
        j ^= bit;
        if (i < j)
            std::swap(x[i], x[j]);
    }
    for (std::int64_t half = 1; half < m_length; half *= 2) {
        const std::int64_t stride = m_length / (2 * half);
        for (std::int64_t k = 0; k < half; ++k) {
            const Complex w = m_twiddles[static_cast<std::size_t>(k * stride)];
            const double re = w.real(), im = back ? -w.imag() : w.imag();
            for (std::int64_t i = k; i < m_length; i += 2 * half) {
                // Written out: the library's product also cares for infinities.
                const Complex b = x[i + half];
                const Complex p(b.real() * re - b.imag() * im, b.real() * im + b.imag() * re);
                x[i + half] = x[i] - p;
                x[i] += p;
            }
        }
    }
}

void FourierPlan::forward(Complex *x) const
{
    if (m_length == m_n) {
        powerOfTwo(x, false);
        return;
    }
    std::vector<Complex> y(static_cast<std::size_t>(m_length));
    for (std::int64_t j = 0; j < m_n; ++j)
        y[static_cast<std::size_t>(j)] = x[j] * m_chirp[static_cast<std::size_t>(j)];
    powerOfTwo(y.data(), false);
    for (std::size_t k = 0; k < y.size(); ++k)
        y[k] *= m_kernel[k];
    powerOfTwo(y.data(), true);
    for (std::int64_t k = 0; k < m_n; ++k)
        x[k] = y[static_cast<std::size_t>(k)] * m_chirp[static_cast<std::size_t>(k)] / static_cast<double>(m_length);
}

struct RadialSpectrum::Private
{
    Private(std::int64_t h, std::int64_t w) : rows(h), columns(w), down(h), along(w)
    {
        const std::int64_t shorter = std::min(h, w);
        if (shorter >= 4)
            for (std::int64_t k = 1; k <= shorter / 2; ++k)
                frequencies.push_back(static_cast<double>(k) / static_cast<double>(shorter));
        const auto hann = [](std::int64_t n) {
            std::vector<double> v;
            for (std::int64_t i = 0; i < n; ++i)
                v.push_back(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(n)));
            return v;
        };
        fadeDown = hann(h);
        fadeAlong = hann(w);
        for (const double a : fadeDown)
            for (const double b : fadeAlong)
                kept += a * a * b * b;
    }
    std::int64_t rows, columns;
    FourierPlan down, along;
    std::vector<double> frequencies, fadeDown, fadeAlong;
    double kept = 0; ///< sum of the window's squares
};

RadialSpectrum::RadialSpectrum(std::int64_t rows, std::int64_t columns) : d(std::make_unique<Private>(rows, columns)) {}
RadialSpectrum::~RadialSpectrum() = default;
RadialSpectrum::RadialSpectrum(RadialSpectrum &&) noexcept = default;

const std::vector<double> &RadialSpectrum::frequencies() const
{
    return d->frequencies;
}

std::vector<double> RadialSpectrum::power(const Array &image, int threads) const
{
    const std::int64_t h = d->rows, w = d->columns;
    std::vector<double> sum(d->frequencies.size());
    if (sum.empty())
        return sum;
    const double *x = image.data<double>();
    double mean = 0;
    for (std::int64_t i = 0; i < h * w; ++i)
        mean += x[i];
    mean /= static_cast<double>(h * w);
    // Parts are the same for any number of threads, and so are the roundings of their sums.
    constexpr std::int64_t linesAPart = 64;
    const auto parts = [](std::int64_t lines) { return (lines + linesAPart - 1) / linesAPart; };
    // Two real rows go as one complex one; its halves that are even and odd about the origin are theirs. Only columns up
    // to the middle are needed, the others mirror them.
    const std::int64_t half = w / 2 + 1;
    std::vector<Complex> columns(static_cast<std::size_t>(half * h));
    inParallel(parts(h), threads, [&](std::int64_t part, int) {
        std::vector<Complex> row(static_cast<std::size_t>(w));
        for (std::int64_t y = part * linesAPart; y < std::min(h, (part + 1) * linesAPart); y += 2) {
            const bool second = y + 1 < h;
            for (std::int64_t k = 0; k < w; ++k) {
                const double fade = d->fadeAlong[static_cast<std::size_t>(k)];
                const double a = (x[y * w + k] - mean) * fade * d->fadeDown[static_cast<std::size_t>(y)];
                const double b = second ? (x[(y + 1) * w + k] - mean) * fade * d->fadeDown[static_cast<std::size_t>(y + 1)] : 0;
                row[static_cast<std::size_t>(k)] = {a, b};
            }
            d->along.forward(row.data());
            for (std::int64_t k = 0; k < half; ++k) {
                const Complex p = row[static_cast<std::size_t>(k)];
                const Complex q = std::conj(row[static_cast<std::size_t>((w - k) % w)]);
                columns[static_cast<std::size_t>(k * h + y)] = 0.5 * (p + q);
                if (second)
                    columns[static_cast<std::size_t>(k * h + y + 1)] = Complex(0, -0.5) * (p - q);
            }
        }
    });
    struct Rings
    {
        std::vector<double> sum, count;
    };
    const double n = static_cast<double>(std::min(h, w));
    std::vector<Rings> of(static_cast<std::size_t>(parts(half)), {sum, sum});
    inParallel(parts(half), threads, [&](std::int64_t part, int) {
        auto &rings = of[static_cast<std::size_t>(part)];
        for (std::int64_t k = part * linesAPart; k < std::min(half, (part + 1) * linesAPart); ++k) {
            Complex *column = columns.data() + k * h;
            d->down.forward(column);
            const double times = k == 0 || 2 * k == w ? 1 : 2; // with its mirror image
            const double fx = static_cast<double>(k) / static_cast<double>(w);
            for (std::int64_t y = 0; y < h; ++y) {
                const double fy = static_cast<double>(2 * y <= h ? y : y - h) / static_cast<double>(h);
                const auto ring = static_cast<std::int64_t>(std::lround(std::hypot(fx, fy) * n)) - 1;
                if (ring < 0 || ring >= static_cast<std::int64_t>(sum.size()))
                    continue;
                rings.sum[static_cast<std::size_t>(ring)] += times * std::norm(column[y]);
                rings.count[static_cast<std::size_t>(ring)] += times;
            }
        }
    });
    std::vector<double> count(sum.size());
    for (const auto &rings : of)
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] += rings.sum[i];
            count[i] += rings.count[i];
        }
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] /= std::max(1.0, count[i]) * d->kept;
    return sum;
}

} // namespace reticle
