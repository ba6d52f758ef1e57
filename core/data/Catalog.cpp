#include "data/Dataset.h"
#include "protocol/CatalogParts.h"

namespace reticle {

namespace {

const CatalogKind datasets("datasets", [] { return Registry<DataKind>::instance().schemas(); });
const CatalogFits catalogServed("datasets", [] {
    std::map<std::string, EntryFit> fits;
    for (const auto &[name, entry] : Registry<DataKind>::instance().entries())
        fits[name] = {entry.factory.tasks, entry.factory.arrays};
    return fits;
});

} // namespace

} // namespace reticle
