#pragma once

#include "files/ImageSource.h"
#include "foundation/Params.h"
#include "foundation/Registry.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <typeindex>

namespace reticle {

class ImagePredictor;

/// What is open in a session of a worker: the model that was asked for last, kept ready, images, and what live queries keep
/// between their answers. One thread.
class OpenModel
{
public:
    virtual ~OpenModel() = default;

    /// The open model, made anew only where the options are others than the last time. `options`: fields of PredictOptions;
    /// `who` asks, for errors. Borrowed, good until the next call. Throws Error where none is open.
    virtual ImagePredictor &predictor(const Json &options, const std::string &who) = 0;
    /// An image or stack, the last few of which stay open; opened anew where the file has changed. Throws Error.
    virtual std::shared_ptr<ImageSource> image(const std::string &path) = 0;

    /// The one T of this session, made at the first asking: what several queries have in common.
    template <class T> T &kept()
    {
        auto &one = m_kept[std::type_index(typeid(T))];
        if (!one)
            one = std::make_shared<T>();
        return *static_cast<T *>(one.get());
    }

private:
    std::map<std::type_index, std::shared_ptr<void>> m_kept;
};

/// Asked now and then: false when nobody waits for the answer any more.
using StillWanted = std::function<bool()>;

/// Answers a page's questions in milliseconds while it is open, and keeps what makes the next answer quick. Registered by
/// name, which is the method of the protocol (protocol/Protocol.h), with the schema of its settings; the schema's help says
/// what stands beside these and what the answer holds. One object a session, made at its first question, on one thread.
class LiveQuery
{
public:
    virtual ~LiveQuery() = default;
    /// `params` with settings that are valid. Throws Error: Kind::Input for what is wrong with them, Kind::Cancelled soon
    /// after `stillWanted` says no.
    virtual Json ask(const LiveParams &params, OpenModel &model, const StillWanted &stillWanted) = 0;
};

using LiveQueryFactory = std::function<std::unique_ptr<LiveQuery>()>;

/// The live queries of one session. One thread.
class LiveQueries
{
public:
    static bool has(const std::string &name);
    /// Checks the settings by the schema of query `name` and asks it. Throws Error as LiveQuery::ask().
    Json ask(const std::string &name, const Json &params, OpenModel &model, const StillWanted &stillWanted);

private:
    std::map<std::string, std::unique_ptr<LiveQuery>> m_queries;
};

} // namespace reticle
