#pragma once

// Private to core/learn: what an ImagePredictor is made of.

#include "files/LabelValues.h"
#include "imaging/Scaling.h"
#include "learn/memory/PassMemory_p.h"
#include "learn/prediction/ImagePredictor.h"
#include "learn/prediction/Tiles_p.h"

#include <map>
#include <tuple>

namespace reticle {

struct ImagePredictor::Private
{
    PredictOptions options;
    Json metadata;
    Scaling scaling;
    std::int64_t channels = 1;            ///< of the network
    std::int64_t context = 0, inPage = 1; ///< neighboring slices on either side, channels of one page
    std::int64_t outputs = 1, classes = 2;
    bool makesValues = false; ///< PixelOutput::Values, else Classes
    std::vector<std::string> classNames;
    files::LabelClasses labels; ///< values of the classes; empty where the model does not say
    InputRange range;
    /// Of the stacks whose pixels were looked at: by object, path and time of writing.
    std::map<std::tuple<const ImageSource *, std::string, std::int64_t>, InputScale> scales;
    std::vector<std::string> notes;
    torch::Device device{torch::kCPU};
    bool half = false;
    std::shared_ptr<ImageModule> module;

    bool proved = false;     ///< bfloat16 was compared with float32
    std::int64_t fitted = 0; ///< pixels of the largest region that memory was asked for
    PassExtras fittedMore;   ///< and what beside it

    // The network: ImagePredictorNetwork.cpp.

    /// Takes smaller tiles where memory is short; throws Error where not even those fit. `more`: what is taken beside a plain
    /// prediction.
    void fitMemory(std::int64_t height, std::int64_t width, const PassExtras &more = {});
    torch::Tensor pass(const torch::Tensor &tiles, bool inHalf);
    torch::Tensor logits(const torch::Tensor &tiles);
    [[noreturn]] static void refuseNonFinite();
    static bool finite(const torch::Tensor &t) { return torch::isfinite(t).all().item<bool>(); }
    /// A kernel that gives wrong numbers shows in the first tile. Rounding changes probabilities by less than 0.01 in the
    /// mean.
    void provePrecision(const torch::Tensor &tile);
    void takeFloat32(const std::string &what);

    // From pages to what is written: ImagePredictorPages.cpp.

    /// Numbers of the description that nothing else is compared with.
    void requireSane(const std::string &where) const;
    /// How the numbers of a stack become those of the training images; what there is to say of it goes to the notes.
    InputScale scaleOf(const ImageSource &source);
    InputScale noted(InputScale scale);
    /// (h, w) or (h, w, C) as in the file -> (C, h, w) scaled, without the opacity that `alpha` says is the last one.
    Array scaled(const Array &raw, const InputScale &scale, const std::string &where, bool alpha) const;
    /// What the network sees of a page: its channels between those of the pages around it, of which `read` gives one.
    Array withContext(std::int64_t page, const ImageInfo &info, const std::function<Array(std::int64_t)> &read) const;
    /// A page of a file, of which parts are read as they are needed.
    TiledPage paged(const ImageSource &source, std::int64_t page);
    Array region(const TiledPage &page, const Region &r, const InputScale &scale, const std::function<bool(double)> &goOn);
    /// Back from scaled values, in the units of the images that were given.
    Array inUnits(Array values, const InputScale &scale) const;
    Array output(const Array &probabilities) const;
};

} // namespace reticle
