#include "widgets/views/VolumeLoader.h"

#include "base/Error.h"

#include <QElapsedTimer>
#include <QThreadPool>

#include <atomic>
#include <new>

namespace reticle {

struct VolumeLoader::Private
{
    QThreadPool pool;
    std::shared_ptr<std::atomic<bool>> stopped; ///< of the newest work
    bool busy = false;
};

VolumeLoader::VolumeLoader(QObject *parent) : QObject(parent), d(std::make_unique<Private>())
{
    d->pool.setMaxThreadCount(1);
}

VolumeLoader::~VolumeLoader()
{
    stop();
    d->pool.waitForDone();
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
    const auto stopped = d->stopped = std::make_shared<std::atomic<bool>>(false);
    // The pool is waited for in the destructor: `this` outlives the work, and what it posts is dropped with `this`.
    d->pool.start([this, stopped, work = std::move(work)] {
        const auto post = [this, stopped](auto f) {
            QMetaObject::invokeMethod(
                this, [stopped, f = std::move(f)] { if (!*stopped) f(); }, Qt::QueuedConnection);
        };
        QElapsedTimer sinceTold;
        sinceTold.start();
        const auto goOn = [&](double fraction) {
            constexpr int everyMs = 100;
            if (sinceTold.elapsed() > everyMs) {
                sinceTold.restart();
                post([this, fraction] { Q_EMIT progressed(fraction); });
            }
            return !stopped->load();
        };
        QString problem;
        try {
            auto done = work(goOn);
            post([this, done = std::move(done)] {
                d->busy = false;
                done();
            });
            return;
        } catch (const Error &e) {
            if (e.kind() == Error::Kind::Cancelled)
                return;
            problem = QString::fromUtf8(e.what());
        } catch (const std::bad_alloc &) {
            problem = tr("3-D view: there is not enough memory for this stack; allow fewer voxels.");
        } catch (const std::exception &e) {
            problem = QString::fromUtf8(e.what());
        }
        post([this, problem] {
            d->busy = false;
            Q_EMIT failed(problem);
        });
    });
}

} // namespace reticle
