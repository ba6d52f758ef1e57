#include "files/LabelValues.h"
#include "files/Names.h"
#include "files/Reader.h"

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

std::vector<fs::path> picturesIn(const fs::path &folder)
{
    std::vector<fs::path> files;
    try {
        for (const auto &entry : fs::directory_iterator(folder))
            if (const auto *format = formatOfEnding(entry.path());
                format && entry.path().filename().string().rfind('.', 0) != 0 && entry.is_regular_file() &&
                (!format->holdsImage || format->holdsImage(entry.path())))
                files.push_back(entry.path());
    } catch (const fs::filesystem_error &e) {
        throw Error({folder.string(), "a folder that can be read", e.code().message(), {}});
    }
    std::sort(files.begin(), files.end(),
              [](const fs::path &a, const fs::path &b) { return naturalLess(a.filename().string(), b.filename().string()); });
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

/// "a.png", "b.png", "c.png" and 2 more; `last` parts the last of those that are all named.
std::string listed(const std::vector<std::string> &all, const char *last = ", ")
{
    std::string text;
    for (std::size_t k = 0; k < std::min<std::size_t>(3, all.size()); ++k)
        text += (k == 0 ? "" : k + 1 == all.size() ? last : ", ") + all[k];
    if (all.size() > 3)
        text += " and " + std::to_string(all.size() - 3) + " more";
    return text;
}

/// A sentence about flows and outlines next to the images; empty where there are none. Of a folder that holds images and labels
/// it is said with the images.
std::string noteOfAside(const std::vector<fs::path> &files, FolderPart part)
{
    std::vector<std::string> stems, aside;
    for (const auto &f : files)
        stems.push_back(stemOf(f));
    const auto roles = rolesOf(stems);
    if (part == FolderPart::Labels && std::count(roles.begin(), roles.end(), Role::Labels) > 0)
        return {};
    for (std::size_t i = 0; i < files.size(); ++i)
        if (roles[i] == Role::Neither)
            aside.push_back("\"" + files[i].filename().string() + "\"");
    if (aside.empty())
        return {};
    const bool one = aside.size() == 1;
    return listed(aside, " and ") + (one ? " is" : " are") + " not read, because the " + (one ? "name says" : "names say") +
           " that " + (one ? "it shows" : "they show") +
           " flows, outlines or an overlay of another image in the folder. Rename " +
           (one ? "it to read it as an image." : "them to read them as images.");
}

/// The smallest number type that holds the labels of both types as they are; nothing where none does.
std::optional<DType> typeOfBoth(DType a, DType b)
{
    const auto real = [](DType t) { return t == DType::Float32 || t == DType::Float64; };
    const auto isSigned = [](DType t) { return t == DType::Int8 || t == DType::Int16 || t == DType::Int32 || t == DType::Int64; };
    if (a == b)
        return a;
    if (real(a) || real(b)) {
        if (a == DType::Int64 || b == DType::Int64)
            return {};
        const auto exact = [&](DType t) { return t == DType::Float32 || (!real(t) && byteSize(t) <= 2); };
        return exact(a) && exact(b) ? DType::Float32 : DType::Float64;
    }
    if (isSigned(a) == isSigned(b))
        return byteSize(a) > byteSize(b) ? a : b;
    // One bit more than the unsigned numbers.
    const auto bytes = std::max(byteSize(isSigned(a) ? a : b), 2 * byteSize(isSigned(a) ? b : a));
    return bytes <= 2 ? DType::Int16 : bytes <= 4 ? DType::Int32 : DType::Int64;
}

class FolderPages : public FolderSource
{
public:
    FolderPages(const fs::path &folder, bool differing, FolderPart part, bool numbers)
        : m_files(partOf(picturesIn(folder), part)),
          m_purpose(part == FolderPart::Labels || numbers ? Purpose::Labels : Purpose::Image)
    {
        if (m_files.empty())
            throw Error({folder.string(), "a folder with images (TIFF, PNG, JPEG, NumPy, ...)", "a folder without any",
                         "choose the folder that directly holds them"});
        std::vector<std::string> offenders;
        bool kinds = false; // whether any differs in more than its size
        const bool labels = part == FolderPart::Labels;
        for (std::size_t f = 0; f < m_files.size(); ++f) {
            const auto source = open(f);
            const ImageInfo &i = source->info();
            if (f == 0)
                m_info = i;
            const bool kind = !fits(i, labels);
            kinds = kinds || kind;
            if (kind || (!differing && (i.height != m_info.height || i.width != m_info.width)))
                offenders.push_back("\"" + m_files[f].filename().string() + "\" of " + typeText(i));
            m_infos.push_back(i);
            m_stored.push_back({i.dtype, i.channels, i.alpha});
            for (std::int64_t p = 0; p < i.pages; ++p)
                m_pages.push_back({f, p});
        }
        if (!offenders.empty()) {
            throw Error({folder.string(),
                         std::string("slices ") + (differing ? "of one kind" : "of one size and kind") + " (\"" +
                             m_files[0].filename().string() + "\" has " + typeText(m_infos[0]) + ")",
                         listed(offenders),
                         kinds ? "move the others into a folder of their own"
                               : "open the images one at a time; training and prediction accept several sizes"});
        }
        if (labels)
            for (auto &i : m_infos) {
                i.bits = i.dtype == m_info.dtype ? i.bits : 0;
                i.dtype = m_info.dtype;
                i.channels = m_info.channels;
                i.alpha = m_info.alpha;
            }
        if (auto note = noteOfAside(picturesIn(folder), part); !note.empty())
            m_info.notes.push_back(std::move(note));
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
    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const override
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

    /// What a file gives out.
    struct Stored
    {
        DType dtype = DType::UInt8;
        std::int64_t channels = 1;
        bool alpha = false;
    };

    /// Whether pages of a file are of the kind of those before. The values of labels say all: they may be stored in several
    /// number types, and as gray next to RGB whose channels agree. All are then given out in one type, and as gray.
    bool fits(const ImageInfo &i, bool labels)
    {
        const bool sameChannels = i.channels == m_info.channels && (!labels || i.alpha == m_info.alpha);
        if (sameChannels && i.dtype == m_info.dtype)
            return true;
        const auto gray = [](const ImageInfo &one) {
            const auto colors = one.channels - (one.alpha ? 1 : 0);
            return colors == 1 || colors == 3;
        };
        const auto type = typeOfBoth(i.dtype, m_info.dtype);
        if (!labels || !type || (!sameChannels && !(gray(i) && gray(m_info))))
            return false;
        if (i.dtype != m_info.dtype)
            m_info.bits = 0;
        m_info.dtype = *type;
        if (!sameChannels) {
            m_info.channels = 1;
            m_info.alpha = false;
        }
        return true;
    }

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
        const Stored &stored = m_stored[p.file];
        ImageInfo before = m_infos[p.file];
        before.channels = stored.channels;
        if (a.dtype() != stored.dtype || a.shape() != pageShape(before, height, width))
            throw Error({m_files[p.file].string(), "the image that was there before", "another one", "open the folder again"});
        if (stored.channels != m_info.channels)
            a = plainLabels(a, stored.alpha, 0,
                            before.pages > 1 ? pageName(m_files[p.file].string(), p.page) : m_files[p.file].string());
        return a.dtype() == m_info.dtype ? a : a.as(m_info.dtype);
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
    std::vector<ImageInfo> m_infos; ///< as they are given out
    std::vector<Stored> m_stored;   ///< of the same files
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
