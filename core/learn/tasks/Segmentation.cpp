#include "data/SegmentationData.h"
#include "learn/Tensors_p.h"
#include "learn/prediction/ImagePredictor.h"
#include "learn/tasks/ImageTask_p.h"
#include "learn/tasks/Validation_p.h"

namespace reticle {

namespace {

/// A class for each pixel, by objectives that compare maps with labels.
class Segmentation : public ImageTask
{
public:
    using ImageTask::ImageTask;

    Tensors tensors(const Batch &batch, const torch::Device &device) const override
    {
        Tensors t{{"image", tensorOf(batch.at("image")).to(device)},
                  {"target", tensorOf(batch.at("labels")).to(device, torch::kLong)}};
        if (batch.has("weights"))
            t["weights"] = tensorOf(batch.at("weights")).to(device);
        return t;
    }
    RunScores scores() const override
    {
        return {"segmentation",
                "dice",
                {{"loss", "loss", "", true, false},
                 {"dice", "Dice", "", false, true},
                 {"iou", "IoU", "", false, true},
                 {"pixel-error", "pixel error", "", true, true}}};
    }
    Json description() const override
    {
        return {{"channels", m_in.channels}, {"outputs", outputs()}, {"target", "labels"}, {"classes", m_in.classes}};
    }
    Json summary() const override
    {
        Json s{{"target", "labels"}};
        s.update(ImageTask::summary());
        return s;
    }

protected:
    torch::Tensor shownOutput(const torch::Tensor &output) const override { return probabilities(output); }
    torch::Tensor shownLabels(const CropSource &source, std::int64_t slice) const override
    {
        return tensorOf(source.target(slice));
    }
};

/// An objective for masks cannot learn several classes: said before anything is trained, with the first slice at fault.
void checkClasses(const SegmentationData &data, std::int64_t told)
{
    if (data.classes() <= told)
        return;
    CropSource source;
    source.classes = told;
    source.classNames = data.classNames();
    source.name = [&](std::int64_t s) { return data.labelsName(s); };
    for (const auto *part : {&data.split().training, &data.split().validation})
        for (const auto slice : *part)
            source.checkLabels(data.target(slice), slice);
}

const Registration<TaskKind> segmentationRegistration(
    taskInfo("segmentation", "Segmentation", "A class for each pixel of an image, learned from labels."),
    {[](TaskInput input) -> std::shared_ptr<Task> {
         const auto data = imagesOf(input.data);
         auto in = imageTaskInput(std::move(input));
         const auto &maps = mapObjective(*in.objective);
         const auto told = classesTold(maps, outputsFor(maps, in.channels, in.training.planes, in.classes));
         in.checkData = [data, told] { checkClasses(*data, told); };
         return std::make_shared<Segmentation>(std::move(in));
     },
     [](const std::filesystem::path &runFolder, const PredictOptions &options) -> std::unique_ptr<Predictor> {
         return std::make_unique<ImagePredictor>(runFolder, options);
     },
     PixelOutput::Classes,
     [](const Recipe &recipe, const std::vector<ArraySpec> &specs) -> std::shared_ptr<Task> {
         return std::make_shared<Segmentation>(imageTaskSketch(recipe, specs));
     }});

} // namespace

std::shared_ptr<ImageTask> segmentationTask(ImageTaskInput input)
{
    return std::make_shared<Segmentation>(std::move(input));
}

} // namespace reticle
