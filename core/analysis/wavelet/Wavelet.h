#pragma once

#include "foundation/Array.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace reticle {

/// The discrete wavelet transform of lines and images (Mallat 1989; Daubechies 1992) in the conventions of PyWavelets:
/// the same filters, extensions, order and sign of coefficients, so that numbers of either can be compared. See
/// tests/reference/wavelets.py.

/// How a line continues beyond its ends. Periodization is periodic without redundant coefficients; a line of odd length
/// gets a copy of its last sample first.
enum class WaveletMode {
    Zero,
    Constant,
    Symmetric,     ///< half-sample mirror
    Antisymmetric, ///< half-sample mirror with the sign changed
    Reflect,       ///< whole-sample mirror
    Antireflect,   ///< whole-sample mirror, odd about the end's value
    Periodic,
    Smooth, ///< straight on from the last two samples
    Periodization,
};

/// In the order of the enumeration: "zero", "constant", ...
const std::vector<std::string> &waveletModeNames();
std::string nameOf(WaveletMode mode);
/// Throws Error naming the modes there are.
WaveletMode waveletMode(const std::string &name);

/// Four filters of one even length.
struct WaveletFilter
{
    std::string name;
    bool orthogonal = true;
    std::vector<double> decLow, decHigh, recLow, recHigh;
    int length() const { return static_cast<int>(decLow.size()); }
};

/// haar, db1-db20, sym2-sym20, coif1-coif5, bior and rbio.
std::vector<std::string> waveletNames();
/// Throws Error: "unknown wavelet 'db99'; families are …". The reference stays valid. Thread-safe.
const WaveletFilter &waveletFilter(const std::string &name);

/// Number of coefficients of a line of `n` samples.
std::int64_t waveletLength(std::int64_t n, const WaveletFilter &filter, WaveletMode mode);
/// The last level whose coefficients are not all touched by the border: floor(log2(n / (length - 1))), from 0. Levels
/// above it can be computed.
int maxWaveletLevel(std::int64_t n, const WaveletFilter &filter);

// ---- lines, float or double -----------------------------------------------------------------------------------------

/// One level: approximation and detail. Throws Error for an empty line, as do all below.
template <class T>
std::pair<std::vector<T>, std::vector<T>> waveletSplit(std::span<const T> x, const WaveletFilter &f, WaveletMode mode);
/// Its inverse, of even length: a line of odd length comes back one longer. Throws Error for unequal lengths.
template <class T>
std::vector<T> waveletJoin(std::span<const T> approximation, std::span<const T> detail, const WaveletFilter &f, WaveletMode mode);
/// Approximation of level `levels`, then details from coarse to fine. Throws Error for levels < 1.
template <class T>
std::vector<std::vector<T>> decomposeLine(std::span<const T> x, const WaveletFilter &f, WaveletMode mode, int levels);
/// `n` is the length of the line: what is longer is cut off.
template <class T> std::vector<T> reconstructLine(const std::vector<std::vector<T>> &coefficients, const WaveletFilter &f,
                                                  WaveletMode mode, std::int64_t n);

// ---- images ---------------------------------------------------------------------------------------------------------

/// H: high along axis 0 (down the rows), so that it answers to horizontal edges; V: high along axis 1; D: both.
enum class Orientation { H, V, D };

/// Where the bands of a transformed image stand in its buffer of coefficients: the approximation first, then H, V, D of
/// the coarsest level, and on to the finest (level 1).
struct WaveletLayout
{
    struct Level
    {
        int level = 0;                                ///< 1 = finest
        std::int64_t rows = 0, columns = 0;           ///< of each of its bands
        std::int64_t offset[3] = {0, 0, 0};           ///< of H, V, D
        std::int64_t inputRows = 0, inputColumns = 0; ///< of what it was made from
    };
    std::int64_t rows = 0, columns = 0; ///< of the image
    std::int64_t approximationRows = 0, approximationColumns = 0;
    std::int64_t size = 0;     ///< of the buffer
    std::vector<Level> levels; ///< coarsest first
    const Level &level(int number) const { return levels.at(levels.size() - static_cast<std::size_t>(number)); }
};

/// The transform of images of one size, float or double. Works a row at a time: a row of each half is made from the
/// rows under the filter and at once split along itself, so that what is in use stays in the nearest cache. 2 x 2 sums
/// and differences for haar.
/// Threads: const, one plan serves several threads, each with a Work (or several) of its own.
template <class T> class WaveletPlan
{
public:
    /// Scratch memory of one thread, about one image; grows on first use.
    class Work
    {
    public:
        Work();
        ~Work();
        Work(Work &&) noexcept;

    private:
        friend class WaveletPlan;
        struct Private;
        std::unique_ptr<Private> d;
    };

    /// Throws Error: rows or columns < 1, levels < 1 or > 62.
    WaveletPlan(const WaveletFilter &filter, WaveletMode mode, std::int64_t rows, std::int64_t columns, int levels);
    ~WaveletPlan();
    WaveletPlan(WaveletPlan &&) noexcept;

    const WaveletLayout &layout() const;
    /// (rows, columns) in C order -> layout().size coefficients; the two must not overlap.
    void forward(const T *image, T *coefficients, Work &work) const { forward(image, coefficients, {&work, 1}); }
    /// The image again; coefficients that were set to zero are left out of it.
    void inverse(const T *coefficients, T *image, Work &work) const { inverse(coefficients, image, {&work, 1}); }
    /// The same to the bit with a thread for each of `work`, where a level is large enough to be worth it.
    void forward(const T *image, T *coefficients, std::span<Work> work) const;
    void inverse(const T *coefficients, T *image, std::span<Work> work) const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// An image's coefficients with where they stand.
struct WaveletPyramid
{
    WaveletLayout layout;
    Array coefficients; ///< (size) float32 or float64
    /// Copies of bands, (rows, columns).
    Array approximation() const;
    Array band(int level, Orientation orientation) const;
    void clear(int level, Orientation orientation);
    void clearApproximation();
};

/// (H, W) of any number type; float32 is computed in float32, all else in float64, large ones on all cores. Throws Error
/// for another rank or an empty image.
WaveletPyramid decompose(const Array &image, const WaveletFilter &filter, WaveletMode mode, int levels);
/// (H, W) of the coefficients' type.
Array reconstruct(const WaveletPyramid &pyramid, const WaveletFilter &filter, WaveletMode mode);

} // namespace reticle
