#pragma once

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace reticle::test {

/// A folder that is gone with the object.
class TemporaryFolder
{
public:
    std::filesystem::path path() const { return m_folder.path().toStdString(); }
    std::filesystem::path operator/(const std::string &name) const { return path() / name; }
    /// A new folder in it, empty.
    std::filesystem::path part() const
    {
        const auto folder = path() / std::to_string(m_parts++);
        std::filesystem::create_directories(folder);
        return folder;
    }

private:
    QTemporaryDir m_folder;
    mutable int m_parts = 0;
};

inline std::string readAll(const std::filesystem::path &file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void writeAll(const std::filesystem::path &file, const std::string &bytes)
{
    std::ofstream(file, std::ios::binary) << bytes;
}

} // namespace reticle::test
