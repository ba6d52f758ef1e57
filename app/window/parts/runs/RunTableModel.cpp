#include "window/parts/runs/RunTableModel.h"

#include "widgets/views/Theme.h"
#include "window/session/OpenProject.h"
#include "window/shell/Text.h"

#include <QColor>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

namespace reticle {

namespace {

constexpr std::array<const char *, RunTableModel::FirstSetting> runColumnKeys{
    "number", "name", "state", "task", "network", "data", "score", "steps", "time", "started", "comparison", "message"};
constexpr qsizetype mostOfCell = 200; // characters; a path or an error may be longer

QColor runStateColor(RunStatus status)
{
    switch (status) {
    case RunStatus::Running: return themeColor(ColorRole::Accent);
    case RunStatus::Paused:
    case RunStatus::Interrupted: return themeColor(ColorRole::Warning);
    case RunStatus::Done: return themeColor(ColorRole::Positive);
    case RunStatus::Failed: return themeColor(ColorRole::Danger);
    case RunStatus::Stopped:
    case RunStatus::Cancelled: break;
    }
    return themeColor(ColorRole::TextMuted);
}

bool isRunNumber(int column)
{
    return column == RunTableModel::Number || column == RunTableModel::Score || column == RunTableModel::Steps ||
           column == RunTableModel::Time || column == RunTableModel::Comparison;
}

/// A setting's number, whatever the language of the desktop.
std::optional<double> settingNumber(const std::string &text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return {};
    return value;
}

std::string lastPartOf(const std::string &path)
{
    return path.substr(path.rfind('.') + 1);
}

QString runCell(QString text)
{
    if (text.size() > mostOfCell)
        text = text.left(mostOfCell) + QChar(0x2026);
    return text.simplified();
}

} // namespace

QString shownName(const RunRow &row)
{
    return row.title.empty() ? RunTableModel::tr("Run %1").arg(row.id) : qs(row.title);
}

RunTableModel::RunTableModel(QObject *parent) : QAbstractTableModel(parent)
{
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, [this] {
        if (!m_rows.empty())
            Q_EMIT dataChanged(index(0, State), index(rowCount() - 1, State), {Qt::ForegroundRole});
    });
}

void RunTableModel::addSettings(const std::vector<RunRow> &rows)
{
    std::set<std::string> fresh;
    const std::set<std::string> known(m_settings.begin(), m_settings.end());
    for (const auto &row : rows)
        for (const auto &[path, value] : row.settings)
            if (!known.count(path))
                fresh.insert(path);
    // One after the other at its place: columns that are there keep their widths.
    for (const auto &path : fresh) {
        const auto at = std::lower_bound(m_settings.begin(), m_settings.end(), path);
        const int column = FirstSetting + static_cast<int>(at - m_settings.begin());
        beginInsertColumns({}, column, column);
        m_settings.insert(at, path);
        ++m_lastParts[lastPartOf(path)];
        endInsertColumns();
    }
    if (!fresh.empty())
        Q_EMIT headerDataChanged(Qt::Horizontal, FirstSetting, columnCount() - 1); // "batch" may now be two
}

void RunTableModel::setRows(std::vector<RunRow> rows)
{
    addSettings(rows);
    const auto less = [](const RunRow &a, std::int64_t id) { return a.id < id; };
    const auto stays = [&](int r) {
        const auto id = m_rows[static_cast<std::size_t>(r)].id;
        const auto it = std::lower_bound(rows.begin(), rows.end(), id, less);
        return it != rows.end() && it->id == id;
    };
    for (int last = rowCount() - 1; last >= 0; --last) {
        if (stays(last))
            continue;
        int first = last;
        while (first > 0 && !stays(first - 1))
            --first;
        beginRemoveRows({}, first, last);
        for (int r = first; r <= last; ++r)
            m_fractions.erase(m_rows[static_cast<std::size_t>(r)].id);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + last + 1);
        endRemoveRows();
        last = first;
    }
    // Now each of those that stay is among the new ones. Neighbors that are new come together: views are told once.
    for (std::size_t at = 0; at < rows.size();) {
        if (at < m_rows.size() && m_rows[at].id == rows[at].id) {
            m_rows[at] = std::move(rows[at]);
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < rows.size() && (at == m_rows.size() || rows[end].id != m_rows[at].id))
            ++end;
        beginInsertRows({}, static_cast<int>(at), static_cast<int>(end) - 1);
        m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(at),
                      std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(at)),
                      std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(end)));
        endInsertRows();
        at = end;
    }
    for (const auto &row : m_rows)
        if (row.status != RunStatus::Running && row.status != RunStatus::Paused)
            m_fractions.erase(row.id);
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void RunTableModel::updateRow(RunRow row, double fraction)
{
    const int at = rowOf(row.id);
    if (at < 0)
        return;
    if (fraction >= 0)
        m_fractions[row.id] = fraction;
    else
        m_fractions.erase(row.id);
    m_rows[static_cast<std::size_t>(at)] = std::move(row);
    Q_EMIT dataChanged(index(at, 0), index(at, columnCount() - 1));
}

int RunTableModel::rowOf(std::int64_t run) const
{
    const auto it =
        std::lower_bound(m_rows.begin(), m_rows.end(), run, [](const RunRow &row, std::int64_t id) { return row.id < id; });
    return it == m_rows.end() || it->id != run ? -1 : static_cast<int>(it - m_rows.begin());
}

const RunRow *RunTableModel::row(std::int64_t run) const
{
    const int at = rowOf(run);
    return at < 0 ? nullptr : &m_rows[static_cast<std::size_t>(at)];
}

QString RunTableModel::columnKey(int column) const
{
    if (column < 0 || column >= columnCount())
        return {};
    return column < FirstSetting ? QString::fromLatin1(runColumnKeys[static_cast<std::size_t>(column)])
                                 : qs(m_settings[static_cast<std::size_t>(column - FirstSetting)]);
}

int RunTableModel::columnOf(const QString &key) const
{
    for (int c = 0; c < FirstSetting; ++c)
        if (key == QLatin1String(runColumnKeys[static_cast<std::size_t>(c)]))
            return c;
    const auto it = std::lower_bound(m_settings.begin(), m_settings.end(), ss(key));
    return it == m_settings.end() || *it != ss(key) ? -1 : FirstSetting + static_cast<int>(it - m_settings.begin());
}

QString RunTableModel::settingTitle(const std::string &path) const
{
    const auto last = lastPartOf(path);
    const auto it = m_lastParts.find(last);
    return qs(it != m_lastParts.end() && it->second == 1 ? last : path);
}

int RunTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RunTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : FirstSetting + static_cast<int>(m_settings.size());
}

const std::string *RunTableModel::settingOf(const RunRow &row, int column) const
{
    const auto it = row.settings.find(m_settings[static_cast<std::size_t>(column - FirstSetting)]);
    return it == row.settings.end() ? nullptr : &it->second;
}

QVariant RunTableModel::shown(const RunRow &row, int column) const
{
    const auto orDash = [](const std::string &text) { return text.empty() ? QString(QChar(0x2013)) : runCell(qs(text)); };
    switch (column) {
    case Number: return QString::number(row.id);
    case Name: return runCell(shownName(row));
    case State: {
        const auto it = m_fractions.find(row.id);
        return it == m_fractions.end() ? titleOf(row.status)
                                       : tr("%1 %2 %").arg(titleOf(row.status)).arg(std::floor(100 * it->second), 0, 'f', 0);
    }
    case Task: return orDash(row.task);
    case Network: return orDash(row.network);
    case Data: return orDash(row.data);
    case Score: {
        if (std::isnan(row.best))
            return QString(QChar(0x2013));
        const QString number = scoreText(row.best) + (row.score.unit.empty() ? QString() : QLatin1Char(' ') + qs(row.score.unit));
        // The arrow says which way is better.
        return QStringLiteral("%1 %2 %3")
            .arg(qs(row.score.title), number, row.score.lowerIsBetter ? QChar(0x2193) : QChar(0x2191));
    }
    case Steps: return countText(row.steps);
    case Time: return durationText(row.seconds);
    case Started: return orDash(row.started);
    case Comparison: return row.comparison > 0 ? QString::number(row.comparison) : QString(QChar(0x2013));
    case Message: return orDash(row.message);
    default: break;
    }
    const auto *value = settingOf(row, column);
    return value && !value->empty() ? runCell(qs(*value)) : QString(QChar(0x2013));
}

QVariant RunTableModel::sorted(const RunRow &row, int column) const
{
    const auto text = [](const std::string &value) { return value.empty() ? QVariant() : QVariant(qs(value)); };
    switch (column) {
    case Number: return static_cast<double>(row.id);
    case Name: return shownName(row);
    case State: return titleOf(row.status);
    case Task: return text(row.task);
    case Network: return text(row.network);
    case Data: return text(row.data);
    case Score: return std::isnan(row.best) ? QVariant() : QVariant(row.best);
    case Steps: return static_cast<double>(row.steps);
    case Time: return row.seconds;
    case Started: return text(row.started);
    case Comparison: return row.comparison > 0 ? QVariant(static_cast<double>(row.comparison)) : QVariant();
    case Message: return text(row.message);
    default: break;
    }
    const auto *value = settingOf(row, column);
    if (!value || value->empty())
        return {};
    const auto number = settingNumber(*value);
    return number ? QVariant(*number) : QVariant(qs(*value));
}

QString RunTableModel::tip(const RunRow &row, int column) const
{
    QString text;
    switch (column) {
    case Name: text = shownName(row); break;
    case State:
        text = titleOf(row.status);
        if (!row.message.empty())
            text += QLatin1Char('\n') + qs(row.message);
        break;
    case Score:
        if (std::isnan(row.best))
            text = tr("This run has no score yet.");
        else
            text = row.score.lowerIsBetter ? tr("%1 of the best weights. Lower is better.").arg(qs(row.score.title))
                                           : tr("%1 of the best weights. Higher is better.").arg(qs(row.score.title));
        break;
    case Data: {
        QStringList files;
        for (const auto &[path, value] : row.settings)
            if (path.rfind("data.", 0) == 0 && value.size() > 1 && value.front() == '/')
                files << qs(value);
        text = files.join(QLatin1Char('\n'));
        break;
    }
    case Message: text = qs(row.message); break;
    default:
        if (column >= FirstSetting)
            if (const auto *value = settingOf(row, column))
                text = qs(m_settings[static_cast<std::size_t>(column - FirstSetting)]) + QStringLiteral(" = ") + qs(*value);
        break;
    }
    // Names that look like marks are shown as they are.
    return text.isEmpty()
               ? text
               : QStringLiteral("<span>%1</span>").arg(text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
}

QVariant RunTableModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= columnCount())
        return {};
    const RunRow &row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return shown(row, index.column());
    case SortRole: return sorted(row, index.column());
    case Qt::ToolTipRole: return tip(row, index.column());
    case Qt::ForegroundRole: return index.column() == State ? QVariant(runStateColor(row.status)) : QVariant();
    case Qt::TextAlignmentRole: {
        const bool number = isRunNumber(index.column()) || (index.column() >= FirstSetting && settingOf(row, index.column()) &&
                                                            settingNumber(*settingOf(row, index.column())));
        return int((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    default: return {};
    }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((isRunNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section >= FirstSetting)
        return tr("Setting %1").arg(columnKey(section));
    if (role == Qt::ToolTipRole && section == Score)
        return tr("The score that chooses each run's weights. An arrow up means that higher is better.");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Number: return tr("No.");
    case Name: return tr("Name");
    case State: return tr("State");
    case Task: return tr("Task");
    case Network: return tr("Network");
    case Data: return tr("Data");
    case Score: return tr("Best score");
    case Steps: return tr("Steps");
    case Time: return tr("Time");
    case Started: return tr("Started");
    case Comparison: return tr("Comparison");
    case Message: return tr("Message");
    default: return settingTitle(m_settings[static_cast<std::size_t>(section - FirstSetting)]);
    }
}

Table RunTableModel::table(const std::vector<int> &rows, const std::vector<int> &columns) const
{
    Table table;
    table.title = "Runs";
    const auto each = [&](auto &&value) {
        std::vector<std::decay_t<decltype(value(m_rows.front()))>> values;
        for (const int r : rows)
            values.push_back(value(m_rows[static_cast<std::size_t>(r)]));
        return values;
    };
    for (const int c : columns) {
        const std::string name = ss(columnKey(c));
        if (c == Number || c == Steps || c == Comparison) {
            table.columns.push_back({name, "", each([c](const RunRow &row) -> std::int64_t {
                                         return c == Number ? row.id : c == Steps ? row.steps : row.comparison;
                                     }),
                                     -1});
        } else if (c == Time) {
            table.columns.push_back({name, "min", each([](const RunRow &row) { return row.seconds / 60; }), -1});
        } else if (c == Score) {
            table.columns.push_back({"score", "", each([](const RunRow &row) { return row.score.title; }), -1});
            table.columns.push_back({"best score", "", each([](const RunRow &row) { return row.best; }), -1});
            table.columns.push_back(
                {"better", "", each([](const RunRow &row) { return std::string(row.score.lowerIsBetter ? "lower" : "higher"); }),
                 -1});
        } else if (c == State) {
            table.columns.push_back({name, "", each([](const RunRow &row) { return std::string(nameOf(row.status)); }), -1});
        } else {
            table.columns.push_back({name, "", each([this, c](const RunRow &row) {
                                         if (c >= FirstSetting) {
                                             const auto *value = settingOf(row, c);
                                             return value ? *value : std::string();
                                         }
                                         return c == Name      ? ss(shownName(row))
                                                : c == Task    ? row.task
                                                : c == Network ? row.network
                                                : c == Data    ? row.data
                                                : c == Started ? row.started
                                                               : row.message;
                                     }),
                                     -1});
        }
    }
    return table;
}

} // namespace reticle
