#pragma once

#include "figure/Figure.h"
#include "foundation/Schema.h"

#include <cstdint>
#include <vector>

namespace reticle {

/// What it costs to predict an image patch by patch, one patch for each pixel (Ciresan et al. 2012), against a fully
/// convolutional network that takes the image in one piece (Long, Shelhamer and Darrell 2015).

/// Settings of the analysis "prediction-cost".
struct PredictionCostOptions
{
    std::string model = "unet";             ///< where there is no run
    std::string settings;                   ///< of that model, "variant=56; dropout=0"
    std::string classifier = "network";     ///< what sees a patch: the network itself, "small" or another one's name
    std::int64_t channels = 1, outputs = 1; ///< of that model
    std::int64_t height = 0, width = 0;     ///< 0 = the run's images; 512 without a run
    std::vector<std::int64_t> patches{8, 16, 32, 64, 128};
    std::int64_t stride = 1;
    std::string borders = "padded";
    std::int64_t crop = 512, repeats = 5;
    std::string precision = "auto", device = "auto";

    static Schema<PredictionCostOptions> schema();
};

/// Patches of P x P px that an image of N x M px is cut into, one every `stride` pixels. Padded: one for each such
/// pixel, the image being continued beyond its border; else only patches that lie inside, 0 where the image is smaller.
std::int64_t patchCount(std::int64_t rows, std::int64_t columns, std::int64_t patch, std::int64_t stride, bool padded);

/// One size of patches.
struct PatchCost
{
    std::int64_t patch = 0;   ///< P, px
    std::int64_t patches = 0; ///< for the whole image
    std::int64_t macs = 0;    ///< multiplications of one patch, its padding to the network's multiple among them
    double seconds = 0;       ///< measured of one patch: median over repeats, a batch divided by its patches
    std::int64_t batch = 0;   ///< patches taken at once when measured
    std::int64_t repeats = 0;

    double pixels() const { return static_cast<double>(patches) * static_cast<double>(patch * patch); }
    double allMacs() const { return static_cast<double>(patches) * static_cast<double>(macs); }
    double allSeconds() const { return static_cast<double>(patches) * seconds; } ///< extrapolated
};

struct CostMeasurement
{
    std::string what;                           ///< "run 3 (unet)"
    std::int64_t rows = 0, columns = 0;         ///< of the image
    std::int64_t cropRows = 0, cropColumns = 0; ///< of what was measured in one piece
    double macs = 0, seconds = 0; ///< of the image in one piece; of a crop, times the image's pixels over the crop's
    std::int64_t repeats = 0, stride = 1;
    bool padded = true;
    std::string machine;    ///< "cpu, 2 threads, float32"
    std::string classifier; ///< of the patches: "the same network"
    std::vector<PatchCost> patches;

    double pixels() const { return static_cast<double>(rows) * static_cast<double>(columns); }
    bool extrapolated() const { return cropRows < rows || cropColumns < columns; }
};

Table costTable(const CostMeasurement &m);
Figure costFigure(const CostMeasurement &m);

} // namespace reticle
