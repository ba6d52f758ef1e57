#include "window/ImageSetList.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QSignalBlocker>
#include <QUrl>

namespace reticle {

namespace {

constexpr int pathRole = Qt::UserRole, runRole = Qt::UserRole + 1;

} // namespace

ImageSetList::ImageSetList(QWidget *parent) : QListWidget(parent)
{
    setAcceptDrops(true);
    setUniformItemSizes(true);
    setTextElideMode(Qt::ElideMiddle);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(this, &QListWidget::itemChanged, this, [this](QListWidgetItem *item) {
        const QString path = item->data(pathRole).toString();
        const bool ticked = item->checkState() == Qt::Checked;
        if (path.isEmpty()) {
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
        Q_EMIT chosenChanged(m_chosen);
    });
}

void ImageSetList::setChoices(const std::vector<Choice> &choices, const QStringList &chosen)
{
    const QSignalBlocker quiet(this);
    clear();
    m_chosen = chosen;
    const auto add = [this](const Choice &c) {
        auto *item = new QListWidgetItem(c.title, this);
        item->setData(pathRole, c.path);
        item->setData(runRole, static_cast<qlonglong>(c.run));
        item->setToolTip(c.path.isEmpty() ? tr("Its output is made when it is ticked") : c.path);
        item->setFlags(c.busy ? Qt::ItemFlags() : Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
        item->setCheckState(c.busy || m_chosen.contains(c.path) ? Qt::Checked : Qt::Unchecked);
    };
    for (const auto &c : choices)
        add(c);
    for (const auto &path : m_chosen)
        if (rowOf(path) < 0)
            add({QFileInfo(path).isDir() ? QFileInfo(path).fileName() : QFileInfo(path).completeBaseName(), path});
    updateGeometry();
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
