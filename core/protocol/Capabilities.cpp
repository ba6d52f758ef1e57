#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace reticle {

namespace {

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

Capabilities &Capabilities::instance()
{
    static Capabilities capabilities;
    return capabilities;
}

void Capabilities::declare(const std::string &capability, const std::string &of, const std::string &text)
{
    [[maybe_unused]] const bool fresh = m_declared.emplace(capability, Declared{of, text}).second;
    assert(fresh && "a capability is declared once");
}

void Capabilities::provide(const std::string &of, const std::string &name, const std::string &capability)
{
    m_provided[of][name].push_back(capability);
}

void Capabilities::require(const std::string &analysis, const std::string &capability)
{
    m_required[analysis].push_back(capability);
}

void Capabilities::askOf(const std::string &analysis, const std::string &subject, const std::vector<std::string> &options)
{
    m_askedOf[analysis][subject] = options;
}

bool Capabilities::isProvided(const std::string &of, const std::string &name, const std::string &capability) const
{
    const auto in = m_provided.find(of);
    if (in == m_provided.end())
        return false;
    const auto it = in->second.find(name);
    return it != in->second.end() && holds(it->second, capability);
}

bool Capabilities::isRequired(const std::string &analysis, const std::string &capability) const
{
    const auto it = m_required.find(analysis);
    return it != m_required.end() && holds(it->second, capability);
}

std::optional<std::vector<std::string>> Capabilities::optionsFor(const std::string &analysis, const std::string &subject) const
{
    const auto it = m_askedOf.find(analysis);
    if (it == m_askedOf.end())
        return subject == "run" ? std::optional(std::vector<std::string>()) : std::nullopt;
    const auto options = it->second.find(subject);
    return options == it->second.end() ? std::nullopt : std::optional(options->second);
}

std::string Capabilities::refusal(const std::string &analysis, const Json &subject) const
{
    const auto required = m_required.find(analysis);
    if (required == m_required.end() || !subject.is_object())
        return {};
    for (const auto &capability : required->second) {
        const auto declared = m_declared.find(capability);
        if (declared == m_declared.end())
            continue;
        const auto &[of, text] = declared->second;
        const std::string name = textOf(subject.value(of, Json()), "name");
        if (name.empty() || isProvided(of, name, capability))
            continue;
        std::vector<std::string> known;
        if (const auto in = m_provided.find(of); in != m_provided.end())
            for (const auto &[entry, provided] : in->second)
                if (holds(provided, capability))
                    known.push_back(entry);
        if (!known.empty())
            return fmt::format("{} ({} {}), not {}", text, of, fmt::join(known, ", "), name);
    }
    return {};
}

Json Capabilities::toJson() const
{
    Json declared = Json::object();
    for (const auto &[name, d] : m_declared)
        declared[name] = {{"of", d.of}, {"text", d.text}};
    return {{"gives", m_provided}, {"needs", m_required}, {"capabilities", declared}, {"asked-of", m_askedOf}};
}

Capabilities Capabilities::fromJson(const Json &json)
{
    Capabilities c;
    if (!json.is_object())
        return c;
    const auto section = [&json](const char *key) { return json.value(key, Json::object()); };
    const Json provided = section("gives"), required = section("needs"), declared = section("capabilities"),
               askedOf = section("asked-of");
    for (const auto &[of, names] : provided.items())
        for (const auto &[name, list] : names.items())
            if (const auto what = words(list); !what.empty()) {
                c.m_provided[of][name] = what;
                if (!json.contains("capabilities"))
                    for (const auto &capability : what)
                        c.m_declared.emplace(capability, Declared{of, fmt::format("needs {}", capability)});
            }
    for (const auto &[analysis, list] : required.items())
        if (const auto what = words(list); !what.empty())
            c.m_required[analysis] = what;
    for (const auto &[name, d] : declared.items())
        if (const auto of = textOf(d, "of"), text = textOf(d, "text"); !of.empty() && !text.empty())
            c.m_declared[name] = {of, text};
    for (const auto &[analysis, subjects] : askedOf.items())
        if (subjects.is_object())
            for (const auto &[subject, options] : subjects.items())
                if (options.is_array())
                    c.m_askedOf[analysis][subject] = words(options);
    return c;
}

} // namespace reticle
