#include "foundation/FormerNames.h"

#include <map>
#include <mutex>

namespace reticle {

namespace {

using Schemas = std::map<std::string, SchemaInfo>;

class Known
{
public:
    static Known &instance()
    {
        static Known known;
        return known;
    }
    void add(const std::string &name, std::function<SchemaInfo()> make)
    {
        const std::lock_guard lock(m_mutex);
        m_makers[name] = std::move(make);
        m_made.reset();
    }
    std::shared_ptr<const Schemas> all()
    {
        const std::lock_guard lock(m_mutex);
        if (!m_made) {
            auto made = std::make_shared<Schemas>();
            for (const auto &[name, make] : m_makers)
                made->emplace(name, make());
            m_made = std::move(made);
        }
        return m_made;
    }

private:
    std::mutex m_mutex;
    std::map<std::string, std::function<SchemaInfo()>> m_makers;
    std::shared_ptr<const Schemas> m_made;
};

using Change = Json (SchemaInfo::*)(const Json &) const;

Json changed(const Json &json, const std::string &key, const Schemas &schemas, Change change)
{
    if (json.is_array()) {
        Json list = Json::array();
        for (const auto &one : json)
            list.push_back(changed(one, {}, schemas, change));
        return list;
    }
    if (!json.is_object())
        return json;
    Json object = Json::object();
    for (const auto &[name, value] : json.items())
        object[name] = changed(value, name, schemas, change);
    const Json name = json.value("name", Json());
    const auto named = name.is_string() ? schemas.find(name.get<std::string>()) : schemas.end();
    const auto keyed = schemas.find(key);
    for (const auto &it : {named, keyed})
        if (it != schemas.end())
            object = (it->second.*change)(object);
    return object;
}

} // namespace

void FormerNames::add(const std::string &schema, std::function<SchemaInfo()> make)
{
    Known::instance().add(schema, std::move(make));
}

void FormerNames::add(const SchemaInfo &schema)
{
    if (schema.hasFormerNames())
        add(schema.name, [schema] { return schema; });
}

Json FormerNames::current(const Json &recipe)
{
    return changed(recipe, {}, *Known::instance().all(), &SchemaInfo::current);
}

Json FormerNames::former(const Json &recipe)
{
    return changed(recipe, {}, *Known::instance().all(), &SchemaInfo::former);
}

} // namespace reticle
