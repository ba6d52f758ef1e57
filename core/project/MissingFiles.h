#pragma once

#include "project/Project.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace reticle {

// Files and folders of a project that are not where it has them, and where else they are. What is found is given to
// Project::relink(). Only missingFiles() needs the project, so that a search can run on a thread of its own.

/// A file, or a folder of images, which counts as one.
struct MissingFile
{
    std::string path;                    ///< where it was taken in, absolute; for Project::relink()
    std::string lastPlace;               ///< where it was last; `path`, or a place that the user chose before
    std::string hash;                    ///< of its content; see Project::addInput
    std::int64_t bytes = 0;              ///< of a folder those of its files
    std::vector<std::string> roles = {}; ///< "images", "labels", …

    std::string name() const; ///< of the file or folder, without where it is
};

/// By the number of the input, each path once. Throws Error as Project does.
std::vector<MissingFile> missingFiles(const Project &project);
/// The same of Project::inputs().
std::vector<MissingFile> missingFiles(const std::vector<InputInfo> &inputs);

/// How a place compares with a missing file.
enum class PlaceMatch {
    Same,  ///< the content that was recorded, as far as it was recorded: see Project::addInput
    Other, ///< other content, or a file that cannot be read
};

struct FoundFile
{
    MissingFile missing;
    std::string place; ///< absolute
    PlaceMatch match = PlaceMatch::Same;
};

struct SearchBounds
{
    std::size_t entries = 500'000; ///< files and folders that are looked at
    std::size_t depth = 32;        ///< of subfolders
    std::size_t sameSize = 64;     ///< files of another name and the same size whose content is compared, for each missing one
};

/// Asked often, from the thread of the search, with the number of files and folders seen so far; false ends it.
using SearchProgress = std::function<bool(std::size_t seen)>;

struct FileSearch
{
    std::vector<FoundFile> found;        ///< with the same content, in the order of what was missing
    std::vector<FoundFile> sameName;     ///< nothing better was found than the same name with other content
    std::vector<MissingFile> notFound;   ///< all others
    std::size_t seen = 0;                ///< files and folders
    bool complete = true;                ///< false where `bounds` or the progress ended it
    std::vector<std::string> unreadable; ///< folders that may not be read, 16 at most
};

/// Nothing where there is no file or folder at `place`, or `goOn` has answered false.
std::optional<PlaceMatch> comparePlace(const MissingFile &missing, const std::filesystem::path &place,
                                       const std::function<bool()> &goOn = {});

/// Looks in the folder and its subfolders: for files and folders of the same name and size, then of the same size, and compares
/// their content. Of several of the same content the one is taken whose folders are called most alike. Then the change of
/// folder that each of those has made is tried for what is still missing. Hidden folders, links to folders and projects in the
/// folder are passed over. Throws Error where the folder cannot be read.
FileSearch searchFolder(const std::vector<MissingFile> &missing, const std::filesystem::path &folder,
                        const SearchProgress &progress = {}, const SearchBounds &bounds = {});

/// Whether others have moved as one did, from `from` to `to`: to the place that the same change of folder gives, or beside it.
FileSearch searchBeside(const std::vector<MissingFile> &others, const MissingFile &from, const std::string &to,
                        const std::function<bool()> &goOn = {});

/// For Project::relink().
std::vector<Project::NewPlace> newPlaces(const std::vector<FoundFile> &found);

} // namespace reticle
