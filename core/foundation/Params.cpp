#include "foundation/Params.h"

#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"

namespace reticle {

namespace {
const Json none = Json::object();
}

Params::Params(const Json &params, std::string method) : m_params(params.is_null() ? &none : &params), m_method(std::move(method))
{
    if (!m_params->is_object())
        refuse("", "an object", foundText(params));
}

void Params::refuse(const std::string &key, const std::string &expected, const std::string &found) const
{
    throw Error({key.empty() ? m_method : m_method + ": " + key, expected, found, {}});
}

bool Params::has(const char *key) const
{
    return m_params->contains(key) && !m_params->at(key).is_null();
}

const Json *Params::find(const char *key, bool needed, const char *expected) const
{
    const auto it = m_params->find(key);
    if (it != m_params->end())
        return &*it;
    if (needed)
        refuse(key, expected, "none");
    return nullptr;
}

std::string Params::text(const char *key, std::optional<std::string> otherwise) const
{
    const Json *value = find(key, !otherwise, "text");
    if (!value)
        return *otherwise;
    if (!value->is_string() || value->get_ref<const std::string &>().find('\0') != std::string::npos)
        refuse(key, "text without a zero character", foundText(*value));
    return value->get<std::string>();
}

std::int64_t Params::whole(const char *key, std::optional<std::int64_t> otherwise) const
{
    const Json *value = find(key, !otherwise, "a whole number");
    if (!value)
        return *otherwise;
    const auto number = wholeNumber(*value);
    if (!number)
        refuse(key, "a whole number", foundText(*value));
    return *number;
}

std::int64_t Params::within(const char *key, std::int64_t low, std::int64_t high, std::optional<std::int64_t> otherwise) const
{
    const auto number = whole(key, otherwise);
    if (number < low || number > high)
        refuse(key, "a whole number from " + std::to_string(low) + " to " + std::to_string(high), std::to_string(number));
    return number;
}

Json Params::object(const char *key, std::optional<Json> otherwise) const
{
    const Json *value = find(key, !otherwise, "an object");
    if (!value)
        return *otherwise;
    if (!value->is_object())
        refuse(key, "an object", foundText(*value));
    return *value;
}

LiveParams::LiveParams(const Json &params, const SchemaInfo &schema)
    : Params(params, schema.name), m_given(object("options", Json::object()))
{
    Json settings = Json::object();
    const auto take = [&](const std::string &name) {
        for (const Json *from : {&all(), static_cast<const Json *>(&m_given)})
            if (const auto it = from->find(name); it != from->end()) {
                settings[name] = *it;
                return;
            }
    };
    for (const auto &field : schema.fields) {
        take(field.name);
        for (const auto &former : field.formerly)
            take(former);
    }
    m_settings = schema.validate(settings, schema.name);
}

Json LiveParams::options(const SchemaInfo &schema) const
{
    Json options = m_given;
    for (const auto &field : schema.fields)
        if (const auto it = m_settings.find(field.name); it != m_settings.end()) {
            options[field.name] = *it;
            for (const auto &former : field.formerly)
                options.erase(former);
        }
    return options;
}

} // namespace reticle
