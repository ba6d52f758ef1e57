#pragma once

#include "protocol/Event.h"
#include "protocol/Frame.h"

#include <QObject>
#include <QPointer>
#include <QProcess>

#include <functional>
#include <map>
#include <vector>

namespace reticle {

/// Why a request came to nothing, in words for a person.
struct Failure
{
    QString kind;    ///< "input", "cancelled", "failed", or "lost" when the worker is gone
    QString message; ///< one sentence
    QString where;   ///< file or setting, where known
    QString wayOut;
};

/// One `reticle-worker serve` and the talk with it (protocol/Protocol.h). Started by the first request, started again by the
/// next one after it was lost. GUI thread; all callbacks and signals come on it and never from inside request().
class WorkerProcess : public QObject
{
    Q_OBJECT
public:
    using OnResult = std::function<void(const Json &result)>;
    using OnFailure = std::function<void(const Failure &failure)>;

    /// `command`: program and arguments; empty = Settings::workerCommand() at each start.
    explicit WorkerProcess(QObject *parent = nullptr, QStringList command = {});
    /// Closes the worker's input, which ends it; a training run keeps a checkpoint first.
    ~WorkerProcess() override;

    /// Returns the request's number. Exactly one of the callbacks is called, unless the answer is that the request went
    /// stale (then none), or `context` (what the callbacks use, not null) or this object is destroyed first. When onResult
    /// throws, since the result has another form than it knows, onFailure is called after it.
    std::int64_t request(const QString &method, Json params, QObject *context, OnResult onResult, OnFailure onFailure = {},
                         const QString &channel = {});
    /// Answers to this request are dropped from now on.
    void forget(std::int64_t request);
    /// Fails all requests that have no answer yet, before this object is replaced by another.
    void giveUp(const Failure &failure);

    bool isRunning() const { return m_process && m_process->state() != QProcess::NotRunning; }
    qint64 processId() const { return m_process ? m_process->processId() : 0; }
    /// The last lines of the worker's standard error.
    QString errorTail() const { return QString::fromUtf8(m_errorTail).trimmed(); }

Q_SIGNALS:
    void event(std::int64_t request, const reticle::Event &event); ///< request 0: of none in particular
    void lost(const reticle::Failure &failure); ///< ended without being asked to; pending requests have failed already
    void errorLine(const QString &line);        ///< of the worker's standard error

private:
    struct Pending
    {
        QPointer<QObject> context; ///< gone: nobody waits for the answer any more
        OnResult onResult;
        OnFailure onFailure;
        QString method;
    };

    void start();
    void send(const std::vector<std::uint8_t> &frame);
    void readOutput();
    void readErrors();
    /// Goes on without this worker, which is given a minute to end by itself.
    void letGo();
    void answer(const Json &message);
    void ended(const QString &how);
    Failure lossOf(const QString &how) const;

    QStringList m_command;
    QProcess *m_process = nullptr;
    FrameReader m_reader;
    std::map<std::int64_t, Pending> m_pending;
    bool m_draining = false;                                      ///< the worker has ended and its last output is being read
    std::map<std::int64_t, std::vector<std::uint8_t>> m_deferred; ///< requests made meanwhile
    /// Of all workers together: a page may still hold the number of a request to the one before.
    static inline std::int64_t s_next = 1;
    QByteArray m_errorTail, m_errorLine;
};

} // namespace reticle
