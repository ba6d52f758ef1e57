#include "Commands.h"

#include "Catalog.h"
#include "EventPrinter.h"
#include "SignalControl.h"
#include "WorkerTasks.h"
#include "base/files/OutputGuard.h"
#include "base/files/StackWriter.h"

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
    requireOutput(output, stackPlace(output));
    predictToFile({project, run_, input, output, values}, printer, control);
    if (!events)
        std::printf("Written to %s.\n", output.c_str());
    return 0;
}

} // namespace reticle
