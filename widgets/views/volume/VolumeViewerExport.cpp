#include "files/SiblingFile.h"
#include "foundation/Error.h"
#include "widgets/export/SurfaceFile.h"
#include "widgets/views/Background.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/Theme.h"
#include "widgets/views/volume/VolumeViewer_p.h"

#include <QBuffer>
#include <QFileInfo>
#include <QKeyEvent>
#include <QToolButton>

#include <cmath>
#include <new>

namespace reticle {

void VolumeViewer::Private::exportSurfaceAs()
{
    const QString proposed = QFileInfo(source ? QString::fromStdString(source->info().path) : QString()).completeBaseName();
    askWhereToSave(q, {tr("Save surfaces"), proposed + QStringLiteral(".stl"), surfaceFilters()},
                   [this](const QString &path) { q->exportSurface(path); });
}

void VolumeViewer::Private::exportPictureAs()
{
    const QSize now = view->size() * view->devicePixelRatioF();
    auto *dialog = new PictureDialog(now, q->window());
    connect(dialog, &QDialog::accepted, q, [this, dialog] {
        const QString proposed = QFileInfo(source ? QString::fromStdString(source->info().path) : QString()).completeBaseName();
        askWhereToSave(q, {tr("Save picture"), proposed + QStringLiteral("-3d.png"), {tr("PNG (*.png)")}},
                       [this, size = dialog->pictureSize(), dpi = dialog->dpi()](const QString &path) {
                           q->exportPicture(path, size, dpi);
                       });
    });
    openDialog(dialog, q);
}

void VolumeViewer::Private::followPictures()
{
    connect(view, &VolumeView::pictured, q, [this](const QImage &picture) { writePicture(picture); });
    const auto dropped = [this] {
        if (pictureFiles.empty())
            return; // asked for by others
        pictureFiles.pop_front();
        pictureEnded();
    };
    connect(view, &VolumeView::pictureFailed, q, [this, dropped](const QString &sentence) {
        dropped();
        Q_EMIT q->failed(sentence);
    });
    connect(view, &VolumeView::pictureGivenUp, q, dropped);
    connect(view, &VolumeView::pictureProgressed, q, [this](int done, int parts) {
        if (!pictureFiles.empty())
            view->setNote(tr("Drawing the picture … %1 of %2").arg(done + 1).arg(parts));
    });
}

void VolumeViewer::Private::showPictureButton()
{
    const bool drawing = !pictureFiles.empty();
    if (!drawing)
        view->setNote({});
    const QString tip = drawing ? tr("Give up the picture that is being drawn (Esc)") : tr("Save a picture of any size…");
    pictureButton->setIcon(themeIcon(drawing ? QStringLiteral("cancel") : QStringLiteral("image")));
    pictureButton->setToolTip(tip);
    pictureButton->setAccessibleName(tip);
    pictureButton->setEnabled(drawing || picturing == 0); // what is being written is written to the end
}

void VolumeViewer::Private::pictureEnded()
{
    --picturing;
    showPictureButton();
}

void VolumeViewer::Private::writePicture(const QImage &picture)
{
    if (pictureFiles.empty())
        return; // asked for by others
    const PictureFile to = std::move(pictureFiles.front());
    pictureFiles.pop_front();
    showPictureButton();
    inBackground(
        q,
        [image = picture, to]() mutable {
            if (to.dpi > 0) {
                constexpr double inchesPerMetre = 1 / 0.0254;
                image.setDotsPerMeterX(static_cast<int>(std::lround(to.dpi * inchesPerMetre)));
                image.setDotsPerMeterY(static_cast<int>(std::lround(to.dpi * inchesPerMetre)));
            }
            try {
                QByteArray bytes;
                QBuffer buffer(&bytes);
                buffer.open(QIODevice::WriteOnly);
                if (!image.save(&buffer, "PNG"))
                    return tr("%1: the image cannot be turned into a PNG.").arg(to.path);
                files::writeResultFile(to.path.toStdString(), {bytes.constData(), static_cast<std::size_t>(bytes.size())});
                return QString();
            } catch (const std::exception &e) {
                return QString::fromUtf8(e.what());
            }
        },
        [this, path = to.path](const QString &problem) {
            pictureEnded();
            if (problem.isEmpty())
                Q_EMIT q->said(tr("Picture written to %1.").arg(path));
            else
                Q_EMIT q->failed(problem);
        });
}

void VolumeViewer::exportSurface(const QString &path)
{
    const auto mesh = d->view->surface() ? d->view->surface() : std::make_shared<const SurfaceMesh>();
    const auto scale = surfaceScale(d->options.pixelSize, d->options.pixelHeight, d->options.sliceDistance);
    ++d->writing;
    d->showSurfaceButton();
    inBackground(
        this,
        [mesh, scale, path] {
            try {
                writeSurface(*mesh, scale, path);
                return QString();
            } catch (const std::bad_alloc &) {
                return tr("%1: there is not enough memory to write the surfaces.").arg(path);
            } catch (const std::exception &e) {
                return QString::fromUtf8(e.what());
            }
        },
        [this, scale, path](const QString &problem) {
            --d->writing;
            d->showSurfaceButton();
            if (problem.isEmpty())
                Q_EMIT said(tr("Surfaces written to %1, lengths in %2.").arg(path, scale.unit));
            else
                Q_EMIT failed(problem);
        });
}

void VolumeViewer::exportPicture(const QString &path, QSize size, double dpi)
{
    d->pictureFiles.push_back({path, dpi});
    ++d->picturing;
    d->showPictureButton();
    d->view->requestPicture(size);
}

void VolumeViewer::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape && !d->pictureFiles.empty())
        d->view->cancelPictures();
    else
        QWidget::keyPressEvent(event);
}

} // namespace reticle
