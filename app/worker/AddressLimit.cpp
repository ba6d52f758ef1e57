#include "AddressLimit.h"

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>

#include <sys/resource.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace reticle {

namespace {

void say(const char *text)
{
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

[[noreturn]] void endInASentence()
{
    const char *text = "reticle-worker: An unexpected failure ended the process.\n";
    try {
        if (std::current_exception())
            std::rethrow_exception(std::current_exception());
    } catch (const std::bad_alloc &) {
        text = "reticle-worker: Memory ran out. Close other programs, raise the memory limit, or choose a smaller batch, crop or "
               "tile.\n";
    } catch (...) {
    }
    say(text);
    _exit(4);
}

/// oneDNN writes into room for its code that it never got (2.6.3): the process ends, but not without a word.
void endForWantOfAddresses(int)
{
    say("reticle-worker: The address space of this process is limited, and a library ended for want of it. What was saved before "
        "is safe. Raise the limit (ulimit -v), or limit the memory by a control group instead.\n");
    _exit(4);
}

/// Also where the stack itself cannot grow.
void catchBadAddresses()
{
    static char room[16384];
    stack_t stack{};
    stack.ss_sp = room;
    stack.ss_size = sizeof room;
    struct sigaction action
    {
    };
    action.sa_handler = endForWantOfAddresses;
    action.sa_flags = SA_ONSTACK | SA_RESETHAND;
    sigaltstack(&stack, nullptr);
    sigaction(SIGSEGV, &action, nullptr);
    sigaction(SIGBUS, &action, nullptr);
}

} // namespace

void prepareForAddressLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    if (limit.rlim_cur < leastAddressSpace) {
        say("reticle-worker: The address space of this process is limited to less than the 1 GiB that the libraries need. "
            "Raise the limit (ulimit -v) to 2 GiB or more, or limit the memory by a control group instead.\n");
        _exit(2);
    }
    catchBadAddresses();
    // Each thread of OpenBLAS and each heap of a thread would reserve tens of megabytes of addresses.
    setenv("OPENBLAS_NUM_THREADS", "1", 0);
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 2);
#endif
}

void endInASentenceAlways()
{
    std::set_terminate(endInASentence);
}

} // namespace reticle

#ifdef __linux__
extern "C" {
// Before the initializers of the libraries, of which some take memory and end the process where there is none.
__attribute__((section(".preinit_array"), used)) static void (*reticleBeforeLibraries)(int, char **, char **) =
    [](int, char **, char **) { reticle::prepareForAddressLimit(); };
}
#endif
