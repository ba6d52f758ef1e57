#pragma once

#include "core/analysis/AnalysisFiles.h"
#include "learn/Module_p.h"
#include "learn/training/Checkpoint_p.h"
#include "project/Project.h"

#include <fstream>

namespace reticle::test {

/// A network whose answer is known by reasoning: logits = gain (skip 0 - 0.47) + 0 (skip 1), with skip 0 the image and
/// skip 1 its means over 2 x 2 pixels, brought back to size.
class SkipNet : public ImageModule
{
public:
    SkipNet() { gain = register_parameter("gain", torch::full({1}, 20.0)); }
    std::int64_t multiple() const override { return 2; }
    std::vector<std::string> skips() const override { return {"skip 0", "skip 1"}; }

    torch::Tensor gain;

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        const auto fine = skip(0, x);
        const auto coarse = skip(1, torch::avg_pool2d(x, 2)).repeat_interleave(2, 2).repeat_interleave(2, 3);
        return gain * (fine - 0.47) + 0 * coarse;
    }
};

/// Makes "skip-net" known; any number of times.
inline void registerSkipNet()
{
    static const Registration<ModuleFactory> once(SchemaInfo{"skip-net", "Known by reasoning", {}, {}},
                                                  [](const Json &, ModuleShape) { return std::make_shared<SkipNet>(); });
}

/// A run of `project` with the model as it is made, not trained; scaled values are those of the file / 255. `target`:
/// "labels", or "image" for an autoencoder.
inline std::int64_t keepRun(Project &project, const Json &model, const Json &data, const std::string &target = "labels",
                            std::int64_t seed = 1)
{
    torch::manual_seed(static_cast<std::uint64_t>(seed) + 2);
    const bool image = target == "image";
    const Json recipe = {{"recipe", 1},
                         {"seed", seed},
                         {"device", "cpu"},
                         {"data", data},
                         {"model", model},
                         {"objective", {{"name", image ? "mse" : "bce"}}},
                         // Numbers worked by hand hold on processors that are faster with bfloat16 too.
                         {"train", {{"precision", "float32"}}}};
    auto run = project.createRun(Recipe(recipe));
    run.status = RunStatus::Done;
    project.updateRun(run);
    const auto folder = project.runFolder(run.id);
    std::filesystem::create_directories(folder);
    const auto module = makeModule(model, {1, 1});
    saveModel(folder, *module,
              {{"recipe", recipe},
               {"scaling", {{"offset", 0.0}, {"factor", 1 / 255.0}}},
               {"channels", 1},
               {"outputs", 1},
               {"target", target},
               {"classes", image ? 1 : 2},
               {"classNames", image ? Json{"image"} : Json{"background", "foreground"}}});
    return run.id;
}

} // namespace reticle::test
