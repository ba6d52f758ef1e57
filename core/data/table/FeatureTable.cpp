#include "data/table/FeatureTable.h"

#include "compare/PairedTest.h"
#include "files/Reader.h"
#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

constexpr const char *missingName = "missing";

double medianOf(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    const double high = *middle;
    return values.size() % 2 ? high : (high + *std::max_element(values.begin(), middle)) / 2;
}

bool isFeature(const FileColumn &c)
{
    return c.kind == ColumnKind::Number || c.kind == ColumnKind::Category;
}

} // namespace

std::string nameOf(FeatureScale scale)
{
    return scale == FeatureScale::None ? "none" : scale == FeatureScale::Standard ? "standard" : "minmax";
}

FeatureScale featureScaleFromName(const std::string &name)
{
    for (const auto scale : {FeatureScale::None, FeatureScale::Standard, FeatureScale::MinMax})
        if (nameOf(scale) == name)
            return scale;
    const auto near = nearestName(name, {"none", "standard", "minmax"});
    throw Error({"scaling", "none, standard or minmax", "\"" + name + "\"",
                 near.empty() ? "choose one of them" : "did you mean \"" + near + "\"?"});
}

Table FeatureTable::rangeTable() const
{
    std::vector<double> low, high, mean, sd;
    std::vector<std::int64_t> missing;
    for (std::int64_t f = 0; f < size(); ++f) {
        std::vector<double> column;
        for (std::int64_t r = 0; r < rows; ++r)
            if (const double v = at(r, f); !std::isnan(v))
                column.push_back(v);
        missing.push_back(rows - static_cast<std::int64_t>(column.size()));
        const auto m = meanAndSpread(column);
        mean.push_back(m.mean);
        sd.push_back(m.sd);
        low.push_back(column.empty() ? m.mean : *std::min_element(column.begin(), column.end()));
        high.push_back(column.empty() ? m.mean : *std::max_element(column.begin(), column.end()));
    }
    Table t;
    t.title = "Ranges of the features";
    t.columns = {{"feature", "", names}, {"smallest", "", low}, {"largest", "", high},
                 {"mean", "", mean},     {"sd", "", sd},        {"missing", "", missing}};
    return t;
}

FeatureEncoding FeatureEncoding::of(const TableFile &table, const std::string &target, const std::vector<std::string> &columns,
                                    MissingValues missing)
{
    FeatureEncoding e;
    e.m_missing = missing;
    std::vector<const FileColumn *> chosen;
    for (const auto &c : table.columns())
        if (columns.empty() && c.name != target && isFeature(c))
            chosen.push_back(&c);
    for (const auto &name : columns) {
        if (name == target)
            throw Error({"columns", "columns other than the target", "'" + name + "'", "leave the target out of the columns"});
        chosen.push_back(&table.column(name));
    }
    if (chosen.empty())
        throw Error({table.name(), "at least one column of numbers or categories besides the target", "none",
                     "choose another table, or name the columns to learn from"});
    for (const auto *c : chosen) {
        Column column{c->name, {}, false};
        if (c->kind == ColumnKind::Category) {
            column.categories = c->values;
            column.hasMissing = missing == MissingValues::Impute && c->missing > 0;
        } else {
            table.numbersOf(*c); // what is not a number is refused now, with its row
        }
        e.m_columns.push_back(std::move(column));
    }
    return e;
}

std::vector<std::string> FeatureEncoding::featureNames() const
{
    std::vector<std::string> names;
    for (const auto &c : m_columns) {
        if (c.categories.empty())
            names.push_back(c.name);
        for (const auto &category : c.categories)
            names.push_back(c.name + "=" + category);
        if (c.hasMissing)
            names.push_back(c.name + "=" + missingName);
    }
    return names;
}

FeatureTable FeatureEncoding::encode(const TableFile &table) const
{
    FeatureTable f;
    f.names = featureNames();
    f.rows = table.rows();
    f.values.assign(static_cast<std::size_t>(f.rows * f.size()), 0);
    const auto refuseMissing = [&](std::int64_t row, const FileColumn &c) {
        throw Error(Error::Kind::Input, table.place(row, c),
                    c.kind == ColumnKind::Category
                        ? "the value is missing. Fill it in, remove the row, or choose to impute missing values."
                        : "the value is missing. Fill it in, remove the row, or choose to impute missing values "
                          "by the median of the column.");
    };
    std::int64_t first = 0;
    for (const auto &column : m_columns) {
        const auto &c = table.column(column.name);
        const auto at = [&](std::int64_t row, std::int64_t feature) -> double & {
            return f.values[static_cast<std::size_t>(row * f.size() + first + feature)];
        };
        if (column.categories.empty()) {
            // Of a few rows to predict, all may lack the value.
            const std::vector<double> none(c.kind == ColumnKind::Empty ? c.cells.size() : 0,
                                           std::numeric_limits<double>::quiet_NaN());
            const auto &numbers = none.empty() ? table.numbersOf(c) : none;
            for (std::int64_t row = 0; row < f.rows; ++row) {
                const double v = numbers[static_cast<std::size_t>(row)];
                if (std::isnan(v) && m_missing == MissingValues::Refuse)
                    refuseMissing(row, c);
                at(row, 0) = v;
            }
            ++first;
            continue;
        }
        const auto known = static_cast<std::int64_t>(column.categories.size());
        for (std::int64_t row = 0; row < f.rows; ++row) {
            const auto &cell = c.cells[static_cast<std::size_t>(row)];
            if (cell.empty()) {
                if (!column.hasMissing)
                    refuseMissing(row, c);
                at(row, known) = 1;
                continue;
            }
            const auto found = std::find(column.categories.begin(), column.categories.end(), cell);
            if (found == column.categories.end()) {
                const auto near = nearestName(cell, column.categories);
                throw Error(
                    {table.place(row, c), fmt::format("one of {} known categories", known), "'" + cell + "'",
                     near.empty() ? "use the categories that the model was trained with" : "did you mean '" + near + "'?"});
            }
            at(row, found - column.categories.begin()) = 1;
        }
        first += known + column.hasMissing;
    }
    return f;
}

Json FeatureEncoding::toJson() const
{
    Json columns = Json::array();
    for (const auto &c : m_columns) {
        Json one{{"name", c.name}};
        if (!c.categories.empty())
            one["categories"] = c.categories;
        if (c.hasMissing)
            one["missing"] = true;
        columns.push_back(std::move(one));
    }
    return Json{{"missing", m_missing == MissingValues::Impute ? "impute" : "refuse"}, {"columns", std::move(columns)}};
}

FeatureEncoding FeatureEncoding::fromJson(const Json &json)
{
    const JsonReader in(json, "features");
    FeatureEncoding e;
    std::string missing = "refuse";
    in.read("missing", missing);
    if (missing != "refuse" && missing != "impute")
        in.refuse("missing", "refuse or impute", foundText(missing));
    e.m_missing = missing == "impute" ? MissingValues::Impute : MissingValues::Refuse;
    in.need("columns");
    in.each("columns", [&](const JsonReader &column) {
        Column c;
        column.need("name");
        column.read("name", c.name);
        column.read("categories", c.categories);
        column.read("missing", c.hasMissing);
        e.m_columns.push_back(std::move(c));
    });
    return e;
}

FeaturePreparation FeaturePreparation::fit(const FeatureTable &features, const std::vector<std::int64_t> &rows,
                                           FeatureScale scale)
{
    if (rows.empty())
        throw Error({"scaling", "at least one training row", "none", "leave rows for training"});
    FeaturePreparation p;
    p.m_scale = scale;
    for (std::int64_t f = 0; f < features.size(); ++f) {
        std::vector<double> present;
        for (const auto row : rows)
            if (const double v = features.at(row, f); !std::isnan(v))
                present.push_back(v);
        if (present.empty())
            throw Error({"feature '" + features.names[static_cast<std::size_t>(f)] + "'", "a value in at least one training row",
                         "none", "leave the column out, or choose another split seed"});
        const double median = medianOf(present);
        p.m_medians.push_back(median);
        const auto n = static_cast<double>(rows.size());
        const double filled = static_cast<double>(rows.size() - present.size()) * median;
        double offset = 0, factor = 1;
        if (scale == FeatureScale::Standard) {
            double sum = filled, squares = 0;
            for (const double v : present)
                sum += v;
            offset = sum / n;
            for (const double v : present)
                squares += (v - offset) * (v - offset);
            squares += static_cast<double>(rows.size() - present.size()) * (median - offset) * (median - offset);
            const double sd = std::sqrt(squares / n); // of the population, as scikit-learn has it
            factor = sd > 1e-12 * std::abs(offset) ? 1 / sd : 1;
        } else if (scale == FeatureScale::MinMax) {
            const auto [low, high] = std::minmax_element(present.begin(), present.end());
            offset = *low;
            factor = *high > *low ? 1 / (*high - *low) : 1;
        }
        p.m_offsets.push_back(offset);
        p.m_factors.push_back(factor);
    }
    return p;
}

Array FeaturePreparation::apply(const FeatureTable &features) const
{
    if (features.names.size() != m_offsets.size())
        throw Error({"features", std::to_string(m_offsets.size()), std::to_string(features.names.size()),
                     "use a table with the columns that the model was trained on"});
    Array out(DType::Float32, {features.rows, features.size()});
    for (std::int64_t r = 0; r < features.rows; ++r)
        for (std::int64_t f = 0; f < features.size(); ++f) {
            const auto i = static_cast<std::size_t>(f);
            const double v = features.at(r, f);
            out.data<float>()[r * features.size() + f] =
                static_cast<float>(((std::isnan(v) ? m_medians[i] : v) - m_offsets[i]) * m_factors[i]);
        }
    return out;
}

Json FeaturePreparation::toJson() const
{
    return Json{{"scaling", nameOf(m_scale)},
                {"medians", numbersToJson(m_medians)},
                {"offsets", numbersToJson(m_offsets)},
                {"factors", numbersToJson(m_factors)}};
}

FeaturePreparation FeaturePreparation::fromJson(const Json &json)
{
    const JsonReader in(json, "scaling of features");
    FeaturePreparation p;
    std::string scale = "none";
    in.read("scaling", scale);
    p.m_scale = featureScaleFromName(scale);
    for (const char *key : {"medians", "offsets", "factors"})
        in.need(key);
    in.read("medians", p.m_medians);
    in.read("offsets", p.m_offsets);
    in.read("factors", p.m_factors);
    if (p.m_offsets.size() != p.m_medians.size() || p.m_factors.size() != p.m_medians.size())
        in.refuse("factors", fmt::format("{} numbers", p.m_medians.size()), fmt::format("{}", p.m_factors.size()));
    return p;
}

} // namespace reticle
