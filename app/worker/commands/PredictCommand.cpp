#include "worker/commands/Commands.h"

#include "worker/Catalog.h"
#include "worker/EventPrinter.h"
#include "worker/SignalControl.h"
#include "worker/WorkerTasks.h"

namespace reticle {

int PredictCommand::run() const
{
    RunControl control;
    const SignalControl signals([&](int) { control.end(RunControl::End::Cancel); });
    EventPrinter printer(events, stdout);
    const SchemaInfo &schema = catalog().sections.at("predict");
    Json values = Json::object();
    for (const auto &[field, value] : options)
        values[field] = schema.parse(field, value, "predict");
    const PredictTask task{project, run_, input, output, values};
    requirePredictionOutput(task);
    predictToFile(task, printer, control);
    if (!events)
        std::printf("Written to %s.\n", output.c_str());
    return 0;
}

} // namespace reticle
