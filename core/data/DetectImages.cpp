#include "data/DetectImages.h"

#include "files/LabelValues.h"
#include "files/Pairs.h"

#include <algorithm>
#include <set>

namespace reticle {

namespace fs = std::filesystem;
using namespace files;

namespace {

using Kind = ImageDetection::Kind;

/// Pixels of labels that are looked at before the person is told something.
constexpr std::int64_t looked = 64 << 20;

std::string sentenceOf(const Slices &s)
{
    const auto n = s.pages();
    if (n == 1)
        return "A picture, " + kindText(s.info());
    return (s.isFolder() ? "A folder of " + std::to_string(n) + " slices, " : "A stack of " + std::to_string(n) + " slices, ") +
           kindText(s.info());
}

Kind kindOf(const Slices &s)
{
    return s.isFolder() ? Kind::SlicesFolder : s.pages() > 1 ? Kind::Stack : Kind::Image;
}

void setImages(ImageDetection &r, const fs::path &path)
{
    const Slices slices(path, false);
    r.kind = kindOf(slices);
    r.images = path.string();
    r.details["images"] = slices.info().toJson();
    r.sentence = sentenceOf(slices) + ".";
    r.notes.insert(r.notes.end(), slices.info().notes.begin(), slices.info().notes.end());
}

/// Fills in a pair; throws where the two do not fit or the labels are none.
void setPair(ImageDetection &r, const fs::path &images, const fs::path &labels)
{
    const auto pair = openPair(images, labels);
    std::map<std::int64_t, std::int64_t> counts;
    std::int64_t pixels = 0;
    for (std::int64_t s = 0; s < pair.labels->pages() && pixels < looked; ++s) {
        const Array page = pair.labels->labels(s, 0);
        for (const auto &[value, n] : countLabels(page, pair.labels->name(s)))
            counts[value] += n;
        pixels += page.size();
    }
    const LabelClasses classes = classesOf(counts, true, labels.string());
    r.kind = pair.images->isFolder() ? Kind::PairFolders : Kind::Pair;
    r.images = images.string();
    r.labels = labels.string();
    Json values = Json::array();
    for (const auto &[value, n] : counts)
        values.push_back(value);
    for (const auto *side : {&pair.images->info(), &pair.labels->info()})
        r.notes.insert(r.notes.end(), side->notes.begin(), side->notes.end());
    if (!pair.labels->orderNote().empty())
        r.notes.push_back(pair.labels->orderNote());
    r.details = Json{{"images", pair.images->info().toJson()},
                     {"labels", pair.labels->info().toJson()},
                     {"label-values", values},
                     {"classes", classes.names.size()},
                     {"two-classes", classes.two},
                     {"ignore", classes.ignoring}};
    auto named = counts;
    if (classes.ignoring)
        named.erase(255);
    r.sentence = sentenceOf(*pair.images) + ", with labels of " + (classes.two ? "two" : std::to_string(classes.names.size())) +
                 " classes (" + valuesText(named) + (classes.ignoring ? "; 255 is ignored" : "") + ").";
}

/// A pair where it is one; else the images alone, with what is wrong.
void tryPair(ImageDetection &r, const fs::path &images, const fs::path &labels)
{
    try {
        setPair(r, images, labels);
    } catch (const Error &e) {
        r.problems.push_back(e.what());
        setImages(r, images);
    }
}

/// Files and folders beside `path` that bear its name but for the words that tell labels from images.
std::vector<fs::path> companions(const fs::path &path, bool labels)
{
    std::vector<fs::path> found;
    const auto own = stemOf(path);
    const auto matches = [&](const fs::path &p) { return labels ? isLabelsOf(stemOf(p), own) : isLabelsOf(own, stemOf(p)); };
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    for (const auto &p : picturesIn(folder))
        if (p.filename() != path.filename() && matches(p))
            found.push_back(p);
    // images/7.png has its labels in masks/7.png.
    const fs::path whole = fs::absolute(folder).lexically_normal();
    if (!whole.has_parent_path() || (!saysImages(whole.filename().string()) && !saysLabels(whole.filename().string())))
        return found;
    std::error_code ec;
    for (const auto &entry : fs::directory_iterator(whole.parent_path(), ec))
        if (entry.is_directory(ec) && entry.path() != whole && saysLabels(entry.path().filename().string()) == labels &&
            bareStem(entry.path().filename().string()) == bareStem(whole.filename().string()))
            for (const auto &p : picturesIn(entry.path()))
                if (bareStem(stemOf(p)) == bareStem(own))
                    found.push_back(p);
    return found;
}

void detectFile(ImageDetection &r, const fs::path &path)
{
    setImages(r, path);
    std::string problem;
    const bool named = saysLabels(stemOf(path));
    const bool inLabels = saysLabels(fs::absolute(path).parent_path().filename().string());
    // As an image that has labels somewhere, and as labels that have an image.
    for (const bool isLabels : {named, !named}) {
        if (isLabels && !named && !inLabels)
            continue;
        for (const auto &other : companions(path, !isLabels)) {
            try {
                ImageDetection pair;
                isLabels ? setPair(pair, other, path) : setPair(pair, path, other);
                r = pair;
                return;
            } catch (const Error &e) {
                if (problem.empty())
                    problem = e.what();
            }
        }
    }
    if (!problem.empty())
        r.problems.push_back(problem);
}

bool saysTraining(const std::string &name)
{
    return name == "train" || name == "Train" || name == "training" || name == "Training";
}

struct Contents
{
    std::vector<fs::path> files, folders, imageFolders, labelFolders;
};

Contents contentsOf(const fs::path &folder)
{
    Contents c;
    c.files = picturesIn(folder);
    for (const auto &entry : fs::directory_iterator(folder))
        if (entry.is_directory() && entry.path().filename().string().rfind('.', 0) != 0)
            c.folders.push_back(entry.path());
    std::sort(c.folders.begin(), c.folders.end(),
              [](const fs::path &a, const fs::path &b) { return naturalLess(a.filename().string(), b.filename().string()); });
    for (const auto &f : c.folders) {
        const auto name = f.filename().string();
        if (!picturesIn(f).empty())
            (saysLabels(name) ? c.labelFolders : c.imageFolders).push_back(f);
    }
    return c;
}

/// The folder of images that goes with a folder of labels: of the same bare name, best one that says images.
std::optional<std::pair<fs::path, fs::path>> folderPair(const Contents &c)
{
    for (const bool mustSay : {true, false})
        for (const auto &labels : c.labelFolders)
            for (const auto &images : c.imageFolders)
                if ((!mustSay || saysImages(images.filename().string())) &&
                    (bareStem(images.filename().string()) == bareStem(labels.filename().string()) ||
                     (c.imageFolders.size() == 1 && c.labelFolders.size() == 1)))
                    return std::pair(images, labels);
    return {};
}

/// Two stacks in a folder, "train-volume.tif" and "train-labels.tif"; one that says training goes first.
std::optional<std::pair<fs::path, fs::path>> stackPair(const Contents &c)
{
    std::vector<std::pair<fs::path, fs::path>> pairs;
    for (const auto &labels : c.files)
        for (const auto &images : c.files)
            if (isLabelsOf(stemOf(labels), stemOf(images)) && openFile(labels, false)->info().pages > 1)
                pairs.emplace_back(images, labels);
    for (const auto &p : pairs)
        if (bareStem(stemOf(p.first)).find("train") != std::string::npos)
            return p;
    return pairs.empty() ? std::nullopt : std::optional(pairs.front());
}

void detectFolder(ImageDetection &r, const fs::path &folder, int depth)
{
    const Contents c = contentsOf(folder);
    if (const auto pair = folderPair(c)) {
        tryPair(r, pair->first, pair->second);
        return;
    }
    if (!c.files.empty()) {
        // Few files: perhaps stacks of their own. Many: slices.
        if (c.files.size() <= 16)
            if (const auto pair = stackPair(c)) {
                tryPair(r, pair->first, pair->second);
                return;
            }
        if (partOf(c.files, FolderPart::Labels) != partOf(c.files, FolderPart::Images)) {
            tryPair(r, folder, folder);
            return;
        }
        setImages(r, folder);
        // A folder "images" was dropped: its labels may lie beside it.
        const fs::path whole = fs::absolute(folder).lexically_normal();
        if (saysImages(whole.filename().string()) && whole.has_parent_path()) {
            Contents beside = contentsOf(whole.parent_path());
            beside.imageFolders = {whole};
            if (const auto pair = folderPair(beside))
                tryPair(r, folder, pair->second);
        }
        return;
    }
    // "data/train/images", "data/only-folder": look one floor down.
    if (depth < 2)
        for (const auto &inner : c.folders)
            if (c.folders.size() == 1 || saysTraining(inner.filename().string())) {
                detectFolder(r, inner, depth + 1);
                return;
            }
    setImages(r, folder); // says that there are no pictures
}

/// True where the page looks like labels: whole numbers, few of them.
bool looksLikeLabels(const fs::path &path)
{
    const Slices s(path, true);
    try {
        return countLabels(s.labels(0, 0), s.name(0)).size() <= 16;
    } catch (const Error &) {
        return false;
    }
}

void detectTwo(ImageDetection &r, fs::path a, fs::path b)
{
    // Names that belong together say most, then what is in the files, then a name alone.
    bool first = isLabelsOf(stemOf(a), stemOf(b)), second = isLabelsOf(stemOf(b), stemOf(a));
    if (first == second) {
        first = looksLikeLabels(a);
        second = looksLikeLabels(b);
    }
    if (first == second) {
        // Of two that do not look like labels, a name must be plain: "labeled cells" are an image.
        const auto says = first ? saysLabels : surelySaysLabels;
        if (says(stemOf(a)) != says(stemOf(b))) {
            first = says(stemOf(a));
            second = !first;
        }
    }
    if (first == second) {
        setImages(r, a);
        r.problems.push_back("\"" + a.filename().string() + "\" and \"" + b.filename().string() + "\" " +
                             (first ? "both look like labels" : "both look like images") +
                             "; name the labels \"..._mask\" or \"..._labels\".");
        return;
    }
    if (first)
        std::swap(a, b);
    tryPair(r, a, b);
}

void detectMany(ImageDetection &r, const std::vector<std::string> &paths)
{
    std::set<fs::path> folders, dropped;
    for (const auto &p : paths) {
        const auto whole = fs::absolute(p).lexically_normal();
        folders.insert(whole.parent_path());
        dropped.insert(whole);
    }
    const auto folder = *folders.begin();
    const auto inFolder = folders.size() == 1 ? picturesIn(folder) : std::vector<fs::path>();
    const bool all =
        !inFolder.empty() && std::all_of(inFolder.begin(), inFolder.end(), [&](const auto &p) { return dropped.count(p); });
    if (all) {
        detectFolder(r, folder, 2);
        return;
    }
    r.problems.push_back(std::to_string(paths.size()) +
                         " files that are not all pictures of one folder; drop the folder that holds the slices, or an "
                         "image and its labels.");
}

} // namespace

ImageDetection detectImages(const std::vector<std::string> &paths)
{
    ImageDetection r;
    try {
        for (const auto &p : paths)
            if (!fs::exists(p))
                throw Error({p, "a file or folder", "nothing of this name", {}});
        if (paths.empty())
            r.problems.push_back("Nothing was dropped.");
        else if (paths.size() == 1 && fs::is_directory(paths[0]))
            detectFolder(r, paths[0], 0);
        else if (paths.size() == 1)
            detectFile(r, paths[0]);
        else if (paths.size() == 2)
            detectTwo(r, paths[0], paths[1]);
        else
            detectMany(r, paths);
    } catch (const std::exception &e) {
        r = {};
        r.problems.push_back(e.what());
    }
    if (r.kind == Kind::Unknown)
        r.sentence = "Nothing that can be opened.";
    return r;
}

} // namespace reticle
