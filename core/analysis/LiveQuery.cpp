#include "analysis/LiveQuery.h"

#include "protocol/CatalogParts.h"

namespace reticle {

namespace {

const CatalogKind liveQueries("live-queries", [] { return Registry<LiveQueryFactory>::instance().schemas(); });

} // namespace

bool LiveQueries::has(const std::string &name)
{
    return Registry<LiveQueryFactory>::instance().contains(name);
}

Json LiveQueries::ask(const std::string &name, const Json &params, OpenModel &model, const StillWanted &stillWanted)
{
    const auto &entry = Registry<LiveQueryFactory>::instance().get(name, "live query");
    const LiveParams checked(params, entry.schema);
    auto &query = m_queries[name];
    if (!query)
        query = entry.factory();
    return query->ask(checked, model, stillWanted);
}

} // namespace reticle
