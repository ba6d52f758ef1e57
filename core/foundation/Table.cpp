#include "foundation/Table.h"

#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace reticle {

namespace {

/// The shortest text that reads back as the same number.
std::string shortest(double v)
{
    if (std::isnan(v))
        return "nan";
    if (std::isinf(v))
        return v > 0 ? "inf" : "-inf";
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
    return {buffer, end};
}

std::string withMinus(std::string s)
{
    if (!s.empty() && s[0] == '-')
        s.replace(0, 1, "\u2212");
    return s;
}

std::string shown(double v, int decimals)
{
    if (std::isnan(v))
        return "n/a";
    if (std::isinf(v))
        return v > 0 ? "∞" : "\u2212∞";
    std::string s;
    if (decimals >= 0) {
        s = fmt::format("{:.{}f}", v, decimals);
    } else if (v != 0 && (std::abs(v) < 1e-4 || std::abs(v) >= 1e15)) {
        s = fmt::format("{:.6g}", v); // six decimals would show nothing of it
    } else {
        s = fmt::format("{:.6f}", v);
        s.erase(s.find_last_not_of('0') + 1);
        if (s.back() == '.')
            s.pop_back();
    }
    if (s.find_first_not_of("-0.") == std::string::npos && s[0] == '-')
        s.erase(0, 1); // "-0.00"
    return withMinus(s);
}

std::string csvField(const std::string &s)
{
    if (s.find_first_of(",\"\r\n") == std::string::npos)
        return s;
    std::string quoted = "\"";
    for (const char c : s) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

std::size_t lengthOf(const Table::Column &column)
{
    return std::visit([](const auto &v) { return v.size(); }, column.values);
}

/// The list "values" of a column; `valueOf` gives nothing where an entry is of another type.
template <class T, class ValueOf>
std::vector<T> readValues(const JsonReader &column, const char *expected, const ValueOf &valueOf)
{
    std::vector<T> values;
    column.within("values", [&](const Json &list) {
        if (!list.is_array())
            throw Error({"", "a list", foundText(list), {}});
        values.reserve(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            auto value = valueOf(list[i]);
            if (!value)
                throw Error({"row " + std::to_string(i + 1), expected, foundText(list[i]), {}});
            values.push_back(std::move(*value));
        }
    });
    return values;
}

} // namespace

std::size_t Table::rows() const
{
    return columns.empty() ? 0 : lengthOf(columns.front());
}

const Table::Column *Table::find(std::string_view name) const
{
    for (const auto &c : columns)
        if (c.name == name)
            return &c;
    return nullptr;
}

std::string Table::text(std::size_t row, std::size_t column) const
{
    const Column &c = columns.at(column);
    if (const auto *real = std::get_if<std::vector<double>>(&c.values))
        return shown(real->at(row), c.decimals);
    if (const auto *integer = std::get_if<std::vector<std::int64_t>>(&c.values))
        return withMinus(std::to_string(integer->at(row)));
    return std::get<std::vector<std::string>>(c.values).at(row);
}

double Table::number(std::size_t row, std::size_t column) const
{
    const Column &c = columns.at(column);
    if (const auto *real = std::get_if<std::vector<double>>(&c.values))
        return real->at(row);
    if (const auto *integer = std::get_if<std::vector<std::int64_t>>(&c.values))
        return static_cast<double>(integer->at(row));
    return nan;
}

std::string Table::toCsv() const
{
    std::string csv;
    for (std::size_t c = 0; c < columns.size(); ++c)
        csv +=
            (c ? "," : "") + csvField(columns[c].unit.empty() ? columns[c].name : columns[c].name + " [" + columns[c].unit + "]");
    csv += '\n';
    const std::size_t n = rows();
    for (std::size_t r = 0; r < n; ++r) {
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (c)
                csv += ',';
            const auto &values = columns[c].values;
            if (const auto *real = std::get_if<std::vector<double>>(&values))
                csv += shortest(real->at(r));
            else if (const auto *integer = std::get_if<std::vector<std::int64_t>>(&values))
                csv += std::to_string(integer->at(r));
            else
                csv += csvField(std::get<std::vector<std::string>>(values).at(r));
        }
        csv += '\n';
    }
    return csv;
}

Json Table::toJson() const
{
    Json j;
    j["title"] = title;
    j["columns"] = Json::array();
    for (const auto &c : columns) {
        Json column;
        column["name"] = c.name;
        if (!c.unit.empty())
            column["unit"] = c.unit;
        if (c.decimals >= 0)
            column["decimals"] = c.decimals;
        column["type"] = c.values.index() == 0 ? "real" : c.values.index() == 1 ? "integer" : "text";
        Json values = Json::array();
        if (const auto *real = std::get_if<std::vector<double>>(&c.values))
            for (const double v : *real)
                values.push_back(std::isfinite(v) ? Json(v) : Json(shortest(v)));
        else
            std::visit(
                [&](const auto &v) {
                    for (const auto &entry : v)
                        values.push_back(entry);
                },
                c.values);
        column["values"] = std::move(values);
        j["columns"].push_back(std::move(column));
    }
    return j;
}

Table Table::fromJson(const Json &j)
{
    const JsonReader in(j, "table");
    in.need("columns");
    Table t;
    in.read("title", t.title);
    in.each("columns", [&](const JsonReader &numbered) {
        Column c;
        numbered.need("name");
        numbered.read("name", c.name);
        const std::string where = "table: column \"" + c.name + "\"";
        const JsonReader column = numbered.renamed(where);
        column.read("unit", c.unit);
        column.read("decimals", c.decimals);
        std::string type;
        column.need("type");
        column.need("values");
        column.read("type", type);
        if (type == "real")
            c.values = readValues<double>(column, "a number", [](const Json &entry) {
                return entry.is_null() ? std::optional(nan) : numberFromJson(entry);
            });
        else if (type == "integer")
            c.values = readValues<std::int64_t>(column, "a whole number", wholeNumber);
        else if (type == "text")
            c.values = readValues<std::string>(column, "text", [](const Json &entry) {
                return entry.is_string() ? std::optional(entry.get<std::string>()) : std::nullopt;
            });
        else
            column.refuse("type", "real, integer or text", foundText(type));
        if (!t.columns.empty() && lengthOf(c) != t.rows())
            throw Error({where, fmt::format("{} rows as in the first column", t.rows()), fmt::format("{}", lengthOf(c)), {}});
        t.columns.push_back(std::move(c));
    });
    return t;
}

} // namespace reticle
