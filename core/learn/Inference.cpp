#include "learn/Inference.h"

#include "base/FreeMemory.h"
#include "base/Pictures.h"
#include "base/Planes.h"
#include "base/Scaling.h"
#include "base/files/LabelValues.h"
#include "base/files/StackWriter.h"
#include "learn/Checkpoint_p.h"
#include "learn/Ensemble_p.h"
#include "learn/Machine_p.h"
#include "learn/Network_p.h"
#include "learn/Objective_p.h"
#include "learn/PassMemory_p.h"
#include "learn/RandomTurn_p.h"
#include "learn/Tensors_p.h"
#include "learn/TooManyWeights_p.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <map>
#include <tuple>

namespace reticle {

Schema<PredictOptions> PredictOptions::schema()
{
    using O = PredictOptions;
    return Schema<O>("predict", "Prediction", "Overlapping tiles, weighted by a Gaussian (Isensee et al. 2021).")
        .field(&O::output, {.name = "output",
                            .help = "Probability of one class (float32), or labels with the values of the training labels. "
                                    "An autoencoder writes the image that it makes, in the input's units (float32).",
                            .choices = {"probability", "labels"}})
        .field(&O::classIndex, {.name = "class-index",
                                .help = "Class whose probability is written; 1 is the foreground of a mask.",
                                .min = 0,
                                .max = 254})
        .field(&O::threshold,
               {.name = "threshold", .help = "Labels of a mask: foreground where the probability is above.", .min = 0, .max = 1})
        .field(&O::inputRange,
               {.name = "input-range",
                .help = "What the values mean in images of another number type than the training images: auto converts them "
                        "where the meaning is clear, as-is uses them unchanged, and two values such as 0..4095 are black and "
                        "white."})
        .field(&O::tile, {.name = "tile", .help = "Side of a tile.", .unit = "px", .min = 16, .max = 8192, .group = "Tiles"})
        .field(&O::step,
               {.name = "step", .help = "Distance of tiles as a part of their side.", .min = 0.05, .max = 1, .group = "Tiles"})
        .field(&O::flips, {.name = "flips",
                           .help = "Average over 4 flips, or over 8 with quarter turns: as many times slower.",
                           .choices = {"none", "4", "8"},
                           .group = "Tiles"})
        .field(&O::averageProbabilities, {.name = "average-probabilities",
                                          .help = "Average probabilities over tiles instead of logits.",
                                          .group = "Tiles",
                                          .advanced = true})
        .field(&O::padding, {.name = "padding",
                             .help = "Around images that are smaller than a tile.",
                             .choices = {"mirror", "zero"},
                             .group = "Tiles",
                             .advanced = true})
        .field(&O::precision,
               {.name = "precision",
                .help = "Numbers between layers; auto takes float32 where the run was trained so by its own word, else bfloat16 "
                        "where the processor (AMX) or GPU is faster with it.",
                .choices = {"auto", "bfloat16", "float32"},
                .group = "Machine",
                .advanced = true})
        .field(&O::device, {.name = "device", .help = "auto, cpu, cuda or cuda:N.", .group = "Machine", .advanced = true});
}

struct Predictor::Private
{
    PredictOptions options;
    Json metadata;
    Scaling scaling;
    std::int64_t channels = 1;            ///< of the network
    std::int64_t context = 0, inPage = 1; ///< neighbouring slices on either side, channels of one page
    std::int64_t outputs = 1, classes = 2;
    bool reconstructs = false;
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

    /// Takes smaller tiles where memory is short; throws Error where not even those fit. `more`: what is taken beside a plain
    /// prediction.
    void fitMemory(std::int64_t height, std::int64_t width, const PassExtras &more = {})
    {
        const auto pixels = height * width;
        const bool known = pixels <= fitted && more.arrays <= fittedMore.arrays && more.perPixel <= fittedMore.perPixel &&
                           more.passes <= fittedMore.passes;
        if (!device.is_cpu() || known || module->skipHook)
            return;
        const auto free = freeMemory(true);
        const auto asked = options.tile;
        std::vector<PassShape> choices;
        for (auto tile = asked; tile >= std::min<std::int64_t>(asked, 128); tile /= 2) {
            if (tile != asked && module->strictSize && tile % module->multiple() != 0)
                break;
            const std::int64_t budget = (at::get_num_threads() > 4 ? 4 : 1) * 256 * 256;
            choices.push_back({std::clamp<std::int64_t>(budget / (tile * tile), 1, 16), channels, tile, tile});
        }
        // The region as it is read, scaled and joined with its neighbours, and the next one; mean, weights, probabilities.
        auto extras = more;
        extras.arrays += static_cast<double>(pixels) * static_cast<double>(16 * channels + 4 * outputs + 12 * classes + 16) +
                         predictionLibraries;
        extras.proof = half && !proved ? 1.5 : 1;
        const auto found = fittingPass(*module, choices, half, extras, free);
        if (!found.fits(choices))
            throw predictionRefusal(
                fmt::format("a page of {} x {} px", width, height), found.need, free,
                "Cut the image into smaller parts, choose a smaller predict.tile, or raise the memory limit.");
        options.tile = choices[found.choice].height;
        // Not before it is known to fit: what is refused is refused again.
        fitted = pixels;
        fittedMore = more;
        if (options.tile != asked)
            notes.push_back(
                fmt::format("Memory is short ({} free): the prediction takes tiles of {} px in place of {} px. Values "
                            "may differ slightly near the borders of tiles.",
                            memoryText(free), options.tile, asked));
    }

    torch::Tensor pass(const torch::Tensor &tiles, bool inHalf)
    {
        c10::InferenceMode mode;
        MixedPrecision precision(inHalf, device);
        return module->forward(tiles.to(device));
    }

    torch::Tensor logits(const torch::Tensor &tiles)
    {
        if (half && !proved && !module->skipHook) // which is not to be called more often
            provePrecision(tiles.narrow(0, 0, 1));
        const auto y = pass(tiles, half);
        if (finite(y))
            return y;
        const auto exact = half ? pass(tiles, false) : y;
        if (!finite(exact))
            refuseNonFinite();
        takeFloat32("values that are not finite numbers");
        return exact;
    }

    [[noreturn]] static void refuseNonFinite()
    {
        throw Error(Error::Kind::Failed, "prediction",
                    "The model gives values that are not finite numbers for this image. Check the image for extreme "
                    "values, or train the run again with a lower learning rate.");
    }

    /// Numbers of the description that nothing else is compared with.
    void requireSane(const std::string &where) const
    {
        const auto between = [](std::int64_t n, std::int64_t low, std::int64_t high) { return n >= low && n <= high; };
        if (!between(channels, 1, 1 << 20) || !between(context, 0, 1 << 10) || channels % (2 * context + 1) != 0 ||
            !between(outputs, 1, 1 << 20) || !between(classes, 1, 1 << 20))
            throw Error({where, "the description of a model", "numbers of channels, slices or classes that cannot be",
                         "restore the run's files from a copy, or train the run again"});
    }

    static bool finite(const torch::Tensor &t) { return torch::isfinite(t).all().item<bool>(); }

    /// A kernel that gives wrong numbers shows in the first tile. Rounding changes probabilities by less than 0.01 in the
    /// mean.
    void provePrecision(const torch::Tensor &tile)
    {
        proved = true;
        auto exact = pass(tile, false), rounded = pass(tile, true);
        if (!finite(exact))
            return;
        double most = 0.05;
        if (reconstructs) {
            most = 0.25 * exact.std(false).item<double>() + 0.01;
        } else {
            exact = probabilities(exact);
            rounded = probabilities(rounded);
        }
        const auto difference = (rounded - exact).abs().mean().item<double>();
        if (!(difference <= most))
            takeFloat32("other values than float32");
    }

    void takeFloat32(const std::string &what)
    {
        if (options.precision == "bfloat16")
            throw Error(Error::Kind::Failed, "predict.precision",
                        "bfloat16 gives " + what + " on this machine. Set predict.precision to auto or float32.");
        half = false;
        notes.push_back("bfloat16 gives " + what + " on this machine. The prediction continues in float32, which takes longer.");
    }

    /// How the numbers of a stack become those of the training images; what there is to say of it goes to the notes.
    InputScale scaleOf(const ImageSource &source)
    {
        const auto &info = source.info();
        if (!needsSpan(scaling.span, info.dtype, range))
            return noted(inputScale(scaling.span, typeOf(source), range, info.path));
        std::error_code none;
        const auto written = std::filesystem::last_write_time(info.path, none).time_since_epoch().count();
        const std::tuple key{&source, info.path, none ? std::int64_t(0) : static_cast<std::int64_t>(written)};
        if (const auto found = scales.find(key); found != scales.end())
            return found->second;
        return scales[key] = noted(inputScale(scaling.span, spanOf(source), range, info.path));
    }

    InputScale noted(InputScale scale)
    {
        if (!scale.note.empty() && std::find(notes.begin(), notes.end(), scale.note) == notes.end())
            notes.push_back(scale.note);
        return scale;
    }

    /// (h, w) or (h, w, C) as in the file -> (C, h, w) scaled, without the opacity that `alpha` says is the last one.
    Array scaled(const Array &raw, const InputScale &scale, const std::string &where, bool alpha) const
    {
        const auto stored = raw.rank() == 3 ? raw.dim(2) : 1, found = stored - (alpha ? 1 : 0);
        if (found != inPage)
            throw Error({where,
                         std::to_string(inPage) + (inPage == 1 ? " channel" : " channels") + " as in the training images",
                         std::to_string(found),
                         {}});
        const auto height = raw.dim(0), width = raw.dim(1), n = height * width;
        Array image(DType::Float32, {inPage, height, width});
        auto *to = image.data<float>();
        const auto offset = static_cast<float>(scaling.offset), factor = static_cast<float>(scaling.factor);
        const bool same = scale.same();
        Array::visit(raw.dtype(), [&](auto t) {
            using T = decltype(t);
            const T *from = raw.data<T>();
            for (std::int64_t c = 0; c < inPage; ++c)
                for (std::int64_t i = 0; i < n; ++i) {
                    const T v = from[i * stored + c];
                    const auto own =
                        same ? static_cast<float>(v) : static_cast<float>(static_cast<double>(v) * scale.factor + scale.offset);
                    to[c * n + i] = (own - offset) * factor;
                }
        });
        if (raw.dtype() == DType::Float32 || raw.dtype() == DType::Float64)
            for (std::int64_t i = 0; i < inPage * n; ++i)
                if (!std::isfinite(to[i]))
                    throw Error(
                        {where, "finite values",
                         "NaN or infinity at row " + std::to_string(i % n / width) + ", column " + std::to_string(i % width),
                         "replace such pixels first"});
        return image;
    }

    /// What the network sees of a page: its channels between those of the pages around it, of which `read` gives one.
    Array withContext(std::int64_t page, const ImageInfo &info, const std::function<Array(std::int64_t)> &read) const
    {
        if (context == 0)
            return read(page);
        Array middle = read(page);
        Array all(DType::Float32, {channels, middle.dim(1), middle.dim(2)});
        float *to = all.data<float>();
        for (std::int64_t k = -context; k <= context; ++k) {
            const auto other = neighbourPage(info, page, k);
            const Array one = other == page ? middle : read(other);
            if (one.shape() != middle.shape())
                throw Error({info.path, "images of one size for a model that sees neighboring slices",
                             std::to_string(one.dim(2)) + " x " + std::to_string(one.dim(1)) + " next to " +
                                 std::to_string(middle.dim(2)) + " x " + std::to_string(middle.dim(1)),
                             "predict images of each size by themselves"});
            to = std::copy_n(one.data<float>(), one.size(), to);
        }
        return all;
    }

    /// A page of a file, of which parts are read as they are needed.
    TiledPage paged(const ImageSource &source, std::int64_t page)
    {
        const auto &info = pageInfo(source, page);
        return {channels, info.height, info.width, [this, &source, page, scale = scaleOf(source)](const Region &r) {
                    return withContext(page, source.info(), [&](std::int64_t p) {
                        return scaled(source.readRegion(p, r.y, r.x, r.height, r.width), scale,
                                      source.info().path + ": page " + std::to_string(p), source.info().alpha);
                    });
                }};
    }

    Array region(const TiledPage &page, const Region &r, const InputScale &scale, const std::function<bool(double)> &goOn)
    {
        try {
            fitMemory(r.height, r.width);
            const auto mean = tiledMean(
                page, r, outputs, options, [this](const torch::Tensor &t) { return logits(t); }, goOn);
            const Array made = reconstructs ? inUnits(mean, scale) : classProbabilities(mean, options.averageProbabilities);
            for (const float v : made.span<float>())
                if (!std::isfinite(v))
                    refuseNonFinite();
            return made;
        } catch (const Error &) {
            throw;
        } catch (const std::exception &e) {
            if (isOutOfMemory(e))
                throw Error(Error::Kind::Failed, "prediction",
                            "out of memory: choose a smaller predict.tile than " + std::to_string(options.tile));
            throw Error(Error::Kind::Failed, "prediction", e.what());
        }
    }

    /// Back from scaled values, in the units of the images that were given.
    Array inUnits(Array values, const InputScale &scale) const
    {
        const auto offset = static_cast<float>(scaling.offset), unit = static_cast<float>(1 / scaling.factor);
        for (float &v : values.span<float>())
            v = v * unit + offset;
        if (!scale.same())
            for (float &v : values.span<float>())
                v = static_cast<float>((static_cast<double>(v) - scale.offset) / scale.factor);
        return values;
    }

    Array output(const Array &probabilities) const
    {
        if (reconstructs)
            return channelsTogether(probabilities);
        if (options.output == "probability")
            return probabilities.at(options.classIndex);
        const bool named = static_cast<std::int64_t>(labels.values.size()) == classes;
        if (classes > 2)
            return named ? labels.valuesOf(mostLikely(probabilities)) : mostLikely(probabilities);
        const auto n = probabilities.dim(1) * probabilities.dim(2);
        Array mask(DType::UInt8, {probabilities.dim(1), probabilities.dim(2)});
        const float *p = probabilities.data<float>();
        auto *l = mask.data<std::uint8_t>();
        const std::uint8_t foreground = named ? 1 : 255;
        for (std::int64_t i = 0; i < n; ++i)
            l[i] = p[n + i] > options.threshold ? foreground : 0;
        return named ? labels.valuesOf(mask) : mask;
    }
};

Json modelDescription(const std::filesystem::path &runFolder)
{
    return readModelDescription(runFolder);
}

namespace {

/// The network that the description names, built only as large as the weights next to it.
std::shared_ptr<ImageModule> makeModuleFor(const TrainedModel &model, ModuleShape shape)
{
    const WeightLimit limit(model.elements());
    const SameRandom random; // what is drawn for weights is replaced by those of the file
    try {
        return moduleOf(model.file.info, shape);
    } catch (const Json::exception &) {
        throw Error({model.path.string(), "the description of a model", "something else", "train the run again"});
    } catch (const TooManyWeights &) {
        throw Error(Error::Kind::Input, model.path.string(),
                    "The description of this model asks for more weights than the file holds. Restore the run's files from "
                    "a copy, or train the run again.");
    }
}

} // namespace

Predictor::Predictor(const std::filesystem::path &runFolder, const PredictOptions &options) : d(std::make_unique<Private>())
{
    prepareThread(0);
    d->options = options;
    const auto model = readModel(runFolder);
    const auto &description = model.path;
    d->metadata = model.file.info;
    d->range = InputRange::parse(options.inputRange, "input-range");
    try {
        d->scaling = Scaling::fromJson(d->metadata.at("scaling"));
        d->channels = d->metadata.at("channels");
        const Json &recipe = d->metadata.at("recipe");
        if (recipe.contains("data"))
            d->context = recipe.at("data").value("context", std::int64_t(0));
        d->outputs = d->metadata.at("outputs");
        d->classes = d->metadata.at("classes");
        d->requireSane(description.string());
        d->inPage = d->channels / (2 * d->context + 1);
        d->reconstructs = d->metadata.value("target", std::string("labels")) == "image";
        d->classNames = d->metadata.at("classNames").get<std::vector<std::string>>();
        if (!d->reconstructs)
            d->labels = files::classesOfModel(d->metadata);
    } catch (const Json::exception &e) {
        throw Error({description.string(), "the description of a model", "something else", "train the run again"});
    }
    if (d->reconstructs) {
        if (options.output != "probability")
            throw Error({"predict.output", "the image that an autoencoder makes", "\"" + options.output + "\"",
                         "leave output away; an autoencoder knows no classes"});
        d->options.averageProbabilities = false;
    } else if (d->outputs == 1 && d->classes > 2) {
        // Trained on several classes with an objective for masks: it tells the background from the rest.
        d->classes = 2;
        d->classNames = {"background", "foreground"};
    }
    if (!d->reconstructs && d->classes > std::max<std::int64_t>(2, d->outputs))
        throw Error({description.string(), "as many outputs as classes",
                     std::to_string(d->outputs) + " outputs for " + std::to_string(d->classes) + " classes",
                     "train the run again"});
    if (!d->reconstructs && options.classIndex >= d->classes)
        throw Error({"predict.class-index",
                     "a class from 0 to " + std::to_string(d->classes - 1),
                     std::to_string(options.classIndex),
                     {}});
    d->device = chooseDevice(options.device);
    const Json &recipe = d->metadata.at("recipe");
    const bool exact = d->metadata.value("precision", std::string()) == "float32" ||
                       (recipe.contains("train") && recipe.at("train").is_object() &&
                        recipe.at("train").value("precision", Json()) == "float32");
    d->half =
        chooseBfloat16(options.precision == "auto" && exact ? "float32" : options.precision, d->device, "predict.precision");
    d->module = makeModuleFor(model, {d->channels, d->outputs});
    loadModel(*d->module, model);
    d->module->to(d->device);
    d->module->eval();
}

Predictor::~Predictor() = default;

bool Predictor::reconstructs() const
{
    return d->reconstructs;
}
std::int64_t Predictor::classes() const
{
    return d->classes;
}
std::int64_t Predictor::channels() const
{
    return d->inPage;
}
const std::vector<std::string> &Predictor::classNames() const
{
    return d->classNames;
}
Json Predictor::metadata() const
{
    return d->metadata;
}
const std::vector<std::string> &Predictor::notes() const
{
    return d->notes;
}
InputScale Predictor::scaleOf(const ImageSource &source)
{
    return d->scaleOf(source);
}

Predictor::Network Predictor::network()
{
    return {*d->module,
            d->options,
            d->device,
            d->half,
            d->channels,
            d->outputs,
            [this](const ImageSource &source, std::int64_t page) { return d->paged(source, page); },
            [this](const torch::Tensor &x) { return d->logits(x); },
            [this](std::int64_t height, std::int64_t width, const PassExtras &more) { d->fitMemory(height, width, more); }};
}

Array Predictor::predict(const Array &image, const std::function<bool(double)> &goOn, bool alpha)
{
    ValueSpan span;
    span.dtype = image.dtype();
    span.typed = true;
    if (needsSpan(d->scaling.span, image.dtype(), d->range))
        span.add(image, alpha);
    const auto scale = d->noted(inputScale(d->scaling.span, span, d->range, "image"));
    // An image by itself stands for its neighbours too.
    const auto whole = d->withContext(0, ImageInfo(), [&](std::int64_t) { return d->scaled(image, scale, "image", alpha); });
    const auto height = whole.dim(1), width = whole.dim(2);
    // All tiles together cover the page, so the part that is read is the page.
    const TiledPage page{d->channels, height, width, [&](const Region &) { return whole; }};
    return d->region(page, {0, 0, height, width}, scale, goOn);
}

Array Predictor::predictRegion(const ImageSource &source, std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height,
                               std::int64_t width, const std::function<bool(double)> &goOn)
{
    if (page < 0 || page >= source.info().pages)
        throw Error(
            {source.info().path, "a page from 0 to " + std::to_string(source.info().pages - 1), std::to_string(page), {}});
    const auto &info = pageInfo(source, page);
    if (y < 0 || x < 0 || height < 1 || width < 1 || y + height > info.height || x + width > info.width)
        throw Error({info.path,
                     "a region inside " + std::to_string(info.width) + " x " + std::to_string(info.height),
                     std::to_string(width) + " x " + std::to_string(height) + " at " + std::to_string(x) + ", " +
                         std::to_string(y) + " of page " + std::to_string(page),
                     {}});
    const auto paged = d->paged(source, page);
    return d->region(paged, {y, x, height, width}, d->scaleOf(source), goOn);
}

void Predictor::predictStack(const ImageSource &source, const std::filesystem::path &output, EventSink &events,
                             RunControl &control)
{
    using Clock = std::chrono::steady_clock;
    const auto &info = source.info();
    const auto start = Clock::now();
    const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
    const auto numbers = d->reconstructs                      ? StackNumbers::Values
                         : d->options.output == "probability" ? StackNumbers::Probability
                                                              : StackNumbers::Whole;
    auto plan = StackPlan::of(source);
    plan.pixelBytes = d->reconstructs ? 4 * d->outputs : numbers == StackNumbers::Probability ? 4 : 1;
    if (numbers == StackNumbers::Probability)
        plan.probabilityClass = d->options.classIndex;
    requireFormat(output, plan, numbers);
    auto said = d->notes.size();
    const auto say = [&] {
        for (; said < d->notes.size(); ++said)
            events.emit({.kind = Event::Kind::Warning, .text = d->notes[said]});
    };
    d->fitMemory(info.height, info.width); // before the first page is read
    say();
    const auto scale = d->scaleOf(source);
    if (!scale.note.empty())
        events.emit({.kind = Event::Kind::Warning, .text = scale.note});
    said = d->notes.size();
    const auto writer = StackWriter::open(output, plan, numbers);
    // Pages that a later one has for a neighbour are kept, so that each is read once. One read is under way at a time.
    std::map<std::int64_t, Array> kept;
    const auto read = [&](std::int64_t page) {
        return std::async(std::launch::async, [&, page] {
            const auto image = d->withContext(page, info, [&](std::int64_t p) {
                if (const auto found = kept.find(p); found != kept.end())
                    return found->second;
                const auto one = d->scaled(source.readPage(p), scale, info.path + ": page " + std::to_string(p), info.alpha);
                if (d->context > 0)
                    kept[p] = one;
                return one;
            });
            if (page + 1 < info.pages)
                kept.erase(kept.begin(), kept.lower_bound(neighbourPage(info, page + 1, -d->context)));
            return image;
        });
    };
    // The next page is read and the last one written while this one is computed.
    auto next = read(0);
    std::future<void> writing;
    double reported = -1;
    for (std::int64_t page = 0; page < info.pages; ++page) {
        const auto image = next.get();
        if (page + 1 < info.pages)
            next = read(page + 1);
        const auto goOn = [&](double done) {
            if (const double now = seconds(); now - reported > 0.2) {
                reported = now;
                const double part = (static_cast<double>(page) + done) / static_cast<double>(info.pages);
                Event e{.kind = Event::Kind::Progress};
                e.time = now;
                e.step = page;
                e.total = info.pages;
                e.value = part;
                e.data = {{"remaining", part > 0.01 ? Json(now * (1 - part) / part) : Json()}};
                events.emit(e);
            }
            return control.goOn();
        };
        const auto height = image.dim(1), width = image.dim(2);
        const TiledPage tiled{d->channels, height, width, [&](const Region &) { return image; }};
        Array result;
        try {
            result = d->output(d->region(tiled, {0, 0, height, width}, scale, goOn));
        } catch (const Error &e) {
            if (e.kind() != Error::Kind::Cancelled)
                throw;
            throw Error(Error::Kind::Cancelled, output.string(),
                        "The prediction was stopped after " + std::to_string(page) + " of " + std::to_string(info.pages) +
                            (info.pages == 1 ? " page" : " pages") + ". Nothing was written.");
        }
        say();
        if (writing.valid())
            writing.get();
        writing = std::async(std::launch::async, [&writer, result] { writer->writePage(result); });
    }
    if (writing.valid())
        writing.get();
    writer->close();
    if (const auto note = formatNote(output, numbers, plan.probabilityClass); !note.empty())
        events.emit({.kind = Event::Kind::Log, .text = note});
    Event e{.kind = Event::Kind::Progress};
    e.time = seconds();
    e.step = e.total = info.pages;
    e.value = 1;
    e.data = {{"remaining", 0}};
    events.emit(e);
}

} // namespace reticle
