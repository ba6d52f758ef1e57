#pragma once

#include "analysis/Analysis.h"
#include "data/SegmentationData.h"
#include "files/ImageSource.h"
#include "files/StackWriter.h"

#include <functional>
#include <memory>

namespace reticle {

class ImagePredictor;

/// Where a segmentation analysis finds predictions and their truth: a project's run (its model and its recipe's data),
/// or stacks given as files.
struct SegmentationInputOptions
{
    std::string prediction; ///< stack of probabilities or labels, in place of a run
    std::string images;     ///< with a run: other images than its own; with a prediction: what to draw it over
    std::string labels;
    std::string foreground = "bright"; ///< of labels given as files
    std::string part = "validation";   ///< of a run's own data: validation, test, training, all, folds
    std::vector<std::int64_t> slices;  ///< only these, counted from 0
    std::int64_t classIndex = 1;
    std::string objects = "auto"; ///< what has the regions of V_Rand: class, rest, auto
    double pixelSize = 0;         ///< nm; 0 = as the file says
    std::string flips = "none";
    std::string device = "auto";
    std::string inputRange = "auto";   ///< PredictOptions::inputRange
    std::string predictionIs = "auto"; ///< what a prediction given as a file holds: labels, probabilities
    double predictionWhite = 0;        ///< its value for a probability of 1; 0 = found out
    bool takesObjects = false;         ///< no field: the analysis takes numbers of objects as a prediction
    bool trueObjects = false;          ///< no field: and compares them with such numbers, which it reads itself
};

/// Class, part of the data and objects of a SegmentationInputOptions, or of what derives from it.
template <class O> Schema<O> &addPartFields(Schema<O> &s, bool withClass = true)
{
    using I = SegmentationInputOptions;
    if (withClass)
        s.template field<std::int64_t>(&I::classIndex, {.name = "class",
                                                        .title = "Class",
                                                        .help = "Class that the scores are for, counted from 0 in "
                                                                "the order of the label values; 1 is the foreground of two",
                                                        .min = 0,
                                                        .max = 254});
    s.template field<std::string>(&I::part, {.name = "part",
                                             .title = "Slices of",
                                             .help = "Part of the run's data; folds = the test slices of all folds of a "
                                                     "cross-validation, each seen by the run that has not trained on it",
                                             .choices = {"validation", "test", "training", "all", "folds"},
                                             .group = "Input"});
    s.template field<std::vector<std::int64_t>>(&I::slices, {.name = "slices",
                                                             .title = "Only slices",
                                                             .help = "Only these slices, counted from 0; empty = all of the part",
                                                             .min = 0,
                                                             .group = "Input"});
    s.template field<std::string>(&I::objects, {.name = "objects",
                                                .title = "Objects are",
                                                .help = "What the regions of V_Rand and V_Info are: the class, or the "
                                                        "rest where the class is what parts them (dark membranes)",
                                                .choices = {"auto", "class", "rest"},
                                                .group = "Input",
                                                .advanced = true});
    return s;
}

/// Pixel size and how a run predicts.
template <class O> Schema<O> &addPredictionFields(Schema<O> &s)
{
    using I = SegmentationInputOptions;
    s.template field<double>(&I::pixelSize, {.name = "pixel-size",
                                             .title = "Pixel size",
                                             .help = "Side of a pixel; 0 = as the file says",
                                             .unit = "nm",
                                             .min = 0,
                                             .max = 1000000,
                                             .group = "Input"});
    s.template field<std::string>(&I::flips,
                                  {.name = "flips",
                                   .title = "Flips",
                                   .help = "Average predictions over 4 flips, or over 8 with quarter turns: as many times slower",
                                   .choices = {"none", "4", "8"},
                                   .group = "Prediction",
                                   .advanced = true});
    s.template field<std::string>(
        &I::device,
        {.name = "device", .title = "Device", .help = "auto, cpu, cuda or cuda:N", .group = "Prediction", .advanced = true});
    s.template field<std::string>(
        &I::inputRange,
        {.name = "input-range",
         .title = "Range of the images",
         .help = "What the values mean in images of another number type than the training images: auto, as-is, or the "
                 "values of black and white, such as 0..4095",
         .group = "Prediction",
         .advanced = true});
    return s;
}

/// All fields of a SegmentationInputOptions, or of what derives from it. `withClass` false: the other base of the options
/// has the class. `withObjects`: a prediction may be numbers of objects.
template <class O> Schema<O> &addInputFields(Schema<O> &s, bool withClass = true, bool withObjects = false)
{
    using I = SegmentationInputOptions;
    std::vector<std::string> kinds{"auto", "labels", "probabilities"};
    if (withObjects)
        kinds.push_back("instances");
    addPartFields(s, withClass);
    s.template field<std::string>(&I::prediction,
                                  {.name = "prediction",
                                   .title = "Prediction",
                                   .help = "A stack of probabilities (of the foreground, or of the class chosen among three "
                                           "and more) or labels, in place of a run",
                                   .path = true,
                                   .group = "Files"});
    s.template field<std::string>(&I::labels, {.name = "labels",
                                               .title = "Labels",
                                               .help = "The truth that belongs to the prediction",
                                               .path = true,
                                               .group = "Files"});
    s.template field<std::string>(&I::images,
                                  {.name = "images",
                                   .title = "Images",
                                   .help = "What the prediction was made from; with a run, images to predict in place of its own",
                                   .path = true,
                                   .group = "Files"});
    s.template field<std::string>(&I::predictionIs,
                                  {.name = "prediction-is",
                                   .title = "Prediction holds",
                                   .help = withObjects ? "Labels, probabilities, or instances, which are numbers of objects and "
                                                         "are used as they are; auto decides by the values and reports it"
                                                       : "Labels or probabilities; auto decides by the values and reports it",
                                   .choices = kinds,
                                   .group = "Files",
                                   .advanced = true});
    s.template field<double>(&I::predictionWhite,
                             {.name = "prediction-white",
                              .title = "Value of probability 1",
                              .help = "Value of the prediction that means a probability of 1: 255 of an 8-bit map, 100 of "
                                      "percent; 0 = automatic",
                              .min = 0,
                              .max = 4294967295,
                              .group = "Files",
                              .advanced = true});
    s.template field<std::string>(&I::foreground, {.name = "foreground",
                                                   .title = "Foreground",
                                                   .help = "Which of two label values is the foreground",
                                                   .choices = {"bright", "dark"},
                                                   .group = "Files"});
    return addPredictionFields(s);
}

/// One slice of what is analysed.
struct SegmentedSlice
{
    std::int64_t index = 0; ///< in the file, counted from 0
    Array image;            ///< (H, W) or (H, W, 3), as in the file; empty where there is none
    /// (K, H, W) float32, (H, W) float32 of the class asked for (of all others where that is class 0), or (H, W) uint8
    /// class indices, 255 = no class.
    Array prediction;
    Array truth; ///< (H, W) uint8 class indices, 255 = ignored; empty where there is none
    /// (H, W) int32, where hasObjects(): 0 = none, the objects of the slice numbered from 1. The prediction is then the class
    /// asked for where there is an object.
    Array objects;
};

/// Reads, and with a run predicts, slice by slice. One object is for one thread.
class SegmentationInput
{
public:
    enum class Runs { ThatSegment, All }; ///< All: autoencoders too
    /// Throws Error: neither run nor prediction, files that do not fit one another, an empty part, a run that is not
    /// welcome.
    SegmentationInput(const SegmentationInputOptions &options, const AnalysisInput &input, Runs welcome = Runs::ThatSegment);
    ~SegmentationInput();

    const std::vector<std::int64_t> &slices() const;
    bool hasTruth() const;         ///< labels
    bool hasProbabilities() const; ///< false: labels only, which no threshold changes
    bool hasObjects() const;       ///< the prediction is numbers of objects
    std::int64_t classes() const;
    std::string className(std::int64_t index) const;
    /// The same for a sentence, with the label value where that is not plain: "class 2 (value 3)".
    std::string classText(std::int64_t index) const;
    /// (H, W) uint8 class indices -> the label values of the classes, as a file of labels has them.
    Array fileValues(const Array &classes) const;
    /// Sentences on what was assumed of the files: how values were read, converted or matched.
    std::vector<std::string> notes() const;
    /// Whether regions are the class itself (true) or what is not the class.
    bool objectsAreClass() const;
    double valueRange() const; ///< what scaled values span, of a run; 1 of files
    /// Throws Error where its slices are pictures of differing sizes, for analyses that put them together.
    void requireOneSize() const;
    double pixelSize() const;     ///< width of a pixel in nm; 0 = not known
    double pixelHeight() const;   ///< nm; the width where only that is known
    double sliceDistance() const; ///< nm; 0 = not known
    std::string what() const;     ///< "run 3, validation slices" or the prediction's file name
    /// Slice number `i` of slices(). `goOn` is asked while predicting; false ends with Error (Kind::Cancelled).
    SegmentedSlice slice(std::size_t i, const std::function<bool(double done)> &goOn = {});
    /// The same without its prediction.
    SegmentedSlice given(std::size_t i) const;
    /// Whose pages slices() counts: the images that the run predicts, or the prediction.
    const ImageSource &source() const;
    /// What is written of slices(), with pixelSize(), pixelHeight() and sliceDistance().
    StackPlan plan() const;
    /// With a run: its model and the images; else null. With part "folds" another one after slice() of another fold.
    ImagePredictor *predictor() const;
    const ImageSource *images() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// (H, W) float32 probability of a class, from any of the forms of SegmentedSlice::prediction.
Array classProbability(const Array &prediction, std::int64_t classIndex);

/// Progress and the right to go on, for the slices of an analysis.
class SliceProgress
{
public:
    SliceProgress(EventSink &events, RunControl &control, std::int64_t run, std::string what, std::int64_t total);
    /// Before slice `done` of total; false = finish with what there is (stop). Throws Error (Kind::Cancelled).
    bool at(std::int64_t done, double part = 0);
    /// For other threads of the analysis, before each of their slices: waits while paused, emits nothing. Throws Error
    /// (Kind::Cancelled).
    void beside();
    /// For SegmentationInput::slice: reports progress within slice `done`; false when the work shall end.
    std::function<bool(double)> within(std::int64_t done);

private:
    EventSink &m_events;
    RunControl &m_control;
    std::int64_t m_run;
    std::string m_what;
    std::int64_t m_total;
    double m_begin;
};

} // namespace reticle
