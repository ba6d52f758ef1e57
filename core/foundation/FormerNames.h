#pragma once

#include "foundation/Schema.h"

#include <functional>

namespace reticle {

/// The schemas of this program whose fields had other names before, for readers of recipes that have no catalog: runs of
/// before are compared with those of today, and shown beside them.
/// Threads: any; filled before main, and where a catalog is received.
class FormerNames
{
public:
    /// Asked on first use, since a schema may be made of what registers later.
    static void add(const std::string &schema, std::function<SchemaInfo()> make);
    /// Where it has such fields.
    static void add(const SchemaInfo &schema);

    /// A recipe, or a section with its name, under the names of today. Sections are known by their key ("train") or their
    /// "name" ("unet"), at any depth.
    static Json current(const Json &recipe);
    /// The same under the first names, as recipes of before were written.
    static Json former(const Json &recipe);
};

/// `const FormerNamesOf train("train", [] { return TrainOptions::schema().info(); });` at namespace scope.
struct FormerNamesOf
{
    FormerNamesOf(const char *schema, std::function<SchemaInfo()> make) { FormerNames::add(schema, std::move(make)); }
};

} // namespace reticle
