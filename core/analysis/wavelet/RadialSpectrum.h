#pragma once

#include "foundation/Array.h"

#include <complex>
#include <memory>
#include <vector>

namespace reticle {

/// Discrete Fourier transform of n complex numbers: radix 2 for powers of two (Cooley and Tukey 1965), by a convolution
/// for other lengths (Bluestein 1970). Threads: const, one plan serves several, as each call has its own memory.
class FourierPlan
{
public:
    explicit FourierPlan(std::int64_t n); ///< n >= 1
    /// x[k] = sum over j of x[j] exp(-2 pi i j k / n), in place.
    void forward(std::complex<double> *x) const;

private:
    void powerOfTwo(std::complex<double> *x, bool back) const;

    std::int64_t m_n, m_length; ///< m_length: the power of two that is worked with
    std::vector<std::complex<double>> m_twiddles, m_chirp, m_kernel;
};

/// Power of an image over the distance from the origin of its Fourier transform: what is left of detail of a size in
/// whatever direction. The mean is taken off and the image faded out towards its borders (Hann window, its loss made
/// up for), as otherwise the jump from border to border would look like detail.
class RadialSpectrum
{
public:
    RadialSpectrum(std::int64_t rows, std::int64_t columns);
    ~RadialSpectrum();
    RadialSpectrum(RadialSpectrum &&) noexcept;
    /// Center of each ring, cycles a pixel: k / N of the shorter side's N, from 1 / N to 1/2. Empty for a side below 4.
    const std::vector<double> &frequencies() const;
    /// Mean of |F|^2 / pixels over each ring, of a (rows, columns) float64 image: of white noise its variance. On up to
    /// `threads` threads (0 = all cores), with the same result to the bit.
    std::vector<double> power(const Array &image, int threads = 1) const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
