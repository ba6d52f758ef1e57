#include "files/Pairs.h"

#include "files/LabelValues.h"
#include "files/Pictures.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace reticle::files {

namespace fs = std::filesystem;

namespace {

/// The files of a folder in order, each with its first page and how many there are.
struct FilePages
{
    fs::path file;
    std::int64_t first = 0, count = 0;
};

template <class FileOf> std::vector<FilePages> filesOf(std::int64_t pages, FileOf fileOf)
{
    std::vector<FilePages> files;
    for (std::int64_t p = 0; p < pages; ++p) {
        const fs::path file = fileOf(p);
        if (files.empty() || files.back().file != file)
            files.push_back({file, p, 0});
        ++files.back().count;
    }
    return files;
}

std::string inQuotes(const fs::path &file)
{
    return "\"" + file.filename().string() + "\"";
}

std::string named(const std::vector<fs::path> &files)
{
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, files.size()); ++i)
        text += (i ? ", " : "") + inQuotes(files[i]);
    if (files.size() > 3)
        text += " and " + std::to_string(files.size() - 3) + " more";
    return text;
}

/// A name without the words that say predictions, "a" of "a_probability"; as it is where nothing else would be left.
std::string withoutPredictionWords(const std::string &stem)
{
    static const std::set<std::string> known = {"probability", "probabilities", "prob",   "probs", "prediction",
                                                "predictions", "predicted",     "pred",   "preds", "output",
                                                "outputs",     "result",        "results"};
    const auto kindOf = [](unsigned char c) { return std::isdigit(c) ? 1 : std::isalpha(c) || c >= 0x80 ? 2 : 0; };
    std::string rest;
    for (std::size_t begin = 0; begin < stem.size();) {
        const int kind = kindOf(static_cast<unsigned char>(stem[begin]));
        std::size_t end = begin;
        std::string word;
        while (end < stem.size() && kindOf(static_cast<unsigned char>(stem[end])) == kind)
            word += static_cast<char>(std::tolower(static_cast<unsigned char>(stem[end++])));
        rest += known.count(word) ? std::string() : stem.substr(begin, end - begin);
        begin = end;
    }
    const bool any = std::any_of(rest.begin(), rest.end(), [&](char c) { return kindOf(static_cast<unsigned char>(c)) != 0; });
    return any ? rest : stem;
}

std::vector<std::string> stemsOf(const std::vector<FilePages> &files, bool predictions)
{
    std::vector<std::string> all;
    for (const auto &f : files)
        all.push_back(predictions ? withoutPredictionWords(stemOf(f.file)) : stemOf(f.file));
    return all;
}

/// What others are of, in an error.
std::string wayOut(const std::string &what)
{
    return what == "labels" ? "choose labels that were drawn on these images" : "choose " + what + " that belong to these files";
}

/// The order of pages that puts the file of `others` with the name of each of `first` in its place; nothing where their
/// names have nothing in common. Throws Error naming files without a partner where only some have one, and two for one.
std::vector<std::int64_t> orderByName(const std::vector<FilePages> &first, const std::vector<FilePages> &others,
                                      const fs::path &where, const std::string &what)
{
    const auto whole = [&](const NameMatch &m) {
        return m.several.empty() && m.matched == static_cast<std::int64_t>(first.size()) && first.size() == others.size();
    };
    auto match = matchNames(stemsOf(first, false), stemsOf(others, false));
    if (!whole(match))
        if (auto more = matchNames(stemsOf(first, true), stemsOf(others, true)); whole(more) || more.matched > match.matched)
            match = std::move(more);
    const bool labels = what == "labels";
    if (!match.several.empty()) {
        const auto &[image, all] = match.several.front();
        std::vector<fs::path> files;
        for (const auto i : all)
            files.push_back(others[static_cast<std::size_t>(i)].file);
        throw Error({where.string(),
                     (labels ? "one label file for " : "one file for ") + inQuotes(first[static_cast<std::size_t>(image)].file),
                     named(files), "move all but one of them into another folder"});
    }
    if (match.matched == 0)
        return {}; // named after different things: in order, if there are as many
    std::vector<fs::path> alone, leftOver;
    std::vector<std::int64_t> order;
    std::vector<bool> taken(others.size(), false);
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (match.labels[i] < 0) {
            alone.push_back(first[i].file);
            continue;
        }
        const auto &file = others[static_cast<std::size_t>(match.labels[i])];
        taken[static_cast<std::size_t>(match.labels[i])] = true;
        if (file.count != first[i].count)
            throw Error(
                {file.file.string(),
                 std::to_string(first[i].count) + " pages of " + what + ", as many as " + inQuotes(first[i].file) + " has",
                 std::to_string(file.count), "save " + what + " for every page"});
        for (std::int64_t p = 0; p < file.count; ++p)
            order.push_back(file.first + p);
    }
    for (std::size_t i = 0; i < others.size(); ++i)
        if (!taken[i])
            leftOver.push_back(others[i].file);
    if (alone.empty() && leftOver.empty())
        return order;
    std::string found = alone.empty() ? "" : "none for " + named(alone);
    if (!leftOver.empty())
        found += (found.empty() ? "" : "; ") + ("no image for " + named(leftOver));
    throw Error(
        {where.string(),
         (labels ? "one label file for each of the " : "one file for each of the ") + std::to_string(first.size()) + " images",
         found, labels ? "give labels the name of their image, such as \"x_mask\" for \"x\"" : "give both the same name"});
}

/// What is said of files that are paired in order; nothing of one file each.
std::string noteOfOrder(const std::vector<FilePages> &first, const std::vector<FilePages> &others)
{
    if (first.size() < 2 && others.size() < 2)
        return {};
    fs::path a = first.front().file.parent_path(), b = others.front().file.parent_path();
    if (a.filename() != b.filename()) {
        a = a.filename();
        b = b.filename();
    }
    return "The files of \"" + a.string() + "\" and \"" + b.string() +
           "\" are paired in order, because no names match. Check that the order is right, or give the two files of each pair "
           "the same name.";
}

std::string pagesText(std::int64_t pages)
{
    return std::to_string(pages) + (pages == 1 ? " page" : " pages");
}

/// Throws Error unless there are as many pages of the same sizes; `sizeOf`(page): width, height.
template <class SizeOf, class OtherSizeOf> void requireSame(std::int64_t pages, const std::string &name, std::int64_t others,
                                                            const fs::path &where, const std::string &what, SizeOf sizeOf,
                                                            OtherSizeOf otherSizeOf)
{
    if (pages != others)
        throw Error({where.string(), pagesText(pages) + " of " + what + ", as many as \"" + name + "\" has", pagesText(others),
                     wayOut(what)});
    std::string offenders;
    std::int64_t count = 0;
    const auto text = [](const std::pair<std::int64_t, std::int64_t> &size) {
        return std::to_string(size.first) + " x " + std::to_string(size.second);
    };
    for (std::int64_t s = 0; s < pages; ++s) {
        const std::pair<std::int64_t, std::int64_t> size = sizeOf(s), otherSize = otherSizeOf(s);
        if (size != otherSize && ++count <= 3)
            offenders += (offenders.empty() ? "" : "; ") + ("slice " + std::to_string(s) + " of ") + text(otherSize) +
                         " next to " + text(size);
    }
    if (count > 3)
        offenders += "; " + std::to_string(count - 3) + " more";
    if (count)
        throw Error({where.string(),
                     what + (what == "labels" ? " of the same size as the images" : " of the same size as \"" + name + "\""),
                     offenders, wayOut(what)});
}

/// Pages of a folder in another order.
class Reordered : public FolderSource
{
public:
    Reordered(std::shared_ptr<FolderSource> source, std::vector<std::int64_t> order)
        : m_source(std::move(source)), m_order(std::move(order))
    {
    }
    const ImageInfo &info() const override { return m_source->info(); }
    const ImageInfo &pageInfo(std::int64_t page) const override { return m_source->pageInfo(at(page)); }
    const fs::path &fileOf(std::int64_t page) const override { return m_source->fileOf(at(page)); }
    Array readPage(std::int64_t page) const override { return m_source->readPage(at(page)); }
    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const override
    {
        return m_source->readRegion(at(page), y, x, height, width);
    }

private:
    /// One that is not there stays as it is, for the source to say so.
    std::int64_t at(std::int64_t page) const
    {
        const bool known = page >= 0 && page < static_cast<std::int64_t>(m_order.size());
        return known ? m_order[static_cast<std::size_t>(page)] : page;
    }

    std::shared_ptr<FolderSource> m_source;
    std::vector<std::int64_t> m_order;
};

} // namespace

std::string kindText(const ImageInfo &info)
{
    std::string s = sizeText(info);
    const std::int64_t colors = info.channels - (info.alpha ? 1 : 0);
    if (colors == 3)
        s += " RGB";
    else if (colors > 1)
        s += " with " + std::to_string(colors) + " channels";
    s += ", " + std::to_string(8 * byteSize(info.dtype)) + " bit";
    if (info.dtype == DType::Float32 || info.dtype == DType::Float64)
        s += " floating point";
    return s;
}

Slices::Slices(const fs::path &path, bool labels, bool numbers)
{
    if (fs::is_directory(path)) {
        m_folder = openFolder(path, true, labels ? FolderPart::Labels : FolderPart::Images, numbers);
        m_source = m_folder;
    } else {
        m_source = labels || numbers ? openLabels(path) : openImage(path);
    }
    for (std::int64_t p = 0; p < m_source->info().pages; ++p)
        m_order.push_back(p);
}

const ImageInfo &Slices::infoOf(std::int64_t slice) const
{
    return m_folder ? m_folder->pageInfo(m_order.at(static_cast<std::size_t>(slice))) : m_source->info();
}

std::int64_t Slices::colors() const
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

void orderLike(const Slices &first, Slices &others, const fs::path &where, const std::string &what)
{
    if (!first.isFolder() || !others.isFolder())
        return;
    const auto pagesOf = [](const Slices &s) { return filesOf(s.pages(), [&](std::int64_t p) { return fs::path(s.name(p)); }); };
    const auto files = pagesOf(first), otherFiles = pagesOf(others);
    auto order = orderByName(files, otherFiles, where, what);
    if (order.empty())
        others.setOrderNote(noteOfOrder(files, otherFiles));
    else
        others.reorder(std::move(order));
}

SlicePair openPair(const fs::path &images, const fs::path &labels, bool numbers)
{
    SlicePair pair{std::make_shared<Slices>(images, false, numbers), std::make_shared<Slices>(labels, true)};
    orderLike(*pair.images, *pair.labels, labels, "labels");
    const auto sizeOf = [](const Slices &s) { return [&s](std::int64_t p) { return std::pair{s.width(p), s.height(p)}; }; };
    requireSame(pair.images->pages(), images.string(), pair.labels->pages(), labels, "labels", sizeOf(*pair.images),
                sizeOf(*pair.labels));
    return pair;
}

std::shared_ptr<ImageSource> openPartner(const ImageSource &first, const fs::path &path, FolderPart part, const std::string &what,
                                         std::vector<std::string> *notes)
{
    std::shared_ptr<ImageSource> other;
    std::error_code code;
    if (fs::is_directory(path, code)) {
        auto folder = openFolder(path, true, part);
        other = folder;
        if (const auto *named = dynamic_cast<const FolderSource *>(&first)) {
            const auto pagesOf = [](const FolderSource &s) {
                return filesOf(s.info().pages, [&](std::int64_t p) { return s.fileOf(p); });
            };
            const auto files = pagesOf(*named), otherFiles = pagesOf(*folder);
            auto order = orderByName(files, otherFiles, path, what);
            if (!order.empty())
                other = std::make_shared<Reordered>(std::move(folder), std::move(order));
            else if (auto note = noteOfOrder(files, otherFiles); notes && !note.empty())
                notes->push_back(std::move(note));
        }
    } else {
        other = part == FolderPart::Labels ? openLabels(path) : openImage(path);
    }
    const auto sizeOf = [](const ImageSource &s) {
        return [&s](std::int64_t p) { return std::pair{reticle::pageInfo(s, p).width, reticle::pageInfo(s, p).height}; };
    };
    requireSame(first.info().pages, first.info().path, other->info().pages, path, what, sizeOf(first), sizeOf(*other));
    return other;
}

} // namespace reticle::files
