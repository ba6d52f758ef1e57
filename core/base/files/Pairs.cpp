#include "base/files/Pairs.h"

#include "base/files/LabelValues.h"

#include <algorithm>

namespace reticle::files {

namespace fs = std::filesystem;

namespace {

std::string sideText(const Slices &s)
{
    return std::to_string(s.pages()) + (s.pages() == 1 ? " page" : " pages");
}

/// The files of a folder in order, each with its first page and how many there are.
struct FilePages
{
    std::string stem, name;
    std::int64_t first = 0, count = 0;
};

std::vector<FilePages> filesOf(const Slices &slices)
{
    std::vector<FilePages> files;
    for (std::int64_t s = 0; s < slices.pages(); ++s) {
        if (files.empty() || files.back().name != slices.name(s))
            files.push_back({slices.fileStem(s), slices.name(s), s, 0});
        ++files.back().count;
    }
    return files;
}

std::string inQuotes(const std::string &file)
{
    return "\"" + fs::path(file).filename().string() + "\"";
}

/// Label files in the order of the images where their names match one to one.
void pairByName(const Slices &images, Slices &labels, const fs::path &where)
{
    const auto imageFiles = filesOf(images), labelFiles = filesOf(labels);
    const auto stems = [](const std::vector<FilePages> &files) {
        std::vector<std::string> all;
        for (const auto &f : files)
            all.push_back(f.stem);
        return all;
    };
    const auto match = matchNames(stems(imageFiles), stems(labelFiles));
    if (!match.several.empty()) {
        const auto &[image, all] = match.several.front();
        std::string found;
        for (std::size_t i = 0; i < all.size() && i < 3; ++i)
            found += (i ? ", " : "") + inQuotes(labelFiles[static_cast<std::size_t>(all[i])].name);
        throw Error({where.string(), "one label file for " + inQuotes(imageFiles[static_cast<std::size_t>(image)].name), found,
                     "move all but one of them into another folder"});
    }
    if (match.matched == 0)
        return; // named after different things: in order, if there are as many
    std::vector<std::string> alone;
    std::vector<std::int64_t> order;
    for (std::size_t i = 0; i < imageFiles.size(); ++i) {
        if (match.labels[i] < 0) {
            alone.push_back(imageFiles[i].name);
            continue;
        }
        const auto &file = labelFiles[static_cast<std::size_t>(match.labels[i])];
        if (file.count != imageFiles[i].count)
            throw Error({file.name, std::to_string(imageFiles[i].count) + " pages of labels, as many as " + inQuotes(imageFiles[i].name) + " has",
                         std::to_string(file.count), "save labels for every page"});
        for (std::int64_t p = 0; p < file.count; ++p)
            order.push_back(file.first + p);
    }
    if (alone.empty() && match.matched == static_cast<std::int64_t>(labelFiles.size())) {
        labels.reorder(std::move(order));
        return;
    }
    std::string found;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, alone.size()); ++i)
        found += (i ? ", " : "none for ") + inQuotes(alone[i]);
    if (alone.size() > 3)
        found += " and " + std::to_string(alone.size() - 3) + " more";
    if (found.empty())
        found = std::to_string(labelFiles.size() - imageFiles.size()) + " too many";
    throw Error({where.string(), "one label file for each of the " + std::to_string(imageFiles.size()) + " images", found,
                 "give labels the name of their image, such as \"x_mask\" for \"x\""});
}

} // namespace

std::string kindText(const ImageInfo &info)
{
    std::string s = sizeText(info);
    const std::int64_t colours = info.channels - (info.alpha ? 1 : 0);
    if (colours == 3)
        s += " RGB";
    else if (colours > 1)
        s += " with " + std::to_string(colours) + " channels";
    s += ", " + std::to_string(8 * byteSize(info.dtype)) + " bit";
    if (info.dtype == DType::Float32 || info.dtype == DType::Float64)
        s += " floating point";
    return s;
}

Slices::Slices(const fs::path &path, bool labels)
{
    if (fs::is_directory(path)) {
        m_folder = openFolder(path, true, labels ? FolderPart::Labels : FolderPart::Images);
        m_source = m_folder;
    } else {
        m_source = labels ? openLabels(path) : openImage(path);
    }
    for (std::int64_t p = 0; p < m_source->info().pages; ++p)
        m_order.push_back(p);
}

const ImageInfo &Slices::infoOf(std::int64_t slice) const
{
    return m_folder ? m_folder->pageInfo(m_order.at(static_cast<std::size_t>(slice))) : m_source->info();
}

std::int64_t Slices::colours() const
{
    return info().channels - (info().alpha ? 1 : 0);
}

std::string Slices::fileStem(std::int64_t slice) const
{
    return stemOf(m_folder->fileOf(m_order.at(static_cast<std::size_t>(slice))));
}

std::string Slices::name(std::int64_t slice) const
{
    const auto page = m_order.at(static_cast<std::size_t>(slice));
    if (m_folder)
        return m_folder->fileOf(page).string();
    return m_source->info().pages > 1 ? pageName(m_source->info().path, page) : m_source->info().path;
}

Array Slices::image(std::int64_t slice) const
{
    return m_source->readPage(m_order.at(static_cast<std::size_t>(slice)));
}

Array Slices::region(std::int64_t slice, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const
{
    return m_source->readRegion(m_order.at(static_cast<std::size_t>(slice)), y, x, height, width);
}

Array Slices::labels(std::int64_t slice, double threshold) const
{
    return plainLabels(image(slice), info().alpha, threshold, name(slice));
}

std::string Slices::text() const
{
    const auto n = pages();
    bool equal = true;
    for (std::int64_t s = 0; m_folder && s < n; ++s)
        equal = equal && height(s) == info().height && width(s) == info().width;
    const std::string what = n == 1 ? "an image" : std::to_string(n) + (m_folder ? " images" : " slices");
    return what + " of " + (equal ? "" : "several sizes, the first ") + kindText(info());
}

SlicePair openPair(const fs::path &images, const fs::path &labels)
{
    SlicePair pair{std::make_shared<Slices>(images, false), std::make_shared<Slices>(labels, true)};
    if (pair.images->isFolder() && pair.labels->isFolder())
        pairByName(*pair.images, *pair.labels, labels);
    if (pair.images->pages() != pair.labels->pages())
        throw Error({labels.string(), sideText(*pair.images) + " of labels, as many as \"" + images.string() + "\" has",
                     sideText(*pair.labels), "choose labels that were drawn on these images"});
    std::string offenders;
    std::int64_t count = 0;
    for (std::int64_t s = 0; s < pair.images->pages(); ++s) {
        if (pair.images->height(s) == pair.labels->height(s) && pair.images->width(s) == pair.labels->width(s))
            continue;
        if (++count <= 3)
            offenders += (offenders.empty() ? "" : "; ") + ("slice " + std::to_string(s) + " of ") +
                         std::to_string(pair.labels->width(s)) + " x " + std::to_string(pair.labels->height(s)) + " beside " +
                         std::to_string(pair.images->width(s)) + " x " + std::to_string(pair.images->height(s));
    }
    if (count > 3)
        offenders += "; " + std::to_string(count - 3) + " more";
    if (count)
        throw Error({labels.string(), "labels of the same size as the images", offenders,
                     "choose labels that were drawn on these images"});
    return pair;
}

} // namespace reticle::files
