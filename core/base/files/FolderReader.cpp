#include "base/files/Names.h"
#include "base/files/Reader.h"

#include <algorithm>
#include <cctype>
#include <list>
#include <mutex>

namespace reticle::files {

namespace fs = std::filesystem;

bool naturalLess(const std::string &a, const std::string &b)
{
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto low = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (digit(a[i]) && digit(b[j])) {
            while (i < a.size() && a[i] == '0')
                ++i;
            while (j < b.size() && b[j] == '0')
                ++j;
            std::size_t ie = i, je = j;
            while (ie < a.size() && digit(a[ie]))
                ++ie;
            while (je < b.size() && digit(b[je]))
                ++je;
            if (ie - i != je - j)
                return ie - i < je - j;
            if (const int c = a.compare(i, ie - i, b, j, je - j))
                return c < 0;
            i = ie;
            j = je;
            continue;
        }
        if (low(a[i]) != low(b[j]))
            return low(a[i]) < low(b[j]);
        ++i;
        ++j;
    }
    if (a.size() - i != b.size() - j)
        return a.size() - i < b.size() - j;
    return a < b;
}

namespace {

/// In lower case.
std::string extensionOf(const fs::path &path)
{
    std::string e = path.extension().string();
    for (char &c : e)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return e;
}

} // namespace

bool hasPictureExtension(const fs::path &path)
{
    const std::string e = extensionOf(path);
    for (const char *known : {".tif", ".tiff", ".btf", ".tf8", ".png", ".jpg", ".jpeg", ".npy", ".bmp", ".gif", ".webp",
                              ".pgm", ".ppm", ".pnm", ".jp2", ".j2k", ".heic", ".avif", ".fits", ".fit"})
        if (e == known)
            return true;
    return false;
}

std::vector<fs::path> picturesIn(const fs::path &folder)
{
    std::vector<fs::path> files;
    try {
        for (const auto &entry : fs::directory_iterator(folder))
            if (entry.path().filename().string().rfind('.', 0) != 0 && hasPictureExtension(entry.path()) &&
                entry.is_regular_file() && (extensionOf(entry.path()) != ".npy" || !holdsNoNumbers(entry.path())))
                files.push_back(entry.path());
    } catch (const fs::filesystem_error &e) {
        throw Error({folder.string(), "a folder that can be read", e.code().message(), {}});
    }
    std::sort(files.begin(), files.end(), [](const fs::path &a, const fs::path &b) {
        return naturalLess(a.filename().string(), b.filename().string());
    });
    return files;
}

std::vector<fs::path> partOf(const std::vector<fs::path> &files, FolderPart part)
{
    std::vector<std::string> stems;
    for (const auto &f : files)
        stems.push_back(stemOf(f));
    const auto roles = rolesOf(stems);
    const bool both = std::count(roles.begin(), roles.end(), Role::Labels) > 0;
    const Role wanted = both && part == FolderPart::Labels ? Role::Labels : Role::Image;
    std::vector<fs::path> some;
    for (std::size_t i = 0; i < files.size(); ++i)
        if (roles[i] == wanted)
            some.push_back(files[i]);
    return some;
}

namespace {

class FolderPages : public FolderSource
{
public:
    FolderPages(const fs::path &folder, bool differing, FolderPart part, bool numbers)
        : m_files(partOf(picturesIn(folder), part))
        , m_purpose(part == FolderPart::Labels || numbers ? Purpose::Labels : Purpose::Image)
    {
        if (m_files.empty())
            throw Error({folder.string(), "a folder with images (TIFF, PNG, JPEG, NumPy, ...)", "a folder without any",
                         "choose the folder that directly holds them"});
        std::vector<std::string> offenders;
        bool kinds = false; // whether any differs in more than its size
        for (std::size_t f = 0; f < m_files.size(); ++f) {
            const auto source = open(f);
            const ImageInfo &i = source->info();
            if (f == 0)
                m_info = i;
            const bool kind = i.channels != m_info.channels || i.dtype != m_info.dtype;
            kinds = kinds || kind;
            if (kind || (!differing && (i.height != m_info.height || i.width != m_info.width)))
                offenders.push_back("\"" + m_files[f].filename().string() + "\" of " + typeText(i));
            m_infos.push_back(i);
            for (std::int64_t p = 0; p < i.pages; ++p)
                m_pages.push_back({f, p});
        }
        if (!offenders.empty()) {
            std::string all;
            for (std::size_t k = 0; k < std::min<std::size_t>(3, offenders.size()); ++k)
                all += (all.empty() ? "" : ", ") + offenders[k];
            if (offenders.size() > 3)
                all += " and " + std::to_string(offenders.size() - 3) + " more";
            throw Error({folder.string(),
                         std::string("slices ") + (differing ? "of one kind" : "of one size and kind") + " (\"" +
                             m_files[0].filename().string() + "\" has " + typeText(m_infos[0]) + ")",
                         all,
                         kinds ? "move the others into a folder of their own"
                               : "open the images one at a time; training and prediction accept several sizes"});
        }
        m_info.path = folder.string();
        m_info.format = "folder";
        m_info.pages = static_cast<std::int64_t>(m_pages.size());
        if (m_files.size() > 1) { // each may hold times and planes, all together are a plain stack
            m_info.times = m_info.planes = 1;
            m_info.axes = m_info.channels > 1 ? "ZYXC" : "ZYX";
        }
    }

    const ImageInfo &info() const override { return m_info; }
    const ImageInfo &pageInfo(std::int64_t page) const override { return m_infos[at(page).file]; }
    const fs::path &fileOf(std::int64_t page) const override { return m_files[at(page).file]; }

    Array readPage(std::int64_t page) const override
    {
        const Page p = at(page);
        const ImageInfo &i = m_infos[p.file];
        return asBefore(p, i.height, i.width, [&] { return source(p.file)->readPage(p.page); });
    }
    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height,
                     std::int64_t width) const override
    {
        const Page p = at(page);
        return asBefore(p, height, width, [&] { return source(p.file)->readRegion(p.page, y, x, height, width); });
    }

private:
    struct Page
    {
        std::size_t file;
        std::int64_t page;
    };

    /// Of an OME-TIFF over several files each gives its own planes: all of them are in the folder.
    std::shared_ptr<ImageSource> open(std::size_t file) const { return openFile(m_files[file], false, m_purpose, true); }

    static std::string typeText(const ImageInfo &i)
    {
        return sizeText(i) + " " + std::string(nameOf(i.dtype)) +
               (i.channels > 1 ? " with " + std::to_string(i.channels) + " channels" : "");
    }

    Page at(std::int64_t page) const
    {
        if (page < 0 || page >= m_info.pages)
            throw Error({m_info.path, "a page from 0 to " + std::to_string(m_info.pages - 1), std::to_string(page), {}});
        return m_pages[static_cast<std::size_t>(page)];
    }

    /// A file may have changed since the folder was opened.
    template <class F> Array asBefore(const Page &p, std::int64_t height, std::int64_t width, F read) const
    {
        Array a = read();
        if (a.dtype() != m_info.dtype || a.shape() != pageShape(m_infos[p.file], height, width))
            throw Error({m_files[p.file].string(), "the image that was there before", "another one",
                         "open the folder again"});
        return a;
    }

    /// The last few files stay open.
    std::shared_ptr<ImageSource> source(std::size_t file) const
    {
        {
            const std::lock_guard lock(m_mutex);
            for (auto it = m_open.begin(); it != m_open.end(); ++it)
                if (it->first == file) {
                    m_open.splice(m_open.begin(), m_open, it);
                    return m_open.front().second;
                }
        }
        auto opened = open(file);
        if (m_infos[file].pages > opened->info().pages)
            throw Error({m_files[file].string(), std::to_string(m_infos[file].pages) + " pages",
                         std::to_string(opened->info().pages), "open the folder again"});
        const std::lock_guard lock(m_mutex);
        m_open.emplace_front(file, opened);
        if (m_open.size() > 4)
            m_open.pop_back();
        return opened;
    }

    std::vector<fs::path> m_files;
    Purpose m_purpose;
    std::vector<ImageInfo> m_infos;
    std::vector<Page> m_pages;
    ImageInfo m_info;
    mutable std::mutex m_mutex;
    mutable std::list<std::pair<std::size_t, std::shared_ptr<ImageSource>>> m_open;
};

} // namespace

std::shared_ptr<FolderSource> openFolder(const fs::path &folder, bool differing, FolderPart part, bool numbers)
{
    return std::make_shared<FolderPages>(folder, differing, part, numbers);
}

} // namespace reticle::files
