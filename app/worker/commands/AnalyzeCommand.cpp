#include "worker/commands/Commands.h"

#include "files/OutputGuard.h"
#include "worker/Catalog.h"
#include "worker/EventPrinter.h"
#include "worker/SignalControl.h"
#include "worker/WorkerTasks.h"

namespace reticle {

int AnalyzeCommand::run() const
{
    RunControl control;
    const SignalControl signals([&](int) { control.end(RunControl::End::Cancel); });
    EventPrinter printer(events, stdout);
    const SchemaInfo &schema = catalog().find("analyses", name);
    Json options = Json::object();
    for (const auto &s : sets) {
        const auto [field, value] = splitSetting(s);
        options[field] = schema.parse(field, value, name);
    }
    requireOutput(output, Place::Folder);
    const Result result = analyzeToFolder({name, project, run_, options, output}, printer, control).first;
    if (!events)
        std::printf("%s\nWritten to %s.\n", result.summary.c_str(), output.c_str());
    return 0;
}

} // namespace reticle
