#pragma once

#include "foundation/Json.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace reticle {

namespace files {
class Slices;
}

/// What the slices of a data set are called in a table of groups.
struct SliceNames
{
    std::vector<std::string>
        files;              ///< of a folder, the file name of each slice; empty of a stack, whose slices are numbered from 0
    std::int64_t count = 0; ///< of slices
    static SliceNames of(const files::Slices &images);
};

/// Which group each slice belongs to, such as the patient or the animal that it is of.
struct SliceGroups
{
    std::string table, column;      ///< name of the file, and of its column that holds the groups
    std::vector<std::string> of;    ///< of each slice; may be empty of slices that are not used. Without a table there are none
    std::vector<std::string> notes; ///< sentences for the user

    /// Each once, in natural order.
    std::vector<std::string> among(const std::vector<std::int64_t> &slices) const;
    /// "5 groups by the column "patient" of groups.csv"
    std::string textOf(const std::vector<std::int64_t> &slices) const;
};

/// Reads a table with a column of groups and one that names pictures: files of a folder with or without extension, or slices
/// of a stack by their number, counted from 0 as in the window. `column` is that of the groups; empty: the one that is called
/// "group", "patient", "animal" or the like, or the only other column. Names of pictures are in the column "image",
/// "file", "slice" or the like, of several in the one that names the most; without such a column in any other.
/// All of `used` have a group then. Throws Error: columns that cannot be told, a slice of `used` without a group or with two,
/// no picture named, numbers that a stack does not have, groups that differ in nothing but letter case and spaces.
SliceGroups readSliceGroups(const std::filesystem::path &table, const std::string &column, const SliceNames &slices,
                            const std::vector<std::int64_t> &used);
/// The same from the text of the table `name`, a path.
SliceGroups sliceGroupsFrom(std::string_view text, const std::string &name, const std::string &column, const SliceNames &slices,
                            const std::vector<std::int64_t> &used);

/// What is kept of a table as an input of a project: {"columns", "rows"}. Reads all of it; throws Error for what is no table.
Json groupTableInfo(const std::filesystem::path &table);

} // namespace reticle
