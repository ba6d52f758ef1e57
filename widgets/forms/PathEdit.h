#pragma once

#include <QLineEdit>

namespace reticle {

/// A line that takes a path typed, dropped or browsed for.
class PathEdit : public QLineEdit
{
    Q_OBJECT
public:
    explicit PathEdit(QWidget *parent = nullptr);
    /// Where browsing starts while the line is empty, and what a relative path is relative to.
    void setBaseFolder(const QString &folder) { m_base = folder; }
    void browse(bool folder);

Q_SIGNALS:
    void chosen(); ///< by drop or dialog

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    QString m_base;
};

} // namespace reticle
