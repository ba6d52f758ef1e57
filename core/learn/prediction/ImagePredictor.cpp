#include "learn/prediction/ImagePredictor_p.h"

#include "files/Pictures.h"
#include "learn/Machine_p.h"
#include "learn/RandomTurn_p.h"
#include "learn/TooManyWeights_p.h"
#include "learn/prediction/Ensemble_p.h"
#include "learn/prediction/Network_p.h"
#include "learn/training/Checkpoint_p.h"
#include "project/ModelFiles.h"

#include <algorithm>

namespace reticle {

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

ImagePredictor::ImagePredictor(const std::filesystem::path &runFolder, const PredictOptions &options)
    : d(std::make_unique<Private>())
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
        const auto pixels = pixelOutputOf(d->metadata);
        if (pixels == PixelOutput::None)
            throw Error(Error::Kind::Input, description.string(),
                        "This model does not make an image: its task is " + taskOf(d->metadata) +
                            ". Choose a run that segments images or an autoencoder.");
        d->makesValues = pixels == PixelOutput::Values;
        d->classNames = d->metadata.at("classNames").get<std::vector<std::string>>();
        if (!d->makesValues)
            d->labels = files::classesOfModel(d->metadata);
    } catch (const Json::exception &e) {
        throw Error({description.string(), "the description of a model", "something else", "train the run again"});
    }
    if (d->makesValues) {
        if (options.output != "probability")
            throw Error({"predict.output", "the image that an autoencoder makes", "\"" + options.output + "\"",
                         "leave output away; an autoencoder knows no classes"});
        d->options.averageProbabilities = false;
    } else if (d->outputs == 1 && d->classes > 2) {
        // Trained on several classes with an objective for masks: it tells the background from the rest.
        d->classes = 2;
        d->classNames = {"background", "foreground"};
    }
    if (!d->makesValues && d->classes > std::max<std::int64_t>(2, d->outputs))
        throw Error({description.string(), "as many outputs as classes",
                     std::to_string(d->outputs) + " outputs for " + std::to_string(d->classes) + " classes",
                     "train the run again"});
    if (!d->makesValues && options.classIndex >= d->classes)
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

ImagePredictor::~ImagePredictor() = default;

PixelOutput ImagePredictor::pixels() const
{
    return d->makesValues ? PixelOutput::Values : PixelOutput::Classes;
}
std::int64_t ImagePredictor::classes() const
{
    return d->classes;
}
std::int64_t ImagePredictor::channels() const
{
    return d->inPage;
}
const std::vector<std::string> &ImagePredictor::classNames() const
{
    return d->classNames;
}
Json ImagePredictor::metadata() const
{
    return d->metadata;
}
const std::vector<std::string> &ImagePredictor::notes() const
{
    return d->notes;
}
InputScale ImagePredictor::scaleOf(const ImageSource &source)
{
    return d->scaleOf(source);
}

ImagePredictor::Network ImagePredictor::network()
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

Array ImagePredictor::predict(const Array &image, const std::function<bool(double)> &goOn, bool alpha)
{
    ValueSpan span;
    span.dtype = image.dtype();
    span.typed = true;
    if (needsSpan(d->scaling.span, image.dtype(), d->range))
        span.add(image, alpha);
    const auto scale = d->noted(inputScale(d->scaling.span, span, d->range, "image"));
    // An image by itself stands for its neighbors too.
    const auto whole = d->withContext(0, ImageInfo(), [&](std::int64_t) { return d->scaled(image, scale, "image", alpha); });
    const auto height = whole.dim(1), width = whole.dim(2);
    // All tiles together cover the page, so the part that is read is the page.
    const TiledPage page{d->channels, height, width, [&](const Region &) { return whole; }};
    return d->region(page, {0, 0, height, width}, scale, goOn);
}

Array ImagePredictor::predictRegion(const ImageSource &source, std::int64_t page, std::int64_t y, std::int64_t x,
                                    std::int64_t height, std::int64_t width, const std::function<bool(double)> &goOn)
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

} // namespace reticle
