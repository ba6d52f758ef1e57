#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reticle {

/// A table in a text file, read row by row: CSV (RFC 4180) with commas, semicolons or tabs, whichever separates the most
/// columns of the first line. A byte order mark, a line "sep=;", empty lines and line ends of all systems are accepted.
/// Cells come without the spaces around them. Memory is that of one row, whatever the size of the table.
class DelimitedText
{
public:
    static constexpr std::int64_t mostRows = 1000000; ///< below the column names

    /// `text` must outlive the object; `name` of the file is put before the line in errors. Throws Error: nothing in it, no
    /// UTF-8, two columns of one name.
    DelimitedText(std::string_view text, std::string name);

    const std::vector<std::string> &header() const { return m_header; } ///< column names, some may be empty
    char separator() const { return m_separator; }

    /// Goes to the next row; false at the end. Throws Error naming the line: a quotation mark that is never closed, more
    /// cells than column names, more than mostRows rows.
    bool next();
    void rewind(); ///< next() is the first row again

    const std::vector<std::string> &cells() const { return m_cells; } ///< as many as column names
    std::int64_t line() const { return m_line; }                      ///< where the row begins, counted from 1
    std::string place() const;                                        ///< "groups.csv: line 7"

private:
    void requireText() const;
    void findSeparator();
    bool read(std::vector<std::string> &cells);
    std::string cell(bool &more);
    bool isSpace(std::size_t at) const;
    std::string placeOf(std::int64_t line) const;

    std::string_view m_text;
    std::string m_name;
    char m_separator = ',';
    std::vector<std::string> m_header, m_cells;
    std::size_t m_at = 0, m_first = 0;   ///< what is read next, and where the first row begins
    std::int64_t m_line = 1, m_next = 1; ///< of the row, and of what is read next
    std::int64_t m_firstLine = 1, m_rows = 0;
};

} // namespace reticle
