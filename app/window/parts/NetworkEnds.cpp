#include "window/parts/NetworkEnds.h"

#include "data/Dataset.h"
#include "data/SegmentationData.h"
#include "files/ClassSource.h"
#include "files/ImageSource.h"
#include "files/Pictures.h"
#include "foundation/Error.h"
#include "project/ModelFiles.h"

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

NetworkEnds endsOfSection(const Json &section, const std::string &takes, std::int64_t classes)
{
    try {
        const auto &kind = Registry<DataKind>::instance().get(section.value("name", std::string()), "data.name");
        if (!kind.factory.probe)
            return {0, 0, {}};
        NetworkEnds ends{0, classes, {}};
        for (const auto &spec : kind.factory.probe(kind.schema.validate(section, "data"))) {
            const bool taken = ends.channels == 0 && (takes.empty() || spec.name == takes);
            if (taken && !spec.shape.empty() && spec.shape.front() > 0)
                ends.channels = spec.shape.front();
            ends.classes = std::max(ends.classes, static_cast<std::int64_t>(spec.categories.size()));
        }
        return ends;
    } catch (const std::exception &e) {
        return {0, 0, QString::fromUtf8(e.what())};
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
