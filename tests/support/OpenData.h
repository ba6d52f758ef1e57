#pragma once

#include "data/SegmentationData.h"

namespace reticle::test {

/// Data of a kind whose examples are images.
inline std::shared_ptr<SegmentationData> openData(const std::string &kind, const Json &options, std::uint64_t seed)
{
    return imagesOf(Registry<DataKind>::instance().get(kind).factory.open(options, seed));
}

} // namespace reticle::test
