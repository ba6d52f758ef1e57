#pragma once

#include <functional>
#include <string>
#include <vector>

namespace reticle {

/// How a process of this program ended that did a work apart.
struct ApartOutcome
{
    int status = -1;      ///< exit status; -1 where it ended otherwise
    int signal = 0;       ///< that ended it, 0 = none
    bool late = false;    ///< it took too long and was ended
    bool stopped = false; ///< it was ended because nobody waits for it
    std::string output;   ///< its standard output
};

/// Runs this program again with `arguments`, for work that may take much memory or crash a library, and waits for its end;
/// `input` is its standard input, and what it says on standard error goes to this one's. Where memory runs out the system
/// ends it before this process. After `seconds` it is ended, and soon after `goOn` says no; it is
/// asked several times a second. `program`: another one than this. Throws Error (Kind::Failed) where it cannot be started.
ApartOutcome runApart(const std::vector<std::string> &arguments, const std::string &input, double seconds,
                      std::string program = {}, const std::function<bool()> &goOn = {});

/// To be called by the process that does the work: it ends together with the process, and the thread, that has started it.
void endWithParent();

/// To be called by the process that does the work: it is the first to go where memory runs out.
void goFirstWhereMemoryRunsOut();

} // namespace reticle
