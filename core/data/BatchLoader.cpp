#include "data/BatchLoader.h"

#include "foundation/Parallel.h"

#include <algorithm>
#include <utility>

namespace reticle {

BatchLoader::BatchLoader(std::shared_ptr<const BatchSource> source, std::int64_t first, std::size_t ahead, int threads)
    : m_source(std::move(source)), m_ahead(std::max<std::size_t>(1, ahead)), m_threads(threads), m_step(first)
{
    m_thread = std::thread([this] { work(); });
}

BatchLoader::BatchLoader(std::shared_ptr<const BatchSource> source, std::int64_t first, std::size_t ahead, Team team)
    : m_source(std::move(source)), m_ahead(std::max<std::size_t>(1, ahead)), m_team(std::move(team)), m_step(first)
{
}

BatchLoader::~BatchLoader()
{
    {
        std::lock_guard lock(m_mutex);
        m_end = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

void BatchLoader::work()
{
    try {
        for (;; ++m_step) {
            {
                std::unique_lock lock(m_mutex);
                m_changed.wait(lock, [this] { return m_end || m_queue.size() < m_ahead; });
                if (m_end)
                    return;
            }
            const auto making = m_source->begin(m_step);
            inParallel(making->parts(), m_threads, [&](std::int64_t n, int) { making->make(n); });
            auto batch = making->take();
            {
                std::lock_guard lock(m_mutex);
                m_queue.push_back(std::move(batch));
            }
            m_changed.notify_all();
        }
    } catch (...) {
        {
            std::lock_guard lock(m_mutex);
            m_error = std::current_exception();
        }
        m_changed.notify_all();
    }
}

/// With more threads than a batch has parts, several batches. What went wrong with one of them is told when it is asked for.
void BatchLoader::makeNext()
{
    std::vector<std::unique_ptr<BatchInProgress>> making;
    making.push_back(m_source->begin(m_step));
    const auto parts = std::max<std::int64_t>(1, making.front()->parts());
    const auto batches = std::clamp<std::int64_t>(m_team->threads() / parts, 1, static_cast<std::int64_t>(m_ahead));
    for (std::int64_t k = 1; k < batches; ++k)
        making.push_back(m_source->begin(m_step + k));
    std::vector<std::pair<std::size_t, std::int64_t>> all;
    for (std::size_t k = 0; k < making.size(); ++k)
        for (std::int64_t n = 0; n < making[k]->parts(); ++n)
            all.emplace_back(k, n);
    std::vector<std::exception_ptr> errors(all.size());
    m_team->run(static_cast<std::int64_t>(all.size()), [&](std::int64_t i) {
        const auto at = static_cast<std::size_t>(i);
        try {
            making[all[at].first]->make(all[at].second);
        } catch (...) {
            errors[at] = std::current_exception();
        }
    });
    for (std::size_t k = 0, i = 0; k < making.size(); ++k) {
        for (; i < all.size() && all[i].first == k; ++i)
            if (errors[i] && !m_error)
                m_error = errors[i];
        if (m_error)
            break;
        try {
            m_queue.push_back(making[k]->take());
        } catch (...) {
            m_error = std::current_exception();
            break;
        }
    }
    m_step += batches;
}

Batch BatchLoader::next()
{
    if (m_team && m_queue.empty() && !m_error)
        makeNext();
    Batch batch;
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return !m_queue.empty() || m_error; });
        if (m_queue.empty())
            std::rethrow_exception(m_error);
        batch = std::move(m_queue.front());
        m_queue.pop_front();
    }
    m_changed.notify_all();
    return batch;
}

} // namespace reticle
