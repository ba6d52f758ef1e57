// A training of a recipe against the bare step of its net on crops that are there already, in turns, and what the crops cost
// by kind: reticle_crop_bench RECIPE IMAGES LABELS [auto|fp32] [turns] [steps of a turn]

#include "data/CropBatches.h"
#include "data/SegmentationData.h"
#include "foundation/FreeMemory.h"
#include "learn/Machine_p.h"
#include "learn/Optimizer_p.h"
#include "learn/TrainOptions.h"
#include "project/Recipe.h"
#include "support/ArrayTraining.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace reticle;

namespace {

double now()
{
    return 1e-9 * static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count());
}

double processorTime(clockid_t clock = CLOCK_PROCESS_CPUTIME_ID)
{
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double median(std::vector<double> v)
{
    std::sort(v.begin(), v.end());
    return v.empty() ? 0 : v[v.size() / 2];
}

/// Times of all steps but the first ones of a training.
struct Steps : EventSink
{
    std::vector<double> ends, processor;
    void emit(const Event &e) override
    {
        if (e.kind == Event::Kind::Metric && e.name == "learning-rate") {
            ends.push_back(now());
            processor.push_back(processorTime());
        }
        if (e.kind == Event::Kind::Warning)
            std::printf("warning: %s\n", e.text.c_str());
    }
    static std::vector<double> differences(const std::vector<double> &v)
    {
        std::vector<double> d;
        for (std::size_t i = 4; i < v.size(); ++i)
            d.push_back(v[i] - v[i - 1]);
        return d;
    }
};

} // namespace

int main(int argc, char **argv)
{
    if (argc < 4) {
        std::fprintf(stderr, "reticle_crop_bench RECIPE IMAGES LABELS [auto|fp32] [turns] [steps]\n");
        return 2;
    }
    std::ifstream file(argv[1]);
    std::stringstream text;
    text << file.rdbuf();
    auto json = Json::parse(text.str());
    json["data"]["images"] = argv[2];
    json["data"]["labels"] = argv[3];
    if (argc > 4 && std::string(argv[4]) == "fp32")
        json["train"]["precision"] = "float32";
    const int turns = argc > 5 ? std::atoi(argv[5]) : 3, steps = argc > 6 ? std::atoi(argv[6]) : 24;
    const Recipe recipe(json);
    const auto data = imagesOf(openDataset(recipe));
    auto options = TrainOptions::schema().read(recipe.section("train"), "train");
    options.minutes = 0;
    options.steps = steps;
    options.validateSteps = options.checkpointSteps = 1 << 20;
    const auto augment = AugmentOptions::schema().read(recipe.section("augment"), "augment");
    prepareThread(options.threads);

    // Crops by kind: one thread, each kind alone and always.
    const auto source = CropSource::training(data);
    const auto objective = makeMapObjective(recipe.section("objective"), data->classCounts());
    const auto crops = [&](const char *name, const AugmentOptions &a, bool border) {
        CropOptions o{.batch = options.batch,
                      .crop = options.crop,
                      .foregroundOversampling = options.foregroundOversampling,
                      .augment = a,
                      .border = border,
                      .borderWeight = objective->borderWeight(),
                      .borderSigma = objective->borderSigma(),
                      .seed = 1};
        CropBatches(source, o).batch(0);
        const double begin = processorTime(CLOCK_THREAD_CPUTIME_ID);
        const int batches = 12;
        for (int k = 0; k < batches; ++k)
            CropBatches(source, o).batch(k);
        const double each = (processorTime(CLOCK_THREAD_CPUTIME_ID) - begin) / static_cast<double>(batches * options.batch);
        std::printf("%-16s %7.3f ms a crop  %6.0f crops/s\n", name, 1e3 * each, 1 / each);
        return each;
    };
    AugmentOptions none;
    none.flip = none.quarterTurns = none.rotate = none.scale = none.elastic = none.noise = none.blur = none.brightness =
        none.contrast = none.lowResolution = none.defocus = none.gamma = none.gammaInverted = 0;
    crops("nothing", none, false);
    crops("border map", none, true);
    const std::pair<const char *, double AugmentOptions::*> kinds[] = {{"flip", &AugmentOptions::flip},
                                                                       {"quarter turns", &AugmentOptions::quarterTurns},
                                                                       {"rotate", &AugmentOptions::rotate},
                                                                       {"scale", &AugmentOptions::scale},
                                                                       {"elastic", &AugmentOptions::elastic},
                                                                       {"noise", &AugmentOptions::noise},
                                                                       {"blur", &AugmentOptions::blur},
                                                                       {"brightness", &AugmentOptions::brightness},
                                                                       {"contrast", &AugmentOptions::contrast},
                                                                       {"low resolution", &AugmentOptions::lowResolution},
                                                                       {"defocus", &AugmentOptions::defocus},
                                                                       {"gamma", &AugmentOptions::gamma},
                                                                       {"gamma inverted", &AugmentOptions::gammaInverted}};
    for (const auto &[name, field] : kinds) {
        auto one = none;
        one.*field = 1;
        crops(name, one, false);
    }
    const double loader = crops("the recipe", augment, objective->wantsBorderMap()) * static_cast<double>(options.batch);

    // The bare step: forward, loss, backward and optimizer on crops of one plane that are there already.
    const auto device = chooseDevice(recipe.device());
    const bool half = chooseBfloat16(options.precision, device, "train.precision");
    torch::manual_seed(0);
    const auto bareObjective = makeMapObjective(Json{{"name", "bce"}}, {});
    const auto module = makeModule(recipe.section("model"), {1, 1});
    module->to(device);
    module->train();
    auto bareOptions = options;
    bareOptions.averaging = 0;
    Optimizer optimizer(module->parameters(), optimizerOptions(bareOptions));
    const auto x = torch::rand({options.batch, 1, options.crop, options.crop}).to(device);
    const auto y = (torch::rand({options.batch, options.crop, options.crop}) > 0.2).to(torch::kLong).to(device);
    std::vector<double> bare, bareProcessor, whole, wholeProcessor;
    const auto folder = std::filesystem::temp_directory_path() / ("reticle-crop-bench-" + std::to_string(now()));
    for (int turn = 0; turn < turns; ++turn) {
        for (int i = 0; i < steps; ++i) {
            const double begin = now(), processor = processorTime();
            torch::Tensor z;
            {
                MixedPrecision guard(half, device);
                z = module->forward(x);
            }
            auto loss = bareObjective->loss(z, y, {});
            if (std::isfinite(loss.item<double>()))
                loss.backward();
            optimizer.step(1e-3);
            if (turn > 0 || i > 3) {
                bare.push_back(now() - begin);
                bareProcessor.push_back(processorTime() - processor);
            }
        }
        test::ArrayTraining in;
        in.train = options;
        in.augment = augment;
        in.model = recipe.section("model");
        in.objective = recipe.section("objective");
        in.seed = recipe.seed() + static_cast<std::uint64_t>(turn);
        in.device = recipe.device();
        in.training = source;
        in.channels = data->channels();
        in.classes = data->classes();
        in.description = {{"recipe", recipe.json()}, {"classNames", data->classNames()}};
        in.folder = folder / std::to_string(turn);
        std::filesystem::create_directories(in.folder);
        Steps watch;
        RunControl control;
        runTraining(std::move(in), watch, control);
        for (const double d : Steps::differences(watch.ends))
            whole.push_back(d);
        for (const double d : Steps::differences(watch.processor))
            wholeProcessor.push_back(d);
    }
    std::filesystem::remove_all(folder);
    std::printf("%s, %d threads\n", half ? "bfloat16" : "float32", at::get_num_threads());
    std::printf("bare step        %7.1f ms, %7.1f ms of processor time (medians of %zu)\n", 1e3 * median(bare),
                1e3 * median(bareProcessor), bare.size());
    std::printf("training step    %7.1f ms, %7.1f ms of processor time (medians of %zu), of which crops %.1f ms\n",
                1e3 * median(whole), 1e3 * median(wholeProcessor), whole.size(), 1e3 * loader);
    std::printf("ratio %.3f\n", median(whole) / median(bare));
    return 0;
}
