#include "data/table/RowSplit.h"

#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace reticle {

namespace {

template <class T> void shuffle(std::vector<T> &values, Random &random)
{
    for (std::size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
}

std::int64_t part(double fraction, std::size_t rows)
{
    return static_cast<std::int64_t>(std::floor(fraction * static_cast<double>(rows) + 1e-9)); // 0.29 of 100 is 29
}

/// The first `validation` of the rows are validation, the next `test` the test.
void deal(Split &split, const std::vector<std::int64_t> &rows, std::int64_t validation, std::int64_t test)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        (at < validation ? split.validation : at < validation + test ? split.test : split.training).push_back(rows[i]);
    }
}

std::vector<std::vector<std::int64_t>> rowsOfClasses(const ClassTarget &target)
{
    std::vector<std::vector<std::int64_t>> rows(target.classes.size());
    for (std::size_t row = 0; row < target.of.size(); ++row)
        rows[static_cast<std::size_t>(target.of[row])].push_back(static_cast<std::int64_t>(row));
    return rows;
}

/// Groups in shuffled order, each into the first part that is still short of its rows.
void splitGroups(Split &split, const RowSplitOptions &options, std::size_t rows, Random &random)
{
    std::map<std::string, std::vector<std::int64_t>> members;
    for (std::size_t row = 0; row < rows; ++row)
        members[options.groups[row]].push_back(static_cast<std::int64_t>(row));
    const std::size_t needed = 1 + (options.validationFraction > 0) + (options.testFraction > 0);
    if (members.size() < needed)
        throw Error({"groups", fmt::format("at least {}, one for each part", needed), std::to_string(members.size()),
                     "set a fraction to 0, or choose another column of groups"});
    std::vector<const std::vector<std::int64_t> *> order;
    for (const auto &[name, list] : members)
        order.push_back(&list);
    shuffle(order, random);
    std::size_t left = order.size();
    const auto take = [&](std::vector<std::int64_t> &to, double fraction, std::size_t others) {
        const double wanted = fraction * static_cast<double>(rows);
        while (fraction > 0 && left > others && (to.empty() || static_cast<double>(to.size()) < wanted)) {
            const auto &group = *order[order.size() - left];
            // At least one group; no other that overshoots by more than it fills.
            if (!to.empty() && static_cast<double>(to.size() + group.size()) - wanted > wanted - static_cast<double>(to.size()))
                break;
            to.insert(to.end(), group.begin(), group.end());
            --left;
        }
    };
    take(split.validation, options.validationFraction, needed - 1);
    take(split.test, options.testFraction, 1);
    for (; left > 0; --left)
        split.training.insert(split.training.end(), order[order.size() - left]->begin(), order[order.size() - left]->end());
}

} // namespace

std::string nameOf(SeedStream stream)
{
    static const char *names[] = {"split", "init", "batching", "dropout"};
    return names[static_cast<int>(stream)];
}

Random randomOf(std::uint64_t seed, SeedStream stream)
{
    return Random::of(seed, static_cast<std::uint64_t>(stream) + 1);
}

std::uint64_t streamSeed(std::uint64_t seed, SeedStream stream)
{
    return randomOf(seed, stream).next();
}

Split splitRows(const ClassTarget &target, std::uint64_t seed, const RowSplitOptions &options)
{
    for (const auto &[name, fraction] :
         {std::pair{"validation-fraction", options.validationFraction}, {"test-fraction", options.testFraction}})
        if (!(fraction >= 0 && fraction < 1))
            throw Error({name, "a part of the rows from 0 to below 1", fmt::format("{}", fraction), "choose 0.1, for instance"});
    if (options.stratified && !options.groups.empty())
        throw Error(Error::Kind::Input, "split", "Rows cannot be split both by group and stratified. Choose one of them.");
    if (!options.groups.empty() && options.groups.size() != target.of.size())
        throw Error({"groups", fmt::format("one for each of {} rows", target.of.size()), std::to_string(options.groups.size()),
                     "choose a column of the same table"});
    Random random = randomOf(seed, SeedStream::Split);
    Split split;
    if (!options.groups.empty()) {
        splitGroups(split, options, target.of.size(), random);
    } else if (options.stratified) {
        for (auto &rows : rowsOfClasses(target)) {
            shuffle(rows, random);
            const auto share = [&](double fraction) {
                return fraction > 0 && rows.size() >= 3 ? std::max<std::int64_t>(1, part(fraction, rows.size())) : 0;
            };
            deal(split, rows, share(options.validationFraction), share(options.testFraction));
        }
    } else {
        std::vector<std::int64_t> rows(target.of.size());
        std::iota(rows.begin(), rows.end(), std::int64_t(0));
        shuffle(rows, random);
        deal(split, rows, part(options.validationFraction, rows.size()), part(options.testFraction, rows.size()));
    }
    for (auto *rows : {&split.training, &split.validation, &split.test})
        std::sort(rows->begin(), rows->end());
    if (split.training.empty())
        throw Error({"validation-fraction", "fractions that leave rows for training", "none left",
                     "lower validation-fraction or test-fraction"});
    const auto counts = target.counts(split.training);
    for (std::size_t c = 0; c < counts.size(); ++c)
        if (counts[c] == 0)
            throw Error(Error::Kind::Input, "split",
                        fmt::format("class {} has no training rows; choose another split seed or stratify.", target.classes[c]));
    return split;
}

std::vector<std::vector<std::int64_t>> stratifiedFolds(const ClassTarget &target, std::int64_t folds, std::uint64_t seed)
{
    if (folds < 2)
        throw Error({"folds", "two or more", std::to_string(folds), "choose 5, for instance"});
    const auto classes = rowsOfClasses(target);
    for (std::size_t c = 0; c < classes.size(); ++c)
        if (!classes[c].empty() && classes[c].size() < static_cast<std::size_t>(folds))
            throw Error({"folds", fmt::format("at most as many as class {} has rows ({})", target.classes[c], classes[c].size()),
                         std::to_string(folds), "lower the number of folds"});
    Random random = randomOf(seed, SeedStream::Split);
    std::vector<std::vector<std::int64_t>> all(static_cast<std::size_t>(folds));
    std::size_t next = 0; // goes on from class to class, so that all folds stay of one size
    for (auto rows : classes) {
        shuffle(rows, random);
        for (const auto row : rows)
            all[next++ % all.size()].push_back(row);
    }
    for (auto &fold : all)
        std::sort(fold.begin(), fold.end());
    return all;
}

} // namespace reticle
