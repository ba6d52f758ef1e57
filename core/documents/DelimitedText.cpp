#include "documents/DelimitedText.h"

#include "documents/PlainText.h"
#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reticle {

namespace {

constexpr std::string_view byteOrderMark = "\xef\xbb\xbf";
constexpr const char *saveAsCsv = "save the table as CSV in UTF-8";

/// The line that byte `at` is in, counted from 1.
std::int64_t lineAt(std::string_view text, std::size_t at)
{
    std::int64_t line = 1;
    for (std::size_t i = 0; i < at; ++i)
        line += text[i] == '\n' || (text[i] == '\r' && !(i + 1 < text.size() && text[i + 1] == '\n'));
    return line;
}

std::string trimmed(std::string_view cell)
{
    const auto begin = cell.find_first_not_of(" \t\r\n"), end = cell.find_last_not_of(" \t\r\n");
    return begin == std::string_view::npos ? std::string() : std::string(cell.substr(begin, end - begin + 1));
}

} // namespace

DelimitedText::DelimitedText(std::string_view text, std::string name) : m_text(text), m_name(std::move(name))
{
    if (m_text.starts_with(byteOrderMark))
        m_text.remove_prefix(byteOrderMark.size());
    requireText();
    findSeparator();
    if (!read(m_header))
        throw Error({m_name, "a table whose first line holds the column names", "an empty file", {}});
    std::set<std::string> seen;
    for (const auto &column : m_header)
        if (!column.empty() && !seen.insert(column).second)
            throw Error({place(), "column names that differ", "\"" + column + "\" twice", "rename one of the two columns"});
    m_first = m_at;
    m_firstLine = m_next;
}

std::string DelimitedText::place() const
{
    return placeOf(m_line);
}

std::string DelimitedText::placeOf(std::int64_t line) const
{
    return fmt::format("{}: line {}", m_name, line);
}

void DelimitedText::requireText() const
{
    const auto refuse = [&](const std::string &found) { throw Error({m_name, "a table as text in UTF-8", found, saveAsCsv}); };
    if (m_text.starts_with("PK\3\4"))
        refuse("a spreadsheet or another compressed file");
    if (m_text.starts_with("\xff\xfe") || m_text.starts_with("\xfe\xff"))
        refuse("text in UTF-16");
    if (m_text.find('\0') != std::string_view::npos)
        refuse("a binary file");
    const std::string valid = validUtf8(m_text);
    const auto [bad, other] = std::mismatch(m_text.begin(), m_text.end(), valid.begin(), valid.end());
    if (bad != m_text.end())
        refuse(fmt::format("the byte 0x{:02X} in line {}, which is another encoding", static_cast<unsigned char>(*bad),
                           lineAt(m_text, static_cast<std::size_t>(bad - m_text.begin()))));
}

/// Of the first line that is not empty; where it has none there is one column.
void DelimitedText::findSeparator()
{
    const auto isEnd = [](char c) { return c == '\n' || c == '\r'; };
    // As Excel writes it for programs of other languages.
    if (m_text.size() > 4 && m_text.starts_with("sep=") && std::string_view(";,\t|").find(m_text[4]) != std::string_view::npos &&
        (m_text.size() == 5 || isEnd(m_text[5]))) {
        m_separator = m_text[4];
        m_at = m_text.size() > 6 && m_text[5] == '\r' && m_text[6] == '\n' ? 7 : std::min<std::size_t>(6, m_text.size());
        m_next = 2;
        return;
    }
    std::int64_t tabs = 0, semicolons = 0, commas = 0;
    bool quoted = false, any = false;
    for (const char c : m_text) {
        if (!quoted && any && isEnd(c))
            break;
        any = any || !isEnd(c);
        quoted = quoted != (c == '"');
        tabs += !quoted && c == '\t';
        semicolons += !quoted && c == ';';
        commas += !quoted && c == ',';
    }
    m_separator = tabs > 0 && tabs >= semicolons && tabs >= commas ? '\t' : semicolons > 0 && semicolons >= commas ? ';' : ',';
}

bool DelimitedText::isSpace(std::size_t at) const
{
    return m_text[at] == ' ' || (m_text[at] == '\t' && m_separator != '\t');
}

std::string DelimitedText::cell(bool &more)
{
    const auto size = m_text.size();
    const auto isEnd = [&](std::size_t i) { return m_text[i] == '\n' || m_text[i] == '\r'; };
    std::size_t at = m_at;
    std::string value;
    while (at < size && isSpace(at))
        ++at;
    if (at < size && m_text[at] == '"') {
        const auto opened = m_next;
        for (++at;; ++at) {
            if (at >= size)
                throw Error({placeOf(opened), "a closing quotation mark", "the end of the file",
                             "close the quotation, or double the mark where it belongs to the text"});
            if (m_text[at] == '"') {
                if (at + 1 >= size || m_text[at + 1] != '"')
                    break;
                ++at;
            }
            m_next += m_text[at] == '\n' || (m_text[at] == '\r' && !(at + 1 < size && m_text[at + 1] == '\n'));
            value += m_text[at];
        }
        for (++at; at < size && isSpace(at);)
            ++at;
        if (at < size && m_text[at] != m_separator && !isEnd(at))
            throw Error({placeOf(m_next), "the end of the cell after its closing quotation mark",
                         "\"" + std::string(m_text.substr(at, 20)) + "\"", "double the mark where it belongs to the text"});
    } else {
        const std::size_t begin = at;
        while (at < size && m_text[at] != m_separator && !isEnd(at))
            ++at;
        value = m_text.substr(begin, at - begin);
    }
    more = at < size && m_text[at] == m_separator;
    if (more) {
        ++at;
    } else if (at < size) {
        at += m_text[at] == '\r' && at + 1 < size && m_text[at + 1] == '\n' ? 2 : 1;
        ++m_next;
    }
    m_at = at;
    return trimmed(value);
}

/// The next row that is not empty.
bool DelimitedText::read(std::vector<std::string> &cells)
{
    while (m_at < m_text.size()) {
        cells.clear();
        m_line = m_next;
        for (bool more = true; more;)
            cells.push_back(cell(more));
        if (std::any_of(cells.begin(), cells.end(), [](const std::string &c) { return !c.empty(); }))
            return true;
    }
    cells.clear();
    return false;
}

bool DelimitedText::next()
{
    if (!read(m_cells))
        return false;
    if (++m_rows > mostRows)
        throw Error({m_name, fmt::format("at most {} rows", mostRows), "more", "leave out the rows that are not needed"});
    const auto last = std::find_if(m_cells.rbegin(), m_cells.rend(), [](const std::string &c) { return !c.empty(); });
    if (const auto count = m_cells.rend() - last; count > static_cast<std::ptrdiff_t>(m_header.size()))
        throw Error({place(), fmt::format("as many cells as column names ({})", m_header.size()), std::to_string(count),
                     "put cells that hold the separator in quotation marks"});
    m_cells.resize(m_header.size()); // cells that are left out at the end are empty
    return true;
}

void DelimitedText::rewind()
{
    m_at = m_first;
    m_next = m_firstLine;
    m_rows = 0;
}

} // namespace reticle
