#include "widgets/views/VolumeRenderer.h"

#include "base/Error.h"

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

struct VolumeRenderer::Private
{
    struct Picture
    {
        VolumeFrame frame;
        QSize size;
        std::function<void(QImage, std::exception_ptr)> answer;
    };

    VolumeScene::Caster caster;
    std::mutex lock;
    std::condition_variable wake;
    std::optional<VolumeFrame> wish;
    std::deque<Picture> pictures;
    bool end = false;
    std::atomic<bool> abort{false};
    std::thread thread;

    void ask(Picture job);

    void run(VolumeRenderer *to)
    {
        std::unique_ptr<VolumeScene> scene;
        std::unique_lock held(lock);
        while (true) {
            wake.wait(held, [&] { return end || wish || !pictures.empty(); });
            if (end)
                break;
            if (!pictures.empty()) {
                const Picture job = std::move(pictures.front());
                pictures.pop_front();
                held.unlock();
                try {
                    if (!scene)
                        scene = std::make_unique<VolumeScene>(caster);
                    job.answer(scene->picture(job.frame, job.size), nullptr);
                } catch (...) {
                    job.answer({}, std::current_exception());
                }
                held.lock();
                continue;
            }
            const VolumeFrame frame = std::move(*wish);
            wish.reset();
            abort = false;
            held.unlock();
            QImage picture;
            QString problem;
            QElapsedTimer timer;
            timer.start();
            try {
                if (!scene)
                    scene = std::make_unique<VolumeScene>(caster);
                picture = scene->render(frame, abort);
            } catch (const std::bad_alloc &) {
                problem = tr("3-D view: there is not enough memory for this stack; allow fewer voxels.");
            } catch (const std::exception &e) {
                problem = QString::fromUtf8(e.what());
            }
            const double ms = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
            held.lock();
            if (end)
                break;
            // Posted under the lock: the receiver is there as long as `end` is false.
            if (!problem.isEmpty())
                QMetaObject::invokeMethod(to, [to, problem] { Q_EMIT to->failed(problem); }, Qt::QueuedConnection);
            else if (!picture.isNull())
                QMetaObject::invokeMethod(to, [to, picture, frame, ms] { Q_EMIT to->drawn(picture, frame, ms); },
                                          Qt::QueuedConnection);
        }
        held.unlock();
        scene.reset(); // on the thread that drew
    }
};

VolumeRenderer::VolumeRenderer(VolumeScene::Caster caster, QObject *parent) : QObject(parent), d(std::make_unique<Private>())
{
    d->caster = caster;
    d->thread = std::thread([this, p = d.get()] { p->run(this); });
}

VolumeRenderer::~VolumeRenderer()
{
    {
        const std::lock_guard held(d->lock);
        d->end = true;
        d->abort = true;
    }
    d->wake.notify_all();
    d->thread.join();
}

void VolumeRenderer::request(const VolumeFrame &frame)
{
    {
        const std::lock_guard held(d->lock);
        d->wish = frame;
        d->abort = true;
    }
    d->wake.notify_all();
}

void VolumeRenderer::Private::ask(Picture job)
{
    {
        const std::lock_guard held(lock);
        pictures.push_back(std::move(job));
        abort = true;
    }
    wake.notify_all();
}

QImage VolumeRenderer::picture(const VolumeFrame &frame, QSize size)
{
    auto promise = std::make_shared<std::promise<QImage>>();
    auto answer = promise->get_future();
    d->ask({frame, size, [promise](QImage picture, const std::exception_ptr &error) {
                if (error)
                    promise->set_exception(error);
                else
                    promise->set_value(std::move(picture));
            }});
    return answer.get();
}

void VolumeRenderer::requestPicture(const VolumeFrame &frame, QSize size)
{
    // The thread is joined before this object goes, so that what it posts has a receiver or is dropped with it.
    d->ask({frame, size, [this, frame](const QImage &picture, const std::exception_ptr &error) {
                QString problem;
                try {
                    if (error)
                        std::rethrow_exception(error);
                } catch (const std::exception &e) {
                    problem = QString::fromUtf8(e.what());
                }
                QMetaObject::invokeMethod(
                    this,
                    [this, frame, picture, problem] {
                        if (problem.isEmpty())
                            Q_EMIT pictured(picture, frame);
                        else
                            Q_EMIT pictureFailed(problem);
                    },
                    Qt::QueuedConnection);
            }});
}

} // namespace reticle
