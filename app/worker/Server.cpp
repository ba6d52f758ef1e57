#include "Server.h"

#include "Catalog.h"
#include "DescribeModel.h"
#include "Environment.h"
#include "EstimateTraining.h"
#include "TrainingJob.h"
#include "WorkerTasks.h"
#include "foundation/Params.h"
#include "learn/Models.h"
#include "learn/memory/HostMemory.h"
#include "learn/tasks/AugmentPreview.h"
#include "learn/training/Training.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace reticle {

namespace {

constexpr std::array longMethods{"run", "analyze", "predict", "simulate"};
constexpr std::array controlMethods{"pause", "resume", "stop", "cancel"};
constexpr std::int64_t mostPreviews = 64;

template <class List> bool holds(const List &list, const std::string &word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

Json errorJson(const Error &e)
{
    Json j;
    j["kind"] = e.kind() == Error::Kind::Input ? "input" : e.kind() == Error::Kind::Cancelled ? "cancelled" : "failed";
    j["message"] = e.what();
    j["where"] = e.parts().where;
    j["expected"] = e.parts().expected;
    j["found"] = e.parts().found;
    j["wayOut"] = e.parts().wayOut;
    return j;
}

/// Events of one request's long work.
class RequestEvents : public EventSink
{
public:
    RequestEvents(FrameWriter &outbox, std::int64_t request) : m_outbox(outbox), m_request(request) {}
    void emit(const Event &event) override { m_outbox.sendEvent(event, m_request); }

private:
    FrameWriter &m_outbox;
    const std::int64_t m_request;
};

} // namespace

Server::Server(int outFd) : m_outbox(outFd)
{
    for (auto *lane : {&m_quick, &m_describing})
        lane->thread = std::thread([this, lane] { quickLoop(*lane); });
    m_longThread = std::thread([this] { longLoop(); });
}

Server::~Server()
{
    stop();
    m_quick.thread.join();
    m_describing.thread.join();
    m_longThread.join();
}

void Server::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
        m_long.clear();
        for (auto *lane : {&m_quick, &m_describing}) {
            lane->waiting.clear();
            lane->stale = true;
        }
        if (m_control)
            m_control->end(m_longMethod == "run" ? RunControl::End::Stop : RunControl::End::Cancel);
    }
    m_changed.notify_all();
}

void Server::handle(const Json &message)
{
    Request request;
    try {
        const Params in(message, "request");
        request.id = in.whole("id");
        request.method = in.text("method");
        request.channel = in.text("channel", "");
        if (in.has("params"))
            request.params = Params(message.at("params"), request.method).all();
    } catch (const Error &e) {
        refuse(e, request.id);
        return;
    }
    if (holds(controlMethods, request.method)) {
        control(request);
        return;
    }
    {
        const std::lock_guard lock(m_mutex);
        if (holds(longMethods, request.method)) {
            m_long.push_back(std::move(request));
        } else {
            for (auto *lane : {&m_quick, &m_describing}) {
                if (request.channel.empty())
                    break;
                std::erase_if(lane->waiting, [&](const Request &older) {
                    if (older.channel != request.channel)
                        return false;
                    m_outbox.send(Json{{"id", older.id}, {"stale", true}});
                    return true;
                });
                if (lane->channel == request.channel)
                    lane->stale = true;
            }
            (request.method == "describe-model" ? m_describing : m_quick).waiting.push_back(std::move(request));
        }
    }
    m_changed.notify_all();
}

void Server::refuse(const Error &error, std::int64_t id)
{
    m_outbox.send(Json{{"id", id}, {"error", errorJson(error)}});
}

void Server::control(const Request &request)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_control) {
            if (request.method == "pause")
                m_control->pause();
            else if (request.method == "resume")
                m_control->resume();
            else
                m_control->end(request.method == "stop" ? RunControl::End::Stop : RunControl::End::Cancel);
        }
        // Work that has not begun yet is dropped by either end.
        if (request.method == "stop" || request.method == "cancel") {
            const Error e(Error::Kind::Cancelled, "", "Cancelled before it began.");
            for (const auto &waiting : m_long)
                refuse(e, waiting.id);
            m_long.clear();
        }
    }
    m_outbox.send(Json{{"id", request.id}, {"result", Json::object()}});
}

void Server::answer(const Request &request, const std::function<Json()> &work, const std::atomic<bool> *stale)
{
    Json reply{{"id", request.id}};
    try {
        try {
            reply["result"] = work();
        } catch (const Json::exception &) {
            throw Error({request.method, "the parameters of protocol/Protocol.h", "one missing or of another type", {}});
        } catch (...) {
            rethrowAsError();
        }
    } catch (const Error &e) {
        if (stale && *stale && e.kind() == Error::Kind::Cancelled)
            reply["stale"] = true;
        else
            reply["error"] = errorJson(e);
    }
    m_outbox.send(std::move(reply));
}

void Server::quickLoop(Lane &lane)
{
    for (;;) {
        Request request;
        {
            std::unique_lock lock(m_mutex);
            lane.channel.clear();
            m_changed.wait(lock, [&] { return m_stopping || !lane.waiting.empty(); });
            if (m_stopping)
                return;
            request = std::move(lane.waiting.front());
            lane.waiting.pop_front();
            lane.channel = request.channel;
            lane.stale = false;
        }
        answer(
            request, [&] { return quick(request, lane.stale); }, &lane.stale);
    }
}

void Server::longLoop()
{
    for (;;) {
        Request request;
        auto control = std::make_shared<RunControl>();
        {
            std::unique_lock lock(m_mutex);
            m_control.reset();
            m_changed.wait(lock, [&] { return m_stopping || !m_long.empty(); });
            if (m_stopping)
                return;
            request = std::move(m_long.front());
            m_long.pop_front();
            m_control = control;
            m_longMethod = request.method;
        }
        answer(request, [&] { return longWork(request, *control); });
        releaseIdleMemory(); // a session may wait for hours
    }
}

Json Server::quick(const Request &request, const std::atomic<bool> &stale)
{
    const Params p(request.params, request.method);
    const auto stillWanted = [&stale] { return !stale; };
    if (request.method == "hello") {
        Json hello = Environment::get().toJson();
        hello["asking"] = Capabilities::instance().toJson();
        return hello;
    }
    if (request.method == "catalog")
        return catalog().toJson();
    if (request.method == "describe-model")
        return describeModelAnswer(p.all(), stillWanted);
    if (request.method == "augment-preview")
        return augmentPreview(Recipe(p.object("recipe")).validated(catalog()),
                              static_cast<int>(p.within("count", 0, mostPreviews, 8)));
    if (request.method == "training-estimate")
        return trainingEstimateAnswer(p.all());
    if (request.method == "open-model")
        return m_model.open(p.all());
    if (LiveQueries::has(request.method))
        return m_queries.ask(request.method, p.all(), m_model, stillWanted);
    throw Error(
        {"method", "one of protocol/Protocol.h", "\"" + request.method + "\"", "use a window and a worker of the same version"});
}

Json Server::longWork(const Request &request, RunControl &control)
{
    const Params p(request.params, request.method);
    RequestEvents events(m_outbox, request.id);
    if (request.method == "run") {
        const std::string folder = p.text("project");
        const auto resume = p.within("resume", 0, std::numeric_limits<std::int64_t>::max(), 0);
        Recipe recipe;
        if (resume == 0)
            recipe = Recipe(p.object("recipe")).withAbsolutePaths(catalog(), workingFolder()).validated(catalog());
        Project project = Project::openOrCreate(folder);
        const auto outcome = runRecipe(project, recipe, resume, events, control);
        return Json{{"run", outcome.run.id}, {"status", std::string(nameOf(outcome.status))}, {"comparison", outcome.comparison}};
    }
    if (request.method == "predict") {
        PredictTask task{p.text("project"), p.whole("run"), p.text("input"), p.text("output"), Json::object()};
        for (const auto &[key, value] : p.all().items())
            if (key != "project" && key != "run" && key != "input" && key != "output")
                task.options[key == "output-kind" ? "output" : key] = value;
        predictToFile(task, events, control);
        return Json{{"output", task.output}};
    }
    if (request.method == "analyze") {
        const AnalyzeTask task{p.text("name"), p.text("project", ""), p.whole("run", 0), p.object("options", Json::object()),
                               p.text("output", "")};
        const auto [result, number] = analyzeToFolder(task, events, control);
        Json j = result.toJson(false);
        j["number"] = number;
        return j;
    }
    Json files = Json::array();
    const auto seed = p.within("seed", 0, std::numeric_limits<std::int64_t>::max(), 1);
    const SimulateTask task{p.text("name"), p.text("output"), p.object("options", Json::object()),
                            static_cast<std::uint64_t>(seed)};
    for (const auto &file : simulateToFolder(task, events, control))
        files.push_back(file.string());
    return Json{{"files", std::move(files)}};
}

} // namespace reticle
