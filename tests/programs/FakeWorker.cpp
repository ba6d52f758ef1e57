// Speaks the worker's protocol with made-up numbers, so that tests of the window are exact and fast. What it shall do is
// in the recipe's title:
//   "endless"  emits its steps and then waits for pause, stop or cancel
//   "crash"    ends itself with SIGKILL after its steps; a resumed run ends well
//   "refuse"   is refused as input that does not fit, naming train.batch
//   "older"    is given no estimate, as by a worker of before
// anything else trains its steps and is done.
// A prediction of an image called "fatal" ends it with SIGKILL. A simulation of more than 100 slices makes one and waits for
// cancel. With RETICLE_FAKE_MORE in its environment it lists a simulator, two analyses and a kind of data that no worker has,
// with what learns from them; a training on these shows a figure of itself and has scores of its own.
//
// What it says is a part of what the worker says: tests/contract/ProtocolTest.cpp asks both.

#include "data/Dataset.h"
#include "files/ImageSource.h"
#include "files/ImageWriter.h"
#include "foundation/AtomicFile.h"
#include "foundation/Error.h"
#include "foundation/Params.h"
#include "imaging/Postprocess.h"
#include "programs/FakeCatalog.h"
#include "project/ModelFiles.h"
#include "project/Project.h"
#include "protocol/Frame.h"
#include "protocol/RunScores.h"
#include "support/Measurements.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <unistd.h>

namespace {

using namespace reticle;
using namespace reticle::test;

void send(const Json &message)
{
    const auto bytes = encodeFrame(message);
    for (std::size_t done = 0; done < bytes.size();) {
        const auto n = ::write(1, bytes.data() + done, bytes.size() - done);
        if (n <= 0)
            std::_Exit(1);
        done += static_cast<std::size_t>(n);
    }
}

/// (K, height, width): a ramp from left to right.
Array ramp(std::int64_t classes, std::int64_t height, std::int64_t width)
{
    Array a(DType::Float32, {classes, height, width});
    float *p = a.data<float>();
    for (std::int64_t c = 0; c < classes; ++c)
        for (std::int64_t y = 0; y < height; ++y)
            for (std::int64_t x = 0; x < width; ++x)
                *p++ = (c == 1 ? 1.0f : -1.0f) * (static_cast<float>(x) / width - 0.5f) + 0.5f;
    return a;
}

Result evaluation();

/// The run in progress.
struct Running
{
    std::int64_t request;
    std::optional<Project> project;
    RunInfo info;
    std::int64_t total;
    bool paused = false;
};

std::optional<Running> running;
std::optional<std::int64_t> simulating; ///< the request of a simulation that waits to be cancelled

/// False where there is nothing to wait for.
bool waitInSimulation(std::int64_t request, const Json &params)
{
    const auto slices = params.at("options").value("slices", std::int64_t(4));
    if (slices <= 100)
        return false;
    simulating = request;
    Event event;
    event.kind = Event::Kind::Progress;
    event.step = 1;
    event.total = slices;
    event.value = 1.0 / static_cast<double>(slices);
    event.data = {{"remaining", 12.0}};
    Json json = event.toJson();
    json["request"] = request;
    send(json);
    return true;
}
bool modelOpen = false;

void emitEvent(Event event)
{
    event.run = running->info.id;
    event.time = event.step * 0.1;
    Json json = event.toJson();
    json["request"] = running->request;
    send(json);
}

bool ofMeasurements(const RunInfo &run)
{
    return run.recipe.at("data").value("name", std::string()) == "measurements";
}

/// What a run on the made-up data says of its scores.
Json measurementScores()
{
    return RunScores("regression", "r2",
                     {{"r2", "Explained variance", {}, false, true}, {"mae", "Mean error", "mm", true, false}})
        .toJson();
}

void endRun(RunStatus status)
{
    running->info.status = status;
    running->info.summary = {{"weights", 3964}, {"validation", {{"dice", 0.9}}}};
    if (ofMeasurements(running->info)) {
        running->info.summary = measurementScores();
        running->info.summary["weights"] = 12;
        running->info.summary["best"] = {{"r2", 0.95}, {"mae", 0.2}};
    }
    running->project->updateRun(running->info);
    Event done;
    done.kind = status == RunStatus::Cancelled ? Event::Kind::Cancelled : Event::Kind::Done;
    done.step = running->info.step;
    emitEvent(done);
    send({{"id", running->request}, {"result", {{"run", running->info.id}, {"status", std::string(nameOf(status))}}}});
    running.reset();
}

void startRun(std::int64_t request, const Json &params)
{
    Running r;
    r.request = request;
    r.project = Project::openOrCreate(params.at("project").get<std::string>());
    const bool resumed = params.contains("resume");
    if (resumed) {
        r.info = r.project->claimRun(params.at("resume").get<std::int64_t>());
    } else {
        const Recipe recipe = Recipe(params.at("recipe")).validated(catalog());
        if (recipe.title().find("refuse") != std::string::npos)
            throw Error({"train.batch", "at most 2", "4", "make it smaller"});
        if (recipe.compares()) // its first run stands for all
            r.info = r.project->createRun(recipe.compared().front(), r.project->createComparison(recipe).id);
        else
            r.info = r.project->createRun(recipe);
    }
    r.total = r.info.recipe.at("train").value("steps", std::int64_t(0));
    if (r.total <= 0)
        r.total = 20;
    running = std::move(r);

    Event event;
    event.kind = Event::Kind::Started;
    const bool measurements = ofMeasurements(running->info);
    if (measurements)
        event.data = measurementScores();
    emitEvent(event);
    event.data = Json();
    const std::int64_t first = running->info.step;
    const std::string title = running->info.title;
    const bool half = !resumed && (title.find("crash") != std::string::npos || title.find("endless") != std::string::npos);
    std::vector<Event> metrics;
    for (std::int64_t step = first + 1; step <= (half ? running->total / 2 : running->total); ++step) {
        running->info.step = step;
        event = {};
        event.step = step;
        event.kind = Event::Kind::Progress;
        event.total = running->total;
        event.value = static_cast<double>(step) / running->total;
        event.data = {{"remaining", (running->total - step) * 0.1}};
        emitEvent(event);
        event.kind = Event::Kind::Metric;
        event.total = 0;
        event.data = Json();
        event.name = "train.loss";
        event.value = 1.0 / step;
        event.time = step * 0.1;
        metrics.push_back(event);
        emitEvent(event);
        if (step % 5 == 0) {
            event.name = "validation.loss";
            event.value = 1.2 / step;
            metrics.push_back(event);
            emitEvent(event);
            event.name = measurements ? "validation.r2" : "validation.dice";
            event.value = 1 - 1.0 / step;
            metrics.push_back(event);
            emitEvent(event);
            if (measurements) {
                event.name = "validation.mae";
                event.value = 2.0 / step;
                metrics.push_back(event);
                emitEvent(event);
            }
        }
    }
    running->project->addMetrics(running->info.id, metrics);
    running->project->updateRun(running->info);
    event = {};
    event.kind = Event::Kind::Example;
    event.step = running->info.step;
    const Array picture = ramp(2, 24, 24).at(1);
    Array undecided(DType::UInt8, {24, 24});
    std::fill_n(undecided.data<std::uint8_t>(), undecided.size(), std::uint8_t(128));
    event.data = {{"images", {picture.toJson(), picture.toJson(), undecided.toJson()}},
                  {"titles", {"input", "target", "prediction"}},
                  {"kinds", {"image", "labels", "probability"}}};
    if (measurements)
        event.data = {{"figure", evaluation().figures.front().toJson()}};
    emitEvent(event);
    writeFileAtomically(running->project->runFolder(running->info.id) / modelfiles::model, "fake");
    event = {};
    event.kind = Event::Kind::Checkpoint;
    event.step = running->info.step;
    event.text = modelfiles::last;
    emitEvent(event);
    if (half && title.find("crash") != std::string::npos) {
        std::fprintf(stderr, "out of memory: asked for 17 GB\n");
        std::fflush(stderr);
        ::kill(::getpid(), SIGKILL);
    }
    if (!half)
        endRun(RunStatus::Done);
}

Result evaluation()
{
    Result result;
    result.name = "evaluate";
    result.summary = "Pixel error 0.071 at threshold 0.5.";
    result.values = {{"pixel-error", 0.071}, {"dice", 0.93}};
    Table table;
    table.title = "Scores";
    table.columns.push_back({"slice", "", std::vector<std::int64_t>{0, 1}, -1});
    table.columns.push_back({"dice", "", std::vector<double>{0.92, 0.94}, 3});
    result.tables.push_back(table);
    Figure figure;
    figure.name = "threshold-curve";
    figure.title = "Scores by threshold";
    figure.caption = "Pixel error at each threshold.";
    XYPanel panel;
    panel.x.label = "threshold";
    panel.y.label = "pixel error";
    Series s;
    s.name = "pixel error";
    s.x = {0.1, 0.3, 0.5, 0.7, 0.9};
    s.y = {0.2, 0.1, 0.071, 0.09, 0.15};
    panel.series.push_back(s);
    Panel p;
    p.content = panel;
    figure.panels.push_back(p);
    result.figures.push_back(figure);
    return result;
}

/// An image of so many rows and columns, by the settings of a live query.
Json predictRegion(const Json &params)
{
    const LiveParams in(params, region());
    const Json &settings = in.settings();
    const std::string input = settings.at("input").get<std::string>();
    if (input.empty())
        throw Error({"predict-region: input", "an image", "none", {}});
    if (!modelOpen)
        throw Error({"predict-region", "an open model", "none", "ask for open-model first"});
    if (input.find("fatal") != std::string::npos)
        ::kill(::getpid(), SIGKILL);
    if (input.find("camera") != std::string::npos && !params.contains("input-range")) // of numbers that do not say what they mean
        throw Error(Error::Kind::Input, input, "Set input-range to the values of black and white.");
    return {
        {"probability", ramp(2, settings.at("height").get<std::int64_t>(), settings.at("width").get<std::int64_t>()).toJson()}};
}

/// Scores that rise with the radius of the closing.
Json clean(const Json &params)
{
    const LiveParams in(params, cleaning());
    const Array probability = Array::fromJson(in.object("probability"));
    Array labels(DType::UInt8, probability.shape());
    for (std::int64_t i = 0; i < probability.size(); ++i)
        labels.data<std::uint8_t>()[i] = probability.value(i) > 0.5;
    Json answer{{"labels", labels.toJson()}, {"before", {{"objects", 1}}}, {"after", {{"objects", 1}}}};
    if (!in.has("truth"))
        return answer;
    const Json &settings = in.settings();
    const double closing = settings.at("closing").get<bool>() ? settings.at("closing-radius").get<double>() : 0;
    const double dice = in.object("options", Json::object()).value("foreground", "") == "dark" ? 0.5 : 0.8;
    answer["before"] = {{"Dice", dice}};
    answer["after"] = {{"Dice", dice + 0.01 * closing}};
    return answer;
}

Json answer(std::int64_t, const std::string &method, const Json &params)
{
    Params(params, method); // an object, or it is refused
    if (method == "hello")
        return {{"version", "test"}, {"torch", "none"}, {"device", "cpu"},           {"devices", {"cpu"}}, {"blas", "none"},
                {"threads", 1},      {"bf16", false},   {"warnings", Json::array()}, {"asking", asking()}};
    if (method == "catalog")
        return catalog().toJson();
    if (method == "open-model") {
        modelOpen = true;
        return {{"classes", 2}, {"class-names", {"membrane", "interior"}}, {"channels", 1}};
    }
    if (method == "predict-region")
        return predictRegion(params);
    if (method == "postprocess")
        return clean(params);
    if (method == "predict") {
        const std::string output = params.at("output").get<std::string>();
        const auto source = openImage(params.at("input").get<std::string>());
        TiffWriter writer(output, 0);
        for (std::int64_t page = 0; page < source->info().pages; ++page)
            writer.writePage(ramp(2, source->info().height, source->info().width).at(1));
        writer.close();
        return {{"output", output}};
    }
    if (method == "analyze") {
        auto project = Project::openOrCreate(params.at("project").get<std::string>());
        Result result = evaluation();
        result.name = params.at("name").get<std::string>();
        project.addResult(params.at("run").get<std::int64_t>(), result, params.at("options"));
        return result.toJson(false);
    }
    if (method == "augment-preview") {
        Json images = Json::array(), targets = Json::array();
        for (int i = 0; i < params.at("count").get<int>(); ++i) {
            images.push_back(ramp(1, 16, 16).toJson());
            targets.push_back(Array(DType::UInt8, {16, 16}).toJson());
        }
        return {{"images", images}, {"targets", targets}};
    }
    if (method == "training-estimate") {
        const Json &recipe = params.at("recipe");
        if (recipe.value("title", std::string()).find("older") != std::string::npos) // as a worker of before
            throw Error({"method", "one of protocol/Protocol.h", "\"training-estimate\"", {}});
        const auto steps = recipe.at("train").value("steps", std::int64_t(0));
        return {{"text", steps > 0 ? std::to_string(steps) + " steps take about 2 minutes on this machine."
                                   : "No training like this has been finished on this machine yet."}};
    }
    if (method == "describe-model") {
        Table table;
        table.columns.push_back({"name", "", std::vector<std::string>{"e0", "out"}, -1});
        table.columns.push_back({"weights", "", std::vector<std::int64_t>{80, 9}, -1});
        Table memory;
        memory.columns.push_back({"what", "", std::vector<std::string>{"weights", "total, training"}, -1});
        memory.columns.push_back({"memory", "MiB", std::vector<double>{0.5, 3.25}, -1});
        const std::string summary =
            "U-Net, 89 weights, " + params.at("channels").dump() + " channels, " + params.at("classes").dump() + " classes";
        Json answer = {{"table", table.toJson()}, {"weights", 89}, {"summary", summary}};
        if (params.at("model").value("weights", 0) != 7000) { // with these it is as a worker of before
            answer["memory"] = memory.toJson();
            answer["batch-in-8-gib"] = 17;
            Result result;
            result.summary = summary;
            if (params.contains("objective") && params.at("objective").is_object())
                result.summary += ", " + params.at("objective").value("name", std::string("no objective"));
            table.title = "Layers";
            memory.title = "Memory";
            result.tables = {table, memory};
            Figure costs;
            costs.name = "layer-costs";
            XYPanel bars;
            bars.y.categories = {"e0", "out"};
            bars.x.label = "weights";
            Series weights;
            weights.kind = SeriesKind::Bar;
            weights.x = {80, 9};
            weights.y = {0, 1};
            bars.series = {weights};
            Panel panel;
            panel.content = bars;
            costs.panels = {panel};
            result.figures = {costs};
            answer["result"] = result.toJson();
        }
        return answer;
    }
    if (method == "simulate") {
        const std::filesystem::path folder = params.at("output").get<std::string>();
        std::filesystem::create_directories(folder);
        Array image(DType::UInt8, {48, 64}), labels(DType::UInt8, {48, 64});
        for (int i = 0; i < 48 * 64; ++i) {
            image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 251);
            labels.data<std::uint8_t>()[i] = i % 64 < 32 ? 0 : 255;
        }
        for (const auto &[name, page] : {std::pair{"tissue.tif", image}, std::pair{"tissue-labels.tif", labels}}) {
            TiffWriter writer(folder / name, 0);
            for (int z = 0; z < 4; ++z)
                writer.writePage(page);
            writer.close();
        }
        return {{"files", {(folder / "tissue.tif").string(), (folder / "tissue-labels.tif").string()}}};
    }
    if (simulating && method == "cancel") {
        send({{"id", *simulating},
              {"error", {{"kind", "cancelled"}, {"message", "The simulation was cancelled."}, {"where", ""}, {"wayOut", ""}}}});
        simulating.reset();
    }
    if (method != "stop" && method != "cancel" && method != "pause" && method != "resume")
        throw Error(
            {"method", "one of protocol/Protocol.h", "\"" + method + "\"", "use a window and a worker of the same version"});
    if (running && method == "stop")
        endRun(RunStatus::Stopped);
    else if (running && method == "cancel")
        endRun(RunStatus::Cancelled);
    else if (running && (method == "pause" || method == "resume")) {
        Event event;
        event.kind = method == "pause" ? Event::Kind::Paused : Event::Kind::Resumed;
        event.step = running->info.step;
        emitEvent(event);
    }
    return Json::object();
}

} // namespace

int main()
{
    FrameReader reader;
    std::vector<std::uint8_t> buffer(1 << 16);
    for (;;) {
        const auto n = ::read(0, buffer.data(), buffer.size());
        if (n <= 0)
            return 0;
        reader.append({buffer.data(), static_cast<std::size_t>(n)});
        while (auto message = reader.next()) {
            const std::int64_t id = message->at("id").get<std::int64_t>();
            const std::string method = message->at("method").get<std::string>();
            const Json params = message->value("params", Json::object());
            try {
                try {
                    if (method == "run")
                        startRun(id, params);
                    else if (method != "simulate" || !waitInSimulation(id, params))
                        send({{"id", id}, {"result", answer(id, method, params)}});
                } catch (const Json::exception &) {
                    throw Error({method, "the parameters of protocol/Protocol.h", "one missing or of another type", {}});
                }
            } catch (const Error &e) {
                send({{"id", id},
                      {"error",
                       {{"kind", "input"},
                        {"message", e.what()},
                        {"where", e.parts().where},
                        {"expected", e.parts().expected},
                        {"found", e.parts().found},
                        {"wayOut", e.parts().wayOut}}}});
            }
        }
    }
}
