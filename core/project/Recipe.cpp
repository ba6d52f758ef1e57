#include "project/Recipe_p.h"

#include "documents/JsonText.h"
#include "foundation/FormerNames.h"
#include "foundation/JsonReader_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace reticle {

namespace {

const Json emptyObject = Json::object();

std::string joined(const std::vector<std::string> &names)
{
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace

const SchemaInfo &schemaOf(const std::string &section, const Json &content, const Catalog &catalog)
{
    const auto *known = Recipe::findSection(section);
    const std::string kind = known ? known->kind : "", byDefault = known ? known->defaultName : "";
    if (!content.is_null() && !content.is_object())
        throw Error({section, "an object", foundText(content), {}});
    if (kind.empty()) {
        const auto it = catalog.sections.find(section);
        if (it == catalog.sections.end())
            throw Error({section, "a section that this program knows", "none of that name", {}});
        return it->second;
    }
    const auto all = catalog.kinds.find(kind);
    if (content.is_null() || !content.contains("name")) {
        if (all != catalog.kinds.end())
            for (const auto &s : all->second)
                if (s.name == byDefault)
                    return s;
        if (all != catalog.kinds.end() && all->second.size() == 1)
            return all->second.front();
        std::vector<std::string> names;
        if (all != catalog.kinds.end())
            for (const auto &s : all->second)
                names.push_back(s.name);
        throw Error({section + ".name", "one of " + joined(names), "none", {}});
    }
    if (!content.at("name").is_string())
        throw Error({section + ".name", "text", foundText(content.at("name")), {}});
    try {
        return catalog.find(kind, content.at("name").get<std::string>());
    } catch (const Error &e) {
        throw Error({section + ".name", e.parts().expected, e.parts().found, e.parts().wayOut});
    }
}

namespace {

bool hasSchema(const std::string &section, const Json &content, const Catalog &catalog)
{
    try {
        schemaOf(section, content, catalog);
        return true;
    } catch (const Error &) {
        return false;
    }
}

/// A key of a section, for a sentence: the name that a value chooses ("model.name=unet" for "unet"), or the first that
/// its schema has.
std::string exampleKey(const std::string &section, const Json &content, const std::string &value, const Catalog &catalog)
{
    if (section == "compare")
        return "compare.seeds";
    const auto *known = Recipe::findSection(section);
    const std::string kind = known ? known->kind : "";
    if (const auto all = catalog.kinds.find(kind); !kind.empty() && all != catalog.kinds.end())
        for (const auto &s : all->second)
            if (s.name == value)
                return section + ".name=" + value;
    try {
        const auto &fields = schemaOf(section, content, catalog).fields;
        return section + "." + (fields.empty() ? "name" : fields.front().name);
    } catch (const Error &) { // its name is not set yet
        return section + ".name";
    }
}

void flatten(const Json &j, const std::string &path, std::map<std::string, std::string> &into)
{
    if (j.is_object()) {
        for (const auto &[key, value] : j.items())
            flatten(value, path.empty() ? key : path + "." + key, into);
    } else {
        into[path] = j.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
}

} // namespace

const SchemaInfo &Catalog::find(const std::string &kind, const std::string &name) const
{
    std::vector<std::string> names;
    if (const auto it = kinds.find(kind); it != kinds.end())
        for (const auto &s : it->second) {
            if (s.name == name)
                return s;
            names.push_back(s.name);
        }
    const auto near = nearestName(name, names);
    throw Error({kind, names.empty() ? "a kind with entries" : "one of " + joined(names), "\"" + name + "\"",
                 near.empty() ? "" : "did you mean \"" + near + "\"?"});
}

Json Catalog::toJson() const
{
    Json j;
    j["kinds"] = Json::object();
    for (const auto &[kind, schemas] : kinds) {
        Json list = Json::array();
        for (const auto &s : schemas)
            list.push_back(s.toJson());
        j["kinds"][kind] = std::move(list);
    }
    j["sections"] = Json::object();
    for (const auto &[name, schema] : sections)
        j["sections"][name] = schema.toJson();
    for (const auto &[kind, entries] : fits)
        for (const auto &[name, fit] : entries)
            j["fits"][kind][name] = fit.toJson();
    return j;
}

EntryFit Catalog::fitOf(const std::string &kind, const std::string &name) const
{
    const auto entries = fits.find(kind);
    if (entries == fits.end())
        return {};
    const auto it = entries->second.find(name);
    return it == entries->second.end() ? EntryFit() : it->second;
}

Catalog Catalog::fromJson(const Json &json)
{
    Catalog c;
    try {
        for (const auto &[kind, list] : json.at("kinds").items()) {
            auto &schemas = c.kinds[kind];
            for (const auto &s : list)
                schemas.push_back(SchemaInfo::fromJson(s));
        }
        for (const auto &[name, schema] : json.at("sections").items())
            c.sections[name] = SchemaInfo::fromJson(schema);
        const Json fits = json.value("fits", Json::object());
        for (const auto &[kind, entries] : fits.items())
            for (const auto &[name, fit] : entries.items())
                c.fits[kind][name] = EntryFit::fromJson(fit);
    } catch (const Json::exception &) {
        throw Error({"catalog", "kinds and sections with schemas", "something else", {}});
    } catch (const Error &e) {
        throw e.within("catalog");
    }
    for (const auto &[kind, schemas] : c.kinds)
        for (const auto &schema : schemas)
            FormerNames::add(schema);
    for (const auto &[name, schema] : c.sections)
        FormerNames::add(schema);
    return c;
}

const SchemaInfo &Recipe::head()
{
    struct Head
    {
        std::string title;
        std::int64_t seed = 1;
        std::string device = "auto";
    };
    static const SchemaInfo info =
        Schema<Head>("recipe", "What stands beside the sections of a recipe")
            .field(&Head::title, {.name = "title", .help = "Name of the run in lists"})
            .field(&Head::seed, {.name = "seed",
                                 .help = "Start of every random choice: one seed on one device gives the same numbers",
                                 .min = 0,
                                 .max = 9007199254740991.0})
            .field(&Head::device,
                   {.name = "device", .help = "Where tensors live: auto (CUDA where there is one), cpu, cuda or cuda:N"})
            .info();
    return info;
}

const std::vector<RecipeSection> &Recipe::sections()
{
    static const std::vector<RecipeSection> all{
        {"data", "Data", "datasets", "segmentation"}, // recipes of old have data without a name
        {"model", "Model", "models", ""},
        {"objective", "Objective", "objectives", ""},
        {"augment", "Augmentation", "", ""},
        {"train", "Training", "", ""},
    };
    return all;
}

const std::vector<std::string> &Recipe::sectionNames()
{
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (const auto &section : sections())
            list.emplace_back(section.name);
        return list;
    }();
    return names;
}

const RecipeSection *Recipe::findSection(const std::string &name)
{
    for (const auto &section : sections())
        if (name == section.name)
            return &section;
    return nullptr;
}

Recipe::Recipe(Json document) : m_json(std::move(document))
{
    if (!m_json.is_object())
        throw Error({"recipe", "a JSON object", foundText(m_json), {}});
}

Recipe Recipe::load(const std::string &path)
{
    const std::string text = readTextFile(path, "a recipe");
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        throw Error({path, "a recipe", "an empty file", {}});
    Json document = readJson(text, path);
    if (!document.is_object())
        throw Error({path, "a JSON object", foundText(document), {}});
    return Recipe(std::move(document));
}

void Recipe::set(const std::string &path, const std::string &value, const Catalog &catalog)
{
    const auto dot = path.find('.');
    if (const auto whole = path.substr(0, dot); dot == std::string::npos || dot + 1 == path.size())
        if (std::ranges::find(sectionNames(), whole) != sectionNames().end() || whole == "compare")
            throw Error(Error::Kind::Input, path,
                        fmt::format("This is a whole section of the recipe, not a value. Set one of its keys, such as {}.",
                                    exampleKey(whole, m_json.value(whole, Json()), value, catalog)));
    if (dot == std::string::npos) {
        if (!head().find(path)) {
            std::vector<std::string> known{"title", "seed", "device"};
            for (const auto &s : sectionNames())
                known.push_back(s + ".…");
            throw Error({path, "one of " + joined(known), "an unknown name", {}});
        }
        m_json[path] = head().parse(path, value);
        return;
    }
    const std::string section = path.substr(0, dot), field = path.substr(dot + 1);
    if (section == "compare") {
        setCompared(field, value, catalog);
        return;
    }
    const auto &sections = sectionNames();
    if (std::find(sections.begin(), sections.end(), section) == sections.end()) {
        const auto near = nearestName(section, sections);
        throw Error(
            {path, "a section " + joined(sections), "\"" + section + "\"", near.empty() ? "" : "did you mean \"" + near + "\"?"});
    }
    Json content = m_json.contains(section) ? m_json[section] : Json::object();
    if (field == "name" && *findSection(section)->kind) {
        Json named = Json::object();
        named["name"] = value;
        const SchemaInfo &schema = schemaOf(section, named, catalog);
        const Json before = schema.current(content);
        if (before.is_object())
            for (const auto &[key, old] : before.items())
                if (schema.find(key))
                    named[key] = old;
        m_json[section] = std::move(named);
        return;
    }
    const SchemaInfo &schema = schemaOf(section, content, catalog);
    schema.set(content, field, value, section);
    const Json parsed = content.value(field, Json());
    static const std::vector<std::string> stopRules{"epochs", "steps", "minutes"};
    if (section == "train" && parsed.is_number() && parsed.get<double>() > 0 &&
        std::find(stopRules.begin(), stopRules.end(), field) != stopRules.end())
        for (const auto &other : stopRules)
            if (other != field && schema.find(other))
                content[other] = 0;
    m_json[section] = std::move(content);
}

Recipe Recipe::validated(const Catalog &catalog) const
{
    const auto &sections = sectionNames();
    Json top = Json::object();
    for (const auto &[key, value] : m_json.items()) {
        if (key == "recipe" || key == "compare" || (!key.empty() && key[0] == '_') ||
            std::find(sections.begin(), sections.end(), key) != sections.end())
            continue;
        if (!head().find(key)) {
            std::vector<std::string> known{"recipe", "title", "seed", "device", "compare"};
            known.insert(known.end(), sections.begin(), sections.end());
            const auto near = nearestName(key, known);
            throw Error({key, "a field or section of a recipe", "an unknown name",
                         near.empty() ? "they are: " + joined(known) : "did you mean \"" + near + "\"?"});
        }
        top[key] = value;
    }
    const Json made = m_json.value("recipe", Json(version));
    const auto number = wholeNumber(made);
    if (!number || *number < 1)
        throw Error({"recipe", "a version number", foundText(made), {}});
    if (*number > version)
        throw Error({"recipe", fmt::format("version {} or older", version), foundText(made), "use a newer Reticle"});

    Json full = Json::object();
    full["recipe"] = version;
    const Json filled = head().validate(top);
    for (const auto &[key, value] : filled.items())
        full[key] = value;
    const Json compare = compares() ? validatedCompare(catalog, filled.value("seed", std::int64_t(1))) : Json();
    for (const auto &section : sections) {
        Json content = m_json.value(section, Json());
        if (content.is_null() && compares())
            content = startOf(section, compare);
        const SchemaInfo &schema = schemaOf(section, content, catalog);
        Json valid = Json::object();
        if (*findSection(section)->kind)
            valid["name"] = schema.name;
        const Json checked = schema.validate(content, section);
        for (const auto &[key, value] : checked.items())
            valid[key] = value;
        full[section] = std::move(valid);
    }
    if (compares()) {
        full["compare"] = compare;
        if (compare.contains("axes"))
            full["compare"]["axes"] = validatedAxes(full, compare, catalog);
        if (listsSettings(compare))
            full["compare"]["settings"] = validatedSettings(full, compare, catalog);
    }
    return Recipe(std::move(full));
}

Recipe Recipe::withAbsolutePaths(const Catalog &catalog, const std::string &base) const
{
    Recipe r = *this;
    r.makeAxesAbsolute(catalog, base);
    r.makeSettingsAbsolute(catalog, base);
    const auto absolute = [&](const std::string &where, const SchemaInfo &schema, Json &content) {
        for (const auto &field : schema.fields) {
            if (field.type != Field::Type::Path || !content.contains(field.name) || !content[field.name].is_string())
                continue;
            const auto text = content[field.name].get<std::string>();
            if (base.empty() && !text.empty() && !std::filesystem::path(text).is_absolute())
                throw Error({where + "." + field.name, "an absolute path, since the working folder is no longer there", text,
                             "change to another folder, or write the whole path"});
            if (!text.empty())
                content[field.name] = (std::filesystem::path(base) / text).lexically_normal().string();
        }
    };
    // Sections that are wrong are what validated() refuses; here they would only have no paths.
    for (const auto &section : sectionNames())
        if (r.m_json.contains(section) && r.m_json[section].is_object())
            if (section == "data" || hasSchema(section, r.m_json[section], catalog))
                absolute(section, schemaOf(section, r.m_json[section], catalog), r.m_json[section]);
    if (Json models = r.section("compare").value("models", Json()); models.is_array()) {
        for (auto &model : models)
            if (model.is_object() && hasSchema("model", model, catalog))
                absolute("compare.models", schemaOf("model", model, catalog), model);
        r.m_json["compare"]["models"] = std::move(models);
    }
    return r;
}

std::string Recipe::title() const
{
    const auto it = m_json.find("title");
    return it != m_json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::uint64_t Recipe::seed() const
{
    const auto it = m_json.find("seed");
    return it != m_json.end() && it->is_number_integer() ? it->get<std::uint64_t>() : 1;
}

std::string Recipe::device() const
{
    const auto it = m_json.find("device");
    return it != m_json.end() && it->is_string() ? it->get<std::string>() : "auto";
}

const Json &Recipe::section(const std::string &name) const
{
    const auto it = m_json.find(name);
    return it != m_json.end() && it->is_object() ? *it : emptyObject;
}

std::vector<std::string> Recipe::differences(const Recipe &a, const Recipe &b)
{
    std::map<std::string, std::string> first, second;
    flatten(a.json(), {}, first);
    flatten(b.json(), {}, second);
    std::vector<std::string> lines;
    for (const auto &[path, value] : first) {
        const auto it = second.find(path);
        if (it == second.end())
            lines.push_back(path + ": " + value + " -> nothing");
        else if (it->second != value)
            lines.push_back(path + ": " + value + " -> " + it->second);
    }
    for (const auto &[path, value] : second)
        if (!first.count(path))
            lines.push_back(path + ": nothing -> " + value);
    return lines;
}

} // namespace reticle
