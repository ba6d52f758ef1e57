#include "files/StandardStreams.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace reticle;

namespace {

/// The exit status of `work` in a process of its own; -1 where a signal ended it.
int inChild(const std::function<int()> &work)
{
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0)
        _exit(work());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Standard output goes to `path`, something is printed, and what is said at the end is compared.
int printedTo(const char *path, int flags, const char *says)
{
    return inChild([=] {
        const int fd = open(path, flags, 0666);
        dup2(fd, STDOUT_FILENO);
        std::printf("something\n");
        const auto problem = files::standardOutputProblem();
        return (*says ? problem.find(says) != std::string::npos : problem.empty()) ? 0 : 1;
    });
}

} // namespace

class StandardStreamsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatCannotBePrintedIsSaid()
    {
        const test::TemporaryFolder folder;
        QCOMPARE(printedTo("/dev/null", O_WRONLY, ""), 0);
        QCOMPARE(printedTo((folder / "out").c_str(), O_WRONLY | O_CREAT, ""), 0);
        QCOMPARE(printedTo("/dev/full", O_WRONLY, "the disk is full"), 0);
        QCOMPARE(printedTo("/dev/null", O_RDONLY, "standard output"), 0);
    }
    /// A long print fails before the end, when nothing is left to flush.
    void anEarlierFailureIsRemembered()
    {
        QCOMPARE(inChild([] {
                     dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
                     for (int i = 0; i < 10000; ++i)
                         std::printf("something\n");
                     std::fflush(stdout);
                     return files::standardOutputProblem().find("the disk is full") == std::string::npos ? 1 : 0;
                 }),
                 0);
    }
    void aReaderThatHasHadEnoughIsNoProblem()
    {
        QCOMPARE(inChild([] {
                     std::signal(SIGPIPE, SIG_IGN);
                     int ends[2];
                     if (pipe(ends) != 0)
                         return 1;
                     dup2(ends[1], STDOUT_FILENO);
                     close(ends[1]);
                     close(ends[0]);
                     std::printf("something\n");
                     return files::standardOutputProblem().empty() ? 0 : 1;
                 }),
                 0);
    }
    /// Without this a result opened next would be number 1, and what is printed would land in it.
    void closedStreamsAreNotTakenByFiles()
    {
        const test::TemporaryFolder folder;
        const auto path = (folder / "result").string();
        QCOMPARE(inChild([&] {
                     for (const int stream : {0, 1, 2})
                         close(stream);
                     files::secureStandardStreams();
                     const int result = open(path.c_str(), O_WRONLY | O_CREAT, 0666);
                     std::printf("something\n");
                     std::fprintf(stderr, "something\n");
                     return result > 2 && !files::standardOutputProblem().empty() ? 0 : 1;
                 }),
                 0);
        QCOMPARE(test::readAll(path), std::string());
    }
    void aFileSizeLimitIsAnErrorAndNoSignal()
    {
        const test::TemporaryFolder folder;
        const auto path = (folder / "result").string();
        QCOMPARE(inChild([&] {
                     files::secureStandardStreams();
                     const rlimit limit{100, 100};
                     setrlimit(RLIMIT_FSIZE, &limit);
                     const int fd = open(path.c_str(), O_WRONLY | O_CREAT, 0666);
                     const std::string bytes(200, 'x');
                     [[maybe_unused]] const auto first = write(fd, bytes.data(), bytes.size());
                     return write(fd, bytes.data(), bytes.size()) < 0 && errno == EFBIG ? 0 : 1;
                 }),
                 0);
    }
};

RETICLE_TEST(StandardStreamsTest)
#include "StandardStreamsTest.moc"
