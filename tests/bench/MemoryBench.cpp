// Memory of training, told and measured, in a fresh process. reticle_memory_bench [MODEL JSON] [batch] [side]
// [fp32|bf16] Prints what MemoryUse tells beside the growth of the largest resident size (VmHWM) over five steps.

#include "learn/Machine_p.h"
#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "learn/Optimizer_p.h"
#include "learn/TorchCompat_p.h"
#include "learn/TrainOptions.h"
#include "learn/memory/HostMemory.h"
#include "learn/memory/MemoryUse_p.h"
#include "support/ResidentSize.h"

#include <c10/core/CPUAllocator.h>

#include <malloc.h>

#include <cstdio>
#include <fstream>
#include <string>

using namespace reticle;

namespace {

/// Beside LibTorch's own blocks, what malloc has given out when they change.
class Meter : public AllocationObserver
{
public:
    void changed(std::int64_t bytes) override
    {
        now += bytes;
        peak = std::max(peak, now);
        const auto info = mallinfo2();
        mallocPeak = std::max(mallocPeak, info.uordblks + info.hblkhd);
    }
    std::int64_t now = 0, peak = 0;
    std::size_t mallocPeak = 0;
};

void step(ImageModule &module, const MapObjective &objective, Optimizer &optimizer, const torch::Tensor &x,
          const torch::Tensor &y, bool half)
{
    torch::Tensor z;
    {
        MixedPrecision guard(half, torch::kCPU);
        z = module.forward(x);
    }
    objective.loss(z, y, {}).backward();
    optimizer.step(1e-3);
}

} // namespace

int main(int argc, char **argv)
{
    const auto model = Json::parse(argc > 1 ? argv[1] : R"({"name": "unet"})");
    const int batch = argc > 2 ? std::atoi(argv[2]) : 4, side = argc > 3 ? std::atoi(argv[3]) : 256;
    const bool half = argc > 4 && std::string(argv[4]) == "bf16";
    if (!std::getenv("PLAIN"))
        prepareThread(0);
    if (std::getenv("GLIBC")) // LibTorch's own way, for comparison
        c10::SetAllocator(c10::DeviceType::CPU, c10::GetDefaultCPUAllocator(), 2);
    const auto objective = makeMapObjective(Json{{"name", "bce"}}, {});
    const auto made = [&] {
        torch::manual_seed(0);
        return makeModule(model, {1, 1});
    };
    // The libraries' code, their threads and tables are there before what is measured.
    {
        const auto module = made();
        Optimizer optimizer(module->parameters(), optimizerOptions({}));
        step(*module, *objective, optimizer, torch::rand({1, 1, 32, 32}), torch::zeros({1, 32, 32}, torch::kLong), half);
    }
    releaseIdleMemory();
    malloc_trim(0);
    const double before = test::residentMib("VmRSS");
    const auto mallocBefore = mallinfo2().uordblks + mallinfo2().hblkhd;
    auto meter = std::make_shared<Meter>();
    std::shared_ptr<ImageModule> module;
    {
        c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, meter);
        module = made();
        Optimizer optimizer(module->parameters(), optimizerOptions({}));
        const auto x = torch::rand({batch, 1, side, side});
        const auto y = torch::zeros({batch, side, side}, torch::kLong);
        for (int i = 0; i < 5; ++i)
            step(*module, *objective, optimizer, x, y, half);
    }
    const double measured = test::residentMib("VmHWM") - before;
    const auto use = measureMemory(*module, batch, 1, side, side);
    const auto mib = [](auto bytes) { return static_cast<double>(bytes) / 1048576; };
    std::printf("batch %d side %d %s: told %.1f  LibTorch's blocks %.1f  malloc %.1f  measured %.1f MiB  told/measured %.3f "
                "(fixed %.1f input %.1f training %.1f kept %.1f)\n",
                batch, side, half ? "bf16" : "fp32", mib(use.totalTraining()), mib(meter->peak),
                mib(meter->mallocPeak - mallocBefore), measured, mib(use.totalTraining()) / measured, mib(use.fixed()),
                mib(use.input), mib(use.training), mib(use.kept));
}
