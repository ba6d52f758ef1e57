#include "window/session/WorkerProcess.h"

#include "documents/PlainText.h"
#include "foundation/Error.h"
#include "window/session/Settings.h"
#include "window/shell/Text.h"

#include <QTimer>

#include <utility>

namespace reticle {

namespace {

constexpr int keptErrorBytes = 4096;
constexpr int endsWithinMs = 4000;
constexpr int leavesWithinMs = 60000;   ///< a checkpoint of a large model on a slow disk takes a while
constexpr qsizetype longestLine = 4000; ///< bytes of standard error that are shown as one line

QString replyText(const Json &object, const char *key)
{
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? qs(it->get<std::string>()) : QString();
}

QString sentenceWithoutStop(const Error &e)
{
    QString text = QString::fromUtf8(e.what());
    while (text.endsWith('.'))
        text.chop(1);
    return text;
}

} // namespace

WorkerProcess::WorkerProcess(QObject *parent, QStringList command) : QObject(parent), m_command(std::move(command)) {}

WorkerProcess::~WorkerProcess()
{
    if (!m_process)
        return;
    m_process->disconnect(this);
    if (m_process->state() != QProcess::NotRunning) {
        m_process->closeWriteChannel();
        if (m_pending.empty()) {
            // Idle: it holds nothing that could be lost.
            m_process->kill();
            m_process->waitForFinished(1000);
        } else if (!m_process->waitForFinished(endsWithinMs)) {
            m_process->kill();
            m_process->waitForFinished(1000);
        }
    }
}

void WorkerProcess::start()
{
    if (isRunning())
        return;
    if (m_process)
        m_process->deleteLater();
    m_reader = FrameReader();
    m_errorTail.clear();
    m_errorLine.clear();
    m_process = new QProcess(this);
    connect(m_process, &QProcess::readyReadStandardOutput, this, &WorkerProcess::readOutput);
    connect(m_process, &QProcess::readyReadStandardError, this, &WorkerProcess::readErrors);
    connect(m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        const QPointer<WorkerProcess> alive(this);
        const QPointer<QProcess> process(m_process);
        // What its last words lead to may ask for more, which is a matter for the next worker.
        m_draining = true;
        readOutput();
        if (!alive)
            return;
        m_draining = false;
        if (m_process != process)
            return; // its last words were no message
        readErrors();
        if (!alive)
            return;
        if (status == QProcess::CrashExit)
            ended(code == 9 ? QStringLiteral("it was killed, perhaps for lack of memory")
                            : QStringLiteral("it crashed (signal %1)").arg(code));
        else
            ended(code == 0 ? QStringLiteral("it closed") : QStringLiteral("it ended with exit status %1").arg(code));
    });
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            ended(QStringLiteral("%1 could not be started: %2").arg(m_process->program(), m_process->errorString()));
    });
    const QStringList words = m_command.isEmpty() ? Settings::workerCommand() : m_command;
    m_process->setProgram(words.value(0));
    m_process->setArguments(words.mid(1));
    m_process->start();
}

std::int64_t WorkerProcess::request(const QString &method, Json params, QObject *context, OnResult onResult, OnFailure onFailure,
                                    const QString &channel)
{
    const std::int64_t id = s_next++;
    m_pending.emplace(id, Pending{context, std::move(onResult), std::move(onFailure), method});
    Json message = Json::object();
    message["id"] = id;
    message["method"] = ss(method);
    message["params"] = std::move(params);
    if (!channel.isEmpty())
        message["channel"] = ss(channel);
    auto frame = encodeFrame(message);
    if (m_draining)
        m_deferred.emplace(id, std::move(frame));
    else
        send(frame);
    return id;
}

void WorkerProcess::send(const std::vector<std::uint8_t> &frame)
{
    start();
    if (m_process)
        m_process->write(reinterpret_cast<const char *>(frame.data()), static_cast<qint64>(frame.size()));
}

void WorkerProcess::forget(std::int64_t request)
{
    const auto it = m_pending.find(request);
    if (it != m_pending.end())
        it->second = Pending{};
}

void WorkerProcess::giveUp(const Failure &failure)
{
    std::vector<Pending> waiting;
    for (auto &[id, pending] : m_pending)
        waiting.push_back(std::exchange(pending, Pending{})); // its answer, should it still come, is dropped
    for (const auto &pending : waiting)
        if (pending.context && pending.onFailure)
            pending.onFailure(failure);
}

void WorkerProcess::readOutput()
{
    const QPointer<WorkerProcess> alive(this);
    const QPointer<QProcess> speaking(m_process);
    const QByteArray bytes = m_process->readAllStandardOutput();
    m_reader.append({reinterpret_cast<const std::uint8_t *>(bytes.constData()), static_cast<std::size_t>(bytes.size())});
    try {
        while (auto message = m_reader.next()) {
            answer(*message);
            // A callback may end this object, or lose the worker by asking it for something more.
            if (!alive || m_process != speaking)
                return;
        }
    } catch (const Error &e) {
        // Which request it was the answer to is not known, so all of them have failed. The worker may be training: it
        // is asked to end, which keeps a checkpoint.
        letGo();
        ended(QStringLiteral("it sent something that is not a message (%1)").arg(sentenceWithoutStop(e)));
    }
}

void WorkerProcess::letGo()
{
    QProcess *left = std::exchange(m_process, nullptr);
    left->disconnect(this);
    m_draining = false;
    if (left->state() == QProcess::NotRunning) {
        left->deleteLater();
        return;
    }
    connect(left, &QProcess::readyReadStandardOutput, left, [left] { left->readAllStandardOutput(); });
    connect(left, &QProcess::readyReadStandardError, left, [left] { left->readAllStandardError(); });
    connect(left, &QProcess::finished, left, &QObject::deleteLater);
    QTimer::singleShot(leavesWithinMs, left, [left] { left->kill(); });
    left->closeWriteChannel();
}

void WorkerProcess::answer(const Json &message)
{
    if (!message.is_object())
        return;
    if (message.contains("event")) {
        const auto it = message.find("request");
        const std::int64_t request = it != message.end() && it->is_number_integer() ? it->get<std::int64_t>() : 0;
        Event read;
        try {
            read = Event::fromJson(message);
        } catch (const Error &e) {
            // An event more or less changes no result: the work goes on without it.
            Q_EMIT errorLine(QStringLiteral("An event of the worker cannot be read: %1").arg(QString::fromUtf8(e.what())));
            return;
        }
        Q_EMIT event(request, read);
        return;
    }
    const auto id = message.find("id");
    if (id == message.end() || !id->is_number_integer())
        return;
    const auto it = m_pending.find(id->get<std::int64_t>());
    if (it == m_pending.end())
        return;
    const Pending pending = std::move(it->second);
    m_pending.erase(it);
    if (!pending.context)
        return;
    if (message.contains("error")) {
        const Json &error = message.at("error");
        Failure f{replyText(error, "kind"), replyText(error, "message"), replyText(error, "where"), replyText(error, "wayOut")};
        if (f.message.isEmpty())
            f.message = QStringLiteral("The worker could not do \"%1\".").arg(pending.method);
        if (pending.onFailure)
            pending.onFailure(f);
    } else if (message.contains("result") && pending.onResult) {
        const QPointer<QObject> context(pending.context);
        try {
            pending.onResult(message.at("result"));
        } catch (const std::exception &e) {
            // Of a worker of another version, or one that is not ours: it has another form than the caller knows.
            Failure f{QStringLiteral("failed"), {}, {}, {}};
            f.message = QStringLiteral("The worker's answer to \"%1\" cannot be read (%2). Use a window and a worker of the "
                                       "same version.")
                            .arg(pending.method, qs(shortened(oneLine(e.what()), 300)));
            if (context && pending.onFailure)
                pending.onFailure(f);
        }
    }
}

void WorkerProcess::readErrors()
{
    const QByteArray bytes = m_process->readAllStandardError();
    m_errorTail = (m_errorTail + bytes).right(keptErrorBytes);
    m_errorLine += bytes;
    if (m_errorLine.size() > longestLine && m_errorLine.indexOf('\n') < 0)
        m_errorLine += '\n'; // a line without an end does not gather for ever
    for (qsizetype end; (end = m_errorLine.indexOf('\n')) >= 0;) {
        const QString line = qs(oneLine(m_errorLine.left(end).toStdString()));
        m_errorLine.remove(0, end + 1);
        if (!line.isEmpty())
            Q_EMIT errorLine(line);
    }
}

Failure WorkerProcess::lossOf(const QString &how) const
{
    Failure f;
    f.kind = QStringLiteral("lost");
    f.message = QStringLiteral("The worker is gone: %1.").arg(how);
    const QStringList lines = errorTail().split('\n', Qt::SkipEmptyParts);
    if (!lines.isEmpty())
        f.where = qs(shortened(oneLine(lines.last().toStdString()), 300));
    f.wayOut = QStringLiteral("Saved results and checkpoints are safe. Start again or resume the run");
    return f;
}

void WorkerProcess::ended(const QString &how)
{
    const Failure failure = lossOf(how);
    m_draining = false;
    const auto deferred = std::exchange(m_deferred, {});
    std::map<std::int64_t, Pending> pending;
    for (auto it = m_pending.begin(); it != m_pending.end();)
        if (const auto one = it++; !deferred.count(one->first))
            pending.insert(m_pending.extract(one));
    if (m_process) {
        m_process->disconnect(this);
        m_process->deleteLater();
        m_process = nullptr;
    }
    for (const auto &[id, frame] : deferred)
        send(frame);
    // From the event loop: a program that cannot be started is reported from inside request().
    QTimer::singleShot(0, this, [this, pending = std::move(pending), failure] {
        const QPointer<WorkerProcess> alive(this);
        for (const auto &[id, p] : pending) {
            if (p.context && p.onFailure)
                p.onFailure(failure);
            if (!alive)
                return;
        }
        Q_EMIT lost(failure);
    });
}

} // namespace reticle
