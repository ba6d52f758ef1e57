#include "base/CatalogParts.h"
#include "base/Dataset.h"

namespace reticle {

namespace {

const CatalogKind datasets("datasets", [] { return Registry<DataKind>::instance().schemas(); });

} // namespace

} // namespace reticle
