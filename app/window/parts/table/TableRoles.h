#pragma once

#include "data/Split.h"
#include "foundation/Json.h"
#include "window/parts/table/ReadTable.h"

#include <QString>

#include <optional>
#include <vector>

namespace reticle {

enum class ColumnRole {
    Target,
    Feature,
    Groups,  ///< rows of one value are in one part of the split
    Ignored, ///< chosen so, or of a kind that cannot be learned from
};

/// What the section "data" of data set "table" makes of the columns of a table, and how a person changes it: the fields target
/// and ignored-columns. The others stay as they are. Follows the rules of that data set.
class TableRoles
{
public:
    /// Names that the table does not have are passed over; problems() says so.
    TableRoles(std::shared_ptr<const ReadTable> table, Json section);

    const Json &section() const { return m_section; }
    std::int64_t target() const { return m_target; } ///< column, -1 = none
    ColumnRole of(std::size_t column) const { return m_roles.at(column); }
    std::size_t features() const; ///< number of columns that are learned from

    /// Why the column cannot be the target; empty where it can.
    QString whyNotTarget(std::size_t column) const;
    /// Why the column cannot be taken to learn from, or left out where it is taken now; empty where it can.
    QString whyNotChanged(std::size_t column) const;

    /// The section with another target.
    Json withTarget(std::size_t column) const;
    /// The section with the column learned from, or left out.
    Json withFeature(std::size_t column, bool taken) const;
    Json withoutFeatures(const std::vector<std::size_t> &columns) const;

    /// What keeps a training from working, in sentences that end with a way out.
    struct Problem
    {
        QString sentence = {};
        std::int64_t row = -1, column = -1;    ///< the cell where it is first met; -1 = nowhere in the table
        std::vector<std::size_t> columns = {}; ///< that it would help to leave out
    };
    std::vector<Problem> problems() const;

    /// "150 rows, 5 columns; target species with 3 classes"
    QString headline() const;
    /// "number, learned from" for the heading of a column.
    QString kindAndRole(std::size_t column) const;

private:
    Json withIgnored(const std::vector<std::string> &names) const;
    bool fillsIn() const;

    std::shared_ptr<const ReadTable> m_table;
    Json m_section;
    std::int64_t m_target = -1;
    std::vector<ColumnRole> m_roles;
    std::vector<std::string> m_ignored; ///< as the section names them
    std::vector<std::string> m_unknown; ///< names in the section that no column has
};

/// How a training with this section would divide the rows.
struct TableParts
{
    ClassTarget target;
    Split split;
    std::uint64_t seed = 0; ///< that divided them
    QString problem;        ///< why there are none

    /// Rows of each class in each part, with a last row of all.
    Table table() const;
};
/// Takes as long as the table is long, and reads it again for a split into folds: not for the GUI thread. `seed`: of the run,
/// used where the section pins none.
TableParts partsOf(const ReadTable &table, const TableRoles &roles, std::uint64_t seed);

/// Whether the section says that the first line holds the names of the columns.
HeaderLine headerLineOf(const Json &section);

QString titleOf(ColumnKind kind); ///< "number", translated
QString titleOf(ColumnRole role); ///< "target", "feature", "groups", "left out"

} // namespace reticle
