#include "OutputPlace.h"

#include "base/Error.h"

#include <unistd.h>

namespace reticle {

void requireWritable(const std::filesystem::path &path)
{
    namespace fs = std::filesystem;
    std::error_code code;
    fs::path there = fs::absolute(path);
    if (fs::exists(there, code)) {
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

} // namespace reticle
