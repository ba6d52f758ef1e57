#include "window/session/DataSet.h"

#include "data/Dataset.h"
#include "window/shell/Text.h"

namespace reticle {

namespace {

QString sectionText(const Json &section, const std::string &field)
{
    if (!section.is_object())
        return {};
    const auto it = section.find(field);
    return it != section.end() && it->is_string() ? qs(it->get<std::string>()) : QString();
}

} // namespace

QString DataSet::kind() const
{
    return sectionText(section, "name");
}

QString DataSet::path() const
{
    const auto paths = pathsOf(section);
    return paths.empty() ? QString() : paths.front().second;
}

QString DataSet::text(const char *field) const
{
    return sectionText(section, field);
}

std::vector<std::pair<std::string, QString>> pathsOf(const Json &section)
{
    std::vector<std::pair<std::string, QString>> paths;
    if (!section.is_object())
        return paths;
    const auto &kinds = Registry<DataKind>::instance();
    const auto add = [&](const std::string &field) {
        if (const QString path = sectionText(section, field); !path.isEmpty())
            paths.emplace_back(field, path);
    };
    if (const auto name = ss(sectionText(section, "name")); kinds.contains(name)) {
        for (const auto &field : kinds.get(name).schema.fields)
            if (field.type == Field::Type::Path)
                add(field.name);
        return paths;
    }
    for (const auto &[field, value] : section.items())
        if (sectionText(section, field).startsWith(QLatin1Char('/')))
            add(field);
    return paths;
}

Json notesOf(const Detection &found)
{
    Json notes = Json::object();
    if (found.details.is_object())
        for (const auto &[name, value] : found.details.items())
            if (value.is_primitive() && !value.is_null())
                notes[name] = value;
    if (found.recipe.is_object())
        notes["recipe"] = found.recipe;
    return notes;
}

} // namespace reticle
