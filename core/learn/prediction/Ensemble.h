#pragma once

#include "project/Project.h"

namespace reticle {

/// One model of several runs, kept as a run of its own that predicts like any other: the mean of their probabilities, or of
/// the images of autoencoders (Hansen and Salamon 1990). Its file holds the weights of all, so that it stays when they are
/// removed. Throws Error where there are fewer than two, where one has no model, and naming the first that differs from the
/// first of them in what goes in or what comes out.
RunInfo makeEnsemble(Project &project, const std::vector<std::int64_t> &runs, const std::string &title);

/// The runs that it was made of; empty of a run that was trained.
std::vector<std::int64_t> ensembleMembers(const RunInfo &run);

} // namespace reticle
