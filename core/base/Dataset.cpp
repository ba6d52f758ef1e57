#include "base/Dataset.h"

namespace reticle {

const Registry<DatasetFactory> &datasets()
{
    static const bool filled = [] {
        const auto schema = SegmentationDataOptions::schema();
        Registry<DatasetFactory>::instance().add(schema.info(), [schema](const Json &options, std::uint64_t seed) {
            return SegmentationData::load(schema.read(options, "data"), seed);
        });
        const auto alone = SegmentationDataOptions::imagesSchema();
        Registry<DatasetFactory>::instance().add(alone.info(), [alone](const Json &options, std::uint64_t seed) {
            return SegmentationData::loadImages(alone.read(options, "data"), seed);
        });
        return true;
    }();
    (void)filled;
    return Registry<DatasetFactory>::instance();
}

} // namespace reticle
