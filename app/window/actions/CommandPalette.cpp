#include "window/actions/CommandPalette.h"

#include "window/actions/Command.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace reticle {

CommandPalette::CommandPalette(CommandList *commands, QWidget *parent)
    : QWidget(parent), m_commands(commands), m_edit(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setObjectName(QStringLiteral("commandPalette"));
    m_edit->setPlaceholderText(tr("What do you want to do?"));
    m_edit->setObjectName(QStringLiteral("paletteEdit"));
    m_edit->installEventFilter(this);
    m_list->setMinimumHeight(260);
    m_list->setFocusPolicy(Qt::NoFocus);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_edit);
    column->addWidget(m_list);
    connect(m_edit, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListWidget::itemClicked, this, [this] { accept(); });
    m_commands->refresh();
    filter({});
    setFocusProxy(m_edit);
}

void CommandPalette::filter(const QString &words)
{
    m_list->clear();
    const QStringList parts = words.split(' ', Qt::SkipEmptyParts);
    for (const auto &c : m_commands->all()) {
        if (c.enabled && !c.enabled())
            continue;
        const QString text = c.group + QStringLiteral(" ") + c.title;
        if (!std::all_of(parts.begin(), parts.end(), [&](const QString &p) { return text.contains(p, Qt::CaseInsensitive); }))
            continue;
        const QString key = c.key.toString(QKeySequence::NativeText);
        auto *item = new QListWidgetItem(key.isEmpty() ? c.title : c.title + QStringLiteral("    ") + key, m_list);
        item->setData(Qt::UserRole, c.name);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::accept()
{
    if (auto *item = m_list->currentItem())
        Q_EMIT chosen(item->data(Qt::UserRole).toString());
}

bool CommandPalette::eventFilter(QObject *object, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const int row = m_list->currentRow();
        if (key->key() == Qt::Key_Down) {
            m_list->setCurrentRow(std::min(row + 1, m_list->count() - 1));
            return true;
        }
        if (key->key() == Qt::Key_Up) {
            m_list->setCurrentRow(std::max(row - 1, 0));
            return true;
        }
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            accept();
            return true;
        }
    }
    return QWidget::eventFilter(object, event);
}

} // namespace reticle
