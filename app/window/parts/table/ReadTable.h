#pragma once

#include "data/table/TableFile.h"
#include "figure/Figure.h"

#include <limits>
#include <memory>

namespace reticle {

/// What a page says of one column of a table, counted once.
struct ColumnFacts
{
    std::int64_t firstMissing = -1; ///< row, from 0; -1 = no value is missing
    std::int64_t bad = 0;           ///< of a number column, cells that are not numbers
    double low = std::numeric_limits<double>::quiet_NaN(), high = low, mean = low, sd = low; ///< of the numbers; NaN without any
    std::vector<double> edges;        ///< of the histogram, counts + 1; empty where it cannot be drawn
    std::vector<double> counts;       ///< rows in each bin
    std::vector<std::int64_t> rowsOf; ///< rows of each of FileColumn::values
    std::int64_t widest = 0;          ///< row of the cell with the longest text
};

/// A table file with the facts of its columns. Read-only, so that several threads may share it.
class ReadTable
{
public:
    /// Throws Error as TableFile::read. Takes seconds for a large file: not for the GUI thread.
    static std::shared_ptr<const ReadTable> read(const std::filesystem::path &path, HeaderLine header = HeaderLine::Detect);
    explicit ReadTable(TableFile file);

    const TableFile &file() const { return m_file; }
    std::int64_t rows() const { return m_file.rows(); }
    std::size_t columns() const { return m_facts.size(); }
    const FileColumn &column(std::size_t index) const { return m_file.columns().at(index); }
    const ColumnFacts &facts(std::size_t index) const { return m_facts.at(index); }
    /// Its numbers are shown as numbers: right-aligned, with a histogram.
    bool isNumeric(std::size_t index) const { return !column(index).numbers.empty(); }
    /// Number of the column of this name, -1 where there is none.
    std::int64_t indexOf(const std::string &name) const;

    /// A histogram of numbers, bars of the commonest values of categories and of a `target`. Without panels where the
    /// column has neither.
    Figure figure(std::size_t index, bool target) const;

    static constexpr std::size_t mostBars = 20; ///< further categories are counted together

private:
    TableFile m_file;
    std::vector<ColumnFacts> m_facts;
};

} // namespace reticle
