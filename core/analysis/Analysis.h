#pragma once

#include "base/Event.h"
#include "base/Figure.h"
#include "base/Project.h"
#include "base/Registry.h"

namespace reticle {

/// What an analysis works on: a run of a project, or files that its options name.
struct AnalysisInput
{
    Project *project = nullptr;    ///< borrowed, may be null; only the calling thread may use it
    std::int64_t run = 0;          ///< 0 = none: the options must then name the files
    Json options = Json::object(); ///< as given; the factory got them validated, with defaults filled in
};

/// One question asked of a model or a data set. Registered by name with its options' schema (kind "analyses").
/// One object does one run() on one thread; it may use threads of its own inside.
class Analysis
{
public:
    virtual ~Analysis() = default;
    /// Emits Progress (and Warning) events, asks `control` at every slice. Throws Error: Kind::Input for what is wrong
    /// with options or files, Kind::Cancelled when `control` ends it. Keeps nothing in the project: the caller does.
    virtual Result run(const AnalysisInput &input, EventSink &events, RunControl &control) = 0;
};

/// From options validated against the registered schema.
using AnalysisFactory = std::function<std::unique_ptr<Analysis>(const Json &options)>;

/// Validates `input.options` by the schema of analysis `name`, makes it and runs it. Throws Error.
inline Result analyze(const std::string &name, const AnalysisInput &input, EventSink &events, RunControl &control)
{
    const auto &entry = Registry<AnalysisFactory>::instance().get(name, "analysis");
    return entry.factory(entry.schema.validate(input.options, name))->run(input, events, control);
}

} // namespace reticle
