#include "window/TableExport.h"

#include "base/Table.h"
#include "base/files/BesideFile.h"
#include "window/MessageBar.h"
#include "window/Text.h"

#include <QCoreApplication>
#include <QFileDialog>

namespace reticle {

namespace {

void say(QWidget *place, MessageBar::Level level, const QString &sentence)
{
    for (; place; place = place->parentWidget())
        if (auto *bar = place->findChild<MessageBar *>()) {
            bar->say(level, sentence);
            return;
        }
}

QString tr(const char *text)
{
    return QCoreApplication::translate("reticle::exportTableAsCsv", text);
}

} // namespace

void exportTableAsCsv(QWidget *parent, const Table &table, const QString &suggestedName)
{
    auto *dialog = new QFileDialog(parent, tr("Export table"), {}, tr("Table (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    QString name = suggestedName;
    if (name.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive))
        name.chop(4);
    dialog->selectFile(fileName(name.isEmpty() ? QStringLiteral("table") : name) + QStringLiteral(".csv"));
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, [parent, table](const QString &path) {
        try {
            files::writeResultFile(ss(path), table.toCsv());
            say(parent, MessageBar::Level::Positive, tr("Written: %1").arg(path));
        } catch (const std::exception &e) {
            say(parent, MessageBar::Level::Error, QString::fromUtf8(e.what()));
        }
    });
    dialog->open();
}

} // namespace reticle
