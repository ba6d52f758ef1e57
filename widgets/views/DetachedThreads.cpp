#include "widgets/views/DetachedThreads.h"

#include <QCoreApplication>

#include <utility>
#include <vector>

namespace reticle {

namespace {

struct Left
{
    std::thread thread;
    std::shared_ptr<const std::atomic<bool>> ended;
};

std::vector<Left> &leftThreads()
{
    static std::vector<Left> all;
    return all;
}

void joinAll()
{
    for (auto &left : std::exchange(leftThreads(), {}))
        left.thread.join();
}

} // namespace

void leaveThread(std::thread thread, std::shared_ptr<const std::atomic<bool>> ended)
{
    static const bool once = [] {
        qAddPostRoutine(joinAll);
        return true;
    }();
    (void)once;
    auto &all = leftThreads();
    std::erase_if(all, [](Left &left) {
        if (!*left.ended)
            return false;
        left.thread.join();
        return true;
    });
    all.push_back({std::move(thread), std::move(ended)});
}

} // namespace reticle
