#include "base/files/Pairs.h"

#include "base/files/LabelValues.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace reticle::files {

namespace fs = std::filesystem;

namespace {

/// Runs of letters and runs of digits, in lower case.
std::vector<std::string> words(const std::string &name)
{
    std::vector<std::string> all;
    int last = 0;
    for (const char ch : name) {
        const auto c = static_cast<unsigned char>(ch);
        const int kind = std::isdigit(c) ? 1 : std::isalpha(c) || c >= 0x80 ? 2 : 0;
        if (kind && kind != last)
            all.emplace_back();
        if (kind)
            all.back() += static_cast<char>(std::tolower(c));
        last = kind;
    }
    return all;
}

bool isLabelWord(const std::string &word)
{
    static const std::set<std::string> known = {
        "mask", "masks", "label", "labels", "annotation", "annotations", "annot", "annotated", "gt", "truth", "groundtruth", "target",
        "targets", "seg", "segs", "segmentation", "segmentations", "segmented", "labelled", "labeled", "classes"};
    return known.count(word) != 0;
}

bool isImageWord(const std::string &word)
{
    static const std::set<std::string> known = {"image", "images", "img", "imgs", "im", "raw", "volume", "volumes", "vol",
                                                "input", "inputs", "em", "picture", "pictures", "data", "slices", "slice"};
    return known.count(word) != 0;
}

std::string sideText(const Slices &s)
{
    return std::to_string(s.pages()) + (s.pages() == 1 ? " page" : " pages");
}

/// Label pictures in the order of the images where the bare names match one to one.
void pairByName(const Slices &images, Slices &labels, const fs::path &where)
{
    std::map<std::string, std::int64_t> place;
    for (std::int64_t s = 0; s < labels.pages(); ++s)
        if (!place.emplace(bareStem(labels.fileStem(s)), s).second)
            return;
    std::set<std::string> seen;
    std::vector<std::int64_t> order;
    std::vector<std::string> alone;
    for (std::int64_t s = 0; s < images.pages(); ++s) {
        const auto bare = bareStem(images.fileStem(s));
        if (!seen.insert(bare).second)
            return;
        const auto it = place.find(bare);
        if (it == place.end())
            alone.push_back(images.name(s));
        else
            order.push_back(it->second);
    }
    if (order.empty())
        return; // named after different things: in order, if there are as many
    if (!alone.empty() || order.size() != static_cast<std::size_t>(labels.pages())) {
        std::string found;
        for (std::size_t i = 0; i < std::min<std::size_t>(3, alone.size()); ++i)
            found += (i ? ", \"" : "none for \"") + fs::path(alone[i]).filename().string() + "\"";
        if (alone.size() > 3)
            found += " and " + std::to_string(alone.size() - 3) + " more";
        if (found.empty())
            found = std::to_string(labels.pages() - images.pages()) + " too many";
        throw Error({where.string(), "one label picture for each of the " + std::to_string(images.pages()) + " pictures", found, {}});
    }
    labels.reorder(std::move(order));
}

} // namespace

bool saysLabels(const std::string &stem)
{
    const auto all = words(stem);
    return std::any_of(all.begin(), all.end(), isLabelWord);
}

bool saysImages(const std::string &stem)
{
    const auto all = words(stem);
    return !saysLabels(stem) && std::any_of(all.begin(), all.end(), isImageWord);
}

std::string bareStem(const std::string &stem)
{
    std::string bare;
    const auto all = words(stem);
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::string word = all[i];
        if (isLabelWord(word) || isImageWord(word) || (word == "ground" && i + 1 < all.size() && all[i + 1] == "truth"))
            continue;
        if (word[0] == '0') // "07" and "7" are one number
            word.erase(0, std::min(word.find_first_not_of('0'), word.size() - 1));
        bare += (bare.empty() ? "" : "-") + word;
    }
    return bare;
}

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
        m_source = openImage(path);
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
    return m_folder->fileOf(m_order.at(static_cast<std::size_t>(slice))).stem().string();
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
    const std::string what = n == 1 ? "a picture" : std::to_string(n) + (m_folder ? " pictures" : " slices");
    return what + " of " + (equal ? "" : "several sizes, the first ") + kindText(info());
}

SlicePair openPair(const fs::path &images, const fs::path &labels)
{
    SlicePair pair{std::make_shared<Slices>(images, false), std::make_shared<Slices>(labels, true)};
    if (pair.images->isFolder() && pair.labels->isFolder())
        pairByName(*pair.images, *pair.labels, labels);
    if (pair.images->pages() != pair.labels->pages())
        throw Error({labels.string(), sideText(*pair.images) + " of labels, as many as \"" + images.string() + "\" has",
                     sideText(*pair.labels), {}});
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
        throw Error({labels.string(), "labels of the same size as the images", offenders, {}});
    return pair;
}

} // namespace reticle::files
