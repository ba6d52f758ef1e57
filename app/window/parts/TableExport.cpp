#include "window/parts/TableExport.h"

#include "files/SiblingFile.h"
#include "foundation/Table.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

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

QString trExport(const char *text)
{
    return QCoreApplication::translate("reticle::exportTableAsCsv", text);
}

} // namespace

void exportTableAsCsv(QWidget *parent, const Table &table, const QString &suggestedName)
{
    auto *dialog = new QFileDialog(parent, trExport("Export table"), {}, trExport("Table (*.csv)"));
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
            say(parent, MessageBar::Level::Positive, trExport("Written: %1").arg(path));
        } catch (const std::exception &e) {
            say(parent, MessageBar::Level::Error, QString::fromUtf8(e.what()));
        }
    });
    dialog->open();
}

} // namespace reticle
