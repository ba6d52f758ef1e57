#pragma once

#include "window/WorkerProcess.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <optional>
#include <vector>

namespace reticle {

/// One piece of long work (a training run, a prediction, an analysis) in a worker process of its own. Events are gathered
/// and handed on at most 30 times a second. GUI thread.
class Work : public QObject
{
    Q_OBJECT
public:
    enum class Kind { Train, Predict, Analyze, Simulate };
    enum class State { Starting, Running, Paused, Ending, Done, Stopped, Cancelled, Failed, Lost };

    struct Order
    {
        Kind kind = Kind::Train;
        QString title;
        QString method; ///< of the protocol: "run", "predict", "analyze", "simulate"
        Json params;
        QString project;      ///< folder; may be empty
        std::int64_t run = 0; ///< number, where known beforehand
    };

    Work(std::int64_t id, Order order, QObject *parent);
    ~Work() override;

    void start();
    void pause();
    void resume();
    void stop();   ///< end soon, keep what there is
    void cancel(); ///< end soon, throw away

    std::int64_t id() const { return m_id; }
    const Order &order() const { return m_order; }
    Kind kind() const { return m_order.kind; }
    const QString &title() const { return m_order.title; }
    const QString &project() const { return m_order.project; }
    std::int64_t run() const { return m_order.run; } ///< 0 until the worker has said it; of a comparison the one at work
    State state() const { return m_state; }
    bool isActive() const { return m_state <= State::Ending; }
    bool canPause() const { return m_order.kind == Kind::Train; }
    double fraction() const { return m_fraction; }                  ///< 0..1, negative while not known
    std::optional<double> remaining() const { return m_remaining; } ///< s
    std::int64_t step() const { return m_step; }
    std::int64_t total() const { return m_total; }
    const std::optional<Failure> &failure() const { return m_failure; }
    const Json &result() const { return m_result; }
    /// "step 230 of 500, 2 min left", or what became of it.
    QString statusText() const;
    qint64 processId() const { return m_worker->processId(); }
    const std::optional<Event> &lastExample() const { return m_example; }

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
    Order m_order;
    WorkerProcess *m_worker;
    std::int64_t m_request = 0;
    State m_state = State::Starting;
    bool m_cancelling = false; ///< ends without keeping what there is
    double m_fraction = -1;
    std::optional<double> m_remaining;
    std::int64_t m_step = 0, m_total = 0;
    std::optional<Failure> m_failure;
    Json m_result;
    std::optional<Event> m_example;
    std::vector<Event> m_gathered;
    QTimer m_timer;
};

/// All long work of this session.
class WorkList : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    Work *start(Work::Order order);                         ///< owned by the list
    const std::deque<Work *> &all() const { return m_all; } ///< newest first
    std::vector<Work *> active() const;
    /// The active training of this run of this project, or nothing.
    Work *activeOn(const QString &project, std::int64_t run) const;
    /// The active work of any kind that needs this run: training, prediction or analysis.
    Work *busyWith(const QString &project, std::int64_t run) const;
    void remove(Work *work); ///< of ended work only

Q_SIGNALS:
    void added(reticle::Work *work);
    void removed(reticle::Work *work);
    void changed(reticle::Work *work);
    void finished(reticle::Work *work);
    void logged(const QString &line);

private:
    std::deque<Work *> m_all;
    std::int64_t m_next = 1;
};

} // namespace reticle
