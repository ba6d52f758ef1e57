#include "learn/OpenMpTeam.h"

#include <omp.h>

namespace reticle {

BatchLoader::Team openMpTeam()
{
    return {[] { return omp_get_max_threads(); },
            [](std::int64_t n, const std::function<void(std::int64_t)> &work) {
#pragma omp parallel for schedule(dynamic, 1)
                for (std::int64_t i = 0; i < n; ++i)
                    work(i);
            }};
}

} // namespace reticle
