#pragma once

#include "widgets/views/volume/VolumeFrame.h"
#include "widgets/views/volume/VolumeScene.h"

#include <QImage>
#include <QObject>

#include <atomic>
#include <memory>
#include <thread>

namespace reticle {

/// Draws frames on a thread of its own, the newest request first: the GUI thread never waits for a picture. A fine frame that is
/// under way is given up when another is wished for. For the GUI thread.
class VolumeRenderer : public QObject
{
    Q_OBJECT
public:
    explicit VolumeRenderer(VolumeScene::Caster caster = VolumeScene::Caster::Automatic, QObject *parent = nullptr);
    ~VolumeRenderer() override; ///< frames and pictures under way are given up; it does not wait for that

    void request(const VolumeFrame &frame);
    /// A fine picture of any size; waits for it. Throws Error.
    QImage picture(const VolumeFrame &frame, QSize size);
    /// The same without waiting: pictured(), pictureFailed() or pictureGivenUp() follows, in the order of the requests.
    /// Moving frames that are wished for meanwhile are drawn between its tiles.
    void requestPicture(const VolumeFrame &frame, QSize size);
    /// Gives up what requestPicture() asked for and has not brought yet.
    void cancelPictures();

Q_SIGNALS:
    /// `milliseconds` is the time on the thread.
    void drawn(const QImage &picture, const reticle::VolumeFrame &frame, double milliseconds);
    /// There is no OpenGL, or no memory: one sentence.
    void failed(const QString &sentence);
    /// The receiver's alone, to be drawn on without a copy.
    void pictured(const std::shared_ptr<QImage> &picture, const reticle::VolumeFrame &frame);
    void pictureFailed(const QString &sentence);
    void pictureProgressed(int done, int tiles); ///< of the picture that is being drawn
    void pictureGivenUp();                       ///< as cancelPictures() asked for

private:
    struct Private;
    std::shared_ptr<Private> d; ///< shared with the thread, which may outlive this object
    std::thread m_thread;
    std::shared_ptr<std::atomic<bool>> m_ended = std::make_shared<std::atomic<bool>>(false);
};

} // namespace reticle
