#pragma once

#include "data/BatchLoader.h"
#include "learn/Optimizer_p.h"
#include "learn/Schedule.h"
#include "learn/training/PrecisionCheck_p.h"
#include "learn/training/Trainer_p.h"

#include <chrono>
#include <cmath>
#include <optional>

namespace reticle {

/// Seconds of work: pauses are taken out, earlier sessions are added.
class WorkClock
{
public:
    explicit WorkClock(double before) : m_before(before), m_start(std::chrono::steady_clock::now()) {}
    double seconds() const
    {
        return m_before + std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
    }
    void skip(double seconds) { m_before -= seconds; }
    void reset(double before)
    {
        m_before = before;
        m_start = std::chrono::steady_clock::now();
    }

private:
    double m_before;
    std::chrono::steady_clock::time_point m_start;
};

/// One training under way, of runTraining(): its loop is in Trainer.cpp, what it keeps in a run's folder in
/// TrainingState.cpp. For one thread.
class Trainer
{
public:
    Trainer(TrainerInput input, EventSink &events, RunControl &control);
    TrainingOutcome run();

private:
    void build();
    void planMemory();
    void requireRoom(std::int64_t bytes, const std::string &what);
    void resume();
    bool goOn();
    void step();
    StepPlace place() const;
    double passBack(StepContext &context);
    void provePrecision(const Tensors &batch);
    void takeFloat32(const std::string &why);
    void requireProgress() const;
    void validateNow();
    void keepModel();
    /// What is validated and kept: a module of the objective's, or the one that is trained.
    Module &keptModule() const;
    EvaluationInput evaluationInput() const;
    void example();
    void checkpoint();
    void flush();
    void progress();
    TrainingOutcome finish(RunStatus status, bool early);
    Json summary() const;
    /// What a checkpoint says of the session that wrote it, and the next one takes up in a way of its own.
    struct SessionFields
    {
        double seconds = 0;
        std::string precision = "bfloat16";
        std::int64_t tile = 0;
    };
    template <class Visit> void visitFields(SessionFields &session, Visit &&visit);
    Event event(Event::Kind kind) const;
    void metric(const std::string &name, double value);
    void warn(const std::string &text);
    double done() const { return trainingProgress(o, m_stepsPerEpoch, m_step, m_clock.seconds()); }

    TrainerInput m_in;
    const TrainOptions &o = m_in.train;
    EventSink &m_events;
    RunControl &m_control;
    torch::Device m_device{torch::kCPU};
    bool m_half = false;  ///< bfloat16
    std::string m_proved; ///< machine on which bfloat16 was compared with float32
    Task &m_task;
    Objective &m_objective;
    std::shared_ptr<Module> m_module;
    std::shared_ptr<const BatchSource> m_batches;
    std::unique_ptr<Optimizer> m_optimizer;
    std::optional<LearningRate> m_rate;
    std::unique_ptr<BatchLoader> m_loader;
    std::vector<std::pair<std::string, double>> m_parts; ///< of the last step's loss
    WorkClock m_clock{0};

    std::int64_t m_step = 0, m_stepsPerEpoch = 1, m_validateSteps = 0;
    std::int64_t m_validatedAt = -1, m_sinceBest = 0, m_bestStep = -1;
    double m_bestScore = -INFINITY, m_bestLoss = INFINITY;
    Json m_last = Json::object(), m_best = Json::object();
    bool m_modelKept = false, m_warnedDead = false, m_dropped = false;
    int m_badSteps = 0;         ///< left out since the last good one
    std::int64_t m_leftOut = 0; ///< of all sessions
    bool m_moved = false;       ///< a gradient other than 0 has moved the weights
    double m_stepSeconds = 0;   ///< spent in steps, waiting for crops and all
    std::int64_t m_timedSteps = 0, m_watchedSteps = 0;
    std::int64_t m_stepPeak = 0; ///< most bytes that a step had at once
    std::int64_t m_tile = 0;     ///< EvaluationInput::tile
    std::size_t m_ahead = 4;     ///< batches made ahead
    double m_roomTime = -1e9;
    std::int64_t m_memory = 0; ///< most bytes of a step, weights and optimizer and all
    std::vector<Event> m_pending;
    double m_flushedAt = 0, m_validatedTime = 0, m_checkpointTime = 0, m_exampleTime = -1e9, m_progressTime = -1e9;
};

} // namespace reticle
