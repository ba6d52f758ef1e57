#include "analysis/segmentation/SegmentationInput.h"

#include "compare/Comparison.h"
#include "data/ImageInputs.h"
#include "files/ObjectNumbers.h"
#include "files/Pairs.h"
#include "files/Pictures.h"
#include "files/PredictionValues.h"
#include "imaging/Instances.h"
#include "learn/prediction/ImagePredictor.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

namespace reticle {

namespace {

const Capability segmentationInputClassesOfRuns("classes", "objective", "needs a run that segments");

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void requireProbabilities(const Array &page, const std::string &where)
{
    for (std::int64_t i = 0; i < page.size(); ++i) {
        const float v = page.data<float>()[i];
        if (!(v >= -1e-4f && v <= 1 + 1e-4f))
            throw Error({where, "probabilities from 0 to 1", fmt::format("{:g}", v),
                         "set prediction-white to the value that means 1, such as 100 for percent"});
    }
}

/// What a prediction says of itself: the class whose probability it is, -1 where it does not say. Throws Error where the files of
/// a folder differ in it.
std::int64_t probabilityClassOf(const ImageSource &prediction)
{
    const auto first = pageInfo(prediction, 0).probabilityClass;
    for (std::int64_t z = 1; z < prediction.info().pages; ++z)
        if (const auto other = pageInfo(prediction, z).probabilityClass; other != first) {
            const auto text = [](std::int64_t k) {
                return k < 0 ? "files that name no class" : fmt::format("files of class {}", k);
            };
            throw Error({prediction.info().path, "probabilities of one class", text(first) + " and " + text(other),
                         "move the files of each class into a folder of their own"});
        }
    return first;
}

/// The first channels of an image, (H, W) where that is one.
Array channelsOf(const Array &image, std::int64_t count)
{
    if (image.dim(2) == count)
        return count > 1 ? image : image.reshaped({image.dim(0), image.dim(1)});
    Array some(image.dtype(), {image.dim(0), image.dim(1), count});
    const auto from = static_cast<std::size_t>(image.dim(2)) * byteSize(image.dtype());
    const auto to = static_cast<std::size_t>(count) * byteSize(image.dtype());
    for (std::int64_t i = 0; i < image.dim(0) * image.dim(1); ++i)
        std::copy_n(image.raw() + static_cast<std::size_t>(i) * from, to, some.raw() + static_cast<std::size_t>(i) * to);
    return count > 1 ? some : some.reshaped({image.dim(0), image.dim(1)});
}

} // namespace

struct SegmentationInput::Private
{
    SegmentationInputOptions options;
    std::shared_ptr<ImageSource> images, prediction;
    std::shared_ptr<SegmentationData> data; ///< gives the truth
    std::unique_ptr<ImagePredictor> predictor;
    std::vector<std::int64_t> slices;
    std::vector<std::string> classNames;
    std::string what;
    bool dark = false;
    files::LabelClasses known;        ///< of the run; empty where there is none, or its model does not say
    files::PredictionReading reading; ///< of a prediction given as a file
    std::int64_t ofClass = -1;        ///< whose probability that file says it is; -1 = not said
    bool reversed = false;            ///< it has 1 minus the probability that SegmentedSlice::prediction has
    std::vector<std::string> notes;
    std::map<std::int64_t, std::int64_t> foldRuns;         ///< part "folds": the run that has not seen a slice
    std::map<std::int64_t, std::filesystem::path> folders; ///< of these runs
    std::int64_t loaded = 0;                               ///< whose model the predictor has

    void loadPredictor(const std::filesystem::path &folder, std::int64_t run)
    {
        predictor = std::make_unique<ImagePredictor>(
            folder,
            PredictOptions::schema().read(
                {{"flips", options.flips}, {"device", options.device}, {"input-range", options.inputRange}}, "prediction"));
        loaded = run;
    }

    /// The test slices of all runs that were trained as `run` was but for the fold.
    void takeFolds(const Project &project, const RunInfo &run)
    {
        const auto fold = repeatOf(run);
        if (run.comparison == 0 || fold.fold == 0)
            throw Error({"part", "a run of a cross-validation", fmt::format("run {}, which belongs to none", run.id),
                         "train with compare.folds, or choose another part"});
        const auto count = run.recipe.at("data").value("folds", std::int64_t(0));
        const ComparisonPlan plan{Recipe{project.comparison(run.comparison).recipe}};
        std::set<std::int64_t> found;
        for (const auto &other : project.runsOf(run.comparison)) {
            const auto o = repeatOf(other);
            if (o.seed != fold.seed || o.fold == 0 || !plan.alike(other.recipe, run.recipe) || other.status != RunStatus::Done)
                continue;
            const auto description = modelDescription(project.runFolder(other.id));
            auto classes = files::classesOfModel(description);
            if (classes.values != known.values)
                throw Error({fmt::format("run {}", other.id), fmt::format("the classes of run {}", run.id), "others",
                             "train the folds again on one set of labels"});
            folders[other.id] = project.runFolder(other.id);
            found.insert(o.fold);
            for (const auto slice : Split::fromJson(description.value("split", Json())).test)
                foldRuns[slice] = other.id; // of several runs of a fold the latest
        }
        if (static_cast<std::int64_t>(found.size()) < count)
            throw Error({"part", fmt::format("{} folds that are done", count), std::to_string(found.size()),
                         "resume the comparison first, or choose another part"});
        for (const auto &[slice, id] : foldRuns)
            slices.push_back(slice);
        what += fmt::format(" and the other folds ({} in all), test slices", count);
    }

    void knowClassesOf(const Json &description, std::int64_t run)
    {
        known = files::classesOfModel(description);
        known.owner = fmt::format("run {}", run);
    }

    void fromRun(const AnalysisInput &input, Runs welcome)
    {
        if (!input.project)
            throw Error({"run", "a project to find it in", "none", {}});
        const RunInfo run = input.project->run(input.run);
        loadPredictor(input.project->runFolder(input.run), input.run);
        if (predictor->pixels() == PixelOutput::Values && welcome == Runs::ThatSegment)
            throw Error({fmt::format("run {}", input.run), "a run that segments", "an autoencoder, which makes images",
                         "choose a run trained on labels, or compare images with wavelet-spectrum"});
        classNames = predictor->classNames();
        if (predictor->pixels() == PixelOutput::Classes)
            knowClassesOf(predictor->metadata(), input.run);
        what = fmt::format("run {}", input.run);

        const Recipe recipe{run.recipe};
        Json section = recipe.section("data");
        bool own = true;
        if (!options.images.empty()) {
            own = false;
            section["images"] = options.images;
            section["labels"] = options.labels;
            section["foreground"] = options.foreground;
            for (const char *key : {"only-slices", "validation-slices", "test-slices", "groups", "group-column"})
                section.erase(key);
            section["split"] = "blocks";
            section["validation-fraction"] = section["test-fraction"] = 0;
        } else {
            section = withKeptParts(std::move(section), predictor->metadata());
        }
        images = openPictures(section.value("images", std::string()));
        dark = section.value("foreground", std::string("bright")) == "dark";
        if (own || !options.labels.empty()) {
            Json asked = run.recipe;
            asked["data"] = section;
            const Json description = predictor->pixels() == PixelOutput::Values ? Json::object() : predictor->metadata();
            data = imagesOf(openDataset(Recipe(asked), {description, known.owner}, notes));
        }
        if (!own) {
            for (std::int64_t z = 0; z < images->info().pages; ++z)
                slices.push_back(z);
            what += ", " + std::filesystem::path(options.images).filename().string();
            return;
        }
        if (options.part == "folds")
            return takeFolds(*input.project, run);
        const auto add = [&](const std::vector<std::int64_t> &part) { slices.insert(slices.end(), part.begin(), part.end()); };
        const auto &split = data->split();
        const bool all = options.part == "all";
        if (all || options.part == "training")
            add(split.training);
        if (all || options.part == "validation")
            add(split.validation);
        if (all || options.part == "test")
            add(split.test);
        std::sort(slices.begin(), slices.end());
        what += all ? ", all slices" : ", " + options.part + " slices";
        if (slices.empty())
            throw Error({"part", "a part of the run's data with slices in it", "\"" + options.part + "\" without any",
                         "choose another part"});
    }

    void fromFiles(const AnalysisInput &input)
    {
        prediction = openPictures(options.prediction, PictureKind::Predictions);
        const auto &info = prediction->info();
        if (info.channels - (info.alpha ? 1 : 0) != 1 && info.channels - (info.alpha ? 1 : 0) != 3)
            throw Error({options.prediction, "a stack with one value per pixel", fmt::format("{} channels", info.channels), {}});
        what = std::filesystem::path(options.prediction).filename().string();
        for (std::int64_t z = 0; z < info.pages; ++z)
            slices.push_back(z);
        dark = options.foreground == "dark";
        if (input.project && input.run > 0)
            if (const auto description = modelDescription(input.project->runFolder(input.run));
                pixelOutputOf(description) == PixelOutput::Classes)
                knowClassesOf(description, input.run);
        if (known.two)
            dark = known.values[1] < known.values[0];
        const auto values = files::predictionValues(*prediction);
        std::optional<bool> spread; // not where a class was chosen: the values are classes then
        if (options.takesObjects && options.classIndex == 1)
            spread =
                options.predictionIs == "auto" && values.whole && values.counts.size() > 2 && files::spreadAsObjects(*prediction);
        files::PredictionMeaning meaning{options.predictionIs, options.predictionWhite, !dark, spread, options.trueObjects};
        ofClass = probabilityClassOf(*prediction);
        if (ofClass >= 0 && meaning.kind == "auto" && !(meaning.white > 0) && (values.real || info.dtype == DType::UInt16)) {
            meaning.kind = "probabilities"; // as Reticle writes them, so that the values need not tell
            meaning.white = values.real ? 1 : 65535;
        }
        const auto decide = [&](const std::map<std::int64_t, std::int64_t> &truth) {
            reading = files::readingOf(values, truth, known.names.empty() ? nullptr : &known, meaning, options.prediction,
                                       options.labels);
            return reading.truth;
        };
        if (options.labels.empty()) {
            decide({});
        } else {
            // Prediction and labels are paired and checked as images and labels are.
            SegmentationDataOptions o;
            o.images = options.prediction;
            o.labels = options.labels;
            o.imagesAreNumbers = true;
            o.threshold = known.threshold;
            if (known.threshold > 0)
                notes.push_back(
                    fmt::format("Labels: values of {:g} and above became 255 and all others 0, as in the training of {}.",
                                known.threshold, known.owner));
            o.validationFraction = o.testFraction = 0;
            o.decide = decide;
            data = SegmentationData::load(o, 0);
        }
        classNames = reading.truth.names;
        notes.insert(notes.end(), reading.notes.begin(), reading.notes.end());
        if (data)
            for (auto &note : data->notes())
                notes.push_back(std::move(note));
        if (!options.images.empty())
            images = files::openPartner(*prediction, options.images, files::FolderPart::Images, "images", &notes);
    }

    /// Takes the probabilities of a file for those of the class that it names. Of two classes each is what the other leaves.
    /// Throws Error where of more classes another one was asked for.
    void takeProbabilityClass(std::int64_t classes)
    {
        if (!prediction || !reading.probabilities)
            return;
        const auto asked = options.classIndex;
        if (classes > 2) {
            if (ofClass >= 0 && ofClass != asked)
                throw Error({options.prediction, fmt::format("the probability of class {}", asked),
                             fmt::format("that of class {}, as the file says", ofClass),
                             fmt::format("set class to {}, or predict with class-index={}", ofClass, asked)});
            reversed = asked == 0; // what classProbability() undoes
            return;
        }
        reversed = ofClass == 0;
        if (reversed)
            notes.push_back(
                "The prediction says that it holds the probability of class 0, the background. Class 1, the foreground, "
                "has what is left to 1.");
    }
};

SegmentationInput::SegmentationInput(const SegmentationInputOptions &options, const AnalysisInput &input, Runs welcome)
    : d(std::make_unique<Private>())
{
    d->options = options;
    if (!options.prediction.empty())
        d->fromFiles(input);
    else if (input.run > 0)
        d->fromRun(input, welcome);
    else
        throw Error(
            {"prediction", "a run of a project, or a stack of predictions", "neither", "give --run N or prediction=FILE"});
    if (!options.slices.empty()) {
        for (const auto z : options.slices)
            if (std::find(d->slices.begin(), d->slices.end(), z) == d->slices.end())
                throw Error({"slices", "slices of " + d->what, std::to_string(z), {}});
        d->slices = options.slices;
    }
    const bool made = d->predictor && d->predictor->pixels() == PixelOutput::Values;
    if (!made && options.classIndex >= classes())
        throw Error({"class", fmt::format("a class from 0 to {}", classes() - 1), std::to_string(options.classIndex), {}});
    d->takeProbabilityClass(classes());
}

SegmentationInput::~SegmentationInput() = default;

const std::vector<std::int64_t> &SegmentationInput::slices() const
{
    return d->slices;
}
bool SegmentationInput::hasTruth() const
{
    return d->data && d->data->hasLabels();
}

bool SegmentationInput::hasProbabilities() const
{
    return d->predictor || d->reading.probabilities;
}

bool SegmentationInput::hasObjects() const
{
    return !d->predictor && d->reading.objects;
}

std::int64_t SegmentationInput::classes() const
{
    if (d->predictor)
        return d->predictor->classes();
    return std::max<std::int64_t>(2, static_cast<std::int64_t>(d->classNames.size()));
}

std::string SegmentationInput::className(std::int64_t index) const
{
    return index < static_cast<std::int64_t>(d->classNames.size()) ? d->classNames[index] : fmt::format("class {}", index);
}

std::string SegmentationInput::classText(std::int64_t index) const
{
    const auto &values = (d->predictor ? d->known : d->reading.truth).values;
    if (index >= static_cast<std::int64_t>(values.size()))
        return className(index);
    const auto value = values[static_cast<std::size_t>(index)];
    if (values.size() == 2)
        return className(index) + (value == 0 || value == 1 || value == 255 ? "" : fmt::format(" (value {})", value));
    return fmt::format("class {}", index) + (value == index ? "" : fmt::format(" (value {})", value));
}

Array SegmentationInput::fileValues(const Array &classes) const
{
    auto all = d->predictor ? d->known : d->reading.truth;
    if (static_cast<std::int64_t>(all.values.size()) != this->classes()) // an older model of two classes
        all.values = this->classes() == 2 ? std::vector<std::int64_t>{0, 255} : std::vector<std::int64_t>{0};
    return all.valuesOf(classes);
}

std::vector<std::string> SegmentationInput::notes() const
{
    auto all = d->notes;
    if (d->predictor)
        all.insert(all.end(), d->predictor->notes().begin(), d->predictor->notes().end());
    return all;
}

bool SegmentationInput::objectsAreClass() const
{
    if (d->options.objects != "auto")
        return d->options.objects == "class";
    // Of two classes with a dark foreground the foreground is what parts the objects; so is the other one's reverse.
    return classes() != 2 || (d->options.classIndex == 1) != d->dark;
}

double SegmentationInput::valueRange() const
{
    return d->data ? d->data->valueRange() : 1;
}

void SegmentationInput::requireOneSize() const
{
    const auto first = pageInfo(source(), d->slices.front());
    for (const auto z : d->slices)
        if (const auto info = pageInfo(source(), z); info.height != first.height || info.width != first.width)
            throw Error({source().info().path, "slices of one size for this analysis",
                         fmt::format("{} x {} beside {} x {}", info.width, info.height, first.width, first.height),
                         "ask for slices of one size, or make them the same size"});
}

double SegmentationInput::pixelSize() const
{
    if (d->options.pixelSize > 0)
        return d->options.pixelSize;
    const double fromImages = d->images ? d->images->info().pixelSizeX : 0;
    return fromImages > 0 || !d->prediction ? fromImages : d->prediction->info().pixelSizeX;
}

double SegmentationInput::pixelHeight() const
{
    const auto height = [&](const ImageInfo &info) { return info.pixelSizeX > 0 ? info.pixelSizeY : 0; };
    double fromFile = 0;
    if (!(d->options.pixelSize > 0)) {
        fromFile = d->images ? height(d->images->info()) : 0;
        if (!(fromFile > 0) && d->prediction)
            fromFile = height(d->prediction->info());
    }
    return fromFile > 0 ? fromFile : pixelSize();
}

double SegmentationInput::sliceDistance() const
{
    return d->images ? d->images->info().pixelSizeZ : d->prediction->info().pixelSizeZ;
}

std::string SegmentationInput::what() const
{
    return d->what;
}

ImagePredictor *SegmentationInput::predictor() const
{
    return d->predictor.get();
}

const ImageSource &SegmentationInput::source() const
{
    return d->predictor ? *d->images : *d->prediction;
}

StackPlan SegmentationInput::plan() const
{
    auto plan = StackPlan::of(source(), d->slices);
    for (auto &file : plan.files) {
        file.pixelSizeX = pixelSize();
        file.pixelSizeY = pixelHeight();
        file.pixelSizeZ = sliceDistance();
    }
    return plan;
}

const ImageSource *SegmentationInput::images() const
{
    return d->images.get();
}

SegmentedSlice SegmentationInput::slice(std::size_t i, const std::function<bool(double)> &goOn)
{
    SegmentedSlice s = given(i);
    if (d->predictor) {
        if (const auto it = d->foldRuns.find(s.index); it != d->foldRuns.end() && it->second != d->loaded)
            d->loadPredictor(d->folders.at(it->second), it->second);
        const auto &info = pageInfo(*d->images, s.index);
        s.prediction = d->predictor->predictRegion(*d->images, s.index, 0, 0, info.height, info.width, goOn);
    } else {
        const auto &info = pageInfo(*d->prediction, s.index);
        const auto where =
            d->prediction->info().pages > 1 ? files::pageName(d->options.prediction, s.index) : d->options.prediction;
        const Array page = files::plainLabels(d->prediction->readPage(s.index), info.alpha, 0, where);
        if (hasObjects()) {
            s.objects = numberedObjects(page, where);
            s.prediction = Array(DType::UInt8, page.shape());
            const auto in = static_cast<std::uint8_t>(d->options.classIndex), out = static_cast<std::uint8_t>(in == 0 ? 1 : 0);
            std::ranges::transform(s.objects.span<std::int32_t>(), s.prediction.data<std::uint8_t>(),
                                   [&](auto object) { return object ? in : out; });
            return s;
        }
        if (!hasProbabilities()) {
            s.prediction = d->reading.prediction.classesOf(page, where);
            return s;
        }
        s.prediction = page.as(DType::Float32);
        const auto white = static_cast<float>(d->reading.white);
        for (auto &v : s.prediction.span<float>())
            v /= white;
        requireProbabilities(s.prediction, where);
        if (d->reversed)
            for (auto &v : s.prediction.span<float>())
                v = 1 - v;
    }
    return s;
}

SegmentedSlice SegmentationInput::given(std::size_t i) const
{
    SegmentedSlice s;
    s.index = d->slices.at(i);
    if (d->images)
        s.image = d->images->readPage(s.index);
    if (hasTruth())
        s.truth = d->data->target(s.index);
    if (s.image.rank() == 3) { // without opacity; of channels that are no colors the first
        const auto channels = s.image.dim(2), colors = channels - (pageInfo(*d->images, s.index).alpha ? 1 : 0);
        s.image = channelsOf(s.image, colors == 3 ? 3 : 1);
    }
    return s;
}

Array classProbability(const Array &prediction, std::int64_t classIndex)
{
    if (prediction.rank() == 3)
        return prediction.at(classIndex);
    Array p(DType::Float32, prediction.shape());
    for (std::int64_t i = 0; i < p.size(); ++i) {
        if (prediction.dtype() != DType::Float32)
            p.data<float>()[i] = prediction.value(i) == static_cast<double>(classIndex);
        else
            p.data<float>()[i] = classIndex != 0 ? prediction.data<float>()[i] : 1 - prediction.data<float>()[i];
    }
    return p;
}

SliceProgress::SliceProgress(EventSink &events, RunControl &control, std::int64_t run, std::string what, std::int64_t total)
    : m_events(events), m_control(control), m_run(run), m_what(std::move(what)), m_total(total), m_begin(now())
{
}

bool SliceProgress::at(std::int64_t done, double part)
{
    const bool on = m_control.goOn(
        [this](bool paused) { m_events.emit({.kind = paused ? Event::Kind::Paused : Event::Kind::Resumed, .run = m_run}); });
    if (m_control.ending() == RunControl::End::Cancel)
        throw Error(Error::Kind::Cancelled, m_what, "cancelled");
    const double fraction = m_total > 0 ? (static_cast<double>(done) + part) / static_cast<double>(m_total) : 1;
    const double elapsed = now() - m_begin;
    Event e;
    e.kind = Event::Kind::Progress;
    e.run = m_run;
    e.time = elapsed;
    e.step = done;
    e.total = m_total;
    e.name = m_what;
    e.value = fraction;
    e.data = {{"remaining", fraction > 0.02 ? Json(elapsed * (1 - fraction) / fraction) : Json(nullptr)}};
    m_events.emit(e);
    return on;
}

void SliceProgress::beside()
{
    m_control.goOn();
    if (m_control.ending() == RunControl::End::Cancel)
        throw Error(Error::Kind::Cancelled, m_what, "cancelled");
}

std::function<bool(double)> SliceProgress::within(std::int64_t done)
{
    return [this, done](double part) { return at(done, part); };
}

} // namespace reticle
