#pragma once

#include "files/OutputGuard.h"
#include "foundation/Registry.h"

#include <filesystem>
#include <functional>

namespace reticle {

/// How many of the parts are made; returns whether to continue.
using SimulationProgress = std::function<bool(std::int64_t done, std::int64_t total)>;

/// Makes data to order. From options validated against the registered schema (kind "simulators"): writes files into the
/// folder `output`, which is made where absent, and returns their paths, the data first and then what belongs to it
/// (labels). The same seed and options give the same bytes on every machine. A file that is there already is never replaced:
/// what a user may have changed since is not made again. `progress` is called now and then, on the calling thread: where it
/// says no, nothing is left of what was begun. Throws Error, then of Kind::Cancelled.
using SimulatorFactory = std::function<std::vector<std::filesystem::path>(
    const Json &options, std::uint64_t seed, const std::filesystem::path &output, const SimulationProgress &progress)>;

/// Validates `options` by the schema of simulator `name` and runs it. Throws Error.
inline std::vector<std::filesystem::path> simulate(
    const std::string &name, const Json &options, std::uint64_t seed, const std::filesystem::path &output,
    const SimulationProgress &progress = [](auto, auto) { return true; })
{
    const auto &entry = Registry<SimulatorFactory>::instance().get(name, "simulator");
    const Json valid = entry.schema.validate(options, name);
    requireOutput(output, Place::Folder);
    return entry.factory(valid, seed, output, progress);
}

} // namespace reticle
