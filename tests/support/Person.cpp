#include "support/Person.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QCompleter>
#include <QDropEvent>
#include <QEventLoop>
#include <QFileDialog>
#include <QLineEdit>
#include <QMimeData>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QTreeView>
#include <QUrl>
#include <QWheelEvent>

#include <memory>

namespace reticle::test {

namespace {

[[noreturn]] void fail(const QString &sentence)
{
    throw std::runtime_error(sentence.toStdString());
}

QString nameOf(const QWidget *w)
{
    return w->objectName().isEmpty() ? QString::fromLatin1(w->metaObject()->className()) : w->objectName();
}

/// Nothing lies over the middle of it.
bool isReachable(QWidget *w)
{
    QWidget *window = w->window();
    QWidget *atPoint = window->childAt(w->mapTo(window, w->rect().center()));
    return atPoint && (atPoint == w || w->isAncestorOf(atPoint) || atPoint->isAncestorOf(w));
}

} // namespace

/// Lets events come for a moment, asleep between them: the processor belongs to the worker.
static void processEventsFor(int ms)
{
    QEventLoop loop;
    QTimer::singleShot(ms, &loop, &QEventLoop::quit);
    loop.exec();
}

void Person::waitFor(const QString &what, const std::function<bool()> &condition, double seconds) const
{
    QElapsedTimer timer;
    timer.start();
    while (!condition()) {
        if (timer.elapsed() > seconds * 1000)
            fail(QStringLiteral("gave up waiting for %1").arg(what));
        processEventsFor(20);
    }
}

void Person::rest(int ms) const
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < ms)
        processEventsFor(20);
}

void Person::drop(const QStringList &paths) const
{
    QMimeData mime;
    QList<QUrl> urls;
    for (const auto &path : paths)
        urls << QUrl::fromLocalFile(path);
    mime.setUrls(urls);
    const QPoint at = m_window->rect().center();
    QDragEnterEvent enter(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(m_window, &enter);
    if (!enter.isAccepted())
        fail(QStringLiteral("the window takes no drop of %1").arg(paths.join(QStringLiteral(", "))));
    QDropEvent drop(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(m_window, &drop);
}

void Person::scrollTo(QWidget *widget) const
{
    for (QWidget *w = widget->parentWidget(); w && !w->isWindow(); w = w->parentWidget()) {
        auto *area = qobject_cast<QScrollArea *>(w);
        if (!area || !area->widget() || !area->widget()->isAncestorOf(widget))
            continue;
        QWidget *port = area->viewport();
        for (int turn = 0; turn < 400; ++turn) {
            const QRect place(widget->mapTo(port, QPoint(0, 0)), widget->size());
            const int tooLow = place.bottom() - port->rect().bottom() + 4, tooHigh = port->rect().top() + 4 - place.top();
            if (tooLow <= 0 && tooHigh <= 0)
                break;
            auto *bar = area->verticalScrollBar();
            const int before = bar->value();
            const QPointF at = port->rect().center();
            const bool down = tooLow > 0 && (tooHigh <= 0 || place.height() < port->height());
            QWheelEvent wheel(at, port->mapToGlobal(at), {}, {0, down ? -30 : 30}, Qt::NoButton, Qt::NoModifier,
                              Qt::NoScrollPhase, false);
            QCoreApplication::sendEvent(port, &wheel);
            if (bar->value() == before)
                break;
        }
    }
}

void Person::click(QWidget *widget) const
{
    if (!widget || !widget->isVisible())
        fail(QStringLiteral("%1 cannot be seen").arg(widget ? nameOf(widget) : QStringLiteral("what is wanted")));
    if (!widget->isEnabled())
        fail(QStringLiteral("%1 is switched off").arg(nameOf(widget)));
    // A click brings its window to the front; without a window manager that is to be asked for.
    if (!widget->window()->isActiveWindow()) {
        widget->window()->activateWindow();
        waitFor(
            QStringLiteral("%1 to come to the front").arg(nameOf(widget->window())),
            [widget] { return widget->window()->isActiveWindow(); }, 5);
    }
    scrollTo(widget);
    if (!isReachable(widget))
        fail(QStringLiteral("%1 is covered").arg(nameOf(widget)));
    QTest::mouseMove(widget, widget->rect().center());
    QTest::mouseClick(widget, Qt::LeftButton, Qt::NoModifier, widget->rect().center());
}

void Person::type(QWidget *widget, const QString &text) const
{
    auto *line = qobject_cast<QLineEdit *>(widget);
    if (!line && widget)
        line = widget->findChild<QLineEdit *>();
    click(line);
    QTest::keyClick(line, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(line, Qt::Key_Delete);
    QTest::keyClicks(line, text);
    QTest::keyClick(line, Qt::Key_Tab);
}

void Person::choose(QComboBox *combo, const QString &entry) const
{
    const int index = combo->findText(entry);
    if (index < 0)
        fail(QStringLiteral("%1 offers no \"%2\"").arg(nameOf(combo), entry));
    if (combo->currentIndex() == index)
        return;
    click(combo);
    waitFor(
        QStringLiteral("the list of %1").arg(nameOf(combo)), [combo] { return combo->view()->isVisible(); }, 5);
    // A list takes no click sooner, lest a double click on its box chooses something.
    rest(QApplication::doubleClickInterval() + 50);
    combo->view()->scrollTo(combo->model()->index(index, 0));
    QTest::mouseClick(combo->view()->viewport(), Qt::LeftButton, Qt::NoModifier,
                      combo->view()->visualRect(combo->model()->index(index, 0)).center());
    waitFor(
        QStringLiteral("the choice of %1").arg(entry), [combo, index] { return combo->currentIndex() == index; }, 5);
}

void Person::set(QWidget *form, const QString &path, const QString &value) const
{
    QWidget *place = form;
    QString field = path;
    if (const auto dot = path.indexOf('.'); dot >= 0) {
        field = path.mid(dot + 1);
        const auto section = [&] {
            for (auto *w : form->findChildren<QWidget *>(path.left(dot)))
                if (w->isVisible() && !qobject_cast<QAbstractButton *>(w)) // "train" is a button too
                    return w;
            return static_cast<QWidget *>(nullptr);
        };
        // A form that was just made is not on the screen before its scroll area is laid out.
        waitFor(
            QStringLiteral("the section %1 of the form").arg(path.left(dot)), [&] { return section() != nullptr; }, 5);
        place = section();
    }
    const auto input = [&] {
        for (auto *w : place->findChildren<QWidget *>(field))
            if (w->isVisible())
                return w;
        return static_cast<QWidget *>(nullptr);
    };
    if (place == form) // a form that was just made, as above
        waitFor(
            QStringLiteral("the field %1 of the form").arg(path), [&] { return input() != nullptr; }, 5);
    // First what is folded: the section by its header, then its advanced settings.
    if (!input() && place != form)
        if (auto *header = place->findChild<QToolButton *>(QString(), Qt::FindDirectChildrenOnly);
            header && header->accessibleDescription() == QStringLiteral("folded"))
            click(header);
    if (!input())
        if (auto *more = shown<QToolButton>("advanced", place))
            click(more);
    QWidget *w = input();
    if (!w)
        fail(QStringLiteral("the form shows no field %1").arg(path));
    if (auto *combo = qobject_cast<QComboBox *>(w))
        choose(combo, value);
    else if (auto *button = qobject_cast<QAbstractButton *>(w)) {
        if (button->isChecked() != (value == QStringLiteral("true")))
            click(button);
    } else
        type(w, value);
}

void Person::clickItem(QTreeView *tree, const QString &text, bool twice, const QString &parent) const
{
    QModelIndex found;
    const std::function<void(const QModelIndex &, bool)> look = [&](const QModelIndex &at, bool inside) {
        for (int i = 0; i < tree->model()->rowCount(at) && !found.isValid(); ++i) {
            const auto index = tree->model()->index(i, 0, at);
            if (inside && index.data().toString().startsWith(text) && index.parent().isValid())
                found = index;
            else
                look(index, inside || index.data().toString().startsWith(parent));
        }
    };
    look({}, parent.isEmpty());
    if (!found.isValid())
        fail(QStringLiteral("the tree has no \"%1\"").arg(text));
    tree->scrollTo(found);
    const QPoint at = tree->visualRect(found).center();
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, Qt::NoModifier, at);
    if (twice)
        QTest::mouseDClick(tree->viewport(), Qt::LeftButton, Qt::NoModifier, at);
}

void Person::key(int key, Qt::KeyboardModifiers modifiers) const
{
    QWidget *to = QApplication::focusWidget();
    QTest::keyClick(to ? to : m_window, static_cast<Qt::Key>(key), modifiers);
}

void Person::throughDialogs(const std::function<void()> &first, const std::vector<std::function<bool()>> &steps) const
{
    struct State
    {
        std::vector<std::function<bool()>> steps;
        std::size_t next = 0;
        QString problem;
        QElapsedTimer waiting;
    };
    const auto state = std::make_shared<State>();
    state->steps = steps;
    state->waiting.start();
    const auto again = std::make_shared<std::function<void()>>();
    *again = [state, again] {
        if (state->next >= state->steps.size() || !state->problem.isEmpty())
            return;
        // A step may open a further dialog and come back late: what follows is arranged before.
        QTimer::singleShot(50, qApp, *again);
        const std::size_t mine = state->next;
        try {
            ++state->next;
            if (state->steps[mine]())
                state->waiting.restart();
            else
                state->next = mine;
        } catch (const std::exception &e) {
            state->problem = QString::fromUtf8(e.what());
        }
        if (state->problem.isEmpty() && state->waiting.elapsed() > 30000)
            state->problem = QStringLiteral("gave up at step %1 in a dialog").arg(mine + 1);
        if (!state->problem.isEmpty())
            while (QWidget *dialog = QApplication::activeModalWidget())
                if (!dialog->close())
                    break;
    };
    QTimer::singleShot(0, qApp, *again);
    first();
    try {
        waitFor(
            QStringLiteral("the dialog's steps"), [&] { return state->next >= state->steps.size() || !state->problem.isEmpty(); },
            60);
    } catch (...) {
        state->problem = QStringLiteral("the dialog did not come to its end");
    }
    *again = {};
    if (!state->problem.isEmpty())
        fail(state->problem);
}

bool Person::typePath(const QString &path) const
{
    auto *dialog = qobject_cast<QFileDialog *>(QApplication::activeModalWidget());
    if (!dialog || !dialog->isVisible())
        return false;
    auto *line = dialog->findChild<QLineEdit *>(QStringLiteral("fileNameEdit"));
    QTest::mouseClick(line, Qt::LeftButton);
    QTest::keyClick(line, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(line, path);
    // Proposals that popped up while typing would take the Enter for themselves.
    rest(100);
    if (auto *popup = line->completer() ? line->completer()->popup() : nullptr; popup && popup->isVisible())
        QTest::keyClick(popup, Qt::Key_Escape);
    // Typing a path selects the folders on the way, and then the button opens the folder first.
    for (int i = 0; i < 3 && dialog; ++i)
        for (auto *button : dialog->findChildren<QPushButton *>())
            if (button->isDefault()) {
                const QPointer<QFileDialog> shown = dialog;
                waitFor(
                    QStringLiteral("the dialog to take %1").arg(path), [button] { return button->isEnabled(); }, 5);
                QTest::mouseClick(button, Qt::LeftButton);
                if (!shown || !shown->isVisible())
                    return true;
                break;
            }
    fail(QStringLiteral("the dialog does not end with %1").arg(path));
}

} // namespace reticle::test
