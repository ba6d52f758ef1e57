#include "DescribeModel.h"

#include "Apart.h"
#include "ModelQuestions.h"
#include "TrainingJob.h"
#include "documents/JsonText.h"
#include "foundation/Params.h"
#include "learn/Models.h"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <limits>

namespace reticle {

namespace {

constexpr double kMostSeconds = 120;

/// The network that the parameters name: a recipe's, a run's, or by its sections and the images that it would see.
ModelQuestion questionIn(const Params &in)
{
    constexpr auto maximum = std::numeric_limits<std::int64_t>::max();
    if (in.has("recipe"))
        return questionOfRecipe(Recipe(in.object("recipe")),
                                {.channels = in.within("channels", 0, 65536, 0), .classes = in.within("classes", 0, 65536, 0)});
    if (in.has("run"))
        return questionOfRun(in.text("project"), in.within("run", 1, maximum));
    ModelQuestion q;
    q.model = in.object("model");
    if (in.has("objective"))
        q.objective = in.object("objective");
    q.train = in.object("train", Json::object());
    q.channels = in.whole("channels", 1);
    q.planes = in.whole("planes", 1);
    q.classes = in.whole("classes", 2);
    q.height = in.whole("height", 256);
    q.width = in.whole("width", 256);
    q.batch = in.whole("batch", 1);
    return q;
}

Json answerOf(const Json &params, bool small)
{
    auto q = questionIn(Params(params, "describe-model"));
    q.small = small;
    const auto d = describeModel(q);
    Json j;
    j["table"] = d.layers.toJson();
    j["weights"] = d.weights;
    j["macs"] = d.macs;
    j["activation-bytes"] = d.activationBytes;
    j["memory"] = d.memory.table().toJson();
    j["batch-in-8-gib"] = d.memory.batchThatFits(std::int64_t(8) << 30);
    j["widths"] = d.widths;
    j["summary"] = d.summary;
    j["result"] = d.result(memoryOfThisMachine()).toJson();
    return j;
}

/// Throws where the process did not end by itself.
void requireEnd(const ApartOutcome &outcome)
{
    if (outcome.stopped)
        throw Error(Error::Kind::Cancelled, "model", "The description was cancelled. Ask for it again.");
    const std::string wayOut = " Choose fewer weights or narrower layers.";
    if (outcome.late)
        throw Error(Error::Kind::Failed, "model",
                    fmt::format("Describing this network takes longer than {:.0f} s.", kMostSeconds) + wayOut);
    if (outcome.signal == 9)
        throw Error(Error::Kind::Failed, "model", "Describing this network takes more memory than there is." + wayOut);
    if (outcome.signal != 0)
        throw Error(Error::Kind::Failed, "model",
                    fmt::format("The library that computes the layers crashed on this network (signal {}).", outcome.signal) +
                        wayOut);
}

} // namespace

Json describeModelAnswer(const Json &params, const std::function<bool()> &goOn)
{
    try {
        return answerOf(params, true);
    } catch (const TooLargeForASession &) {
    }
    const auto outcome =
        runApart({"describe-model"}, params.dump(-1, ' ', false, Json::error_handler_t::replace), kMostSeconds, {}, goOn);
    requireEnd(outcome);
    const auto reply = tryJson(outcome.output);
    if (reply.is_object() && reply.contains("result"))
        return reply["result"];
    if (!reply.is_object() || !reply.contains("error"))
        throw Error(Error::Kind::Failed, "model", "The process that describes large networks gave no answer. Try again.");
    const auto &e = reply["error"];
    const auto kind = e.value("kind", 0) == 0 ? Error::Kind::Input : Error::Kind::Failed;
    if (e.value("expected", std::string()).empty())
        throw Error(kind, "", e.value("message", std::string("It failed.")));
    throw Error(kind, Error::Parts{e.value("where", ""), e.value("expected", ""), e.value("found", ""), e.value("wayOut", "")});
}

int describeModelHere()
{
    endWithParent();
    goFirstWhereMemoryRunsOut();
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    Json reply;
    try {
        try {
            reply["result"] = answerOf(readJson(text, "describe-model"), false);
        } catch (const Json::exception &) {
            throw Error({"describe-model", "the parameters of protocol/Protocol.h", "others", {}});
        } catch (...) {
            rethrowAsError();
        }
    } catch (const Error &e) {
        reply = {{"error",
                  {{"kind", e.kind() == Error::Kind::Input ? 0 : 1},
                   {"message", e.what()},
                   {"where", e.parts().where},
                   {"expected", e.parts().expected},
                   {"found", e.parts().found},
                   {"wayOut", e.parts().wayOut}}}};
    }
    std::printf("%s\n", reply.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    return 0;
}

int describeApart(std::vector<std::string> arguments)
{
    arguments.emplace_back("--here");
    const auto outcome = runApart(arguments, {}, kMostSeconds);
    requireEnd(outcome);
    std::fwrite(outcome.output.data(), 1, outcome.output.size(), stdout);
    return outcome.status;
}

} // namespace reticle
