#include "window/parts/table/TableRoles.h"

#include "data/Dataset.h"
#include "data/table/RowSplit.h"
#include "window/shell/Text.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace reticle {

namespace {

// Fields of the section "data" of a table.
constexpr const char *targetField = "target", *ignoredField = "ignored-columns", *groupsField = "groups";
constexpr std::uint64_t usualSplitSeed = 42;

QString trRoles(const char *text)
{
    return QCoreApplication::translate("reticle::TableRoles", text);
}

std::string textIn(const Json &section, const char *field, const char *otherwise = "")
{
    if (!section.is_object())
        return otherwise;
    const auto it = section.find(field);
    return it != section.end() && it->is_string() ? it->get<std::string>() : otherwise;
}

double numberIn(const Json &section, const char *field, double otherwise)
{
    if (!section.is_object())
        return otherwise;
    const auto it = section.find(field);
    return it != section.end() && it->is_number() ? it->get<double>() : otherwise;
}

/// Names separated by commas. Those in quotation marks may hold commas, and "" is a mark.
std::vector<std::string> namesIn(const std::string &text)
{
    std::vector<std::string> names;
    std::size_t at = 0;
    const auto blank = [&] {
        while (at < text.size() && (text[at] == ' ' || text[at] == '\t'))
            ++at;
    };
    while (at < text.size()) {
        std::string name;
        blank();
        if (at < text.size() && text[at] == '"') {
            for (++at; at < text.size(); ++at) {
                if (text[at] == '"' && (++at >= text.size() || text[at] != '"'))
                    break;
                name += text[at];
            }
            at = std::min(text.find(',', at), text.size());
        } else {
            const auto end = std::min(text.find(',', at), text.size());
            name = text.substr(at, end - at);
            name.erase(name.find_last_not_of(" \t") + 1);
            at = end;
        }
        ++at; // the comma
        if (!name.empty())
            names.push_back(std::move(name));
    }
    return names;
}

std::string listOf(const std::vector<std::string> &names)
{
    std::string text;
    for (const auto &name : names) {
        text += text.empty() ? "" : ", ";
        if (name.find_first_of(",\"") == std::string::npos && name.front() != ' ' && name.back() != ' ') {
            text += name;
            continue;
        }
        text += '"';
        for (const char c : name)
            text += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += '"';
    }
    return text;
}

bool canBeLearnedFrom(const FileColumn &c)
{
    return c.kind == ColumnKind::Number || c.kind == ColumnKind::Category;
}

/// "alcohol, ash and 3 others"
QString listed(const ReadTable &table, const std::vector<std::size_t> &columns)
{
    constexpr std::size_t maximum = 4;
    QStringList names;
    for (std::size_t i = 0; i < columns.size() && (i < maximum || columns.size() == maximum + 1); ++i)
        names << qs(table.column(columns[i]).name);
    if (columns.size() > maximum + 1)
        return trRoles("%1 and %2 others").arg(names.join(QStringLiteral(", "))).arg(columns.size() - maximum);
    if (names.size() < 2)
        return names.join(QString());
    const QString last = names.takeLast();
    return trRoles("%1 and %2").arg(names.join(QStringLiteral(", ")), last);
}

} // namespace

QString titleOf(ColumnKind kind)
{
    switch (kind) {
    case ColumnKind::Number: return trRoles("number");
    case ColumnKind::Category: return trRoles("category");
    case ColumnKind::Text: return trRoles("text");
    case ColumnKind::Identifier: return trRoles("identifier");
    case ColumnKind::Empty: break;
    }
    return trRoles("empty");
}

QString titleOf(ColumnRole role)
{
    switch (role) {
    case ColumnRole::Target: return trRoles("target");
    case ColumnRole::Feature: return trRoles("feature");
    case ColumnRole::Groups: return trRoles("groups");
    case ColumnRole::Ignored: break;
    }
    return trRoles("left out");
}

HeaderLine headerLineOf(const Json &section)
{
    const auto said = textIn(section, "column-names", "detect");
    return said == "first-line" ? HeaderLine::Yes : said == "none" ? HeaderLine::No : HeaderLine::Detect;
}

TableRoles::TableRoles(std::shared_ptr<const ReadTable> table, Json section)
    : m_table(std::move(table)), m_section(section.is_object() ? std::move(section) : Json::object()),
      m_roles(m_table->columns(), ColumnRole::Ignored), m_ignored(namesIn(textIn(m_section, ignoredField)))
{
    std::vector<bool> free(m_roles.size(), true);
    const auto find = [&](const std::string &name) {
        const auto i = m_table->indexOf(name);
        if (i < 0 && !name.empty())
            m_unknown.push_back(name);
        return i;
    };
    for (const auto &name : m_ignored)
        if (const auto i = find(name); i >= 0)
            free[static_cast<std::size_t>(i)] = false;
    if (const auto i = find(textIn(m_section, groupsField)); i >= 0) {
        free[static_cast<std::size_t>(i)] = false;
        m_roles[static_cast<std::size_t>(i)] = ColumnRole::Groups;
    }
    const std::string target = textIn(m_section, targetField);
    m_target = target.empty() ? m_table->indexOf(m_table->file().suggestedTarget()) : find(target);
    // Found by itself it is none that is used for something else: then the last one that can be classes.
    if (target.empty() && m_target >= 0 && !free[static_cast<std::size_t>(m_target)]) {
        m_target = -1;
        for (std::size_t i = 0; i < free.size(); ++i)
            if (free[i] && m_table->column(i).canBeClasses() && m_table->column(i).kind != ColumnKind::Identifier)
                m_target = static_cast<std::int64_t>(i);
    }
    for (std::size_t i = 0; i < m_roles.size(); ++i)
        if (free[i] && canBeLearnedFrom(m_table->column(i)))
            m_roles[i] = ColumnRole::Feature;
    if (m_target >= 0)
        m_roles[static_cast<std::size_t>(m_target)] = ColumnRole::Target;
}

std::size_t TableRoles::features() const
{
    return static_cast<std::size_t>(std::count(m_roles.begin(), m_roles.end(), ColumnRole::Feature));
}

bool TableRoles::fillsIn() const
{
    return textIn(m_section, "missing", "refuse") != "refuse";
}

QString TableRoles::whyNotTarget(std::size_t column) const
{
    const auto &c = m_table->column(column);
    if (of(column) == ColumnRole::Target)
        return trRoles("It is the target already.");
    if (of(column) == ColumnRole::Groups)
        return trRoles("Its values are the groups of the split. Choose no groups in the training form first.");
    if (c.kind == ColumnKind::Empty)
        return trRoles("It has no values.");
    if (!c.canBeClasses())
        return c.values.size() == 1 ? trRoles("It has one value only. Classes are two or more.")
                                    : trRoles("Its values are too different to be classes.");
    return {};
}

QString TableRoles::whyNotChanged(std::size_t column) const
{
    switch (of(column)) {
    case ColumnRole::Target: return trRoles("It is the target. Use another column as the target first.");
    case ColumnRole::Groups:
        return trRoles("Its values are the groups of the split. Choose no groups in the training form first.");
    case ColumnRole::Feature: return features() == 1 ? trRoles("It is the last column that is learned from.") : QString();
    case ColumnRole::Ignored: break;
    }
    return canBeLearnedFrom(m_table->column(column)) ? QString() : qs(m_table->column(column).reason);
}

Json TableRoles::withIgnored(const std::vector<std::string> &names) const
{
    Json section = m_section;
    // A project adds what it is given to what it has, so an empty list is written too.
    if (!names.empty() || section.contains(ignoredField))
        section[ignoredField] = listOf(names);
    return section;
}

Json TableRoles::withTarget(std::size_t column) const
{
    const auto &name = m_table->column(column).name;
    auto ignored = m_ignored;
    std::erase(ignored, name);
    Json section = withIgnored(ignored);
    section[targetField] = name;
    return section;
}

Json TableRoles::withFeature(std::size_t column, bool taken) const
{
    auto ignored = m_ignored;
    std::erase(ignored, m_table->column(column).name);
    if (!taken)
        ignored.push_back(m_table->column(column).name);
    return withIgnored(ignored);
}

Json TableRoles::withoutFeatures(const std::vector<std::size_t> &columns) const
{
    auto ignored = m_ignored;
    for (const auto c : columns) {
        std::erase(ignored, m_table->column(c).name);
        ignored.push_back(m_table->column(c).name);
    }
    return withIgnored(ignored);
}

std::vector<TableRoles::Problem> TableRoles::problems() const
{
    std::vector<Problem> all;
    const auto &file = m_table->file();
    for (const auto &name : m_unknown)
        all.push_back({trRoles("The table has no column %1. Correct its name in the training form.").arg(qs(name))});
    if (m_target < 0)
        all.push_back({trRoles("No column is chosen as the target. Choose a column of classes and use it as the target.")});
    else {
        const auto t = static_cast<std::size_t>(m_target);
        const auto &c = file.columns()[t];
        if (c.missing > 0)
            all.push_back(
                {trRoles("The target %1 is missing in %2. The first is row %3. Fill it in, or remove these rows from the "
                         "file.")
                     .arg(qs(c.name), c.missing == 1 ? trRoles("1 row") : trRoles("%1 rows").arg(countText(c.missing)),
                          countText(m_table->facts(t).firstMissing + 1)),
                 m_table->facts(t).firstMissing, m_target});
        if (!c.canBeClasses())
            all.push_back(
                {trRoles("The values of the target %1 cannot be classes: there must be at least 2 and at most %2, each in "
                         "several rows. Use another column as the target.")
                     .arg(qs(c.name))
                     .arg(FileColumn::mostClasses),
                 -1, m_target});
    }
    std::int64_t missing = 0, firstRow = -1, firstColumn = -1;
    std::vector<std::size_t> lacking;
    for (std::size_t i = 0; i < m_roles.size(); ++i) {
        if (of(i) != ColumnRole::Feature)
            continue;
        const auto &c = file.columns()[i];
        const auto &f = m_table->facts(i);
        if (c.firstBad >= 0)
            all.push_back(
                {trRoles("Row %1, column %2: '%3' is not a number. Correct it in the file, or leave the column out.")
                     .arg(countText(c.firstBad + 1), qs(c.name), qs(c.cells[static_cast<std::size_t>(c.firstBad)]).left(40)),
                 c.firstBad,
                 static_cast<std::int64_t>(i),
                 {i}});
        if (c.missing > 0 && !fillsIn()) {
            missing += c.missing;
            lacking.push_back(i);
            if (firstRow < 0 || f.firstMissing < firstRow) {
                firstRow = f.firstMissing;
                firstColumn = static_cast<std::int64_t>(i);
            }
        }
    }
    if (missing > 0) {
        const QString where = countText(firstRow + 1), column = qs(file.columns()[static_cast<std::size_t>(firstColumn)].name);
        all.push_back(
            {missing == 1
                 ? trRoles(
                       "1 value is missing, in row %1 of column %2. Fill it in, leave the column out, or set Missing values to "
                       "median in the training form.")
                       .arg(where, column)
                 : trRoles("%1 values are missing in %2. The first is in row %3 of column %4. Fill them in, leave out what lacks "
                           "them, or set Missing values to median in the training form.")
                       .arg(countText(missing), listed(*m_table, lacking), where, column),
             firstRow, firstColumn, lacking});
    }
    if (features() == 0)
        all.push_back({trRoles("No column is left to learn from. Take at least one column of numbers or categories.")});
    return all;
}

QString TableRoles::headline() const
{
    const QString size = trRoles("%1, %2").arg(
        m_table->rows() == 1 ? trRoles("1 row") : trRoles("%1 rows").arg(countText(m_table->rows())),
        m_table->columns() == 1 ? trRoles("1 column")
                                : trRoles("%1 columns").arg(countText(static_cast<std::int64_t>(m_table->columns()))));
    if (m_target < 0)
        return trRoles("%1; no target").arg(size);
    const auto &c = m_table->column(static_cast<std::size_t>(m_target));
    if (c.values.size() < 2)
        return trRoles("%1; target \"%2\"").arg(size, qs(c.name));
    return trRoles("%1; target \"%2\" with %3 classes").arg(size, qs(c.name)).arg(c.values.size());
}

QString TableRoles::kindAndRole(std::size_t column) const
{
    return trRoles("%1 · %2").arg(titleOf(m_table->column(column).kind), titleOf(of(column)));
}

Table TableParts::table() const
{
    Table t;
    t.title = "Classes of " + target.column;
    auto names = target.classes;
    names.push_back("all");
    const auto column = [&](const char *title, std::vector<std::int64_t> counts) {
        std::int64_t sum = 0;
        for (const auto n : counts)
            sum += n;
        counts.push_back(sum);
        t.columns.push_back({title, "", std::move(counts)});
    };
    t.columns.push_back({"class", "", names});
    column("rows", target.counts());
    column("training", target.counts(split.training));
    column("validation", target.counts(split.validation));
    column("test", target.counts(split.test));
    return t;
}

TableParts partsOf(const ReadTable &table, const TableRoles &roles, std::uint64_t seed)
{
    TableParts parts;
    parts.seed = seed;
    if (roles.target() < 0)
        return parts;
    try {
        const Json &section = roles.section();
        parts.target = classTarget(table.file(), table.column(static_cast<std::size_t>(roles.target())).name);
        const double pinned = numberIn(section, "split-seed", static_cast<double>(usualSplitSeed));
        parts.seed = pinned > 0 ? static_cast<std::uint64_t>(pinned) : seed;
        const auto &kinds = Registry<DataKind>::instance();
        if (textIn(section, "split", "random") != "random" && kinds.contains("table")) {
            parts.split = kinds.get("table").factory.open(section, seed)->split();
            return parts;
        }
        RowSplitOptions options;
        options.validationFraction = numberIn(section, "validation-fraction", options.validationFraction);
        options.testFraction = numberIn(section, "test-fraction", options.testFraction);
        options.stratified = section.contains("stratify") && section.at("stratify") == true;
        if (const auto groups = textIn(section, groupsField); !groups.empty())
            options.groups = table.file().column(groups).cells;
        parts.split = splitRows(parts.target, parts.seed, options);
    } catch (const std::exception &e) {
        parts.problem = QString::fromUtf8(e.what());
    }
    return parts;
}

} // namespace reticle
