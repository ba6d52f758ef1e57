#pragma once

#include <zlib.h>

#include <string>

namespace reticle::test {

/// A table of numbers, two colors and three classes: "size,weight,color,species". Weights differ from row to row.
inline std::string madeTable(int rows = 30)
{
    std::string text = "size,weight,color,species\n";
    for (int r = 0; r < rows; ++r)
        text += std::to_string(r % 7) + ".5," + std::to_string(100 - r) + "," + (r % 2 ? "red" : "blue") + "," +
                std::string(1, "abc"[r % 3]) + "\n";
    return text;
}

/// `text` with every `from` replaced.
inline std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

inline std::string gzipped(const std::string &text)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 100, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

} // namespace reticle::test
