#pragma once

#include "data/CropBatches.h"
#include "learn/Task_p.h"
#include "learn/memory/ImagePasses_p.h"

namespace reticle {

/// What a task of images is made from: train() fills it from data, tests from arrays.
struct ImageTaskInput
{
    std::shared_ptr<Objective> objective; ///< of maps
    TrainOptions train;
    AugmentOptions augment;
    std::uint64_t seed = 0;
    CropSource training, validation;
    std::vector<std::int64_t> test; ///< slices of the same source
    std::int64_t channels = 1, classes = 2;
    double range = 1;                     ///< what scaled values span
    std::int64_t dataToCome = 0;          ///< bytes that the sources will keep of slices, beyond what they have
    Json preparation = Json::object();    ///< Task::preparation
    Json summary = Json::object();        ///< Task::summary
    std::function<void()> checkData = {}; ///< Task::checkData; absent: nothing is checked
};

/// Learning from crops of images one map a network's output: what segmentation and reconstruction have in common.
class ImageTask : public Task, public HasImageBatches
{
public:
    explicit ImageTask(ImageTaskInput input);

    ModuleShape shape() const override { return {m_in.channels, m_outputs}; }
    std::int64_t classes() const override { return m_in.classes; }
    void checkData() const override;
    void checkCompatible(Module &module) const override;
    std::int64_t examples() const override { return static_cast<std::int64_t>(m_in.training.slices.size()); }
    double range() const override { return m_in.range; }
    std::shared_ptr<const BatchSource> batches() const override;
    bool batchesFromMemory() const override { return m_in.training.inMemory; }
    Tensors dummyBatch(std::int64_t n, double scale) const override;
    Tensors imageBatch(const PassShape &shape) const override;
    std::int64_t batchSize() const override { return m_in.train.batch; }
    std::string batchText() const override;
    std::vector<std::string> waysToSmallerBatches() const override { return {"train.batch", "train.crop"}; }
    MemoryPlan planMemory(Module &module, const StepSettings &settings, bool proves, std::int64_t free) const override;
    bool has(const std::string &part) const override;
    Evaluation evaluate(const EvaluationInput &input, const std::string &part) const override;
    Json example(const EvaluationInput &input) const override;
    Json preparation() const override { return m_in.preparation; }
    Json summary() const override { return m_in.summary; }

protected:
    virtual double oversampling() const { return m_in.train.foregroundOversampling; }
    /// What a person looks at of a network's output (K, H, W).
    virtual torch::Tensor shownOutput(const torch::Tensor &output) const = 0;
    /// Labels (H, W) of a slice, to be shown beside it; undefined where there are none.
    virtual torch::Tensor shownLabels(const CropSource &source, std::int64_t slice) const = 0;

    const MapObjective &maps() const { return mapObjective(objective()); }
    std::int64_t outputs() const { return m_outputs; }
    const ImageTaskInput m_in;

private:
    CropSource part(const std::string &name) const;

    std::int64_t m_outputs = 1;
};

/// Tasks from arrays and functions.
std::shared_ptr<ImageTask> segmentationTask(ImageTaskInput input);
std::shared_ptr<ImageTask> reconstructionTask(ImageTaskInput input);

/// What both are made from, of a recipe and its images; checkData is left open.
ImageTaskInput imageTaskInput(TaskInput input);
/// The same where only headers are known (TaskKind::sketch): channels are the planes of "image" in `specs`, classes the
/// categories of "labels", at least two. Throws Error where there are no images.
ImageTaskInput imageTaskSketch(const Recipe &recipe, const std::vector<ArraySpec> &specs);

} // namespace reticle
