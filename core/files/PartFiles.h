#pragma once

#include <filesystem>
#include <string>

namespace reticle::files {

/// A name for a file that is written beside `name` and renamed onto it when it is whole: hidden, used once, and with the
/// process that writes it (host, boot, process space, number and start), so that a later one can tell what was left behind.
/// At most 200 bytes long, however long `name` is.
std::string partName(const std::string &name);

/// True of a file or folder that partName() named in a process which has ended. False while it lives, and of another
/// machine's, of which nothing can be known: also one of the same host name, which has written since this machine started.
bool isLeftPart(const std::filesystem::path &file);

/// Removes what processes that have ended left half-written in this folder; what cannot be removed stays. Throws nothing.
void removeLeftParts(const std::filesystem::path &folder);
/// The same once for a folder in the life of this process.
void removeLeftPartsOnce(const std::filesystem::path &folder);

} // namespace reticle::files
