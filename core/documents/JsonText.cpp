#include "documents/JsonText.h"

#include "documents/DocumentBuilder.h"
#include "documents/PlainText.h"
#include "foundation/Error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reticle {

namespace {

constexpr std::size_t largestFile = std::size_t{1} << 30;
constexpr int pipeWaitMs = 10000;

struct Closed
{
    int fd;
    ~Closed() { ::close(fd); }
};

/// Line and column (from 1) of a byte (from 1) of a text.
std::string placeOf(std::string_view text, std::size_t byte)
{
    const std::string_view before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto lastBreak = before.rfind('\n');
    const auto column = lastBreak == std::string_view::npos ? before.size() + 1 : before.size() - lastBreak;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// The bare word around a byte (from 1), such as NaN or Infinity; empty where there is none.
std::string wordAt(std::string_view text, std::size_t byte)
{
    const auto isWord = [&](std::size_t i) {
        return i < text.size() && (std::isalpha(static_cast<unsigned char>(text[i])) || text[i] == '_');
    };
    std::size_t begin = byte - 1, end = byte - 1;
    while (begin > 0 && isWord(begin - 1))
        --begin;
    while (isWord(end))
        ++end;
    return std::string(text.substr(std::min(begin, text.size()), end > begin ? end - begin : 0));
}

Error refusalOf(std::string_view text, const DocumentBuilder &builder, const std::string &where)
{
    const std::size_t byte = builder.errorByte();
    if (byte == 0)
        return Error({where, "JSON", builder.refusal(), {}});
    std::string found = builder.refusal(), wayOut;
    if (found == "a byte that is not UTF-8")
        wayOut = "save the file as UTF-8";
    if (found == "a syntax error") {
        const std::string word = wordAt(text, byte);
        if (byte > text.size())
            found = "the end of the file";
        else if (word == "NaN" || word == "nan" || word == "Infinity" || word == "inf") {
            found = "\"" + word + "\" as a number";
            wayOut = "write a finite number";
        }
    }
    return Error({where + (where.empty() ? "" : ": ") + placeOf(text, byte), "JSON", found, wayOut});
}

} // namespace

Json readJson(std::string_view text, const std::string &where)
{
    Json value;
    DocumentBuilder builder(value);
    if (!Json::sax_parse(text.begin(), text.end(), &builder))
        throw refusalOf(text, builder, where);
    return value;
}

Json tryJson(std::string_view text)
{
    Json value;
    DocumentBuilder builder(value);
    if (!Json::sax_parse(text.begin(), text.end(), &builder))
        return Json(Json::value_t::discarded);
    return value;
}

std::string readTextFile(const std::string &path, const std::string &expected)
{
    const auto refuse = [&](const std::string &found) { throw Error({path, expected, found, {}}); };
    // A pipe is opened without waiting for its writer: recipes may come from one, but none may hold the program up.
    const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        refuse(errno == ENOENT || errno == ENOTDIR
                   ? "no file"
                   : "a file that cannot be read (" + std::generic_category().message(errno) + ")");
    const Closed closed{fd};
    struct stat about = {};
    if (::fstat(fd, &about) != 0)
        refuse("a file that cannot be read");
    if (S_ISDIR(about.st_mode))
        refuse("a folder");
    if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode))
        refuse("a device");
    std::string text;
    std::array<char, 1 << 16> piece{};
    for (;;) {
        const ssize_t n = ::read(fd, piece.data(), piece.size());
        if (n == 0)
            return text;
        if (n < 0 && errno == EAGAIN) {
            pollfd waiting{fd, POLLIN, 0};
            if (::poll(&waiting, 1, pipeWaitMs) == 0)
                refuse("a pipe that nothing is written to");
            continue;
        }
        if (n < 0 && errno != EINTR)
            refuse("a file that cannot be read (" + std::generic_category().message(errno) + ")");
        if (n > 0)
            text.append(piece.data(), static_cast<std::size_t>(n));
        if (text.size() > largestFile)
            refuse("more than 1 GiB");
    }
}

} // namespace reticle
