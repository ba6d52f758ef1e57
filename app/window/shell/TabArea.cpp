#include "window/shell/TabArea.h"

#include "widgets/views/Dialogs.h"
#include "widgets/views/Theme.h"

#include <QApplication>
#include <QDrag>
#include <QDragEnterEvent>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainter>
#include <QShortcut>
#include <QTabBar>
#include <QTabWidget>
#include <QTimer>

namespace reticle {

namespace {

constexpr auto keyProperty = "itemKey";
constexpr auto tabMime = "application/x-reticle-tab";

ItemKey keyOfPage(const QWidget *page)
{
    return page ? ItemKey::fromText(page->property(keyProperty).toString()) : ItemKey();
}

/// What a tab says. One "&" alone would mark a key.
QString shortTitle(const QString &title)
{
    constexpr int maximum = 26;
    QString text = title.size() <= maximum ? title : title.left(maximum - 9) + QStringLiteral("…") + title.right(8);
    return text.replace(QLatin1Char('&'), QStringLiteral("&&"));
}

/// Shows on which side a dragged tab will lie.
class DropHint : public QWidget
{
public:
    explicit DropHint(QWidget *parent) : QWidget(parent)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter p(this);
        QColor c = themeColor(ColorRole::Accent);
        c.setAlphaF(0.18f);
        p.fillRect(rect(), c);
        p.setPen(QPen(themeColor(ColorRole::Accent), 2));
        p.drawRect(rect().adjusted(1, 1, -1, -1));
    }
};

} // namespace

TabArea::TabArea(QWidget *parent) : QSplitter(Qt::Horizontal, parent), m_dropHint(new DropHint(nullptr))
{
    setObjectName(QStringLiteral("tabArea"));
    setChildrenCollapsible(false);
    setAcceptDrops(true);
    m_active = makeGroup(0);
    m_dropHint->setParent(this);
    auto *close = new QShortcut(QKeySequence::Close, this);
    close->setContext(Qt::WidgetWithChildrenShortcut);
    connect(close, &QShortcut::activated, this, &TabArea::closeCurrent);
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *, QWidget *now) {
        for (int i = 0; now && i < count(); ++i)
            if (auto *g = group(i); g && (g == now || g->isAncestorOf(now)))
                setActive(g);
    });
}

void TabArea::childEvent(QChildEvent *event)
{
    // A splitter takes every child for a pane; the hint lies over them.
    if (event->child() != m_dropHint)
        QSplitter::childEvent(event);
}

QTabWidget *TabArea::makeGroup(int at)
{
    auto *tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->setTabsClosable(true);
    tabs->setMovable(true);
    tabs->setElideMode(Qt::ElideNone); // titles are cut to a readable length; more tabs scroll
    tabs->setUsesScrollButtons(true);
    tabs->setAcceptDrops(true);
    tabs->installEventFilter(this);
    tabs->tabBar()->installEventFilter(this);
    tabs->tabBar()->setContextMenuPolicy(Qt::CustomContextMenu);
    tabs->tabBar()->setExpanding(false);
    connect(tabs, &QTabWidget::tabCloseRequested, this, [this, tabs](int i) { closeAt(tabs, i); });
    connect(tabs, &QTabWidget::currentChanged, this, [this, tabs](int) {
        m_active = tabs;
        Q_EMIT currentChanged(currentKey());
    });
    connect(tabs->tabBar(), &QWidget::customContextMenuRequested, this,
            [this, tabs](const QPoint &at) { showTabMenu(tabs, tabs->tabBar()->tabAt(at), tabs->tabBar()->mapToGlobal(at)); });
    insertWidget(at, tabs);
    return tabs;
}

QTabWidget *TabArea::group(int i) const
{
    return qobject_cast<QTabWidget *>(widget(i));
}

QTabWidget *TabArea::groupOf(const ItemKey &key, int *index) const
{
    for (int g = 0; g < count(); ++g)
        if (auto *tabs = group(g))
            for (int i = 0; i < tabs->count(); ++i)
                if (keyOfPage(tabs->widget(i)) == key) {
                    if (index)
                        *index = i;
                    return tabs;
                }
    return nullptr;
}

QTabWidget *TabArea::activeGroup() const
{
    for (int g = 0; g < count(); ++g)
        if (widget(g) == m_active)
            return m_active;
    return group(0);
}

void TabArea::setActive(QTabWidget *tabs)
{
    if (m_active == tabs)
        return;
    m_active = tabs;
    Q_EMIT currentChanged(currentKey());
}

void TabArea::add(const ItemKey &key, const QString &title, const QIcon &icon, QWidget *page, bool beside)
{
    page->setProperty(keyProperty, key.text());
    QTabWidget *tabs = activeGroup();
    if (beside && tabs->count()) {
        const int other = indexOf(tabs) == 0 ? 1 : 0;
        tabs = count() > 1 ? group(other) : makeGroup(1);
        halve();
    }
    const int i = tabs->addTab(page, icon, shortTitle(title));
    tabs->setTabToolTip(i, title);
    tabs->setCurrentIndex(i);
    m_active = tabs;
    updateEmpty();
    Q_EMIT currentChanged(key);
}

bool TabArea::show(const ItemKey &key)
{
    int i = 0;
    auto *tabs = groupOf(key, &i);
    if (!tabs)
        return false;
    m_active = tabs;
    if (tabs->currentIndex() == i)
        Q_EMIT currentChanged(key);
    tabs->setCurrentIndex(i);
    return true;
}

QWidget *TabArea::page(const ItemKey &key) const
{
    int i = 0;
    auto *tabs = groupOf(key, &i);
    return tabs ? tabs->widget(i) : nullptr;
}

void TabArea::setTitle(const ItemKey &key, const QString &title)
{
    int i = 0;
    if (auto *tabs = groupOf(key, &i)) {
        tabs->setTabText(i, shortTitle(title));
        tabs->setTabToolTip(i, title);
    }
}

void TabArea::rename(const ItemKey &from, const ItemKey &to, const QString &title)
{
    if (auto *p = page(from)) {
        p->setProperty(keyProperty, to.text());
        setTitle(to, title);
        if (p == currentPage())
            Q_EMIT currentChanged(to);
    }
}

void TabArea::closeAt(QTabWidget *tabs, int index)
{
    QWidget *page = tabs->widget(index);
    if (!page)
        return;
    const ItemKey key = keyOfPage(page);
    Q_EMIT closing(key);
    tabs->removeTab(index);
    page->hide();
    page->deleteLater();
    dropEmptyGroups();
    Q_EMIT closed(key);
    Q_EMIT currentChanged(currentKey());
}

void TabArea::close(const ItemKey &key)
{
    int i = 0;
    if (auto *tabs = groupOf(key, &i))
        closeAt(tabs, i);
}

void TabArea::closeAll()
{
    for (const auto &key : keys())
        close(key);
}

void TabArea::closeCurrent()
{
    if (auto *tabs = activeGroup(); tabs && tabs->currentIndex() >= 0)
        closeAt(tabs, tabs->currentIndex());
}

std::vector<ItemKey> TabArea::keys() const
{
    std::vector<ItemKey> all;
    for (int g = 0; g < count(); ++g)
        if (auto *tabs = group(g))
            for (int i = 0; i < tabs->count(); ++i)
                all.push_back(keyOfPage(tabs->widget(i)));
    return all;
}

ItemKey TabArea::currentKey() const
{
    return keyOfPage(currentPage());
}

QWidget *TabArea::currentPage() const
{
    auto *tabs = activeGroup();
    return tabs ? tabs->currentWidget() : nullptr;
}

void TabArea::halve()
{
    setSizes({width() / 2, width() / 2});
    // Pages that fold parts of themselves away when narrow do so now; then the halves can be even.
    QTimer::singleShot(0, this, [this] { setSizes({width() / 2, width() / 2}); });
}

bool TabArea::isSplit() const
{
    return count() > 1;
}

void TabArea::moveToSide(const ItemKey &key, bool right)
{
    int i = 0;
    auto *from = groupOf(key, &i);
    if (!from)
        return;
    QTabWidget *to = nullptr;
    if (count() > 1) {
        to = group(right ? 1 : 0);
    } else {
        if (from->count() < 2)
            return; // alone: there is nothing to lie beside
        to = makeGroup(right ? 1 : 0);
        halve();
    }
    if (to == from)
        return;
    QWidget *page = from->widget(i);
    const QString title = from->tabToolTip(i);
    const QIcon icon = from->tabIcon(i);
    from->removeTab(i);
    const int at = to->addTab(page, icon, shortTitle(title));
    to->setTabToolTip(at, title);
    to->setCurrentIndex(at);
    m_active = to;
    dropEmptyGroups();
    Q_EMIT currentChanged(key);
}

void TabArea::dropEmptyGroups()
{
    for (int g = count() - 1; g >= 0 && count() > 1; --g)
        if (auto *tabs = group(g); tabs && tabs->count() == 0) {
            if (m_active == tabs)
                m_active = nullptr;
            tabs->disconnect(this);
            tabs->setParent(nullptr);
            tabs->deleteLater();
        }
    if (!m_active)
        m_active = group(0);
    updateEmpty();
}

void TabArea::setEmptyPage(QWidget *page)
{
    m_empty = page;
    m_empty->setParent(group(0));
    updateEmpty();
}

void TabArea::updateEmpty()
{
    if (!m_empty)
        return;
    auto *tabs = group(0);
    if (m_empty->parentWidget() != tabs)
        m_empty->setParent(tabs);
    const bool empty = count() == 1 && tabs->count() == 0;
    m_empty->setGeometry(tabs->rect());
    m_empty->setVisible(empty);
    if (empty)
        m_empty->raise();
}

QStringList TabArea::state() const
{
    QStringList lines;
    for (int g = 0; g < count(); ++g)
        if (auto *tabs = group(g)) {
            QStringList words;
            for (int i = 0; i < tabs->count(); ++i)
                words << keyOfPage(tabs->widget(i)).text() + (i == tabs->currentIndex() ? QStringLiteral("*") : QString());
            lines << words.join('|');
        }
    return lines;
}

void TabArea::showTabMenu(QTabWidget *tabs, int index, const QPoint &at)
{
    if (index < 0)
        return;
    const ItemKey key = keyOfPage(tabs->widget(index));
    auto *menu = new QMenu(this);
    auto *right = menu->addAction(tr("Move to the right side"), this, [this, key] { moveToSide(key, true); });
    auto *left = menu->addAction(tr("Move to the left side"), this, [this, key] { moveToSide(key, false); });
    const bool canMove = isSplit() || tabs->count() > 1;
    right->setEnabled(canMove && !(isSplit() && indexOf(tabs) == 1));
    left->setEnabled(canMove && !(isSplit() && indexOf(tabs) == 0));
    menu->addSeparator();
    menu->addAction(tr("Close"), this, [this, key] { close(key); });
    menu->addAction(tr("Close the others"), this, [this, key] {
        for (const auto &k : keys())
            if (!(k == key))
                close(k);
    });
    openMenu(menu, at);
}

bool TabArea::eventFilter(QObject *object, QEvent *event)
{
    if (auto *bar = qobject_cast<QTabBar *>(object)) {
        auto *tabs = qobject_cast<QTabWidget *>(bar->parentWidget());
        if (event->type() == QEvent::MouseButtonPress) {
            auto *mouse = static_cast<QMouseEvent *>(event);
            m_dragStart = mouse->pos();
            m_dragIndex = bar->tabAt(mouse->pos());
            if (mouse->button() == Qt::MiddleButton && m_dragIndex >= 0) {
                closeAt(tabs, m_dragIndex);
                return true;
            }
        } else if (event->type() == QEvent::MouseMove && m_dragIndex >= 0) {
            auto *mouse = static_cast<QMouseEvent *>(event);
            // Along the bar Qt moves the tab itself; a pull out of the bar takes it to a side.
            if ((mouse->buttons() & Qt::LeftButton) && (mouse->pos().y() > bar->height() + 16 || mouse->pos().y() < -16)) {
                const ItemKey key = keyOfPage(tabs->widget(bar->currentIndex()));
                m_dragIndex = -1;
                QMouseEvent release(QEvent::MouseButtonRelease, m_dragStart, bar->mapToGlobal(m_dragStart), Qt::LeftButton,
                                    Qt::NoButton, Qt::NoModifier);
                QCoreApplication::sendEvent(bar, &release);
                auto *drag = new QDrag(this);
                auto *mime = new QMimeData;
                mime->setData(QString::fromLatin1(tabMime), key.text().toUtf8());
                drag->setMimeData(mime);
                drag->exec(Qt::MoveAction);
                m_dropHint->hide();
                return true;
            }
        }
        return false;
    }
    auto *tabs = qobject_cast<QTabWidget *>(object);
    if (!tabs)
        return QSplitter::eventFilter(object, event);
    if (event->type() == QEvent::Resize)
        updateEmpty();
    if (event->type() == QEvent::DragEnter || event->type() == QEvent::DragMove) {
        auto *drag = static_cast<QDragMoveEvent *>(event);
        if (!drag->mimeData()->hasFormat(QString::fromLatin1(tabMime)))
            return false;
        const QPoint at = mapFromGlobal(tabs->mapToGlobal(drag->position().toPoint()));
        const bool right = at.x() > width() / 2;
        m_dropHint->setGeometry(right ? width() / 2 : 0, 0, width() / 2, height());
        m_dropHint->show();
        m_dropHint->raise();
        drag->acceptProposedAction();
        return true;
    }
    if (event->type() == QEvent::DragLeave)
        m_dropHint->hide();
    if (event->type() == QEvent::Drop) {
        auto *drop = static_cast<QDropEvent *>(event);
        if (!drop->mimeData()->hasFormat(QString::fromLatin1(tabMime)))
            return false;
        m_dropHint->hide();
        const QPoint at = mapFromGlobal(tabs->mapToGlobal(drop->position().toPoint()));
        const ItemKey key = ItemKey::fromText(QString::fromUtf8(drop->mimeData()->data(QString::fromLatin1(tabMime))));
        drop->acceptProposedAction();
        moveToSide(key, at.x() > width() / 2);
        return true;
    }
    return QSplitter::eventFilter(object, event);
}

} // namespace reticle
