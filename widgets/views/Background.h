#pragma once

#include "widgets/views/HandOver.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <type_traits>
#include <utility>

namespace reticle {

/// Calls `work()` on a thread of the global pool, then `done(result)` on the GUI thread if `context` is still there.
/// `work` must not throw and must not touch `context`.
template <class Work, class Done> void inBackground(QObject *context, Work work, Done done)
{
    QPointer<QObject> alive(context);
    QThreadPool::globalInstance()->start(handOver([alive, work = std::move(work), done = std::move(done)]() mutable {
        auto result = work();
        QMetaObject::invokeMethod(QCoreApplication::instance(),
                                  handOver([alive, done = std::move(done), result = std::move(result)]() mutable {
                                      if (alive)
                                          done(std::move(result));
                                  }),
                                  Qt::QueuedConnection);
    }));
}

} // namespace reticle
