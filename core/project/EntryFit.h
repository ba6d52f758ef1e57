#pragma once

#include "foundation/Json.h"

#include <string>
#include <vector>

namespace reticle {

/// What an entry of a recipe's section asks of the data, or of data what they have. Two entries go together where each list
/// is empty, which says nothing, or has a name in common with the other's.
struct EntryFit
{
    std::vector<std::string> tasks;  ///< ways of learning: of an objective the one that it is for, of data those they serve
    std::vector<std::string> arrays; ///< of a model the one that it takes, of data those that their examples hold: "image"

    bool operator==(const EntryFit &) const = default;
    bool fits(const EntryFit &data) const { return refusal(data).empty(); }
    /// Whether data have an array of this name; true where that is not known.
    bool has(const std::string &array) const;
    /// Why it does not go with `data`, to stand behind the entry's name: "for segmentation, the data serve classification".
    /// Empty where it does.
    std::string refusal(const EntryFit &data) const;

    Json toJson() const;
    static EntryFit fromJson(const Json &json); ///< what is not of that form is passed over
};

} // namespace reticle
