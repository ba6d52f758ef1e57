#pragma once

#include "foundation/Json.h"

#include <cstdint>
#include <optional>
#include <string>

namespace reticle {

/// Who writes a run: enough to tell later, from the same or another machine, whether that process is still there.
struct ProcessIdentity
{
    std::int64_t pid = 0;
    std::int64_t started = 0; ///< clock ticks after boot, so that a number used again is told apart
    std::string boot;         ///< the machine's boot
    std::string space;        ///< the process-number namespace (containers)
    std::string host;

    static ProcessIdentity current();
    Json toJson() const;
    static ProcessIdentity fromJson(const Json &json);
    bool operator==(const ProcessIdentity &) const = default;

    enum class State {
        Alive,
        Gone,    ///< ended, also as a zombie, or its machine was restarted
        Unknown, ///< on another machine or in another container: only signs of life can tell
    };
    /// `lastSign`: when it was last seen to do something, seconds since 1970. Two machines may have one host name: a sign
    /// from after this machine's start is another machine's.
    State state(std::optional<std::int64_t> lastSign = std::nullopt) const;
};

} // namespace reticle
