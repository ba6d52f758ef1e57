#pragma once

#include "data/Dataset.h"
#include "data/table/FeatureTable.h"
#include "foundation/Schema.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

/// The recipe's "data" section of data set "table".
struct TableDataOptions
{
    std::string table;                  ///< CSV or TSV, also compressed with gzip, or a .npy file of two axes
    std::string target;                 ///< column of the classes; empty = TableFile::suggestedTarget()
    std::string ignoredColumns;         ///< names separated by commas; one that holds a comma is in quotation marks
    std::string columnNames = "detect"; ///< "detect", "first-line" or "none"
    std::string scaling = "standard";   ///< a FeatureScale
    std::string missing = "refuse";     ///< "refuse" or "median"
    std::string batching = "shuffled";  ///< see rowBatches
    std::string split = "random";       ///< "random" or "folds"
    double validationFraction = 0.1, testFraction = 0.1; ///< of the rows, rounded down
    bool stratify = false;
    std::int64_t splitSeed = 42;      ///< 0 = the seed of the run
    std::string groups;               ///< column whose values are in one part each; empty = none
    std::int64_t folds = 5, fold = 1; ///< split "folds": number `fold`, counted from 1, of so many is the test

    static Schema<TableDataOptions> schema();
};

/// Rows of a table and their classes, prepared for a network and kept in memory. Thread-safe.
/// As a Dataset an example is a row: "features" (F) float32, encoded, filled in and scaled, and "target" () int64, the class.
/// The spec of "features" has the names of the features as its categories, that of "target" the names of the classes.
class TableData : public Dataset
{
public:
    /// `seed`: of the run, which only splits rows where the options pin no split seed. Throws Error: a file that cannot be read
    /// as a table, columns that it does not have, cells that are missing or not numbers (with row and column), fewer than 2
    /// classes, a class without training rows.
    static std::shared_ptr<TableData> load(const TableDataOptions &options, std::uint64_t seed);
    /// The same of a table that has been read.
    static std::shared_ptr<TableData> of(const TableFile &table, const TableDataOptions &options, std::uint64_t seed);
    /// Columns, scaling, classes and parts are those of the model's description (keptWithModel), whatever the table has now.
    /// What it does not say is found as by load(). Throws Error too: a class or category that the model does not know, and a
    /// table that lacks rows of the split.
    static std::shared_ptr<TableData> loadForModel(const TableDataOptions &options, std::uint64_t seed, const DataOfModel &model);

    const std::string &kind() const override;
    std::int64_t size() const override { return static_cast<std::int64_t>(m_target.of.size()); }
    const Split &split() const override { return m_split; }
    const std::vector<ArraySpec> &specs() const override { return m_specs; }
    NamedArrays example(std::int64_t row) const override;
    std::string nameOf(std::int64_t row) const override; ///< "iris.csv: row 17", counted from 1, as in errors
    std::string exampleNoun() const override { return "row"; }
    /// {"features": FeatureEncoding, "featureScaling": FeaturePreparation, "targetColumn", "classNames", "columnNames"}: what
    /// preparedRows() needs.
    Json preparation() const override;
    std::vector<std::int64_t> classCounts() const override { return m_target.counts(m_split.training); }
    /// {"table": {"training", "validation", "test": numbers of rows, "split-seed", "split-seed-of": "recipe" or "run"}}
    Json summary() const override;
    std::vector<std::string> notes() const override { return m_notes; }
    std::string description() const override;

    const TableDataOptions &options() const { return m_options; }
    const std::vector<std::string> &featureNames() const { return m_specs.front().categories; }
    const Array &features() const { return m_features; }    ///< (rows, F) float32, of all rows
    const Array &classIndices() const { return m_classes; } ///< (rows) int64, of all rows
    const ClassTarget &target() const { return m_target; }
    /// The training rows in an order shuffled by the split seed. Files are often sorted by class, so that their first rows
    /// would be of one class alone.
    const std::vector<std::int64_t> &trainingOrder() const { return m_order; }
    std::uint64_t splitSeed() const { return m_splitSeed; } ///< the one that was used

private:
    TableData() = default;
    void finish(const TableFile &table, const FeatureTable &features);

    TableDataOptions m_options;
    std::string m_name; ///< of the file, without folders
    std::uint64_t m_splitSeed = 0;
    FeatureEncoding m_encoding;
    FeaturePreparation m_scaling;
    ClassTarget m_target;
    Split m_split;
    std::vector<std::int64_t> m_order;
    Array m_features, m_classes;
    std::vector<ArraySpec> m_specs;
    std::vector<std::string> m_notes;
};

/// What the examples of a table hold. Reads the whole table: which columns are numbers, and which categories and classes there
/// are, depends on every row. Throws Error as TableData::load does for columns.
std::vector<ArraySpec> tableSpecs(const TableDataOptions &options);

/// The features of another table, (rows, F) float32, prepared as the training rows of a model were: columns are found by their
/// names, in any order, and others are passed over. `preparation`: as TableData::preparation(), other keys may be beside.
/// Throws Error: columns that the table does not have (all of them named), cells that are missing or not numbers (with row and
/// column), unknown categories, and a preparation that is not one of a table.
Array preparedRows(const Json &preparation, const std::string &path);

} // namespace reticle
