#include "base/Error.h"
#include "base/Folds.h"
#include "base/JsonReader_p.h"
#include "base/Random.h"
#include "base/SegmentationData.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

namespace reticle {

Json Split::toJson() const
{
    return Json{{"training", training}, {"validation", validation}, {"test", test}};
}

Split Split::fromJson(const Json &json)
{
    const auto part = [&](const char *name) {
        if (!json.is_object() || !json.contains(name) || !json[name].is_array())
            throw Error({"split", "lists training, validation and test", foundText(json), {}});
        std::vector<std::int64_t> slices;
        for (const auto &one : json[name]) {
            const auto slice = wholeNumber(one);
            if (!slice || *slice < 0)
                throw Error({std::string("split.") + name, "slices as whole numbers from 0", foundText(one), {}});
            slices.push_back(*slice);
        }
        return slices;
    };
    return {part("training"), part("validation"), part("test")};
}

std::vector<std::int64_t> Split::all() const
{
    std::vector<std::int64_t> slices;
    for (const auto *part : {&training, &validation, &test})
        slices.insert(slices.end(), part->begin(), part->end());
    std::sort(slices.begin(), slices.end());
    return slices;
}

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

} // namespace

Split splitOf(const SegmentationDataOptions &options, std::int64_t all, std::uint64_t seed)
{
    const auto inside = [&](const std::vector<std::int64_t> &list, const char *field) {
        for (const auto s : list)
            if (s < 0 || s >= all)
                throw Error({std::string("data.") + field, "slices from 0 to " + std::to_string(all - 1), std::to_string(s), {}});
        return std::set<std::int64_t>(list.begin(), list.end());
    };
    auto chosen = inside(options.onlySlices, "only-slices");
    if (chosen.empty())
        for (std::int64_t s = 0; s < all; ++s)
            chosen.insert(s);
    const std::vector<std::int64_t> used(chosen.begin(), chosen.end());
    Split split;
    if (options.split == "slices") {
        const auto validation = inside(options.validationSlices, "validation-slices");
        const auto test = inside(options.testSlices, "test-slices");
        for (const auto s : validation)
            if (test.count(s))
                throw Error({"data.test-slices", "slices that are not in validation-slices", std::to_string(s), {}});
        for (const auto s : used)
            (validation.count(s) ? split.validation : test.count(s) ? split.test : split.training).push_back(s);
        if (split.training.empty())
            throw Error({"data.validation-slices", "at least one slice left for training", "none", {}});
        return split;
    }
    if (options.split == "folds") {
        if (options.fold > options.folds)
            throw Error({"data.fold", "a fold from 1 to " + std::to_string(options.folds), std::to_string(options.fold), {}});
        const auto folds = neighbourFolds(used, options.folds);
        const auto &test = folds[static_cast<std::size_t>(options.fold - 1)];
        std::vector<std::int64_t> rest;
        std::set_difference(used.begin(), used.end(), test.begin(), test.end(), std::back_inserter(rest));
        split = blocksOf(rest, options, 0, seed);
        split.test = test;
        return split;
    }
    return blocksOf(used, options, options.testFraction, seed);
}

} // namespace reticle
