// The tabs of a project from one session to the next, and what is taken out of the window: figures, folders.

#include "widgets/export/ExportDialog.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/FigureView.h"
#include "window/pages/PageOpener.h"
#include "window/pages/Pages.h"
#include "window/pages/ResultPage.h"
#include "window/parts/FigureSource.h"
#include "window/session/Session.h"
#include "window/session/Settings.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PageViews.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"
#include "window/shell/Text.h"

#include <QApplication>
#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QUrl>

namespace reticle {

void MainWindow::rememberTabs()
{
    if (m_restoring || m_closing || !m_session.project())
        return;
    Settings::setValue(QStringLiteral("tabs/") + QString::number(qHash(m_session.project()->folder())), m_tabs->state());
}

void MainWindow::restoreTabs()
{
    const QStringList groups =
        Settings::value(QStringLiteral("tabs/") + QString::number(qHash(m_session.project()->folder()))).toStringList();
    m_restoring = true;
    std::vector<ItemKey> current;
    for (int g = 0; g < groups.size(); ++g) {
        bool first = true;
        for (QString word : groups[g].split('|', Qt::SkipEmptyParts)) {
            const bool isCurrent = word.endsWith('*');
            if (isCurrent)
                word.chop(1);
            const ItemKey key = Pages::instance().completed(ItemKey::fromText(word));
            if (m_pages->open(key, g > 0 && first && !m_tabs->keys().empty())) {
                first = false;
                if (isCurrent)
                    current.push_back(key);
            }
        }
    }
    for (const auto &key : current)
        m_tabs->show(key);
    m_restoring = false;
    if (m_tabs->keys().empty() && !m_session.project()->dataSets().empty())
        m_pages->open({ItemKey::Kind::Data, m_session.project()->dataSets().front().input});
    rememberTabs();
}

void MainWindow::rememberForm()
{
    auto *project = m_session.project();
    if (!project)
        return;
    const QString setting = QStringLiteral("form/") + QString::number(qHash(project->folder()));
    const Json recipe = m_side->trainForm()->recipe();
    const bool ofThis = recipe.is_object() && recipe.contains("data") && project->dataSetOf(recipe);
    Settings::setValue(setting, ofThis ? qs(recipe.dump()) : QString());
}

void MainWindow::restoreForm()
{
    const QString setting = QStringLiteral("form/") + QString::number(qHash(m_session.project()->folder()));
    const Json recipe = Json::parse(ss(Settings::value(setting).toString()), nullptr, false);
    if (!recipe.is_object() || !recipe.contains("data"))
        return;
    if (const auto *data = m_session.project()->dataSetOf(recipe))
        m_side->trainForm()->setRecipe(recipe, tr("Train on %1").arg(data->title));
}

void MainWindow::rememberWindow()
{
    Settings::setValue(QStringLiteral("window/geometry"), saveGeometry());
    if (!m_session.project())
        return;
    rememberForm();
    m_views->keep();
}

void MainWindow::exportFigure()
{
    QWidget *page = m_tabs ? m_tabs->currentPage() : nullptr;
    if (!page)
        return;
    FigureView *view = qobject_cast<FigureView *>(QApplication::focusWidget());
    if (!view)
        if (const auto *pictures = dynamic_cast<FigureSource *>(page))
            if (const auto figure = pictures->currentFigure()) {
                openDialog(new ExportDialog(*figure, this), page);
                return;
            }
    if (!view)
        if (auto *result = qobject_cast<ResultPage *>(page))
            view = result->shownView();
    if (!view) {
        const auto views = page->findChildren<FigureView *>();
        view = views.isEmpty() ? nullptr : views.front();
    }
    if (view)
        view->exportDialog();
    else
        m_message->say(MessageBar::Level::Info, tr("There is no figure on this page. Results and training curves have some."));
}

void MainWindow::revealItem(const ItemKey &key)
{
    auto *project = m_session.project();
    QString folder = project->folder();
    if (const auto *data = key.kind == ItemKey::Kind::Data ? project->dataSet(key.id) : nullptr)
        folder = QFileInfo(data->path()).absolutePath();
    else if (key.kind == ItemKey::Kind::Run)
        folder = qs(project->store().runFolder(key.id));
    else if (key.kind == ItemKey::Kind::Prediction)
        folder = project->predictionsFolder(key.id);
    else if (key.kind == ItemKey::Kind::Result)
        folder = QDir(folder).filePath(QStringLiteral("results/%1").arg(key.id));
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(folder)))
        m_message->say(MessageBar::Level::Info, folder);
}

} // namespace reticle
