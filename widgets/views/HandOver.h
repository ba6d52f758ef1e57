#pragma once

#include <type_traits>
#include <utility>

#ifdef __SANITIZE_THREAD__
extern "C" {
void __tsan_acquire(void *at);
void __tsan_release(void *at);
}
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
    static void arrives()
    {
#ifdef __SANITIZE_THREAD__
        __tsan_acquire(&place);
#endif
    }
    static void leaves()
    {
#ifdef __SANITIZE_THREAD__
        __tsan_release(&place);
#endif
    }

    F m_work;
    inline static char place = 0; ///< of one type of work
};

/// `QMetaObject::invokeMethod(receiver, handOver([…] {…}), Qt::QueuedConnection)`. The work is moved in and need not be const.
template <class F> HandedOver<std::decay_t<F>> handOver(F &&work)
{
    return HandedOver<std::decay_t<F>>(std::forward<F>(work));
}

} // namespace reticle
