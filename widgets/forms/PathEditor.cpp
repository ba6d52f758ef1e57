#include "widgets/forms/FieldEditor.h"
#include "widgets/forms/PathEdit.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/Theme.h"

#include <QCoreApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMenu>
#include <QMimeData>
#include <QRegularExpression>
#include <QToolButton>

namespace reticle {

QString stackFilters(bool pictures)
{
    QString all = QCoreApplication::translate("PathEdit", "TIFF (*.tif *.tiff);;OME-TIFF (*.ome.tif *.ome.tiff)");
    if (pictures)
        all += QCoreApplication::translate("PathEdit", ";;PNG, one page (*.png)");
    return all + QCoreApplication::translate("PathEdit", ";;NumPy array (*.npy)");
}

QString withEnding(const QString &path, const QString &filter)
{
    if (path.isEmpty() || !QFileInfo(path).suffix().isEmpty() || QFileInfo(path).isDir())
        return path;
    static const QRegularExpression first(QStringLiteral("\\*(\\.[a-z.]+)"));
    const auto match = first.match(filter);
    return path + (match.hasMatch() ? match.captured(1) : QStringLiteral(".tif"));
}

PathEdit::PathEdit(QWidget *parent) : QLineEdit(parent)
{
    setAcceptDrops(true);
}

void PathEdit::browse(bool folder)
{
    QString start = text().isEmpty() ? m_base : text();
    if (QFileInfo(start).isRelative() && !m_base.isEmpty())
        start = QDir(m_base).filePath(start);
    const auto take = [this](const QString &path) {
        setText(path);
        Q_EMIT chosen();
    };
    if (folder)
        askForFolder(this, tr("Choose a folder"), start, take);
    else if (m_saving)
        askWhereToSave(this, {tr("Save as"), start, stackFilters(true).split(QStringLiteral(";;"))}, take);
    else
        askForFile(this, tr("Choose a file"), start, take);
}

void PathEdit::dragEnterEvent(QDragEnterEvent *event)
{
    if (!isReadOnly() && event->mimeData()->hasUrls() && event->mimeData()->urls().front().isLocalFile())
        event->acceptProposedAction();
    else
        QLineEdit::dragEnterEvent(event);
}

void PathEdit::dropEvent(QDropEvent *event)
{
    const auto urls = event->mimeData()->urls();
    if (isReadOnly() || urls.isEmpty() || !urls.front().isLocalFile()) {
        QLineEdit::dropEvent(event);
        return;
    }
    event->acceptProposedAction();
    setText(urls.front().toLocalFile());
    Q_EMIT chosen();
}

namespace {

class PathEditor : public FieldEditor
{
public:
    PathEditor(const Field &field, QWidget *parent)
        : FieldEditor(parent), m_line(new PathEdit(this)), m_browse(new QToolButton(this))
    {
        m_line->setSaving(field.name == "output");
        auto *layout = new QHBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(4);
        layout->addWidget(m_line);
        layout->addWidget(m_browse);
        m_browse->setIcon(themeIcon(QStringLiteral("folder")));
        m_browse->setIconSize({18, 18});
        m_browse->setToolTip(tr("Browse"));
        m_browse->setAccessibleName(tr("Browse"));
        m_browse->setPopupMode(QToolButton::InstantPopup);
        auto *menu = new QMenu(m_browse);
        menu->addAction(themeIcon(QStringLiteral("file")), tr("File…"), m_line, [this] { m_line->browse(false); });
        menu->addAction(themeIcon(QStringLiteral("folder")), tr("Folder…"), m_line, [this] { m_line->browse(true); });
        m_browse->setMenu(menu);
        connect(m_line, &QLineEdit::textEdited, this, [this] {
            m_odd = nullptr;
            showWhole();
            Q_EMIT edited();
        });
        connect(m_line, &PathEdit::chosen, this, [this] {
            m_odd = nullptr;
            showWhole();
            Q_EMIT edited();
        });
    }
    Json value() const override { return m_odd.is_null() ? Json(m_line->text().toStdString()) : m_odd; }
    void setValue(const Json &value) override
    {
        m_odd = value.is_string() ? Json() : value;
        const QString text = plainText(value);
        if (text != m_line->text())
            m_line->setText(text);
        showWhole();
    }
    void setReadOnly(bool readOnly) override
    {
        m_line->setReadOnly(readOnly);
        m_line->setPlaceholderText(readOnly ? QString() : tr("Drop or browse"));
        m_browse->setVisible(!readOnly);
    }
    void setProblem(bool problem) override { setStyleFlag(m_line, "problem", problem); }
    QWidget *input() const override { return m_line; }

private:
    /// The line is short: the whole path is in its tool tip, and its end, the file's name, in sight.
    void showWhole() { m_line->setToolTip(m_line->text()); }

    PathEdit *m_line;
    QToolButton *m_browse;
    Json m_odd;
};

} // namespace

FieldEditor *makePathEditor(const Field &field, QWidget *parent)
{
    return new PathEditor(field, parent);
}

} // namespace reticle
