#pragma once

#include "FrameWriter.h"
#include "WorkerModelSession.h"

#include <deque>

namespace reticle {

/// `reticle-worker serve` (protocol/Protocol.h). The calling thread reads; one thread answers quick requests, one describes
/// models, which may take minutes, and one does long work; pause, resume, stop and cancel act at once from the reading thread.
class Server
{
public:
    explicit Server(int outFd);
    ~Server();

    /// Takes a request in; answers come through the outbox.
    void handle(const Json &message);
    /// Answers what could not be read as a request, or not be done. `id` 0: which request it was is not known.
    void refuse(const Error &error, std::int64_t id = 0);
    /// No more requests come: waiting ones are dropped, long work is stopped with its checkpoint kept. Any thread.
    void stop();

private:
    struct Request
    {
        std::int64_t id = 0;
        std::string method, channel;
        Json params = Json::object();
    };

    /// Requests that are answered one after the other on a thread of their own.
    struct Lane
    {
        std::deque<Request> waiting;
        std::string channel;            ///< of the request being answered
        std::atomic<bool> stale{false}; ///< a newer one of that channel has come
        std::thread thread;
    };

    void quickLoop(Lane &lane);
    void longLoop();
    void answer(const Request &request, const std::function<Json()> &work, const std::atomic<bool> *stale = nullptr);
    Json quick(const Request &request, const std::atomic<bool> &stale);
    Json longWork(const Request &request, RunControl &control);
    void control(const Request &request);

    FrameWriter m_outbox;
    WorkerModelSession m_model; ///< of the quick thread
    LiveQueries m_queries;      ///< of the quick thread
    std::mutex m_mutex;
    std::condition_variable m_changed;
    Lane m_quick, m_describing;
    std::deque<Request> m_long;
    std::shared_ptr<RunControl> m_control; ///< of the long work in progress
    std::string m_longMethod;
    bool m_stopping = false;
    std::thread m_longThread;
};

} // namespace reticle
