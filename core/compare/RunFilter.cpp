#include "compare/RunFilter.h"

#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <set>
#include <string_view>

namespace reticle {

namespace {

using FilterOp = RunFilter::Op;
using FilterTerm = RunFilter::Term;

/// Lower case of ASCII and of the letters of Latin-1 in UTF-8, which names of people and places have.
std::string foldedCase(std::string_view text)
{
    std::string low(text);
    for (std::size_t i = 0; i < low.size(); ++i) {
        const auto c = static_cast<unsigned char>(low[i]);
        if (c >= 'A' && c <= 'Z') {
            low[i] = static_cast<char>(c + 32);
        } else if (c == 0xC3 && i + 1 < low.size()) {
            const auto next = static_cast<unsigned char>(low[++i]);
            if (next >= 0x80 && next <= 0x9E && next != 0x97)
                low[i] = static_cast<char>(next + 0x20);
        }
    }
    return low;
}

/// The columns, each with the other names that people give it.
constexpr std::array<std::array<std::string_view, 4>, 12> columnNames{{{"number", "run", "id", ""},
                                                                       {"name", "title", "", ""},
                                                                       {"state", "status", "", ""},
                                                                       {"task", "", "", ""},
                                                                       {"network", "model", "", ""},
                                                                       {"data", "", "", ""},
                                                                       {"score", "best", "best-score", ""},
                                                                       {"steps", "step", "", ""},
                                                                       {"time", "duration", "", ""},
                                                                       {"started", "date", "start", ""},
                                                                       {"comparison", "", "", ""},
                                                                       {"message", "error", "", ""}}};

/// How names are compared: "Pixel error" is "pixel-error", and a column goes by its first name.
std::string filterKey(std::string_view name)
{
    std::string key = foldedCase(name);
    for (char &c : key)
        if (c == ' ' || c == '_')
            c = '-';
    for (const auto &names : columnNames)
        if (std::find(names.begin(), names.end(), key) != names.end())
            return std::string(names.front());
    return key;
}

std::optional<double> plainNumber(std::string_view text)
{
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return {};
    return value;
}

/// Half of the last digit that is written: 0.005 of "0.91", 0.5 of "12"; 0 of "1e-3".
double halfOfLastDigit(std::string_view text)
{
    if (text.find('e') != std::string_view::npos)
        return 0;
    const auto point = text.find('.');
    return 0.5 * std::pow(10.0, point == std::string_view::npos ? 0.0 : -static_cast<double>(text.size() - point - 1));
}

/// Seconds of "10min", and of "10", which is in minutes; with the seconds of the unit.
std::optional<std::pair<double, double>> filterTime(std::string_view text)
{
    constexpr std::pair<std::string_view, double> units[] = {{"", 60},        {"s", 1},        {"sec", 1},  {"m", 60},
                                                             {"min", 60},     {"minutes", 60}, {"h", 3600}, {"d", 86400},
                                                             {"hours", 3600}, {"days", 86400}};
    const auto digits = text.find_first_not_of("0123456789.");
    const auto number = plainNumber(text.substr(0, digits));
    const std::string_view unit = digits == std::string_view::npos ? std::string_view() : text.substr(digits);
    for (const auto &[word, seconds] : units)
        if (number && unit == word)
            return std::pair(*number * seconds, seconds);
    return {};
}

/// "2026", "2026-11", "2026-11-03" or "2026-11-03 14:05".
bool isDateStart(std::string_view text)
{
    constexpr std::string_view form = "0000-00-00 00:00";
    if (text.size() != 4 && text.size() != 7 && text.size() != 10 && text.size() != form.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return true;
}

/// Whether the text is the pattern, in which * stands for any letters.
bool fitsPattern(std::string_view text, std::string_view pattern)
{
    std::size_t t = 0, p = 0, star = std::string_view::npos, from = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

/// Something that a run has under a name.
struct FilterValue
{
    enum class Kind { Text, Number, Measured, Date };
    Kind kind = Kind::Text;
    std::string text;
    double number = nan;
};

/// The value of a setting: of a list its elements too.
template <class F> void eachOfSetting(const std::string &value, F &&fn)
{
    if (value.empty() || value.front() != '[') {
        const auto number = plainNumber(value);
        fn(FilterValue{number ? FilterValue::Kind::Number : FilterValue::Kind::Text, value, number.value_or(nan)});
        return;
    }
    const Json list = Json::parse(value, nullptr, false);
    std::string whole;
    for (const auto &element : list.is_array() ? list : Json::array()) {
        const std::string text = element.is_string() ? element.get<std::string>() : element.dump();
        whole += (whole.empty() ? "" : ",") + text;
        const auto number = plainNumber(text);
        fn(FilterValue{number ? FilterValue::Kind::Number : FilterValue::Kind::Text, text, number.value_or(nan)});
    }
    if (!list.is_array() || list.size() != 1)
        fn(FilterValue{FilterValue::Kind::Text, whole});
}

bool namesSetting(const std::string &path, const std::string &key)
{
    const auto endsWith = [&](const std::string &end) {
        return path.size() >= end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0 &&
               (path.size() == end.size() || path[path.size() - end.size() - 1] == '.');
    };
    return endsWith(key) || endsWith(key + ".name");
}

/// Calls fn with all that the run has under this name.
template <class F> void eachNamed(const RunRow &row, const std::string &key, F &&fn)
{
    using Kind = FilterValue::Kind;
    const auto text = [&](const std::string &value) {
        if (!value.empty())
            fn(FilterValue{Kind::Text, value});
    };
    const auto number = [&](double value, Kind kind) {
        if (!std::isnan(value))
            fn(FilterValue{kind, {}, value});
    };
    if (key == "number")
        return number(static_cast<double>(row.id), Kind::Number);
    if (key == "name")
        return text(row.title.empty() ? fmt::format("run {}", row.id) : row.title);
    if (key == "state") {
        text(std::string(nameOf(row.status)));
        return row.status == RunStatus::Cancelled ? text("canceled") : void();
    }
    if (key == "task")
        return text(row.task);
    if (key == "network")
        return text(row.network);
    if (key == "data")
        return text(row.data);
    if (key == "score")
        return number(row.best, Kind::Measured);
    if (key == "steps")
        return number(static_cast<double>(row.steps), Kind::Number);
    if (key == "time")
        return number(row.seconds, Kind::Measured);
    if (key == "started")
        return row.started.empty() ? void() : fn(FilterValue{Kind::Date, row.started});
    if (key == "comparison")
        return row.comparison > 0 ? number(static_cast<double>(row.comparison), Kind::Number) : void();
    if (key == "message")
        return text(row.message);
    for (const auto &[name, value] : row.numbers)
        if (filterKey(name) == key)
            number(value, Kind::Measured);
    if (filterKey(row.score.name) == key || filterKey(row.score.title) == key)
        number(row.best, Kind::Measured); // of a run in progress that is newer than its summary
    for (const auto &[path, value] : row.settings)
        if (namesSetting(path, key))
            eachOfSetting(value, fn);
}

bool equalText(const std::string &text, const std::string &wanted)
{
    const std::string low = foldedCase(text);
    if (fitsPattern(low, wanted))
        return true;
    if (low == "true" || low == "false")
        return low == "true" ? wanted == "yes" || wanted == "on" : wanted == "no" || wanted == "off";
    if (low.empty() || low.front() != '/')
        return false;
    const std::filesystem::path path(low);
    return fitsPattern(path.filename().string(), wanted) || fitsPattern(path.stem().string(), wanted);
}

bool equalValue(const FilterValue &value, const FilterTerm &term)
{
    switch (value.kind) {
    case FilterValue::Kind::Date: return value.text.compare(0, term.value.size(), term.value) == 0;
    case FilterValue::Kind::Measured:
        return term.number && std::abs(value.number - *term.number) <= std::max(term.tolerance, 1e-9 * std::abs(value.number));
    case FilterValue::Kind::Number:
        if (term.number)
            return std::abs(value.number - *term.number) <= 1e-9 * std::abs(value.number);
        return !value.text.empty() && equalText(value.text, term.value);
    case FilterValue::Kind::Text: break;
    }
    if (value.text.empty())
        return term.value.empty();
    if (term.value.size() > 1 && term.value.front() == '[' && term.value.back() == ']')
        return equalText(value.text, term.value.substr(1, term.value.size() - 2));
    return equalText(value.text, term.value);
}

bool holdsFor(FilterOp op, int sign)
{
    switch (op) {
    case FilterOp::Less: return sign < 0;
    case FilterOp::AtMost: return sign <= 0;
    case FilterOp::Greater: return sign > 0;
    case FilterOp::AtLeast: return sign >= 0;
    default: return false;
    }
}

bool inOrder(const FilterValue &value, const FilterTerm &term)
{
    if (value.kind == FilterValue::Kind::Date)
        return holdsFor(term.op, value.text.compare(0, term.value.size(), term.value));
    if (std::isnan(value.number) || !term.number)
        return false;
    return holdsFor(term.op, value.number < *term.number ? -1 : value.number > *term.number ? 1 : 0);
}

bool hasNamed(const RunRow &row, const FilterTerm &term)
{
    bool has = false, any = false;
    eachNamed(row, term.key, [&](const FilterValue &value) {
        has = true;
        const bool equality = term.op == FilterOp::Equal || term.op == FilterOp::Unequal;
        any = any || (equality ? equalValue(value, term) : inOrder(value, term));
    });
    return term.op == FilterOp::Unequal ? has && !any : any;
}

/// Whether one of the run's columns or settings contains the word. A number is not looked for inside other numbers.
bool hasWord(const RunRow &row, const FilterTerm &term)
{
    const auto contains = [&](std::string_view text) { return foldedCase(text).find(term.value) != std::string::npos; };
    const std::string own = row.title.empty() ? fmt::format("run {}", row.id) : row.title;
    for (const auto *text : {&own, &row.task, &row.network, &row.data, &row.started, &row.message})
        if (contains(*text))
            return true;
    if (contains(nameOf(row.status)) || (row.status == RunStatus::Cancelled && contains("canceled")))
        return true;
    if (!std::isnan(row.best) && contains(row.score.title))
        return true;
    if (term.number && *term.number == static_cast<double>(row.id))
        return true;
    for (const auto &[path, value] : row.settings) {
        const bool list = !value.empty() && value.front() == '[';
        bool found = false;
        eachOfSetting(value, [&](const FilterValue &one) {
            if (found || one.text.empty() || one.text == "true" || one.text == "false" || one.text == "null")
                return;
            if (one.kind == FilterValue::Kind::Number)
                found = term.number && one.number == *term.number;
            else if (one.text.front() == '/') // all data of a person are below one folder
                found = contains(std::filesystem::path(one.text).filename().string());
            else if (!list || one.text.find(',') == std::string::npos) // not the numbers of a list as one text
                found = contains(one.text);
        });
        if (found)
            return true;
    }
    return false;
}

/// Reads the parts of a search one after the other.
class FilterScanner
{
public:
    explicit FilterScanner(std::string_view text) : m_text(text) {}

    bool atEnd()
    {
        while (m_at < m_text.size() && isSpace(m_text[m_at]))
            ++m_at;
        return m_at == m_text.size();
    }
    /// A minus sign right before something.
    bool takeMinus()
    {
        if (m_text[m_at] != '-' || m_at + 1 == m_text.size() || isSpace(m_text[m_at + 1]))
            return false;
        ++m_at;
        return true;
    }
    /// A quoted phrase, or all up to a space or, where `toOperator`, to an operator.
    std::string takeWord(bool toOperator, bool &quoted)
    {
        quoted = m_at < m_text.size() && m_text[m_at] == '"';
        const auto begin = quoted ? ++m_at : m_at;
        while (m_at < m_text.size() && (quoted ? m_text[m_at] != '"' : !isSpace(m_text[m_at]) && !(toOperator && isOperator())))
            ++m_at;
        const std::string word(m_text.substr(begin, m_at - begin));
        if (quoted && m_at < m_text.size())
            ++m_at; // a mark that is not there yet is being typed
        return word;
    }
    /// An operator after spaces; empty where something else follows.
    std::string takeOperator()
    {
        if (atEnd() || !isOperator())
            return {};
        const auto begin = m_at;
        while (m_at < m_text.size() && std::string_view("=<>!").find(m_text[m_at]) != std::string_view::npos)
            ++m_at;
        return std::string(m_text.substr(begin, m_at - begin));
    }

private:
    static bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
    bool isOperator() const
    {
        const char c = m_text[m_at];
        return c == '=' || c == '<' || c == '>' || (c == '!' && m_at + 1 < m_text.size() && m_text[m_at + 1] == '=');
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

std::optional<FilterOp> operatorOf(const std::string &symbol)
{
    constexpr std::pair<std::string_view, FilterOp> all[] = {
        {"=", FilterOp::Equal},    {"==", FilterOp::Equal},  {"!=", FilterOp::Unequal}, {"<>", FilterOp::Unequal},
        {"<", FilterOp::Less},     {"<=", FilterOp::AtMost}, {"=<", FilterOp::AtMost},  {">", FilterOp::Greater},
        {">=", FilterOp::AtLeast}, {"=>", FilterOp::AtLeast}};
    for (const auto &[text, op] : all)
        if (text == symbol)
            return op;
    return {};
}

std::string lastOf(const std::string &path)
{
    return path.substr(path.rfind('.') + 1);
}

} // namespace

RunFilter::RunFilter(const std::string &text)
{
    FilterScanner scanner(text);
    while (!scanner.atEnd()) {
        Term term;
        bool quoted = false;
        term.excludes = scanner.takeMinus();
        const std::string first = scanner.takeWord(true, quoted);
        const std::string symbol = scanner.takeOperator();
        if (symbol.empty()) {
            term.value = foldedCase(first);
            term.number = quoted ? std::nullopt : plainNumber(term.value);
            if (!term.value.empty())
                m_terms.push_back(std::move(term));
            continue;
        }
        scanner.atEnd(); // spaces after the operator
        bool quotedValue = false;
        const std::string value = scanner.takeWord(false, quotedValue);
        const auto op = operatorOf(symbol);
        if (!op) {
            m_problems.push_back(fmt::format("\"{}\" is not a comparison. Use =, !=, <, <=, > or >=.", symbol));
        } else if (first.empty()) {
            m_problems.push_back(fmt::format("Write a name before \"{}{}\", for example dice>0.9.", symbol, value));
        } else if (value.empty() && !quotedValue) {
            m_problems.push_back(fmt::format("Write a value after \"{}{}\".", first, symbol));
        } else {
            term.op = *op;
            term.name = first;
            term.key = filterKey(first);
            term.value = foldedCase(value);
            add(std::move(term), symbol);
        }
    }
}

void RunFilter::add(Term term, const std::string &symbol)
{
    const std::string begin = term.name + symbol;
    if (term.key == "started") {
        if (term.value.size() > 10 && term.value[10] == 't')
            term.value[10] = ' ';
        if (!isDateStart(term.value)) {
            m_problems.push_back(fmt::format("Write a date such as 2026-11-03 after \"{}\", not \"{}\".", begin, term.value));
            return;
        }
    } else if (term.key == "time") {
        const auto time = filterTime(term.value);
        if (!time) {
            m_problems.push_back(
                fmt::format("Write a time such as 10min, 2h or 90s after \"{}\", not \"{}\".", begin, term.value));
            return;
        }
        term.number = time->first;
        term.tolerance = time->second / 2;
    } else {
        term.number = plainNumber(term.value);
        term.tolerance = term.number ? halfOfLastDigit(term.value) : 0;
        if (term.op != Op::Equal && term.op != Op::Unequal && !term.number) {
            std::string problem = fmt::format("Write a number after \"{}\", not \"{}\".", begin, term.value);
            std::string pointed = term.value;
            std::replace(pointed.begin(), pointed.end(), ',', '.');
            if (pointed != term.value && plainNumber(pointed))
                problem += fmt::format(" Decimals follow a point: {}.", pointed);
            m_problems.push_back(std::move(problem));
            return;
        }
    }
    m_terms.push_back(std::move(term));
}

bool RunFilter::matches(const RunRow &row) const
{
    return std::all_of(m_terms.begin(), m_terms.end(), [&](const Term &term) {
        return (term.op == Op::Word ? hasWord(row, term) : hasNamed(row, term)) != term.excludes;
    });
}

std::vector<std::string> RunFilter::remarks(const std::vector<const RunRow *> &rows) const
{
    std::vector<std::string> all;
    for (const auto &term : m_terms) {
        if (term.op == Op::Word || rows.empty())
            continue;
        bool has = false, sized = false;
        for (const auto *row : rows)
            eachNamed(*row, term.key, [&](const FilterValue &value) {
                has = true;
                sized = sized || value.kind == FilterValue::Kind::Date || !std::isnan(value.number);
            });
        const bool equality = term.op == Op::Equal || term.op == Op::Unequal;
        if (has && !sized && !equality)
            all.push_back(fmt::format("\"{}\" is text, which has no size. Use = or != with it.", term.name));
        const bool isColumn =
            std::any_of(columnNames.begin(), columnNames.end(), [&](const auto &names) { return names.front() == term.key; });
        if (has || isColumn)
            continue;
        std::set<std::string> known;
        for (const auto &names : columnNames)
            known.insert(std::string(names.front()));
        for (const auto *row : rows) {
            for (const auto &[name, value] : row->numbers)
                known.insert(filterKey(name));
            for (const auto &[path, value] : row->settings) {
                known.insert(path);
                known.insert(lastOf(path));
            }
        }
        const auto near = nearestName(term.key, {known.begin(), known.end()});
        all.push_back(near.empty() ? fmt::format("No run has anything called \"{}\". Write the name of a column, a score or a "
                                                 "setting, for example network=unet or dice>0.9.",
                                                 term.name)
                                   : fmt::format("No run has anything called \"{}\". Did you mean \"{}\"?", term.name, near));
    }
    return all;
}

} // namespace reticle
