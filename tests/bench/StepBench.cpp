// Training-step time of a U-Net: the peer of step.py, in one go with it. reticle_step_bench [MODEL JSON] [steps] [profile]

#include "learn/Machine_p.h"
#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "learn/memory/MemoryUse_p.h"

#include <torch/csrc/autograd/profiler.h>
#include <torch/torch.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace reticle;

int main(int argc, char **argv)
{
    const auto model = Json::parse(argc > 1 ? argv[1] : R"({"name": "unet", "form": "classic", "convolutions": 2,
        "normalization": "batch", "widths": [16, 32, 64, 128, 64, 32, 16]})");
    const int steps = argc > 2 ? std::atoi(argv[2]) : 8;
    const bool mixed = argc < 4 || std::string(argv[3]) != "fp32";
    const char *threads = std::getenv("THREADS");
    prepareThread(threads ? std::atoi(threads) : 0); // as the worker does before it trains
    torch::manual_seed(0);
    const auto peak = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return static_cast<double>(usage.ru_maxrss) / 1024;
    };
    // The libraries' code and tables are there before the first tensor is.
    torch::conv2d(torch::ones({1, 1, 8, 8}), torch::ones({1, 1, 3, 3})).sum();
    const double before = peak();
    const auto module = makeModule(model, {});
    const auto objective = makeMapObjective(Json{{"name", "bce"}}, {});
    torch::optim::Adam optimizer(module->parameters(), 1e-3);
    const auto x = torch::rand({4, 1, 256, 256});
    const auto y = (torch::rand({4, 256, 256}) > 0.2).to(torch::kLong);
    std::vector<double> times;
    const auto step = [&] {
        optimizer.zero_grad();
        torch::Tensor z;
        {
            MixedPrecision guard(mixed, torch::kCPU);
            z = module->forward(x);
        }
        auto loss = objective->loss(z, y, {});
        loss.backward();
        optimizer.step();
        return loss.item<double>();
    };
    for (int i = 0; i < steps + 2; ++i) {
        const auto start = std::chrono::steady_clock::now();
        step();
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(times.begin() + 2, times.end());
    std::printf("weights %ld  step %.1f ms (median of %d)  peak %ld MB\n", static_cast<long>(countWeights(*module)),
                times[2 + steps / 2], steps, static_cast<long>(peak()));
    const double measured = peak() - before;
    const auto use = measureMemory(*module, 4, 1, 256, 256);
    // LibTorch's Adam, in place of Reticle's own, keeps two moments.
    const double told = static_cast<double>(use.totalTraining() - use.optimizer + 2 * use.gradients) / 1048576;
    std::printf("memory of a step: told %.0f MB, measured %.0f MB, ratio %.2f\n", told, measured, told / measured);
    if (argc > 4) {
        using namespace torch::autograd::profiler;
        RecordProfile profile(argv[4]);
        step();
    }
}
