// A page of images as a figure.

#include "widgets/export/ExportDialog.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/image/ImageView.h"
#include "widgets/views/image/StackViewer.h"
#include "window/pages/ImagePage.h"
#include "window/parts/RunTitle.h"
#include "window/parts/VolumePane.h"
#include "window/session/Session.h"
#include "window/shell/Text.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QMenu>

namespace reticle {

std::optional<Figure> ImagePage::currentFigure() const
{
    if (m_volume->isShown()) // the 3-D view has an export of its own
        return std::nullopt;
    Figure f;
    f.name = "image";
    const int views = m_viewer->views();
    const int columns = views == 4 ? 2 : views;
    for (int i = 0; i < views; ++i) {
        const auto *view = m_viewer->viewAt(i);
        auto content = view ? view->panel() : std::nullopt;
        if (!content)
            return std::nullopt;
        Panel panel;
        panel.row = i / columns;
        panel.column = i % columns;
        if (views > 1) {
            panel.letter = std::string(1, static_cast<char>('a' + i));
            panel.title = ss(m_viewer->titleAt(i));
        }
        panel.content = std::move(*content);
        f.panels.push_back(std::move(panel));
    }
    const QString name = m_data.title.isEmpty() ? windowTitle() : m_data.title;
    f.title = ss(name);
    const auto pages = m_viewer->view()->pages();
    QStringList caption;
    caption << (pages > 1 ? tr("Slice %1 (of 0 to %2) of %3").arg(m_viewer->page()).arg(pages - 1).arg(name) : name);
    if (const auto *run = m_session->project() && m_run ? m_session->project()->run(m_run) : nullptr; run && hasPrediction())
        caption << tr("with the prediction of %1").arg(runTitleInText(*run));
    const QRect region = m_viewer->view()->visibleImageRect();
    const auto &info = m_viewer->view()->source()->info();
    if (region.width() < info.width || region.height() < info.height)
        caption << tr("columns %1 to %2 and rows %3 to %4")
                       .arg(region.left() + 1)
                       .arg(region.right() + 1)
                       .arg(region.top() + 1)
                       .arg(region.bottom() + 1);
    f.caption = ss(caption.join(QStringLiteral(", ")) + QLatin1Char('.'));
    if (!(m_viewer->view()->pixelSize() > 0))
        f.caption += ss(QLatin1Char(' ') + tr("The size of a pixel is not known."));
    return f;
}

void ImagePage::exportDialog()
{
    if (const auto figure = currentFigure())
        openDialog(new ExportDialog(*figure, window()), this);
}

void ImagePage::contextMenuEvent(QContextMenuEvent *event)
{
    ImageView *under = nullptr;
    for (int i = 0; i < m_viewer->views(); ++i)
        if (auto *view = m_viewer->viewAt(i);
            view && view->isVisible() && view->rect().contains(view->mapFrom(this, event->pos())))
            under = view;
    if (!under)
        return QWidget::contextMenuEvent(event);
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("imageMenu"));
    auto *all = menu->addAction(tr("Export as a figure…"), this, &ImagePage::exportDialog);
    all->setObjectName(QStringLiteral("exportImage"));
    all->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_E));
    all->setEnabled(under->isReady());
    menu->addAction(tr("Copy the picture"), under, [under] { QGuiApplication::clipboard()->setPixmap(under->grab()); });
    menu->addSeparator();
    menu->addAction(tr("Show all of it"), under, &ImageView::fit);
    openMenu(menu, event->globalPos());
}

} // namespace reticle
