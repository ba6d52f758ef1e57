#include "files/StackWriter.h"

#include "files/ImageWriter.h"
#include "files/Names.h"
#include "files/PartFiles.h"
#include "files/Pictures.h"
#include "files/Reader.h"
#include "files/SiblingFile.h"
#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

namespace reticle {

namespace fs = std::filesystem;

namespace {

constexpr const char *known = ".tif, .tiff, .ome.tif, .png or .npy, or a folder";

std::string lowerCase(std::string text)
{
    for (char &c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

bool isFolder(const fs::path &path)
{
    std::error_code code;
    return fs::is_directory(path, code);
}

/// Of one of the plan's files.
TiffStack stackOf(const StackPlan &plan, const ImageInfo &file, bool ome)
{
    return {file.pixelSizeX, file.pixelSizeZ, file.pixelSizeY, file.pages, file.times, file.planes, ome, plan.probabilityClass};
}

void requireAll(const fs::path &path, std::size_t written, std::size_t planned)
{
    if (written != planned)
        throw Error(Error::Kind::Failed, path.string(), fmt::format("{} of its {} pages were written.", written, planned));
}

class TiffStackWriter : public StackWriter
{
public:
    TiffStackWriter(const fs::path &path, const StackPlan &plan, bool ome)
        : m_path(path), m_planned(plan.pages.size()), m_writer(path, bytesOf(plan), described(plan, ome))
    {
    }
    void writePage(const Array &page) override
    {
        m_writer.writePage(page);
        ++m_written;
    }
    void close(bool early) override
    {
        if (!early)
            requireAll(m_path, m_written, m_planned);
        m_writer.close();
    }

private:
    static std::int64_t bytesOf(const StackPlan &plan)
    {
        std::int64_t bytes = 0;
        for (const auto &p : plan.pages)
            bytes += p.height * p.width * plan.pixelBytes;
        return bytes;
    }
    /// A plain stack does not say how many pages it has, which then may be fewer.
    static TiffStack described(const StackPlan &plan, bool ome)
    {
        auto stack = stackOf(plan, plan.files.front(), ome);
        if (!ome && stack.times == 1 && stack.planes == 1)
            stack.pages = 0;
        return stack;
    }

    fs::path m_path;
    std::size_t m_planned, m_written = 0;
    TiffWriter m_writer;
};

class NpyStackWriter : public StackWriter
{
public:
    NpyStackWriter(const fs::path &path, const StackPlan &plan) : m_writer(path, static_cast<std::int64_t>(plan.pages.size())) {}
    void writePage(const Array &page) override { m_writer.write(page); }
    void close(bool early) override { m_writer.close(early); }

private:
    NpyWriter m_writer;
};

class PngWriter : public StackWriter
{
public:
    PngWriter(fs::path path, const StackPlan &plan, StackNumbers numbers)
        : m_path(std::move(path)), m_numbers(numbers), m_class(plan.probabilityClass)
    {
    }
    void writePage(const Array &page) override { m_page = m_numbers == StackNumbers::Probability ? scaled(page) : page; }
    void close(bool) override
    {
        if (m_page.empty())
            throw Error(Error::Kind::Failed, m_path.string(), "a PNG needs a page");
        if (m_page.dtype() != DType::UInt8 && m_page.dtype() != DType::UInt16)
            throw Error({m_path.string(), "numbers that a PNG can hold, up to 65535",
                         "numbers of type " + std::string(nameOf(m_page.dtype())), "choose a name that ends in .tif"});
        writePng(m_path, m_page, m_class);
    }

private:
    static Array scaled(const Array &page)
    {
        Array out(DType::UInt16, page.shape());
        for (std::int64_t i = 0; i < page.size(); ++i)
            out.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(std::lround(std::clamp(page.value(i), 0.0, 1.0) * 65535));
        return out;
    }

    fs::path m_path;
    StackNumbers m_numbers;
    std::int64_t m_class;
    Array m_page;
};

/// A folder next to the place, which gets its name at the end; or one in it where it is there already, whose files move up
/// then, as the place may be a disk of its own. Removed with what is in it unless that was done.
class BesideFolder
{
public:
    explicit BesideFolder(const fs::path &place) : m_asked(place), m_place(requireOutput(place, Place::Folder))
    {
        m_there = isFolder(m_place);
        const auto parent = m_there ? m_place : fs::absolute(m_place).parent_path();
        files::removeLeftPartsOnce(parent);
        m_beside = parent / files::partName(m_place.filename().string());
        if (::mkdir(m_beside.c_str(), 0777) != 0)
            fail(errno);
    }
    ~BesideFolder()
    {
        if (m_done)
            return;
        std::error_code code;
        for (const auto &name : m_names)
            fs::remove(m_beside / name, code);
        fs::remove(m_beside, code);
    }
    BesideFolder(const BesideFolder &) = delete;
    BesideFolder &operator=(const BesideFolder &) = delete;

    /// Throws Error where a file of that name may not be put into the place.
    void requireFile(const std::string &name) const
    {
        if (!m_there)
            return;
        outputTarget(m_asked / name);
        outputTarget(m_place / name); // where the files go, also if a link in m_asked has changed
    }
    fs::path file(const std::string &name)
    {
        m_names.push_back(name);
        return m_beside / name;
    }
    void finish()
    {
        if (!m_there) {
            if (::rename(m_beside.c_str(), m_place.c_str()) != 0)
                fail(errno);
            files::syncFolder(fs::absolute(m_place).parent_path());
        } else {
            for (const auto &name : m_names)
                requireFile(name); // inputs may have come meanwhile
            for (const auto &name : m_names)
                if (::rename((m_beside / name).c_str(), (m_place / name).c_str()) != 0)
                    fail(errno);
            ::rmdir(m_beside.c_str());
            files::syncFolder(m_place);
        }
        m_done = true;
    }

private:
    [[noreturn]] void fail(int code) const
    {
        throw Error(Error::Kind::Failed, m_place.string(), "it cannot be written: " + files::writeProblem(code));
    }

    fs::path m_asked; ///< as it was asked for
    fs::path m_place, m_beside;
    std::vector<std::string> m_names;
    bool m_there = false, m_done = false;
};

class FolderWriter : public StackWriter
{
public:
    FolderWriter(const fs::path &path, const StackPlan &plan) : m_path(path), m_plan(plan), m_folder(path)
    {
        // A single stack becomes a file for each of its pages.
        m_single = !plan.fromFolder && plan.pages.size() > 1;
        std::set<std::string> seen;
        for (const auto &page : plan.pages) {
            if (!m_names.empty() && page.file == m_file && !m_single)
                continue;
            m_file = page.file;
            std::string name = m_single ? nameOfPage(m_names.size()) : page.name;
            for (int n = 2; !seen.insert(lowerCase(name)).second; ++n) // "a.png" and "a.jpg"
                name = fmt::format("{}-{}", page.name, n);
            m_folder.requireFile(name + ".tif");
            m_names.push_back(name);
        }
        m_file = -1;
    }
    void writePage(const Array &page) override
    {
        const auto &planned = m_plan.pages.at(m_page++);
        if (m_single || planned.file != m_file) {
            if (m_writer)
                m_writer->close();
            m_file = planned.file;
            auto stack = stackOf(m_plan, m_plan.files.at(static_cast<std::size_t>(m_file)), false);
            if (m_single) {
                stack.pages = stack.times = stack.planes = 1;
                stack.sliceDistance = 0;
            }
            const auto bytes = planned.height * planned.width * m_plan.pixelBytes * stack.pages;
            m_writer = std::make_unique<TiffWriter>(m_folder.file(m_names.at(m_begun++) + ".tif"), bytes, stack);
        }
        m_writer->writePage(page);
    }
    void close(bool early) override
    {
        if (!early || !m_single || m_page == 0)
            requireAll(m_path, m_page, m_plan.pages.size());
        m_writer->close();
        m_writer.reset();
        m_folder.finish();
    }

private:
    std::string nameOfPage(std::size_t page) const
    {
        const auto &info = m_plan.files.front();
        const auto digits = [](std::int64_t count) { return std::to_string(count - 1).size(); };
        const auto &stem = m_plan.pages.front().name;
        const auto each = info.pages / info.times; // of a time point
        if (info.times == 1)
            return fmt::format("{}-{:0{}}", stem, page, digits(info.pages));
        const auto p = static_cast<std::int64_t>(page);
        const auto time = fmt::format("{}-t{:0{}}", stem, p / each, digits(info.times));
        return each == 1 ? time : time + fmt::format("-z{:0{}}", p % each, digits(each));
    }

    fs::path m_path;
    StackPlan m_plan;
    BesideFolder m_folder;
    bool m_single = false;
    std::vector<std::string> m_names;     ///< of the files, without ending
    std::unique_ptr<TiffWriter> m_writer; ///< before the folder's destruction its unfinished file goes
    std::int64_t m_file = -1;
    std::size_t m_page = 0, m_begun = 0;
};

} // namespace

StackFormat stackFormat(const fs::path &output)
{
    if (output.empty())
        throw Error({"output", std::string("a name that ends in ") + known, "none", {}});
    if (isFolder(output) || !output.has_filename())
        return StackFormat::Folder;
    const std::string name = lowerCase(output.filename().string());
    const auto ends = [&](const char *ending) { return name.ends_with(ending); };
    if (ends(".ome.tif") || ends(".ome.tiff"))
        return StackFormat::OmeTiff;
    if (ends(".tif") || ends(".tiff") || ends(".btf") || ends(".tf8"))
        return StackFormat::Tiff;
    if (ends(".png"))
        return StackFormat::Png;
    if (ends(".npy"))
        return StackFormat::Npy;
    const auto ending = output.extension().string();
    if (ending.empty())
        return StackFormat::Folder;
    throw Error({output.string(), std::string("a name that ends in ") + known, "\"" + ending + "\"",
                 "choose one of these; a name without an ending is a folder"});
}

Place stackPlace(const fs::path &output)
{
    return stackFormat(output) == StackFormat::Folder ? Place::Folder : Place::File;
}

StackPlan StackPlan::of(const ImageSource &source)
{
    std::vector<std::int64_t> all(static_cast<std::size_t>(source.info().pages));
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::int64_t>(i);
    return of(source, all);
}

StackPlan StackPlan::of(const ImageSource &source, const std::vector<std::int64_t> &chosen)
{
    StackPlan plan;
    const auto *folder = dynamic_cast<const files::FolderSource *>(&source);
    plan.fromFolder = folder != nullptr;
    std::string last;
    for (const auto page : chosen) {
        const ImageInfo &info = pageInfo(source, page);
        const std::string file = folder ? folder->fileOf(page).string() : source.info().path;
        if (plan.files.empty() || file != last) {
            plan.files.push_back(info);
            plan.files.back().pages = 0;
            last = file;
        }
        ++plan.files.back().pages;
        const auto name = files::stemOf(file);
        plan.pages.push_back(
            {info.height, info.width, name.empty() ? "image" : name, static_cast<std::int64_t>(plan.files.size()) - 1});
    }
    for (auto &file : plan.files) {
        // Of some pages only there is no order of times.
        if (file.times * file.planes < 1 || file.pages % (file.times * file.planes) != 0 ||
            static_cast<std::int64_t>(chosen.size()) != source.info().pages)
            file.times = file.planes = 1;
    }
    return plan;
}

bool StackPlan::oneSize() const
{
    return std::all_of(pages.begin(), pages.end(),
                       [this](const Page &p) { return p.height == pages.front().height && p.width == pages.front().width; });
}

namespace {

/// As one file has them: of several files a plain stack.
StackPlan together(StackPlan plan)
{
    if (plan.files.size() > 1) {
        plan.files.resize(1);
        plan.files.front().times = plan.files.front().planes = 1;
        for (auto &page : plan.pages)
            page.file = 0;
    }
    plan.files.front().pages = static_cast<std::int64_t>(plan.pages.size());
    return plan;
}

} // namespace

void requireFormat(const fs::path &output, const StackPlan &plan, StackNumbers numbers)
{
    const auto format = stackFormat(output);
    if (plan.pages.empty())
        throw Error({output.string(), "at least one page to write", "none", {}});
    if (format == StackFormat::Folder)
        return;
    const auto &first = plan.pages.front();
    const auto other = std::find_if(plan.pages.begin(), plan.pages.end(),
                                    [&](const auto &p) { return p.height != first.height || p.width != first.width; });
    if (other != plan.pages.end())
        throw Error({output.string(), "images of one size for one file",
                     fmt::format("\"{}\" of {} x {} and \"{}\" of {} x {}", first.name, first.width, first.height, other->name,
                                 other->width, other->height),
                     "choose a folder, a name without an ending; it gets one file for each image"});
    if (format != StackFormat::Png)
        return;
    if (plan.pages.size() > 1)
        throw Error({output.string(), "one page for a PNG", fmt::format("{} pages", plan.pages.size()),
                     "choose a name that ends in .tif, or a folder (a name without an ending)"});
    if (numbers == StackNumbers::Values)
        throw Error({output.string(), "whole numbers or probabilities for a PNG", "floating point numbers of any size",
                     "choose a name that ends in .tif or .npy"});
}

std::string formatNote(const fs::path &output, StackNumbers numbers, std::int64_t probabilityClass)
{
    if (numbers != StackNumbers::Probability)
        return {};
    const auto format = stackFormat(output);
    if (format == StackFormat::Npy && probabilityClass == 0)
        return "A .npy file cannot say that it holds the probability of class 0, so analyses read it as that of the foreground. "
               "Choose a name that ends in .tif to have it read correctly.";
    if (format != StackFormat::Png)
        return {};
    return "The PNG holds the probabilities as whole numbers from 0 to 65535. 65535 is probability 1.";
}

std::unique_ptr<StackWriter> StackWriter::open(const fs::path &output, const StackPlan &plan, StackNumbers numbers)
{
    requireFormat(output, plan, numbers);
    switch (stackFormat(output)) {
    case StackFormat::Folder: return std::make_unique<FolderWriter>(output, plan);
    case StackFormat::Npy: return std::make_unique<NpyStackWriter>(output, plan);
    case StackFormat::Png: return std::make_unique<PngWriter>(output, plan, numbers);
    case StackFormat::OmeTiff: return std::make_unique<TiffStackWriter>(output, together(plan), true);
    case StackFormat::Tiff: break;
    }
    return std::make_unique<TiffStackWriter>(output, together(plan), false);
}

} // namespace reticle
