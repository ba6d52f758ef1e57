#pragma once

#include "figure/Figure.h"

#include <QDialog>

#include <memory>

namespace reticle {

/// Format, width (presets and free), resolution, fonts; a preview at true proportions and the list of warnings, both live;
/// "Export" writes one format, "Export all" SVG, PDF, PNG, CSV and the figure's JSON together. The folder last used is
/// remembered while the program runs.
class ExportDialog : public QDialog
{
    Q_OBJECT
public:
    explicit ExportDialog(const Figure &figure, QWidget *parent = nullptr);
    ~ExportDialog() override;

    /// Folder proposed at first; the person may choose another.
    void setFolder(const QString &folder);

Q_SIGNALS:
    /// A file (or the common name of all) was written.
    void exported(const QString &path);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
