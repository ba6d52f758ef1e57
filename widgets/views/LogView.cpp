#include "widgets/views/LogView.h"

#include "widgets/views/Dialogs.h"
#include "widgets/views/Theme.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QMenu>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextBlock>
#include <QTimer>
#include <QVBoxLayout>

#include <deque>

namespace reticle {

namespace {

struct Line
{
    LogView::Level level;
    QString text, time;
};

QString wordOf(LogView::Level level)
{
    switch (level) {
    case LogView::Level::Warning: return LogView::tr("warning");
    case LogView::Level::Error: return LogView::tr("error");
    case LogView::Level::Info: break;
    }
    return {};
}

} // namespace

struct LogView::Private
{
    LogView *q;
    QPlainTextEdit *edit = nullptr;
    std::deque<Line> lines;
    std::size_t shown = 0; ///< how many of `lines` (from the front) are in the editor
    int maximum = 5000;
    QTimer timer;

    void write(QTextCursor &cursor, const Line &line)
    {
        const auto format = [](ColorRole role, bool strong) {
            QTextCharFormat f;
            f.setForeground(themeColor(role));
            if (strong)
                f.setFontWeight(QFont::DemiBold);
            return f;
        };
        if (!line.time.isEmpty())
            cursor.insertText(line.time + QStringLiteral("  "), format(ColorRole::TextMuted, false));
        // The level is a word as well as a color.
        const QString word = wordOf(line.level);
        if (!word.isEmpty())
            cursor.insertText(word + QStringLiteral("  "),
                              format(line.level == Level::Error ? ColorRole::Danger : ColorRole::Warning, true));
        cursor.insertText(line.text, format(ColorRole::Text, false));
    }

    void flush()
    {
        auto *bar = edit->verticalScrollBar();
        const bool atEnd = bar->value() >= bar->maximum() - 2;
        QTextCursor cursor(edit->document());
        cursor.movePosition(QTextCursor::End);
        cursor.beginEditBlock();
        for (; shown < lines.size(); ++shown) {
            if (!edit->document()->isEmpty())
                cursor.insertBlock();
            write(cursor, lines[shown]);
        }
        cursor.endEditBlock();
        if (atEnd)
            bar->setValue(bar->maximum());
    }

    void again()
    {
        edit->clear();
        shown = 0;
        flush();
        edit->verticalScrollBar()->setValue(edit->verticalScrollBar()->maximum());
    }

    void trim()
    {
        while (lines.size() > static_cast<std::size_t>(maximum)) {
            lines.pop_front();
            if (shown > 0)
                --shown; // the editor drops its first block by itself
        }
    }
};

LogView::LogView(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    d->q = this;
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    d->edit = new QPlainTextEdit(this);
    d->edit->setReadOnly(true);
    d->edit->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    d->edit->setUndoRedoEnabled(false);
    d->edit->setFont(themeFont(FontRole::Mono));
    d->edit->setFrameShape(QFrame::NoFrame);
    d->edit->setMaximumBlockCount(d->maximum);
    d->edit->setAccessibleName(tr("Log"));
    d->edit->setContextMenuPolicy(Qt::CustomContextMenu);
    layout->addWidget(d->edit);
    setFocusProxy(d->edit);
    d->timer.setSingleShot(true);
    d->timer.setInterval(33);
    connect(&d->timer, &QTimer::timeout, this, [this] { d->flush(); });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, [this] {
        d->edit->setFont(themeFont(FontRole::Mono));
        d->again();
    });
    connect(d->edit, &QWidget::customContextMenuRequested, this, [this](const QPoint &at) {
        auto *menu = new QMenu(this);
        auto *copy = menu->addAction(themeIcon(QStringLiteral("copy")), tr("Copy"), d->edit, &QPlainTextEdit::copy);
        copy->setEnabled(d->edit->textCursor().hasSelection());
        menu->addAction(tr("Copy all"), this, [this] { QGuiApplication::clipboard()->setText(text()); });
        menu->addAction(tr("Select all"), d->edit, &QPlainTextEdit::selectAll);
        menu->addSeparator();
        menu->addAction(themeIcon(QStringLiteral("trash")), tr("Clear"), this, &LogView::clear);
        openMenu(menu, d->edit->mapToGlobal(at));
    });
}

LogView::~LogView() = default;

void LogView::append(Level level, const QString &text, const QString &time)
{
    // A message of several lines is several lines of the log.
    const auto parts = text.split(QLatin1Char('\n'));
    for (const auto &part : parts)
        d->lines.push_back({level, part, time});
    d->trim();
    if (!d->timer.isActive())
        d->timer.start();
}

void LogView::clear()
{
    d->lines.clear();
    d->shown = 0;
    d->edit->clear();
}

int LogView::lines() const
{
    return static_cast<int>(d->lines.size());
}

void LogView::setMaximumLines(int lines)
{
    d->maximum = std::max(1, lines);
    d->edit->setMaximumBlockCount(d->maximum);
    d->trim();
}

QString LogView::text() const
{
    QStringList all;
    for (const auto &l : d->lines) {
        const QString word = wordOf(l.level);
        all << (l.time.isEmpty() ? QString() : l.time + QStringLiteral("  ")) +
                   (word.isEmpty() ? QString() : word + QStringLiteral("  ")) + l.text;
    }
    return all.join(QLatin1Char('\n'));
}

} // namespace reticle
