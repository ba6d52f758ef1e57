#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "protocol/CatalogParts.h"

// What models and objectives ask of the data: which of them a form offers for a kind of data.

namespace reticle {

namespace {

const CatalogFits catalogFitsModels("models", [] {
    std::map<std::string, EntryFit> fits;
    for (const auto &[name, entry] : Registry<ModuleFactory>::instance().entries())
        fits[name] = {{}, {entry.factory.takes}};
    return fits;
});
const CatalogFits catalogFitsObjectives("objectives", [] {
    std::map<std::string, EntryFit> fits;
    for (const auto &[name, entry] : Registry<ObjectiveFactory>::instance().entries())
        fits[name] = {{entry.factory.task}, {}};
    return fits;
});

} // namespace

} // namespace reticle
