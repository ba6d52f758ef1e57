#pragma once

#include "foundation/Registry.h"
#include "learn/StepContext_p.h"

#include <torch/torch.h>

#include <functional>
#include <optional>
#include <utility>

namespace reticle {

/// What an objective says of a batch.
struct Loss
{
    torch::Tensor total; ///< scalar; with gradient in training
    /// What the total is made of, for curves: "kl" is told as train.kl and validation.kl.
    std::vector<std::pair<std::string, double>> parts = {};
    /// What a mean over several batches weighs this one by, such as its pixels that count. Told where no gradients are
    /// recorded: a training step has no use for it.
    double weight = 1;
};

/// What an objective is told once, before the first step.
struct TrainingFacts
{
    std::int64_t examples = 0; ///< of the training part; 0 where a training is only being planned
    double range = 1;          ///< what scaled values span
    torch::Device device{torch::kCPU};
    /// A further network like the one that is trained, on the device, with weights of its own from the torch generator.
    std::function<std::shared_ptr<Module>()> another = {};
};

/// What drives a training: its steps, with forward passes, loss and state of its own. Formulas: in each file. For one
/// thread.
class Objective
{
public:
    virtual ~Objective() = default;
    /// The way of learning that it is for: "segmentation", "reconstruction".
    virtual std::string task() const = 0;
    /// Called before the first step and before a checkpoint is taken up.
    virtual void begin(const TrainingFacts &) {}
    /// The loss of what a network made of a batch, without chance: of a validation, and what step() ends in by default.
    virtual Loss measure(const Tensors &outputs, const Tensors &batch) const = 0;
    /// The loss of one step; whoever calls it goes backward and moves the weights. Leaves the objective's state as it is: a
    /// step whose numbers are not finite is left out, or taken again in float32.
    virtual Loss step(StepContext &c) { return measure(c.run(c.batch), c.batch); }
    /// After the optimizer has moved the weights: a teacher's mean, a discriminator's own step.
    virtual void afterStep(StepContext &) {}
    /// Further batches that a step asks for, in the batch as "STREAM.image": "unlabeled".
    virtual std::vector<std::string> extraStreams() const { return {}; }
    /// What is validated and kept in place of the network once begin() was called: a teacher. Null: the network, or the
    /// running mean of its weights, which is not taken beside a teacher.
    virtual Module *evaluationModule() { return nullptr; }
    /// Hands out all tensors that the objective goes on from, on any device, of the types that checkpoints keep (float32,
    /// float64, int32, int64, uint8) and by names that stay: in last.pt as "objective.NAME". They are written in place.
    virtual void visitState(const std::function<void(const std::string &, torch::Tensor &)> &) {}
};

/// An objective that compares one map against another, pixel by pixel: "output" with "target", and "weights" where the
/// batch has a border map. Of segmentation, unless a subclass says otherwise, with class weights and ignore label inside.
class MapObjective : public Objective
{
public:
    std::string task() const override { return "segmentation"; }
    /// Takes the range.
    void begin(const TrainingFacts &facts) override { setRange(facts.range); }
    Loss measure(const Tensors &outputs, const Tensors &batch) const override;

    /// Whether the target is the image itself. The outputs are then values like the input's, not logits.
    bool reconstructs() const { return task() == "reconstruction"; }
    /// How many outputs a module needs for `classes` classes: 1 for BCE and Dice on masks, `classes` for cross-entropy.
    /// Of an objective that reconstructs: for so many channels of a slice.
    virtual std::int64_t outputs(std::int64_t classes) const = 0;
    /// logits (N, K, H, W) float32; target (N, H, W) int64 class index, 255 = ignored; weights (N, H, W) float32 per
    /// pixel (border map) or undefined. Returns a scalar with gradient; 0 where every pixel is ignored.
    /// Of an objective that reconstructs: outputs and target (N, C, H, W) float32, no weights.
    virtual torch::Tensor loss(const torch::Tensor &logits, const torch::Tensor &target, const torch::Tensor &weights) const = 0;
    /// What scaled values span, for objectives with constants in proportion; told before the first loss. 1 until then.
    virtual void setRange(double) {}
    /// Whether the trainer shall compute the U-Net border map for each crop, and with what w0 and sigma.
    virtual bool wantsBorderMap() const { return false; }
    virtual double borderWeight() const { return 10; }
    virtual double borderSigma() const { return 5; }

protected:
    /// Values of `target` that count.
    virtual double counted(const torch::Tensor &target) const;
};

/// The outputs (K) of a network of images with `channels`, of which `planes` slices side by side have their share, and
/// labels of `classes`.
std::int64_t outputsFor(const MapObjective &objective, std::int64_t channels, std::int64_t planes, std::int64_t classes);
/// Classes that the objective tells apart with so many outputs; 0 for one that looks at no labels.
std::int64_t classesTold(const MapObjective &objective, std::int64_t outputs);

/// The state of an objective and the gradients of it, which this puts back at its end: around what is no training step.
class SameObjective
{
public:
    explicit SameObjective(Objective *objective); ///< may be null
    ~SameObjective();
    SameObjective(const SameObjective &) = delete;
    SameObjective &operator=(const SameObjective &) = delete;

private:
    Objective *m_objective;
    std::vector<std::pair<torch::Tensor, torch::Tensor>> m_before; ///< value, gradient
};

/// Bytes of all that visitState() hands out.
std::int64_t stateBytes(Objective &objective);

/// How the objectives of one kind are made from validated options (the objective section of a recipe), and of which task they
/// are. `classCounts`: pixels or examples of each class in the training data, for balanced class weights w_c = N / (K n_c).
struct ObjectiveFactory
{
    using Make = std::function<std::shared_ptr<Objective>(const Json &options, const std::vector<std::int64_t> &classCounts)>;

    template <class F>
    requires std::is_invocable_r_v<std::shared_ptr<Objective>, F &, const Json &, const std::vector<std::int64_t> &>
    ObjectiveFactory(F make, std::string task = "segmentation") : make(std::move(make)), task(std::move(task))
    {
    }

    Make make;
    std::string task; ///< as Objective::task() says
};

std::shared_ptr<Objective> makeObjective(const Json &objectiveSection, const std::vector<std::int64_t> &classCounts);
/// The same of a loss of maps. Throws Error where the section names another.
std::shared_ptr<MapObjective> makeMapObjective(const Json &objectiveSection, const std::vector<std::int64_t> &classCounts);
/// `objective` as one of maps. Throws Error where it is none.
MapObjective &mapObjective(Objective &objective);

/// (N, K, H, W) class probabilities: sigmoid for K = 1 (the foreground), softmax over K otherwise.
torch::Tensor probabilities(const torch::Tensor &logits);

} // namespace reticle
