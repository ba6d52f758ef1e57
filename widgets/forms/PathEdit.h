#pragma once

#include <QLineEdit>

namespace reticle {

/// The endings that results can be saved with (files/StackWriter.h), as a file dialog lists them; `pictures`: of
/// numbers that a PNG can hold.
QString stackFilters(bool pictures);
/// `path` with the ending of the chosen filter where it has none: without one it would be a folder.
QString withEnding(const QString &path, const QString &filter);

/// A line that takes a path typed, dropped or browsed for.
class PathEdit : public QLineEdit
{
    Q_OBJECT
public:
    explicit PathEdit(QWidget *parent = nullptr);
    /// Where browsing starts while the line is empty, and what a relative path is relative to.
    void setBaseFolder(const QString &folder) { m_base = folder; }
    /// The path is of a file that will be written: browsing asks for a new one.
    void setSaving(bool saving) { m_saving = saving; }
    bool saving() const { return m_saving; }
    void browse(bool folder); ///< opens a dialog and returns; chosen() follows where something was chosen

Q_SIGNALS:
    void chosen(); ///< by drop or dialog

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    QString m_base;
    bool m_saving = false;
};

} // namespace reticle
