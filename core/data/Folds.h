#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace reticle {

/// Parts for cross-validation: each slice lies in one of them, and none is empty. Throw Error where there are fewer than two
/// folds, or more folds than slices or groups.

/// Neighbors stay together: `slices`, in their order, cut into `folds` runs whose lengths differ by at most one, the
/// longer ones first. Neighboring slices are alike, so that a slice beside a training slice is no test of it.
std::vector<std::vector<std::int64_t>> neighborFolds(const std::vector<std::int64_t> &slices, std::int64_t folds);

/// Groups stay together, pictures of one animal for example: groups[i] is that of slices[i]. The largest group goes first,
/// each into the fold that has the fewest slices by then (Graham 1969); equal ones in the order of their names.
std::vector<std::vector<std::int64_t>> groupFolds(const std::vector<std::int64_t> &slices, const std::vector<std::string> &groups,
                                                  std::int64_t folds);

} // namespace reticle
