#include "window/shell/ProjectTreeDelegate.h"

#include "widgets/views/Theme.h"
#include "window/shell/Fonts.h"
#include "window/shell/ProjectTree.h"

#include <QLineEdit>
#include <QPainter>

#include <utility>

namespace reticle {

namespace {

constexpr int longestTitle = 200; ///< letters that can be typed as the name of a run

} // namespace

ProjectTreeDelegate::ProjectTreeDelegate(QObject *parent, Renamed renamed)
    : QStyledItemDelegate(parent), m_renamed(std::move(renamed))
{
}

QWidget *ProjectTreeDelegate::createEditor(QWidget *parent, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QWidget *editor = QStyledItemDelegate::createEditor(parent, option, index);
    if (auto *line = qobject_cast<QLineEdit *>(editor)) {
        line->setMaxLength(longestTitle);
        line->setAccessibleName(ProjectTree::tr("Name of the run"));
    }
    return editor;
}

/// Once: a view calls this again whenever the entry changes (a training's progress), which would undo the typing.
void ProjectTreeDelegate::setEditorData(QWidget *editor, const QModelIndex &index) const
{
    if (editor->property("filled").toBool())
        return;
    QStyledItemDelegate::setEditorData(editor, index);
    editor->setProperty("filled", true);
}

/// Only what was typed: the text may be the name from before one that is still on its way to the project.
void ProjectTreeDelegate::setModelData(QWidget *editor, QAbstractItemModel *, const QModelIndex &index) const
{
    if (const auto *line = qobject_cast<QLineEdit *>(editor); line && line->isModified())
        m_renamed(index, line->text().simplified()); // what is pasted may have line breaks
}

QSize ProjectTreeDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const int line = option.fontMetrics.height();
    const bool two = !index.data(treerole::Subtitle).toString().isEmpty();
    return {120, index.parent().isValid() ? (two ? 2 * line + 10 : line + 10) : line + 16};
}

void ProjectTreeDelegate::paint(QPainter *p, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    p->save();
    const bool chosen = option.state & QStyle::State_Selected;
    const bool group = !index.parent().isValid();
    QRect r = option.rect;
    if (chosen)
        p->fillRect(r, themeColor(ColorRole::AccentSoft));
    else if (option.state & QStyle::State_MouseOver)
        p->fillRect(r, themeColor(ColorRole::Hover));
    r.adjust(2, 0, -10, 0);

    QFont font = option.font;
    const QIcon icon = index.data(Qt::DecorationRole).value<QIcon>();
    if (!icon.isNull() && !group) {
        const int side = option.fontMetrics.height();
        icon.paint(p, QRect(r.left(), r.top() + 5, side, side));
        r.setLeft(r.left() + side + 7);
    }
    const QString badge = index.data(treerole::Badge).toString();
    if (!badge.isEmpty()) {
        QFont small = font;
        small = scaled(font, 0.86);
        const QFontMetrics metrics(small);
        const int width = metrics.horizontalAdvance(badge) + 14;
        const QRect pill(r.right() - width, r.top() + 4, width, metrics.height() + 4);
        const QColor color = index.data(treerole::BadgeColor).value<QColor>();
        QColor back = color;
        back.setAlphaF(0.14f);
        p->setRenderHint(QPainter::Antialiasing);
        p->setPen(Qt::NoPen);
        p->setBrush(back);
        p->drawRoundedRect(pill, pill.height() / 2.0, pill.height() / 2.0);
        p->setPen(color);
        p->setFont(small);
        p->drawText(pill, Qt::AlignCenter, badge);
        r.setRight(pill.left() - 6);
    }
    if (group) {
        font.setWeight(QFont::DemiBold);
        font = scaled(font, 0.9);
        p->setFont(font);
        p->setPen(themeColor(ColorRole::TextMuted));
        p->drawText(r.adjusted(0, 6, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, index.data().toString());
    } else {
        const int line = option.fontMetrics.height();
        const QString subtitle = index.data(treerole::Subtitle).toString();
        p->setFont(font);
        p->setPen(themeColor(index.data(treerole::Muted).toBool() ? ColorRole::TextMuted : ColorRole::Text));
        const QRect first(r.left(), r.top() + 5, r.width(), line);
        p->drawText(first, Qt::AlignVCenter | Qt::AlignLeft,
                    option.fontMetrics.elidedText(index.data().toString(), Qt::ElideMiddle, first.width()));
        if (!subtitle.isEmpty()) {
            font = scaled(font, 0.9);
            p->setFont(font);
            p->setPen(themeColor(ColorRole::TextMuted));
            const QRect second(r.left(), first.bottom() + 1, option.rect.right() - 10 - r.left(), line);
            p->drawText(second, Qt::AlignVCenter | Qt::AlignLeft,
                        QFontMetrics(font).elidedText(subtitle, Qt::ElideRight, second.width()));
        }
    }
    const double fraction = index.data(treerole::Fraction).isValid() ? index.data(treerole::Fraction).toDouble() : -1;
    if (fraction >= 0) {
        const QRectF track(r.left(), option.rect.bottom() - 2, option.rect.right() - 10 - r.left(), 2);
        p->fillRect(track, themeColor(ColorRole::Border));
        p->fillRect(QRectF(track.topLeft(), QSizeF(track.width() * fraction, 2)), themeColor(ColorRole::Accent));
    }
    p->restore();
}

} // namespace reticle
