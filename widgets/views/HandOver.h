#pragma once

#include <type_traits>
#include <utility>

#ifdef __SANITIZE_THREAD__
#include <mutex>
#endif

namespace reticle {

/// Work that Qt carries to another thread, as QMetaObject::invokeMethod() and QThreadPool do. They order what was before
/// handing it over and what is after, by locks inside Qt, which is built without the thread sanitizer: this tells it so. In other
/// builds it is the work alone.
template <class F> class HandedOver
{
public:
    explicit HandedOver(F work) : m_work(std::move(work)) { leaves(); }
    // Qt takes the work by moving it: what it moves to is what the other thread reads.
    HandedOver(HandedOver &&other) noexcept : m_work((arrives(), std::move(other.m_work))) { leaves(); }
    HandedOver(const HandedOver &other) : m_work((arrives(), other.m_work)) { leaves(); }
    HandedOver &operator=(const HandedOver &) = delete;
    ~HandedOver() { arrives(); }

    void operator()()
    {
        arrives();
        m_work();
        leaves(); // for whoever drops it
    }

private:
    static void arrives() { meet(); }
    static void leaves() { meet(); }
    static void meet()
    {
#ifdef __SANITIZE_THREAD__
        static std::mutex place; // of one type of work
        const std::lock_guard held(place);
#endif
    }

    F m_work;
};

/// `QMetaObject::invokeMethod(receiver, handOver([…] {…}), Qt::QueuedConnection)`. The work is moved in and need not be const.
template <class F> HandedOver<std::decay_t<F>> handOver(F &&work)
{
    return HandedOver<std::decay_t<F>>(std::forward<F>(work));
}

} // namespace reticle
