#include "widgets/views/volume/VolumeRenderer.h"

#include "foundation/Error.h"
#include "widgets/views/DetachedThreads.h"
#include "widgets/views/HandOver.h"

#include <QElapsedTimer>
#include <QMetaObject>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

namespace reticle {

namespace {

QString sentenceOf(const std::exception_ptr &error)
{
    try {
        std::rethrow_exception(error);
    } catch (const std::bad_alloc &) {
        return VolumeRenderer::tr("3-D view: there is not enough memory; allow fewer voxels or a smaller picture.");
    } catch (const std::exception &e) {
        return QString::fromUtf8(e.what());
    }
}

} // namespace

struct VolumeRenderer::Private
{
    struct Picture
    {
        VolumeFrame frame;
        QSize size;
        /// Called on the thread, without the lock; with neither picture nor error where it was given up.
        std::function<void(QImage, std::exception_ptr)> answer;
        std::shared_ptr<std::atomic<bool>> stop = std::make_shared<std::atomic<bool>>(false);
    };

    VolumeScene::Caster caster;
    std::mutex lock;
    std::condition_variable wake;
    std::optional<VolumeFrame> request;
    std::deque<Picture> pictures;
    std::shared_ptr<std::atomic<bool>> stopPicture; ///< of the one that is being drawn
    VolumeRenderer *owner = nullptr;                ///< null once it has gone
    std::atomic<bool> abort{false}, end{false};

    /// `f(owner)` on the GUI thread where the owner still is there: what was posted to it goes with it.
    template <class F> void post(F f)
    {
        const std::lock_guard held(lock);
        if (owner)
            QMetaObject::invokeMethod(owner, handOver([to = owner, f = std::move(f)]() mutable { f(*to); }),
                                      Qt::QueuedConnection);
    }

    void run()
    {
        std::unique_ptr<VolumeScene> scene;
        std::unique_lock held(lock);
        while (true) {
            wake.wait(held, [&] { return end || request || !pictures.empty(); });
            if (end)
                break;
            if (!pictures.empty()) {
                const Picture job = std::move(pictures.front());
                pictures.pop_front();
                stopPicture = job.stop;
                held.unlock();
                QImage picture;
                std::exception_ptr error;
                try {
                    if (!scene)
                        scene = std::make_unique<VolumeScene>(caster);
                    picture = scene->picture(job.frame, job.size, *job.stop, [&](int done, int tiles) {
                        post([done, tiles](VolumeRenderer &to) { Q_EMIT to.pictureProgressed(done, tiles); });
                        drawMoving(scene);
                    });
                } catch (...) {
                    error = std::current_exception();
                }
                job.answer(std::move(picture), error);
                held.lock();
                stopPicture.reset();
                continue;
            }
            VolumeFrame frame = std::move(*request);
            request.reset();
            abort = false;
            held.unlock();
            const bool givenUp = !draw(scene, frame);
            held.lock();
            // Given up for a picture: nobody will ask for it again.
            if (givenUp && !request && !pictures.empty())
                request = std::move(frame);
        }
        held.unlock();
        scene.reset(); // on the thread that drew
    }

    /// Draws and tells, or tells why not; false where it was given up.
    bool draw(std::unique_ptr<VolumeScene> &scene, const VolumeFrame &frame)
    {
        QImage picture;
        QString problem;
        QElapsedTimer timer;
        timer.start();
        try {
            if (!scene)
                scene = std::make_unique<VolumeScene>(caster);
            picture = scene->render(frame, abort);
        } catch (...) {
            problem = sentenceOf(std::current_exception());
        }
        const double ms = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
        if (!problem.isEmpty())
            post([problem](VolumeRenderer &to) { Q_EMIT to.failed(problem); });
        else if (!picture.isNull())
            post([picture, frame, ms](VolumeRenderer &to) { Q_EMIT to.drawn(picture, frame, ms); });
        return !problem.isEmpty() || !picture.isNull();
    }

    /// The frame that is wished for, if it is a quick one: a fine one waits for the picture's end.
    void drawMoving(std::unique_ptr<VolumeScene> &scene)
    {
        std::unique_lock held(lock);
        if (end || !request || !request->moving)
            return;
        const VolumeFrame frame = std::move(*request);
        request.reset();
        held.unlock();
        draw(scene, frame);
    }

    /// With the lock.
    void stopPictures()
    {
        if (stopPicture)
            *stopPicture = true;
        for (const auto &waiting : pictures)
            *waiting.stop = true;
    }

    void ask(Picture job)
    {
        {
            const std::lock_guard held(lock);
            pictures.push_back(std::move(job));
            abort = true;
        }
        wake.notify_all();
    }
};

VolumeRenderer::VolumeRenderer(VolumeScene::Caster caster, QObject *parent) : QObject(parent), d(std::make_shared<Private>())
{
    d->caster = caster;
    d->owner = this;
    m_thread = std::thread([p = d, ended = m_ended] {
        p->run();
        *ended = true;
    });
}

VolumeRenderer::~VolumeRenderer()
{
    {
        const std::lock_guard held(d->lock);
        d->owner = nullptr;
        d->end = true;
        d->abort = true;
        d->stopPictures();
    }
    d->wake.notify_all();
    leaveThread(std::move(m_thread), m_ended);
}

void VolumeRenderer::request(const VolumeFrame &frame)
{
    {
        const std::lock_guard held(d->lock);
        d->request = frame;
        d->abort = true;
    }
    d->wake.notify_all();
}

QImage VolumeRenderer::picture(const VolumeFrame &frame, QSize size)
{
    auto promise = std::make_shared<std::promise<QImage>>();
    auto answer = promise->get_future();
    d->ask({frame, size, [promise](QImage picture, const std::exception_ptr &error) {
                if (error)
                    promise->set_exception(error);
                else if (picture.isNull())
                    promise->set_exception(
                        std::make_exception_ptr(Error(Error::Kind::Cancelled, "3-D view", "the picture was given up.")));
                else
                    promise->set_value(std::move(picture));
            }});
    return answer.get();
}

void VolumeRenderer::cancelPictures()
{
    const std::lock_guard held(d->lock);
    d->stopPictures();
}

void VolumeRenderer::requestPicture(const VolumeFrame &frame, QSize size)
{
    d->ask({frame, size, [p = d.get(), frame](QImage drawn, const std::exception_ptr &error) {
                if (error) {
                    p->post([problem = sentenceOf(error)](VolumeRenderer &to) { Q_EMIT to.pictureFailed(problem); });
                    return;
                }
                if (drawn.isNull()) {
                    p->post([](VolumeRenderer &to) { Q_EMIT to.pictureGivenUp(); });
                    return;
                }
                p->post([picture = std::make_shared<QImage>(std::move(drawn)), frame](VolumeRenderer &to) {
                    Q_EMIT to.pictured(picture, frame);
                });
            }});
}

} // namespace reticle
