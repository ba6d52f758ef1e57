#pragma once

#include "files/ImageSource.h"
#include "foundation/Array.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

class ImagePredictor;

/// What stands in a skip connection's place.
enum class SkipWay {
    Ablated,  ///< zeros
    Shuffled, ///< the same place of another slice
    Mean,     ///< each channel's mean over pixels and slices
    Scaled,   ///< itself, times a factor
};

/// Some skips of a network, changed in one way; none = the network as it is.
struct SkipChange
{
    SkipWay way = SkipWay::Ablated;
    std::vector<int> skips;
    double factor = 0; ///< of Scaled: 0 is Ablated and 1 the network as it is, both bit for bit
};

/// Each slice gets another one: a single random cycle over 0 .. n - 1 (Sattolo 1986), so that none
/// keeps its place. n >= 2.
std::vector<std::size_t> derangement(std::size_t n, std::uint64_t seed);

/// How near an image comes to the one it should be.
struct ImageScores
{
    double rmse = 0;       ///< root of the mean squared difference
    double similarity = 0; ///< structural similarity, Wang et al. 2004; the mean over channels
};
/// a, b (C, H, W) float32 of values that span `range`; worked on in bands of rows of about so many
/// pixels.
ImageScores imageScores(const Array &a, const Array &b, double range, std::int64_t bandPixels = 1 << 22);

/// Predicts with skips changed. One object is for one thread, the predictor's.
class SkipKnockout
{
public:
    enum class Skips { Some, AnyNumber };
    /// `predictor` is borrowed; what it predicts by itself is not changed, but for smaller tiles
    /// where memory is short, which its notes() say. Throws Error naming `what` when its network has
    /// no skips, unless any number will do.
    SkipKnockout(ImagePredictor &predictor, const std::string &what, Skips wanted = Skips::Some);
    ~SkipKnockout();

    const std::vector<std::string> &names() const; ///< of the skips, outermost first
    /// Asked before the work begins: whether memory suffices for predict() of pages of this size, with so many changes at once.
    /// Takes smaller tiles where it is short, and throws Error (Kind::Failed) where not even those fit. The other functions ask
    /// for what they take themselves.
    void fitMemory(std::int64_t height, std::int64_t width, std::int64_t changes, bool shuffles);
    /// Takes a page's skips into the means, tile by tile: what several tiles see, and mirrored
    /// borders, count as often as they are seen. `goOn` is asked between tiles; false ends with
    /// Error (Kind::Cancelled).
    void addToMeans(const ImageSource &source, std::int64_t page, const std::function<bool(double)> &goOn = {});
    /// Mean of each channel of a skip, over what was added so far.
    std::vector<double> means(int skip) const;
    /// Of an autoencoder: a page as the network sees it, without its neighbors, (C, H, W) float32,
    /// scaled as in training.
    Array scaled(const ImageSource &source, std::int64_t page) const;
    /// A page's probabilities (K, H, W) float32 for each change, of an autoencoder the images (C,
    /// H, W) that it makes, in scaled values; all from one walk over the tiles, so that what each
    /// comes to does not depend on the others. `donor` is the page whose skips Shuffled takes; Mean
    /// needs addToMeans before.
    std::vector<Array> predict(const ImageSource &source, std::int64_t page, std::int64_t donor,
                               const std::vector<SkipChange> &changes, const std::function<bool(double)> &goOn = {});
    /// How many changes predict() may take at once for pages of this size, its planes within `bytes`; 1 at least.
    std::int64_t atOnce(std::int64_t height, std::int64_t width, std::int64_t bytes) const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
