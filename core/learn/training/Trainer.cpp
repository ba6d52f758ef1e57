#include "learn/training/TrainingState_p.h"

#include "foundation/FreeMemory.h"
#include "learn/Machine_p.h"
#include "learn/OpenMpTeam.h"
#include "learn/RandomTurn_p.h"
#include "learn/TorchCompat_p.h"
#include "learn/memory/HostMemory.h"
#include "learn/memory/MemoryUse_p.h"
#include "learn/memory/StepMemory_p.h"
#include "project/Project.h"

#include <chrono>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMostBadSteps = 20;
constexpr std::int64_t kWatchedSteps = 2; // of a session: their memory is counted

} // namespace

Trainer::Trainer(TrainerInput input, EventSink &events, RunControl &control)
    : m_in(std::move(input)), m_events(events), m_control(control), m_task(*m_in.task), m_objective(m_task.objective())
{
}

Event Trainer::event(Event::Kind kind) const
{
    Event e;
    e.kind = kind;
    e.run = m_in.run;
    e.time = m_clock.seconds();
    e.step = m_step;
    return e;
}

void Trainer::metric(const std::string &name, double value)
{
    auto e = event(Event::Kind::Metric);
    e.name = name;
    e.value = value;
    m_events.emit(e);
    m_pending.push_back(std::move(e));
}

void Trainer::warn(const std::string &text)
{
    auto e = event(Event::Kind::Warning);
    e.text = text;
    m_events.emit(e);
}

Json Trainer::summary() const
{
    Json summary{{"steps", m_step},
                 {"seconds", m_clock.seconds()},
                 {"weights", countWeights(*m_module)},
                 {"device", m_device.str()},
                 {"precision", m_half ? "bfloat16" : "float32"}};
    summary.update(m_task.summary());
    summary["step-seconds"] = m_timedSteps > 0 ? Json(m_stepSeconds / static_cast<double>(m_timedSteps)) : Json();
    summary["memory-mib"] = m_memory > 0 ? Json(static_cast<double>(m_memory) / 1048576) : Json();
    summary["last"] = m_last;
    summary["best"] = m_best;
    summary.update(m_task.scores().toJson());
    return summary;
}

void Trainer::build()
{
    m_device = chooseDevice(m_in.device);
    m_half = chooseBfloat16(o.precision, m_device, "train.precision");
    prepareThread(o.threads);
    m_rate.emplace(o);
    const RandomTurn turn; // from the seed to the weights
    torch::manual_seed(m_in.seed);
    if (const auto streams = m_objective.extraStreams(); !streams.empty())
        throw Error({"objective.name", "an objective that learns from the labeled images alone",
                     "one that asks for further batches \"" + streams.front() + "\"", "choose data that have them"});
    {
        // Weights, what the optimizer holds of them, and their gradients.
        const WeightLimit limit(m_device.is_cpu() ? std::max<std::int64_t>(1 << 20, freeMemory(true) / 24)
                                                  : std::numeric_limits<std::int64_t>::max());
        m_module = makeAnyModule(m_in.model, m_task.shape());
    }
    m_task.checkCompatible(*m_module);
    m_module->to(m_device);
    m_module->train();
    m_objective.begin({m_task.examples(), m_task.range(), m_device, [this] {
                           const auto module = makeAnyModule(m_in.model, m_task.shape());
                           module->to(m_device);
                           return module;
                       }});
    if (m_objective.evaluationModule())
        m_in.train.averaging = 0; // one mean of the weights, not the mean of one
    planMemory();
    std::vector<torch::Tensor> trainable;
    for (const auto &p : m_module->parameters())
        if (p.requires_grad())
            trainable.push_back(p);
    std::vector<torch::Tensor> statistics;
    for (const auto &b : m_module->buffers())
        if (b.is_floating_point())
            statistics.push_back(b);
    m_optimizer = std::make_unique<Optimizer>(std::move(trainable), optimizerOptions(o), std::move(statistics));

    m_batches = m_task.batches();
    m_stepsPerEpoch = m_batches->stepsPerEpoch();
    m_validateSteps = o.validateSteps;
    if (m_validateSteps == 0 && stopRule(o) != StopRule::Minutes)
        m_validateSteps = std::clamp<std::int64_t>(totalSteps(o, m_stepsPerEpoch) / 20, 1, 500);
}

/// Asked before anything large is taken.
void Trainer::planMemory()
{
    if (!m_device.is_cpu())
        return;
    const auto plan =
        m_task.planMemory(*m_module, {m_task.sharedObjective(), m_half, o.optimizer, o.averaging > 0}, m_half, freeMemory(true));
    m_tile = plan.tile;
    m_ahead = static_cast<std::size_t>(plan.ahead);
    if (!plan.note.empty())
        warn(plan.note);
}

Module &Trainer::keptModule() const
{
    auto *own = m_objective.evaluationModule();
    return own ? *own : *m_module;
}

EvaluationInput Trainer::evaluationInput() const
{
    return {keptModule(), m_half, m_device, m_tile, [this] { return m_control.ending() != RunControl::End::Cancel; }};
}

/// Ends the run while its state can still be saved, where the system would end the process in the next step.
void Trainer::requireRoom(std::int64_t bytes, const std::string &what)
{
    const auto missing = bytes - idleMemory();
    const double now = m_clock.seconds();
    if (!m_device.is_cpu() || missing <= 0 || now - m_roomTime < 0.2)
        return;
    m_roomTime = now;
    if (freeMemory(true) >= missing)
        return;
    const auto free = memoryText(freeMemory(true));
    checkpoint();
    throw Error(Error::Kind::Failed, "memory",
                "The next " + what + " needs about " + memoryText(missing) + " more, and " + free +
                    " are free. The run stopped at step " + std::to_string(m_step) +
                    " and saved its state. Close other programs or raise the memory limit and resume it, or start a new run "
                    "with a smaller " +
                    orList(m_task.waysToSmallerBatches()) + ".");
}

void Trainer::progress()
{
    const double now = m_clock.seconds();
    if (now - m_progressTime < 0.25)
        return;
    m_progressTime = now;
    auto e = event(Event::Kind::Progress);
    e.value = done();
    e.total = totalSteps(o, m_stepsPerEpoch);
    e.data = {{"remaining", e.value > 0.002 ? Json(now * (1 - e.value) / e.value) : Json()}};
    if (stopRule(o) == StopRule::Minutes)
        e.data["remaining"] = std::max(0.0, 60 * o.minutes - now);
    m_events.emit(e);
}

void Trainer::validateNow()
{
    if (!m_task.has("validation")) {
        keepModel();
        m_validatedAt = m_step;
        m_validatedTime = m_clock.seconds();
        return;
    }
    m_optimizer->showAveraged();
    const auto v = m_task.evaluate(evaluationInput(), "validation");
    m_optimizer->showWeights();
    if (m_control.ending() == RunControl::End::Cancel)
        return; // a resumed run does this validation first
    m_validatedAt = m_step;
    m_last = {{"step", m_step}, {"score", v.selection}, {"loss", v.loss}};
    metric("validation.loss", v.loss);
    for (const auto &[name, value] : v.scores) {
        m_last[name] = value;
        metric("validation." + name, value);
    }
    for (auto &[name, value] : m_last.items())
        if (value.is_number_float() && !std::isfinite(value.get<double>()))
            value = nullptr;
    if (!v.warning.empty() && !m_warnedDead) {
        m_warnedDead = true;
        warn(v.warning);
    }
    // Classes may be absent from a small validation part, and images have none: then the loss alone decides.
    const double score = std::isnan(v.selection) ? -INFINITY : v.selection;
    if (score > m_bestScore || (score == m_bestScore && v.loss < m_bestLoss) || !m_modelKept || m_bestStep < 0) {
        m_bestScore = score;
        m_bestLoss = v.loss;
        m_bestStep = m_step;
        m_best = m_last;
        m_sinceBest = 0;
        keepModel();
    } else {
        ++m_sinceBest;
    }
    m_validatedTime = m_clock.seconds();
}

void Trainer::example()
{
    m_exampleTime = m_clock.seconds();
    m_optimizer->showAveraged();
    auto shown = m_task.example(evaluationInput());
    m_optimizer->showWeights();
    if (shown.is_null())
        return;
    auto e = event(Event::Kind::Example);
    e.data = std::move(shown);
    m_events.emit(e);
}

void Trainer::step()
{
    const double rate = m_rate->at({done(), static_cast<double>(m_step) / static_cast<double>(m_stepsPerEpoch), m_step});
    const auto began = Clock::now();
    std::optional<MemoryWatch> watch;
    if (m_watchedSteps < kWatchedSteps)
        watch.emplace();
    auto batch = m_loader->next();
    assert(batch.step == m_step);
    const auto tensors = m_task.tensors(batch, m_device);
    const RandomTurn turn;
    if (m_half)
        provePrecision(tensors);
    const PassState before(*m_module, m_device);
    double length = 0;
    const auto pass = [&] {
        StepContext context(*m_module, tensors, place());
        const double value = passBack(context);
        length = std::isfinite(value) ? m_optimizer->step(rate) : value;
        if (std::isfinite(length))
            m_objective.afterStep(context);
        else
            before.restoreBuffers(); // statistics of numbers that are not finite would stay so
        return value;
    };
    double value = pass();
    if (!std::isfinite(length) && m_half && o.precision == "auto") {
        before.restoreRandom();
        m_half = false;
        value = pass();
        m_half = true;
        if (std::isfinite(length))
            takeFloat32("The loss or its gradient is not a finite number in bfloat16 at step " + std::to_string(m_step + 1) +
                        ", but is in float32.");
    }
    const bool good = std::isfinite(length);
    ++m_step;
    m_stepSeconds += std::chrono::duration<double>(Clock::now() - began).count();
    ++m_timedSteps;
    if (watch) {
        ++m_watchedSteps;
        // What the watch cannot see: what was there before the step, and the crops, which lie outside of LibTorch's
        // memory.
        const auto crops = batch.bytes();
        auto before = static_cast<std::int64_t>(m_device.is_cpu() ? crops : 0);
        for (const auto &p : m_module->parameters())
            before += p.nbytes();
        for (const auto &b : m_module->buffers())
            before += b.nbytes();
        for (const auto &[name, tensor] : m_optimizer->state())
            before += tensor.nbytes();
        before += stateBytes(m_objective);
        m_memory = std::max(m_memory, before + watch->peak());
        m_stepPeak = std::max(m_stepPeak, watch->peak());
    }
    if (good) {
        m_badSteps = 0;
        m_moved = m_moved || length > 0;
        metric("train.loss", value);
        for (const auto &[name, part] : m_parts)
            metric("train." + name, part);
        metric("learning-rate", rate);
        return;
    }
    ++m_leftOut;
    if (m_badSteps++ == 0)
        warn("The loss or its gradient is not a finite number at step " + std::to_string(m_step) + ": this step is left out.");
    if (m_badSteps >= kMostBadSteps)
        throw Error(Error::Kind::Failed, "training",
                    "the loss has not been a finite number for " + std::to_string(kMostBadSteps) +
                        " steps; lower train.learning-rate, set train.gradient-clip or set train.precision to float32");
}

StepPlace Trainer::place() const
{
    return {m_step, done(), static_cast<double>(m_step) / static_cast<double>(m_stepsPerEpoch), m_in.seed, m_half, m_device};
}

/// The loss, and where it is finite its gradients.
double Trainer::passBack(StepContext &context)
{
    auto loss = m_objective.step(context);
    m_parts = std::move(loss.parts);
    const double value = loss.total.item<double>();
    if (std::isfinite(value))
        loss.total.backward();
    return value;
}

/// Once on each machine: a kernel that gives wrong numbers shows in the first step.
void Trainer::provePrecision(const Tensors &batch)
{
    const auto machine = machineText(m_device);
    if (m_proved == machine)
        return;
    const MemoryWatch aside; // a step does not take this again
    const auto c = comparePrecision(*m_module, m_objective, batch, place());
    if (std::isfinite(c.loss) && std::isfinite(c.gradient))
        m_proved = machine;
    if (c.near())
        return;
    if (o.precision != "auto")
        throw Error(Error::Kind::Failed, "train.precision",
                    "bfloat16 gives other numbers than float32 on this machine (" + c.text() +
                        "). Set train.precision to auto or float32.");
    takeFloat32("bfloat16 gives other numbers than float32 on this machine (" + c.text() + ").");
}

void Trainer::takeFloat32(const std::string &why)
{
    m_half = false;
    warn(why + " This run continues in float32, which takes longer.");
}

/// A training that has learned nothing has failed, however few its steps were.
void Trainer::requireProgress() const
{
    const std::string wayOut = "Lower train.learning-rate, set train.gradient-clip or set train.precision to float32, then "
                               "start a new run.";
    if (m_step > 0 && 2 * m_leftOut > m_step)
        throw Error(Error::Kind::Failed, "training",
                    (m_leftOut == m_step ? "All " : std::to_string(m_leftOut) + " of ") + std::to_string(m_step) +
                        " steps were left out because the loss or its gradient was not a finite number. " + wayOut);
    if (m_step > 0 && !m_moved)
        throw Error(Error::Kind::Failed, "training",
                    "The gradient was 0 in every step, so the weights never changed. Check that the labels are not all "
                    "ignored, or choose another model or objective, then start a new run.");
}

bool Trainer::goOn()
{
    Clock::time_point since;
    return m_control.goOn([&](bool paused) {
        if (paused) {
            since = Clock::now();
            checkpoint();
            m_events.emit(event(Event::Kind::Paused));
        } else {
            m_clock.skip(std::chrono::duration<double>(Clock::now() - since).count());
            m_events.emit(event(Event::Kind::Resumed));
        }
    });
}

TrainingOutcome Trainer::run()
{
    build();
    resume();
    auto started = event(Event::Kind::Started);
    started.total = totalSteps(o, m_stepsPerEpoch);
    started.data = {{"recipe", m_in.description.contains("recipe") ? m_in.description["recipe"] : Json()},
                    {"weights", countWeights(*m_module)},
                    {"device", m_device.str()},
                    {"precision", m_half ? "bfloat16" : "float32"},
                    {"threads", at::get_num_threads()}};
    started.data.update(m_task.scores().toJson());
    m_events.emit(started);

    const auto impatient = [this] { return o.patience > 0 && m_sinceBest >= o.patience; };
    bool early = impatient();
    if (m_step > 0 && m_validatedAt == m_step && (early || done() >= 1)) {
        // A run that is complete stays as it is, also where it is told to end: nothing is written.
        requireProgress();
        auto outcome = finish(RunStatus::Done, early);
        outcome.complete = true;
        return outcome;
    }

    const bool between = m_device.is_cpu() && m_task.batchesFromMemory();
    m_loader =
        between ? std::make_unique<BatchLoader>(m_batches, m_step, m_ahead, openMpTeam())
                : std::make_unique<BatchLoader>(m_batches, m_step, m_ahead, m_device.is_cpu() ? 1 : static_cast<int>(o.threads));

    const auto validationIsDue = [this] { return m_validateSteps > 0 && m_step % m_validateSteps == 0; };
    if (m_step > 0 && validationIsDue() && m_validatedAt != m_step && done() < 1 && goOn()) {
        validateNow(); // which was cancelled
        early = impatient();
    }
    while (!early && goOn() && done() < 1) {
        requireRoom(m_stepPeak, "step");
        step();
        progress();
        const double now = m_clock.seconds();
        const bool due = validationIsDue() || (m_validateSteps == 0 && now - m_validatedTime >= o.validateEvery);
        if (due && done() < 1) {
            validateNow();
            early = impatient();
        }
        if (now - m_exampleTime >= 4)
            example();
        if (now - m_flushedAt >= 2)
            flush();
        if (o.checkpointSteps > 0 ? m_step % o.checkpointSteps == 0 : now - m_checkpointTime >= o.checkpointEvery)
            checkpoint();
    }
    m_loader.reset();
    auto ending = m_control.ending();
    if (ending != RunControl::End::Cancel) {
        // Every training ends with a look at its last weights, also one that was stopped.
        if (m_validatedAt != m_step)
            validateNow();
        if (m_validatedAt == m_step)
            example();
        else
            ending = RunControl::End::Cancel;
    }
    m_progressTime = -1e9;
    progress();
    checkpoint();
    if (ending != RunControl::End::Cancel)
        requireProgress();
    return finish(ending == RunControl::End::Cancel ? RunStatus::Cancelled
                  : ending == RunControl::End::Stop ? RunStatus::Stopped
                                                    : RunStatus::Done,
                  early);
}

TrainingOutcome Trainer::finish(RunStatus status, bool early)
{
    auto end = event(status == RunStatus::Cancelled ? Event::Kind::Cancelled : Event::Kind::Done);
    end.data = summary();
    end.data["status"] = std::string(nameOf(status));
    if (early)
        end.data["early"] = true;
    m_events.emit(end);
    return {status, end.data};
}

TrainingOutcome runTraining(TrainerInput input, EventSink &events, RunControl &control)
{
    const auto task = input.task;
    const struct Idle
    {
        ~Idle() { releaseIdleMemory(); } // the next run of a comparison, or a session, may need much less
    } idle;
    try {
        return Trainer(std::move(input), events, control).run();
    } catch (const Error &) {
        throw;
    } catch (const std::exception &e) {
        if (isOutOfMemory(e)) {
            auto ways = task->waysToSmallerBatches();
            ways.push_back("the model's number of weights");
            throw Error(Error::Kind::Failed, "training",
                        "Memory ran out (out of memory) with " + task->batchText() + ". Lower " + orList(ways) +
                            " in a new run, or resume this one from its last checkpoint when more memory is free.");
        }
        throw Error(Error::Kind::Failed, "training", e.what());
    }
}

} // namespace reticle
