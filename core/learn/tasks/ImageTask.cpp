#include "learn/tasks/ImageTask_p.h"

#include "learn/Tensors_p.h"
#include "learn/memory/TrainingMemory_p.h"
#include "learn/tasks/ExamplePictures_p.h"
#include "learn/tasks/Validation_p.h"
#include "project/Recipe.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

std::int64_t exampleSide(std::int64_t side)
{
    return std::min<std::int64_t>(256, side);
}

} // namespace

ImageTask::ImageTask(ImageTaskInput input)
    : Task(input.objective), m_in([&] {
          const auto &maps = mapObjective(*input.objective);
          const auto outputs = outputsFor(maps, input.channels, input.training.planes, input.classes);
          input.training.classes = input.validation.classes = classesTold(maps, outputs);
          return std::move(input);
      }()),
      m_outputs(outputsFor(maps(), m_in.channels, m_in.training.planes, m_in.classes))
{
    if (m_in.training.slices.empty())
        throw Error({"data", "at least one training slice", "none", "lower data.validation-fraction or add slices"});
}

void ImageTask::checkData() const
{
    if (m_in.checkData)
        m_in.checkData();
}

/// Sizes of all that the network will see: told before the first step and not when the first validation is due.
void ImageTask::checkCompatible(Module &module) const
{
    auto &images = imageModule(module);
    images.requireSize(m_in.train.crop, m_in.train.crop);
    requireSlices(images, m_in.validation);
    if (!images.strictSize)
        return;
    const auto &source = m_in.validation.slices.empty() ? m_in.training : m_in.validation;
    const auto image = source.image(source.slices.front());
    images.requireSize(exampleSide(image.dim(1)), exampleSide(image.dim(2)));
}

std::shared_ptr<const BatchSource> ImageTask::batches() const
{
    return std::make_shared<CropBatches>(m_in.training, CropOptions{.batch = m_in.train.batch,
                                                                    .crop = m_in.train.crop,
                                                                    .foregroundOversampling = oversampling(),
                                                                    .augment = m_in.augment,
                                                                    .border = maps().wantsBorderMap(),
                                                                    .borderWeight = maps().borderWeight(),
                                                                    .borderSigma = maps().borderSigma(),
                                                                    .seed = m_in.seed});
}

Tensors ImageTask::dummyBatch(std::int64_t n, double scale) const
{
    const auto side = std::max<std::int64_t>(1, std::llround(static_cast<double>(m_in.train.crop) * scale));
    return imageBatch({n, m_in.channels, side, side});
}

Tensors ImageTask::imageBatch(const PassShape &s) const
{
    Batch batch;
    batch.arrays["image"] = Array(DType::Float32, {s.batch, s.channels, s.height, s.width});
    batch.arrays["labels"] = Array(DType::UInt8, {s.batch, s.height, s.width});
    if (maps().wantsBorderMap())
        batch.arrays["weights"] = Array(DType::Float32, {s.batch, s.height, s.width});
    return tensors(batch, torch::kCPU);
}

std::string ImageTask::batchText() const
{
    return std::to_string(m_in.train.batch) + " crops of " + std::to_string(m_in.train.crop) + " px";
}

/// Asked before anything large is taken.
MemoryPlan ImageTask::planMemory(Module &module, const StepSettings &settings, bool proves, std::int64_t free) const
{
    TrainingPlan plan;
    plan.crops = {m_in.train.batch, m_in.channels, m_in.train.crop, m_in.train.crop};
    plan.settings = settings;
    plan.batch = [this](const PassShape &shape) { return imageBatch(shape); };
    plan.outputs = m_outputs;
    plan.proves = proves;
    plan.border = maps().wantsBorderMap();
    plan.data = m_in.dataToCome;
    plan.validates = !m_in.validation.slices.empty();
    for (const auto *part : {&m_in.training, &m_in.validation})
        for (const auto slice : part->slices) {
            if (!part->size)
                break;
            const auto [height, width] = part->size(slice);
            plan.slice = std::max(plan.slice, height * width);
        }
    MemoryPlan told;
    plan = planWithin(imageModule(module), plan, free, told.note);
    told.tile = plan.tile;
    told.ahead = plan.ahead;
    return told;
}

bool ImageTask::has(const std::string &part) const
{
    return part == "test" ? !m_in.test.empty() : !m_in.validation.slices.empty();
}

CropSource ImageTask::part(const std::string &name) const
{
    auto source = m_in.validation;
    if (name == "test")
        source.slices = m_in.test;
    return source;
}

Evaluation ImageTask::evaluate(const EvaluationInput &in, const std::string &name) const
{
    const auto source = part(name);
    const auto v =
        validate(imageModule(in.module), {maps(), source, m_in.classes, m_in.range, in.half, in.device, in.tile}, in.goOn);
    Evaluation e{v.loss, v.scores, v.score, {}};
    if (v.constant)
        e.warning = "The network is dead: its output has variance 0, the same value at every pixel. Lower the learning rate, "
                    "use more weights, or leaky ReLU, and start again.";
    return e;
}

/// Input, target and prediction of one place of the first validation (or training) slice, as pictures.
Json ImageTask::example(const EvaluationInput &in) const
{
    const auto &source = m_in.validation.slices.empty() ? m_in.training : m_in.validation;
    const auto slice = source.slices.front();
    const auto image = source.image(slice);
    const auto height = exampleSide(image.dim(1)), width = exampleSide(image.dim(2));
    const auto y = (image.dim(1) - height) / 2, x = (image.dim(2) - width) / 2;
    torch::Tensor output;
    const auto crop = tensorOf(image).narrow(1, y, height).narrow(2, x, width);
    {
        auto &module = imageModule(in.module);
        const bool training = module.is_training();
        module.eval();
        c10::InferenceMode mode;
        MixedPrecision precision(in.half, in.device);
        output = module.forward(crop.unsqueeze(0).contiguous().to(in.device)).to(torch::kCPU);
        output = shownOutput(output).squeeze(0);
        module.train(training);
    }
    auto labels = shownLabels(source, slice);
    if (labels.defined())
        labels = labels.narrow(0, y, height).narrow(1, x, width);
    return examplePictures(crop, m_in.training.planes, output, labels, m_in.classes);
}

ImageTaskInput imageTaskInput(TaskInput input)
{
    const auto data = imagesOf(std::move(input.data));
    ImageTaskInput in;
    in.objective = std::move(input.objective);
    in.train = TrainOptions::schema().read(input.recipe.section("train"), "train");
    in.augment = AugmentOptions::schema().read(input.recipe.section("augment"), "augment");
    in.seed = input.recipe.seed();
    in.training = CropSource::training(data);
    in.validation = CropSource::validation(data);
    in.test = data->split().test;
    in.channels = data->channels();
    in.classes = data->classes();
    in.dataToCome = data->bytesToCome();
    in.preparation = data->keptWithModel();
    in.summary = data->summary();
    return in;
}

ImageTaskInput imageTaskSketch(const Recipe &recipe, const std::vector<ArraySpec> &specs)
{
    const auto named = [&](const char *name) {
        return std::find_if(specs.begin(), specs.end(), [&](const ArraySpec &s) { return s.name == name; });
    };
    const auto image = named("image"), labels = named("labels");
    if (image == specs.end() || image->shape.empty())
        throw Error({"data", "images", "data without images", "choose an objective for these data"});
    ImageTaskInput in;
    in.train = TrainOptions::schema().read(recipe.section("train"), "train");
    in.channels = image->shape.front();
    in.classes = labels == specs.end() ? 1 : std::max<std::int64_t>(2, static_cast<std::int64_t>(labels->categories.size()));
    in.training.planes = 2 * recipe.section("data").value("context", std::int64_t(0)) + 1;
    in.training.slices = {0}; // nothing asks for it
    // Weights of classes are as many numbers as classes, whatever they are.
    in.objective = makeObjective(recipe.section("objective"),
                                 std::vector<std::int64_t>(static_cast<std::size_t>(std::max<std::int64_t>(2, in.classes)), 1));
    return in;
}

} // namespace reticle
