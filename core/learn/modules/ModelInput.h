#pragma once

#include <string>

namespace reticle {

/// Name of the tensor that the networks of a registered kind take: "image", "features". Free of torch, for the worker's
/// commands. Throws Error where no kind has this name.
std::string modelInput(const std::string &name);

} // namespace reticle
