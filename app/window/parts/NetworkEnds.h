#pragma once

#include "foundation/Json.h"

#include <QString>

#include <cstdint>
#include <filesystem>
#include <string>

namespace reticle {

/// What a network takes in and tells apart.
struct NetworkEnds
{
    std::int64_t channels = 0, classes = 0; ///< channels of a slice and its neighbors together
    QString problem;                        ///< why they are not known
};

/// As training has written it beside the weights; all 0 where it has not. Any thread.
NetworkEnds endsOfModel(const std::filesystem::path &runFolder);

/// As training would find it in the files of a section "data", from their headers alone. `takes`: the array that the network
/// takes, empty = the first; `classes`: where they are known. Any thread.
NetworkEnds endsOfSection(const Json &section, const std::string &takes, std::int64_t classes);

/// The same of images. `planes`: a slice and its neighbors; `classes`: where they are known. Labels are
/// read for them otherwise; without labels there are none to tell apart. Any thread.
NetworkEnds endsOfData(const std::string &images, const std::string &labels, std::int64_t planes, std::int64_t classes);

} // namespace reticle
