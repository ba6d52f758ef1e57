#include "data/table/TableFile.h"

#include "data/table/TableText_p.h"
#include "files/ByteSource.h"
#include "files/Reader.h"
#include "foundation/Error.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace reticle {

namespace {

constexpr std::uint64_t mostBytes = std::uint64_t(1) << 30;
constexpr double mostlyNumbers = 0.8; // of the cells: the others are then mistakes
constexpr std::int64_t fewestOfIdentifiers = 10;
constexpr std::size_t longText = 40; // letters, on average

std::string lower(std::string text)
{
    for (char &c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

bool isMissing(const std::string &cell)
{
    if (cell.empty() || cell == "?")
        return true;
    const auto text = cell.size() <= 4 ? lower(cell) : std::string();
    return text == "na" || text == "n/a" || text == "nan" || text == "null";
}

bool isWhole(double v)
{
    return v == std::floor(v) && std::abs(v) < 9e15;
}

std::string plural(std::int64_t n, const char *one, const char *many)
{
    return fmt::format("{} {}", n, n == 1 ? one : many);
}

/// The shortest text that reads back as the same number; nothing for NaN.
std::string shortest(double v)
{
    char buffer[40];
    return std::isnan(v) ? std::string() : std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr);
}

/// 0, 1, 2, … or 1, 2, 3, …
bool countsRows(const std::vector<double> &numbers)
{
    for (std::size_t i = 1; i < numbers.size(); ++i)
        if (numbers[i] != numbers[i - 1] + 1)
            return false;
    return static_cast<std::int64_t>(numbers.size()) >= fewestOfIdentifiers && (numbers[0] == 0 || numbers[0] == 1);
}

void describeNumbers(FileColumn &c)
{
    double low = INFINITY, high = -INFINITY;
    bool whole = true;
    for (const double v : c.numbers)
        if (!std::isnan(v)) {
            low = std::min(low, v);
            high = std::max(high, v);
            whole = whole && isWhole(v);
        }
    c.kind = ColumnKind::Number;
    c.reason = low == high ? fmt::format("Every value is {:.6g}, so it cannot tell rows apart.", low)
                           : fmt::format("{} from {:.6g} to {:.6g}.", whole ? "Whole numbers" : "Numbers", low, high);
    if (c.firstBad >= 0)
        c.reason = fmt::format("Most values are numbers, but '{}' in row {} is not.",
                               c.cells[static_cast<std::size_t>(c.firstBad)], c.firstBad + 1);
    else if (c.missing == 0 && countsRows(c.numbers)) {
        c.kind = ColumnKind::Identifier;
        c.reason = "It numbers the rows.";
    }
}

void describeWords(FileColumn &c, const std::set<std::string> &different)
{
    std::size_t letters = 0;
    for (const auto &cell : c.cells)
        letters += cell.size();
    const auto present = static_cast<std::int64_t>(c.cells.size()) - c.missing;
    const auto values = static_cast<std::int64_t>(different.size());
    if (letters > longText * static_cast<std::size_t>(present)) {
        c.kind = ColumnKind::Text;
        c.reason =
            fmt::format("Long text, {:.0f} characters on average.", static_cast<double>(letters) / static_cast<double>(present));
    } else if (values == present && present >= fewestOfIdentifiers) {
        c.kind = ColumnKind::Identifier;
        c.reason = "Every row has another value.";
    } else if (different.size() > FileColumn::mostClasses || (2 * values > present && present >= fewestOfIdentifiers)) {
        c.kind = ColumnKind::Text;
        c.reason = fmt::format("{} different values in {} rows are too many for categories.", values, present);
    } else {
        c.kind = ColumnKind::Category;
        c.reason = plural(values, "category", "categories") + ".";
    }
}

} // namespace

std::string nameOf(ColumnKind kind)
{
    switch (kind) {
    case ColumnKind::Number: return "number";
    case ColumnKind::Category: return "category";
    case ColumnKind::Text: return "text";
    case ColumnKind::Identifier: return "identifier";
    case ColumnKind::Empty: break;
    }
    return "empty";
}

bool FileColumn::canBeClasses() const
{
    return values.size() >= 2 && values.size() * 2 <= cells.size() - static_cast<std::size_t>(missing);
}

void TableFile::addColumn(std::string name, std::vector<std::string> cells)
{
    FileColumn c;
    c.name = std::move(name);
    c.cells = std::move(cells);
    std::set<std::string> different;
    std::vector<double> numbers;
    std::int64_t notNumbers = 0, firstBad = -1;
    bool whole = true;
    for (std::size_t row = 0; row < c.cells.size(); ++row) {
        auto &cell = c.cells[row];
        numbers.push_back(nan);
        if (isMissing(cell)) {
            cell.clear();
            ++c.missing;
            continue;
        }
        if (different.size() <= FileColumn::mostClasses || !whole)
            different.insert(cell);
        if (const auto v = numberInCell(cell)) {
            numbers.back() = *v;
            whole = whole && isWhole(*v);
        } else {
            whole = false;
            firstBad = firstBad < 0 ? static_cast<std::int64_t>(row) : firstBad;
            ++notNumbers;
        }
    }
    const auto present = static_cast<std::int64_t>(c.cells.size()) - c.missing;
    if (present == 0) {
        c.kind = ColumnKind::Empty;
        c.reason = "It has no values.";
    } else if (static_cast<double>(notNumbers) <= (1 - mostlyNumbers) * static_cast<double>(present)) {
        c.numbers = std::move(numbers);
        c.firstBad = firstBad;
        describeNumbers(c);
    } else {
        describeWords(c, different);
    }
    if ((c.kind == ColumnKind::Category || (c.kind == ColumnKind::Number && whole)) &&
        different.size() <= FileColumn::mostClasses) {
        c.values.assign(different.begin(), different.end());
        std::stable_sort(c.values.begin(), c.values.end(), files::naturalLess);
    }
    m_columns.push_back(std::move(c));
}

TableFile TableFile::fromText(std::string_view text, const std::string &name, HeaderLine header)
{
    auto rows = readTableText(text, name, header);
    TableFile t;
    t.m_name = name;
    t.m_rows = static_cast<std::int64_t>(rows.lines.size());
    t.m_hasHeader = rows.hasHeader;
    t.m_lines = std::move(rows.lines);
    for (std::size_t i = 0; i < rows.columns.size(); ++i)
        t.addColumn(std::move(rows.names[i]), std::move(rows.columns[i]));
    return t;
}

TableFile TableFile::read(const std::filesystem::path &path, HeaderLine header)
{
    const std::string extension = lower(path.extension().string());
    if (extension == ".npz")
        throw Error({path.string(), "a CSV, TSV or .npy file", "a NumPy archive of several arrays",
                     "save one array with numpy.save, with the target as its last column"});
    if (extension != ".npy") {
        auto bytes = readRegularFile(path, mostBytes);
        if (bytes.starts_with("\x1f\x8b"))
            bytes = gunzipped(bytes, path.string(), mostBytes);
        return fromText(bytes, path.string(), header);
    }
    const auto source = files::openNpy(path);
    if (!source)
        throw Error({path.string(), "a NumPy file", "another kind of file", "save the array with numpy.save"});
    const auto &info = source->info();
    if (info.pages != 1 || info.channels != 1)
        throw Error({path.string(), "an array of two axes, rows and columns", fmt::format("axes {}", info.axes),
                     "reshape it to (rows, columns)"});
    const Array values = source->readPage(0);
    TableFile t;
    t.m_name = path.string();
    t.m_rows = info.height;
    for (std::int64_t c = 0; c < info.width; ++c) {
        std::vector<std::string> cells;
        for (std::int64_t r = 0; r < info.height; ++r)
            cells.push_back(shortest(values.value(r * info.width + c)));
        t.addColumn(fmt::format("column {}", c + 1), std::move(cells));
    }
    return t;
}

const FileColumn &TableFile::column(const std::string &name) const
{
    std::vector<std::string> names;
    for (const auto &c : m_columns) {
        if (c.name == name)
            return c;
        names.push_back(c.name);
    }
    const auto near = nearestName(name, names);
    throw Error({m_name, "a column '" + name + "'", fmt::format("{} others", names.size()),
                 near.empty() ? "choose one of the columns of the table" : "did you mean '" + near + "'?"});
}

std::int64_t TableFile::line(std::int64_t row) const
{
    return m_lines.empty() ? 0 : m_lines.at(static_cast<std::size_t>(row));
}

std::string TableFile::place(std::int64_t row, const FileColumn &column) const
{
    return fmt::format("{}: row {}, column '{}'", m_name, row + 1, column.name);
}

const std::vector<double> &TableFile::numbersOf(const FileColumn &c) const
{
    std::int64_t bad = c.firstBad;
    for (std::size_t row = 0; c.numbers.empty() && bad < 0 && row < c.cells.size(); ++row)
        if (!c.cells[row].empty() && !numberInCell(c.cells[row]))
            bad = static_cast<std::int64_t>(row);
    if (bad >= 0)
        throw Error(Error::Kind::Input, place(bad, c),
                    fmt::format("'{}' is not a number. Correct {}, or leave the column out.",
                                c.cells[static_cast<std::size_t>(bad)],
                                m_lines.empty() ? "it" : fmt::format("line {} of the file", line(bad))));
    if (c.numbers.empty())
        throw Error({m_name + ": column '" + c.name + "'", "numbers", "no values", "leave the column out"});
    return c.numbers;
}

std::string TableFile::suggestedTarget() const
{
    for (const char *name : {"target", "class", "label", "species", "diagnosis", "outcome", "category", "y"})
        for (const auto &c : m_columns)
            if (lower(c.name) == name && c.canBeClasses())
                return c.name;
    for (auto c = m_columns.rbegin(); c != m_columns.rend(); ++c)
        if (c->canBeClasses() && c->kind != ColumnKind::Identifier)
            return c->name;
    return {};
}

Table TableFile::overview() const
{
    std::vector<std::string> names, kinds, reasons;
    std::vector<std::int64_t> missing;
    std::vector<double> low, high;
    for (const auto &c : m_columns) {
        names.push_back(c.name);
        kinds.push_back(nameOf(c.kind));
        reasons.push_back(c.reason);
        missing.push_back(c.missing);
        double minimum = nan, maximum = nan;
        for (const double v : c.numbers) {
            minimum = std::fmin(minimum, v);
            maximum = std::fmax(maximum, v);
        }
        low.push_back(minimum);
        high.push_back(maximum);
    }
    Table t;
    t.title = "Columns";
    t.columns = {{"column", "", names},    {"kind", "", kinds},   {"why", "", reasons},
                 {"missing", "", missing}, {"smallest", "", low}, {"largest", "", high}};
    return t;
}

std::string TableFile::description() const
{
    std::string kinds;
    const std::pair<ColumnKind, std::pair<const char *, const char *>> all[] = {
        {ColumnKind::Number, {"number", "numbers"}},
        {ColumnKind::Category, {"category", "categories"}},
        {ColumnKind::Text, {"text", "texts"}},
        {ColumnKind::Identifier, {"identifier", "identifiers"}},
        {ColumnKind::Empty, {"empty", "empty"}}};
    for (const auto &[kind, words] : all)
        if (const auto n =
                std::count_if(m_columns.begin(), m_columns.end(), [&, k = kind](const auto &c) { return c.kind == k; }))
            kinds += (kinds.empty() ? "" : ", ") + plural(n, words.first, words.second);
    return fmt::format("{}, {}: {}", plural(m_rows, "row", "rows"),
                       plural(static_cast<std::int64_t>(m_columns.size()), "column", "columns"), kinds);
}

std::vector<std::int64_t> ClassTarget::counts() const
{
    std::vector<std::int64_t> n(classes.size(), 0);
    for (const auto c : of)
        ++n[static_cast<std::size_t>(c)];
    return n;
}

std::vector<std::int64_t> ClassTarget::counts(const std::vector<std::int64_t> &rows) const
{
    std::vector<std::int64_t> n(classes.size(), 0);
    for (const auto row : rows)
        ++n[static_cast<std::size_t>(of.at(static_cast<std::size_t>(row)))];
    return n;
}

Table ClassTarget::countTable() const
{
    Table t;
    t.title = "Classes of " + column;
    t.columns = {{"class", "", classes}, {"rows", "", counts()}};
    return t;
}

ClassTarget classTarget(const TableFile &table, const std::string &name)
{
    const auto &c = table.column(name);
    const auto where = table.name() + ": column '" + name + "'";
    ClassTarget target;
    target.column = name;
    std::set<std::string> different;
    for (std::size_t row = 0; row < c.cells.size(); ++row) {
        if (c.cells[row].empty())
            throw Error(Error::Kind::Input, table.place(static_cast<std::int64_t>(row), c),
                        "the class is missing. Fill it in, or remove the row.");
        different.insert(c.cells[row]);
        if (different.size() > FileColumn::mostClasses)
            throw Error({where, fmt::format("at most {} classes", FileColumn::mostClasses), "more",
                         "choose a column of classes as the target"});
    }
    if (different.size() < 2)
        throw Error({where, "at least 2 classes", different.empty() ? "none" : "one, '" + *different.begin() + "'",
                     "choose another column as the target"});
    target.classes.assign(different.begin(), different.end());
    std::stable_sort(target.classes.begin(), target.classes.end(), files::naturalLess);
    for (const auto &cell : c.cells)
        target.of.push_back(std::find(target.classes.begin(), target.classes.end(), cell) - target.classes.begin());
    return target;
}

} // namespace reticle
