// What making the crops costs beside the step that learns from them. reticle_crop_bench [steps] [fp32]
//
// Processor time of a crop by kind of augmentation; then training steps of the default recipe's network in turns, with
// one batch again and again (the bare step) and with fresh crops, and the ratio of the two.

#include "learn/CropLoader.h"
#include "learn/Machine_p.h"
#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "learn/Optimiser_p.h"
#include "learn/Tensors_p.h"
#include "learn/TorchCompat_p.h"

#include <ATen/Parallel.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>

using namespace reticle;

namespace {

constexpr std::int64_t kSide = 512, kSlices = 20;

double processorSeconds()
{
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

double seconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> v)
{
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

/// Cells of some 40 px between dark walls, with noise, three slices side by side.
CropSource cells()
{
    auto images = std::make_shared<std::vector<Array>>();
    auto targets = std::make_shared<std::vector<Array>>();
    Random random(1);
    for (std::int64_t s = 0; s < kSlices; ++s) {
        Array image(DType::Float32, {1, kSide, kSide}), target(DType::UInt8, {kSide, kSide});
        for (std::int64_t i = 0; i < kSide; ++i)
            for (std::int64_t j = 0; j < kSide; ++j) {
                const double v = std::sin((static_cast<double>(i + s)) / 13) * std::cos(static_cast<double>(j) / 17);
                target.data<std::uint8_t>()[i * kSide + j] = std::abs(v) > 0.15;
                image.data<float>()[i * kSide + j] =
                    static_cast<float>((std::abs(v) > 0.15 ? 0.7 : 0.3) + 0.1 * random.normal());
            }
        images->push_back(image);
        targets->push_back(target);
    }
    CropSource source;
    for (std::int64_t s = 0; s < kSlices; ++s)
        source.slices.push_back(s);
    source.neighbors = [images](std::int64_t s) {
        const auto at = [&](std::int64_t k) { return images->at(static_cast<std::size_t>(std::clamp<std::int64_t>(k, 0, kSlices - 1))); };
        return std::vector<Array>{at(s - 1), at(s), at(s + 1)};
    };
    source.target = [targets](std::int64_t s) { return targets->at(static_cast<std::size_t>(s)); };
    source.classCounts = {20, 80};
    source.planes = 3;
    source.inMemory = true;
    return source;
}

AugmentOptions none()
{
    AugmentOptions o;
    o.flip = o.quarterTurns = o.rotate = o.scale = o.elastic = 0;
    o.noise = o.blur = o.brightness = o.contrast = o.lowResolution = o.defocus = o.gamma = o.gammaInverted = 0;
    return o;
}

void costOf(const char *name, const CropSource &source, const CropOptions &options)
{
    makeBatch(source, options, 0);
    const double begin = processorSeconds();
    constexpr int batches = 20;
    for (int k = 0; k < batches; ++k)
        makeBatch(source, options, k);
    const double each = (processorSeconds() - begin) / (batches * static_cast<double>(options.batch));
    std::printf("%-16s %6.2f ms of processor time a crop, %5.0f crops a second\n", name, 1000 * each, 1 / each);
}

} // namespace

int main(int argc, char **argv)
{
    const int steps = argc > 1 ? std::atoi(argv[1]) : 30;
    const bool half = (argc < 3 || std::string(argv[2]) != "fp32") && hasFastBfloat16(torch::kCPU);
    const auto recipe = Json::parse(std::ifstream(RETICLE_SOURCE_DIR "/resources/recipes/segment-stack.json"));
    const auto train = TrainOptions::schema().read(recipe.at("train"), "train");
    const auto source = cells();
    CropOptions options{.batch = train.batch, .crop = train.crop};
    for (const bool border : {false, true}) {
        options.border = border;
        options.borderWeight = 3;
        options.augment = none();
        costOf(border ? "border map" : "nothing", source, options);
    }
    options.border = false;
    const std::pair<const char *, double AugmentOptions::*> kinds[] = {
        {"flip", &AugmentOptions::flip},         {"quarter-turns", &AugmentOptions::quarterTurns},
        {"rotate", &AugmentOptions::rotate},     {"scale", &AugmentOptions::scale},
        {"elastic", &AugmentOptions::elastic},   {"noise", &AugmentOptions::noise},
        {"blur", &AugmentOptions::blur},         {"brightness", &AugmentOptions::brightness},
        {"contrast", &AugmentOptions::contrast}, {"low-resolution", &AugmentOptions::lowResolution},
        {"defocus", &AugmentOptions::defocus},   {"gamma", &AugmentOptions::gamma},
        {"gamma-inverted", &AugmentOptions::gammaInverted}};
    for (const auto &[name, field] : kinds) {
        options.augment = none();
        options.augment.*field = 1;
        costOf(name, source, options);
    }
    options.augment = AugmentOptions::schema().read(recipe.at("augment"), "augment");
    options.border = true;
    costOf("recipe", source, options);

    prepareThread(0);
    torch::manual_seed(0);
    const auto module = makeModule(recipe.at("model"), {3, 1});
    module->train();
    const auto objective = makeObjective(recipe.at("objective"), {20, 80});
    std::vector<torch::Tensor> trainable, statistics;
    for (const auto &p : module->parameters())
        trainable.push_back(p);
    for (const auto &b : module->buffers())
        if (b.is_floating_point())
            statistics.push_back(b);
    Optimiser optimiser(trainable, train, statistics);
    const auto step = [&](const CropBatch &batch) {
        torch::Tensor logits;
        {
            MixedPrecision precision(half, torch::kCPU);
            logits = module->forward(tensorOf(batch.images));
        }
        auto loss = objective->loss(logits, tensorOf(batch.targets).to(torch::kLong), tensorOf(batch.weights));
        loss.backward();
        optimiser.step(1e-4);
        return loss.item<double>();
    };
    const SharedOut overTheStepsThreads = [](std::int64_t n, const std::function<void(std::int64_t)> &work) {
        at::parallel_for(0, n, 1, [&](std::int64_t begin, std::int64_t end) {
            for (auto i = begin; i < end; ++i)
                work(i);
        });
    };
    CropLoader loader(source, options, 0, overTheStepsThreads);
    const auto fixed = loader.next();
    for (int k = 0; k < 3; ++k)
        step(fixed);
    std::vector<double> bare, whole, ratios;
    double making = 0, learning = 0;
    for (int k = 0; k < steps; ++k) {
        double begin = seconds();
        step(fixed);
        bare.push_back(seconds() - begin);
        begin = seconds();
        double processor = processorSeconds();
        const auto batch = loader.next();
        making += processorSeconds() - processor;
        processor = processorSeconds();
        step(batch);
        learning += processorSeconds() - processor;
        whole.push_back(seconds() - begin);
        ratios.push_back(whole.back() / bare.back());
    }
    std::sort(ratios.begin(), ratios.end());
    std::printf("%s, %d threads, medians of %d: bare step %.1f ms, with fresh crops %.1f ms, ratio %.3f (%.3f to %.3f)\n",
                half ? "bfloat16" : "float32", at::get_num_threads(), steps, 1000 * median(bare), 1000 * median(whole),
                median(ratios), ratios.front(), ratios.back());
    std::printf("processor time of a step: crops %.1f ms, network %.1f ms\n", 1000 * making / steps, 1000 * learning / steps);
}
