#include "foundation/Parallel.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <pthread.h>

using namespace reticle;

class ParallelTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyNumberIsWorkedOnOnce()
    {
        for (const int threads : {0, 1, 3, 50}) {
            std::vector<std::atomic<int>> seen(40);
            std::atomic<bool> within{true};
            inParallel(40, threads, [&](std::int64_t i, int thread) {
                ++seen[static_cast<std::size_t>(i)];
                within = within && thread >= 0 && thread < threadCount(threads);
            });
            for (const auto &n : seen)
                QCOMPARE(n.load(), 1);
            QVERIFY(within);
        }
        inParallel(0, 4, [](std::int64_t, int) { QFAIL("there is nothing to do"); });
    }
    void theFirstExceptionIsThrownOn()
    {
        EXPECT_ERROR(inParallel(5, 2,
                                [](std::int64_t i, int) {
                                    if (i == 3)
                                        throw Error({"image 3", "a", "b", {}});
                                }),
                     "image 3");
    }
    void withoutMoreThreadsTheCallersDoesAll()
    {
        // Threads with a stack that no machine has cannot be made.
        pthread_attr_t was, huge;
        pthread_getattr_default_np(&was);
        pthread_attr_init(&huge);
        pthread_attr_setstacksize(&huge, std::size_t{1} << 46);
        QCOMPARE(pthread_setattr_default_np(&huge), 0);
        const auto caller = std::this_thread::get_id();
        int done = 0;
        bool others = false;
        inParallel(7, 4, [&](std::int64_t, int) {
            ++done;
            others = others || std::this_thread::get_id() != caller;
        });
        pthread_setattr_default_np(&was);
        pthread_attr_destroy(&huge);
        pthread_attr_destroy(&was);
        QCOMPARE(done, 7);
        QVERIFY(!others);
    }
};

RETICLE_TEST(ParallelTest)
#include "ParallelTest.moc"
