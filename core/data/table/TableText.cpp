#include "data/table/TableText_p.h"

#include "documents/DelimitedText.h"
#include "foundation/Error.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

namespace reticle {

namespace {

constexpr std::string_view byteOrderMark = "\xef\xbb\xbf";
constexpr char separators[] = {'\t', ';', ','};

/// The first line that is not empty, and how many lines are before its end.
struct FirstLine
{
    std::string_view text, rest;
    std::int64_t lines = 0;
};

FirstLine firstLine(std::string_view text)
{
    FirstLine first;
    first.rest = text;
    while (!first.rest.empty() && first.text.find_first_not_of(" \t\r") == std::string_view::npos) {
        const auto end = first.rest.find_first_of("\r\n");
        first.text = first.rest.substr(0, end);
        const bool pair = end != std::string_view::npos && first.rest.substr(end, 2) == "\r\n";
        first.rest = end == std::string_view::npos ? std::string_view() : first.rest.substr(end + (pair ? 2 : 1));
        ++first.lines;
    }
    return first;
}

/// Cells of one line, and what separates them.
struct Cells
{
    std::vector<std::string> texts;
    char separator = ',';
};

Cells cellsOf(std::string_view line, const std::string &name)
{
    Cells cells;
    std::ptrdiff_t count[3] = {0, 0, 0};
    bool quoted = false;
    for (const char c : line) { // as DelimitedText finds it
        quoted = quoted != (c == '"');
        for (int i = 0; i < 3; ++i)
            count[i] += !quoted && c == separators[i];
    }
    const int best = count[0] > 0 && count[0] >= count[1] && count[0] >= count[2] ? 0
                     : count[1] > 0 && count[1] >= count[2]                       ? 1
                                                                                  : 2;
    cells.separator = separators[best];
    // Numbers as column names: those of DelimitedText must differ, and the cells of a row need not.
    std::string head;
    const auto columns = static_cast<std::size_t>(count[best] + 1);
    for (std::size_t i = 0; i < columns; ++i)
        head += fmt::format("{}{}", i > 0 ? std::string(1, cells.separator) : "", i + 1);
    const std::string table = head + "\n" + std::string(line);
    DelimitedText row(table, name);
    if (row.next())
        cells.texts = row.cells();
    cells.texts.resize(columns);
    return cells;
}

bool isNumber(const std::string &cell)
{
    return numberInCell(cell).has_value();
}

/// Column names have no numbers among them; without names, a row of numbers only looks like one.
bool looksLikeNames(const std::vector<std::string> &first)
{
    return std::none_of(first.begin(), first.end(), isNumber);
}

/// "150,4,setosa,versicolor,virginica"
struct ScikitHeader
{
    std::int64_t rows = 0;
    std::size_t columns = 0; ///< features and the target
    std::vector<std::string> classes;
};

std::optional<ScikitHeader> scikitHeader(const std::vector<std::string> &first, std::string_view second, const std::string &name)
{
    if (first.size() < 4)
        return {};
    const auto rows = numberInCell(first[0]), features = numberInCell(first[1]);
    if (!rows || !features || *rows < 1 || *rows != std::floor(*rows) || std::count(second.begin(), second.end(), '"') > 0)
        return {};
    ScikitHeader header{static_cast<std::int64_t>(*rows), cellsOf(second, name).texts.size(), {first.begin() + 2, first.end()}};
    if (static_cast<double>(header.columns) != *features + 1 || !looksLikeNames(header.classes))
        return {};
    return header;
}

std::vector<std::string> numberedNames(std::size_t columns)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < columns; ++i)
        names.push_back(fmt::format("column {}", i + 1));
    return names;
}

/// Rows of DelimitedText, whose own first line is made of numbers here; `before` lines of the file are in front of what
/// it reads.
void readRows(TableText &table, std::string_view rows, char separator, std::size_t columns, std::int64_t before,
              const std::string &name)
{
    std::string text;
    for (std::size_t i = 0; i < columns; ++i)
        text += fmt::format("{}{}", i > 0 ? std::string(1, separator) : "", i + 1);
    text += '\n';
    text += rows;
    table.columns.assign(columns, {});
    const auto shifted = [&](std::int64_t line) { return line - 1 + before; };
    std::int64_t line = 1;
    try {
        DelimitedText reader(text, name);
        while (reader.next()) {
            line = reader.line();
            table.lines.push_back(shifted(line));
            for (std::size_t i = 0; i < columns; ++i)
                table.columns[i].push_back(reader.cells()[i]);
        }
    } catch (const Error &e) {
        // The line that it names is that of the text made here.
        auto parts = e.parts();
        const std::string mark = ": line ";
        if (const auto at = parts.where.rfind(mark); at != std::string::npos) {
            std::int64_t number = 0;
            const char *begin = parts.where.data() + at + mark.size(), *end = parts.where.data() + parts.where.size();
            if (std::from_chars(begin, end, number).ec == std::errc())
                parts.where = fmt::format("{}: line {}", name, shifted(number));
        }
        throw Error(e.kind(), std::move(parts));
    }
}

} // namespace

std::optional<double> numberInCell(std::string_view cell)
{
    if (cell.starts_with('+'))
        cell.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error == std::errc() && end == cell.data() + cell.size())
        return std::isfinite(value) ? std::optional(value) : std::nullopt;
    // 5,1 of countries with a decimal comma. Before three digits the comma may separate thousands: 1,234.
    const auto comma = cell.find(',');
    if (comma != std::string_view::npos && comma > 0 && cell.find_first_of(",.", comma + 1) == std::string_view::npos &&
        cell.find('.') == std::string_view::npos && cell.size() - comma != 4) {
        std::string text(cell);
        std::replace(text.begin(), text.end(), ',', '.');
        return numberInCell(text);
    }
    return {};
}

TableText readTableText(std::string_view text, const std::string &name, HeaderLine header)
{
    if (text.starts_with(byteOrderMark))
        text.remove_prefix(byteOrderMark.size());
    auto first = firstLine(text);
    if (first.text.find_first_not_of(" \t\r") == std::string_view::npos)
        throw Error({name, "a table", "an empty file", "choose a CSV, TSV or NumPy file with data"});
    TableText table;
    // A quotation over several lines in the first row is for DelimitedText: only names have that.
    const bool open = std::count(first.text.begin(), first.text.end(), '"') % 2 == 1;
    const bool special = open || first.text.starts_with("sep=");
    const auto cells = special ? Cells{} : cellsOf(first.text, name);
    const auto second = firstLine(first.rest);
    const auto scikit = special || header != HeaderLine::Detect ? std::nullopt : scikitHeader(cells.texts, second.text, name);
    const bool named = special || header == HeaderLine::Yes || (header == HeaderLine::Detect && looksLikeNames(cells.texts));
    if (scikit) {
        table.names = numberedNames(scikit->columns);
        table.names.back() = "target";
        readRows(table, first.rest, cells.separator, scikit->columns, first.lines, name);
        if (static_cast<std::int64_t>(table.lines.size()) != scikit->rows)
            throw Error({name, fmt::format("{} rows, as its first line says", scikit->rows), std::to_string(table.lines.size()),
                         "check that the copy was complete"});
        for (auto &cell : table.columns.back())
            if (const auto v = numberInCell(cell);
                v && *v >= 0 && *v < static_cast<double>(scikit->classes.size()) && *v == std::floor(*v))
                cell = scikit->classes[static_cast<std::size_t>(*v)];
    } else if (named) {
        DelimitedText reader(text, name);
        table.hasHeader = true;
        table.names = reader.header();
        for (std::size_t i = 0; i < table.names.size(); ++i)
            if (table.names[i].empty()) // an index column of pandas has no name
                table.names[i] = fmt::format("column {}", i + 1);
        table.columns.resize(table.names.size());
        while (reader.next()) {
            table.lines.push_back(reader.line());
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                table.columns[i].push_back(reader.cells()[i]);
        }
    } else {
        table.names = numberedNames(cells.texts.size());
        readRows(table, text, cells.separator, cells.texts.size(), 0, name);
    }
    if (table.lines.empty())
        throw Error({name, "at least one row below the column names", "none", "choose a table with data"});
    return table;
}

std::string gunzipped(std::string_view bytes, const std::string &name, std::uint64_t maximum)
{
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        throw Error(Error::Kind::Failed, name,
                    "There is not enough memory to read the gzip file. Close other programs and try again.");
    const std::unique_ptr<z_stream, int (*)(z_stream *)> end(&stream, inflateEnd);
    const auto broken = [&](const char *found) {
        throw Error({name, "a whole gzip file", found, "check that the copy was complete"});
    };
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size()); // at most 1 GiB
    std::string text, buffer(1 << 18, '\0');
    for (;;) {
        stream.next_out = reinterpret_cast<Bytef *>(buffer.data());
        stream.avail_out = static_cast<uInt>(buffer.size());
        const int state = inflate(&stream, Z_NO_FLUSH);
        text.append(buffer.data(), buffer.size() - stream.avail_out);
        if (text.size() > maximum)
            throw Error({name, fmt::format("a table of at most {} MiB", maximum >> 20), "more",
                         "leave out the rows that are not needed"});
        if (state == Z_STREAM_END) {
            if (stream.avail_in < 2 || stream.next_in[0] != 0x1f || stream.next_in[1] != 0x8b)
                return text;
            inflateReset(&stream); // another member
        } else if (state == Z_BUF_ERROR || (state == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)) {
            broken("one that ends early");
        } else if (state != Z_OK) {
            broken("damaged data");
        }
    }
}

} // namespace reticle
