#pragma once

#include "foundation/Json.h"

#include <string>
#include <vector>

namespace reticle {

/// What dropped paths are as images.
struct ImageDetection
{
    enum class Kind { Unknown, Image, Stack, SlicesFolder, Pair, PairFolders };
    Kind kind = Kind::Unknown;
    std::string images, labels;        ///< paths; labels empty where there are none
    std::string sentence;              ///< "A stack of 24 slices, 512 x 512, 8 bit, with labels of two classes (0 and 255)."
    std::vector<std::string> problems; ///< sentences, e.g. sizes that differ
    std::vector<std::string> notes;    ///< sentences about what was left out or assumed, which keep nobody from going on
    Json details;                      ///< infos, label values
};

/// Looks at dropped paths: a file, several files, or a folder; finds `images/` + `masks/` (img, image, raw / labels,
/// label, annotations, gt, segmentation, truth, …), `x` + `x_mask(s)` / `x_label(s)` beside a dropped `x`, and
/// "…-volume" + "…-labels". Never throws for bad content: problems say what is wrong.
ImageDetection detectImages(const std::vector<std::string> &paths);

} // namespace reticle
