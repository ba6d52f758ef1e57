#include "data/SegmentationData.h"

#include "data/Folds.h"
#include "foundation/Error.h"
#include "foundation/Random.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

namespace reticle {

namespace {

/// Validation, and a test of `testFraction` where it is more than 0, as blocks; the rest trains.
Split blocksOf(const std::vector<std::int64_t> &slices, const SegmentationDataOptions &options, double testFraction,
               std::uint64_t seed)
{
    Split split;
    const auto n = static_cast<std::int64_t>(slices.size());
    const auto share = [&](double fraction) {
        return fraction > 0 ? std::max<std::int64_t>(1, std::llround(fraction * static_cast<double>(n))) : 0;
    };
    std::int64_t validation = share(options.validationFraction), test = share(testFraction);
    // One picture alone trains without validation, for want of a second.
    if (n == 1)
        validation = test = 0;
    if (validation + test >= n)
        throw Error({"data.validation-fraction", "fractions that leave a slice for training",
                     std::to_string(n) + " slices with " + std::to_string(validation) + " for validation and " +
                         std::to_string(test) + " for the test",
                     "lower validation-fraction or test-fraction"});
    const std::int64_t training = n - validation - test;
    std::int64_t validationAt = training, testAt = training;
    bool testFirst = false;
    if (options.split != "first") {
        // The blocks stand after so many training slices each.
        Random random = Random::of(seed, 0x5b117);
        validationAt = random.below(training + 1);
        testAt = test ? random.below(training + 1) : training;
        testFirst = random.chance(0.5);
    }
    std::size_t next = 0;
    const auto take = [&](std::vector<std::int64_t> &part, std::int64_t count) {
        while (count-- > 0)
            part.push_back(slices[next++]);
    };
    for (std::int64_t t = 0; t <= training; ++t) {
        if (testFirst && t == testAt)
            take(split.test, test);
        if (t == validationAt)
            take(split.validation, validation);
        if (!testFirst && t == testAt)
            take(split.test, test);
        if (t < training)
            take(split.training, 1);
    }
    return split;
}

const std::string &groupOf(const std::vector<std::string> &groups, std::int64_t slice)
{
    return groups.at(static_cast<std::size_t>(slice));
}

/// The slices of each group, groups in the order of their first slices.
std::vector<std::vector<std::int64_t>> membersOf(const std::vector<std::int64_t> &slices, const std::vector<std::string> &groups)
{
    std::map<std::string, std::size_t> places;
    std::vector<std::vector<std::int64_t>> members;
    for (const auto s : slices) {
        const auto [at, isNew] = places.try_emplace(groupOf(groups, s), members.size());
        if (isNew)
            members.emplace_back();
        members[at->second].push_back(s);
    }
    return members;
}

/// Validation, and a test of `testFraction` where it is more than 0, as whole groups; the rest trains. Each part takes the
/// groups that bring it nearest to its share of the slices, and at least one. `beside` says what other groups there are.
Split wholeGroupsOf(const std::vector<std::int64_t> &slices, const std::vector<std::string> &groups,
                    const SegmentationDataOptions &options, double testFraction, std::uint64_t seed, const std::string &beside)
{
    Split split;
    if (slices.size() == 1) { // as without groups
        split.training = slices;
        return split;
    }
    const auto members = membersOf(slices, groups);
    const bool validates = options.validationFraction > 0, tests = testFraction > 0;
    const std::size_t needed = 1 + validates + tests;
    if (members.size() < needed)
        throw Error(
            {"data.groups",
             fmt::format("at least {} groups{}, for training{}{}", needed, beside,
                         !validates ? ""
                         : tests    ? ", validation"
                                    : " and validation",
                         tests ? " and the test" : ""),
             members.size() == 1 ? fmt::format("one, \"{}\"", groupOf(groups, slices.front())) : std::to_string(members.size()),
             fmt::format("set {} to 0, or add pictures of other groups",
                         !tests       ? "data.validation-fraction"
                         : !validates ? "data.test-fraction"
                                      : "data.validation-fraction or data.test-fraction")});
    std::vector<std::size_t> order(members.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    if (options.split == "first") {
        std::reverse(order.begin(), order.end()); // the last groups are the test, those before them the validation
    } else {
        Random random = Random::of(seed, 0x6709b5);
        for (std::size_t i = order.size(); i > 1; --i)
            std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
    }
    const auto take = [&](std::vector<std::int64_t> &part, double fraction, std::size_t others) {
        const double wanted = fraction * static_cast<double>(slices.size());
        std::size_t before = order.size();
        const auto join = [&](std::size_t group) {
            part.insert(part.end(), members[group].begin(), members[group].end());
            --before;
        };
        std::vector<std::size_t> left;
        for (const auto group : order) {
            const auto count = static_cast<double>(part.size());
            const bool nearer = std::abs(count + static_cast<double>(members[group].size()) - wanted) < std::abs(count - wanted);
            if (nearer && before > others)
                join(group);
            else
                left.push_back(group);
        }
        if (part.empty()) { // all are larger than twice the share
            const auto minimum = std::min_element(
                left.begin(), left.end(), [&](std::size_t a, std::size_t b) { return members[a].size() < members[b].size(); });
            join(*minimum);
            left.erase(minimum);
        }
        order = std::move(left);
        std::sort(part.begin(), part.end());
    };
    if (tests)
        take(split.test, testFraction, needed - 1);
    if (validates)
        take(split.validation, options.validationFraction, 1);
    for (const auto group : order)
        split.training.insert(split.training.end(), members[group].begin(), members[group].end());
    std::sort(split.training.begin(), split.training.end());
    return split;
}

/// Of lists that a person wrote.
void requireWholeGroups(const Split &split, const std::vector<std::string> &groups)
{
    std::map<std::string, std::pair<std::string, std::int64_t>> seen; // where a group is, with one of its slices
    for (const auto &[name, part] :
         {std::pair{"training", &split.training}, {"validation", &split.validation}, {"the test", &split.test}})
        for (const auto s : *part)
            if (const auto &[first, slice] = seen.try_emplace(groupOf(groups, s), name, s).first->second; first != name)
                throw Error({"data.validation-slices", "all slices of a group in one part",
                             fmt::format("the group \"{}\" in two: slice {} in {}, slice {} in {}", groupOf(groups, s), slice,
                                         first, s, name),
                             "change the lists, or leave data.groups away"});
}

/// The folds of the cross-validation; whole groups where there are any.
std::vector<std::vector<std::int64_t>> foldsOf(const std::vector<std::int64_t> &slices, const std::vector<std::string> &groups,
                                               std::int64_t folds)
{
    if (groups.empty())
        return neighborFolds(slices, folds);
    std::vector<std::string> own;
    for (const auto s : slices)
        own.push_back(groupOf(groups, s));
    if (const auto count = std::set<std::string>(own.begin(), own.end()).size(); count < static_cast<std::size_t>(folds))
        throw Error(Error::Kind::Input, "data.groups",
                    fmt::format("{} folds need at least {} groups, but there {}. {}", folds, folds,
                                count == 1 ? "is only one" : fmt::format("are only {}", count),
                                count == 1 ? "Add pictures of other groups, or leave data.groups away."
                                           : fmt::format("Lower the number of folds to {} or fewer.", count)));
    return groupFolds(slices, own, folds);
}

std::set<std::int64_t> inside(const std::vector<std::int64_t> &list, const char *field, std::int64_t slices)
{
    for (const auto s : list)
        if (s < 0 || s >= slices)
            throw Error({std::string("data.") + field, "slices from 0 to " + std::to_string(slices - 1), std::to_string(s), {}});
    return {list.begin(), list.end()};
}

} // namespace

std::vector<std::int64_t> usedSlices(const SegmentationDataOptions &options, std::int64_t slices)
{
    const auto chosen = inside(options.onlySlices, "only-slices", slices);
    std::vector<std::int64_t> used(chosen.begin(), chosen.end());
    for (std::int64_t s = 0; chosen.empty() && s < slices; ++s)
        used.push_back(s);
    return used;
}

Split splitOf(const SegmentationDataOptions &options, std::int64_t all, std::uint64_t seed,
              const std::vector<std::string> &groups)
{
    const auto used = usedSlices(options, all);
    Split split;
    if (options.split == "slices") {
        const auto validation = inside(options.validationSlices, "validation-slices", all);
        const auto test = inside(options.testSlices, "test-slices", all);
        for (const auto s : validation)
            if (test.count(s))
                throw Error({"data.test-slices", "slices that are not in validation-slices", std::to_string(s), {}});
        for (const auto s : used)
            (validation.count(s) ? split.validation : test.count(s) ? split.test : split.training).push_back(s);
        if (split.training.empty())
            throw Error({"data.validation-slices", "at least one slice left for training", "none", {}});
        if (!groups.empty())
            requireWholeGroups(split, groups);
        return split;
    }
    if (options.split == "folds") {
        if (options.fold > options.folds)
            throw Error({"data.fold", "a fold from 1 to " + std::to_string(options.folds), std::to_string(options.fold), {}});
        const auto folds = foldsOf(used, groups, options.folds);
        const auto &test = folds[static_cast<std::size_t>(options.fold - 1)];
        std::vector<std::int64_t> rest;
        std::set_difference(used.begin(), used.end(), test.begin(), test.end(), std::back_inserter(rest));
        split = groups.empty()
                    ? blocksOf(rest, options, 0, seed)
                    : wholeGroupsOf(rest, groups, options, 0, seed, fmt::format(" besides those of fold {}", options.fold));
        split.test = test;
        return split;
    }
    return groups.empty() ? blocksOf(used, options, options.testFraction, seed)
                          : wholeGroupsOf(used, groups, options, options.testFraction, seed, {});
}

} // namespace reticle
