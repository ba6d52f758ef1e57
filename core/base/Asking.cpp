#include "base/Asking.h"

#include <fmt/format.h>

#include <algorithm>

namespace reticle {

namespace {

struct Trait
{
    const char *what, *section, *text;
};
constexpr Trait traits[] = {{"skips", "model", "needs a network with skip connections"},
                            {"classes", "objective", "needs a run that segments"}};

bool holds(const std::vector<std::string> &all, const std::string &one)
{
    return std::ranges::find(all, one) != all.end();
}

/// Strings of a list; anything else is passed over.
std::vector<std::string> words(const Json &list)
{
    std::vector<std::string> all;
    if (list.is_array())
        for (const auto &word : list)
            if (word.is_string())
                all.push_back(word.get<std::string>());
    return all;
}

} // namespace

Asking &Asking::instance()
{
    static Asking asking;
    return asking;
}

void Asking::addGives(const std::string &section, const std::string &name, const std::string &what)
{
    m_gives[section][name].push_back(what);
}

void Asking::addNeeds(const std::string &analysis, const std::string &what)
{
    m_needs[analysis].push_back(what);
}

bool Asking::gives(const std::string &section, const std::string &name, const std::string &what) const
{
    const auto in = m_gives.find(section);
    if (in == m_gives.end())
        return false;
    const auto it = in->second.find(name);
    return it != in->second.end() && holds(it->second, what);
}

bool Asking::needs(const std::string &analysis, const std::string &what) const
{
    const auto it = m_needs.find(analysis);
    return it != m_needs.end() && holds(it->second, what);
}

std::string Asking::refusal(const std::string &analysis, const Json &recipe) const
{
    for (const auto &t : traits) {
        if (!needs(analysis, t.what) || !recipe.is_object())
            continue;
        const Json section = recipe.value(t.section, Json::object());
        const std::string name = section.is_object() && section.contains("name") && section["name"].is_string()
                                     ? section["name"].get<std::string>()
                                     : std::string();
        if (name.empty() || gives(t.section, name, t.what))
            continue;
        std::vector<std::string> known;
        if (const auto in = m_gives.find(t.section); in != m_gives.end())
            for (const auto &[entry, given] : in->second)
                if (holds(given, t.what))
                    known.push_back(entry);
        if (!known.empty())
            return fmt::format("{} ({} {}), not {}", t.text, t.section, fmt::join(known, ", "), name);
    }
    return {};
}

Json Asking::toJson() const
{
    return {{"gives", m_gives}, {"needs", m_needs}};
}

Asking Asking::fromJson(const Json &json)
{
    Asking a;
    if (!json.is_object())
        return a;
    const Json gives = json.value("gives", Json::object()), needs = json.value("needs", Json::object());
    for (const auto &[section, names] : gives.items())
        for (const auto &[name, list] : names.items())
            if (const auto what = words(list); !what.empty())
                a.m_gives[section][name] = what;
    for (const auto &[analysis, list] : needs.items())
        if (const auto what = words(list); !what.empty())
            a.m_needs[analysis] = what;
    return a;
}

} // namespace reticle
