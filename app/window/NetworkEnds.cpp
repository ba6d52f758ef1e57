#include "window/NetworkEnds.h"

#include "base/ClassSource.h"
#include "base/Error.h"
#include "base/ImageSource.h"
#include "base/Pictures.h"
#include "base/files/ModelFiles.h"
#include "data/SegmentationData.h"

#include <algorithm>

namespace reticle {

namespace {

/// Channels of a page: colors, without what is see-through.
std::int64_t channelsOf(const ImageInfo &info)
{
    return info.channels - (info.alpha ? 1 : 0);
}

} // namespace

NetworkEnds endsOfModel(const std::filesystem::path &runFolder)
{
    try {
        const Json model = readModelDescription(runFolder);
        return {model.at("channels").get<std::int64_t>(), model.at("classes").get<std::int64_t>(), {}};
    } catch (const Json::exception &) {
        return {};
    } catch (const Error &) {
        return {};
    }
}

NetworkEnds endsOfData(const std::string &images, const std::string &labels, std::int64_t planes, std::int64_t classes)
{
    try {
        NetworkEnds ends{channelsOf(openPictures(images)->info()) * planes, classes, {}};
        if (ends.classes < 2 && !labels.empty()) {
            const auto values = labelValues(*openLabels(labels));
            const bool ignores = values.size() > 2 && values.back() == SegmentationData::ignore;
            ends.classes = static_cast<std::int64_t>(values.size()) - (ignores ? 1 : 0);
        }
        ends.classes = std::max<std::int64_t>(2, ends.classes);
        return ends;
    } catch (const std::exception &e) {
        return {0, 0, QString::fromUtf8(e.what())};
    }
}

} // namespace reticle
