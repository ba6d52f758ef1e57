#include "widgets/forms/EntryFields.h"

namespace reticle {

namespace {

std::string joined(const Field &chooser, const std::string &entry, const std::string &field)
{
    return chooser.name + "." + entry + "." + field;
}

/// As labels are: "Dry run" of "dry-run".
std::string titleOf(const Field &field)
{
    if (!field.title.empty())
        return field.title;
    std::string text = field.name;
    for (auto &c : text)
        if (c == '-')
            c = ' ';
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

/// The name that a flat value chooses, which may be anything.
std::string entryText(const Json &value)
{
    return value.is_string() ? value.get<std::string>() : std::string();
}

} // namespace

EntryFields::EntryFields(const SchemaInfo &schema) : m_given(schema), m_flat(schema)
{
    m_flat.fields.clear();
    for (const auto &f : schema.fields) {
        m_flat.fields.push_back(f);
        m_flat.fields.back().entries.clear();
        m_flat.fields.back().formerly.clear(); // flattened() has seen to it
        for (const auto &entry : f.entries)
            for (const auto &own : entry.fields) {
                Field field = own;
                field.title = titleOf(own);
                field.name = joined(f, entry.name, own.name);
                field.group = f.group;
                field.advanced = true;
                field.formerly.clear();
                m_flat.fields.push_back(std::move(field));
            }
    }
}

Json EntryFields::flattened(const Json &values) const
{
    if (!values.is_object())
        return values;
    Json flat = Json::object();
    const Json today = m_given.current(values);
    for (const auto &[key, value] : today.items()) {
        const Field *f = m_given.find(key);
        const Json name = value.is_object() ? value.value("name", Json()) : value;
        const SchemaInfo *entry = f && name.is_string() ? f->entry(name.get<std::string>()) : nullptr;
        if (!entry) {
            flat[key] = value;
            continue;
        }
        flat[key] = name;
        for (const auto &own : entry->fields)
            flat[joined(*f, entry->name, own.name)] =
                value.is_object() ? value.value(own.name, own.defaultValue) : own.defaultValue;
    }
    return flat;
}

Json EntryFields::gathered(const Json &flat) const
{
    Json values = Json::object();
    for (const auto &f : m_given.fields) {
        const Json value = flat.value(f.name, f.defaultValue);
        const SchemaInfo *entry = f.entry(entryText(value));
        if (!entry) {
            values[f.name] = value;
            continue;
        }
        Json own = Json::object();
        for (const auto &field : entry->fields)
            if (const Json v = flat.value(joined(f, entry->name, field.name), field.defaultValue); v != field.defaultValue)
                own[field.name] = v;
        values[f.name] = EntryOptions(entry->name, std::move(own));
    }
    return values;
}

bool EntryFields::isInForce(const std::string &field, const Json &flat) const
{
    const auto dot = field.find('.');
    if (dot == std::string::npos || m_given.find(field))
        return true;
    const Field *f = m_given.find(field.substr(0, dot));
    return !f || field.starts_with(joined(*f, entryText(flat.value(f->name, f->defaultValue)), {}));
}

std::string EntryFields::fieldOf(const std::string &path, const Json &flat) const
{
    const auto dot = path.find('.');
    const Field *f = dot == std::string::npos ? nullptr : m_given.find(path.substr(0, dot));
    if (!f || f->entries.empty())
        return path;
    const auto name = joined(*f, entryText(flat.value(f->name, f->defaultValue)), path.substr(dot + 1));
    return m_flat.find(name) ? name : path;
}

} // namespace reticle
