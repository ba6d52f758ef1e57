#pragma once

#include "files/ImageWriter.h"
#include "support/Test.h"

#include <QDir>
#include <QDropEvent>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>
#include <QWidget>

namespace reticle::test {

/// A home of its own for the window: settings, projects and data in a folder that goes away, and the worker of choice.
class WindowSandbox
{
public:
    explicit WindowSandbox(const std::string &worker = "reticle-fake-worker")
    {
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path() + "/config");
        qputenv("RETICLE_WORKER", program(worker).c_str());
        qputenv("RETICLE_FAKE_MORE", "1");
        qputenv("RETICLE_PROJECTS", (m_folder.path() + "/projects").toUtf8());
        qputenv("RETICLE_STATE", (m_folder.path() + "/state").toUtf8());
    }

    QString path(const QString &name) const { return m_folder.path() + "/" + name; }

    /// `name`.tif and `name`-labels.tif: a checkerboard of bright cells with dark seams, labels 0 and 255.
    QStringList makeStack(const QString &name, int slices = 4, int side = 48) const
    {
        const std::filesystem::path folder = m_folder.path().toStdString();
        const auto images = folder / (name.toStdString() + ".tif"), labels = folder / (name.toStdString() + "-labels.tif");
        TiffWriter imageWriter(images, 0, 4, 50), labelWriter(labels, 0, 4, 50);
        for (int z = 0; z < slices; ++z) {
            Array image(DType::UInt8, {side, side}), label(DType::UInt8, {side, side});
            for (int y = 0; y < side; ++y)
                for (int x = 0; x < side; ++x) {
                    const bool seam = (x + z) % 12 < 3 || (y + 2 * z) % 12 < 3;
                    image.data<std::uint8_t>()[y * side + x] =
                        static_cast<std::uint8_t>((seam ? 60 : 170) + (x * 7 + y * 13 + z * 5) % 23);
                    label.data<std::uint8_t>()[y * side + x] = seam ? 0 : 255;
                }
            imageWriter.writePage(image);
            labelWriter.writePage(label);
        }
        imageWriter.close();
        labelWriter.close();
        return {QString::fromStdString(images.string()), QString::fromStdString(labels.string())};
    }

private:
    QTemporaryDir m_folder;
};

/// Drags the paths over the widget and lets them go, as a file manager would.
inline void dropOn(QWidget *widget, const QStringList &paths)
{
    QMimeData mime;
    QList<QUrl> urls;
    for (const auto &path : paths)
        urls << QUrl::fromLocalFile(path);
    mime.setUrls(urls);
    const QPoint at = widget->rect().center();
    QDragEnterEvent enter(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(widget, &enter);
    QDropEvent drop(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(widget, &drop);
}

/// A child by its object name that is on the screen.
template <class T> T *shown(QWidget *parent, const char *name)
{
    for (auto *w : parent->findChildren<T *>(QString::fromLatin1(name)))
        if (w->isVisible())
            return w;
    return nullptr;
}

/// Waits for a message that offers what work has made, and presses its button; false where none comes.
inline bool openOffered(QWidget *window, int patience = 10000)
{
    QPushButton *offered = nullptr;
    const auto find = [&] {
        for (auto *button : window->findChildren<QPushButton *>(QStringLiteral("messageAction")))
            if (button->isVisible() && button->text() == QStringLiteral("Open"))
                offered = button;
        return offered != nullptr;
    };
    if (!QTest::qWaitFor(find, patience))
        return false;
    QTest::mouseClick(offered, Qt::LeftButton);
    return true;
}

} // namespace reticle::test
