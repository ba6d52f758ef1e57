#pragma once

#include "foundation/Table.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reticle {

enum class ColumnKind {
    Number,
    Category,   ///< few different values, each in several rows
    Text,       ///< many different values: cannot be learned from
    Identifier, ///< one value for each row, which says nothing about other rows
    Empty,      ///< no value in any row
};
std::string nameOf(ColumnKind kind); ///< "number", "category", "text", "identifier", "empty"

/// One column of a table file as it was read.
struct FileColumn
{
    std::string name;
    ColumnKind kind = ColumnKind::Number;
    std::string reason;             ///< a sentence that says why it is of this kind
    std::vector<std::string> cells; ///< one a row; "" where the value is missing
    std::vector<double> numbers;    ///< of a Number, NaN where missing or no number
    std::vector<std::string>
        values; ///< different values in natural order; of categories and of whole numbers, at most mostClasses
    std::int64_t missing = 0;
    std::int64_t firstBad = -1; ///< of a Number, the first row whose cell is not a number; -1 = none

    static constexpr std::size_t mostClasses = 200;
    /// Whether its values can be classes: 2 or more different ones, at most mostClasses, on average in 2 rows or more.
    bool canBeClasses() const;
};

/// Whether the first line of a text table holds column names.
enum class HeaderLine { Detect, Yes, No };

/// A table of numbers and categories: CSV or TSV (see DelimitedText), also compressed with gzip, or a two-dimensional NumPy
/// array. The header of scikit-learn's own files ("150,4,setosa,versicolor,virginica": rows, features, classes of the last
/// column) is understood. Missing are empty cells, NA, N/A, NaN, null and ?, in any letter case.
class TableFile
{
public:
    /// Throws Error: nothing to read, text that is no table (with its line), a broken gzip or NumPy file, an array that does
    /// not have two axes, no rows.
    static TableFile read(const std::filesystem::path &path, HeaderLine header = HeaderLine::Detect);
    /// The same from the text of the file `name`.
    static TableFile fromText(std::string_view text, const std::string &name, HeaderLine header = HeaderLine::Detect);

    const std::string &name() const { return m_name; }
    std::int64_t rows() const { return m_rows; }
    const std::vector<FileColumn> &columns() const { return m_columns; }
    bool hasHeader() const { return m_hasHeader; }
    /// Throws Error with the nearest name.
    const FileColumn &column(const std::string &name) const;
    /// "wine.csv: row 17, column 'alcohol'", rows counted from 1 below the column names. `row` is counted from 0.
    std::string place(std::int64_t row, const FileColumn &column) const;
    std::int64_t line(std::int64_t row) const; ///< in the file, from 1; 0 = not a text file

    /// Numbers of a column. Throws Error for the first cell that is not one: "row 17, column 'alcohol': 'abc' is not a number".
    const std::vector<double> &numbersOf(const FileColumn &column) const;

    /// The column that is most probably the target: by its name (target, class, label, species, …), else the last one that can
    /// be classes. Empty where there is none.
    std::string suggestedTarget() const;

    /// A row for each column: name, kind, why, missing values, different values or range.
    Table overview() const;
    std::string description() const; ///< "150 rows, 5 columns: 4 numbers, 1 category"

private:
    void addColumn(std::string name, std::vector<std::string> cells);
    std::string m_name;
    std::int64_t m_rows = 0;
    bool m_hasHeader = false;
    std::vector<FileColumn> m_columns;
    std::vector<std::int64_t> m_lines;
};

/// The classes of a target column.
struct ClassTarget
{
    std::string column;
    std::vector<std::string> classes;
    std::vector<std::int64_t> of; ///< class of each row

    std::vector<std::int64_t> counts() const; ///< rows of each class
    std::vector<std::int64_t> counts(const std::vector<std::int64_t> &rows) const;
    Table countTable() const;
};
/// Classes in natural order (2 before 10). Throws Error: no such column, fewer than 2 classes, more than
/// FileColumn::mostClasses, a missing value.
ClassTarget classTarget(const TableFile &table, const std::string &column);

} // namespace reticle
