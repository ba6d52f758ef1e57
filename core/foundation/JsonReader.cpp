#include "foundation/JsonReader_p.h"

#include "foundation/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

std::optional<double> numberFromJson(const Json &json)
{
    if (json.is_number())
        return json.get<double>();
    if (json.is_string()) {
        const auto &text = json.get_ref<const std::string &>();
        if (text == "nan")
            return std::numeric_limits<double>::quiet_NaN();
        if (text == "inf")
            return std::numeric_limits<double>::infinity();
        if (text == "-inf")
            return -std::numeric_limits<double>::infinity();
    }
    return {};
}

std::string foundText(const Json &json)
{
    if (json.is_object())
        return "an object";
    if (json.is_array())
        return "a list";
    if (json.is_discarded())
        return "no JSON";
    std::string text = json.is_binary() ? "bytes" : json.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 40) {
        std::size_t end = 40;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) // within a letter of several bytes
            --end;
        text = text.substr(0, end) + "…";
    }
    return text;
}

std::optional<std::int64_t> wholeNumber(const Json &json)
{
    if (json.is_number_unsigned()) {
        const auto number = json.get<std::uint64_t>();
        return number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                   ? std::optional(static_cast<std::int64_t>(number))
                   : std::nullopt;
    }
    if (json.is_number_integer())
        return json.get<std::int64_t>();
    if (!json.is_number_float())
        return {};
    const double number = json.get<double>();
    return number == std::floor(number) && std::abs(number) <= 9e15 ? std::optional(static_cast<std::int64_t>(number))
                                                                    : std::nullopt;
}

Json numberToJson(double value)
{
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value < 0 ? "-inf" : "inf";
    return value;
}

Json numbersToJson(const std::vector<double> &values)
{
    Json list = Json::array();
    list.get_ref<Json::array_t &>().reserve(values.size());
    for (const double v : values)
        list.push_back(numberToJson(v));
    return list;
}

JsonReader::JsonReader(const Json &json, std::string where) : m_json(&json), m_where(std::move(where))
{
    if (!json.is_object())
        throw Error({.where = m_where, .expected = "an object", .found = foundText(json), .wayOut = ""});
}

bool JsonReader::has(const char *key) const
{
    return m_json->contains(key);
}

void JsonReader::need(const char *key) const
{
    if (!has(key))
        refuse("", "a field \"" + std::string(key) + "\"", "none");
}

void JsonReader::only(std::initializer_list<const char *> known) const
{
    std::vector<std::string> names(known.begin(), known.end());
    for (const auto &[key, value] : m_json->items()) {
        if (key == m_hidden || std::find(names.begin(), names.end(), key) != names.end())
            continue;
        const auto near = nearestName(key, names);
        std::string list;
        for (const auto &n : names)
            list += (list.empty() ? "" : ", ") + n;
        throw Error({.where = m_where,
                     .expected = "only the fields " + list,
                     .found = "\"" + key + "\"",
                     .wayOut = near.empty() ? "" : "did you mean " + near + "?"});
    }
}

void JsonReader::version(const char *key, int version) const
{
    need(key);
    int found = 0;
    read(key, found);
    if (found < 1 || found > version)
        throw Error({.where = m_where,
                     .expected = version == 1 ? "version 1" : "version 1 to " + std::to_string(version),
                     .found = "version " + std::to_string(found),
                     .wayOut = found > version ? "open it with a newer Reticle" : "the document is broken"});
}

void JsonReader::refuse(const std::string &key, const std::string &expected, const std::string &found) const
{
    throw Error({.where = key.empty() ? m_where : m_where + ": " + key, .expected = expected, .found = found, .wayOut = ""});
}

void JsonReader::read(const char *key, std::string &value) const
{
    if (!has(key))
        return;
    if (!(*m_json)[key].is_string())
        refuse(key, "text", foundText((*m_json)[key]));
    value = (*m_json)[key].get<std::string>();
}

void JsonReader::read(const char *key, double &value) const
{
    if (!has(key))
        return;
    const auto number = numberFromJson((*m_json)[key]);
    if (!number)
        refuse(key, "a number", foundText((*m_json)[key]));
    value = *number;
}

void JsonReader::read(const char *key, std::optional<double> &value) const
{
    if (!has(key))
        return;
    double number = 0;
    read(key, number);
    value = number;
}

void JsonReader::read(const char *key, int &value) const
{
    if (!has(key))
        return;
    const Json &json = (*m_json)[key];
    if (!json.is_number_integer())
        refuse(key, "a whole number", foundText(json));
    // As a double: what is stored unsigned may lie beyond every signed type.
    if (std::abs(json.get<double>()) > 1e9)
        refuse(key, "a whole number from -1000000000 to 1000000000", foundText(json));
    value = json.get<int>();
}

void JsonReader::read(const char *key, std::int64_t &value) const
{
    if (!has(key))
        return;
    const auto number = wholeNumber((*m_json)[key]);
    if (!number)
        refuse(key, "a whole number", foundText((*m_json)[key]));
    value = *number;
}

void JsonReader::read(const char *key, bool &value) const
{
    if (!has(key))
        return;
    if (!(*m_json)[key].is_boolean())
        refuse(key, "true or false", foundText((*m_json)[key]));
    value = (*m_json)[key].get<bool>();
}

void JsonReader::read(const char *key, std::vector<double> &values) const
{
    if (!has(key))
        return;
    const Json &json = (*m_json)[key];
    if (!json.is_array())
        refuse(key, "a list of numbers", foundText(json));
    values.clear();
    values.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        const auto number = numberFromJson(json[i]);
        if (!number)
            refuse(std::string(key) + " " + std::to_string(i + 1), "a number", foundText(json[i]));
        values.push_back(*number);
    }
}

void JsonReader::read(const char *key, std::vector<std::string> &values) const
{
    if (!has(key))
        return;
    const Json &json = (*m_json)[key];
    if (!json.is_array())
        refuse(key, "a list of texts", foundText(json));
    values.clear();
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (!json[i].is_string())
            refuse(std::string(key) + " " + std::to_string(i + 1), "text", foundText(json[i]));
        values.push_back(json[i].get<std::string>());
    }
}

void JsonReader::read(const char *key, Array &value) const
{
    within(key, [&](const Json &json) { value = Array::fromJson(json); });
}

void JsonReader::each(const char *key, const std::function<void(const JsonReader &)> &f) const
{
    if (!has(key))
        return;
    const Json &list = (*m_json)[key];
    if (!list.is_array())
        refuse(key, "a list", foundText(list));
    std::string one = key;
    if (one != "series" && one.back() == 's')
        one.pop_back();
    for (std::size_t i = 0; i < list.size(); ++i)
        f(JsonReader(list[i], m_where + ": " + one + " " + std::to_string(i + 1)));
}

void JsonReader::child(const char *key, const std::function<void(const JsonReader &)> &f) const
{
    if (has(key))
        f(JsonReader((*m_json)[key], m_where + ": " + key));
}

void JsonReader::within(const char *key, const std::function<void(const Json &)> &f) const
{
    if (!has(key))
        return;
    try {
        f((*m_json)[key]);
    } catch (const Error &e) {
        throw e.within(m_where + ": " + key);
    }
}

JsonReader JsonReader::without(const char *key) const
{
    JsonReader reader = *this;
    reader.m_hidden = key;
    return reader;
}

JsonReader JsonReader::renamed(std::string where) const
{
    JsonReader reader = *this;
    reader.m_where = std::move(where);
    return reader;
}

} // namespace reticle
