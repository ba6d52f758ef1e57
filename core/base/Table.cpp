#include "base/Table.h"

#include "base/Error.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

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
        csv += (c ? "," : "") +
               csvField(columns[c].unit.empty() ? columns[c].name : columns[c].name + " [" + columns[c].unit + "]");
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
            std::visit([&](const auto &v) {
                for (const auto &entry : v)
                    values.push_back(entry);
            }, c.values);
        column["values"] = std::move(values);
        j["columns"].push_back(std::move(column));
    }
    return j;
}

Table Table::fromJson(const Json &j)
{
    Table t;
    std::string where = "table";
    try {
        t.title = j.value("title", "");
        for (const auto &column : j.at("columns")) {
            Column c;
            c.name = column.at("name").get<std::string>();
            where = "table: column \"" + c.name + "\"";
            c.unit = column.value("unit", "");
            c.decimals = column.value("decimals", -1);
            const auto type = column.at("type").get<std::string>();
            const Json &values = column.at("values");
            if (type == "real") {
                std::vector<double> v;
                for (const auto &entry : values) {
                    if (entry.is_string()) {
                        const auto word = entry.get<std::string>();
                        if (word != "nan" && word != "inf" && word != "-inf")
                            throw Error({where, "numbers", "\"" + word + "\"", {}});
                        const double inf = std::numeric_limits<double>::infinity();
                        v.push_back(word == "nan" ? nan : word == "inf" ? inf : -inf);
                    } else {
                        v.push_back(entry.is_null() ? nan : entry.get<double>());
                    }
                }
                c.values = std::move(v);
            } else if (type == "integer") {
                c.values = values.get<std::vector<std::int64_t>>();
            } else if (type == "text") {
                c.values = values.get<std::vector<std::string>>();
            } else {
                throw Error({where, "type real, integer or text", "\"" + type + "\"", {}});
            }
            if (!t.columns.empty() && lengthOf(c) != t.rows())
                throw Error({where, fmt::format("{} rows as in the first column", t.rows()),
                             fmt::format("{}", lengthOf(c)), {}});
            t.columns.push_back(std::move(c));
        }
    } catch (const Json::exception &) {
        throw Error({where, "columns with name, type and values", "something else", {}});
    }
    return t;
}

} // namespace reticle
