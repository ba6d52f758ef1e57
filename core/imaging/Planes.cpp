#include "imaging/Planes.h"

namespace reticle {

Array mostLikely(const Array &probabilities)
{
    const auto n = probabilities.dim(1) * probabilities.dim(2);
    Array classes(DType::UInt8, {probabilities.dim(1), probabilities.dim(2)});
    const float *p = probabilities.data<float>();
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t best = 0;
        for (std::int64_t k = 1; k < probabilities.dim(0); ++k)
            if (p[k * n + i] > p[best * n + i])
                best = k;
        classes.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(best);
    }
    return classes;
}

Array channelsTogether(const Array &planes)
{
    const auto channels = planes.dim(0), n = planes.dim(1) * planes.dim(2);
    if (channels == 1)
        return planes.at(0);
    Array page(DType::Float32, {planes.dim(1), planes.dim(2), channels});
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t i = 0; i < n; ++i)
            page.data<float>()[i * channels + c] = planes.data<float>()[c * n + i];
    return page;
}

} // namespace reticle
