#pragma once

#include "base/Array.h"
#include "base/ImageSource.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

class Predictor;

/// What stands in a skip connection's place.
enum class SkipWay {
    Silenced, ///< zeros
    Shuffled, ///< the same place of another slice
    Mean,     ///< each channel's mean over pixels and slices
};

/// Some skips of a network, changed in one way; none = the network as it is.
struct SkipChange
{
    SkipWay way = SkipWay::Silenced;
    std::vector<int> skips;
};

/// Each slice gets another one: a single random cycle over 0 .. n - 1 (Sattolo 1986), so that none keeps its place.
/// n >= 2.
std::vector<std::size_t> derangement(std::size_t n, std::uint64_t seed);

/// Predicts with skips changed. One object is for one thread, the predictor's.
class SkipKnockout
{
public:
    /// `predictor` is borrowed; what it predicts by itself is not changed. Throws Error naming `what` when its network
    /// has no skips.
    SkipKnockout(Predictor &predictor, const std::string &what);
    ~SkipKnockout();

    const std::vector<std::string> &names() const; ///< of the skips, outermost first
    /// Takes a page's skips into the means. `goOn` is asked between tiles; false ends with Error (Kind::Cancelled).
    void addToMeans(const ImageSource &source, std::int64_t page, const std::function<bool(double)> &goOn = {});
    /// Mean of each channel of a skip, over what was added so far.
    std::vector<double> means(int skip) const;
    /// A page's probabilities (K, H, W) float32 for each change, all from one walk over the tiles. `donor` is the page
    /// whose skips Shuffled takes; Mean needs addToMeans before.
    std::vector<Array> predict(const ImageSource &source, std::int64_t page, std::int64_t donor,
                               const std::vector<SkipChange> &changes, const std::function<bool(double)> &goOn = {});

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
