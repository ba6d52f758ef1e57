#pragma once

#include "analysis/wavelet/Wavelet.h"

namespace reticle {

/// What is summed up of one image's coefficients. Index 0 of a list is the finest level (1).
struct WaveletSums
{
    struct Level
    {
        double energy[3] = {0, 0, 0};   ///< sum of c^2 of H, V, D
        double absolute[3] = {0, 0, 0}; ///< sum of |c|
    };
    std::vector<Level> levels;
    double approximationEnergy = 0, approximationAbsolute = 0;

    WaveletSums &operator+=(const WaveletSums &other);
    bool hasDetails() const; ///< not all details are zero
};

/// Of a (rows, columns) image's coefficients in the plan's layout.
WaveletSums sumsOf(const WaveletLayout &layout, const double *coefficients);

enum class PowerMeasure {
    EnergyShare,   ///< E_l / sum of all E
    AbsoluteShare, ///< A_l / sum of all A
    Energy,        ///< E_l / (images x coefficients)
    Absolute,      ///< A_l / (images x coefficients)
};
const std::vector<std::string> &powerMeasureNames(); ///< "energy-share", ...
PowerMeasure powerMeasure(const std::string &name);  ///< throws Error

/// H, V, D alone or together (All).
enum class PowerBands { H, V, D, All };

/// The sum over the bands, of three numbers of H, V and D.
double picked(const double (&bands)[3], PowerBands which);

/// Power per level of sums over `images` images, in the order of WaveletSums::levels; the last entry, with
/// `approximation`, is that of the approximation, which then counts to the whole of shares. The whole of one orientation
/// is that orientation alone, so that the shares of H, of V, of D and of all three each add up to 1. Shares of nothing
/// are 0.
std::vector<double> powerOf(const WaveletSums &sums, const WaveletLayout &layout, PowerMeasure measure, PowerBands bands,
                            bool approximation, std::int64_t images = 1);

/// Power of a set of images and its spread.
struct SetPower
{
    std::vector<double> value; ///< by level as of powerOf
    std::vector<double> sd;    ///< over images (n - 1), NaN for one
    std::int64_t count = 0;    ///< images that mean and sd are over
};
/// `pooled`: the sums of all images are added and then taken as one, so that images of high contrast count more; else
/// each image for itself, then the mean. The sd is over images in both cases. An image whose shares are of nothing (no
/// vertical edges where V is asked for) has none: it is left out of mean, sd and count.
SetPower powerOfSet(const std::vector<WaveletSums> &images, const WaveletLayout &layout, PowerMeasure measure, PowerBands bands,
                    bool approximation, bool pooled);

/// a[i] / b[i]; NaN where b[i] is 0.
std::vector<double> ratioOf(const std::vector<double> &a, const std::vector<double> &b);
/// Per entry the sd over images of ln(power of a's image / power of b's image), the two lists being paired; NaN for
/// fewer than two. exp(+- sd) is the band of a ratio on a log axis.
std::vector<double> logRatioSd(const std::vector<WaveletSums> &a, const std::vector<WaveletSums> &b, const WaveletLayout &layout,
                               PowerMeasure measure, PowerBands bands, bool approximation);

/// E_H / (E_H + E_V) of one level; NaN where both are 0. Above 0.5 horizontal edges prevail.
double anisotropyOf(const WaveletSums::Level &level);

/// Coefficients a level has of one image: of one band, or of all three.
double coefficientsOf(const WaveletLayout &layout, std::size_t level, PowerBands bands);

} // namespace reticle
