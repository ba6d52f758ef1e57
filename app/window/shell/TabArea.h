#pragma once

#include "window/session/ItemKey.h"

#include <QSplitter>

#include <functional>

class QTabWidget;

namespace reticle {

/// Pages as tabs in one or two groups side by side. A tab is moved to the other side by its menu or by dragging it there,
/// closed by its cross, the middle button or Ctrl+W. Each page is known by its key and is shown once.
class TabArea : public QSplitter
{
    Q_OBJECT
public:
    explicit TabArea(QWidget *parent = nullptr);

    /// Takes ownership of the page; where the key is open already, use show() instead.
    void add(const ItemKey &key, const QString &title, const QIcon &icon, QWidget *page, bool beside = false);
    bool show(const ItemKey &key); ///< false when it is not open
    QWidget *page(const ItemKey &key) const;
    void setTitle(const ItemKey &key, const QString &title);
    void rename(const ItemKey &from, const ItemKey &to, const QString &title);
    void close(const ItemKey &key);
    void closeAll();
    void closeCurrent();
    std::vector<ItemKey> keys() const;
    ItemKey currentKey() const;
    QWidget *currentPage() const;

    /// Moves the page to the right (or left) group, made where there is none.
    void moveToSide(const ItemKey &key, bool right);
    bool isSplit() const;
    int groups() const { return count(); }

    /// Keys in order, one list a group, and which is current.
    QStringList state() const;

    void setEmptyPage(QWidget *page); ///< shown while nothing is open

Q_SIGNALS:
    void currentChanged(const reticle::ItemKey &key);
    void closing(const reticle::ItemKey &key); ///< its page is still there
    void closed(const reticle::ItemKey &key);

protected:
    bool eventFilter(QObject *object, QEvent *event) override;
    void childEvent(QChildEvent *event) override;

private:
    QTabWidget *makeGroup(int at);
    QTabWidget *groupOf(const ItemKey &key, int *index = nullptr) const;
    QTabWidget *group(int i) const;
    QTabWidget *activeGroup() const;
    void closeAt(QTabWidget *group, int index);
    void dropEmptyGroups();
    void halve();
    void setActive(QTabWidget *group);
    void showTabMenu(QTabWidget *group, int index, const QPoint &at);
    void updateEmpty();

    QTabWidget *m_active = nullptr;
    QWidget *m_empty = nullptr;
    QPoint m_dragStart;
    int m_dragIndex = -1;
    QWidget *m_dropHint = nullptr;
};

} // namespace reticle
