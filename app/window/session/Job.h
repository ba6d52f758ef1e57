#pragma once

#include "window/session/ItemKey.h"
#include "window/session/WorkerProcess.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace reticle {

/// One piece of long work (a training run, a prediction, an analysis) in a worker process of its own. Events are gathered
/// and handed on at most 30 times a second. GUI thread.
class Job : public QObject
{
    Q_OBJECT
public:
    enum class Kind { Train, Predict, Analyze, Simulate };
    enum class State { Starting, Running, Paused, Ending, Done, Stopped, Cancelled, Failed, Lost };

    struct Request
    {
        Kind kind = Kind::Train;
        QString title;
        QString method; ///< of the protocol: "run", "predict", "analyze", "simulate"
        Json params;
        QString project;      ///< folder; may be empty
        std::int64_t run = 0; ///< number, where known beforehand
    };

    Job(std::int64_t id, Request asked, QObject *parent);
    ~Job() override;

    void start();
    void pause();
    void resume();
    void stop();   ///< end soon, keep what there is
    void cancel(); ///< end soon, throw away

    std::int64_t id() const { return m_id; }
    const Request &asked() const { return m_asked; }
    Kind kind() const { return m_asked.kind; }
    const QString &title() const { return m_asked.title; }
    const QString &project() const { return m_asked.project; }
    std::int64_t run() const { return m_asked.run; } ///< 0 until the worker has said it; of a comparison the one at work
    State state() const { return m_state; }
    bool isActive() const { return m_state <= State::Ending; }
    bool canPause() const { return m_asked.kind == Kind::Train; }
    double fraction() const { return m_fraction; }                  ///< 0..1, negative while not known
    std::optional<double> remaining() const { return m_remaining; } ///< s
    std::int64_t step() const { return m_step; }
    std::int64_t total() const { return m_total; }
    const std::optional<Failure> &failure() const { return m_failure; }
    const Json &result() const { return m_result; }
    /// What it made, to be opened when somebody asks for it; of kind None where there is nothing (yet).
    const ItemKey &outcome() const { return m_outcome; }
    void setOutcome(const ItemKey &key);
    /// "step 230 of 500, 2 min left", or what became of it.
    QString statusText() const;
    qint64 processId() const { return m_worker->processId(); }
    const std::optional<Event> &lastExample() const { return m_example; }
    /// What a run said of itself as it began (data of its Started event); null where it has not.
    Json described(std::int64_t run) const;

Q_SIGNALS:
    void changed();                                         ///< state or progress; at most 30 times a second
    void events(const std::vector<reticle::Event> &events); ///< all since the last time, in order
    void runKnown(std::int64_t run);                        ///< of a comparison for each run as it begins
    void finished();                                        ///< once, whatever became of it
    void logged(const QString &line);

private:
    void take(const Event &event);
    void flush();
    void end(State state);

    std::int64_t m_id;
    Request m_asked;
    WorkerProcess *m_worker;
    std::int64_t m_request = 0;
    State m_state = State::Starting;
    bool m_cancelling = false; ///< ends without keeping what there is
    double m_fraction = -1;
    std::optional<double> m_remaining;
    std::int64_t m_step = 0, m_total = 0;
    std::optional<Failure> m_failure;
    Json m_result;
    ItemKey m_outcome;
    std::optional<Event> m_example;
    std::map<std::int64_t, Json> m_described; ///< by run
    std::vector<Event> m_gathered;
    QTimer m_timer;
};

/// All long work of this session.
class JobList : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    Job *start(Job::Request asked);                        ///< owned by the list
    const std::deque<Job *> &all() const { return m_all; } ///< newest first
    std::vector<Job *> active() const;
    /// The active training of this run of this project, or nothing.
    Job *activeOn(const QString &project, std::int64_t run) const;
    /// The active work of any kind that needs this run: training, prediction or analysis.
    Job *busyWith(const QString &project, std::int64_t run) const;
    void remove(Job *job); ///< of ended work only

Q_SIGNALS:
    void added(reticle::Job *job);
    void removed(reticle::Job *job);
    void changed(reticle::Job *job);
    void finished(reticle::Job *job);
    void logged(const QString &line);

private:
    std::deque<Job *> m_all;
    std::int64_t m_next = 1;
};

} // namespace reticle
