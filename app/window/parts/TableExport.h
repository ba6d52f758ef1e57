#pragma once

#include <QString>

class QWidget;

namespace reticle {

class Table;

/// Asks where to, and writes the table as CSV there. What came of it is said on the message bar of `parent`, or of the
/// nearest window around it that has one. GUI thread; returns at once, the dialog is `parent`'s.
void exportTableAsCsv(QWidget *parent, const Table &table, const QString &suggestedName);

} // namespace reticle
