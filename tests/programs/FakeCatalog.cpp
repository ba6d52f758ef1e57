#include "programs/FakeCatalog.h"

#include "data/Augment.h"
#include "data/Dataset.h"
#include "foundation/Params.h"
#include "imaging/Postprocess.h"
#include "protocol/Capabilities.h"
#include "support/Measurements.h"

#include <cstdlib>

namespace reticle::test {

namespace {

struct ModelOptions
{
    std::int64_t weights = 4000;
};
struct LossOptions
{
    double positiveWeight = 1;
};
struct TrainingOptions
{
    std::int64_t steps = 0, batch = 4, crop = 64;
    double minutes = 0;
};
struct RegionOptions
{
    std::string input, inputRange = "auto";
    std::int64_t page = 0, y = 0, x = 0, height = 0, width = 0;
};
struct SkipOptions
{
    bool ablate = true;
};
struct FileOptions
{
    std::string prediction, images, labels, foreground = "bright", part = "validation", output;
    double threshold = 0.5;
};
struct RunsOptions
{
    std::vector<std::int64_t> runs;
};
struct SimulationOptions
{
    std::int64_t slices = 4;
};

} // namespace

bool saysMore()
{
    return std::getenv("RETICLE_FAKE_MORE") != nullptr;
}

SchemaInfo cleaning()
{
    Schema<PostprocessOptions> s("postprocess", "Post-process");
    return addPostprocessFields(s).info();
}

SchemaInfo region()
{
    using R = RegionOptions;
    return Schema<R>("predict-region", "Prediction of a region")
        .field(&R::input, {.name = "input", .help = "Image", .path = true})
        .field(&R::page, {.name = "page", .help = "Page", .min = 0})
        .field(&R::y, {.name = "y", .help = "First row", .unit = "px", .min = 0})
        .field(&R::x, {.name = "x", .help = "First column", .unit = "px", .min = 0})
        .field(&R::height, {.name = "height", .help = "Rows", .unit = "px", .min = 0})
        .field(&R::width, {.name = "width", .help = "Columns", .unit = "px", .min = 0})
        .field(&R::inputRange, {.name = "input-range", .help = "Range"})
        .info();
}

Catalog catalog()
{
    Catalog c;
    c.kinds["datasets"] = {Registry<DataKind>::instance().get("segmentation").schema};
    c.kinds["models"] = {
        Schema<ModelOptions>("unet", "U-Net")
            .field(&ModelOptions::weights, {.name = "weights", .help = "Number of weights", .min = 100, .max = 1e9})
            .info(),
        SchemaInfo{"fcn", "FCN", "", {}}};
    c.kinds["objectives"] = {
        Schema<LossOptions>("bce", "Binary cross-entropy")
            .field(&LossOptions::positiveWeight, {.name = "positive-weight", .help = "Of the foreground", .min = 0})
            .info(),
        SchemaInfo{"mse", "Squared error", "", {}}};
    c.kinds["analyses"] = {
        Schema<FileOptions>("evaluate", "Evaluate", "Scores against the labels")
            .field(&FileOptions::prediction, {.name = "prediction", .help = "In place of a run", .path = true})
            .field(&FileOptions::images, {.name = "images", .help = "What it was made from", .path = true})
            .field(&FileOptions::labels, {.name = "labels", .help = "The truth", .path = true})
            .field(&FileOptions::foreground, {.name = "foreground", .help = "Of the labels", .choices = {"bright", "dark"}})
            .field(&FileOptions::threshold, {.name = "threshold", .help = "Of the scores", .min = 0, .max = 1})
            .info(),
        Schema<RunsOptions>("compare-runs", "Comparison")
            .field(&RunsOptions::runs, {.name = "runs", .title = "Runs", .help = "Which runs", .min = 1})
            .info(),
        Schema<SkipOptions>("skip-study", "What the skip connections give", "Changes each skip connection")
            .field(&SkipOptions::ablate, {.name = "ablate", .help = "Put zeros in its place"})
            .info(),
        Schema<FileOptions>("instances", "Objects one by one", "A table of objects")
            .field(&FileOptions::images, {.name = "images", .help = "Other images than the run's", .path = true})
            .field(&FileOptions::part, {.name = "part", .help = "Of the run's data", .choices = {"validation", "all"}})
            .field(&FileOptions::output, {.name = "output", .help = "Gets the objects' numbers", .path = true})
            .info(),
        cleaning()};
    c.kinds["live-queries"] = {cleaning(), region()};
    const auto simulator = [](const char *name, const char *title) {
        return Schema<SimulationOptions>(name, title, "Made-up images with labels.")
            .field(&SimulationOptions::slices, {.name = "slices", .help = "Number of slices", .min = 1, .max = 1000})
            .info();
    };
    c.kinds["simulators"] = {simulator("tissue", "Tissue")};
    if (saysMore()) {
        c.kinds["simulators"].push_back(simulator("loose-grains", "Grains that do not touch"));
        auto &analyses = c.kinds["analyses"];
        analyses.push_back(Schema<FileOptions>("spectrum", "Spectrum", "Detail of each size")
                               .field(&FileOptions::images, {.name = "images", .help = "What is measured", .path = true})
                               .info());
        analyses.push_back(Schema<FileOptions>("label-statistics", "Label statistics")
                               .field(&FileOptions::labels, {.name = "labels", .help = "What is counted", .path = true})
                               .info());
        c.kinds["datasets"].push_back(measurementsSchema());
        c.kinds["models"].push_back({"perceptron", "Perceptron", "", {}});
        c.kinds["objectives"].push_back({"squared-error", "Squared error of a number", "", {}});
        c.fits["datasets"] = {{"measurements", {{"regression"}, {"features"}}},
                              {"segmentation", {{"segmentation", "reconstruction"}, {"image"}}}};
        c.fits["models"] = {{"perceptron", {{}, {"features"}}}, {"unet", {{}, {"image"}}}, {"fcn", {{}, {"image"}}}};
        c.fits["objectives"] = {
            {"squared-error", {{"regression"}, {}}}, {"bce", {{"segmentation"}, {}}}, {"mse", {{"reconstruction"}, {}}}};
    }
    c.sections["augment"] = AugmentOptions::schema().info();
    c.sections["train"] =
        Schema<TrainingOptions>("train", "Training")
            .field(&TrainingOptions::steps, {.name = "steps", .help = "Steps", .min = 0, .max = 1e9})
            .field(&TrainingOptions::minutes, {.name = "minutes", .help = "Time", .unit = "min", .min = 0, .max = 100000})
            .field(&TrainingOptions::batch, {.name = "batch", .help = "Crops a step", .min = 1, .max = 64})
            .field(&TrainingOptions::crop,
                   {.name = "crop", .help = "Side of a crop", .unit = "px", .min = 8, .max = 4096, .about = "image"})
            .info();
    return c;
}

Json asking()
{
    Capabilities c;
    c.declare("skips", "model", "needs a network with skip connections");
    c.declare("classes", "objective", "needs a run that segments");
    c.provide("model", "unet", "skips");
    c.provide("objective", "bce", "classes");
    c.require("evaluate", "classes");
    c.require("skip-study", "skips");
    c.askOf("evaluate", "run", {});
    c.askOf("evaluate", "data", {"prediction", "labels"});
    c.askOf("compare-runs", "comparison", {});
    c.askOf("compare-runs", "run", {"runs"});
    if (saysMore()) {
        c.declare("pixels", "data", "needs labels");
        c.provide("data", "segmentation", "pixels");
        c.require("label-statistics", "pixels");
        c.askOf("spectrum", "data", {"images"});
        c.askOf("label-statistics", "data", {"labels"});
    }
    return c.toJson();
}

} // namespace reticle::test
