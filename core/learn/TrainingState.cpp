#include "learn/TrainingState_p.h"

#include "base/files/ModelFiles.h"
#include "learn/Checkpoint_p.h"
#include "learn/HostMemory_p.h"
#include "learn/Machine_p.h"
#include "learn/RandomTurn_p.h"
#include "learn/TorchCompat_p.h"

namespace reticle {

namespace {

constexpr int kCheckpointVersion = 2; // 2: the mean of the statistics

} // namespace

void Trainer::resume()
{
    const RandomTurn turn;
    std::string warning;
    const auto kept = readLast(m_in.folder, warning);
    if (!warning.empty())
        warn(warning);
    if (!kept) {
        m_in.dropMetrics(0);
        return;
    }
    try {
        const auto &i = kept->info;
        if (i.at("version").get<int>() != kCheckpointVersion)
            throw Error({(m_in.folder / modelfiles::last).string(), "version " + std::to_string(kCheckpointVersion),
                         "version " + i.at("version").dump(), "start a new run"});
        m_step = i.at("step");
        m_clock.reset(i.at("seconds"));
        m_validatedAt = i.at("validatedAt");
        m_sinceBest = i.at("sinceBest");
        m_bestStep = i.at("bestStep");
        m_badSteps = i.at("badSteps");
        m_leftOut = i.value("leftOut", std::int64_t(0));
        m_moved = i.value("moved", m_step > 0); // checkpoints of before do not say
        m_half = m_half && i.value("precision", std::string("bfloat16")) == "bfloat16";
        m_proved = i.value("proved", std::string());
        if (const auto tile = i.value("tile", std::int64_t(0)); tile > 0)
            m_tile = m_tile > 0 ? std::min(m_tile, tile) : tile;
        m_best = i.at("best");
        m_last = i.at("last");
        m_modelKept = i.at("modelKept");
        m_warnedDead = i.at("warnedDead");
        m_stepSeconds = i.value("stepSeconds", 0.0);
        m_timedSteps = i.value("timedSteps", std::int64_t(0));
        m_memory = i.value("memory", std::int64_t(0));
        if (!m_best.empty()) {
            m_bestScore = m_best.at("score").is_null() ? -INFINITY : m_best.at("score").get<double>();
            m_bestLoss = m_best.at("loss").is_null() ? INFINITY : m_best.at("loss").get<double>();
        }
        m_optimiser->setState([&](const std::string &name) { return kept->tensor("optimiser." + name); });
        torch::NoGradGuard guard;
        for (auto &b : m_module->named_buffers())
            b.value().copy_(kept->tensor("buffer." + b.key()));
        setGeneratorState(kept->tensor("generator"));
        if (m_device.is_cuda() && kept->tensors.count("generator.cuda"))
            setGeneratorState(kept->tensor("generator.cuda"), m_device);
    } catch (const Json::exception &) {
        throw Error({(m_in.folder / modelfiles::last).string(), "a training state", "something else", "start a new run"});
    }
    m_flushedAt = m_validatedTime = m_checkpointTime = m_clock.seconds();
    m_in.dropMetrics(m_step);
}

void Trainer::checkpoint()
{
    flush();
    releaseIdleMemory(); // what idle tensors keep, nothing else can have while the checkpoint is written
    m_roomTime = -1e9;   // the next step has to take its memory again
    Checkpoint c;
    for (auto &[name, tensor] : m_optimiser->state())
        c.tensors["optimiser." + name] = tensor;
    for (const auto &b : m_module->named_buffers())
        c.tensors["buffer." + b.key()] = b.value();
    {
        const RandomTurn turn;
        c.tensors["generator"] = generatorState();
    }
    if (m_device.is_cuda())
        c.tensors["generator.cuda"] = generatorState(m_device);
    c.info = {{"version", kCheckpointVersion},
              {"step", m_step},
              {"seconds", m_clock.seconds()},
              {"validatedAt", m_validatedAt},
              {"sinceBest", m_sinceBest},
              {"bestStep", m_bestStep},
              {"badSteps", m_badSteps},
              {"leftOut", m_leftOut},
              {"moved", m_moved},
              {"precision", m_half ? "bfloat16" : "float32"},
              {"proved", m_proved},
              {"tile", m_tile},
              {"best", m_best},
              {"last", m_last},
              {"modelKept", m_modelKept},
              {"warnedDead", m_warnedDead},
              {"stepSeconds", m_stepSeconds},
              {"timedSteps", m_timedSteps},
              {"memory", m_memory}};
    if (!m_modelKept)
        keepModel();
    c.info["modelKept"] = m_modelKept;
    keepLast(m_in.folder, c);
    m_checkpointTime = m_clock.seconds();
    auto e = event(Event::Kind::Checkpoint);
    e.text = modelfiles::last;
    m_events.emit(e);
}

void Trainer::flush()
{
    if (!m_pending.empty())
        m_in.keepMetrics(m_pending);
    m_pending.clear();
    m_in.keepState(m_step, m_clock.seconds(), summary());
    m_flushedAt = m_clock.seconds();
}

void Trainer::keepModel()
{
    m_optimiser->showAveraged();
    Json info = m_in.description;
    info["version"] = kCheckpointVersion;
    info["channels"] = m_in.channels;
    info["outputs"] = m_outputs;
    info["target"] = m_reconstructs ? "image" : "labels";
    info["classes"] = m_in.classes;
    info["weights"] = countWeights(*m_module);
    info["widths"] = m_module->widths();
    info["step"] = m_step;
    if (o.precision == "auto" && !m_half && hasFastBfloat16(m_device))
        info["precision"] = "float32"; // bfloat16 was wrong: predictions take float32 too
    info["scores"] = m_best;
    saveModel(m_in.folder, *m_module, info);
    m_optimiser->showWeights();
    m_modelKept = true;
}

} // namespace reticle
