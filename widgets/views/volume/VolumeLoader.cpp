#include "widgets/views/volume/VolumeLoader.h"

#include "foundation/Error.h"
#include "widgets/views/DetachedThreads.h"
#include "widgets/views/HandOver.h"

#include <QElapsedTimer>
#include <QMetaObject>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

namespace reticle {

namespace {

/// The sentence of what is being thrown; empty for work that was stopped.
QString sentenceOfException()
{
    try {
        throw;
    } catch (const Error &e) {
        return e.kind() == Error::Kind::Cancelled ? QString() : QString::fromUtf8(e.what());
    } catch (const std::bad_alloc &) {
        return VolumeLoader::tr("3-D view: there is not enough memory for this stack; allow fewer voxels.");
    } catch (const std::exception &e) {
        return QString::fromUtf8(e.what());
    }
}

struct Job
{
    std::function<std::function<void()>(const VolumeLoader::GoOn &)> work;
    std::shared_ptr<std::atomic<bool>> stopped;
};

/// What the thread and its owner share; the thread may be the last to hold it.
struct Shared
{
    std::mutex lock;
    std::condition_variable wake;
    std::optional<Job> request;
    VolumeLoader *owner = nullptr; ///< null once it has gone
};

} // namespace

struct VolumeLoader::Private
{
    std::shared_ptr<Shared> shared = std::make_shared<Shared>();
    std::shared_ptr<std::atomic<bool>> ended = std::make_shared<std::atomic<bool>>(false);
    std::thread thread;                         ///< begun with the first work
    std::shared_ptr<std::atomic<bool>> stopped; ///< of the newest work
    bool busy = false;

    /// `f(owner)` on the GUI thread, unless the job has been stopped by then. What it throws becomes failed().
    template <class F> static void post(Shared &shared, const Job &job, F f)
    {
        // Under the lock the owner is there; what was posted to it goes with it.
        const std::lock_guard held(shared.lock);
        if (auto *owner = shared.owner)
            QMetaObject::invokeMethod(owner, handOver([owner, stopped = job.stopped, f = std::move(f)] {
                                          if (*stopped)
                                              return;
                                          try {
                                              f(*owner);
                                          } catch (...) {
                                              if (const QString problem = sentenceOfException(); !problem.isEmpty())
                                                  Q_EMIT owner->failed(problem);
                                          }
                                      }),
                                      Qt::QueuedConnection);
    }

    static void run(Shared &shared, const Job &job)
    {
        QElapsedTimer sinceTold;
        sinceTold.start();
        const GoOn goOn = [&](double fraction) {
            constexpr int everyMs = 100;
            if (sinceTold.elapsed() > everyMs) {
                sinceTold.restart();
                post(shared, job, [fraction](VolumeLoader &owner) { Q_EMIT owner.progressed(fraction); });
            }
            return !job.stopped->load();
        };
        try {
            auto done = job.work(goOn);
            post(shared, job, [done = std::move(done)](VolumeLoader &owner) {
                owner.d->busy = false;
                done();
            });
        } catch (...) {
            const QString problem = sentenceOfException();
            if (!problem.isEmpty())
                post(shared, job, [problem](VolumeLoader &owner) {
                    owner.d->busy = false;
                    Q_EMIT owner.failed(problem);
                });
        }
    }

    static void loop(Shared &shared)
    {
        while (true) {
            std::unique_lock held(shared.lock);
            shared.wake.wait(held, [&] { return shared.request || !shared.owner; });
            if (!shared.owner)
                return;
            const Job job = std::move(*shared.request);
            shared.request.reset();
            held.unlock();
            run(shared, job);
        }
    }
};

VolumeLoader::VolumeLoader(QObject *parent) : QObject(parent), d(std::make_unique<Private>())
{
    d->shared->owner = this;
}

VolumeLoader::~VolumeLoader()
{
    stop();
    {
        const std::lock_guard held(d->shared->lock);
        d->shared->owner = nullptr;
        d->shared->request.reset();
    }
    d->shared->wake.notify_all();
    if (d->thread.joinable())
        leaveThread(std::move(d->thread), d->ended);
}

void VolumeLoader::stop()
{
    if (d->stopped)
        *d->stopped = true;
    d->busy = false;
}

bool VolumeLoader::isBusy() const
{
    return d->busy;
}

void VolumeLoader::start(std::function<std::function<void()>(const GoOn &)> work)
{
    stop();
    d->busy = true;
    d->stopped = std::make_shared<std::atomic<bool>>(false);
    {
        const std::lock_guard held(d->shared->lock);
        d->shared->request = Job{std::move(work), d->stopped};
    }
    if (!d->thread.joinable())
        d->thread = std::thread([shared = d->shared, ended = d->ended] {
            Private::loop(*shared);
            *ended = true;
        });
    d->shared->wake.notify_all();
}

} // namespace reticle
