#include "window/parts/ImageSetList.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QItemSelectionModel>
#include <QMimeData>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QUrl>

#include <algorithm>
#include <utility>

namespace reticle {

namespace {

constexpr int pathRole = Qt::UserRole, runRole = Qt::UserRole + 1;

} // namespace

ImageSetList::ImageSetList(QWidget *parent) : QListWidget(parent)
{
    setAccessibleName(tr("Compare with"));
    setAcceptDrops(true);
    setUniformItemSizes(true);
    setTextElideMode(Qt::ElideMiddle);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(this, &QListWidget::itemChanged, this, [this](QListWidgetItem *item) {
        const QString path = item->data(pathRole).toString();
        const bool ticked = item->checkState() == Qt::Checked;
        if (path.isEmpty()) {
            m_asShown = false; // until its run is at work it is not ticked
            if (ticked)
                Q_EMIT runWanted(item->data(runRole).toLongLong());
            return;
        }
        if (ticked == m_chosen.contains(path))
            return;
        if (ticked)
            m_chosen << path;
        else
            m_chosen.removeAll(path);
        if (std::none_of(m_choices.begin(), m_choices.end(), [&](const Choice &c) { return c.path == path; }))
            m_asShown = false; // it was listed as it was chosen
        Q_EMIT chosenChanged(m_chosen);
    });
}

void ImageSetList::setChoices(const std::vector<Choice> &choices, const QStringList &chosen)
{
    if (m_asShown && choices == m_choices && chosen == m_chosen)
        return;
    const QSignalBlocker quiet(this);
    const int row = currentRow(), scrolled = verticalScrollBar()->value();
    const auto keyOf = [](const QListWidgetItem *item) {
        return item ? std::pair(item->data(pathRole).toString(), item->data(runRole).toLongLong()) : std::pair(QString(), 0LL);
    };
    const auto current = keyOf(currentItem());
    clear();
    m_choices = choices;
    m_chosen = chosen;
    m_asShown = true;
    const auto add = [this](const Choice &c) {
        auto *item = new QListWidgetItem(c.title, this);
        item->setData(pathRole, c.path);
        item->setData(runRole, static_cast<qlonglong>(c.run));
        item->setToolTip(c.path.isEmpty() ? tr("Its output is made when it is ticked") : c.path);
        item->setFlags(c.busy ? Qt::ItemFlags() : Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
        const bool ticked = c.busy || (!c.path.isEmpty() && m_chosen.contains(c.path));
        item->setCheckState(ticked ? Qt::Checked : Qt::Unchecked);
    };
    for (const auto &c : choices)
        add(c);
    for (const auto &path : m_chosen)
        if (rowOf(path) < 0)
            add({QFileInfo(path).isDir() ? QFileInfo(path).fileName() : QFileInfo(path).completeBaseName(), path});
    updateGeometry();
    // An entry that is gone gives its place to the one that stands there now.
    int now = std::min(row, count() - 1);
    for (int i = 0; row >= 0 && i < count(); ++i)
        if (keyOf(item(i)) == current)
            now = i;
    if (now >= 0) // also one that is at work and cannot be chosen: the keyboard goes on from there
        selectionModel()->setCurrentIndex(indexFromItem(item(now)), item(now)->flags() & Qt::ItemIsSelectable
                                                                        ? QItemSelectionModel::ClearAndSelect
                                                                        : QItemSelectionModel::NoUpdate);
    doItemsLayout();
    verticalScrollBar()->setValue(scrolled);
}

QString ImageSetList::titleOf(const QString &path) const
{
    const int row = rowOf(path);
    return row < 0 ? QString() : item(row)->text();
}

int ImageSetList::rowOf(const QString &path) const
{
    for (int i = 0; i < count(); ++i)
        if (item(i)->data(pathRole).toString() == path)
            return i;
    return -1;
}

QStringList ImageSetList::filesOf(const QMimeData *mime) const
{
    QStringList files;
    for (const auto &url : mime->urls())
        if (url.isLocalFile())
            files << url.toLocalFile();
    return files;
}

/// As high as its entries, two to six of them.
QSize ImageSetList::sizeHint() const
{
    const int row = std::max(sizeHintForRow(0), fontMetrics().height() + 4);
    return {QListWidget::sizeHint().width(), std::clamp(count(), 2, 6) * row + 2 * frameWidth()};
}

QSize ImageSetList::minimumSizeHint() const
{
    return {80, sizeHint().height()};
}

void ImageSetList::dragEnterEvent(QDragEnterEvent *event)
{
    dragMoveEvent(event);
}

void ImageSetList::dragMoveEvent(QDragMoveEvent *event)
{
    if (!filesOf(event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void ImageSetList::dropEvent(QDropEvent *event)
{
    if (const auto files = filesOf(event->mimeData()); !files.isEmpty()) {
        event->acceptProposedAction();
        Q_EMIT filesDropped(files);
    }
}

} // namespace reticle
