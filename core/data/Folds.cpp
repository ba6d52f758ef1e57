#include "data/Folds.h"

#include "foundation/Error.h"

#include <algorithm>
#include <map>

namespace reticle {

namespace {

void requireFolds(std::int64_t folds, std::size_t parts, const char *what)
{
    if (folds < 2)
        throw Error({"folds", "two or more", std::to_string(folds), {}});
    if (static_cast<std::size_t>(folds) > parts)
        throw Error({"folds", "at most as many as there are " + std::string(what) + " (" + std::to_string(parts) + ")",
                     std::to_string(folds), "lower the number of folds"});
}

} // namespace

std::vector<std::vector<std::int64_t>> neighborFolds(const std::vector<std::int64_t> &slices, std::int64_t folds)
{
    requireFolds(folds, slices.size(), "slices");
    const auto k = static_cast<std::size_t>(folds);
    std::vector<std::vector<std::int64_t>> all(k);
    std::size_t next = 0;
    for (std::size_t f = 0; f < k; ++f)
        for (auto n = slices.size() / k + (f < slices.size() % k); n > 0; --n)
            all[f].push_back(slices[next++]);
    return all;
}

std::vector<std::vector<std::int64_t>> groupFolds(const std::vector<std::int64_t> &slices, const std::vector<std::string> &groups,
                                                  std::int64_t folds)
{
    std::map<std::string, std::vector<std::int64_t>> members;
    for (std::size_t i = 0; i < slices.size(); ++i)
        members[groups.at(i)].push_back(slices[i]);
    requireFolds(folds, members.size(), "groups");
    std::vector<const std::vector<std::int64_t> *> order;
    for (const auto &[name, list] : members)
        order.push_back(&list);
    std::stable_sort(order.begin(), order.end(), [](const auto *a, const auto *b) { return a->size() > b->size(); });
    std::vector<std::vector<std::int64_t>> all(static_cast<std::size_t>(folds));
    for (const auto *list : order) {
        auto &fold = *std::min_element(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.size() < b.size(); });
        fold.insert(fold.end(), list->begin(), list->end());
    }
    for (auto &fold : all)
        std::sort(fold.begin(), fold.end());
    return all;
}

} // namespace reticle
