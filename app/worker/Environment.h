#pragma once

#include "foundation/Json.h"

#include <string>
#include <vector>

namespace reticle {

/// What this worker runs on: told to the window at hello and warned of on the command line.
struct Environment
{
    std::string version;              ///< of Reticle
    std::string torch;                ///< "1.13.1"
    std::string device;               ///< what "auto" means here: "cuda:0" or "cpu"
    std::vector<std::string> devices; ///< "cpu", "cuda:0", …
    std::string blas;                 ///< "OpenBLAS 0.3.21 …", "MKL", or the file of another one
    int threads = 1;
    bool bf16 = false; ///< the processor or the first GPU computes in bfloat16 by itself
    std::vector<std::string> warnings;

    Json toJson() const;
    /// Looks once; the same object afterwards.
    static const Environment &get();
};

} // namespace reticle
