#pragma once

#include "support/ArrayTraining.h"
#include "support/Blobs.h"
#include "support/Recorder.h"

namespace reticle::test {

/// What a project keeps of the metrics, in a vector.
struct Kept
{
    std::vector<Event> metrics;
    std::vector<std::pair<std::int64_t, double>> of(const std::string &name) const
    {
        Recorder r;
        r.events = metrics;
        return r.metric(name);
    }
};

/// 14 steps of a tiny network on blobs, one after the other on one thread.
inline ArrayTraining input(const std::filesystem::path &folder, Kept &kept)
{
    ArrayTraining in;
    in.train.steps = 14;
    in.train.batch = 2;
    in.train.crop = 32;
    in.train.validateSteps = 5;
    in.train.checkpointSteps = 4;
    in.train.threads = 1; // a pool of threads on tensors this small only waits
    in.model = {{"name", "unet"}, {"weights", 4000}};
    in.objective = {{"name", "bce"}};
    in.seed = 7;
    in.device = "cpu";
    in.training = {
        {0, 1, 2, 3}, [](std::int64_t s) { return blobPicture(s); }, [](std::int64_t s) { return blobs(s); }, {6000, 10384}};
    in.validation = in.training;
    in.validation.slices = {4, 5};
    in.description = {{"recipe", {{"model", in.model}}}, {"scaling", Scaling{0, 1}.toJson()}, {"classNames", {"gap", "blob"}}};
    in.folder = folder;
    in.dropMetrics = [&kept](std::int64_t step) {
        std::erase_if(kept.metrics, [step](const Event &e) { return e.step > step; });
    };
    in.keepMetrics = [&kept](const std::vector<Event> &m) { kept.metrics.insert(kept.metrics.end(), m.begin(), m.end()); };
    return in;
}

/// A training that went through, and what it said and kept.
struct Ran
{
    Recorder recorder;
    Kept kept;
    TrainingOutcome outcome;
    std::filesystem::path folder;
};

/// That of input(), or of what `change` makes of it, to its end.
inline Ran whole(const std::filesystem::path &folder, const std::function<void(ArrayTraining &)> &change = {})
{
    Ran r;
    r.folder = folder;
    RunControl control;
    auto in = input(r.folder, r.kept);
    if (change)
        change(in);
    r.outcome = runTraining(in, r.recorder, control);
    return r;
}

} // namespace reticle::test
