#pragma once

#include "data/table/TableFile.h"
#include "foundation/Array.h"

namespace reticle {

enum class MissingValues {
    Refuse,
    Impute, ///< numbers by the median of the training rows; a missing category is a category of its own
};
enum class FeatureScale {
    None,
    Standard, ///< mean 0, standard deviation 1 of the training rows
    MinMax,   ///< 0 to 1 over the training rows
};
std::string nameOf(FeatureScale scale);                     ///< "none", "standard", "minmax"
FeatureScale featureScaleFromName(const std::string &name); ///< throws Error naming the known ones

/// What is learned from, as numbers: one feature a number column, one for each value of a category column ("color=red").
struct FeatureTable
{
    std::vector<std::string> names;
    std::int64_t rows = 0;
    std::vector<double> values; ///< (rows, features) in C order; NaN where a number is missing

    std::int64_t size() const { return static_cast<std::int64_t>(names.size()); }
    double at(std::int64_t row, std::int64_t feature) const { return values[static_cast<std::size_t>(row * size() + feature)]; }
    /// Smallest, largest, mean and sample standard deviation of each feature.
    Table rangeTable() const;
};

/// How the columns of a table become features; kept with a model, so that other tables become the same features.
class FeatureEncoding
{
public:
    struct Column
    {
        std::string name;
        std::vector<std::string> categories; ///< in natural order; empty = a number
        bool hasMissing = false;             ///< one more category "missing"
    };

    /// All number and category columns but `target`, where `columns` is empty; texts, identifiers and empty columns are
    /// left out. Throws Error: an unknown column, the target among the columns, no columns left.
    static FeatureEncoding of(const TableFile &table, const std::string &target, const std::vector<std::string> &columns = {},
                              MissingValues missing = MissingValues::Refuse);

    const std::vector<Column> &columns() const { return m_columns; }
    std::vector<std::string> featureNames() const;
    /// Throws Error: a missing column, a cell that is not a number, a missing value where these are refused, a category that
    /// the encoding does not know; each names row and column.
    FeatureTable encode(const TableFile &table) const;

    Json toJson() const;
    static FeatureEncoding fromJson(const Json &json);

private:
    std::vector<Column> m_columns;
    MissingValues m_missing = MissingValues::Refuse;
};

/// Imputation and scaling, fitted on some rows and applied to all. A feature that is constant in those rows is only shifted.
class FeaturePreparation
{
public:
    /// Throws Error: no rows, a feature without a value in them.
    static FeaturePreparation fit(const FeatureTable &features, const std::vector<std::int64_t> &rows, FeatureScale scale);

    /// (value - offset) * factor, float32 (rows, features). Throws Error where the number of features differs.
    Array apply(const FeatureTable &features) const;

    FeatureScale scale() const { return m_scale; }
    const std::vector<double> &medians() const { return m_medians; }
    const std::vector<double> &offsets() const { return m_offsets; }
    const std::vector<double> &factors() const { return m_factors; }
    Json toJson() const;
    static FeaturePreparation fromJson(const Json &json);

private:
    FeatureScale m_scale = FeatureScale::None;
    std::vector<double> m_medians, m_offsets, m_factors;
};

} // namespace reticle
