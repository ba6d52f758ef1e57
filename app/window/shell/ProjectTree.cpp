#include "window/shell/ProjectTree.h"

#include "compare/Comparison.h"
#include "widgets/views/Theme.h"
#include "window/pages/Pages.h"
#include "window/parts/RunTitle.h"
#include "window/session/Job.h"
#include "window/session/OpenProject.h"
#include "window/shell/ProjectTreeDelegate.h"
#include "window/shell/Text.h"

#include <QFileInfo>
#include <QPainter>
#include <QPointer>
#include <QStandardItemModel>
#include <QTimer>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace reticle {

namespace {

QColor badgeColor(RunStatus status)
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

QString runSubtitle(const RunInfo &run)
{
    QStringList parts;
    const Json &recipe = run.recipe;
    if (recipe.is_object() && recipe.contains("model") && recipe.at("model").contains("name"))
        parts << qs(recipe.at("model").at("name").get<std::string>());
    if (run.step > 0)
        parts << QStringLiteral("%1 steps").arg(countText(run.step));
    if (!run.started.empty())
        parts << agoText(qs(run.started));
    return parts.join(QStringLiteral(" · "));
}

/// An entry as the project has it now.
struct Entry
{
    ItemKey key;
    QString title, icon, subtitle;
    QString toolTip = {};
    bool editable = false, missing = false;
    std::vector<Entry> children = {};
};

void put(QStandardItem *item, const QVariant &value, int role)
{
    if (item->data(role) != value)
        item->setData(value, role);
}

/// The whole name, which is cut where the tree is narrow, and what it is. A name that looks like HTML is shown as it is.
QString toolTipOf(const Entry &entry)
{
    const QString tip = !entry.toolTip.isEmpty()   ? entry.toolTip
                        : entry.subtitle.isEmpty() ? entry.title
                                                   : entry.title + QLatin1Char('\n') + entry.subtitle;
    if (!Qt::mightBeRichText(tip))
        return tip;
    return QStringLiteral("<span>%1</span>").arg(tip.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
}

/// Brings an item to what the entry says. What is as it should be is not touched.
void update(QStandardItem *item, const Entry &entry, bool newTheme)
{
    put(item, entry.key.text(), treerole::Key);
    put(item, entry.title, Qt::DisplayRole);
    put(item, entry.subtitle, treerole::Subtitle);
    put(item, toolTipOf(entry), Qt::ToolTipRole);
    if (newTheme || item->data(treerole::Icon).toString() != entry.icon) {
        item->setData(entry.icon, treerole::Icon);
        item->setIcon(entry.icon.isEmpty() ? QIcon() : themeIcon(entry.icon));
    }
    if (entry.key.kind != ItemKey::Kind::Run) { // the badge of a run depends on the work in progress too
        put(item, entry.missing ? QVariant(ProjectTree::tr("Missing")) : QVariant(), treerole::Badge);
        put(item, entry.missing ? QVariant(themeColor(ColorRole::Danger)) : QVariant(), treerole::BadgeColor);
        put(item, entry.missing ? QVariant(true) : QVariant(), treerole::Muted);
    }
    const bool group = entry.key.kind == ItemKey::Kind::DataGroup || entry.key.kind == ItemKey::Kind::RunGroup ||
                       entry.key.kind == ItemKey::Kind::ResultGroup;
    const Qt::ItemFlags flags = group ? Qt::ItemFlags(Qt::ItemIsEnabled)
                                      : Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemIsDropEnabled |
                                            (entry.editable ? Qt::ItemIsEditable : Qt::NoItemFlags);
    if (item->flags() != flags)
        item->setFlags(flags);
}

/// Brings the rows below `parent` to the entries in place: an entry that stays keeps its item, and with it an editor
/// that is open on it, the selection and what is folded. Items that are new in their place are added to `made`. The
/// `held` ones are not taken out, the others are moved round them: a view forgets all of an item that is taken out.
void bringTo(QStandardItem *parent, const std::vector<Entry> &entries, bool newTheme, const std::set<QStandardItem *> &held,
             std::vector<QStandardItem *> &made)
{
    std::set<QString> keys;
    for (const auto &entry : entries)
        keys.insert(entry.key.text());
    for (int i = parent->rowCount() - 1; i >= 0; --i)
        if (!keys.count(parent->child(i)->data(treerole::Key).toString()))
            parent->removeRow(i);
    for (std::size_t n = 0; n < entries.size(); ++n) {
        const int row = static_cast<int>(n);
        const QString key = entries[n].key.text();
        int at = row;
        while (at < parent->rowCount() && parent->child(at)->data(treerole::Key).toString() != key)
            ++at;
        if (at == parent->rowCount()) {
            auto *item = new QStandardItem;
            update(item, entries[n], true); // before it is shown
            parent->insertRow(row, item);
            made.push_back(item);
        } else {
            if (held.count(parent->child(at))) {
                for (; at > row; --at) { // those before it go to the end, from where they come to their places
                    parent->appendRow(parent->takeRow(row));
                    made.push_back(parent->child(parent->rowCount() - 1));
                }
            } else if (at != row) {
                parent->insertRow(row, parent->takeRow(at));
                made.push_back(parent->child(row));
            }
            update(parent->child(row), entries[n], newTheme);
        }
        bringTo(parent->child(row), entries[n].children, newTheme, held, made);
    }
}

QString missingSubtitle(const DataSet &set)
{
    return set.missing.size() == 1 ? ProjectTree::tr("%1 is missing").arg(QFileInfo(set.missing.first()).fileName())
                                   : ProjectTree::tr("%1 files are missing").arg(set.missing.size());
}

QString dataToolTip(const DataSet &set)
{
    QString tip = set.title + QStringLiteral("\n") + set.path() + QStringLiteral("\n") + set.sentence;
    for (const auto &path : set.missing)
        tip += QLatin1Char('\n') + ProjectTree::tr("Missing: %1").arg(path);
    return tip;
}

/// The project's entries: groups with what they hold.
std::vector<Entry> entriesOf(const OpenProject &project)
{
    Entry data{{ItemKey::Kind::DataGroup}, ProjectTree::tr("DATA"), {}, {}};
    for (const auto &set : project.dataSets()) {
        const bool missing = set.state == QStringLiteral("missing");
        const auto *page = Pages::instance().main(project, {ItemKey::Kind::Data, set.input});
        const QString icon = page ? QString::fromUtf8(page->icon) : QString();
        data.children.push_back({{ItemKey::Kind::Data, set.input},
                                 set.title,
                                 icon,
                                 missing ? missingSubtitle(set) : set.sentence,
                                 dataToolTip(set),
                                 false,
                                 missing});
    }
    Entry runs{{ItemKey::Kind::RunGroup}, ProjectTree::tr("RUNS"), {}, {}};
    std::map<std::int64_t, std::size_t> compared; // where the entry of a comparison is
    for (auto it = project.runs().rbegin(); it != project.runs().rend(); ++it) {
        QString comparison;
        for (const auto &c : project.comparisons())
            if (it->comparison > 0 && c.id == it->comparison)
                comparison = qs(c.title);
        QString title = runTitle(*it);
        // Below its comparison a run goes by model and seed.
        if (const QString prefix = comparison + QStringLiteral(": "); !comparison.isEmpty() && title.startsWith(prefix))
            title.remove(0, prefix.size());
        Entry run{{ItemKey::Kind::Run, it->id}, title, QStringLiteral("run"), runSubtitle(*it), {}, true};
        run.toolTip = runTitle(*it);
        if (!run.subtitle.isEmpty())
            run.toolTip += QLatin1Char('\n') + run.subtitle;
        if (const QString groups = qs(testGroupsOf(*it)); !groups.isEmpty())
            run.toolTip += QLatin1Char('\n') + ProjectTree::tr("Test groups: %1").arg(groups);
        for (const auto &file : project.predictions(it->id))
            run.children.push_back(
                {{ItemKey::Kind::Prediction, it->id, file}, file, QStringLiteral("layers"), ProjectTree::tr("Prediction")});
        if (it->comparison == 0) {
            runs.children.push_back(std::move(run));
            continue;
        }
        // The runs of a comparison are below it, where its newest run would be.
        const auto [above, first] = compared.try_emplace(it->comparison, runs.children.size());
        if (first)
            runs.children.push_back({{ItemKey::Kind::Comparison, it->comparison},
                                     comparison.isEmpty() ? ProjectTree::tr("Comparison %1").arg(it->comparison) : comparison,
                                     QStringLiteral("chart"),
                                     ProjectTree::tr("Comparison")});
        runs.children[above->second].children.push_back(std::move(run));
    }
    Entry results{{ItemKey::Kind::ResultGroup}, ProjectTree::tr("RESULTS"), {}, {}};
    for (auto it = project.results().rbegin(); it != project.results().rend(); ++it) {
        QString title = qs(it->name);
        title.replace('-', ' ');
        if (!title.isEmpty())
            title[0] = title[0].toUpper();
        if (const QString subject = project.subjectOf(*it); !subject.isEmpty())
            title += QStringLiteral(" · ") + subject;
        Entry result{{ItemKey::Kind::Result, it->id}, title, QStringLiteral("table"), qs(it->summary)};
        for (std::size_t i = 0; i < it->figures.size(); ++i)
            result.children.push_back(
                {{ItemKey::Kind::Figure, it->id, QString::number(i)}, qs(it->figures[i]), QStringLiteral("chart"), {}});
        results.children.push_back(std::move(result));
    }
    std::vector<Entry> all{std::move(data)};
    for (auto *group : {&runs, &results})
        if (!group->children.empty())
            all.push_back(std::move(*group));
    return all;
}

} // namespace

ProjectTree::ProjectTree(JobList *jobs, QWidget *parent) : QTreeView(parent), m_jobs(jobs), m_model(new QStandardItemModel(this))
{
    setObjectName(QStringLiteral("projectTree"));
    setAccessibleName(tr("Project"));
    setModel(m_model);
    setHeaderHidden(true);
    // From the event loop: what follows on a new title is no business of the editor, which is still being closed.
    setItemDelegate(new ProjectTreeDelegate(this, [this](const QModelIndex &index, const QString &title) {
        if (title.isEmpty() || title == index.data(Qt::EditRole).toString())
            return;
        QMetaObject::invokeMethod(
            this,
            [this, of = QPointer<OpenProject>(m_project), key = keyOf(m_model->itemFromIndex(index)), title] {
                if (of && of == m_project)
                    Q_EMIT renameRequested(key, title);
            },
            Qt::QueuedConnection);
    }));
    setUniformRowHeights(false);
    setIndentation(14);
    setMouseTracking(true);
    setFrameShape(QFrame::NoFrame);
    setStyleSheet(QStringLiteral("#projectTree { border: none; border-radius: 0; }"));
    setExpandsOnDoubleClick(false);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::EditKeyPressed);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    connect(selectionModel(), &QItemSelectionModel::currentChanged, this, [this] {
        if (!m_building)
            Q_EMIT selected(selectedKey());
    });
    connect(this, &QTreeView::doubleClicked, this, [this] { Q_EMIT openRequested(selectedKey()); });
    connect(m_jobs, &JobList::changed, this, &ProjectTree::updateRunBadges);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, [this] { bringUpToDate(true); });
    // "3 minutes ago" goes on.
    constexpr int clockMs = 30'000;
    auto *clock = new QTimer(this);
    clock->setInterval(clockMs);
    connect(clock, &QTimer::timeout, this, [this] {
        if (isVisible())
            bringUpToDate(false);
    });
    clock->start();
}

void ProjectTree::setProject(OpenProject *project)
{
    if (m_project)
        m_project->disconnect(this);
    m_project = project;
    m_new.clear();
    if (m_project)
        connect(m_project, &OpenProject::changed, this, [this] { bringUpToDate(false); });
    // Keys of one project name other things in another.
    m_building = true;
    m_model->clear();
    m_building = false;
    bringUpToDate(false);
}

ItemKey ProjectTree::keyOf(const QStandardItem *item)
{
    return item ? ItemKey::fromText(item->data(treerole::Key).toString()) : ItemKey();
}

ItemKey ProjectTree::selectedKey() const
{
    return keyOf(m_model->itemFromIndex(currentIndex()));
}

std::vector<ItemKey> ProjectTree::selectedKeys() const
{
    std::vector<ItemKey> keys;
    for (const auto &index : selectionModel()->selectedIndexes())
        keys.push_back(keyOf(m_model->itemFromIndex(index)));
    return keys;
}

QStandardItem *ProjectTree::itemOf(const ItemKey &key) const
{
    const QString wanted = key.text();
    const std::function<QStandardItem *(QStandardItem *)> find = [&](QStandardItem *parent) -> QStandardItem * {
        for (int i = 0; i < parent->rowCount(); ++i) {
            auto *item = parent->child(i);
            if (item->data(treerole::Key).toString() == wanted)
                return item;
            if (auto *found = find(item))
                return found;
        }
        return nullptr;
    };
    return find(m_model->invisibleRootItem());
}

bool ProjectTree::contains(const ItemKey &key) const
{
    return itemOf(key) != nullptr;
}

void ProjectTree::select(const ItemKey &key)
{
    if (auto *item = itemOf(key))
        setCurrentIndex(item->index());
}

void ProjectTree::bringUpToDate(bool newTheme)
{
    m_building = true;
    const ItemKey current = selectedKey();
    const auto chosen = selectedKeys();
    std::set<QStandardItem *> held; // the current entry and what it is below
    for (auto *item = m_model->itemFromIndex(currentIndex()); item; item = item->parent())
        held.insert(item);
    std::set<QString> folded;
    const std::function<void(QStandardItem *)> note = [&](QStandardItem *item) {
        if (item->rowCount() > 0 && item->index().isValid() && !isExpanded(item->index()))
            folded.insert(item->data(treerole::Key).toString());
        for (int i = 0; i < item->rowCount(); ++i)
            note(item->child(i));
    };
    note(m_model->invisibleRootItem());
    std::vector<QStandardItem *> made;
    bringTo(m_model->invisibleRootItem(), m_project ? entriesOf(*m_project) : std::vector<Entry>(), newTheme, held, made);
    const std::function<void(QStandardItem *)> unfold = [&](QStandardItem *item) {
        setExpanded(item->index(), !folded.count(item->data(treerole::Key).toString()));
        for (int i = 0; i < item->rowCount(); ++i)
            unfold(item->child(i));
    };
    for (auto *item : made)
        unfold(item);
    restoreChoice(current, chosen);
    m_building = false;
    updateRunBadges();
    updateNewBadges();
}

void ProjectTree::restoreChoice(const ItemKey &current, const std::vector<ItemKey> &chosen)
{
    // Qt would go on to the entry beside one that is gone, where Delete would then remove something nobody chose.
    if (!contains(current)) {
        setCurrentIndex({});
        return;
    }
    if (!(selectedKey() == current))
        selectionModel()->setCurrentIndex(itemOf(current)->index(), QItemSelectionModel::NoUpdate);
    QItemSelection selection;
    for (const auto &key : chosen)
        if (auto *item = itemOf(key))
            selection.select(item->index(), item->index());
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
}

void ProjectTree::updateRunBadges()
{
    if (!m_project)
        return;
    m_building = true;
    // In one walk: this is done many times a second, and a project may have a thousand runs.
    std::map<std::int64_t, QStandardItem *> items;
    const std::function<void(QStandardItem *)> gather = [&](QStandardItem *parent) {
        for (int i = 0; i < parent->rowCount(); ++i) {
            auto *item = parent->child(i);
            if (const ItemKey key = keyOf(item); key.kind == ItemKey::Kind::Run)
                items.emplace(key.id, item);
            else
                gather(item);
        }
    };
    gather(m_model->invisibleRootItem());
    for (const auto &run : m_project->runs()) {
        const auto found = items.find(run.id);
        if (found == items.end())
            continue;
        auto *item = found->second;
        const auto *job = m_jobs->activeOn(m_project->folder(), run.id);
        const bool paused = job && job->state() == Job::State::Paused;
        const RunStatus status = job ? (paused ? RunStatus::Paused : RunStatus::Running) : run.status;
        const QString badge = titleOf(status);
        put(item, badge, treerole::Badge);
        put(item, badgeColor(status), treerole::BadgeColor);
        put(item, job && job->fraction() >= 0 ? QVariant(job->fraction()) : QVariant(), treerole::Fraction);
    }
    m_building = false;
}

void ProjectTree::updateNewBadges()
{
    m_building = true;
    for (const auto &key : m_new)
        if (auto *item = itemOf(ItemKey::fromText(key)); item && !item->data(treerole::Badge).isValid()) {
            put(item, tr("New"), treerole::Badge);
            put(item, themeColor(ColorRole::Accent), treerole::BadgeColor);
        }
    m_building = false;
}

void ProjectTree::markNew(const ItemKey &key)
{
    m_new.insert(key.text());
    updateNewBadges();
}

void ProjectTree::markSeen(const ItemKey &key)
{
    if (m_new.erase(key.text()) > 0)
        bringUpToDate(false);
}

void ProjectTree::keyPressEvent(QKeyEvent *event)
{
    const ItemKey key = selectedKey();
    const auto chosen = selectedKeys();
    const auto doomed = removable(chosen.empty() ? key : chosen.front());
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && state() != EditingState)
        Q_EMIT openRequested(key);
    else if (event->key() == Qt::Key_Delete && state() != EditingState && !doomed.empty())
        Q_EMIT removeRequested(doomed);
    else
        QTreeView::keyPressEvent(event);
}

void ProjectTree::drawRow(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QTreeView::drawRow(painter, option, index);
    // The whole row, as the color of the selection is.
    if (hasFocus() && index == currentIndex() && selectionModel()->isSelected(index)) {
        painter->save();
        painter->setPen(QPen(themeColor(ColorRole::Accent), 1));
        painter->setBrush(Qt::NoBrush);
        // Half a pixel inside: at 200 % a line on the border is partly drawn in the next row, which is not drawn again with it.
        painter->drawRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5));
        painter->restore();
    }
}

void ProjectTree::drawBranches(QPainter *painter, const QRect &rect, const QModelIndex &index) const
{
    if (index.parent().isValid())
        QTreeView::drawBranches(painter, rect, index);
}

} // namespace reticle
