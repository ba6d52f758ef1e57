#include "worker/commands/Commands.h"

#include "simulate/Simulator.h"
#include "worker/Catalog.h"

#include <cstdio>

namespace reticle {

int SimulateCommand::run() const
{
    const SchemaInfo &schema = catalog().find("simulators", name);
    Json options = Json::object();
    for (const auto &s : sets) {
        const auto [field, value] = splitSetting(s);
        options[field] = schema.parse(field, value, name);
    }
    requireOutput(output, Place::Folder);
    for (const auto &file : simulate(name, options, seed, output))
        std::printf("%s\n", file.string().c_str());
    return 0;
}

} // namespace reticle
