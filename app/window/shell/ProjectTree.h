#pragma once

#include "window/session/ItemKey.h"

#include <QTreeView>

#include <set>

class QStandardItem;
class QStandardItemModel;

namespace reticle {

class OpenProject;
class JobList;

/// The project as a tree: data, runs with their state and predictions, results with their figures. Selecting says what
/// is chosen, Enter or a double click opens it, the context menu asks for what can be done with it.
class ProjectTree : public QTreeView
{
    Q_OBJECT
public:
    explicit ProjectTree(JobList *jobs, QWidget *parent = nullptr);

    /// Null empties the tree. While the same project changes, entries that stay keep their items: selection, what is
    /// folded and a name that is being typed are left alone.
    void setProject(OpenProject *project);
    ItemKey selectedKey() const;
    std::vector<ItemKey> selectedKeys() const;
    void select(const ItemKey &key);
    bool contains(const ItemKey &key) const;
    /// What work has made and nobody has looked at yet has a badge until it is opened; the project's end forgets it.
    void markNew(const ItemKey &key);
    void markSeen(const ItemKey &key);
    bool isNew(const ItemKey &key) const { return m_new.count(key.text()) > 0; }

Q_SIGNALS:
    void selected(const reticle::ItemKey &key);
    void openRequested(const reticle::ItemKey &key);
    /// A run was given another name, which is not empty. Emitted from the event loop, after the editor has closed.
    void renameRequested(const reticle::ItemKey &key, const QString &title);
    void removeRequested(const std::vector<reticle::ItemKey> &keys);
    void revealRequested(const reticle::ItemKey &key);
    void resumeRequested(std::int64_t run);
    void trainRequested(std::int64_t input);
    void compareRequested(const std::vector<std::int64_t> &runs);
    void addDataRequested();

protected:
    void contextMenuEvent(QContextMenuEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void drawRow(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    void drawBranches(QPainter *painter, const QRect &rect, const QModelIndex &index) const override;

private:
    void bringUpToDate(bool newTheme);
    /// Qt makes another entry the current one where that is moved, silently.
    void restoreChoice(const ItemKey &current, const std::vector<ItemKey> &chosen);
    void updateRunBadges();
    void updateNewBadges();
    /// What Delete means now: the chosen things that can be removed; with `key` among them or alone.
    std::vector<ItemKey> removable(const ItemKey &key) const;
    QStandardItem *itemOf(const ItemKey &key) const;
    static ItemKey keyOf(const QStandardItem *item);

    JobList *m_jobs;
    OpenProject *m_project = nullptr;
    QStandardItemModel *m_model;
    std::set<QString> m_new; ///< keys of what nobody has looked at yet
    bool m_building = false;
};

} // namespace reticle
