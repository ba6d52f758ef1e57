#pragma once

#include "foundation/FormerNames.h"

#include <map>

namespace reticle {

/// Name -> schema and factory for one kind of thing ("model", "objective", "dataset", "analysis", "simulator").
/// Entries add themselves before main through a Registration at namespace scope of their .cpp file, which is why method
/// folders are object libraries: a static library would let the linker drop them.
/// Threads: filled before main, read-only after.
template <class Factory> class Registry
{
public:
    struct Entry
    {
        SchemaInfo schema;
        Factory factory;
    };

    /// The one registry of this factory type. `kind` is used in messages; each alias of a registry gives its own.
    static Registry &instance()
    {
        static Registry r;
        return r;
    }

    /// Throws Error for a second entry of one name. Before main that ends the program, which says both titles: a program
    /// that lacked one of them would tell nobody.
    void add(SchemaInfo schema, Factory factory)
    {
        const auto name = schema.name;
        if (const auto it = m_entries.find(name); it != m_entries.end())
            throw Error({"registry", "one entry named \"" + name + "\"",
                         "two, \"" + it->second.schema.title + "\" and \"" + schema.title + "\"", "rename one of them"});
        FormerNames::add(schema);
        m_entries.emplace(name, Entry{std::move(schema), std::move(factory)});
    }

    /// Throws Error naming what is known when `name` is not.
    const Entry &get(const std::string &name, const std::string &where = {}) const
    {
        const auto it = m_entries.find(name);
        if (it != m_entries.end())
            return it->second;
        const auto known = names();
        std::string all;
        for (const auto &n : known)
            all += (all.empty() ? "" : ", ") + n;
        throw Error({where, "one of " + all, "\"" + name + "\"", {}});
    }

    bool contains(const std::string &name) const { return m_entries.count(name) != 0; }

    std::vector<std::string> names() const
    {
        std::vector<std::string> n;
        for (const auto &[name, entry] : m_entries)
            n.push_back(name);
        return n;
    }

    /// In the order of their names; what a catalog holds of them, free of the factories' types.
    std::vector<SchemaInfo> schemas() const
    {
        std::vector<SchemaInfo> all;
        for (const auto &[name, entry] : m_entries)
            all.push_back(entry.schema);
        return all;
    }

    const std::map<std::string, Entry> &entries() const { return m_entries; }

private:
    std::map<std::string, Entry> m_entries;
};

/// `const Registration<ModuleFactory> unet(schema.info(), factory);` at namespace scope.
template <class Factory> struct Registration
{
    Registration(SchemaInfo schema, Factory factory) { Registry<Factory>::instance().add(std::move(schema), std::move(factory)); }
};

} // namespace reticle
