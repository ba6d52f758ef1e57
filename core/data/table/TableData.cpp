#include "data/table/TableData.h"

#include "data/Folds.h"
#include "data/table/RowSplit.h"
#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace reticle {

namespace {

constexpr std::size_t mostNamed = 8; ///< columns in a sentence

HeaderLine headerLineOf(const std::string &columnNames)
{
    return columnNames == "first-line" ? HeaderLine::Yes : columnNames == "none" ? HeaderLine::No : HeaderLine::Detect;
}

/// 'a', 'b', 'c' and 4 more
std::string quotedList(const std::vector<std::string> &names)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), mostNamed); ++i)
        text += (i > 0 ? ", '" : "'") + names[i] + "'";
    return names.size() > mostNamed ? text + fmt::format(" and {} more", names.size() - mostNamed) : text;
}

/// Names separated by commas. Those in quotation marks may hold commas, and "" is a mark.
std::vector<std::string> namesIn(const std::string &text)
{
    std::vector<std::string> names;
    std::string name;
    bool quoted = false, wasQuoted = false;
    const auto end = [&] {
        if (!wasQuoted) {
            const auto first = name.find_first_not_of(" \t"), last = name.find_last_not_of(" \t");
            name = first == std::string::npos ? std::string() : name.substr(first, last - first + 1);
        }
        if (!name.empty())
            names.push_back(name);
        name.clear();
        wasQuoted = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            name += c;
            ++i;
        } else if (quoted) {
            quoted = c != '"';
            if (quoted)
                name += c;
        } else if (c == '"' && name.find_first_not_of(" \t") == std::string::npos) {
            quoted = wasQuoted = true;
            name.clear();
        } else if (c == ',') {
            end();
        } else if (!wasQuoted || (c != ' ' && c != '\t')) {
            name += c;
        }
    }
    end();
    return names;
}

const FileColumn &columnOf(const TableFile &table, const std::string &name, const char *field)
{
    try {
        return table.column(name);
    } catch (const Error &e) {
        throw e.within(field);
    }
}

/// What each column of a table is for.
struct Roles
{
    std::string target;
    const FileColumn *groups = nullptr;
    std::vector<std::string> features;
    std::vector<std::string> notes;
};

std::string findTarget(const TableFile &table, const TableDataOptions &options, const std::set<std::string> &excluded)
{
    if (!options.target.empty()) {
        const auto &name = columnOf(table, options.target, "data.target").name;
        if (excluded.count(name))
            throw Error({"data.target", "a column that is neither ignored nor the groups", "'" + name + "'",
                         "choose another column for one of them"});
        return name;
    }
    auto name = table.suggestedTarget();
    if (excluded.count(name)) {
        name.clear();
        for (const auto &c : table.columns())
            if (!excluded.count(c.name) && c.canBeClasses() && c.kind != ColumnKind::Identifier)
                name = c.name; // the last one
    }
    if (name.empty())
        throw Error({table.name(),
                     fmt::format("a column of classes: 2 to {} different values, each of them in two rows on average",
                                 FileColumn::mostClasses),
                     "none", "choose the target column, or another table"});
    return name;
}

Roles rolesOf(const TableFile &table, const TableDataOptions &options)
{
    Roles roles;
    std::set<std::string> excluded;
    for (const auto &name : namesIn(options.ignoredColumns))
        excluded.insert(columnOf(table, name, "data.ignored-columns").name);
    if (!options.groups.empty()) {
        roles.groups = &columnOf(table, options.groups, "data.groups");
        excluded.insert(roles.groups->name);
    }
    roles.target = findTarget(table, options, excluded);
    if (options.target.empty())
        roles.notes.push_back(fmt::format("No target column is set, so '{}' is the target.", roles.target));
    std::vector<std::string> unusable;
    std::string reason;
    for (const auto &c : table.columns()) {
        if (c.name == roles.target || excluded.count(c.name))
            continue;
        if (c.kind == ColumnKind::Number || c.kind == ColumnKind::Category) {
            roles.features.push_back(c.name);
        } else {
            unusable.push_back(c.name);
            reason = c.reason;
        }
    }
    if (unusable.size() == 1)
        roles.notes.push_back(fmt::format("Column '{}' is left out. {}", unusable.front(), reason));
    else if (!unusable.empty())
        roles.notes.push_back(fmt::format("{} columns of texts, identifiers or without values are left out: {}.", unusable.size(),
                                          quotedList(unusable)));
    return roles;
}

FeatureEncoding encodingOf(const TableFile &table, const Roles &roles, const TableDataOptions &options)
{
    if (roles.features.empty()) // an empty list would mean all of them
        throw Error({table.name(), "at least one column of numbers or categories besides the target", "none",
                     "choose another table, or ignore fewer columns"});
    return FeatureEncoding::of(table, roles.target, roles.features,
                               options.missing == "median" ? MissingValues::Impute : MissingValues::Refuse);
}

std::vector<ArraySpec> specsOf(const FeatureEncoding &encoding, const ClassTarget &target)
{
    auto names = encoding.featureNames();
    const auto count = static_cast<std::int64_t>(names.size());
    return {{"features", DType::Float32, {count}, std::move(names), {}}, {"target", DType::Int64, {}, target.classes, {}}};
}

std::vector<std::string> groupsOf(const TableFile &table, const FileColumn *column)
{
    if (!column)
        return {};
    for (std::size_t row = 0; row < column->cells.size(); ++row)
        if (column->cells[row].empty())
            throw Error(Error::Kind::Input, table.place(static_cast<std::int64_t>(row), *column),
                        "the group is missing. Fill it in, or remove the row.");
    return column->cells;
}

/// One of several folds is the test; validation is drawn from the other rows.
Split splitIntoFolds(const ClassTarget &target, const TableDataOptions &options, std::uint64_t seed, RowSplitOptions rest)
{
    if (options.fold > options.folds)
        throw Error({"data.fold", fmt::format("a fold from 1 to {}", options.folds), std::to_string(options.fold),
                     "choose one of them, or more folds"});
    std::vector<std::int64_t> all(target.of.size());
    for (std::size_t row = 0; row < all.size(); ++row)
        all[row] = static_cast<std::int64_t>(row);
    auto folds = rest.groups.empty() ? stratifiedFolds(target, options.folds, seed) : groupFolds(all, rest.groups, options.folds);
    auto test = std::move(folds[static_cast<std::size_t>(options.fold - 1)]);
    std::sort(test.begin(), test.end());
    std::vector<std::int64_t> others;
    std::set_difference(all.begin(), all.end(), test.begin(), test.end(), std::back_inserter(others));
    ClassTarget remaining{target.column, target.classes, {}};
    std::vector<std::string> groups;
    for (const auto row : others) {
        remaining.of.push_back(target.of[static_cast<std::size_t>(row)]);
        if (!rest.groups.empty())
            groups.push_back(rest.groups[static_cast<std::size_t>(row)]);
    }
    rest.groups = std::move(groups);
    rest.testFraction = 0;
    auto split = splitRows(remaining, seed, rest);
    for (auto *part : {&split.training, &split.validation})
        for (auto &row : *part)
            row = others[static_cast<std::size_t>(row)];
    split.test = std::move(test);
    return split;
}

Split splitBy(const ClassTarget &target, const TableDataOptions &options, std::uint64_t seed, std::vector<std::string> groups)
{
    RowSplitOptions how{options.validationFraction, options.testFraction, options.stratify, std::move(groups)};
    try {
        return options.split == "folds" ? splitIntoFolds(target, options, seed, std::move(how)) : splitRows(target, seed, how);
    } catch (const Error &e) {
        // These name fields of the section without it.
        auto parts = e.parts();
        if (!parts.where.starts_with("data."))
            parts.where = "data." + parts.where;
        if (parts.expected.empty())
            throw Error(e.kind(), parts.where, parts.found);
        throw Error(e.kind(), std::move(parts));
    }
}

/// Classes of a model found in a column, in the model's order.
ClassTarget classesOfModel(const TableFile &table, const std::string &name, const std::vector<std::string> &classes,
                           const std::string &owner)
{
    const auto &column = table.column(name);
    ClassTarget target{name, classes, {}};
    for (std::size_t row = 0; row < column.cells.size(); ++row) {
        const auto &cell = column.cells[row];
        const auto found = std::find(classes.begin(), classes.end(), cell);
        if (cell.empty())
            throw Error(Error::Kind::Input, table.place(static_cast<std::int64_t>(row), column),
                        "the class is missing. Fill it in, or remove the row.");
        if (found == classes.end())
            throw Error({table.place(static_cast<std::int64_t>(row), column),
                         fmt::format("one of the {} classes of {}", classes.size(), owner), "'" + cell + "'",
                         "correct the cell, or train another model"});
        target.of.push_back(found - classes.begin());
    }
    return target;
}

/// The parts that a model was trained with. Rows that have been added since are in none of them.
Split keptSplit(const Json &kept, const TableFile &table, const DataOfModel &model, std::vector<std::string> &notes)
{
    const auto split = Split::fromJson(kept);
    const auto rows = split.all();
    const std::int64_t last = rows.empty() ? -1 : *std::max_element(rows.begin(), rows.end());
    if (last >= table.rows())
        throw Error({table.name(), fmt::format("the {} rows or more that {} was trained with", last + 1, model.owner),
                     std::to_string(table.rows()), "choose the table that it was trained with"});
    if (const auto more = table.rows() - static_cast<std::int64_t>(rows.size()); more > 0)
        notes.push_back(fmt::format("{} of {} rows were not in the table when {} was trained. They are not used.", more,
                                    table.rows(), model.owner));
    return split;
}

} // namespace

Schema<TableDataOptions> TableDataOptions::schema()
{
    using O = TableDataOptions;
    Schema<O> s("table", "Table with a column of classes",
                "Rows of numbers and categories with one column of classes to predict: CSV or TSV, also compressed with gzip, or "
                "a NumPy array of two axes. Each category becomes a feature of its own, 0 or 1.");
    s.field(&O::table, {.name = "table", .help = "CSV, TSV or .npy file with an example in each row.", .path = true})
        .field(&O::target, {.name = "target",
                            .title = "Target column",
                            .help = "Column of the classes to predict; empty finds it by its name (target, class, label, …), "
                                    "else takes the last column that can hold classes."})
        .field(&O::ignoredColumns, {.name = "ignored-columns",
                                    .help = "Columns that are not learned from, separated by commas; a name that holds a comma "
                                            "is written in quotation marks."})
        .field(&O::columnNames, {.name = "column-names",
                                 .help = "Where the names of the columns are: detect finds out, first-line takes the first line "
                                         "as names, none takes it as a row.",
                                 .choices = {"detect", "first-line", "none"},
                                 .advanced = true})
        .field(&O::scaling, {.name = "scaling",
                             .help = "What is done to each feature, by its training rows: none, standard (mean 0, standard "
                                     "deviation 1) or minmax (0 to 1).",
                             .choices = {"none", "standard", "minmax"}})
        .field(&O::missing, {.name = "missing",
                             .title = "Missing values",
                             .help = "What is done with empty cells: refuse names the first one, median fills in the median of "
                                     "the training rows; a missing category becomes a category of its own.",
                             .choices = {"refuse", "median"}})
        .field(&O::batching,
               {.name = "batching",
                .help =
                    "Which training rows a step gets: shuffled takes each row once an epoch in a new order, sequential in the "
                    "same order every epoch, first-slice takes the same first rows at every step and never uses the others, "
                    "full takes all rows, bootstrap draws rows with replacement.",
                .choices = {"shuffled", "sequential", "first-slice", "full", "bootstrap"}})
        .field(&O::split, {.name = "split",
                           .help = "How rows are divided: random takes the fractions below, folds takes one of several folds "
                                   "with equal shares of each class as the test.",
                           .choices = {"random", "folds"},
                           .group = "Split"})
        .field(&O::validationFraction, {.name = "validation-fraction",
                                        .help = "Share of the rows for validation, rounded down.",
                                        .min = 0,
                                        .max = 0.9,
                                        .group = "Split"})
        .field(&O::testFraction, {.name = "test-fraction",
                                  .help = "Share of the rows kept for a test, rounded down; not used with split folds.",
                                  .min = 0,
                                  .max = 0.9,
                                  .group = "Split"})
        .field(&O::stratify, {.name = "stratify",
                              .help = "Take the fractions of each class, so that rare classes are in every part.",
                              .group = "Split"})
        .field(&O::splitSeed, {.name = "split-seed",
                               .help = "Seed that divides the rows, the same for all runs; 0 follows the seed of the run.",
                               .min = 0,
                               .group = "Split"})
        .field(&O::groups, {.name = "groups",
                            .title = "Column of groups",
                            .help = "Column whose rows of one value, such as a patient or an animal, are all in one part; it is "
                                    "not learned from. Empty = each row by itself.",
                            .group = "Split"})
        .field(&O::folds, {.name = "folds",
                           .help = "Number of folds with split folds, each of which is the test once.",
                           .min = 2,
                           .max = 1000,
                           .group = "Split",
                           .advanced = true})
        .field(&O::fold, {.name = "fold",
                          .help = "Which of the folds is the test with split folds, counted from 1.",
                          .min = 1,
                          .max = 1000,
                          .group = "Split",
                          .advanced = true});
    return s;
}

std::shared_ptr<TableData> TableData::load(const TableDataOptions &options, std::uint64_t seed)
{
    if (options.table.empty())
        throw Error({"data.table", "a CSV, TSV or .npy file", "none", "choose a table"});
    return of(TableFile::read(options.table, headerLineOf(options.columnNames)), options, seed);
}

std::shared_ptr<TableData> TableData::of(const TableFile &table, const TableDataOptions &options, std::uint64_t seed)
{
    auto roles = rolesOf(table, options);
    std::shared_ptr<TableData> data(new TableData);
    data->m_options = options;
    data->m_splitSeed = options.splitSeed > 0 ? static_cast<std::uint64_t>(options.splitSeed) : seed;
    data->m_notes = std::move(roles.notes);
    data->m_target = classTarget(table, roles.target);
    data->m_encoding = encodingOf(table, roles, options);
    const auto features = data->m_encoding.encode(table);
    data->m_split = splitBy(data->m_target, options, data->m_splitSeed, groupsOf(table, roles.groups));
    data->m_scaling = FeaturePreparation::fit(features, data->m_split.training, featureScaleFromName(options.scaling));
    data->finish(table, features);
    return data;
}

std::shared_ptr<TableData> TableData::loadForModel(const TableDataOptions &options, std::uint64_t seed, const DataOfModel &model)
{
    const Json &kept = model.description;
    if (!kept.is_object() || !kept.contains("features") || !kept.contains("split"))
        return load(options, seed);
    const JsonReader in(kept, model.owner);
    for (const char *key : {"featureScaling", "targetColumn", "classNames"})
        in.need(key);
    std::string column;
    std::vector<std::string> classes;
    in.read("targetColumn", column);
    in.read("classNames", classes);
    if (options.table.empty())
        throw Error({"data.table", "a CSV, TSV or .npy file", "none", "choose a table"});
    const auto table = TableFile::read(options.table, headerLineOf(options.columnNames));
    std::shared_ptr<TableData> data(new TableData);
    data->m_options = options;
    data->m_splitSeed = options.splitSeed > 0 ? static_cast<std::uint64_t>(options.splitSeed) : seed;
    data->m_encoding = FeatureEncoding::fromJson(kept.at("features"));
    data->m_scaling = FeaturePreparation::fromJson(kept.at("featureScaling"));
    data->m_target = classesOfModel(table, column, classes, model.owner);
    data->m_split = keptSplit(kept.at("split"), table, model, data->m_notes);
    data->finish(table, data->m_encoding.encode(table));
    return data;
}

/// What follows from encoding, scaling, target and split.
void TableData::finish(const TableFile &table, const FeatureTable &features)
{
    m_name = std::filesystem::path(table.name()).filename().string();
    m_features = m_scaling.apply(features);
    m_classes = Array::of<std::int64_t>({size()}, m_target.of);
    m_specs = specsOf(m_encoding, m_target);
    m_order = m_split.training;
    auto random = Random::of(streamSeed(m_splitSeed, SeedStream::Split), 1);
    for (std::size_t i = m_order.size(); i > 1; --i)
        std::swap(m_order[i - 1], m_order[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
    std::vector<std::string> filled;
    for (const auto &column : m_encoding.columns())
        if (table.column(column.name).missing > 0)
            filled.push_back(column.name);
    if (!filled.empty())
        m_notes.push_back(fmt::format("Missing values are filled in by the median of the training rows, or are a category of "
                                      "their own: {}.",
                                      quotedList(filled)));
}

const std::string &TableData::kind() const
{
    static const std::string name = "table";
    return name;
}

NamedArrays TableData::example(std::int64_t row) const
{
    if (row < 0 || row >= size())
        throw Error({m_name, fmt::format("a row from 0 to {}", size() - 1), std::to_string(row), {}});
    return {{"features", m_features.at(row)}, {"target", m_classes.at(row)}};
}

std::string TableData::nameOf(std::int64_t row) const
{
    return fmt::format("{}: row {}", m_name, row + 1);
}

Json TableData::preparation() const
{
    return Json{{"features", m_encoding.toJson()},
                {"featureScaling", m_scaling.toJson()},
                {"targetColumn", m_target.column},
                {"classNames", m_target.classes},
                {"columnNames", m_options.columnNames}};
}

Json TableData::summary() const
{
    return Json{{"table",
                 {{"training", m_split.training.size()},
                  {"validation", m_split.validation.size()},
                  {"test", m_split.test.size()},
                  {"split-seed", m_splitSeed},
                  {"split-seed-of", m_options.splitSeed > 0 ? "recipe" : "run"}}}};
}

std::string TableData::description() const
{
    std::string classes;
    const auto counts = m_target.counts();
    for (std::size_t c = 0; c < std::min(counts.size(), mostNamed); ++c)
        classes += fmt::format("{}{} {}", c > 0 ? ", " : "", m_target.classes[c], counts[c]);
    if (counts.size() > mostNamed)
        classes += fmt::format(" and {} more", counts.size() - mostNamed);
    return fmt::format(
        "{}: {} rows, {} features, target '{}' of {} classes ({}); {} rows for training, {} for validation, {} for "
        "a test; split seed {} ({}){}; scaling {}",
        m_name, size(), featureNames().size(), m_target.column, counts.size(), classes, m_split.training.size(),
        m_split.validation.size(), m_split.test.size(), m_splitSeed,
        m_options.splitSeed > 0 ? "set in the recipe" : "the seed of the run",
        m_options.split == "folds" ? fmt::format(", fold {} of {}", m_options.fold, m_options.folds) : "",
        reticle::nameOf(m_scaling.scale()));
}

std::vector<ArraySpec> tableSpecs(const TableDataOptions &options)
{
    if (options.table.empty())
        throw Error({"data.table", "a CSV, TSV or .npy file", "none", "choose a table"});
    const auto table = TableFile::read(options.table, headerLineOf(options.columnNames));
    const auto roles = rolesOf(table, options);
    return specsOf(encodingOf(table, roles, options), classTarget(table, roles.target));
}

Array preparedRows(const Json &preparation, const std::string &path)
{
    const JsonReader in(preparation, "preparation of the model");
    for (const char *key : {"features", "featureScaling"})
        in.need(key);
    std::string columnNames = "detect";
    in.read("columnNames", columnNames);
    const auto encoding = FeatureEncoding::fromJson(preparation.at("features"));
    const auto scaling = FeaturePreparation::fromJson(preparation.at("featureScaling"));
    const auto table = TableFile::read(path, headerLineOf(columnNames));
    std::vector<std::string> present, lacking;
    for (const auto &c : table.columns())
        present.push_back(c.name);
    for (const auto &c : encoding.columns())
        if (std::find(present.begin(), present.end(), c.name) == present.end())
            lacking.push_back(c.name);
    if (!lacking.empty())
        throw Error({table.name(),
                     (lacking.size() == 1 ? "the column " : fmt::format("the {} columns ", lacking.size())) +
                         quotedList(lacking) + ", which the model was trained with",
                     "only " + quotedList(present), "add the missing columns, or correct the names in the first line"});
    return scaling.apply(encoding.encode(table));
}

} // namespace reticle
