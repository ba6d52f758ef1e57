#include "protocol/CatalogParts.h"

namespace reticle {

CatalogParts &CatalogParts::instance()
{
    static CatalogParts parts;
    return parts;
}

void CatalogParts::addKind(const std::string &kind, Schemas schemas)
{
    if (!m_kinds.emplace(kind, std::move(schemas)).second)
        throw Error({"catalog", "one kind named \"" + kind + "\"", "two", "rename one of them"});
}

void CatalogParts::addSection(const std::string &section, std::function<SchemaInfo()> schema)
{
    if (!m_sections.emplace(section, std::move(schema)).second)
        throw Error({"catalog", "one section named \"" + section + "\"", "two", "rename one of them"});
}

void CatalogParts::addFits(const std::string &kind, Fits fits)
{
    if (!m_fits.emplace(kind, std::move(fits)).second)
        throw Error({"catalog", "fits of \"" + kind + "\" said once", "twice", "leave one out"});
}

Catalog CatalogParts::catalog() const
{
    Catalog c;
    for (const auto &[kind, schemas] : m_kinds)
        c.kinds[kind] = schemas();
    for (const auto &[section, schema] : m_sections)
        c.sections[section] = schema();
    for (const auto &[kind, fits] : m_fits)
        c.fits[kind] = fits();
    return c;
}

} // namespace reticle
