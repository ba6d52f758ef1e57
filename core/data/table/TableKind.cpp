// Data set "table": rows of features with a column of classes.

#include "data/table/RowBatches.h"
#include "files/Reader.h"
#include "foundation/Error.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>

namespace reticle {

namespace {

namespace fs = std::filesystem;

// How sure a detection is. Images alone have 0.5, images with labels 0.9.
constexpr double surelyTable = 0.6;  ///< an array that would be an image otherwise
constexpr double tableOfText = 0.45; ///< no image is read from such files
constexpr double perhapsTable = 0.2; ///< an array that is an image unless the user says otherwise
constexpr double brokenTable = 0.1;  ///< so that the problems are those of a table

std::string counted(std::int64_t n, const char *one, const char *many)
{
    return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string lowerName(const fs::path &path)
{
    std::string name = path.filename().string();
    for (char &c : name)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
}

enum class Ending { None, Table, Text, Npy };

Ending endingOf(const std::string &path)
{
    const auto name = lowerName(path);
    for (const char *ending : {".csv", ".tsv", ".csv.gz", ".tsv.gz"})
        if (name.ends_with(ending))
            return Ending::Table;
    return name.ends_with(".txt") ? Ending::Text : name.ends_with(".npy") ? Ending::Npy : Ending::None;
}

/// Columns with their kinds and ranges, for a page and for a project.
Json columnsOf(const TableFile &table)
{
    Json columns = Json::array();
    for (const auto &c : table.columns()) {
        Json one{{"name", c.name}, {"kind", nameOf(c.kind)}, {"why", c.reason}, {"missing", c.missing}};
        if (!c.values.empty())
            one["values"] = c.values.size();
        double low = NAN, high = NAN;
        for (const double v : c.numbers) {
            low = std::fmin(low, v);
            high = std::fmax(high, v);
        }
        if (!std::isnan(low)) {
            one["smallest"] = low;
            one["largest"] = high;
        }
        columns.push_back(std::move(one));
    }
    return columns;
}

Json infoOf(const TableFile &table)
{
    return Json{{"rows", table.rows()}, {"columns", columnsOf(table)}};
}

/// "A table of 150 rows and 5 columns: 4 of numbers, and a target "species" of 3 classes."
std::string sentenceOf(const TableFile &table, const ClassTarget *target)
{
    std::int64_t numbers = 0, categories = 0, others = 0;
    for (const auto &c : table.columns())
        if (!target || c.name != target->column)
            ++(c.kind == ColumnKind::Number ? numbers : c.kind == ColumnKind::Category ? categories : others);
    std::string parts;
    for (const auto &[n, text] : {std::pair{numbers, "of numbers"}, {categories, "of categories"}, {others, "not learned from"}})
        if (n > 0)
            parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", n, text);
    if (target)
        parts +=
            fmt::format("{}a target \"{}\" of {} classes", parts.empty() ? "" : ", and ", target->column, target->classes.size());
    return fmt::format("A table of {} and {}: {}.", counted(table.rows(), "row", "rows"),
                       counted(static_cast<std::int64_t>(table.columns().size()), "column", "columns"), parts);
}

/// Opens the table as a training would, so that what is wrong is said now.
void tryOut(Detection &d, const TableFile &table)
{
    TableDataOptions options;
    options.table = d.path;
    std::shared_ptr<TableData> data;
    try {
        data = TableData::of(table, options, 1);
    } catch (const Error &e) {
        options.stratify = true;
        try {
            data = TableData::of(table, options, 1);
            d.data["stratify"] = true;
            d.notes.push_back("Some classes have few rows, so the rows of each class are split separately (stratify).");
        } catch (const Error &) {
            d.problems.push_back(e.what());
        }
    }
    if (!data)
        return;
    for (auto &note : data->notes())
        d.notes.push_back(std::move(note));
}

void describe(Detection &d, const TableFile &table)
{
    d.details = Json{{"table", infoOf(table)}};
    std::optional<ClassTarget> target;
    try {
        if (const auto name = table.suggestedTarget(); !name.empty()) {
            target = classTarget(table, name);
            Json classes = Json::array();
            const auto counts = target->counts();
            for (std::size_t c = 0; c < counts.size(); ++c)
                classes.push_back({{"name", target->classes[c]}, {"rows", counts[c]}});
            d.details["table"]["target"] = name;
            d.details["table"]["classes"] = std::move(classes);
            d.data["target"] = name;
        }
    } catch (const Error &) {
        // A class is missing in a row: tryOut says in which.
    }
    d.sentence = sentenceOf(table, target ? &*target : nullptr);
    tryOut(d, table);
}

/// An array of two axes is read as an image unless it cannot be one: an image that is taken for a table would be lost to the
/// user, whereas a table that is taken for an image is seen at once, and can be chosen as data set "table". It is surely a
/// table where the last column holds few whole numbers, each of them often, among columns of measured values: no image has an
/// edge of other numbers than its inside. Tables of whole numbers alone, such as gray values with a class, are not told from
/// images.
bool isSurelyTable(const ImageSource &source)
{
    const auto &info = source.info();
    if (info.width < 2 || info.height < 4 || (info.dtype != DType::Float32 && info.dtype != DType::Float64))
        return false;
    const auto isWhole = [](double v) { return v == std::floor(v); };
    const Array last = source.readRegion(0, 0, info.width - 1, info.height, 1);
    std::set<double> classes;
    for (std::int64_t i = 0; i < last.size(); ++i) {
        if (!isWhole(last.value(i)))
            return false;
        classes.insert(last.value(i));
        if (classes.size() > FileColumn::mostClasses)
            return false;
    }
    if (classes.size() < 2 || static_cast<std::int64_t>(classes.size()) * 2 > info.height)
        return false;
    const Array start = source.readRegion(0, 0, 0, std::min<std::int64_t>(info.height, 64), info.width - 1);
    std::int64_t fractions = 0;
    for (std::int64_t i = 0; i < start.size(); ++i)
        fractions += !isWhole(start.value(i)) && !std::isnan(start.value(i));
    return 4 * fractions > start.size();
}

void detectNpy(Detection &d)
{
    const auto source = files::openNpy(d.path);
    if (!source || source->info().pages != 1 || source->info().channels != 1)
        return;
    const auto &info = source->info();
    d.data = Json{{"name", "table"}, {"table", d.path}};
    if (!isSurelyTable(*source)) {
        // Of large images every cell would become a text, so the table is not read.
        d.confidence = perhapsTable;
        d.sentence =
            fmt::format("An array of {} and {}.", counted(info.height, "row", "rows"), counted(info.width, "column", "columns"));
        return;
    }
    d.confidence = surelyTable;
    d.notes.push_back("This array could be an image as well. Its last column holds few different whole numbers, so it is read as "
                      "a table.");
    describe(d, TableFile::read(d.path));
}

Detection detectTable(const std::vector<std::string> &paths)
{
    Detection d;
    std::vector<std::string> tables;
    for (const auto &path : paths)
        if (endingOf(path) == Ending::Table)
            tables.push_back(path);
    if (paths.size() > 1 && tables.size() == paths.size()) {
        d.problems.push_back(fmt::format("{} tables were dropped. Drop one of them at a time.", paths.size()));
        d.confidence = brokenTable;
        d.path = tables.front();
        d.data = Json{{"name", "table"}, {"table", d.path}};
        d.sentence = fmt::format("{} tables.", paths.size());
        return d;
    }
    std::error_code none;
    if (paths.size() != 1 || endingOf(paths[0]) == Ending::None || !fs::is_regular_file(paths[0], none))
        return d;
    const auto ending = endingOf(paths[0]);
    d.path = paths[0];
    try {
        if (ending == Ending::Npy) {
            detectNpy(d);
            return d;
        }
        const auto table = TableFile::read(d.path);
        // Any text can be read as a table of one column, and most as one with a few commas.
        const bool numbers = std::ranges::any_of(table.columns(), [](const auto &c) { return c.kind == ColumnKind::Number; });
        if (ending == Ending::Text && (!numbers || table.columns().size() < 2))
            return {};
        d.confidence = tableOfText;
        d.data = Json{{"name", "table"}, {"table", d.path}};
        describe(d, table);
    } catch (const std::exception &e) {
        if (ending != Ending::Table)
            return {};
        d = {};
        d.path = paths[0];
        d.data = Json{{"name", "table"}, {"table", d.path}};
        d.confidence = brokenTable;
        d.sentence = "A file that cannot be read as a table.";
        d.problems.push_back(e.what());
    }
    return d;
}

/// A few thousand steps take seconds on tables of this kind.
Json suggestTable(const Json &section)
{
    return Json{{"data", section},
                {"model", {{"name", "mlp"}}},
                {"objective", {{"name", "classification"}}},
                {"train", {{"steps", 5000}, {"batch", 64}}}};
}

DescribedInput describeInput(const std::string &field, const std::string &path)
{
    if (field != "table")
        return {};
    return {infoOf(TableFile::read(path)), {}, false};
}

std::shared_ptr<Dataset> openTableForModel(const Json &options, std::uint64_t seed, const DataOfModel &model,
                                           std::vector<std::string> &notes)
{
    auto data = TableData::loadForModel(TableDataOptions::schema().read(options, "data"), seed, model);
    for (auto &note : data->notes())
        notes.push_back(std::move(note));
    return data;
}

const Capability tableKindCapability("table", "data", "needs a table");
const ProvidesCapability tableKindRows("data", "table", "table");
const Registration<DataKind>
    table(TableDataOptions::schema().info(),
          {.open = [](const Json &options, std::uint64_t seed) -> std::shared_ptr<Dataset> {
               return TableData::load(TableDataOptions::schema().read(options, "data"), seed);
           },
           .openForModel = openTableForModel,
           .detect = detectTable,
           .suggestRecipe = suggestTable,
           .probe = [](const Json &options) { return tableSpecs(TableDataOptions::schema().read(options, "data")); },
           .describeInput = describeInput,
           .tasks = {"classification"},
           .arrays = {"features"},
           .batches =
               [](std::shared_ptr<const Dataset> data, std::int64_t batchSize, std::uint64_t seed) {
                   return rowBatches(std::dynamic_pointer_cast<const TableData>(std::move(data)), batchSize, seed);
               }});

} // namespace

} // namespace reticle
