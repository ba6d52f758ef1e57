#include "files/Reader.h"

#include <algorithm>
#include <cctype>

namespace reticle {

namespace files {

namespace {

std::vector<Format> &registered()
{
    static std::vector<Format> all;
    return all;
}

std::string lower(std::string text)
{
    for (char &c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

} // namespace

FormatRegistration::FormatRegistration(Format format)
{
    auto &all = registered();
    const auto after = std::find_if(all.begin(), all.end(), [&](const Format &other) {
        return other.priority < format.priority || (other.priority == format.priority && other.name > format.name);
    });
    all.insert(after, std::move(format));
}

const std::vector<Format> &formats()
{
    return registered();
}

bool Format::beginsLike(std::string_view start) const
{
    return magic.empty() || std::any_of(magic.begin(), magic.end(), [&](const std::string &m) { return start.starts_with(m); });
}

const Format *formatOfEnding(const std::filesystem::path &path)
{
    const std::string ending = lower(path.extension().string());
    for (const auto &format : formats())
        if (std::find(format.endings.begin(), format.endings.end(), ending) != format.endings.end())
            return &format;
    return nullptr;
}

bool hasPictureExtension(const std::filesystem::path &path)
{
    return formatOfEnding(path) != nullptr;
}

std::vector<std::string> formatTitles()
{
    std::vector<std::string> titles;
    for (const auto &format : formats())
        if (!format.title.empty())
            titles.push_back(format.title);
    return titles;
}

} // namespace files

std::vector<std::string> usualImageEndings()
{
    std::vector<std::string> endings;
    for (const auto &format : files::formats())
        if (format.usual)
            endings.insert(endings.end(), format.endings.begin(), format.endings.end());
    return endings;
}

} // namespace reticle
