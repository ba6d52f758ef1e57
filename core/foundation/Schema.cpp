#include "foundation/Schema.h"

#include "documents/JsonText.h"
#include "documents/PlainText.h"
#include "foundation/JsonReader_p.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace reticle {

namespace {

constexpr std::array<std::pair<Field::Type, const char *>, 8> typeNames{{
    {Field::Type::Bool, "bool"},
    {Field::Type::Integer, "integer"},
    {Field::Type::Real, "real"},
    {Field::Type::Text, "text"},
    {Field::Type::Choice, "choice"},
    {Field::Type::Path, "path"},
    {Field::Type::IntegerList, "integers"},
    {Field::Type::RealList, "reals"},
}};

std::string schemaNumber(double v)
{
    return v == std::floor(v) && std::abs(v) < 1e15 ? std::to_string(static_cast<long long>(v)) : Json(v).dump();
}

std::string rangeText(const Field &f)
{
    std::string s;
    if (f.min && f.max)
        s = " between " + schemaNumber(*f.min) + " and " + schemaNumber(*f.max);
    else if (f.min)
        s = " of at least " + schemaNumber(*f.min);
    else if (f.max)
        s = " of at most " + schemaNumber(*f.max);
    if (!s.empty() && !f.unit.empty())
        s += " " + f.unit;
    return s;
}

/// All names; of a long list, numbered ones that follow one another are drawn together: "db1-20".
std::string listOf(const std::vector<std::string> &names)
{
    constexpr std::size_t readable = 20;
    const auto stem = [](const std::string &name) { return name.substr(0, name.find_first_of("0123456789")); };
    std::string list;
    for (std::size_t i = 0, end = 0; i < names.size(); i = end) {
        const auto letters = stem(names[i]);
        for (end = i + 1; end < names.size() && letters.size() < names[i].size() && stem(names[end]) == letters;)
            ++end;
        if (names.size() <= readable || end - i < 3)
            end = i + 1;
        list += (list.empty() ? "" : ", ") + names[i];
        if (end > i + 1)
            list += "-" + names[end - 1].substr(letters.size());
    }
    return list;
}

std::string countText(const Field &f)
{
    return f.length == 0 ? std::string() : std::to_string(f.length) + " ";
}

std::string expectation(const Field &f)
{
    switch (f.type) {
    case Field::Type::Bool: return "true or false";
    case Field::Type::Integer: return "a whole number" + rangeText(f);
    case Field::Type::Real: return "a number" + rangeText(f);
    case Field::Type::Text: return "text";
    case Field::Type::Path: return "a path";
    case Field::Type::IntegerList: return "a list of " + countText(f) + "whole numbers" + rangeText(f);
    case Field::Type::RealList: return "a list of " + countText(f) + "numbers" + rangeText(f);
    case Field::Type::Choice: break;
    }
    return "one of " + listOf(f.choices);
}

/// Text that the system takes whole as a name, which ends at a NUL, and that JSON can hold, which is UTF-8.
bool isPlainText(const Json &v)
{
    if (!v.is_string())
        return false;
    const auto &text = v.get_ref<const std::string &>();
    return text.find('\0') == std::string::npos && validUtf8(text) == text;
}

/// The way out where a text was refused for its letters.
std::string wayOutOf(const Field &f, const Json &v)
{
    if (!v.is_string() || (f.type != Field::Type::Text && f.type != Field::Type::Path))
        return {};
    if (v.get_ref<const std::string &>().find('\0') != std::string::npos)
        return "remove the zero character";
    return f.type == Field::Type::Path ? "rename the file so that its name is UTF-8" : "write it in UTF-8";
}

/// The value in its canonical form, or nothing where it does not fit.
std::optional<Json> fitted(const Field &f, const Json &v)
{
    const auto inRange = [&](double d) { return !(f.min && d < *f.min) && !(f.max && d > *f.max); };
    const auto whole = [&](const Json &n) -> std::optional<Json> {
        const auto whole = wholeNumber(n);
        return whole && inRange(static_cast<double>(*whole)) ? std::optional<Json>(*whole) : std::nullopt;
    };
    const auto real = [&](const Json &n) -> std::optional<Json> {
        if (!n.is_number() || !std::isfinite(n.get<double>()) || !inRange(n.get<double>()))
            return std::nullopt;
        return Json(n.get<double>());
    };
    switch (f.type) {
    case Field::Type::Bool: return v.is_boolean() ? std::optional<Json>(v) : std::nullopt;
    case Field::Type::Integer: return whole(v);
    case Field::Type::Real: return real(v);
    case Field::Type::Text:
    case Field::Type::Path: return isPlainText(v) ? std::optional<Json>(v) : std::nullopt;
    case Field::Type::Choice:
        for (const auto &c : f.choices)
            if (v.is_string() && v.get<std::string>() == c)
                return v;
        return std::nullopt;
    case Field::Type::IntegerList:
    case Field::Type::RealList: break;
    }
    if (!v.is_array() || (f.length > 0 && v.size() != f.length))
        return std::nullopt;
    Json list = Json::array();
    for (const auto &e : v) {
        auto n = f.type == Field::Type::IntegerList ? whole(e) : real(e);
        if (!n)
            return std::nullopt;
        list.push_back(std::move(*n));
    }
    return list;
}

/// Of the type alone: what a form can show, whether or not it lies within the range.
bool hasType(Field::Type type, const Json &v)
{
    const auto all = [&](bool (Json::*is)() const noexcept) {
        return v.is_array() && std::all_of(v.begin(), v.end(), [&](const Json &e) { return (e.*is)(); });
    };
    switch (type) {
    case Field::Type::Bool: return v.is_boolean();
    case Field::Type::Integer: return v.is_number_integer();
    case Field::Type::Real: return v.is_number();
    case Field::Type::IntegerList: return all(&Json::is_number_integer);
    case Field::Type::RealList: return all(&Json::is_number);
    case Field::Type::Text:
    case Field::Type::Path:
    case Field::Type::Choice: break;
    }
    return v.is_string();
}

std::string joined(const std::string &where, const std::string &name)
{
    return where.empty() ? name : where + "." + name;
}

Error unknownField(const SchemaInfo &schema, const std::string &name, const std::string &where)
{
    std::vector<std::string> names;
    for (const auto &f : schema.fields)
        names.push_back(f.name);
    const auto near = nearestName(name, names);
    std::string all;
    for (const auto &n : names)
        all += (all.empty() ? "" : ", ") + n;
    return Error({joined(where, name), "a field of \"" + schema.name + "\"", "an unknown name",
                  near.empty() ? "the fields are: " + all : "did you mean \"" + near + "\"?"});
}

constexpr std::string_view beside = "../";

/// The name of the entry that `value` chooses; that of the default where it chooses none.
std::string chosenName(const Field &f, const Json &options)
{
    const auto it = options.find(f.name);
    const Json &value = it != options.end() ? *it : f.defaultValue;
    if (value.is_string())
        return value.get<std::string>();
    const Json name = value.is_object() ? value.value("name", Json()) : Json();
    return name.is_string() ? name.get<std::string>() : std::string();
}

/// An object with a name and fields as the setting that it is; throws Error naming the field.
Json fittedEntry(const Field &f, const Json &value, const std::string &where)
{
    const Json name = value.value("name", Json());
    const SchemaInfo *entry = name.is_string() ? f.entry(name.get<std::string>()) : nullptr;
    if (!entry)
        throw Error({where + ".name", expectation(f), name.is_null() ? "none" : foundText(name), {}});
    const Json checked = entry->validate(value, where);
    Json own = Json::object();
    for (const auto &field : entry->fields)
        if (checked.at(field.name) != field.defaultValue)
            own[field.name] = checked.at(field.name);
    return EntryOptions(entry->name, std::move(own));
}

/// A field of an entry that once stood beside the field that chooses the entry.
struct Moved
{
    const Field *chooser;
    const SchemaInfo *entry;
    const Field *field;
    std::string name; ///< the key of before
};

std::vector<Moved> movedFields(const SchemaInfo &schema)
{
    std::vector<Moved> all;
    for (const auto &chooser : schema.fields)
        for (const auto &entry : chooser.entries)
            for (const auto &field : entry.fields)
                for (const auto &former : field.formerly)
                    if (former.starts_with(beside) && !schema.find(former.substr(beside.size())))
                        all.push_back({&chooser, &entry, &field, former.substr(beside.size())});
    return all;
}

/// The first of its names of before that stood where it stands now.
const std::string *formerName(const Field &f)
{
    for (const auto &name : f.formerly)
        if (!name.starts_with(beside))
            return &name;
    return nullptr;
}

} // namespace

void to_json(Json &json, const EntryOptions &options)
{
    if (options.fields.empty()) {
        json = options.name;
        return;
    }
    json = Json{{"name", options.name}};
    for (const auto &[key, value] : options.fields.items())
        json[key] = value;
}

void from_json(const Json &json, EntryOptions &options)
{
    options = json.is_string() ? json.get<std::string>() : json.at("name").get<std::string>();
    if (json.is_object())
        for (const auto &[key, value] : json.items())
            if (key != "name")
                options.fields[key] = value;
}

const SchemaInfo *Field::entry(std::string_view entryName) const
{
    for (const auto &e : entries)
        if (e.name == entryName)
            return &e;
    return nullptr;
}

Json Field::toJson() const
{
    Json j;
    j["name"] = name;
    if (!title.empty())
        j["title"] = title;
    for (const auto &[t, n] : typeNames)
        if (t == type)
            j["type"] = n;
    j["default"] = defaultValue;
    if (min)
        j["min"] = *min;
    if (max)
        j["max"] = *max;
    if (!unit.empty())
        j["unit"] = unit;
    j["help"] = help;
    if (!choices.empty())
        j["choices"] = choices;
    if (!group.empty())
        j["group"] = group;
    if (advanced)
        j["advanced"] = true;
    if (!about.empty())
        j["about"] = about;
    if (length > 0)
        j["length"] = length;
    if (!formerly.empty())
        j["formerly"] = formerly;
    for (const auto &e : entries)
        j["entries"].push_back(e.toJson());
    return j;
}

Field Field::fromJson(const Json &j)
{
    Field f;
    f.name = j.at("name").get<std::string>();
    f.title = j.value("title", "");
    const auto type = j.at("type").get<std::string>();
    for (const auto &[t, n] : typeNames)
        if (type == n)
            f.type = t;
    f.defaultValue = j.at("default");
    if (j.contains("min"))
        f.min = j["min"].get<double>();
    if (j.contains("max"))
        f.max = j["max"].get<double>();
    f.unit = j.value("unit", "");
    f.help = j.value("help", "");
    f.choices = j.value("choices", std::vector<std::string>{});
    f.group = j.value("group", "");
    f.advanced = j.value("advanced", false);
    f.about = j.value("about", "");
    f.length = j.value("length", std::size_t(0));
    f.formerly = j.value("formerly", std::vector<std::string>{});
    for (const auto &e : j.value("entries", Json::array()))
        f.entries.push_back(SchemaInfo::fromJson(e));
    if (!hasType(f.type, f.defaultValue))
        throw Error({"schema: " + f.name + ": default",
                     expectation({.type = f.type, .choices = f.choices}),
                     foundText(f.defaultValue),
                     {}});
    return f;
}

const Field *SchemaInfo::find(std::string_view fieldName) const
{
    for (const auto &f : fields)
        if (f.name == fieldName)
            return &f;
    return nullptr;
}

const Field *SchemaInfo::findFormer(std::string_view fieldName) const
{
    if (find(fieldName))
        return nullptr;
    for (const auto &f : fields)
        if (std::find(f.formerly.begin(), f.formerly.end(), fieldName) != f.formerly.end())
            return &f;
    return nullptr;
}

Json SchemaInfo::defaults() const
{
    Json j = Json::object();
    for (const auto &f : fields)
        j[f.name] = f.defaultValue;
    return j;
}

Json SchemaInfo::validate(const Json &options, const std::string &where) const
{
    if (!options.is_object() && !options.is_null())
        throw Error({where.empty() ? name : where, "an object with the fields of \"" + name + "\"", foundText(options), {}});
    Json result = defaults();
    if (options.is_null())
        return result;
    for (const auto &moved : movedFields(*this))
        if (const auto it = options.find(moved.name); it != options.end() && !fitted(*moved.field, *it))
            throw Error({joined(where, moved.name), expectation(*moved.field), foundText(*it), {}});
    const Json today = current(options);
    for (const auto &[key, value] : today.items()) {
        if (key == "name" && !find("name"))
            continue;
        if (!key.empty() && key[0] == '_')
            continue;
        const Field *f = find(key);
        if (const Field *other = f ? nullptr : findFormer(key))
            throw Error({joined(where, key), "one of \"" + other->name + "\" and \"" + key + "\"", "both",
                         "remove \"" + key + "\", the earlier name"});
        if (!f)
            throw unknownField(*this, key, where);
        if (!f->entries.empty() && value.is_object()) {
            result[key] = fittedEntry(*f, value, joined(where, key));
            continue;
        }
        auto v = fitted(*f, value);
        if (!v)
            throw Error({joined(where, key), expectation(*f), foundText(value), wayOutOf(*f, value)});
        result[key] = std::move(*v);
    }
    return result;
}

Json SchemaInfo::parse(const std::string &fieldName, const std::string &value, const std::string &where) const
{
    const Field *f = find(fieldName);
    if (!f)
        f = findFormer(fieldName);
    if (!f)
        for (const auto &moved : movedFields(*this))
            if (moved.name == fieldName)
                f = moved.field;
    if (!f)
        throw unknownField(*this, fieldName, where);
    Json v;
    if (f->type == Field::Type::Text || f->type == Field::Type::Path || f->type == Field::Type::Choice) {
        v = value;
    } else {
        // "1,2,3" for lists; numbers and booleans as JSON writes them, which no locale changes.
        const bool list = f->type == Field::Type::IntegerList || f->type == Field::Type::RealList;
        const auto text = list && (value.empty() || value[0] != '[') ? "[" + value + "]" : value;
        v = tryJson(text);
        if (f->type == Field::Type::Bool && (value == "yes" || value == "on" || value == "1"))
            v = true;
        if (f->type == Field::Type::Bool && (value == "no" || value == "off" || value == "0"))
            v = false;
    }
    auto ok = v.is_discarded() ? std::nullopt : fitted(*f, v);
    if (!ok)
        throw Error({joined(where, fieldName), expectation(*f), "\"" + value + "\"", wayOutOf(*f, v)});
    return *ok;
}

void SchemaInfo::set(Json &options, const std::string &path, const std::string &value, const std::string &where) const
{
    const auto dot = path.find('.');
    const auto first = path.substr(0, dot);
    const Field *f = find(first) ? find(first) : findFormer(first);
    Json today = options.is_object() ? renamed(options) : Json::object();
    if (dot == std::string::npos || path.substr(dot) == ".name") {
        Json parsed = parse(dot == std::string::npos || (f && !f->entries.empty()) ? first : path, value, where);
        // What once stood beside an entry gives way to the entry's own field, which is then what has to be set.
        for (const auto &m : f ? std::vector<Moved>() : movedFields(*this)) {
            if (m.name != first || chosenName(*m.chooser, today) != m.entry->name)
                continue;
            if (Json own = today.value(m.chooser->name, Json()); own.is_object() && own.contains(m.field->name)) {
                own[m.field->name] = parsed;
                today[m.chooser->name] = std::move(own);
            }
        }
        if (!f || f->entries.empty() || !today.contains(f->name) || parsed != chosenName(*f, today))
            today[f ? f->name : first] = std::move(parsed);
    } else {
        if (!f || f->entries.empty())
            throw unknownField(*this, path, where);
        const auto chosen = chosenName(*f, today);
        const SchemaInfo *entry = f->entry(chosen);
        if (!entry)
            throw Error({joined(where, f->name), expectation(*f), "\"" + chosen + "\"", {}});
        Json own = today.value(f->name, Json());
        if (!own.is_object())
            own = {{"name", chosen}};
        entry->set(own, path.substr(dot + 1), value, joined(where, f->name));
        today[f->name] = std::move(own);
    }
    options = std::move(today);
}

bool SchemaInfo::hasFormerNames() const
{
    return std::any_of(fields.begin(), fields.end(), [](const Field &f) {
        return !f.formerly.empty() ||
               std::any_of(f.entries.begin(), f.entries.end(), [](const SchemaInfo &e) { return e.hasFormerNames(); });
    });
}

/// The keys alone, so that what once stood elsewhere keeps its place until all is known.
Json SchemaInfo::renamed(const Json &options) const
{
    Json today = Json::object();
    for (const auto &[key, value] : options.items()) {
        const Field *f = findFormer(key);
        today[f && !options.contains(f->name) ? f->name : key] = value;
    }
    return today;
}

Json SchemaInfo::current(const Json &options) const
{
    if (!options.is_object() || !hasFormerNames())
        return options;
    Json today = renamed(options);
    for (const auto &f : fields)
        if (const SchemaInfo *entry = f.entry(chosenName(f, today)); entry && today.contains(f.name) && today[f.name].is_object())
            today[f.name] = entry->current(today[f.name]);
    const auto moved = movedFields(*this);
    for (const auto &m : moved) {
        const auto it = today.find(m.name);
        if (it == today.end() || chosenName(*m.chooser, today) != m.entry->name || *it == m.field->defaultValue)
            continue;
        const Json value = *it;
        Json &own = today[m.chooser->name];
        if (!own.is_object())
            own = {{"name", m.entry->name}};
        if (!own.contains(m.field->name))
            own[m.field->name] = value;
    }
    for (const auto &m : moved)
        today.erase(m.name);
    return today;
}

Json SchemaInfo::former(const Json &options) const
{
    if (!options.is_object() || !hasFormerNames())
        return options;
    Json before = options;
    for (const auto &m : movedFields(*this)) {
        const auto it = before.find(m.chooser->name);
        if (it == before.end())
            continue;
        Json value = m.field->defaultValue;
        if (chosenName(*m.chooser, before) == m.entry->name && it->is_object() && it->contains(m.field->name)) {
            value = it->at(m.field->name);
            it->erase(m.field->name);
            if (it->size() == 1)
                *it = m.entry->name;
        }
        before[m.name] = std::move(value);
    }
    Json named = Json::object();
    for (const auto &[key, value] : before.items()) {
        const Field *f = find(key);
        const auto *name = f ? formerName(*f) : nullptr;
        const SchemaInfo *entry = f && value.is_object() ? f->entry(chosenName(*f, before)) : nullptr;
        named[name ? *name : key] = entry ? entry->former(value) : value;
    }
    return named;
}

Json SchemaInfo::toJson() const
{
    Json j;
    j["name"] = name;
    j["title"] = title;
    if (!help.empty())
        j["help"] = help;
    j["fields"] = Json::array();
    for (const auto &f : fields)
        j["fields"].push_back(f.toJson());
    return j;
}

SchemaInfo SchemaInfo::fromJson(const Json &j)
{
    SchemaInfo s;
    try {
        s.name = j.at("name").get<std::string>();
        s.title = j.value("title", "");
        s.help = j.value("help", "");
        for (const auto &f : j.at("fields"))
            s.fields.push_back(Field::fromJson(f));
    } catch (const Json::exception &) {
        throw Error({"schema", "a name and fields with name, type and default", "something else", {}});
    }
    return s;
}

} // namespace reticle
