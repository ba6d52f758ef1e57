#include "files/ObjectNumbers.h"

#include "files/LabelValues.h"
#include "files/Pictures.h"
#include "files/Reader.h"

#include <algorithm>
#include <unordered_set>

namespace reticle::files {

namespace {

struct Spread
{
    std::int64_t values = 0, regions = 0; ///< other than 0, page by page
    std::int64_t equal = 0, pairs = 0;    ///< pixels next to one another that are both not 0

    bool isOfObjects() const { return 2 * regions <= 3 * values && 5 * equal >= 3 * pairs; }
};

/// Pixels of one row that have the same value.
template <class T> struct Run
{
    std::int64_t begin, end;
    T value;
    std::size_t number;
};

/// Which runs belong together.
class Groups
{
public:
    std::size_t add()
    {
        m_parents.push_back(m_parents.size());
        return m_parents.size() - 1;
    }
    /// False where they did already.
    bool join(std::size_t a, std::size_t b)
    {
        a = rootOf(a);
        b = rootOf(b);
        m_parents[std::max(a, b)] = std::min(a, b);
        return a != b;
    }

private:
    std::size_t rootOf(std::size_t i)
    {
        while (m_parents[i] != i)
            i = m_parents[i] = m_parents[m_parents[i]];
        return i;
    }

    std::vector<std::size_t> m_parents;
};

template <class T> std::vector<Run<T>> runsOf(const T *row, std::int64_t width, Groups &groups)
{
    std::vector<Run<T>> runs;
    for (std::int64_t x = 0; x < width;) {
        const auto begin = x++;
        while (x < width && row[x] == row[begin])
            ++x;
        if (row[begin] != T(0))
            runs.push_back({begin, x, row[begin], groups.add()});
    }
    return runs;
}

template <class T> void addPage(Spread &s, const Array &page)
{
    const auto height = page.dim(0), width = page.dim(1);
    Groups groups;
    std::unordered_set<T> values;
    std::vector<Run<T>> above;
    for (std::int64_t y = 0; y < height; ++y) {
        auto runs = runsOf(page.data<T>() + y * width, width, groups);
        s.regions += static_cast<std::int64_t>(runs.size());
        std::size_t first = 0;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const auto &run = runs[i];
            values.insert(run.value);
            s.equal += run.end - run.begin - 1;
            s.pairs += run.end - run.begin - 1 + (i > 0 && runs[i - 1].end == run.begin ? 1 : 0);
            while (first < above.size() && above[first].end < run.begin)
                ++first;
            for (auto k = first; k < above.size() && above[k].begin <= run.end; ++k) {
                const auto common =
                    std::max<std::int64_t>(0, std::min(run.end, above[k].end) - std::max(run.begin, above[k].begin));
                s.pairs += common;
                if (above[k].value != run.value)
                    continue;
                s.equal += common;
                s.regions -= groups.join(above[k].number, run.number) ? 1 : 0;
            }
        }
        above = std::move(runs);
    }
    s.values += static_cast<std::int64_t>(values.size());
}

} // namespace

bool spreadAsObjects(const ImageSource &stack)
{
    constexpr std::int64_t certain = 1000; // regions, after which no further page makes another answer likely
    const auto &info = stack.info();
    Spread s;
    for (std::int64_t page = 0; page < info.pages; ++page) {
        const auto where = info.pages > 1 ? pageName(info.path, page) : info.path;
        const Array labels = plainLabels(stack.readPage(page), pageInfo(stack, page).alpha, 0, where);
        Array::visit(labels.dtype(), [&](auto t) { addPage<decltype(t)>(s, labels); });
        if (s.regions > certain && s.regions > 3 * s.values)
            return false;
    }
    return s.values > 0 && s.isOfObjects();
}

} // namespace reticle::files
