#include "support/Mutate.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/mman.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

/// What the program can make itself; files of the command line are added.
std::vector<std::string> builtInSeeds();

namespace {

std::string contents(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The input under way, mapped from a file: it is there after a crash, and no input costs a call of the system.
class Kept
{
public:
    explicit Kept(std::string path) : m_path(std::move(path))
    {
        const int fd = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd < 0 || ::ftruncate(fd, room) != 0)
            std::abort();
        void *at = ::mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        ::close(fd);
        if (at == MAP_FAILED)
            std::abort();
        m_at = static_cast<char *>(at);
    }
    ~Kept() { ::munmap(m_at, room); }
    Kept(const Kept &) = delete;
    Kept &operator=(const Kept &) = delete;

    void keep(const std::string &input)
    {
        const std::uint64_t size = std::min<std::uint64_t>(input.size(), room - sizeof size);
        std::memcpy(m_at, &size, sizeof size);
        std::memcpy(m_at + sizeof size, input.data(), size);
    }
    /// What was kept by a program that ended early.
    static std::string read(const std::string &path)
    {
        const std::string bytes = contents(path);
        std::uint64_t size = 0;
        if (bytes.size() < sizeof size)
            return {};
        std::memcpy(&size, bytes.data(), sizeof size);
        return bytes.substr(sizeof size, size);
    }

private:
    static constexpr std::uint64_t room = 1 << 20;
    std::string m_path;
    char *m_at = nullptr;
};

int usage(const char *program)
{
    std::fprintf(stderr,
                 "usage: %s [--time SECONDS] ITERATIONS SEED FILES...\n"
                 "       %s --again KEPT        the input that was under way when a run with this KEPT file ended\n"
                 "Each file as it is, then damaged ones until ITERATIONS or SECONDS are over (0 iterations: no such limit).\n"
                 "Iteration k of a seed is always the same; give each of several programs a seed and a folder of its own.\n",
                 program, program);
    return 2;
}

} // namespace

/// The input under way is kept in fuzz-input.bin, the slowest so far in fuzz-slow.bin.
int main(int argc, char **argv)
{
    using Clock = std::chrono::steady_clock;
    const auto secondsSince = [](Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); };
    const auto run = [](const std::string &input) {
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(input.data()), input.size());
    };
    int at = 1;
    double seconds = 0;
    if (argc == 3 && std::strcmp(argv[1], "--again") == 0) {
        run(Kept::read(argv[2]));
        return 0;
    }
    if (argc > 2 && std::strcmp(argv[1], "--time") == 0) {
        seconds = std::atof(argv[2]);
        at = 3;
    }
    if (argc < at + 2)
        return usage(argv[0]);
    const long iterations = std::atol(argv[at]);
    const auto seed = static_cast<std::uint64_t>(std::atoll(argv[at + 1]));
    if (iterations <= 0 && seconds <= 0)
        return usage(argv[0]);
    std::vector<std::string> seeds = builtInSeeds();
    for (int i = at + 2; i < argc; ++i)
        seeds.push_back(contents(argv[i]));
    if (seeds.empty()) {
        std::fprintf(stderr, "no input to damage: name some files\n");
        return 2;
    }
    Kept kept("fuzz-input.bin");
    const auto start = Clock::now();
    for (const auto &s : seeds) {
        kept.keep(s);
        run(s);
    }
    double slowest = 0;
    long k = 0;
    for (; (iterations <= 0 || k < iterations) && (seconds <= 0 || secondsSince(start) < seconds); ++k) {
        auto random = reticle::Random::of(seed, static_cast<std::uint64_t>(k));
        const auto n = static_cast<std::int64_t>(seeds.size());
        const auto &one = seeds[static_cast<std::size_t>(random.below(n))];
        const auto &other = seeds[static_cast<std::size_t>(random.below(n))];
        const auto input = reticle::test::mutated(one, other, random.next());
        kept.keep(input);
        const auto begin = Clock::now();
        run(input);
        const double took = secondsSince(begin);
        if (took > 0.5 && took > slowest) {
            slowest = took;
            std::printf("iteration %ld took %.1f s\n", k, took);
            std::fflush(stdout);
            std::ofstream("fuzz-slow.bin", std::ios::binary) << input;
        }
    }
    const double all = secondsSince(start);
    std::printf("%ld damaged inputs of %zu files in %.0f s, %.0f a second\n", k, seeds.size(), all,
                static_cast<double>(k) / std::max(all, 1e-9));
    return 0;
}
