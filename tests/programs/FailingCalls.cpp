// A library for LD_PRELOAD: makes the n-th call fail that changes a file below a folder, as a full, read-only or vanished disk
// does, or ends the process there, as a power cut does.
//
//   RETICLE_FAIL_UNDER   folder; calls on files elsewhere are not counted
//   RETICLE_FAIL_ON      which calls count, parted by commas: write, flush (and truncate), name (rename, link), make (create a
//   file or
//                        folder, open one for writing), read (open for reading too, read); all = every one of them
//   RETICLE_FAIL_AT      number of the call that fails, from 1; 0 = none
//   RETICLE_FAIL_WITH    errno, or "kill"
//   RETICLE_FAIL_STAYS   1: every later one fails too
//   RETICLE_FAIL_COUNT   file that gets the number of calls when the program ends

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

std::atomic<long> calls{0};

const char *environment(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

template <class F> F original(const char *name)
{
    return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

bool counts(const char *kind)
{
    const char *on = environment("RETICLE_FAIL_ON");
    return std::strcmp(on, "all") == 0 || std::strstr(on, kind) != nullptr;
}

bool below(const char *path)
{
    const char *folder = environment("RETICLE_FAIL_UNDER");
    const auto length = std::strlen(folder);
    return length > 0 && std::strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

void nameOf(int fd, char *path, std::size_t size)
{
    char link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, path, size - 1);
    path[n > 0 ? n : 0] = 0;
}

void nameOf(int folder, const char *name, char *path, std::size_t size)
{
    if (name[0] == '/') {
        std::snprintf(path, size, "%s", name);
        return;
    }
    char base[4096] = "";
    if (folder == AT_FDCWD) {
        if (!getcwd(base, sizeof base))
            base[0] = 0;
    } else {
        nameOf(folder, base, sizeof base);
    }
    std::snprintf(path, size, "%s/%s", base, name);
}

/// True where this call is to fail; errno is set.
bool fails(const char *kind, const char *path)
{
    if (!counts(kind) || !below(path))
        return false;
    const long at = std::atol(environment("RETICLE_FAIL_AT")), now = ++calls;
    const bool stays = environment("RETICLE_FAIL_STAYS")[0] == '1';
    if (at <= 0 || (stays ? now < at : now != at))
        return false;
    const char *with = environment("RETICLE_FAIL_WITH");
    if (std::strcmp(with, "kill") == 0)
        raise(SIGKILL);
    errno = std::atoi(with);
    return true;
}

bool fails(const char *kind, int fd)
{
    char path[4096];
    nameOf(fd, path, sizeof path);
    return fails(kind, path);
}

bool fails(const char *kind, int folder, const char *name)
{
    char path[8192];
    nameOf(folder, name, path, sizeof path);
    return fails(kind, path);
}

int opened(const char *call, int folder, const char *name, int flags, mode_t mode)
{
    const bool change = flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC);
    if (fails(change ? "make" : "read", folder, name))
        return -1;
    static const auto real = original<int (*)(int, const char *, int, ...)>("openat");
    (void)call;
    return real(folder, name, flags, mode);
}

__attribute__((destructor)) void ended()
{
    const char *file = environment("RETICLE_FAIL_COUNT");
    if (!*file)
        return;
    char text[32];
    const int n = std::snprintf(text, sizeof text, "%ld\n", calls.load());
    static const auto open = original<int (*)(int, const char *, int, ...)>("openat");
    const int fd = open(AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    static const auto write = original<ssize_t (*)(int, const void *, size_t)>("write");
    [[maybe_unused]] const auto written = write(fd, text, static_cast<size_t>(n));
}

} // namespace

#define MODE_OF(flags)                                                                                                           \
    mode_t mode = 0;                                                                                                             \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                                       \
        va_list rest;                                                                                                            \
        va_start(rest, flags);                                                                                                   \
        mode = va_arg(rest, mode_t);                                                                                             \
        va_end(rest);                                                                                                            \
    }

extern "C" {

int open(const char *name, int flags, ...)
{
    MODE_OF(flags)
    return opened("open", AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...)
{
    MODE_OF(flags)
    return opened("open64", AT_FDCWD, name, flags, mode);
}
int openat(int folder, const char *name, int flags, ...)
{
    MODE_OF(flags)
    return opened("openat", folder, name, flags, mode);
}
int openat64(int folder, const char *name, int flags, ...)
{
    MODE_OF(flags)
    return opened("openat64", folder, name, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    static const auto real = original<ssize_t (*)(int, const void *, size_t)>("write");
    return fails("write", fd) ? -1 : real(fd, bytes, count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    static const auto real = original<ssize_t (*)(int, const void *, size_t, off_t)>("pwrite");
    return fails("write", fd) ? -1 : real(fd, bytes, count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    static const auto real = original<ssize_t (*)(int, const void *, size_t, off64_t)>("pwrite64");
    return fails("write", fd) ? -1 : real(fd, bytes, count, at);
}
int ftruncate(int fd, off_t size) noexcept
{
    static const auto real = original<int (*)(int, off_t)>("ftruncate");
    return fails("flush", fd) ? -1 : real(fd, size);
}
int ftruncate64(int fd, off64_t size) noexcept
{
    static const auto real = original<int (*)(int, off64_t)>("ftruncate64");
    return fails("flush", fd) ? -1 : real(fd, size);
}

ssize_t read(int fd, void *bytes, size_t count)
{
    static const auto real = original<ssize_t (*)(int, void *, size_t)>("read");
    return counts("read") && fails("read", fd) ? -1 : real(fd, bytes, count);
}
ssize_t pread(int fd, void *bytes, size_t count, off_t at)
{
    static const auto real = original<ssize_t (*)(int, void *, size_t, off_t)>("pread");
    return counts("read") && fails("read", fd) ? -1 : real(fd, bytes, count, at);
}
ssize_t pread64(int fd, void *bytes, size_t count, off64_t at)
{
    static const auto real = original<ssize_t (*)(int, void *, size_t, off64_t)>("pread64");
    return counts("read") && fails("read", fd) ? -1 : real(fd, bytes, count, at);
}

int fsync(int fd)
{
    static const auto real = original<int (*)(int)>("fsync");
    return fails("flush", fd) ? -1 : real(fd);
}
int fdatasync(int fd)
{
    static const auto real = original<int (*)(int)>("fdatasync");
    return fails("flush", fd) ? -1 : real(fd);
}

int rename(const char *from, const char *to) noexcept
{
    static const auto real = original<int (*)(const char *, const char *)>("rename");
    return fails("name", AT_FDCWD, to) ? -1 : real(from, to);
}
int renameat(int fromFolder, const char *from, int toFolder, const char *to) noexcept
{
    static const auto real = original<int (*)(int, const char *, int, const char *)>("renameat");
    return fails("name", toFolder, to) ? -1 : real(fromFolder, from, toFolder, to);
}
int link(const char *from, const char *to) noexcept
{
    static const auto real = original<int (*)(const char *, const char *)>("link");
    return fails("name", AT_FDCWD, to) ? -1 : real(from, to);
}
int linkat(int fromFolder, const char *from, int toFolder, const char *to, int flags) noexcept
{
    static const auto real = original<int (*)(int, const char *, int, const char *, int)>("linkat");
    return fails("name", toFolder, to) ? -1 : real(fromFolder, from, toFolder, to, flags);
}
int mkdir(const char *name, mode_t mode) noexcept
{
    static const auto real = original<int (*)(const char *, mode_t)>("mkdir");
    return fails("make", AT_FDCWD, name) ? -1 : real(name, mode);
}

} // extern "C"
