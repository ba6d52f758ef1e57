#pragma once

#include "foundation/Registry.h"
#include "project/Recipe.h"

#include <functional>
#include <map>
#include <string>

namespace reticle {

/// What the folders of a program add to its catalog, so that whoever puts it together sees no registry and no type of
/// theirs: each registry its kind, each group of settings its section. They add themselves before main through a
/// CatalogKind or a CatalogSection at namespace scope of an object library. Threads: filled before main, read-only after.
class CatalogParts
{
public:
    using Schemas = std::function<std::vector<SchemaInfo>()>;
    using Fits = std::function<std::map<std::string, EntryFit>()>;

    /// Those of this program.
    static CatalogParts &instance();

    /// Each name once; throws Error for a second, as a registry does. What is given is called after main has begun, when
    /// all registrations are done.
    void addKind(const std::string &kind, Schemas schemas);
    void addSection(const std::string &section, std::function<SchemaInfo()> schema);
    void addFits(const std::string &kind, Fits fits); ///< of a kind's entries, by name
    Catalog catalog() const;

private:
    std::map<std::string, Schemas> m_kinds;
    std::map<std::string, std::function<SchemaInfo()>> m_sections;
    std::map<std::string, Fits> m_fits;
};

/// `const CatalogKind models("models", [] { return Registry<ModuleFactory>::instance().schemas(); });`
struct CatalogKind
{
    CatalogKind(const char *kind, CatalogParts::Schemas schemas) { CatalogParts::instance().addKind(kind, std::move(schemas)); }
};

/// `const CatalogSection train("train", [] { return TrainOptions::schema().info(); });`
struct CatalogSection
{
    CatalogSection(const char *section, std::function<SchemaInfo()> schema)
    {
        CatalogParts::instance().addSection(section, std::move(schema));
    }
};

/// `const CatalogFits models("models", [] { … });`: what the entries of a kind ask of the data.
struct CatalogFits
{
    CatalogFits(const char *kind, CatalogParts::Fits fits) { CatalogParts::instance().addFits(kind, std::move(fits)); }
};

} // namespace reticle
