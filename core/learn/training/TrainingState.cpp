#include "learn/training/TrainingState_p.h"

#include "learn/Machine_p.h"
#include "learn/RandomTurn_p.h"
#include "learn/TorchCompat_p.h"
#include "learn/memory/HostMemory.h"
#include "learn/training/Checkpoint_p.h"
#include "project/ModelFiles.h"

namespace reticle {

namespace {

constexpr int kCheckpointVersion = 2; // 2: the mean of the statistics

} // namespace

/// All that a checkpoint tells beside tensors, each once and in the order in which it is written. `always`: also in
/// checkpoints of before.
template <class Visit> void Trainer::visitFields(SessionFields &session, Visit &&visit)
{
    visit("step", m_step);
    visit("seconds", session.seconds);
    visit("validatedAt", m_validatedAt);
    visit("sinceBest", m_sinceBest);
    visit("bestStep", m_bestStep);
    visit("badSteps", m_badSteps);
    visit("leftOut", m_leftOut, false);
    visit("moved", m_moved, false);
    visit("precision", session.precision, false);
    visit("proved", m_proved, false);
    visit("tile", session.tile, false);
    visit("best", m_best);
    visit("last", m_last);
    visit("modelKept", m_modelKept);
    visit("warnedDead", m_warnedDead);
    visit("stepSeconds", m_stepSeconds, false);
    visit("timedSteps", m_timedSteps, false);
    visit("memory", m_memory, false);
}

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
        m_moved = i.at("step").get<std::int64_t>() > 0; // checkpoints of before do not say
        SessionFields session;
        visitFields(session, [&](const char *name, auto &value, bool always = true) {
            if (always || i.contains(name))
                i.at(name).get_to(value);
        });
        m_clock.reset(session.seconds);
        m_half = m_half && session.precision == "bfloat16";
        if (session.tile > 0)
            m_tile = m_tile > 0 ? std::min(m_tile, session.tile) : session.tile;
        if (!m_best.empty()) {
            m_bestScore = m_best.at("score").is_null() ? -INFINITY : m_best.at("score").get<double>();
            m_bestLoss = m_best.at("loss").is_null() ? INFINITY : m_best.at("loss").get<double>();
        }
        m_optimizer->setState([&](const std::string &name) { return kept->tensor("optimiser." + name); });
        torch::NoGradGuard guard;
        for (auto &b : m_module->named_buffers())
            b.value().copy_(kept->tensor("buffer." + b.key()));
        m_objective.visitState([&](const std::string &name, torch::Tensor &t) {
            const auto it = kept->tensors.find("objective." + name);
            if (it == kept->tensors.end())
                return; // a checkpoint of before the objective had it
            if (it->second.sizes() != t.sizes())
                throw Error({(m_in.folder / modelfiles::last).string(), "the state of this objective",
                             "another one's (at \"" + name + "\")", "start a new run"});
            t.copy_(it->second);
        });
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
    for (auto &[name, tensor] : m_optimizer->state())
        c.tensors["optimiser." + name] = tensor;
    for (const auto &b : m_module->named_buffers())
        c.tensors["buffer." + b.key()] = b.value();
    m_objective.visitState([&](const std::string &name, torch::Tensor &t) { c.tensors["objective." + name] = t; });
    {
        const RandomTurn turn;
        c.tensors["generator"] = generatorState();
    }
    if (m_device.is_cuda())
        c.tensors["generator.cuda"] = generatorState(m_device);
    c.info = {{"version", kCheckpointVersion}};
    SessionFields session{m_clock.seconds(), m_half ? "bfloat16" : "float32", m_tile};
    visitFields(session, [&](const char *name, const auto &value, bool = true) { c.info[name] = value; });
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
    m_optimizer->showAveraged();
    Json info = m_in.description;
    info.update(m_task.preparation());
    info["version"] = modelfiles::version;
    info.update(m_task.description());
    info["weights"] = countWeights(*m_module);
    info["widths"] = m_module->widths();
    info["step"] = m_step;
    if (o.precision == "auto" && !m_half && hasFastBfloat16(m_device))
        info["precision"] = "float32"; // bfloat16 was wrong: predictions take float32 too
    info["scores"] = m_best;
    saveModel(m_in.folder, keptModule(), info);
    m_optimizer->showWeights();
    m_modelKept = true;
}

} // namespace reticle
