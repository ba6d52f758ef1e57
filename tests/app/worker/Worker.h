#pragma once

#include "protocol/Event.h"
#include "protocol/Frame.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <QProcess>

#include <filesystem>
#include <functional>

namespace reticle::test {

struct Outcome
{
    int status = -1; ///< exit status; -1 = it did not end by itself
    QByteArray out, err;
};

/// A path as an argument.
inline QString text(const std::filesystem::path &p)
{
    return QString::fromStdString(p.string());
}

/// reticle-worker with these arguments, to its end.
inline Outcome worker(const QStringList &arguments, const QString &folder = {})
{
    QProcess p;
    if (!folder.isEmpty())
        p.setWorkingDirectory(folder);
    p.start(QString::fromStdString(program("reticle-worker")), arguments);
    Outcome o;
    if (p.waitForFinished(200000) && p.exitStatus() == QProcess::NormalExit)
        o.status = p.exitCode();
    else
        p.kill();
    p.waitForFinished();
    o.out = p.readAllStandardOutput();
    o.err = p.readAllStandardError();
    return o;
}

/// `reticle-worker serve`, or another program that says the same, spoken to in frames.
class Served
{
public:
    explicit Served(const QString &folder = {}, const std::string &worker = "reticle-worker")
    {
        if (!folder.isEmpty())
            m_process.setWorkingDirectory(folder);
        m_process.start(QString::fromStdString(program(worker)), {"serve"});
        m_process.waitForStarted();
    }
    ~Served()
    {
        m_process.closeWriteChannel();
        if (!m_process.waitForFinished(60000))
            m_process.kill();
    }
    QProcess &process() { return m_process; }

    std::int64_t send(const std::string &method, Json params = Json::object(), const std::string &channel = {})
    {
        Json j{{"id", ++m_id}, {"method", method}, {"params", std::move(params)}};
        if (!channel.empty())
            j["channel"] = channel;
        const auto frame = encodeFrame(j);
        m_process.write(reinterpret_cast<const char *>(frame.data()), static_cast<qint64>(frame.size()));
        m_process.waitForBytesWritten(); // a process without an event loop writes only when asked to
        return m_id;
    }
    /// Bytes as they are, whether or not they are frames.
    void sendBytes(const std::vector<std::uint8_t> &bytes)
    {
        m_process.write(reinterpret_cast<const char *>(bytes.data()), static_cast<qint64>(bytes.size()));
        while (m_process.bytesToWrite() > 0 && m_process.waitForBytesWritten()) {
        }
    }
    /// The next message, or null when the worker ended or said nothing for two minutes.
    Json next()
    {
        for (;;) {
            if (auto message = m_reader.next())
                return *message;
            if (m_process.bytesAvailable() == 0 && !m_process.waitForReadyRead(120000))
                return {};
            const QByteArray bytes = m_process.readAllStandardOutput();
            m_reader.append(
                std::span(reinterpret_cast<const std::uint8_t *>(bytes.data()), static_cast<std::size_t>(bytes.size())));
        }
    }
    /// The answer to request `id`; events and other answers met on the way go to `seen`.
    Json answer(std::int64_t id, const std::function<void(const Json &)> &seen = {})
    {
        for (;;) {
            Json message = next();
            if (message.is_null() || (message.contains("id") && message["id"] == id))
                return message;
            if (seen)
                seen(message);
        }
    }
    Json ask(const std::string &method, Json params = Json::object()) { return answer(send(method, std::move(params))); }

private:
    QProcess m_process;
    FrameReader m_reader;
    std::int64_t m_id = 0;
};

/// A small stack with labels, made by the worker's own simulator: folder/tissue-volume.tif and tissue-labels.tif.
inline bool makeTissue(const std::filesystem::path &folder, int slices = 4, int side = 64)
{
    const auto o = worker({"simulate", "tissue", "--output", QString::fromStdString(folder.string()), "--seed", "3", "--set",
                           QString("slices=%1").arg(slices), "--set", QString("height=%1").arg(side), "--set",
                           QString("width=%1").arg(side)});
    return o.status == 0;
}

/// Arguments of a tiny training on makeTissue's stack: 4,000 weights, seconds.
inline QStringList tinyRun(const std::filesystem::path &tissue, const std::filesystem::path &project, int steps)
{
    const auto text = [](const std::filesystem::path &p) { return QString::fromStdString(p.string()); };
    return {"run",       text(source("resources/recipes/segment-quick.json")),
            "--project", text(project),
            "--set",     "data.images=" + text(tissue / "tissue-volume.tif"),
            "--set",     "data.labels=" + text(tissue / "tissue-labels.tif"),
            "--set",     "data.validation-fraction=0.25",
            "--set",     "model.weights=4000",
            "--set",     QString("train.steps=%1").arg(steps),
            "--set",     "train.batch=2",
            "--set",     "train.crop=32",
            "--set",     "train.validate-steps=5",
            "--set",     "train.checkpoint-steps=3",
            "--set",     "train.threads=1",
            "--set",     "device=cpu"};
}

} // namespace reticle::test
