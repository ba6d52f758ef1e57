#include "widgets/views/LogView.h"

#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace reticle {

struct LogView::Private
{
    QPlainTextEdit *edit = nullptr;
};

LogView::LogView(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    d->edit = new QPlainTextEdit(this);
    d->edit->setReadOnly(true);
    d->edit->setMaximumBlockCount(5000);
    layout->addWidget(d->edit);
}
LogView::~LogView() = default;
void LogView::append(Level, const QString &text, const QString &time) { d->edit->appendPlainText(time.isEmpty() ? text : time + QStringLiteral("  ") + text); }
void LogView::clear() { d->edit->clear(); }
int LogView::lines() const { return d->edit->document()->isEmpty() ? 0 : d->edit->blockCount(); }
void LogView::setMaximumLines(int lines) { d->edit->setMaximumBlockCount(lines); }
QString LogView::text() const { return d->edit->toPlainText(); }

} // namespace reticle
