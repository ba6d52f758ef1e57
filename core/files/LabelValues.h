#pragma once

#include "foundation/Array.h"

#include <map>
#include <string>
#include <vector>

namespace reticle::files {

/// Index that pixels of no class have in arrays of classes.
inline constexpr std::uint8_t ignoredClass = 255;

/// What labels are read for. Only a training has a threshold that makes classes of other numbers, so only its errors name it.
enum class LabelUse { Training, Comparing };

/// How often each value occurs in a page of labels. Throws Error naming `where`, row and column for a value that is no
/// whole number, and when there are more than 4,096 different ones.
std::map<std::int64_t, std::int64_t> countLabels(const Array &labels, const std::string &where,
                                                 LabelUse use = LabelUse::Training);

/// How the values of label files become classes. One such mapping is decided once (by a training, or for files that are
/// compared with one another from the values of all of them) and then holds for every file.
struct LabelClasses
{
    std::map<std::int64_t, std::uint8_t> index; ///< value -> class or ignoredClass
    std::vector<std::string> names;
    std::vector<std::int64_t> values; ///< the value that is written for each class
    bool two = false;                 ///< two classes, with the foreground switch
    bool ignoring = false;            ///< 255 means ignore
    double threshold = 0;             ///< over 0: labels at or above it were made 255 and those below it 0
    std::string text;                 ///< "labels 0 and 255: two classes (255 is the foreground)"
    std::string owner;                ///< whose classes these are, "run 2"; empty = those of the files themselves

    /// {"classes": [{"name", "values": [...]}, ...] in their order, "ignored": [...], "threshold"}, as kept with a model.
    Json toJson() const;
    /// Throws Error for anything else.
    static LabelClasses fromJson(const Json &json);
    /// "0, 1 and 3", or of two classes "0 (background) and 255 (foreground)".
    std::string classText() const;
    /// The same classes for a file of these values. Where 255 is no class, it is ignored next to two or more other values, and
    /// for three classes and more next to one, which `note` says. For two classes a mask of 0 and 255 (or 1) is taken for
    /// one, and `note` says so. Other values stay without a class.
    LabelClasses fitting(const std::map<std::int64_t, std::int64_t> &counts, std::string &note) const;
    /// (H, W) class indices, 255 for ignored pixels. Throws Error naming row, column and value for one without a class.
    Array classesOf(const Array &labels, const std::string &where) const;
    /// (H, W) uint8 class indices -> the values of the classes, in the smallest type that holds all of them; 255 stays
    /// where it is no class.
    Array valuesOf(const Array &classes) const;
};

/// From the values of all slices, for training. Throws Error (one value, more than 255 classes, negative ones, soft
/// masks).
LabelClasses classesOf(const std::map<std::int64_t, std::int64_t> &counts, bool brightForeground, const std::string &where);

/// From the values of all slices, for showing and comparing, where one value is enough: 0 alone is all background, any
/// other value alone all foreground (with a dark foreground the other way round). Throws Error for more than 255 classes.
LabelClasses comparedClasses(const std::map<std::int64_t, std::int64_t> &counts, bool brightForeground, const std::string &where);
/// The same of values without 255 where that is `ignored`, whatever their number.
LabelClasses comparedClasses(const std::map<std::int64_t, std::int64_t> &counts, bool brightForeground, const std::string &where,
                             bool ignored);

/// The classes kept with a model, of its description; of an older one those that its names tell, which are
/// the values of three classes and more. Empty where neither says which value is which.
LabelClasses classesOfModel(const Json &description);

/// Whether there are values all over the range of 8 bits, as in a mask that was blurred, scaled or saved as JPEG.
bool hasSoftEdges(const std::map<std::int64_t, std::int64_t> &counts);
/// Throws Error where this is so and most pixels are at both ends of the range.
void requireSharp(const std::map<std::int64_t, std::int64_t> &counts, const std::string &where, LabelUse use);

/// A page of labels as (H, W): RGB whose channels agree becomes gray, opacity is dropped, with `threshold` > 0 the
/// values become 0 and 255. Throws Error for colored ones.
Array plainLabels(Array page, bool alpha, double threshold, const std::string &where);

/// "0, 1 and 255", long lists shortened.
std::string valuesText(const std::map<std::int64_t, std::int64_t> &counts);

} // namespace reticle::files
