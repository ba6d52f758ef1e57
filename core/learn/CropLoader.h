#pragma once

#include "base/Augment.h"
#include "base/Random.h"
#include "data/SegmentationData.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace reticle {

/// Slices with labels to take crops from. The functions may be called from several threads at once.
struct CropSource
{
    std::vector<std::int64_t> slices;
    std::function<Array(std::int64_t)> image;  ///< (C, H, W) float32
    std::function<Array(std::int64_t)> target; ///< (H, W) uint8, 255 = ignored
    std::vector<std::int64_t> classCounts;     ///< pixels of each class, for the choice of rare ones
    std::function<std::string(std::int64_t)> name = {}; ///< where a slice's labels come from, for errors
    std::vector<std::string> classNames = {};  ///< of all classes, for errors; may be empty
    std::int64_t planes = 1;                   ///< slices side by side in the channels of an image, in their order
    std::int64_t classes = 0;                  ///< classes that the objective tells apart; 0 = not checked
    std::function<std::pair<std::int64_t, std::int64_t>(std::int64_t)> size = {}; ///< (H, W), without reading it; may be absent
    /// image() as arrays (C, H, W) whose channels follow each other, which it would copy together; may be absent
    std::function<std::vector<Array>(std::int64_t)> pages = {};
    bool inMemory = true; ///< image() and target() read no file once each slice has been asked for

    /// Throws Error naming the slice where a label is neither below `classes` nor 255.
    void checkLabels(const Array &labels, std::int64_t slice) const;

    static CropSource training(const std::shared_ptr<SegmentationData> &data);
    static CropSource validation(const std::shared_ptr<SegmentationData> &data);
};

struct CropOptions
{
    std::int64_t batch = 4, crop = 256;
    double foregroundOversampling = 0.33;
    AugmentOptions augment;
    bool border = false; ///< compute the U-Net border map of each crop
    double borderWeight = 10, borderSigma = 5;
    std::uint64_t seed = 0;
};

struct CropBatch
{
    std::int64_t step = 0;
    Array images;  ///< (N, C, S, S) float32
    Array targets; ///< (N, S, S) uint8
    Array weights; ///< (N, S, S) float32 border map, or empty
};

/// The batch of step `step`: a function of source, options and step alone. Every pass over the slices visits each once,
/// in an order of its own. Throws Error as the source does.
CropBatch makeBatch(const CropSource &source, const CropOptions &options, std::int64_t step);

/// Labels of one crop as objects for borderMap: components of the foreground of a mask, of all classes but 0 otherwise.
Array borderWeights(const std::uint8_t *target, std::int64_t height, std::int64_t width, double w0, double sigma);

/// Makes batches ahead of the training, from step `first` on.
class CropLoader
{
public:
    /// Between: on the threads of the one who asks, while it waits, as many batches at once as these threads can share; for
    /// steps that keep all cores busy, which a further thread would only hold up. Beside: on threads of its own, for steps
    /// that a GPU takes and for slices that come from a disk.
    enum class Work { Between, Beside };

    /// `ahead`: most batches in memory. `threads` that make crops, 0 = all cores; Between takes what OpenMP has.
    CropLoader(CropSource source, CropOptions options, std::int64_t first, std::size_t ahead = 4, Work work = Work::Beside,
               int threads = 1);
    ~CropLoader();
    CropLoader(const CropLoader &) = delete;
    CropLoader &operator=(const CropLoader &) = delete;

    /// The next batch in order of steps; blocks until it is made. Rethrows what went wrong while it was.
    CropBatch next();

private:
    void work();
    void makeNext();

    const CropSource m_source;
    const CropOptions m_options;
    const std::size_t m_ahead;
    const Work m_work;
    const int m_threads;
    std::int64_t m_step; ///< of the next batch to make
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<CropBatch> m_queue;
    std::exception_ptr m_error;
    bool m_end = false;
    std::thread m_thread; ///< only beside
};

} // namespace reticle
