#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace reticle::files {

/// The name of a file without its extensions: "x" of "x.tif", "x.ome.tif" and "x.tif.png", "x_mask" of "x.jpg_mask.png".
std::string stemOf(const std::filesystem::path &file);

/// True for a name that may be one of labels: a label word ("mask", "labels", "GT", "segmentation") stands at its end, at its
/// beginning or before the number that ends it, as a whole word. "Cell Mask control" is none. Whether such a name is one of
/// labels is known from its neighbors only (rolesOf): "cell labeled" is an image where there is no "cell".
bool saysLabels(const std::string &stem);
/// True where the name ends in a word that hardly stands for anything else: "x_mask", not "cell labeled".
bool surelySaysLabels(const std::string &stem);
/// True for a name or part of one that says images ("train-volume", "img_07", "raw").
bool saysImages(const std::string &stem);
/// A name in lower case without the words that tell labels from images, words joined by "-" and numbers without leading
/// zeros: "cell_mask" and "cell_image" give "cell".
std::string bareStem(const std::string &stem);
/// True where labels of this name belong to an image of that name: "cell_mask" to "cell", "mask_07" to "img_07", "x_cp_masks"
/// to "x".
bool isLabelsOf(const std::string &labels, const std::string &image);

/// What the files of one folder are, by their names alone.
enum class Role {
    Image,
    Labels,
    Neither, ///< flows and outlines that segmentation programs leave next to an image
};
/// Labels are names that say so and whose image is among the others. Where there are some, further names that end in "mask" or
/// "labels" count as labels too (their image is missing). A name that has labels of its own is an image.
std::vector<Role> rolesOf(const std::vector<std::string> &stems);

struct NameMatch
{
    std::vector<std::int64_t> labels; ///< for each image the place of its labels, or -1
    std::int64_t matched = 0;
    /// Images (first) with several labels that fit them equally well.
    std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>> several;
};
/// Labels for images by their names, the most exact likeness first: the same name, the name with a label word, the name
/// without the words that tell them apart; each as it is written, and then whatever its case, separators and leading zeros. Names
/// that are not alone of their kind match nothing.
NameMatch matchNames(const std::vector<std::string> &images, const std::vector<std::string> &labels);

} // namespace reticle::files
