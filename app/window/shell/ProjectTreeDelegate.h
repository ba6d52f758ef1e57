#pragma once

#include <QStyledItemDelegate>

#include <functional>

namespace reticle {

/// What an entry of the project tree holds besides its title and icon.
namespace treerole {
enum Role { Key = Qt::UserRole + 1, Subtitle, Badge, BadgeColor, Fraction, Icon, Muted };
}

/// Two lines: title, and in muted text what it is; a state at the right end. A title that was typed is given to
/// `renamed` and does not go into the model: the project decides what the entry is called then.
class ProjectTreeDelegate : public QStyledItemDelegate
{
public:
    using Renamed = std::function<void(const QModelIndex &index, const QString &title)>;
    ProjectTreeDelegate(QObject *parent, Renamed renamed);

    QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    void setEditorData(QWidget *editor, const QModelIndex &index) const override;
    void setModelData(QWidget *editor, QAbstractItemModel *model, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    Renamed m_renamed;
};

} // namespace reticle
