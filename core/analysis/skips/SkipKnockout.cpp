#include "analysis/skips/SkipKnockout.h"

#include "foundation/Random.h"
#include "learn/Similarity_p.h"
#include "learn/Tensors_p.h"
#include "learn/prediction/Network_p.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace reticle {

namespace {

/// Takes a hook off again, whatever happens.
class Hook
{
public:
    explicit Hook(ImageModule &module) : m_module(module) {}
    ~Hook() { m_module.skipHook = nullptr; }
    Hook(const Hook &) = delete;
    Hook &operator=(const Hook &) = delete;
    void set(std::function<torch::Tensor(int, const torch::Tensor &)> f) { m_module.skipHook = std::move(f); }

private:
    ImageModule &m_module;
};

Array joined(const Array &a, const Array &b)
{
    Array both(DType::Float32, {a.dim(0) + b.dim(0), a.dim(1), a.dim(2)});
    std::copy_n(b.data<float>(), b.size(), std::copy_n(a.data<float>(), a.size(), both.data<float>()));
    return both;
}

} // namespace

std::vector<std::size_t> derangement(std::size_t n, std::uint64_t seed)
{
    assert(n >= 2);
    std::vector<std::size_t> to(n);
    std::iota(to.begin(), to.end(), 0);
    Random random(seed);
    for (std::size_t i = n - 1; i > 0; --i)
        std::swap(to[i], to[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
    return to;
}

ImageScores imageScores(const Array &a, const Array &b, double range, std::int64_t bandPixels)
{
    c10::InferenceMode mode;
    const auto x = tensorOf(a).unsqueeze(0), y = tensorOf(b).unsqueeze(0);
    // Large pages in bands, for similarity takes many planes; each window lies in one band alone.
    constexpr std::int64_t window = 11;
    const auto height = x.size(2), rows = std::max(2 * window, bandPixels / x.size(3));
    double squares = 0, similarity = 0, windows = 0;
    for (std::int64_t top = 0; top == 0 || top + window <= height; top += rows - window + 1) {
        const auto band = std::min(rows, height - top);
        const auto p = x.narrow(2, top, band), q = y.narrow(2, top, band);
        const auto weight = static_cast<double>(std::max<std::int64_t>(1, band - window + 1));
        similarity += weight * structuralSimilarity(p, q, range).item<double>();
        windows += weight;
        const auto own = top == 0 ? 0 : window - 1; // rows that the band before has not
        squares += (p - q).narrow(2, own, band - own).square().sum(torch::kDouble).item<double>();
    }
    return {std::sqrt(squares / static_cast<double>(x.numel())), similarity / windows};
}

struct SkipKnockout::Private
{
    ImagePredictor::Network net;
    bool images = false;
    std::vector<std::string> names;
    std::vector<torch::Tensor> sums; ///< (C) float64 of each skip, on the network's device
    std::vector<double> counts;      ///< pixels in them

    torch::Tensor mean(int skip) const
    {
        const auto i = static_cast<std::size_t>(skip);
        assert(counts[i] > 0);
        return sums[i] / counts[i];
    }

    /// Of each change: the sums over tiles, and what is handed out, of a mask two classes from one output.
    std::int64_t planes() const { return net.outputs + (images ? 0 : std::max<std::int64_t>(2, net.outputs)); }

    /// What so many changes at once take beside a plain prediction.
    PassExtras extras(std::int64_t pixels, std::int64_t many, bool shuffles) const
    {
        const auto floats = [](std::int64_t n) { return static_cast<double>(n) * sizeof(float); };
        PassExtras more;
        // Also the donor, and the page and its donor together.
        more.arrays = floats(pixels * (many * planes() + (shuffles ? 4 * net.channels : 0)));
        // The changes' logits one by one and joined; their sum over flips and its next part.
        more.perPixel = floats(many * net.outputs * (net.options.flips == "none" ? 2 : 4) + (shuffles ? net.channels : 0));
        // What stands in a skip's place is made beside it, and a donor's skips stay while the page is predicted.
        more.passes = 1.5 + (shuffles ? 1 : 0);
        return more;
    }

    /// What the network sees in place of `x`.
    torch::Tensor changed(const SkipChange &change, int skip, const torch::Tensor &x,
                          const std::vector<torch::Tensor> &others) const
    {
        // A factor of 0 too: times 0 would leave the sign of values below 0, and the NaN of infinite ones.
        if (change.way == SkipWay::Ablated || (change.way == SkipWay::Scaled && change.factor == 0))
            return torch::zeros_like(x);
        if (change.way == SkipWay::Scaled)
            return change.factor == 1 ? x : x * change.factor;
        if (change.way == SkipWay::Shuffled)
            return others[static_cast<std::size_t>(skip)];
        // In the layout of what it stands for: layers choose their kernels by it.
        auto y = torch::empty_like(x);
        y.copy_(mean(skip).to(x.scalar_type()).view({1, -1, 1, 1}).expand_as(x));
        return y;
    }
};

SkipKnockout::SkipKnockout(ImagePredictor &predictor, const std::string &what, Skips wanted)
    : d(std::make_unique<Private>(Private{predictor.network(), predictor.pixels() == PixelOutput::Values, {}, {}, {}}))
{
    d->names = d->net.module.skips();
    if (d->names.empty() && wanted == Skips::Some) {
        const Json recipe = predictor.metadata().value("recipe", Json::object());
        const auto model = recipe.value("model", Json::object()).value("name", std::string("this network"));
        throw Error({what, "a network with skip connections, such as unet or fc-densenet", model + ", which has none",
                     "choose a run of such a network"});
    }
    d->sums.resize(d->names.size());
    d->counts.resize(d->names.size());
}

SkipKnockout::~SkipKnockout() = default;

const std::vector<std::string> &SkipKnockout::names() const
{
    return d->names;
}

void SkipKnockout::fitMemory(std::int64_t height, std::int64_t width, std::int64_t changes, bool shuffles)
{
    d->net.fitMemory(height, width, d->extras(height * width, changes, shuffles));
}

void SkipKnockout::addToMeans(const ImageSource &source, std::int64_t page, const std::function<bool(double)> &goOn)
{
    const auto tiled = d->net.page(source, page);
    d->net.fitMemory(tiled.height, tiled.width, {});
    Hook hook(d->net.module);
    hook.set([this](int skip, const torch::Tensor &x) {
        const auto i = static_cast<std::size_t>(skip);
        const auto sum = x.sum({0, 2, 3}, false, torch::kDouble);
        d->sums[i] = d->sums[i].defined() ? d->sums[i] + sum : sum;
        d->counts[i] += static_cast<double>(x.numel() / x.size(1));
        return x;
    });
    tiledMean(tiled, {0, 0, tiled.height, tiled.width}, d->net.outputs, d->net.options, d->net.logits, goOn);
}

std::vector<double> SkipKnockout::means(int skip) const
{
    const auto mean = d->mean(skip).to(torch::kCPU).contiguous();
    return {mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel()};
}

Array SkipKnockout::scaled(const ImageSource &source, std::int64_t page) const
{
    const auto tiled = d->net.page(source, page);
    const Array seen = tiled.read({0, 0, tiled.height, tiled.width});
    Array own(DType::Float32, {d->net.outputs, tiled.height, tiled.width}); // an autoencoder's are a page's channels
    const auto before = (seen.size() - own.size()) / 2;                     // as many neighbors on either side
    std::copy_n(seen.data<float>() + before, own.size(), own.data<float>());
    return own;
}

std::vector<Array> SkipKnockout::predict(const ImageSource &source, std::int64_t page, std::int64_t donor,
                                         const std::vector<SkipChange> &changes, const std::function<bool(double)> &goOn)
{
    const auto &net = d->net;
    const bool shuffles =
        std::ranges::any_of(changes, [](const SkipChange &c) { return c.way == SkipWay::Shuffled && !c.skips.empty(); });
    // The donor travels behind the page's own channels, so that a tile and its donor are of one
    // place.
    const auto own = net.page(source, page), other = net.page(source, donor);
    TiledPage both = own;
    if (shuffles) {
        both.channels = 2 * net.channels;
        both.read = [&](const Region &r) { return joined(own.read(r), other.read(r)); };
    }
    const auto many = static_cast<std::int64_t>(changes.size());
    fitMemory(own.height, own.width, many, shuffles);
    const auto all = [&](const torch::Tensor &tiles) {
        Hook hook(net.module);
        std::vector<torch::Tensor> others(d->names.size());
        if (shuffles) {
            hook.set([&](int skip, const torch::Tensor &x) { return others[static_cast<std::size_t>(skip)] = x; });
            net.logits(tiles.narrow(1, net.channels, net.channels));
        }
        const auto x = tiles.narrow(1, 0, net.channels);
        std::vector<torch::Tensor> logits;
        for (const auto &change : changes) {
            hook.set([&](int skip, const torch::Tensor &t) {
                return std::ranges::count(change.skips, skip) ? d->changed(change, skip, t, others) : t;
            });
            logits.push_back(net.logits(x));
        }
        c10::InferenceMode mode;
        return torch::cat(logits, 1);
    };
    // The mean of probabilities would take the changes' outputs for classes of one network.
    assert(!net.options.averageProbabilities);
    const Array mean = tiledMean(both, {0, 0, own.height, own.width}, many * net.outputs, net.options, all, goOn)
                           .reshaped({many, net.outputs, own.height, own.width});
    std::vector<Array> predicted;
    predicted.reserve(changes.size());
    for (std::int64_t i = 0; i < many; ++i)
        predicted.push_back(d->images ? mean.at(i) : classProbabilities(mean.at(i), false));
    return predicted;
}

std::int64_t SkipKnockout::atOnce(std::int64_t height, std::int64_t width, std::int64_t bytes) const
{
    return std::max<std::int64_t>(1, bytes / (d->planes() * height * width * static_cast<std::int64_t>(sizeof(float))));
}

} // namespace reticle
