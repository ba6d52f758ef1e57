#include "window/WorkerProcess.h"

#include "base/Error.h"
#include "window/Settings.h"
#include "window/Text.h"

#include <QTimer>

namespace reticle {

namespace {

constexpr int keptErrorBytes = 4096;
constexpr int endsWithinMs = 4000;

QString textOf(const Json &object, const char *key)
{
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? qs(it->get<std::string>()) : QString();
}

} // namespace

WorkerProcess::WorkerProcess(QObject *parent, QStringList command)
    : QObject(parent)
    , m_command(std::move(command))
{
}

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
        readOutput();
        readErrors();
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

std::int64_t WorkerProcess::request(const QString &method, Json params, QObject *context, OnResult onResult,
                                    OnFailure onFailure, const QString &channel)
{
    const std::int64_t id = m_next++;
    m_pending.emplace(id, Pending{context, std::move(onResult), std::move(onFailure), method});
    Json message = Json::object();
    message["id"] = id;
    message["method"] = ss(method);
    message["params"] = std::move(params);
    if (!channel.isEmpty())
        message["channel"] = ss(channel);
    const auto frame = encodeFrame(message);
    start();
    if (m_process)
        m_process->write(reinterpret_cast<const char *>(frame.data()), static_cast<qint64>(frame.size()));
    return id;
}

void WorkerProcess::forget(std::int64_t request)
{
    const auto it = m_pending.find(request);
    if (it != m_pending.end())
        it->second = Pending{};
}

void WorkerProcess::readOutput()
{
    const QPointer<WorkerProcess> alive(this);
    const QByteArray bytes = m_process->readAllStandardOutput();
    m_reader.append({reinterpret_cast<const std::uint8_t *>(bytes.constData()), static_cast<std::size_t>(bytes.size())});
    try {
        while (auto message = m_reader.next()) {
            answer(*message);
            if (!alive)
                return;
        }
    } catch (const Error &e) {
        m_process->disconnect(this);
        m_process->kill();
        ended(QStringLiteral("it sent what is not a message (%1)").arg(e.what()));
    }
}

void WorkerProcess::answer(const Json &message)
{
    if (!message.is_object())
        return;
    if (message.contains("event")) {
        const auto it = message.find("request");
        const std::int64_t request = it != message.end() && it->is_number_integer() ? it->get<std::int64_t>() : 0;
        Q_EMIT event(request, Event::fromJson(message));
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
        Failure f{textOf(error, "kind"), textOf(error, "message"), textOf(error, "where"), textOf(error, "wayOut")};
        if (f.message.isEmpty())
            f.message = QStringLiteral("The worker could not do \"%1\".").arg(pending.method);
        if (pending.onFailure)
            pending.onFailure(f);
    } else if (message.contains("result") && pending.onResult) {
        pending.onResult(message.at("result"));
    }
}

void WorkerProcess::readErrors()
{
    const QByteArray bytes = m_process->readAllStandardError();
    m_errorTail = (m_errorTail + bytes).right(keptErrorBytes);
    m_errorLine += bytes;
    for (qsizetype end; (end = m_errorLine.indexOf('\n')) >= 0;) {
        const QString line = QString::fromUtf8(m_errorLine.left(end)).trimmed();
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
        f.where = lines.last().left(300);
    f.wayOut = QStringLiteral("What it had kept is whole; start again or resume the run");
    return f;
}

void WorkerProcess::ended(const QString &how)
{
    const Failure failure = lossOf(how);
    auto pending = std::move(m_pending);
    m_pending.clear();
    if (m_process) {
        m_process->disconnect(this);
        m_process->deleteLater();
        m_process = nullptr;
    }
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
