#include "data/SegmentationData.h"
#include "learn/Tensors_p.h"
#include "learn/prediction/ImagePredictor.h"
#include "learn/tasks/ImageTask_p.h"
#include "learn/tasks/Validation_p.h"

namespace reticle {

namespace {

/// The image itself, through a network that cannot keep all of it.
class Reconstruction : public ImageTask
{
public:
    using ImageTask::ImageTask;

    Tensors tensors(const Batch &batch, const torch::Device &device) const override
    {
        Tensors t{{"image", tensorOf(batch.at("image")).to(device)}};
        t["target"] = middleSlice(t["image"], m_in.training.planes);
        return t;
    }
    RunScores scores() const override
    {
        return {"reconstruction",
                "loss",
                {{"loss", "loss", "", true, false},
                 {"mse", "mean squared error", "", true, false},
                 {"psnr", "PSNR", "dB", false, false},
                 {"ssim", "SSIM", "", false, true}}};
    }
    Json description() const override
    {
        return {{"channels", m_in.channels}, {"outputs", outputs()}, {"target", "image"}, {"classes", m_in.classes}};
    }
    Json summary() const override
    {
        Json s{{"target", "image"}};
        s.update(ImageTask::summary());
        return s;
    }

protected:
    double oversampling() const override { return 0; }
    torch::Tensor shownOutput(const torch::Tensor &output) const override { return output; }
    torch::Tensor shownLabels(const CropSource &, std::int64_t) const override { return {}; }
};

const Registration<TaskKind> reconstructionRegistration(
    taskInfo("reconstruction", "Reconstruction", "The image itself, by a network that cannot keep all of it."),
    {[](TaskInput input) -> std::shared_ptr<Task> {
         const auto data = imagesOf(input.data);
         auto in = imageTaskInput(std::move(input));
         in.range = data->valueRange();
         in.preparation["range"] = in.range;
         return std::make_shared<Reconstruction>(std::move(in));
     },
     [](const std::filesystem::path &runFolder, const PredictOptions &options) -> std::unique_ptr<Predictor> {
         return std::make_unique<ImagePredictor>(runFolder, options);
     },
     PixelOutput::Values,
     [](const Recipe &recipe, const std::vector<ArraySpec> &specs) -> std::shared_ptr<Task> {
         return std::make_shared<Reconstruction>(imageTaskSketch(recipe, specs));
     }});

} // namespace

std::shared_ptr<ImageTask> reconstructionTask(ImageTaskInput input)
{
    return std::make_shared<Reconstruction>(std::move(input));
}

} // namespace reticle
