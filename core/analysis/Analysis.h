#pragma once

#include "figure/Figure.h"
#include "files/OutputGuard.h"
#include "foundation/Registry.h"
#include "project/Project.h"
#include "protocol/Event.h"

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

/// Whether an analysis writes to the path in this field: "output", or a name that begins with "output-". All its other paths
/// are read.
bool isOutput(const Field &field);
/// What `options`, validated against `schema`, name to be read: no result is put over one of them while the object lives.
InputsInUse inputsOf(const SchemaInfo &schema, const Json &options);
/// Throws Error (Kind::Input) naming the field where a file that `options` name for writing may not go there.
void requireOutputs(const SchemaInfo &schema, const Json &options);
/// Throws Error where such a file would be written over by a result saved to `folder`: its tables, figures and result.json.
void requireApart(const SchemaInfo &schema, const Json &options, const std::filesystem::path &folder);
/// Adds the project's files and everything that was taken in as its data.
void protectProject(InputsInUse &inputs, const Project &project);

/// Validates `input.options` by the schema of analysis `name`, makes it and runs it. Before, every output is checked against
/// every input: its own files, the data of the project and the project itself. Throws Error.
Result analyze(const std::string &name, const AnalysisInput &input, EventSink &events, RunControl &control);

} // namespace reticle
