#include "OutputPlace.h"

#include "base/Error.h"

#include <unistd.h>

namespace reticle {

namespace fs = std::filesystem;

void requireWritable(const fs::path &path, Place kind)
{
    std::error_code code;
    fs::path there = fs::absolute(path);
    if (fs::exists(there, code)) {
        const bool folder = fs::is_directory(there, code);
        if (folder != (kind == Place::Folder))
            throw Error({path.string(), kind == Place::Folder ? "a folder to write into" : "a file to write",
                         folder ? "a folder" : "a file", "choose another name"});
        if (access(there.c_str(), W_OK) != 0)
            throw Error({path.string(), "a place to write to", "one that cannot be written", "choose another"});
        return;
    }
    // The nearest folder that exists is where the rest would be made. A file on the way makes the next one "not exist".
    do
        there = there.parent_path();
    while (!fs::exists(there, code) && there != there.root_path());
    if (!fs::is_directory(there, code))
        throw Error({path.string(), "a folder to write into", "the file " + there.string() + " in its place", {}});
    if (access(there.c_str(), W_OK | X_OK) != 0)
        throw Error({path.string(), "a folder that can be written", there.string() + ", which cannot", {}});
}

void requireOtherThan(const fs::path &output, const fs::path &input)
{
    std::error_code code;
    if (fs::equivalent(output, input, code))
        throw Error({output.string(), "another file than the input", "the input itself", "choose another name"});
    const auto into = fs::absolute(output).parent_path();
    if (fs::is_directory(input, code) && fs::equivalent(into, input, code))
        throw Error({output.string(), "a place outside of the folder of slices that is read", "that folder",
                     "choose another folder"});
}

} // namespace reticle
