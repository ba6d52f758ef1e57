#include "simulate/Simulator.h"

#include "protocol/CatalogParts.h"

namespace reticle {

namespace {

const CatalogKind simulators("simulators", [] { return Registry<SimulatorFactory>::instance().schemas(); });

} // namespace

} // namespace reticle
